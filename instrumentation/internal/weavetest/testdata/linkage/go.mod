module example.com/linkage

go 1.25.0

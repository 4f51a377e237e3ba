module example.com/shapes

go 1.25.0

require golang.org/x/sync v0.16.0

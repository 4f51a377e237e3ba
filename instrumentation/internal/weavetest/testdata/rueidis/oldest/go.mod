module example.com/rueidis

go 1.24

require github.com/redis/rueidis v1.0.30

require golang.org/x/sys v0.17.0 // indirect

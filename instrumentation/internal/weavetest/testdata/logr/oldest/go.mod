module example.com/logr

go 1.24

require github.com/go-logr/logr v1.2.0

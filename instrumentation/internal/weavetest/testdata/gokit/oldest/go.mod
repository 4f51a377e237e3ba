module example.com/gokit

go 1.24

require github.com/go-kit/log v0.2.0

require github.com/go-logfmt/logfmt v0.5.1 // indirect

module example.com/gokit

go 1.26.0

require github.com/go-kit/log v0.2.1

require github.com/go-logfmt/logfmt v0.5.1 // indirect

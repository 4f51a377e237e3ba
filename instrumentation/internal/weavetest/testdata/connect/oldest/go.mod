module example.com/connect

go 1.24

require connectrpc.com/connect v1.11.0

require google.golang.org/protobuf v1.31.0

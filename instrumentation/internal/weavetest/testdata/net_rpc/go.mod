module example.com/net_rpc

go 1.24

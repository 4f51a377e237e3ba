module example.com/rueidis_valkey

go 1.24

require github.com/valkey-io/valkey-go v1.0.53

require golang.org/x/sys v0.24.0 // indirect

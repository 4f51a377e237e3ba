//go:build tools

package main

// Its integrations for net/http and gRPC. Those for database/sql and go-redis are modules that not every module proxy has.
import (
	_ "github.com/DataDog/dd-trace-go/contrib/google.golang.org/grpc/v2" // integration
	_ "github.com/DataDog/dd-trace-go/contrib/net/http/v2"               // integration
	_ "github.com/DataDog/orchestrion"
)

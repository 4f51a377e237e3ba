// Package otlpgrpc links the OpenTelemetry protocol by gRPC.
package otlpgrpc

import "github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"

func init() {
	otlp.Protocols[otlp.GRPC] = func(c otlp.Config) otlp.Sender { return otlp.NewGRPCClient(c) }
}

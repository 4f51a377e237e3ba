//go:build weave_otlp_grpc

package exporters

import _ "github.com/rules-go-weave/rules_go_weave/runtime/internal/otlpgrpc" // the OpenTelemetry protocol by gRPC

// Package otlphttp links the OpenTelemetry protocol as protobuf over HTTP.
package otlphttp

import "github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"

func init() {
	otlp.Protocols[otlp.Protobuf] = func(c otlp.Config) otlp.Sender { return otlp.NewClient(c) }
}

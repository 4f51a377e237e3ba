module github.com/rules-go-weave/rules_go_weave/demo

go 1.25.0

require (
	go.opentelemetry.io/proto/otlp v1.9.0
	google.golang.org/protobuf v1.36.10
)

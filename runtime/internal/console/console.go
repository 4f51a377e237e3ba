// Package console links the exporters that print to stdout, as JSON: for trying things out.
package console

import (
	"context"
	"encoding/json"
	"os"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
)

func init() {
	export.ConsoleSpans = func() (sdktrace.SpanExporter, error) { return stdouttrace.New() }
	export.ConsoleMetrics = func(_ context.Context, all *metricdata.ResourceMetrics) error { return print(all) }
	export.ConsoleLog = print
}

// print writes a value on a line of its own, in one write.
func print(value any) error {
	line, err := json.Marshal(value)
	if err == nil {
		_, err = os.Stdout.Write(append(line, '\n'))
	}
	return err
}

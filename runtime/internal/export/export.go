// Package export is where exporters that are chosen when a program is built are entered, and where package sdk finds them.
package export

import (
	"context"
	"log/slog"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// What is linked; nil for what is not.
var (
	// ConsoleSpan appends a span as a line of JSON; nothing for one that has no such form.
	ConsoleSpan func(b []byte, s *wire.Span, of *resource.Resource, limits wire.Limits) []byte
	// ConsoleMetrics prints metrics to stdout.
	ConsoleMetrics func(context.Context, *metricdata.ResourceMetrics) error
	// ConsoleLog prints a log record to stdout, given as what encoding/json takes.
	ConsoleLog func(record any) error
	// Prometheus serves what reader collects, over HTTP, until the program ends.
	Prometheus func(reader *sdkmetric.ManualReader) error
	// NewLogs makes what exports log records.
	NewLogs func(*resource.Resource) Logs
)

// Logs exports log records.
type Logs interface {
	// Record exports a record of log/slog, of a logger that was made by these steps.
	Record(ctx context.Context, r *slog.Record, with []With)
	// RecordOf exports a record of another library, of a scope, whose level has a name there.
	RecordOf(ctx context.Context, scope, level string, r *slog.Record)
	// Waits tells whether there is something to export.
	Waits() bool
	// ForceFlush exports what waits.
	ForceFlush(context.Context) error
	// Close closes the connection that is kept, if any.
	Close()
}

// With is one step in the making of a logger: attributes, or else a group that holds what comes later.
type With struct {
	Attrs []slog.Attr
	Group string
}

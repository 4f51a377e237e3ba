// Package export is where what is chosen when a program is built is entered, exporters and metrics, and where package sdk finds it.
package export

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/measure"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// Scope is the prefix of the hooks' instrumentation scopes.
const Scope = "github.com/rules-go-weave/rules_go_weave/instrumentation/"

// Schema is the version of the semantic conventions that the resource and the metrics of Go's runtime follow.
const Schema = "https://opentelemetry.io/schemas/1.37.0"

// What is linked; nil for what is not.
var (
	// ConsoleSpan appends a span as a line of JSON; nothing for one that has no such form.
	ConsoleSpan func(b []byte, s *wire.Span, of *resource.Resource, limits wire.Limits) []byte
	// ConsoleMetrics prints metrics to stdout.
	ConsoleMetrics func(context.Context, *metricdata.ResourceMetrics) error
	// ConsoleLog prints a log record to stdout, given as what encoding/json takes.
	ConsoleLog func(record any) error
	// Prometheus serves what reader collects, over HTTP, until the program ends.
	Prometheus func(reader Collector) error
	// NewMeters makes what measures and what sends that, with at most that many series of a metric; nil where the environment asks for none.
	NewMeters func(res *resource.Resource, series int) Meters
	// NewLogs makes what exports log records.
	NewLogs func(*resource.Resource) Logs
)

// Collector is a reader of the SDK for metrics.
type Collector interface {
	Collect(context.Context, *metricdata.ResourceMetrics) error
}

// Meters measures, and sends that.
type Meters interface {
	metric.MeterProvider
	// Recorder is what keeps the measurements of hooks, and Measured is told of each.
	Recorder() *measure.Recorder
	Measured()
	// Waits tells whether there is something to send.
	Waits() bool
	// ForceFlush sends what waits.
	ForceFlush(context.Context) error
	// Close closes the connection that is kept, if any.
	Close()
}

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

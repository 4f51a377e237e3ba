// Package console links the exporters that print to stdout, as JSON: for trying things out.
package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

func init() {
	export.ConsoleSpan = span
	export.ConsoleMetrics = func(_ context.Context, all *metricdata.ResourceMetrics) error { return print(metrics(all)) }
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

// span appends a span.
func span(b []byte, s *wire.Span, of *resource.Resource, limits wire.Limits) []byte {
	out := bytes.NewBuffer(b)
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(out))
	if err == nil {
		err = exporter.ExportSpans(context.Background(), []sdktrace.ReadOnlySpan{shown{span: s, resource: of, limits: limits}})
	}
	if err != nil {
		return b
	}
	return out.Bytes()
}

// shown is a span, cut, and with values that JSON has a form for.
type shown struct {
	sdktrace.ReadOnlySpan // of which all methods are replaced but the one that is not exported
	span                  *wire.Span
	resource              *resource.Resource
	limits                wire.Limits
}

func (s shown) Name() string                                { return wire.Text(s.span.Name, wire.MaxName) }
func (s shown) SpanContext() trace.SpanContext              { return s.span.Context }
func (s shown) Parent() trace.SpanContext                   { return s.span.Parent }
func (s shown) SpanKind() trace.SpanKind                    { return s.span.Kind }
func (s shown) StartTime() time.Time                        { return s.span.Start }
func (s shown) EndTime() time.Time                          { return s.span.End }
func (s shown) Attributes() []attribute.KeyValue            { return s.readable(s.span.Attributes) }
func (s shown) DroppedAttributes() int                      { return s.span.DroppedAttributes }
func (s shown) DroppedLinks() int                           { return s.span.DroppedLinks }
func (s shown) DroppedEvents() int                          { return s.span.DroppedEvents }
func (s shown) ChildSpanCount() int                         { return s.span.Children }
func (s shown) Resource() *resource.Resource                { return s.resource }
func (s shown) InstrumentationScope() instrumentation.Scope { return s.span.Scope.Is() }

// InstrumentationLibrary is what the exporter shows once more, as it did under its old name.
func (s shown) InstrumentationLibrary() instrumentation.Scope { return s.span.Scope.Is() }

func (s shown) Status() sdktrace.Status {
	status := s.span.Status
	status.Description = wire.Text(status.Description, wire.MaxText)
	return status
}

func (s shown) Events() []sdktrace.Event {
	all := append([]sdktrace.Event(nil), s.span.Events...)
	for i := range all {
		all[i].Name = wire.Text(all[i].Name, wire.MaxName)
		all[i].Attributes = s.readable(all[i].Attributes)
	}
	return all
}

func (s shown) Links() []sdktrace.Link {
	all := append([]sdktrace.Link(nil), s.span.Links...)
	for i := range all {
		all[i].Attributes = s.readable(all[i].Attributes)
	}
	return all
}

func (s shown) readable(attrs []attribute.KeyValue) []attribute.KeyValue {
	attrs = wire.Attributes(attrs, s.limits)
	for i, kv := range attrs {
		switch kv.Value.Type() {
		case attribute.FLOAT64:
			if f := kv.Value.AsFloat64(); !math.IsNaN(f) && !math.IsInf(f, 0) {
				continue
			}
		case attribute.FLOAT64SLICE:
			if text := kv.Value.Emit(); !strings.ContainsAny(text, "NI") {
				continue
			}
		default:
			continue
		}
		attrs = append([]attribute.KeyValue(nil), attrs...)
		attrs[i].Value = attribute.StringValue(fmt.Sprint(kv.Value.AsInterface()))
	}
	return attrs
}

// metrics returns metrics as encoding/json takes them. Of a metric whose numbers have no form in JSON the data are shown as Go
// prints them.
func metrics(all *metricdata.ResourceMetrics) any {
	if _, err := json.Marshal(all); err == nil {
		return all
	}
	type scope struct {
		Scope   any
		Metrics []any
	}
	out := struct {
		Resource     any
		ScopeMetrics []scope
	}{Resource: all.Resource}
	for _, s := range all.ScopeMetrics {
		to := scope{Scope: s.Scope}
		for _, m := range s.Metrics {
			if _, err := json.Marshal(m); err == nil {
				to.Metrics = append(to.Metrics, m)
				continue
			}
			to.Metrics = append(to.Metrics, struct{ Name, Description, Unit, Data string }{m.Name, m.Description, m.Unit, fmt.Sprintf("%+v", m.Data)})
		}
		out.ScopeMetrics = append(out.ScopeMetrics, to)
	}
	return out
}

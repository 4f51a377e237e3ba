// Package logs links the export of log records: those of log/slog, by the exporters that are chosen and that OTEL_LOGS_EXPORTER
// names (otlp, the default, console or none).
//
// OpenTelemetry's own SDK for logs is not stable yet; in the hooks' module it would be a version for everybody to build with.
// What is here turns a record into a message where it is logged, since its values may change later, and sends messages as the
// OTEL_BLRP_* variables say. Nothing runs while there is nothing to send.
package logs

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/link"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

func init() { export.NewLogs = newLogs }

// scope is what the records come from.
const scope = "github.com/rules-go-weave/rules_go_weave/instrumentation/log/slog"

// settle is how long after an export the timer fires once more, for nothing; see package sdk's processor.
const settle = 50 * time.Millisecond

// pipeline keeps records until they are sent.
type pipeline struct {
	send  func(context.Context, []*logspb.LogRecord) error
	close func()
	asked bool // somebody named the endpoint

	delay, timeout     time.Duration
	queue, batch       int
	maxAttrs, maxValue int // attributes of a record, and bytes of a string; negative: no limit
	timer              *time.Timer

	mu      sync.Mutex
	waiting []*logspb.LogRecord
	armed   bool

	exporting sync.Mutex
}

func newLogs(res *resource.Resource) export.Logs {
	p := &pipeline{
		close:    func() {},
		delay:    env.Milliseconds("OTEL_BLRP_SCHEDULE_DELAY", time.Second),
		timeout:  env.Milliseconds("OTEL_BLRP_EXPORT_TIMEOUT", 30*time.Second),
		queue:    env.Positive("OTEL_BLRP_MAX_QUEUE_SIZE", 2048),
		batch:    env.Positive("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", 512),
		maxAttrs: env.Limit("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", env.Limit("OTEL_ATTRIBUTE_COUNT_LIMIT", 128)),
		maxValue: env.Limit("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", env.Limit("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", -1)),
	}
	switch name := strings.ToLower(strings.TrimSpace(os.Getenv("OTEL_LOGS_EXPORTER"))); name {
	case "none":
		return nil
	case "console", "logging":
		if export.ConsoleLog == nil {
			warn.Once("OTEL_LOGS_EXPORTER", link.Missing("OTEL_LOGS_EXPORTER="+name, "console").Error())
			return nil
		}
		p.send = p.print
	case "", "otlp":
		sender, err := otlp.New(otlp.Logs)
		if err != nil {
			warn.Once("OTEL_EXPORTER_OTLP", err.Error())
		}
		if sender == nil {
			return nil
		}
		p.close, p.asked = sender.Close, otlp.Logs.Asked()
		p.send = func(ctx context.Context, records []*logspb.LogRecord) error {
			// LogsData looks on the wire like the ExportLogsServiceRequest that the protocol names.
			return sender.Send(ctx, &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{
				Resource: otlp.Resource(res), SchemaUrl: res.SchemaURL(),
				ScopeLogs: []*logspb.ScopeLogs{{Scope: &commonpb.InstrumentationScope{Name: scope}, LogRecords: records}},
			}}})
		}
	default:
		warn.Once("OTEL_LOGS_EXPORTER", fmt.Sprintf("OTEL_LOGS_EXPORTER %q is not one of otlp, console, none; exporting no logs", name))
		return nil
	}
	// Made here, outside of every synctest bubble.
	p.timer = time.AfterFunc(time.Hour, p.fire)
	p.timer.Stop()
	return p
}

// Record turns a record into a message and keeps it.
func (p *pipeline) Record(ctx context.Context, r *slog.Record, with []export.With) {
	m := &logspb.LogRecord{
		ObservedTimeUnixNano: uint64(time.Now().UnixNano()),
		SeverityNumber:       severity(r.Level),
		SeverityText:         r.Level.String(),
		Body:                 p.text(r.Message),
	}
	if !r.Time.IsZero() {
		m.TimeUnixNano = uint64(max(0, r.Time.UnixNano()))
	}
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		if s := active.Span(); s != nil {
			span = s.SpanContext()
		}
	}
	if span.IsValid() {
		traceID, spanID := span.TraceID(), span.SpanID()
		m.TraceId, m.SpanId, m.Flags = traceID[:], spanID[:], uint32(span.TraceFlags())
	}
	m.Attributes = p.attributes(r, with)
	if p.maxAttrs >= 0 && len(m.Attributes) > p.maxAttrs {
		m.DroppedAttributesCount = uint32(len(m.Attributes) - p.maxAttrs)
		m.Attributes = m.Attributes[:p.maxAttrs]
	}
	p.keep(m)
}

func (p *pipeline) keep(m *logspb.LogRecord) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) >= p.queue {
		if p.asked {
			warn.Once("dropped logs", "log records dropped: they come faster than they can be exported; saying so once")
		}
		return
	}
	p.waiting = append(p.waiting, m)
	switch {
	case len(p.waiting) == p.batch:
		p.armed = true
		p.timer.Reset(0)
	case !p.armed:
		p.armed = true
		p.timer.Reset(p.delay)
	}
}

// fire sends what waits. Where nothing does it is the second time after an export.
func (p *pipeline) fire() {
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	if p.export(ctx) {
		p.close()
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.armed {
			p.timer.Reset(settle)
		}
	}
}

// export sends what waits, and tells whether anything did.
func (p *pipeline) export(ctx context.Context) (did bool) {
	p.exporting.Lock()
	defer p.exporting.Unlock()
	for {
		p.mu.Lock()
		n := min(len(p.waiting), p.batch)
		records := p.waiting[:n:n]
		p.waiting, p.armed = p.waiting[n:], false
		if len(p.waiting) == 0 {
			p.waiting = nil
		}
		p.mu.Unlock()
		if n == 0 {
			return did
		}
		did = true
		if err := p.send(ctx, records); err != nil && p.asked {
			warn.Once("export logs", fmt.Sprintf("cannot export %d log records: %v; saying so once", n, err))
		}
	}
}

// ForceFlush sends what waits.
func (p *pipeline) ForceFlush(ctx context.Context) error {
	p.export(ctx)
	return nil
}

// Close closes the connection that is kept, if any.
func (p *pipeline) Close() { p.close() }

// severity is a level as a number: INFO is 9 and 0.
func severity(l slog.Level) logspb.SeverityNumber {
	return logspb.SeverityNumber(min(max(1, int(l)+9), 24))
}

// attributes are those of the record, in the groups that its logger has open, after those of its logger.
func (p *pipeline) attributes(r *slog.Record, with []export.With) []*commonpb.KeyValue {
	var top []*commonpb.KeyValue
	at := &top
	for _, w := range with {
		if w.Group != "" {
			group := new(commonpb.KeyValueList)
			*at = append(*at, &commonpb.KeyValue{Key: w.Group, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: group}}})
			at = &group.Values
			continue
		}
		for _, a := range w.Attrs {
			*at = p.add(*at, a)
		}
	}
	r.Attrs(func(a slog.Attr) bool { *at = p.add(*at, a); return true })
	if r.PC != 0 {
		frame, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
		top = append(top,
			&commonpb.KeyValue{Key: "code.function.name", Value: p.text(frame.Function)},
			&commonpb.KeyValue{Key: "code.file.path", Value: p.text(frame.File)},
			&commonpb.KeyValue{Key: "code.line.number", Value: integer(int64(frame.Line))})
	}
	return top
}

// add adds an attribute. A group without a name is its attributes, one without attributes is nothing.
func (p *pipeline) add(to []*commonpb.KeyValue, a slog.Attr) []*commonpb.KeyValue {
	v := a.Value.Resolve()
	switch {
	case a.Key == "" && v.Kind() == slog.KindGroup:
		for _, inner := range v.Group() {
			to = p.add(to, inner)
		}
		return to
	case a.Key == "" && v.Kind() == slog.KindAny && v.Any() == nil, v.Kind() == slog.KindGroup && len(v.Group()) == 0:
		return to
	}
	return append(to, &commonpb.KeyValue{Key: a.Key, Value: p.value(v)})
}

func (p *pipeline) value(v slog.Value) *commonpb.AnyValue {
	switch v.Kind() {
	case slog.KindBool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: v.Bool()}}
	case slog.KindInt64:
		return integer(v.Int64())
	case slog.KindUint64:
		if n := v.Uint64(); n <= math.MaxInt64 {
			return integer(int64(n))
		}
	case slog.KindFloat64:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v.Float64()}}
	case slog.KindDuration:
		return integer(int64(v.Duration()))
	case slog.KindGroup:
		group := new(commonpb.KeyValueList)
		for _, a := range v.Group() {
			group.Values = p.add(group.Values, a)
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: group}}
	case slog.KindAny:
		switch any := v.Any().(type) {
		case []byte:
			return &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: append([]byte(nil), any...)}}
		default:
			return p.text(fmt.Sprintf("%+v", any))
		}
	}
	return p.text(v.String())
}

func integer(n int64) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: n}}
}

func (p *pipeline) text(s string) *commonpb.AnyValue {
	if p.maxValue >= 0 && len(s) > p.maxValue {
		s = s[:p.maxValue]
	}
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: strings.ToValidUTF8(s, "\uFFFD")}}
}

// print writes records to the console.
func (p *pipeline) print(_ context.Context, records []*logspb.LogRecord) error {
	for _, r := range records {
		line := struct {
			Time       time.Time
			Severity   string
			Body       any
			Attributes map[string]any `json:",omitempty"`
			TraceID    string         `json:",omitempty"`
			SpanID     string         `json:",omitempty"`
		}{time.Unix(0, int64(r.TimeUnixNano)), r.SeverityText, plain(r.Body), plainList(r.Attributes), fmt.Sprintf("%x", r.TraceId), fmt.Sprintf("%x", r.SpanId)}
		if err := export.ConsoleLog(line); err != nil {
			return err
		}
	}
	return nil
}

// plain is a value as encoding/json takes it.
func plain(v *commonpb.AnyValue) any {
	switch v := v.Value.(type) {
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_DoubleValue:
		if math.IsNaN(v.DoubleValue) || math.IsInf(v.DoubleValue, 0) {
			return fmt.Sprint(v.DoubleValue)
		}
		return v.DoubleValue
	case *commonpb.AnyValue_BytesValue:
		return v.BytesValue
	case *commonpb.AnyValue_KvlistValue:
		return plainList(v.KvlistValue.Values)
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	}
	return nil
}

func plainList(list []*commonpb.KeyValue) map[string]any {
	m := map[string]any{}
	for _, kv := range list {
		m[kv.Key] = plain(kv.Value)
	}
	return m
}

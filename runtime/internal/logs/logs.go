// Package logs links the export of log records: those of log/slog and of other libraries for logging, by the exporters that are chosen and that OTEL_LOGS_EXPORTER
// names (otlp, the default, console or none).
//
// OpenTelemetry's own SDK for logs is not stable yet; in the hooks' module it would be a version for everybody to build with.
// What is here encodes a record where it is logged, since its values may change later, and sends records as the
// OTEL_BLRP_* variables say. Nothing runs while there is nothing to send.
package logs

import (
	"context"
	"encoding/hex"
	"log/slog"
	"math"
	"runtime"
	"sync"
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/link"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

func init() { export.NewLogs = newLogs }

// scope is what the records come from.
const scope = "github.com/rules-go-weave/rules_go_weave/instrumentation/log/slog"

// pipeline encodes records and keeps them until they are sent.
type pipeline struct {
	*queue.Queue
	close    func()
	scope    *wire.Scope // of log/slog
	scopes   *wire.Scopes
	maxAttrs int // attributes of a record; negative: no limit
	limits   wire.Limits
}

func newLogs(res *resource.Resource) export.Logs {
	config := queue.Config{
		Delay:   env.Duration("OTEL_BLRP_SCHEDULE_DELAY"),
		Timeout: env.Duration("OTEL_BLRP_EXPORT_TIMEOUT"),
		Items:   env.Int("OTEL_BLRP_MAX_QUEUE_SIZE"),
		Batch:   env.Int("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"),
	}
	scopes := new(wire.Scopes)
	p := &pipeline{
		close:    func() {},
		scope:    scopes.Of(instrumentation.Scope{Name: scope}),
		scopes:   scopes,
		maxAttrs: env.Int("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT"),
		limits:   wire.DefaultLimits,
	}
	if n := env.Int("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT"); n >= 0 {
		p.limits = wire.LimitChars(n)
	}
	failed := func(err error, records int) { otlp.Logs.Failed(err, records, "log records") }
	var senders []func(context.Context, []wire.Record) (int, error)
	for _, name := range env.List("OTEL_LOGS_EXPORTER") {
		switch name {
		case "none":
		case "console", "logging":
			if export.ConsoleLog == nil {
				warn.Once("OTEL_LOGS_EXPORTER", link.Missing("OTEL_LOGS_EXPORTER="+name, "console").Error())
				continue
			}
			senders = append(senders, print)
		case "otlp":
			sender, err := otlp.New(otlp.Logs)
			if err != nil {
				warn.Once("OTEL_EXPORTER_OTLP", err.Error())
				continue
			}
			resource := wire.NewResource(res)
			p.close = sender.Close
			senders = append(senders, func(ctx context.Context, records []wire.Record) (int, error) {
				return sender.Send(ctx, resource, records)
			})
		}
	}
	if len(senders) == 0 {
		return nil
	}
	p.Queue = queue.New(config, queue.Each(senders), failed, p.close)
	return p
}

// Record encodes a record and keeps it.
func (p *pipeline) Record(ctx context.Context, r *slog.Record, with []export.With) {
	if !p.Refuses() {
		p.keep(ctx, p.scope, r.Level.String(), r, with)
	}
}

// RecordOf is Record for another library's.
func (p *pipeline) RecordOf(ctx context.Context, scope, level string, r *slog.Record) {
	if !p.Refuses() {
		p.keep(ctx, p.scopes.Of(instrumentation.Scope{Name: scope}), level, r, nil)
	}
}

func (p *pipeline) keep(ctx context.Context, scope *wire.Scope, level string, r *slog.Record, with []export.With) {
	span := active.SpanContext(ctx)
	buffer := buffers.Get().(*[]byte)
	l := wire.NewLog((*buffer)[:0], wire.LogHeader{
		Time: r.Time, Observed: time.Now(), Severity: severity(r.Level), SeverityText: level, Body: r.Message, Span: span,
	}, p.limits, p.maxAttrs)
	attributes(l, r, with)
	if r.PC != 0 {
		frame, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
		l.Text("code.function.name", frame.Function)
		l.Text("code.file.path", frame.File)
		l.Int("code.line.number", int64(frame.Line))
	}
	b := l.End()
	p.Add(wire.NewRecord(scope, b))
	if cap(b) <= maxBuffer {
		*buffer = b
		buffers.Put(buffer)
	}
}

// buffers are where records are encoded. One that a large record made is not kept.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 2<<10); return &b }}

const maxBuffer = 64 << 10

// Close closes the connection that is kept, if any.
func (p *pipeline) Close() { p.close() }

// severity is a level as a number: INFO is 9 and 0.
func severity(l slog.Level) int { return min(max(1, int(l)+9), 24) }

// attributes appends those of the logger and then those of the record, in the groups that its logger has open.
func attributes(l *wire.Log, r *slog.Record, with []export.With) {
	for i, w := range with {
		if w.Group != "" {
			l.Group(w.Group, func() { attributes(l, r, with[i+1:]) })
			return
		}
		for _, a := range w.Attrs {
			add(l, a)
		}
	}
	r.Attrs(func(a slog.Attr) bool { add(l, a); return true })
}

// add adds an attribute. A group without a name is its attributes, one without attributes is nothing.
func add(l *wire.Log, a slog.Attr) {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindBool:
		l.Bool(a.Key, v.Bool())
	case slog.KindInt64:
		l.Int(a.Key, v.Int64())
	case slog.KindUint64:
		if n := v.Uint64(); n <= math.MaxInt64 {
			l.Int(a.Key, int64(n))
		} else {
			l.Text(a.Key, v.String())
		}
	case slog.KindFloat64:
		l.Float(a.Key, v.Float64())
	case slog.KindDuration:
		l.Int(a.Key, int64(v.Duration()))
	case slog.KindGroup:
		all := func() {
			for _, inner := range v.Group() {
				add(l, inner)
			}
		}
		if a.Key == "" {
			l.Inline(all)
		} else {
			l.Group(a.Key, all)
		}
	case slog.KindAny:
		switch any := v.Any().(type) {
		case nil:
			if a.Key != "" {
				l.Text(a.Key, "<nil>")
			}
		case []byte:
			l.Bytes(a.Key, any)
		default:
			l.Text(a.Key, show(any))
		}
	default:
		l.Text(a.Key, v.String())
	}
}

// print writes records to the console.
func print(_ context.Context, records []wire.Record) (lost int, err error) {
	for _, r := range records {
		shown := wire.ShowLog(r.Bytes)
		line := struct {
			Time       time.Time
			Severity   string
			Body       any
			Attributes map[string]any `json:",omitempty"`
			TraceID    string         `json:",omitempty"`
			SpanID     string         `json:",omitempty"`
		}{time.Unix(0, int64(shown.Time)), shown.Severity, shown.Body, shown.Attributes, hex.EncodeToString(shown.TraceID), hex.EncodeToString(shown.SpanID)}
		if fault := export.ConsoleLog(line); fault != nil {
			lost, err = lost+1, fault
		}
	}
	return lost, err
}

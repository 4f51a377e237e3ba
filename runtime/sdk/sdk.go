// Package sdk starts the OpenTelemetry SDK in a woven program, from its initialisation, and configures it by nothing but the
// standard OTEL_* variables. It sends what waits to be sent before the program ends.
//
// Steps back: it sets the global providers and the propagator in init, unless the program has set a provider already, and a
// program that sets its own later replaces them; the hooks follow the global providers, and nothing is exported twice.
// Runs nothing while there is nothing to send, opens no port, and writes nothing, but for one line to stderr about settings
// that cannot be read and about an endpoint that the environment names and that cannot be reached.
//
// Where traces, metrics and logs go is what OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER and OTEL_LOGS_EXPORTER say, each a list,
// among the exporters that the program was built with (see package exporters); log records are exported only if it was built with
// logs. One that it was built without is told about, and the signal is exported by the others of the list. Metrics are sent every
// export interval once something was measured; nothing is said where a collector that nobody asked for metrics has none.
//
// OTEL_CONFIG_FILE names a configuration in place of all this, which package declarative reads: OpenTelemetry's own package for it
// (contrib/otelconf) links every exporter that there is, grpc and Prometheus' client library too, and puts their versions into
// everybody's module graph.
//
// Settings of its own: OTEL_GO_WEAVE_EXIT_TIMEOUT, in milliseconds, bounds the wait at exit (default 3000), and
// OTEL_GO_WEAVE_GOROUTINE_CONTEXT=false switches package active off.
package sdk

import (
	"context"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	_ "github.com/rules-go-weave/rules_go_weave/runtime/exporters" // those that the program is built with
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/limits"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/link"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/measure"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/spans"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// Scope is the prefix of the hooks' instrumentation scopes.
const Scope = export.Scope

// state is what init made. It is nil where OTEL_SDK_DISABLED says so.
type state struct {
	sampling
	provider   *spans.Provider
	processors []*processor  // one for each exporter
	meters     export.Meters //  nil if there are no metrics
	logs       export.Logs   // nil if there are none
}

var (
	started     *state
	exitTimeout = 3 * time.Second
)

// ready is true when this package and all that it imports are initialised. A program may end before.
var ready atomic.Bool

func init() {
	limits.Restore()
	start()
	ready.Store(true)
}

// start sets up what the environment asks for.
func start() {
	started = nil
	env.TellUnknown()
	if weaveruntime.Disabled() {
		if env.Diagnosing() {
			warn.Tell("nothing is recorded: OTEL_SDK_DISABLED is true")
		}
		return
	}
	exitTimeout = env.Duration("OTEL_GO_WEAVE_EXIT_TIMEOUT")
	otel.SetTextMapPropagator(newPropagator())
	s := &state{}
	s.sampling = newSampler()
	res := newResource()
	s.processors = newProcessors(res)
	s.provider = newProvider(s.sampling, s.inherited, s.processors)
	series := env.Int("OTEL_GO_X_CARDINALITY_LIMIT")
	// The SDK reads these too, and would tell its own of what is wrong with them.
	env.Hidden([]string{"OTEL_RESOURCE_ATTRIBUTES", "OTEL_GO_X_CARDINALITY_LIMIT"}, func() { s.meters = newMeters(res, series) })
	s.logs = newLogs(res)
	started = s
	if env.Diagnosing() {
		describe(res)
	}
	if unset(otel.GetTracerProvider()) {
		otel.SetTracerProvider(s.provider)
	}
	if s.meters != nil && unset(otel.GetMeterProvider()) {
		otel.SetMeterProvider(s.meters)
	}
}

// newProvider makes the provider of the hooks' spans, and of the program's where it sets none of its own.
func newProvider(sampler sdktrace.Sampler, inherits bool, processors []*processor) *spans.Provider {
	all := weaveruntime.Enabled("opentelemetry")
	config := spans.Config{
		Sampler: sampler, Inherits: inherits, IDs: ids{}, Limits: spanLimits(),
		Begun: func(with context.Context, s trace.Span, implicit bool) {
			if all || s.IsRecording() {
				Started(with, s, implicit)
			}
		},
		Ended:  active.EndManual,
		Serves: serves,
		Hooks:  func(scope string) bool { return strings.HasPrefix(scope, Scope) },
	}
	for _, p := range processors {
		config.Sinks = append(config.Sinks, p)
	}
	return spans.New(config)
}

// newMeters makes what measures and sends that, if it is linked.
func newMeters(res *resource.Resource, series int) export.Meters {
	if export.NewMeters != nil {
		return export.NewMeters(res, series)
	}
	if asked := env.List("OTEL_METRICS_EXPORTER"); env.Set("OTEL_METRICS_EXPORTER") && len(asked) > 0 && asked[0] != "none" {
		warn.Once("OTEL_METRICS_EXPORTER", link.Missing("OTEL_METRICS_EXPORTER="+asked[0], "metrics").Error())
	}
	return nil
}

// newLogs makes what exports log records, if that is linked.
func newLogs(res *resource.Resource) export.Logs {
	if export.NewLogs != nil {
		if logs := export.NewLogs(res); logs != nil {
			return logs
		}
		return nil
	}
	if asked := env.List("OTEL_LOGS_EXPORTER"); env.Set("OTEL_LOGS_EXPORTER") && len(asked) > 0 && asked[0] != "none" {
		warn.Once("OTEL_LOGS_EXPORTER", link.Missing("OTEL_LOGS_EXPORTER="+asked[0], "logs").Error())
	}
	return nil
}

// LogWith is one step in the making of a logger of log/slog: attributes, or else a group that holds what comes later.
type LogWith = export.With

// Logs returns what exports log records, or nil if nothing does.
func Logs() export.Logs {
	if started == nil {
		return nil
	}
	return started.logs
}

// unset reports whether a global provider is the one that OpenTelemetry itself puts there for the time until somebody sets one.
func unset(provider any) bool {
	t := reflect.TypeOf(provider)
	return t != nil && t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "go.opentelemetry.io/otel/internal/global"
}

// newProcessors makes one processor for each exporter that OTEL_TRACES_EXPORTER names.
func newProcessors(res *resource.Resource) (all []*processor) {
	for _, name := range env.List("OTEL_TRACES_EXPORTER") {
		switch name {
		case "none":
		case "console", "logging":
			if export.ConsoleSpan == nil {
				warn.Once("OTEL_TRACES_EXPORTER", link.Missing("OTEL_TRACES_EXPORTER="+name, "console").Error())
				continue
			}
			limits := attributeLimits()
			all = append(all, &processor{
				Queue:  queue.New(batchConfig(), printAll, failed, func() {}),
				encode: func(b []byte, s *wire.Span) []byte { return export.ConsoleSpan(b, s, res, limits) },
				idle:   func() {},
			})
		case "otlp":
			sender, err := otlp.New(otlp.Traces)
			if err != nil {
				warn.Once("OTEL_EXPORTER_OTLP", err.Error())
			}
			if sender != nil {
				all = append(all, newProcessor(res, batchConfig(), sender, failed))
			}
		}
	}
	return all
}

// newProcessor returns the processor that sends spans of this resource.
func newProcessor(res *resource.Resource, config queue.Config, sender otlp.Sender, failed func(error, int)) *processor {
	resource, limits := wire.NewResource(res), attributeLimits()
	return &processor{
		Queue:  queue.New(config, func(ctx context.Context, spans []wire.Record) (int, error) { return sender.Send(ctx, resource, spans) }, failed, sender.Close),
		encode: func(b []byte, s *wire.Span) []byte { return wire.AppendSpan(b, s, limits) },
		scoped: true,
		idle:   sender.Close,
	}
}

// printAll writes what is already text.
func printAll(_ context.Context, records []wire.Record) (lost int, err error) {
	for _, r := range records {
		if _, fault := os.Stdout.Write(r.Bytes); fault != nil {
			lost, err = lost+1, fault
		}
	}
	return lost, err
}

// failed says once that an export failed, if the environment names the endpoint: nobody asked for the default one.
func failed(err error, spans int) { otlp.Traces.Failed(err, spans, "spans") }

// Metering reports whether what is measured by provider p is of use to anybody.
func Metering(p metric.MeterProvider) bool { return !unset(p) }

// Recorder returns what keeps the measurements of hooks, if provider p is ours, and else nil.
func Recorder(p metric.MeterProvider) *measure.Recorder {
	if started != nil && started.meters != nil && p == metric.MeterProvider(started.meters) {
		return started.meters.Recorder()
	}
	return nil
}

// Measured tells that a hook has measured something with provider p.
func Measured(p metric.MeterProvider) {
	if started != nil && started.meters != nil && p == metric.MeterProvider(started.meters) {
		started.meters.Measured()
	}
}

// Provider returns the tracer provider that this package made, or nil.
func Provider() trace.TracerProvider {
	if started == nil {
		return nil
	}
	return started.provider
}

// Tracer returns a tracer of provider p, if that is ours, and else nil.
func Tracer(p trace.TracerProvider, name string, options ...trace.TracerOption) *spans.Tracer {
	if !Sampling(p) {
		return nil
	}
	return started.provider.Of(name, options...)
}

// Sampling reports whether provider p decides on sampling without the attributes that a span starts with,
// so that they need not be put together before. The samplers of OTEL_TRACES_SAMPLER do, and those of a configuration without rules.
func Sampling(p trace.TracerProvider) bool {
	return started != nil && p == trace.TracerProvider(started.provider) && !started.attentive
}

// Inherited reports whether the children of a span that is not sampled are not sampled either, with the provider for which
// Sampling is true.
func Inherited() bool { return started != nil && started.inherited }

var (
	leaving atomic.Bool
	left    = make(chan struct{})
)

// panicTimeout bounds what is sent where the program ends by a panic, as its other goroutines go on meanwhile, and by a deadlock.
const panicTimeout = 500 * time.Millisecond

// Leave sends what waits to be sent, before the program ends: once, within the exit timeout, and without a panic.
// It may be called from any goroutine, in whatever state the program is; who calls it while another goroutine does waits for it.
func Leave() { leave(false) }

// LeavePanicking is Leave where a panic ends the program. It waits no longer than half a second.
func LeavePanicking() { leave(true) }

// ExitTimeout is how long Leave waits at most.
func ExitTimeout() time.Duration { return exitTimeout }

func leave(panicking bool) {
	if !ready.Load() {
		return
	}
	timeout := exitTimeout
	if panicking {
		timeout = min(timeout, panicTimeout)
	}
	if leaving.Swap(true) {
		t := time.NewTimer(timeout)
		defer t.Stop()
		select {
		case <-left:
		case <-t.C:
		}
		return
	}
	defer close(left)
	if unreachable() {
		return
	}
	flush(timeout)
	if env.Diagnosing() {
		summarise()
	}
	disconnect() // the connections' goroutines would show in a crash report of all goroutines
}

// disconnect closes the connections that are kept.
func disconnect() {
	if started == nil {
		return
	}
	for _, p := range started.processors {
		p.idle()
	}
	if started.meters != nil {
		started.meters.Close()
	}
	if started.logs != nil {
		started.logs.Close()
	}
}

// UseAlarms gives a function that has Alarm called with a slot after a time, or not if that is 0, and in no way that the program
// can tell, and one that has the scheduler forget timers that were stopped; see queue.Alarm.
func UseAlarms(slots int, set func(slot int, after time.Duration), clean func()) {
	queue.UseAlarms(slots, set, clean)
}

// Alarm reads metrics, or sends what waits, as the slot says.
func Alarm(slot int) { queue.Ring(slot) }

// Asleep sends what waits where Go finds all of the program's goroutines asleep, as LeavePanicking does where it panics. When it
// returns nothing is left that would keep Go from telling the program.
func Asleep() {
	if !ready.Load() {
		return
	}
	if unreachable() {
		return
	}
	flush(min(exitTimeout, panicTimeout))
	disconnect()
	queue.Settle()
}

// beforeEnd is what BeforeEnd was given.
var beforeEnd struct {
	sync.Mutex
	all []func()
}

// BeforeEnd has f called before what waits is sent because the program ends: it ends spans that nobody else will end. It must not
// wait for anybody.
func BeforeEnd(f func()) {
	beforeEnd.Lock()
	defer beforeEnd.Unlock()
	beforeEnd.all = append(beforeEnd.all, f)
}

// endRest calls what BeforeEnd was given.
func endRest() {
	beforeEnd.Lock()
	all := beforeEnd.all
	beforeEnd.Unlock()
	for _, f := range all {
		func() {
			defer func() { _ = recover() }()
			f()
		}()
	}
}

// Flush sends what waits to be sent, and waits for it, but no longer than the exit timeout.
func Flush() {
	if ready.Load() && !unreachable() {
		flush(exitTimeout)
	}
}

// networkLost reports whether the program has closed what Go waits for the network by.
var networkLost func() bool

// UseNetwork gives a function that tells whether the program has closed what Go waits for the network by.
func UseNetwork(lost func() bool) { networkLost = lost }

// unreachable reports whether to send anything, or only to wait, would end the program.
func unreachable() bool {
	if networkLost == nil || !networkLost() {
		return false
	}
	warn.Once("network", "the program has closed the file descriptors with which Go waits for the network: waiting telemetry is lost")
	return true
}

// flush does nothing at all if nothing waits: while it does, goroutines of a program that panics go on.
func flush(timeout time.Duration) {
	endRest()
	var all []func(context.Context) error
	var tracers trace.TracerProvider
	var measures metric.MeterProvider
	if s := started; s != nil {
		tracers = s.provider
		for _, p := range s.processors {
			if p.Waits() {
				all = append(all, p.ForceFlush)
			}
		}
		if s.logs != nil && s.logs.Waits() {
			all = append(all, s.logs.ForceFlush)
		}
		if s.meters != nil {
			measures = s.meters
			if s.meters.Waits() {
				all = append(all, s.meters.ForceFlush)
			}
		}
	}
	// The program's own providers: it would shut them down itself if it had the time.
	type flusher interface{ ForceFlush(context.Context) error }
	if own := otel.GetTracerProvider(); own != tracers {
		if own, ok := own.(flusher); ok {
			all = append(all, own.ForceFlush)
		}
	}
	if own := otel.GetMeterProvider(); own != measures {
		if own, ok := own.(flusher); ok {
			all = append(all, own.ForceFlush)
		}
	}
	if len(all) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var group sync.WaitGroup
	for _, flush := range all {
		group.Add(1)
		go func() {
			defer group.Done()
			defer func() { _ = recover() }()
			_ = flush(ctx)
		}()
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

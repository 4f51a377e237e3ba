// Package sdk starts the OpenTelemetry SDK in a woven program, from its initialisation, and configures it by nothing but the
// standard OTEL_* variables. It sends what waits to be sent before the program ends.
//
// Steps back: it sets the global providers and the propagator in init, unless the program has set a provider already, and a
// program that sets its own later replaces them; the hooks follow the global providers, and nothing is exported twice.
// Runs nothing while there is nothing to send, opens no port, and writes nothing, but for one line to stderr about settings
// that cannot be read and about an endpoint that the environment names and that cannot be reached.
//
// Traces and metrics go to an OTLP collector by http/protobuf, or traces to the console (OTEL_TRACES_EXPORTER). Metrics are sent
// an export interval after something was measured; nothing is said where a collector that nobody asked for metrics has none.
//
// Settings of its own: OTEL_GO_WEAVE_EXIT_TIMEOUT, in milliseconds, bounds the wait at exit (default 3000), and
// OTEL_GO_WEAVE_GOROUTINE_CONTEXT=false switches package active off.
package sdk

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// state is what init made. It is nil where OTEL_SDK_DISABLED says so.
type state struct {
	provider  *sdktrace.TracerProvider
	processor *processor // nil if nothing is exported
	meters    *meters    // nil if there are no metrics
	close     func()     // closes the exporter's connection
	inherited bool       // children of a span that is not sampled are not sampled either
}

var (
	started     *state
	exitTimeout = 3 * time.Second
)

func init() { start() }

// start sets up what the environment asks for.
func start() {
	started = nil
	if weaveruntime.Disabled() {
		return
	}
	exitTimeout = milliseconds("OTEL_GO_WEAVE_EXIT_TIMEOUT", exitTimeout)
	otel.SetTextMapPropagator(newPropagator())
	s := &state{close: func() {}}
	sampler, inherited := newSampler()
	s.inherited = inherited
	res := newResource()
	options := []sdktrace.TracerProviderOption{sdktrace.WithSampler(sampler), sdktrace.WithResource(res), sdktrace.WithSpanProcessor(manual{})}
	if exporter := s.newExporter(); exporter != nil {
		s.processor = newProcessor(exporter, batchConfig())
		options = append(options, sdktrace.WithSpanProcessor(s.processor))
	}
	s.provider = sdktrace.NewTracerProvider(options...)
	s.meters = newMeters(res)
	started = s
	if unset(otel.GetTracerProvider()) {
		otel.SetTracerProvider(s.provider)
	}
	if s.meters != nil && unset(otel.GetMeterProvider()) {
		otel.SetMeterProvider(s.meters)
	}
}

// unset tells whether a global provider is the one that OpenTelemetry itself puts there for the time until somebody sets one.
func unset(provider any) bool {
	t := reflect.TypeOf(provider)
	return t != nil && t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "go.opentelemetry.io/otel/internal/global"
}

// newExporter makes the exporter that OTEL_TRACES_EXPORTER names; nil for none.
func (s *state) newExporter() *exporter {
	switch name := strings.ToLower(strings.TrimSpace(os.Getenv("OTEL_TRACES_EXPORTER"))); name {
	case "none":
		return nil
	case "console", "logging":
		console, err := stdouttrace.New()
		if err != nil {
			warn.Once("OTEL_TRACES_EXPORTER", err.Error())
			return nil
		}
		return &exporter{SpanExporter: console, failed: func(error, int) {}, idle: func() {}}
	default:
		warn.Once("OTEL_TRACES_EXPORTER", fmt.Sprintf("OTEL_TRACES_EXPORTER %q is not one of otlp, console, none; using otlp", name))
	case "", "otlp":
	}
	config, err := otlp.ConfigFromEnv(otlp.Traces)
	if err != nil {
		warn.Once("OTEL_EXPORTER_OTLP", err.Error())
	}
	client := otlp.TraceClient{Client: otlp.NewClient(config)}
	s.close = client.Close
	return &exporter{SpanExporter: otlptrace.NewUnstarted(client), failed: failed, idle: client.Close}
}

// failed says once that an export failed, if the environment names the endpoint: nobody asked for the default one.
func failed(err error, spans int) {
	if !otlp.Traces.Asked() {
		return
	}
	if err == nil {
		warn.Once("dropped", fmt.Sprintf("%d spans dropped: they come faster than they can be exported; saying so once", spans))
		return
	}
	warn.Once("export", fmt.Sprintf("cannot export %d spans: %v; saying so once", spans, err))
}

// Provider returns the tracer provider that this package made, or nil.
func Provider() trace.TracerProvider {
	if started == nil {
		return nil
	}
	return started.provider
}

// Sampling tells whether provider p decides on sampling without the attributes that a span starts with,
// so that they need not be put together before. The samplers of OTEL_TRACES_SAMPLER do.
func Sampling(p trace.TracerProvider) bool {
	return started != nil && p == trace.TracerProvider(started.provider)
}

// Inherited tells whether the children of a span that is not sampled are not sampled either, with the provider for which
// Sampling is true.
func Inherited() bool { return started != nil && started.inherited }

var (
	leaving atomic.Bool
	left    = make(chan struct{})
)

// Leave sends what waits to be sent, before the program ends: once, within the exit timeout, and without a panic.
// It may be called from any goroutine, in whatever state the program is; who calls it while another goroutine does waits for it.
func Leave() {
	if leaving.Swap(true) {
		t := time.NewTimer(exitTimeout)
		defer t.Stop()
		select {
		case <-left:
		case <-t.C:
		}
		return
	}
	defer close(left)
	Flush(exitTimeout)
	if started != nil {
		// The connections' goroutines would show in a crash report of all goroutines.
		started.close()
		if started.meters != nil {
			started.meters.client.Close()
		}
	}
}

// Flush sends what waits to be sent, and waits for it, but no longer than limit.
func Flush(limit time.Duration) {
	var all []func(context.Context) error
	var tracers trace.TracerProvider
	var measures metric.MeterProvider
	if s := started; s != nil {
		tracers = s.provider
		if s.processor != nil {
			all = append(all, s.processor.ForceFlush)
		}
		if s.meters != nil {
			measures = s.meters
			all = append(all, s.meters.flush)
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
	ctx, cancel := context.WithTimeout(context.Background(), limit)
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

// Package spans makes the spans of hooks, and those that the program starts where it has set no provider of its own: OpenTelemetry's
// API for traces, without the SDK's spans beneath it.
//
// A span that is recorded is one allocation, or two where the program starts it. What it records has memory that is used again once
// it has ended, where it is handed on: so nothing of it is copied, and nobody holds more of it than its identity. Samplers, limits and
// the generator of identities are the SDK's, and so is what they mean; a test drives both with the same calls and compares what
// arrives.
package spans

import (
	"context"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// Sink takes spans that have ended.
type Sink interface {
	// OnEnd is given a sampled span, and none of its memory to keep. It may encode into buffer, and returns it for others.
	OnEnd(s *wire.Span, buffer []byte) []byte
	ForceFlush(context.Context) error
	Shutdown(context.Context) error
}

// Config is the configuration of a provider.
type Config struct {
	Sampler sdktrace.Sampler
	// Inherits says that the sampler samples the child of a sampled span, whatever else there is to know of it.
	Inherits bool
	IDs      sdktrace.IDGenerator
	Limits   sdktrace.SpanLimits
	Sinks    []Sink
	// Begun is told of each span that the program starts, in the goroutine that does: with a context that holds it, and whether the
	// one that it was started with held none and its trace may so be somebody else's. Ended is told of its end, as often as it is ended.
	Begun func(with context.Context, s trace.Span, implicit bool)
	Ended func(trace.SpanContext)
	// Serves is told of each span of kind server that the program is about to start, by its first attributes, and returns the context
	// that it is started with.
	Serves func(context.Context, []attribute.KeyValue) context.Context
	// Hooks tells by the name of a scope whether its spans are those of hooks, which tell for themselves.
	Hooks func(scope string) bool
}

// Provider makes tracers.
type Provider struct {
	embedded.TracerProvider
	config Config
	scopes wire.Scopes
	closed atomic.Bool

	mu      sync.Mutex
	tracers map[instrumentation.Scope]*Tracer
}

var _ trace.TracerProvider = (*Provider)(nil)

// maxTracers bounds the tracers that are kept: a program may make up names.
const maxTracers = 1000

// New returns a provider.
func New(config Config) *Provider {
	if config.Begun == nil {
		config.Begun = func(context.Context, trace.Span, bool) {}
	}
	if config.Serves == nil {
		config.Serves = func(ctx context.Context, _ []attribute.KeyValue) context.Context { return ctx }
	}
	if config.Ended == nil {
		config.Ended = func(trace.SpanContext) {}
	}
	return &Provider{config: config, tracers: map[instrumentation.Scope]*Tracer{}}
}

// unnamed is what the SDK calls a tracer without a name.
const unnamed = "go.opentelemetry.io/otel/sdk/tracer"

// Tracer returns the tracer of a scope; one that does nothing after Shutdown.
func (p *Provider) Tracer(name string, options ...trace.TracerOption) trace.Tracer {
	if p.closed.Load() {
		return noop.NewTracerProvider().Tracer(name, options...)
	}
	return p.Of(name, options...)
}

// Of is Tracer for hooks.
func (p *Provider) Of(name string, options ...trace.TracerOption) *Tracer {
	config := trace.NewTracerConfig(options...)
	if name == "" {
		name = unnamed
	}
	scope := instrumentation.Scope{Name: name, Version: config.InstrumentationVersion(), SchemaURL: config.SchemaURL(), Attributes: config.InstrumentationAttributes()}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.tracers[scope]
	if t == nil {
		t = &Tracer{provider: p, scope: p.scopes.Of(scope), tells: p.config.Hooks == nil || !p.config.Hooks(name)}
		if len(p.tracers) < maxTracers {
			p.tracers[scope] = t
		}
	}
	return t
}

// ForceFlush has all that has ended sent.
func (p *Provider) ForceFlush(ctx context.Context) error {
	if p.closed.Load() {
		return nil
	}
	return p.each(ctx, Sink.ForceFlush)
}

// Shutdown sends what has ended, and ends the recording of spans.
func (p *Provider) Shutdown(ctx context.Context) error {
	if p.closed.Swap(true) {
		return nil
	}
	return p.each(ctx, Sink.Shutdown)
}

func (p *Provider) each(ctx context.Context, do func(Sink, context.Context) error) (err error) {
	for _, s := range p.config.Sinks {
		if fault := do(s, ctx); fault != nil {
			err = fault
		}
	}
	return err
}

// Package hook has the functions for authors of hooks: a span in two calls, the instrumentation's switch, suppression, and
// wrapping a value once.
//
// A hook for a client library takes about ten lines:
//
//	var lib = hook.New("example.com/cache")
//
//	// Get is woven into (*cache.Client).Get.
//	func Get(c *cache.Client, ctx context.Context, key string) (context.Context, func([]byte, error)) {
//		ctx, op := lib.Start(ctx, hook.Client, "GET", attribute.String("db.system.name", "cache"))
//		if !op.Recording() {
//			return ctx, nil // an operation of kind Client is not active in the goroutine, so it need not end
//		}
//		return ctx, func(_ []byte, err error) { op.End(err) }
//	}
//
// Woven code may run before the packages of the hooks are initialised, if an init function of the program already uses
// the library. Hooks are then not called, because they are set during the initialisation of package main. The hooks of this module are
// set from the beginning, and have a Gate.
package hook

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"
	"unsafe"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/spans"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// The kinds of spans, under shorter names.
const (
	Internal = trace.SpanKindInternal
	Server   = trace.SpanKindServer
	Client   = trace.SpanKindClient
	Producer = trace.SpanKindProducer
	Consumer = trace.SpanKindConsumer
)

// Scope is the prefix of our instrumentation scopes.
const Scope = sdk.Scope

// schemas is what the schemas of the semantic conventions' versions are called by.
const schemas = "https://opentelemetry.io/schemas/"

// conventions is the version of the semantic conventions that instrumentations follow which say nothing else.
const conventions = "1.37.0"

// Enabled reports whether the instrumentation called name is on; see weaveruntime.Enabled.
func Enabled(name string) bool { return weaveruntime.Enabled(name) }

// Instrumentation makes the spans of one instrumented library. A nil one, as a package variable is before its package is
// initialised, makes none.
type Instrumentation struct {
	name   string
	schema string // URL of the version of the semantic conventions that it follows
	tracer atomic.Pointer[tracer]
	panics atomic.Int64 // of its hooks
}

// tracer is a tracer with the provider that it comes from. The program may set another provider at any time.
type tracer struct {
	trace.Tracer
	provider trace.TracerProvider
	own      *spans.Tracer // the same, if it is ours
	late     bool          // attributes need not be there at the start
	inherits bool          // a span whose parent is not sampled is not sampled either, and the parent stands for it
}

// New returns the instrumentation called name, the name in its rule file.
func New(name string) *Instrumentation { return NewAt(name, conventions) }

// NewAt is New for an instrumentation that follows another version of the semantic conventions than most, such as 1.43.0.
func NewAt(name, version string) *Instrumentation {
	return &Instrumentation{name: name, schema: schemas + version}
}

// current returns a tracer of the provider that is the global one now.
func (i *Instrumentation) current() *tracer {
	provider := otel.GetTracerProvider()
	if t := i.tracer.Load(); t != nil && t.provider == provider {
		return t
	}
	t := &tracer{provider: provider, own: sdk.Tracer(provider, Scope+i.name, trace.WithSchemaURL(i.schema))}
	if t.late = t.own != nil; !t.late {
		t.Tracer = provider.Tracer(Scope+i.name, trace.WithSchemaURL(i.schema))
	}
	t.inherits = t.late && sdk.Inherited()
	// A provider of a type that cannot be compared is asked every time.
	if reflect.TypeOf(provider).Comparable() {
		i.tracer.Store(t)
	}
	return t
}

// Op is an operation that a span describes. The zero Op describes nothing, and its methods do nothing.
type Op struct {
	span  trace.Span
	frame *active.Frame
	begun bool // the span is the operation's, and not that of a parent that stands for it
}

// Start begins an operation. The returned context carries its span, and is for the calls that the operation makes.
//
// Where ctx has no span, the parent is the one that is active in the calling goroutine; an operation of kind Server or Consumer
// has its parent from ctx or none. Operations of these kinds and of kind Internal, in which code of the program's runs, are
// active in the goroutine until they end; End must then come on every path, by the hook's last result.
func (i *Instrumentation) Start(ctx context.Context, kind trace.SpanKind, name string, attrs ...attribute.KeyValue) (context.Context, Op) {
	ctx, op, late := i.StartBare(ctx, kind, name, func() []attribute.KeyValue { return attrs })
	if late && len(attrs) > 0 && op.Recording() {
		op.span.SetAttributes(attrs...)
	}
	return ctx, op
}

// StartBare begins an operation like Start, but leaves the attributes to the caller, who may add them at the end, unless late is false:
// then the program's own provider needed them at the start, to decide on sampling.
func (i *Instrumentation) StartBare(ctx context.Context, kind trace.SpanKind, name string, early func() []attribute.KeyValue) (with context.Context, op Op, late bool) {
	return i.StartIn(ctx, kind, name, early, nil)
}

// StartIn is StartBare for an operation of kind Server or Consumer that has its own memory as long as it lasts: when its span is begun and
// made active, memory returns a part of it for that. This saves an allocation.
func (i *Instrumentation) StartIn(ctx context.Context, kind trace.SpanKind, name string, early func() []attribute.KeyValue, memory func() *active.State) (with context.Context, op Op, late bool) {
	return i.start(ctx, kind, name, time.Time{}, early, memory)
}

// StartPast is Start for an operation of kind Client that began earlier and is recorded only now, for example because it failed.
func (i *Instrumentation) StartPast(ctx context.Context, began time.Time, name string, attrs ...attribute.KeyValue) Op {
	_, op, late := i.start(ctx, Client, name, began, func() []attribute.KeyValue { return attrs }, nil)
	if late && len(attrs) > 0 && op.Recording() {
		op.span.SetAttributes(attrs...)
	}
	return op
}

func (i *Instrumentation) start(ctx context.Context, kind trace.SpanKind, name string, began time.Time, early func() []attribute.KeyValue,
	memory func() *active.State) (with context.Context, op Op, late bool) {
	if !i.On() {
		return ctx, Op{}, false
	}
	given := ctx
	if ctx == nil {
		ctx = context.Background()
	}
	incoming := kind == Server || kind == Consumer
	var hidden active.Hidden
	defer func() {
		// The context is the program's, and so may be the sampler, the provider and its processors.
		if value := recover(); value != nil {
			hidden.Show()
			i.panicked(value)
			with, op, late = given, Op{}, false
		}
	}()
	if incoming {
		hidden = active.Hide()
	}
	parent, answers := explicit(ctx)
	if !answers {
		// The program's context panics where it is asked for a value: it is not asked again, and goes on as it was given.
		ctx = context.Background()
	}
	if SuppressedBy(parent) {
		hidden.Show()
		return ctx, Op{}, false
	}
	var origin trace.SpanContext
	if !incoming {
		ctx, parent, origin = adopt(ctx, parent)
	}
	t := i.current()
	var state *active.State
	var begins trace.TraceID
	if t.inherits {
		if sdk.Unsampled(parent) {
			op.span = parent
		} else if sc := parent.SpanContext(); sc.IsValid() {
			if !sc.IsSampled() {
				op.span = parent
			}
		} else if incoming {
			ctx, op.span, begins, state = sdk.ActiveRoot(ctx)
		} else {
			ctx, op.span, begins = sdk.Root(ctx)
		}
	}
	switch {
	case op.span != nil:
	case t.own != nil:
		ctx, op.span = t.own.Begin(ctx, begins, parent.SpanContext(), origin, kind, name, began)
		op.begun = true
	default:
		options := []trace.SpanStartOption{trace.WithSpanKind(kind), trace.WithAttributes(own(early())...)}
		if origin.IsValid() {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: origin}))
		}
		if !began.IsZero() {
			options = append(options, trace.WithTimestamp(began))
		}
		ctx, op.span = t.Start(ctx, wire.Text(name, wire.MaxName), options...)
		op.begun = true
	}
	switch {
	case incoming:
		if state == nil && memory != nil && op.begun && op.Recording() {
			state = memory()
		}
		op.frame = hidden.Activate(op.span, bagOf(ctx), state)
	case kind == Internal:
		op.frame = active.Activate(op.span, bagOf(ctx))
	}
	if !answers {
		ctx = given
	}
	return ctx, op, t.late
}

// none is what trace.SpanFromContext returns where there is no span.
var none = trace.SpanFromContext(context.Background())

// explicit is Explicit of a context of the program's, and whether that answers without a panic.
func explicit(ctx context.Context) (span trace.Span, answers bool) {
	span, answers = active.Ask(ctx)
	if span == nil {
		span = none
	}
	return span, answers
}

// answering returns ctx, or an empty context if that panics when it is asked for its span, as who measures does.
func answering(ctx context.Context) context.Context {
	if _, answers := active.Ask(ctx); !answers || ctx == nil {
		return context.Background()
	}
	return ctx
}

// bagOf returns the baggage of a context of the program's; none of one that panics.
func bagOf(ctx context.Context) (bag baggage.Baggage) {
	defer func() { _ = recover() }()
	return baggage.FromContext(ctx)
}

// withBag returns a context with baggage; ctx itself if that panics when it is asked for what it has.
func withBag(ctx context.Context, bag baggage.Baggage) (out context.Context) {
	out = ctx
	defer func() { _ = recover() }()
	return baggage.ContextWithBaggage(ctx, bag)
}

// Value returns ctx.Value(key), or nil if that panics: a context is the program's code.
func Value(ctx context.Context, key any) (value any) {
	defer func() { _ = recover() }()
	return ctx.Value(key)
}

// Extract returns ctx with the values that the global propagator finds in carrier. If a context panics when it is asked for a value, the
// result holds at least the span.
func Extract(ctx context.Context, carrier propagation.TextMapCarrier) (out context.Context) {
	out = ctx
	propagator := otel.GetTextMapPropagator()
	if Try(func() { out = propagator.Extract(ctx, carrier) }) {
		return out
	}
	Try(func() {
		if sc := trace.SpanContextFromContext(propagator.Extract(context.Background(), carrier)); sc.IsValid() {
			out = trace.ContextWithRemoteSpanContext(ctx, sc)
		}
	})
	return out
}

// Explicit returns the span that ctx itself holds, whatever span is active in the goroutine.
func Explicit(ctx context.Context) trace.Span {
	if span := active.Explicit(ctx); span != nil {
		return span
	}
	return none
}

// SpanContext returns the span context of the span of ctx, or else of the active span of the goroutine; an invalid one if there is none.
func SpanContext(ctx context.Context) trace.SpanContext { return active.SpanContext(ctx) }

// ActiveSpan returns the span of ctx, or else the active span of the goroutine, and whether there is one. It starts none.
func ActiveSpan(ctx context.Context) (trace.Span, bool) {
	if ctx != nil {
		if span := Explicit(ctx); span.SpanContext().IsValid() {
			return span, true
		}
	}
	span := active.Span()
	return span, span != nil && span.SpanContext().IsValid()
}

// adopt completes a context that has no span of its own by what is active in the goroutine. Where that has ended, origin is
// its identity.
func adopt(ctx context.Context, explicit trace.Span) (_ context.Context, parent trace.Span, origin trace.SpanContext) {
	span, bag, origin := active.Current()
	switch {
	case span == nil && explicit != none:
		return ctx, explicit, trace.SpanContext{}
	case span == nil:
		return ctx, explicit, origin
	case explicit == none:
		// A woven operation is found by a woven trace.SpanFromContext without its being in the context.
		if !identical(trace.SpanFromContext(ctx), span) {
			ctx = trace.ContextWithSpan(ctx, span)
		}
	case !identical(explicit, span) && !explicit.SpanContext().Equal(span.SpanContext()):
		return ctx, explicit, origin
	}
	if bag.Len() > 0 && bagOf(ctx).Len() == 0 {
		ctx = withBag(ctx, bag)
	}
	return ctx, span, origin
}

// identical reports whether two spans are one value at one place, whether or not values of their type can be compared.
func identical(a, b trace.Span) bool {
	return *(*[2]unsafe.Pointer)(unsafe.Pointer(&a)) == *(*[2]unsafe.Pointer)(unsafe.Pointer(&b))
}

// Span returns the operation's span, or nil.
func (o Op) Span() trace.Span { return o.span }

// Recording reports whether a span is recorded. If not, attributes need not be collected, nor the operation ended.
func (o Op) Recording() bool { return o.span != nil && o.span.IsRecording() }

// rename gives the operation's span another name.
func (o Op) rename(name string) {
	if o.span != nil && o.begun {
		defer foreign.Recover()
		o.span.SetName(wire.Text(name, wire.MaxName))
	}
}

// Set adds attributes.
func (o Op) Set(attrs ...attribute.KeyValue) {
	if o.span != nil {
		defer foreign.Recover()
		o.span.SetAttributes(clean(o.span, attrs)...)
	}
}

// Fail marks the operation as failed with err; nil means that it has not failed.
func (o Op) Fail(err error) {
	if o.span != nil && err != nil {
		defer foreign.Recover()
		o.span.SetStatus(codes.Error, wire.Text(shownError(err), wire.MaxText))
		o.span.SetAttributes(attribute.String("error.type", ErrorType(err)))
	}
}

// Active reports whether the operation is active in its goroutine: it must then be ended even if nothing is recorded.
func (o Op) Active() bool { return o.frame != nil }

// Leave makes the operation inactive without ending its span.
func (o Op) Leave() { o.frame.Leave() }

// Pass leaves no span active in the operation's place until Leave, because other instrumentation describes it.
func (o Op) Pass() { o.frame.Pass() }

// LeaveIncoming calls Leave for the innermost operation of kind Server or Consumer in the calling goroutine. As a hook's last result it
// costs no allocation.
func LeaveIncoming() { active.LeaveIncoming() }

// End ends the operation, with the error of the operation, if any.
func (o Op) End(err error) {
	if o.span != nil {
		defer foreign.Recover()
		o.frame.Leave()
		if o.begun {
			o.Fail(err)
			o.span.End()
		}
	}
}

// EndWith ends the operation like End, with a text for the error in place of its own.
func (o Op) EndWith(err error, text string) {
	if err == nil {
		o.EndAs(nil, "", text)
		return
	}
	o.EndAs(err, ErrorType(err), text)
}

// EndAs ends the operation like EndWith, with a type for the error other than its Go type, such as the error code of a service.
func (o Op) EndAs(err error, errorType, text string) {
	if o.span == nil {
		return
	}
	defer foreign.Recover()
	o.frame.Leave()
	if !o.begun {
		return // a parent that is not recorded stands for the operation, and has not ended
	}
	if err != nil {
		o.span.SetStatus(codes.Error, wire.Text(text, wire.MaxText))
		o.span.SetAttributes(attribute.String("error.type", errorType))
	}
	o.span.End()
}

// wrapError is what fmt.Errorf makes of one %w.
var wrapError = reflect.TypeOf(fmt.Errorf("%w", context.Canceled))

// EndAt ends the operation as of an earlier time.
func (o Op) EndAt(t time.Time) {
	if o.span != nil {
		defer foreign.Recover()
		o.frame.Leave()
		o.span.End(trace.WithTimestamp(t))
	}
}

// ErrorType returns the value of the attribute error.type for an error: its type, without the wrappers of fmt.Errorf.
func ErrorType(err error) string {
	for {
		t := reflect.TypeOf(err)
		if t == nil {
			return ""
		}
		if t == wrapError {
			// No other type's Unwrap is called: it is the program's code.
			if inner := errors.Unwrap(err); inner != nil {
				err = inner
				continue
			}
		}
		return Cut(t.String(), maxText)
	}
}

// Suppress returns a context in which no instrumentation makes a span.
func Suppress(ctx context.Context) context.Context {
	return trace.ContextWithSpan(ctx, active.Suppressed{})
}

// Suppressed reports whether ctx comes from Suppress.
func Suppressed(ctx context.Context) bool { return SuppressedBy(active.Explicit(ctx)) }

// SuppressedBy reports whether the context of this span comes from Suppress.
func SuppressedBy(span trace.Span) bool {
	_, yes := span.(active.Suppressed)
	return yes
}

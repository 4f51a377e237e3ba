// Package hook is what the author of a hook needs: a span in two calls, the instrumentation's switch, suppression, and
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
//			return ctx, nil
//		}
//		return ctx, func(_ []byte, err error) { op.End(err) }
//	}
//
// Hooks may be called before the packages that they need are initialised, when an init function of the program already uses
// the library. Everything here then does nothing; a hook needs no guard as long as it reads no package variable of its own
// but its Instrumentation.
package hook

import (
	"context"
	"errors"
	"reflect"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
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

// scope is the prefix of our instrumentation scopes.
const scope = "github.com/rules-go-weave/rules_go_weave/instrumentation/"

// schema is the version of the semantic conventions that the instrumentations follow.
const schema = "https://opentelemetry.io/schemas/1.37.0"

// Enabled tells whether the instrumentation called name is switched on; see weaveruntime.Enabled.
func Enabled(name string) bool { return weaveruntime.Enabled(name) }

// Instrumentation makes the spans of one instrumented library. A nil one, as a package variable is before its package is
// initialised, makes none.
type Instrumentation struct {
	name   string
	tracer atomic.Pointer[tracer]
}

// tracer is a tracer with the provider that it comes from. The program may set another provider at any time.
type tracer struct {
	trace.Tracer
	provider trace.TracerProvider
	late     bool // attributes need not be there at the start
}

// New returns the instrumentation called name, the name in its rule file.
func New(name string) *Instrumentation { return &Instrumentation{name: name} }

// current returns a tracer of the provider that is the global one now.
func (i *Instrumentation) current() *tracer {
	provider := otel.GetTracerProvider()
	if t := i.tracer.Load(); t != nil && t.provider == provider {
		return t
	}
	t := &tracer{
		Tracer:   provider.Tracer(scope+i.name, trace.WithSchemaURL(schema)),
		provider: provider,
		late:     sdk.Sampling(provider),
	}
	// A provider of a type that cannot be compared is asked every time.
	if reflect.TypeOf(provider).Comparable() {
		i.tracer.Store(t)
	}
	return t
}

// Op is an operation that a span describes. The zero Op describes none, and all its methods do nothing.
type Op struct{ span trace.Span }

// Start begins an operation. The context returned carries its span and goes on to what the operation calls.
func (i *Instrumentation) Start(ctx context.Context, kind trace.SpanKind, name string, attrs ...attribute.KeyValue) (context.Context, Op) {
	if i == nil {
		return ctx, Op{}
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if Suppressed(ctx) {
		return ctx, Op{}
	}
	t := i.current()
	if !t.late {
		ctx, span := t.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
		return ctx, Op{span}
	}
	ctx, span := t.Start(ctx, name, kindOption(kind)...)
	if len(attrs) > 0 && span.IsRecording() {
		span.SetAttributes(attrs...)
	}
	return ctx, Op{span}
}

// kindOptions are made once, since they are the same every time.
var kindOptions = func() (o [6][]trace.SpanStartOption) {
	for k := range o {
		o[k] = []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKind(k))}
	}
	return o
}()

func kindOption(k trace.SpanKind) []trace.SpanStartOption {
	if k < 0 || int(k) >= len(kindOptions) {
		k = trace.SpanKindInternal
	}
	return kindOptions[k]
}

// StartBare begins an operation like Start, but leaves its attributes to the caller, who may add them at the end,
// unless early is true: then the program's own provider wants them at the start, to decide on sampling by them.
func (i *Instrumentation) StartBare(ctx context.Context, kind trace.SpanKind, name string, early func() []attribute.KeyValue) (_ context.Context, op Op, late bool) {
	if i == nil {
		return ctx, Op{}, false
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if Suppressed(ctx) {
		return ctx, Op{}, false
	}
	t := i.current()
	if !t.late {
		ctx, span := t.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(early()...))
		return ctx, Op{span}, false
	}
	ctx, span := t.Start(ctx, name, kindOption(kind)...)
	return ctx, Op{span}, true
}

// Span returns the operation's span; nil for none.
func (o Op) Span() trace.Span { return o.span }

// Recording tells whether a span is recorded. Where not, there is no use in collecting attributes, nor in ending the operation.
func (o Op) Recording() bool { return o.span != nil && o.span.IsRecording() }

// Set adds attributes.
func (o Op) Set(attrs ...attribute.KeyValue) {
	if o.span != nil {
		o.span.SetAttributes(attrs...)
	}
}

// Fail marks the operation as failed with err, which may be nil for an operation that did not.
func (o Op) Fail(err error) {
	if o.span != nil && err != nil {
		o.span.SetStatus(codes.Error, err.Error())
		o.span.SetAttributes(attribute.String("error.type", ErrorType(err)))
	}
}

// End ends the operation, with the error that it ended with, if any.
func (o Op) End(err error) {
	if o.span != nil {
		o.Fail(err)
		o.span.End()
	}
}

// ErrorType names the kind of an error for the attribute error.type: its type, beneath what fmt.Errorf wraps around it.
func ErrorType(err error) string {
	for {
		t := reflect.TypeOf(err)
		if t == nil {
			return ""
		}
		name := t.String()
		if inner := errors.Unwrap(err); inner != nil && name == "*fmt.wrapError" {
			err = inner
			continue
		}
		return name
	}
}

// suppressed is a span that says that no spans are wanted. Being a span, it costs the hooks no second look into the context.
type suppressed struct{ noop.Span }

// Suppress returns a context in which no instrumentation makes a span.
func Suppress(ctx context.Context) context.Context {
	return trace.ContextWithSpan(ctx, suppressed{})
}

// Suppressed tells whether ctx comes from Suppress.
func Suppressed(ctx context.Context) bool {
	_, yes := trace.SpanFromContext(ctx).(suppressed)
	return yes
}

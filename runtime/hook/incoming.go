package hook

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// Incoming is a request that a server answers, as seen by code behind the server: the routes of routers, the errors that frameworks keep,
// and instrumentation by hand that replaces the server's operation. The hooks of a server make one for each request that is recorded or
// measured, and their contexts return it for IncomingKey. Other hooks call the functions below, which do nothing if a context has no such
// request, or one that is over.
type Incoming struct {
	op     Op
	before trace.Span // what the request's context held before what the caller sent
	path   string     // as the server received it
	first  *string    // the pattern that net/http's multiplexer has found for it; nil for none

	routed atomic.Bool
	mu     sync.Mutex
	over   bool
	at     string // the path where the innermost router was asked; "" for none
	mount  string // route of what was stripped of the path there
	outer  string // pattern that the innermost router found
	depth  int    // how many times something was stripped
	told   Told
	errors int
	last   error
	panic  string // text of the panic that was recovered last
}

// Told is everything that an Incoming was told.
type Told struct {
	Route      string // made of patterns alone; "" for none
	Superseded bool   // other instrumentation describes the request, and measures it
	Described  bool   // a span of the program's own describes the request
	Panic      string // kind of the last panic that was recovered before it reached the server, and that the operation has; "" for none
	Error      string // what is shown of the last error; "" for none
}

// passed reports whether a span of hooks does not describe the request.
func (t Told) passed() bool { return t.Superseded || t.Described }

// IncomingKey is the key of the *Incoming in the contexts of a request that is being answered.
type IncomingKey struct{}

// maxErrors bounds how many errors of one request its span has.
const maxErrors = 16

// Begin connects the reports about the request with its operation. before is the span that the request's context held before the one that
// the caller sent; path is that of the request's URL, and first is the place where net/http's multiplexer leaves its pattern, nil for none.
func (in *Incoming) Begin(op Op, before trace.Span, path string, first *string) {
	in.op, in.before, in.path, in.first = op, before, path, first
}

// End returns everything that was told. Later reports belong to no request.
func (in *Incoming) End() Told {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.over, in.last, in.at, in.mount, in.outer = true, nil, "", "", ""
	return in.told
}

// superseded reports whether something else describes the request.
func (in *Incoming) superseded() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.told.passed()
}

// Routed reports whether a router has reported a pattern.
func (in *Incoming) Routed() bool { return in.routed.Load() }

// Matched records the pattern that a router has found at a path.
//
// A route is made of patterns alone. Of a prefix that was stripped from the path in between, it has the part of the outer pattern that
// stands for it.
func (in *Incoming) Matched(path, pattern string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.over || pattern == "" {
		return
	}
	outer := in.outer
	if outer == "" && in.first != nil {
		outer = patternPath(*in.first)
	}
	from := in.at
	if from == "" {
		from = in.path
	}
	// Whether there is a slash at the end is up to whoever cleans the path in between.
	from, to := strings.TrimSuffix(from, "/"), strings.TrimSuffix(path, "/")
	switch n := len(from) - len(to); {
	case from == to:
	case n > 0 && from[n:] == to:
		if part := cover(outer, from[:n]); in.depth < maxStripped && !strings.HasSuffix(in.mount, part) {
			in.mount += part
			in.depth++
		}
	default:
		in.mount = "" // a path that a client made up
	}
	in.at, in.outer, in.told.Route = path, pattern, in.mount+pattern
	in.routed.Store(true)
}

// maxStripped bounds how many stripped prefixes a route shows: a router may be below itself.
const maxStripped = 4

// rest stands in a route for parts of a path that no pattern names.
const rest = "/{...}"

// cover returns the part of a pattern's path that stands for a prefix of a path that it matches, nothing of no pattern. It has no byte
// of the prefix.
func cover(pattern, prefix string) string {
	if pattern == "" || pattern[0] != '/' {
		return ""
	}
	end := 0
	for range strings.Count(strings.TrimSuffix(prefix, "/"), "/") {
		if end == len(pattern) {
			return pattern[:end] + rest
		}
		segment := pattern[end:]
		if i := strings.IndexByte(segment[1:], '/'); i >= 0 {
			segment = segment[:1+i]
		}
		switch {
		case segment == "/" || segment == "/{$}" || strings.HasPrefix(segment, "/*"):
			return pattern[:end] + rest
		case strings.HasSuffix(segment, "...}"):
			return pattern[:end] + segment
		}
		end += len(segment)
	}
	return pattern[:end]
}

// setRoute notes a route as it is.
func (in *Incoming) setRoute(route string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.over {
		in.told.Route = route
		in.routed.Store(true)
	}
}

// failed notes an error.
func (in *Incoming) failed(err error) {
	in.mu.Lock()
	again := in.over || in.told.passed() || same(in.last, err)
	thrown := in.panic
	in.mu.Unlock()
	if !again && thrown != "" {
		again = strings.Contains(ErrorText(err), thrown) // which a recovery middleware has made of the panic
	}
	in.mu.Lock()
	if !again {
		in.last = err
		in.errors++
		again = in.errors > maxErrors
	}
	in.mu.Unlock()
	if again || !in.op.Recording() {
		return
	}
	text := shownError(err)
	in.mu.Lock()
	in.told.Error = text
	in.mu.Unlock()
	in.op.span.AddEvent("exception", trace.WithAttributes(clean(in.op.span, []attribute.KeyValue{
		attribute.String("exception.type", ErrorType(err)),
		attribute.String("exception.message", wire.Text(text, wire.MaxText)),
	})...))
}

// same reports whether two errors are one value.
func same(a, b error) (yes bool) {
	if a == nil || reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	Try(func() { yes = a == b }) // which panics where a value in it cannot be compared
	return yes
}

// recovered notes a panic.
func (in *Incoming) recovered(value any) {
	in.mu.Lock()
	again := in.over || in.told.passed() || in.errors > maxErrors
	if !again {
		in.errors++
		in.told.Panic = PanicType(value)
		in.last, _ = value.(error)
	}
	in.mu.Unlock()
	thrown := Text(value)
	in.mu.Lock()
	in.panic = thrown
	in.mu.Unlock()
	if !again && in.op.Recording() {
		in.op.Panicked(value)
	}
}

// incomingOf returns the request that a context is of; nil for none.
func incomingOf(ctx context.Context) (in *Incoming) {
	if ctx != nil && initialised.Load() {
		Try(func() { in, _ = ctx.Value(IncomingKey{}).(*Incoming) })
	}
	return in
}

// Routing reports whether a route for the request of ctx would be kept, for routers that have to build it.
func Routing(ctx context.Context) bool { return incomingOf(ctx) != nil }

// Route records the pattern that a router has found for the request of ctx: "/users/{id}". path is the path that the router matched. If
// routers are nested, each reports its own pattern, and the route joins them, including stripped prefixes. A pattern must contain no byte
// of the request: it is part of the span's name and of metric attributes.
func Route(ctx context.Context, path, pattern string) {
	if in := incomingOf(ctx); in != nil {
		in.Matched(path, pattern)
	}
}

// patternPath returns the path of a multiplexer's pattern, which is "[METHOD ][HOST]/[PATH]".
func patternPath(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return ""
}

// SetRoute sets the complete route of the request of ctx, whatever routers have reported.
func SetRoute(ctx context.Context, route string) {
	if in := incomingOf(ctx); in != nil {
		in.setRoute(route)
	}
}

// Failed records an error that a framework keeps for the request of ctx. The span gets it as an exception; whether the request has failed
// depends on the status of its response. An error that is reported twice in a row is recorded once.
func Failed(ctx context.Context, err error) {
	if in := incomingOf(ctx); in != nil && err != nil {
		defer foreign.Recover()
		in.failed(err)
	}
}

// Recovered records a panic that a framework or a middleware has recovered; a function that the panic runs calls it. The request has failed
// with the panic.
func Recovered(ctx context.Context, value any) {
	if in := incomingOf(ctx); in != nil {
		defer foreign.Recover()
		in.recovered(value)
	}
}

// Supersede drops the operation of the request of ctx, because other instrumentation makes one. It returns a context with the span that the
// request's context held before, usually none, because the other instrumentation reads the headers itself. No span is active in the
// operation's place.
func Supersede(ctx context.Context) context.Context {
	in := incomingOf(ctx)
	if in == nil {
		return ctx
	}
	if !in.pass(&in.told.Superseded) {
		return ctx
	}
	return trace.ContextWithSpan(ctx, in.before)
}

// pass has nothing active in the operation's place, and notes why; it tells whether that is news.
func (in *Incoming) pass(why *bool) bool {
	in.mu.Lock()
	again := in.told.passed() || in.over
	*why = true
	in.mu.Unlock()
	if !again {
		in.op.Pass()
	}
	return !again
}

func init() { sdk.SetServing(ServerSpan) }

// ServerSpan handles a span of kind server that the program starts itself, given the context that it is started with and its first
// attributes. If these are of the request or call of ctx, a middleware or an interceptor describes it: hooks then make no span for it, but
// still measure it. ServerSpan returns the context to start the span with, so that its parent is not a span that is dropped.
func ServerSpan(ctx context.Context, attrs []attribute.KeyValue) (with context.Context) {
	with = ctx
	defer foreign.Recover()
	for _, a := range attrs {
		switch a.Key {
		case "http.request.method", "http.method":
			in := incomingOf(ctx)
			if in == nil {
				return ctx
			}
			if in.pass(&in.told.Described) && in.op.span != nil && identical(Explicit(ctx), in.op.span) {
				return trace.ContextWithSpan(ctx, in.before)
			}
			return ctx // which has what the caller sent
		case "rpc.system", "rpc.system.name", "rpc.method":
			return supersedeCall(ctx)
		}
	}
	return ctx
}

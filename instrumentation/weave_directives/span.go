// Package weave_directives has the hooks of directive comments: //weave:span makes a span of every call of a function,
// //weave:log logs its beginning and its end.
//
// The names of the hooks say what the function has: a context, or a request whose context counts, and an error as its last
// result. A hook that is given a context gives back the one for the rest of the function.
package weave_directives

import (
	"context"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

var instrumentation = hook.New("weave/directives")

// gate is before every hook.
var gate hook.Gate

func init() { gate.Open("weave/directives") }

// call is a call of a function that a span describes.
type call struct {
	op    hook.Op
	panic hook.Panic
	err   error
}

// SpanContextError is woven into functions with a context and an error.
func SpanContextError(ctx context.Context, operation, function string, attributes []any) (context.Context, func(error), func()) {
	ctx, c := begin(ctx, operation, function, attributes)
	if c == nil {
		return ctx, nil, nil
	}
	return ctx, c.exit, c.end
}

// SpanContext is woven into functions with a context and without an error.
func SpanContext(ctx context.Context, operation, function string, attributes []any) (context.Context, func()) {
	ctx, c := begin(ctx, operation, function, attributes)
	if c == nil {
		return ctx, nil
	}
	return ctx, c.end
}

// SpanRequestError is woven into functions with a request and an error.
func SpanRequestError(r *http.Request, operation, function string, attributes []any) (*http.Request, func(error), func()) {
	r, c := beginRequest(r, operation, function, attributes)
	if c == nil {
		return r, nil, nil
	}
	return r, c.exit, c.end
}

// SpanRequest is woven into functions with a request and without an error.
func SpanRequest(r *http.Request, operation, function string, attributes []any) (*http.Request, func()) {
	r, c := beginRequest(r, operation, function, attributes)
	if c == nil {
		return r, nil
	}
	return r, c.end
}

// SpanError is woven into functions with an error and without a context.
func SpanError(operation, function string, attributes []any) (func(error), func()) {
	_, c := begin(context.Background(), operation, function, attributes)
	if c == nil {
		return nil, nil
	}
	return c.exit, c.end
}

// Span is woven into all other functions.
func Span(operation, function string, attributes []any) func() {
	_, c := begin(context.Background(), operation, function, attributes)
	if c == nil {
		return nil
	}
	return c.end
}

func (c *call) exit(err error) { c.err = err }

func (c *call) end() {
	if value, panicking := c.panic.Value(); panicking {
		c.op.Panicked(value)
		c.op.End(nil)
		return
	}
	c.op.End(c.err)
}

// kinds are the values of span.kind.
var kinds = map[string]trace.SpanKind{
	"internal": hook.Internal, "server": hook.Server, "client": hook.Client, "producer": hook.Producer, "consumer": hook.Consumer,
}

// begin starts a span; no call is given back for one that need not end.
func begin(ctx context.Context, operation, function string, attributes []any) (context.Context, *call) {
	if gate.Closed() {
		return ctx, nil
	}
	kind := hook.Internal
	for i := 0; i+1 < len(attributes); i += 2 {
		if text, ok := attributes[i+1].(string); ok && attributes[i] == "span.kind" {
			kind = max(kind, kinds[text])
		}
	}
	panics := hook.PanicMark()
	ctx, op, late := instrumentation.StartBare(ctx, kind, operation, func() []attribute.KeyValue { return keyValues(function, attributes) })
	if !op.Recording() && !op.Active() {
		return ctx, nil
	}
	if late && op.Recording() {
		op.Set(keyValues(function, attributes)...)
	}
	return ctx, &call{op: op, panic: panics}
}

func beginRequest(r *http.Request, operation, function string, attributes []any) (*http.Request, *call) {
	if gate.Closed() {
		return r, nil
	}
	if r == nil {
		_, c := begin(context.Background(), operation, function, attributes)
		return nil, c
	}
	ctx, c := begin(r.Context(), operation, function, attributes)
	if ctx != r.Context() {
		r = r.WithContext(ctx)
	}
	return r, c
}

// keyValues are the attributes of a span: the function, and what its directive says, keys and values in turn.
func keyValues(function string, attributes []any) []attribute.KeyValue {
	all := make([]attribute.KeyValue, 0, 1+len(attributes)/2)
	all = append(all, attribute.String("code.function.name", function))
	for i := 0; i+1 < len(attributes); i += 2 {
		if key, ok := attributes[i].(string); ok {
			all = append(all, keyValue(key, attributes[i+1]))
		}
	}
	return all
}

func keyValue(key string, value any) attribute.KeyValue {
	switch v := value.(type) {
	case nil:
		return attribute.String(key, "")
	case string:
		return attribute.String(key, v)
	case bool:
		return attribute.Bool(key, v)
	case int:
		return attribute.Int(key, v)
	case int8:
		return attribute.Int(key, int(v))
	case int16:
		return attribute.Int(key, int(v))
	case int32:
		return attribute.Int(key, int(v))
	case int64:
		return attribute.Int64(key, v)
	case uint8:
		return attribute.Int(key, int(v))
	case uint16:
		return attribute.Int(key, int(v))
	case uint32:
		return attribute.Int64(key, int64(v))
	case float32:
		return attribute.Float64(key, float64(v))
	case float64:
		return attribute.Float64(key, v)
	case []string:
		return attribute.StringSlice(key, v)
	case []int:
		return attribute.IntSlice(key, v)
	case []bool:
		return attribute.BoolSlice(key, v)
	case []float64:
		return attribute.Float64Slice(key, v)
	}
	// Errors and Stringers say what they are, and whatever panics in that is shown as fmt shows it.
	return attribute.String(key, fmt.Sprint(value))
}

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
	"reflect"

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
	defer instrumentation.Recover()
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
func begin(ctx context.Context, operation, function string, attributes []any) (with context.Context, c *call) {
	if gate.Closed() || !instrumentation.On() {
		return ctx, nil
	}
	with = ctx
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
	with, c = ctx, &call{op: op, panic: panics}
	if late && op.Recording() {
		// From here on the operation has an end, whatever the values do.
		defer instrumentation.Recover()
		op.Set(keyValues(function, attributes)...)
	}
	return with, c
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
	changed := true
	hook.Try(func() { changed = ctx != r.Context() }) // contexts of the program's types may not be comparable
	if changed {
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
	return attribute.String(key, show(value))
}

// show shows a value: errors and Stringers say what they are, and values that are made of numbers, texts and such alone are shown as fmt
// shows them. Of what may have no end, or be changed at the same time, as what maps and pointers lead to, the type is shown.
func show(value any) string {
	switch value.(type) {
	case error, fmt.Stringer:
		return hook.Text(value)
	}
	if v := reflect.ValueOf(value); finite(v.Type()) && (v.Kind() != reflect.Slice || v.Len() <= maxShown) {
		return hook.Text(fmt.Sprint(value))
	}
	return hook.Text(value)
}

// maxShown is how many elements of a slice are shown at most.
const maxShown = 256

// finite reports whether values of a type end, and are copies.
func finite(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i).Type; f.Kind() == reflect.Slice || !finite(f) {
				return false
			}
		}
		return true
	case reflect.Array:
		return t.Len() <= maxShown && finite(t.Elem())
	case reflect.Slice:
		return t.Elem().Kind() != reflect.Slice && finite(t.Elem())
	case reflect.Bool, reflect.String, reflect.Complex64, reflect.Complex128:
		return true
	}
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64
}

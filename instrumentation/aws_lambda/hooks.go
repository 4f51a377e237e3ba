// Package aws_lambda has the hooks for github.com/aws/aws-lambda-go: a span for each invocation of a function, and faas.invoke_duration,
// faas.errors and faas.coldstarts. What waits to be sent is sent when an invocation is answered, and before the next one is asked for: the
// process may be frozen then.
//
// A span is below the context that the caller has put into its client context, as the hooks for aws-sdk-go-v2 do. It shows the function,
// and nothing of events and answers; of an error it shows the type. A handler that otellambda instruments has no spans of ours.
package aws_lambda

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// gate is before every hook.
var gate hook.Gate

// one is what all invocations are counted as: a process has one function.
type one struct{}

var (
	lib       = hook.NewAt("aws_lambda", "1.43.0")
	durations = hook.NewDuration(lib, "faas.invoke_duration", "Measures the duration of the function's logic execution.", hook.HTTPBuckets, none)
	faults    = hook.NewCounter(lib, "faas.errors", "{error}", "Number of invocation errors.", none)
	starts    = hook.NewCounter(lib, "faas.coldstarts", "{coldstart}", "Number of invocation cold starts.", none)

	byHand atomic.Bool
	warm   atomic.Bool // there was an invocation
)

func none(one) []attribute.KeyValue { return nil }

func init() { gate.Open("aws_lambda") }

// Handler is woven into what takes the program's handler.
func Handler(handler any) {
	if gate.Closed() || !lib.On() {
		return
	}
	defer lib.Recover()
	v := reflect.ValueOf(handler)
	if !v.IsValid() {
		return
	}
	name := ""
	switch t := v.Type(); t.Kind() {
	case reflect.Func:
		if f := runtime.FuncForPC(v.Pointer()); f != nil {
			name = f.Name()
		}
	case reflect.Pointer:
		name = t.Elem().PkgPath() + "."
	default:
		name = t.PkgPath() + "."
	}
	byHand.Store(strings.Contains(name, "/otellambda."))
}

// failed is the error of an invocation whose type alone is known.
var failed = errors.New("the function failed")

// Invoke is woven into what calls a handler.
func Invoke(ctx context.Context, about func(context.Context) (id, name, function string, custom map[string]string),
	failure func(answer any) (kind string, failed bool)) (with context.Context, exit func(any, any), end func()) {
	with = ctx
	if gate.Closed() || ctx == nil || !lib.On() || byHand.Load() {
		return with, nil, nil
	}
	defer lib.Recover()
	cold := warm.CompareAndSwap(false, true)
	if cold {
		starts.Add(ctx, one{}, 1)
	}
	id, named, function, custom := about(ctx)
	began := durations.Start()
	parent := ctx
	if len(custom) > 0 && !hook.Explicit(ctx).SpanContext().IsValid() {
		parent = hook.Extract(ctx, propagation.MapCarrier(custom))
	}
	attrs := func() []attribute.KeyValue { return attributes(id, function, cold) }
	within, op, late := lib.StartBare(parent, hook.Server, name(named, function), attrs)
	if late && op.Recording() {
		op.Set(attrs()...)
	}
	kind, wrong := "", false
	return within, func(_, answer any) {
			defer lib.Recover()
			kind, wrong = failure(answer)
		}, func() {
			defer lib.Recover()
			durations.Stop(within, began, one{})
			if !wrong {
				op.End(nil)
				return
			}
			faults.Add(within, one{}, 1)
			kind = hook.Cut(kind, maxKind)
			if kind == "" {
				kind = "_OTHER"
			}
			op.EndAs(failed, kind, kind)
		}
}

// maxKind bounds the type of an error, in bytes.
const maxKind = 255

// name is the function's name, which the process is told, or else is in what it is called by: arn:aws:lambda:REGION:ACCOUNT:function:NAME.
func name(named, arn string) string {
	if named != "" {
		return named
	}
	if parts := strings.SplitN(arn, ":", 8); len(parts) >= 7 && parts[6] != "" {
		return parts[6]
	}
	return "invoke"
}

// attributes describe an invocation.
func attributes(id, arn string, cold bool) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 5), attribute.Bool("faas.coldstart", cold))
	if id != "" {
		attrs = append(attrs, attribute.String("faas.invocation_id", id))
	}
	if parts := strings.SplitN(arn, ":", 8); len(parts) >= 7 {
		// What stands behind the name is a version or an alias.
		attrs = append(attrs, attribute.String("cloud.resource_id", strings.Join(parts[:7], ":")))
		if parts[4] != "" {
			attrs = append(attrs, attribute.String("cloud.account.id", parts[4]))
		}
	}
	return attrs
}

// Answered is woven into what has a handler called and sends its answer.
func Answered() (end func()) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return flush
}

// flush sends what waits.
func flush() {
	defer lib.Recover()
	sdk.Flush()
}

// Runtime is woven into what makes the client by which a process talks to its runtime.
func Runtime(give func(client any, wrap func(http.RoundTripper) http.RoundTripper)) (exit func(any)) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return func(client any) {
		defer lib.Recover()
		give(client, func(by http.RoundTripper) http.RoundTripper { return quiet{by} })
	}
}

// quiet is a transport whose requests have no spans.
type quiet struct{ by http.RoundTripper }

func (q quiet) RoundTrip(req *http.Request) (*http.Response, error) {
	by := q.by
	if by == nil {
		by = http.DefaultTransport
	}
	return by.RoundTrip(req.WithContext(hook.Suppress(req.Context())))
}

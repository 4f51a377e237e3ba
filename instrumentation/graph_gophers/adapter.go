//go:build weave_adapter

package graphql

import (
	"context"
	"fmt"

	"github.com/graph-gophers/graphql-go/errors"
)

// The hooks set this variable. weaveStart begins an operation, which is active in the goroutine until its end, or not at all, and returns
// what is told that, or nil for no span.
var weaveStart func(ctx context.Context, operation, name string, active bool) (context.Context, func(errors int, text string))

// weaveCall is what a context knows of its operation.
type weaveCall struct{}

// weaveByHand reports whether a schema's tracer makes spans by OpenTelemetry.
func weaveByHand(s *Schema) bool { return fmt.Sprintf("%T", s.tracer) == "*otel.Tracer" }

// weaveBegin begins an operation.
func weaveBegin(ctx context.Context, s *Schema, operation, name string) (context.Context, func([]*errors.QueryError)) {
	if weaveStart == nil || weaveByHand(s) {
		return ctx, weaveNothing
	}
	with, over := weaveStart(ctx, operation, name, true)
	if over == nil {
		return ctx, weaveNothing
	}
	return with, func(errs []*errors.QueryError) { weaveOver(over, errs) }
}

// weaveNothing is told the end of what has no span.
func weaveNothing([]*errors.QueryError) {}

// weaveOver tells the end of an operation.
func weaveOver(over func(int, string), errs []*errors.QueryError) {
	if len(errs) == 0 || errs[0] == nil {
		over(len(errs), "")
		return
	}
	over(len(errs), errs[0].Message)
}

// weaveEnter is weaveBegin where the context knows of the operation.
func weaveEnter(ctx context.Context, s *Schema, operation, name string) context.Context {
	with, over := weaveBegin(ctx, s, operation, name)
	return context.WithValue(with, weaveCall{}, over)
}

// weaveLeave ends it.
func weaveLeave(ctx context.Context, errs []*errors.QueryError) {
	if over, ok := ctx.Value(weaveCall{}).(func([]*errors.QueryError)); ok {
		over(errs)
	}
}

// weaveSubscribe begins a subscription.
func weaveSubscribe(ctx context.Context, s *Schema, name string) context.Context {
	if weaveStart == nil || weaveByHand(s) {
		return ctx
	}
	with, over := weaveStart(ctx, "subscription", name, false)
	if over == nil {
		return ctx
	}
	return context.WithValue(with, weaveCall{}, over)
}

// weaveValue returns what a context has of an operation. A context of the program may panic when it is asked.
func weaveValue(ctx context.Context) (value interface{}) {
	defer func() { _ = recover() }()
	return ctx.Value(weaveCall{})
}

// weaveUnsubscribe ends it.
func weaveUnsubscribe(ctx context.Context) {
	if over, ok := weaveValue(ctx).(func(int, string)); ok {
		over(0, "")
	}
}

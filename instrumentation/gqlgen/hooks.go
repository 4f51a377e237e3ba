// Package gqlgen has the hooks for github.com/99designs/gqlgen: a span of kind server for each operation that is executed, by the semantic
// conventions of GraphQL as of version 1.43; a subscription is one operation. Nothing is done where otelgqlgen is among the extensions.
package gqlgen

import (
	"context"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib        = hook.NewAt("gqlgen", "1.43.0")
	operations = hook.NewGraphQL(lib)
)

func init() { gate.Open("gqlgen") }

// Variables that the adapter calls.
var (
	//go:linkname ongoing github.com/99designs/gqlgen/graphql/executor.weaveCurrent
	ongoing = current
)

type callKey struct{}

// Dispatch is woven into (*Executor).DispatchOperation. The operation is active while its extensions are called; what executes it enters it.
func Dispatch(ctx context.Context, operation, name string, byHand bool) (out context.Context, leave func()) {
	out = ctx
	if gate.Closed() {
		return ctx, nil
	}
	defer lib.Recover()
	if byHand {
		return context.WithValue(ctx, callKey{}, (*hook.GraphQLCall)(nil)), nil
	}
	with, call := operations.Start(ctx, operation, name)
	if call == nil {
		return ctx, nil
	}
	return context.WithValue(with, callKey{}, call), call.Leave
}

// current returns the operation of a context.
func current(ctx context.Context) (enter func() func(), over func(int, string)) {
	if gate.Closed() {
		return nil, nil
	}
	defer lib.Recover()
	call, _ := hook.Value(ctx, callKey{}).(*hook.GraphQLCall)
	if call == nil {
		return nil, nil
	}
	return call.Enter, call.End
}

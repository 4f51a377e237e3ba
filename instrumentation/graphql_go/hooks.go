// Package graphql_go has the hooks for github.com/graphql-go/graphql: a span of kind server for each operation that is executed, by the
// semantic conventions of GraphQL as of version 1.43.
package graphql_go

import (
	"context"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib        = hook.NewAt("graphql_go", "1.43.0")
	operations = hook.NewGraphQL(lib)
)

func init() { gate.Open("graphql_go") }

// Variables that the adapter calls.
var (
	//go:linkname begin github.com/graphql-go/graphql.weaveStart
	begin = start
)

// Linked is woven into Execute. It does nothing: a program that has it has what the adapter calls.
func Linked() {}

// start begins an operation.
func start(ctx context.Context, operation, name string) (out context.Context, exit func(int, string)) {
	out = ctx
	if gate.Closed() {
		return ctx, nil
	}
	defer lib.Recover()
	with, call := operations.Start(ctx, operation, name)
	if call == nil {
		return ctx, nil
	}
	return with, call.End
}

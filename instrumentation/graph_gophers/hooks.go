// Package graph_gophers has the hooks for github.com/graph-gophers/graphql-go: a span of kind server for each operation that is executed, by the
// semantic conventions of GraphQL as of version 1.43; a subscription is one operation. Nothing is done where the schema's tracer is that of
// the library's package trace/otel.
package graph_gophers

import (
	"context"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib        = hook.NewAt("graph_gophers", "1.43.0")
	operations = hook.NewGraphQL(lib)
)

func init() { gate.Open("graph_gophers") }

// Variables that the adapter calls.
var (
	//go:linkname begin github.com/graph-gophers/graphql-go.weaveStart
	begin = start
)

// Linked is woven into (*Schema).exec and (*Schema).subscribe. It does nothing: a program that has it has what the adapter calls.
func Linked() {}

// start begins an operation, which is active in the goroutine until its end or not at all.
func start(ctx context.Context, operation, name string, active bool) (out context.Context, exit func(int, string)) {
	out = ctx
	if gate.Closed() {
		return ctx, nil
	}
	defer lib.Recover()
	with, call := operations.Start(ctx, operation, name)
	if call == nil {
		return ctx, nil
	}
	if !active {
		call.Leave()
	}
	return with, call.End
}

package hook

import (
	"context"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

// GraphQL describes operations that a GraphQL server executes, by the semantic conventions of version 1.43: a span of kind server for each,
// named by the operation's type. The document, whose values may contain secrets, and variables are not recorded; the operation's name,
// which clients choose, is an attribute. A library has one, in a package variable.
//
//	ctx, call := operations.Start(ctx, "query", "Books")
//	...
//	call.End(0, "")
type GraphQL struct{ of *Instrumentation }

// NewGraphQL returns the GraphQL of an instrumentation.
func NewGraphQL(i *Instrumentation) *GraphQL { return &GraphQL{i} }

// GraphQLCall is an operation in progress. A nil one is not an operation, and its methods do nothing.
type GraphQLCall struct {
	op    Op
	bag   baggage.Baggage
	ended atomic.Bool
}

// maxOperation bounds the name of an operation, in bytes.
const maxOperation = 256

// Start begins an operation of a type, "query", "mutation" or "subscription" in upper or lower case, with or without a name. Its parent is
// the span of ctx, or else the active span of the goroutine. It is active in the goroutine until Leave or End.
func (g *GraphQL) Start(ctx context.Context, operation, name string) (context.Context, *GraphQLCall) {
	if g == nil || !g.of.On() {
		return ctx, nil
	}
	with := ctx
	if span, known := ActiveSpan(ctx); known && (ctx == nil || !Explicit(ctx).SpanContext().IsValid()) {
		if with == nil {
			with = context.Background()
		}
		with = trace.ContextWithSpan(with, span)
	}
	var attrs []attribute.KeyValue
	switch operation = strings.ToLower(operation); operation {
	case "query", "mutation", "subscription":
		attrs = append(attrs, attribute.String("graphql.operation.type", operation))
	default:
		operation = "GraphQL Operation"
	}
	if name != "" {
		attrs = append(attrs, attribute.String("graphql.operation.name", Cut(name, maxOperation)))
	}
	with, op := g.of.Start(with, Server, operation, attrs...)
	if op.Span() == nil {
		return ctx, nil
	}
	return with, &GraphQLCall{op: op, bag: bagOf(with)}
}

// Leave makes the operation inactive in its goroutine, if it is executed later, after Enter.
func (c *GraphQLCall) Leave() {
	if c != nil {
		c.op.Leave()
	}
}

// Enter makes the operation active in the calling goroutine until the returned function is called.
func (c *GraphQLCall) Enter() (leave func()) {
	if c == nil || c.ended.Load() {
		return func() {}
	}
	return active.Activate(c.op.Span(), c.bag).Leave
}

// End ends the operation with the number of errors and the text of the first one. Only the first call of End has an effect.
func (c *GraphQLCall) End(errors int, text string) {
	if c == nil || !c.ended.CompareAndSwap(false, true) {
		return
	}
	if errors > 0 && c.op.Recording() {
		Try(func() {
			c.op.Set(attribute.String("error.type", "_OTHER"))
			c.op.span.SetStatus(codes.Error, wire.Text(redact.Text(Cut(text, maxText)), wire.MaxText))
		})
	}
	c.op.End(nil)
}

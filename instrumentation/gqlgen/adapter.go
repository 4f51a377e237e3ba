//go:build weave_adapter

package executor

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// The hooks set this variable. weaveCurrent returns, of a context that an operation goes on with, a function by which it is entered, which
// returns another that leaves it, and what is told its end; nil for no span.
var weaveCurrent func(context.Context) (enter func() func(), over func(errors int, text string))

// weaveType returns the type of an operation.
func weaveType(c *graphql.OperationContext) string {
	if c == nil || c.Operation == nil {
		return ""
	}
	return string(c.Operation.Operation)
}

// weaveName returns its name.
func weaveName(c *graphql.OperationContext) string {
	if c == nil || c.Operation == nil {
		return ""
	}
	return c.Operation.Name
}

// weaveByHand reports whether one of the program's extensions makes spans.
func weaveByHand(e *Executor) bool {
	for _, x := range e.extensions {
		if strings.HasPrefix(strings.TrimLeft(fmt.Sprintf("%T", x), "*"), "otelgqlgen.") {
			return true
		}
	}
	return false
}

// weaveResponses returns what an operation is executed by, in its span: a subscription until there is nothing more, another one until an
// answer says that it is the last.
func weaveResponses(ctx context.Context, responses graphql.ResponseHandler, operation string) graphql.ResponseHandler {
	if weaveCurrent == nil || responses == nil {
		return responses
	}
	enter, end := weaveCurrent(ctx)
	if end == nil {
		return responses
	}
	forget := context.AfterFunc(ctx, func() { end(0, "") }) // nobody asks any more
	over := func(errors int, text string) {
		forget()
		end(errors, text)
	}
	return func(ctx context.Context) *graphql.Response {
		leave := enter()
		defer leave()
		returned := false
		defer func() {
			if !returned {
				over(1, "the operation did not return")
			}
		}()
		response := responses(ctx)
		returned = true
		switch {
		case response == nil:
			over(0, "")
		case operation == "subscription" || weaveMore(response):
		case len(response.Errors) > 0 && response.Errors[0] != nil:
			over(len(response.Errors), response.Errors[0].Message)
		default:
			over(len(response.Errors), "")
		}
		return response
	}
}

// weaveMore reports whether a response is not the last one, which only newer versions say.
func weaveMore(r *graphql.Response) bool {
	next, ok := reflect.ValueOf(r).Elem().FieldByName("HasNext"), false
	if next.IsValid() {
		var more *bool
		more, ok = next.Interface().(*bool)
		ok = ok && more != nil && *more
	}
	return ok
}

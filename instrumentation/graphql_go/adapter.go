//go:build weave_adapter

package graphql

import (
	"context"

	"github.com/graphql-go/graphql/language/ast"
)

// The hooks set these variables. weaveStart begins an operation and returns what is told its end, or nil for no span.
var weaveStart func(ctx context.Context, operation, name string) (context.Context, func(errors int, text string))

// weaveBegin begins an operation. A program that has given no context finds none.
func weaveBegin(p *ExecuteParams) func(int, string) {
	if weaveStart == nil {
		return nil
	}
	operation, name := weaveOperation(p)
	ctx, over := weaveStart(p.Context, operation, name)
	if over != nil && p.Context != nil {
		p.Context = ctx
	}
	return over
}

// weaveOver ends it.
func weaveOver(over func(int, string), result *Result) {
	if over == nil {
		return
	}
	if result == nil || len(result.Errors) == 0 {
		over(0, "")
		return
	}
	over(len(result.Errors), result.Errors[0].Message)
}

// weaveOperation returns the type and the name of the operation that is to be executed; nothing where it is not one.
func weaveOperation(p *ExecuteParams) (operation, name string) {
	if p.AST == nil {
		return "", ""
	}
	found := 0
	for _, d := range p.AST.Definitions {
		o, ok := d.(*ast.OperationDefinition)
		if !ok || o == nil {
			continue
		}
		of := ""
		if o.Name != nil {
			of = o.Name.Value
		}
		if p.OperationName == "" || p.OperationName == of {
			found++
			operation, name = o.Operation, of
		}
	}
	if found != 1 {
		return "", ""
	}
	return operation, name
}

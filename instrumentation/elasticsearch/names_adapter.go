//go:build weave_adapter

package elastictransport

import (
	"context"
	"io"
	"net/http"
)

// weaveNames takes what the API says of its calls.
type weaveNames struct{}

// weaveNamed is what it says of one.
type weaveNamed struct {
	name  string
	parts []string // of the path, each behind its name
}

type weaveNamedKey struct{}

// Start is told the name of an endpoint.
func (weaveNames) Start(ctx context.Context, name string) context.Context {
	if ctx == nil {
		return nil
	}
	return context.WithValue(ctx, weaveNamedKey{}, &weaveNamed{name: name})
}

// RecordPathPart is told a part of the path.
func (weaveNames) RecordPathPart(ctx context.Context, part, value string) {
	if ctx == nil {
		return
	}
	if call, is := ctx.Value(weaveNamedKey{}).(*weaveNamed); is {
		call.parts = append(call.parts, part, value)
	}
}

func (weaveNames) Close(context.Context)                         {}
func (weaveNames) RecordError(context.Context, error)            {}
func (weaveNames) BeforeRequest(*http.Request, string)           {}
func (weaveNames) AfterRequest(*http.Request, string, string)    {}
func (weaveNames) AfterResponse(context.Context, *http.Response) {}

// RecordRequestBody leaves bodies alone.
func (weaveNames) RecordRequestBody(context.Context, string, io.Reader) io.ReadCloser { return nil }

// weaveCall returns what is known of the call that a request is of.
func weaveCall(req *http.Request) (name string, parts []string) {
	defer func() { _ = recover() }() // The context may be the program's, and panic.
	if call, is := req.Context().Value(weaveNamedKey{}).(*weaveNamed); is {
		return call.name, call.parts
	}
	return "", nil
}

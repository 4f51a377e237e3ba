//go:build weave_adapter

package twirp

import (
	"context"
	"errors"

	"github.com/twitchtv/twirp/internal/contextkeys"
)

// The hooks set these variables. weaveOff tells whether there is nothing to do ever, and weaveOn whether there is now. weaveCall is told that a call
// passes an end of a chain, and the writer for the answer in its context, which those of servers have. It returns the context that the
// call goes on with and what is told its end, or nil for no span.
var (
	weaveOff  func() bool
	weaveOn   func() bool
	weaveCall func(ctx context.Context, method string, writer, chain interface{}, first bool) (context.Context, func(err error, code func(error) string))
)

// weaveChain is the identity of a chain of interceptors.
type weaveChain struct{ _ byte }

// weaveBoth puts ours around the interceptors of a server, and behind those of a client: which of the two they are for is not known yet.
func weaveBoth(all []Interceptor) []Interceptor {
	if weaveOff == nil || weaveOff() {
		return all
	}
	chain := new(weaveChain)
	both := append(make([]Interceptor, 0, len(all)+2), chain.interceptor(true))
	return append(append(both, all...), chain.interceptor(false))
}

// interceptor is the first one of a chain or the last.
func (c *weaveChain) interceptor(first bool) Interceptor {
	return func(next Method) Method {
		return func(ctx context.Context, request interface{}) (interface{}, error) {
			if !weaveOn() {
				return next(ctx, request)
			}
			with, done := weaveCall(ctx, weaveMethod(ctx), weaveWriter(ctx), c, first)
			if done == nil {
				return next(with, request)
			}
			defer done(nil, nil)
			response, err := next(with, request)
			done(err, weaveCode)
			return response, err
		}
	}
}

// weaveWriter is what a context has the response written to; nil for none. A context may be the program's, and panic when it is asked.
func weaveWriter(ctx context.Context) (writer interface{}) {
	defer func() { _ = recover() }()
	return ctx.Value(contextkeys.ResponseWriterKey)
}

// weaveMethod is the name of a context's method.
func weaveMethod(ctx context.Context) (name string) {
	defer func() { _ = recover() }()
	method, _ := MethodName(ctx)
	service, _ := ServiceName(ctx)
	if of, ok := PackageName(ctx); ok && of != "" {
		service = of + "." + service
	}
	return service + "/" + method
}

// weaveCode returns the code of an error.
func weaveCode(err error) string {
	if err == nil {
		return ""
	}
	var of Error
	if !errors.As(err, &of) {
		return string(Internal) // what a server makes of it
	}
	if code := of.Code(); IsValidErrorCode(code) {
		return string(code)
	}
	return "_OTHER"
}

//go:build weave_adapter

package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// The hooks set these variables. weaveOn tells whether there is anything to do. weaveCall begins a call of a client and weaveServe one that a handler
// answers; each returns the context that it goes on with and what is told its end, or nil for no span. weaveInject writes the context of
// a call of a client to its headers.
var (
	weaveOn     func() bool
	weaveCall   func(ctx context.Context, procedure, address string) (context.Context, func(error, func(error) uint32))
	weaveInject func(ctx context.Context, set func(key, value string))
	weaveServe  func(ctx context.Context, procedure, peer string, get func(key string) string) (context.Context, func(error, func(error) uint32))
)

// weaveClient puts ours behind the interceptors of a client.
func weaveClient(c *clientConfig) {
	address := c.URL.Host
	if c.URL.Port() == "" {
		switch c.URL.Scheme {
		case "http":
			address = c.URL.Hostname() + ":80"
		case "https":
			address = c.URL.Hostname() + ":443"
		}
	}
	c.Interceptor = &weaveInterceptor{others: c.Interceptor, address: address, behind: true}
}

// weaveHandler puts ours before the interceptors of a handler, or behind them where one of them makes spans, unless it leaves a call out.
func weaveHandler(c *handlerConfig) {
	c.Interceptor = &weaveInterceptor{others: c.Interceptor, behind: weaveByHand(c.Interceptor)}
}

// weaveByHand reports whether an interceptor makes spans.
func weaveByHand(interceptor Interceptor) bool {
	if all, ok := interceptor.(*chain); ok {
		for _, i := range all.interceptors {
			if weaveByHand(i) {
				return true
			}
		}
	}
	return strings.HasPrefix(fmt.Sprintf("%T", interceptor), "*otelconnect.")
}

// weaveInterceptor is an interceptor of ours, with those of the program.
type weaveInterceptor struct {
	others  Interceptor // may be nil
	behind  bool        // it is behind the others
	address string      // of a client
}

func (w *weaveInterceptor) WrapUnary(next UnaryFunc) UnaryFunc {
	if w.others == nil {
		return w.unary(next)
	}
	if w.behind {
		return w.others.WrapUnary(w.unary(next))
	}
	return w.unary(w.others.WrapUnary(next))
}

func (w *weaveInterceptor) WrapStreamingClient(next StreamingClientFunc) StreamingClientFunc {
	next = w.stream(next)
	if w.others != nil {
		next = w.others.WrapStreamingClient(next)
	}
	return next
}

func (w *weaveInterceptor) WrapStreamingHandler(next StreamingHandlerFunc) StreamingHandlerFunc {
	if w.others == nil {
		return w.handler(next)
	}
	if w.behind {
		return w.others.WrapStreamingHandler(w.handler(next))
	}
	return w.handler(w.others.WrapStreamingHandler(next))
}

// unary is a call of either side with one message each way.
func (w *weaveInterceptor) unary(next UnaryFunc) UnaryFunc {
	return func(ctx context.Context, req AnyRequest) (AnyResponse, error) {
		if weaveOn == nil || !weaveOn() {
			return next(ctx, req)
		}
		spec := req.Spec()
		with, done := ctx, (func(error, func(error) uint32))(nil)
		if spec.IsClient {
			if with, done = weaveCall(ctx, spec.Procedure, w.address); done != nil {
				weaveInject(with, req.Header().Set)
			}
		} else {
			with, done = weaveServe(ctx, spec.Procedure, req.Peer().Addr, req.Header().Get)
		}
		if done == nil {
			return next(ctx, req)
		}
		defer done(nil, nil)
		res, err := next(with, req)
		done(err, weaveCode)
		return res, err
	}
}

// handler is a stream that a handler answers.
func (w *weaveInterceptor) handler(next StreamingHandlerFunc) StreamingHandlerFunc {
	return func(ctx context.Context, conn StreamingHandlerConn) error {
		if weaveOn == nil || !weaveOn() {
			return next(ctx, conn)
		}
		with, done := weaveServe(ctx, conn.Spec().Procedure, conn.Peer().Addr, conn.RequestHeader().Get)
		if done == nil {
			return next(ctx, conn)
		}
		defer done(nil, nil)
		err := next(with, conn)
		done(err, weaveCode)
		return err
	}
}

// stream is a stream of a client.
func (w *weaveInterceptor) stream(next StreamingClientFunc) StreamingClientFunc {
	return func(ctx context.Context, spec Spec) StreamingClientConn {
		if weaveOn == nil || !weaveOn() {
			return next(ctx, spec)
		}
		with, done := weaveCall(ctx, spec.Procedure, w.address)
		if done == nil {
			return next(ctx, spec)
		}
		s := &weaveStream{StreamingClientConn: next(with, spec), done: done}
		weaveInject(with, s.RequestHeader().Set)
		s.forget = context.AfterFunc(ctx, func() { s.end(ctx.Err()) })
		return s
	}
}

// weaveStream is a stream of a client, which ends as its answers do, or when it is closed or its context is done.
type weaveStream struct {
	StreamingClientConn
	done   func(error, func(error) uint32)
	forget func() bool
	mu     sync.Mutex
	sent   error // why the last message was not sent
}

func (s *weaveStream) Send(message any) error {
	err := s.StreamingClientConn.Send(message)
	if err != nil && !errors.Is(err, io.EOF) {
		s.mu.Lock()
		s.sent = err
		s.mu.Unlock()
	}
	return err
}

func (s *weaveStream) Receive(message any) error {
	err := s.StreamingClientConn.Receive(message)
	if err != nil {
		s.forget()
		s.end(err)
	}
	return err
}

func (s *weaveStream) CloseResponse() error {
	err := s.StreamingClientConn.CloseResponse()
	s.forget()
	s.end(err)
	return err
}

// end ends it with what it failed by first.
func (s *weaveStream) end(err error) {
	s.mu.Lock()
	sent := s.sent
	s.mu.Unlock()
	if sent != nil && (err == nil || errors.Is(err, io.EOF)) {
		err = sent
	}
	s.done(err, weaveCode)
}

// weaveCode returns the code of an error; 0 for none, as the end of a stream is, and an answer that nothing has changed.
func weaveCode(err error) uint32 {
	if err == nil || errors.Is(err, io.EOF) || IsNotModifiedError(err) {
		return 0
	}
	if e, ok := asError(wrapIfContextError(err)); ok {
		return uint32(e.Code())
	}
	return uint32(CodeUnknown)
}

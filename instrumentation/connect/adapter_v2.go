//go:build weave_adapter

package connect

import (
	"context"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"sync"
)

// The hooks set these variables. weaveOn tells whether there is anything to do. weaveCall begins a call of a client and weaveServe one that a server
// answers; each returns the context that it goes on with and what is told its end, or nil for no span. weaveInject writes the context of
// a call of a client to its headers, and weaveAt is told its server.
var (
	weaveOn     func() bool
	weaveCall   func(ctx context.Context, procedure, address string) (context.Context, func(error, func(error) uint32))
	weaveInject func(ctx context.Context, set func(key, value string))
	weaveAt     func(ctx context.Context, address string)
	weaveServe  func(ctx context.Context, procedure, peer string, get func(key string) string) (context.Context, func(error, func(error) uint32))
)

// weaveClient is what the interceptors of a client end in.
func weaveClient(next ClientFunc) ClientFunc {
	return func(ctx context.Context, spec Spec) (ClientStream, error) {
		if weaveOn == nil || !weaveOn() {
			return next(ctx, spec)
		}
		with, done := weaveCall(ctx, spec.Procedure, "")
		if done == nil {
			return next(ctx, spec)
		}
		returned := false
		defer func() {
			if !returned {
				done(nil, nil)
			}
		}()
		info, known := CallInfoForClientContext(with)
		if known {
			weaveInject(with, info.RequestHeader().Set)
		}
		stream, err := next(with, spec)
		returned = true
		if known {
			weaveAt(with, info.PeerAddr)
		}
		if err != nil {
			done(err, weaveCode)
			return stream, err
		}
		s := &weaveStream{ClientStream: stream, done: done}
		s.forget = context.AfterFunc(ctx, func() { s.end(ctx.Err()) })
		return s, nil
	}
}

// weaveByHand reports whether an interceptor makes spans.
func weaveByHand(interceptors []ServerInterceptor) bool {
	for _, i := range interceptors {
		if f := runtime.FuncForPC(reflect.ValueOf(i).Pointer()); f != nil && strings.HasPrefix(f.Name(), "connectrpc.com/otelconnect.") {
			return true
		}
	}
	return false
}

// weaveHandler is what a server answers a method by, its interceptors included.
func weaveHandler(next ServerFunc) ServerFunc {
	return func(ctx context.Context, spec Spec, stream ServerStream) error {
		if weaveOn == nil || !weaveOn() {
			return next(ctx, spec, stream)
		}
		peer, get := "", func(string) string { return "" }
		if info, ok := CallInfoForServerContext(ctx); ok {
			peer, get = info.PeerAddr, info.RequestHeader().Get
		}
		with, done := weaveServe(ctx, spec.Procedure, peer, get)
		if done == nil {
			return next(ctx, spec, stream)
		}
		defer done(nil, nil)
		err := next(with, spec, stream)
		done(err, weaveCode)
		return err
	}
}

// weaveStream is a call of a client, which ends as its answers do, or when it is closed or its context is done.
type weaveStream struct {
	ClientStream
	done   func(error, func(error) uint32)
	forget func() bool
	mu     sync.Mutex
	sent   error // why the last message was not sent
}

func (s *weaveStream) Send(message any) error {
	err := s.ClientStream.Send(message)
	if err != nil && !errors.Is(err, io.EOF) {
		s.mu.Lock()
		s.sent = err
		s.mu.Unlock()
	}
	return err
}

func (s *weaveStream) Receive(message any) error {
	err := s.ClientStream.Receive(message)
	if err != nil {
		s.forget()
		s.end(err)
	}
	return err
}

func (s *weaveStream) Close() error {
	err := s.ClientStream.Close()
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

// weaveCode returns the code of an error; 0 for none, as the end of a stream is.
func weaveCode(err error) uint32 {
	if err == nil || errors.Is(err, io.EOF) {
		return 0
	}
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		return uint32(e.Code())
	}
	switch {
	case errors.Is(err, context.Canceled):
		return uint32(CodeCanceled)
	case errors.Is(err, context.DeadlineExceeded):
		return uint32(CodeDeadlineExceeded)
	}
	return uint32(CodeUnknown)
}

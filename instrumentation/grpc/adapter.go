//go:build weave_adapter

package grpc

import (
	"context"
	"io"
	"net"
	"reflect"
	"strings"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// weaveCode returns the code of the status that a call ends with; the end of a stream is not an error.
func weaveCode(err error) uint32 {
	if err == nil || err == io.EOF {
		return 0
	}
	if s, ok := status.FromError(err); ok {
		return uint32(s.Code())
	}
	return uint32(status.FromContextError(err).Code())
}

// weaveOutgoing returns what a call's metadata has of a key.
func weaveOutgoing(ctx context.Context, key string) []string {
	md, ok := metadata.FromOutgoingContext(ctx)
	if !ok {
		return nil
	}
	return md.Get(key)
}

// weaveAdd adds keys and values to a call's metadata. What a proxy passes on of its own caller's makes way: a key with two values is none.
func weaveAdd(ctx context.Context, pairs ...string) context.Context {
	if md, ok := metadata.FromOutgoingContext(ctx); ok {
		for i := 0; i < len(pairs); i += 2 {
			if len(md.Get(pairs[i])) == 0 {
				continue
			}
			for j := 0; j < len(pairs); j += 2 {
				md.Set(pairs[j], pairs[j+1])
			}
			return metadata.NewOutgoingContext(ctx, md)
		}
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}

// weavePeer returns where a call comes from.
func weavePeer(ctx context.Context) net.Addr {
	if p, ok := peer.FromContext(ctx); ok {
		return p.Addr
	}
	return nil
}

// weaveAnswerUnknown is the hook. The linker prefers its data to this.
var weaveAnswerUnknown func(ctx context.Context, method string, get func(context.Context, string) []string, peer net.Addr, byHand bool)

// weaveUnknown tells a call of a method that a server does not have.
func weaveUnknown(ctx context.Context, method string, s *Server) {
	if weaveAnswerUnknown != nil {
		weaveAnswerUnknown(ctx, method, metadata.ValueFromIncomingContext, weavePeer(ctx), weaveByHandServer(s))
	}
}

// weaveByHandClient reports whether the program has instrumented the connection.
func weaveByHandClient(cc *ClientConn) bool {
	for _, h := range cc.dopts.copts.StatsHandlers {
		if weaveByHand(h) {
			return true
		}
	}
	return false
}

// weaveByHandServer reports whether the program has instrumented the server.
func weaveByHandServer(s *Server) bool {
	for _, h := range s.opts.statsHandlers {
		if weaveByHand(h) {
			return true
		}
	}
	return false
}

// weaveByHand reports whether a handler is one that makes spans.
func weaveByHand(handler interface{}) bool {
	t := reflect.TypeOf(handler)
	if t != nil && t.Kind() == reflect.Ptr {
		t = t.Elem()
	}
	return t != nil && strings.HasSuffix(t.PkgPath(), "/otelgrpc")
}

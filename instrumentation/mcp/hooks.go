// Package mcp has the hooks for github.com/modelcontextprotocol/go-sdk: a span for each request and notification, on both sides, and their
// durations; see hook.MCP.
package mcp

import (
	"context"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("mcp", "1.43.0")
	protocol = hook.NewMCP(lib)
)

func init() { gate.Open("mcp") }

// What the woven package calls around messages.
var (
	//go:linkname send github.com/modelcontextprotocol/go-sdk/mcp.weaveSend
	send = Send
	//go:linkname serve github.com/modelcontextprotocol/go-sdk/mcp.weaveServe
	serve = Serve
)

// Send is called before a message is sent. get reads its metadata: one that has the active span's context is one that the program has a
// span for.
func Send(ctx context.Context, method, name, resource, session, transport, endpoint string, get func(key string) string) (
	with context.Context, inject func(set func(key, value string)), end func(code string, tool bool, err error), late func()) {
	with = ctx
	if gate.Closed() || ctx == nil || !lib.On() {
		return ctx, nil, nil, nil
	}
	defer lib.Recover()
	if hook.Carried(ctx, get) {
		return ctx, nil, nil, nil
	}
	mark := hook.PanicMark()
	in, call := protocol.Send(ctx, hook.MCPMessage{Method: method, Name: name, Known: true, Resource: resource, Session: session, Transport: transport, Endpoint: endpoint})
	if call == nil {
		return ctx, nil, nil, nil
	}
	return in, call.Inject, call.End, func() { call.EndPanicking(mark) }
}

// Serve is called before a message is worked on. known tells whether the server has what name names, get reads the metadata, and header those
// of the request of HTTP that has brought it, if one has.
func Serve(ctx context.Context, method, name string, known bool, resource, id, session, transport string, get, header func(key string) string) (
	with context.Context, end func(code string, tool bool, err error), late func()) {
	with = ctx
	if gate.Closed() || ctx == nil || !lib.On() {
		return ctx, nil, nil
	}
	defer lib.Recover()
	mark := hook.PanicMark()
	in, call := protocol.Serve(ctx, hook.MCPMessage{Method: method, Name: name, Known: known, Resource: resource, ID: id, Session: session, Transport: transport}, get, header)
	if call == nil {
		return ctx, nil, nil
	}
	return in, call.End, func() { call.EndPanicking(mark) }
}

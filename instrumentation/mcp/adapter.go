//go:build weave_adapter

package mcp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"

	"github.com/modelcontextprotocol/go-sdk/internal/jsonrpc2"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// What hooks are called by, around a message that is sent, and one that is worked on. A nil end is that of a message which nothing is made of;
// late is to be called in any case.
var (
	weaveSend func(ctx context.Context, method, name, resource, session, transport, endpoint string, get func(key string) string) (
		with context.Context, inject func(set func(key, value string)), end func(code string, tool bool, err error), late func())
	weaveServe func(ctx context.Context, method, name string, known bool, resource, id, session, transport string, get, header func(key string) string) (
		with context.Context, end func(code string, tool bool, err error), late func())
)

// weaveSending puts the hook around what sends messages.
func weaveSending(next MethodHandler) MethodHandler {
	if weaveSend == nil || next == nil {
		return next
	}
	return func(ctx context.Context, method string, req Request) (Result, error) {
		name, resource := weaveTarget(req.GetParams())
		session, transport, endpoint := weaveSession(req.GetSession())
		with, inject, end, late := weaveSend(ctx, method, name, resource, session, transport, endpoint, weaveMeta(req.GetParams()))
		if end == nil {
			return next(ctx, method, req)
		}
		defer late()
		pairs := map[string]any{}
		inject(func(key, value string) { pairs[key] = value })
		if len(pairs) > 0 {
			req = weaveWith(req, method, pairs)
		}
		result, err := next(with, method, req)
		code, tool := weaveOutcome(result, err)
		end(code, tool, err)
		return result, err
	}
}

// weaveServing puts the hook around what works on messages.
func weaveServing(next MethodHandler) MethodHandler {
	if weaveServe == nil || next == nil {
		return next
	}
	return func(ctx context.Context, method string, req Request) (Result, error) {
		name, resource := weaveTarget(req.GetParams())
		session, transport, _ := weaveSession(req.GetSession())
		var header func(string) string
		if extra := req.GetExtra(); extra != nil && extra.Header != nil {
			header, transport = extra.Header.Get, "tcp"
		}
		id := ""
		if sent, ok := ctx.Value(idContextKey{}).(jsonrpc.ID); ok && sent.IsValid() {
			id = fmt.Sprint(sent.Raw())
		}
		with, end, late := weaveServe(ctx, method, name, weaveKnows(req.GetSession(), method, name), resource, id, session, transport, weaveMeta(req.GetParams()), header)
		if end == nil {
			return next(ctx, method, req)
		}
		defer late()
		result, err := next(with, method, req)
		code, tool := weaveOutcome(result, err)
		end(code, tool, err)
		return result, err
	}
}

// weaveTarget returns the name of the tool or prompt that a message is for, or the URI of the resource.
func weaveTarget(params Params) (name, resource string) {
	switch p := params.(type) {
	case *CallToolParams:
		if p != nil {
			return p.Name, ""
		}
	case *CallToolParamsRaw:
		if p != nil {
			return p.Name, ""
		}
	case *GetPromptParams:
		if p != nil {
			return p.Name, ""
		}
	case *ReadResourceParams:
		if p != nil {
			return "", p.URI
		}
	case *SubscribeParams:
		if p != nil {
			return "", p.URI
		}
	case *UnsubscribeParams:
		if p != nil {
			return "", p.URI
		}
	case *ResourceUpdatedNotificationParams:
		if p != nil {
			return "", p.URI
		}
	}
	return "", ""
}

// weaveKnows reports whether a server has the tool or the prompt.
func weaveKnows(session Session, method, name string) (known bool) {
	ss, ok := session.(*ServerSession)
	if !ok || ss == nil || ss.server == nil || name == "" {
		return false
	}
	ss.server.mu.Lock()
	defer ss.server.mu.Unlock()
	switch method {
	case "tools/call":
		_, known = ss.server.tools.get(name)
	case "prompts/get":
		_, known = ss.server.prompts.get(name)
	}
	return known
}

// weaveSession returns what is known of a session.
func weaveSession(session Session) (id, transport, endpoint string) {
	var conn Connection
	switch s := session.(type) {
	case *ClientSession:
		if s == nil {
			return
		}
		conn, id = s.mcpConn, s.ID()
	case *ServerSession:
		if s == nil {
			return
		}
		conn, id = s.mcpConn, s.ID()
	}
	switch c := conn.(type) {
	case *streamableClientConn:
		return id, "tcp", c.url
	case *sseClientConn:
		if c.msgEndpoint != nil {
			endpoint = c.msgEndpoint.String()
		}
		return id, "tcp", endpoint
	case *streamableServerConn, *sseServerConn:
		return id, "tcp", ""
	case *ioConn:
		return id, "pipe", ""
	}
	return id, "", ""
}

// weaveMeta returns what finds a text in the metadata of a message.
func weaveMeta(params Params) func(string) string {
	return func(key string) string {
		if v := reflect.ValueOf(params); v.Kind() != reflect.Pointer || v.IsNil() {
			return ""
		}
		text, _ := params.GetMeta()[key].(string)
		return text
	}
}

// weaveWith returns a copy of a request with more metadata: the parameters are the program's. One of a shape that is not known is
// returned as it is.
func weaveWith(req Request, method string, more map[string]any) (out Request) {
	out = req
	defer func() {
		if recover() != nil {
			out = req
		}
	}()
	copied := reflect.New(reflect.TypeOf(req).Elem())
	copied.Elem().Set(reflect.ValueOf(req).Elem())
	given := reflect.ValueOf(req.GetParams())
	if !given.IsValid() || given.IsNil() {
		// There are none: as those that have nothing.
		none, err := req.GetSession().sendingMethodInfos()[method].unmarshalParams([]byte("{}"))
		if err != nil {
			return req
		}
		given = reflect.ValueOf(none)
	}
	params := reflect.New(given.Type().Elem())
	params.Elem().Set(given.Elem())
	meta := map[string]any{}
	maps.Copy(meta, params.Interface().(Params).GetMeta())
	maps.Copy(meta, more)
	params.Interface().(Params).SetMeta(meta)
	copied.Elem().FieldByName("Params").Set(params)
	return copied.Interface().(Request)
}

// weaveOutcome returns the code of an error of JSON-RPC, and whether a tool has failed and says so.
func weaveOutcome(result Result, err error) (code string, tool bool) {
	defer func() { recover() }() // methods of an error may be the program's
	var wire *jsonrpc2.WireError
	if err != nil && errors.As(err, &wire) && wire != nil && wire.Code != 0 {
		return strconv.FormatInt(wire.Code, 10), false
	}
	if r, ok := result.(*CallToolResult); ok && r != nil {
		tool = r.IsError
	}
	return "", tool
}

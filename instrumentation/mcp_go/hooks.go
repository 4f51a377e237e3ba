// Package mcp_go has the hooks for github.com/mark3labs/mcp-go: a span for each request that a client sends, and each request and
// notification that a server works on, and their durations; see hook.MCP.
package mcp_go

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("mcp_go", "1.43.0")
	protocol = hook.NewMCP(lib)
)

func init() { gate.Open("mcp_go") }

// traced reports whether a client or a server has a tracer of the program's: its spans are the only ones.
func traced(of any) bool {
	v := reflect.Indirect(reflect.ValueOf(of))
	if v.Kind() != reflect.Struct {
		return false
	}
	// Older versions have none.
	f := v.FieldByName("tracer")
	return f.IsValid() && f.Kind() == reflect.Interface && !f.IsNil() && !strings.Contains(f.Elem().Type().String(), "tracing.noop")
}

// params is what is of interest of a message's parameters.
type params struct {
	Name string                     `json:"name"`
	URI  string                     `json:"uri"`
	Meta map[string]json.RawMessage `json:"_meta"`
}

// get reads metadata.
func (p params) get(key string) (text string) {
	_ = json.Unmarshal(p.Meta[key], &text)
	return text
}

// Send is woven into (*Client).sendRequest. The parameters are sent as JSON with more metadata.
func Send(ctx context.Context, client any, method string, given any, transport func() (network, session string), code func(error) string) (with context.Context, sent any, exit func(*json.RawMessage, error), end func()) {
	with, sent = ctx, given
	if gate.Closed() || ctx == nil || !lib.On() {
		return ctx, given, nil, nil
	}
	defer lib.Recover()
	if traced(client) {
		return ctx, given, nil, nil
	}
	fields, about := map[string]json.RawMessage{}, params{}
	whole := true
	if given != nil {
		text, err := json.Marshal(given)
		whole = err == nil && json.Unmarshal(text, &fields) == nil && fields != nil
		_ = json.Unmarshal(text, &about)
	}
	if hook.Carried(ctx, about.get) {
		return ctx, given, nil, nil
	}
	message := hook.MCPMessage{Method: method, Name: about.Name, Known: true, Resource: about.URI}
	message.Transport, message.Session = transport()
	mark := hook.PanicMark()
	in, call := protocol.Send(ctx, message)
	if call == nil {
		return ctx, given, nil, nil
	}
	if whole {
		meta := about.Meta
		if meta == nil {
			meta = map[string]json.RawMessage{}
		}
		n := len(meta)
		call.Inject(func(key, value string) { meta[key], _ = json.Marshal(value) })
		if text, err := json.Marshal(meta); err == nil && len(meta) > n {
			fields["_meta"] = text
			sent = fields
		}
	}
	exit = func(result *json.RawMessage, err error) {
		defer lib.Recover()
		if err != nil {
			call.End(code(err), false, err)
			return
		}
		var said struct{ IsError bool }
		if method == "tools/call" && result != nil {
			_ = json.Unmarshal(*result, &said)
		}
		call.End("", said.IsError, nil)
	}
	return in, sent, exit, func() { call.EndPanicking(mark) }
}

// ofProtocol reports whether the protocol has a method; a client may make up any number of others.
func ofProtocol(method string) bool {
	switch method {
	case "initialize", "ping", "tools/list", "tools/call", "prompts/list", "prompts/get", "resources/list", "resources/read",
		"resources/templates/list", "resources/subscribe", "resources/unsubscribe", "logging/setLevel", "completion/complete", "roots/list",
		"sampling/createMessage", "elicitation/create", "tasks/get", "tasks/list", "tasks/result", "tasks/cancel", "server/discover",
		"subscriptions/listen", "notifications/initialized", "notifications/cancelled", "notifications/progress", "notifications/message",
		"notifications/roots/list_changed", "notifications/tools/list_changed", "notifications/prompts/list_changed",
		"notifications/resources/list_changed", "notifications/resources/updated", "notifications/tasks/status",
		"notifications/elicitation/complete":
		return true
	}
	return false
}

// Handle is woven into (*MCPServer).HandleMessage.
func Handle(ctx context.Context, server any, message json.RawMessage, session func() (id string, web bool), knows func(ctx context.Context, method, name string) bool,
	outcome func(response any) (code, text string, tool bool)) (with context.Context, exit func(any), end func()) {
	with = ctx
	if gate.Closed() || ctx == nil || !lib.On() {
		return ctx, nil, nil
	}
	defer lib.Recover()
	var read struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params params          `json:"params"`
	}
	_ = json.Unmarshal(message, &read)
	// What has no method answers a request of the server's.
	if read.Method == "" || traced(server) {
		return ctx, nil, nil
	}
	about := hook.MCPMessage{Method: read.Method, Name: read.Params.Name, Resource: read.Params.URI}
	if !ofProtocol(read.Method) {
		about.Method = "_OTHER"
	}
	var id any
	if json.Unmarshal(read.ID, &id) == nil && id != nil {
		about.ID = fmt.Sprint(id)
	}
	hook.Try(func() { about.Known = about.Name != "" && knows(ctx, read.Method, about.Name) })
	hook.Try(func() {
		web := false
		if about.Session, web = session(); web {
			about.Transport = "tcp"
		}
	})
	mark := hook.PanicMark()
	in, call := protocol.Serve(ctx, about, read.Params.get, nil)
	if call == nil {
		return ctx, nil, nil
	}
	return in, func(response any) {
		defer lib.Recover()
		code, text, tool := outcome(response)
		if code == "" {
			call.End("", tool, nil)
			return
		}
		call.End(code, false, errors.New(text))
	}, func() { call.EndPanicking(mark) }
}

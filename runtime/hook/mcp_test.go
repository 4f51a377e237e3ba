package hook_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// TestMCP: what a peer sends names a span only where the receiver has it, the parent is what the metadata has, and HTTP's span is linked.
func TestMCP(t *testing.T) {
	spans := record(t)
	protocol := hook.NewMCP(hook.NewAt("example.com/mcp", "1.43.0"))
	at := func(meta map[string]string) func(string) string { return func(key string) string { return meta[key] } }
	long := strings.Repeat("x", 1<<20)
	sent := map[string]string{}
	within, call := protocol.Send(context.Background(), hook.MCPMessage{Method: "tools/call", Name: "weather", Known: true, Transport: "tcp", Endpoint: "https://user:secret@example.com/mcp"})
	call.Inject(func(key, value string) { sent[key] = value })
	call.End("-32602", false, errors.New("no such tool"))
	call.End("", false, nil)

	header := map[string]string{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
	other := trace.ContextWithRemoteSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: [16]byte{1}, SpanID: [8]byte{1}, TraceFlags: 1}))
	for _, c := range []struct {
		about         hook.MCPMessage
		get, header   func(string) string
		tool          bool
		name, failed  string
		parent, links string
	}{
		{hook.MCPMessage{Method: "tools/call", Name: "weather", Known: true}, at(sent), at(header), true, "tools/call weather", "tool_error", sent["traceparent"], "b7ad6b7169203331"},
		{hook.MCPMessage{Method: "tools/call", Name: long}, at(nil), at(header), false, "tools/call", "", header["traceparent"], ""},
		{hook.MCPMessage{Method: "prompts/get", Name: "\xff" + long, Known: true}, at(nil), at(nil), false, "prompts/get \uFFFD" + long[:127], "", "", ""},
		{hook.MCPMessage{Method: "resources/read", Resource: "https://user:secret@example.com/a"}, at(map[string]string{"traceparent": long}), nil, false, "resources/read", "", "0100000000000000", ""},
		{hook.MCPMessage{Method: "ping"}, func(string) string { panic("metadata") }, func(string) string { panic("header") }, false, "ping", "", "", ""},
	} {
		_, call := protocol.Serve(other, c.about, c.get, c.header)
		call.End("", c.tool, nil)
		all := spans.Ended()
		s := all[len(all)-1]
		parent := ""
		if s.Parent().IsValid() {
			parent = s.Parent().SpanID().String()
		}
		links := ""
		for _, l := range s.Links() {
			links += l.SpanContext.SpanID().String()
		}
		a := attributesOf(s)
		if s.Name() != c.name || a["error.type"] != c.failed || !strings.Contains(c.parent, parent) || (parent == "") != (c.parent == "") || links != c.links {
			t.Errorf("%.200q: parent %q, links %q, failed %q", s.Name(), parent, links, a["error.type"])
		}
		for key, value := range a {
			if strings.Contains(value, "secret") || len(value) > 4<<10 {
				t.Errorf("%s is %.100q", key, value)
			}
		}
	}
	first := attributesOf(spans.Ended()[0])
	if first["rpc.response.status_code"] != "-32602" || first["error.type"] != "-32602" || first["server.address"] != "example.com" || first["server.port"] != "443" {
		t.Errorf("%v", first)
	}

	// In one process the sender's span is the one around.
	_, call = protocol.Serve(within, hook.MCPMessage{Method: "ping"}, at(sent), nil)
	call.End("", false, nil)
	if all := spans.Ended(); len(all[len(all)-1].Links()) != 0 {
		t.Error("a span that is linked to its parent")
	}

	// A handler that panics, and one that ends its goroutine.
	before := len(spans.Ended())
	func() {
		defer func() { recover() }()
		mark := hook.PanicMark()
		_, call := protocol.Serve(context.Background(), hook.MCPMessage{Method: "ping"}, nil, nil)
		defer call.EndPanicking(mark)
		panic("handler")
	}()
	if n := len(spans.Ended()) - before; n != 1 {
		t.Errorf("%d spans", n)
	}
	var none *hook.MCPCall
	none.Inject(nil)
	none.End("", true, nil)
	none.EndPanicking(hook.PanicMark())
	if ctx, call := protocol.Send(nil, hook.MCPMessage{}); ctx != nil || call != nil {
		t.Error("a message without a context")
	}
}

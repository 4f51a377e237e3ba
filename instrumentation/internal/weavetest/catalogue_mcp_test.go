package weavetest

import (
	"strings"
	"testing"
)

func init() {
	both := func(name, sent, served string) string {
		of := func(failed string) string {
			if failed != "" {
				failed = " error " + failed
			}
			return failed + "\n"
		}
		return name + " (client)" + of(sent) + "  " + name + " (server)" + of(served)
	}
	unknown := func(name string) string {
		return "tools/call " + name + " (client) error -32602\n  tools/call (server) error -32602\n"
	}
	weather := both("tools/list", "", "") + strings.Repeat(both("tools/call weather", "", ""), 2) + both("tools/call broken", "tool_error", "tool_error")
	unknowns := unknown("nosuch") + unknown("\uFFFD"+strings.Repeat("x", 127))
	// What tells that a request is given up is sent past all handlers.
	rest := "notifications/cancelled (server)\n" + both("prompts/get greet", "", "") + both("resources/read", "", "") + both("ping", "", "")
	durations := map[string]uint64{"mcp.client.operation.duration": 0, "mcp.server.operation.duration": 0}
	catalogue["mcp"] = library{programs: []use{
		{name: "pipe", metrics: durations,
			tree: both("server/discover", "", "") + weather + both("tools/call asks", "tool_error", "tool_error") + unknowns +
				both("tools/call slow", "context.deadlineExceededError", "tool_error") + rest,
			oldest: both("initialize", "", "") + both("notifications/initialized", "", "") + weather + both("tools/call asks", "", "") +
				"    roots/list (client)\n      roots/list (server)\n" + unknowns + both("tools/call slow", "*errors.joinError", "tool_error") + rest},
		{name: "http", metrics: durations, bounded: 24, check: servedBelowSent},
		{name: "pipe", env: []string{"OTEL_INSTRUMENTATION_MCP_ENABLED=false"}},
	}}
}

// servedBelowSent checks that what servers do hangs below what has sent the message, whatever requests of HTTP have brought it, and is
// linked to that of HTTP.
func servedBelowSent(t *testing.T, spans []Span) {
	of := map[string]Span{}
	for _, s := range spans {
		of[s.ID] = s
	}
	served := 0
	for _, s := range spans {
		method := s.Attribute("mcp.method.name")
		if s.Kind.String() != "SPAN_KIND_SERVER" || method == "" || method == "notifications/cancelled" {
			continue
		}
		served++
		if sender := of[s.Parent]; sender.Span == nil || sender.Attribute("mcp.method.name") != method || sender.Trace != s.Trace {
			t.Errorf("%v is not below what has sent it", s)
		}
		if method == "roots/list" {
			continue // answered by the client
		}
		if len(s.Links) != 1 || s.Attribute("network.transport") != "tcp" || s.Attribute("jsonrpc.request.id") == "" && !strings.HasPrefix(method, "notifications/") {
			t.Errorf("%v does not tell of HTTP", s)
		}
	}
	if served < 8 {
		t.Errorf("%d messages are served", served)
	}
}

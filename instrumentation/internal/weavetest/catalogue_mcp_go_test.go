package weavetest

import "strings"

func init() {
	tree := func(web bool) string {
		var b strings.Builder
		call := func(sent, served, failed string) {
			if failed != "" {
				failed = " error " + failed
			}
			b.WriteString(sent + " (client)" + failed + "\n")
			if web {
				b.WriteString("  POST (client)\n    POST (server)\n  " + served + " (server)" + failed + " after POST\n")
			} else {
				b.WriteString("  " + served + " (server)" + failed + "\n")
			}
		}
		const of = "tools/call "
		b.WriteString("_OTHER (server) error -32601\n")
		call("initialize", "initialize", "")
		if web {
			b.WriteString("POST (client)\n  POST (server)\n    ")
		}
		b.WriteString("notifications/initialized (server)\n")
		call("tools/list", "tools/list", "")
		call(of+"weather", of+"weather", "")
		call(of+"broken", of+"broken", "tool_error")
		call(of+"fails", of+"fails", "-32603")
		call(of+"panics", of+"panics", "-32603")
		call(of+"nosuch", "tools/call", "-32602")
		call(of+"\uFFFD"+strings.Repeat("x", 125), "tools/call", "-32602")
		if web {
			b.WriteString("tools/call slow (client) error *transport.Error\n  POST (client) error context.deadlineExceededError\n    POST (server)\n  tools/call slow (server) error -32603 after POST\n")
		} else {
			call(of+"slow", of+"slow", "-32603")
		}
		call("prompts/get greet", "prompts/get greet", "")
		call("resources/read", "resources/read", "")
		call("ping", "ping", "")
		if web {
			b.WriteString("DELETE (client)\n  DELETE (server)\n")
		}
		return b.String()
	}
	catalogue["mcp_go"] = library{programs: []use{
		{name: "process", tree: tree(false), metrics: map[string]uint64{"mcp.client.operation.duration": 12, "mcp.server.operation.duration": 14}},
		{name: "http", tree: tree(true), metrics: map[string]uint64{"mcp.client.operation.duration": 12, "mcp.server.operation.duration": 14}},
		{name: "process", env: []string{"OTEL_INSTRUMENTATION_MCP_GO_ENABLED=false"}},
	}}
	// The program's tracer has the spans, and they are not OpenTelemetry's.
	catalogue["mcp_go_byhand"] = library{of: "mcp_go", byHand: true, programs: []use{{name: "all"}}}
}

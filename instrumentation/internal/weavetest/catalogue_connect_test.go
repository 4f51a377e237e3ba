package weavetest

import "strings"

func init() {
	unary := func(depth int, client, request, serves, server string) string {
		return byConnect("Say", depth, client, request, serves, server)
	}
	catalogue["connect"] = library{programs: []use{
		{name: "all", metrics: map[string]uint64{"rpc.client.call.duration": 22, "rpc.server.call.duration": 20}, tree: `` +
			unary(0, "", "", "", "") + unary(0, "", "", "", "") + unary(0, "", "", "", "") +
			strings.ReplaceAll(unary(0, "", "", "", ""), "POST", "GET") +
			unary(0, "not_found", "404", "", "") +
			unary(0, "unknown", "500", "500", "unknown") +
			unary(0, "unknown", "500", "500", "_OTHER") +
			unary(0, "internal", "500", "500", "internal") +
			byConnect("Crash", 0, "internal", "http.http2StreamError", "*errors.errorString", "panic") +
			call("Shout", "client", "unimplemented", 0) + "  POST (client) error 404\n    POST (server)\n" +
			unary(0, "aborted", "409", "", "") + unary(0, "", "", "", "") + // by an interceptor of the program's
			unary(0, "", "", "", "") + unary(4, "", "", "", "") +
			unary(0, "deadline_exceeded", "context.deadlineExceededError", "", "") +
			unary(0, "canceled", "*errors.errorString", "", "") +
			byConnect("Listen", 0, "", "", "", "") + byConnect("Listen", 0, "not_found", "", "", "") +
			byConnect("Tell", 0, "", "", "", "") +
			byConnect("Talk", 0, "", "", "", "") + byConnect("Talk", 0, "canceled", "", "", "") +
			call("Say", "client", "unavailable", 0) + "  POST (client) error *net.OpError\n"},
		{name: "unsampled", env: []string{"OTEL_TRACES_SAMPLER=always_off"}, metrics: map[string]uint64{"rpc.client.call.duration": 22, "rpc.server.call.duration": 20}},
		// Without net/http's hooks the context crosses all the same.
		{name: "alone", env: []string{"OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}, tree: withoutHTTP(`` +
			unary(0, "", "", "", "") + unary(0, "", "", "", "") + unary(0, "", "", "", "") + unary(0, "", "", "", "") +
			unary(0, "not_found", "", "", "") + unary(0, "unknown", "", "", "unknown") + unary(0, "unknown", "", "", "_OTHER") +
			unary(0, "internal", "", "", "internal") + byConnect("Crash", 0, "internal", "", "", "panic") +
			call("Shout", "client", "unimplemented", 0) +
			unary(0, "aborted", "", "", "") + unary(0, "", "", "", "") + unary(0, "", "", "", "") + unary(2, "", "", "", "") +
			unary(0, "deadline_exceeded", "", "", "") + unary(0, "canceled", "", "", "") +
			byConnect("Listen", 0, "", "", "", "") + byConnect("Listen", 0, "not_found", "", "", "") +
			byConnect("Tell", 0, "", "", "", "") +
			byConnect("Talk", 0, "", "", "", "") + byConnect("Talk", 0, "canceled", "", "", "") +
			call("Say", "client", "unavailable", 0))},
		{name: "off", env: []string{"OTEL_INSTRUMENTATION_CONNECT_ENABLED=false", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}},
	}}
	catalogue["connect_v2"] = library{of: "connect", programs: []use{{name: "all", tree: `` +
		unary(0, "", "", "", "") + unary(0, "not_found", "404", "", "") + unary(0, "unknown", "500", "500", "unknown") +
		unary(0, "internal", "500", "500", "internal") +
		unary(0, "", "", "", "") + unary(4, "", "", "", "") +
		call("Shout", "client", "unimplemented", 0) + "  POST (client) error 501\n    POST /example.Talk/ (server) error 501\n" +
		call("Say", "client", "canceled", 0) + "  POST (client) error *errors.errorString\n" +
		pair("Say", "", "") + // in process
		byConnect("Talk", 0, "", "", "", "") + byConnect("Talk", 0, "canceled", "", "", ""),
	}}}
	// otelconnect's spans, which its clients' requests carry; those that its filter leaves out are ours.
	catalogue["connect_byhand"] = library{of: "connect", byHand: true, programs: []use{{name: "all", tree: `` +
		call("Say", "client", "", 0) + "  POST /example.Talk/Say (server)\n" + call("Say", "server", "", 2) +
		byConnect("Filtered", 0, "", "", "", "") +
		call("Talk", "client", "", 0) + "  POST /example.Talk/Talk (server)\n" + call("Talk", "server", "", 2) +
		"example.Second/Say (client)\n  POST /example.Second/Say (server)\n    example.Second/Say (server)\n"}}}
}

// byConnect is a call that is answered, with the spans of its request between.
func byConnect(method string, depth int, client, request, serves, server string) string {
	failed := func(text string) string {
		if text == "" {
			return "\n"
		}
		return " error " + text + "\n"
	}
	indent := strings.Repeat("  ", depth)
	return call(method, "client", client, depth) +
		indent + "  POST (client)" + failed(request) +
		indent + "    POST /example.Talk/" + method + " (server)" + failed(serves) +
		call(method, "server", server, depth+3)
}

// withoutHTTP leaves out of a tree what net/http's hooks make.
func withoutHTTP(tree string) string {
	var b strings.Builder
	for line := range strings.Lines(tree) {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "POST"):
		case strings.Contains(line, "(server)"):
			b.WriteString(line[len("    "):])
		default:
			b.WriteString(line)
		}
	}
	return b.String()
}

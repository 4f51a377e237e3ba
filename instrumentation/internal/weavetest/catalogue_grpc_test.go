package weavetest

import (
	"fmt"
	"strings"
)

func init() {
	catalogue["grpc"] = library{programs: []use{
		{name: "all", metrics: map[string]uint64{"rpc.client.call.duration": 19, "rpc.server.call.duration": 20}, tree: `` +
			pair("Say", "", "") +
			pair("Say", "NOT_FOUND", "") +
			pair("Say", "UNKNOWN", "UNKNOWN") +
			pair("Say", "INTERNAL", "INTERNAL") +
			"example.Talk/Say (client)\n" + call("Say", "server", "UNAVAILABLE", 1) + call("Say", "server", "UNAVAILABLE", 1) + call("Say", "server", "", 1) +
			strings.Repeat(pair("Say", "", "")+call("Say", "client", "", 2)+call("Say", "server", "", 3), 2) +
			call("Shout", "client", "UNIMPLEMENTED", 0) + "  _OTHER (server) error UNIMPLEMENTED\n" +
			pair("Say", "DEADLINE_EXCEEDED", "") +
			pair("Say", "CANCELLED", "") +
			pair("Listen", "", "") +
			pair("Listen", "NOT_FOUND", "") +
			pair("Tell", "", "") +
			pair("Talk", "", "") +
			pair("Talk", "CANCELLED", "") +
			"grpc.health.v1.Health/Check (client)\n  grpc.health.v1.Health/Check (server)\n" +
			call("Say", "client", "CANCELLED", 0)},
		{name: "http", tree: byHTTP("Say", "", "") + byHTTP("Say", "NOT_FOUND", "") + byHTTP("Talk", "", "")},
		{name: "quiet", metrics: map[string]uint64{"rpc.client.call.duration": 1, "rpc.server.call.duration": 1}, tree: pair("Say", "", ""),
			env: []string{"OTEL_GO_WEAVE_RPC_EXCLUDE=grpc.health.v1.Health,grpc.reflection.v1.ServerReflection"}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_GRPC_ENABLED=false"}},
	}}
}

// call is the line of a call's span.
func call(method, kind, failed string, depth int) string {
	if failed != "" {
		failed = " error " + failed
	}
	return fmt.Sprintf("%sexample.Talk/%s (%s)%s\n", strings.Repeat("  ", depth), method, kind, failed)
}

// pair is a call, and that it is answered.
func pair(method, client, server string) string {
	return call(method, "client", client, 0) + call(method, "server", server, 1)
}

// byHTTP is the same where ServeHTTP answers.
func byHTTP(method, client, server string) string {
	return call(method, "client", client, 0) + "  POST (server)\n" + call(method, "server", server, 2)
}

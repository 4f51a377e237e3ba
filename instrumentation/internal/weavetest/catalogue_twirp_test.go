package weavetest

import "strings"

func init() {
	catalogue["twirp"] = library{programs: []use{
		{name: "all", metrics: map[string]uint64{"rpc.client.call.duration": 14, "rpc.server.call.duration": 13}, tree: `` +
			hat(0, "", "", "", "") + hat(0, "", "", "", "") +
			hat(0, "not_found", "404", "", "") +
			hat(0, "internal", "500", "500", "internal") + hat(0, "internal", "500", "500", "internal") +
			hat(0, "internal", "500", "string", "panic") +
			hat(0, "", "", "", "") +
			hat(0, "", "", "", "") + hat(4, "", "", "", "") +
			hat(0, "", "", "", "") + hat(4, "", "", "", "") +
			hat(0, "data_loss", "500", "500", "data_loss") +
			hat(0, "internal", "context.deadlineExceededError", "", "") +
			"POST (client) error 404\n  POST (server)\n" +
			"twitch.twirp.example.Haberdasher/MakeHat (client) error internal\n  POST (client) error *net.OpError\n"},
		{name: "off", env: []string{"OTEL_INSTRUMENTATION_TWIRP_ENABLED=false", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}},
		{name: "excluded", env: []string{"OTEL_GO_WEAVE_RPC_EXCLUDE=twitch.twirp.example.Haberdasher", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}},
	}}
}

// hat is a call that is answered, with the spans of its request between.
func hat(depth int, client, request, serves, server string) string {
	return strings.NewReplacer("example.Talk/Hat", "twitch.twirp.example.Haberdasher/MakeHat", "POST /example.Talk/Hat", "POST").Replace(
		byConnect("Hat", depth, client, request, serves, server))
}

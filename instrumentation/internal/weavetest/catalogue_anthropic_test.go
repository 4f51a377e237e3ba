package weavetest

import "strings"

func init() {
	call := func(name, path, failed string, tries int) string {
		if failed != "" {
			failed = " error " + failed
		}
		return name + " (client)" + failed + "\n" + strings.Repeat("  POST (client)"+failed+"\n    POST "+path+" (server)"+failed+"\n", tries)
	}
	plain := func(path, failed string) string {
		if failed != "" {
			failed = " error " + failed
		}
		return "POST (client)" + failed + "\n  POST " + path + " (server)" + failed + "\n"
	}
	const messages, complete, count = "/v1/messages", "/v1/complete", "/v1/messages/count_tokens"
	measured := map[string]uint64{"gen_ai.client.inference.duration": 10, "gen_ai.client.inference.time_to_first_chunk": 3,
		"gen_ai.client.inference.usage.input_tokens": 0, "gen_ai.client.inference.usage.output_tokens": 0}
	const quiet = "ANTHROPIC_OPEN_TELEMETRY=false"
	catalogue["anthropic"] = library{programs: []use{
		{name: "all", env: []string{quiet}, metrics: measured,
			tree: strings.Repeat(call("chat claude-sonnet-4", messages, "", 1), 3) + call("chat busy", messages, "529", 2) + call("chat busy", messages, "529", 1) +
				"chat broken (client) error overloaded_error\n  " + strings.ReplaceAll(plain(messages, ""), "\n  ", "\n    ") + call("chat odd", messages, "", 1) +
				"chat odd (client) error *errors.errorString\n  POST (client) error *errors.errorString\n" +
				call("text_completion claude-2", complete, "", 1) + plain(count, "") + call("chat claude-sonnet-4", messages, "", 1)},
		{name: "all", env: []string{quiet, "OTEL_INSTRUMENTATION_ANTHROPIC_ENABLED=false"},
			tree: strings.Repeat(plain(messages, ""), 3) + strings.Repeat(plain(messages, "529"), 3) + strings.Repeat(plain(messages, ""), 2) +
				"POST (client) error *errors.errorString\n" + plain(complete, "") + plain(count, "") + plain(messages, "")},
	}}
	// The SDK's spans are the only ones, and its requests have their context already.
	own := func(service, path, failed, status string, tries int) string {
		return "anthropic." + service + " (client)" + failed + "\n" + strings.Repeat("  POST "+path+" (server)"+status+"\n", tries)
	}
	const create, overloaded = "messages.create", " error overloaded_error"
	catalogue["anthropic_byhand"] = library{of: "anthropic", byHand: true, programs: []use{{name: "all", metrics: measured,
		tree: strings.Repeat(own(create, messages, "", "", 1), 3) + own(create, messages, overloaded, " error 529", 2) + own(create, messages, overloaded, " error 529", 1) +
			own(create, messages, overloaded, "", 1) + own(create, messages, "", "", 1) + own(create, "", "", "", 0) + own("completions.create", complete, "", "", 1) +
			own("messages.count_tokens", count, "", "", 1) + own(create, messages, "", "", 1)}}}
}

package weavetest

import "strings"

func init() {
	// call is a call of a model with its tries.
	call := func(name, path, failed string, tries int) string {
		if failed != "" {
			failed = " error " + failed
		}
		return name + " (client)" + failed + "\n" + strings.Repeat("  POST (client)"+failed+"\n    POST "+path+" (server)\n", tries)
	}
	plain := func(path, failed string) string { return "POST (client)" + failed + "\n  POST " + path + " (server)\n" }
	const chat, responses, embeddings = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"
	const listed = "GET (client)\n  GET /v1/models (server)\n"
	all := []use{
		{name: "all", check: toldOfModels, metrics: map[string]uint64{"gen_ai.client.inference.duration": 10, "gen_ai.client.embeddings.duration": 1,
			"gen_ai.client.inference.time_to_first_chunk": 3, "gen_ai.client.inference.usage.input_tokens": 0, "gen_ai.client.inference.usage.output_tokens": 0},
			tree: strings.Repeat(call("chat gpt-4o", chat, "", 1), 3) + call("chat busy", chat, "429", 2) + call("chat busy", chat, "429", 1) + call("chat odd", chat, "", 1) +
				"chat odd (client) error *errors.errorString\n  POST (client) error *errors.errorString\n" +
				strings.Repeat(call("chat gpt-4o", responses, "", 1), 2) + call("embeddings text-embedding-3-small", embeddings, "", 1) + listed + call("chat gpt-4o", chat, "", 1)},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_OPENAI_ENABLED=false"},
			tree: strings.Repeat(plain(chat, ""), 3) + strings.Repeat(plain(chat, " error 429"), 3) + plain(chat, "") + "POST (client) error *errors.errorString\n" +
				strings.Repeat(plain(responses, ""), 2) + plain(embeddings, "") + listed + plain(chat, "")},
	}
	catalogue["openai"] = library{programs: all}
	catalogue["openai_v2"] = library{programs: all, of: "openai"}
	catalogue["openai_v1"] = library{programs: all, of: "openai"}
}

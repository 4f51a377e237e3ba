package weavetest

import "strings"

func init() {
	const gemini = "generate_content gemini-2.0-flash"
	request := func(failed string) string { return "  POST (client)" + failed + "\n    POST (server)\n" }
	plain := func(failed string) string { return "POST (client)" + failed + "\n  POST (server)\n" }
	catalogue["google_genai"] = library{programs: []use{
		{name: "all", metrics: map[string]uint64{"gen_ai.client.inference.duration": 5, "gen_ai.client.embeddings.duration": 1, "gen_ai.client.inference.time_to_first_chunk": 2,
			"gen_ai.client.inference.usage.input_tokens": 0, "gen_ai.client.inference.usage.output_tokens": 0},
			tree: strings.Repeat(gemini+" (client)\n"+request(""), 3) + "generate_content busy (client) error 429\n" + request(" error 429") +
				gemini + " (client) error *url.Error\n  POST (client) error *errors.errorString\n" +
				"embeddings text-embedding-004 (client)\n" + request("") + plain("")},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_GOOGLE_GENAI_ENABLED=false"},
			tree: strings.Repeat(plain(""), 3) + plain(" error 429") + "POST (client) error *errors.errorString\n" + strings.Repeat(plain(""), 2)},
	}}
}

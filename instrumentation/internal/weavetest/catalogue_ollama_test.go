package weavetest

import "strings"

func init() {
	catalogue["ollama"] = library{programs: []use{
		{name: "all", metrics: map[string]uint64{"gen_ai.client.inference.duration": 7, "gen_ai.client.embeddings.duration": 1, "gen_ai.client.inference.time_to_first_chunk": 0,
			"gen_ai.client.inference.usage.input_tokens": 0, "gen_ai.client.inference.usage.output_tokens": 0},
			tree: strings.Repeat(modelCall("chat llama", "/api/chat", ""), 2) + modelCall("chat busy", "/api/chat", "429") +
				"chat broken (client) error _OTHER\n  POST (client)\n    POST /api/chat (server)\n" +
				"chat llama (client) error *url.Error\n  POST (client) error *errors.errorString\n" +
				strings.Repeat(modelCall("text_completion llama", "/api/generate", ""), 2) + modelCall("embeddings minilm", "/api/embed", "") +
				"GET (client)\n  GET /api/tags (server)\n"},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_OLLAMA_ENABLED=false"},
			tree: strings.Repeat(plainCall("/api/chat", ""), 2) + plainCall("/api/chat", "429") + plainCall("/api/chat", "") + "POST (client) error *errors.errorString\n" +
				strings.Repeat(plainCall("/api/generate", ""), 2) + plainCall("/api/embed", "") + "GET (client)\n  GET /api/tags (server)\n"},
	}}
}

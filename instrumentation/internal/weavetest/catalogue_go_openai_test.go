package weavetest

import (
	"strings"
	"testing"
)

func init() {
	const chat = "/v1/chat/completions"
	const listed = "GET (client)\n  GET /v1/models (server)\n"
	catalogue["go_openai"] = library{programs: []use{
		{name: "all", check: toldOfModels, metrics: map[string]uint64{"gen_ai.client.inference.duration": 7, "gen_ai.client.embeddings.duration": 1,
			"gen_ai.client.inference.time_to_first_chunk": 2, "gen_ai.client.inference.usage.input_tokens": 0, "gen_ai.client.inference.usage.output_tokens": 0},
			tree: strings.Repeat(modelCall("chat gpt-4o", chat, ""), 3) + strings.Repeat(modelCall("chat busy", chat, "429"), 2) + modelCall("chat odd", chat, "") +
				"chat odd (client) error *url.Error\n  POST (client) error *errors.errorString\n" +
				modelCall("embeddings text-embedding-3-small", "/v1/embeddings", "") + listed},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_GO_OPENAI_ENABLED=false"},
			tree: strings.Repeat(plainCall(chat, ""), 3) + strings.Repeat(plainCall(chat, "429"), 2) + plainCall(chat, "") + "POST (client) error *errors.errorString\n" + plainCall("/v1/embeddings", "") + listed},
	}}
}

// modelCall is a call of a model, with the request that it makes.
func modelCall(name, path, failed string) string {
	if failed != "" {
		failed = " error " + failed
	}
	return name + " (client)" + failed + "\n  POST (client)" + failed + "\n    POST " + path + " (server)\n"
}

// plainCall is the request alone.
func plainCall(path, failed string) string {
	if failed != "" {
		failed = " error " + failed
	}
	return "POST (client)" + failed + "\n  POST " + path + " (server)\n"
}

// toldOfModels checks what the spans of calls of models say, and that they last until the answer is read: longer than the calls of HTTP,
// but for streams, whose last event comes before the end of what HTTP sends.
func toldOfModels(t *testing.T, spans []Span) {
	ends := map[string]uint64{}
	for _, s := range spans {
		if s.Attribute("gen_ai.request.stream") == "" {
			ends[s.ID] = s.EndTimeUnixNano
		}
	}
	known := 0
	for _, s := range spans {
		if end, there := ends[s.Parent]; there && s.Name == "POST" && s.Kind.String() == "SPAN_KIND_CLIENT" && s.EndTimeUnixNano > end {
			t.Errorf("%v goes on after the call that it is for", s)
		}
		if s.Name != "chat gpt-4o" || s.Attribute("gen_ai.response.id") == "" {
			continue
		}
		known++
		if got := s.Attribute("gen_ai.provider.name") + " " + s.Attribute("gen_ai.response.model"); got != "openai gpt-4o-2024-08-06" {
			t.Errorf("%v has %q", s, got)
		}
		if s.Attribute("gen_ai.input.messages") != "" || s.Attribute("gen_ai.output.messages") != "" {
			t.Errorf("%v tells what was said", s)
		}
	}
	if known < 2 {
		t.Errorf("only %d calls with an answer", known)
	}
}

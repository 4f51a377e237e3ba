package hook

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// TestGenAIContent: where it is asked for, what a model is told and answers is told in the form that the conventions have for it, whichever
// service it is, and never more than an attribute may have.
func TestGenAIContent(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	before, capture := otel.GetTracerProvider(), modelCapture
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)))
	modelCapture = func() bool { return true }
	t.Cleanup(func() { otel.SetTracerProvider(before); modelCapture = capture })
	models := NewGenAI(NewAt("example.com/models", "1.43.0"), "openai")
	events := func(all ...string) string { return "data: " + strings.Join(all, "\n\ndata: ") + "\n\n" }
	for _, c := range []struct{ path, request, kind, answer, system, input, output string }{
		{"/v1/chat/completions", `{"messages":[{"role":"system","content":"rules"},{"role":"user","content":[{"type":"text","text":"what"},{"type":"image_url","image_url":{"url":"data:"}}]},{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"1","content":"done"}]}`,
			"text/event-stream", events(`{"choices":[{"delta":{"content":"an "}}]}`, `{"choices":[{"delta":{"content":"answer"}}]}`, `{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"2","function":{"name":"g","arguments":"{\"b\""}}]}}]}`, `{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":2}"}}]},"finish_reason":"tool_calls"}]}`, "[DONE]"),
			"", `[{"role":"system","parts":[{"type":"text","content":"rules"}]},{"role":"user","parts":[{"type":"text","content":"what"},{"type":"image_url"}]},{"role":"assistant","parts":[{"type":"tool_call","id":"1","name":"f","arguments":{"a":1}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"1","response":"done"}]}]`,
			`[{"role":"assistant","parts":[{"type":"text","content":"an answer"},{"type":"tool_call","id":"2","name":"g","arguments":{"b":2}}],"finish_reason":"tool_calls"}]`},
		{"/v1/messages", `{"system":"rules","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"done"}]}]}`, "text/event-stream",
			events(`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"an answer"}}`, `{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"2","name":"g","input":{}}}`, `{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"b\":2}"}}`, `{"type":"message_stop"}`),
			`[{"type":"text","content":"rules"}]`, `[{"role":"user","parts":[{"type":"tool_call_response","id":"1","response":"done"}]}]`,
			`[{"role":"assistant","parts":[{"type":"text","content":"an answer"},{"type":"tool_call","id":"2","name":"g","arguments":{"b":2}}]}]`},
		{"/v1/responses", `{"instructions":"rules","input":"what"}`, "application/json", `{"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"an answer"}]},{"type":"function_call","call_id":"2","name":"g","arguments":"{}"}]}`,
			`[{"type":"text","content":"rules"}]`, `[{"role":"user","parts":[{"type":"text","content":"what"}]}]`,
			`[{"role":"assistant","parts":[{"type":"text","content":"an answer"},{"type":"tool_call","id":"2","name":"g","arguments":{}}],"finish_reason":"stop"}]`},
		{"/models/m:generateContent", `{"systemInstruction":{"parts":[{"text":"rules"}]},"contents":[{"role":"user","parts":[{"text":"what"},{"inlineData":{"data":"AAAA"}}]}]}`, "application/json", `{"candidates":[{"content":{"role":"model","parts":[{"text":"an answer"},{"functionCall":{"name":"g","args":{}}}]},"finishReason":"STOP"}]}`,
			`[{"type":"text","content":"rules"}]`, `[{"role":"user","parts":[{"type":"text","content":"what"}]}]`,
			`[{"role":"assistant","parts":[{"type":"text","content":"an answer"},{"type":"tool_call","name":"g","arguments":{}}],"finish_reason":"STOP"}]`},
		{"/api/generate", `{"prompt":"what"}`, "application/x-ndjson", "{\"response\":\"an \"}\n{\"response\":\"answer\",\"done\":true,\"done_reason\":\"stop\"}\n",
			"", `[{"role":"user","parts":[{"type":"text","content":"what"}]}]`, `[{"role":"assistant","parts":[{"type":"text","content":"an answer"}],"finish_reason":"stop"}]`},
	} {
		_, call := models.Start(context.Background(), "POST", nil, c.path, []byte(c.request))
		r := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {c.kind}}, Body: io.NopCloser(strings.NewReader(c.answer))}
		call.Read(r)
		if _, err := io.ReadAll(r.Body); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		ended := spans.Ended()
		for _, kv := range ended[len(ended)-1].Attributes() {
			got[string(kv.Key)] = kv.Value.Emit()
		}
		for key, want := range map[string]string{"gen_ai.system_instructions": c.system, "gen_ai.input.messages": c.input, "gen_ai.output.messages": c.output} {
			if got[key] != want {
				t.Errorf("%s: %s is\n%s\nand not\n%s", c.path, key, got[key], want)
			}
		}
	}

	// Much of it.
	long, err := json.Marshal(map[string]any{"messages": []any{map[string]any{"role": "user", "content": strings.Repeat("x", 1<<20)}, map[string]any{"role": "user", "content": "short"}}})
	if err != nil {
		t.Fatal(err)
	}
	_, call := models.Start(context.Background(), "POST", nil, "/v1/chat/completions", long)
	call.End(nil)
	ended := spans.Ended()
	for _, kv := range ended[len(ended)-1].Attributes() {
		if text := kv.Value.Emit(); kv.Key == "gen_ai.input.messages" && (!json.Valid([]byte(text)) || len(text) > wire.MaxText || !strings.Contains(text, "short") || len(text) < 1000) {
			t.Errorf("%d bytes: %.100s", len(text), text)
		}
	}
}

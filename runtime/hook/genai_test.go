package hook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// answered is what services answer, and what is to be said of the call.
var answered = []struct {
	name, path, request, kind, answer string
	status                            int
	span                              string
	attributes                        map[string]string
}{
	{"a chat", "/v1/chat/completions", `{"model":"gpt-4o","max_completion_tokens":9,"stop":"secret end","n":2,"messages":[{"role":"user","content":"secret"}]}`, "application/json",
		`{"id":"c1","model":"gpt-4o-1","choices":[{"index":1,"finish_reason":"length","message":{"content":"secret"}},{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}}`,
		200, "chat gpt-4o", map[string]string{"gen_ai.response.model": "gpt-4o-1", "gen_ai.usage.input_tokens": "12", "gen_ai.usage.output_tokens": "5", "gen_ai.usage.cache_read.input_tokens": "4",
			"gen_ai.response.finish_reasons": `["stop","length"]`, "gen_ai.request.max_tokens": "9", "gen_ai.request.choice.count": "2", "gen_ai.provider.name": "openai", "server.address": "example.com"}},
	{"a stream of a chat", "/v1/chat/completions", `{"model":"gpt-4o","stream":true}`, "text/event-stream",
		"data: {\"id\":\"c1\",\"choices\":[{\"delta\":{\"content\":\"secret\"}}]}\n\n: a remark\n\ndata:{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
		200, "chat gpt-4o", map[string]string{"gen_ai.response.id": "c1", "gen_ai.usage.input_tokens": "3", "gen_ai.response.finish_reasons": `["stop"]`, "gen_ai.request.stream": "true"}},
	{"a message", "/v1/messages", `{"model":"claude","max_tokens":100,"stream":true}`, "text/event-stream",
		"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"type\":\"message\",\"id\":\"m1\",\"model\":\"claude-1\",\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":4,\"cache_creation_input_tokens\":2,\"output_tokens\":1}}}\n\n" +
			"data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"secret\"}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":15}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
		200, "chat claude", map[string]string{"gen_ai.response.model": "claude-1", "gen_ai.usage.input_tokens": "16", "gen_ai.usage.output_tokens": "15", "gen_ai.usage.cache_write.input_tokens": "2", "gen_ai.response.finish_reasons": `["end_turn"]`}},
	{"a completion", "/v1/complete", `{"model":"claude-2","max_tokens_to_sample":7,"prompt":"secret"}`, "application/json", `{"type":"completion","id":"p1","completion":"secret","stop_reason":"stop_sequence","model":"claude-2.1"}`,
		200, "text_completion claude-2", map[string]string{"gen_ai.request.max_tokens": "7", "gen_ai.response.finish_reasons": `["stop_sequence"]`, "gen_ai.response.model": "claude-2.1"}},
	{"a response", "/v1/responses", `{"model":"gpt-4o"}`, "application/json; charset=utf-8", `{"id":"r1","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":8,"output_tokens":3,"output_tokens_details":{"reasoning_tokens":1}}}`,
		200, "chat gpt-4o", map[string]string{"gen_ai.response.finish_reasons": `["max_output_tokens"]`, "gen_ai.usage.reasoning.output_tokens": "1"}},
	{"a response that fails", "/v1/responses", `{"model":"gpt-4o","stream":true}`, "text/event-stream", "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"secret\"}}}\n\n",
		200, "chat gpt-4o", map[string]string{"error.type": "server_error"}},
	{"Gemini", "/v1beta/models/gemini-2.0:streamGenerateContent", `{"contents":[{"parts":[{"text":"secret"}]}],"generationConfig":{"topK":40,"responseMimeType":"application/json"}}`, "text/event-stream",
		"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"secret\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":6,\"candidatesTokenCount\":2,\"thoughtsTokenCount\":3},\"modelVersion\":\"gemini-2.0-1\",\"responseId\":\"g1\"}\n\n",
		200, "generate_content gemini-2.0", map[string]string{"gen_ai.request.top_k": "40", "gen_ai.output.type": "json", "gen_ai.usage.output_tokens": "5", "gen_ai.response.id": "g1", "gen_ai.response.model": "gemini-2.0-1"}},
	{"Ollama", "/api/chat", `{"model":"llama","options":{"num_predict":7}}`, "application/x-ndjson", "{\"model\":\"llama\",\"message\":{\"content\":\"secret\"},\"done\":false}\n{\"model\":\"llama\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":4,\"eval_count\":9}\n",
		200, "chat llama", map[string]string{"gen_ai.request.max_tokens": "7", "gen_ai.usage.input_tokens": "4", "gen_ai.usage.output_tokens": "9", "gen_ai.response.finish_reasons": `["stop"]`}},
	{"vectors", "/v1/embeddings", `{"model":"small","dimensions":2,"encoding_format":"float"}`, "application/json", `{"model":"small","usage":{"prompt_tokens":3}}`,
		200, "embeddings small", map[string]string{"gen_ai.embeddings.dimension.count": "2", "gen_ai.request.encoding_formats": `["float"]`, "gen_ai.usage.input_tokens": "3"}},
	{"a refusal", "/v1/completions", `{"model":"davinci"}`, "application/json", `{"error":{"message":"secret"}}`, 429, "text_completion davinci", map[string]string{"error.type": "429"}},
	{"anything", "/v1/chat/completions", "\xff\x00[", "text/event-stream", "data: {\"choices\":7,\"usage\":[],\"id\":{}}\n\ndata: \xff\ndata: {\"choices\":[{\"index\":-1,\"finish_reason\":\"" + strings.Repeat("x", 3<<20) + "\"}]}\n\ndata: {\"id\":\"last\"}",
		200, "chat", map[string]string{"gen_ai.response.id": "last"}},
}

// TestGenAI: a call is described by what is asked and answered, lasts until the answer is read, and nothing of the content is kept.
func TestGenAI(t *testing.T) {
	spans := record(t)
	models := hook.NewGenAI(hook.NewAt("example.com/models", "1.43.0"), "openai")
	base, err := url.Parse("https://example.com/v1/")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range answered {
		t.Run(a.name, func(t *testing.T) {
			before := len(spans.Ended())
			_, call := models.Start(context.Background(), "POST", base, a.path, []byte(a.request))
			body := &closed{Reader: strings.NewReader(a.answer)}
			r := &http.Response{StatusCode: a.status, Header: http.Header{"Content-Type": {a.kind}}, Body: body}
			call.Read(r)
			if len(spans.Ended()) != before {
				t.Error("it has ended before anything was read")
			}
			if text, err := io.ReadAll(r.Body); err != nil || string(text) != a.answer {
				t.Errorf("the program reads something else: %v", err)
			}
			if r.Body.Close() != nil || !body.closed {
				t.Error("it is not closed")
			}
			ended := spans.Ended()[before:]
			if len(ended) != 1 || ended[0].Name() != a.span {
				t.Fatalf("%d spans", len(ended))
			}
			got := attributesOf(ended[0])
			for key, want := range a.attributes {
				if got[key] != want {
					t.Errorf("%s is %q, and not %q", key, got[key], want)
				}
			}
			for key, value := range got {
				if strings.Contains(value, "secret") && key != "gen_ai.request.stop_sequences" || len(value) > 1000 {
					t.Errorf("%s is %.100q", key, value)
				}
			}
			if status := ended[0].Status(); strings.Contains(status.Description, "secret") {
				t.Error(status)
			}
		})
	}
	for _, r := range [][2]string{{"GET", "/v1/chat/completions"}, {"POST", "/v1/messages/count_tokens"}, {"POST", "/completions2"}, {"POST", ""}} {
		if _, call := models.Start(context.Background(), r[0], base, r[1], nil); call != nil || models.Calls(r[0], r[1]) {
			t.Errorf("%q is a call", r)
		}
	}
	var none *hook.ModelCall
	none.Answer(nil)
	none.Read(nil)
	none.Fail(500, errors.New("nothing"))
	none.End(nil)
}

// TestMeasured: a call that the library makes a span of is measured, and has no span of ours, nor where one of another library is around it.
func TestMeasured(t *testing.T) {
	spans := record(t)
	models := hook.NewGenAI(hook.NewAt("example.com/models", "1.43.0"), "openai")
	call := models.Measure(context.Background(), "POST", nil, "/v1/messages", []byte(`{"model":"claude","stream":true}`))
	r := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(strings.NewReader("data: {\"type\":\"message_stop\"}\n\n"))}
	call.Read(r)
	if text, err := io.ReadAll(r.Body); err != nil || len(text) == 0 {
		t.Error(err)
	}
	call.Answer([]byte(`{"id":"late"}`))
	call.End(errors.New("late"))
	if models.Measure(context.Background(), "GET", nil, "/v1/messages", nil) != nil {
		t.Error("a GET is measured")
	}
	if n := len(spans.Ended()); n != 0 {
		t.Errorf("%d spans", n)
	}
}

// TestProviders: an address tells the provider.
func TestProviders(t *testing.T) {
	spans := record(t)
	models := hook.NewGenAI(hook.NewAt("example.com/models", "1.43.0"), "anthropic")
	for host, want := range map[string]string{
		"us-east5-aiplatform.googleapis.com": "gcp.vertex_ai", "aiplatform.googleapis.com": "gcp.vertex_ai", "bedrock-runtime.us-east-1.amazonaws.com": "aws.bedrock",
		"me.openai.azure.com": "azure.ai.openai", "notapi.openai.com": "anthropic", "api.openai.com.example.com": "anthropic",
	} {
		_, call := models.Start(context.Background(), "POST", &url.URL{Scheme: "https", Host: host}, "/v1/messages", nil)
		call.End(nil)
		all := spans.Ended()
		if got := attributesOf(all[len(all)-1])["gen_ai.provider.name"]; got != want {
			t.Errorf("%s is of %s, and not %s", host, got, want)
		}
	}
}

// TestFinish: of what generated clients return, the status and the text that an answer was made of are known.
func TestFinish(t *testing.T) {
	spans := record(t)
	models := hook.NewGenAI(hook.NewAt("example.com/models", "1.43.0"), "openai")
	begin := func() *hook.ModelCall {
		_, call := models.Start(context.Background(), "POST", nil, "/v1/chat/completions", nil)
		return call
	}
	into := &raw{`{"id":"whole"}`}
	hook.Finish(begin(), &into, nil)
	var nothing *raw
	hook.Finish(begin(), &nothing, nil)
	hook.Finish(begin(), 7, nil)
	hook.Finish(begin(), nil, &refusal{StatusCode: 503})
	hook.Finish(begin(), nil, errors.New("no connection"))
	var got []string
	for _, s := range spans.Ended() {
		a := attributesOf(s)
		got = append(got, a["gen_ai.response.id"]+a["error.type"])
	}
	if want := "whole,,,503,*errors.errorString"; strings.Join(got, ",") != want {
		t.Errorf("%q, and not %q", got, want)
	}
}

type raw struct{ text string }

func (r raw) RawJSON() string { return r.text }

type refusal struct{ StatusCode int }

func (*refusal) Error() string { return "secret" }

type closed struct {
	io.Reader
	closed bool
}

func (c *closed) Close() error { c.closed = true; return nil }

func attributesOf(s sdktrace.ReadOnlySpan) map[string]string {
	all := map[string]string{}
	for _, kv := range s.Attributes() {
		all[string(kv.Key)] = attribute.Value(kv.Value).Emit()
	}
	return all
}

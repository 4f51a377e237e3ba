// Command openai_v2 calls models in all ways that the library has for it. The service is a fake in the program itself.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/openai/openai-go/v2"
	"github.com/openai/openai-go/v2/option"
	"github.com/openai/openai-go/v2/responses"
)

var bg = context.Background()

// must returns a value that there is.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

const usage = `{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}`

// events are the parts of an answer that comes as a stream.
func events(w http.ResponseWriter, all ...string) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	for _, e := range all {
		fmt.Fprintf(w, "data: %s\n\n", e)
		w.(http.Flusher).Flush()
	}
}

func chat(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Model  string
		Stream bool
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil || r.Header.Get("Traceparent") != "" && os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		log.Fatal("no JSON")
	}
	const head = `"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_1"`
	switch {
	case asked.Model == "busy":
		w.WriteHeader(429)
		io.WriteString(w, `{"error":{"message":"secret: too much","type":"requests","code":"rate_limit_exceeded"}}`)
	case asked.Model == "odd":
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":7,"model":"odd","choices":[{"index":-3,"finish_reason":"stop"},{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":"many"}}`)
	case asked.Stream:
		events(w, `{`+head+`,"choices":[{"index":0,"delta":{"role":"assistant","content":"secret "}}]}`,
			`{`+head+`,"choices":[{"index":0,"delta":{"content":"words"}}]}`,
			`{`+head+`,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":"}}]}}]}`,
			`{`+head+`,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"secret\"}"}}]}}]}`,
			`{`+head+`,"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`,
			`{`+head+`,"choices":[],"usage":`+usage+`}`, `[DONE]`)
	default:
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":"chatcmpl-2","object":"chat.completion","created":1,"model":"gpt-4o-2024-08-06","service_tier":"default","choices":[`+
			`{"index":0,"message":{"role":"assistant","content":"secret answer"},"finish_reason":"stop"},`+
			`{"index":1,"message":{"role":"assistant","content":"secret else"},"finish_reason":"length"}],"usage":`+usage+`}`)
	}
}

func answer(w http.ResponseWriter, r *http.Request) {
	body := must(io.ReadAll(r.Body))
	const whole = `{"id":"resp_1","object":"response","created_at":1,"model":"gpt-4o-2024-08-06","status":"completed","output":[{"type":"message","id":"m","status":"completed","role":"assistant","content":[{"type":"output_text","text":"secret reply","annotations":[]}]}],"usage":{"input_tokens":8,"output_tokens":3,"total_tokens":11,"input_tokens_details":{"cached_tokens":0},"output_tokens_details":{"reasoning_tokens":1}}}`
	var asked struct{ Stream bool }
	if json.Unmarshal(body, &asked); asked.Stream {
		events(w, `{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","model":"gpt-4o-2024-08-06","status":"in_progress","output":[]}}`,
			`{"type":"response.output_text.delta","sequence_number":1,"item_id":"m","output_index":0,"content_index":0,"delta":"secret reply"}`,
			`{"type":"response.completed","sequence_number":2,"response":`+whole+`}`)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, whole)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", chat)
	mux.HandleFunc("POST /v1/responses", answer)
	mux.HandleFunc("POST /v1/embeddings", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"object":"list","model":"text-embedding-3-small","data":[{"object":"embedding","index":0,"embedding":[0.5,0.25]}],"usage":{"prompt_tokens":3,"total_tokens":3}}`)
	})
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"object":"list","data":[]}`)
	})
	web := httptest.NewServer(mux)
	defer web.Close()
	client := openai.NewClient(option.WithBaseURL(web.URL+"/v1/"), option.WithAPIKey("secret key"), option.WithMaxRetries(1))

	params := openai.ChatCompletionNewParams{Model: "gpt-4o", Temperature: openai.Float(0.5), MaxCompletionTokens: openai.Int(100), N: openai.Int(2), Seed: openai.Int(7),
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("secret rules"), openai.UserMessage("secret question")}}
	whole := must(client.Chat.Completions.New(bg, params))
	fmt.Println(whole.ID, whole.Choices[0].Message.Content, whole.Usage.TotalTokens)
	stream := client.Chat.Completions.NewStreaming(bg, params)
	for stream.Next() {
		for _, c := range stream.Current().Choices {
			fmt.Print(c.Delta.Content)
		}
	}
	fmt.Println(stream.Err(), stream.Close())
	// One that the program does not read to its end.
	stream = client.Chat.Completions.NewStreaming(bg, params)
	fmt.Println(stream.Next(), stream.Close())

	// Two tries, and a service that says odd things.
	params.Model = "busy"
	_, err := client.Chat.Completions.New(bg, params, option.WithHeader("X-Test", "1"))
	var refused *openai.Error
	fmt.Println(errors.As(err, &refused) && refused.StatusCode == 429)
	stream = client.Chat.Completions.NewStreaming(bg, params, option.WithMaxRetries(0))
	fmt.Println(stream.Next(), stream.Err() != nil)
	params.Model = "odd"
	_, err = client.Chat.Completions.New(bg, params)
	fmt.Println(err)
	over, cancel := context.WithCancel(bg)
	cancel()
	_, err = client.Chat.Completions.New(over, params)
	fmt.Println(errors.Is(err, context.Canceled))

	// The other services.
	said := must(client.Responses.New(bg, responses.ResponseNewParams{Model: "gpt-4o", Instructions: openai.String("secret rules"), Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("secret question")}}))
	fmt.Println(said.OutputText())
	parts := client.Responses.NewStreaming(bg, responses.ResponseNewParams{Model: "gpt-4o", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("secret question")}})
	n := 0
	for parts.Next() {
		n++
	}
	fmt.Println(n, parts.Err(), parts.Close())
	vectors := must(client.Embeddings.New(bg, openai.EmbeddingNewParams{Model: "text-embedding-3-small", Dimensions: openai.Int(2), Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String("secret text")}}))
	fmt.Println(len(vectors.Data[0].Embedding))
	fmt.Println(len(must(client.Models.List(bg)).Data))
	var raw *http.Response
	must(client.Chat.Completions.New(bg, openai.ChatCompletionNewParams{Model: "gpt-4o", Messages: params.Messages}, option.WithResponseInto(&raw)))
	fmt.Println(raw.StatusCode)
}

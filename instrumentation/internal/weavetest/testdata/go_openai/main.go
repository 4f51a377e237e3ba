// Command go_openai calls models in all ways that the library has for it. The service is a fake in the program itself.
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

	"github.com/sashabaranov/go-openai"
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

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", chat)
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
	config := openai.DefaultConfig("secret key")
	config.BaseURL = web.URL + "/v1"
	client := openai.NewClientWithConfig(config)

	seed := 7
	asked := openai.ChatCompletionRequest{Model: "gpt-4o", Temperature: 0.5, MaxTokens: 100, N: 2, Seed: &seed,
		Messages: []openai.ChatCompletionMessage{{Role: "system", Content: "secret rules"}, {Role: "user", Content: "secret question"}}}
	whole := must(client.CreateChatCompletion(bg, asked))
	fmt.Println(whole.ID, whole.Choices[0].Message.Content, whole.Usage.TotalTokens)
	stream := must(client.CreateChatCompletionStream(bg, asked))
	for {
		part, err := stream.Recv()
		if err != nil {
			fmt.Println(err == io.EOF)
			break
		}
		for _, c := range part.Choices {
			fmt.Print(c.Delta.Content)
		}
	}
	stream.Close()
	// One that the program does not read to its end.
	stream = must(client.CreateChatCompletionStream(bg, asked))
	must(stream.Recv())
	stream.Close()

	// A service that is busy, one that says odd things, and nobody who waits.
	asked.Model = "busy"
	_, err := client.CreateChatCompletion(bg, asked)
	var refused *openai.APIError
	fmt.Println(errors.As(err, &refused) && refused.HTTPStatusCode == 429)
	_, err = client.CreateChatCompletionStream(bg, asked)
	fmt.Println(err != nil)
	asked.Model = "odd"
	_, err = client.CreateChatCompletion(bg, asked)
	fmt.Println(err != nil)
	over, cancel := context.WithCancel(bg)
	cancel()
	_, err = client.CreateChatCompletion(over, asked)
	fmt.Println(errors.Is(err, context.Canceled))

	// The other services.
	vectors := must(client.CreateEmbeddings(bg, openai.EmbeddingRequest{Model: openai.SmallEmbedding3, Dimensions: 2, Input: "secret text"}))
	fmt.Println(len(vectors.Data[0].Embedding))
	fmt.Println(len(must(client.ListModels(bg)).Models))
}

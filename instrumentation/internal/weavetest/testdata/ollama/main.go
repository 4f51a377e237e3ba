// Command ollama calls models in all ways that the library has for it. The service is a fake in the program itself.
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
	"net/url"

	"github.com/ollama/ollama/api"
)

var bg = context.Background()

// must returns a value that there is.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

const end = `"done":true,"done_reason":"stop","prompt_eval_count":4,"eval_count":9}`

func lines(w http.ResponseWriter, all ...string) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	for _, l := range all {
		fmt.Fprintln(w, l)
		w.(http.Flusher).Flush()
	}
}

func chat(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Model  string
		Stream *bool
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		log.Fatal("no JSON")
	}
	switch {
	case asked.Model == "busy":
		w.WriteHeader(429)
		io.WriteString(w, `{"error":"secret: too much"}`)
	case asked.Model == "broken":
		lines(w, `{"model":"broken","message":{"role":"assistant","content":"secret "},"done":false}`, `{"error":"secret: out of memory"}`)
	case asked.Stream != nil && !*asked.Stream:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `{"model":"llama","message":{"role":"assistant","content":"secret answer"},`+end)
	default:
		lines(w, `{"model":"llama","message":{"role":"assistant","content":"secret "},"done":false}`, `{"model":"llama","message":{"role":"assistant","content":"answer"},`+end)
	}
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/chat", chat)
	mux.HandleFunc("POST /api/generate", func(w http.ResponseWriter, r *http.Request) {
		lines(w, `{"model":"llama","response":"secret ","done":false}`, `{"model":"llama","response":"answer",`+end)
	})
	mux.HandleFunc("POST /api/embed", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"model":"minilm","embeddings":[[0.5,0.25]],"prompt_eval_count":3}`)
	})
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"models":[]}`)
	})
	web := httptest.NewServer(mux)
	defer web.Close()
	client := api.NewClient(must(url.Parse(web.URL)), http.DefaultClient)
	ask := func(ctx context.Context, model string, stream *bool) error {
		return client.Chat(ctx, &api.ChatRequest{Model: model, Stream: stream, Messages: []api.Message{{Role: "user", Content: "secret question"}}, Options: map[string]any{"temperature": 0.5, "num_predict": 7}},
			func(r api.ChatResponse) error { fmt.Println(r.Message.Content, r.Done); return nil })
	}
	off := false
	fmt.Println(ask(bg, "llama", nil), ask(bg, "llama", &off))
	fmt.Println(ask(bg, "busy", nil) != nil, ask(bg, "broken", nil) != nil)
	over, cancel := context.WithCancel(bg)
	cancel()
	fmt.Println(errors.Is(ask(over, "llama", nil), context.Canceled))
	// One that the program does not read to its end.
	stopped := errors.New("enough")
	fmt.Println(client.Generate(bg, &api.GenerateRequest{Model: "llama", Prompt: "secret question"}, func(api.GenerateResponse) error { return stopped }) == stopped)
	fmt.Println(client.Generate(bg, &api.GenerateRequest{Model: "llama", Prompt: "secret question"}, func(r api.GenerateResponse) error { fmt.Println(r.Response); return nil }))
	fmt.Println(len(must(client.Embed(bg, &api.EmbedRequest{Model: "minilm", Input: "secret text"})).Embeddings))
	fmt.Println(len(must(client.List(bg)).Models))
}

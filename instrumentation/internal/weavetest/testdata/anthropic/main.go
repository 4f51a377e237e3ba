// Command anthropic calls models in all ways that the library has for it. The service is a fake in the program itself.
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

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

var bg = context.Background()

// must returns a value that there is.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// events are the parts of an answer that comes as a stream.
func events(w http.ResponseWriter, all ...string) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	for _, e := range all {
		var kind struct{ Type string }
		json.Unmarshal([]byte(e), &kind)
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind.Type, e)
		w.(http.Flusher).Flush()
	}
}

func messages(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Model  string
		Stream bool
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil || r.Header.Get("Traceparent") != "" && os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		log.Fatal("no JSON")
	}
	const started = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-1","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,"output_tokens":1}}}`
	switch {
	case asked.Model == "busy":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(529)
		io.WriteString(w, `{"type":"error","error":{"type":"overloaded_error","message":"secret: too much"}}`)
	case asked.Model == "odd":
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":7,"type":"message","model":"odd","stop_reason":"end_turn","content":{},"usage":{"input_tokens":"many"}}`)
	case asked.Model == "broken":
		events(w, started, `{"type":"error","error":{"type":"overloaded_error","message":"secret"}}`)
	case asked.Stream:
		events(w, started, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"secret words"}}`, `{"type":"content_block_stop","index":0}`,
			`{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}`, `{"type":"message_stop"}`)
	default:
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":"msg_2","type":"message","role":"assistant","model":"claude-sonnet-4-1","content":[{"type":"text","text":"secret answer"}],"stop_reason":"max_tokens","stop_sequence":null,"usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,"output_tokens":5}}`)
	}
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/messages", messages)
	mux.HandleFunc("POST /v1/complete", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"type":"completion","id":"compl_1","completion":"secret","stop_reason":"stop_sequence","model":"claude-2.1"}`)
	})
	mux.HandleFunc("POST /v1/messages/count_tokens", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"input_tokens":3}`)
	})
	web := httptest.NewServer(mux)
	defer web.Close()
	client := anthropic.NewClient(option.WithBaseURL(web.URL+"/"), option.WithAPIKey("secret key"), option.WithMaxRetries(1))

	params := anthropic.MessageNewParams{Model: "claude-sonnet-4", MaxTokens: 100, Temperature: anthropic.Float(0.5), System: []anthropic.TextBlockParam{{Text: "secret rules"}},
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("secret question"))}}
	whole := must(client.Messages.New(bg, params))
	fmt.Println(whole.ID, whole.Content[0].Text, whole.Usage.OutputTokens)
	stream := client.Messages.NewStreaming(bg, params)
	for stream.Next() {
		fmt.Print(stream.Current().Type, " ")
	}
	fmt.Println(stream.Err(), stream.Close())
	// One that the program does not read to its end.
	stream = client.Messages.NewStreaming(bg, params)
	fmt.Println(stream.Next(), stream.Close())

	// Two tries, a stream that is refused, and one that breaks; a service that says odd things.
	params.Model = "busy"
	_, err := client.Messages.New(bg, params)
	var refused *anthropic.Error
	fmt.Println(errors.As(err, &refused) && refused.StatusCode == 529)
	stream = client.Messages.NewStreaming(bg, params, option.WithMaxRetries(0))
	fmt.Println(stream.Next(), stream.Err() != nil)
	params.Model = "broken"
	stream = client.Messages.NewStreaming(bg, params)
	for stream.Next() {
	}
	fmt.Println(stream.Err() != nil, stream.Close())
	params.Model = "odd"
	_, err = client.Messages.New(bg, params)
	fmt.Println(err != nil)
	over, cancel := context.WithCancel(bg)
	cancel()
	_, err = client.Messages.New(over, params)
	fmt.Println(errors.Is(err, context.Canceled))

	// The other services, and an answer that the program reads by itself.
	said := must(client.Completions.New(bg, anthropic.CompletionNewParams{Model: "claude-2", MaxTokensToSample: 7, Prompt: "secret"}))
	fmt.Println(said.Completion)
	fmt.Println(must(client.Messages.CountTokens(bg, anthropic.MessageCountTokensParams{Model: "claude-sonnet-4", Messages: params.Messages})).InputTokens)
	params.Model = "claude-sonnet-4"
	var raw *http.Response
	must(client.Messages.New(bg, params, option.WithResponseInto(&raw)))
	fmt.Println(raw.StatusCode)
}

// Command google_genai calls models in all ways that the library has for it. The service is a fake in the program itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"google.golang.org/genai"
)

var bg = context.Background()

// must returns a value that there is.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

const answer = `{"candidates":[{"content":{"role":"model","parts":[{"text":"secret answer"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":6,"candidatesTokenCount":2,"cachedContentTokenCount":1,"thoughtsTokenCount":3},"modelVersion":"gemini-2.0-flash-001","responseId":"g1"}`

func serve(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.Contains(path, "busy"):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(429)
		io.WriteString(w, `{"error":{"code":429,"message":"secret: too much","status":"RESOURCE_EXHAUSTED"}}`)
	case strings.HasSuffix(path, ":streamGenerateContent"):
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s\n\n", `{"candidates":[{"content":{"role":"model","parts":[{"text":"secret "}]}}]}`)
		w.(http.Flusher).Flush()
		fmt.Fprintf(w, "data: %s\n\n", answer)
	case strings.HasSuffix(path, ":generateContent"):
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, answer)
	case strings.HasSuffix(path, ":batchEmbedContents"):
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"embeddings":[{"values":[0.5,0.25]}]}`)
	default:
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"totalTokens":3}`)
	}
}

func main() {
	web := httptest.NewServer(http.HandlerFunc(serve))
	defer web.Close()
	client := must(genai.NewClient(bg, &genai.ClientConfig{APIKey: "secret key", Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: web.URL}}))
	config := &genai.GenerateContentConfig{Temperature: genai.Ptr[float32](0.5), StopSequences: []string{"end"}}
	fmt.Println(must(client.Models.GenerateContent(bg, "gemini-2.0-flash", genai.Text("secret question"), config)).Text())
	for part, err := range client.Models.GenerateContentStream(bg, "gemini-2.0-flash", genai.Text("secret question"), config) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(part.Text())
	}
	// One that the program does not read to its end.
	for _, err := range client.Models.GenerateContentStream(bg, "gemini-2.0-flash", genai.Text("secret question"), config) {
		fmt.Println(err)
		break
	}
	_, err := client.Models.GenerateContent(bg, "busy", genai.Text("secret question"), nil)
	fmt.Println(err != nil)
	over, cancel := context.WithCancel(bg)
	cancel()
	_, err = client.Models.GenerateContent(over, "gemini-2.0-flash", genai.Text("secret question"), nil)
	fmt.Println(errors.Is(err, context.Canceled))
	vectors := must(client.Models.EmbedContent(bg, "text-embedding-004", genai.Text("secret text"), nil))
	fmt.Println(len(vectors.Embeddings[0].Values))
	fmt.Println(must(client.Models.CountTokens(bg, "gemini-2.0-flash", genai.Text("secret text"), nil)).TotalTokens)
}

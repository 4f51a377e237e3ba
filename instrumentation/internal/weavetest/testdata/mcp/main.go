// Command mcp has a client and a server talk to each other in all ways that the library has for it: over a pipe, and over HTTP.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type city struct {
	City string `json:"city"`
}

var (
	// stopped gets a value when the tool that waits is told to wait no longer.
	stopped = make(chan struct{}, 1)
	// givenUp gets a value when the server has worked on the message that tells it so.
	givenUp = make(chan struct{}, 1)
)

func server() *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "weather", Version: "1"}, nil)
	s.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			result, err := next(ctx, method, req)
			if method == "notifications/cancelled" {
				givenUp <- struct{}{}
			}
			return result, err
		}
	})
	mcp.AddTool(s, &mcp.Tool{Name: "weather", Description: "tells the weather"}, func(ctx context.Context, req *mcp.CallToolRequest, in city) (*mcp.CallToolResult, any, error) {
		if req.Params.Meta["own"] != "kept" {
			log.Print("the metadata is lost")
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "secret sun in " + in.City}}}, nil, nil
	})
	mcp.AddTool(s, &mcp.Tool{Name: "broken", Description: "fails"}, func(context.Context, *mcp.CallToolRequest, city) (*mcp.CallToolResult, any, error) {
		return nil, nil, errors.New("secret: no weather")
	})
	mcp.AddTool(s, &mcp.Tool{Name: "slow", Description: "waits"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ city) (*mcp.CallToolResult, any, error) {
		<-ctx.Done()
		stopped <- struct{}{}
		return nil, nil, ctx.Err()
	})
	mcp.AddTool(s, &mcp.Tool{Name: "asks", Description: "asks the client"}, func(ctx context.Context, req *mcp.CallToolRequest, _ city) (*mcp.CallToolResult, any, error) {
		roots, err := req.Session.ListRoots(context.Background(), nil)
		if err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: fmt.Sprint(len(roots.Roots))}}}, nil, nil
	})
	s.AddPrompt(&mcp.Prompt{Name: "greet"}, func(context.Context, *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: "secret greeting"}}}}, nil
	})
	s.AddResource(&mcp.Resource{URI: "file:///notes.txt", Name: "notes"}, func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: "file:///notes.txt", Text: "secret notes"}}}, nil
	})
	return s
}

// talk has a client talk to a server, over a pipe or over HTTP, whose transport of old versions a long name is too much for.
func talk(t mcp.Transport, pipe bool) {
	ctx := context.Background()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	client.AddRoots(&mcp.Root{URI: "file:///work"})
	session, err := client.Connect(ctx, t, nil)
	if err != nil {
		log.Fatal(err)
	}
	tools, err := session.ListTools(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(tools.Tools))
	params := &mcp.CallToolParams{Meta: mcp.Meta{"own": "kept"}, Name: "weather", Arguments: map[string]any{"city": "secret"}}
	for range 2 {
		said, err := session.CallTool(ctx, params)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(said.Content[0].(*mcp.TextContent).Text, len(params.Meta))
	}
	params.Name = "broken"
	said, err := session.CallTool(ctx, params)
	fmt.Println(err, err == nil && said.IsError)
	params.Name = "asks"
	said, err = session.CallTool(ctx, params)
	if err != nil {
		log.Fatal(err)
	}
	// The protocol of 2026 has no requests of servers.
	fmt.Println(said.IsError)
	params.Name = "nosuch"
	_, err = session.CallTool(ctx, params)
	fmt.Println(err != nil)
	if pipe {
		params.Name = "\xff" + strings.Repeat("x", 1<<20)
		_, err = session.CallTool(ctx, params)
		fmt.Println(err != nil)
	}
	params.Name = "slow"
	brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	_, err = session.CallTool(brief, params)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	cancel()
	<-stopped
	if pipe {
		<-givenUp // in the order of the messages
	}
	prompt, err := session.GetPrompt(ctx, &mcp.GetPromptParams{Name: "greet"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(prompt.Messages))
	read, err := session.ReadResource(ctx, &mcp.ReadResourceParams{URI: "file:///notes.txt"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(read.Contents[0].Text, session.Ping(ctx, nil))
	session.Close()
}

func main() {
	s := server()
	if os.Args[1] == "http" {
		web := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil))
		defer web.Close()
		talk(&mcp.StreamableClientTransport{Endpoint: web.URL}, false)
		return
	}
	here, there := mcp.NewInMemoryTransports()
	over, err := s.Connect(context.Background(), there, nil)
	if err != nil {
		log.Fatal(err)
	}
	talk(here, true)
	over.Wait()
}

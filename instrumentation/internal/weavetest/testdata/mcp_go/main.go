// Command mcp_go has a client and a server talk to each other in the ways that the library has for it: in the process, and over HTTP.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// stopped gets a value when the tool that waits is told to wait no longer.
var stopped = make(chan struct{}, 1)

func newServer() *server.MCPServer {
	s := server.NewMCPServer("weather", "1", server.WithRecovery(), server.WithToolCapabilities(false), server.WithPromptCapabilities(false), server.WithResourceCapabilities(false, false))
	s.AddTool(mcp.NewTool("weather", mcp.WithString("city")), func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if r.Params.Meta == nil || r.Params.Meta.AdditionalFields["own"] != "kept" {
			log.Print("the metadata is lost")
		}
		return mcp.NewToolResultText("secret sun in " + r.GetString("city", "")), nil
	})
	s.AddTool(mcp.NewTool("broken"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultError("secret: no weather"), nil
	})
	s.AddTool(mcp.NewTool("fails"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, errors.New("no weather at all")
	})
	s.AddTool(mcp.NewTool("panics"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		panic("no tool")
	})
	s.AddTool(mcp.NewTool("slow"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		stopped <- struct{}{}
		return nil, ctx.Err()
	})
	s.AddPrompt(mcp.NewPrompt("greet"), func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return mcp.NewGetPromptResult("", []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent("secret greeting"))}), nil
	})
	s.AddResource(mcp.NewResource("file:///notes.txt", "notes"), func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: "file:///notes.txt", Text: "secret notes"}}, nil
	})
	return s
}

// talk has a client talk to its server.
func talk(c *client.Client) {
	ctx := context.Background()
	if err := c.Start(ctx); err != nil {
		log.Fatal(err)
	}
	hello := mcp.InitializeRequest{}
	hello.Params.ProtocolVersion = "2025-03-26"
	hello.Params.ClientInfo = mcp.Implementation{Name: "test", Version: "1"}
	if _, err := c.Initialize(ctx, hello); err != nil {
		log.Fatal(err)
	}
	tools, err := c.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(tools.Tools))
	request := mcp.CallToolRequest{}
	request.Params.Arguments = map[string]any{"city": "secret", "size": 7}
	request.Params.Meta = &mcp.Meta{AdditionalFields: map[string]any{"own": "kept"}}
	for _, name := range []string{"weather", "broken", "fails", "panics", "nosuch", "\xff" + strings.Repeat("x", 1<<20)} {
		request.Params.Name = name
		said, err := c.CallTool(ctx, request)
		fmt.Println(err != nil, err == nil && said.IsError, len(request.Params.Meta.AdditionalFields))
		if err == nil && !said.IsError {
			fmt.Println(said.Content[0].(mcp.TextContent).Text)
		}
	}
	request.Params.Name = "slow"
	brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	_, err = c.CallTool(brief, request)
	fmt.Println(err != nil)
	cancel()
	<-stopped
	prompt := mcp.GetPromptRequest{}
	prompt.Params.Name = "greet"
	greeting, err := c.GetPrompt(ctx, prompt)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(greeting.Messages))
	read := mcp.ReadResourceRequest{}
	read.Params.URI = "file:///notes.txt"
	notes, err := c.ReadResource(ctx, read)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(notes.Contents[0].(mcp.TextResourceContents).Text, c.Ping(ctx))
	c.Close()
}

func main() {
	s := newServer()
	// What no client of the library's sends.
	for _, odd := range []string{"\xff", "{}", "[]", `{"jsonrpc":"2.0","id":1}`, `{"jsonrpc":"2.0","id":{"a":1},"method":"made/up","params":7}`, `{"jsonrpc":"2.0","id":1,"result":{}}`} {
		fmt.Println(s.HandleMessage(context.Background(), []byte(odd)) != nil)
	}
	var c *client.Client
	var err error
	if os.Args[1] == "http" {
		web := httptest.NewServer(server.NewStreamableHTTPServer(s))
		defer web.Close()
		c, err = client.NewStreamableHttpClient(web.URL)
	} else {
		c, err = client.NewInProcessClient(s)
	}
	if err != nil {
		log.Fatal(err)
	}
	talk(c)
}

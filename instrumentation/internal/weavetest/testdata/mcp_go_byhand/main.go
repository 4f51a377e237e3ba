// Command mcp_go_byhand gives a client and a server a tracer, as the library has it.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
	"github.com/mark3labs/mcp-go/tracing"
)

// printer prints what a tracer is told.
type printer struct{ tracing.Span }

func (p printer) Start(ctx context.Context, name string, _ tracing.SpanKind, _ ...tracing.Attribute) (context.Context, tracing.Span) {
	fmt.Println(name)
	return ctx, p.Span
}

func main() {
	ctx := context.Background()
	_, none := tracing.NoopTracer().Start(ctx, "", tracing.SpanKindInternal)
	s := server.NewMCPServer("weather", "1", server.WithTracer(printer{none}))
	s.AddTool(mcp.NewTool("weather"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("sun"), nil
	})
	c, err := client.NewInProcessClientWithOptions(s, client.WithTracer(printer{none}))
	if err != nil {
		log.Fatal(err)
	}
	if err := c.Start(ctx); err != nil {
		log.Fatal(err)
	}
	hello := mcp.InitializeRequest{}
	hello.Params.ProtocolVersion = "2025-03-26"
	if _, err := c.Initialize(ctx, hello); err != nil {
		log.Fatal(err)
	}
	request := mcp.CallToolRequest{}
	request.Params.Name = "weather"
	said, err := c.CallTool(ctx, request)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(said.Content[0].(mcp.TextContent).Text)
}

//go:build weave_adapter

package server

import (
	"context"
	"net/http"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"
)

// weaveSession returns the session of a message, and whether HTTP has brought it.
func weaveSession(ctx context.Context) (id string, web bool) {
	header, _ := ctx.Value(requestHeader).(http.Header)
	if session := ClientSessionFromContext(ctx); session != nil {
		id = session.SessionID()
	}
	return id, header != nil
}

// weaveKnows reports whether a server has the tool or the prompt.
func weaveKnows(s *MCPServer) func(ctx context.Context, method, name string) bool {
	return func(ctx context.Context, method, name string) (known bool) {
		switch method {
		case "tools/call":
			s.toolsMu.RLock()
			_, known = s.tools[name]
			s.toolsMu.RUnlock()
			if session, ok := ClientSessionFromContext(ctx).(SessionWithTools); ok && !known {
				_, known = session.GetSessionTools()[name]
			}
		case "prompts/get":
			s.promptsMu.RLock()
			_, known = s.prompts[name]
			s.promptsMu.RUnlock()
		}
		return known
	}
}

// weaveOutcome returns the code and the text of an error, and whether a tool has failed and says so.
func weaveOutcome(response any) (code, text string, tool bool) {
	switch r := response.(type) {
	case mcp.JSONRPCError:
		return strconv.Itoa(r.Error.Code), r.Error.Message, false
	case mcp.JSONRPCResponse:
		switch result := r.Result.(type) {
		case mcp.CallToolResult:
			tool = result.IsError
		case *mcp.CallToolResult:
			tool = result != nil && result.IsError
		}
	}
	return "", "", tool
}

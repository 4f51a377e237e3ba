//go:build weave_adapter

package client

import (
	"errors"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// weaveTransport returns what a client talks by.
func weaveTransport(c *Client) (network, session string) {
	if c.transport == nil {
		return "", ""
	}
	switch c.transport.(type) {
	case transport.HTTPConnection:
		network = "tcp"
	case *transport.Stdio:
		network = "pipe"
	}
	return network, c.transport.GetSessionId()
}

// weaveCode returns the code that an error of a server has, "" for none: the client does not keep it.
func weaveCode(err error) string {
	for _, known := range []struct {
		err  error
		code string
	}{
		{mcp.ErrParseError, "-32700"}, {mcp.ErrInvalidRequest, "-32600"}, {mcp.ErrMethodNotFound, "-32601"}, {mcp.ErrInvalidParams, "-32602"},
		{mcp.ErrInternalError, "-32603"}, {mcp.ErrRequestInterrupted, "-32800"}, {mcp.ErrResourceNotFound, "-32002"},
	} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return ""
}

package hook

import (
	"context"
	"net/url"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

// MCP describes the requests and notifications of the Model Context Protocol by the semantic conventions for generative AI: a span on each
// side, and its duration. The context is part of a message's `_meta`. Arguments and results of tools are never recorded.
//
//	ctx, call := protocol.Send(ctx, hook.MCPMessage{Method: "tools/call", Name: "weather", Known: true})
//	call.Inject(func(key, value string) { ... })
//	...
//	call.End(0, false, err)
type MCP struct {
	of             *Instrumentation
	client, server *Duration[mcpKey]
}

// MCPMessage is a request or a notification.
type MCPMessage struct {
	Method    string // as "tools/call"
	Name      string // of the tool or the prompt that it is for
	Known     bool   // the receiver has what Name names: it is of a bounded number
	Resource  string // the URI of the resource that it is for
	ID        string // of a request
	Session   string
	Version   string // of the protocol
	Transport string // "tcp" for HTTP, "pipe" for standard input and output
	Endpoint  string // the URL that it is sent to, "" for none
}

// mcpKey is what durations are told apart by.
type mcpKey struct {
	method, tool, prompt, version, transport, address, code, failed string
	port                                                            int
}

// mcpBuckets are those of the semantic conventions.
var mcpBuckets = []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300}

// NewMCP returns the MCP of an instrumentation.
func NewMCP(i *Instrumentation) *MCP {
	return &MCP{
		of:     i,
		client: NewDuration(i, "mcp.client.operation.duration", "The duration of the MCP request or notification as observed on the sender from the time it was sent until the response or ack is received.", mcpBuckets, mcpMeasured),
		server: NewDuration(i, "mcp.server.operation.duration", "MCP request or notification duration as observed on the receiver from the time it was received until the result or ack is sent.", mcpBuckets, mcpMeasured),
	}
}

func mcpMeasured(k mcpKey) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 10), attribute.String("mcp.method.name", k.method))
	attrs = optional(attrs, "gen_ai.tool.name", k.tool)
	attrs = optional(attrs, "gen_ai.prompt.name", k.prompt)
	if k.method == mcpTool {
		attrs = append(attrs, attribute.String("gen_ai.operation.name", "execute_tool"))
	}
	attrs = optional(attrs, "mcp.protocol.version", k.version)
	attrs = optional(attrs, "network.transport", k.transport)
	if k.transport == "tcp" {
		attrs = append(attrs, attribute.String("network.protocol.name", "http"))
	}
	attrs = optional(attrs, "rpc.response.status_code", k.code)
	attrs = optional(attrs, "error.type", k.failed)
	return addressed(attrs, k.address, k.port)
}

// The methods whose messages name what they are for.
const (
	mcpTool   = "tools/call"
	mcpPrompt = "prompts/get"
)

// MCPCall is a message being sent or handled. A nil one is not a message, and its methods do nothing.
type MCPCall struct {
	of    *Duration[mcpKey]
	ctx   context.Context
	op    Op
	begun time.Time
	key   mcpKey
	ended atomic.Bool
}

// maxMCPName bounds the names of methods, tools and prompts, in bytes.
const maxMCPName = 128

// describe returns the name of a message's span, what it is measured by, and what its span has beside that.
func (m MCPMessage) describe() (name string, key mcpKey, more []attribute.KeyValue) {
	key = mcpKey{method: Cut(m.Method, maxMCPName), version: Cut(m.Version, maxMCPName), transport: m.Transport}
	name = key.method
	target := Cut(m.Name, maxMCPName)
	at := map[string]string{mcpTool: "gen_ai.tool.name", mcpPrompt: "gen_ai.prompt.name"}[m.Method]
	switch {
	case at == "" || target == "":
	case !m.Known:
		more = append(more, attribute.String(at, target))
	default:
		name += " " + target
		if m.Method == mcpTool {
			key.tool = target
		} else {
			key.prompt = target
		}
	}
	more = optional(more, "jsonrpc.request.id", Cut(m.ID, maxMCPName))
	more = optional(more, "mcp.session.id", Cut(m.Session, maxMCPName))
	if m.Resource != "" {
		more = append(more, attribute.String("mcp.resource.uri", Cut(redact.Text(Cut(m.Resource, redact.Max)), redact.Max)))
	}
	if u, err := url.Parse(m.Endpoint); err == nil && u.Host != "" {
		key.address, key.port = addressOf(u.Host)
		if key.port == 0 {
			key.address, key.port = u.Hostname(), map[string]int{"http": 80, "https": 443}[u.Scheme]
		}
	}
	return name, key, more
}

func (m *MCP) start(ctx context.Context, kind trace.SpanKind, duration *Duration[mcpKey], about MCPMessage) (context.Context, *MCPCall) {
	name, key, more := about.describe()
	begun := duration.Start()
	described := func() []attribute.KeyValue { return append(mcpMeasured(key), more...) }
	with, op, late := m.of.StartBare(ctx, kind, name, described)
	if op.Span() == nil {
		return ctx, nil
	}
	if late && op.Recording() {
		op.Set(described()...)
	}
	return with, &MCPCall{of: duration, ctx: with, op: op, begun: begun, key: key}
}

// Send begins to send a message.
func (m *MCP) Send(ctx context.Context, about MCPMessage) (context.Context, *MCPCall) {
	if m == nil || ctx == nil || !m.of.On() {
		return ctx, nil
	}
	return m.start(ctx, Client, m.client, about)
}

// Serve begins to handle a message, whose `_meta` get reads. header reads the headers of the HTTP request that carried the message, and is
// nil for other transports. The parent is the span in `_meta`, with a link to the surrounding span, or else the surrounding span. The call
// is active in the goroutine until it ends, which it must on every path.
func (m *MCP) Serve(ctx context.Context, about MCPMessage, get, header func(key string) string) (context.Context, *MCPCall) {
	if m == nil || ctx == nil || !m.of.On() {
		return ctx, nil
	}
	span, _ := explicit(ctx)
	given, around := ctx, span.SpanContext()
	if header != nil {
		// The context is that of the session, which another request of HTTP has begun.
		around = trace.SpanContextFromContext(extracted(context.Background(), header))
		ctx = trace.ContextWithSpanContext(ctx, around)
	}
	sender := trace.SpanContextFromContext(extracted(context.Background(), get))
	if sender.IsValid() {
		ctx = extracted(ctx, get)
	}
	with, call := m.start(ctx, Server, m.server, about)
	if call == nil {
		return given, nil
	}
	// In one process the span around may be the sender's.
	if sender.IsValid() && around.SpanID() != sender.SpanID() {
		call.op.link(around)
	}
	return with, call
}

// Inject passes the names and values of the context to set, one by one.
func (c *MCPCall) Inject(set func(key, value string)) {
	if c != nil {
		Try(func() { otel.GetTextMapPropagator().Inject(c.ctx, header{set: set}) })
	}
}

// End ends the call with an error and its JSON-RPC code, "" for none; tool reports that a tool has failed and said so in its result. Only
// the first end has an effect.
func (c *MCPCall) End(code string, tool bool, err error) {
	if c == nil || !c.ended.CompareAndSwap(false, true) {
		return
	}
	text := ""
	switch {
	case err != nil && code != "":
		c.key.code, c.key.failed, text = code, code, shownError(err)
	case err != nil:
		c.key.failed, text = ErrorType(err), shownError(err)
	case tool:
		c.key.failed, err = "tool_error", errModel
	}
	c.of.Stop(c.ctx, c.begun, c.key)
	if c.key.code != "" {
		c.op.Set(attribute.String("rpc.response.status_code", c.key.code))
	}
	c.op.EndAs(err, c.key.failed, wire.Text(text, wire.MaxText))
}

// EndPanicking ends, in a deferred function, a call that has not ended yet; mark is from its beginning.
func (c *MCPCall) EndPanicking(mark Panic) {
	if c == nil || !c.ended.CompareAndSwap(false, true) {
		return
	}
	value, panicked := mark.Value()
	c.key.failed = "_OTHER"
	if panicked {
		c.key.failed = PanicType(value)
	}
	c.of.Stop(c.ctx, c.begun, c.key)
	if panicked {
		c.op.Panicked(value)
		c.op.End(nil)
		return
	}
	c.op.EndAs(errModel, "_OTHER", "the goroutine has ended")
}

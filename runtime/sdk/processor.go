package sdk

import (
	"context"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// processor encodes spans where they end, and keeps them so until they are sent: nothing of what they point to is kept, and what
// they take is known in bytes.
type processor struct {
	*queue.Queue
	encode func(b []byte, s sdktrace.ReadOnlySpan) (*wire.Scope, []byte)
	idle   func() // closes the connection that is kept, if any
}

var _ sdktrace.SpanProcessor = (*processor)(nil)

// OnStart does nothing.
func (p *processor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd encodes and keeps a span.
func (p *processor) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() || p.Refuses() {
		return
	}
	buffer := buffers.Get().(*[]byte)
	scope, b := p.encode((*buffer)[:0], s)
	if len(b) > 0 {
		p.Add(wire.NewRecord(scope, b))
	}
	if cap(b) <= maxBuffer {
		*buffer = b
		buffers.Put(buffer)
	}
}

// buffers are where spans are encoded. One that a large span made is not kept.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 2<<10); return &b }}

const maxBuffer = 64 << 10

package sdk

import (
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/spans"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// processor encodes spans where they end, and keeps them so until they are sent: nothing of what they point to is kept, and what
// they take is known in bytes.
type processor struct {
	*queue.Queue
	encode func(b []byte, s *wire.Span) []byte
	scoped bool   // records are sent with the scopes of the spans
	idle   func() // closes the connection that is kept, if any
}

var _ spans.Sink = (*processor)(nil)

// OnEnd encodes and keeps a span.
func (p *processor) OnEnd(s *wire.Span, buffer []byte) []byte {
	if p.Refuses() {
		return buffer
	}
	buffer = p.encode(buffer, s)
	if len(buffer) > 0 {
		scope := s.Scope
		if !p.scoped {
			scope = nil
		}
		p.Add(wire.NewRecord(scope, buffer))
	}
	return buffer
}

package hook

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// Layer is a kind of operation in which libraries use each other. An operation directly below another one of its own layer is the same
// operation at a lower level, as a driver's query is below that of database/sql: it gets no span of its own. Operations of different layers
// nest.
//
// A span of an instrumentation that has joined a layer stands for its layer by itself, at no cost. Where it is not recorded, or there is
// none, Mark tells of the layer.
type Layer struct {
	mu     sync.Mutex
	joined atomic.Pointer[[]string] // scopes
}

// The layers.
var (
	LayerHTTP      = new(Layer)
	LayerRPC       = new(Layer)
	LayerDB        = new(Layer)
	LayerMessaging = new(Layer)
	LayerGenAI     = new(Layer)
)

// Join adds the operations of an instrumentation to the layer.
func (l *Layer) Join(i *Instrumentation) { l.Claim(Scope + i.name) }

// Claim adds the spans of other instrumentation to the layer, by the names of its scopes: instrumentation by hand already describes its
// operations.
func (l *Layer) Claim(scopes ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	if before := l.joined.Load(); before != nil {
		all = append(all, *before...)
	}
	all = append(all, scopes...)
	l.joined.Store(&all)
}

// Joined reports whether the instrumentation called name, or another claimed scope, is in the layer.
func (l *Layer) Joined(name string) bool {
	joined := l.joined.Load()
	return joined != nil && (slices.Contains(*joined, Scope+name) || slices.Contains(*joined, name))
}

// layerMark is what a context says of an operation of a layer.
type layerMark struct {
	by  *Instrumentation
	own bool // it counts for operations of the same instrumentation, too
	op  Op
}

type layerKey struct{ of *Layer }

// marked is a context with a mark.
type marked struct {
	context.Context
	layer *Layer
	mark  layerMark
}

func (m *marked) Value(key any) any {
	if k, ok := key.(layerKey); ok && k.of == m.layer {
		return &m.mark
	}
	return m.Context.Value(key)
}

// Mark returns a context for work below an operation of the layer without a span of it, such as the end of a transaction, which does not
// belong to its beginning. If i is not nil, operations of i itself do not count as below it.
func (l *Layer) Mark(ctx context.Context, i *Instrumentation) context.Context {
	return &marked{ctx, l, layerMark{by: i}}
}

// Above returns the operation of the layer that would be the direct parent of an operation of i in ctx, and whether there is one. It takes
// attributes, but End does not end it. It may not be recorded.
func (l *Layer) Above(ctx context.Context, i *Instrumentation) (op Op, within bool) {
	joined := l.joined.Load()
	if ctx == nil || joined == nil {
		return Op{}, false
	}
	// A context is the program's code.
	defer func() {
		if recover() != nil {
			op, within = Op{}, false
		}
	}()
	span := Explicit(ctx)
	if scope, kind, known := sdk.Made(span); known && kind == trace.SpanKindClient && slices.Contains(*joined, scope) {
		return Op{span: span}, true
	}
	if mark, _ := ctx.Value(layerKey{l}).(*layerMark); mark != nil && (mark.own || mark.by != i) {
		return Op{span: mark.op.span}, true
	}
	return Op{}, false
}

// Package active knows the span that is active in the calling goroutine, for code that passes on no context.
//
// A woven package runtime has a slot for it in every goroutine, which goroutines inherit from those that start them, but for
// those of Go itself: finalizers, cleanups and timers (time.AfterFunc) begin with an empty one. What the slot points to is a
// stack of frames, one for each span that is active there, and only a frame's own goroutine changes it.
//
// A context that holds a span always wins; only where there is none do hooks, and trace.SpanFromContext in woven programs,
// ask Current. A goroutine whose inherited span has ended is not part of that span's work any more: its spans begin a new trace
// with a link to it. What an ended span's frame keeps alive is its identity, and nothing of the span.
//
// OTEL_GO_WEAVE_GOROUTINE_CONTEXT=false switches all of it off.
package active

import (
	"sync/atomic"
	"unsafe"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
)

// What the woven package runtime defines; nil where it is not woven.
var (
	// getSlot returns the calling goroutine's slot, and the number of the goroutine, which no other has or will have.
	//go:linkname getSlot runtime.weaveGetSlot
	getSlot func() (unsafe.Pointer, uint64)
	//go:linkname setSlot runtime.weaveSetSlot
	setSlot func(unsafe.Pointer)
)

// on is false if the user wants no goroutine-local context. A hook that runs before this package is initialised finds false.
var on = getSlot != nil && setSlot != nil && env.Bool("OTEL_GO_WEAVE_GOROUTINE_CONTEXT")

// Frame is a span that is active in a goroutine. The nil Frame is none, and its methods do nothing.
type Frame struct {
	state     atomic.Pointer[State] // nil once the span has ended
	goroutine uint64                // the one whose stack has the frame
	below     *Frame                // only for that goroutine
	// The span's identity: a trace.SpanContext in less memory, as few spans have a state of their trace.
	traceState *trace.TraceState // nil for an empty one
	trace      trace.TraceID
	span       trace.SpanID
	flags      trace.TraceFlags
	remote     bool

	incoming bool // of Hidden.Activate
}

func (f *Frame) identify(sc trace.SpanContext) {
	f.trace, f.span, f.flags, f.remote = sc.TraceID(), sc.SpanID(), sc.TraceFlags(), sc.IsRemote()
	if sc.TraceState().Len() > 0 {
		s := sc.TraceState()
		f.traceState = &s
	}
}

func (f *Frame) identity() trace.SpanContext {
	config := trace.SpanContextConfig{TraceID: f.trace, SpanID: f.span, TraceFlags: f.flags, Remote: f.remote}
	if f.traceState != nil {
		config.TraceState = *f.traceState
	}
	return trace.NewSpanContext(config)
}

// State is what an ended span lets go of.
type State struct {
	span    trace.Span
	baggage baggage.Baggage
	manual  bool // started by the program itself, which may end it in any goroutine
}

// is tells whether the frame is that of a span.
func (f *Frame) is(span trace.SpanContext) bool {
	return f.span == span.SpanID() && f.trace == span.TraceID()
}

// live returns the frame's state, or nil if the span has ended.
func (f *Frame) live() *State {
	s := f.state.Load()
	if s != nil && s.manual && s.span.SpanContext().IsSampled() && !s.span.IsRecording() {
		f.state.Store(nil)
		return nil
	}
	return s
}

// top returns the goroutine's topmost frame whose span has not ended, having dropped those above it; or a frame that the
// goroutine inherited, ended or not.
func top() (f *Frame, goroutine uint64) {
	p, goroutine := getSlot()
	f = (*Frame)(p)
	dropped := false
	for f != nil && f.goroutine == goroutine && f.live() == nil {
		// Without its link a dropped frame, which another goroutine may have inherited, keeps no chain alive.
		f, f.below, dropped = f.below, nil, true
	}
	if dropped {
		setSlot(unsafe.Pointer(f))
	}
	return f, goroutine
}

// Current returns the span that is active in the calling goroutine, and its baggage. If there is none because the span that
// the goroutine inherited has ended, origin is that span's identity.
func Current() (span trace.Span, bag baggage.Baggage, origin trace.SpanContext) {
	if !on {
		return nil, bag, origin
	}
	f, _ := top()
	if f == nil {
		return nil, bag, origin
	}
	if s := f.live(); s != nil {
		return s.span, s.baggage, origin
	}
	return nil, bag, f.identity()
}

// Span returns the span that is active in the calling goroutine, or nil.
func Span() trace.Span {
	if !on {
		return nil
	}
	p, _ := getSlot()
	if p == nil {
		return nil
	}
	if f, _ := top(); f != nil {
		if s := f.live(); s != nil {
			return s.span
		}
	}
	return nil
}

// Hidden is what Hide hid.
type Hidden struct{ f *Frame }

// Hide empties the calling goroutine's slot, until a span that is activated by Hidden.Activate has ended or Hidden.Show is
// called: what a server begins for a request is no part of what its goroutine was started for.
func Hide() Hidden {
	if !on {
		return Hidden{}
	}
	f, _ := top()
	if f != nil {
		setSlot(nil)
	}
	return Hidden{f}
}

// Show undoes Hide.
func (h Hidden) Show() {
	if h.f != nil {
		setSlot(unsafe.Pointer(h.f))
	}
}

// Activate makes a span the active one, and has what was hidden come back when it ends. Where the caller has memory that lives no
// longer than the span, in is a part of it, and else nil.
func (h Hidden) Activate(span trace.Span, bag baggage.Baggage, in *State) *Frame {
	if !on {
		return nil
	}
	if in == nil {
		in = new(State)
	}
	in.span, in.baggage = span, bag
	_, goroutine := getSlot()
	f := push(in, h.f, goroutine)
	f.incoming = true
	return f
}

// Activate makes a span of a hook the active one in the calling goroutine, until Leave.
func Activate(span trace.Span, bag baggage.Baggage) *Frame {
	if !on {
		return nil
	}
	below, goroutine := top()
	return push(&State{span: span, baggage: bag}, below, goroutine)
}

// ActivateManual makes a span that the program has started itself the active one in the calling goroutine, until it ends.
func ActivateManual(span trace.Span, bag baggage.Baggage) {
	if !on {
		return
	}
	below, goroutine := top()
	if identity := span.SpanContext(); below != nil && below.goroutine == goroutine && below.is(identity) {
		return // two told
	}
	push(&State{span: span, baggage: bag, manual: true}, below, goroutine)
}

func push(s *State, below *Frame, goroutine uint64) *Frame {
	f := &Frame{goroutine: goroutine, below: below}
	f.identify(s.span.SpanContext())
	f.state.Store(s)
	setSlot(unsafe.Pointer(f))
	return f
}

// Leave ends the frame where the function that activated it is left: what was active before is active again, also if the
// program has left other spans open in between. In another goroutine it only ends the frame.
func (f *Frame) Leave() {
	if f == nil {
		return
	}
	f.state.Store(nil)
	p, goroutine := getSlot()
	if f.goroutine != goroutine {
		return
	}
	for g := (*Frame)(p); g != nil && g.goroutine == goroutine; g = g.below {
		if g == f {
			setSlot(unsafe.Pointer(f.below))
			f.below = nil
			return
		}
	}
}

// LeaveIncoming is Leave for the innermost frame of Hidden.Activate in the calling goroutine. Being no method it costs a hook no
// allocation to have it called at the end.
func LeaveIncoming() {
	if !on {
		return
	}
	p, goroutine := getSlot()
	for f := (*Frame)(p); f != nil && f.goroutine == goroutine; f = f.below {
		if f.incoming {
			f.Leave()
			return
		}
	}
}

// EndManual tells that the program has ended a span. Elsewhere than in its goroutine the span itself tells.
func EndManual(identity trace.SpanContext) {
	if !on {
		return
	}
	p, goroutine := getSlot()
	for f := (*Frame)(p); f != nil && f.goroutine == goroutine; f = f.below {
		if f.is(identity) {
			if s := f.state.Load(); s != nil && s.manual {
				f.state.Store(nil)
			}
			break
		}
	}
	top()
}

// EndUnsampled tells that the program has ended some span that is not recorded, which does not say which one it is.
func EndUnsampled() {
	if !on {
		return
	}
	if f, goroutine := top(); f != nil && f.goroutine == goroutine {
		if s := f.state.Load(); s != nil && s.manual && !s.span.SpanContext().IsSampled() {
			f.state.Store(nil)
			top()
		}
	}
}

// Suppressed is a span that says that no spans are wanted. Being a span, it costs the hooks no second look into the context.
type Suppressed struct{ noop.Span }

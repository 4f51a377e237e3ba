// Package active knows the span that is active in the calling goroutine, for code that passes on no context.
//
// A woven package runtime has two slots for it in every goroutine. One is the goroutine's own: a stack of frames, one for each span
// that is active there, which nobody else sees. The other is what was active where the goroutine was started from, by go or
// time.AfterFunc; goroutines of Go itself, as for finalizers and cleanups, begin with both empty.
//
// There are two kinds of spans. Those of hooks describe woven operations: requests that a server answers, messages, functions. They
// are on the stack from the operation's beginning to its end. Those of the program's own end wherever and whenever it likes, or
// never. So what is active is two things:
//
//   - to a woven operation, the topmost span of either kind (Current, Span);
//   - to the program, what it starts by itself and what it asks for, the topmost woven operation (Woven, WovenSpan): the program's own
//     spans are to each other what the program says by its contexts.
//
// A span of the program's is active until it ends, in whatever goroutine, or until the woven operation ends on whose stack it was
// begun. Of those that are never ended a goroutine has the newest ones.
//
// A context that holds a span always wins. A goroutine whose inherited span has ended is not part of that span's work any more: if
// the woven operation around that has ended as well, its spans begin a new trace with a link to it. What an ended span's frame keeps
// alive is its identity, and nothing of the span.
//
// OTEL_GO_WEAVE_GOROUTINE_CONTEXT=false switches all of it off.
package active

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
)

// What the woven package runtime defines; nil where it is not woven.
var (
	// getSlots returns the calling goroutine's slots: the top of its own stack, and what it has inherited. A goroutine that it starts
	// inherits the former, or else the latter.
	//go:linkname getSlots runtime.weaveGetSlots
	getSlots func() (own, inherited unsafe.Pointer)
	//go:linkname setSlots runtime.weaveSetSlots
	setSlots func(own, inherited unsafe.Pointer)
	// setEnding has a function called in each goroutine that ends with a stack that is not empty.
	//go:linkname setEnding runtime.weaveSetEnding
	setEnding func(func())
	// getRecord and setRecord are for a slot that is not inherited: the record that the goroutine is logging.
	//go:linkname getRecord runtime.weaveGetRecord
	getRecord func() unsafe.Pointer
	//go:linkname setRecord runtime.weaveSetRecord
	setRecord func(unsafe.Pointer)
)

// on is false if the user wants no goroutine-local context. A hook that runs before this package is initialised finds false.
var on = getSlots != nil && setSlots != nil && env.Bool("OTEL_GO_WEAVE_GOROUTINE_CONTEXT")

// maxOpen is how many spans of the program's may be open on top of each other in a goroutine; of more the keepOpen newest ones stay active.
const maxOpen, keepOpen = 64, 48

// Frame is a span that is active in a goroutine. The nil Frame is none, and its methods do nothing.
type Frame struct {
	state atomic.Pointer[State] // nil once the span is not active any more; &passed
	below *Frame                // only for the goroutine that has begun it; nil once it is not on the stack
	// within is the innermost woven operation at the beginning of a span of the program's; of a woven operation the outermost one that
	// is not for other work (a request, a message), nil if it is that itself. So one frame keeps two others at most.
	within *Frame
	// The span's identity: a trace.SpanContext in less memory, as few spans have a state of their trace.
	traceState *trace.TraceState // nil for an empty one
	trace      trace.TraceID
	span       trace.SpanID
	flags      trace.TraceFlags
	remote     bool

	incoming bool  // of Hidden.Activate
	manual   bool  // of a span of the program's, which may end it in any goroutine
	recorded bool  // of these, one that tells whether it has ended
	count    uint8 // of these, how many there are down to the next woven operation, or were
	stays    bool  // of Stay
}

// State is the part of a span that is released when the span ends.
type State struct {
	span    trace.Span // nil only in passed
	baggage baggage.Baggage
	end     func(dropped bool) // of Stay
	seen    atomic.Bool        // of these, whether anybody has asked for the span
}

// passed is the state of an operation that has passed its work on: nothing is active where it is the topmost one.
var passed State

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

// is reports whether the frame is that of a span.
func (f *Frame) is(span trace.SpanContext) bool {
	return f.span == span.SpanID() && f.trace == span.TraceID()
}

// live returns the frame's state, or nil if the span is not active any more.
func (f *Frame) live() *State {
	s := f.state.Load()
	if s != nil && f.recorded && !s.span.IsRecording() {
		f.state.Store(nil)
		return nil
	}
	return s
}

// end makes the span inactive, whatever goroutine asks.
func (f *Frame) end() {
	s := f.state.Load()
	if s == nil || s == &passed {
		return
	}
	f.state.Store(nil)
	if f.manual && !f.recorded {
		unrecorded.remove(f)
	}
}

// top returns the topmost frame of the goroutine's own that is active, having dropped those above it, and what it has inherited.
func top() (own, inherited *Frame) {
	o, i := getSlots()
	own, inherited = (*Frame)(o), (*Frame)(i)
	if own == nil || own.live() != nil {
		return own, inherited
	}
	for own != nil && own.live() == nil {
		// Without its link a dropped frame, which another goroutine may have inherited, keeps nothing alive.
		own, own.below = own.below, nil
	}
	setSlots(unsafe.Pointer(own), i)
	return own, inherited
}

// visible returns the state and the frame of what is active to woven operations. Where there is no state, the frame is one that was
// inherited and has ended, or nil.
func visible() (*State, *Frame) {
	f, inherited := top()
	if f == nil {
		if f = inherited; f == nil {
			return nil, nil
		}
	}
	if s := f.live(); s != nil {
		if f.stays && !s.seen.Load() {
			s.seen.Store(true)
		}
		return s, f
	}
	if f != inherited {
		return visible() // it has ended in this moment
	}
	if s, around := f.woven(); s != nil {
		return s, around
	}
	return nil, f
}

// woven returns the woven operation that a frame is or is in, and its state. Where there is no state, the operation has ended, or is nil.
func (f *Frame) woven() (*State, *Frame) {
	if f.manual {
		if f = f.within; f == nil {
			return nil, nil
		}
	}
	for w := f; w != nil; w = w.within {
		if s := w.state.Load(); s != nil {
			return s, w
		}
	}
	return nil, f
}

// Current returns the span that is active in the calling goroutine, and its baggage. If there is none because the span that
// the goroutine inherited has ended, origin is that span's identity.
func Current() (span trace.Span, bag baggage.Baggage, origin trace.SpanContext) {
	if !on {
		return nil, bag, origin
	}
	s, f := visible()
	switch {
	case s != nil:
		return s.span, s.baggage, origin
	case f != nil:
		origin = f.identity()
	}
	return nil, bag, origin
}

// Span returns the span that is active in the calling goroutine, or nil.
func Span() trace.Span {
	if !on {
		return nil
	}
	if own, inherited := getSlots(); own == nil && inherited == nil {
		return nil
	}
	if s, _ := visible(); s != nil {
		return s.span
	}
	return nil
}

// Woven is Current for what the program starts by itself: only a woven operation is its parent.
func Woven() (span trace.Span, bag baggage.Baggage, origin trace.SpanContext) {
	if !on {
		return nil, bag, origin
	}
	_, f := visible()
	if f == nil {
		return nil, bag, origin
	}
	s, f := f.woven()
	switch {
	case s != nil:
		return s.span, s.baggage, origin
	case f != nil:
		origin = f.identity()
	}
	return nil, bag, origin
}

// WovenSpan is Span for what the program asks for: the span of a woven operation, or nil.
func WovenSpan() trace.Span {
	if !on {
		return nil
	}
	if own, inherited := getSlots(); own == nil && inherited == nil {
		return nil
	}
	if _, f := visible(); f != nil {
		if s, _ := f.woven(); s != nil {
			return s.span
		}
	}
	return nil
}

// Hidden is the state that Hide hid.
type Hidden struct{ own, inherited unsafe.Pointer }

// Hide empties the calling goroutine's slots, until Hidden.Activate or Hidden.Show is called: what a server begins for a request is
// no part of what its goroutine was started for.
func Hide() (h Hidden) {
	if on {
		if h.own, h.inherited = getSlots(); h.own != nil || h.inherited != nil {
			setSlots(nil, nil)
		}
	}
	return h
}

// Show undoes Hide.
func (h Hidden) Show() {
	if h.own != nil || h.inherited != nil {
		setSlots(h.own, h.inherited)
	}
}

// Activate makes a span the active one, above what was hidden, which comes back when it ends. Where the caller has memory that lives no
// longer than the span, in is a part of it, and else nil.
func (h Hidden) Activate(span trace.Span, bag baggage.Baggage, in *State) *Frame {
	if !on {
		return nil
	}
	if in == nil {
		in = new(State)
	}
	in.span, in.baggage, in.end = span, bag, nil
	in.seen.Store(false)
	return push(&Frame{below: (*Frame)(h.own), incoming: true}, in, (*Frame)(h.inherited))
}

// Activate makes a span of a hook the active one in the calling goroutine, until Leave.
func Activate(span trace.Span, bag baggage.Baggage) *Frame {
	if !on {
		return nil
	}
	own, inherited := top()
	return push(&Frame{below: own, within: around(own, inherited)}, &State{span: span, baggage: bag}, inherited)
}

// around returns the outermost operation that a woven operation is in, which is begun above these frames.
func around(own, inherited *Frame) *Frame {
	if own == nil {
		if own = inherited; own == nil {
			return nil
		}
	}
	s, w := own.woven()
	if s == nil {
		return nil
	}
	if w.within != nil && w.within.state.Load() != nil {
		return w.within
	}
	return w
}

// ActivateManual makes a span that the program has started itself active in the calling goroutine.
func ActivateManual(span trace.Span, bag baggage.Baggage) {
	if !on {
		return
	}
	own, inherited := top()
	f := &Frame{below: own, manual: true, recorded: span.IsRecording(), count: 1}
	f.within = own
	if own == nil {
		f.within = inherited
	} else if own.manual {
		if own.is(span.SpanContext()) {
			return // two told
		}
		if own.count >= maxOpen {
			own = thin(own)
			f.below = own
		}
		if own != nil && own.manual {
			f.count = own.count + 1
		}
	}
	if f.within != nil && f.within.manual {
		f.within = f.within.within
	}
	push(f, &State{span: span, baggage: bag}, inherited)
	if !f.recorded {
		unrecorded.add(f)
	}
}

// thin drops spans of the program's that are on top of the stack: those that have ended elsewhere, and the oldest ones of too many.
func thin(f *Frame) *Frame {
	var kept []*Frame
	for f != nil && f.manual {
		next := f.below
		if f.live() != nil && len(kept) < keepOpen {
			kept = append(kept, f)
		} else {
			f.end()
			f.below = nil
		}
		f = next
	}
	for i, k := range slices.Backward(kept) {
		k.below, k.count = f, uint8(len(kept)-i)
		f = k
	}
	return f
}

func push(f *Frame, s *State, inherited *Frame) *Frame {
	f.identify(s.span.SpanContext())
	f.state.Store(s)
	setSlots(unsafe.Pointer(f), unsafe.Pointer(inherited))
	return f
}

// Leave ends the frame where the function that activated it is left: what was active before is active again, and what the
// program has left open in between is active no more. What stays there goes on, unless the frame is that of other work (a request).
// In another goroutine it only ends the frame.
func (f *Frame) Leave() {
	if f == nil {
		return
	}
	f.end()
	own, inherited := getSlots()
	for g := (*Frame)(own); g != f; g = g.below {
		if g == nil {
			return
		}
	}
	var stays *Frame
	for g := (*Frame)(own); g != f; {
		if g.stays && stays == nil && g.live() != nil {
			stays, g = g, g.below
			continue
		}
		g.end()
		g, g.below = g.below, nil
	}
	below := f.below
	f.below = nil
	if stays == nil {
		setSlots(unsafe.Pointer(below), inherited)
		return
	}
	stays.below = below
	setSlots(unsafe.Pointer(stays), inherited)
	if f.incoming {
		stays.endStay(false)
	}
}

// Stay keeps a frame of Hidden.Activate beyond the function that activated it, as what a goroutine does with a message that it has
// fetched comes after the fetch. It ends where the goroutine calls LeaveStay, where the work ends that it was begun in (a request), or
// where the goroutine ends; then end is called, once, unless the frame has been left before. It is told whether the span
// is to be dropped. Stay tells whether that will be.
func (f *Frame) Stay(end func(dropped bool)) bool {
	if f == nil || setEnding == nil {
		return false
	}
	if s := f.state.Load(); s != nil && s != &passed {
		s.end = end
		f.stays, f.incoming = true, false
		return true
	}
	return false
}

// endStay ends what stays, in its goroutine. What was begun in it and has not ended goes on.
func (f *Frame) endStay(drop bool) {
	s := f.state.Load()
	f.end()
	own, inherited := getSlots()
	if (*Frame)(own) == f {
		setSlots(unsafe.Pointer(f.below), inherited)
	} else {
		for above := (*Frame)(own); above != nil; above = above.below {
			if above.below == f {
				above.below = f.below
				break
			}
		}
	}
	f.below = nil
	if s != nil && s.end != nil {
		s.end(drop && !s.seen.Load())
	}
}

// LeaveStay ends what stays in the calling goroutine: it is about to fetch another message, and may wait. What stays below a request
// that it is answering goes on.
func LeaveStay() { leaveStay(false) }

// DropStay is LeaveStay that drops the span if nobody has asked for it: what comes now is a part of that and described by itself.
func DropStay() { leaveStay(true) }

func leaveStay(drop bool) {
	if !on {
		return
	}
	own, _ := getSlots()
	for f := (*Frame)(own); f != nil && !(f.incoming && f.state.Load() != nil); f = f.below {
		if f.stays {
			f.endStay(drop)
			return
		}
	}
}

// Incoming reports whether the calling goroutine is in an operation of other work that has an end of its own: it answers a request, or a
// message was handed to a function that it runs.
func Incoming() bool {
	if !on {
		return false
	}
	own, _ := getSlots()
	for f := (*Frame)(own); f != nil; f = f.below {
		if f.incoming && f.state.Load() != nil {
			return true
		}
	}
	return false
}

// ending is called where a goroutine ends that has a stack.
func ending() {
	defer func() { _ = recover() }()
	own, _ := getSlots()
	for f := (*Frame)(own); f != nil; f = f.below {
		if f.stays {
			f.endStay(false)
			return
		}
	}
}

func init() {
	if on && setEnding != nil {
		setEnding(ending)
	}
}

// Pass leaves nothing active in place of the frame's span, until the frame is left: somebody else's span is to be.
func (f *Frame) Pass() {
	if f != nil {
		f.state.Store(&passed)
	}
}

// LeaveIncoming is Leave for the innermost frame of Hidden.Activate in the calling goroutine. Being no method it costs a hook no
// allocation to have it called at the end.
func LeaveIncoming() {
	if !on {
		return
	}
	own, _ := getSlots()
	for f := (*Frame)(own); f != nil; f = f.below {
		if f.incoming {
			f.Leave()
			return
		}
	}
}

// EndManual tells that the program has ended a span, in whatever goroutine.
func EndManual(identity trace.SpanContext) {
	if !on {
		return
	}
	own, inherited := getSlots()
	var above *Frame
	for f := (*Frame)(own); f != nil; above, f = f, f.below {
		if f.manual && f.is(identity) {
			f.end()
			if above == nil {
				setSlots(unsafe.Pointer(f.below), inherited)
			} else {
				above.below = f.below
			}
			f.below = nil
			return
		}
	}
	// One that is recorded tells by itself.
	if !identity.IsSampled() {
		unrecorded.end(identity)
	}
}

// unrecorded has the program's open spans that nobody records, which cannot tell whether they have ended. Those that are never ended are
// pushed out by others.
var unrecorded openSpans

// openSpans are lists of frames, by their spans, the oldest first.
type openSpans [64]struct {
	mu     sync.Mutex
	frames []*Frame
}

// maxUnrecorded is how long each list may be.
const maxUnrecorded = 128

func (all *openSpans) add(f *Frame) {
	list := &all[f.span[7]%byte(len(all))]
	list.mu.Lock()
	defer list.mu.Unlock()
	if len(list.frames) >= maxUnrecorded {
		list.frames[0].state.Store(nil)
		list.frames = slices.Delete(list.frames, 0, 1)
	}
	list.frames = append(list.frames, f)
}

func (all *openSpans) remove(f *Frame) {
	list := &all[f.span[7]%byte(len(all))]
	list.mu.Lock()
	defer list.mu.Unlock()
	for i, g := range slices.Backward(list.frames) {
		if g == f {
			list.frames = slices.Delete(list.frames, i, i+1)
			return
		}
	}
}

// end makes the frame of a span inactive.
func (all *openSpans) end(identity trace.SpanContext) {
	id := identity.SpanID()
	list := &all[id[7]%byte(len(all))]
	list.mu.Lock()
	defer list.mu.Unlock()
	for i, f := range slices.Backward(list.frames) {
		if f.is(identity) {
			f.state.Store(nil)
			list.frames = slices.Delete(list.frames, i, i+1)
			return
		}
	}
}

// Explicit returns the span that a context holds itself, whatever is active in the goroutine; nil for none.
func Explicit(ctx context.Context) trace.Span {
	s, _ := Ask(ctx)
	return s
}

// Ask is Explicit, and tells whether the context answers: it is the program's code, and may panic.
func Ask(ctx context.Context) (s trace.Span, answers bool) {
	if ctx == nil {
		return nil, true
	}
	var hidden Hidden
	defer func() {
		if !answers {
			_ = recover()
			hidden.Show()
			s = nil
		}
	}()
	if spanKey != nil {
		s, _ = ctx.Value(spanKey).(trace.Span)
	} else {
		hidden = Hide()
		s = trace.SpanFromContext(ctx)
		hidden.Show()
	}
	if s == none {
		s = nil
	}
	return s, true
}

// SpanContext returns the identity of the span of ctx, or else of the one that is active in the calling goroutine.
func SpanContext(ctx context.Context) trace.SpanContext {
	if s := Explicit(ctx); s != nil {
		if sc := s.SpanContext(); sc.IsValid() {
			return sc
		}
	}
	if s := Span(); s != nil {
		return s.SpanContext()
	}
	return trace.SpanContext{}
}

// logging is a record that a goroutine is logging, for the handler that writes it.
type logging struct {
	span  trace.SpanContext
	outer *logging // the record that is being logged where this one is
}

// BeginRecord tells that the calling goroutine begins to log a record with this context. If that returns true, EndRecord must follow:
// the record is about a span.
func BeginRecord(ctx context.Context) bool {
	if getRecord == nil || setRecord == nil {
		return false
	}
	span := SpanContext(ctx)
	if !span.IsValid() {
		return false
	}
	setRecord(unsafe.Pointer(&logging{span, (*logging)(getRecord())}))
	return true
}

// EndRecord tells that the record has been logged.
func EndRecord() {
	if l := (*logging)(getRecord()); l != nil {
		setRecord(unsafe.Pointer(l.outer))
	}
}

// Logging returns the span that the record is about which the calling goroutine is logging; one that is not valid if there is none.
func Logging() trace.SpanContext {
	if getRecord != nil {
		if l := (*logging)(getRecord()); l != nil {
			return l.span
		}
	}
	return trace.SpanContext{}
}

// InRecord reports whether the calling goroutine is in a handler of a record that is about a span. What handlers ask for by the record's
// context is to be there in the plain program as well: it is what they write.
func InRecord() bool { return getRecord != nil && getRecord() != nil }

// none is what trace.SpanFromContext returns where there is no span.
var none = trace.SpanFromContext(context.Background())

// SpanKey returns the key under which contexts hold spans, which only package trace has a name for; nil if it asks otherwise.
func SpanKey() any { return spanKey }

var spanKey = func() any {
	asked := new(keyAsked)
	asked.Context = context.Background()
	trace.SpanFromContext(asked)
	return asked.key
}()

// keyAsked remembers the key that it is asked for.
type keyAsked struct {
	context.Context
	key any
}

func (k *keyAsked) Value(key any) any {
	if k.key == nil {
		k.key = key
	}
	return nil
}

// Suppressed is a span that says that no spans are wanted. Being a span, it costs the hooks no second look into the context.
type Suppressed struct{ noop.Span }

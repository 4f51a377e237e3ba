package active

import (
	"testing"
	"unsafe"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// goroutines stand in for those of a woven runtime.
type goroutines struct {
	slots   map[uint64]unsafe.Pointer
	current uint64
}

func simulate(t *testing.T) *goroutines {
	g := &goroutines{map[uint64]unsafe.Pointer{}, 1}
	getSlot = func() (unsafe.Pointer, uint64) { return g.slots[g.current], g.current }
	setSlot = func(p unsafe.Pointer) { g.slots[g.current] = p }
	on = true
	t.Cleanup(func() { getSlot, setSlot, on = nil, nil, false })
	return g
}

// spawn starts a goroutine and goes on in it.
func (g *goroutines) spawn(number uint64) {
	g.slots[number] = g.slots[g.current]
	g.current = number
}

// span is a span that is sampled, and recorded until it ends.
type span struct {
	noop.Span
	id    byte
	ended bool
}

func (s *span) SpanContext() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{s.id}, TraceFlags: trace.FlagsSampled})
}
func (s *span) IsRecording() bool { return !s.ended }

// check checks which span is active (0 for none), and what a new trace would be linked to.
func check(t *testing.T, where string, id, origin byte) {
	t.Helper()
	s, _, from := Current()
	got := byte(0)
	if s != nil {
		got = s.(*span).id
	}
	if got != id || from.SpanID() != (trace.SpanID{origin}) {
		t.Errorf("%s: %d after %s, want %d after %d", where, got, from.SpanID(), id, origin)
	}
	if (Span() == nil) != (id == 0) {
		t.Errorf("%s: Span() is %v", where, Span())
	}
}

func TestNesting(t *testing.T) {
	simulate(t)
	check(t, "empty", 0, 0)
	outer := Activate(&span{id: 1}, baggage.Baggage{})
	inner := Activate(&span{id: 2}, baggage.Baggage{})
	check(t, "both", 2, 0)
	inner.Leave()
	check(t, "outer", 1, 0)
	inner.Leave()
	check(t, "left twice", 1, 0)
	Activate(&span{id: 3}, baggage.Baggage{})
	outer.Leave()
	check(t, "left with one above", 0, 0)
	(*Frame)(nil).Leave()
}

func TestManual(t *testing.T) {
	g := simulate(t)
	a, b, c := &span{id: 1}, &span{id: 2}, &span{id: 3}
	ActivateManual(a, baggage.Baggage{})
	ActivateManual(b, baggage.Baggage{})
	ActivateManual(b, baggage.Baggage{})
	ActivateManual(c, baggage.Baggage{})
	b.ended = true
	EndManual(b.SpanContext())
	check(t, "the middle one has ended", 3, 0)
	EndManual(c.SpanContext())
	check(t, "two have ended", 1, 0)
	g.spawn(2)
	a.ended = true
	g.current = 1
	check(t, "ended elsewhere, which the span tells", 0, 0)
	g.current = 2
	check(t, "ended, as inherited", 0, 1)
}

func TestInheritance(t *testing.T) {
	g := simulate(t)
	f := Activate(&span{id: 1}, baggage.Baggage{})
	g.spawn(2)
	check(t, "inherited", 1, 0)
	own := Activate(&span{id: 2}, baggage.Baggage{})
	check(t, "own", 2, 0)
	f.Leave()
	g.current = 1
	f.Leave()
	check(t, "ended at home", 0, 0)
	g.current = 2
	check(t, "own while the inherited one has ended", 2, 0)
	own.Leave()
	check(t, "inherited one has ended", 0, 1)
	if f.below != nil || f.state.Load() != nil {
		t.Error("an ended frame keeps something alive")
	}
}

// TestIdentity: what a new trace is linked to is all that is known of the span that has ended.
func TestIdentity(t *testing.T) {
	g := simulate(t)
	state, err := trace.ParseTraceState("vendor=1")
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range []trace.SpanContextConfig{
		{TraceID: trace.TraceID{1, 15: 2}, SpanID: trace.SpanID{3, 7: 4}},
		{TraceID: trace.TraceID{5}, SpanID: trace.SpanID{6}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true},
	} {
		want := trace.NewSpanContext(config)
		f := Activate(trace.SpanFromContext(trace.ContextWithSpanContext(t.Context(), want)), baggage.Baggage{})
		g.spawn(g.current + 1)
		f.Leave()
		if _, _, got := Current(); !got.Equal(want) {
			t.Errorf("%v, not %v", got, want)
		}
		g.slots[g.current] = nil
	}
}

func TestHide(t *testing.T) {
	g := simulate(t)
	Activate(&span{id: 1}, baggage.Baggage{})
	g.spawn(2)
	hidden := Hide()
	check(t, "hidden", 0, 0)
	f := hidden.Activate(&span{id: 2}, baggage.Baggage{}, nil)
	check(t, "served", 2, 0)
	f.Leave()
	check(t, "as before", 1, 0)

	var in State
	Hide().Activate(&span{id: 3}, baggage.Baggage{}, &in)
	Activate(&span{id: 4}, baggage.Baggage{}) // left open
	f = Hide().Activate(&span{id: 5}, baggage.Baggage{}, nil)
	g.spawn(3)
	LeaveIncoming()
	check(t, "of another goroutine", 5, 0)
	g.current = 2
	LeaveIncoming()
	check(t, "the innermost", 4, 0)
	f.Leave()
	LeaveIncoming()
	check(t, "with what was left open in it", 1, 0)
	LeaveIncoming()
	check(t, "nothing came in", 1, 0)
	Hide().Show()
	check(t, "shown", 1, 0)
}

func TestUnsampled(t *testing.T) {
	simulate(t)
	unsampled := trace.SpanFromContext(trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{9}})))
	Activate(&span{id: 1}, baggage.Baggage{})
	EndUnsampled()
	check(t, "nothing to end", 1, 0)
	ActivateManual(unsampled, baggage.Baggage{})
	if s := Span(); s == nil || !s.SpanContext().Equal(unsampled.SpanContext()) {
		t.Error("a span that is not sampled is not active")
	}
	EndUnsampled()
	check(t, "ended", 1, 0)
}

func TestOff(t *testing.T) {
	if Activate(&span{id: 1}, baggage.Baggage{}) != nil {
		t.Error("a frame without a woven runtime")
	}
	ActivateManual(&span{id: 1}, baggage.Baggage{})
	EndManual((&span{id: 1}).SpanContext())
	EndUnsampled()
	Hide().Activate(&span{id: 1}, baggage.Baggage{}, nil).Leave()
	LeaveIncoming()
	check(t, "off", 0, 0)
}

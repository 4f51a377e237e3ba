package active

import (
	"context"
	"encoding/binary"
	"runtime"
	"testing"
	"unsafe"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// goroutines stand in for those of a woven runtime.
type goroutines struct {
	slots   map[uint64][2]unsafe.Pointer
	current uint64
}

func simulate(t *testing.T) *goroutines {
	g := &goroutines{map[uint64][2]unsafe.Pointer{}, 1}
	getSlots = func() (own, inherited unsafe.Pointer) { s := g.slots[g.current]; return s[0], s[1] }
	setSlots = func(own, inherited unsafe.Pointer) { g.slots[g.current] = [2]unsafe.Pointer{own, inherited} }
	on = true
	t.Cleanup(func() { getSlots, setSlots, on = nil, nil, false })
	return g
}

// spawn starts a goroutine and goes on in it.
func (g *goroutines) spawn(number uint64) {
	s := g.slots[g.current]
	if s[0] == nil {
		s[0] = s[1]
	}
	g.slots[number] = [2]unsafe.Pointer{nil, s[0]}
	g.current = number
}

// exit ends the goroutine and goes on in another one.
func (g *goroutines) exit(to uint64) {
	delete(g.slots, g.current)
	g.current = to
}

// span is a span that is sampled and recorded until it ends, or neither.
type span struct {
	noop.Span
	id        uint64
	ended     bool
	unsampled bool
	room      [200]byte
}

func (s *span) SpanContext() trace.SpanContext {
	config := trace.SpanContextConfig{TraceID: trace.TraceID{1}, TraceFlags: trace.FlagsSampled}
	binary.BigEndian.PutUint64(config.SpanID[:], s.id)
	if s.unsampled {
		config.TraceFlags = 0
	}
	return trace.NewSpanContext(config)
}
func (s *span) IsRecording() bool { return !s.ended && !s.unsampled }

// end ends a span as the SDK does.
func (s *span) end() {
	s.ended = true
	EndManual(s.SpanContext())
}

// elsewhere ends it in another goroutine.
func (g *goroutines) elsewhere(s *span) {
	here := g.current
	g.current = 1 << 60
	s.end()
	g.current = here
}

func manual(s *span) *span {
	ActivateManual(s, baggage.Baggage{})
	return s
}

func id(s trace.Span) uint64 {
	if s == nil {
		return 0
	}
	return s.(*span).id
}

// check checks which span is active to woven operations (0 for none), and what a new trace would be linked to.
func check(t *testing.T, where string, want, origin uint64) {
	t.Helper()
	s, _, from := Current()
	o := from.SpanID()
	if id(s) != want || binary.BigEndian.Uint64(o[:]) != origin {
		t.Errorf("%s: %d after %s, want %d after %d", where, id(s), o, want, origin)
	}
	if id(Span()) != want {
		t.Errorf("%s: Span() is %v", where, Span())
	}
}

// checkWoven checks the same for the program.
func checkWoven(t *testing.T, where string, want, origin uint64) {
	t.Helper()
	s, _, from := Woven()
	o := from.SpanID()
	if id(s) != want || binary.BigEndian.Uint64(o[:]) != origin {
		t.Errorf("%s: to the program %d after %s, want %d after %d", where, id(s), o, want, origin)
	}
	if id(WovenSpan()) != want {
		t.Errorf("%s: WovenSpan() is %v", where, WovenSpan())
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
	(*Frame)(nil).Pass()
}

func TestManual(t *testing.T) {
	for _, unsampled := range []bool{false, true} {
		g := simulate(t)
		a, b, c := &span{id: 1, unsampled: unsampled}, &span{id: 2, unsampled: unsampled}, &span{id: 3, unsampled: unsampled}
		manual(a)
		manual(b)
		manual(b)
		manual(c)
		checkWoven(t, "no operation", 0, 0)
		b.end()
		check(t, "the middle one has ended", 3, 0)
		c.end()
		check(t, "two have ended", 1, 0)
		g.spawn(2)
		check(t, "inherited", 1, 0)
		a.end()
		check(t, "ended, as inherited", 0, 1)
		checkWoven(t, "ended, as inherited", 0, 0)
		g.current = 1
		check(t, "ended elsewhere", 0, 0)
	}
}

// TestProgram: to what the program starts its own spans are nothing.
func TestProgram(t *testing.T) {
	g := simulate(t)
	request := Hide().Activate(&span{id: 1}, baggage.Baggage{}, nil)
	a := manual(&span{id: 2})
	checkWoven(t, "in a span", 1, 0)
	inner := Activate(&span{id: 3}, baggage.Baggage{})
	manual(&span{id: 4})
	check(t, "in both", 4, 0)
	checkWoven(t, "in an operation", 3, 0)
	g.spawn(2)
	check(t, "inherited", 4, 0)
	checkWoven(t, "inherited", 3, 0)
	own := manual(&span{id: 5})
	checkWoven(t, "in a span of its own", 3, 0)
	g.current = 1
	inner.Leave()
	check(t, "what was begun in it ends with it", 2, 0)
	g.current = 2
	check(t, "a goroutine's own does not", 5, 0)
	checkWoven(t, "the operation around it", 1, 0)
	own.end()
	check(t, "the operation around it", 1, 0)
	g.current = 1
	a.end()
	request.Leave()
	g.current = 2
	check(t, "all has ended", 0, 4)
	checkWoven(t, "all has ended", 0, 3)
	late := manual(&span{id: 6})
	check(t, "late", 6, 0)
	checkWoven(t, "late", 0, 3)
	job := Activate(&span{id: 7}, baggage.Baggage{})
	checkWoven(t, "an operation of its own", 7, 0)
	job.Leave()
	late.end()
	check(t, "at the end", 0, 4)
}

// TestLeftOpen: what is begun in an operation and not ended in it.
func TestLeftOpen(t *testing.T) {
	for _, unsampled := range []bool{false, true} {
		g := simulate(t)
		before := manual(&span{id: 1, unsampled: unsampled})
		request := Hide().Activate(&span{id: 2}, baggage.Baggage{}, nil)
		s := manual(&span{id: 3, unsampled: unsampled})
		g.spawn(2)
		check(t, "inherited", 3, 0)
		g.current = 1
		request.Leave()
		check(t, "what was before", 1, 0)
		g.current = 2
		check(t, "begun in an operation that has ended", 0, 3)
		s.end()
		g.current = 1
		check(t, "ended later", 1, 0)
		before.end()
		check(t, "nothing", 0, 0)
	}
	if n := unrecorded.len(); n != 0 {
		t.Errorf("%d spans are kept", n)
	}
}

func (all *openSpans) len() (n int) {
	for i := range all {
		n += len(all[i].frames)
	}
	return n
}

// TestPass: an operation that somebody else's span describes is nobody's parent, and still the end of what is begun in it.
func TestPass(t *testing.T) {
	g := simulate(t)
	manual(&span{id: 1})
	request := Hide().Activate(&span{id: 2}, baggage.Baggage{}, nil)
	g.spawn(2)
	g.current = 1
	request.Pass()
	check(t, "passed on", 0, 0)
	theirs := manual(&span{id: 3})
	check(t, "theirs", 3, 0)
	checkWoven(t, "theirs", 0, 0)
	manual(&span{id: 4}) // never ended
	theirs.end()
	check(t, "left open", 4, 0)
	request.Leave()
	check(t, "what was before", 1, 0)
	g.current = 2
	check(t, "inherited before", 0, 0)
	checkWoven(t, "inherited before", 0, 0)
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
	g.spawn(3)
	check(t, "inherited by inheritance", 0, 1)
	if f.below != nil || f.state.Load() != nil {
		t.Error("an ended frame keeps something alive")
	}
}

// TestStay: an operation that lasts until the next one begins, as that of a message that a loop has fetched.
func TestStay(t *testing.T) {
	simulate(t)
	var stay *Frame
	for n := uint64(1); n <= 3; n++ {
		stay.Leave()
		check(t, "between two", 0, 0)
		stay = Hide().Activate(&span{id: n}, baggage.Baggage{}, nil)
		manual(&span{id: 10 + n}) // left open
		inner := Activate(&span{id: 20 + n}, baggage.Baggage{})
		checkWoven(t, "in it", 20+n, 0)
		inner.Leave()
		checkWoven(t, "beside it", n, 0)
	}
}

// stay makes a span stay, and counts its ends.
func stay(t *testing.T, n uint64, ended *int) *Frame {
	t.Helper()
	f := Hide().Activate(&span{id: n}, baggage.Baggage{}, nil)
	if !f.Stay(func(dropped bool) {
		if !dropped {
			*ended++
		}
	}) {
		t.Fatal("it does not stay")
	}
	return f
}

// TestStayBeyond: what stays does so beyond the function that it was begun in, until the next one, and it is part of no other work.
func TestStayBeyond(t *testing.T) {
	g := simulate(t)
	setEnding = func(func()) {}
	t.Cleanup(func() { setEnding = nil })
	ended := 0
	for n := uint64(1); n <= 3; n++ {
		poll := Activate(&span{id: 10}, baggage.Baggage{})
		LeaveStay()
		if ended != int(n-1) {
			t.Fatalf("%d have ended before %d", ended, n)
		}
		stay(t, n, &ended)
		inner := Activate(&span{id: 20}, baggage.Baggage{})
		poll.Leave()
		check(t, "after the function", n, 0)
		inner.Leave()
		check(t, "beside it", n, 0)
	}
	// A goroutine that it starts, and that ends after it.
	g.spawn(2)
	check(t, "inherited", 3, 0)
	g.current = 1
	LeaveStay()
	check(t, "between two", 0, 0)
	LeaveStay()
	if ended != 3 {
		t.Errorf("%d have ended", ended)
	}
	g.current = 2
	check(t, "inherited, and ended", 0, 3)
	// Requests that a goroutine answers leave what stays below them as it is, and end what stays above.
	below := stay(t, 4, &ended)
	request := Hide().Activate(&span{id: 30}, baggage.Baggage{}, nil)
	if !Incoming() {
		t.Error("no request")
	}
	LeaveStay()
	check(t, "in a request", 30, 0)
	stay(t, 5, &ended)
	check(t, "above a request", 5, 0)
	request.Leave()
	if check(t, "below it", 4, 0); ended != 4 || Incoming() {
		t.Errorf("%d have ended", ended)
	}
	ending()
	if check(t, "at the end", 0, 3); ended != 5 || below.state.Load() != nil || below.below != nil {
		t.Errorf("%d have ended at the end", ended)
	}
	// One that has been ended by somebody else.
	f := stay(t, 6, &ended)
	f.Leave()
	if LeaveStay(); ended != 5 {
		t.Errorf("%d have ended", ended)
	}
	// One that nobody has asked for is dropped, and another one is not.
	stay(t, 8, &ended)
	if DropStay(); ended != 5 {
		t.Errorf("%d have ended, and one was to be dropped", ended)
	}
	check(t, "after one that was dropped", 0, 3)
	stay(t, 9, &ended)
	Span()
	if DropStay(); ended != 6 {
		t.Errorf("%d have ended, and none was to be dropped", ended)
	}
	setEnding = nil
	if f := Hide().Activate(&span{id: 7}, baggage.Baggage{}, nil); f.Stay(func(bool) {}) {
		t.Error("it stays where nothing tells the end of goroutines")
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
		delete(g.slots, g.current)
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

func TestExplicit(t *testing.T) {
	simulate(t)
	Activate(&span{id: 1}, baggage.Baggage{})
	cleared := trace.ContextWithSpanContext(t.Context(), trace.SpanContext{})
	for name, c := range map[string]struct {
		ctx      context.Context
		explicit bool
		id       uint64
	}{
		"no context":    {nil, false, 1},
		"no span":       {t.Context(), false, 1},
		"nil":           {trace.ContextWithSpan(t.Context(), nil), false, 1},
		"a span":        {trace.ContextWithSpan(t.Context(), &span{id: 2}), true, 2},
		"one not valid": {cleared, true, 1},
	} {
		sc := SpanContext(c.ctx).SpanID()
		if s := Explicit(c.ctx); (s != nil) != c.explicit || binary.BigEndian.Uint64(sc[:]) != c.id {
			t.Errorf("%s: %v, %v", name, s, sc)
		}
	}
}

func TestOff(t *testing.T) {
	if Activate(&span{id: 1}, baggage.Baggage{}) != nil {
		t.Error("a frame without a woven runtime")
	}
	manual(&span{id: 1}).end()
	manual(&span{id: 1, unsampled: true}).end()
	Hide().Activate(&span{id: 1}, baggage.Baggage{}, nil).Leave()
	LeaveIncoming()
	check(t, "off", 0, 0)
	checkWoven(t, "off", 0, 0)
}

// TestSoak: whatever a program does with its spans, and however long, what is kept for them stays small. The controls keep them, so
// that the test sees that it would see them.
func TestSoak(t *testing.T) {
	const n = 60_000
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, unsampled := range []bool{false, true} {
		var all []any
		next := func(i uint64) *span { return manual(&span{id: i, unsampled: unsampled}) }
		var flight []*span
		overlap := func(i uint64, end func(*span)) {
			if flight = append(flight, next(i)); len(flight) > 3 {
				end(flight[0])
				flight = append([]*span(nil), flight[1:]...)
			}
		}
		for name, one := range map[string]func(g *goroutines, i uint64){
			"ended":           func(g *goroutines, i uint64) { next(i).end() },
			"forgotten":       func(g *goroutines, i uint64) { next(i) },
			"ended elsewhere": func(g *goroutines, i uint64) { g.elsewhere(next(i)) },
			"overlapping":     func(g *goroutines, i uint64) { overlap(i, (*span).end) },
			"overlapping, ended elsewhere": func(g *goroutines, i uint64) {
				overlap(i, g.elsewhere)
			},
			"forgotten in a request": func(g *goroutines, i uint64) {
				f := Hide().Activate(&span{id: 1}, baggage.Baggage{}, nil)
				next(i)
				f.Leave()
			},
			"forgotten in a long request": func(g *goroutines, i uint64) {
				if i == 1 {
					Hide().Activate(&span{id: 1}, baggage.Baggage{}, nil)
				}
				next(i)
			},
			"forgotten in a goroutine": func(g *goroutines, i uint64) {
				g.spawn(i + 1)
				next(i)
				g.exit(1)
			},
			"forgotten in each of a chain of goroutines": func(g *goroutines, i uint64) {
				next(i)
				from := g.current
				g.spawn(i + 1)
				delete(g.slots, from)
			},
			"forgotten in each operation of a chain of goroutines": func(g *goroutines, i uint64) {
				f := Activate(&span{id: i}, baggage.Baggage{})
				next(i)
				from := g.current
				g.spawn(i + 1)
				to := g.current
				g.current = from
				f.Leave()
				g.exit(to)
			},
			"inherited by one that goes on": func(g *goroutines, i uint64) {
				s := next(i)
				if i == 1 {
					g.spawn(2)
					g.current = 1
				}
				s.end()
			},
			"a request in a request's goroutine": func(g *goroutines, i uint64) {
				f := Hide().Activate(&span{id: i}, baggage.Baggage{}, nil)
				g.spawn(2)
				h := Hide().Activate(&span{id: i}, baggage.Baggage{}, nil)
				next(i)
				h.Leave()
				g.exit(1)
				f.Leave()
			},
			"control": func(g *goroutines, i uint64) { all = append(all, next(i)) },
		} {
			g := simulate(t)
			all, flight = nil, nil
			unrecorded = openSpans{}
			before := heap()
			for i := uint64(1); i <= n; i++ {
				one(g, i)
			}
			grown := heap() - before
			// A span here has 256 bytes; 64 lists of 128 are all that may stay, with their frames.
			if limit := int64(6 << 20); (grown > limit) != (name == "control") {
				t.Errorf("%s, unsampled %v: %d bytes more", name, unsampled, grown)
			}
			runtime.KeepAlive(g)
			runtime.KeepAlive(all)
		}
	}
	unrecorded = openSpans{}
}

// TestManyOpen: of spans that are open at once the newest ones are active, and an old one's end is not an end of theirs.
func TestManyOpen(t *testing.T) {
	for _, unsampled := range []bool{false, true} {
		simulate(t)
		request := Hide().Activate(&span{id: 1000}, baggage.Baggage{}, nil)
		var all []*span
		for i := range uint64(500) {
			all = append(all, manual(&span{id: 1 + i, unsampled: unsampled}))
			check(t, "the newest", 1+i, 0)
		}
		checkWoven(t, "all are open", 1000, 0)
		for _, s := range all[:400] {
			s.end()
		}
		for i := len(all) - 1; i > len(all)-keepOpen; i-- {
			check(t, "those that are left", all[i].id, 0)
			all[i].end()
		}
		request.Leave()
		check(t, "none", 0, 0)
	}
	if n := unrecorded.len(); n != 0 {
		t.Errorf("%d spans are kept", n)
	}
}

// BenchmarkManual measures a span of the program's that begins and ends in one goroutine.
func BenchmarkManual(b *testing.B) {
	var own, inherited unsafe.Pointer
	getSlots = func() (unsafe.Pointer, unsafe.Pointer) { return own, inherited }
	setSlots = func(o, i unsafe.Pointer) { own, inherited = o, i }
	on = true
	defer func() { getSlots, setSlots, on = nil, nil, false }()
	for name, unsampled := range map[string]bool{"sampled": false, "unsampled": true} {
		s := &span{id: 1, unsampled: unsampled}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.ended = false
				manual(s).end()
			}
		})
	}
}

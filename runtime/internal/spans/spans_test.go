package spans

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// official has what OpenTelemetry's own exporter sends.
type official struct{ sent []*tracepb.ResourceSpans }

func (*official) Start(context.Context) error { return nil }
func (*official) Stop(context.Context) error  { return nil }
func (o *official) UploadTraces(_ context.Context, sent []*tracepb.ResourceSpans) error {
	o.sent = append(o.sent, sent...)
	return nil
}

// sent is a sink that remembers the records.
type sent struct {
	limits  wire.Limits
	mu      sync.Mutex
	records []wire.Record
}

func (s *sent) OnEnd(span *wire.Span, buffer []byte) []byte {
	buffer = wire.AppendSpan(buffer, span, s.limits)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, wire.NewRecord(span.Scope, bytes.Clone(buffer)))
	return buffer
}
func (*sent) ForceFlush(context.Context) error { return nil }
func (*sent) Shutdown(context.Context) error   { return nil }

// counted are identities that two providers give alike.
type counted struct {
	mu sync.Mutex
	n  uint64
}

func (c *counted) NewIDs(ctx context.Context) (id trace.TraceID, _ trace.SpanID) {
	span := c.NewSpanID(ctx, id)
	copy(id[:], span[:])
	id[15] = 7
	return id, span
}

func (c *counted) NewSpanID(context.Context, trace.TraceID) (id trace.SpanID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	for i := range id {
		id[i] = byte(c.n * 0x9e3779b97f4a7c15 >> (8 * i))
	}
	return id
}

// chooser is a sampler that does everything that samplers may do, by the name of the span.
type chooser struct{}

func (chooser) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	around := trace.SpanContextFromContext(p.ParentContext)
	r := sdktrace.SamplingResult{Decision: sdktrace.RecordAndSample, Tracestate: around.TraceState()}
	switch len(p.Name) % 5 {
	case 1:
		r.Decision = sdktrace.Drop
	case 2:
		r.Decision = sdktrace.RecordOnly
	case 3:
		r.Attributes = []attribute.KeyValue{attribute.Int("given", len(p.Attributes)+len(p.Links)), attribute.Bool("b", around.IsValid())}
		r.Tracestate, _ = r.Tracestate.Insert("sampler", p.Kind.String())
	}
	return r
}
func (chooser) Description() string { return "chooser" }

// random makes up calls.
type random struct{ *rand.Rand }

func (r random) text() string {
	return []string{"", "a", "GET /items/{sku}", "größer", "日本語日本語", strings.Repeat("x", 127), strings.Repeat("y", 200), "b", "cc", "given"}[r.IntN(10)]
}

func many[T any](r random, most int, one func() T) (all []T) {
	for range r.IntN(most + 1) {
		all = append(all, one())
	}
	return all
}

func (r random) value() attribute.Value {
	float := func() float64 { return []float64{0, -1.5, math.MaxFloat64, math.Inf(1)}[r.IntN(4)] }
	integer := func() int64 { return []int64{0, 1, -1, 127, math.MinInt64, math.MaxInt64}[r.IntN(6)] }
	boolean := func() bool { return r.IntN(2) == 0 }
	switch r.IntN(9) {
	case 0:
		return attribute.BoolValue(boolean())
	case 1:
		return attribute.Int64Value(integer())
	case 2:
		return attribute.Float64Value(float())
	case 3:
		return attribute.BoolSliceValue(many(r, 3, boolean))
	case 4:
		return attribute.Int64SliceValue(many(r, 3, integer))
	case 5:
		return attribute.Float64SliceValue(many(r, 3, float))
	case 6:
		return attribute.StringSliceValue(many(r, 3, r.text))
	case 7:
		return attribute.Value{}
	}
	return attribute.StringValue(r.text())
}

func (r random) attributes(most int) []attribute.KeyValue {
	return many(r, most, func() attribute.KeyValue {
		key := r.text()
		if r.IntN(2) == 0 {
			key = fmt.Sprint("key", r.IntN(80))
		}
		return attribute.KeyValue{Key: attribute.Key(key), Value: r.value()}
	})
}

func (r random) context() trace.SpanContext {
	var c trace.SpanContextConfig
	if r.IntN(8) > 0 {
		for i := range c.TraceID {
			c.TraceID[i] = byte(r.IntN(256))
		}
	}
	if r.IntN(8) > 0 {
		for i := range c.SpanID {
			c.SpanID[i] = byte(r.IntN(256))
		}
	}
	c.Remote, c.TraceFlags = r.IntN(2) == 0, trace.TraceFlags(r.IntN(4))
	if r.IntN(3) == 0 {
		c.TraceState, _ = trace.ParseTraceState("a=1,b=2")
	}
	return trace.NewSpanContext(c)
}

func (r random) links(most int) []trace.Link {
	return many(r, most, func() trace.Link { return trace.Link{SpanContext: r.context(), Attributes: r.attributes(4)} })
}

func (r random) time() time.Time { return time.Unix(1_700_000_000+r.Int64N(1000), r.Int64N(1e9)) }

// pair is what two providers have made by the same calls.
type pair struct {
	theirs, ours       context.Context
	theirSpan, ourSpan trace.Span
}

func (p pair) both(do func(trace.Span)) {
	do(p.theirSpan)
	do(p.ourSpan)
}

// TestAsTheSDKDoes drives OpenTelemetry's SDK and this package with the same random calls, under random limits and every sampler, and
// compares what OpenTelemetry's exporter makes of the one with what is sent of the other, field by field.
func TestAsTheSDKDoes(t *testing.T) {
	operations := 100_000
	samplers := []sdktrace.Sampler{
		sdktrace.AlwaysSample(), sdktrace.ParentBased(sdktrace.AlwaysSample()), sdktrace.ParentBased(sdktrace.TraceIDRatioBased(0.5)),
		sdktrace.TraceIDRatioBased(0.5), sdktrace.NeverSample(), chooser{}, sdktrace.ParentBased(chooser{}),
	}
	compared := 0
	for round, done := 0, 0; done < operations; round++ {
		r := random{rand.New(rand.NewPCG(uint64(round), 42))}
		limit := func() int { return []int{-1, 0, 1, 3, 10, 128}[r.IntN(6)] }
		limits := sdktrace.SpanLimits{AttributeValueLengthLimit: []int{-1, -1, 0, 5, 100}[r.IntN(5)], AttributeCountLimit: limit(), EventCountLimit: limit(),
			LinkCountLimit: limit(), AttributePerEventCountLimit: limit(), AttributePerLinkCountLimit: limit()}
		sampler := samplers[round%len(samplers)]
		res := resource.NewWithAttributes("https://schema/1", attribute.String("service.name", "x"))
		theirs := new(official)
		exporter := otlptrace.NewUnstarted(theirs)
		sdk := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler), sdktrace.WithResource(res), sdktrace.WithRawSpanLimits(limits), sdktrace.WithIDGenerator(new(counted)),
			sdktrace.WithSyncer(exporter))
		ours := &sent{limits: wire.DefaultLimits}
		if n := limits.AttributeValueLengthLimit; n >= 0 {
			ours.limits = wire.LimitChars(n)
		}
		own := New(Config{Sampler: sampler, IDs: new(counted), Limits: limits, Sinks: []Sink{ours}})
		open := []pair{{theirs: t.Context(), ours: t.Context()}}
		spans := 0
		for range 1000 {
			done++
			at := r.IntN(len(open))
			p := open[at]
			kind := r.IntN(12)
			if p.theirSpan == nil {
				kind = 0
			}
			switch kind {
			case 0, 1:
				if len(open) > 40 {
					continue
				}
				if r.IntN(4) == 0 {
					from := r.context()
					p.theirs, p.ours = trace.ContextWithSpanContext(p.theirs, from), trace.ContextWithSpanContext(p.ours, from)
				}
				var options []trace.SpanStartOption
				for range r.IntN(4) {
					switch r.IntN(6) {
					case 0:
						options = append(options, trace.WithAttributes(r.attributes(5)...))
					case 1:
						options = append(options, trace.WithLinks(r.links(3)...))
					case 2:
						options = append(options, trace.WithSpanKind(trace.SpanKind(r.IntN(8))))
					case 3:
						options = append(options, trace.WithNewRoot())
					}
				}
				options = append(options, trace.WithTimestamp(r.time())) // without it the two would differ
				var scope []trace.TracerOption
				name := []string{"", "lib", "other"}[r.IntN(3)]
				if r.IntN(2) == 0 {
					scope = append(scope, trace.WithInstrumentationVersion("1."+r.text()), trace.WithSchemaURL(r.text()), trace.WithInstrumentationAttributes(r.attributes(2)...))
				}
				called := r.text()
				var q pair
				q.theirs, q.theirSpan = sdk.Tracer(name, scope...).Start(p.theirs, called, options...)
				q.ours, q.ourSpan = own.Tracer(name, scope...).Start(p.ours, called, options...)
				if trace.SpanFromContext(q.ours) != q.ourSpan || q.ourSpan.TracerProvider() != trace.TracerProvider(own) {
					t.Fatal("the context does not hold the span")
				}
				if q.ourSpan.IsRecording() {
					spans++
				}
				open = append(open, q)
			case 2, 3, 4:
				attrs := r.attributes(12)
				p.both(func(s trace.Span) { s.SetAttributes(attrs...) })
			case 5:
				name, options := r.text(), []trace.EventOption{trace.WithAttributes(r.attributes(5)...), trace.WithTimestamp(r.time())}
				p.both(func(s trace.Span) { s.AddEvent(name, options...) })
			case 6:
				at, err := trace.WithTimestamp(r.time()), []error{errors.New("plain"), fmt.Errorf("around: %w", context.Canceled), context.DeadlineExceeded, nil}[r.IntN(4)]
				more := trace.WithAttributes(r.attributes(2)...)
				p.both(func(s trace.Span) { s.RecordError(err, at, more) })
			case 7:
				code, text := codes.Code(r.IntN(3)), r.text()
				p.both(func(s trace.Span) { s.SetStatus(code, text) })
			case 8:
				for _, l := range r.links(2) {
					p.both(func(s trace.Span) { s.AddLink(l) })
				}
			case 9:
				name := r.text()
				p.both(func(s trace.Span) { s.SetName(name) })
			default:
				end := trace.WithTimestamp(r.time())
				p.both(func(s trace.Span) { s.End(end) })
				if r.IntN(2) == 0 {
					p.both(func(s trace.Span) { s.SetAttributes(attribute.Bool("late", true)); s.End() })
				}
				if r.IntN(3) > 0 {
					open = slices.Delete(open, at, at+1)
				}
			}
			if p.theirSpan != nil && (p.theirSpan.IsRecording() != p.ourSpan.IsRecording() || !p.theirSpan.SpanContext().Equal(p.ourSpan.SpanContext())) {
				t.Fatalf("round %d: %v, %v", round, p.theirSpan.SpanContext(), p.ourSpan.SpanContext())
			}
		}
		for i, p := range open[1:] {
			p.both(func(s trace.Span) { s.End(trace.WithTimestamp(time.Unix(1_700_002_000, int64(i)))) })
		}
		want, got := byID(t, theirs.sent, limits.AttributeValueLengthLimit), byID(t, decoded(t, res, ours.records), -1)
		if len(want) != len(got) || spans == 0 && round%len(samplers) != 4 {
			t.Fatalf("round %d: %d spans, want %d of %d", round, len(got), len(want), spans)
		}
		for id, w := range want {
			if got[id] != w {
				t.Fatalf("round %d, limits %+v: %s\nwant %s", round, limits, got[id], w)
			}
			compared++
		}
	}
	if compared < operations/20 {
		t.Errorf("%d spans are compared, which is next to nothing", compared)
	}
}

// decoded reads what is sent.
func decoded(t *testing.T, res *resource.Resource, records []wire.Record) []*tracepb.ResourceSpans {
	wire.Sort(records)
	var message tracepb.TracesData
	if err := proto.Unmarshal(wire.AppendRequest(nil, wire.NewResource(res), records), &message); err != nil {
		t.Fatal(err)
	}
	return message.ResourceSpans
}

// byID returns spans, with resource and scope, as text.
func byID(t *testing.T, all []*tracepb.ResourceSpans, limit int) map[string]string {
	out := map[string]string{}
	for _, rs := range all {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				// The SDK cuts the values of a span's own attributes alone; we cut all.
				s.Flags &= 0x300 // theirs leaves the others out
				// The SDK forgets how many it has dropped where it keeps none.
				if len(s.Events) == 0 {
					s.DroppedEventsCount = 0
				}
				if len(s.Links) == 0 {
					s.DroppedLinksCount = 0
				}
				for _, e := range s.Events {
					cutValues(e.Attributes, limit)
				}
				for _, l := range s.Links {
					l.Flags, l.TraceState = l.Flags&0x300, "" // theirs leaves it out
					cutValues(l.Attributes, limit)
				}
				one := &tracepb.ResourceSpans{Resource: rs.Resource, SchemaUrl: rs.SchemaUrl,
					ScopeSpans: []*tracepb.ScopeSpans{{Scope: ss.Scope, SchemaUrl: ss.SchemaUrl, Spans: []*tracepb.Span{s}}}}
				text, err := prototext.MarshalOptions{Multiline: true}.Marshal(one)
				if err != nil {
					t.Fatal(err)
				}
				if out[string(s.SpanId)] != "" {
					t.Fatalf("%x is sent twice", s.SpanId)
				}
				out[string(s.SpanId)] = strings.Join(strings.Fields(string(text)), " ")
			}
		}
	}
	return out
}

// cutValues cuts text to a number of characters, unless that is negative.
func cutValues(attrs []*commonpb.KeyValue, limit int) {
	cut := func(v *commonpb.AnyValue) {
		if s, yes := v.GetValue().(*commonpb.AnyValue_StringValue); yes && s.StringValue != "INVALID" {
			if r := []rune(s.StringValue); limit >= 0 && len(r) > limit {
				s.StringValue = string(r[:limit])
			}
		}
	}
	for _, kv := range attrs {
		cut(kv.Value)
		for _, v := range kv.Value.GetArrayValue().GetValues() {
			cut(v)
		}
	}
}

// TestPanics ends spans where the program panics, as the SDK does: with an event, and the panic goes on.
func TestPanics(t *testing.T) {
	ours := &sent{limits: wire.DefaultLimits}
	tracer := New(Config{Sampler: sdktrace.AlwaysSample(), IDs: new(counted), Limits: sdktrace.NewSpanLimits(), Sinks: []Sink{ours}}).Tracer("x")
	value := func() (value any) {
		defer func() { value = recover() }()
		_, span := tracer.Start(t.Context(), "x")
		defer span.End(trace.WithStackTrace(true))
		panic(errors.New("lost"))
	}()
	if fmt.Sprint(value) != "lost" {
		t.Fatalf("%v", value)
	}
	text := fmt.Sprint(decoded(t, resource.Empty(), ours.records))
	for _, want := range []string{`"exception"`, `"*errors.errorString"`, `"lost"`, "goroutine "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// TestEndsAtOnce ends and changes one span in many goroutines: it is sent once, and what it held is nobody else's.
func TestEndsAtOnce(t *testing.T) {
	ours := &sent{limits: wire.DefaultLimits}
	tracer := New(Config{Sampler: sdktrace.AlwaysSample(), IDs: new(counted), Limits: sdktrace.NewSpanLimits(), Sinks: []Sink{ours}}).Of("x")
	const n = 2000
	for i := range n {
		name := fmt.Sprint("span", i)
		_, span := tracer.Begin(context.Background(), trace.TraceID{}, trace.SpanContext{}, trace.SpanContext{}, trace.SpanKindServer, name, time.Time{})
		var group sync.WaitGroup
		for range 3 {
			group.Add(1)
			go func() {
				defer group.Done()
				span.SetAttributes(attribute.String("of", name))
				span.AddEvent(name)
				span.End()
				span.SetName("late")
				span.SetAttributes(attribute.String("of", "late"))
				span.AddLink(trace.Link{SpanContext: span.SpanContext()})
			}()
		}
		group.Wait()
		if span.IsRecording() || !span.SpanContext().IsSampled() {
			t.Fatal("recorded after the end")
		}
	}
	seen := map[string]bool{}
	for _, rs := range decoded(t, resource.Empty(), ours.records) {
		for _, s := range rs.ScopeSpans[0].Spans {
			if seen[s.Name] || len(s.Attributes) != 1 || s.Attributes[0].Value.GetStringValue() != s.Name || len(s.Links) > 0 {
				t.Fatalf("%v", s)
			}
			for _, e := range s.Events {
				if e.Name != s.Name {
					t.Fatalf("%v", s)
				}
			}
			seen[s.Name] = true
		}
	}
	if len(seen) != n {
		t.Errorf("%d spans of %d", len(seen), n)
	}
}

// TestCost: a span of a hook is one allocation, however much it records, and is found in its context.
func TestCost(t *testing.T) {
	provider := New(Config{Sampler: sdktrace.AlwaysSample(), Inherits: true, IDs: new(counted), Limits: sdktrace.NewSpanLimits(), Sinks: []Sink{discard{}}})
	tracer := provider.Of("x")
	attrs := make([]attribute.KeyValue, 16)
	for i := range attrs {
		attrs[i] = attribute.Int(fmt.Sprint("key", i), i)
	}
	ctx := context.Background()
	id := trace.TraceID{1}
	n := testing.AllocsPerRun(1000, func() {
		with, span := tracer.Begin(ctx, id, trace.SpanContext{}, trace.SpanContext{}, trace.SpanKindServer, "x", time.Time{})
		if trace.SpanFromContext(with) != span {
			t.Fatal("not found")
		}
		span.SetAttributes(attrs...)
		span.SetStatus(codes.Error, "x")
		span.(*Span).Finish(time.Time{})
	})
	// The race detector has pools lose what is put back, now and then.
	if n > 1 && !racing {
		t.Errorf("%v allocations", n)
	}
}

// discard encodes for nobody.
type discard struct{}

func (discard) OnEnd(s *wire.Span, b []byte) []byte { return wire.AppendSpan(b, s, wire.DefaultLimits) }
func (discard) ForceFlush(context.Context) error    { return nil }
func (discard) Shutdown(context.Context) error      { return nil }

// TestManyAttributes: however many there are, and however they collide, the last value of a key is what is kept.
func TestManyAttributes(t *testing.T) {
	r := newRecord(trace.SpanContext{}, "", 0, time.Now())
	const n = 5000
	for round := range 2 {
		for i := range n {
			r.addAttributes([]attribute.KeyValue{attribute.Int(fmt.Sprint("key", i), round)}, -1)
		}
	}
	if len(r.Attributes) != n || r.DroppedAttributes != 0 {
		t.Fatal(len(r.Attributes))
	}
	for i, kv := range r.Attributes {
		if string(kv.Key) != fmt.Sprint("key", i) || kv.Value.AsInt64() != 1 {
			t.Fatal(kv)
		}
	}
	r.release()
	if len(r.Attributes) != 0 || r.index != nil || r.keys != 0 {
		t.Error("kept")
	}
}

// TestAfterShutdown: nothing is sent, and new tracers do nothing.
func TestAfterShutdown(t *testing.T) {
	ours := &sent{}
	p := New(Config{Sampler: sdktrace.AlwaysSample(), IDs: new(counted), Limits: sdktrace.NewSpanLimits(), Sinks: []Sink{ours}})
	_, before := p.Tracer("x").Start(t.Context(), "x")
	if err := errors.Join(p.Shutdown(t.Context()), p.Shutdown(t.Context()), p.ForceFlush(t.Context())); err != nil {
		t.Error(err)
	}
	before.End()
	if _, s := p.Tracer("x").Start(t.Context(), "x"); s.IsRecording() || len(ours.records) > 0 {
		t.Error("recorded")
	}
}

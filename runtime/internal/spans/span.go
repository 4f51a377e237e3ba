package spans

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	rt "runtime/trace"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// nothing does nothing. What embeds it needs less memory than with an interface of the API's.
var nothing = new(noop.Span)

// Span is a span that is recorded, or has been. All that remains after its end is its identity.
type Span struct {
	*noop.Span
	tracer   *Tracer
	recorded atomic.Pointer[record] // nil after the end
	mu       sync.Mutex             // held by who changes the record, or takes it
	state    *trace.TraceState      // nil for an empty one
	trace    trace.TraceID
	id       trace.SpanID
	flags    trace.TraceFlags
}

var _ trace.Span = (*Span)(nil)

func (s *Span) identify(t *Tracer, id trace.TraceID, spanID trace.SpanID, flags trace.TraceFlags, state trace.TraceState) {
	s.Span, s.tracer, s.trace, s.id, s.flags = nothing, t, id, spanID, flags
	if state.Len() > 0 {
		kept := state // the parameter itself would be allocated for all
		s.state = &kept
	}
}

// SpanContext identifies the span.
func (s *Span) SpanContext() trace.SpanContext {
	if s == nil {
		return trace.SpanContext{}
	}
	config := trace.SpanContextConfig{TraceID: s.trace, SpanID: s.id, TraceFlags: s.flags}
	if s.state != nil {
		config.TraceState = *s.state
	}
	return trace.NewSpanContext(config)
}

// IsRecording reports whether the span has not ended.
func (s *Span) IsRecording() bool { return s != nil && s.recorded.Load() != nil }

// TracerProvider returns the provider that has made the span.
func (s *Span) TracerProvider() trace.TracerProvider { return s.tracer.provider }

// lock returns the record, with the lock held; nil, with no lock, after the end.
func (s *Span) lock() *record {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	if r := s.recorded.Load(); r != nil {
		return r
	}
	s.mu.Unlock()
	return nil
}

// SetName replaces the name.
func (s *Span) SetName(name string) {
	if r := s.lock(); r != nil {
		r.Name = name
		s.mu.Unlock()
	}
}

// SetStatus sets the status, unless it has a higher one: OK is above an error.
func (s *Span) SetStatus(code codes.Code, description string) {
	if r := s.lock(); r != nil {
		if code >= r.Status.Code {
			if code != codes.Error {
				description = ""
			}
			r.Status = sdktrace.Status{Code: code, Description: description}
		}
		s.mu.Unlock()
	}
}

// SetAttributes adds attributes, or replaces those with the same keys.
func (s *Span) SetAttributes(attrs ...attribute.KeyValue) {
	if len(attrs) == 0 {
		return
	}
	if r := s.lock(); r != nil {
		r.addAttributes(attrs, s.tracer.provider.config.Limits.AttributeCountLimit)
		s.mu.Unlock()
	}
}

// AddLink adds a link, unless it says nothing.
func (s *Span) AddLink(link trace.Link) {
	if r := s.lock(); r != nil {
		r.addLink(link, &s.tracer.provider.config)
		s.mu.Unlock()
	}
}

// AddEvent adds an event.
func (s *Span) AddEvent(name string, options ...trace.EventOption) {
	if s.IsRecording() {
		s.addEvent(name, trace.NewEventConfig(options...))
	}
}

func (s *Span) addEvent(name string, config trace.EventConfig) {
	if r := s.lock(); r != nil {
		r.addEvent(name, config, &s.tracer.provider.config)
		s.mu.Unlock()
	}
}

// exception is the name of an event that tells of an error or a panic.
const exception = "exception"

// RecordError adds an event that tells of an error.
func (s *Span) RecordError(err error, options ...trace.EventOption) {
	if err == nil || !s.IsRecording() {
		return
	}
	options = append(options[:len(options):len(options)], trace.WithAttributes(attribute.String("exception.type", typeName(err)), attribute.String("exception.message", err.Error())))
	if config := trace.NewEventConfig(options...); config.StackTrace() {
		options = append(options, trace.WithAttributes(attribute.String("exception.stacktrace", stack())))
	}
	s.addEvent(exception, trace.NewEventConfig(options...))
}

// typeName names the type of a value by its whole path.
func typeName(value any) string {
	t := reflect.TypeOf(value)
	if t.PkgPath() == "" && t.Name() == "" {
		return t.String()
	}
	return t.PkgPath() + "." + t.Name()
}

func stack() string {
	b := make([]byte, 2048)
	return string(b[:runtime.Stack(b, false)])
}

// addChild counts a child.
func (s *Span) addChild() {
	if r := s.lock(); r != nil {
		r.Children++
		s.mu.Unlock()
	}
}

// LinkedTo reports whether the span has a link to another.
func (s *Span) LinkedTo(to trace.SpanContext) bool {
	r := s.lock()
	if r == nil {
		return false
	}
	defer s.mu.Unlock()
	for _, l := range r.Links {
		if l.SpanContext.Equal(to) {
			return true
		}
	}
	return false
}

// Made tells the scope and the kind of a span that is being recorded.
func (s *Span) Made() (scope string, kind trace.SpanKind, recorded bool) {
	r := s.lock()
	if r == nil {
		return "", 0, false
	}
	defer s.mu.Unlock()
	return s.tracer.scope.Is().Name, r.Kind, true
}

// task makes the span a task for runtime/trace, as the SDK does.
// Has tells whether the span has an attribute with one of these keys, and has not ended.
func (s *Span) Has(keys []attribute.Key) bool {
	r := s.lock()
	if r == nil {
		return false
	}
	defer s.mu.Unlock()
	return slices.ContainsFunc(r.Attributes, func(a attribute.KeyValue) bool { return slices.Contains(keys, a.Key) })
}

func (s *Span) task(ctx context.Context, name string) context.Context {
	ctx, task := rt.NewTask(ctx, name)
	if r := s.lock(); r != nil {
		r.task = task
		s.mu.Unlock()
	}
	return ctx
}

// End ends the span, once. Deferred where the program panics, it adds an event that tells of the panic, which goes on.
func (s *Span) End(options ...trace.SpanEndOption) {
	if s == nil {
		return
	}
	// No other function could recover.
	var panicked any
	if s.IsRecording() {
		panicked = recover()
	}
	var at time.Time
	if len(options) > 0 || panicked != nil {
		config := trace.NewSpanEndConfig(options...)
		at = config.Timestamp()
		if panicked != nil {
			attrs := []attribute.KeyValue{attribute.String("exception.type", typeName(panicked)), attribute.String("exception.message", fmt.Sprint(panicked))}
			if config.StackTrace() {
				attrs = append(attrs, attribute.String("exception.stacktrace", stack()))
			}
			s.addEvent(exception, trace.NewEventConfig(trace.WithAttributes(attrs...)))
		}
	}
	s.finish(at)
	if panicked != nil {
		panic(panicked)
	}
}

// Finish ends the span of a hook, as of a time, or now if that is zero.
func (s *Span) Finish(at time.Time) { s.finish(at) }

func (s *Span) finish(at time.Time) {
	if s.tracer.tells {
		s.tracer.provider.config.Ended(s.SpanContext())
	}
	r := s.lock()
	if r == nil {
		return
	}
	s.recorded.Store(nil)
	s.mu.Unlock()
	// From here on nobody else has it.
	if at.IsZero() {
		at = r.Start.Add(time.Since(r.Start))
	}
	if r.task != nil {
		r.task.End()
	}
	if p := s.tracer.provider; s.flags.IsSampled() && len(p.config.Sinks) > 0 && !p.closed.Load() {
		r.End, r.Context, r.Scope = at, s.SpanContext(), s.tracer.scope
		for _, sink := range p.config.Sinks {
			r.buffer = sink.OnEnd(&r.Span, r.buffer[:0])
		}
	}
	r.release()
}

// unrecorded is a span that is not recorded. Its end is told of.
type unrecorded struct {
	*noop.Span
	tracer  *Tracer
	context trace.SpanContext
}

// SpanContext identifies the span.
func (s *unrecorded) SpanContext() trace.SpanContext { return s.context }

// TracerProvider returns the provider that has made the span.
func (s *unrecorded) TracerProvider() trace.TracerProvider { return s.tracer.provider }

// End tells that the span has ended.
func (s *unrecorded) End(...trace.SpanEndOption) {
	if s.tracer.tells {
		s.tracer.provider.config.Ended(s.context)
	}
}

// record is what is recorded of a span. It is used again for others.
type record struct {
	wire.Span
	keys   uint64 // bits that the keys of the attributes have
	index  map[attribute.Key]int
	task   *rt.Task
	buffer []byte
}

var records = sync.Pool{New: func() any { return new(record) }}

func newRecord(parent trace.SpanContext, name string, kind trace.SpanKind, start time.Time) *record {
	r := records.Get().(*record)
	if start.IsZero() {
		start = time.Now()
	}
	r.Parent, r.Name, r.Kind, r.Start = parent, name, kind, start
	return r
}

// What is not kept for another span, since a large one made it.
const maxKept, maxBuffer = 64, 64 << 10

// release lets go of all that the record holds, and keeps its memory.
func (r *record) release() {
	attrs, events, links, buffer := r.Attributes, r.Events, r.Links, r.buffer
	*r = record{}
	if cap(attrs) <= maxKept {
		clear(attrs)
		r.Attributes = attrs[:0]
	}
	if cap(events) <= maxKept {
		clear(events)
		r.Events = events[:0]
	}
	if cap(links) <= maxKept {
		clear(links)
		r.Links = links[:0]
	}
	if cap(buffer) <= maxBuffer {
		r.buffer = buffer[:0]
	}
	records.Put(r)
}

// maxSearched is how many attributes are searched for a key one by one.
const maxSearched = 48

func (r *record) addAttributes(attrs []attribute.KeyValue, limit int) {
	for i := range attrs {
		kv := &attrs[i] // 72 bytes, which are copied once
		if len(kv.Key) == 0 || kv.Value.Type() == attribute.INVALID || limit == 0 {
			r.DroppedAttributes++
			continue
		}
		bit := keyBit(string(kv.Key))
		if r.keys&bit != 0 {
			if i := r.find(kv.Key); i >= 0 {
				r.Attributes[i] = *kv
				continue
			}
		}
		if limit > 0 && len(r.Attributes) >= limit {
			r.DroppedAttributes++
			continue
		}
		r.keys |= bit
		if r.index != nil {
			r.index[kv.Key] = len(r.Attributes)
		}
		if r.Attributes == nil {
			r.Attributes = make([]attribute.KeyValue, 0, 16)
		}
		r.Attributes = append(r.Attributes, *kv)
	}
}

// keyBit is one of 64 bits, the same for equal keys and mostly another one for others.
func keyBit(key string) uint64 {
	n := len(key)
	h := uint32(n) + 7*uint32(key[n-1]) + 31*uint32(key[n/2]) + 5*uint32(key[n/3])
	return 1 << (h * 0x9e3779b1 >> 26)
}

// find returns the place of a key, -1 for none.
func (r *record) find(key attribute.Key) int {
	if len(r.Attributes) <= maxSearched {
		for i := range r.Attributes {
			if r.Attributes[i].Key == key {
				return i
			}
		}
		return -1
	}
	if r.index == nil {
		r.index = make(map[attribute.Key]int, 2*len(r.Attributes))
		for i, kv := range r.Attributes {
			r.index[kv.Key] = i
		}
	}
	if i, ok := r.index[key]; ok {
		return i
	}
	return -1
}

func (r *record) addEvent(name string, config trace.EventConfig, of *Config) {
	e := sdktrace.Event{Name: name, Time: config.Timestamp()}
	e.Attributes, e.DroppedAttributeCount = limited(config.Attributes(), of.Limits.AttributePerEventCountLimit)
	r.Events, r.DroppedEvents = evict(r.Events, e, of.Limits.EventCountLimit, r.DroppedEvents)
}

func (r *record) addLink(l trace.Link, of *Config) {
	if !l.SpanContext.IsValid() && len(l.Attributes) == 0 && l.SpanContext.TraceState().Len() == 0 {
		return
	}
	kept := sdktrace.Link{SpanContext: l.SpanContext}
	kept.Attributes, kept.DroppedAttributeCount = limited(l.Attributes, of.Limits.AttributePerLinkCountLimit)
	r.Links, r.DroppedLinks = evict(r.Links, kept, of.Limits.LinkCountLimit, r.DroppedLinks)
}

// limited returns the first attributes, and how many are left out. A negative limit is none.
func limited(attrs []attribute.KeyValue, limit int) ([]attribute.KeyValue, int) {
	if limit < 0 || len(attrs) <= limit {
		return attrs, 0
	}
	return attrs[:limit], len(attrs) - limit
}

// evict appends one thing, and drops the first of too many.
func evict[T any](all []T, one T, limit, dropped int) ([]T, int) {
	switch {
	case limit == 0:
		return all, dropped + 1
	case limit > 0 && len(all) >= limit:
		copy(all, all[1:])
		all[len(all)-1] = one
		return all, dropped + 1
	}
	return append(all, one), dropped
}

package hook

import (
	"context"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// Messaging describes a library's operations on messages of a broker, by the semantic conventions: a span for each send, fetch and
// settlement, one for the processing of a message, and their metrics. A library has one, in a package variable.
//
//	ctx, sending := messages.Send(ctx, "send", hook.Message{Destination: "orders"})
//	sending.Inject(func(key, value string) { ... })
//	...
//	sending.End(err)
//
// A library that calls a function of the program's for a message tells so by Process. One that a loop of the program's fetches messages
// from tells by Fetch that the program asks for a message, and by Take that it has got one. That message's span is active in the goroutine
// from then on, until it asks for another one or ends: what it does in between, with whatever context, is below it, and the time for
// which it waits is in no span.
//
// Where a request is being answered in the goroutine, or a message handled that was handed to a function, fetching another one is a step of that:
// a span of its own with a link to who sent the message, and what comes after it remains below the request.
type Messaging struct {
	of                 *Instrumentation
	system             attribute.KeyValue
	operation, process *Duration[messagingKey]
	sent, consumed     *Counter[messagingKey]
}

// Message has the properties of a message, or of several that are sent or taken together. It must not hold a message's content or key.
type Message struct {
	Destination  string // the topic, the queue, the subject; "" if there is none, or several
	Template     string // of destinations that are many, as "orders.*": in names and metrics in the place of Destination, if there is one
	Anonymous    bool   // a destination whose name says nothing, as an inbox for one reply: it is in no name and in no metric
	Partition    string
	Group        string // of consumers
	Subscription string
	Client       string
	ID           string
	Address      string // of the broker, "host:port"
	Count        int    // how many messages; 0 for one that is not a batch
	// More returns what the conventions have for this system alone. It is asked where a span is recorded; nil for nothing.
	More func() []attribute.KeyValue
}

// messagingKey is what the metrics of messages are told apart by.
type messagingKey struct {
	operation, kind, destination, template, group, subscription, address, failed string
	port                                                                         int
}

// messagingBuckets are those of the semantic conventions.
var messagingBuckets = rpcBuckets

// Kinds of operations, as the semantic conventions call them.
const (
	kindSend    = "send"
	kindReceive = "receive"
	kindProcess = "process"
	kindSettle  = "settle"
)

// NewMessaging returns the Messaging of an instrumentation; system is the value of messaging.system.
func NewMessaging(i *Instrumentation, system string) *Messaging {
	ending.Do(func() { sdk.BeforeEnd(open.forget) })
	m := &Messaging{of: i, system: attribute.String("messaging.system", system)}
	all := func(k messagingKey) []attribute.KeyValue { return m.measured(k) }
	// The counters and the duration of processing are of one kind of operation each, which they do not repeat.
	one := func(k messagingKey) []attribute.KeyValue {
		k.kind = ""
		return m.measured(k)
	}
	m.operation = NewDuration(i, "messaging.client.operation.duration", "Duration of messaging operation initiated by a producer or consumer client.", messagingBuckets, all)
	m.process = NewDuration(i, "messaging.process.duration", "Duration of processing operation.", messagingBuckets, one)
	m.sent = NewCounter(i, "messaging.client.sent.messages", "{message}", "Number of messages producer attempted to send to the broker.", one)
	m.consumed = NewCounter(i, "messaging.client.consumed.messages", "{message}", "Number of messages that were delivered to the application.", one)
	return m
}

func optional(attrs []attribute.KeyValue, key, value string) []attribute.KeyValue {
	if value == "" {
		return attrs
	}
	return append(attrs, attribute.String(key, value))
}

// addressed appends a server's address, if it is known, and its port.
func addressed(attrs []attribute.KeyValue, address string, port int) []attribute.KeyValue {
	if address == "" {
		return attrs
	}
	attrs = append(attrs, attribute.String("server.address", address))
	if port > 0 {
		attrs = append(attrs, attribute.Int("server.port", port))
	}
	return attrs
}

// measured are the attributes of a metric.
func (m *Messaging) measured(k messagingKey) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 10), m.system, attribute.String("messaging.operation.name", k.operation))
	attrs = optional(attrs, "messaging.operation.type", k.kind)
	attrs = optional(attrs, "messaging.destination.name", k.destination)
	attrs = optional(attrs, "messaging.destination.template", k.template)
	attrs = optional(attrs, "messaging.consumer.group.name", k.group)
	attrs = optional(attrs, "messaging.destination.subscription.name", k.subscription)
	attrs = optional(attrs, "error.type", k.failed)
	attrs = addressed(attrs, k.address, k.port)
	return attrs
}

// described are the attributes of a span, but for those of its end.
func (m *Messaging) described(k messagingKey, of *Message) []attribute.KeyValue {
	k.failed = ""
	attrs := m.measured(k)
	if of.Anonymous || k.template != "" {
		attrs = optional(attrs, "messaging.destination.name", of.Destination)
	}
	if of.Anonymous {
		attrs = append(attrs, attribute.Bool("messaging.destination.anonymous", true))
	}
	attrs = optional(attrs, "messaging.destination.partition.id", of.Partition)
	attrs = optional(attrs, "messaging.client.id", of.Client)
	attrs = optional(attrs, "messaging.message.id", of.ID)
	if of.Count > 0 {
		attrs = append(attrs, attribute.Int("messaging.batch.message_count", of.Count))
	}
	if of.More != nil {
		Try(func() { attrs = append(attrs, of.More()...) })
	}
	return attrs
}

func (m *Messaging) key(operation, kind string, of *Message) messagingKey {
	k := messagingKey{operation: operation, kind: kind, group: of.Group, subscription: of.Subscription}
	if !of.Anonymous {
		if k.template = of.Template; k.template == "" {
			k.destination = of.Destination
		}
	}
	k.address, k.port = addressOf(of.Address)
	return k
}

// Messages is an operation on messages, with a span. A nil one is not an operation, and its methods do nothing.
type Messages struct {
	of    *Messaging
	ctx   context.Context
	op    Op
	begun time.Time // zero if nothing is measured
	key   messagingKey
	about Message
	late  bool
	ended atomic.Bool
	more  []*Messages // of a batch, the spans that have further links

	list         int // of open, from 1; 0 for none
	before, next *Messages
}

// start begins an operation.
func (m *Messaging) start(ctx context.Context, kind trace.SpanKind, operation, sort string, about Message) (context.Context, *Messages) {
	if m == nil || !m.of.On() {
		return ctx, nil
	}
	duration := m.operation
	if sort == kindProcess {
		duration = m.process
	}
	o := &Messages{of: m, about: about, key: m.key(operation, sort, &about), begun: duration.Start()}
	name := operation
	if o.key.destination != "" {
		name += " " + o.key.destination
	} else if o.key.template != "" {
		name += " " + o.key.template
	}
	with, op, late := m.of.StartBare(ctx, kind, name, func() []attribute.KeyValue { return m.described(o.key, &o.about) })
	if op.Span() == nil {
		return ctx, nil
	}
	o.ctx, o.op, o.late = with, op, late
	return with, o
}

// Send begins to send messages; operation is the system's word for it: "send", "publish". The context holds its span.
func (m *Messaging) Send(ctx context.Context, operation string, about Message) (context.Context, *Messages) {
	return m.start(ctx, Producer, operation, kindSend, about)
}

// Settle begins to report the outcome of messages to the broker: "commit", "ack", "reject".
func (m *Messaging) Settle(ctx context.Context, operation string, about Message) (context.Context, *Messages) {
	return m.start(ctx, Client, operation, kindSettle, about)
}

// Process begins the processing of a message for which the library calls a function; the parent is in the message's headers. It is active
// in the goroutine until it ends, which it must on every path.
func (m *Messaging) Process(ctx context.Context, about Message, get func(key string) string) (context.Context, *Messages) {
	if m == nil || !m.of.On() {
		return ctx, nil
	}
	from := ctx
	if from == nil {
		from = context.Background()
	}
	with, o := m.start(extracted(from, get), Consumer, kindProcess, kindProcess, about)
	if o == nil {
		return ctx, nil
	}
	m.consumed.Add(with, o.key, int64(max(about.Count, 1)))
	return with, o
}

// Fetch must be called when the program asks for messages, and may have to wait: the processing of the last one has ended. In a request it
// begins a span, and the messages taken with its context are linked to it.
func (m *Messaging) Fetch(ctx context.Context, operation string, about Message) (context.Context, *Messages) {
	active.LeaveStay()
	if ctx == nil || m == nil || !m.of.On() || !active.Incoming() {
		return ctx, nil
	}
	with, o := m.start(ctx, Client, operation, kindReceive, about)
	if o == nil {
		return ctx, nil
	}
	return context.WithValue(with, fetchKey{m}, o), o
}

type fetchKey struct{ of *Messaging }

// fetching returns what Fetch began with a context.
func (m *Messaging) fetching(ctx context.Context) (o *Messages) {
	if ctx != nil && active.Incoming() {
		Try(func() { o, _ = ctx.Value(fetchKey{m}).(*Messages) })
	}
	return o
}

// Take must be called when the program gets a message that it has asked for. ctx is that of Fetch.
func (m *Messaging) Take(ctx context.Context, about Message, get func(key string) string) {
	m.TakeBatch(ctx, about, 1, func(int) func(string) string { return get })
}

// Channel is for libraries that deliver messages of this type by channels: wherever a goroutine receives one, it takes the message, as by
// Fetch and Take. describe gets a pointer to a copy of the message and returns its properties and a function that finds its headers; nil if
// it is not a message, such as the value from a closed channel. For each type, only the first call of Channel has an effect.
//
// A receive that does not block, of a select with a default and no other case, is not told of, nor are those of package reflect.
func (m *Messaging) Channel(message reflect.Type, describe func(copied any) (about Message, get func(key string) string)) {
	active.Channel(message, active.LeaveStay, func(copied any) {
		if !m.of.On() {
			return
		}
		defer m.of.Recover()
		if about, get := describe(copied); get != nil {
			active.LeaveStay()
			m.Take(nil, about, get)
		}
	})
}

// Origin holds the active span of a goroutine for another goroutine that continues its work.
type Origin struct {
	span, ended trace.SpanContext // ended in place of a span that has, before the goroutine went on
	baggage     baggage.Baggage
}

// Here returns the Origin of the calling goroutine, nil if no span is active. It keeps no span.
func Here() *Origin {
	span, bag, ended := active.Current()
	switch {
	case span != nil && span.SpanContext().IsValid():
		return &Origin{span: span.SpanContext(), baggage: bag}
	case ended.IsValid():
		return &Origin{ended: ended}
	}
	return nil
}

// Carried is Carried for the span that was active there.
func (o *Origin) Carried(get func(key string) string) bool {
	return o != nil && carried(o.span, get)
}

// SendFrom is Send for messages that another goroutine has handed to this one; no span that is active in this one is its parent. A nil
// origin means that there is none.
func (m *Messaging) SendFrom(origin *Origin, operation string, about Message) (context.Context, *Messages) {
	hidden := active.Hide()
	defer hidden.Show()
	ctx := context.Background()
	if origin == nil {
		return m.Send(ctx, operation, about)
	}
	if origin.span.IsValid() {
		ctx = trace.ContextWithSpanContext(ctx, origin.span)
	}
	if origin.baggage.Len() > 0 {
		ctx = baggage.ContextWithBaggage(ctx, origin.baggage)
	}
	with, o := m.Send(ctx, operation, about)
	if o != nil {
		o.op.link(origin.ended)
	}
	return with, o
}

// Sends is for libraries that get messages through channels of this type, a pointer type: when a goroutine sends one, its active span is
// stored as an *Origin in the place that slot returns, for the goroutine that receives the message. A place that holds anything else is
// left alone, except Returning, which becomes nil.
func (m *Messaging) Sends(message reflect.Type, slot func(message any) *any) {
	active.Sends(message, func(sent any) {
		at := slot(sent)
		if at == nil {
			return
		}
		switch (*at).(type) {
		case nil, *Origin:
			if o := Here(); o != nil && m.of.On() {
				*at = o
			}
		case Returning:
			*at = nil
		}
	})
}

// Returning marks a message that the library is about to give back through a channel.
type Returning struct{}

// maxLinks is how many links a span has.
const maxLinks = 128

// TakeBatch is Take for n messages that the program gets together. If one operation has sent all of them, it is the parent; otherwise they
// are linked to their senders, by further spans below it if there are more than a span can have links.
func (m *Messaging) TakeBatch(ctx context.Context, about Message, n int, get func(i int) func(key string) string) {
	if m == nil || n <= 0 || !m.of.On() {
		return
	}
	defer m.of.Recover()
	if o := m.fetching(ctx); o != nil {
		if n > 1 || about.Count > 0 {
			o.about.Count += n
		}
		m.consumed.Add(ctx, o.key, int64(n))
		for _, sc := range senders(n, get, maxLinks) {
			o.op.link(sc)
		}
		return
	}
	if n > 1 {
		about.Count = n
	}
	if active.Incoming() {
		// Nothing is known of the waiting.
		with, o := m.start(ctx, Client, kindReceive, kindReceive, about)
		if o != nil {
			o.begun = time.Time{}
			m.consumed.Add(with, o.key, int64(n))
			for _, sc := range senders(n, get, maxLinks) {
				o.op.link(sc)
			}
			o.End(nil)
		}
		return
	}
	from, all := context.Background(), []trace.SpanContext(nil)
	if n == 1 {
		from = extracted(from, get(0))
	} else if all = senders(n, get, n); len(all) == 1 {
		from, all = trace.ContextWithRemoteSpanContext(from, all[0]), nil
	}
	with, o := m.start(from, Consumer, kindProcess, kindProcess, about)
	if o == nil {
		return
	}
	to := o
	for i, sc := range all {
		if i > 0 && i%maxLinks == 0 {
			if _, to = m.start(with, Client, kindReceive, kindReceive, about); to == nil {
				break
			}
			to.begun = time.Time{}
			o.more = append(o.more, to)
		}
		to.op.link(sc)
	}
	m.consumed.Add(with, o.key, int64(n))
	o.stay()
}

// leave ends what the goroutine does with the messages.
func (o *Messages) leave(dropped bool) {
	if !dropped {
		o.End(nil)
	} else if o.ended.CompareAndSwap(false, true) {
		open.remove(o)
	}
}

// Next must be called when the program goes on to one of the messages that it has taken together: its operations from now on are below that
// message. If it has done nothing else with them, they get no common span. In a request, Next changes nothing.
func (m *Messaging) Next(about Message, get func(key string) string) {
	if m == nil || !m.of.On() || active.Incoming() {
		return
	}
	defer m.of.Recover()
	active.DropStay()
	if _, o := m.start(extracted(context.Background(), get), Consumer, kindProcess, kindProcess, about); o != nil {
		o.stay()
	}
}

// stay has the messages' span be active until the goroutine is done with them.
func (o *Messages) stay() {
	if o.op.frame.Stay(o.leave) {
		open.add(o)
	} else {
		o.End(nil) // nothing tells when that is
	}
}

// Leave ends the processing of the message that the goroutine took last, because it has closed the consumer.
func (m *Messaging) Leave() { active.LeaveStay() }

// link links the operation's span to another one.
func (o Op) link(to trace.SpanContext) {
	if o.span != nil && to.IsValid() {
		defer foreign.Recover()
		o.span.AddLink(trace.Link{SpanContext: to})
	}
}

// maxHeader bounds the headers that are read: a trace context is short, and baggage has at most 8 KiB.
const maxHeader = 16 << 10

// header is a message's headers for propagators, by a function that finds one, or one that sets one.
type header struct {
	get func(string) string
	set func(key, value string)
}

func (h header) Get(key string) string {
	value := h.get(key)
	if len(value) > maxHeader {
		return ""
	}
	return value
}
func (h header) Keys() []string        { return nil }
func (h header) Set(key, value string) { h.set(key, value) }

// extracted returns a context with what a message's headers hold.
func extracted(ctx context.Context, get func(string) string) (with context.Context) {
	with = ctx
	if get != nil {
		with = Extract(ctx, header{get: get})
	}
	return with
}

// senders are the spans that have sent messages, without repetition, at most limit.
func senders(n int, get func(i int) func(string) string, limit int) (all []trace.SpanContext) {
	known := map[trace.SpanID]bool{}
	for i := 0; i < n && len(all) < limit; i++ {
		sc := trace.SpanContextFromContext(extracted(context.Background(), get(i)))
		if sc.IsValid() && !known[sc.SpanID()] {
			known[sc.SpanID()] = true
			all = append(all, sc)
		}
	}
	return all
}

// Carried reports whether a message's headers hold the context of the active span: the program has sent it by a span of its own.
func Carried(ctx context.Context, get func(key string) string) bool {
	return carried(SpanContext(ctx), get)
}

func carried(span trace.SpanContext, get func(key string) string) (yes bool) {
	if !span.IsValid() {
		return false
	}
	Try(func() { yes = strings.Contains(header{get: get}.Get("traceparent"), span.SpanID().String()) })
	return yes
}

// Inject passes the headers for a sent message to set, one by one. They replace headers of the message with the same names.
func (o *Messages) Inject(set func(key, value string)) {
	if o != nil {
		Try(func() { otel.GetTextMapPropagator().Inject(o.ctx, header{set: set}) })
	}
}

// Set adds attributes to the span.
func (o *Messages) Set(attrs ...attribute.KeyValue) {
	if o != nil {
		o.op.Set(attrs...)
	}
}

// End ends the operation, with the error of the operation, if any. Only the first call of End has an effect.
func (o *Messages) End(err error) { o.end(err, nil, false) }

// EndPanicking is End for a deferred function: mark is from the operation's beginning, and the operation may have panicked.
func (o *Messages) EndPanicking(err error, mark Panic) {
	value, panicked := mark.Value()
	o.end(err, value, panicked)
}

func (o *Messages) end(err error, value any, panicked bool) {
	if o == nil || !o.ended.CompareAndSwap(false, true) {
		return
	}
	open.remove(o)
	m := o.of
	switch {
	case panicked:
		o.key.failed = PanicType(value)
	case err != nil:
		o.key.failed = ErrorType(err)
	}
	switch o.key.kind {
	case kindProcess:
		m.process.Stop(o.ctx, o.begun, o.key)
	case kindSend:
		m.sent.Add(o.ctx, o.key, int64(max(o.about.Count, 1)))
		fallthrough
	default:
		m.operation.Stop(o.ctx, o.begun, o.key)
	}
	for _, further := range o.more {
		further.End(nil)
	}
	if o.late && o.op.Recording() {
		o.op.Set(m.described(o.key, &o.about)...)
	}
	if panicked {
		o.op.Panicked(value)
		err = nil
	}
	o.op.End(err)
}

// open has the messages that goroutines are at, which end with the program at the latest.
var open openMessages

// openMessages are lists, so that goroutines do not wait for each other.
type openMessages [16]struct {
	sync.Mutex
	first *Messages
}

var openNext atomic.Uint32

func (all *openMessages) add(o *Messages) {
	i := int(openNext.Add(1) % uint32(len(all)))
	list := &all[i]
	list.Lock()
	defer list.Unlock()
	o.list, o.next = i+1, list.first
	if o.next != nil {
		o.next.before = o
	}
	list.first = o
}

func (all *openMessages) remove(o *Messages) {
	if o.list == 0 {
		return
	}
	list := &all[o.list-1]
	list.Lock()
	defer list.Unlock()
	if o.before != nil {
		o.before.next = o.next
	} else if list.first == o {
		list.first = o.next
	}
	if o.next != nil {
		o.next.before = o.before
	}
	o.before, o.next = nil, nil
}

// forget ends all of them. It is called where the program ends, in whatever state it is: who holds a lock may never go on.
func (all *openMessages) forget() {
	for i := range all {
		list := &all[i]
		for tries := 0; tries < 1000; tries++ {
			if !list.TryLock() {
				runtime.Gosched()
				continue
			}
			o := list.first
			list.Unlock()
			if o == nil {
				break
			}
			tries = 0
			if !o.ended.Load() {
				o.End(nil)
			} else {
				all.remove(o)
			}
		}
	}
}

// ending has them end with the program, in one that has messages.
var ending sync.Once

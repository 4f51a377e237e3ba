package hook_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// letter has the headers of a message.
type letter map[string]string

func (l letter) get(key string) string { return l[key] }
func (l letter) set(key, value string) { l[key] = value }

func TestMessaging(t *testing.T) {
	spans := record(t)
	before := otel.GetTextMapPropagator()
	otel.SetTextMapPropagator(propagation.TraceContext{})
	t.Cleanup(func() { otel.SetTextMapPropagator(before) })
	messages := hook.NewMessaging(hook.NewAt("example.com/broker", "1.43.0"), "kafka")
	bg := context.Background()

	one := letter{"traceparent": "old", "mine": "kept"}
	ctx, sending := messages.Send(bg, "send", hook.Message{Destination: "orders", Address: "example.com:9092", Count: 2})
	sending.Inject(one.set)
	sending.End(nil)
	sending.End(errors.New("too late"))
	if !hook.Carried(ctx, one.get) || hook.Carried(bg, one.get) || hook.Carried(ctx, letter{}.get) || one["mine"] != "kept" {
		t.Errorf("the message carries %v", one)
	}

	// Where nothing tells how long it takes.
	ctx, fetching := messages.Fetch(bg, "poll", hook.Message{Destination: "orders"})
	messages.Take(ctx, hook.Message{Destination: "orders", Partition: "3", Group: "packers", ID: "id", Client: "me", More: func() []attribute.KeyValue {
		panic("a method of the program's")
	}}, one.get)
	fetching.End(nil)

	_, processing := messages.Process(bg, hook.Message{Destination: "_INBOX.x7", Anonymous: true}, one.get)
	processing.End(errors.New("nothing at https://user:secret@example.com/"))

	// A batch of one sender is its child; one of several has links, which there may be more of than a span has.
	messages.TakeBatch(bg, hook.Message{Destination: "orders"}, 3, func(int) func(string) string { return one.get })
	many := func(i int) func(string) string {
		return letter{"traceparent": fmt.Sprintf("00-%032x-%016x-01", i/2+1, i/2+1)}.get
	}
	messages.TakeBatch(bg, hook.Message{Destination: "orders"}, 600, many)

	// Headers of anybody.
	for _, l := range []letter{{"traceparent": "\xff"}, {"traceparent": strings.Repeat("0", 1<<20)}, {"tracestate": "a=b"}, nil} {
		messages.Take(bg, hook.Message{Destination: "odd"}, l.get)
	}
	messages.Take(bg, hook.Message{}, func(string) string { panic("a method of the program's") })
	messages.Take(bg, hook.Message{}, nil)
	messages.TakeBatch(bg, hook.Message{}, 0, nil)

	var none *hook.Messages
	none.Set(attribute.Bool("a", true))
	none.Inject(one.set)
	none.End(nil)

	all := map[string][]sdktrace.ReadOnlySpan{}
	for _, s := range spans.Ended() {
		all[s.Name()] = append(all[s.Name()], s)
	}
	sent := all["send orders"][0]
	attrs := func(name string, s sdktrace.ReadOnlySpan, kind trace.SpanKind, parent trace.SpanContext, want ...attribute.KeyValue) {
		t.Helper()
		got, all := attribute.NewSet(s.Attributes()...), attribute.NewSet(append(want, attribute.String("messaging.system", "kafka"))...)
		if !got.Equals(&all) || s.SpanKind() != kind || s.Parent().SpanID() != parent.SpanID() {
			t.Errorf("%s has kind %v, parent %v and %v, and not %v", name, s.SpanKind(), s.Parent(), got.ToSlice(), all.ToSlice())
		}
	}
	op := func(name, kind string, more ...attribute.KeyValue) []attribute.KeyValue {
		return append(more, attribute.String("messaging.operation.name", name), attribute.String("messaging.operation.type", kind))
	}
	orders := attribute.String("messaging.destination.name", "orders")
	attrs("send", sent, trace.SpanKindProducer, trace.SpanContext{}, op("send", "send", orders, attribute.String("server.address", "example.com"),
		attribute.Int("server.port", 9092), attribute.Int("messaging.batch.message_count", 2))...)
	if sent.Status().Code != codes.Unset {
		t.Errorf("the status is %v", sent.Status())
	}
	processed := all["process orders"]
	if len(processed) != 3 || len(all["process odd"]) != 4 || len(all["receive orders"]) != 2 {
		t.Fatalf("%d, %d and %d spans", len(processed), len(all["process odd"]), len(all["receive orders"]))
	}
	attrs("one", processed[0], trace.SpanKindConsumer, sent.SpanContext(), op("process", "process", orders, attribute.String("messaging.destination.partition.id", "3"),
		attribute.String("messaging.consumer.group.name", "packers"), attribute.String("messaging.message.id", "id"), attribute.String("messaging.client.id", "me"))...)
	attrs("a batch", processed[1], trace.SpanKindConsumer, sent.SpanContext(), op("process", "process", orders, attribute.Int("messaging.batch.message_count", 3))...)
	attrs("another", processed[2], trace.SpanKindConsumer, trace.SpanContext{}, op("process", "process", orders, attribute.Int("messaging.batch.message_count", 600))...)
	linked := map[trace.SpanID]bool{}
	for _, s := range append(all["receive orders"], processed[2]) {
		for _, l := range s.Links() {
			linked[l.SpanContext.SpanID()] = true
		}
		if n := len(s.Links()); n == 0 || n > 128 || s.SpanKind() == trace.SpanKindClient && s.Parent().SpanID() != processed[2].SpanContext().SpanID() {
			t.Errorf("%d links in %s", n, s.Name())
		}
	}
	if len(linked) != 300 {
		t.Errorf("%d messages are linked", len(linked))
	}
	called := all["process"]
	if len(called) != 3 {
		t.Fatalf("%d spans", len(called))
	}
	attrs("a call", called[0], trace.SpanKindConsumer, sent.SpanContext(), op("process", "process", attribute.String("messaging.destination.name", "_INBOX.x7"),
		attribute.Bool("messaging.destination.anonymous", true), attribute.String("error.type", "*errors.errorString"))...)
	if s := called[0].Status(); s.Code != codes.Error || strings.Contains(s.Description, "secret") {
		t.Errorf("the status is %v", s)
	}
	for _, s := range all["process odd"] {
		if s.Parent().IsValid() || len(s.Links()) > 0 {
			t.Errorf("%v is below %v", s, s.Parent())
		}
	}
}

package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

func init() { programs["messages"] = takeMessages }

// letters is a library that hands messages out, as a hook tells of it.
var (
	letters    = hook.NewAt("zoo", "1.43.0")
	messagesOf = hook.NewMessaging(letters, "kafka")
)

type letter struct {
	body  [1 << 10]byte
	trace string
}

// take gives the program a message that it has asked for, with its span.
func take(l *letter) trace.SpanContext {
	ctx, fetching := messagesOf.Fetch(bg, "poll", hook.Message{Destination: "soak"})
	messagesOf.Take(ctx, hook.Message{Destination: "soak", More: func() []attribute.KeyValue {
		return []attribute.KeyValue{attribute.Int("messaging.kafka.offset", len(l.body))}
	}}, func(key string) string {
		if key == "traceparent" {
			return l.trace
		}
		return ""
	})
	fetching.End(nil)
	return hook.SpanContext(bg)
}

// ended tells how many spans have ended.
type ended struct {
	sync.Mutex
	n int
}

func (e *ended) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (e *ended) OnEnd(sdktrace.ReadOnlySpan) {
	e.Lock()
	e.n++
	e.Unlock()
}
func (e *ended) Shutdown(context.Context) error   { return nil }
func (e *ended) ForceFlush(context.Context) error { return nil }

// takeMessages takes as many messages as MESSAGES says in several ways: each is what the goroutine is at until the next one, all spans
// end, and memory does not become more.
func takeMessages() {
	n, err := strconv.Atoi(os.Getenv("MESSAGES"))
	check(err)
	spans := new(ended)
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)))
	heap := func() int64 {
		for range 4 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	id := func(i int) string { return fmt.Sprintf("%032x", i+1) }
	one := func(i int) {
		l := &letter{trace: "00-" + id(i) + "-0123456789abcdef-01"}
		if i%7 == 0 {
			l.trace = strings.Repeat("\xff", i%70)
		}
		sc := take(l)
		_, op := letters.Start(bg, hook.Client, "work")
		if got := op.Span().SpanContext().TraceID(); !sc.IsValid() || got != sc.TraceID() || i%7 != 0 && got.String() != id(i) {
			panic(fmt.Sprint("the work for message ", i, " is in trace ", got))
		}
		op.End(nil)
	}
	var before int64
	for i := range n {
		switch {
		case i%50 == 0: // by a goroutine that ends then
			done := make(chan bool)
			go func() { defer close(done); one(i) }()
			<-done
		case i%50 == 1: // in a function that has a span
			_, op := letters.Start(bg, hook.Internal, "function")
			one(i)
			op.End(nil)
		default:
			one(i)
		}
		if i == n/5 {
			before = heap()
		}
	}
	if after := heap(); after > before+before/4 {
		fmt.Println("the heap has grown from", before, "to", after)
	}
	messagesOf.Leave()
	// A goroutine that waits for the next message keeps nothing of the last one, of which the span has ended.
	freed := make(chan bool)
	waiting, stop := make(chan bool), make(chan bool)
	go func() {
		func() {
			l := &letter{trace: "00-" + id(1) + "-0123456789abcdef-01"}
			runtime.AddCleanup(l, func(freed chan bool) { close(freed) }, freed)
			take(l)
		}()
		messagesOf.Fetch(bg, "poll", hook.Message{Destination: "soak"})
		if hook.SpanContext(bg).IsValid() {
			fmt.Println("waiting is part of a span")
		}
		close(waiting)
		<-stop
	}()
	<-waiting
	for kept := true; kept; {
		runtime.GC()
		select {
		case <-freed:
			kept = false
		case <-time.After(10 * time.Millisecond):
		}
	}
	close(stop)
	// The end of the goroutines that took one comes when they have told that they are done.
	want := 2*n + (n+48)/50 + 1
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		spans.Lock()
		n := spans.n
		spans.Unlock()
		if n == want {
			break
		}
		if time.Now().After(deadline) {
			fmt.Println(n, "spans have ended, not", want)
			break
		}
	}
}

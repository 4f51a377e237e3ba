package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// The programs here have spans of their own.
func init() {
	for name, f := range map[string]func(){
		"manual": manual, "manual-early": manualEarly, "manual-elsewhere": manualElsewhere, "manual-left-open": manualLeftOpen,
		"manual-late": manualLate, "manual-new-root": manualNewRoot, "span-from-context": spanFromContext, "unsampled": unsampled,
		"unsampled-manual": unsampledManual, "baggage": baggage,
	} {
		programs[name] = f
	}
}

func start(name string, options ...trace.SpanStartOption) trace.Span {
	_, span := otel.Tracer("manual").Start(context.Background(), name, options...)
	return span
}

func manual() {
	outside := start("outside")
	do("before")
	outside.End()
	serve(func(w http.ResponseWriter, r *http.Request) {
		outer := start("outer")
		do("one")
		inner := start("inner")
		do("two")
		inner.End()
		inner.End()
		do("three")
		outer.End()
		do("four")
	}, "/x")
}

// manualEarly ends the outer span before the inner one.
func manualEarly() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		outer := start("outer")
		inner := start("inner")
		outer.End()
		do("one")
		inner.End()
		do("two")
	}, "/x")
}

// manualElsewhere ends spans in other goroutines, one of which has spans of its own.
func manualElsewhere() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		span := start("span")
		done := make(chan bool)
		go func() {
			own := start("own")
			span.End()
			do("one")
			own.End()
			close(done)
		}()
		<-done
		do("two")
	}, "/x")
}

// manualLeftOpen never ends a span: it is not the parent of what comes when the handler has been left.
func manualLeftOpen() {
	serve(func(w http.ResponseWriter, r *http.Request) { start("never"); do("one") }, "/x", "/y")
	do("outside")
}

func manualLate() {
	over, done := make(chan bool), make(chan bool)
	serve(func(w http.ResponseWriter, r *http.Request) {
		go func() {
			<-over
			span := start("late")
			do("one")
			span.End()
			close(done)
		}()
	}, "/x")
	settled()
	close(over)
	<-done
}

func manualNewRoot() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		root := start("root", trace.WithNewRoot())
		do("one")
		root.End()
		do("two")
	}, "/x")
}

// spanFromContext asks for spans where no context holds one.
func spanFromContext() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		here := trace.SpanFromContext(context.Background())
		if here.SpanContext().IsValid() && here.SpanContext().Equal(trace.SpanContextFromContext(r.Context())) {
			do("found")
		}
		ctx := trace.ContextWithSpanContext(context.Background(), trace.SpanContext{})
		if !trace.SpanFromContext(ctx).SpanContext().IsValid() {
			do("hidden")
		}
	}, "/x")
	if trace.SpanFromContext(context.Background()).SpanContext().IsValid() {
		do("wrong")
	}
}

// unsampled: the caller decided that the trace is not recorded, and so it stays.
func unsampled() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		do("one")
		done := make(chan bool)
		go func() { do("two"); close(done) }()
		<-done
	}))
	raw(s.Listener.Addr().String(), "Traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-00\r\n")
	s.Close()
	do("outside")
}

func unsampledManual() {
	ctx := trace.ContextWithRemoteSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	_, span := otel.Tracer("manual").Start(ctx, "unsampled")
	do("one")
	span.End()
	do("two")
}

func baggage() {
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		do("b_" + strings.TrimPrefix(r.Header.Get("Baggage"), "key="))
	}))
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		span := start("span")
		resp, err := http.Get(back.URL)
		check(err)
		resp.Body.Close()
		span.End()
	}))
	raw(front.Listener.Addr().String(), "Baggage: key=carried\r\n")
	front.Close()
	back.Close()
}

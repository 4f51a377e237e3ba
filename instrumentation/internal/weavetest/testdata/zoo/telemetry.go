package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

type counter struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range spans {
		c.n[s.SpanKind().String()]++
		if s.Parent().IsValid() && s.Name() == "UPDATE below" {
			c.n["below"]++
		}
	}
	return nil
}
func (c *counter) Shutdown(context.Context) error { return nil }

// ownProvider: the program has an SDK of its own, which is to get every span.
func ownProvider() {
	c := &counter{n: map[string]int{}}
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(c)))
	otel.SetTextMapPropagator(propagation.TraceContext{})
	work()
	span := start("manual")
	do("below")
	span.End()
	do("outside")
	if file := os.Getenv("COUNTS"); file != "" {
		check(os.WriteFile(file, []byte(fmt.Sprint(c.n)), 0o666))
	}
}

// byHand: the program makes its client spans itself.
func byHand() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	ctx, span := otel.Tracer("hand").Start(context.Background(), "by hand", trace.WithSpanKind(trace.SpanKindClient))
	req, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(req.Header))
	resp, err := http.DefaultClient.Do(req)
	check(err)
	resp.Body.Close()
	span.End()
	s.Close()
}

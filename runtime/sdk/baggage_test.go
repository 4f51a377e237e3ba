package sdk

import (
	"context"
	"math"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

func extract(p propagation.TextMapPropagator, headers ...string) context.Context {
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	return p.Extract(context.Background(), propagation.HeaderCarrier(h))
}

func TestBaggage(t *testing.T) {
	p := quietBaggage{}
	for want, headers := range map[string][]string{
		"a=1":     {"baggage", "a=1"},
		"":        {},
		"a=1,b=2": {"baggage", "a=1", "baggage", "b=2"},
		"b=2":     {"baggage", "=,;=", "baggage", "b=2"},
	} {
		got := baggage.FromContext(extract(p, headers...))
		all, err := baggage.Parse(want)
		if err != nil || got.Len() != all.Len() {
			t.Errorf("%q: %q", headers, got)
		}
		for _, m := range all.Members() {
			if got.Member(m.Key()).Value() != m.Value() {
				t.Errorf("%q: %q", headers, got)
			}
		}
	}
	if got := baggage.FromContext(p.Extract(context.Background(), propagation.MapCarrier{"baggage": "a=1"})); got.Member("a").Value() != "1" {
		t.Errorf("%q", got)
	}
}

// TestHostileHeaders has headers of n, 2n and 4n bytes that contexts are read from: reading them takes the same, and nobody is told.
func TestHostileHeaders(t *testing.T) {
	var told []string
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { told = append(told, err.Error()) }))
	t.Setenv("OTEL_PROPAGATORS", "tracecontext,baggage,b3")
	p := newPropagator()
	for _, header := range []string{"Baggage", "B3", "X-B3-Traceid", "X-B3-Spanid", "X-B3-Sampled", "Traceparent"} {
		for _, piece := range []string{"a=1,", "-", "0", "\xff", ",", ";", "=", "%", "a=%zz,"} {
			var took [3]uint64
			for i, n := range []int{100_000, 200_000, 400_000} {
				h := http.Header{header: {strings.Repeat(piece, n/len(piece))}}
				if header == "Baggage" {
					h[header] = append(h[header], "ok=1", strings.Repeat(piece, 2000))
				}
				if strings.HasPrefix(header, "X-B3") {
					h["X-B3-Traceid"] = append(h["X-B3-Traceid"], "0af7651916cd43dd8448eb211c80319c")
					h["X-B3-Spanid"] = append(h["X-B3-Spanid"], "00f067aa0ba902b7")
				}
				var ctx context.Context
				took[i] = math.MaxUint64
				// What else runs in the process allocates as well: the least counts.
				for range 3 {
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					ctx = p.Extract(context.Background(), propagation.HeaderCarrier(h))
					runtime.ReadMemStats(&after)
					took[i] = min(took[i], after.TotalAlloc-before.TotalAlloc)
				}
				if header != "X-B3-Sampled" && trace.SpanContextFromContext(ctx).IsValid() {
					t.Errorf("%s: %.20q is taken for a context", header, h[header])
				}
			}
			if took[2] > took[0]+32<<10 || took[0] > 1<<20 {
				t.Errorf("%s of %q: %d bytes", header, piece, took)
			}
		}
	}
	if len(told) > 0 {
		t.Errorf("told %q", told)
	}
}

func TestB3(t *testing.T) {
	const traceID, spanID = "0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7"
	for _, c := range []struct {
		headers []string
		sampled bool
	}{
		{[]string{"b3", traceID + "-" + spanID + "-1"}, true},
		{[]string{"b3", traceID + "-" + spanID}, false},
		{[]string{"b3", traceID[16:] + "-" + spanID + "-d-05e3ac9a4f6e3b90"}, true},
		{[]string{"x-b3-traceid", traceID, "x-b3-spanid", spanID, "x-b3-sampled", "1"}, true},
	} {
		sc := trace.SpanContextFromContext(extract(b3{}, c.headers...))
		if !strings.HasSuffix(traceID, strings.TrimLeft(sc.TraceID().String(), "0")) || sc.SpanID().String() != spanID || sc.IsSampled() != c.sampled {
			t.Errorf("%q: %v", c.headers, sc)
		}
	}
}

package otlp

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// strict is a collector that refuses a request for what it holds.
type strict struct {
	refuses func(names []string, size int) bool
	grpc    bool

	mu       sync.Mutex
	taken    []string
	requests int
	largest  int
}

func (s *strict) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if s.grpc {
		body = body[5:]
	}
	s.requests++
	s.largest = max(s.largest, len(body))
	var in tracepb.TracesData
	var names []string
	if err := proto.Unmarshal(body, &in); err != nil {
		panic(err)
	}
	for _, rs := range in.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, span := range ss.Spans {
				names = append(names, span.Name)
			}
		}
	}
	refused := s.refuses(names, len(body))
	if !refused {
		s.taken = append(s.taken, names...)
	}
	switch {
	case s.grpc && refused:
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Grpc-Status", "3")
	case s.grpc:
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Grpc-Status", "0")
	case refused:
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (s *strict) start(t *testing.T) Sender {
	server := httptest.NewUnstartedServer(s)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Config.Protocols.SetHTTP1(true)
	server.Start()
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	protocol := Protobuf
	if s.grpc {
		protocol = GRPC
	}
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
	config := ConfigFromEnv(Traces)
	client := NewClient(config)
	if s.grpc {
		client = NewGRPCClient(config)
	}
	t.Cleanup(client.Close)
	return client
}

func named(n int, name func(int) string, attrs ...attribute.KeyValue) (all []sdktrace.ReadOnlySpan) {
	for i := range n {
		all = append(all, tracetest.SpanStub{Name: name(i), Attributes: attrs}.Snapshot())
	}
	return all
}

func send(s Sender, spans []sdktrace.ReadOnlySpan) (lost int, err error) {
	return s.Send(context.Background(), wire.NewResource(resource.Empty()), records(spans))
}

// TestOnlyWhatIsRefusedIsLost has batches of which some spans are refused.
func TestOnlyWhatIsRefusedIsLost(t *testing.T) {
	for _, grpc := range []bool{false, true} {
		most := func(from, to, step int) (all []int) {
			for i := from; i < to; i += step {
				all = append(all, i)
			}
			return all
		}
		for name, bad := range map[string][]int{"none": {}, "first": {0}, "last": {511}, "some": {7, 100, 101, 400}, "first 400": most(0, 400, 1), "last 400": most(112, 512, 1), "every second": most(0, 512, 2)} {
			t.Run(fmt.Sprint("gRPC ", grpc, " ", name), func(t *testing.T) {
				s := &strict{grpc: grpc, refuses: func(names []string, _ int) bool { return slices.Contains(names, "bad") }}
				lost, err := send(s.start(t), named(512, func(i int) string {
					if slices.Contains(bad, i) {
						return "bad"
					}
					return fmt.Sprint(i)
				}))
				if lost != len(bad) || (err == nil) != (len(bad) == 0) {
					t.Errorf("%d lost, %v", lost, err)
				}
				slices.Sort(s.taken)
				if len(s.taken) != 512-len(bad) || len(slices.Compact(s.taken)) != 512-len(bad) {
					t.Errorf("%d taken", len(s.taken))
				}
				if most := 1 + 2*9*len(bad); s.requests > most {
					t.Errorf("%d requests", s.requests)
				}
			})
		}
	}
}

// TestNotForEver has a collector that refuses everything, until it no longer does.
func TestNotForEver(t *testing.T) {
	down := true
	s := &strict{refuses: func(names []string, _ int) bool { return down || slices.Contains(names, "bad") }}
	sender := s.start(t)
	batch := named(512, func(i int) string { return fmt.Sprint(i) })
	for round, most := range []int{maxRefusals + 10, 1, 1} {
		s.requests = 0
		if lost, err := send(sender, batch); lost != 512 || err == nil || s.requests > most {
			t.Errorf("round %d: %d lost, %v, %d requests", round, lost, err, s.requests)
		}
	}
	down = false
	if lost, err := send(sender, batch); lost != 0 || err != nil {
		t.Errorf("%d lost, %v", lost, err)
	}
	if lost, _ := send(sender, append(batch, named(1, func(int) string { return "bad" })...)); lost != 1 {
		t.Errorf("%d lost", lost)
	}
}

// TestRequestsAreBounded has more to send than a request may hold, and a collector that takes less than that.
func TestRequestsAreBounded(t *testing.T) {
	for _, most := range []int{wire.MaxBody, 300_000} {
		s := &strict{refuses: func(_ []string, size int) bool { return size > most }}
		lost, err := send(s.start(t), named(512, func(i int) string { return fmt.Sprint(i) }, attribute.String("large", strings.Repeat("x", wire.MaxText))))
		if lost != 0 || err != nil || len(s.taken) != 512 || s.largest > wire.MaxBody || s.requests < 3 {
			t.Errorf("%d: %d lost, %v, %d taken, largest %d, %d requests", most, lost, err, len(s.taken), s.largest, s.requests)
		}
	}
}

// TestSignalsAreToldApart has the losses of each signal told once.
func TestSignalsAreToldApart(t *testing.T) {
	// Another test may have had the variable refused.
	env.Reset()
	t.Cleanup(env.Reset)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	restore := warn.Capture()
	for range 2 {
		Traces.Failed(nil, 3, "spans")
		Logs.Failed(fmt.Errorf("x"), 2, "log records")
	}
	want := []string{
		"rules_go_weave: 3 spans dropped: they come faster than they can be exported (reported once)",
		"rules_go_weave: cannot export 2 log records: x (reported once)",
	}
	if lines := restore(); !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
}

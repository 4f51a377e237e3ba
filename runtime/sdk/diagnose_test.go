package sdk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// TestDiagnostics has a program say what it sends where, and what became of that, and where nobody asks nothing of it.
func TestDiagnostics(t *testing.T) {
	answer := http.StatusOK
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(answer) }))
	defer collector.Close()
	place := strings.TrimPrefix(collector.URL, "http://")
	tracers, meters := otel.GetTracerProvider(), otel.GetMeterProvider()
	before := started
	defer func() {
		started = before
		otel.SetTracerProvider(tracers)
		otel.SetMeterProvider(meters)
	}()
	for _, test := range []struct {
		env    map[string]string
		status int
		want   []string // in this order; none: not a word
	}{
		{map[string]string{}, 200, nil},
		{map[string]string{"OTEL_LOG_LEVEL": "info", "OTEL_GO_WEAVE_DIAGNOSTICS": "false"}, 200, nil},
		{map[string]string{"OTEL_LOG_LEVEL": "debug", "OTEL_SERVICE_NAME": "shop"}, 200, []string{
			`service.name is "shop"; sampler parentbased_always_on; propagators tracecontext, baggage`, "linked exporters: http/protobuf",
			"traces go to http://" + place + "/v1/traces by http/protobuf", "metrics go nowhere: OTEL_METRICS_EXPORTER is none",
			"logs go nowhere: the program was built without log export", "spans: 2 ended and recorded, 2 sent, 0 failed, 0 dropped",
		}},
		{map[string]string{"OTEL_GO_WEAVE_DIAGNOSTICS": "true", "OTEL_LOG_LEVEL": "none", "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}, 200, []string{
			"sampler traceidratio 0", "spans: 0 ended and recorded",
		}},
		{map[string]string{"OTEL_LOG_LEVEL": "debug"}, 400, []string{"spans: 2 ended and recorded, 0 sent, 2 failed, 0 dropped"}},
		{map[string]string{"OTEL_LOG_LEVEL": "debug", "OTEL_SDK_DISABLED": "true"}, 200, []string{"nothing is recorded: OTEL_SDK_DISABLED is true"}},
		{map[string]string{"OTEL_LOG_LEVEL": "debug", "OTEL_TRACES_EXPORTER": "none"}, 200, []string{"traces go nowhere: OTEL_TRACES_EXPORTER is none"}},
	} {
		t.Run(fmt.Sprint(test.env), func(t *testing.T) {
			answer = test.status
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", strings.Replace(collector.URL, "http://", "http://user:secret@", 1))
			t.Setenv("OTEL_METRICS_EXPORTER", "none")
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			restore := warn.Capture()
			start()
			if started != nil {
				for range 2 {
					_, span := started.provider.Tracer("test").Start(context.Background(), "work")
					span.End()
				}
				for _, p := range started.processors {
					_ = p.ForceFlush(context.Background())
				}
				if diagnosis() != nil {
					summarise()
				}
			}
			lines := restore()
			if test.want == nil && len(lines) > 0 {
				t.Errorf("nobody asked: %q", lines)
			}
			at := 0
			for _, want := range test.want {
				n := slices.IndexFunc(lines[at:], func(l string) bool { return strings.Contains(l, want) })
				if n < 0 {
					t.Errorf("no %q after line %d of %q", want, at, lines)
					break
				}
				at += n
			}
			if strings.Contains(fmt.Sprint(lines), "secret") {
				t.Errorf("tells a secret: %q", lines)
			}
		})
	}
	t.Run("a provider of the program's own", func(t *testing.T) {
		start()
		otel.SetTracerProvider(noop.NewTracerProvider())
		restore := warn.Capture()
		summarise()
		if lines := restore(); !strings.Contains(fmt.Sprint(lines), "its own tracer provider, noop.TracerProvider") {
			t.Errorf("%q", lines)
		}
	})
	t.Run("instrumentations", func(t *testing.T) {
		for name, value := range map[string]string{"OTEL_INSTRUMENTATION_X_Y_ENABLED": "false", "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED": "true"} {
			t.Setenv(name, value)
		}
		restore := warn.Capture()
		weaveruntime.Enabled("x/quiet")
		if lines := restore(); len(lines) > 0 {
			t.Errorf("nobody asked: %q", lines)
		}
		t.Setenv("OTEL_LOG_LEVEL", "debug")
		restore = warn.Capture()
		for _, name := range []string{"x/y", "x/z", "x/y"} {
			weaveruntime.Enabled(name)
		}
		want := []string{"rules_go_weave: x/y is linked, but switched off by OTEL_INSTRUMENTATION_X_Y_ENABLED", "rules_go_weave: x/z is linked and on"}
		if lines := restore(); !slices.Equal(lines, want) {
			t.Errorf("%q", lines)
		}
	})
	t.Run("once a minute", func(t *testing.T) {
		t.Setenv("OTEL_LOG_LEVEL", "debug")
		restore := warn.Capture()
		tell := diagnosis()
		tell(queue.Counts{Name: "spans", Ended: 5, Sent: 2, Waiting: 3})
		tell(queue.Counts{Name: "spans", Ended: 6})
		if lines := restore(); len(lines) != 1 || !strings.HasSuffix(lines[0], "spans: 5 ended and recorded, 2 sent, 0 failed, 0 dropped, 3 waiting") {
			t.Errorf("%q", lines)
		}
	})
}

package sdk

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/declarative"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// configure has a configuration be read in place of the environment.
func configure(t *testing.T, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "otel.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OTEL_CONFIG_FILE", file)
	env.Reset()
	t.Cleanup(func() { os.Unsetenv("OTEL_CONFIG_FILE"); env.Reset() })
}

// sampled asks a sampler about a span below parent, and returns the trace's state, too.
func sampled(s sdktrace.Sampler, parent trace.SpanContext, id trace.TraceID, kind trace.SpanKind, attrs ...attribute.KeyValue) (bool, string) {
	ctx := trace.ContextWithSpanContext(context.Background(), parent)
	r := s.ShouldSample(sdktrace.SamplingParameters{ParentContext: ctx, TraceID: id, Kind: kind, Attributes: attrs})
	return r.Decision == sdktrace.RecordAndSample, r.Tracestate.Get("ot")
}

func randomID(r *rand.Rand) (id trace.TraceID) {
	binary.BigEndian.PutUint64(id[:8], r.Uint64())
	binary.BigEndian.PutUint64(id[8:], r.Uint64())
	return id
}

// TestRules decides by rules of a configuration.
func TestRules(t *testing.T) {
	configure(t, `
file_format: "1.0"
tracer_provider:
  sampler:
    parent_based:
      root:
        composite/development:
          rule_based:
            rules:
              - attribute_values: {key: url.path, values: [/healthz, /readyz]}
                span_kinds: [server]
                sampler: {always_off: }
              - attribute_patterns: {key: url.path, included: ["/static/*"], excluded: ["*.js"]}
                sampler: {always_off: }
              - attribute_values: {key: http.response.status_code, values: ["404"]}
                attribute_patterns: {key: url.path, included: ["/a?c"]}
                sampler: {always_off: }
              - attribute_values: {key: tags, values: ["2", "true", "x"]}
                sampler: {always_off: }
              - sampler: {always_on: }
`)
	s := newSampler()
	if !s.attentive || !s.inherited {
		t.Errorf("%+v", s)
	}
	path, status := attribute.Key("url.path"), attribute.Int("http.response.status_code", 404)
	tags := attribute.Key("tags")
	for _, c := range []struct {
		want  bool
		kind  trace.SpanKind
		attrs []attribute.KeyValue
	}{
		{false, trace.SpanKindServer, []attribute.KeyValue{path.String("/healthz")}},
		{true, trace.SpanKindClient, []attribute.KeyValue{path.String("/healthz")}},
		{true, trace.SpanKindServer, []attribute.KeyValue{path.String("/healthz/")}},
		{true, trace.SpanKindServer, nil},
		{false, trace.SpanKindInternal, []attribute.KeyValue{path.String("/static/")}},
		{true, trace.SpanKindInternal, []attribute.KeyValue{path.String("/static/app.js")}},
		{false, trace.SpanKindUnspecified, []attribute.KeyValue{path.String("/x"), status, path.String("/aéc")}},
		{true, trace.SpanKindUnspecified, []attribute.KeyValue{status, path.String("/abbc")}},
		{true, trace.SpanKindUnspecified, []attribute.KeyValue{status}},
		{false, 0, []attribute.KeyValue{tags.Int64Slice([]int64{1, 2})}},
		{false, 0, []attribute.KeyValue{tags.BoolSlice([]bool{false, true})}},
		{false, 0, []attribute.KeyValue{tags.StringSlice([]string{"y", "x"})}},
		{false, 0, []attribute.KeyValue{tags.Float64Slice([]float64{2})}},
		{true, 0, []attribute.KeyValue{tags.Int64Slice(nil)}},
	} {
		if got, _ := sampled(s, trace.SpanContext{}, trace.TraceID{1}, c.kind, c.attrs...); got != c.want {
			t.Errorf("%v %v: %v", c.kind, c.attrs, got)
		}
	}
	// Below a parent it decides.
	parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled})
	if got, _ := sampled(s, parent, trace.TraceID{1}, trace.SpanKindServer, path.String("/healthz")); !got {
		t.Error("a parent that is sampled has a child that is not")
	}
}

// TestProbability: a share of traces is sampled, what is sampled by a small share is by a greater one, and the state of the trace says
// by which it was, which the next service decides by.
func TestProbability(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	of := func(ratio float64) sdktrace.Sampler {
		return newConfigured(&declarative.Sampler{Kind: "probability", Composite: true, Ratio: ratio})
	}
	below := newConfigured(&declarative.Sampler{Kind: "parent_threshold", Composite: true})
	some, half, n := 0, 0, 20_000
	for range n {
		id := randomID(r)
		in, state := sampled(of(0.1), trace.SpanContext{}, id, 0)
		also, _ := sampled(of(0.5), trace.SpanContext{}, id, 0)
		if in && !also {
			t.Fatalf("%s is sampled by 0.1 and not by 0.5", id)
		}
		if also {
			half++
		}
		if !in {
			continue
		}
		some++
		if !strings.HasPrefix(state, "th:e6666666666") {
			t.Fatalf("state %q", state)
		}
		ts, _ := trace.ParseTraceState("ot=" + state)
		parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}, TraceState: ts, Remote: true})
		if again, still := sampled(below, parent, id, 0); !again || still != state {
			t.Fatalf("the next service: %v, %q", again, still)
		}
	}
	if some < n/10*9/10 || some > n/10*11/10 || half < n/2*9/10 || half > n/2*11/10 {
		t.Errorf("%d and %d of %d", some, half, n)
	}
	if in, _ := sampled(of(0), trace.SpanContext{}, trace.TraceID{15: 0xff, 14: 0xff, 13: 0xff, 12: 0xff, 11: 0xff, 10: 0xff, 9: 0xff}, 0); in {
		t.Error("the greatest randomness is sampled by 0")
	}
	if in, state := sampled(of(1), trace.SpanContext{}, trace.TraceID{1}, 0); !in || state != "th:0" {
		t.Errorf("the least randomness by 1: %v %q", in, state)
	}
	// Randomness that the trace brings counts, and stays; who is sampled without a threshold is not counted by one.
	for fields, want := range map[string]string{"rv:ffffffffffffff": "th:8;rv:ffffffffffffff", "x:y;rv:80000000000000;th:c": "th:8;x:y;rv:80000000000000", "rv:7fffffffffffff;th:0": "rv:7fffffffffffff"} {
		ts, _ := trace.ParseTraceState("ot=" + fields)
		parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceState: ts})
		if in, state := sampled(of(0.5), parent, trace.TraceID{1}, 0); in != strings.HasPrefix(want, "th:") || state != want {
			t.Errorf("%s: %v %q", fields, in, state)
		}
	}
	for flags, want := range map[trace.TraceFlags]bool{trace.FlagsSampled: true, 0: false} {
		for fields, kept := range map[string]string{"th:x;a:b": "a:b", "th:": "", "": ""} {
			ts, _ := trace.ParseTraceState("ot=" + fields)
			parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceState: ts, TraceFlags: flags})
			if in, state := sampled(below, parent, trace.TraceID{1}, 0); in != want || state != kept {
				t.Errorf("%q, flags %v: %v %q", fields, flags, in, state)
			}
		}
	}
}

// TestMatches has patterns, and one that takes long where each star is tried with each place.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"a*c", "abbc", true}, {"a*c", "abbd", false}, {"?", "é", true}, {"?", "", false}, {"a?", "a\xff", true},
		{"*.js", "a.js.js", true}, {"**a**", "bab", true}, {"a", "A", false}, {"/a/*/b", "/a//b", true},
		{strings.Repeat("*a", 30) + "b", strings.Repeat("a", 10_000), false},
	} {
		if got := matches(c.pattern, c.text); got != c.want {
			t.Errorf("%q, %q: %v", c.pattern, c.text, got)
		}
	}
}

// TestConfiguration starts by a configuration: the environment is not read beside it, and a setting that is refused is told with its place.
func TestConfiguration(t *testing.T) {
	t.Setenv("OTEL_SERVICE_NAME", "other")
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	configure(t, `
file_format: "1.0"
resource: {attributes: [{name: service.name, value: shop}, {name: replicas, value: 3}]}
tracer_provider:
  processors: [{batch: {max_queue_size: none, exporter: {otlp_http: }}}]
  limits: {attribute_count_limit: 3}
  sampler: {trace_id_ratio_based: {ratio: 0.25}}
instrumentation/development:
  go: {net_http: {enabled: false}, nohttp: {enabled: false}, exit_timeout: 5, wrong: 1}
`)
	restore := warn.Capture()
	start()
	lines := strings.Join(restore(), "\n")
	t.Cleanup(func() { started = nil })
	for _, want := range []string{
		`otel.yaml:5:41: max_queue_size "none" is not a whole number from 1 to 1000000; using 2048`,
		"otel.yaml:9:54: nohttp.enabled is not a setting of woven programs; ignoring it", "otel.yaml:9:86: wrong is not a setting of woven programs; ignoring it",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("not told: %s in\n%s", want, lines)
		}
	}
	if n := strings.Count(lines, "\n") + 1; n != 3 {
		t.Errorf("%s", lines)
	}
	if d := started.Sampler.Description(); d != "TraceIDRatioBased{0.25}" || started.meters != nil || len(started.processors) != 1 || exitTimeout.Milliseconds() != 5 {
		t.Errorf("%s, %v, %v, %v", d, started.meters, started.processors, exitTimeout)
	}
	all := newResource().Attributes()
	if value(all, "service.name") != "shop" || value(all, "replicas") != "3" || spanLimits().AttributeCountLimit != 3 {
		t.Errorf("%v", all)
	}
	if env.Bool("OTEL_INSTRUMENTATION_NET_HTTP_ENABLED") || !env.Bool("OTEL_INSTRUMENTATION_DATABASE_SQL_ENABLED") {
		t.Error("switches are not those of the configuration")
	}
}

// TestConfigurationThatCannotBeRead: nothing is recorded, as one line says.
func TestConfigurationThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"a: [\n":                          "otel.yaml:2:1: brackets do not end; nothing is recorded",
		"file_format: 2\n":                `otel.yaml:1:14: file_format "2" is not supported; this program reads "1.0"; nothing is recorded`,
		strings.Repeat("#", 1<<20) + "\n": "it is longer than 1 MiB; nothing is recorded",
	} {
		configure(t, text)
		restore := warn.Capture()
		start()
		if lines := restore(); started != nil || len(lines) != 1 || !strings.Contains(lines[0], want) {
			t.Errorf("%v: %q", started, lines)
		}
	}
	t.Setenv("OTEL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.yaml"))
	env.Reset()
	restore := warn.Capture()
	start()
	if lines := restore(); started != nil || len(lines) != 1 || !strings.Contains(lines[0], "OTEL_CONFIG_FILE cannot be read: open ") {
		t.Errorf("%v: %q", started, lines)
	}
}

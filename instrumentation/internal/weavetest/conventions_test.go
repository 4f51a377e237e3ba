package weavetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
)

// conventions are what the registry of the semantic conventions has, of the version that the hooks say that they follow. The Go
// package that is read here is made from the registry's YAML, with the texts in it; the YAML itself is in no module.
type conventions struct {
	attributes map[string]string // to their types, as the registry has them
	metrics    map[string]metricConvention
}

type metricConvention struct{ unit, description, kind string }

func readConventions(t *testing.T, dir string) conventions {
	read := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	c := conventions{map[string]string{}, map[string]metricConvention{}}
	attribute := regexp.MustCompile(`// Type: (\S+)\n(?:\s*//.*\n)*\s*\w+Key = attribute\.Key\("([^"]+)"\)`)
	for _, m := range attribute.FindAllStringSubmatch(read(filepath.Join(dir, "attribute_group.go")), -1) {
		c.attributes[m[2]] = m[1]
	}
	files, err := filepath.Glob(filepath.Join(dir, "*conv/metric.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no metrics", err)
	}
	kind := regexp.MustCompile(`type (\w+) struct \{\n\s*metric\.(?:Int64|Float64)(?:Observable)?(\w+)\n\}`)
	for _, file := range files {
		text := read(file)
		for _, m := range kind.FindAllStringSubmatch(text, -1) {
			method := func(name string) string {
				found := regexp.MustCompile(`func \(` + m[1] + `\) ` + name + `\(\) string \{\n\s*return "(.*)"\n`).FindStringSubmatch(text)
				if found == nil {
					return ""
				}
				return strings.ReplaceAll(found[1], `\"`, `"`)
			}
			c.metrics[method("Name")] = metricConvention{method("Unit"), method("Description"), m[2]}
		}
	}
	return c
}

// addGenAI adds the conventions for generative AI, which have moved to a repository of their own, of which there is no Go package. before is
// the last version that had them; what their version 0.1.0 has beside that is listed here.
func (c conventions) addGenAI(before conventions) {
	for key, kind := range before.attributes {
		if prefix, _, _ := strings.Cut(key, "."); slices.Contains([]string{"gen_ai", "openai", "mcp"}, prefix) {
			c.attributes[key] = kind
		}
	}
	for name, m := range before.metrics {
		if strings.HasPrefix(name, "mcp.") {
			c.metrics[name] = m
		}
	}
	c.attributes["gen_ai.token.modality"] = "string"
	c.attributes["gen_ai.usage.cache_write.input_tokens"] = "int"
	// Messages are structured, or a string of JSON.
	for _, key := range []string{"gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"} {
		c.attributes[key] = "string"
	}
	for name, m := range map[string]metricConvention{
		"gen_ai.client.inference.duration":            {"s", "GenAI client inference operation duration.", "Histogram"},
		"gen_ai.client.embeddings.duration":           {"s", "GenAI client embeddings operation duration.", "Histogram"},
		"gen_ai.client.inference.time_to_first_chunk": {"s", "Time to receive the first chunk, measured from when the client issues the generation request to when the first chunk is received in the response stream.", "Histogram"},
		"gen_ai.client.inference.usage.input_tokens":  {"{token}", "The number of input (prompt) tokens used, including cached tokens.", "Counter"},
		"gen_ai.client.inference.usage.output_tokens": {"{token}", "The number of output (completion) tokens used, including reasoning tokens.", "Counter"},
	} {
		c.metrics[name] = m
	}
}

// emitted is what programs emit, all together.
type emitted struct {
	attributes map[string]*commonpb.AnyValue
	metrics    map[string]*metricspb.Metric
}

func newEmitted() *emitted {
	return &emitted{map[string]*commonpb.AnyValue{}, map[string]*metricspb.Metric{}}
}

// valueType is the registry's name for the type of a value.
func valueType(v *commonpb.AnyValue) string {
	switch v := v.Value.(type) {
	case *commonpb.AnyValue_StringValue:
		return "string"
	case *commonpb.AnyValue_IntValue:
		return "int"
	case *commonpb.AnyValue_BoolValue:
		return "boolean"
	case *commonpb.AnyValue_DoubleValue:
		return "double"
	case *commonpb.AnyValue_ArrayValue:
		return valueType(v.ArrayValue.Values[0]) + "[]"
	default:
		return fmt.Sprintf("%T", v)
	}
}

func metricKind(m *metricspb.Metric) string {
	switch {
	case m.GetHistogram() != nil:
		return "Histogram"
	case m.GetGauge() != nil:
		return "Gauge"
	case m.GetSum().GetIsMonotonic():
		return "Counter"
	}
	return "UpDownCounter"
}

// faults says what of e is not as the conventions have it.
func (c conventions) faults(e emitted) (all []string) {
	for key, value := range e.attributes {
		want, known := c.attributes[key]
		if name, _, ok := strings.Cut(key, ".header."); ok && !known {
			want, known = c.attributes[name+".header"] // a template: the key ends in the header's name
			if !known {
				want, known = "string[]", name == "http.request" || name == "http.response"
			}
		}
		if strings.HasPrefix(key, "db.operation.parameter.") && !known {
			want, known = "string", true // a template, too
		}
		got := valueType(value)
		switch {
		case !known:
			all = append(all, key+" is no attribute")
		case want != got && !(want == "Enum" && (got == "string" || got == "int")):
			all = append(all, fmt.Sprintf("%s has type %s, and not %s", key, got, want))
		}
	}
	for name, m := range e.metrics {
		want, known := c.metrics[name]
		if got := (metricConvention{m.Unit, m.Description, metricKind(m)}); !known {
			all = append(all, name+" is no metric")
		} else if got != want {
			all = append(all, fmt.Sprintf("%s is %+v, and not %+v", name, got, want))
		}
	}
	return all
}

// TestConventions compares every attribute and metric that programs emit, on spans, events, metrics, log records and resources,
// with the registry.
func TestConventions(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	e := *newEmitted()
	add := func(kvs []*commonpb.KeyValue) {
		for _, kv := range kvs {
			e.attributes[kv.Key] = kv.Value
		}
	}
	for _, program := range []string{"tree", "client", "handler-panic", "sql", "sql-errors", "h2", "pool-limit", "post", "slog-loggers", "return"} {
		run(t, z.full, program, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "KUBERNETES_SERVICE_HOST=10.0.0.1", "GOMEMLIMIT=1GiB",
			"OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS=User-Agent", "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS=Content-Type")
		for _, s := range c.Take() {
			add(s.Attributes)
			for _, event := range s.Events {
				add(event.Attributes)
			}
		}
		for _, m := range c.AllMetrics() {
			e.metrics[m.Name] = m
			for _, p := range append(m.GetSum().GetDataPoints(), m.GetGauge().GetDataPoints()...) {
				add(p.Attributes)
			}
			for _, p := range m.GetHistogram().GetDataPoints() {
				add(p.Attributes)
			}
		}
		for _, r := range c.TakeLogs() {
			for _, kv := range r.Attributes {
				if strings.HasPrefix(kv.Key, "code.") { // the others are the program's
					add([]*commonpb.KeyValue{kv})
				}
			}
		}
		add(c.res)
	}
	cmd := exec.Command("go", "list", "-f", "{{.Dir}}", "go.opentelemetry.io/otel/semconv/v1.37.0")
	cmd.Dir = Root()
	out, err := output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	known := readConventions(t, strings.TrimSpace(out))
	for _, fault := range known.faults(e) {
		t.Error(fault)
	}
	if len(e.attributes) < 40 || len(e.metrics) < 16 || len(known.attributes) < 500 || len(known.metrics) < 100 {
		t.Errorf("%d attributes of %d, %d metrics of %d", len(e.attributes), len(known.attributes), len(e.metrics), len(known.metrics))
	}
	// The controls.
	wrong := emitted{map[string]*commonpb.AnyValue{"http.no.such": {Value: &commonpb.AnyValue_BoolValue{}}, "http.route": {Value: &commonpb.AnyValue_BoolValue{}}},
		map[string]*metricspb.Metric{"no.such": {}, "go.goroutine.count": {Unit: "1"}}}
	if faults := known.faults(wrong); len(faults) != 4 {
		t.Errorf("the controls have the faults %q", faults)
	}
}

package weavetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigurationFile runs programs by a configuration in place of variables, with a rule that drops requests of one path before they
// cost a span, with all that is below them.
func TestConfigurationFile(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	plain := run(t, z.plain, "tree")
	run(t, z.woven, "tree", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	whole := Tree(c.Take())
	configured := func(sampler string, env ...string) (result, []Span) {
		file := filepath.Join(t.TempDir(), "otel.yaml")
		text := `file_format: "1.0"
resource: {attributes: [{name: service.name, value: "${NAME:-configured}"}]}
propagator: {composite: [{tracecontext: }]}
tracer_provider:
  processors: [{batch: {exporter: {otlp_http: {endpoint: "` + c.URL + `/v1/traces"}}}}]
  sampler: ` + sampler + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := run(t, z.woven, "tree", append(env, "OTEL_CONFIG_FILE="+file, "OTEL_TRACES_SAMPLER=always_off", "OTEL_METRICS_EXPORTER=nowhere")...)
		return r, c.Take()
	}
	const rest = "{sampler: {parent_threshold: {root: {always_on: }}}}"
	for _, sampler := range []string{"", "{parent_based: {root: {always_on: }}}", "{composite/development: {rule_based: {rules: [" + rest + "]}}}"} {
		r, spans := configured(sampler)
		if got := Tree(spans); got != whole || r != plain {
			t.Errorf("%s: %+v\n%s\nby variables\n%s", sampler, r, got, whole)
		}
	}
	r, spans := configured("{composite/development: {rule_based: {rules: [{attribute_values: {key: url.path, values: [/stock]}, span_kinds: [server], sampler: {always_off: }}, " + rest + "]}}}")
	if got := Tree(spans); len(spans) != 3 || strings.Contains(got, "SELECT") || r != plain {
		t.Errorf("without what a rule drops: %+v\n%s", r, got)
	}
	if r, spans = configured("{always_of: }"); len(spans) != 5 || r.out != plain.out || !strings.Contains(r.err, `otel.yaml:6:13: unknown key "always_of"; ignoring it`) || strings.Count(r.err, "\n") != 1 {
		t.Errorf("%+v, %d spans", r, len(spans))
	}
}

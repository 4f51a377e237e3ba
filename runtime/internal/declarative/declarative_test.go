package declarative

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// read reads a configuration in an environment, and returns what was told.
func read(text string, environment map[string]string) (*Settings, []string, error) {
	var told []string
	s, err := Read(text, func(name string) string { return environment[name] }, func(what string) { told = append(told, what) })
	return s, told, err
}

// TestAll compares what testdata/all.yaml says with testdata/all.want; UPDATE_EXPECT=1 writes that.
func TestAll(t *testing.T) {
	text, err := os.ReadFile("testdata/all.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, told, err := read(string(text), map[string]string{"SERVICE": "shop", "TOKEN": "a%b"})
	if err != nil || len(told) > 0 {
		t.Fatal(err, told)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		fmt.Fprintf(&b, "%s=%s (%s)\n", name, s.Values[name].Text, s.Values[name].Key)
	}
	for _, a := range s.Attributes {
		fmt.Fprintf(&b, "%s: %T %v\n", a.Name, a.Value, a.Value)
	}
	describe(&b, "", s.Sampler)
	if os.Getenv("UPDATE_EXPECT") != "" {
		if err := os.WriteFile("testdata/all.want", []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/all.want")
	if err != nil || string(want) != b.String() {
		t.Errorf("testdata/all.want is not this: %v\n%s", err, b.String())
	}
}

// describe writes a sampler, a line for each and for each rule.
func describe(b *strings.Builder, indent string, s *Sampler) {
	fmt.Fprintf(b, "%s composite=%v ratio=%v\n", s.Kind, s.Composite, s.Ratio)
	indent += "  "
	for _, of := range []struct {
		name string
		*Sampler
	}{{"root", s.Root}, {"remote sampled", s.RemoteSampled}, {"remote not", s.RemoteNotSampled}, {"local sampled", s.LocalSampled}, {"local not", s.LocalNotSampled}} {
		if of.Sampler != nil {
			b.WriteString(indent + of.name + ": ")
			describe(b, indent, of.Sampler)
		}
	}
	for _, r := range s.Rules {
		fmt.Fprintf(b, "%s%+v kinds %v parents %v: ", indent, r.Attributes, r.Kinds, r.Parents)
		describe(b, indent, r.Sampler)
	}
}

// TestPublished reads the examples of the specification, which OpenTelemetry's own package for Go has as its test data: all is read,
// and what is told is what woven programs do not do.
func TestPublished(t *testing.T) {
	download := exec.Command("go", "mod", "download", "-json", "go.opentelemetry.io/contrib/otelconf@v0.27.0")
	download.Dir = t.TempDir()
	out, err := download.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{"STRING_VALUE": "x", "BOOL_VALUE": "true", "INT_VALUE": "1", "FLOAT_VALUE": "1.5", "HEX_VALUE": "0xff"}
	for name, want := range map[string]struct{ values, attributes, unsupported, other int }{
		"v1.0.0.yaml": {62, 9, 33, 0}, "v1.0.0.json": {62, 9, 33, 0},
		"v1.0.0_env_var.yaml": {6, 35, 0, 2}, // an attribute without a name, and a key of an older format
	} {
		text, err := os.ReadFile(filepath.Join(module.Dir, "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		s, told, err := read(string(text), environment)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n := 0
		for _, what := range told {
			if strings.Contains(what, unsupported+";") {
				n++
			}
		}
		if got := [4]int{len(s.Values), len(s.Attributes), n, len(told) - n}; got != [4]int{want.values, want.attributes, want.unsupported, want.other} {
			t.Errorf("%s: %d\n%s", name, got, strings.Join(told, "\n"))
		}
	}
}

// TestTold has what is not used, or is not a configuration, and where that is said.
func TestTold(t *testing.T) {
	for _, c := range []struct{ text, told, fault string }{
		{"", "", `1:1: a configuration must be a mapping that begins with: file_format: "1.0"`},
		{"- a\n", "", "1:1: a configuration must be a mapping"},
		{"disabled: true\n", "", "1:1: file_format is missing"},
		{"file_format: \"0.3\"\n", "", `1:14: file_format "0.3" is not supported; this program reads "1.0"`},
		{"file_format: 1.0\ndisabled: ${1}\n", "", "2:11: ${1} is not a variable reference"},
		{"file_format: 1.0\ndisabled: ${A\n", "", "2:11: ${A} is not a variable reference"},
		{"file_format: 1.0\na: [\n", "", "3:1: brackets do not end"},
		{"file_format: \"1.0-rc.3\"\n", "", ""},
		{"file_format: '1.1'\nno: 1\ntracer_provider: {sampler: {no: }, no: }\n", `2:1: unknown key "no"; ignoring it|3:29: unknown key "no"; ignoring it|3:36: unknown key "no"; ignoring it`, ""},
		{"file_format: 1.0\nmeter_provider:\n  views: [a]\n  meter_configurator/development:\n", `3:3: "views" is not supported by woven programs; ignoring it`, ""},
		{"file_format: 1.0\ntracer_provider: []\npropagator: x\n", "2:18: expected a mapping; ignoring it|3:13: expected a mapping; ignoring it", ""},
		{"file_format: 1.0\ntracer_provider:\n  processors:\n    - batch: {exporter: {otlp_http: }}\n    - batch: {exporter: {otlp_grpc: }}\n", "5:25: a second exporter of traces by otlp is not supported by woven programs; ignoring it", ""},
		{"file_format: 1.0\ntracer_provider:\n  processors:\n    - batch:\n    - batch: {exporter: {otlp_file/development: }}\n    - {}\n", `4:7: a processor without an exporter; ignoring it|5:26: "otlp_file/development" is not supported by woven programs; ignoring it|6:7: expected one processor; ignoring it`, ""},
		{"file_format: 1.0\nmeter_provider:\n  readers:\n    - pull: {exporter: {prometheus/development: {port: 1}}}\n    - pull: {exporter: {prometheus/development: {port: 2}}}\n", "5:49: a second exporter of metrics by prometheus is not supported by woven programs; ignoring it", ""},
		{"file_format: 1.0\ntracer_provider: {sampler: {trace_id_ratio_based: {ratio: 2}}}\n", `2:59: "2" is not a number from 0 to 1; ignoring it`, ""},
		{"file_format: 1.0\nresource: {attributes: [{name: a, value: x, type: int}, {name: b}, {name: c, value: [1, x]}, {name: d, value: 1, type: e}]}\n", `2:42: "x" is not of this attribute's type; ignoring it|2:57: an attribute without a name or a value; ignoring it|2:89: "x" is not of this attribute's type; ignoring it|2:94: type "e" is not one of string, bool, int, double, string_array, bool_array, int_array, double_array; ignoring it`, ""},
		{"file_format: 1.0\nlogger_provider: {processors: [{simple: {exporter: {otlp_http: {encoding: json}}}}]}\n", `2:75: encoding "json" is not supported by woven programs, protobuf is; ignoring it|2:32: a simple processor of OTLP sends in batches, as "batch" does`, ""},
		{"file_format: 1.0\ntracer_provider: {sampler: {composite/development: {rule_based: {rules: [{span_kinds: [sever], sampler: {always_on: }}]}}}}\n", `2:87: "sever" is none of client, consumer, internal, producer, server; ignoring it|2:74: a rule without a sampler, or with a condition that is not understood; ignoring it`, ""},
	} {
		_, told, err := read(c.text, nil)
		if c.fault != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.fault) {
				t.Errorf("%q: %v, not %s", c.text, err, c.fault)
			}
		} else if got := strings.Join(told, "|"); err != nil || got != c.told {
			t.Errorf("%q: %v\n%s, not\n%s", c.text, err, got, c.told)
		}
	}
}

// TestReferences has the examples of the specification (configuration/data-model, Environment variable substitution).
func TestReferences(t *testing.T) {
	environment := map[string]string{"STRING": "value", "BOOL": "true", "INT": "1", "FLOAT": "1.1", "HEX": "0xdeadbeef", "REFERS": "${STRING}", "STRUCTURE": "value\nkey:value", "EMPTY": ""}
	for text, want := range map[string]any{
		"${STRING}": "value", "${BOOL}": true, "${INT}": int64(1), "${FLOAT}": 1.1, "${HEX}": int64(0xdeadbeef), "\"${STRING}\"": "value", "\"${BOOL}\"": "true",
		"${env:STRING}": "value", "foo ${STRING} ${FLOAT}": "foo value 1.1", "\"${STRUCTURE}\"": "value\nkey:value", "${STRUCTURE}": "value\nkey:value",
		"${NONE:-else}": "else", "${EMPTY:-else}": "else", "${NONE:-}x": "x", "${REFERS}": "${STRING}", "$${STRING}": "${STRING}", "$$${STRING}": "$value", "a $ b": "a $ b",
		"$$$${STRING:-${STRING}}": "$${STRING:-value}", "${NONE:-${STRING}}": "${STRING}",
	} {
		s, told, err := read("file_format: '1.0'\nresource:\n  attributes:\n  - name: a\n    value: "+text+"\n", environment)
		if err != nil || len(told) > 0 || len(s.Attributes) != 1 || s.Attributes[0].Value != want {
			t.Errorf("%s: %v %v %+v", text, err, told, s)
		}
	}
	s, _, err := read("file_format: '1.0'\npropagator: {composite_list: ${NONE}}\ndisabled: ${NONE}\n", nil)
	if _, has := s.Values["OTEL_SDK_DISABLED"]; err != nil || has || s.Values["OTEL_PROPAGATORS"].Text != "none" {
		t.Errorf("%v %v", err, s)
	}
}

package weavetest

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
)

// logger is a library for logging, whose program in testdata says in each message whether the record is about a span, and the records of
// it that are exported, each as severity number, severity, body, attributes, and whether it is about a span.
type logger struct {
	folder   string
	exported []string
}

var loggers = []logger{
	{"gokit", []string{
		"9  outside map[]",
		"9 info inside map[] span",
		"17 error inside map[err:no n:1 text:a\uFFFD\"b] span",
		"9  inside map[with:1] span",
		"9  inside theirs map[trace_id:mine] span",
		"9  inside theirs map[trace_id:mine] span",
		"9  inside theirs, without a value map[n:<nil>] span",
		"9  inside map[] span",
		"13 warn inside map[] span",
		"9  outside map[]",
	}},
	{"klog", []string{
		"9 INFO outside map[]",
		"9 INFO inside map[] span",
		"9 INFO inside map[n:1 text:a\uFFFD\"b] span",
		"17 ERROR inside map[err:no n:2] span",
		"9 INFO inside theirs map[trace_id:mine] span",
		"9 INFO inside theirs, without a value map[n:<nil>] span",
		"9 INFO inside theirs, text map[] span",
		"13 WARNING inside theirs, text map[] span",
		"17 ERROR inside theirs, of \"two\"\nlines map[] span",
		"9 INFO inside theirs, with more] before map[] span",
		"9 INFO inside map[] span",
		"9 INFO outside map[]",
	}},
	{"logr", []string{
		"9 INFO outside map[]",
		"9 INFO inside map[] span",
		"9 INFO inside map[n:1 text:a\"b] span",
		"17 ERROR inside map[error:no n:2] span",
		"9 INFO inside map[with:1] span",
		"9 INFO inside theirs map[trace_id:mine] span",
		"9 INFO inside theirs map[trace_id:mine] span",
		"9 INFO inside map[] span",
		"9 INFO inside map[n:1 text:a\"b] span",
		"17 ERROR inside map[error:no n:2] span",
		"9 INFO inside map[with:1] span",
		"9 INFO inside theirs map[trace_id:mine] span",
		"9 INFO inside theirs map[trace_id:mine] span",
		"5 DEBUG inside map[] span",
		"9 INFO inside map[] span",
		"9 INFO outside map[]",
	}},
	{"logrus", []string{
		"9 info outside map[]",
		"9 info inside map[] span",
		"1 trace inside map[any:map[trace_id:1] d:1000000000 n:1 text:a\uFFFD\"b] span",
		"13 warning inside theirs map[trace_id:mine] span",
		"17 error inside map[error:no] span",
		"9 info inside map[] span",
		"13 warning inside map[key:a value] span",
		"5 debug inside map[with:1] span",
		"18 panic inside map[n:2] span",
		"9 info inside, hostile map[error:(panic in a method of *main.hostile)] span",
		"9 info inside map[] span",
		"9 info inside, after its request map[] span",
		"9 info outside map[]",
		"9 info outside map[n:1]",
	}},
	{"zap", []string{
		"9 info outside map[]",
		"9 info inside map[] span",
		"5 debug inside map[any:map[trace_id:1] b:Af8= d:1s error:no n:1 text:a\uFFFD\"b] span",
		"13 warn inside theirs map[trace_id:mine] span",
		"17 error inside theirs map[trace_id:mine] span",
		"9 info inside map[in:map[deeper:map[n:2] trace_id:nested] with:1] span",
		"9 info inside map[key:value] span",
		"9 info inside 1 map[] span",
		"9 info inside map[] span",
		"9 info inside map[n:3 with:1] span",
		"9 info inside map[n:4] span",
		"9 info inside map[] span",
		"18 panic inside map[] span",
		"9 info inside, hostile map[eError:PANIC=oh] span",
		"9 info inside map[] span",
		"9 info outside map[]",
	}},
	{"zerolog", []string{
		"9 info outside map[]",
		"9 info inside map[] span",
		"5 debug inside map[any:map[trace_id:1] d:1000 error:no in:map[trace_id:nested] n:1 text:a\uFFFD\"b] span",
		"13 warn inside theirs map[trace_id:mine] span",
		"17 error inside theirs map[trace_id:mine] span",
		"17 error  map[] span",
		"9  inside map[] span",
		"9 info inside map[hook:6] span",
		"9 info inside map[n:2] span",
		"9 info inside map[] span",
		"18 panic inside map[] span",
		"9 info inside map[] span",
		"9 info outside map[]",
	}},
}

// identity finds the identity of a span in a line, a field at a time.
var identity = regexp.MustCompile(`,? ?"(trace_id|span_id|trace_flags)": ?"([0-9a-f]+)"| "?(trace_id|span_id|trace_flags)"?="?([0-9a-f]+)"?`)

// TestLoggers builds the program of each library for logging, with the same versions as TestCatalogue, and runs it: what it writes
// of records that are about a span carries the span's identity once, and all else is as the plain program writes it; so is everything
// where the instrumentation is off. Where logs are exported, its records are.
func TestLoggers(t *testing.T) {
	versions, goweave := tried(t)
	for _, l := range loggers {
		for _, version := range versions {
			t.Run(l.folder+" "+version, func(t *testing.T) {
				dir := filepath.Join(Root(), "instrumentation/internal/weavetest/testdata", l.folder)
				if version != "newest" {
					dir = copied(t, dir, version)
				}
				build := builder(t, l.folder, dir)
				plain := run(t, build("plain", "go", "build"), "")
				l.test(t, plain, build("woven", goweave, "go", "build"), nil)
				if *programs != "" {
					return // these have the default exporters
				}
				l.test(t, plain, build("exporting", goweave, "go", "build", "-tags=weave_logs"), l.exported)
			})
		}
	}
}

func (l logger) test(t *testing.T, plain result, binary string, exported []string) {
	c := NewCollector()
	defer c.Close()
	off := run(t, binary, "", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_INSTRUMENTATION_"+strings.ToUpper(l.folder)+"_ENABLED=false")
	if off != plain || plain.code != 0 {
		t.Errorf("plain: %+v\nwhere it is off: %+v", plain, off)
	}
	if logs := c.TakeLogs(); len(logs) != 0 {
		t.Errorf("%d records where it is off", len(logs))
	}
	c.Take()
	woven := run(t, binary, "", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	known := map[string]bool{}
	for _, s := range c.Take() {
		known[fmt.Sprintf("%x %x 01", s.TraceId, s.SpanId)] = true
	}
	var lines []string
	for line := range strings.Lines(woven.out) {
		found := map[string]string{}
		without := identity.ReplaceAllStringFunc(line, func(field string) string {
			m := identity.FindStringSubmatch(field)
			if _, twice := found[m[1]+m[3]]; twice {
				t.Errorf("twice: %s", line)
			}
			found[m[1]+m[3]] = m[2] + m[4]
			return ""
		})
		about := strings.Contains(line, "inside") && !strings.Contains(line, "theirs") || strings.HasPrefix(line, `{"level":"error","trace_id":"`) && !strings.Contains(line, "mine")
		if of := found["trace_id"] + " " + found["span_id"] + " " + found["trace_flags"]; about && !known[of] || !about && len(found) > 0 {
			t.Errorf("%sidentity: %q, of the spans %v", line, of, known)
		}
		// Of a line that has nothing else the console encoder writes no object.
		lines = append(lines, strings.Replace(without, "\t{}\n", "\n", 1))
	}
	if got := strings.Join(lines, ""); got != plain.out || woven.err != plain.err || woven.code != 0 {
		t.Errorf("without identities\n%swant\n%s%s", got, plain.out, woven.err)
	}
	var got []string
	records := c.TakeLogs()
	slices.SortStableFunc(records, func(a, b *logspb.LogRecord) int { return cmp.Compare(a.ObservedTimeUnixNano, b.ObservedTimeUnixNano) })
	for _, r := range records {
		attrs := map[string]any{}
		for _, kv := range r.Attributes {
			attrs[kv.Key] = plainValue(kv.Value)
		}
		line := fmt.Sprintf("%d %s %s %v", r.SeverityNumber, r.SeverityText, r.Body.GetStringValue(), attrs)
		if len(r.SpanId) > 0 {
			line += " span"
			if !known[fmt.Sprintf("%x %x 01", r.TraceId, r.SpanId)] {
				t.Errorf("%s: of no span that there is", line)
			}
		}
		got = append(got, line)
	}
	if !slices.Equal(got, exported) {
		t.Errorf("exported\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(exported, "\n"))
	}
}

// plainValue returns a value of an attribute as a Go value.
func plainValue(v *commonpb.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_DoubleValue:
		return v.DoubleValue
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_KvlistValue:
		m := map[string]any{}
		for _, kv := range v.KvlistValue.Values {
			m[kv.Key] = plainValue(kv.Value)
		}
		return m
	case *commonpb.AnyValue_ArrayValue:
		var all []any
		for _, e := range v.ArrayValue.Values {
			all = append(all, plainValue(e))
		}
		return all
	}
	return nil
}

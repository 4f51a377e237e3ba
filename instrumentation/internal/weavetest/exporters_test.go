package weavetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
)

// TestExporters runs programs that are built with every exporter.
func TestExporters(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	endpoint := "OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL
	t.Run("grpc", func(t *testing.T) {
		c.Requests()
		if r := run(t, z.full, "return", endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"); r != (result{}) {
			t.Errorf("%+v", r)
		}
		if got := c.text(); got != two {
			t.Errorf("tree\n%s", got)
		}
		if got := fmt.Sprint(c.Requests()); got != "map[application/grpc MetricsService/Export:1 application/grpc TraceService/Export:1]" {
			t.Error(got)
		}
		c.TakeMetrics()
	})
	t.Run("grpc for one signal", func(t *testing.T) {
		run(t, z.full, "return", endpoint, "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=grpc")
		if got := fmt.Sprint(c.Requests()); !strings.Contains(got, "application/grpc MetricsService/Export:1 application/x-protobuf /v1/traces:1") {
			t.Error(got)
		}
		c.Take()
		c.TakeMetrics()
	})
	t.Run("console", func(t *testing.T) {
		r := run(t, z.full, "slog-loggers", endpoint, "OTEL_TRACES_EXPORTER=console,otlp", "OTEL_METRICS_EXPORTER=console", "OTEL_LOGS_EXPORTER=console")
		var names []string
		metrics := false
		for line := range strings.Lines(r.out) {
			var what struct {
				Name         string
				Body         string
				ScopeMetrics []any
			}
			if err := json.Unmarshal([]byte(line), &what); err != nil {
				t.Errorf("%v: %s", err, line)
			}
			metrics = metrics || len(what.ScopeMetrics) > 0
			if name := what.Name + what.Body; name != "" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		if want := []string{"GET", "GET /{path}", "at last", "beside it", "in a group", "plain"}; r.err != "" || r.code != 0 || !metrics || !slices.Equal(names, want) {
			t.Errorf("%q in %+v", names, r)
		}
		if got := c.text(); got != request("/x") {
			t.Errorf("tree\n%s", got)
		}
		if lines := c.TakeMetrics(); lines != nil {
			t.Errorf("metrics %q", lines)
		}
	})
	t.Run("prometheus", func(t *testing.T) {
		free, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			t.Fatal(err)
		}
		address := free.Addr().String()
		free.Close()
		_, port, _ := net.SplitHostPort(address)
		r := run(t, z.full, "scrape", endpoint, "OTEL_METRICS_EXPORTER=prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT="+port, "SCRAPE="+address)
		for _, want := range []string{
			"# TYPE http_server_request_duration_seconds histogram\n",
			`http_server_request_duration_seconds_bucket\{http_request_method="GET",http_response_status_code="200",http_route="/\{path\}",network_protocol_version="1.1",url_scheme="http",otel_scope_name="[^"]*net/http",le="\+Inf"\} 1` + "\n",
			`db_client_operation_duration_seconds_count\{.*\} 1` + "\n",
			`target_info\{.*service_name="unknown_service:full.exe".*\} 1` + "\n",
			`go_goroutine_count\{[^}]*\} \d+` + "\n",
			`go_memory_allocated_bytes_total\{[^}]*\} \d+` + "\n",
			`go_schedule_duration_seconds_bucket\{[^}]*le="0.001"\} \d+` + "\n",
			"Content-Type: text/plain; version=0.0.4",
		} {
			if !regexp.MustCompile(want).MatchString(r.out) {
				t.Errorf("no %s in %+v", want, r)
			}
		}
		// Nobody asked for a span of what Prometheus asked for, and none of it is measured.
		if got := c.text(); got != request("/x", update("t")) || strings.Contains(r.out, `route="/metrics"`) {
			t.Errorf("tree\n%s", got)
		}
		if r := run(t, z.full, "return", "OTEL_METRICS_EXPORTER=prometheus", "OTEL_EXPORTER_PROMETHEUS_HOST=nowhere.invalid"); strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "Prometheus") {
			t.Errorf("%+v", r)
		}
	})
	t.Run("logs", func(t *testing.T) {
		plain := run(t, z.plain, "slog-loggers")
		if r := run(t, z.full, "slog-loggers", endpoint); r != plain {
			t.Errorf("plain: %+v\nwoven: %+v", plain, r)
		}
		server := ""
		for _, s := range c.Take() {
			if s.Name == "GET /{path}" {
				server = s.Trace + " " + s.ID
			}
		}
		var got []string
		for _, r := range c.TakeLogs() {
			place := ""
			for _, kv := range r.Attributes {
				if kv.Key == "code.function.name" {
					place = kv.Value.GetStringValue()
				}
			}
			attrs := slices.DeleteFunc(r.Attributes, func(kv *commonpb.KeyValue) bool { return strings.HasPrefix(kv.Key, "code.") })
			span := ""
			if len(r.SpanId) > 0 {
				span = fmt.Sprintf("%x %x", r.TraceId, r.SpanId) // of the server span
				if span == server {
					span = "in the request"
				}
			}
			got = append(got, strings.Join(strings.Fields(fmt.Sprint(r.Body.GetStringValue(), "|", r.SeverityText, " ", int32(r.SeverityNumber), "|", span, "|", shown(attrs), "|", place)), " "))
		}
		want := []string{
			"plain|INFO 9|||main.loggers",
			"in a group|WARN 13|in the request|service=shop build={n=7} order={id=12 price=1.5 error=sold out took=1000000000 ok=false}|main.loggers.func1",
			"beside it|ERROR 17|in the request|service=shop build={n=7} key=***|main.loggers.func1",
			"at last|WARN+2 15|||main.loggers",
		}
		if !slices.Equal(got, want) {
			t.Errorf("records\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if r := run(t, z.full, "slog-stack", endpoint); r != (result{}) {
			t.Errorf("%+v", r)
		}
		counts := map[string]int{}
		for _, r := range c.TakeLogs() {
			attrs := slices.DeleteFunc(r.Attributes, func(kv *commonpb.KeyValue) bool { return strings.HasPrefix(kv.Key, "code.") })
			counts[r.Body.GetStringValue()+"|"+regexp.MustCompile(`n=\d+`).ReplaceAllString(shown(attrs), "n=N")]++
		}
		if got := fmt.Sprint(counts); got != "map[one|:200 three|g={n=N}:200 two|n=N m=1 p=4:200]" {
			t.Error(got)
		}
		hostile := run(t, z.plain, "slog-hostile")
		r := run(t, z.full, "slog-hostile", endpoint)
		for line := range strings.Lines(r.err) {
			if !strings.HasPrefix(line, "rules_go_weave: ") {
				t.Errorf("%q", line)
			}
		}
		if r.out != hostile.out || r.code != hostile.code {
			t.Errorf("plain: %+v\nwoven: %+v", hostile, r)
		}
		if n := len(c.TakeLogs()); n != 6 {
			t.Errorf("%d records", n)
		}
		for _, off := range []string{"OTEL_LOGS_EXPORTER=none", "OTEL_INSTRUMENTATION_LOG_SLOG_ENABLED=false", "OTEL_SDK_DISABLED=true"} {
			run(t, z.full, "slog-loggers", endpoint, off)
			if n := len(c.TakeLogs()); n != 0 {
				t.Errorf("%s: %d records", off, n)
			}
		}
		c.Take()
	})
	if len(c.bad) > 0 {
		t.Errorf("refused: %q", c.bad)
	}
}

// TestNotLinked asks for what the program is built without: one line says so and what to do, and the rest goes on.
func TestNotLinked(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	for asked, exporter := range map[string]string{
		"OTEL_TRACES_EXPORTER=console":             "console",
		"OTEL_METRICS_EXPORTER=prometheus":         "prometheus",
		"OTEL_METRICS_EXPORTER=console":            "console",
		"OTEL_LOGS_EXPORTER=otlp":                  "logs",
		"OTEL_EXPORTER_OTLP_PROTOCOL=grpc":         "otlp_grpc",
		"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=grpc": "otlp_grpc",
	} {
		r := run(t, z.woven, "return", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, asked)
		help := "--@rules_go_weave//:exporters=otlp_http," + exporter + ","
		if r.code != 0 || r.out != "" || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, help) || !strings.Contains(r.err, "help: ") {
			t.Errorf("%s: %+v", asked, r)
		}
		spans := !strings.Contains(asked, "TRACES") && !strings.Contains(asked, "OTLP_PROTOCOL")
		if got := c.Take(); (len(got) == 2) != spans {
			t.Errorf("%s: spans\n%s", asked, Tree(got))
		}
	}
	// What nobody chose is not there, and nor is what it needs; and what would need protobuf's reflection is nowhere.
	list := func(flags ...string) string {
		cmd := exec.Command("go", append(append([]string{"list", "-deps"}, flags...), module+"/runtime/sdk")...)
		cmd.Dir = Root()
		out, err := output(cmd)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	without, with := list("-tags=weave_no_metrics"), list("-tags=weave_otlp_grpc,weave_console,weave_prometheus,weave_logs")
	for _, pkg := range []string{"stdouttrace", "internal/prometheus", "internal/otlpgrpc", "internal/logs", "internal/metrics", "go.opentelemetry.io/otel/sdk/metric"} {
		if strings.Contains(without, pkg+"\n") {
			t.Errorf("%s is linked", pkg)
		}
		if !strings.Contains(with, pkg+"\n") {
			t.Errorf("%s is not linked where it is chosen", pkg)
		}
	}
	for _, pkg := range []string{"go.opentelemetry.io/proto/otlp", "google.golang.org/protobuf/proto", "google.golang.org/grpc"} {
		if strings.Contains(with, pkg) {
			t.Errorf("%s is linked", pkg)
		}
	}
}

// TestWithoutMetrics builds a program with metrics and without: what it has beside the plain one is within bounds, which who makes it
// smaller states anew, and without metrics its spans are the same.
func TestWithoutMetrics(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build := func(name string, command ...string) (program string, megabytes float64) {
		program = filepath.Join(dir, name)
		cmd := exec.Command(command[0], append(command[1:], "-ldflags=-s -w", "-o", program, "./bare")...)
		cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/linkage")
		cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root(), "CGO_ENABLED=0")
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(program)
		if err != nil {
			t.Fatal(err)
		}
		return program, float64(info.Size()) / 1e6
	}
	_, plain := build("plain", "go", "build")
	with, all := build("with", goweave, "go", "build")
	without, traces := build("without", goweave, "go", "build", "-tags=weave_no_metrics")
	t.Logf("%.2f MB, with traces %.2f MB more, with metrics %.2f MB more than that", plain, traces-plain, all-traces)
	if added := traces - plain; added < 5.5 || added > 6.6 {
		t.Errorf("traces alone add %.2f MB to %.2f", added, plain)
	}
	if added := all - traces; added < 0.5 || added > 0.8 {
		t.Errorf("metrics add %.2f MB to %.2f", added, traces)
	}
	c := NewCollector()
	defer c.Close()
	for program, asks := range map[string]string{with: "map[application/x-protobuf /v1/metrics:1 application/x-protobuf /v1/traces:1]", without: "map[application/x-protobuf /v1/traces:1]"} {
		run(t, program, "", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
		if got := c.text(); got != "SELECT (client) error *errors.errorString\n" {
			t.Errorf("%s: tree\n%s", filepath.Base(program), got)
		}
		if got := fmt.Sprint(c.Requests()); got != asks {
			t.Errorf("%s asks for %s", filepath.Base(program), got)
		}
		c.TakeMetrics()
	}
	for setting, told := range map[string]bool{"": false, "OTEL_METRICS_EXPORTER=none": false, "OTEL_METRICS_EXPORTER=otlp": true} {
		r := run(t, without, "", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, setting)
		if got := strings.Contains(r.err, "help: build it with --@rules_go_weave//:metrics"); got != told {
			t.Errorf("%s: %+v", setting, r)
		}
	}
	if len(c.bad) > 0 {
		t.Errorf("refused: %q", c.bad)
	}
}

// TestLogLines checks package log: lines are as the program wrote them, and where that is asked for, those with a date that are logged
// in a request carry the identity of its span.
func TestLogLines(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	plain := run(t, z.plain, "log")
	for setting, asked := range map[string]bool{"": false, "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED=true": false, "OTEL_INSTRUMENTATION_LOG_ENABLED=true": true} {
		woven := run(t, z.woven, "log", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, setting)
		var identities []string
		for _, s := range c.Take() {
			if s.Name == "GET /{path}" {
				identities = append(identities, " trace_id="+s.Trace+" span_id="+s.ID+" trace_flags=01")
			}
		}
		var lines []string
		for line := range strings.Lines(plain.out) {
			line = strings.TrimSuffix(line, "\n")
			// The second request's lines have dates. What log/slog writes has an identity in any case.
			dated, text := strings.Contains(line, "DATE"), !strings.Contains(line, "outside") && line != "two" && line != "DATE two"
			last := len(lines) >= 7
			if text && asked && (dated || last) || strings.Contains(line, "by slog") {
				line += identities[map[bool]int{false: 0, true: 1}[last]]
			}
			lines = append(lines, line)
		}
		if got := strings.TrimSuffix(woven.out, "\n"); got != strings.Join(lines, "\n") || len(lines) != 14 {
			t.Errorf("%s: lines\n%s\nwant\n%s", setting, got, strings.Join(lines, "\n"))
		}
	}
	for _, off := range []string{"OTEL_SDK_DISABLED=true", "OTEL_INSTRUMENTATION_LOG_ENABLED=false"} {
		r := run(t, z.woven, "log", off, "OTEL_INSTRUMENTATION_LOG_SLOG_ENABLED=false")
		if r != plain {
			t.Errorf("%s: %+v", off, r)
		}
	}
}

// TestSize compares sizes of programs: an exporter that is not chosen adds nothing.
func TestSize(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	size := func(file string) int64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if woven, full := size(z.woven), size(z.full); woven >= full {
		t.Errorf("%s has %d bytes, with all exporters it has %d", filepath.Base(z.woven), woven, full)
	}
}

// shown writes attributes as "key=value".
func shown(attrs []*commonpb.KeyValue) string {
	var all []string
	for _, kv := range attrs {
		if group := kv.Value.GetKvlistValue(); group != nil {
			all = append(all, kv.Key+"={"+shown(group.Values)+"}")
			continue
		}
		all = append(all, kv.Key+"="+attributeOf(attrs, kv.Key))
	}
	return strings.Join(all, " ")
}

// TestNothingHidden finds what keeps a pointer from the compiler. It would not know that the value must stay where it is: one on a
// stack moves, and the runtime takes no pointer to it. An address may be compared, be
// looked up, and tell goroutines apart; the two slots are beside heap objects.
func TestNothingHidden(t *testing.T) {
	want := map[string]int{
		"instrumentation/go_runtime/weave.yaml": 2, "instrumentation/log_slog/hooks.go": 1, "instrumentation/log_slog/weave.yaml": 1,
		"runtime/internal/measure/measure.go": 1, "runtime/sqldriver/errors.go": 1,
	}
	got := map[string]int{}
	for _, folder := range []string{"instrumentation", "runtime"} {
		err := filepath.WalkDir(filepath.Join(Root(), folder), func(file string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() && (d.Name() == "testdata" || d.Name() == "weavetest") {
				return cmp.Or(err, filepath.SkipDir)
			}
			if ext := filepath.Ext(file); ext != ".go" && ext != ".yaml" {
				return nil
			}
			text, err := os.ReadFile(file)
			if n := len(regexp.MustCompile(`uintptr\(unsafe\.|uintptr\)\(unsafe\.|noescape`).FindAll(text, -1)); n > 0 {
				rel, _ := filepath.Rel(Root(), file)
				got[filepath.ToSlash(rel)] = n
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

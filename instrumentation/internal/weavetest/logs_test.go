package weavetest

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestLogs checks that the records of a request carry the identity of its span, and that they are else as the program made them.
func TestLogs(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	plain, woven := run(t, z.plain, "slog"), run(t, z.woven, "slog", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	identity := regexp.MustCompile(`,"trace_id":"([0-9a-f]{32})","span_id":"([0-9a-f]{16})","trace_flags":"01"(}\n|}$)`)
	want := ""
	for _, s := range c.Take() {
		if strings.HasPrefix(s.Name, "GET /") {
			want = s.Trace + " " + s.ID
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(woven.out), "\n") {
		m := identity.FindStringSubmatch(line)
		switch {
		case strings.Contains(line, "outside"):
			if m != nil {
				t.Errorf("no span is active: %s", line)
			}
		case m == nil || m[1]+" "+m[2] != want:
			t.Errorf("want %q: %s", want, line)
		}
	}
	if n := strings.Count(woven.out, "\n"); n != 6 {
		t.Errorf("%d lines", n)
	}
	woven.out = identity.ReplaceAllString(woven.out, "$3")
	if plain != woven {
		t.Errorf("plain: %+v\nwoven: %+v", plain, woven)
	}
	for _, off := range []string{"OTEL_SDK_DISABLED=true", "OTEL_INSTRUMENTATION_LOG_SLOG_ENABLED=false"} {
		if r := run(t, z.woven, "slog", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, off); r != plain {
			t.Errorf("%s: %+v", off, r)
		}
	}
	// What is not sampled is logged with its identity, too.
	if r := run(t, z.woven, "slog", "OTEL_TRACES_SAMPLER=always_off"); !strings.Contains(r.out, `"trace_flags":"00"`) {
		t.Errorf("not sampled: %+v", r)
	}
}

// TestLogForms: of what a program logs only what the handlers of log/slog write is changed, and only where no identity is.
func TestLogForms(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	plain, woven := run(t, z.plain, "log-forms"), run(t, z.woven, "log-forms", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	trace, span := "", ""
	for _, s := range c.Take() {
		if strings.HasPrefix(s.Name, "GET /") {
			trace, span = s.Trace, s.ID
		}
	}
	if plain.err != "" || woven.err != "" || strings.Count(plain.out, "\n") != strings.Count(woven.out, "\n") {
		t.Fatalf("plain: %+v\nwoven: %+v", plain, woven)
	}
	lines := strings.Split(woven.out, "\n")
	for i, want := range strings.Split(plain.out, "\n") {
		if text, json := strings.CutSuffix(want, "}"); strings.HasPrefix(want, "true ") && json {
			want = text + `,"trace_id":"` + trace + `","span_id":"` + span + `","trace_flags":"01"}`
		} else if strings.HasPrefix(want, "true ") {
			want += " trace_id=" + trace + " span_id=" + span + " trace_flags=01"
		}
		if lines[i] != want {
			t.Errorf("%s\nwant\n%s", lines[i], want)
		}
	}
	for _, off := range []string{"OTEL_SDK_DISABLED=true", "OTEL_INSTRUMENTATION_LOG_SLOG_ENABLED=false"} {
		if r := run(t, z.woven, "log-forms", off); r != plain {
			t.Errorf("%s: %+v", off, r)
		}
	}
}

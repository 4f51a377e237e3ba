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
	// What each line begins with, and what is added to it as text and as JSON: <T>, <S> and <F> stand for the identity.
	added := map[string][2]string{
		"false":   {},
		"true":    {` trace_id=<T> span_id=<S> trace_flags=<F>`, `,"trace_id":"<T>","span_id":"<S>","trace_flags":"<F>"`},
		"rest":    {` trace_id=<T> trace_flags=<F>`, `,"trace_id":"<T>","trace_flags":"<F>"`},
		"renamed": {` dd.trace_id=<T> dd.span_id=<S> dd.trace_flags=<F>`, `,"dd.trace_id":"<T>","dd.span_id":"<S>","dd.trace_flags":"<F>"`},
		"quoted":  {` "\"trace_id\"= "=<T> "\"span_id\"= "=<S> "\"trace_flags\"= "=<F>`, `,"\"trace_id\"= ":"<T>","\"span_id\"= ":"<S>","\"trace_flags\"= ":"<F>"`},
		"grouped": {` otel.TRACE_ID=<T> otel.SPAN_ID=<S> otel.TRACE_FLAGS=<F>`, `,"otel":{"TRACE_ID":"<T>"},"otel":{"SPAN_ID":"<S>"},"otel":{"TRACE_FLAGS":"<F>"}`},
		"inlined": {` in.trace_id=<T> in.span_id=<S> in.trace_flags=<F>`, `,"in.trace_id":"<T>","in.span_id":"<S>","in.trace_flags":"<F>"`},
	}
	identity := strings.NewReplacer("<T>", trace, "<S>", span, "<F>", "01")
	lines := strings.Split(woven.out, "\n")
	for i, want := range strings.Split(plain.out, "\n") {
		kind, _, _ := strings.Cut(want, " ")
		if text, json := strings.CutSuffix(want, "}"); json && added[kind][1] != "" {
			want = text + identity.Replace(added[kind][1]) + "}"
		} else {
			want += identity.Replace(added[kind][0])
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

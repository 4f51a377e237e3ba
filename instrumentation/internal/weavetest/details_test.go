package weavetest

import (
	"os"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
)

// TestPanicEvents checks that a panic which net/http recovers is an exception event of the server span, with its stack.
func TestPanicEvents(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	run(t, z.woven, "handler-panic", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	events := map[string]string{}
	for _, s := range c.Take() {
		for _, e := range s.Events {
			if stack := attributeOf(e.Attributes, "exception.stacktrace"); e.Name != "exception" || !strings.Contains(stack, "main.handlerPanic.func1") {
				t.Errorf("event %s of %s:\n%s", e.Name, s.Attribute("url.path"), stack)
			}
			events[s.Attribute("url.path")] += attributeOf(e.Attributes, "exception.type") + ": " + attributeOf(e.Attributes, "exception.message")
		}
	}
	// The panic of /abort is the documented way to drop a connection, that of /recovered the program's own business.
	if len(events) != 1 || events["/panic"] != "string: handler panic" {
		t.Errorf("%q", events)
	}
}

// TestLimits checks that OpenTelemetry's variables limit what spans hold.
func TestLimits(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	within := func(env ...string) (ok bool) {
		run(t, z.woven, "tree", append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)...)
		spans := c.Take()
		ok = len(spans) == 5
		for _, s := range spans {
			ok = ok && len(s.Attributes) <= 3
			for _, kv := range s.Attributes {
				ok = ok && len(kv.Value.GetStringValue()) <= 4
			}
		}
		return ok
	}
	if !within("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=3", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT=4") || !within("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=3", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=4") {
		t.Error("the limits are not obeyed")
	}
	if within() {
		t.Error("without limits, too")
	}
}

// TestRefusedLimits checks that each limit that is not a number is told in one line, though OpenTelemetry's API reads it as well, and that
// the program finds its environment as it was.
func TestRefusedLimits(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	refused := []string{"OTEL_SPAN_LINK_COUNT_LIMIT=many", "OTEL_ATTRIBUTE_COUNT_LIMIT=1e3"}
	r := run(t, z.woven, "environment", append(refused, "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none")...)
	if n := strings.Count(r.err, "\n"); n != len(refused) || strings.Count(r.err, "rules_go_weave: ") != n {
		t.Errorf("%d lines:\n%s", n, r.err)
	}
	for _, setting := range refused {
		if strings.Count(r.out, setting+"\n") != 1 {
			t.Errorf("%s is not in %q", setting, r.out)
		}
	}
}

// TestClosedFiles checks that a program that has closed Go's own files ends as the plain one does, and says why nothing is sent.
func TestClosedFiles(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	// Go itself may find its files closed before the program ends, whether it is woven or not, and ends it then. What we would do
	// with the files, we would do each time.
	quiet := func(program string, env ...string) (r result) {
		for range 50 {
			if r = run(t, program, "closed", env...); !strings.Contains(r.err, "netpoll failed") {
				break
			}
		}
		return r
	}
	plain := quiet(z.plain)
	r := quiet(z.woven, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	if r.code != plain.code || r.signal != plain.signal || r.out != plain.out {
		t.Errorf("%+v, not %+v", r, plain)
	}
	if strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, "has closed the file descriptors") {
		t.Errorf("it says %q", r.err)
	}
	// The control: with its files, it sends spans.
	if r := run(t, z.woven, "return", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL); r.err != "" || len(c.Take()) == 0 {
		t.Errorf("nothing is sent, and it says %q", r.err)
	}
}

// TestHeaders checks that headers are shown that the user has listed, and no others.
func TestHeaders(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	headers := func(env ...string) (all []*commonpb.KeyValue) {
		run(t, z.woven, "post", append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)...)
		for _, s := range c.Take() {
			for _, kv := range s.Attributes {
				if strings.Contains(kv.Key, ".header.") {
					all = append(all, kv)
				}
			}
		}
		return all
	}
	if all := headers(); len(all) > 0 {
		t.Errorf("nobody asked for %v", all)
	}
	got := map[string]string{}
	for _, kv := range headers("OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS=content-type, X-None",
		"OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS=X-Answer", "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS=Content-Type",
		"OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS=x-answer") {
		for _, v := range kv.Value.GetArrayValue().GetValues() {
			got[kv.Key] += v.GetStringValue() + " "
		}
	}
	if len(got) != 2 || got["http.request.header.content-type"] != "text/plain text/plain " || got["http.response.header.x-answer"] != "one two one two " {
		t.Errorf("%q", got)
	}
}

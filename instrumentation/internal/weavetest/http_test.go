package weavetest

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// TestRoutes asks handlers of many shapes for 1,000 paths each: a route is made of patterns, and never of a request's bytes.
func TestRoutes(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	if r := run(t, z.woven, "routes", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_BSP_SCHEDULE_DELAY=100", "OTEL_BSP_MAX_QUEUE_SIZE=100000"); r != (result{}) {
		t.Errorf("%.200s", fmt.Sprint(r))
	}
	spans, names := map[string]int{}, map[string][]string{}
	for _, s := range c.Take() {
		if s.Kind != tracepb.Span_SPAN_KIND_SERVER {
			continue
		}
		shape := strings.Split(s.Attribute("url.path"), "/")[1]
		spans[shape]++
		if s.Name != strings.TrimSpace("GET "+s.Attribute("http.route")) {
			t.Errorf("%s has the route %s", s.Name, s.Attribute("http.route"))
		}
		if !slices.Contains(names[shape], s.Name) {
			names[shape] = append(names[shape], s.Name)
		}
	}
	for shape, want := range map[string]string{
		"plain": "/plain/{id}", "host": "/host/{id}", "copied": "/copied/{id}", "constant": "/constant/items/{id}", "variable": "/variable/{tenant}/items/{id}",
		"longer": "/longer/{...}/items/{id}", "middle": "/middle/{tenant}/items/{id}", "without": "/items/{id}", "three": "/three/{a}/mid/{b}/items/{id}",
		"rest": "/rest/{rest...}/items/{id}", "below": "/below/{id}", "timeout": "/timeout/{id}", "escaped": "/escaped/{tenant}/{...}/items/{id}", "in-place": "/items/{id}",
		"made-up": "/items/{id}", "missing": "", "none": "",
	} {
		if got := names[shape]; len(got) != 1 || got[0] != strings.TrimSpace("GET "+want) || spans[shape] != 1000 {
			t.Errorf("%s: %d spans, %d names, as %.3q, want %s", shape, spans[shape], len(got), got, want)
		}
	}
	// A multiplexer below itself has no one route, but no more of them the more often it is.
	if got := names["self"]; len(got) == 0 || len(got) > 4 || spans["self"] != 1000 {
		t.Errorf("self: %d spans, %d names, as %.9q", spans["self"], len(got), got)
	}
}

// TestUnread checks that the span of a response that nobody reads or closes ends when the response is garbage, or the program ends.
func TestUnread(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	if r := run(t, z.woven, "unread"); r != (result{out: "45 without those that are kept\n50 with them\n"}) {
		t.Errorf("%+v", r)
	}
	if r := run(t, z.woven, "unread-exit", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL); r != (result{out: "200\n"}) {
		t.Errorf("%+v", r)
	}
	if got := c.text(); got != "GET (client)\n  GET (server)\n" {
		t.Errorf("tree\n%s", got)
	}
}

// TestKeptRequests checks that a context that a handler keeps does not keep its request, which is the control.
func TestKeptRequests(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	for program, want := range map[string]string{"kept-contexts": "false\n", "kept-requests": "true\n"} {
		if r := run(t, z.woven, program, "OTEL_TRACES_EXPORTER=none"); r != (result{out: want}) {
			t.Errorf("%s: %+v", program, r)
		}
	}
}

// TestUnknown checks that nothing is said of a response that is not known, and the right thing where there is no body.
func TestUnknown(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	known := regexp.MustCompile(`(http.(?:client|server).response.body.size).*http.request.method=(\w+)(?: http.response.status_code=(\d+))?.* 1 of (\d+) By`)
	for program, want := range map[string]string{
		"unknown-writer": "SERVER - -",
		"handler-goexit": "CLIENT - *errors.errorString, SERVER - -",
		"cgi":            "SERVER 200 -, SERVER 503 503",
		"fcgi":           "SERVER 200 -, SERVER 503 503",
		"no-body": strings.Repeat("CLIENT 200 -, ", 4) + strings.Repeat("CLIENT 304 -, ", 2) + strings.Repeat("SERVER 200 -, ", 4) + strings.Repeat("SERVER 304 -, ", 2) +
			strings.Repeat("http.client.response.body.size GET 200 of 4, ", 2) + strings.Repeat("http.client.response.body.size GET 304 of 0, ", 2) +
			strings.Repeat("http.server.response.body.size GET 200 of 4, ", 2) + strings.TrimSuffix(strings.Repeat("http.server.response.body.size GET 304 of 0, ", 2), ", "),
		"file":     "CLIENT 200 -, CLIENT 404 404, SERVER 200 -, http.client.response.body.size GET 200 of 0, http.server.response.body.size GET 200 of 0",
		"recorder": "CLIENT 200 -, SERVER 200 -, http.client.response.body.size GET 200 of 0, http.server.response.body.size GET 200 of 0",
		"preface":  "",
	} {
		t.Run(program, func(t *testing.T) {
			run(t, z.woven, program, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
			var got []string
			for _, s := range c.Take() {
				or := func(key string) string { return cmp.Or(s.Attribute(key), "-") }
				got = append(got, strings.TrimPrefix(s.Kind.String(), "SPAN_KIND_")+" "+or("http.response.status_code")+" "+or("error.type"))
				if (or("http.response.status_code") == "503") != (s.Kind == tracepb.Span_SPAN_KIND_SERVER && s.Status.GetCode() == tracepb.Status_STATUS_CODE_ERROR) {
					t.Errorf("%s has the status %s", got[len(got)-1], s.Status)
				}
				for _, kv := range s.Attributes {
					if kv.Value.GetStringValue() == "" && kv.Value.GetIntValue() == 0 {
						t.Errorf("%s is empty", kv.Key)
					}
				}
			}
			for _, line := range c.TakeMetrics() {
				if m := known.FindStringSubmatch(line); m != nil {
					got = append(got, m[1]+" "+m[2]+" "+cmp.Or(m[3], "-")+" of "+m[4])
				}
			}
			slices.Sort(got)
			if got := strings.Join(got, ", "); got != want {
				t.Errorf("%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestBadContexts checks that contexts of the program that panic when they are asked for what they have take nothing from what is told,
// as often as they do. The span of a context that does not answer is nobody's parent but in its goroutine.
func TestBadContexts(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	plain, woven := run(t, z.plain, "bad-contexts"), run(t, z.woven, "bad-contexts", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	if plain != woven || plain.out == "" {
		t.Errorf("plain: %+v\nwoven: %+v", plain, woven)
	}
	got := map[string]int{}
	for _, s := range c.Take() {
		got[s.Name]++
	}
	if want := map[string]int{"GET": 30, "GET /a/{x}": 10, "GET /b/{x}": 10, "GET /inner/": 10, "UPDATE bad": 5}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

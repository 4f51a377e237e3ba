package weavetest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMetrics checks what the hooks measure, and that it does not depend on what is sampled.
func TestMetrics(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	ports := regexp.MustCompile(`server\.port=\d+`)
	metrics := func(program string, env ...string) string {
		run(t, z.woven, program, append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)...)
		var lines []string
		for _, l := range c.TakeMetrics() {
			lines = append(lines, strings.ReplaceAll(ports.ReplaceAllString(l, "server.port=_"), "other_sql", "fake"))
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	const client = "http.client.request.duration{http.request.method=GET http.response.status_code=200 network.protocol.version=1.1 server.address=127.0.0.1 server.port=_} 1 s"
	const server = "http.server.request.duration{http.request.method=GET http.response.status_code=200 network.protocol.version=1.1 url.scheme=http} 1 s"
	tree := strings.Join([]string{
		"db.client.operation.duration{db.collection.name=orders db.operation.name=SELECT db.query.summary=SELECT orders db.system.name=fake} 1 s",
		client, client,
		"http.server.request.duration{http.request.method=GET http.response.status_code=200 http.route=/shop/{item} network.protocol.version=1.1 url.scheme=http} 1 s",
		server,
	}, "\n")
	for name, c := range map[string]struct {
		program string
		env     []string
		want    string
	}{
		"not sampled":      {"tree", []string{"OTEL_TRACES_SAMPLER=always_off"}, tree},
		"no metrics":       {"tree", []string{"OTEL_METRICS_EXPORTER=none"}, ""},
		"disabled":         {"tree", []string{"OTEL_SDK_DISABLED=true"}, ""},
		"one switched off": {"return", []string{"OTEL_TRACES_SAMPLER=always_off", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := metrics(c.program, c.env...); got != c.want {
				t.Errorf("metrics\n%s\nwant\n%s", got, c.want)
			}
		})
	}
	t.Run("examples", func(t *testing.T) {
		c.Take()
		got := metrics("tree")
		spans := map[string]bool{}
		for _, s := range c.Take() {
			spans[s.ID] = true
		}
		examples := regexp.MustCompile(` like ([0-9a-f]+)`)
		found := examples.FindAllStringSubmatch(got, -1)
		for _, e := range found {
			if !spans[e[1]] {
				t.Errorf("%s is no span", e[1])
			}
		}
		if len(found) != len(spans) || len(spans) != 5 || examples.ReplaceAllString(got, "") != tree {
			t.Errorf("metrics\n%s\nfor %d spans", got, len(spans))
		}
	})
	t.Run("errors", func(t *testing.T) {
		got := metrics("client", "OTEL_TRACES_SAMPLER=always_off")
		for _, want := range []string{
			"http.client.request.duration{error.type=*net.OpError http.request.method=GET server.address=127.0.0.1 server.port=_} 1 s",
			"http.client.request.duration{error.type=500 http.request.method=GET http.response.status_code=500 network",
			"http.server.request.duration{error.type=500 http.request.method=GET http.response.status_code=500 network",
			"http.server.request.duration{http.request.method=GET http.response.status_code=404 network",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %s in\n%s", want, got)
			}
		}
	})
}

package weavetest

import (
	"fmt"
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
	// A request has three metrics with the same attributes.
	http := func(side, attrs string, bytes int) []string {
		of := func(what, value string) string {
			return "http." + side + "." + what + "{http.request.method=GET " + attrs + "} 1" + value
		}
		return []string{of("request.body.size", " of 0 By"), of("request.duration", " s"), of("response.body.size", fmt.Sprintf(" of %d By", bytes))}
	}
	const client, server = "http.response.status_code=200 network.protocol.version=1.1 server.address=127.0.0.1 server.port=_", "http.response.status_code=200 network.protocol.version=1.1 url.scheme=http"
	lines := slices.Concat([]string{
		"db.client.connection.count{db.client.connection.pool.name=fake db.client.connection.state=idle} 1 {connection}",
		"db.client.connection.count{db.client.connection.pool.name=fake db.client.connection.state=used} 0 {connection}",
		"db.client.operation.duration{db.collection.name=orders db.operation.name=SELECT db.query.summary=SELECT orders db.system.name=fake} 1 s",
		"http.server.active_requests{http.request.method=GET url.scheme=http} 0 {request}",
	}, http("client", client, 1), http("client", client, 1), http("server", server, 1),
		http("server", "http.response.status_code=200 http.route=/shop/{item} network.protocol.version=1.1 url.scheme=http", 1))
	slices.Sort(lines)
	tree := strings.Join(lines, "\n")
	for name, c := range map[string]struct {
		program string
		env     []string
		want    string
	}{
		"not sampled": {"tree", []string{"OTEL_TRACES_SAMPLER=always_off"}, tree},
		"delta":       {"tree", []string{"OTEL_TRACES_SAMPLER=always_off", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta"}, tree},
		"exponential": {"tree", []string{"OTEL_TRACES_SAMPLER=always_off", "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=base2_exponential_bucket_histogram"},
			regexp.MustCompile(`(?m)( s| By)$`).ReplaceAllString(tree, " exponential$1")},
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
		// One for the statement, and three for each request.
		if len(found) != 1+3*4 || len(spans) != 5 || examples.ReplaceAllString(got, "") != tree {
			t.Errorf("metrics\n%s\nfor %d spans", got, len(spans))
		}
	})
	t.Run("active", func(t *testing.T) {
		if got, want := metrics("exit-in-handler"), "http.server.active_requests{http.request.method=GET url.scheme=http} 1 {request}"; got != want {
			t.Errorf("metrics\n%s\nwant\n%s", got, want)
		}
	})
	t.Run("pool", func(t *testing.T) {
		got := metrics("pool-limit", "OTEL_TRACES_SAMPLER=always_off")
		for _, want := range []string{
			"db.client.connection.count{db.client.connection.pool.name=db.example:5432/shop db.client.connection.state=idle} 1 {connection}",
			"db.client.connection.count{db.client.connection.pool.name=db.example:5432/shop db.client.connection.state=used} 2 {connection}",
			"db.client.connection.max{db.client.connection.pool.name=db.example:5432/shop} 7 {connection}",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %s in\n%s", want, got)
			}
		}
	})
	t.Run("sizes", func(t *testing.T) {
		got := metrics("post", "OTEL_TRACES_SAMPLER=always_off")
		for _, want := range []string{"http.client.request.body.size", "http.server.request.body.size"} {
			if !regexp.MustCompile(want + `\{http.request.method=POST[^}]*\} 1 of 5 By`).MatchString(got) {
				t.Errorf("no %s in\n%s", want, got)
			}
		}
		// What is sent in chunks has no size beforehand; the server counts what it writes.
		if !regexp.MustCompile(`http.server.response.body.size\{http.request.method=POST[^}]*\} 1 of 5000 By`).MatchString(got) || strings.Contains(got, "http.client.response.body.size") {
			t.Errorf("metrics\n%s", got)
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

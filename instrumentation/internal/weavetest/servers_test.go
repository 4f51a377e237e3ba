package weavetest

import (
	"cmp"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// servers are the trees of the programs in testdata/servers: every request has one span on each side, with the status that it had.
var servers = func() map[string]string {
	failed := func(n int) string {
		return strings.Repeat("GET (client) error 503\n  GET /fail/{id} (server) error 503\n", n)
	}
	const silent, early = "GET (client)\n  GET /silent/{id} (server)\n", "GET (client)\n  GET /early/{id} (server)\n"
	const slow = "GET (client)\n  GET /slow/{id} (server)\n"
	return map[string]string{
		"bodies":      strings.Repeat(slow+silent, 4),
		"configured":  failed(2) + silent + early,
		"transport":   failed(1) + "GET (client) error *net.OpError\n",
		"h2c":         failed(1) + silent + failed(2),
		"h2c-upgrade": "GET /fail/{id} (server) error 503\nGET /silent/{id} (server)\n",
		"connection":  failed(1),
		"panic":       "GET (client) error http2.StreamError\n  GET /panic/{id} (server) error string\n",
		"nested":      "GET (client)\n  GET /ask/{id} (server)\n    GET (client)\n      GET /silent/{id} (server)\n",
		"h3":          failed(1) + silent + early + "GET (client) error *http3.Error\n  GET /panic/{id} (server) error string\n",
	}
}()

// TestServers runs programs whose requests golang.org/x/net and quic-go carry.
func TestServers(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build := func(name string, command ...string) string {
		out := filepath.Join(dir, name)
		cmd := exec.Command(command[0], append(command[1:], "build", "-o", out, ".")...)
		cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/servers")
		cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root(), "CGO_ENABLED=0")
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
		return out
	}
	plain, woven := build("plain", "go"), build("woven", goweave, "go")
	c := NewCollector()
	defer c.Close()
	for program, tree := range servers {
		// Without a propagator nothing in a request tells that it has a span.
		for _, propagators := range []string{"tracecontext", "none"} {
			t.Run(program+" "+propagators, func(t *testing.T) {
				want, got := run(t, plain, program), run(t, woven, program, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_PROPAGATORS="+propagators)
				if want.normal() != got.normal() {
					t.Errorf("plain: %+v\nwoven: %+v", want, got)
				}
				spans := c.Take()
				for _, s := range spans {
					server := s.Kind.String() == "SPAN_KIND_SERVER"
					if status := s.Attribute("http.response.status_code"); server && (status == "") != strings.Contains(s.Name, "panic") ||
						server && (status == "202") != strings.Contains(s.Name, "early") {
						t.Errorf("%s has the status %q", s.Name, status)
					}
				}
				if program == "bodies" && propagators != "none" {
					endWithBodies(t, spans)
				}
				if propagators == "none" {
					if n := strings.Count(tree, "\n"); len(spans) != n {
						t.Errorf("%d spans, not %d:\n%s", len(spans), n, Tree(spans))
					}
				} else if got := Tree(spans); got != tree {
					t.Errorf("tree\n%swant\n%s", got, tree)
				}
			})
		}
	}
}

// endWithBodies checks that the requests one of which was made between the header of the other's response and the body overlap.
func endWithBodies(t *testing.T, spans []Span) {
	names, between := map[string]string{}, 0
	for _, s := range spans {
		names[s.Parent] = s.Name // of the server's span, by the client's
	}
	var last uint64 // when the latest slow request ended
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano) })
	for _, s := range spans {
		switch names[s.ID] {
		case "GET /slow/{id}":
			last = s.EndTimeUnixNano
		case "GET /silent/{id}":
			if between++; s.EndTimeUnixNano > last {
				t.Errorf("a span ended with the header, not the body")
			}
		}
	}
	if between != 4 {
		t.Errorf("%d requests between header and body", between)
	}
}

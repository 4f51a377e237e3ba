package weavetest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNetRPC holds the spans of calls by package net/rpc. Those of a server are roots, as the package's requests carry no context.
func TestNetRPC(t *testing.T) {
	_, goweave := tried(t)
	build := builder(t, "net_rpc", filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/net_rpc"))
	plain, woven := build("plain", "go", "build"), build("woven", goweave, "go", "build")
	known := readConventions(t, moduleFolder(t, "go.opentelemetry.io/otel@v1.47.0")+"/semconv/v1.43.0")
	const doubles = "Arith.Double (client)\n"
	for _, u := range []use{
		{name: "all", names: []string{"Arith.Double", "Arith.Halve", "GET", "Nobody.Knows", "_OTHER"},
			metrics: map[string]uint64{"rpc.client.call.duration": 13, "rpc.server.call.duration": 12},
			check: func(t *testing.T, spans []Span) {
				// A client's call and a server's begin when they like.
				lines := slices.Sorted(strings.Lines(Tree(spans)))
				want := slices.Sorted(strings.Lines(strings.Repeat(doubles, 7) + strings.Repeat("Arith.Double (server)\n", 8) +
					doubles[:len(doubles)-1] + " error rpc.ServerError\n" + "Arith.Double (server) error _OTHER\n" +
					"  " + doubles + // of a method, that has no context
					"Arith.Halve (client) error rpc.ServerError\nNobody.Knows (client) error rpc.ServerError\n" +
					strings.Repeat("_OTHER (server) error _OTHER\n", 2) +
					"GET (client)\n  GET (server)\n    " + doubles + "Arith.Double (server)\n" +
					doubles[:len(doubles)-1] + " error *errors.errorString\n"))
				if !slices.Equal(lines, want) {
					t.Errorf("%q, and not %q", lines, want)
				}
				for _, s := range spans {
					if strings.HasSuffix(s.Scope, "/net/rpc") && s.Attribute("server.address")+s.Attribute("network.peer.address") == "" {
						t.Errorf("no address: %v", s)
					}
				}
			}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_NET_RPC_ENABLED=false", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}},
	} {
		t.Run(u.name, func(t *testing.T) {
			u.test(t, true, known, nil, plain, woven, func(string) *emitted { return newEmitted() })
		})
	}
	t.Run("panic", func(t *testing.T) {
		c := NewCollector()
		defer c.Close()
		if r := run(t, woven, "panic", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL); r.code != 2 || !strings.HasPrefix(r.err, "panic: as asked\n") {
			t.Errorf("%+v", r)
		}
		if got := c.text(); !strings.Contains(got, "Arith.Double (server) error panic\n") {
			t.Errorf("tree\n%s", got)
		}
	})
}

package weavetest

import (
	"path/filepath"
	"testing"
)

// TestCovered has what stands on net/http, and has no instrumentation of its own: chains of handlers, a proxy, WebSockets.
func TestCovered(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	build := buildsIn(t, filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/covered"))
	plain, woven := build("plain", "go", "build"), build("woven", goweave, "go", "build")
	const asked = "GET (client)\n  GET /users/{id} (server)\n"
	for program, want := range map[string]string{
		"alice":   asked,
		"negroni": asked,
		"huma":    asked + "    work (internal)\n",
		"proxy":   "GET (client)\n  GET (server)\n    GET (client)\n      GET /users/{id} (server)\n",
		// A span for a connection, which its messages hang below; gorilla's client writes to the connection by itself.
		"gorilla": "GET /users/{id} (server)\n  work (internal)\n  work (internal)\n",
		"coder":   asked + "    work (internal)\n    work (internal)\n",
	} {
		t.Run(program, func(t *testing.T) {
			c := NewCollector()
			defer c.Close()
			p, w := run(t, plain, program), run(t, woven, program, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
			if p != w || p.code != 0 {
				t.Errorf("plain: %+v\nwoven: %+v", p, w)
			}
			if got := c.text(); got != want {
				t.Errorf("tree\n%swant\n%s", got, want)
			}
		})
	}
}

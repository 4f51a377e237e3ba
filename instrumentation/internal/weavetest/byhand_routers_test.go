package weavetest

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRoutersByHand has a program whose routers were given OpenTelemetry's middlewares: their spans and metrics take the place of ours, and
// where a filter leaves a request out, ours are there.
func TestRoutersByHand(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "byhand")
	cmd := exec.Command(goweave, "go", "build", "-o", binary, ".")
	cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/byhand_routers")
	cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root(), "CGO_ENABLED=0")
	if _, err := output(cmd); err != nil {
		t.Fatal(err)
	}
	tree := func(users, filtered, broken string) string {
		return "GET (client)\n  " + users + " (server)\n    work (internal)\n" +
			"GET (client)\n  " + filtered + " (server)\n    work (internal)\n" +
			"GET (client) error 500\n  " + broken + "\n" +
			users + " (server)\n  work (internal)\n"
	}
	for router, want := range map[string]string{
		"gin":  tree("GET /users/:id", "GET /filtered", "GET /broken (server) error"),
		"chi":  tree("/users/{id}", "GET /filtered", "/broken (server) error"),
		"mux":  tree("/users/{id}", "GET /filtered", "/broken (server) error"),
		"echo": tree("GET /users/:id", "GET /filtered", "GET /broken (server) error"),
		"fiber": "GET (client)\n  /users/:id (server)\n    work (internal)\n" + "GET (client)\n  GET /filtered (server)\n    work (internal)\n" +
			"GET (client) error 500\n  /broken (server) error\n",
		"restful": tree("/users/{id}", "/filtered", "/broken (server) error 500"),
	} {
		t.Run(router, func(t *testing.T) {
			c := NewCollector()
			defer c.Close()
			if r := run(t, binary, router, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL); r.code != 0 || r.out != "" {
				t.Errorf("%+v", r)
			}
			spans := c.Take()
			if got := Tree(spans); got != want {
				t.Errorf("tree\n%swant\n%s", got, want)
			}
			for _, s := range spans {
				if s.Kind == 2 && !strings.Contains(s.String(), "http.route") {
					t.Errorf("no route: %v", s)
				}
			}
		})
	}
}

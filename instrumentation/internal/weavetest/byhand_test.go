package weavetest

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestByHand weaves a program that uses otelhttp, otelsql and otelgrpc: each operation has one span, theirs or ours.
func TestByHand(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "byhand")
	cmd := exec.Command(goweave, "go", "build", "-o", binary, ".")
	cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/byhand")
	cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root())
	if _, err := output(cmd); err != nil {
		t.Fatal(err)
	}
	c := NewCollector()
	defer c.Close()
	if r := run(t, binary, "", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL); r != (result{}) {
		t.Errorf("%+v", r)
	}
	const (
		below = "    sql.conn.exec (client)\n    UPDATE woven (client)\n"
		want  = "HTTP GET (client)\n  by hand (server)\n" + below +
			"HTTP GET (client)\n  GET / (server)\n" + below + // otelhttp's filter leaves the request to us
			"GET (client)\n  by hand (server)\n" + below +
			"GET (client)\n  GET / (server)\n" + below +
			"by hand (server)\n  sql.conn.exec (client)\n  UPDATE woven (client)\n" +
			"grpc.health.v1.Health/Check (client)\n  grpc.health.v1.Health/Check (server)\n" +
			"GET (client)\n  own middleware (server)\n    handler (internal)\n    job (server)\n" +
			"own middleware (server)\n  handler (internal)\n  job (server)\n" +
			"grpc.health.v1.Health/Check (client)\n  own interceptor (server)\n" +
			"grpc.health.v1.Health/Check (client)\n  own handler (server)\n" +
			"own /injected (client)\n  GET (server)\n" +
			"own / (client)\n  GET (server)\n" +
			"own /moved (client)\n  GET (server)\n  GET (client)\n    GET (server)\n" +
			"own /active (client)\n  GET (server)\n" +
			"own /other (client)\n  GET (client)\n    GET (server)\n" +
			"own call (client)\n  grpc.health.v1.Health/Check (server)\n"
	)
	if got := c.text(); got != want {
		t.Errorf("tree\n%swant\n%s", got, want)
	}
	// So it is where the program has a provider of its own.
	const own = "GET (client) below \"\"\nGET (client) below \"own /moved\"\nGET (client) below \"own /other\"\n" +
		"GET (server) below \"GET\"\nGET (server) below \"GET\"\n" +
		"GET (server) below \"own /\"\nGET (server) below \"own /active\"\nGET (server) below \"own /injected\"\nGET (server) below \"own /moved\"\n" +
		"grpc.health.v1.Health/Check (client) below \"\"\ngrpc.health.v1.Health/Check (client) below \"\"\n" +
		"grpc.health.v1.Health/Check (server) below \"own call\"\n" +
		"handler (internal) below \"own middleware\"\nhandler (internal) below \"own middleware\"\n" +
		"job (server) below \"own middleware\"\njob (server) below \"own middleware\"\n" +
		"own / (client) below \"\"\nown /active (client) below \"\"\nown /injected (client) below \"\"\nown /moved (client) below \"\"\n" +
		"own /other (client) below \"\"\nown call (client) below \"\"\n" +
		"own handler (server) below \"grpc.health.v1.Health/Check\"\nown interceptor (server) below \"grpc.health.v1.Health/Check\"\n" +
		"own middleware (server) below \"\"\nown middleware (server) below \"GET\"\n"
	if r := run(t, binary, "sdk", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9"); r.out != own {
		t.Errorf("%+v\nwant\n%s", r, own)
	}
	// What they measure we do not measure, too: five requests are served, and four are made. Of eight more that are served, and six that are
	// made, and of two calls, the program has no metrics of its own.
	lines := strings.Join(c.TakeMetrics(), "\n")
	for name, want := range map[string]int{"http.server.request.duration": 13, "http.client.request.duration": 10, "rpc.server.call.duration": 2, "rpc.client.call.duration": 3} {
		n := 0
		for _, m := range regexp.MustCompile(regexp.QuoteMeta(name)+`\{[^}]*\} (\d+)`).FindAllStringSubmatch(lines, -1) {
			count, _ := strconv.Atoi(m[1])
			n += count
		}
		if n != want {
			t.Errorf("%d times %s in\n%s", n, name, lines)
		}
	}
}

// TestKotel weaves a program that has spans of its records by kotel: there are no others.
func TestKotel(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	env := kfake(t)
	binary := filepath.Join(t.TempDir(), "kotel")
	cmd := exec.Command(goweave, "go", "build", "-o", binary, ".")
	cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/kotel")
	cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root(), "CGO_ENABLED=0")
	if _, err := output(cmd); err != nil {
		t.Fatal(err)
	}
	c := NewCollector()
	defer c.Close()
	if r := run(t, binary, "", append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)...); r != (result{}) {
		t.Errorf("%+v", r)
	}
	const want = "orders publish (producer)\n  orders receive (consumer)\n    orders process (consumer)\n"
	if got := c.text(); got != want+want {
		t.Errorf("tree\n%swant\n%s", got, want+want)
	}
}

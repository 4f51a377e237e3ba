package weavetest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// zoo has the zoo built plain, woven, and woven with all exporters. With the race detector, and for other toolchains than that of the tests that need it,
// plain is empty: the standard library need not be compiled for it, too.
type zoo struct{ plain, woven, version, full string }

// builds has what was built, for all tests of a run.
var builds struct {
	sync.Mutex
	dir  string
	done map[string]zoo
}

func TestMain(m *testing.M) {
	code := m.Run()
	stopServers()
	os.RemoveAll(builds.dir)
	os.Exit(code)
}

// build builds the zoo with a toolchain.
func build(t *testing.T, toolchain string, race bool) zoo {
	t.Helper()
	builds.Lock()
	defer builds.Unlock()
	key := fmt.Sprint(toolchain, race)
	if z, ok := builds.done[key]; ok {
		return z
	}
	if builds.dir == "" {
		var err error
		if builds.dir, err = os.MkdirTemp("", "weavetest-"); err != nil {
			t.Fatal(err)
		}
		builds.done = map[string]zoo{}
	}
	dir := filepath.Join(builds.dir, key)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	w, err := New(dir, toolchain)
	if err != nil {
		t.Fatal(err)
	}
	w.Race = race
	overlay, err := w.Overlay()
	if err != nil {
		t.Fatal(err)
	}
	z := zoo{filepath.Join(dir, "plain.exe"), filepath.Join(dir, "woven.exe"), w.Version, filepath.Join(dir, "full.exe")}
	main := filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/zoo")
	if err := w.Build(main, z.woven, overlay); err != nil {
		t.Fatal(err)
	}
	if race || toolchain != os.Getenv("WEAVETEST_TOOLCHAIN") {
		z.plain = ""
	} else {
		if err := w.Build(main, z.plain, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Build(main, z.full, overlay, "-tags=weave_otlp_grpc,weave_console,weave_prometheus,weave_logs"); err != nil {
			t.Fatal(err)
		}
	}
	builds.done[key] = z
	return z
}

// result is what the world sees of a program.
type result struct {
	out, err string
	code     int
	signal   string
}

// usual is how long a program may run, and patience how long it may now.
const usual = 45 * time.Second

var patience = usual

func run(t *testing.T, binary, program string, env ...string) result {
	t.Helper()
	return runLine(t, []string{binary, program}, env...)
}

// runLine runs a command line.
func runLine(t *testing.T, line []string, env ...string) result {
	t.Helper()
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = append(os.Environ(), env...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	stop.Stop()
	r := result{out: out.String(), err: errOut.String(), code: cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	if errors.As(err, &exit) && r.code < 0 {
		r.signal = exit.String()
	}
	return r
}

// volatile are the parts of an output that differ between any two runs or builds.
var volatile = regexp.MustCompile(`0x[0-9a-f]+|goroutine \d+|in goroutine \d+|127\.0\.0\.1:\d+`)

func (r result) normal() result {
	r.err = volatile.ReplaceAllString(r.err, "_")
	return r
}

func TestZoo(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	trees := maps.Clone(ends)
	maps.Copy(trees, map[string]string{
		"tree": "GET (client)\n  GET /shop/{item} (server)\n    GET (client)\n      GET (server)\n        SELECT orders (client)\n",
		"handler-panic": "GET (client) error *errors.errorString\n  GET (server) error string\nGET (client) error *errors.errorString\n  GET (server) error *errors.errorString\n" +
			"GET (client)\n  GET (server)\n",
		"interfaces": two + "HEAD (client)\n  HEAD (server)\n",
		"hijack":     two,
		"stream":     two,
		"middleware": "GET (client) error 418\n  GET /api/items/{id} (server)\n",
		"client": "GET (client)\n  GET (server)\nGET (client)\n  GET (server)\nGET (client) error 404\n  GET (server)\n" +
			"GET (client) error 500\n  GET (server) error 500\nGET (client) error *net.OpError\n",
		"cancel-request": "GET (client) error *errors.errorString\n  GET (server)\n",
		"h2":             "GET (client) error 503\n  GET (server) error 503\n",
		"sql": "PING (client)\nINSERT orders (client)\nSELECT orders (client)\nPREPARE SELECT orders (client)\nSELECT orders (client)\nBEGIN (client)\n" +
			"UPDATE orders (client)\nCOMMIT (client)\nBEGIN (client)\nROLLBACK (client)\nSELECT (client)\n",
		"sql-errors": "fake (client) error *errors.errorString\nSELECT rows (client) error *errors.errorString\nBEGIN (client)\nROLLBACK (client)\n" +
			strings.Repeat("SELECT t (client)\n", 10),
		"unread-exit":    two,
		"unknown-writer": "GET (server)\n",
		"recorder":       two,
		"no-body":        strings.Repeat("HEAD (client)\n  HEAD (server)\n"+two+two, 2),
		"file":           "GET (client) error 404\n" + two,
		"handler-goexit": "POST (client) error *errors.errorString\n  POST (server)\n",
		"bad-values": strings.Repeat("GET (client) error main.badError\nGET (client) error main.badError\n", 20) +
			"GET (client) error *errors.errorString\n  GET (server) error main.badError\n",
		"preface":      "",
		"cgi":          "GET /answers/{status} (server) error 503\nGET /answers/{status} (server)\n",
		"fcgi":         "GET /answers/{status} (server) error 503\nGET /answers/{status} (server)\n",
		"own-provider": "",
		"by-hand":      "by hand (client)\n  GET (server)\n",
	})
	for program, tree := range trees {
		t.Run(program, func(t *testing.T) {
			env := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_BSP_SCHEDULE_DELAY=1000"}
			plain, woven := run(t, z.plain, program), run(t, z.woven, program, env...)
			if plain.normal() != woven.normal() {
				t.Errorf("plain: %+v\nwoven: %+v", plain, woven)
			}
			spans := c.Take()
			if got := strings.ReplaceAll(Tree(spans), "other_sql", "fake"); got != tree {
				t.Errorf("tree\n%swant\n%s", got, tree)
			}
			for _, s := range spans {
				for _, kv := range s.Attributes {
					if strings.Contains(s.Attribute(kv.Key), "secret") {
						t.Errorf("%s shows %s", s.Name, s.Attribute(kv.Key))
					}
				}
			}
			// Disabled, nothing is sent, and the program is the same again.
			disabled := run(t, z.woven, program, append(env, "OTEL_SDK_DISABLED=true")...)
			if plain.normal() != disabled.normal() {
				t.Errorf("plain: %+v\ndisabled: %+v", plain, disabled)
			}
			if spans := c.Take(); len(spans) > 0 {
				t.Errorf("disabled, but there are spans:\n%s", Tree(spans))
			}
		})
	}
	t.Run("own-provider gets the spans", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "counts")
		run(t, z.woven, "own-provider", "COUNTS="+file)
		if b, _ := os.ReadFile(file); string(b) != "map[below:1 client:3 internal:1 server:1]" {
			t.Errorf("the program's provider has %s", b)
		}
	})
	t.Run("switched off by name", func(t *testing.T) {
		run(t, z.woven, "tree", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false")
		if got := Tree(c.Take()); got != "SELECT orders (client)\n" {
			t.Errorf("tree\n%s", got)
		}
	})
	t.Run("a collector that never answers", func(t *testing.T) {
		done := make(chan struct{})
		silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
		defer silent.Close()
		defer close(done)
		for _, program := range []string{"return", "exit", "panic", "goexit-exit", "sigterm", "sigterm-handled"} {
			plain := run(t, z.plain, program)
			woven := run(t, z.woven, program, "OTEL_EXPORTER_OTLP_ENDPOINT="+silent.URL, "OTEL_GO_WEAVE_EXIT_TIMEOUT=100")
			// The lines that may be there tell that spans, or metrics, were not sent.
			lines := slices.DeleteFunc(strings.SplitAfter(woven.err, "\n"), func(l string) bool { return strings.HasPrefix(l, "rules_go_weave: cannot export") })
			if woven.err = strings.Join(lines, ""); plain.normal() != woven.normal() {
				t.Errorf("%s: plain %+v\nwoven %+v", program, plain, woven)
			}
		}
	})
	t.Run("a collector that never answers and a panic", func(t *testing.T) {
		done := make(chan struct{})
		silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
		defer silent.Close()
		defer close(done)
		// The other goroutines do not go on for an hour.
		for _, program := range []string{"panic", "panic-goroutine"} {
			plain := run(t, z.plain, program)
			woven := run(t, z.woven, program, "OTEL_EXPORTER_OTLP_ENDPOINT="+silent.URL, "OTEL_GO_WEAVE_EXIT_TIMEOUT=3600000", "OTEL_LOG_LEVEL=none")
			if plain.normal() != woven.normal() {
				t.Errorf("%s: plain %+v\nwoven %+v", program, plain, woven)
			}
		}
	})
	t.Run("a deadlock while spans wait", func(t *testing.T) {
		done := make(chan struct{})
		silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
		defer silent.Close()
		defer close(done)
		// Nothing is sent, nor told, by the end of a delay.
		hours := []string{"OTEL_BSP_SCHEDULE_DELAY=3600000", "OTEL_BLRP_SCHEDULE_DELAY=3600000", "OTEL_METRIC_EXPORT_INTERVAL=3600000",
			"OTEL_GO_WEAVE_EXIT_TIMEOUT=3600000", "OTEL_LOG_LEVEL=none"}
		for _, program := range []string{"deadlock", "goexit"} {
			plain := run(t, z.plain, program)
			for _, v := range []struct{ name, binary, endpoint, more, tree string }{
				{"a collector", z.woven, c.URL, "", two},
				{"all exporters", z.full, c.URL, "", two},
				{"gRPC", z.full, c.URL, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", two},
				{"one thread", z.woven, c.URL, "GOMAXPROCS=1", two},
				{"metrics alone", z.woven, c.URL, "OTEL_TRACES_EXPORTER=none", ""},
				{"no collector", z.woven, "http://127.0.0.1:1", "", ""},
				{"a collector that never answers", z.woven, silent.URL, "", ""},
			} {
				woven := run(t, v.binary, program, append(hours, "OTEL_EXPORTER_OTLP_ENDPOINT="+v.endpoint, v.more)...)
				if plain.normal() != woven.normal() {
					t.Errorf("%s, %s: plain %+v\nwoven %+v", program, v.name, plain, woven)
				}
				if got := Tree(c.Take()); got != v.tree {
					t.Errorf("%s, %s: tree\n%swant\n%s", program, v.name, got, v.tree)
				}
			}
		}
	})
	t.Run("a signal while no goroutine can run", func(t *testing.T) {
		plain, woven := run(t, z.plain, "sigterm-spinning", "GODEBUG=asyncpreemptoff=1"), run(t, z.woven, "sigterm-spinning", "GODEBUG=asyncpreemptoff=1")
		if plain != woven || plain.signal != "signal: terminated" {
			t.Errorf("plain %+v\nwoven %+v", plain, woven)
		}
	})
	t.Run("a collector that is not there", func(t *testing.T) {
		r := run(t, z.woven, "return", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1")
		// One line for spans and one for metrics.
		for _, things := range []string{" spans: ", " points of metrics: "} {
			if r.code != 0 || r.out != "" || strings.Count(r.err, "\n") != 2 || strings.Count(r.err, things) != 1 || strings.Count(r.err, "rules_go_weave: cannot export ") != 2 {
				t.Errorf("%+v", r)
			}
		}
		if r := run(t, z.woven, "return"); r != (result{}) {
			t.Errorf("nobody asked for an endpoint: %+v", r)
		}
	})
}

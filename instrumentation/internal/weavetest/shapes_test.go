package weavetest

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// get is the tree of one request, whose server span has these children.
func get(children ...string) string {
	return "GET (client)\n  GET (server)\n" + strings.Join(children, "")
}

// nested is a tree two levels deeper.
func nested(tree string) string {
	var b strings.Builder
	for line := range strings.Lines(tree) {
		b.WriteString("    " + line)
	}
	return b.String()
}

// shapes are the one right tree of each program in testdata/shapes. A request that is going on when the program ends has no span.
var shapes = map[string]string{
	"errgroup":                 get(strings.Repeat(update("part"), 5), update("whole")),
	"errgroup-limit":           get(strings.Repeat(update("part"), 8)),
	"singleflight":             get(update("shared"), update("own")) + get(update("own")),
	"semaphore":                get(strings.Repeat(update("part"), 6)),
	"pool-of-contexts":         get(update("task")) + "UPDATE own (client)\n",
	"pipeline":                 get(update("first"), update("second"), update("third"), update("sink")),
	"fan-in":                   get(strings.Repeat(update("produce"), 4), update("consume")),
	"retry-http":               get(strings.Repeat(nested("GET (client) error 503\n  GET (server) error 503\n"), 2), nested(get())),
	"stream":                   get(strings.Repeat(update("piece"), 3)),
	"proxy":                    get(nested(get(update("behind")))),
	"fire-and-forget":          get(update("requests")) + "UPDATE nobodys (client) after GET\n",
	"background-in-the-middle": get(update("lost"), nested(get(update("behind"))), update("kept")),
	"recover-middleware":       "GET (client) error 500\n  GET (server) error 500\n" + update("before") + update("cleanup"),
	"panic-depths":             get(strings.Repeat(update("level"), 3), update("after")),
	"goexit-handler":           get(update("deferred"), update("after")),
	"tx-across":                get("    BEGIN (client)\n", update("other"), "    COMMIT (client)\n"),
	"ticker":                   get(strings.Repeat(update("tick"), 3), update("timer")),
	"cond":                     get(update("woken")),
	"context-after-func":       get(update("expired")),
	"lazy":                     get(update("loaded"), update("used")) + get(update("used")),
	"hedged":                   get(nested("GET (client) error *errors.errorString\n  GET (server)\n"), nested(get())),
	"nested-servers":           get(nested(get(strings.Repeat(nested(get(update("last"))), 2)))),

	"exit-deferred":       done,
	"panic-nil":           done,
	"panic-again":         done,
	"panic-error":         done,
	"panic-deep":          done,
	"nil-map":             done,
	"log-panic":           done,
	"fatal-in-goroutine":  done,
	"sigint":              done,
	"sighup":              done,
	"goexit-others":       done + "UPDATE later (client)\n",
	"exit-zero-early":     "UPDATE once (client)\n",
	"signal-in-handler":   "UPDATE before (client)\n",
	"panic-while-serving": "UPDATE before (client)\n",
	"replaced":            "UPDATE before (client)\nUPDATE survived (client)\nUPDATE once (client)\n",
	"child":               "UPDATE before (client)\nUPDATE once (client)\nUPDATE after (client)\n",
}

var done = get(update("done"))

// TestShapes runs programs in the shapes that concurrent code has: woven, each has its one right tree, and is else as it is plain.
func TestShapes(t *testing.T) {
	plain, woven := buildModule(t, "shapes", t.TempDir())
	c := NewCollector()
	defer c.Close()
	for program, tree := range shapes {
		t.Run(program, func(t *testing.T) {
			want, got := run(t, plain, program), run(t, woven, program, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
			if want.normal() != got.normal() {
				t.Errorf("plain: %+v\nwoven: %+v", want, got)
			}
			if got := c.text(); got != tree {
				t.Errorf("tree\n%swant\n%s", got, tree)
			}
		})
	}
}

// buildModule builds the program of a module in testdata plain, and woven by goweave go.
func buildModule(t *testing.T, module, dir string) (plain, woven string) {
	t.Helper()
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	build := func(name string, command ...string) string {
		out := filepath.Join(dir, name)
		cmd := exec.Command(command[0], append(command[1:], "build", "-o", out, ".")...)
		cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata", module)
		cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root(), "CGO_ENABLED=0")
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
		return out
	}
	return build("plain", "go"), build("woven", goweave, "go")
}

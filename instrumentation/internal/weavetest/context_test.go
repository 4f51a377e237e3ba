package weavetest

import (
	"os"
	"strings"
	"testing"
)

// request is the tree of one request, whose server span has these children.
func request(path string, children ...string) string {
	return "GET (client)\n  GET /{path} (server)\n" + strings.Join(children, "")
}

// update is a child of a server span, named by its table.
func update(table string) string { return "    UPDATE " + table + " (client)\n" }

// message is the tree of a message of the program hand-consumer.
func message(n string) string {
	return "message" + n + " (internal)\n  UPDATE in_message (client)\n  UPDATE in_goroutine (client)\nUPDATE apart (client)\n"
}

// contextTrees are the trees of the programs in testdata/zoo/context.go.
var contextTrees = map[string]string{
	"background":        request("/x", update("a"), update("b")) + request("/y", update("a"), update("b")) + "UPDATE outside (client)\n",
	"fan-out":           request("/x", strings.Repeat(update("part"), 20), update("whole")),
	"group":             request("/x", "    GET (client)\n      GET (server)\n        UPDATE behind (client)\n"),
	"pool":              request("/x", update("during")) + "UPDATE afterwards (client) after GET /{path}\n",
	"pool-explicit":     request("/x", update("task")) + request("/y", update("task")),
	"pipeline":          request("/x", update("early"), update("second")),
	"after-return":      request("/x") + "UPDATE late (client) after GET /{path}\n",
	"daisy-chain":       request("/x", update("end")),
	"after-func":        request("/x", update("timer")),
	"after-func-late":   request("/x") + strings.Repeat("UPDATE timer (client) after GET /{path}\n", 2) + "UPDATE outside (client)\n",
	"finalizer":         request("/x") + "UPDATE final (client)\n",
	"goexit-goroutine":  request("/x", update("deferred"), update("next")),
	"panics":            request("/x", update("recovered"), update("unwinding"), update("recovered"), update("unwinding"), update("unwinding"), update("recovered")) + "UPDATE outside (client)\n",
	"retry":             request("/x", "    fake (client) error *errors.errorString\n", "    fake (client) error *errors.errorString\n", update("t")),
	"locked":            request("/x", update("locked")),
	"server-in-handler": request("/x") + "GET (server)\n  UPDATE inner (client)\n",
	"explicit-wins":     request("/first", update("early")) + request("/second", update("second")),
	"many":              request("/x", strings.Repeat(update("part"), 4)) + strings.Repeat("UPDATE outside (client)\n", 4),
	"coroutine":         request("/x", update("produce"), update("consume")),

	"manual": "outside (internal)\n  UPDATE before (client)\n" + request("/x", "    outer (internal)\n  "+update("one"), "  "+update("three"),
		"    inner (internal)\n  "+update("two"), update("four")),
	"manual-early":      request("/x", "    outer (internal)\n", "    inner (internal)\n  "+update("one"), update("two")),
	"manual-elsewhere":  request("/x", "    span (internal)\n", "    own (internal)\n  "+update("one"), update("two")),
	"manual-left-open":  request("/x") + "UPDATE one (client)\n" + request("/y") + "UPDATE one (client)\nUPDATE outside (client)\n",
	"manual-late":       request("/x") + "late (internal) after GET /{path}\n  UPDATE one (client)\n",
	"manual-new-root":   request("/x", update("two")) + "root (internal)\n  UPDATE one (client)\n",
	"span-from-context": request("/x", update("found"), update("hidden")),
	"unsampled":         "UPDATE outside (client)\n",
	"unsampled-manual":  "UPDATE two (client)\n",
	"shapes":            "early (internal)\n",
	"hand-consumer":     message("0") + message("1") + message("2"),
	"hand-unsampled":    "UPDATE goroutine (client) after \nUPDATE one (client)\nUPDATE two (client)\nroot (internal)\nroot (internal)\n",
	"hand-late": request("/x", "    late (internal)\n  "+update("in_late")) + request("/next", update("next"), "    own (internal)\n") +
		"after (internal) after GET /{path}\nUPDATE after (client) after late\nUPDATE outside (client)\n",
	"hand-workers": request("/x", "    job (internal)\n  "+update("in_job")) + "UPDATE apart (client)\njob (internal)\n  UPDATE in_job (client)\nUPDATE apart (client)\n",
	"hand-pool":    request("/x", "    setup (internal)\n", "    job (internal)\n  "+update("in_job")) + "job (internal) after GET /{path}\n  UPDATE in_job (client)\n",
	"hand-nested":  request("/x", "    around (internal)\n", "    beside (internal)\n") + "GET (server)\n  inner (internal)\n    UPDATE inner (client)\n  parallel (internal)\n  parallel (internal)\n",
	"hand-loop": request("/x", "    item0 (internal)\n  "+update("t0"), "    item1 (internal)\n  "+update("t1"), "    item2 (internal)\n  "+update("t2"),
		update("next")),
	"hand-idle": request("/x", "    short (internal)\n  "+update("in_short"), update("in_request"), "    own (internal)\n"),
	"baggage":   "GET (server)\n  span (internal)\n    GET (client)\n      GET (server)\n        UPDATE b_carried (client)\n",
}

// bubbleTree is the tree of the program synctest. The clock stands still while anything runs.
const bubbleTree = "outer (internal)\n  UPDATE timer (client)\n  UPDATE slept (client)\n  GET (client)\n    GET (server)\n      UPDATE served (client)\n"

// TestContext runs programs that pass on no context: the spans of each make the one right tree all the same.
func TestContext(t *testing.T) {
	toolchains := []string{"", "go1.24.0", "go1.27.3"}
	if one := os.Getenv("WEAVETEST_TOOLCHAIN"); one != "" {
		toolchains = []string{one}
	}
	for _, toolchain := range toolchains {
		t.Run("go"+strings.TrimPrefix(toolchain, "go"), func(t *testing.T) {
			z := build(t, toolchain, false)
			c := NewCollector()
			defer c.Close()
			for program, tree := range contextTrees {
				t.Run(program, func(t *testing.T) { checkContext(t, z, c, program, tree) })
			}
			if !strings.HasPrefix(z.version, "1.24.") { // which has no testing/synctest
				t.Run("synctest", func(t *testing.T) { checkContext(t, z, c, "synctest", bubbleTree) })
			}
			t.Run("switched off", func(t *testing.T) {
				run(t, z.woven, "background", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_GO_WEAVE_GOROUTINE_CONTEXT=false")
				const roots = "UPDATE a (client)\nUPDATE b (client)\n"
				if got, want := c.text(), request("/x")+roots+request("/y")+roots+"UPDATE outside (client)\n"; got != want {
					t.Errorf("tree\n%swant\n%s", got, want)
				}
			})
		})
	}
}

// cgoTrees are the trees of the programs in testdata/zoo/callback.go.
var cgoTrees = map[string]string{
	"callback": request("/x", update("callback"), update("next")) + "UPDATE callback (client)\n",
	"thread":   request("/x", update("next")) + strings.Repeat("UPDATE callback (client)\n", 2),
}

// TestContextRace has the race detector look at the programs, and at the hooks in them. It needs cgo, and so do the callbacks.
func TestContextRace(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), true)
	c := NewCollector()
	defer c.Close()
	for _, trees := range []map[string]string{contextTrees, cgoTrees} {
		for program, tree := range trees {
			t.Run(program, func(t *testing.T) { checkContext(t, z, c, program, tree) })
		}
	}
}

func checkContext(t *testing.T, z zoo, c *Collector, program, tree string) {
	t.Helper()
	woven := run(t, z.woven, program, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	if z.plain == "" {
		if woven.code != 0 || woven.err != "" {
			t.Errorf("woven: %+v", woven)
		}
	} else if plain := run(t, z.plain, program); plain.normal() != woven.normal() {
		t.Errorf("plain: %+v\nwoven: %+v", plain, woven)
	}
	if got := c.text(); got != tree {
		t.Errorf("tree\n%swant\n%s", got, tree)
	}
}

// text draws what came.
func (c *Collector) text() string { return strings.ReplaceAll(Tree(c.Take()), "other_sql", "fake") }

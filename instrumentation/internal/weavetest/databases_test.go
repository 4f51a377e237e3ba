package weavetest

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestDriversThatPanic checks that what a driver leaves without a result has a span that says so, and none of a panic's text.
func TestDriversThatPanic(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	plain := run(t, z.plain, "sql-panics")
	if woven := run(t, z.woven, "sql-panics", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL); plain.normal() != woven.normal() {
		t.Errorf("plain: %+v\nwoven: %+v", plain, woven)
	}
	got := map[string]string{}
	for _, s := range c.Take() {
		if s.ParentSpanId != nil || strings.Contains(s.String(), "secret") {
			t.Errorf("%v", s)
		}
		got[s.Name] = s.Status.GetCode().String() + " " + s.Attribute("error.type")
	}
	const failed = "STATUS_CODE_ERROR "
	want := map[string]string{
		"DELETE t": failed + "string", "SELECT t": failed + "string", "PREPARE INSERT t": failed + "string",
		"BEGIN": failed + "*errors.errorString", "PING": failed + "goexit",
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

// TestConnectors checks that a database is known by its place whichever way it was opened, and that nothing else is read.
func TestConnectors(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	plain, woven := run(t, z.plain, "sql-connectors"), run(t, z.woven, "sql-connectors", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	if plain.normal() != woven.normal() {
		t.Errorf("plain: %+v\nwoven: %+v", plain, woven)
	}
	places := map[string]string{}
	for _, s := range c.Take() {
		places[s.Attribute("db.collection.name")] = s.Attribute("server.address") + ":" + s.Attribute("server.port") + "/" + s.Attribute("db.namespace")
		if text := s.String(); strings.Contains(text, "secret") || strings.Contains(text, "wrong") {
			t.Errorf("a span shows %s", text)
		}
	}
	pools := map[string]bool{}
	for _, m := range c.AllMetrics() {
		for _, p := range m.GetSum().GetDataPoints() {
			pools[attributeOf(p.Attributes, "db.client.connection.pool.name")] = true
		}
	}
	for _, name := range []string{"embedded", "pointed", "listed", "mapped", "named", "around", "pooled"} {
		want := name + ":5432/shop"
		if name == "listed" {
			want = "listed:9000/shop"
		}
		if places[name] != want || !pools[want] {
			t.Errorf("%s is at %q", name, places[name])
		}
	}
	if places["unknown"] != ":/" || places["broken"] != ":/" {
		t.Errorf("%q", places)
	}
}

// TestFailures checks that errors of databases are told by class and code, that their texts show nowhere but by the switch, and that
// their methods may do anything.
func TestFailures(t *testing.T) {
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	plain := run(t, z.plain, "sql-failures")
	told := func(env ...string) (texts map[string]string, shown bool) {
		woven := run(t, z.woven, "sql-failures", append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)...)
		// That a method panicked is told once.
		lines := slices.DeleteFunc(strings.SplitAfter(woven.err, "\n"), func(l string) bool {
			return strings.HasPrefix(l, "rules_go_weave: ") && strings.Contains(l, "panicked")
		})
		if len(lines) < strings.Count(woven.err, "\n") {
			t.Errorf("%s", woven.err)
		}
		if woven.err = strings.Join(lines, ""); plain.normal() != woven.normal() {
			t.Errorf("plain: %+v\nwoven: %+v", plain, woven)
		}
		texts = map[string]string{}
		for _, s := range c.Take() {
			shown = shown || strings.Contains(s.String(), "secret")
			key := s.Attribute("db.collection.name")
			if key == "" {
				key = s.Name + s.Attribute("url.path")
			}
			if s.Status.GetMessage() != "" {
				texts[key] = strings.TrimSpace(s.Attribute("db.response.status_code") + " " + s.Status.Message)
			}
			for _, e := range s.Events {
				texts[key] += " " + attributeOf(e.Attributes, "exception.message")
			}
		}
		return texts, shown
	}
	texts, shown := told()
	if shown {
		t.Error("a value shows")
	}
	for what, want := range map[string]string{
		"state":        "22P02 SQLSTATE 22P02 (data exception): *main.stateError",
		"wrapped":      "23505 SQLSTATE 23505 (integrity constraint violation): main.stateError",
		"joined":       "42601 SQLSTATE 42601 (syntax error or access rule violation): main.stateError",
		"number":       "1062 error 1062: main.numberError",
		"code":         "19 error 19: main.codeError",
		"text":         "*errors.errorString",
		"typednil":     "*main.nilError",
		"panics":       "main.panicError",
		"statepanics":  "main.statePanic",
		"uncomparable": "main.listError",
		"canceled":     "context canceled",
		"eof":          "unexpected EOF",
		"badstate":     "SQLSTATE: main.stateError",
		"COMMIT":       "40001 SQLSTATE 40001 (transaction rollback): main.stateError",
		"PING":         "sql: database is closed",
		"GET/state":    "panic: SQLSTATE 22P02 (data exception): *main.stateError SQLSTATE 22P02 (data exception): *main.stateError",
		"GET/text":     "panic: *errors.errorString *errors.errorString",
		"GET/closed":   "panic: sql: database is closed sql: database is closed",
	} {
		if texts[what] != want {
			t.Errorf("%s is told as %q, and not as %q", what, texts[what], want)
		}
	}
	if texts, shown := told("OTEL_GO_WEAVE_DB_ERROR_TEXT=true"); !shown || texts["state"] != "22P02 invalid value: secret" {
		t.Errorf("by the switch: %q", texts)
	}
}

// TestKeptDatabases checks that nothing of a closed database stays, however late it is used, and that many places and statements take no
// more memory than the first. WEAVETEST_KEPT is how often each of the 11 ways of use is taken, twice: 45000 are a million databases.
func TestKeptDatabases(t *testing.T) {
	n := 1000
	if s := os.Getenv("WEAVETEST_KEPT"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < 1000 {
			t.Fatalf("WEAVETEST_KEPT is %q", s)
		}
	}
	patience = usual + time.Duration(n)*20*time.Millisecond
	defer func() { patience = usual }()
	z := build(t, os.Getenv("WEAVETEST_TOOLCHAIN"), false)
	c := NewCollector()
	defer c.Close()
	file := filepath.Join(t.TempDir(), "kept")
	// Few spans wait, so that what waits is none of the difference.
	if r := run(t, z.woven, "sql-kept", "OTEL_BSP_MAX_QUEUE_SIZE=128", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=64", "SQL_KEPT="+strconv.Itoa(n), "SQL_KEPT_FILE="+file, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_METRIC_EXPORT_INTERVAL=10"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kept struct{ Alive, Before, After uint64 }
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	// The one that is open is the control.
	if kept.Alive != 1 || kept.After > kept.Before+kept.Before/5 {
		t.Errorf("%+v", kept)
	}
}

package weavetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// buildEarly builds a package of testdata/early plain and woven.
func buildEarly(t *testing.T, pkg string, flags ...string) (plain, woven string) {
	t.Helper()
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build := func(name string, command ...string) string {
		out := filepath.Join(dir, name)
		cmd := exec.Command(command[0], append(append(append(command[1:], flags...), "-o", out), pkg)...)
		cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/early")
		cgo := "CGO_ENABLED=0"
		if strings.Contains(strings.Join(flags, " "), "-race") {
			cgo = "CGO_ENABLED=1"
		}
		cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root(), cgo)
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
		return out
	}
	verb := "build"
	if len(flags) > 0 && flags[0] == "-c" {
		verb = "test"
	}
	return build("plain", "go", verb), build("woven", goweave, "go", verb)
}

// statements are the spans of package acts' statements.
const statements = "PING (client)\nUPDATE early (client)\nSELECT early (client)\nBEGIN (client)\nCOMMIT (client)\n"

// earlyKinds are what package acts does, by name, and the spans of that where hooks run.
var earlyKinds = map[string]string{
	"http":       "GET (client)\n  GET (server)\n",
	"sql":        statements,
	"logs":       "",
	"directives": "spanned (internal)\n",
	"own":        "",
	"timer":      statements,
	"goroutine":  statements,
	"open":       "",
}

// earlyEnds are how it ends. A program that returns goes on to main, and the spans of that are sent.
var earlyEnds = []string{"return", "exit", "fatal", "panic", "goroutine", "nil", "deadlock", "goexit", "sigterm", "sigint", "exec"}

// TestEarly runs programs that do what hooks are for while packages are initialised, and end there: in the package that is
// initialised first, in the one that is last, and in main. They are what they are plain. Where OpenTelemetry is not initialised there
// are no spans, and else they are sent.
func TestEarly(t *testing.T) {
	plain, woven := buildEarly(t, ".")
	testPlain, testWoven := buildEarly(t, ".", "-c")
	c := NewCollector()
	defer c.Close()
	for _, binaries := range [][3]string{{"program", plain, woven}, {"test", testPlain, testWoven}} {
		for kind, tree := range earlyKinds {
			for _, end := range earlyEnds {
				for at, spans := range map[string]string{"first": "", "last": tree, "variables of main": tree, "main": tree} {
					if at == "variables of main" && end != "return" {
						continue // as in main
					}
					if kind != "sql" && !slices.Contains([]string{"return", "exit", "panic"}, end) {
						continue // the ends know nothing of the kinds
					}
					if binaries[0] == "test" && (at != "first" || kind == "open") {
						continue // a test binary differs in its main alone
					}
					t.Run(strings.Join([]string{binaries[0], kind, end, at}, " "), func(t *testing.T) {
						env := []string{"KIND=" + kind, "END=" + end, "AT=" + at, "OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_BSP_SCHEDULE_DELAY=100"}
						want, got := run(t, binaries[1], "-test.v=false", env...), run(t, binaries[2], "-test.v=false", env...)
						if want.normal() != got.normal() {
							t.Errorf("plain: %+v\nwoven: %+v", want, got)
						}
						if end == "return" {
							spans = spans + "UPDATE main (client)\n"
						}
						all := c.Take()
						if got := Tree(all); got != spans {
							t.Errorf("tree\n%swant\n%s", got, spans)
						}
						for _, s := range all {
							// Also of a database that was opened before OpenTelemetry was initialised.
							if strings.HasPrefix(s.Name, "UPDATE") && s.Attribute("server.address") != "db.example" {
								t.Errorf("%s is at %q", s.Name, s.Attribute("server.address"))
							}
						}
						// Without telemetry it is the same.
						if disabled := run(t, binaries[2], "-test.v=false", append(env, "OTEL_SDK_DISABLED=true")...); want.normal() != disabled.normal() {
							t.Errorf("plain: %+v\ndisabled: %+v", want, disabled)
						}
						if all := c.Take(); len(all) > 0 {
							t.Errorf("disabled, but there are spans:\n%s", Tree(all))
						}
					})
				}
			}
		}
	}
	// A hook of the program's own, whose package has variables, runs from main's initialisation on, whatever package comes last.
	for at, want := range map[string]bool{"first": false, "last": false, "main": true} {
		seen := filepath.Join(t.TempDir(), "seen")
		run(t, woven, "", "KIND=own", "END=return", "AT="+at, "SEEN="+seen)
		if _, err := os.Stat(seen); (err == nil) != want {
			t.Errorf("own hook in %s: %v", at, err)
		}
	}
}

// TestEarlyOtel runs a program that makes spans itself while it is initialised.
func TestEarlyOtel(t *testing.T) {
	plain, woven := buildEarly(t, "./otel")
	if want, got := run(t, plain, ""), run(t, woven, ""); want != got || want.code != 0 {
		t.Errorf("plain: %+v\nwoven: %+v", want, got)
	}
}

// TestEarlyRace has a goroutine that is started before hooks are initialised run them while they become so.
func TestEarlyRace(t *testing.T) {
	plain, woven := buildEarly(t, ".", "-race")
	for _, at := range []string{"first", "last"} {
		for _, disabled := range []string{"true", "false"} {
			env := []string{"KIND=background", "END=return", "AT=" + at, "OTEL_SDK_DISABLED=" + disabled}
			if want, got := run(t, plain, "", env...), run(t, woven, "", env...); want != got || want.code != 0 {
				t.Errorf("%s: plain: %+v\nwoven: %+v", at, want, got)
			}
		}
	}
}

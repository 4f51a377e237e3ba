package weavetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// elsewhere is the zoo, built for another system than this one, and the words that run a program of that one here.
type elsewhere struct {
	plain, woven string
	words        []string
}

// buildFor builds the zoo for a system.
func buildFor(t *testing.T, goos, goarch string, words ...string) elsewhere {
	t.Helper()
	dir := t.TempDir()
	w, err := New(dir, os.Getenv("WEAVETEST_TOOLCHAIN"))
	if err != nil {
		t.Fatal(err)
	}
	w.GOOS, w.GOARCH = goos, goarch
	overlay, err := w.Overlay()
	if err != nil {
		t.Fatal(err)
	}
	e := elsewhere{filepath.Join(dir, "plain.exe"), filepath.Join(dir, "woven.exe"), words}
	main := filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/zoo")
	if err := w.Build(main, e.plain, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Build(main, e.woven, overlay); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e elsewhere) run(t *testing.T, binary, program string, env ...string) result {
	t.Helper()
	return runLine(t, append(slices.Clone(e.words), binary, program), env...)
}

// check has a program be what it is plain, and its spans be the tree; disabled, it is that without spans.
func (e elsewhere) check(t *testing.T, c *Collector, program, tree string) {
	t.Helper()
	env := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL}
	plain, woven := e.run(t, e.plain, program), e.run(t, e.woven, program, env...)
	if plain.normal() != woven.normal() {
		t.Errorf("plain: %+v\nwoven: %+v", plain, woven)
	}
	if got := c.text(); got != tree {
		t.Errorf("tree\n%swant\n%s", got, tree)
	}
	if disabled := e.run(t, e.woven, program, append(env, "OTEL_SDK_DISABLED=true")...); plain.normal() != disabled.normal() {
		t.Errorf("plain: %+v\ndisabled: %+v", plain, disabled)
	}
	if got := c.text(); got != "" {
		t.Errorf("disabled, but there are spans:\n%s", got)
	}
}

// TestArm64 runs programs of linux/arm64, by the emulator that qemu has for programs: all that pass on no context, and the ends.
func TestArm64(t *testing.T) {
	words, err := output(exec.Command(filepath.Join(Root(), "dev.d/server.sh"), "qemu-user", "qemu-aarch64"))
	if err != nil {
		t.Fatal(err)
	}
	e := buildFor(t, "linux", "arm64", strings.Fields(words)...)
	c := NewCollector()
	defer c.Close()
	for program, tree := range contextTrees {
		t.Run(program, func(t *testing.T) { e.check(t, c, program, tree) })
	}
	for program, tree := range ends {
		// These wait no longer than half a second for what is sent, in which an emulator on a busy machine may send nothing.
		if slices.Contains([]string{"panic", "panic-goroutine", "goexit", "deadlock"}, program) {
			continue
		}
		t.Run(program, func(t *testing.T) { e.check(t, c, program, tree) })
	}
}

// two are the spans that a program of the zoo makes before it ends.
const two = "GET (client)\n  GET (server)\n"

// ends are programs of the zoo that end in one way each.
var ends = map[string]string{
	"return": two, "exit": two, "exit-in-handler": "", "fatal": two, "panic": two, "panic-goroutine": two, "goexit": two, "goexit-exit": two,
	"deadlock": two, "sigterm": two, "sigint": two, "sigterm-handled": two, "sigterm-ignored": two, "sigterm-stopped": two,
	"sigpipe": two, "sigpipe-handled": two,
}

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goSection is the part of the tutorial that needs no Bazel; the tests of `goweave go` run it.
const goSection = "## Without Bazel"

// TestTutorial does what docs/tutorial.md says: writes its files, runs its commands, and compares what they print.
func TestTutorial(t *testing.T) {
	page := string(read(t, filepath.Join(repo(t), "docs/tutorial.md")))
	page, _, ok := strings.Cut(strings.ReplaceAll(page, "=> /path/to/rules_go_weave", "=> "+repo(t)), goSection)
	if !ok {
		t.Fatalf("the tutorial has no %q", goSection)
	}
	dir := filepath.Join(checkoutDir(t, "copies"), "tutorial")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	w := &workspace{t: t, dir: dir, base: filepath.Join(checkoutDir(t, "bases"), "tutorial"), args: sharedArgs(t)}
	bin := w.bazelOnPath()
	defer w.try("shutdown")

	commands := 0
	for _, b := range blocks(t, page) {
		if b.file != "" {
			put(t, filepath.Join(dir, b.file), b.text)
			continue
		}
		for _, c := range b.commands {
			commands++
			c.run(t, dir, bin, b.fails)
		}
	}
	if commands < 8 {
		t.Errorf("the tutorial has %d commands: they are not found", commands)
	}
}

// bazelOnPath returns a directory with a program called bazel, as the commands of pages say: that of ./dev, with the output base and the
// flags of this workspace, and flags before the command.
func (w *workspace) bazelOnPath(startup ...string) string {
	w.t.Helper()
	bin := w.t.(*testing.T).TempDir()
	quoted := func(words []string) string { return "'" + strings.Join(words, "' '") + "'" }
	startup = append([]string{"--output_base=" + w.base, "--max_idle_secs=120"}, startup...)
	// ./dev itself shall not find it when it looks for a Bazel.
	text := fmt.Sprintf("#!/bin/sh\nPATH='%s'\ncommand=$1\nshift\nexec '%s' bazel %s \"$command\" %s \"$@\"\n",
		os.Getenv("PATH"), filepath.Join(repo(w.t), "dev"), quoted(startup), quoted(w.args))
	if err := os.WriteFile(filepath.Join(bin, "bazel"), []byte(text), 0o755); err != nil {
		w.t.Fatal(err)
	}
	return bin
}

// block is a fenced block of a page: a file, whose first line names it, or commands and what they print.
type block struct {
	file, text string
	commands   []command
	fails      bool
}

type command struct {
	line, shown string
	shows       *regexp.Regexp
}

// run runs a command in a directory, with the programs of another one before those on PATH, and compares what it prints. It returns that.
func (c command) run(t *testing.T, dir, bin string, fails bool) string {
	t.Helper()
	cmd := exec.Command("bash", "-c", "set -o pipefail; "+c.line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if (err != nil) != fails {
		t.Fatalf("$ %s\n%v\n%s", c.line, err, tail(string(out)))
	}
	if !c.shows.MatchString(string(out)) {
		t.Errorf("$ %s\nprints\n%s\nwhich is not what the page shows:\n%s", c.line, tail(string(out)), c.shown)
	}
	return string(out)
}

var (
	fenced   = regexp.MustCompile("(?ms)^```([a-z]*)( fails)?\n(.*?)^```$")
	fileName = regexp.MustCompile(`^(?://|#) ([\w./]+)\n`)
)

// blocks reads a page. A block that is neither a file nor commands is an error. A file keeps the line that names it, which
// is a comment. In what a command prints, `...` stands for anything.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	var all []block
	for _, m := range fenced.FindAllStringSubmatch(page, -1) {
		language, fails, text := m[1], m[2] != "", m[3]
		if language != "console" {
			name := fileName.FindStringSubmatch(text)
			if name == nil {
				t.Fatalf("a block does not begin with the name of a file:\n%s", text)
			}
			all = append(all, block{file: name[1], text: text})
			continue
		}
		b := block{fails: fails}
		for _, part := range strings.Split("\n"+text, "\n$ ")[1:] {
			line, shown, _ := strings.Cut(strings.TrimSuffix(part, "\n"), "\n")
			for strings.HasPrefix(shown, "> ") {
				var more string
				more, shown, _ = strings.Cut(shown[len("> "):], "\n")
				line += "\n" + more
			}
			pattern := strings.ReplaceAll(regexp.QuoteMeta(shown), `\.\.\.`, `.*`)
			if shown == "" {
				pattern = ".*"
			}
			b.commands = append(b.commands, command{line: line, shown: shown, shows: regexp.MustCompile(`(?s)^` + pattern + `\n?$`)})
		}
		all = append(all, b)
	}
	return all
}

// put writes a file and the folders above it.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

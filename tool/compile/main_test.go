package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const origins = `{"files": {
	"own.go": [
		{"line": 3, "columns": [18, 40], "text": " weave_own__count(n);", "owner": "own/count"},
		{"line": 3, "columns": [50, 60], "text": " nowhere()", "owner": "own/twice and own/thrice"},
		{"line": 9, "columns": [1, 20], "text": "return", "owner": "rewriter own"}
	],
	"zz_weave.go": [{"line": 4, "columns": [1, 4294967295], "text": "var weave_own__count func(int)", "owner": "own/count"}]
}}`

// weave writes what Bazel would have made of a woven package, with an action's folder in which it is linked, and returns the arguments
// about it.
func weave(t *testing.T) []string {
	t.Helper()
	root, action := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		"bazel-out/k8/bin/own_weave/own.go":     "package own\n",
		"bazel-out/k8/bin/own.origins.json":     origins,
		"bazel-out/k8/bin/weave/own.rules.json": `{"weave": 1, "instrumentation": "own", "rules": {"count": {"at": {"file": "weave/own.yaml", "line": 5, "col": 7}}}}`,
		"bazel-out/k8/bin/unwoven.origins.json": `{"files": {}, "unwoven": "own/own.go:1:1: no Go that we know"}`,
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	// As Bazel maps paths.
	linked := filepath.Join(action, "bazel-out/cfg/bin/own_weave/own.go")
	if err := os.MkdirAll(filepath.Dir(linked), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "bazel-out/k8/bin/own_weave/own.go"), linked); err != nil {
		t.Fatal(err)
	}
	return []string{
		"-origins", filepath.Join(root, "bazel-out/k8/bin/own.origins.json"),
		"-woven", linked, "-original", "own/own.go", "-at", "bazel-out/k8/bin/own_weave/own.go",
		"-rules", "own=weave/own.yaml=bazel-out/k8/bin/weave/own.rules.json",
	}
}

// TestRun runs commands in place of a builder.
func TestRun(t *testing.T) {
	const help = "    help: build with --output_groups=weave_sources to see the line, in bazel-out/k8/bin/own_weave; without its rules the package compiles\n"
	for name, c := range map[string]struct {
		woven, plain string // what a shell runs; WOVEN stands for the woven file
		code         int
		want         string
	}{
		"nothing is wrong": {woven: "true", plain: "echo another; exit 1"},
		"nothing is woven": {woven: "echo heard", want: "heard\nown/own.go:1:1: no Go that we know\n"},
		"a warning":        {woven: "echo WOVEN:3:1: heard; echo nothing >&2", want: "own/own.go:3:1: heard\nnothing\n"},
		"the user's mistake": {
			woven: "echo WOVEN:3:60: missing; exit 1", plain: "echo own/own.go:3:20: missing; exit 3", code: 3, want: "own/own.go:3:20: missing\n",
		},
		"inserted code": {
			woven: "echo WOVEN:3:20: undefined: n; echo builder: exit status 1; exit 1", plain: "true", code: 1,
			want: "weave/own.yaml:5:7: code of rule `own/count` does not compile: undefined: n (line 3 of own/own.go)\n" + help + "builder: exit status 1\n",
		},
		"inserted code of two rules, of which nobody knows the place": {
			woven: "echo WOVEN:3: undefined: nowhere; exit 1", plain: "true", code: 1,
			want: "weave/own.yaml: code of rule `own/thrice` does not compile: undefined: nowhere (line 3 of own/own.go)\n" + help +
				"weave/own.yaml: code of rule `own/twice` does not compile: undefined: nowhere (line 3 of own/own.go)\n" + help,
		},
		"a rewriter": {
			woven: "echo WOVEN:9:2: missing return; echo too many errors; exit 1", plain: "true", code: 1,
			want: "weave/own.yaml: code of rewriter `own` does not compile: missing return (line 9 of own/own.go)\n" + help,
		},
		"the file that is added": {
			woven: "echo bazel-out/k8/bin/own_weave/zz_weave.go:4:2: undefined: x; exit 1", plain: "true", code: 1,
			want: "weave/own.yaml:5:7: code of rule `own/count` does not compile: undefined: x (line 4 of bazel-out/k8/bin/own_weave/zz_weave.go)\n" + help,
		},
		"nothing about a file":   {woven: "echo no space left; exit 1", plain: "true", code: 1, want: "no space left\n"},
		"a signal":               {woven: "kill -TERM $$", plain: "true", code: 143},
		"no builder for the std": {woven: "echo WOVEN:1:1: x; exit 2", code: 2, want: "own/own.go:1:1: x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			arguments := weave(t)
			if name == "nothing is woven" {
				arguments[1] = strings.Replace(arguments[1], "own.origins", "unwoven.origins", 1)
			}
			woven := strings.ReplaceAll(c.woven, "WOVEN", arguments[3])
			arguments = append(arguments, "--", "sh", "-c", woven)
			if c.plain != "" {
				arguments = append(arguments, "--plain", "-c", c.plain)
			}
			var stderr bytes.Buffer
			code := run(arguments, &stderr)
			got := stderr.String()
			if name == "no builder for the std" {
				// No rule has anything in the line, so all may have.
				if !strings.HasSuffix(got, c.want) || strings.Count(got, "the package compiles without the code of ") != 4 {
					t.Errorf("says\n%s", got)
				}
				got = c.want
			}
			if code != c.code || got != c.want {
				t.Errorf("%d, and says\n%s\nnot %d and\n%s", code, got, c.code, c.want)
			}
		})
	}
}

// TestPlainEnvironment runs a builder twice: the second time without a variable that the plain build does not have, and without what the
// first made in a directory.
func TestPlainEnvironment(t *testing.T) {
	t.Setenv("WOVEN_ONLY", "1")
	var stderr bytes.Buffer
	params := filepath.Join(t.TempDir(), "params")
	if err := os.WriteFile(params, []byte("-unset\nWOVEN_ONLY\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	made := t.TempDir()
	code := run([]string{"@" + params, "-directory", made, "--", "sh", "-c", "echo >" + made + "/x; exit 1", "--plain", "-c", `echo "is ${WOVEN_ONLY-unset}"; test ! -f ` + made + "/x && exit 1"}, &stderr)
	if code != 1 || stderr.String() != "is unset\n" {
		t.Errorf("%d, and says %s", code, fmt.Sprint(&stderr))
	}
	stderr.Reset()
	if code := run([]string{"-at", "x"}, &stderr); code != 2 || stderr.Len() == 0 {
		t.Errorf("%d, and says %s", code, fmt.Sprint(&stderr))
	}
}

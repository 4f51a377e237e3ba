package e2e

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var twice = flag.Bool("twice", false, "build the weaver again in another directory and compare the bytes (minutes)")

// TestWeaverIsReproducible looks for paths of this machine in the weaver, which is an input of each weave action: with other bytes
// no cache would answer. With -twice it also has another checkout, with nothing that cargo keeps, build it again.
func TestWeaverIsReproducible(t *testing.T) {
	w := open(t, "zoo")
	weaver := weaverOf(w)

	home := os.Getenv("CARGO_HOME")
	if home == "" {
		home = filepath.Join(os.Getenv("HOME"), ".cargo")
	}
	for _, path := range []string{repo(t) + "/", home, filepath.Join(os.Getenv("HOME"), ".rustup"), cacheDir(t, "")} {
		if bytes.Contains(weaver, []byte(path)) {
			t.Errorf("the weaver holds %s", path)
		}
	}
	// The control: it holds paths, by the names that the rule gives them.
	if !bytes.Contains(weaver, []byte("/cargo/registry/")) {
		t.Error("the weaver holds no path of a crate: what was looked for is not there to be found")
	}

	if *twice {
		copied := filepath.Join(t.TempDir(), "elsewhere")
		if err := os.MkdirAll(copied, 0o755); err != nil {
			t.Fatal(err)
		}
		// What is committed, as another machine has it.
		tree := exec.Command("sh", "-c", `git -C "$1" archive HEAD | tar -x -C "$2"`, "sh", repo(t), copied)
		if out, err := tree.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		other := copyOf(t, "zoo", "weaver")
		defer other.try("shutdown")
		other.try("clean", "--expunge")
		other.args = append(other.args, "--override_module=rules_go_weave="+copied, "--repo_env=GOWEAVE_TARGET_DIR="+filepath.Join(t.TempDir(), "target"))
		if again := weaverOf(other); digest(again) != digest(weaver) {
			t.Errorf("the weaver built in %s has other bytes: %d of them, and here %d", copied, len(again), len(weaver))
		}
	}
}

// weaverOf has a workspace build the weaver and returns its bytes.
func weaverOf(w *workspace) []byte {
	w.t.Helper()
	const label = "@goweave_tool//:goweave"
	w.bazel("build", label)
	path := strings.TrimSpace(w.bazel("cquery", "--output=files", label))
	data, err := os.ReadFile(filepath.Join(w.base, path))
	if err != nil {
		w.t.Fatal(err)
	}
	return data
}

package e2e

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shippedLine is an entry of rules/private/catalogue.bzl: a folder and the modules that it is for.
var shippedLine = regexp.MustCompile(`(?m)^    \("[^"]+", "([^"]+)", \[(.*)\], \w+\),$`)

// TestCatalogue builds by Bazel the programs of all libraries that there are instrumentations for, plain and woven, with nothing chosen
// by anybody, and has the test that builds them by `goweave go` run these: the trees, metrics and attributes are the same.
func TestCatalogue(t *testing.T) {
	w := open(t, "catalogue")
	dir := t.TempDir()
	var labels []string
	for _, line := range strings.Fields(w.bazel("query", "kind(go_binary, //...)")) {
		labels = append(labels, line)
	}
	if len(labels) == 0 {
		t.Fatal("there are no programs")
	}
	for name, flags := range map[string][]string{"plain": nil, "woven": {"--config=weave"}} {
		w.bazel("build", append(flags, "//...")...)
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		for label, path := range w.keep(labels, flags...) {
			if err := os.Rename(path, filepath.Join(dir, name, label[strings.LastIndex(label, ":")+1:])); err != nil {
				t.Fatal(err)
			}
		}
	}
	// The report of each has its library. Programs that are not called as their folder are listed by it.
	folders := map[string]string{}
	abouts, err := filepath.Glob(filepath.Join(repo(t), "instrumentation/*/about.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range abouts {
		var about struct{ Programs []string }
		if err := json.Unmarshal(read(t, file), &about); err != nil {
			t.Fatal(err)
		}
		for _, name := range about.Programs {
			folders[name] = filepath.Base(filepath.Dir(file))
		}
	}
	w.bazel("build", "--config=weave_report", "//...")
	for _, label := range labels {
		name := label[strings.LastIndex(label, ":")+1:]
		var report struct {
			Libraries []struct{ Library, Module, Version, Instrumentation, State, Why string }
		}
		if err := json.Unmarshal(w.read("bazel-bin/"+name+".weave_report.json"), &report); err != nil {
			t.Fatal(err)
		}
		var about struct{ Modules []string }
		folder := cmp.Or(folders[name], name)
		if err := json.Unmarshal(read(t, filepath.Join(repo(t), "instrumentation", folder, "about.json")), &about); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, l := range report.Libraries {
			// A build knows the versions of modules in which something is woven; of the AWS SDK that is smithy-go alone.
			known := slices.Contains(about.Modules, l.Module)
			found = found || strings.ReplaceAll(l.Instrumentation, "/", "_") == folder && l.State == "woven" && strings.HasPrefix(l.Version, "v") == known
		}
		if !found {
			t.Errorf("%s: the report has no library that is woven by it: %+v", name, report.Libraries)
		}
	}
	cmd := exec.Command("go", "test", "-count=1", "-v", "-run", "^(TestCatalogue|TestLoggers|TestNetRPC)$", "./instrumentation/internal/weavetest", "-args", "-programs", dir)
	cmd.Dir = repo(t)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, label := range labels {
		if name := label[strings.LastIndex(label, ":")+1:]; !strings.Contains(string(out), "--- PASS: TestCatalogue/"+name+"_newest ") &&
			!strings.Contains(string(out), "--- PASS: TestLoggers/"+name+"_newest ") && name != "net_rpc" {
			t.Errorf("%s was not run\n%s", name, out)
		}
	}
}

// TestChosen holds that a build loads those instrumentations that are for the standard library and for what go_deps resolved, and no
// others: it does not grow with what is shipped.
func TestChosen(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(repo(t), "rules/private/catalogue.bzl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		workspace string
		all       bool
	}{{"catalogue", true}, {"shop", false}} {
		w := open(t, c.workspace)
		loaded := w.bazel("query", "kind(_go_instrumentation, deps(@rules_go_weave//:instrumentations))")
		base := strings.TrimSpace(w.bazel("info", "output_base"))
		lists, err := filepath.Glob(filepath.Join(base, "external/gazelle*go_deps*bazel_gazelle_go_repository_config/WORKSPACE"))
		if err != nil || len(lists) != 1 {
			t.Fatalf("%v %q", err, lists)
		}
		resolved, err := os.ReadFile(lists[0])
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, m := range shippedLine.FindAllStringSubmatch(string(table), -1) {
			want := m[2] == ""
			for _, module := range strings.Split(m[2], ", ") {
				want = want || strings.Contains(string(resolved), "importpath = "+module+",")
			}
			if !want {
				left++
			}
			if got := strings.Contains(loaded, "//instrumentation/"+m[1]+":"); got != want || !want && c.all {
				t.Errorf("%s: instrumentation/%s is loaded: %v; what it is for was resolved: %v", c.workspace, m[1], got, want)
			}
		}
		if !c.all && left == 0 {
			t.Errorf("%s has everything: the test shows nothing", c.workspace)
		}
	}
}

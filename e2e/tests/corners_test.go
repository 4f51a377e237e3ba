package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rulesGo are the releases of rules_go that are tried, each with a gazelle of its time.
var rulesGo = []struct{ version, gazelle string }{
	{"0.50.1", "0.39.1"},
	{"0.55.1", "0.44.0"},
	{"0.60.0", "0.47.0"},
	{"0.65.0", "0.54.0"},
}

// goReleases are tried with each; all but the one on PATH come as Go modules. The tools of gazelle 0.54 need 1.24.12.
var goReleases = []string{"1.24.13", "1.25.0", "1.26.8", "1.27.3"}

// TestCorners builds and runs the web program of e2e/matrix, woven, with the oldest rules_go and the oldest Go, and with the newest of
// both; all other tests have the newest rules_go and the Go on PATH. What of rules_go or of export data only one end has is looked at so
// in every run of CI, and how gazelle says of which version a module is. The cells between the corners, and what takes longer (the plain build to compare with, a test), are for
// ./dev test --matrix.
func TestCorners(t *testing.T) {
	oldest, newest := rulesGo[0], rulesGo[len(rulesGo)-1]
	for _, c := range []struct{ rulesGo, gazelle, release string }{
		{oldest.version, oldest.gazelle, goReleases[0]},
		{newest.version, newest.gazelle, goReleases[len(goReleases)-1]},
	} {
		t.Run(c.rulesGo+"/"+c.release, func(t *testing.T) {
			w := matrixWorkspace(t, c.rulesGo, c.gazelle, c.release)
			defer w.try("shutdown")
			const program = "//web:cmd"
			w.bazel("build", woven, program)
			if wrong := spansOfWeb(t, w.keep([]string{program}, woven)[program]); wrong != "" {
				t.Error(wrong)
			}
			w.bazel("build", woven, "--@rules_go_weave//:instrumentations=//ver:of_version_set", "//ver")
			if out, errs := run(t, 0, nil, w.file("bazel-bin/ver/ver_/ver")); out != "" || errs != versionsSeen {
				t.Errorf("rules for versions of modules: %q and %q", out, errs)
			}
		})
	}
}

// spansOfWeb runs the woven web program and returns what is wrong with what it prints and sends; "" if nothing is.
func spansOfWeb(t *testing.T, program string) string {
	t.Helper()
	otlp := collect(t)
	if out, errs := run(t, 0, otlp.env("web"), program, "/hello/gopher"); out != "hello gopher\n" || errs != "" {
		return fmt.Sprintf("the woven program prints %q and %q", out, errs)
	}
	var names []string
	for _, s := range otlp.all() {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"GET", "GET /hello/{name}"}) {
		return fmt.Sprintf("the woven program's spans are %q", names)
	}
	return ""
}

// versionedModule has go_deps resolve the module that the rules of e2e/shapes/ver are for.
const versionedModule = `
go_deps = use_extension("@gazelle//:extensions.bzl", "go_deps")
go_deps.module(
    path = "github.com/cespare/xxhash/v2",
    sum = "h1:UL815xU9SqsFlibzuggzjXhog7bL6oX9BbNZnL2UFvs=",
    version = "v2.3.0",
)
use_repo(go_deps, "com_github_cespare_xxhash_v2")
`

// versionsSeen is what that program says where the version of a module is known, and that of a package of the repository is not.
const versionsSeen = "own\nthis version\n8\n"

// matrixWorkspace returns a copy of e2e/matrix that uses these versions.
func matrixWorkspace(t *testing.T, rulesGo, gazelle, release string) *workspace {
	t.Helper()
	w := copyOf(t, "matrix", "matrix-"+rulesGo)
	file := filepath.Join(w.dir, "MODULE.bazel")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range [][2]string{{"rules_go", rulesGo}, {"gazelle", gazelle}} {
		text = fmt.Appendf(text, "\nsingle_version_override(\n    module_name = %q,\n    version = %q,\n)\n", m[0], m[1])
	}
	// ./dev has modules of its own in place of these, which Bazel refuses where nothing asks for them; old releases do not.
	text = fmt.Appendf(text, "\nbazel_dep(name = \"gazelle\", version = %q)\n", gazelle)
	for _, m := range [][2]string{{"package_metadata", "0.0.5"}, {"rules_shell", "0.3.0"}} {
		text = fmt.Appendf(text, "bazel_dep(name = %q, version = %q)\n", m[0], m[1])
	}
	// For rules that ask for the version of a module, those of e2e/shapes.
	text = append(text, versionedModule...)
	if err := os.CopyFS(filepath.Join(w.dir, "ver"), os.DirFS(filepath.Join(repo(t), "e2e/shapes/ver"))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	script := exec.Command(filepath.Join(repo(t), "dev.d/matrix.sh"), rulesGo, gazelle)
	script.Stderr = os.Stderr
	flags, err := script.Output()
	if err != nil {
		t.Fatal(err)
	}
	w.args = append(w.args, strings.Fields(string(flags))...)
	w.args = append(w.args, "--repo_env=GOROOT="+goroot(t, release))
	return w
}

// goroot returns where a release of Go is, fetched as a Go module if need be.
func goroot(t *testing.T, release string) string {
	t.Helper()
	cmd := exec.Command("go", "env", "GOROOT")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=go"+release)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("Go %s: %v", release, err)
	}
	return strings.TrimSpace(string(out))
}

//go:build matrix

package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// goReleases are tried with each; all but the one on PATH come as Go modules.
var goReleases = []string{"1.24.0", "1.25.0", "1.26.8", "1.27.3"}

var cells = flag.String("cells", "", "only these: rules_go/go, separated by commas, as 0.60.0/1.24.0,0.65.0/1.27.3")

// TestMatrix builds e2e/matrix plain and woven with each version of rules_go and of Go, and writes docs/compatibility.md.
// A cell whose plain build fails is no failure: rules_go does not work with that Go.
func TestMatrix(t *testing.T) {
	results := readCells(t)
	// The page is of today's text even where no cell is tried.
	writeCells(t, results)
	for _, r := range rulesGo {
		for _, release := range goReleases {
			name := r.version + "/" + release
			if *cells != "" && !slices.Contains(strings.Split(*cells, ","), name) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				c := tryCell(t, r.version, r.gazelle, release)
				if c.Plain == "ok" && c.Woven != "ok" {
					t.Error(c.Woven)
				}
				results = slices.DeleteFunc(results, func(o cell) bool {
					return o.RulesGo == c.RulesGo && o.Go == c.Go && o.Bazel == c.Bazel
				})
				results = append(results, c)
				writeCells(t, results)
			})
		}
	}
}

// TestOlderGo asks for a woven build by a Go that is too old; the plain build is left alone.
func TestOlderGo(t *testing.T) {
	w := matrixWorkspace(t, "0.65.0", "0.54.0", "1.23.0")
	defer w.try("shutdown")
	_, stderr, err := w.try("build", "--nobuild", woven, "//hello")
	const want = "rules_go_weave needs Go 1.24 or newer, and this build has 1.23.0: " +
		"give go_sdk a newer release in MODULE.bazel; the plain build does not need it"
	if err == nil || !strings.Contains(stderr, want) {
		t.Errorf("%v: %s", err, tail(stderr))
	}
}

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

func tryCell(t *testing.T, rulesGo, gazelle, release string) cell {
	t.Helper()
	w := matrixWorkspace(t, rulesGo, gazelle, release)
	defer w.try("shutdown")
	c := cell{RulesGo: rulesGo, Gazelle: gazelle, Go: release, Bazel: bazelVersion(t)}
	labels := []string{"//hello", "//web:cmd"}
	if _, stderr, err := w.try("build", labels...); err != nil {
		c.Plain = lastError(stderr)
		t.Logf("the plain build fails: %s", tail(stderr))
		return c
	}
	c.Plain = "ok"
	plain := w.keep(labels)
	c.Woven = func() string {
		if _, stderr, err := w.try("build", append([]string{woven}, labels...)...); err != nil {
			t.Log(tail(stderr))
			return lastError(stderr)
		}
		wovenPrograms := w.keep(labels, woven)
		if digest(read(t, plain["//hello"])) != digest(read(t, wovenPrograms["//hello"])) {
			return "a program that uses nothing instrumented differs"
		}
		otlp := collect(t)
		if out, errs := run(t, 0, otlp.env("web"), wovenPrograms["//web:cmd"], "/hello/gopher"); out != "hello gopher\n" || errs != "" {
			return fmt.Sprintf("the woven program prints %q and %q", out, errs)
		}
		plainStack, _ := run(t, 0, nil, plain["//web:cmd"], "/stack")
		wovenStack, _ := run(t, 0, collect(t).env("web"), wovenPrograms["//web:cmd"], "/stack")
		if plainStack != wovenStack || !strings.Contains(plainStack, "net/http.serverHandler.ServeHTTP") {
			t.Logf("plain:\n%swoven:\n%s", plainStack, wovenStack)
			return "callers have other files or lines"
		}
		var names []string
		for _, s := range otlp.all() {
			names = append(names, s.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"GET", "GET /hello/{name}"}) {
			return fmt.Sprintf("the woven program's spans are %q", names)
		}
		if _, stderr, err := w.try("test", woven, "//web:web_test"); err != nil {
			t.Log(tail(stderr))
			return "woven test: " + lastError(stderr)
		}
		return "ok"
	}()
	return c
}

func bazelVersion(t *testing.T) string {
	t.Helper()
	out, err := exec.Command(filepath.Join(repo(t), "dev"), "env").Output()
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^bazel +([0-9.]+)`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("./dev env names no Bazel: %s", out)
	}
	return string(m[1])
}

// lastError is what a build that fails says last about why, without paths of this machine.
func lastError(stderr string) string {
	said := "it fails"
	for _, line := range strings.Split(stderr, "\n") {
		for _, mark := range []string{"ERROR: ", "Error in fail: ", "go: ", "error: "} {
			if _, text, ok := strings.Cut(line, mark); ok && !strings.Contains(text, "Build did NOT complete") && !strings.Contains(text, "Analysis of target") {
				said = text
			}
		}
	}
	return regexp.MustCompile(`/[^ :]*/`).ReplaceAllString(said, "…/")
}

func writeCells(t *testing.T, results []cell) {
	t.Helper()
	slices.SortFunc(results, func(a, b cell) int {
		return strings.Compare(a.Bazel+"/"+a.RulesGo+"/"+a.Go, b.Bazel+"/"+b.RulesGo+"/"+b.Go)
	})
	data, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{compatibilityFile: string(data) + "\n", compatibilityPage: page(results)} {
		if err := os.WriteFile(filepath.Join(repo(t), name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

//go:build matrix

package e2e

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var cells = flag.String("cells", "", "only these: rules_go/go, separated by commas, as 0.60.0/1.25.0,0.65.0/1.27.3")

// TestMatrix builds e2e/matrix plain and woven with each version of rules_go and of Go, and writes docs/compatibility.md.
// A cell whose plain build fails is not a failure: rules_go does not work with that Go.
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
	w := matrixWorkspace(t, rulesGo[0].version, rulesGo[0].gazelle, "1.23.0")
	defer w.try("shutdown")
	_, stderr, err := w.try("build", "--nobuild", woven, "//hello")
	const want = "rules_go_weave requires Go 1.24 or newer, and this build has 1.23.0: " +
		"give go_sdk a newer release in MODULE.bazel; the plain build does not need it"
	if err == nil || !strings.Contains(stderr, want) {
		t.Errorf("%v: %s", err, tail(stderr))
	}
	// The control.
	w.bazel("build", "--nobuild", "//hello")
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
		if wrong := spansOfWeb(t, wovenPrograms["//web:cmd"]); wrong != "" {
			return wrong
		}
		plainStack, _ := run(t, 0, nil, plain["//web:cmd"], "/stack")
		wovenStack, _ := run(t, 0, collect(t).env("web"), wovenPrograms["//web:cmd"], "/stack")
		if plainStack != wovenStack || !strings.Contains(plainStack, "net/http.serverHandler.ServeHTTP") {
			t.Logf("plain:\n%swoven:\n%s", plainStack, wovenStack)
			return "callers have other files or lines"
		}
		if _, stderr, err := w.try("test", woven, "//web:web_test"); err != nil {
			t.Log(tail(stderr))
			return "woven test: " + lastError(stderr)
		}
		return "ok"
	}()
	if c.Woven != "ok" {
		// It is not a fault of weaving where Go modules, which only the hooks have here, cannot be built with this Go in a plain build,
		// either: rules_go and gazelle have a say in their versions.
		if _, stderr, err := w.try("build", "@rules_go_weave//runtime/sdk"); err != nil {
			t.Logf("the plain build of the SDK fails: %s", tail(stderr))
			c.Plain, c.Woven = lastError(stderr), ""
		}
	}
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

// saysLittle is what comes after the reason.
var saysLittle = regexp.MustCompile(`Build did NOT complete|Analysis of target|^exit status`)

// needsGo is what the go command says of a module.
var needsGo = regexp.MustCompile(`\S+@v\S+ requires go >= [0-9.]+|go\.work requires go >= [0-9.]+`)

// lastError is what a build that fails says last about why, without paths of this machine.
func lastError(stderr string) string {
	if m := needsGo.FindString(stderr); m != "" {
		return m
	}
	said := "it fails"
	for _, line := range strings.Split(stderr, "\n") {
		for _, mark := range []string{"ERROR: ", "Error in fail: ", "go: ", "error: "} {
			if _, text, ok := strings.Cut(line, mark); ok && !saysLittle.MatchString(text) {
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

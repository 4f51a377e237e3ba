//go:build between

package weavetest

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// betweens is how many versions of a library are tried between the oldest and the newest one.
const betweens = 3

// TestBetween builds each library's program with versions between the oldest and the newest one, of those that the module proxy lists,
// evenly spread, and runs it: the tree is that of the newest version, or of the oldest. What was tried goes to testdata/NAME/between.json,
// from where docs/catalogue.md has it. A version by which the plain program does not build, or with which it does something else, is passed over.
func TestBetween(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range slices.Sorted(maps.Keys(catalogue)) {
		l := catalogue[folder]
		if l.byHand || l.of != "" {
			continue
		}
		t.Run(folder+"_", func(t *testing.T) {
			var env []string
			if l.server != nil {
				env = l.server(t)
			}
			tryBetween(t, goweave, folder, func(t *testing.T, plain, woven string) bool {
				for _, u := range l.programs[:min(1, len(l.programs))] {
					c := NewCollector()
					defer c.Close()
					want, got := run(t, plain, u.name, env...), run(t, woven, u.name, slices.Concat(env, u.env, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL})...)
					if want.code != 0 {
						t.Logf("passed over: %+v", want)
						return false
					}
					if want.normal() != got.normal() {
						t.Errorf("plain: %+v\nwoven: %+v", want, got)
					}
					if tree := Tree(c.Take()); u.names == nil && u.bounded == 0 && tree != u.tree && tree != u.oldest {
						t.Errorf("tree\n%swant\n%s", tree, u.tree)
					}
				}
				return true
			})
		})
	}
	for _, l := range loggers {
		t.Run(l.folder+"_", func(t *testing.T) {
			tryBetween(t, goweave, l.folder, func(t *testing.T, plain, woven string) bool {
				want := run(t, plain, "")
				if want.code != 0 {
					t.Logf("passed over: %+v", want)
					return false
				}
				l.test(t, want, woven, nil)
				return true
			})
		})
	}
}

// tryBetween builds a library's program with the versions that are to be tried, plain and woven, and has check run both, which tells
// whether they do what they did with the newest version. It writes between.json.
func tryBetween(t *testing.T, goweave, folder string, check func(t *testing.T, plain, woven string) bool) {
	dir := filepath.Join(Root(), "instrumentation/internal/weavetest/testdata", folder)
	tried := struct {
		Date     string              `json:"date"`
		Versions map[string][]string `json:"versions"` // by module
	}{time.Now().UTC().Format(time.DateOnly), map[string][]string{}}
	for module, versions := range versionsBetween(t, folder, dir) {
		for _, version := range versions {
			t.Run(version, func(t *testing.T) {
				at := copied(t, dir, "newest")
				for _, words := range [][]string{{"get", module + "@" + version}, {"mod", "tidy"}} {
					cmd := exec.Command("go", words...)
					cmd.Dir = at
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Logf("passed over: %v\n%s", err, out)
						return
					}
				}
				plain := filepath.Join(at, "plain")
				cmd := exec.Command("go", "build", "-o", plain, ".")
				cmd.Dir = at
				cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Logf("passed over: %v\n%s", err, out)
					return
				}
				if check(t, plain, buildsIn(t, at)("woven", goweave, "go", "build")) && !t.Failed() {
					tried.Versions[module] = append(tried.Versions[module], strings.TrimPrefix(version, "v"))
				}
			})
		}
	}
	text, err := json.MarshalIndent(tried, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "between.json"), append(text, '\n'), 0o666)
	}
	if err != nil {
		t.Error(err)
	}
}

// versionsBetween returns the versions of a library's modules that are to be tried, by module.
func versionsBetween(t *testing.T, folder, dir string) map[string][]string {
	text, err := os.ReadFile(filepath.Join(Root(), "instrumentation", folder, "about.json"))
	if err != nil {
		t.Fatal(err)
	}
	var about struct{ Modules []string }
	if err := json.Unmarshal(text, &about); err != nil {
		t.Fatal(err)
	}
	required := func(mod, module string) string {
		text, err := os.ReadFile(filepath.Join(dir, mod))
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`(?m)^(?:require)?\s+` + regexp.QuoteMeta(module) + ` (\S+)`).FindSubmatch(text)
		if m == nil {
			return ""
		}
		return string(m[1])
	}
	all := map[string][]string{}
	for _, module := range about.Modules {
		oldest, newest := required("oldest/go.mod", module), required("go.mod", module)
		if oldest == "" || newest == "" {
			continue
		}
		cmd := exec.Command("go", "list", "-m", "-versions", module)
		cmd.Dir = dir
		out, err := output(cmd)
		if err != nil {
			t.Fatal(err)
		}
		listed := strings.Fields(out)[1:] // in their order
		from, to := slices.Index(listed, oldest)+1, slices.Index(listed, newest)
		if to < 0 {
			to = len(listed)
		}
		listed = slices.DeleteFunc(listed[from:max(from, to)], func(v string) bool { return strings.Contains(v, "-") })
		if len(listed) > betweens {
			picked := make([]string, betweens)
			for i := range picked {
				picked[i] = listed[(i+1)*len(listed)/(betweens+1)]
			}
			listed = picked
		}
		all[module] = listed
	}
	return all
}

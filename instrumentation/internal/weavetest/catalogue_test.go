package weavetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// library is a program in testdata that uses one library of the catalogue, at the newest version that was tried; oldest/ beside it has
// the go.mod with the oldest one.
type library struct {
	programs []use
	server   func(t *testing.T) []string // starts what the programs need, once for all, and returns the environment that tells of it
	of       string                      // the folder of instrumentation/ that it is another case for; it has no row of its own
	heavy    bool                        // it takes minutes to compile: ./dev test catalogue alone builds it
	byHand   bool                        // the program instruments the library itself, at its newest version; others' spans follow conventions of their own
}

// use is one run of the program.
type use struct {
	name    string
	env     []string
	tree    string
	oldest  string            // the tree with the oldest version, if that is another one
	names   []string          // in place of the tree: the names that there are, in the order of letters
	bounded int               // in place of the tree: how many names there may be
	metrics map[string]uint64 // the durations' names, and how many were measured; 0 for others, which must be there
	check   func(t *testing.T, spans []Span)
}

// catalogue has the libraries by folder, of instrumentation/ and of testdata/: each folder's file, catalogue_NAME_test.go, adds its own.
var catalogue = map[string]library{}

// rewrite has TestCatalogue write what programs emit beside them, from where docs/catalogue.md is made.
var rewrite = flag.Bool("update", false, "write testdata/NAME/emitted.json in place of comparing")

// programs has TestCatalogue run what somebody else has built: e2e/tests, by Bazel.
var programs = flag.String("programs", "", "run DIR/plain/NAME and DIR/woven/NAME in place of building them")

// oldest has programs built with the oldest versions of their libraries, too, which takes as long again.
var oldest = flag.Bool("oldest", false, "build the programs with the oldest versions of their libraries as well")

// latest has TestCatalogue try what the module proxy has now.
var latest = flag.Bool("latest", false, "build the programs with the latest versions of their libraries, in place of those that go.mod names")

// TestCatalogue builds each library's program by `goweave go`, with the newest version, and if asked for with the oldest, and runs it: it does what
// the plain program does, and its spans and metrics are those that the table has, by the conventions that it follows.
func TestCatalogue(t *testing.T) {
	versions, goweave := tried(t)
	semconv := moduleFolder(t, "go.opentelemetry.io/otel@v1.47.0") + "/semconv/"
	known := readConventions(t, semconv+"v1.43.0")
	known.addGenAI(readConventions(t, semconv+"v1.41.0"))
	for _, folder := range slices.Sorted(maps.Keys(catalogue)) {
		for _, version := range versions {
			l := catalogue[folder]
			if l.byHand && version != "newest" || *programs != "" && (l.byHand || l.of != "") && !built(folder) || l.slow(t, folder) && !*oldest && !*latest {
				continue
			}
			t.Run(folder+" "+version, func(t *testing.T) {
				dir := filepath.Join(Root(), "instrumentation/internal/weavetest/testdata", folder)
				at := dir
				if version != "newest" {
					at = copied(t, dir, version)
				}
				build := builder(t, folder, at)
				plain, woven := build("plain", "go", "build"), build("woven", goweave, "go", "build")
				var env []string
				if l.server != nil {
					env = l.server(t)
				}
				all := newEmitted()
				for _, u := range l.programs {
					if version == "oldest" && u.oldest != "" {
						u.tree = u.oldest
					}
					t.Run(u.name+" "+strings.Join(u.env, " "), func(t *testing.T) {
						u.test(t, !l.byHand, known, env, plain, woven, func(scope string) *emitted {
							if strings.HasSuffix(scope, "/"+folder) {
								return all
							}
							return newEmitted()
						})
					})
				}
				if version == "newest" && !l.byHand && l.of == "" {
					all.compare(t, filepath.Join(dir, "emitted.json"))
				}
			})
		}
	}
}

// slow reports whether the program takes minutes to compile, or its library as about.json says: ./dev test catalogue alone builds it.
func (l library) slow(t *testing.T, folder string) bool {
	return l.heavy || readAbout(t, cmp.Or(l.of, strings.TrimSuffix(folder, "_byhand"))).Slow
}

// about is what the harness wants to know of a folder of instrumentation/.
type about struct {
	Modules []string
	Slow    bool
}

func readAbout(t *testing.T, folder string) (a about) {
	text, err := os.ReadFile(filepath.Join(Root(), "instrumentation", folder, "about.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// compare holds that what docs/catalogue.md says of metrics and attributes is what programs emit.
func (e emitted) compare(t *testing.T, file string) {
	lists := map[string][]string{
		"attributes": slices.AppendSeq([]string{}, maps.Keys(e.attributes)),
		"metrics":    slices.AppendSeq([]string{}, maps.Keys(e.metrics)),
	}
	for _, list := range lists {
		slices.Sort(list)
	}
	got, err := json.MarshalIndent(lists, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *rewrite {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(file); !bytes.Equal(got, want) {
		t.Errorf("what the program emits is not what %s has: %v\n%s\nhelp: where it is as meant, run the test with -args -update, and then ./dev generate",
			file, err, got)
	}
}

// test runs it; what a scope emits goes where `of` says. All of it is ours, or not.
func (u use) test(t *testing.T, ours bool, known conventions, env []string, plain, woven string, of func(scope string) *emitted) {
	c := NewCollector()
	defer c.Close()
	want, got := run(t, plain, u.name, env...), run(t, woven, u.name, slices.Concat(env, u.env, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL})...)
	if want.normal() != got.normal() || want.code != 0 {
		t.Errorf("plain: %+v\nwoven: %+v", want, got)
	}
	e := *newEmitted()
	spans := c.Take()
	for _, s := range spans {
		for _, kv := range s.Attributes {
			e.attributes[kv.Key], of(s.Scope).attributes[kv.Key] = kv.Value, kv.Value
		}
		if strings.Contains(s.String(), "secret") {
			t.Errorf("a secret in %v", s)
		}
	}
	names := map[string]bool{}
	for _, s := range spans {
		names[s.Name] = true
	}
	if u.bounded > 0 {
		if len(names) < 2 || len(names) > u.bounded {
			t.Errorf("%d names", len(names))
		}
	} else if u.names != nil {
		if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, u.names) {
			t.Errorf("the names are %q, and not %q", got[:min(len(got), 20)], u.names)
		}
	} else if got := Tree(spans); got != u.tree {
		t.Errorf("tree\n%swant\n%s", got, u.tree)
	}
	if u.check != nil {
		u.check(t, spans)
	}
	counts := map[string]uint64{}
	for _, m := range c.AllMetrics() {
		if strings.HasPrefix(m.Name, "go.") {
			continue
		}
		own := of(c.ScopeOf(m.Name))
		e.metrics[m.Name], own.metrics[m.Name] = m, m
		for _, p := range m.GetHistogram().GetDataPoints() {
			counts[m.Name] += p.Count
			for _, kv := range p.Attributes {
				e.attributes[kv.Key], own.attributes[kv.Key] = kv.Value, kv.Value
			}
		}
	}
	for name, n := range u.metrics {
		if e.metrics[name] == nil {
			t.Errorf("there is no %s", name)
		} else if n != 0 && counts[name] != n {
			t.Errorf("%s was measured %d times, and not %d", name, counts[name], n)
		}
	}
	if !ours {
		return
	}
	for _, fault := range known.faults(e) {
		t.Error(fault)
	}
}

// builder returns what builds the program of a library, in dir, by a command. Under Bazel it is there already, by its name.
func builder(t *testing.T, folder, dir string) func(name string, command ...string) string {
	if *programs != "" {
		return func(name string, _ ...string) string { return filepath.Join(*programs, name, folder) }
	}
	return buildsIn(t, dir)
}

// built tells whether somebody else has built a program.
func built(folder string) bool {
	_, err := os.Stat(filepath.Join(*programs, "woven", folder))
	return err == nil
}

// buildsIn returns what builds the program in dir by a command, without cgo.
func buildsIn(t *testing.T, dir string) func(name string, command ...string) string {
	return func(name string, command ...string) string {
		out := filepath.Join(t.TempDir(), name)
		cmd := exec.Command(command[0], append(command[1:], "-o", out, ".")...)
		cmd.Dir = dir
		cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root(), "CGO_ENABLED=0")
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// tried returns which versions are to be tried, and what builds the programs.
func tried(t *testing.T) (versions []string, goweave string) {
	if *programs != "" {
		return []string{"newest"}, ""
	}
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	if *latest {
		return []string{"latest"}, goweave
	}
	if *oldest {
		return []string{"newest", "oldest"}, goweave
	}
	return []string{"newest"}, goweave
}

// copied copies a program, with its go.mod for the oldest version, or with one that asks for the latest one.
func copied(t *testing.T, dir, version string) string {
	to := t.TempDir()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	mod := dir
	if version == "oldest" {
		mod = filepath.Join(dir, "oldest")
	}
	for _, f := range slices.Concat(files, []string{filepath.Join(mod, "go.mod"), filepath.Join(mod, "go.sum")}) {
		b, err := os.ReadFile(f)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(f)), b, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if version != "latest" {
		return to
	}
	modules := readAbout(t, filepath.Base(dir)).Modules
	command := func(words ...string) string {
		cmd := exec.Command("go", words...)
		cmd.Dir = to
		out, err := output(cmd)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, m := range strings.Fields(command("list", "-m", "-f", "{{if not .Indirect}}{{.Path}}{{end}}", "all")) {
		if slices.Contains(modules, m) {
			command("get", m+"@latest")
			t.Log(strings.TrimSpace(command("list", "-m", m)))
		}
	}
	command("mod", "tidy")
	return to
}

// moduleFolder returns where a module is, which need not be required.
func moduleFolder(t *testing.T, module string) string {
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = t.TempDir()
	out, err := output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatal(err)
	}
	return found.Dir
}

package e2e

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// kinds are programs of e2e/zoo/kinds in modes of their own, which //... leaves out. That with the memory sanitizer is in TestMsan.
var kinds = []string{
	"//kinds:cross", "//kinds/cmd:optimized", "//kinds/cmd:pie", "//kinds/cmd:pure", race, "//kinds/cmd:tagged",
	"//kinds/exported:archive_user", "//kinds/exported:shared_user", "//kinds/plugin:host",
}

const (
	plugin = "//kinds/plugin"
	race   = "//kinds/cmd:race"
	msan   = "//cgo:msan"
)

// TestKinds builds every kind of target and mode plain and woven and runs what comes out: both must print the same, and the woven one
// must call the hook.
func TestKinds(t *testing.T) {
	w := open(t, "zoo")
	flags := []string{"--stamp", "--embed_label=spring"}
	set := append(slices.Clone(flags), woven, "--@rules_go_weave//:instrumentations=//kinds:set")
	programs := append([]string{"//kinds/cmd"}, kinds...)
	built := func(flags []string) (kept map[string]string, sources, libraries string) {
		t.Helper()
		stdout, stderr, err := w.try("test", append(flags, append(kinds, plugin, "//kinds/...")...)...)
		if err != nil {
			t.Fatalf("%v\n%s%s", err, stdout, tail(stderr))
		}
		kept = w.keep(programs, flags...)
		// What programs load when they run.
		libraries = t.TempDir()
		for _, path := range strings.Fields(w.bazel("cquery", append(flags, "--output=files", plugin+" + //kinds/exported:shared")...)) {
			put(t, filepath.Join(libraries, filepath.Base(path)), string(w.read(path)))
		}
		return kept, digest(w.read("bazel-bin/kinds/path.zip")), libraries
	}
	plain, plainSources, plainLibraries := built(flags)
	woven, wovenSources, wovenLibraries := built(set)

	said := func(tag string) string {
		return fmt.Sprintf("good day 42 %[1]s zoo spring, good day 42 %[1]s zoo spring\n", tag)
	}
	const entered = `enter example.com/zoo/kinds/user.SayTwice
enter example.com/zoo/kinds/lib.Say
enter example.com/zoo/kinds/lib.SaySum
enter example.com/zoo/kinds/lib.Say
enter example.com/zoo/kinds/lib.SaySum
`
	const vendored, other = "enter example.com/vendored.Say\n", "enter example.com/other.Say\n"
	// By cgo and by Go alone. What cgo reads says where it is, and is called by C, too.
	const here = "enter example.com/zoo/kinds/c.SayWhere\n"
	const pure = "enter example.com/zoo/kinds/c.SayTwice\n" + vendored + other + here + "enter example.com/zoo/kinds/c.sayPlain\nenter example.com/zoo/kinds/c/nocgo.SayWhere\n"
	const cgo = "enter example.com/zoo/kinds/c.SayTwice\nenter example.com/zoo/kinds/c.sayTwice\n" + vendored + other + here +
		"enter example.com/zoo/kinds/c.sayBack\nenter example.com/zoo/kinds/c.sayPlain\nenter example.com/zoo/kinds/c/nocgo.SayWhere\n"
	const places = "\nkinds/c/where.go:23 kinds/c/where.go:9 2 plain.go:9 kinds/c/no_cgo.go:11\n"
	const purePlaces = "\nkinds/c/plain.go:9 kinds/c/no_cgo.go:11\n"
	for _, program := range programs {
		t.Run(program, func(t *testing.T) {
			out, err, where := said("untagged")+"42 vendored go1.26", entered+cgo, places
			var plainArgs, wovenArgs []string
			switch {
			case program == "//kinds:cross":
				out, err, where = said("untagged")+"42 vendored go1.25.0", entered+pure, purePlaces
			case program == "//kinds/cmd:pure":
				err, where = entered+pure, purePlaces
			case program == "//kinds/cmd:tagged":
				out = said("tagged") + "42 vendored go1.26"
			case strings.HasPrefix(program, "//kinds/exported:"):
				// Its main package is given to cgo, and has the function that C calls.
				out, err, where = said("untagged"), "enter example.com/zoo/kinds/exported.sayIt\n"+entered, ""
			case program == "//kinds/plugin:host":
				out, err, where = said("untagged")+"plugin: "+said("untagged"), entered+entered, ""
				plainArgs, wovenArgs = []string{plainLibraries + "/plugin.so"}, []string{wovenLibraries + "/plugin.so"}
			}
			plainOut, plainErr := run(t, 0, []string{"LD_LIBRARY_PATH=" + plainLibraries}, plain[program], plainArgs...)
			wovenOut, wovenErr := run(t, 0, []string{"LD_LIBRARY_PATH=" + wovenLibraries}, woven[program], wovenArgs...)
			if !strings.HasPrefix(plainOut, out) || !strings.HasSuffix(plainOut, where) || plainErr != "" {
				t.Errorf("plain prints %q and %q, not %q ... %q", plainOut, plainErr, out, where)
			}
			if wovenOut != plainOut || wovenErr != err {
				t.Errorf("woven prints %q and %q, not %q and %q", wovenOut, wovenErr, plainOut, err)
			}
			for _, path := range []string{plain[program], woven[program]} {
				if got, want := detectsRaces(t, path), program == race; got != want {
					t.Errorf("%s has the race detector: %t", path, got)
				}
			}
		})
	}
	if plainSources != wovenSources {
		t.Error("go_path has other sources in a woven build")
	}
}

// detectsRaces reports whether a program says that it was built with the race detector, and has it.
func detectsRaces(t *testing.T, program string) bool {
	t.Helper()
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		// A program in C has a library with none.
		return false
	}
	says := slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "-race" && s.Value == "true" })
	return says && bytes.Contains(read(t, program), []byte("ThreadSanitizer"))
}

// TestMsan builds a program with the memory sanitizer, plain and woven, and runs it. All C of such a build must be compiled by clang.
func TestMsan(t *testing.T) {
	if out, err := exec.Command(filepath.Join(repo(t), "dev.d/clang.sh")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := open(t, "zoo")
	for _, mode := range []struct {
		flags []string
		spans []string
	}{
		{[]string{"--repo_env=CC=clang"}, nil},
		{[]string{"--repo_env=CC=clang", woven}, []string{"GET", "GET /hello/{name}"}},
	} {
		w.bazel("build", append(mode.flags, msan)...)
		program := w.keep([]string{msan}, mode.flags...)[msan]
		c := collect(t)
		if out, errs := run(t, 0, c.env("cgo"), program); out != "hello 42 <nil>\n" || errs != "" {
			t.Errorf("%v: prints %q and %q", mode.flags, out, errs)
		}
		wantTree(t, c, mode.spans...)
		// The control: the sanitizer is there, and ends the program where it reads what nobody has written.
		if _, errs := run(t, 1, collect(t).env("cgo"), program, "uninitialized"); !strings.Contains(errs, "MemorySanitizer: use-of-uninitialized-value") {
			t.Errorf("%v: the memory sanitizer finds nothing: %s", mode.flags, errs)
		}
	}
}

// TestNothingElseChanges compares the action graphs of the plain and the woven build of e2e/zoo, all modes included. The action of
// a package that no rule matches must be the plain action; what may differ is named here.
func TestNothingElseChanges(t *testing.T) {
	w := open(t, "zoo")
	// A plain build leaves reports of several programs out, and with them a test that only they ask for.
	expression := "deps(//... - filter(':(weave_report|unmet_weave_report|woven_test)$', //...) + " + strings.Join(append(kinds, plugin, msan), " + ") + ")"
	plain := w.actions(expression)
	hooks := hookClosure(t, w)
	woven := w.actions(expression, woven)
	diff := compareActions(plain, woven, hooks)
	for _, text := range diff.wrong {
		t.Error(text)
	}
	for what, n := range map[string]int{"compiles": diff.compiles, "mains": diff.mains, "links": diff.links, "hooks": diff.hooks} {
		if n == 0 {
			t.Errorf("no %s are other ones: the comparison shows nothing", what)
		}
	}
	t.Logf("%d plain actions, %d woven; other compiles %d, mains %d, links %d; of hooks %d", len(plain), len(woven), diff.compiles, diff.mains, diff.links, diff.hooks)

	// The controls: whatever is changed in one action of a package that no rule matches is found.
	const name = "bazel-out/k8-fastbuild/bin/weave/audit/audit.a"
	for what, change := range map[string]func(*action){
		"mnemonic": func(a *action) { a.Mnemonic = "GoCompile" },
		"label":    func(a *action) { a.Label = "//another" },
		"key":      func(a *action) { a.Key = "0" },
		"inputs":   func(a *action) { a.Inputs = "0" },
		"outputs":  func(a *action) { a.Outputs = "0" },
	} {
		changed := maps.Clone(woven)
		a, ok := changed[name]
		if !ok {
			t.Fatalf("no action makes %s", name)
		}
		change(&a)
		changed[name] = a
		if n := len(compareActions(plain, changed, hooks).wrong); n != len(diff.wrong)+1 {
			t.Errorf("another %s is not found", what)
		}
	}
	lost := maps.Clone(woven)
	delete(lost, name)
	if n := len(compareActions(plain, lost, hooks).wrong); n != len(diff.wrong)+1 {
		t.Error("a lost action is not found")
	}
}

// differences are those of two action graphs.
type differences struct {
	wrong                         []string
	compiles, mains, links, hooks int // what may differ, counted
}

// compareActions compares the actions of a plain and a woven build, by the path of their first output.
func compareActions(plain, woven map[string]action, hooks []string) differences {
	var d differences
	wrong := func(format string, args ...any) { d.wrong = append(d.wrong, fmt.Sprintf(format, args...)) }
	configuration := func(path string) string {
		parts := strings.SplitN(path, "/", 3)
		return parts[min(1, len(parts)-1)]
	}
	// The targets with packages that are woven, and with hooks.
	compiled, hooked, twice := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for path, a := range woven {
		switch a.Mnemonic {
		case "GoCompilePkg":
			// For nogo, which reads what cgo makes of the originals.
			if strings.Contains(path, "_unwoven/") {
				twice[configuration(path)+" "+a.Label] = true
			}
		case "GoWeave":
			compiled[configuration(path)+" "+a.Label] = true
		case "GoWeaveMain":
			hooked[configuration(path)+" "+a.Label] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(plain)) {
		p := plain[path]
		w, ok := woven[path]
		target := configuration(path) + " " + p.Label
		switch {
		case !ok:
			wrong("no action of the woven build makes %s (%s %s)", path, p.Mnemonic, p.Label)
		case p == w:
		case p.Mnemonic != w.Mnemonic || p.Label != w.Label || p.Outputs != w.Outputs && !(p.Mnemonic == "GoCompilePkg" && twice[target]):
			wrong("%s: %s %s is %s %s", path, p.Mnemonic, p.Label, w.Mnemonic, w.Label)
		case p.Mnemonic == "GoCompilePkg" && hooked[target]:
			d.mains++
		case strings.HasPrefix(p.Mnemonic, "GoCompilePkg") && compiled[target]:
			d.compiles++
		case p.Mnemonic == "GoLink" && hooked[target]:
			d.links++
		case p.Mnemonic == "RepoMappingManifest" && p.Inputs == w.Inputs:
			// Its key names every package that was loaded for its target, the toolchain's too; not all of them are in the manifest.
		default:
			wrong("%s: %s %s is another action (inputs differ: %t, key differs: %t)", path, p.Mnemonic, p.Label, p.Inputs != w.Inputs, p.Key != w.Key)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(woven)) {
		w := woven[path]
		_, ok := plain[path]
		of := configuration(path)
		switch {
		case ok, strings.HasPrefix(w.Mnemonic, "GoWeave"):
		case twice[of+" "+w.Label] && compiled[of+" "+w.Label] && strings.Contains(path, "_unwoven/"):
		case w.Label == stdLabel, slices.Contains(hooks, w.Label):
			d.hooks++
		case strings.Contains(of, "-exec"), strings.Contains(of, "-ST-") && (strings.HasPrefix(w.Label, "@@rules_go~//") || !strings.Contains(w.Mnemonic, "Go")):
			// Tools of the weaver, and in the configurations of its stages what rules_go has for all of a configuration, and what
			// is written of every target, such as the metadata of modules.
		default:
			wrong("only the woven build has %s (%s %s)", path, w.Mnemonic, w.Label)
		}
	}
	return d
}

// stdLabel is the target that compiles the woven packages of the standard library.
const stdLabel = "@@rules_go_weave~//rules/toolchain:std"

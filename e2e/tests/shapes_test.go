package e2e

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// every is the set of instrumentations with a hook that does nothing in every function of every package.
const every = "--@rules_go_weave//:instrumentations=@rules_go_weave//testdata/every:set"

// TestShapes weaves every function of targets of every shape, tests with hooks included: those that rules_go compiles again for a test, that
// have no Go files, or of another package first, that Bazel configures twice. What passes plain passes woven.
func TestShapes(t *testing.T) {
	for _, name := range []string{"shapes", "zoo"} {
		t.Run(name, func(t *testing.T) {
			w := open(t, name)
			// Programs of a test are built, and their tests run.
			pattern := []string{"//..."}
			if name == "zoo" {
				// What is required of the zoo's own rules is not there, and the package of a rewriter that counts is woven once more.
				pattern = []string{"--build_tests_only=false", "--", "//...", "-//:weave_report"}
			}
			for _, flags := range [][]string{nil, {woven, "--@rules_go_weave//:tests=on", "--test_env=OTEL_TRACES_EXPORTER=none", every}} {
				if name == "zoo" && flags == nil {
					continue // TestPlainAndWoven builds it.
				}
				stdout, stderr, err := w.try("test", append(append(flags, "--keep_going"), pattern...)...)
				if err != nil {
					t.Errorf("%v: %v\n%s%s", flags, err, stdout, tail(stderr))
				}
			}
		})
	}
	// The control: all of this is woven, packages that are compiled again for a test too, and into both of a test's packages.
	w := open(t, "shapes")
	actions := w.actions("mnemonic(GoWeave, deps(//rec:a_test + //order:order_test))", woven, "--@rules_go_weave//:tests=on", every)
	for _, want := range []string{"/rec/b_weave/", "/rec/b.recompile_a_test_", "/rec/a_testexclude.recompileinternal_weave/", "/order/order_testexclude_weave/"} {
		paths := slices.Sorted(maps.Keys(actions))
		if !slices.ContainsFunc(paths, func(path string) bool { return strings.Contains(path, want) }) {
			t.Errorf("no action weaves %s: %v", want, paths)
		}
	}
}

// TestMistakenPackages builds packages that a compiler or cgo refuses, each for another mistake: woven as plain, it is told in the same words, with the
// same paths, lines and columns; and so are warnings of C of a package that compiles.
func TestMistakenPackages(t *testing.T) {
	w := open(t, "shapes")
	// By target and the name of its archive.
	mistakes := map[string]string{
		"absent":       `mistaken/absent.go: import of "example.com/shapes/nowhere"`,
		"both":         "mistaken/both.go:3:25: ",
		"embedded":     "mistaken/embedded.go:5:12: ",
		"inside_test":  "mistaken/inside_test.go:6:14: ",
		"itself":       `mistaken/itself.go: import of "example.com/shapes/mistaken/itself"`,
		"left":         "mistaken/left.go:3:12: ",
		"made":         "",
		"many":         "too many errors",
		"outside_test": "mistaken/outside_test.go:10:20: ",
		"right":        "mistaken/right.go:3:25: ",
		"syntax":       "/bin/mistaken/generated/syntax.go:5:32: ",
		"twice":        "mistaken/twice.go:3:6: ",
		"unused":       "mistaken/unused.go:8:14: ",
		// What cgo reads, and a C compiler.
		"block":    "mistaken/block.go:3:33: ",
		"close":    "mistaken/close.go:5:40: ",
		"exported": "mistaken/exported.go:3:17: ",
		"line":     "mistaken/line.go:5:33: ",
		"listed":   "mistaken/listed.go:7:48: ",
		"types":    "mistaken/types.go:12:9: ",
		"unknown":  "mistaken/unknown.go:7:23: ",
		"warned":   "mistaken/warned.go:5:10: ",
	}
	for _, flags := range [][]string{nil, {"--experimental_output_paths=strip"}} {
		// Where Bazel maps output paths, that of a source that is made says so.
		mistakes["made"] = "bazel-out/k8-fastbuild/bin/mistaken/generated/made.go:3:25: "
		if flags != nil {
			mistakes["made"] = strings.Replace(mistakes["made"], "k8-fastbuild", "cfg", 1)
		}
		plain := mistakesSaid(w, slices.Collect(maps.Keys(mistakes)), flags...)
		woven := mistakesSaid(w, slices.Collect(maps.Keys(mistakes)), append(flags, woven, every)...)
		for name, place := range mistakes {
			if !strings.Contains(plain[name], place) {
				t.Errorf("%v: no %q in what the plain build says of %s:\n%s", flags, place, name, plain[name])
			}
			if woven[name] != plain[name] {
				t.Errorf("%v: of %s the woven build says\n%s\nnot\n%s", flags, name, woven[name], plain[name])
			}
		}
	}
	// The control: in the text that was compiled, the mistake is at another column.
	w.try("build", woven, every, "--output_groups=weave_sources", "//mistaken:right")
	text := string(w.read("bazel-bin/mistaken/right_weave/right.go"))
	if column := strings.Index(strings.Split(text, "\n")[2], `"one"`) + 1; column <= 25 {
		t.Errorf("the mistake is at column %d of the woven text, too:\n%s", column, text)
	}
}

// TestMistakenRules builds packages where code that rules insert does not compile: the rule is named, by its line. A mistake of the user's
// own comes first.
func TestMistakenRules(t *testing.T) {
	w := open(t, "shapes")
	const set = "--@rules_go_weave//:instrumentations=//mistaken:"
	plain := mistakesSaid(w, []string{"both"})
	said := mistakesSaid(w, []string{"both", "sound", "inside_test"}, woven, set+"rules_set")
	if said["both"] != plain["both"] || plain["both"] == "" {
		t.Errorf("the woven build says\n%s\nnot\n%s", said["both"], plain["both"])
	}
	for _, want := range []string{
		"mistaken/rules.yaml:5:12: code of rule `rules/typo` does not compile: undefined: nowhere (line 3 of mistaken/sound.go)",
		"mistaken/rules.yaml:11:12: code of rule `rules/shown` does not compile: cannot use \"shown\"",
		"/bin/mistaken/sound_weave; without its rules the package compiles",
	} {
		if !strings.Contains(said["sound"], want) {
			t.Errorf("no %q in\n%s", want, said["sound"])
		}
	}
	// A mistake of the test comes before that of the rule, too.
	if !strings.Contains(said["inside_test"], "mistaken/inside_test.go:6:14: ") || strings.Contains(said["inside_test"], "rules.yaml") {
		t.Errorf("of the test is said\n%s", said["inside_test"])
	}
	_, stderr, err := w.try("build", woven, set+"std_rules_set", "//web")
	if want := "mistaken/std_rules.yaml:5:12: code of rule `std_rules/typo` does not compile: undefined: nowhere (line "; err == nil || !strings.Contains(stderr, want) {
		t.Errorf("%v: no %q in\n%s", err, want, tail(stderr))
	}
}

// mistakesSaid builds targets of //mistaken that do not all compile, and returns what the compiles say, by target.
func mistakesSaid(w *workspace, names []string, flags ...string) map[string]string {
	w.t.Helper()
	flags = append(slices.Clone(flags), "--keep_going", "--color=no", "--curses=no", "--noshow_progress")
	for _, name := range names {
		flags = append(flags, "//mistaken:"+name)
	}
	_, stderr, err := w.try("build", flags...)
	if err == nil {
		w.t.Fatalf("%v: the build succeeds", flags)
	}
	// What does not parse is the compiler's to say, and nobody else's.
	if strings.Contains(stderr, "nothing is woven into") {
		w.t.Errorf("%v: a package that does not parse is told twice:\n%s", flags, tail(stderr))
	}
	texts := map[string]string{}
	of := ""
	for _, line := range strings.SplitAfter(sandboxes.ReplaceAllString(stderr, "sandbox"), "\n") {
		if found := compiles.FindStringSubmatch(line); found != nil {
			// The package of a test that is another one.
			of = strings.Replace(found[1], "_test_test", "_test", 1)
			continue
		}
		for _, start := range []string{"ERROR: ", "INFO: ", "WARNING: ", "Target ", "Use --"} {
			if strings.HasPrefix(line, start) && of != "" {
				if start != "Use --" || !strings.Contains(line, "sandbox_debug") {
					of = ""
				}
				line = ""
			}
		}
		if of != "" && strings.TrimSpace(line) != "" {
			texts[of] += line
		}
	}
	return texts
}

var (
	// sandboxes finds the folder of an action's sandbox, which has a number.
	sandboxes = regexp.MustCompile(`sandbox/linux-sandbox/\d+`)
	// compiles finds the name of an archive of //mistaken, in the line in which Bazel begins to say what is said about it.
	compiles = regexp.MustCompile(` GoCompilePkg(?:External)? mistaken/(\w+)\.`)
)

// TestFlagsOfStd links and runs a program that uses net/http and database/sql in every mode in which the standard library is compiled with other
// flags, or the rest is: both must have been compiled alike. The race detector is in one, the sanitizer in TestMsan.
func TestFlagsOfStd(t *testing.T) {
	for name, mode := range map[string]struct {
		label string
		flags []string
	}{
		"fastbuild with an experiment": {"//web", nil},
		"a toolchain's own flags":      {"//web", []string{"--extra_toolchains=//wrap:toolchain,@rules_go_weave//rules/toolchain:all"}},
		"dbg and race":                 {"//web:race", []string{"-c", "dbg"}},
		"opt, gc_goopts, PGO and PIE":  {"//web:optimized", []string{"-c", "opt", "--@rules_go//go/config:gc_goopts=-d=checkptr=0,-l"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, "shapes")
			flags := append(slices.Clone(mode.flags), woven)
			w.bazel("build", append(flags, mode.label)...)
			program := w.keep([]string{mode.label}, flags...)[mode.label]
			c := collect(t)
			if out, errs := run(t, 0, c.env("web"), program); out != "200 hello you: nothing is prepared <nil>\n" || errs != "" {
				t.Errorf("prints %q and %q", out, errs)
			}
			wantTree(t, c, "GET", "GET /hello/{name}", "DELETE greetings")
		})
	}
}

// TestModuleVersions weaves by rules that ask for the version of the package's module: gazelle says it of modules, nobody of this repository.
func TestModuleVersions(t *testing.T) {
	w := open(t, "shapes")
	const set = "--@rules_go_weave//:instrumentations=//ver:"
	_, stderr, err := w.try("build", woven, set+"of_version_set", "//ver")
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(stderr))
	}
	if out, errs := run(t, 0, nil, w.file("bazel-bin/ver/ver_/ver")); out != "" || errs != versionsSeen {
		t.Errorf("prints %q and %q", out, errs)
	}
	_, stderr, err = w.try("build", woven, set+"required_set", "//ver")
	if err == nil || !strings.Contains(stderr, "the rule is for version >=v1.0.0, and the version of example.com/shapes/ver/own is not known") {
		t.Errorf("%v\n%s", err, tail(stderr))
	}
}

// TestSaysWhatIsNotWoven asks for a woven build that is none: each time one line says which line is missing, however many targets,
// tests and modes there are. None is built.
func TestSaysWhatIsNotWoven(t *testing.T) {
	w := open(t, "shapes")
	const unregistered = `the toolchains of rules_go_weave are not registered: write register_toolchains("@rules_go_weave//rules/toolchain:all") in MODULE.bazel`
	const another = "another Go toolchain comes before the woven one"
	const elsewhere = "cannot weave programs for this system: weaving supports Linux, macOS, Windows and FreeBSD"
	said := func(want string, flags ...string) {
		t.Helper()
		_, stderr, err := w.try("build", append(flags, "--nobuild", "//rec:all", "//conf:all", "//order:all", "//web:all", "//web:race", "//web:optimized")...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", flags, err, tail(stderr))
		}
		for _, text := range []string{unregistered, another, elsewhere} {
			n := 0
			if text == want {
				n = 1
			}
			if got := strings.Count(stderr, text); got != n {
				t.Errorf("%v: %d times, not %d: %s\n%s", flags, got, n, text, tail(stderr))
			}
		}
		// Of Debian's Bazel nobody knows the version.
		if strings.Contains(stderr, "of an unknown version") {
			t.Errorf("%v: %s", flags, tail(stderr))
		}
	}
	said("", woven)
	said(another, woven, "--extra_toolchains=//wrap:toolchain")
	said("", "--extra_toolchains=//wrap:toolchain")
	w = copyOf(t, "shapes", "silent")
	w.edit("MODULE.bazel", "\nregister_toolchains(\"@rules_go_weave//rules/toolchain:all\")\n", "\n")
	said(unregistered, woven)
	said("")
	_, stderr, err := w.try("build", "--nobuild", reported, "//web")
	if err == nil || !strings.Contains(stderr, "//web:web: --@rules_go_weave//:weave=on has no effect: "+unregistered) {
		t.Errorf("%v\n%s", err, tail(stderr))
	}
	_, stderr, err = w.try("build", "--nobuild", "//ver:of_version")
	if err == nil || !strings.Contains(stderr, "//ver:of_version: no weaver found: either the toolchains of rules_go_weave are not registered") {
		t.Errorf("%v\n%s", err, tail(stderr))
	}
}

// TestExportersThatNobodyChose asks Bazel which exporters a woven program has compiled: those that are chosen, and no others; and metrics,
// unless they are left out.
func TestExportersThatNobodyChose(t *testing.T) {
	w := open(t, "shapes")
	for flag, want := range map[string][]string{
		"":                                       {"metrics", "otlphttp"},
		"metrics=false":                          {"otlphttp"},
		"exporters=otlp_grpc,console,prometheus": {"console", "metrics", "otlpgrpc", "prometheus"},
	} {
		flags := []string{woven}
		if flag != "" {
			flags = append(flags, "--@rules_go_weave//:"+flag)
		}
		var got []string
		for _, a := range w.actions("mnemonic(GoCompilePkg, deps(//web))", flags...) {
			name, ok := strings.CutPrefix(a.Label, "@@rules_go_weave~//runtime/internal/")
			if ok && slices.Contains([]string{"console", "logs", "metrics", "otlpgrpc", "otlphttp", "prometheus"}, name[strings.Index(name, ":")+1:]) {
				got = append(got, name[strings.Index(name, ":")+1:])
			}
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("with %q are compiled %v, not %v", flag, got, want)
		}
	}
}

package e2e

import (
	"maps"
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

// TestMistakenCgo builds packages that cgo, the C compiler or Go's refuses: woven as plain, the mistake is told in the same words.
func TestMistakenCgo(t *testing.T) {
	w := open(t, "shapes")
	mistakes := map[string]string{
		"block":    "mistaken/block.go:3:33: ",
		"exported": "mistaken/exported.go:3:17: ",
		"line":     "mistaken/line.go:5:33: ",
		"listed":   "mistaken/listed.go:7:48: ",
		"types":    "mistaken/types.go:12:9: ",
		"unknown":  "mistaken/unknown.go:7:23: ",
	}
	said := func(flags ...string) map[string]string {
		t.Helper()
		flags = append(flags, "--keep_going")
		for name := range mistakes {
			flags = append(flags, "//mistaken:"+name)
		}
		_, stderr, err := w.try("build", flags...)
		if err == nil {
			t.Fatalf("%v: the build succeeds", flags)
		}
		texts := map[string]string{}
		for _, text := range strings.Split(stderr, " GoCompilePkg mistaken/")[1:] {
			name, text, _ := strings.Cut(text, ".a failed: ")
			_, text, _ = strings.Cut(text, "\n")
			texts[name], _, _ = strings.Cut(text, "\ncompilepkg: ")
		}
		return texts
	}
	plain, woven := said(), said(woven, every)
	for name, place := range mistakes {
		if !strings.Contains(plain[name], place) {
			t.Errorf("no %q in what the plain build says:\n%s", place, plain[name])
		}
		if woven[name] != plain[name] {
			t.Errorf("the woven build says\n%s\nnot\n%s", woven[name], plain[name])
		}
	}
}

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
	const unregistered = `since the toolchains of rules_go_weave are not registered: write register_toolchains("@rules_go_weave//rules/toolchain:all") in MODULE.bazel`
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
		if strings.Contains(stderr, "does not state") {
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

package e2e

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// woven is how a user turns weaving on.
const woven = "--config=weave"

// reported is the flag that reports what was woven, too.
const reported = "--config=weave_report"

// TestPlainAndWoven builds e2e/zoo plain, then woven, and compares what comes out.
func TestPlainAndWoven(t *testing.T) {
	w := open(t, "zoo")
	labels := []string{"//hello", "//web:cmd", "//web:static", "//cgo", "//own/cmd", "//otel", "//grpc", "//shelf:cmd", "//counted", "//early/cmd", "//linkage", "//linkage:pure", "//linkage:external", "//linkage:cgo", "//linkage/importing"}
	w.bazel("build", "//...")
	plain := w.keep(labels)
	plainActions := w.actions("deps(//own/cmd)")
	// own.Greet is not inlined, so what dependents compile against stays; tiny.Double is, so it must not.
	plainOwn, plainTiny := w.read("bazel-bin/own/own.x"), w.read("bazel-bin/own/tiny/tiny.x")
	archives := []string{"--output_groups=compilation_outputs", "//shelf:still", "//shelf"}
	w.bazel("build", archives...)
	plainStill, plainShelf := w.read("bazel-bin/shelf/still.a"), w.read("bazel-bin/shelf/shelf.a")
	// With debug information, which a fastbuild link leaves out.
	debug := []string{"//own/cmd"}
	w.bazel("build", append(debug, "--strip=never")...)
	plainDebug := w.keep(debug, "--strip=never")

	wovenActions := w.actions("deps(//own/cmd)", woven)
	w.bazel("build", woven, "//...")
	wovenOwn, wovenTiny := w.read("bazel-bin/own/own.x"), w.read("bazel-bin/own/tiny/tiny.x")
	w.bazel("build", append(archives, woven)...)
	wovenStill, wovenShelf := w.read("bazel-bin/shelf/still.a"), w.read("bazel-bin/shelf/shelf.a")
	w.bazel("build", append(debug, woven, "--strip=never")...)
	wovenDebug := w.keep(debug, woven, "--strip=never")
	w.bazel("build", woven, "//...")
	woven := w.keep(labels, woven)

	t.Run("a program that uses nothing instrumented is the plain program", func(t *testing.T) {
		const hello, web = "//hello", "//web:cmd"
		if digest(read(t, plain[hello])) != digest(read(t, woven[hello])) {
			t.Error("hello differs")
		}
		if digest(read(t, plain[web])) == digest(read(t, woven[web])) {
			t.Error("web/cmd does not differ: the comparison shows nothing")
		}
	})

	t.Run("tools of the build are plain", func(t *testing.T) {
		differ := 0
		for output, a := range plainActions {
			tool := strings.Contains(output, "-exec")
			switch {
			case wovenActions[output] == a:
			case a.Mnemonic == "RepoMappingManifest":
				// Its key names every package that was loaded for its target, the toolchain's too; not all of them are in the manifest.
			case tool:
				t.Errorf("%s is made by %v in a plain build, and by %v in a woven one", output, a, wovenActions[output])
			default:
				differ++
			}
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(plainActions)), func(output string) bool {
			return plainActions[output].Label == "//gen:tool" && strings.Contains(output, "-exec")
		}) {
			t.Error("the tool is not built in the exec configuration")
		}
		if differ == 0 {
			t.Error("no action of the program differs: the comparison shows nothing")
		}
	})

	t.Run("spans arrive", func(t *testing.T) {
		for _, b := range []string{"//web:cmd", "//web:static"} {
			c := collect(t)
			out, errs := run(t, 0, c.env("web"), woven[b], "/hello/gopher")
			if out != "hello gopher\n" || errs != "" {
				t.Errorf("%s prints %q and %q", b, out, errs)
			}
			wantTree(t, c, "GET", "GET /hello/{name}")
		}
	})

	t.Run("requests while packages are initialised", func(t *testing.T) {
		const cmd = "//early/cmd"
		for _, at := range []string{"first", "last", "main's variables", "main"} {
			for end, code := range map[string]int{"": 0, "exit": 3, "panic": 2} {
				env := []string{"AT=" + at, "END=" + end}
				plainOut, plainErr := run(t, code, env, plain[cmd])
				c := collect(t)
				wovenOut, wovenErr := run(t, code, append(env, c.env("early")...), woven[cmd])
				if plainOut != "hello "+at+" <nil>\n" || wovenOut != plainOut || strings.HasPrefix(plainErr, "panic: at initialisation\n") != (end == "panic") ||
					traceLines(wovenErr) != traceLines(plainErr) {
					t.Errorf("%s, %s: plain prints %q and\n%s\nwoven %q and\n%s", at, end, plainOut, plainErr, wovenOut, wovenErr)
				}
				if at == "main" {
					wantTree(t, c, "GET", "GET /hello/{name}")
				}
			}
		}
	})

	t.Run("a main package with cgo", func(t *testing.T) {
		c := collect(t)
		out, _ := run(t, 0, c.env("cgo"), woven["//cgo"])
		if out != "hello 42 <nil>\n" {
			t.Errorf("prints %q", out)
		}
		wantTree(t, c, "GET", "GET /hello/{name}")
	})

	t.Run("linkage", func(t *testing.T) {
		const bare, pure = "//linkage", "//linkage:pure"
		for program, needs := range map[string]struct{ plain, woven bool }{
			bare: {false, false},
			pure: {false, false},
			// Its own C, or the C linker.
			"//linkage:cgo":       {true, true},
			"//linkage:external":  {true, true},
			"//linkage/importing": {true, true},
			"//web:cmd":           {true, true},
			"//web:static":        {false, false},
			"//cgo":               {true, true},
		} {
			if before, after := loaded(t, plain[program]), loaded(t, woven[program]); (len(before) > 0) != needs.plain || (len(after) > 0) != needs.woven {
				t.Errorf("%s: plain needs %q, woven %q", program, before, after)
			}
		}
		// Go tells a program of its deadlock, where no cgo is.
		for _, program := range []string{plain[bare], woven[bare], plain[pure], woven[pure]} {
			out, errs := run(t, 2, []string{"OTEL_SDK_DISABLED=true"}, program, "wait")
			if out != "nothing is there\n" || !strings.HasPrefix(errs, "fatal error: all goroutines are asleep - deadlock!\n") {
				t.Errorf("prints %q and %q", out, errs)
			}
		}
		for _, program := range []string{woven[bare], woven[pure]} {
			c := collect(t)
			// A name is resolved without C, whatever the environment says.
			env := append(c.env("linkage"), "GODEBUG=netdns=cgo", "LOCALDOMAIN=example.com")
			for i, v := range env {
				env[i] = strings.Replace(v, "127.0.0.1", "localhost", 1)
			}
			run(t, 0, env, program)
			wantTree(t, c, "DELETE greetings")
		}
	})

	t.Run("a program that uses OpenTelemetry itself", func(t *testing.T) {
		c := collect(t)
		out, _ := run(t, 0, c.env("otel"), woven["//otel"])
		if want := "hello otel <nil>\n1.40.0 1.40.0\n"; out != want {
			t.Errorf("prints %q, not %q: its own version of OpenTelemetry is the newest asked for", out, want)
		}
		// The request has another context than the program's own span, and is its child all the same.
		wantTree(t, c, "by hand", "GET", "GET /hello/{name}")
	})

	t.Run("a program that uses grpc itself", func(t *testing.T) {
		c := collect(t)
		out, _ := run(t, 0, c.env("grpc"), woven["//grpc"])
		if want := "SERVING <nil>\nhello grpc <nil>\n"; out != want {
			t.Errorf("prints %q, not %q", out, want)
		}
		var calls, requests []received
		for _, span := range c.all() {
			if strings.HasPrefix(span.Name, "grpc.") {
				calls = append(calls, span)
			} else {
				requests = append(requests, span)
			}
		}
		wantSpans(t, requests, "GET", "GET /hello/{name}")
		wantSpans(t, calls, "grpc.health.v1.Health/Check", "grpc.health.v1.Health/Check")
	})

	t.Run("rules of the workspace's own", func(t *testing.T) {
		const cmd = "//own/cmd"
		plainOut, _ := run(t, 0, nil, plain[cmd], "gopher", "")
		if want := "good day, gopher <nil>\n nobody to greet\nI'm a teapot\n42 7905820158294900747\na.b\n"; plainOut != want {
			t.Errorf("plain prints %q, not %q", plainOut, want)
		}
		wovenOut, wovenErr := run(t, 0, nil, woven[cmd], "gopher", "")
		if want := "good day, GOPHER! <nil>\n! nobody to greet\nI'm a teapot\n44 7905820158294900747\nwritten by a method\na.b\n"; wovenOut != want {
			t.Errorf("woven prints %q, not %q", wovenOut, want)
		}
		if want := "hashed gopher\n" + strings.Repeat("a cell\n", 5); wovenErr != want {
			t.Errorf("woven prints %q on stderr, not %q", wovenErr, want)
		}
		if digest(plainOwn) != digest(wovenOwn) {
			t.Error("export data of the woven package differ from the plain ones")
		}
		if digest(plainTiny) == digest(wovenTiny) {
			t.Error("export data of a package whose inlined function is woven are the plain ones: its callers keep the plain body")
		}
	})

	t.Run("an external rewriter", func(t *testing.T) {
		for program, want := range map[string]string{plain["//counted"]: "", woven["//counted"]: "entries: 3\n"} {
			if out, errs := run(t, 0, nil, program); out != "4 6\n" || errs != want {
				t.Errorf("prints %q and %q, not %q", out, errs, want)
			}
		}
	})

	t.Run("rules for a pattern of packages", func(t *testing.T) {
		const cmd = "//shelf:cmd"
		args := []string{"bazel", "c++", "rust"}
		plainOut, plainErr := run(t, 0, nil, plain[cmd], args...)
		c := collect(t)
		wovenOut, wovenErr := run(t, 0, c.env("shelf"), woven[cmd], args...)
		if plainOut != wovenOut || plainErr != "" {
			t.Errorf("plain prints %q and %q, woven %q", plainOut, plainErr, wovenOut)
		}
		if !strings.HasPrefix(plainOut, "3 BOOKS it is read\n") || !strings.HasSuffix(plainOut, "\n0 no such book\n0 too high\n") {
			t.Errorf("prints %q", plainOut)
		}
		var lines []string
		logged := regexp.MustCompile(` (INFO .*?)( duration=.*)?$`)
		for _, line := range strings.Split(wovenErr, "\n") {
			if m := logged.FindStringSubmatch(line); m != nil {
				line = m[1]
			}
			lines = append(lines, line)
		}
		// Put has a pointer for a receiver, Len has none, count is not exported; look is a function.
		want := "enter (*Shelf).Put\nenter (*Shelf).Put\nenter (*Shelf).Put\nenter Shelf.Len\n" +
			"INFO enter Read\nINFO leave Read\n" +
			"enter (*Shelf).Find\nhashed bazel\nhash of bazel\nenter (*Shelf).Find\nenter (*Shelf).Find\n"
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("stderr is %q, not %q", got, want)
		}

		// Spans by their comments, of three calls: found, not found, a panic.
		var spans []string
		for _, s := range c.all() {
			var attrs []string
			for _, a := range s.Attributes {
				if k := a.Key; k != "code.function.name" {
					attrs = append(attrs, k+"="+a.Value.GetStringValue())
				}
			}
			slices.Sort(attrs)
			spans = append(spans, fmt.Sprint(s.Name, len(s.ParentSpanId) > 0, attrs, s.Status.GetMessage()))
		}
		slices.Sort(spans)
		if got, want := strings.Join(spans, "\n"), strings.Join([]string{
			"find.bookfalse [book=bazel]",
			"find.bookfalse [book=c++ error.type=*errors.errorString]no such book",
			"find.bookfalse [book=rust error.type=string]panic: too high",
			"looktrue [error.type=string floor=2 note=by hand]panic: too high",
			"looktrue [floor=2 note=by hand]",
		}, "\n"); got != want {
			t.Errorf("spans:\n%s\nnot\n%s", got, want)
		}
		if digest(plainStill) != digest(wovenStill) {
			t.Error("a package that is matched and in which no rule finds anything differs from the plain one")
		}
		if digest(plainShelf) == digest(wovenShelf) {
			t.Error("a woven package is the plain one: the comparison shows nothing")
		}
	})

	t.Run("panics exit alike and name the original lines", func(t *testing.T) {
		const cmd = "//own/cmd"
		_, plainErr := run(t, 2, nil, plain[cmd], "panic")
		_, wovenErr := run(t, 2, nil, woven[cmd], "panic")
		wovenErr, found := strings.CutPrefix(wovenErr, "greet did not return\n")
		if !found {
			t.Errorf("the deferred hook did not run: %s", wovenErr)
		}
		if got, want := traceLines(wovenErr), traceLines(plainErr); got != want {
			t.Errorf("woven:\n%s\nplain:\n%s", got, want)
		}
		if !strings.Contains(plainErr, "greeted panic at own/own.go:30") {
			t.Errorf("the plain trace has no line of own.go: the comparison shows nothing: %s", plainErr)
		}
	})

	t.Run("callers in the standard library keep file and line", func(t *testing.T) {
		const cmd = "//web:cmd"
		plainOut, _ := run(t, 0, nil, plain[cmd], "/stack")
		wovenOut, _ := run(t, 0, collect(t).env("web"), woven[cmd], "/stack")
		if plainOut != wovenOut {
			t.Errorf("woven:\n%s\nplain:\n%s", wovenOut, plainOut)
		}
		if !strings.Contains(plainOut, "net/http.serverHandler.ServeHTTP") {
			t.Errorf("no frame of a woven function: the comparison shows nothing: %s", plainOut)
		}
	})

	t.Run("DWARF line tables name original files", func(t *testing.T) {
		plainFiles, wovenFiles := dwarfFiles(t, plainDebug["//own/cmd"]), dwarfFiles(t, wovenDebug["//own/cmd"])
		for _, f := range plainFiles {
			if !slices.Contains(wovenFiles, f) {
				t.Errorf("woven line tables lack %s", f)
			}
		}
		for _, f := range wovenFiles {
			// The files that the weaver adds have no original.
			if strings.Contains(f, "_weave/") && !strings.Contains(f, "zz_weave") {
				t.Errorf("woven line tables name %s", f)
			}
		}
		if !slices.ContainsFunc(plainFiles, func(f string) bool { return strings.HasSuffix(f, "own/own.go") }) {
			t.Errorf("plain line tables lack own.go: the comparison shows nothing: %s", plainFiles)
		}
	})

	t.Run("switched off at start", func(t *testing.T) {
		for _, off := range []string{"OTEL_SDK_DISABLED=true", "OTEL_TRACES_EXPORTER=none"} {
			c := collect(t)
			out, errs := run(t, 0, append(c.env("web"), off), woven["//web:cmd"], "/hello/gopher")
			if out != "hello gopher\n" || errs != "" || len(c.all()) != 0 {
				t.Errorf("%s: prints %q, %q; %d spans", off, out, errs, len(c.all()))
			}
		}
	})

	t.Run("nogo reads the originals", func(t *testing.T) {
		// The build above is the test: an analyzer fails it on any woven identifier. This is the control; the other analyzer has a
		// fact of a woven package.
		_, stderr, err := w.try("build", "--config=weave", "//lint:finding")
		for _, want := range []string{"woven identifier weaveFinding", "careful with SaySum"} {
			if err == nil || !strings.Contains(stderr, want) {
				t.Errorf("no %q: nogo does not run in a woven build: %v %s", want, err, tail(stderr))
			}
		}
	})

	t.Run("single programs are woven or plain whatever the build is", func(t *testing.T) {
		w.bazel("build", "//web:woven_cmd")
		if digest(w.read("bazel-bin/web/woven_cmd")) != digest(read(t, woven["//web:cmd"])) {
			t.Error("woven_binary in a plain build is not the program of a woven build")
		}
		w.bazel("build", "--config=weave", "//web:plain_cmd")
		if digest(w.read("bazel-bin/web/plain_cmd")) != digest(read(t, plain["//web:cmd"])) {
			t.Error("plain_binary in a woven build is not the program of a plain build")
		}
		w.bazel("test", "//web:woven_test", "//web:plain_test")
	})
}

// TestSandbox weaves a check into package os, by the workspace's own rules: what leaves a directory is refused, and the program is
// as it was written.
func TestSandbox(t *testing.T) {
	w := open(t, "zoo")
	set := []string{"--@rules_go_weave//:weave=on", "--@rules_go_weave//:instrumentations=//sandbox:set"}
	w.bazel("build", "//sandbox")
	plain := w.keep([]string{"//sandbox"})["//sandbox"]
	w.bazel("build", append(set, "//sandbox")...)
	woven := w.keep([]string{"//sandbox"}, set...)["//sandbox"]

	root := filepath.Join(t.TempDir(), "root")
	dir := filepath.Join(root, "dir")
	for name, path := range map[string]string{"in": dir, "out": filepath.Dir(root)} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	functions := []string{"Stat", "Open", "OpenFile", "ReadFile", "Create", "WriteFile", "Remove"}
	calls := func(name string) []string {
		var args []string
		for _, f := range functions {
			args = append(args, f+"="+name)
		}
		return args
	}
	in := func(program string, args ...string) string {
		t.Helper()
		t.Chdir(dir)
		out, errs := run(t, 0, []string{"ZOO_ROOT=" + root}, program, args...)
		if errs != "" {
			t.Errorf("prints %q on stderr", errs)
		}
		return out
	}
	allowed := strings.Join(functions, " <nil>\n") + " <nil>\n"
	if out := in(woven, calls("../dir/in")...); out != allowed {
		t.Errorf("what is inside is refused:\n%s", out)
	}
	for _, name := range []string{"../../out", filepath.Join(root, "..", "out"), root + "/dir/../../out"} {
		out := in(woven, calls(name)...)
		if n := strings.Count(out, name+": permission denied\n"); n != len(functions) {
			t.Errorf("%d of %d calls are refused:\n%s", n, len(functions), out)
		}
	}
	for _, function := range []string{"ReadDir", "CreateTemp"} {
		if out := in(woven, function+"=../.."); !strings.Contains(out, "permission denied") {
			t.Errorf("prints %q", out)
		}
	}
	// The controls: nobody refuses it to the plain program, and the file is still there.
	if out := in(plain, calls("../../out")...); out != allowed {
		t.Errorf("the plain program prints\n%s", out)
	}
}

// TestReport builds the output groups that show what was woven.
func TestReport(t *testing.T) {
	w := open(t, "zoo")
	// What is asked for is made, and nothing of it otherwise, wherever it then comes from.
	page := w.file("bazel-bin/own/cmd/cmd.weave_report.html")
	for _, asked := range []bool{false, true} {
		if err := os.Remove(page); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		args := []string{woven, "//own/cmd"}
		if asked {
			args[0] = reported
		}
		made := slices.ContainsFunc(w.logged(args...), func(s spawn) bool { return s.Mnemonic == "GoWeaveReport" })
		if made != asked {
			t.Errorf("reports are asked for: %t, made: %t", asked, made)
		}
	}
	w.bazel("build", reported, "--output_groups=+weave_sources", "//:all", "//own/cmd", "//hello", "//web:all")
	t.Run("of a program", func(t *testing.T) {
		var report struct {
			Programs []struct {
				Label            string
				Woven            bool
				Instrumentations []struct {
					Name    string
					Applies bool
				}
			}
			Rules []struct {
				Instrumentation, Rule, Doc string
				Woven                      []struct{ Package string }
				Not                        []struct{ Package, Status string }
			}
			Packages []struct {
				Package string
				Files   []struct {
					Path  string
					Lines []struct{ Before, After string }
				}
			}
		}
		if err := json.Unmarshal(w.read("bazel-bin/own/cmd/cmd.weave_report.json"), &report); err != nil {
			t.Fatal(err)
		}
		page := string(read(t, page))
		if len(report.Programs) != 1 || report.Programs[0].Label != "//own/cmd:cmd" || !report.Programs[0].Woven {
			t.Errorf("programs: %v", report.Programs)
		}
		var packages, lines []string
		for _, p := range report.Packages {
			packages = append(packages, p.Package)
			for _, f := range p.Files {
				for _, l := range f.Lines {
					if strings.Contains(l.After, "weave_own__greet(") {
						lines = append(lines, f.Path+": "+l.Before)
					}
				}
			}
		}
		// Of the standard library those that it links woven, and no others.
		want := []string{"example.com/zoo/own", "example.com/zoo/own/cmd", "example.com/zoo/own/tiny", "github.com/cespare/xxhash/v2", "runtime", "text/tabwriter"}
		if !slices.Equal(packages, want) {
			t.Errorf("packages: %v, not %v", packages, want)
		}
		if got, want := strings.Join(lines, "\n"), "own/own.go: func Greet(name string) (string, error) {"; got != want {
			t.Errorf("lines: %q, not %q", got, want)
		}
		became := map[string]string{}
		for _, r := range report.Rules {
			text := ""
			for _, p := range r.Woven {
				text += "woven into " + p.Package + ". "
			}
			for _, p := range r.Not {
				text += p.Status + " in " + p.Package + ". "
			}
			became[r.Instrumentation+"/"+r.Rule] = text + r.Doc
		}
		for name, want := range map[string]string{
			"own/greet":  "woven into example.com/zoo/own, ",
			"own/double": "An inlinable function.",
			"own/wrong":  "",
		} {
			if !strings.Contains(became[name], want) || (want == "") != (became[name] == "") {
				t.Errorf("%s became %q", name, became[name])
			}
		}
		for _, want := range []string{
			"<b>//own/cmd:cmd</b> has hooks", "own/greet <span class=n>weave/own.yaml:7:7</span>",
			"<del>- func Greet(name string) (string, error) {</del>", "the program uses no package that it weaves",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("no %q in the page", want)
			}
		}
	})
	t.Run("of a plain program and of a test", func(t *testing.T) {
		for name, want := range map[string]string{
			"hello/hello":  "<b>//hello:hello</b> is the plain program",
			"web/web_test": "<b>//web:web_test</b> has no hooks: a test, and --@rules_go_weave//:tests is off",
			"web/cmd":      "<b>net/http, Go ",
		} {
			page := string(w.read("bazel-bin/" + name + ".weave_report.html"))
			if !strings.Contains(page, want) || strings.Contains(page, "<b>net/http, Go ") != (name == "web/cmd") {
				t.Errorf("%s: no %q in %s", name, want, page)
			}
		}
	})
	t.Run("of a woven program of a plain build", func(t *testing.T) {
		for _, target := range []string{"//web:woven_cmd", "//web:cmd"} {
			_, stderr, err := w.try("build", "--aspects=@rules_go_weave//rules:aspects.bzl%weave", "--output_groups=weave_report", "--show_result=2", target)
			if has := strings.Contains(stderr, "/web/cmd.weave_report.html"); err != nil || has != (target == "//web:woven_cmd") {
				t.Errorf("%s has a report: %t, %v %s", target, has, err, tail(stderr))
			}
		}
	})
	t.Run("several become one page", func(t *testing.T) {
		merged := filepath.Join(t.TempDir(), "all.html")
		w.bazel("run", "@rules_go_weave//:goweave", "--", "report", "--html", merged, w.file("bazel-bin/own/cmd/cmd.weave_report.json"), w.file("bazel-bin/web/cmd.weave_report.json"))
		for page, programs := range map[string][]string{
			merged: {"//own/cmd:cmd</b> has hooks", "//web:cmd</b> has hooks"},
			w.file("bazel-bin/weave_report.html"): {
				"//own/cmd:cmd</b> has hooks", "//web:cmd</b> has hooks", "//hello:hello</b> is the plain program",
				"//web:web_test</b> has no hooks: a test",
			},
		} {
			all := string(read(t, page))
			for _, want := range programs {
				if strings.Count(all, "<b>"+want) != 1 {
					t.Errorf("not one %q in %s", want, page)
				}
			}
			if got := strings.Count(all, ":cmd</b>"); got != 2 {
				t.Errorf("%d programs cmd in %s", got, page)
			}
		}
		// A plain build has nothing to report: it leaves the page out, and says so to those who ask for it.
		if _, stderr, err := w.try("build", "//:weave_report"); err == nil || !strings.Contains(stderr, "incompatible") {
			t.Errorf("a plain build makes it: %v %s", err, tail(stderr))
		}
		w.bazel("build", "//:all")
	})
	t.Run("what is required is woven", func(t *testing.T) {
		const unmet = "//:unmet_weave_report"
		_, stderr, err := w.try("build", woven, unmet)
		if err == nil {
			t.Error("what is required is not woven, and the build is a good one")
		}
		for _, want := range []string{
			"required instrumentation `net/http` is not woven into any program\n    //own/cmd:cmd: the program uses no package that it weaves\n    help: add a program",
			"unknown required instrumentation `net/htp`\n",
			"help: did you mean `net/http`",
		} {
			if !strings.Contains(stderr, want) {
				t.Errorf("no %q in %s", want, tail(stderr))
			}
		}
		if strings.Contains(stderr, "`own` is not woven into any program") {
			t.Errorf("`own` is woven into the program: %s", tail(stderr))
		}
		// The page that says why is there.
		if page := string(w.read("bazel-bin/unmet_weave_report.html")); !strings.Contains(page, "//own/cmd:cmd</b> has hooks") {
			t.Error("no program in the page of what is not woven")
		}
		// The controls: it is the validation that fails, and one of what is woven does not.
		w.bazel("build", woven, "--norun_validations", unmet)
		stamp := w.file("bazel-bin/weave_report.required")
		if err := os.Remove(stamp); err != nil {
			t.Errorf("what is required of //:weave_report was not looked for: %v", err)
		}
		w.bazel("build", woven, "//:all")
		if _, err := os.Stat(stamp); err != nil {
			t.Errorf("what is required is looked for only where it is asked for: %v", err)
		}
	})

	original := string(read(t, filepath.Join(w.dir, "own/own.go")))
	source := string(w.read("bazel-bin/own/own_weave/own.go"))
	if strings.Count(source, "\n") != strings.Count(original, "\n") {
		t.Error("the woven file has not as many lines as the original")
	}
	if !strings.Contains(source, "weave_own__greet(name)") || strings.Contains(original, "weave") {
		t.Errorf("no hook in %s", source)
	}
	var report struct {
		Package string
		Rules   []struct {
			Rule, Status string
			Matches      []struct{ What string }
		}
	}
	if err := json.Unmarshal(w.read("bazel-bin/own/own.weave.json"), &report); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(report), "{example.com/zoo/own [{greet woven [{Greet}]}]}"; got != want {
		t.Errorf("the report says %s, not %s", got, want)
	}

	// A program says itself what it carries; the path is meant from where the user is.
	w.bazel("build", woven, "//own/cmd", "//hello", "//web:cmd")
	inspected := w.bazel("run", "@rules_go_weave//:goweave", "--", "inspect", "bazel-bin/own/cmd/cmd_/cmd")
	for _, want := range []string{"woven by goweave", "own", "example.com/zoo/own"} {
		if !strings.Contains(inspected, want) {
			t.Errorf("no %q in %s", want, inspected)
		}
	}
	// What OpenTelemetry brings along, such as a logger for its own faults, is in the program by hooks of this module alone.
	inspected = w.bazel("run", "@rules_go_weave//:goweave", "--", "inspect", "bazel-bin/web/cmd_/cmd")
	for _, hooks := range []string{"opentelemetry", "logr"} {
		if strings.Contains(inspected, hooks) || !strings.Contains(inspected, "net/http") {
			t.Errorf("the hooks of %s are in a program that has no use for them: %s", hooks, inspected)
		}
	}
	if _, errs, err := w.try("run", "@rules_go_weave//:goweave", "--", "inspect", "bazel-bin/hello/hello_/hello"); err == nil || !strings.Contains(errs, "nothing of goweave is in it") {
		t.Errorf("control: %v %s", err, errs)
	}
	if modules := w.bazel("run", "@rules_go_weave//:modules", "--", "go.mod"); !strings.Contains(modules, "kept    go.opentelemetry.io/otel ") {
		t.Errorf("what becomes of the versions: %s", modules)
	}
}

// TestMistakes builds with instrumentations that have one mistake each: the build fails and names the place.
func TestMistakes(t *testing.T) {
	w := open(t, "zoo")
	for _, c := range []struct {
		name string
		want []string
	}{
		{"function", []string{"bad/function.yaml:8:17: ", "Grete", "did you mean `Greet`"}},
		{"hook", []string{"bad/hook.yaml:12:19: ", "Geet", "Greet"}},
		{"inlined", []string{"bad/inlined.yaml:6:12: cannot weave strings: its export data change", "most likely by rule title of inlined\n", "ToTitle: the compiler may inline it", "go build -gcflags=-m strings"}},
		{"key", []string{"bad/key.yaml:8:7", "fnction", "function"}},
		{"rewriter", []string{"own/own.go:1:1: rewriter rewriter: its edit of bytes 0 to 0 is not within one line"}},
		{"unknown_rewriter", []string{"bad/unknown_rewriter.yaml:4:3: ", "the build has no program for the rewriter", "rewriter = \"//label/of:program\""}},
		{"signature", []string{"own/own.go:24:6\n", "bad/signature.yaml:9:18: ", "func(string) (string, error)", "func(string) error"}},
		{"typed", []string{"bad/typed.yaml:6:12: ", "`example.com/zoo/own` is missing in `typed` of the build", "typed = [\"example.com/zoo/own\"]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := "//own"
			if c.name == "inlined" {
				target = "//hello" // Only programs have woven packages of the standard library.
			}
			_, stderr, err := w.try("build", "--@rules_go_weave//:weave=on", "--@rules_go_weave//:instrumentations=//bad:"+c.name+"_set", target)
			if err == nil {
				t.Fatal("the build succeeds")
			}
			for _, text := range append(c.want, "help: ") {
				if !strings.Contains(stderr, text) {
					t.Errorf("no %q in:\n%s", text, tail(stderr))
				}
			}
		})
	}
}

// TestForeignRules weaves by rule files of otelc, of Alibaba's agent and of Orchestrion, with the hooks that belong to them.
func TestForeignRules(t *testing.T) {
	w := open(t, "zoo")
	const cmd, aspects = "//otelc/cmd", "//aspects/cmd"
	flags := []string{"--@rules_go_weave//:weave=on", "--@rules_go_weave//:instrumentations=//aspects:set"}
	w.bazel("build", cmd, aspects)
	plain := w.keep([]string{cmd, aspects})
	w.bazel("build", append(flags, cmd, aspects)...)
	woven := w.keep([]string{cmd, aspects}, flags...)
	for _, c := range []struct{ name, program, out, err string }{
		{"plain", plain[cmd], "3\nchange <nil>\nk [a]\n", ""},
		{"woven", woven[cmd], "13\n//woven/url.Parse <nil>\nGetOne k [a]\n", "started\n"},
		{"plain aspects", plain[aspects], "", "abab a false\n"},
		{"woven aspects", woven[aspects], "", "trace: valid a\n<abab> a true\ntrace: end\nlater\n"},
	} {
		out, errs := run(t, 0, nil, c.program)
		if out != c.out || errs != c.err {
			t.Errorf("%s prints %q and %q on stderr, not %q and %q", c.name, out, errs, c.out, c.err)
		}
	}

	// Beside what is shipped for the same package one of them is on: which one is said once, and nothing where a flag chooses.
	const note = "the shipped instrumentation net/http is off: your own rules client are also for net/http"
	for flag, want := range map[string]int{"tests=off": 1, "except=client": 0, "except=net/http": 0, "only=net/http,client": 0} {
		_, stderr, err := w.try("build", "--nobuild", "--@rules_go_weave//:weave=on", "--@rules_go_weave//:instrumentations=//otelc:beside", "--@rules_go_weave//:"+flag, "//hello", "//web:cmd")
		if got := strings.Count(stderr, note); err != nil || got != want {
			t.Errorf("%s: said %d times, not %d: %v\n%s", flag, got, want, err, tail(stderr))
		}
	}
}

// TestOlderOpenTelemetry weaves a workspace that asks for an older OpenTelemetry than the hooks do: the hooks' version is used, as
// the newest that is asked for, and the user is told.
func TestOlderOpenTelemetry(t *testing.T) {
	w := copyOf(t, "zoo", "older")
	for _, module := range []string{"otel", "otel/sdk", "otel/trace", "otel/metric"} {
		w.edit("go.mod", "go.opentelemetry.io/"+module+" v1.40.0", "go.opentelemetry.io/"+module+" v1.36.0")
	}
	_, stderr, err := w.try("build", woven, "//otel")
	defer w.try("shutdown")
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(stderr))
	}
	if !strings.Contains(stderr, "go.opentelemetry.io/otel: v1.36.0 -> v1.38.0") {
		t.Errorf("the user is not told: %s", tail(stderr))
	}
	c := collect(t)
	out, _ := run(t, 0, c.env("otel"), w.keep([]string{"//otel"}, woven)["//otel"])
	if want := "hello otel <nil>\n1.38.0 1.38.0\n"; out != want {
		t.Errorf("prints %q, not %q", out, want)
	}
	wantTree(t, c, "by hand", "GET", "GET /hello/{name}")
}

// TestModes builds and, where this machine can, runs woven programs in other modes.
func TestModes(t *testing.T) {
	w := open(t, "zoo")
	t.Run("race", func(t *testing.T) {
		w.bazel("build", woven, "--@rules_go//go/config:race", "//web:cmd")
		c := collect(t)
		out, errs := run(t, 0, c.env("web"), w.file("bazel-bin/web/cmd_/cmd"), "/hello/gopher")
		if out != "hello gopher\n" || errs != "" {
			t.Errorf("prints %q and %q", out, errs)
		}
		wantTree(t, c, "GET", "GET /hello/{name}")
	})
	t.Run("linux/arm64", func(t *testing.T) {
		w.bazel("build", woven, "--compilation_mode=opt", "--strip=never", "--platforms=@rules_go//go/toolchain:linux_arm64", "--@rules_go//go/config:pure", "//web:cmd", "//hello", "//own/cmd")
		f, err := elf.Open(w.file("bazel-bin/web/cmd_/cmd"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if f.Machine != elf.EM_AARCH64 {
			t.Errorf("machine %s", f.Machine)
		}
		symbols, err := f.Symbols()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return strings.HasPrefix(s.Name, "net/http.weave_") }) {
			t.Error("no woven symbol")
		}
	})
	for _, target := range []string{"windows_amd64", "darwin_arm64", "freebsd_amd64"} {
		t.Run(target, func(t *testing.T) {
			flags := []string{"--compilation_mode=opt", "--strip=never", "--platforms=@rules_go//go/toolchain:" + target, "--@rules_go//go/config:pure", "//web:cmd"}
			program := w.file("bazel-bin/web/cmd_/cmd")
			if strings.HasPrefix(target, "windows") {
				program += ".exe"
			}
			for _, weave := range []bool{false, true} {
				if weave {
					flags = append(flags, woven)
				}
				_, stderr, err := w.try("build", flags...)
				if err != nil || strings.Contains(stderr, "without weaving") {
					t.Fatalf("%v\n%s", err, tail(stderr))
				}
				symbols, err := exec.Command("go", "tool", "nm", program).Output()
				if err != nil {
					t.Fatal(err)
				}
				for _, symbol := range []string{"net/http.weave_", "runtime.weaveWatcher"} {
					if strings.Contains(string(symbols), symbol) != weave {
						t.Errorf("woven %v: %s", weave, symbol)
					}
				}
			}
		})
	}
	t.Run("openbsd/amd64 is built plain, and says so", func(t *testing.T) {
		flags := []string{"--platforms=@rules_go//go/toolchain:openbsd_amd64", "--@rules_go//go/config:pure", "//web:cmd"}
		w.bazel("build", flags...)
		plain := digest(w.read("bazel-bin/web/cmd_/cmd"))
		_, stderr, err := w.try("build", append(flags, woven)...)
		if err != nil || strings.Count(stderr, "cannot weave programs for this system") != 1 {
			t.Errorf("%v\n%s", err, tail(stderr))
		}
		if plain != digest(w.read("bazel-bin/web/cmd_/cmd")) {
			t.Error("the program differs from the plain one")
		}
	})
	t.Run("a Go toolchain of the user's own", func(t *testing.T) {
		const own, ours = "//wrapped:toolchain", "@rules_go_weave//rules/toolchain:all"
		// The last one comes first.
		for want, flags := range map[string][]string{
			"good day, you <nil> linked by rules_go\n":     {},
			"good day, you <nil> linked by the wrapper\n":  {"--extra_toolchains=" + own},
			"good day, YOU! <nil> linked by the wrapper\n": {"--extra_toolchains=" + own + "," + ours, woven},
		} {
			w.bazel("build", append(flags, "//wrapped/cmd")...)
			if out, errs := run(t, 0, nil, w.file("bazel-bin/wrapped/cmd/cmd_/cmd")); out != want || errs != "" {
				t.Errorf("%v: prints %q and %q, not %q", flags, out, errs, want)
			}
		}
		// Where it comes before the woven one, that has no say, but its report does.
		_, stderr, err := w.try("build", "--extra_toolchains="+ours+","+own, reported, "//wrapped/cmd")
		if err == nil || !strings.Contains(stderr, "another Go toolchain comes before the woven one") {
			t.Errorf("%v\n%s", err, tail(stderr))
		}
		w.bazel("build", "--extra_toolchains="+own+","+ours, reported, "//wrapped/cmd")
	})
	t.Run("tests", func(t *testing.T) {
		for _, tests := range []string{"off", "on"} {
			stdout, stderr, err := w.try("test", woven, "--@rules_go_weave//:tests="+tests, "--test_env=OTEL_TRACES_EXPORTER=none", "--test_env=AT=first", "//web:web_test", "//early/cmd:cmd_test")
			if err != nil {
				t.Errorf("tests=%s: %v\n%s%s", tests, err, stdout, tail(stderr))
			}
		}
	})
	t.Run("coverage", func(t *testing.T) {
		stdout, stderr, err := w.try("coverage", woven, "--coverage_output_generator=//coverage", "--coverage_report_generator=//coverage", "//web:web_test")
		if err != nil {
			t.Fatalf("%v\n%s%s", err, stdout, tail(stderr))
		}
		report := string(read(t, filepath.Join(w.dir, "bazel-testlogs/web/web_test/coverage.dat")))
		if !strings.Contains(report, "SF:web/web.go") || strings.Contains(report, "_weave/") {
			t.Errorf("coverage does not name the original: %s", tail(report))
		}
	})
}

// TestExportDataOfStd compares the export data of every woven package of the standard library with the plain ones.
func TestExportDataOfStd(t *testing.T) {
	w := open(t, "zoo")
	// In stage base the rules are applied by woven_std itself only, once.
	w.bazel("build", "--@rules_go_weave//:weave=base", "--output_groups=weave_exports", "@rules_go_weave//rules/toolchain:std")
	w.bazel("build", "--@rules_go_weave//:weave=base", "@rules_go//:stdlib")
	std := filepath.Join(w.dir, "bazel-bin/external/rules_go~/stdlib_/pkg/linux_amd64")
	root := filepath.Join(w.dir, "bazel-bin/external/rules_go_weave~/rules/toolchain/std")
	var packages []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".x" {
			packages = append(packages, strings.TrimSuffix(strings.TrimPrefix(path, root+"/"), ".x"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"net/http", "database/sql", "log/slog", "runtime"} {
		if !slices.Contains(packages, want) {
			t.Errorf("%s is not woven: %v", want, packages)
		}
	}
	for _, p := range packages {
		plain := exportData(t, filepath.Join(std, p+".a"))
		if digest(plain) != digest(exportData(t, filepath.Join(root, p+".x"))) {
			t.Errorf("export data of %s differ", p)
		}
	}
	if digest(exportData(t, filepath.Join(std, "net/http.a"))) == digest(exportData(t, filepath.Join(std, "net.a"))) {
		t.Error("export data of different packages are equal: the comparison shows nothing")
	}
}

// wantTree waits for nothing: the program has ended, so its spans have arrived. Each named span must be the parent of the next.
func wantTree(t *testing.T, c *otlp, names ...string) {
	t.Helper()
	wantSpans(t, c.all(), names...)
}

// wantSpans is wantTree for spans that were taken out of what arrived.
func wantSpans(t *testing.T, spans []received, names ...string) {
	t.Helper()
	if len(spans) != len(names) {
		t.Errorf("%d spans, not %d: %v", len(spans), len(names), spans)
		return
	}
	parent := ""
	trace := ""
	for _, name := range names {
		i := slices.IndexFunc(spans, func(s received) bool { return s.Name == name && string(s.ParentSpanId) == parent })
		if i < 0 {
			t.Errorf("no span %s below %x in %v", name, parent, spans)
			return
		}
		parent = string(spans[i].SpanId)
		if trace != "" && trace != string(spans[i].TraceId) {
			t.Errorf("%s is in another trace", name)
		}
		trace = string(spans[i].TraceId)
	}
}

// traceLines are the file:line parts of a panic's trace, without addresses.
func traceLines(trace string) string {
	var lines []string
	for _, line := range strings.Split(trace, "\n") {
		if line, _, ok := strings.Cut(line, " +0x"); ok && strings.HasPrefix(line, "\t") {
			lines = append(lines, strings.TrimSpace(line))
		} else if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "exit ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// loaded lists what the system's loader loads for a program.
func loaded(t *testing.T, program string) []string {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// dwarfFiles lists the files that a program's line tables name.
func dwarfFiles(t *testing.T, program string) []string {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := f.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{}
	units := data.Reader()
	for {
		unit, err := units.Next()
		if err != nil {
			t.Fatal(err)
		}
		if unit == nil {
			break
		}
		units.SkipChildren()
		if unit.Tag != dwarf.TagCompileUnit {
			continue
		}
		lines, err := data.LineReader(unit)
		if err != nil {
			t.Fatal(err)
		}
		if lines == nil {
			continue
		}
		for _, file := range lines.Files() {
			if file != nil {
				files[file.Name] = true
			}
		}
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// exportData returns the export data of a compiled package: what follows the header that names compiler and build id.
func exportData(t *testing.T, archive string) []byte {
	t.Helper()
	data := string(read(t, archive))
	_, export, ok := strings.Cut(data, "\n$$B\n")
	if !ok {
		t.Fatalf("%s has no export data", archive)
	}
	export, _, ok = strings.Cut(export, "\n$$\n")
	if !ok {
		t.Fatalf("%s: export data have no end", archive)
	}
	return []byte(export)
}

// read returns a file's bytes.
func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestWithoutBzlmod loads the rules where a WORKSPACE names the repository.
func TestWithoutBzlmod(t *testing.T) {
	w := &workspace{t: t, dir: t.TempDir(), base: filepath.Join(checkoutDir(t, "bases"), "without-bzlmod"), args: []string{"--noenable_bzlmod", "--enable_workspace"}}
	defer w.try("shutdown")
	for name, text := range map[string]string{
		"WORKSPACE":   fmt.Sprintf("local_repository(name = \"rules_go_weave\", path = %q)\n", repo(t)),
		"BUILD.bazel": "load(\"@rules_go_weave//rules:defs.bzl\", \"woven_binary\")\n",
	} {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, target := range []string{"//:all", "@rules_go_weave//rules/toolchain:all"} {
		// Of several loads that fail Bazel tells the first one in the file if it tries all of them.
		_, stderr, err := w.try("build", "--nobuild", "--keep_going", target)
		if err == nil || !strings.Contains(stderr, "rules_go_weave requires Bzlmod, and this build has a WORKSPACE and --noenable_bzlmod: add rules_go_weave to MODULE.bazel") {
			t.Errorf("%s: %v %s", target, err, tail(stderr))
		}
	}
}

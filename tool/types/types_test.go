package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// std lists export data of the standard library, once for all tests.
func std(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "importcfg")
	out, err := exec.Command("go", "list", "-deps", "-export",
		"-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "io", "errors", "net/url").Output()
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(out))
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// check writes files into a folder, asks, and returns the answer or what is printed and the exit code.
func check(t *testing.T, dir, questions string, files map[string]string, more ...string) (string, string, int) {
	t.Helper()
	rules, out := filepath.Join(dir, "rules.json"), filepath.Join(dir, "facts.json")
	write(t, rules, questions)
	arguments := []string{
		"-importpath", "example.com/p", "-go-version", "1." + minor(), "-goos", "linux", "-goarch", "amd64",
		"-rules", rules, "-out", out,
	}
	arguments = append(arguments, more...)
	for _, name := range sorted(files) {
		write(t, filepath.Join(dir, name), files[name])
		arguments = append(arguments, filepath.Join(dir, name))
	}
	var stderr bytes.Buffer
	code := run(arguments, &stderr)
	facts, _ := os.ReadFile(out)
	return string(facts), strings.ReplaceAll(stderr.String(), dir+"/", ""), code
}

func sorted(files map[string]string) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	for i := range names {
		for j := i + 1; j < len(names); j++ {
			if names[j] < names[i] {
				names[i], names[j] = names[j], names[i]
			}
		}
	}
	return names
}

func minor() string {
	return strings.Split(strings.TrimPrefix(runtime.Version(), "go1."), ".")[0]
}

func has(t *testing.T, facts string, wanted bool, parts ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(facts), " ")
	for _, part := range parts {
		if strings.Contains(flat, part) != wanted {
			t.Errorf("wanted %v of %q in %s", wanted, part, flat)
		}
	}
}

func TestAnswersAreTheSameInEveryFolder(t *testing.T) {
	cfg := std(t)
	files := map[string]string{
		"a.go": "package p\nimport \"io\"\nfunc f(w io.Writer) { w.Write(nil); g(w) }\n",
		"b.go": "package p\nimport \"io\"\nfunc g(w io.Writer) { _, _ = w.Write(nil) }\n",
	}
	asked := `{"weave": 1, "types": {"methods": ["*"], "arguments": true, "signatures": true, "interfaces": ["io.Writer", "error"]}}`
	one, stderr, code := check(t, t.TempDir(), asked, files, "-importcfg", cfg)
	if code != 0 {
		t.Fatal(stderr)
	}
	dir := t.TempDir()
	two, _, _ := check(t, dir, asked, files, "-importcfg", cfg)
	if one != two {
		t.Errorf("%s\nand\n%s", one, two)
	}
	has(t, one, false, dir, "/tmp")
	has(t, one, true, `"a.go": { "sum":`, `"of": "io.Writer"`, `"parameters": [ [ "io.Writer" ] ]`)
	nothing, _, code := check(t, t.TempDir(), `{"weave": 1}`, files, "-importcfg", cfg)
	if code != 0 {
		t.Error(code)
	}
	has(t, nothing, false, "calls", "functions", "literals")
}

func TestFilesThatAreNotInTheBuildAreLeftOut(t *testing.T) {
	files := map[string]string{
		"a.go":         "package p\n",
		"b_windows.go": "package p\nvar x int = \"not checked\"\n",
		"c.go":         "//go:build special\n\npackage p\nvar y = 1\n",
		"d.go":         "package p\nimport \"C\"\nvar z = C.x\n",
	}
	facts, stderr, code := check(t, t.TempDir(), `{"weave": 1}`, files)
	if code != 0 {
		t.Fatal(stderr)
	}
	has(t, facts, true, "a.go")
	has(t, facts, false, "b_windows.go", "c.go", "d.go")
	facts, _, _ = check(t, t.TempDir(), `{"weave": 1}`, files, "-tags", "special", "-cgo")
	has(t, facts, true, "a.go", "c.go", "d.go")
	has(t, facts, false, "b_windows.go")
}

func TestCgoFilesAreChecked(t *testing.T) {
	files := map[string]string{"a.go": `package p

import "C"
import "io"

type T struct{ C.struct_x }

func f(w io.Writer, t T) {
	C.call(C.int(1))
	t.Anything()
	w.Write(nil)
}
`}
	asked := `{"weave": 1, "types": {"methods": ["*"]}}`
	facts, stderr, code := check(t, t.TempDir(), asked, files, "-cgo", "-importcfg", std(t))
	if code != 0 {
		t.Fatal(stderr)
	}
	has(t, facts, true, `"name": "Write"`)
	has(t, facts, false, "Anything")
	files["a.go"] = strings.Replace(files["a.go"], `"io"`, `io "example.com/nowhere"`, 1)
	if _, stderr, code = check(t, t.TempDir(), asked, files, "-cgo"); code != 1 || !strings.Contains(stderr, "could not import") {
		t.Error(code, stderr)
	}
}

func TestErrorsHavePositions(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"package p\nfunc {\n", "a.go:2:6: expected 'IDENT', found '{'"},
		{"package p\n\nvar x int = \"s\"\n", "a.go:3:13: cannot use \"s\""},
		{"package p\n//line b.y:9\nvar x int = \"s\"\n", "a.go:3:13: cannot use"},
		{"package p\nimport \"example.com/q\"\nvar x = q.X\n", "a.go:2:8: could not import example.com/q"},
	} {
		_, stderr, code := check(t, t.TempDir(), `{"weave": 1}`, map[string]string{"a.go": c.source})
		if code != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: %d, %s", c.source, code, stderr)
		}
	}
	// An import or a variable that nobody uses is not an error about types.
	_, stderr, code := check(t, t.TempDir(), `{"weave": 1}`, map[string]string{"a.go": "package p\nfunc f() { x := 1 }\n"})
	if code != 0 {
		t.Error(stderr)
	}
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"-importpath", "p", "-goos", "linux", "-goarch", "amd64"}, "-go-version is missing"},
		{[]string{"-importpath", "p", "-go-version", "x", "-goos", "linux", "-goarch", "amd64"}, "invalid Go version"},
		{[]string{"-go-version", "1.26", "-goos", "linux", "-goarch", "amd64"}, "-importpath is missing"},
		{[]string{"@/nowhere"}, "/nowhere"},
	} {
		var stderr bytes.Buffer
		if code := run(c.arguments, &stderr); code != 2 || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%q: %d, %s", c.arguments, code, stderr.String())
		}
	}
}

// Export data come by a folder of the standard library and single files, too, and under other import paths.
func TestExportDataAreFound(t *testing.T) {
	dir := t.TempDir()
	q := filepath.Join(dir, "q.a")
	write(t, filepath.Join(dir, "q.go"), "package q\ntype T struct{}\nfunc (T) M() {}\ntype I interface{ M() }\n")
	if out, err := exec.Command("go", "tool", "compile", "-p", "other/q", "-o", q, filepath.Join(dir, "q.go")).CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	files := map[string]string{"a.go": "package p\nimport \"example.com/q\"\nfunc f(t q.T) { t.M() }\n"}
	asked := `{"weave": 1, "types": {"methods": ["M"], "signatures": true, "interfaces": ["other/q.I", "third/q.I", "other/q.T", "other/q.N"]}}`
	cfg := filepath.Join(dir, "importcfg")
	write(t, cfg, "# import config\nimportmap example.com/q=other/q\npackagefile other/q="+q+"\n")
	facts, stderr, code := check(t, t.TempDir(), asked, files, "-importcfg", cfg)
	if code != 0 {
		t.Fatal(stderr)
	}
	has(t, facts, true, `"of": "other/q.T"`, `"parameters": [ [ "other/q.I" ] ]`,
		`"third/q.I": "example.com/p compiles against nothing of third/q`,
		`"other/q.T": "other/q.T is not an interface"`, `"other/q.N": "package other/q has no type N"`)
	facts, stderr, _ = check(t, t.TempDir(), asked, files, "-archive", "other/q="+q, "-map", "example.com/q=other/q")
	has(t, facts+stderr, true, `"of": "other/q.T"`)
	write(t, filepath.Join(dir, "std/other/q.a"), string(read(t, q)))
	facts, stderr, _ = check(t, t.TempDir(), asked, map[string]string{"a.go": "package p\nimport \"other/q\"\nfunc f(t q.T) { t.M() }\n"},
		"-stdlib", filepath.Join(dir, "std"))
	has(t, facts+stderr, true, `"of": "other/q.T"`)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTypesAreWrittenAsInRules(t *testing.T) {
	for _, c := range []struct{ ty, want string }{
		{"byte", "byte"}, {"any", "interface{}"}, {"[]*T", "[]*example.com/p.T"}, {"[2]string", "[2]string"},
		{"map[string]error", "map[string]error"}, {"chan (<-chan int)", "chan (<-chan int)"}, {"chan<- int", "chan<- int"},
		{"func(a, b int, c ...string) (x error)", "func(int, int, ...string) error"},
		{"func() (int, error)", "func() (int, error)"}, {"G[int, *T]", "example.com/p.G[int, *example.com/p.T]"},
		{"A", "example.com/p.T"}, {"struct{ X, Y int; T }", "struct{ X int; Y int; example.com/p.T }"},
		{"interface{ M(x int) }", "interface{ M(int) }"}, {"local", "example.com/p.local~local"},
	} {
		source := "package p\ntype T struct{}\ntype A = T\ntype G[K, V any] struct{}\n" +
			"func g(x any) {}\nfunc f() { type local int; var x " + c.ty + "; g(x) }\n"
		asked := `{"weave": 1, "types": {"functions": ["example.com/p.g"], "arguments": true}}`
		facts, stderr, code := check(t, t.TempDir(), asked, map[string]string{"a.go": source})
		if code != 0 {
			t.Error(stderr)
		}
		facts = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(facts)
		has(t, facts, true, `"type": "`+c.want+`"`)
	}
}

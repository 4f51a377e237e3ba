package weavetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// nanoseconds has TestDisabledHooks say how long each hook takes, which ./dev bench disabled prints.
var nanoseconds = flag.Bool("nanoseconds", false, "measure how long hooks take that are switched off")

// ungated are the folders whose hooks have no switch, or do what the program needs whether or not there is telemetry.
var ungated = []string{
	"go_runtime",       // the ends of a program
	"weave_directives", // its hooks are for code of the program's own, which names them
}

// hookCalls is a file that goes with a package of hooks: it calls each of them with nothing.
type hookCalls struct {
	folder  string
	imports map[string]bool // lines of import declarations
	calls   map[string]string
}

// TestDisabledHooks calls every hook of every instrumentation in a program whose telemetry is off: none allocates. With -nanoseconds it
// measures them, too. The control is a hook of a package's that is not off.
func TestDisabledHooks(t *testing.T) {
	rules, err := filepath.Glob(filepath.Join(Root(), "instrumentation/*/weave.yaml"))
	if err != nil || len(rules) < 20 {
		t.Fatalf("%d files of rules, %v", len(rules), err)
	}
	dir := t.TempDir()
	overlay := map[string]string{}
	put := func(path string, text []byte) {
		at := filepath.Join(dir, strconv.Itoa(len(overlay))+".go")
		if err := os.WriteFile(at, text, 0o666); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(Root(), path)] = at
	}
	var imports, all strings.Builder
	count := 0
	for _, path := range rules {
		h, name := readHooks(t, path)
		if slices.Contains(ungated, h.folder) || len(h.calls) == 0 {
			continue
		}
		count++
		put("instrumentation/"+h.folder+"/zz_disabled.go", h.file(t, name))
		fmt.Fprintf(&imports, "\t%s %q\n", "h"+strconv.Itoa(count), module+"/instrumentation/"+h.folder)
		fmt.Fprintf(&all, "\tadd(%q, %s.WeaveDisabled)\n", h.folder, "h"+strconv.Itoa(count))
	}
	put("instrumentation/internal/zzdisabled/main.go", []byte(strings.NewReplacer("IMPORTS", imports.String(), "ALL", all.String()).Replace(disabledMain)))
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, text, 0o666); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "disabled")
	build := exec.Command("go", "build", "-overlay", list, "-o", binary, "./instrumentation/internal/zzdisabled")
	build.Dir = Root()
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if _, err := output(build); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	if *nanoseconds {
		cmd.Args = append(cmd.Args, "nanoseconds")
	}
	cmd.Env = append(cmd.Environ(), "OTEL_SDK_DISABLED=true")
	out, err := output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	var measured map[string]struct {
		Allocations, Nanoseconds float64
		Panic                    string
	}
	if err := json.Unmarshal([]byte(out), &measured); err != nil {
		t.Fatal(err)
	}
	if len(measured) < count || measured["control"].Allocations == 0 {
		t.Errorf("%d hooks of %d packages, and the control is %v", len(measured), count, measured["control"])
	}
	delete(measured, "control")
	names := slices.SortedFunc(maps.Keys(measured), func(a, b string) int {
		return cmp.Or(cmp.Compare(measured[b].Nanoseconds, measured[a].Nanoseconds), cmp.Compare(a, b))
	})
	for _, name := range names {
		if n := measured[name].Allocations; n != 0 {
			t.Errorf("%s allocates %v times where it is off", name, n)
		}
		if text := measured[name].Panic; text != "" {
			t.Errorf("%s panics where it is off: %s", name, text)
		}
		if *nanoseconds {
			fmt.Printf("%6.2f ns  %s\n", measured[name].Nanoseconds, name)
		}
	}
}

var (
	namedHook  = regexp.MustCompile(`function: "?(\w+)`)
	linkedHook = regexp.MustCompile(`^//go:linkname \w+ .*\.weave`)
)

// readHooks finds the functions of a package that its rules name, or that are linked to variables of adapters.
func readHooks(t *testing.T, rules string) (h hookCalls, name string) {
	folder := filepath.Dir(rules)
	h = hookCalls{filepath.Base(folder), map[string]bool{}, map[string]string{}}
	text, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{}
	for _, m := range namedHook.FindAllStringSubmatch(string(text), -1) {
		wanted[m[1]] = ast.IsExported(m[1])
	}
	files := token.NewFileSet()
	packages, err := parser.ParseDir(files, folder, func(f os.FileInfo) bool {
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		return err == nil && !strings.HasSuffix(f.Name(), "_test.go") && !bytes.HasPrefix(text, []byte("//go:build weave_adapter\n"))
	}, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, p := range packages {
		if name = p.Name; name == "main" {
			continue
		}
		for _, path := range slices.Sorted(maps.Keys(p.Files)) {
			parsed = append(parsed, p.Files[path])
		}
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if v, ok := d.(*ast.GenDecl); ok && v.Tok == token.VAR {
				for _, s := range v.Specs {
					spec := s.(*ast.ValueSpec)
					docs := spec.Doc
					if docs == nil {
						docs = v.Doc
					}
					if docs == nil || len(spec.Values) != 1 || !slices.ContainsFunc(docs.List, func(c *ast.Comment) bool { return linkedHook.MatchString(c.Text) }) {
						continue
					}
					if of, ok := spec.Values[0].(*ast.Ident); ok {
						wanted[of.Name] = true
					}
				}
			}
		}
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Type.TypeParams != nil || !wanted[fn.Name.Name] {
				continue
			}
			var body, args strings.Builder
			n := 0
			for _, p := range fn.Type.Params.List {
				of := p.Type
				spread := ""
				if e, ok := of.(*ast.Ellipsis); ok {
					of, spread = &ast.ArrayType{Elt: e.Elt}, "..."
				}
				var shown bytes.Buffer
				if err := printer.Fprint(&shown, files, of); err != nil {
					t.Fatal(err)
				}
				ast.Inspect(of, func(node ast.Node) bool {
					if s, ok := node.(*ast.SelectorExpr); ok {
						if x, ok := s.X.(*ast.Ident); ok {
							h.imports[importOf(t, f, x.Name)] = true
						}
					}
					return true
				})
				for range max(1, len(p.Names)) {
					fmt.Fprintf(&body, "var a%d %s%s; ", n, shown.String(), something(t, files, of, shown.String()))
					fmt.Fprintf(&args, "a%d%s, ", n, spread)
					n++
				}
			}
			h.calls[fn.Name.Name] = body.String() + "return func() { " + fn.Name.Name + "(" + args.String() + ") }"
		}
	}
	return h, name
}

// something returns an initialization of a variable, where nothing is not what hooks are given.
func something(t *testing.T, files *token.FileSet, of ast.Expr, shown string) string {
	switch shown {
	case "context.Context":
		return " = context.Background()"
	case "*any":
		return " = new(any)"
	case "*http.Request":
		return ` = func() *http.Request { r, _ := http.NewRequest("GET", "/", nil); return r }()`
	}
	f, ok := of.(*ast.FuncType)
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, " = %s { ", shown)
	var results []string
	if f.Results != nil {
		for _, r := range f.Results.List {
			var of bytes.Buffer
			if err := printer.Fprint(&of, files, r.Type); err != nil {
				t.Fatal(err)
			}
			for range max(1, len(r.Names)) {
				results = append(results, fmt.Sprintf("r%d", len(results)))
				fmt.Fprintf(&b, "var %s %s; ", results[len(results)-1], of.String())
			}
		}
	}
	fmt.Fprintf(&b, "return %s }", strings.Join(results, ", "))
	return b.String()
}

// importOf returns the declaration by which a file imports what it calls name.
func importOf(t *testing.T, f *ast.File, name string) string {
	for _, s := range f.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		if s.Name != nil && s.Name.Name == name {
			return name + " " + s.Path.Value
		}
		if s.Name == nil && (path == name || strings.HasSuffix(path, "/"+name)) {
			return s.Path.Value
		}
	}
	t.Fatalf("nothing is imported as %s", name)
	return ""
}

// file is the file of a package.
func (h hookCalls) file(t *testing.T, name string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport (\n", name)
	for _, i := range slices.Sorted(maps.Keys(h.imports)) {
		fmt.Fprintf(&b, "\t%s\n", i)
	}
	b.WriteString(")\n\nvar WeaveDisabled = map[string]func(){\n")
	for _, f := range slices.Sorted(maps.Keys(h.calls)) {
		fmt.Fprintf(&b, "\t%q: func() func() { %s }(),\n", f, h.calls[f])
	}
	b.WriteString("}\n")
	text, err := format.Source([]byte(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return text
}

const disabledMain = `package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"syscall"
	"testing"

IMPORTS)

type measured struct {
	Allocations, Nanoseconds float64
	Panic                    string
}

var kept any

func nothing() {}

// took returns how much CPU time a call takes, in nanoseconds: the least of several tries.
func took(call func()) float64 {
	const calls = 1 << 18
	least := math.Inf(1)
	for range 5 {
		begun := used()
		for range calls {
			call()
		}
		least = min(least, float64(used()-begun)/calls)
	}
	return least
}

func used() int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}

func panics(call func()) (text string) {
	defer func() {
		if value := recover(); value != nil {
			text = fmt.Sprint(value)
		}
	}()
	call()
	return ""
}

func main() {
	all := map[string]measured{}
	measure := func(name string, call func()) {
		if value := panics(call); value != "" {
			all[name] = measured{Panic: value}
			return
		}
		m := measured{Allocations: testing.AllocsPerRun(100, call)}
		if len(os.Args) > 1 {
			m.Nanoseconds = took(call) - took(nothing)
		}
		all[name] = m
	}
	add := func(folder string, calls map[string]func()) {
		for name, call := range calls {
			measure(folder+"."+name, call)
		}
	}
ALL
	all["control"] = measured{Allocations: testing.AllocsPerRun(100, func() { kept = make([]byte, 16) })}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		os.Exit(1)
	}
}
`

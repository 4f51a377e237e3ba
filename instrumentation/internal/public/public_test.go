// Package public holds what is public of this project against the files of api/.
package public

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rules-go-weave/rules_go_weave/instrumentation/internal/weavetest"
)

const root = "../../.."

// publicPackages are the folders of packages that hooks of people's own may use (docs/versioning.md).
var publicPackages = []string{"runtime", "runtime/hook", "runtime/redact", "runtime/sqlmask"}

// TestPublicGo compares what these packages export with api/go.txt. UPDATE_EXPECT=1 writes it.
func TestPublicGo(t *testing.T) {
	var all strings.Builder
	for _, folder := range publicPackages {
		fmt.Fprintf(&all, "package %s\n\n", folder)
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		var declared []string
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, exported(t, string(text))...)
		}
		slices.Sort(declared)
		if len(declared) == 0 {
			t.Errorf("%s exports nothing", folder)
		}
		all.WriteString(strings.Join(declared, "\n") + "\n\n")
	}
	same(t, "go.txt", all.String())
	// Controls: what is taken away, added or changed is seen, and nothing else is.
	const before = "package p\n\n// F does it.\nfunc F(a int) error { return nil }\n\nfunc g() {}\n\ntype T struct {\n\tA int\n\tb int\n}\n"
	want := exported(t, before)
	for _, change := range []struct {
		from, to string
		public   bool
	}{
		{"func F(a int) error", "func F(a, b int) error", true}, {"A int", "A string", true}, {"func g", "func G", true}, {"func F", "func f", true},
		{"F does it", "F does something", false}, {"return nil", "panic(1)", false}, {"b int", "b string", false}, {"func g() {}", "", false},
		{"func g", "func (t T) G", true}, {"func g", "func (t *t) G", false},
	} {
		if got := exported(t, strings.Replace(before, change.from, change.to, 1)); slices.Equal(got, want) == change.public {
			t.Errorf("%q for %q: %q", change.to, change.from, got)
		}
	}
}

// exported lists what a file declares for other packages, without bodies and comments.
func exported(t *testing.T, text string) []string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.FileExports(file)
	var all []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && !ast.IsExported(receiver(d.Recv.List[0].Type)) {
				continue
			}
			d.Body = nil
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR {
					v.Values = nil
				}
			}
		}
		var out bytes.Buffer
		if err := format.Node(&out, fset, d); err != nil {
			t.Fatal(err)
		}
		all = append(all, out.String())
	}
	return all
}

// receiver is the name of a receiver's type.
func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.IndexListExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// What is matched of Starlark files, which buildifier has laid out in one way.
var (
	loadable  = []string{"rules/defs.bzl", "rules/aspects.bzl", "rules/extensions.bzl"}
	loaded    = regexp.MustCompile(`(?m)^([a-z]\w*) = _(\w+)$`)
	attribute = regexp.MustCompile(`(?m)^ +"([a-z]\w*)": (attr\.\w+|tag_class)\(`)
	setting   = regexp.MustCompile(`(?m)^(\w+)\(\n {4}name = "(\w+)",\n`)
)

// starlark lists what people load of a module's files, with parameters and attributes, and the targets of its root package.
func starlark(files map[string]string) string {
	var all []string
	var private strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(name, "rules/private/") {
			private.WriteString(files[name])
		}
	}
	for _, file := range loadable {
		for _, m := range loaded.FindAllStringSubmatch(files[file], -1) {
			line := file + " " + m[1]
			if parameters := regexp.MustCompile(`(?m)^def ` + m[2] + `\((.*)\):$`).FindStringSubmatch(private.String()); parameters != nil {
				line += "(" + parameters[1] + ")"
			}
			// A macro makes a target of a rule of its name.
			definition := regexp.MustCompile(`(?ms)^_?` + m[2] + ` = \w+\((?:[^\n]*\)$|.*?^\))`).FindString(private.String())
			var attributes []string
			for _, a := range attribute.FindAllStringSubmatch(definition, -1) {
				attributes = append(attributes, "\n    "+a[1]+": "+strings.TrimPrefix(a[2], "attr."))
			}
			slices.Sort(attributes)
			all = append(all, line+strings.Join(attributes, ""))
		}
	}
	for _, m := range setting.FindAllStringSubmatch(files["BUILD.bazel"], -1) {
		all = append(all, "//:"+m[2]+", "+m[1])
	}
	slices.Sort(all)
	return strings.Join(all, "\n") + "\n"
}

// TestPublicStarlark compares what people can load, set and name of the Bazel module with api/starlark.txt. UPDATE_EXPECT=1 writes it.
func TestPublicStarlark(t *testing.T) {
	files := map[string]string{}
	for _, pattern := range []string{"rules/*.bzl", "rules/private/*.bzl", "BUILD.bazel"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			files[strings.TrimPrefix(filepath.ToSlash(p), root+"/")] = string(text)
		}
	}
	got := starlark(files)
	same(t, "starlark.txt", got)
	// Control: a name, an attribute and a flag that are gone are seen.
	for file, words := range map[string][2]string{
		"rules/defs.bzl":                    {"go_directives = _go_directives", ""},
		"rules/private/instrumentation.bzl": {`"hooks": attr.label(`, `"hook": attr.label(`},
		"BUILD.bazel":                       {`name = "except"`, `name = "but"`},
	} {
		was := files[file]
		files[file] = strings.ReplaceAll(was, words[0], words[1])
		if files[file] == was || starlark(files) == got {
			t.Errorf("%s without %q is the same", file, words[0])
		}
		files[file] = was
	}
}

// internalVerbs are those that Bazel calls, and may change as the rules do.
var internalVerbs = []string{"lower", "types", "weave", "stdgraph", "stdcheck", "main", "help"}

// TestPublicFlags compares the verbs of goweave for people, and their flags, with api/flags.txt. UPDATE_EXPECT=1 writes it.
func TestPublicFlags(t *testing.T) {
	goweave, err := weavetest.Find(root)
	if err != nil {
		t.Fatal(err)
	}
	help := func(verb ...string) string {
		out, err := exec.Command(goweave, append(verb, "--help")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	_, commands, _ := strings.Cut(help(), "\nCommands:\n")
	commands, _, _ = strings.Cut(commands, "\n\n")
	var all, passed []string
	for _, m := range regexp.MustCompile(`(?m)^  (\w+) `).FindAllStringSubmatch(commands, -1) {
		verb := m[1]
		if slices.Contains(internalVerbs, verb) {
			passed = append(passed, verb)
			continue
		}
		if verb == "go" {
			// Its flags are those of the go command.
			all = append(all, "goweave go")
			continue
		}
		text := help(verb)
		all = append(all, regexp.MustCompile(`(?m)^Usage: (.*)$`).FindStringSubmatch(text)[1])
		for _, f := range regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[\w-]+.*)$`).FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(f[1], "--help") {
				flag, _, _ := strings.Cut(f[1], "  ")
				all = append(all, "    "+strings.TrimSpace(flag))
			}
		}
	}
	if len(passed) != len(internalVerbs) {
		t.Errorf("of the verbs for Bazel there are %v alone", passed)
	}
	same(t, "flags.txt", strings.Join(all, "\n")+"\n")
}

// same compares a text with a file of api/.
func same(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(root, "api", name)
	if os.Getenv("UPDATE_EXPECT") != "" {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("what is public is not what api/%s says (docs/versioning.md); UPDATE_EXPECT=1 writes it anew:\n%s", name, got)
	}
}

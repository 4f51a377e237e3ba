package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// plan is what a new folder is made of.
type plan struct {
	Name, Module, Version, Oldest string
	Package, PackageName          string // the package of the module that the first rule is for
	Function, Receiver, Context   string // the function that the first rule is for; its parameter of type context.Context, if it has one
	Fails                         bool   // its last result is an error
}

var nameOf = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// create makes a folder for a library, and all that goes with it.
func create(root, name, module, oldest string) error {
	if !nameOf.MatchString(name) {
		return fmt.Errorf("%q is no name of a folder\nhelp: small letters, digits and underscores, since the switch is OTEL_INSTRUMENTATION_<NAME>_ENABLED", name)
	}
	module, version, _ := strings.Cut(module, "@")
	p := plan{Name: name, Module: module, Version: version, Oldest: oldest}
	if p.Version == "" {
		p.Version = "latest"
	}
	folder := filepath.Join(root, "instrumentation", name)
	program := filepath.Join(root, "instrumentation/internal/weavetest/testdata", name)
	for _, dir := range []string{folder, program} {
		if _, err := os.Stat(dir); err == nil {
			return fmt.Errorf("%s is there already", dir)
		}
	}
	if err := p.make(root, folder, program); err != nil {
		// What is half made would be in the way of the next try.
		return errors.Join(err, os.RemoveAll(folder), os.RemoveAll(program))
	}
	fmt.Printf(`made instrumentation/%[1]s, which weaves %[2]s of %[3]s %[4]s
next: instrumentation/%[1]s/weave.yaml      where the library is to be woven
      instrumentation/%[1]s/hooks.go        what is done there
      instrumentation/%[1]s/about.json      what the catalogue says
      instrumentation/internal/weavetest/testdata/%[1]s/main.go and catalogue_%[1]s_test.go   what a program does, and its spans
then: cd instrumentation/internal/weavetest && go test -run TestCatalogue/%[1]s . -args -update, and ./dev generate
`, name, p.Function, p.Package, p.Version)
	return nil
}

func (p *plan) make(root, folder, program string) error {
	for _, dir := range []string{folder, filepath.Join(program, "oldest")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	versions := []struct{ dir, version string }{{program, p.Version}, {filepath.Join(program, "oldest"), p.Oldest}}
	if p.Oldest == "" {
		versions[1].version = p.Version
	}
	for i, at := range versions {
		if err := os.WriteFile(filepath.Join(at.dir, "go.mod"), []byte("module example.com/"+p.Name+"\n\ngo 1.24\n"), 0o666); err != nil {
			return err
		}
		if _, err := output(at.dir, "go", "get", p.Module+"@"+at.version); err != nil {
			return err
		}
		if i == 0 {
			if err := p.find(at.dir); err != nil {
				return err
			}
			if err := p.write(program, "main.go", mainText); err != nil {
				return err
			}
		} else if err := p.write(at.dir, "main.go", mainText); err != nil { // go mod tidy asks what is imported
			return err
		}
		if _, err := output(at.dir, "go", "mod", "tidy"); err != nil {
			return err
		}
	}
	if err := os.Remove(filepath.Join(program, "oldest/main.go")); err != nil {
		return err
	}
	for _, f := range []struct{ dir, name, text string }{
		{folder, "about.json", aboutText},
		{folder, "weave.yaml", rulesText},
		{folder, "hooks.go", hooksText},
		{folder, "adapter.go", adapterText},
		{folder, "BUILD.bazel", buildText},
		{program, "emitted.json", "{\n  \"attributes\": [],\n  \"metrics\": []\n}\n"},
		{filepath.Join(root, "instrumentation/internal/weavetest"), "catalogue_" + p.Name + "_test.go", caseText},
	} {
		if err := p.write(f.dir, f.name, f.text); err != nil {
			return err
		}
	}
	return write(root)
}

func (p *plan) write(dir, name, text string) error {
	var b bytes.Buffer
	if err := template.Must(template.New(name).Parse(text)).Execute(&b, p); err != nil {
		return err
	}
	out := b.Bytes()
	if strings.HasSuffix(name, ".go") {
		formatted, err := format.Source(out)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		out = formatted
	}
	return os.WriteFile(filepath.Join(dir, name), out, 0o666)
}

// output runs a command, whose output on stderr is the error.
func output(dir string, command ...string) ([]byte, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, bytes.TrimSpace(errs.Bytes()))
	}
	return out, nil
}

// find looks for a function of the library that a first rule can be for: best one with a context and an error.
func (p *plan) find(dir string) error {
	out, err := output(dir, "go", "list", "-m", "-json", p.Module)
	if err != nil {
		return err
	}
	var m struct{ Version, Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return err
	}
	p.Version = m.Version
	out, err = output(dir, "go", "list", "-e", "-f", "{{.Name}} {{.ImportPath}} {{.Dir}}", p.Module, p.Module+"/...")
	if err != nil {
		return err
	}
	best := 0
	for _, line := range strings.Split(string(out), "\n") {
		words := strings.SplitN(line, " ", 3)
		if len(words) != 3 || words[2] == "" || words[0] == "main" || slices.Contains(strings.Split(words[1], "/"), "internal") {
			continue
		}
		files, err := build.ImportDir(words[2], 0)
		if err != nil {
			continue // for another system, say
		}
		for _, name := range files.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(words[2], name), nil, parser.SkipObjectResolution)
			if err != nil {
				continue
			}
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					if found, worth := candidate(f); worth > best {
						best = worth
						p.Package, p.PackageName = words[1], words[0]
						p.Function, p.Receiver, p.Context, p.Fails = found.Function, found.Receiver, found.Context, found.Fails
					}
				}
			}
		}
		// What the module is called by comes first.
		if words[1] == p.Module && best > 0 {
			break
		}
	}
	if best == 0 {
		return fmt.Errorf("%s %s has no package with an exported function, or a method of a pointer to an exported type\nhelp: name the module that has what programs call", p.Module, p.Version)
	}
	return nil
}

// candidate tells how well a function suits a first rule; 0 is not at all.
func candidate(f *ast.FuncDecl) (p plan, worth int) {
	if f.Body == nil || !f.Name.IsExported() {
		return p, 0
	}
	p.Function, worth = f.Name.Name, 2
	if f.Recv == nil && strings.HasPrefix(f.Name.Name, "New") {
		worth = 1 // which makes what the calls are of
	}
	if f.Recv != nil {
		star, _ := f.Recv.List[0].Type.(*ast.StarExpr)
		if star == nil {
			return p, 0
		}
		named := star.X
		switch generic := named.(type) {
		case *ast.IndexExpr:
			named = generic.X
		case *ast.IndexListExpr:
			named = generic.X
		}
		of, ok := named.(*ast.Ident)
		if !ok || !of.IsExported() {
			return p, 0
		}
		p.Receiver = "*" + of.Name
	}
	if first := f.Type.Params.List; len(first) > 0 && len(first[0].Names) > 0 && first[0].Names[0].Name != "_" {
		if sel, ok := first[0].Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Context" {
			if of, ok := sel.X.(*ast.Ident); ok && of.Name == "context" {
				p.Context = first[0].Names[0].Name
				worth += 4
			}
		}
	}
	if r := f.Type.Results; r != nil {
		if last, ok := r.List[len(r.List)-1].Type.(*ast.Ident); ok && last.Name == "error" {
			p.Fails = true
			worth += 2
		}
	}
	return p, worth
}

const aboutText = `{
  "library": "{{.Name}}",
  "packages": ["{{.Package}}"],
  "modules": ["{{.Module}}"],
  "summary": "` + "`{{.Function}}`" + `",
  "spans": "client",
  "not-covered": ["everything else"]
}
`

const rulesText = `weave: 1
name: {{.Name}}
hooks: github.com/rules-go-weave/rules_go_weave/instrumentation/{{.Name}}
doc: calls of {{.Module}}
rules:
  - id: call
    where: { package: {{.Package}}, function: {{.Function}}{{if .Receiver}}, receiver: "{{.Receiver}}"{{end}} }
    do: { hook: { function: Call, arguments: [{{if .Context}}{{.Context}}, {{end}}weaveName()]{{if .Context}}, replace: [{{.Context}}]{{end}} } }
  - id: adapter
    where: { package: {{.Package}} }
    do: { file: adapter.go }
`

const hooksText = `// Package {{.Name}} has the hooks for {{.Module}}: a span for each call of {{.Function}}.
package {{.Name}}

import (
	"context"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var lib = hook.New("{{.Name}}")

func init() { gate.Open("{{.Name}}") }

// Call is woven into {{.Function}}. It returns what is told {{if .Fails}}the call's error, and what ends the span of one that panics{{else}}that the call has ended{{end}}.
func Call({{if .Context}}ctx context.Context, {{end}}name string) ({{if .Context}}with context.Context, {{end}}{{if .Fails}}exit func(error), {{end}}end func()) {
	if gate.Closed() {
		return {{if .Context}}ctx, {{end}}{{if .Fails}}nil, {{end}}nil
	}
	defer lib.Recover()
	mark := hook.PanicMark()
	{{if .Context}}with{{else}}_{{end}}, op := lib.Start({{if .Context}}ctx{{else}}context.Background(){{end}}, hook.Client, name)
	if !op.Recording() {
		return {{if .Context}}ctx, {{end}}{{if .Fails}}nil, {{end}}nil
	}
	return {{if .Context}}with, {{end}}{{if .Fails}}op.End, {{end}}func() {
		if value, panicked := mark.Value(); panicked {
			op.Panicked(value)
		}
		op.End(nil) // nothing, where it has ended
	}
}
`

const adapterText = `//go:build weave_adapter

package {{.PackageName}}

// weaveName returns what a call's span is called. What needs the types of the library stands in this file, which is woven into its package.
func weaveName() string { return "{{.Function}}" }
`

const buildText = `load("@rules_go//go:def.bzl", "go_library")
load("//rules:defs.bzl", "go_instrumentation")

go_library(
    name = "hooks",
    srcs = ["hooks.go"],
    importpath = "github.com/rules-go-weave/rules_go_weave/instrumentation/{{.Name}}",
    visibility = ["//visibility:public"],
    deps = ["//runtime/hook"],
)

go_instrumentation(
    name = "{{.Name}}",
    adapters = ["adapter.go"],
    hooks = ":hooks",
    rules = "weave.yaml",
    targets = ["{{.Package}}"],
    visibility = ["//visibility:public"],
)
`

const mainText = `// Command {{.Name}} uses {{.Module}} in all ways that its hooks are for.
package main

import (
	"fmt"

	_ "{{.Package}}"
)

func main() { fmt.Println("nothing is called yet") }
`

const caseText = `package weavetest

func init() {
	catalogue["{{.Name}}"] = library{programs: []use{{"{{"}}name: "all"{{"}}"}}}
}
`

package weavetest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// foreign lists what the packages of instrumentation/ import that belongs neither to the standard library, nor to OpenTelemetry's API,
// nor to us: "PACKAGE imports PATH".
func foreign(t *testing.T, allowed []string, patterns ...string) (packages int, found []string) {
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Imports"}, patterns...)...)
	cmd.Dir = Root()
	out, err := output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, found
		} else if err != nil {
			t.Fatal(err)
		}
		packages++
		for _, path := range p.Imports {
			first, _, _ := strings.Cut(path, "/")
			within := func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") }
			sdk := within("go.opentelemetry.io/otel/sdk") || within("go.opentelemetry.io/otel/exporters")
			if strings.Contains(first, ".") && (sdk || !slices.ContainsFunc(allowed, within)) {
				found = append(found, p.ImportPath+" imports "+path)
			}
		}
	}
}

// TestHooksNameNoLibrary holds what lets instrumentations of any library be in one module: none of them brings a requirement of its own.
func TestHooksNameNoLibrary(t *testing.T) {
	api := []string{module, "go.opentelemetry.io/otel"}
	// The harness is not an instrumentation: it reads OTLP.
	below, err := exec.Command("go", "list", "-C", Root(), "./instrumentation/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := slices.DeleteFunc(strings.Fields(string(below)), func(p string) bool { return strings.Contains(p, "/internal/weavetest") })
	n, found := foreign(t, api, packages...)
	if n < 6 {
		t.Errorf("only %d packages", n)
	}
	for _, fault := range found {
		t.Errorf("%s\nhelp: what needs the types of a library is an adapter: a Go file beside weave.yaml that a rule names by `file`", fault)
	}
	// The control is the harness.
	if _, found := foreign(t, append(api, "google.golang.org/protobuf"), module+"/instrumentation/internal/weavetest"); len(found) == 0 {
		t.Error("the control finds nothing")
	}
}

// TestGuardedHooksGiveBack holds that a hook which panics gives back what it was given: each function that defers Recover has set every
// result before that whose type is the one of a parameter. A result that it has not set is zero, and a context or a request that is nil
// ends the program.
func TestGuardedHooksGiveBack(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(Root(), "instrumentation", "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	guarded := 0
	for _, file := range files {
		n, found := forgetful(t, file, nil)
		guarded += n
		for _, fault := range found {
			t.Errorf("%s\nhelp: name the result, and set it before `defer lib.Recover()`", fault)
		}
	}
	if guarded < 20 {
		t.Errorf("only %d guarded functions give back what they take", guarded)
	}
	for src, want := range map[string]int{
		"func F(ctx C) C { defer lib.Recover(); return ctx }":                0,
		"func F(ctx C) (out C) { defer lib.Recover(); return ctx }":          0,
		"func F(ctx C) (out C) { out = ctx; defer lib.Recover(); return }":   1,
		"var f = func(a, b C) (C, func()) { defer lib.Recover(); return a }": 0,
	} {
		if n, found := forgetful(t, "control.go", "package p\n"+src); n != 1 || len(found) != 1-want {
			t.Errorf("%s: %d %q", src, n, found)
		}
	}
}

// forgetful returns how many functions of a file defer Recover and have a result of a parameter's type, and which results are not set.
func forgetful(t *testing.T, file string, src any) (guarded int, found []string) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		var signature *ast.FuncType
		var body *ast.BlockStmt
		switch f := n.(type) {
		case *ast.FuncDecl:
			signature, body = f.Type, f.Body
		case *ast.FuncLit:
			signature, body = f.Type, f.Body
		}
		if body == nil || signature.Results == nil {
			return true
		}
		var before []string // what is set
		recovers := slices.ContainsFunc(body.List, func(s ast.Stmt) bool {
			switch s := s.(type) {
			case *ast.AssignStmt:
				for _, l := range s.Lhs {
					before = append(before, types.ExprString(l))
				}
			case *ast.DeferStmt:
				return strings.HasSuffix(types.ExprString(s.Call.Fun), ".Recover")
			}
			return false
		})
		for _, r := range signature.Results.List {
			of := types.ExprString(r.Type)
			if !recovers || of == "any" || !slices.ContainsFunc(signature.Params.List, func(p *ast.Field) bool { return types.ExprString(p.Type) == of }) {
				continue
			}
			guarded++
			if len(r.Names) == 0 || slices.ContainsFunc(r.Names, func(name *ast.Ident) bool { return !slices.Contains(before, name.Name) }) {
				found = append(found, fset.Position(n.Pos()).String()+" may return no "+of)
			}
		}
		return true
	})
	return guarded, found
}

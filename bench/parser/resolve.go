package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// resolve answers requests "d DIR\n" with what go/types says that each identifier of the package there is:
//
//	F PATH         the lines up to the next F are about this file
//	OFFSET D       it declares something
//	OFFSET L OFF   it is a local name, declared at that offset
//	OFFSET I PATH  it is an imported package
//	OFFSET P       it is declared by the package
//	OFFSET U       it is predeclared
//	OFFSET N       it is none of these: a name after a dot, a label, the name of the package
//
// Imported packages are empty, so some identifiers have no answer.
func resolve(in *bufio.Reader, out *bufio.Writer) error {
	packages := make(stubs)
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF && line == "" {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := resolvePackage(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "d "), packages)
		status := "ok"
		if err != nil {
			status, text = "reject", err.Error()
		}
		fmt.Fprintf(out, "%s %d\n%s", status, len(text), text)
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func resolvePackage(dir string, packages stubs) (string, error) {
	pkg, err := build.ImportDir(dir, 0)
	if err != nil {
		return "", err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	var paths []string
	for _, name := range append(pkg.GoFiles, pkg.CgoFiles...) {
		path := filepath.Join(dir, name)
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		paths = append(paths, path)
		files = append(files, file)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: packages, FakeImportC: true, Error: func(error) {}}
	checked, _ := config.Check("p", fset, files, info)
	var text strings.Builder
	for i, file := range files {
		fmt.Fprintf(&text, "F %s\n", paths[i])
		handle := fset.File(file.FileStart)
		answers := map[int]string{}
		for id, object := range info.Defs {
			if fset.File(id.Pos()) == handle {
				answers[handle.Offset(id.Pos())] = definition(id, object)
			}
		}
		// An embedded field is a use of its type, too, and that counts.
		for id, object := range info.Uses {
			if fset.File(id.Pos()) == handle {
				if object.Pos() == id.Pos() {
					continue // A type parameter that a receiver names.
				}
				answers[handle.Offset(id.Pos())] = use(object, checked, handle)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				answers[handle.Offset(n.Sel.Pos())] = "N"
			case *ast.ImportSpec:
				if n.Name != nil {
					delete(answers, handle.Offset(n.Name.Pos()))
				}
			}
			return true
		})
		answers[handle.Offset(file.Name.Pos())] = "N"
		var offsets []int
		for offset, answer := range answers {
			if answer != "" {
				offsets = append(offsets, offset)
			}
		}
		sort.Ints(offsets)
		for _, offset := range offsets {
			fmt.Fprintf(&text, "%d %s\n", offset, answers[offset])
		}
	}
	return text.String(), nil
}

func definition(id *ast.Ident, object types.Object) string {
	if field, ok := object.(*types.Var); ok && field.Embedded() {
		return "" // It is its type that counts, even if that is not known.
	}
	_, label := object.(*types.Label)
	if label || object == nil && id.Name == "_" {
		return "N"
	}
	return "D"
}

func use(object types.Object, pkg *types.Package, file *token.File) string {
	switch object := object.(type) {
	case *types.PkgName:
		return "I " + object.Imported().Path()
	case *types.Label:
		return "N"
	case *types.Var:
		if object.IsField() {
			return "" // The key of a composite literal: what it is, only types tell.
		}
	}
	switch object.Parent() {
	case types.Universe:
		return "U"
	case pkg.Scope():
		return "P"
	case nil:
		return "" // A method.
	}
	return fmt.Sprintf("L %d", file.Offset(object.Pos()))
}

// stubs empty packages with the right names.
type stubs map[string]*types.Package

func (packages stubs) Import(importPath string) (*types.Package, error) {
	if pkg := packages[importPath]; pkg != nil {
		return pkg, nil
	}
	if importPath == "unsafe" {
		return types.Unsafe, nil
	}
	name := path.Base(importPath)
	for _, dir := range []string{"", "vendor", "cmd/vendor"} {
		found, err := build.ImportDir(filepath.Join(build.Default.GOROOT, "src", dir, importPath), 0)
		if err == nil {
			name = found.Name
			break
		}
	}
	pkg := types.NewPackage(importPath, name)
	pkg.MarkComplete()
	packages[importPath] = pkg
	return pkg, nil
}

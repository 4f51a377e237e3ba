// Command rewriter is an external rewriter: every function counts its entries, and main prints how many there were.
//
// It reads a request of goweave from stdin and writes its answer to stdout; see docs/rewriters.md.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
)

type request struct {
	Rewriter    int    `json:"rewriter"`
	PackageName string `json:"package_name"`
	Files       []file `json:"files"`
}

type file struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type answer struct {
	Rewriter int      `json:"rewriter"`
	Applies  bool     `json:"applies"`
	Edits    []edit   `json:"edits,omitempty"`
	Extra    []source `json:"extra,omitempty"`
	Imports  []string `json:"imports,omitempty"`
}

type edit struct {
	File   string `json:"file"`
	Offset int    `json:"offset"`
	Text   string `json:"text"`
}

type source struct {
	File string `json:"file"`
	Text string `json:"text"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	if asked.Rewriter != 1 {
		return fmt.Errorf("the request is of protocol %d, and this rewriter knows 1", asked.Rewriter)
	}
	out := answer{Rewriter: 1}
	for _, f := range asked.Files {
		edits, err := entries(f)
		if err != nil {
			return err
		}
		out.Edits = append(out.Edits, edits...)
	}
	if out.Applies = len(out.Edits) > 0; out.Applies {
		out.Imports = []string{"sync/atomic"}
		out.Extra = []source{{
			File: "entries.go",
			Text: "package " + asked.PackageName + "\n\nimport \"sync/atomic\"\n\nvar countedEntries atomic.Int64\n",
		}}
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

// entries gives the edits that count in every function of a file, on the line of its brace.
func entries(f file) ([]edit, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, f.Name, f.Text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var edits []edit
	for _, decl := range tree.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		text := " countedEntries.Add(1);"
		if tree.Name.Name == "main" && fn.Recv == nil && fn.Name.Name == "main" {
			text += " defer func() { println(\"entries:\", countedEntries.Load()) }();"
		}
		edits = append(edits, edit{f.Name, fset.Position(fn.Body.Lbrace).Offset + 1, text})
	}
	return edits, nil
}

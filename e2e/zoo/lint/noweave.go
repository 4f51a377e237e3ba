// Package lint has an analyzer that would see woven text.
package lint

import (
	"go/ast"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports every identifier that the weaver could have written.
var Analyzer = &analysis.Analyzer{
	Name: "noweave",
	Doc:  "reports identifiers that start with weave",
	Run: func(pass *analysis.Pass) (any, error) {
		for _, file := range pass.Files {
			ast.Inspect(file, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, "weave") {
					pass.Reportf(id.Pos(), "woven identifier %s", id.Name)
				}
				return true
			})
		}
		return nil, nil
	},
}

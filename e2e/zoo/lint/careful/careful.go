// Package careful has an analyzer that knows of a package what it found in those that the package imports.
package careful

import (
	"go/ast"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// isCareful is noted on functions.
type isCareful struct{}

// AFact says that it is one.
func (*isCareful) AFact() {}

// Analyzer reports where another package names a function whose comment says lint:careful.
var Analyzer = &analysis.Analyzer{
	Name:      "careful",
	Doc:       "reports functions of other packages that want care",
	FactTypes: []analysis.Fact{new(isCareful)},
	Run: func(pass *analysis.Pass) (any, error) {
		for _, file := range pass.Files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Doc != nil && strings.Contains(f.Doc.Text(), "lint:careful") {
					pass.ExportObjectFact(pass.TypesInfo.Defs[f.Name], new(isCareful))
				}
			}
		}
		for id, object := range pass.TypesInfo.Uses {
			if object.Pkg() != nil && object.Pkg() != pass.Pkg && pass.ImportObjectFact(object, new(isCareful)) {
				pass.Reportf(id.Pos(), "careful with %s", id.Name)
			}
		}
		return nil, nil
	},
}

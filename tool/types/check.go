package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"hash/crc32"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Questions are what rules ask, as goweave lowers them.
type Questions struct {
	// Methods has names of methods whose calls are asked for; * stands for all.
	Methods []string `json:"methods,omitempty"`
	// Functions has functions whose calls are asked for: net/http.Get, net/http.*, or * for all.
	Functions []string `json:"functions,omitempty"`
	// Arguments says whether the types of the arguments of these calls are asked for.
	Arguments bool `json:"arguments,omitempty"`
	// Signatures says whether it is asked what receivers, parameters and results of functions implement.
	Signatures bool `json:"signatures,omitempty"`
	// Literals has import paths of the types whose literals are asked for.
	Literals []string `json:"literals,omitempty"`
	// Interfaces has the interfaces of which it is asked what implements them.
	Interfaces []string `json:"interfaces,omitempty"`
}

func (q *Questions) extend(other Questions) {
	q.Methods = append(q.Methods, other.Methods...)
	q.Functions = append(q.Functions, other.Functions...)
	q.Literals = append(q.Literals, other.Literals...)
	q.Interfaces = append(q.Interfaces, other.Interfaces...)
	q.Arguments = q.Arguments || other.Arguments
	q.Signatures = q.Signatures || other.Signatures
}

// sort sorts the lists and removes what is in them twice.
func (q *Questions) sort() {
	for _, list := range []*[]string{&q.Methods, &q.Functions, &q.Literals, &q.Interfaces} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// File is a Go file.
type File struct {
	Path   string
	Source []byte
}

// Input is what the facts are a function of.
type Input struct {
	Package string
	Std     bool
	// All says that all files are in the build.
	All bool
	// NoExternalTests says that files of the external test package, p_test, are not part of the package.
	NoExternalTests bool
	Questions       Questions
	Build           build.Context
	Files           []File
	Exports         Exports
}

// Facts are the answers.
type Facts struct {
	Weave   int       `json:"weave"`
	Package string    `json:"package"`
	Asked   Questions `json:"asked"`
	// Unknown has interfaces that the package does not know, and why.
	Unknown map[string]string `json:"unknown,omitempty"`
	// Wrong has what is not an interface, and why.
	Wrong map[string]string     `json:"wrong,omitempty"`
	Files map[string]*FileFacts `json:"files"`
}

// FileFacts are the answers about one file, in its order.
type FileFacts struct {
	// Sum is the CRC-32 (IEEE) of the source.
	Sum       string         `json:"sum"`
	Calls     []CallFact     `json:"calls,omitempty"`
	Functions []FunctionFact `json:"functions,omitempty"`
	Literals  []LiteralFact  `json:"literals,omitempty"`
}

// CallFact is about a call; At is the offset of its opening parenthesis.
type CallFact struct {
	At        int            `json:"at"`
	Method    *MethodFact    `json:"method,omitempty"`
	Arguments []ArgumentFact `json:"arguments,omitempty"`
}

// MethodFact is about a method that is called.
type MethodFact struct {
	Name string `json:"name"`
	// Of is the type that declares it.
	Of string `json:"of"`
	// Receiver is the static type of what stands before the dot.
	Receiver   string   `json:"receiver"`
	Implements []string `json:"implements,omitempty"`
	// Path has the embedded fields through which the method comes.
	Path []string `json:"path,omitempty"`
	// Adjust makes the receiver of what stands before the dot and those fields: &, * or nothing.
	Adjust string `json:"adjust,omitempty"`
	// Expression says that it is a method expression.
	Expression bool `json:"expression,omitempty"`
}

// ArgumentFact is about an argument.
type ArgumentFact struct {
	Type       string   `json:"type"`
	Implements []string `json:"implements,omitempty"`
}

// FunctionFact is about a function, At the offset of its name, or of the func of a literal.
type FunctionFact struct {
	At         int        `json:"at"`
	Receiver   []string   `json:"receiver,omitempty"`
	Parameters [][]string `json:"parameters,omitempty"`
	Results    [][]string `json:"results,omitempty"`
}

// LiteralFact is about a composite literal or new(T), At the offset of its brace or parenthesis.
type LiteralFact struct {
	At      int    `json:"at"`
	Package string `json:"package"`
	Name    string `json:"name"`
	// Pointer says that the literal stands for &T{} without saying so.
	Pointer bool `json:"pointer,omitempty"`
}

// checker has what is known while the answers are found.
type checker struct {
	input      *Input
	pkg        *types.Package
	info       *types.Info
	interfaces []namedInterface
}

type namedInterface struct {
	name string
	ty   *types.Interface
}

// Check checks a package and answers the questions. An error is of type [Errors].
func Check(input *Input) (*Facts, error) {
	facts := &Facts{
		Weave:   1,
		Package: input.Package,
		Asked:   input.Questions,
		Unknown: map[string]string{},
		Wrong:   map[string]string{},
		Files:   map[string]*FileFacts{},
	}
	fset := token.NewFileSet()
	var files []*ast.File
	var sources []File
	var found Errors
	cgo := false
	for _, f := range input.Files {
		in, err := input.All, error(nil)
		if !in {
			in, err = included(input.Build, f)
		}
		if err != nil {
			found = append(found, PositionError{Message: fmt.Sprintf("%s: %v", f.Path, err)})
			continue
		}
		if !in {
			continue
		}
		file, err := parser.ParseFile(fset, f.Path, f.Source, parser.SkipObjectResolution)
		if err != nil {
			found = append(found, syntax(err)...)
			continue
		}
		if input.NoExternalTests && strings.HasSuffix(file.Name.Name, "_test") {
			continue
		}
		if importsC(file) {
			if !input.Build.CgoEnabled {
				continue
			}
			cgo = true
		}
		files = append(files, file)
		sources = append(sources, f)
	}
	if len(found) > 0 {
		return nil, found
	}
	imports := &importing{input: input, fset: fset}
	imports.gc = importer.ForCompiler(fset, "gc", input.Exports.open)
	c := &checker{
		input: input,
		info: &types.Info{
			Types:      map[ast.Expr]types.TypeAndValue{},
			Defs:       map[*ast.Ident]types.Object{},
			Uses:       map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
	}
	config := types.Config{
		Importer:    imports,
		FakeImportC: true,
		Sizes:       types.SizesFor("gc", input.Build.GOARCH),
		Error: func(err error) {
			var e types.Error
			// What C declares is not known here, and what follows from it neither: the compiler judges.
			if !errors.As(err, &e) || e.Soft || cgo && !strings.HasPrefix(e.Msg, "could not import ") {
				return
			}
			found = append(found, PositionError{At: fset.PositionFor(e.Pos, false), Message: e.Msg})
		},
	}
	// The errors were collected.
	c.pkg, _ = config.Check(input.Package, fset, files, c.info)
	if len(found) > 0 {
		found.sort()
		return nil, found
	}
	for _, name := range input.Questions.Interfaces {
		ty, unknown, wrong := c.lookup(imports, name)
		switch {
		case unknown != "":
			facts.Unknown[name] = unknown
		case wrong != "":
			facts.Wrong[name] = wrong
		default:
			c.interfaces = append(c.interfaces, namedInterface{name, ty})
		}
	}
	for i, file := range files {
		base := filepath.Base(sources[i].Path)
		if facts.Files[base] != nil {
			return nil, Errors{{Message: fmt.Sprintf("two files are called %s", base)}}
		}
		facts.Files[base] = c.file(fset.File(file.FileStart), file, sources[i].Source)
	}
	return facts, nil
}

// included says whether a file is in the build.
func included(c build.Context, f File) (bool, error) {
	c.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.Source)), nil }
	return c.MatchFile("", filepath.Base(f.Path))
}

func importsC(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == `"C"` })
}

func syntax(err error) Errors {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return Errors{{Message: err.Error()}}
	}
	var all Errors
	for _, e := range list {
		all = append(all, PositionError{At: e.Pos, Message: e.Msg})
	}
	return all
}

// importing imports packages under the paths that the sources write.
type importing struct {
	input *Input
	fset  *token.FileSet
	gc    types.Importer
}

func (i *importing) Import(written string) (*types.Package, error) {
	if written == "unsafe" {
		return types.Unsafe, nil
	}
	return i.gc.Import(i.input.Exports.path(written, i.input.Std))
}

// lookup finds an interface, or says why the package does not know it, or that it is none.
func (c *checker) lookup(imports *importing, name string) (ty *types.Interface, unknown, wrong string) {
	if name == "error" {
		return types.Universe.Lookup("error").Type().Underlying().(*types.Interface), "", ""
	}
	dot := strings.LastIndex(name, ".")
	path, base := name[:dot], name[dot+1:]
	var scope *types.Scope
	complete := true
	if path == c.input.Package {
		scope = c.pkg.Scope()
	} else if pkg := c.known(path); pkg != nil {
		scope, complete = pkg.Scope(), pkg.Complete()
	}
	if scope == nil || scope.Lookup(base) == nil && !complete {
		// Whoever compiles the package has it as an input, if it has it.
		pkg, err := imports.gc.Import(path)
		switch {
		case err == nil:
			scope, complete = pkg.Scope(), true
		case scope == nil:
			return nil, fmt.Sprintf("%s compiles against nothing of %s, so nothing in it is a %s", c.input.Package, path, name), ""
		}
	}
	object := scope.Lookup(base)
	if object == nil && !complete {
		return nil, fmt.Sprintf("%s compiles against nothing that is a %s", c.input.Package, name), ""
	}
	if object == nil {
		return nil, "", fmt.Sprintf("package %s has no type %s", path, base)
	}
	typeName, ok := object.(*types.TypeName)
	if !ok {
		return nil, "", fmt.Sprintf("%s is not a type", name)
	}
	if named, ok := types.Unalias(typeName.Type()).(*types.Named); ok && named.TypeParams().Len() > 0 {
		return nil, "", fmt.Sprintf("%s has type parameters, and without type arguments nothing implements it", name)
	}
	i, ok := typeName.Type().Underlying().(*types.Interface)
	if !ok {
		return nil, "", fmt.Sprintf("%s is not an interface", name)
	}
	return i, "", ""
}

// known returns a package that the checked one refers to, directly or not.
func (c *checker) known(path string) *types.Package {
	seen := map[*types.Package]bool{}
	todo := slices.Clone(c.pkg.Imports())
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		if p.Path() == path {
			return p
		}
		todo = append(todo, p.Imports()...)
	}
	return nil
}

// file answers the questions about one file.
func (c *checker) file(positions *token.File, file *ast.File, source []byte) *FileFacts {
	facts := &FileFacts{Sum: fmt.Sprintf("%08x", crc32.ChecksumIEEE(source))}
	q := &c.input.Questions
	at := func(pos token.Pos) int { return positions.Offset(pos) }
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if fact := c.call(n); fact != nil {
				fact.At = at(n.Lparen)
				facts.Calls = append(facts.Calls, *fact)
			}
			if fact := c.newOf(n); fact != nil {
				fact.At = at(n.Lparen)
				facts.Literals = append(facts.Literals, *fact)
			}
		case *ast.CompositeLit:
			if fact := c.literal(c.info.TypeOf(n), n.Type == nil); fact != nil {
				fact.At = at(n.Lbrace)
				facts.Literals = append(facts.Literals, *fact)
			}
		case *ast.FuncDecl:
			if q.Signatures {
				if f, ok := c.info.Defs[n.Name].(*types.Func); ok {
					facts.Functions = append(facts.Functions, c.function(at(n.Name.Pos()), f.Signature()))
				}
			}
		case *ast.FuncLit:
			if q.Signatures {
				if s, ok := c.info.TypeOf(n).(*types.Signature); ok {
					facts.Functions = append(facts.Functions, c.function(at(n.Pos()), s))
				}
			}
		}
		return true
	})
	// A call is met before what it calls: f().g().
	slices.SortFunc(facts.Calls, func(a, b CallFact) int { return a.At - b.At })
	slices.SortFunc(facts.Functions, func(a, b FunctionFact) int { return a.At - b.At })
	slices.SortFunc(facts.Literals, func(a, b LiteralFact) int { return a.At - b.At })
	return facts
}

// call answers the questions about a call, if there are any.
func (c *checker) call(call *ast.CallExpr) *CallFact {
	fun := ast.Unparen(call.Fun)
	// Type arguments do not count.
	switch f := fun.(type) {
	case *ast.IndexExpr:
		if c.info.Types[fun].IsValue() && isFunc(c.info.TypeOf(f.X)) {
			fun = ast.Unparen(f.X)
		}
	case *ast.IndexListExpr:
		fun = ast.Unparen(f.X)
	}
	selector, _ := fun.(*ast.SelectorExpr)
	q := &c.input.Questions
	var fact *CallFact
	if selection := c.info.Selections[selector]; selector != nil && selection != nil {
		if selection.Kind() == types.FieldVal || !asked(q.Methods, selection.Obj().Name()) {
			return nil
		}
		method := c.method(selection)
		if method == nil {
			return nil
		}
		fact = &CallFact{Method: method}
	} else {
		name, _ := fun.(*ast.Ident)
		if selector != nil {
			name = selector.Sel
		}
		if name == nil {
			return nil
		}
		f, ok := c.info.Uses[name].(*types.Func)
		if !ok || f.Pkg() == nil {
			return nil
		}
		path := f.Pkg().Path()
		if !asked(q.Functions, path+"."+f.Name()) && !slices.Contains(q.Functions, path+".*") {
			return nil
		}
		fact = &CallFact{}
	}
	if q.Arguments {
		for _, a := range call.Args {
			t := c.info.TypeOf(a)
			// f(g()) has as many arguments as g has results.
			if tuple, ok := t.(*types.Tuple); ok {
				for v := range tuple.Variables() {
					fact.Arguments = append(fact.Arguments, c.argument(v.Type()))
				}
				continue
			}
			fact.Arguments = append(fact.Arguments, c.argument(t))
		}
	}
	if fact.Method == nil && len(fact.Arguments) == 0 {
		return nil
	}
	return fact
}

func asked(list []string, name string) bool {
	return slices.Contains(list, name) || slices.Contains(list, "*")
}

func isFunc(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

func (c *checker) argument(t types.Type) ArgumentFact {
	return ArgumentFact{Type: typeText(t), Implements: c.implemented(t)}
}

// method describes the method of a selection; nil if the package has an error there that is none, as about C.
func (c *checker) method(s *types.Selection) *MethodFact {
	f, ok := s.Obj().(*types.Func)
	if !ok {
		return nil
	}
	declared := f.Signature().Recv()
	if declared == nil {
		return nil
	}
	fact := &MethodFact{
		Name:       f.Name(),
		Of:         typeText(declared.Type()),
		Receiver:   typeText(s.Recv()),
		Implements: c.either(s.Recv()),
		Expression: s.Kind() == types.MethodExpr,
	}
	if fact.Expression {
		return fact
	}
	t := s.Recv()
	index := s.Index()
	for _, i := range index[:len(index)-1] {
		st, ok := deref(t).Underlying().(*types.Struct)
		if !ok {
			return nil
		}
		fact.Path = append(fact.Path, st.Field(i).Name())
		t = st.Field(i).Type()
	}
	if !types.IsInterface(declared.Type()) {
		have, want := isPointer(t), isPointer(declared.Type())
		switch {
		case want && !have:
			fact.Adjust = "&"
		case have && !want:
			fact.Adjust = "*"
		}
	}
	return fact
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// function says what the types of a function implement.
func (c *checker) function(at int, s *types.Signature) FunctionFact {
	fact := FunctionFact{At: at}
	if s.Recv() != nil {
		fact.Receiver = c.either(s.Recv().Type())
	}
	of := func(tuple *types.Tuple) [][]string {
		var all [][]string
		for v := range tuple.Variables() {
			implements := c.implemented(v.Type())
			if implements == nil {
				implements = []string{}
			}
			all = append(all, implements)
		}
		return all
	}
	fact.Parameters, fact.Results = of(s.Params()), of(s.Results())
	return fact
}

// implemented returns the interfaces asked for that a type implements.
func (c *checker) implemented(t types.Type) []string {
	var all []string
	for _, i := range c.interfaces {
		if t != nil && types.Implements(t, i.ty) {
			all = append(all, i.name)
		}
	}
	return all
}

// either returns the interfaces asked for that a type or a pointer to it implements.
func (c *checker) either(t types.Type) []string {
	t = types.Unalias(t)
	if !isPointer(t) && !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	return c.implemented(t)
}

// newOf answers the questions about new(T).
func (c *checker) newOf(call *ast.CallExpr) *LiteralFact {
	name, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || len(c.input.Questions.Literals) == 0 || len(call.Args) != 1 {
		return nil
	}
	if b, ok := c.info.Uses[name].(*types.Builtin); !ok || b.Name() != "new" {
		return nil
	}
	if arg := c.info.Types[call.Args[0]]; arg.IsType() {
		return c.literal(arg.Type, false)
	}
	return nil
}

// literal answers the questions about a composite literal of a type; elided says that it does not state the type.
func (c *checker) literal(t types.Type, elided bool) *LiteralFact {
	if t == nil || len(c.input.Questions.Literals) == 0 {
		return nil
	}
	t = types.Unalias(t)
	pointer := false
	if p, ok := t.(*types.Pointer); ok && elided {
		pointer = true
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil || isLocal(named.Obj()) {
		return nil
	}
	path := named.Obj().Pkg().Path()
	if !slices.Contains(c.input.Questions.Literals, path) {
		return nil
	}
	return &LiteralFact{Package: path, Name: named.Obj().Name(), Pointer: pointer}
}

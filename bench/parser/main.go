// Command parser is what weave_syntax is measured against: go/parser itself.
//
//	parser nodes  < REQUESTS   every node, comment and directive with its offsets
//	parser accept < REQUESTS   only whether go/parser accepts the source
//	parser resolve < REQUESTS  what go/types says that each identifier of a package is; see resolve
//	parser match < REQUESTS    whether go/build would build a file; see match
//	parser time PASSES < LIST  nanoseconds of processor time of the fastest pass, one thread
//	parser memory < LIST       peak memory in kB of parsing the files one after the other
//
// A request is "f PATH\n", or "s LENGTH\n" and that many bytes. The answer to each is "STATUS LENGTH\n" and that
// many bytes. STATUS is ok; reject (the bytes are the first error); or methods: go/parser rejects the source for
// nothing but the type parameters of methods, which Go 1.27 accepts, and leaves them out of the tree.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "parser:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: parser nodes|accept|resolve|match|time PASSES|memory")
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	switch args[0] {
	case "resolve":
		return resolve(in, out)
	case "match":
		return match(in, out)
	case "nodes", "accept":
		return answer(in, out, args[0] == "nodes")
	case "time":
		passes, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return measure(in, out, passes)
	case "memory":
		return memory(in, out)
	}
	return fmt.Errorf("unknown verb %q", args[0])
}

func answer(in *bufio.Reader, out *bufio.Writer, nodes bool) error {
	var d dumper
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF && line == "" {
			return nil
		}
		if err != nil {
			return err
		}
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		var src []byte
		switch kind {
		case "f":
			if src, err = os.ReadFile(rest); err != nil {
				return err
			}
		case "s":
			n, err := strconv.Atoi(rest)
			if err != nil {
				return err
			}
			src = make([]byte, n)
			if _, err := io.ReadFull(in, src); err != nil {
				return err
			}
		default:
			return fmt.Errorf("malformed request %q", line)
		}
		status := "ok"
		d.buf = d.buf[:0]
		fset := token.NewFileSet()
		const mode = parser.ParseComments | parser.SkipObjectResolution | parser.AllErrors
		file, err := parser.ParseFile(fset, "", src, mode)
		if err != nil {
			status = "reject"
			if onlyMethods(err) {
				status = "methods"
			}
		}
		if status == "reject" {
			d.buf = append(d.buf, strings.SplitN(err.Error(), "\n", 2)[0]...)
		} else if nodes {
			d.file(fset, file, src)
		}
		fmt.Fprintf(out, "%s %d\n", status, len(d.buf))
		out.Write(d.buf)
		// Whoever waits for this answer before it asks again gets it.
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func onlyMethods(err error) bool {
	list, ok := err.(scanner.ErrorList)
	for _, e := range list {
		ok = ok && e.Msg == "method must have no type parameters"
	}
	return ok
}

func sources(in *bufio.Reader) ([][]byte, error) {
	list, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var sources [][]byte
	for _, path := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, src)
	}
	return sources, nil
}

// benchMode is what a tool needs that edits source: comments, but no object resolution.
const benchMode = parser.ParseComments | parser.SkipObjectResolution

func measure(in *bufio.Reader, out *bufio.Writer, passes int) error {
	runtime.GOMAXPROCS(1)
	sources, err := sources(in)
	if err != nil {
		return err
	}
	best := time.Duration(1<<63 - 1)
	for range passes {
		runtime.GC()
		start := cpuTime()
		for _, src := range sources {
			parser.ParseFile(token.NewFileSet(), "", src, benchMode)
		}
		best = min(best, cpuTime()-start)
	}
	fmt.Fprintln(out, best.Nanoseconds())
	return nil
}

// cpuTime is what this process has run so far: the machine may have other things to do as well.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func memory(in *bufio.Reader, out *bufio.Writer) error {
	list, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	for path := range strings.SplitSeq(strings.TrimSpace(string(list)), "\n") {
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parser.ParseFile(token.NewFileSet(), "", src, benchMode)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Fprintln(out, strings.Fields(rest)[0])
		}
	}
	return nil
}

// A dumper writes one line for each node: depth, kind, start, end, and what else the tree says of it.
type dumper struct {
	buf   []byte
	file0 *token.File
	depth int
}

func (d *dumper) off(p token.Pos) int {
	if !p.IsValid() {
		return -1
	}
	return int(p) - d.file0.Base()
}

func (d *dumper) line(kind string, start, end token.Pos, more ...any) {
	d.buf = strconv.AppendInt(d.buf, int64(d.depth), 10)
	d.buf = append(d.buf, ' ')
	d.buf = append(d.buf, kind...)
	d.int(d.off(start))
	d.int(d.off(end))
	for _, m := range more {
		switch m := m.(type) {
		case int:
			d.int(m)
		case token.Pos:
			d.int(d.off(m))
		case bool:
			if m {
				d.int(1)
			} else {
				d.int(0)
			}
		case token.Token:
			d.buf = append(d.buf, ' ')
			d.buf = append(d.buf, m.String()...)
		}
	}
	d.buf = append(d.buf, '\n')
}

func (d *dumper) int(n int) {
	d.buf = append(d.buf, ' ')
	d.buf = strconv.AppendInt(d.buf, int64(n), 10)
}

func (d *dumper) file(fset *token.FileSet, file *ast.File, src []byte) {
	d.file0 = fset.File(file.FileStart)
	d.depth = 0
	d.rawStrings(file, src)
	var signature *ast.FuncType // of the declaration entered last
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			d.depth--
			return true
		}
		switch n := n.(type) {
		case *ast.CommentGroup, *ast.Comment:
			return false
		case *ast.FuncDecl:
			signature = n.Type
		}
		d.node(n, signature)
		d.depth++
		return true
	})
	for _, group := range file.Comments {
		for _, c := range group.List {
			start := d.off(c.Pos())
			end := len(src)
			text := string(src[start:])
			if strings.HasPrefix(text, "//") {
				if i := strings.IndexByte(text, '\n'); i >= 0 {
					end = start + i
				}
			} else {
				end = start + 2 + strings.Index(text[2:], "*/") + 2
			}
			d.buf = append(d.buf, 'C')
			d.int(start)
			d.int(end)
			d.buf = append(d.buf, '\n')
			text = strings.TrimSuffix(string(src[start:end]), "\r")
			if strings.HasPrefix(text, "//") && isDirective(text[2:]) {
				d.buf = append(d.buf, 'D')
				d.int(start)
				d.int(start + len(text))
				d.buf = append(d.buf, '\n')
			}
		}
	}
}

// rawStrings puts back the carriage returns that the scanner drops from raw strings: before Go 1.26 a literal ends
// where its value would end in the source.
func (d *dumper) rawStrings(file *ast.File, src []byte) {
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && strings.HasPrefix(lit.Value, "`") {
			start := d.off(lit.Pos())
			end := start + 1 + bytes.IndexByte(src[start+1:], '`') + 1
			lit.Value = string(src[start:end])
		}
		return true
	})
}

// isDirective is the rule of go/ast for comments that are no documentation.
func isDirective(text string) bool {
	for _, prefix := range []string{"line ", "extern ", "export "} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	colon := strings.Index(text, ":")
	if colon <= 0 || colon+1 >= len(text) {
		return false
	}
	for i, c := range []byte(text[:colon+2]) {
		if i != colon && !('a' <= c && c <= 'z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return true
}

func (d *dumper) node(n ast.Node, signature *ast.FuncType) {
	start, end := n.Pos(), n.End()
	switch n := n.(type) {
	case *ast.File:
		d.line("File", start, end, len(n.Decls))
	case *ast.GenDecl:
		d.line("GenDecl", start, end, n.Tok, n.Lparen, n.Rparen, len(n.Specs))
	case *ast.FuncDecl:
		d.line("FuncDecl", start, end, n.Recv != nil, n.Body != nil)
	case *ast.ImportSpec:
		d.line("ImportSpec", start, n.Path.End(), n.Name != nil)
	case *ast.ValueSpec:
		d.line("ValueSpec", start, end, len(n.Names), n.Type != nil, len(n.Values))
	case *ast.TypeSpec:
		d.line("TypeSpec", start, end, n.TypeParams != nil, n.Assign.IsValid())
	case *ast.FieldList:
		d.line("FieldList", start, end, n.Opening.IsValid(), len(n.List))
	case *ast.Field:
		d.line("Field", start, end, len(n.Names), n.Tag != nil)
	case *ast.Ident:
		d.line("Ident", start, end)
	case *ast.BasicLit:
		d.line("BasicLit", start, end, n.Kind)
	case *ast.Ellipsis:
		d.line("Ellipsis", start, end, n.Elt != nil)
	case *ast.FuncLit:
		d.line("FuncLit", start, end)
	case *ast.CompositeLit:
		d.line("CompositeLit", start, end, n.Type != nil, n.Lbrace, len(n.Elts), n.Rbrace)
	case *ast.ParenExpr:
		d.line("Paren", start, end)
	case *ast.SelectorExpr:
		d.line("Selector", start, end)
	case *ast.IndexExpr:
		d.line("Index", start, end, n.Lbrack, 1, n.Rbrack)
	case *ast.IndexListExpr:
		d.line("Index", start, end, n.Lbrack, len(n.Indices), n.Rbrack)
	case *ast.SliceExpr:
		d.line("Slice", start, end, n.Lbrack, n.Low != nil, n.High != nil, n.Max != nil, n.Rbrack)
	case *ast.TypeAssertExpr:
		d.line("TypeAssert", start, end, n.Lparen, n.Type != nil, n.Rparen)
	case *ast.CallExpr:
		d.line("Call", start, end, n.Lparen, len(n.Args), n.Ellipsis, n.Rparen)
	case *ast.StarExpr:
		d.line("Star", start, end)
	case *ast.UnaryExpr:
		d.line("Unary", start, end, n.Op)
	case *ast.BinaryExpr:
		d.line("Binary", start, end, n.Op, n.OpPos)
	case *ast.KeyValueExpr:
		d.line("KeyValue", start, end, n.Colon)
	case *ast.ArrayType:
		d.line("ArrayType", start, end, n.Len != nil)
	case *ast.StructType:
		d.line("StructType", start, end)
	case *ast.FuncType:
		keyword := n.Func.IsValid()
		if n == signature {
			// Ours begins after the name, so that siblings are disjoint.
			keyword, start = false, n.Params.Pos()
			if n.TypeParams != nil {
				start = n.TypeParams.Pos()
			}
		}
		d.line("FuncType", start, end, keyword, n.TypeParams != nil, n.Results != nil)
	case *ast.InterfaceType:
		d.line("InterfaceType", start, end)
	case *ast.MapType:
		d.line("MapType", start, end)
	case *ast.ChanType:
		d.line("ChanType", start, end, int(n.Dir), n.Arrow)
	case *ast.DeclStmt:
		d.line("DeclStmt", start, end)
	case *ast.EmptyStmt:
		d.line("Empty", start, end, n.Implicit)
	case *ast.LabeledStmt:
		d.line("Labeled", start, end, n.Colon)
	case *ast.ExprStmt:
		d.line("ExprStmt", start, end)
	case *ast.SendStmt:
		d.line("Send", start, end, n.Arrow)
	case *ast.IncDecStmt:
		d.line("IncDec", start, end, n.Tok, n.TokPos)
	case *ast.AssignStmt:
		d.line("Assign", start, end, len(n.Lhs), n.Tok, n.TokPos, len(n.Rhs))
	case *ast.GoStmt:
		d.line("Go", start, end)
	case *ast.DeferStmt:
		d.line("Defer", start, end)
	case *ast.ReturnStmt:
		d.line("Return", start, end, len(n.Results))
	case *ast.BranchStmt:
		d.line("Branch", start, end, n.Tok, n.Label != nil)
	case *ast.BlockStmt:
		d.line("Block", start, end, n.Lbrace, len(n.List), n.Rbrace)
	case *ast.IfStmt:
		d.line("If", start, end, n.Init != nil, n.Else != nil)
	case *ast.CaseClause:
		d.line("CaseClause", start, end, len(n.List), n.Colon, len(n.Body))
	case *ast.SwitchStmt:
		d.line("Switch", start, end, n.Init != nil, n.Tag != nil)
	case *ast.TypeSwitchStmt:
		d.line("TypeSwitch", start, end, n.Init != nil)
	case *ast.CommClause:
		d.line("CommClause", start, end, n.Comm != nil, n.Colon, len(n.Body))
	case *ast.SelectStmt:
		d.line("Select", start, end)
	case *ast.ForStmt:
		d.line("For", start, end, n.Init != nil, n.Cond != nil, n.Post != nil)
	case *ast.RangeStmt:
		if n.Key == nil {
			d.line("Range", start, end, false, false, n.Range)
		} else {
			d.line("Range", start, end, true, n.Value != nil, n.Tok, n.TokPos, n.Range)
		}
	default:
		panic(fmt.Sprintf("no line for %T", n))
	}
}

//! The tree as tools see it: functions, returns, imports, directives, tokens, lines, and what is left of a broken file.
use crate::invariants;
use weave_syntax::{Event, Node, NodeId, NodeKind, TokenKind, Tree, lex, parse};
use weave_text::LineIndex;

/// Parses a file that must be Go.
fn tree(src: &str) -> Tree<'_> {
    let (tree, errors) = parse(src.as_bytes());
    assert_eq!(errors, [], "{src}");
    invariants::check(src.as_bytes()).unwrap_or_else(|e| panic!("{src}: {e}"));
    tree
}

#[test]
fn parameters_and_results() {
    // Names, types and dots of parameters, of results, and whether results have parentheses.
    let cases = [
        ("f()", "", "", false),
        ("f(a int)", "a int", "", false),
        ("f(a, b int, c ...string)", "a int, b int, c ...string", "", false),
        ("f(int, ...T)", "int, ...T", "", false),
        ("f(_ int, _ T)", "_ int, _ T", "", false),
        ("f() error", "", "error", false),
        ("f() (error)", "", "error", true),
        ("f() (x, y int, err error)", "", "x int, y int, err error", true),
        ("f() (int, error)", "", "int, error", true),
        ("f(g func(x int) (y int)) func(z int)", "g func(x int) (y int)", "func(z int)", false),
        ("f[P any](p P)", "p P", "", false),
        ("(r *R) f(a int)", "a int", "", false),
    ];
    for (text, params, results, parens) in cases {
        let src = format!("package p\nfunc {text} {{ return }}\n");
        let tree = tree(&src);
        let f = &tree.funcs()[0];
        let list = |params: &[weave_syntax::Param]| {
            let entry = |p: &weave_syntax::Param| {
                let name = p.name.map_or_else(String::new, |name| format!("{} ", tree.text(name)));
                format!("{name}{}{}", if p.variadic { "..." } else { "" }, tree.node_text(p.ty))
            };
            params.iter().map(entry).collect::<Vec<_>>().join(", ")
        };
        assert_eq!((list(&f.params).as_str(), list(&f.results).as_str()), (params, results), "{text}");
        assert_eq!(f.results_in_parens, parens, "{text}");
        assert!(
            tree.text(f.params_span).starts_with('(') && tree.text(f.params_span).ends_with(')'),
            "{text}"
        );
        assert_eq!(tree.text(f.span), format!("func {text} {{ return }}"));
        let body = f.body.expect("a body");
        assert_eq!(
            (src.as_bytes()[body.lbrace as usize], src.as_bytes()[body.rbrace as usize]),
            (b'{', b'}')
        );
    }
    let tree = tree("package p\nfunc f()\nfunc (t T) g() int\n");
    assert!(tree.funcs().iter().all(|f| f.body.is_none()));
}

#[test]
fn returns_of_a_function_but_not_of_its_literals() {
    let src = "package p
        func f() (int, error) {
            if x { return 1, nil }
            g := func() int { return 2 }
            defer func() { return }()
            for { switch { case y: return 3, g() } }
            select { default: return h(func() int { return 4 }) }
            L: { return 5, nil }
        }";
    let tree = tree(src);
    let body = tree.funcs()[0].body.expect("a body");
    let returns: Vec<_> = tree.returns(body.block).map(|r| tree.text(r.span)).collect();
    let want = ["return 1, nil", "return 3, g()", "return h(func() int { return 4 })", "return 5, nil"];
    assert_eq!(returns, want);
    let literals: Vec<_> = tree
        .descendants(tree.root())
        .filter_map(|id| match tree.node(id) {
            Node::FuncLit(literal) => Some(tree.returns(literal.body).count()),
            _ => None,
        })
        .collect();
    assert_eq!(literals, [1, 1, 1]);
}

#[test]
fn cgo_preambles() {
    let cases = [
        ("// int x;\nimport \"C\"", Some("// int x;")),
        ("// a\n// b\nimport \"C\"", Some("// a\n// b")),
        ("/*\n#include <x.h>\n*/\nimport \"C\"", Some("/*\n#include <x.h>\n*/")),
        ("// a\n\nimport \"C\"", None),
        ("// a\n\n// b\nimport \"C\"", Some("// b")),
        ("import \"C\"", None),
        ("// decl\nimport (\n\t// spec\n\t\"C\"\n)", Some("// spec")),
        ("// decl\nimport (\n\t\"C\"\n)", None),
        ("var x int // tail\nvar y = 1", None),
    ];
    for (text, preamble) in cases {
        let src = format!("package p\n\n{text}\n");
        let tree = tree(&src);
        let import = tree.imports().into_iter().find(|import| import.path == "C");
        assert_eq!(
            import.and_then(|import| import.cgo_preamble).map(|span| tree.text(span)),
            preamble,
            "{text}"
        );
    }
    // The comments of another package's import are no preamble.
    let tree = tree("package p\n\n// c\nimport \"fmt\"\n");
    assert_eq!(tree.imports()[0].cgo_preamble, None);
}

#[test]
fn directives_and_what_they_stand_before() {
    let src = "//go:build x
//other:thing
package p

//go:linkname a b.c
//go:noinline
func a()

//go:generate stringer

var v int //line x.go:1

//otel:span name  with args\t
type T struct {
	//otel:field
	f int // no directive
}

func g() {
	//otel:call
	// between
	h()
	//otel:far

	i()
	x := 1 //otel:tail
	//otel:last
}

// go:no
//Go:no
//go:
//go: no
//:no
//go:No
/*go:no*/
//export g
//extern e
//exports no
var w int\r
//go:crlf arg\r
var z int
//go:end";
    let tree = tree(src);
    let shown: Vec<String> = tree
        .directives()
        .iter()
        .map(|d| {
            let target = d.target.map_or_else(String::new, |id| {
                let text = tree.node_text(id).lines().next().unwrap_or("").trim_end();
                format!("{:?} {text}", tree.kind(id))
            });
            let near = if d.attached { "near" } else { "far" };
            let line = if d.own_line { "own line" } else { "tail" };
            format!("{}:{}({}) {line}, {near}: {target}", d.namespace, d.name, d.args)
        })
        .collect();
    let want = [
        "go:build(x) own line, near: File package p",
        "other:thing() own line, near: File package p",
        "go:linkname(a b.c) own line, near: FuncDecl func a()",
        "go:noinline() own line, near: FuncDecl func a()",
        "go:generate(stringer) own line, far: GenDecl var v int",
        ":line(x.go:1) tail, far: GenDecl type T struct {",
        "otel:span(name  with args) own line, near: GenDecl type T struct {",
        "otel:field() own line, near: Field f int",
        "otel:call() own line, near: ExprStmt h()",
        "otel:far() own line, far: ExprStmt i()",
        "otel:tail() tail, far: ",
        "otel:last() own line, far: ",
        ":export(g) own line, near: GenDecl var w int",
        ":extern(e) own line, near: GenDecl var w int",
        "go:crlf(arg) own line, near: GenDecl var z int",
        "go:end() own line, far: ",
    ];
    assert_eq!(shown, want);
}

#[test]
fn a_broken_declaration_leaves_the_others() {
    let src = "package p\n\nfunc a() {}\n\nfunc b() { x ( }\n\nfunc c() {}\nvar d = = 1\nvar e = 2\n";
    let (tree, errors) = parse(src.as_bytes());
    let kinds: Vec<_> = tree.decls().iter().map(|&id| (tree.kind(id), tree.node_text(id).trim())).collect();
    let want = [
        (NodeKind::FuncDecl, "func a() {}"),
        (NodeKind::Bad, "func b() { x ( }"),
        (NodeKind::FuncDecl, "func c() {}"),
        (NodeKind::Bad, "var d = = 1"),
        (NodeKind::GenDecl, "var e = 2"),
    ];
    assert_eq!(kinds, want);
    let lines = LineIndex::new(src.as_bytes());
    let shown: Vec<_> =
        errors.iter().map(|e| format!("{}: {}", lines.line_col(e.offset), e.message)).collect();
    assert_eq!(shown, ["5:16: expected operand, found '}'", "8:9: expected operand, found '='"]);
}

#[test]
fn errors_say_where_and_what() {
    let cases = [
        ("", "1:1: expected 'package', found end of file"),
        ("package p\nx", "2:1: expected declaration, found identifier"),
        ("package p\nfunc f() { if {} }", "2:15: missing condition in if statement"),
        ("package p\nfunc f(a int, string)", "2:21: missing parameter type"),
        ("package p\nvar x = []int{1\n}", "2:16: missing ',' before newline in composite literal"),
        ("package p\nvar x = \"a\n", "2:9: string literal not terminated"),
        ("package p\nvar x = 0b2", "2:11: invalid digit '2' in binary literal"),
        ("package p\nvar x int; import \"a\"", "2:12: imports must appear before other declarations"),
        ("package p\nfunc f() { go x }", "2:16: expression in go must be function call"),
        ("package p\nfunc f()\n{}", "3:1: unexpected semicolon or newline before {"),
        ("package p\n/* c", "2:1: comment not terminated"),
        ("package p\nvar x = \u{201c}a", "2:9: curly quotation mark '\u{201c}' (use neutral '\"')"),
    ];
    for (src, want) in cases {
        let (_, errors) = parse(src.as_bytes());
        let first = errors.first().unwrap_or_else(|| panic!("{src}: no error"));
        let at = LineIndex::new(src.as_bytes()).line_col(first.offset);
        assert_eq!(format!("{at}: {}", first.message), want, "{src}");
    }
}

#[test]
fn every_byte_is_in_one_token() {
    let src = "\u{feff}package p // c\r\n\nvar x = a.b(1, 2.5, 'c', \"d\", `e`) /* f\n */ <<= g\n# \"\n";
    let (tokens, errors) = lex(src.as_bytes());
    let shown: Vec<_> = tokens
        .lossless()
        .filter(|t| t.kind != TokenKind::Whitespace)
        .map(|t| (t.kind, &src[t.start as usize..t.end as usize]))
        .collect();
    use TokenKind as K;
    let want = [
        (K::Bom, "\u{feff}"),
        (K::Package, "package"),
        (K::Ident, "p"),
        (K::Comment, "// c\r"),
        (K::AutoSemi, ""),
        (K::Var, "var"),
        (K::Ident, "x"),
        (K::Assign, "="),
        (K::Ident, "a"),
        (K::Dot, "."),
        (K::Ident, "b"),
        (K::LParen, "("),
        (K::Int, "1"),
        (K::Comma, ","),
        (K::Float, "2.5"),
        (K::Comma, ","),
        (K::Char, "'c'"),
        (K::Comma, ","),
        (K::Str, "\"d\""),
        (K::Comma, ","),
        (K::Str, "`e`"),
        (K::RParen, ")"),
        (K::AutoSemi, ""),
        (K::Comment, "/* f\n */"),
        (K::ShlAssign, "<<="),
        (K::Ident, "g"),
        (K::AutoSemi, ""),
        (K::Error, "#"),
        (K::Str, "\""),
        (K::AutoSemi, ""),
        (K::Eof, ""),
    ];
    assert_eq!(shown, want);
    assert_eq!(tokens.lossless().map(|t| t.span().len()).sum::<u32>() as usize, src.len());
    assert_eq!(errors.len(), 2);
    assert_eq!(TokenKind::keyword(b"func"), Some(K::Func));
    assert_eq!(TokenKind::keyword(b"fun"), None);
    for &kind in TokenKind::all() {
        if kind.is_keyword() {
            let (tokens, _) = lex(kind.text().as_bytes());
            assert_eq!(tokens.significant()[0].kind, kind);
            // A keyword with one letter more is none.
            let (tokens, _) = lex(format!("{kind}s").as_bytes());
            assert_eq!(tokens.significant()[0].kind, K::Ident, "{kind}s");
        }
    }
}

#[test]
fn tokens_at_or_after_offsets() {
    let src = "package p\n\nvar xs = 1 // c\n";
    let tree = tree(src);
    let text = |offset| tree.text(tree.token_at(offset).span());
    assert_eq!([0, 6, 8, 11, 15, 16, 18, 20].map(text), ["package", "p", "p", "var", "xs", "=", "=", "1"]);
}

#[test]
fn values_of_string_literals() {
    let cases = [
        (r#""""#, ""),
        (r#""a\tb\n\"\\""#, "a\tb\n\"\\"),
        (r#""\x41\101\u00e9\U0001F600""#, "AA\u{e9}\u{1f600}"),
        (r#""\xc3\xa9""#, "\u{e9}"),
        (r#""\xff""#, "\u{fffd}"),
        ("`a\\n\r\nb`", "a\\n\nb"),
    ];
    for (literal, value) in cases {
        let src = format!("package p\nvar x = {literal}\n");
        let tree = tree(&src);
        let id = tree.descendants(tree.root()).find(|&id| tree.kind(id) == NodeKind::BasicLit);
        assert_eq!(tree.string_value(id.expect("a literal")).as_deref(), Some(value), "{literal}");
    }
}

#[test]
fn walking() {
    let src = "package p\nfunc f() { g(func() { h() }); i() }\n";
    let tree = tree(src);
    // A subtree that is skipped is left, too.
    let (mut depth, mut calls) = (0i32, Vec::new());
    let mut walk = tree.walk(tree.root());
    while let Some(event) = walk.next() {
        match event {
            Event::Enter(id) => {
                depth += 1;
                match tree.node(id) {
                    Node::FuncLit(_) => walk.skip_children(),
                    Node::Call(call) => calls.push(tree.node_text(call.fun)),
                    _ => {}
                }
            }
            Event::Leave(_) => depth -= 1,
        }
    }
    assert_eq!((depth, calls), (0, vec!["g", "i"]));
    let parents = tree.parents();
    let path = |mut id: NodeId| {
        let mut kinds = vec![tree.kind(id)];
        while let Some(parent) = parents[id.index()] {
            kinds.push(tree.kind(parent));
            id = parent;
        }
        kinds
    };
    let h = tree.idents().find(|&id| tree.node_text(id) == "h").expect("h");
    use NodeKind as K;
    let want = [
        K::Ident,
        K::Call,
        K::ExprStmt,
        K::Block,
        K::FuncLit,
        K::Call,
        K::ExprStmt,
        K::Block,
        K::FuncDecl,
        K::File,
    ];
    assert_eq!(path(h), want);
    for id in tree.descendants(tree.root()) {
        for child in tree.children(id) {
            assert_eq!(parents[child.index()], Some(id));
        }
    }
}

//! The meaning of names.
use crate::names::compare_names;
use crate::support::{Oracle, Request, Status, go_env};
use std::path::PathBuf;
use weave_syntax::resolve::{
    Binding, FileScope, Imports, PackageDeclKind, PackageScope, Signature, default_name,
};
use weave_syntax::{Node, NodeId, Tree, parse};
use weave_text::LineIndex;

/// Packages with all kinds of declarations, few enough for seconds.
const PACKAGES: &[&str] = &[
    "bufio",
    "cmd/go/internal/modload",
    "container/list",
    "context",
    "database/sql",
    "encoding/json",
    "errors",
    "fmt",
    "go/ast",
    "go/types",
    "internal/abi",
    "iter",
    "log/slog",
    "maps",
    "math/rand/v2",
    "net",
    "net/http",
    "os",
    "reflect",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "sync/atomic",
    "text/template",
    "time",
    "unique",
];

#[test]
fn names_stand_for_what_go_types_says() {
    let goroot = PathBuf::from(go_env(None, "GOROOT")).join("src");
    let mut oracle = Oracle::start(None, "resolve");
    for package in PACKAGES {
        oracle.ask(Request::Package(goroot.join(package)));
    }
    let mut count = 0;
    let mut differences = Vec::new();
    for package in PACKAGES {
        let answer = oracle.answer();
        assert_eq!(answer.status, Status::Ok, "{package}: {}", answer.text);
        let (compared, different) = compare_names(&answer);
        count += compared;
        differences.extend(different);
    }
    differences.truncate(40);
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(count > 100_000, "only {count} names compared");
}

/// Parses a file that must be Go.
fn tree(src: &str) -> Tree<'_> {
    let (tree, errors) = parse(src.as_bytes());
    assert_eq!(errors, [], "{src}");
    tree
}

// ---- imports

#[test]
fn default_names_of_imports() {
    let cases = [
        ("fmt", "fmt"),
        ("net/http", "http"),
        ("math/rand/v2", "rand"),
        ("example.org/mod/v2", "mod"),
        ("example.org/mod/v10", "mod"),
        ("example.org/mod/v2/sub", "sub"),
        ("example.org/v2", "example"),
        ("v2", "v2"),
        ("example.org/vx", "vx"),
        ("example.org/v", "v"),
        ("gopkg.in/yaml.v3", "yaml"),
        ("gopkg.in/check.v1", "check"),
        ("gopkg.in/user/pkg.v2", "pkg"),
        ("gopkg.in/go-playground/validator.v9", "validator"),
        ("github.com/mattn/go-sqlite3", "sqlite3"),
        ("github.com/go-chi/chi/v5", "chi"),
        ("github.com/x/go-y/v3", "y"),
        ("github.com/x/y-go", "y"),
        ("github.com/x/y.go", "y"),
        ("example.org/世界", "世界"),
        ("example.org/under_score", "under_score"),
    ];
    for (path, name) in cases {
        assert_eq!(default_name(path), name, "{path}");
    }
}

#[test]
fn names_that_imports_have_in_their_file() {
    let src = "package p
        import \"fmt\"
        import h \"net/http\"
        import . \"math\"
        import _ \"embed\"
        import (
            `gopkg.in/yaml.v3`
            \"example.org/odd\"
            \"example.org/\\x6fdd2\" // odd2, escaped
        )";
    let tree = tree(src);
    // The package clause of the imported package counts, where it is known; a given name counts more.
    let known = |path: &str| match path {
        "example.org/odd" => Some("even".to_owned()),
        "net/http" => Some("unused".to_owned()),
        _ => None,
    };
    let imports = Imports::new(&tree, known);
    let list: Vec<_> = imports.list().iter().map(|i| (i.path.as_str(), i.name.as_str(), i.guessed)).collect();
    assert_eq!(
        list,
        [
            ("fmt", "fmt", true),
            ("net/http", "h", false),
            ("math", ".", false),
            ("embed", "_", false),
            ("gopkg.in/yaml.v3", "yaml", true),
            ("example.org/odd", "even", false),
            ("example.org/odd2", "odd2", true),
        ]
    );
    let paths = ["fmt", "h", "http", ".", "_", "yaml", "odd", "even"].map(|name| imports.path_of(name));
    let want = [
        Some("fmt"),
        Some("net/http"),
        None,
        None,
        None,
        Some("gopkg.in/yaml.v3"),
        None,
        Some("example.org/odd"),
    ];
    assert_eq!(paths, want);
    assert_eq!(
        ["net/http", "embed", "math", "x"].map(|path| imports.name_of(path)),
        [Some("h"), None, None, None]
    );
    assert_eq!(
        ["net/http", "embed", "math", "x"].map(|path| imports.contains(path)),
        [true, true, true, false]
    );
    assert_eq!(imports.dots().collect::<Vec<_>>(), ["math"]);
    for import in imports.list() {
        assert!(tree.text(import.path_span).starts_with(['"', '`']));
    }
}

// ---- scopes

/// What the functions called at `/*?*/` are, as `path.Name`; `-` for what is not a package's function.
fn calls(files: &[&str]) -> Vec<String> {
    let trees: Vec<Tree<'_>> = files.iter().map(|src| tree(src)).collect();
    let package = PackageScope::new("example.org/p", &trees.iter().collect::<Vec<_>>());
    let tree = &trees[0];
    let imports = Imports::new(tree, |_| None);
    let scope = FileScope::new(tree, &imports, &package);
    let asked = |id: NodeId| files[0][..tree.span(id).start as usize].ends_with("/*?*/");
    let mut calls: Vec<_> = tree
        .descendants(tree.root())
        .filter_map(|id| match tree.node(id) {
            Node::Call(call) if asked(id) => Some(call.fun),
            _ => None,
        })
        .collect();
    calls.sort_by_key(|&fun| tree.span(fun).start);
    let name = |fun| match scope.qualified(fun) {
        Some((path, name)) => format!("{path}.{name}"),
        None => "-".to_owned(),
    };
    calls.into_iter().map(name).collect()
}

/// Checks the body of a function in a file that imports net/http.
fn check_body(body: &str, want: &[&str]) {
    let file = format!("package p\nimport \"net/http\"\nfunc f(a int) {{\n{body}\n}}\n");
    assert_eq!(calls(&[&file]), want, "{body}");
}

const GET: &str = "net/http.Get";

#[test]
fn a_package_and_what_shadows_it() {
    check_body("/*?*/http.Get()", &[GET]);
    check_body("/*?*/(http.Get)(); /*?*/http.Get[int](); /*?*/((http).Get)()", &[GET, GET, "-"]);
    check_body("/*?*/http.Get(); http := 1; /*?*/http.Get()", &[GET, "-"]);
    check_body("http := /*?*/http.Get(); /*?*/http.Get()", &[GET, "-"]);
    check_body("var http = /*?*/http.Get(); /*?*/http.Get()", &[GET, "-"]);
    check_body("const http = 1; /*?*/http.Get()", &["-"]);
    check_body("type http struct{}; /*?*/http.Get()", &["-"]);
    check_body("x, http := 1, 2; /*?*/http.Get()", &["-"]);
    check_body("{ http := 1; /*?*/http.Get() }; /*?*/http.Get()", &["-", GET]);
    check_body(
        "if http := x; /*?*/http.Get() { /*?*/http.Get() } else { /*?*/http.Get() }; /*?*/http.Get()",
        &["-", "-", "-", GET],
    );
    check_body(
        "for http := 0; /*?*/http.Get(); /*?*/http.Get() { /*?*/http.Get() }; /*?*/http.Get()",
        &["-", "-", "-", GET],
    );
    check_body("for http := range /*?*/http.Get() { /*?*/http.Get() }; /*?*/http.Get()", &[GET, "-", GET]);
    check_body("for _, http = range x { /*?*/http.Get() }", &[GET]);
    check_body(
        "switch http := x; { case /*?*/http.Get(): /*?*/http.Get() }; /*?*/http.Get()",
        &["-", "-", GET],
    );
    check_body("switch http := x.(type) { case int: /*?*/http.Get() }; /*?*/http.Get()", &["-", GET]);
    check_body("switch { case x: http := 1; /*?*/http.Get(); default: /*?*/http.Get() }", &["-", GET]);
    check_body("select { case http := <-c: /*?*/http.Get(); case <-/*?*/http.Get(): }", &["-", GET]);
    check_body("_ = func(http int) { /*?*/http.Get() }; /*?*/http.Get()", &["-", GET]);
    check_body("_ = func() (http int) { /*?*/http.Get(); return }; /*?*/http.Get()", &["-", GET]);
    check_body("_ = func(x int) { /*?*/http.Get() }", &[GET]);
    check_body("http: for { /*?*/http.Get(); break http }", &[GET]);
    check_body("_ = T{http: /*?*/http.Get()}; x.http = 1; /*?*/x.http.Get()", &[GET, "-"]);
    check_body("type T struct { http int }; /*?*/http.Get()", &[GET]);
    check_body("/*?*/http.Get(func() { http := 1; /*?*/http.Get() })", &[GET, "-"]);
    check_body(
        "a.http.Get(); /*?*/a.Get(); /*?*/f(); /*?*/len(); /*?*/func() {}()",
        &["-", "example.org/p.f", "-", "-"],
    );
}

#[test]
fn parameters_receivers_and_type_parameters_shadow_packages() {
    let file = |signature: &str| {
        format!("package p\nimport \"net/http\"\n{signature} {{ /*?*/http.Get(); return }}\n")
    };
    for shadowing in [
        "func f(http int)",
        "func f() (http int)",
        "func (http T) f()",
        "func (http *T) f()",
        "func f[http any]()",
        "func (t *T[http]) f()",
        "func f(a, b int, http ...string)",
    ] {
        assert_eq!(calls(&[&file(shadowing)]), ["-"], "{shadowing}");
    }
    for other in [
        "func f(a int, _ string)",
        "func f(x http.T)",
        // Beside an import of the same name this is no valid package; the import counts.
        "func http()",
        "func (t T) http()",
        "func f(x struct{ http int })",
        "func f(g func(http int))",
        "func f[P interface{ http() }](p P)",
    ] {
        assert_eq!(calls(&[&file(other)]), [GET], "{other}");
    }
}

#[test]
fn names_of_a_package_across_its_files() {
    let file = "package p\nimport . \"math\"\nfunc f() { /*?*/helper(); /*?*/value(); /*?*/Sqrt(1); /*?*/len(x); helper := 1; /*?*/helper() }\n";
    let other = "package p\nfunc helper() {}\nvar value = func() {}\nfunc (T) method() {}\nfunc init() {}\nvar _ = 1\n";
    assert_eq!(calls(&[file, other]), ["example.org/p.helper", "example.org/p.value", "math.Sqrt", "-", "-"]);
    // The control: without the other file, its names may be those of the dot import.
    assert_eq!(calls(&[file]), ["math.helper", "math.value", "math.Sqrt", "-", "-"]);
    // A name of the package hides a predeclared one.
    let hides = "package p\nfunc len(x int) int { return 1 }\nfunc f() { /*?*/len(1); /*?*/cap(x) }\n";
    assert_eq!(calls(&[hides]), ["example.org/p.len", "-"]);
    // Two dot imports: it cannot be known which.
    let dots = "package p\nimport . \"math\"\nimport . \"os\"\nfunc f() { /*?*/Sqrt(1) }\n";
    assert_eq!(calls(&[dots]), ["-"]);
    // The blank identifier is nobody's.
    let blank = tree("package p\nimport . \"math\"\nfunc f() { _ = 1 }\n");
    let (imports, package) = (Imports::new(&blank, |_| None), PackageScope::new("p", &[&blank]));
    let scope = FileScope::new(&blank, &imports, &package);
    let ids: Vec<_> = blank.idents().filter(|&id| blank.node_text(id) == "_").collect();
    assert_eq!(ids.len(), 1);
    assert_eq!((scope.binding(ids[0]), scope.qualified(ids[0])), (None, None));

    let tree = tree(other);
    let scope = PackageScope::new("example.org/p", &[&tree]);
    let names: Vec<_> = scope.names().map(|(name, decl)| (name, decl.kind)).collect();
    assert_eq!(names, [("helper", PackageDeclKind::Func), ("value", PackageDeclKind::Var)]);
}

#[test]
fn variables_and_their_declarations() {
    // Each use is `name` and the line of its declaration.
    let src = "package p
        func f(x int) (err error) {
            x, y := x, 1
            if err := g(x); err != nil { return err }
            z, err := h(y)
            func() { err = k(z) }()
            return err
        }
        ";
    let tree = tree(src);
    let (imports, package) = (Imports::new(&tree, |_| None), PackageScope::new("p", &[&tree]));
    let scope = FileScope::new(&tree, &imports, &package);
    let lines = LineIndex::new(src.as_bytes());
    let mut uses: Vec<_> = tree
        .idents()
        .filter_map(|id| match scope.binding(id) {
            Some(Binding::Local(decl)) => {
                Some((tree.span(id).start, tree.node_text(id), lines.line(tree.span(decl).start)))
            }
            _ => None,
        })
        .collect();
    uses.sort_unstable();
    let uses: Vec<_> = uses.into_iter().map(|(_, name, line)| (name, line)).collect();
    let want = [
        // Parameters are in the outermost block of the body: they are assigned to, not declared anew.
        ("x", 2),
        ("x", 2),
        ("x", 2),
        ("err", 4),
        ("err", 4),
        ("err", 2),
        ("y", 3),
        ("err", 2),
        ("z", 5),
        ("err", 2),
    ];
    assert_eq!(uses, want);
}

// ---- receivers, methods and embedded fields

#[test]
fn receivers_of_every_form() {
    let cases = [
        ("func (t T) m()", "T", false, Some("t"), vec![]),
        ("func (t *T) m()", "T", true, Some("t"), vec![]),
        ("func (T) m()", "T", false, None, vec![]),
        ("func (*T) m()", "T", true, None, vec![]),
        ("func (_ *T) m()", "T", true, Some("_"), vec![]),
        ("func (t T[K, V]) m()", "T", false, Some("t"), vec!["K", "V"]),
        ("func (t *T[K]) m()", "T", true, Some("t"), vec!["K"]),
        ("func (*T[_]) m()", "T", true, None, vec!["_"]),
        ("func (t *(T)) m()", "T", true, Some("t"), vec![]),
        ("func (t (*T)) m()", "T", true, Some("t"), vec![]),
        ("func (t ((*(T[K])))) m()", "T", true, Some("t"), vec!["K"]),
    ];
    for (text, base, pointer, name, params) in cases {
        let src = format!("package p\n{text} {{}}\n");
        let tree = tree(&src);
        let f = &tree.funcs()[0];
        let receiver = f.receiver.as_ref().unwrap_or_else(|| panic!("{text}: no receiver"));
        assert_eq!(tree.text(receiver.base), base, "{text}");
        assert_eq!(receiver.pointer, pointer, "{text}");
        assert_eq!(receiver.name.map(|name| tree.text(name)), name, "{text}");
        let names: Vec<_> = receiver.type_params.iter().map(|&span| tree.text(span)).collect();
        assert_eq!(names, params, "{text}");
    }
    // What is not a type of this package is not a receiver.
    for text in
        ["func () m()", "func (a, b T) m()", "func (t []T) m()", "func (t p.T) m()", "func (t **T) m()"]
    {
        let src = format!("package p\n{text} {{}}\n");
        let tree = tree(&src);
        let Node::FuncDecl(f) = tree.node(tree.decls()[0]) else { panic!("{text}") };
        assert!(f.receiver.is_some() && tree.funcs()[0].receiver.is_none(), "{text}");
    }
}

#[test]
fn methods_through_aliases_and_in_other_files() {
    let one = "package p
        type T struct{}
        type A = T
        type B = A
        type C = other.T
        type Loop1 = Loop2
        type Loop2 = Loop1
        func (T) a() {}
        func (*A) b() {}
        type G[P any] struct{}
        func (g *G[Q]) e() {}";
    let two = "package p\nfunc (b B) c() {}\nfunc (C) d() {}\nfunc (Loop1) f() {}";
    let trees = [tree(one), tree(two)];
    let package = PackageScope::new("p", &[&trees[0], &trees[1]]);
    let methods =
        |ty| package.methods(ty).into_iter().map(|(name, decl)| (name, decl.file)).collect::<Vec<_>>();
    assert_eq!(methods("T"), [("a", 0), ("b", 0), ("c", 1)]);
    assert_eq!(methods("B"), methods("T"));
    assert_eq!(methods("C"), [("d", 1)]);
    assert_eq!(methods("G"), [("e", 0)]);
    assert_eq!(methods("None"), []);
    // A cycle is no valid package, but must end.
    let _ = methods("Loop1");
    assert_eq!([package.base_type("B"), package.base_type("T"), package.base_type("C")], ["T", "T", "C"]);
}

#[test]
fn embedded_fields() {
    let src = "package p
        import (
            \"net/http\"
            j \"encoding/json\"
        )
        type T struct {
            http.Handler
            *j.Decoder `tag`
            U
            *V
            G[int, http.Header]
            field int
            a, b string
        }
        type A = T
        type I interface { U }
        type U struct{}";
    let tree = tree(src);
    let package = PackageScope::new("example.org/p", &[&tree]);
    let imports = Imports::new(&tree, |_| None);
    let embedded = |ty| -> Vec<String> {
        let list = package.embedded(ty, &[&tree], &imports).into_iter();
        list.map(|e| format!("{}{}", if e.pointer { "*" } else { "" }, e.ty)).collect()
    };
    let want = [
        "net/http.Handler",
        "*encoding/json.Decoder",
        "example.org/p.U",
        "*example.org/p.V",
        "example.org/p.G[int, net/http.Header]",
    ];
    assert_eq!(embedded("T"), want);
    assert_eq!(embedded("A"), want);
    assert_eq!(["I", "U", "None"].map(|ty| embedded(ty).len()), [0, 0, 0]);
}

// ---- signatures

/// The signature of the last function of a file that has some imports and types.
fn signature(function: &str) -> String {
    let src = format!(
        "package p
        import (
            \"context\"
            sql \"database/sql\"
            \"gopkg.in/yaml.v3\"
            \"example.org/lib/v2\"
        )
        type T struct{{}}
        {function}"
    );
    let tree = tree(&src);
    let package = PackageScope::new("example.org/p", &[&tree]);
    let imports = Imports::new(&tree, |_| None);
    let f = tree.funcs().pop().expect("a function");
    Signature::of(&tree, &f, &imports, &package).to_string()
}

#[test]
fn signatures_by_full_import_path() {
    let cases = [
        ("func f()", "func()"),
        ("func f(int, string) error", "func(int, string) error"),
        ("func f(a, b int, c string) (x, y error)", "func(int, int, string) (error, error)"),
        ("func f(_ int, _, _ string) (_ error)", "func(int, string, string) error"),
        (
            "func f(ctx context.Context, q string, args ...any) (*sql.Rows, error)",
            "func(context.Context, string, ...any) (*database/sql.Rows, error)",
        ),
        ("func f(...interface{})", "func(...any)"),
        ("func (t *T) f(T) *T", "func(example.org/p.T) *example.org/p.T"),
        ("func f(yaml.Node, lib.X)", "func(gopkg.in/yaml.v3.Node, example.org/lib/v2.X)"),
        ("func f(a byte, b rune, c uint8, d int32, e any)", "func(uint8, int32, uint8, int32, any)"),
        (
            "func f(a []byte, b [2]T, c [N + 1]int, d map[string][]T)",
            "func([]uint8, [2]example.org/p.T, [N+1]int, map[string][]example.org/p.T)",
        ),
        (
            "func f(a chan int, b <-chan int, c chan<- int, d chan (<-chan int))",
            "func(chan int, <-chan int, chan<- int, chan (<-chan int))",
        ),
        ("func f(g func(x int) (y string, z error)) func()", "func(func(int) (string, error)) func()"),
        (
            "func f(struct{ A, B int `t`; T; *sql.DB })",
            "func(struct{A int \"t\"; B int \"t\"; example.org/p.T; *database/sql.DB})",
        ),
        (
            "func f(interface{ M(int) error; context.Context })",
            "func(interface{M(int) error; context.Context})",
        ),
        ("func f((*T), ((int)))", "func(*example.org/p.T, int)"),
        ("func f[K comparable, V any](m map[K]V) (k K)", "func(map[K]V) K"),
        ("func (s *S[K]) f(k K, t T)", "func(K, example.org/p.T)"),
        (
            "func f(sql.Null[int], G[T, string])",
            "func(database/sql.Null[int], example.org/p.G[example.org/p.T, string])",
        ),
        ("func f[T any](t T)", "func(T)"),
    ];
    for (function, want) in cases {
        let got = signature(function);
        assert_eq!(got, want, "{function}");
        // A signature printed is one that can be read, but for the tags and lengths that rules do not write.
        if !function.contains('`') {
            let read = Signature::parse(&got).unwrap_or_else(|e| panic!("{got}: {e}"));
            assert_eq!(read.to_string(), got, "{function}");
        }
    }
}

#[test]
fn signatures_as_rules_write_them() {
    let same = [
        ("func(context.Context, string)", "func(ctx context.Context, query string)"),
        ("func(int, int) (error, error)", "func(a, b int) (x, y error)"),
        ("func(interface{}, []byte)", "func( any ,[]uint8 )"),
        ("func(...any) error", "func(args ...interface{}) (error)"),
        ("func(f func(int) string)", "func(func(x int) (s string))"),
        ("func() (*database/sql.Rows, error)", "func() (rows *database/sql.Rows, err error)"),
        ("func(a.b/c-d/e.v2.T)", "func(x a.b/c-d/e.v2.T)"),
    ];
    for (a, b) in same {
        let read = |text| Signature::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(read(a), read(b), "{a} and {b}");
    }
    let different = [
        ("func(int)", "func(string)"),
        ("func(int)", "func(...int)"),
        ("func([]int)", "func(...int)"),
        ("func() error", "func()"),
        ("func(*a.T)", "func(a.T)"),
        ("func(a/x.T)", "func(b/x.T)"),
        ("func(x.T)", "func(x.U)"),
        ("func(x.T[int])", "func(x.T[string])"),
        ("func(<-chan int)", "func(chan<- int)"),
        ("func([2]int)", "func([3]int)"),
    ];
    for (a, b) in different {
        let read = |text| Signature::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_ne!(read(a), read(b), "{a} and {b}");
    }
    for wrong in [
        "",
        "func",
        "func(",
        "func(int",
        "func(int))",
        "func(a int, string)",
        "int",
        "func(...int, int)",
        "func() (...int)",
        "func([int)",
    ] {
        let error = Signature::parse(wrong).expect_err(wrong);
        assert!(error.offset <= wrong.len() && !error.message.ends_with('.'), "{wrong}: {error}");
    }
    // No text makes the reader overflow a stack.
    assert!(Signature::parse(&format!("func({}int)", "*".repeat(100_000))).is_err());
    let mut packages = Vec::new();
    let signature =
        Signature::parse("func(map[a/b.K]func(c.V) chan d.E, struct{ f e.F }) g.H[i.J]").expect("Go");
    signature.each_package(&mut |package| packages.push(package));
    assert_eq!(packages, ["a/b", "c", "d", "e", "g", "i"]);
}

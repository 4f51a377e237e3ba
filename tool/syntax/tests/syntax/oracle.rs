//! The same trees as go/parser: on a sample of the installed Go release, and on the corners of the grammar.
//!
//! Every case passes the checks of [`invariants`](crate::invariants) as well. The release's own tests of its
//! parsers and type checkers are in the sample whole, since they have what no program has.
use crate::invariants;
use crate::support::{Oracle, Request, Status, compare, go_env, go_files};
use std::path::PathBuf;

/// Compares sources with go/parser; gives how many it accepted and rejected.
fn check(sources: &[(String, Vec<u8>)]) -> (usize, usize) {
    let mut oracle = Oracle::start(None, "nodes");
    for (_, src) in sources {
        oracle.ask(Request::Source(src.clone()));
    }
    let (mut accepted, mut rejected) = (0, 0);
    let mut failures = String::new();
    for (name, src) in sources {
        let answer = oracle.answer();
        *if answer.status == Status::Reject { &mut rejected } else { &mut accepted } += 1;
        if let Err(difference) = compare(src, &answer).and_then(|()| invariants::check(src)) {
            failures += &format!("{name}: {difference}\n");
        }
    }
    assert!(failures.is_empty(), "{failures}");
    (accepted, rejected)
}

#[test]
fn a_sample_of_the_standard_library() {
    let goroot = PathBuf::from(go_env(None, "GOROOT")).join("src");
    let files = go_files(&goroot);
    let special =
        ["go/parser", "go/scanner", "go/printer", "go/ast", "internal/types/testdata", "syntax/testdata"];
    let chosen = files
        .iter()
        .enumerate()
        .filter(|(i, file)| i % 20 == 0 || special.iter().any(|part| file.to_string_lossy().contains(part)));
    let sources: Vec<_> = chosen
        .map(|(_, file)| (file.display().to_string(), std::fs::read(file).expect("a file just listed")))
        .collect();
    let (accepted, rejected) = check(&sources);
    // A release without its testdata would compare too little.
    assert!(accepted > 500 && rejected > 10, "only {accepted} accepted and {rejected} rejected");
}

/// Checks a table of declarations and of function bodies against go/parser, which must accept all or none.
fn table(declarations: &[&str], bodies: &[&str], accepted: bool) {
    let declarations = declarations.iter().map(|text| (*text, format!("package p\n{text}\n")));
    let bodies = bodies.iter().map(|text| (*text, format!("package p\nfunc _() {{\n{text}\n}}\n")));
    let sources: Vec<_> =
        declarations.chain(bodies).map(|(name, src)| (name.to_owned(), src.into_bytes())).collect();
    let mut oracle = Oracle::start(None, "accept");
    for (_, src) in &sources {
        oracle.ask(Request::Source(src.clone()));
    }
    let wrong: Vec<_> = sources
        .iter()
        .filter(|_| (oracle.answer().status != Status::Reject) != accepted)
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(wrong.is_empty(), "in the wrong table: {wrong:#?}");
    check(&sources);
}

#[test]
fn corners_of_the_grammar() {
    table(
        &[
            // An array length or type parameters.
            "type T[P any] struct{}",
            "type T[P *C] struct{}",
            "type T[P *C,] struct{}",
            "type T[P *C, Q any] struct{}",
            "type T[P *struct{}] struct{}",
            "type T[P (C)] struct{}",
            "type T[P (C),] struct{}",
            "type T[P *C|Q] struct{}",
            "type T[P *C|~int] struct{}",
            "type T[P interface{ *int }] struct{}",
            "type T[P []int] struct{}",
            "type T[P [3]int] struct{}",
            "type T[P func()] struct{}",
            "type T[P map[K]V] struct{}",
            "type T[P chan int] struct{}",
            "type T[P ~int | ~string] struct{}",
            "type T[P, Q any] = map[P]Q",
            "type T[N * 2] int",
            "type T[N (2)] int",
            "type T[N] int",
            "type T[N + M] int",
            "type T[len(x)] int",
            "type T[a.b] int",
            "type T[...] int",
            "type T []int",
            "type T[] struct{}",
            "type T[*N] struct{}",
            "type T[P *C] *C",
            "type T[P interface{}] [N]P",
            "type T [P]int",
            "type T = [P]int",
            "type T[_ any, _ any] int",
            // Generic functions and methods.
            "func F[T any, U ~int | ~string, V interface{ ~[]T }](a T, b ...U) (c V) { return }",
            "func (r *R[K, V]) M(k K) V { return r.f[k] }",
            "func (R[_]) M() {}",
            "func (r R[K,]) M() {}",
            "func (((*R))) M() {}",
            "func F(a, b int, c string)",
            "func F(int, string, ...any)",
            "func F(a.B, c.D) (e.F, error)",
            "func F(a [N]int, b []int, c [2][3]string)",
            "func F(a T[int], b T[int, string])",
            "func F(T[int], T[int, string])",
            "func F(x [a]b, y *[n]t)",
            "func F([a]b, *[n]t)",
            "func F(a, b)",
            "func F(func(int) string, chan<- int, <-chan int) func() func()",
            "func F(f func(x int) (y string)) (g func(...any))",
            "func F(_ int, _ string) (_ int, _ error)",
            "func F() (a, b int, c string,)",
            "func F() (<-chan int)",
            "func F() <-chan <-chan int",
            "func F(chan<- chan int, chan (<-chan int), <-chan chan<- int)",
            // Types.
            "type T struct { A, B int `tag`; *C; D.E; F[int]; G.H[K, V] \"tag\"; i [3]int; j []int; _ int }",
            "type T struct { a [N]int; b [N + 1]int; c T[int]; d (int) }",
            "type T interface { M(int) string; ~int | ~string; E; p.Q; R[int]; p.S[T1, T2]; *int; []int; (int) }",
            "type T interface { int | string; A | B[int] | c.D; ~[]byte }",
            "type ( A = B; C D; E[T any] = []T )",
            "type ()",
            "const ()",
            "var ()",
            "import ()",
            "const ( a = iota; b; c, d = 1, 2; e int = 3 )",
            "const a, b",
            "const a int",
            "var a, b, c int = 1, 2, 3",
            "var a = func() int { return 1 }()",
            "var ( a int; b = 2 )",
            "import ( \"a\"; b \"c\"; . \"d\"; _ `e` )",
            "import \"a\"; import b \"c\"; var x int",
            "type T chan<- (<-chan int)",
            "type T map[struct{ a int }]interface{ M() }",
            "type T [1 << 3]func(a, b int) (c, d string)",
            "var _ = [...]string{2: \"a\", \"b\"}",
            "var _ = map[string][]T{\"a\": {{1, 2}, {x: 3}}, `b`: nil}",
            "var _ = &T{&U{}, *x, -y, <-c}",
            "var _ = []func(){func() {}, nil,}",
            "var _ = struct{ a int }{1}",
            "var _ = T[int]{1}",
            "var _ = p.T[int, string]{a: 1}",
            "var _ = <-chan int(nil)",
            "var _ = (<-chan int)(nil)",
            "var _ = chan int(nil)",
            "var _ = interface{}(nil)",
            "var _ = (*T)(nil)",
            "var _ = (func())(nil)",
            "var _ = []byte(\"x\")",
            "var _ = a[b, c]",
            "var _ = a[b,]",
            "var _ = f[int](x)",
            "var _ = f[int, string,](x)",
            "var _ = f[[]int](x)",
            "var _ = f[func(int) string, chan int, map[int]string, *T, struct{}](x)",
            "var _ = a[1:2:3][:][1:][:2][:2:3]",
            "var _ = f(a, b...)",
            "var _ = f(a, b...,)",
            "var _ = new(int) == new(f(x)+1)",
            "var _ = x.(T).(interface{ M() }).(*p.Q).y",
            "var _ = a + b*c<<d&e&^f == g && h || !i",
            "var _ = -+^*&a",
            "var _ = a*-b",
            "var _ = a < -b",
            "var _ = a < b > (c)",
            "var _ = ~x",
            "var _ = func(a int, b ...string) (c error) { defer g(); return nil }",
            "var a, b = 0x_1F, 0b_101; var c, d = 0o17, 017; var e = 1_000.5e-3i",
            "var _ = 0x1p-2 + 0X1.8P3 + .5 + 5. + 1e10 + 0i + 08i + 09.5",
            "var _ = 'a' + '\\n' + '\\'' + '\\x41' + '\\u00e9' + '\\U0001F600' + '\\101' + '世'",
            "var _ = \"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\\x41\\101\\u00e9\" + `a\\`",
            "var é, 世界, _x, x١ int",
            "func f(); func g() {}; var x int",
        ],
        &[
            "if x {}; if x := f(); x {} else if y {} else {}",
            "if (T{}) == x {}",
            "if x == (T{1}) {}",
            "if f(T{1}) {}",
            "if a[T{1}] {}",
            "if x := []int{1}; x != nil {}",
            "if x == [1]int{1} {}",
            "if x == map[int]int{1: 2} {}",
            "if x == struct{}{} {}",
            "if ; x {}",
            "if func() bool { return T{}.x }() {}",
            "if <-c {}",
            "if *p {}",
            "for {}",
            "for x {}",
            "for ; ; {}",
            "for i := 0; i < n; i++ {}",
            "for ; x; {}",
            "for range x {}",
            "for range 10 {}",
            "for i := range f {}",
            "for i, v := range x {}",
            "for i, v = range x {}",
            "for a.b, c[d] = range x {}",
            "for i := range []int{1} {}",
            "for range f() {}",
            "for range func(yield func() bool) {} {}",
            "for x := range (T{}).y {}",
            "switch {}",
            "switch x\n{}",
            "switch ; {}",
            "switch x {}",
            "switch x := f(); x {}",
            "switch x := f(); {}",
            "switch x { case 1, 2: f(); fallthrough; default: g() }",
            "switch x.(type) { case int, *T, []byte, nil: default: }",
            "switch y := x.(type) { case p.Q: }",
            "switch a := f(); y := x.(type) {}",
            "switch x := y.(T); x {}",
            "switch (T{}) {}",
            "select {}",
            "select { case <-c: case x := <-c: case x, ok = <-c: case c <- v: default: }",
            "select { case a[i] = <-c: f() }",
            "L: for { break L; continue L; goto L }",
            "L:",
            "L: M: x()",
            "L: {}",
            "{ L: }",
            "{}",
            ";;;",
            "go f(); defer g(x...); go func() {}(); defer (f)()",
            "go T{}.m()",
            "x = 1; x, y = y, x; x := 1; x += 1; x &^= 2; x <<= 3; *p = 4; a[i]++; b.c--",
            "c <- x; c <- <-d; <-c",
            "x <- y",
            "f(); (f)(); func() {}(); <-f()",
            "var x int; const y = 1; type T struct{}; type U[P any] []P",
            "return",
            "return 1, f(), T{}",
            "return <-c",
            "a.b.c(d)[e].f.(g)",
            "x := func() {}; y := func() (a int) { return }",
            "x := T{1, 2}; y := &T{a: 1}",
            "x := [...]T{{1}, {2}}",
            "x := []*T{{1}, &T{2}}",
            "_ = x[a:b]; _ = x[a:b:c]; _ = T[int]{}; _ = T[a][b]",
            "_ = x /* c */ + /* d\n */ y",
            "x /*\n*/ y()",
            "f(\n1,\n2,\n)",
            "x.\ny()",
            "_ = a +\nb",
            "f(func() {\n}, g)",
            "if x {\n} else {\n}",
            "+x; -y; !z; ^a; &b",
            "[]int{1}; map[int]int{}; struct{}{}; [2]int{}",
            "_ = []int{\n1,\n}",
        ],
        true,
    );
}

#[test]
fn corners_that_are_not_go() {
    table(
        &[
            "type T[P any, int] struct{}",
            "type T[P any struct{}",
            "type T[P *C, Q] struct{}",
            "type T[P any,,] int",
            "type T[P *C|Q 3] int",
            "type T[P] = int 3",
            "func F[]() {}",
            "func F[T]() {}",
            "func F[T any, U]() {}",
            "func F(a int, string)",
            "func F(a ...int, b int)",
            "func F(...int, b)",
            "func F() (...int)",
            "func F(a, b int c)",
            "func F(a;b)",
            "func F(a int {}",
            "func F()\n{}",
            "func F",
            "func",
            "func ()",
            "func (a, b T) ()",
            "func F() { ",
            "func F() } ",
            "x := 1",
            "f()",
            ";",
            "var _ = a<-b",
            "var x",
            "var x, = 1",
            "var x = ",
            "var 1 = 2",
            "const = 1",
            "type T",
            "type T struct { (A) }",
            "type T struct { *(A) }",
            "type T struct { a }; type struct{}",
            "type T struct { a b c }",
            "type T interface { M[T any]() }",
            "type T interface { m, n() }",
            "type T interface { a b }",
            "type T func[P any]()",
            "type T map[int]",
            "type T chan",
            "type T [...]",
            "type T *",
            "import a",
            "import 1",
            "import \"a\" \"b\"",
            "import ( \"a\", \"b\" )",
            "var x int; import \"a\"",
            "import",
            "var _ = 1 +",
            "var _ = (1",
            "var _ = f(1, , 2)",
            "var _ = f(a... b)",
            "var _ = a[]",
            "var _ = a[1:2:]",
            "var _ = a[::]",
            "var _ = a[1::3]",
            "var _ = a[1:2:3:4]",
            "var _ = x.",
            "var _ = x.(",
            "var _ = x.1",
            "var _ = (T){}",
            "var _ = []int{1 2}",
            "var _ = []int{1\n}",
            "var _ = f(1\n)",
            "var _ = {1}",
            "var _ = chan int{}",
            "var _ = func() {}{}",
            "var _ = 0b2",
            "var _ = 0o8",
            "var _ = 08",
            "var _ = 0x",
            "var _ = 1__0",
            "var _ = 1_",
            "var _ = 0_x1",
            "var _ = 1e",
            "var _ = 0x1.8",
            "var _ = 1p3",
            "var _ = ''",
            "var _ = 'ab'",
            "var _ = '\\q'",
            "var _ = '\\'",
            "var _ = '\\400'",
            "var _ = '\\ud800'",
            "var _ = '\\U00110000'",
            "var _ = \"a\nb\"",
            "var _ = \"\\\"",
            "var _ = `a",
            "var _ = /* a",
            "var _ = a\u{feff}",
            "var _ = a\0",
            "var _ = \u{201c}a\u{201d}",
            "var ١x int",
            "var x # int",
            "//line a:0\nvar x int",
            "//line a:b:x\nvar x int",
            "/*line a:99999999999999*/ var x int",
        ],
        &[
            "if x := T{}; x {}",
            "if T{} == x {}",
            "if x == T{1} {}",
            "if x\n{}",
            "if {}",
            "if x; {}",
            "if x := 1 {}",
            "if x {} else y",
            "if x {}\nelse {}",
            "if var x = 1; x {}",
            "for x := 1 {}",
            "for i := 0; i < n {}",
            "for i = 0; i = 1; i++ {}",
            "for a, b, c := range x {}",
            "for range {}",
            "for x range y {}",
            "for var i = 0; i < 1; i++ {}",
            "for i := range x := y {}",
            "for range T{} {}",
            "switch x { f() }",
            "switch x { case: }",
            "switch x { case 1 }",
            "switch x = y.(type) {}",
            "switch T{} {}",
            "switch a, b {}",
            "select { case x + : }",
            "select { case a, b, c := <-d: }",
            "select { case x++: }",
            "select x {}",
            "goto",
            "goto 1",
            "break 1",
            "fallthrough L",
            "1: x()",
            "a.b: x()",
            "go f",
            "go (f())",
            "defer x + y",
            "x, y",
            "x, y++",
            "x y",
            "x = ",
            "= 1",
            "x := ",
            "a, b <- c",
            "return,",
            "return 1,",
            "case 1:",
            "else {}",
            "package q",
            "import \"x\"",
            "func f() {}",
            "f(x",
            "{",
            "}",
            ")",
            "...",
            "x...",
            "_ = x...",
            "[]int{1}...",
            "var x = func() {",
            "x.(type",
        ],
        false,
    );
}

#[test]
fn files_whose_form_is_unusual() {
    let goes = [
        "package p",
        "package p;",
        "package p // c",
        "package p /* c */",
        "\u{feff}package p\n",
        "package p\r\n\r\nimport \"a\"\r\n\r\nfunc f() {\r\n\tx := `a\r\nb`\r\n}\r\n",
        "// c\n\n/* d */ package /* e */ p /* f */\n\n// g\nvar x int // h\n\n// i",
        "//go:build a && b\n// +build a,b\n\n// Doc.\npackage p\n\n//go:generate x\n//export y\n//line z:1\n//extern w\nfunc y() {}\n",
        "package p\n//line a.go:10\nvar x int\n/*line b.go:1:2*/ var y int\n",
        "package p\n\n// #include <x.h>\n// int f() { return 1; }\nimport \"C\"\n",
        "package p\n\n/*\nint x;\n*/\nimport \"C\"\nimport (\n\t\"a\"\n\t// #cgo LDFLAGS: -lm\n\t\"C\"\n)\n",
        "package p; import \"a\"; var x = a.B",
        "package p\nfunc f()\nfunc g() { }",
        "package p\nvar x = 1 //",
        "package p\nfunc f() { return /*\n*/ }\n",
        "package p\n\t\t \t\r\n  var x int",
        "package _",
        "package p\nfunc (t T) m[P any](x P) {}\n",
    ];
    let fails = [
        "",
        "\n",
        "\u{feff}",
        "// c",
        "package",
        "package 1",
        "package p var x int",
        "packge p",
        "x",
        "package p\n\u{feff}",
        "\u{feff}\u{feff}package p",
        "package p\n/*",
        "package p\n`",
        "\0package p",
        "package p.q",
        "package \"p\"",
        "package p // \u{feff}",
        "package p // \0",
        "// +build x\n\npackage",
    ];
    let named =
        |list: &[&str]| list.iter().map(|s| (format!("{s:?}"), s.as_bytes().to_vec())).collect::<Vec<_>>();
    assert_eq!(check(&named(&goes)), (goes.len(), 0));
    assert_eq!(check(&named(&fails)), (0, fails.len()));
    let bytes: [&[u8]; 5] =
        [b"\xff\xfep\0", b"package p // \xff", b"package p\xc3", b"\xef\xbb", b"package p\nvar x = \"\xff\""];
    let bytes: Vec<_> = bytes.iter().map(|b| (b.escape_ascii().to_string(), b.to_vec())).collect();
    assert_eq!(check(&bytes), (0, bytes.len()));
}

//! Files made to overflow a stack or to take for ever.
use crate::invariants;
use crate::support::{Oracle, Request, Status, compare};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use weave_syntax::{MAX_NESTING, parse};

/// What can be inside itself: its name, what is before it, its beginning, what is innermost, its end.
type Nest = (&'static str, &'static str, &'static str, &'static str, &'static str);

const NESTS: &[Nest] = &[
    ("parentheses", "var _ = ", "(", "x", ")"),
    ("unary operators", "var _ = ", "- ", "x", ""),
    ("pointers", "var _ ", "*", "T", ""),
    ("dereferences", "var _ = ", "*", "x", ""),
    ("receives", "var _ = ", "<-", "x", ""),
    ("receive-only channels", "var _ = ", "<-chan ", "int", ""),
    ("calls", "var _ = ", "f(", "x", ")"),
    ("indices", "var _ = ", "a[", "0", "]"),
    ("type arguments", "var _ ", "T[", "int", "]"),
    ("composite literals", "var _ = []T", "{", "", "}"),
    ("array types", "var _ ", "[]", "int", ""),
    ("array lengths", "var _ ", "[", "0", "]int"),
    ("map types", "var _ ", "map[", "int", "]int"),
    ("channel types", "var _ ", "chan ", "int", ""),
    ("function types", "var _ ", "func(", "int", ")"),
    ("function results", "var _ ", "func() ", "int", ""),
    ("struct types", "var _ ", "struct{ a ", "int", "}"),
    ("interface types", "var _ ", "interface{ m(", "int", ") }"),
    ("function literals", "var _ = ", "func() { _ = ", "0", " }"),
    ("blocks", "func _() ", "{", "", "}"),
    ("if statements", "func _() {", "if x {", "", "}"),
    ("else branches", "func _() {", "if x {} else ", "{}", ""),
    ("for statements", "func _() {", "for {", "", "}"),
    ("switch statements", "func _() {", "switch { case x: ", "", "}"),
    ("select statements", "func _() {", "select { default: ", "", "}"),
    ("labels", "func _() {", "L:", "", ""),
    ("binary operators to the left", "var _ = x", "+x", "", ""),
    ("selectors", "var _ = x", ".y", "", ""),
    ("calls of calls", "var _ = x", "()", "", ""),
    ("indices of indices", "var _ = x", "[0]", "", ""),
    ("binary operators to the right", "var _ = ", "x+(", "x", ")"),
    ("parenthesised types", "var _ ", "(", "T", ")"),
    ("unions", "type T interface { int", "|int", "", ""),
    ("type parameters", "type _[P ", "*", "C|int", ""),
    ("constraints", "type _[P ", "interface{ m(", "", ") }"),
];

fn source(nest: &Nest, depth: usize) -> Vec<u8> {
    let &(_, before, open, core, close) = nest;
    let mut text = format!("package p\n{before}");
    text += &open.repeat(depth);
    text += core;
    text += &close.repeat(depth);
    if before.starts_with("type _[") {
        text += "] int";
    } else if before.starts_with("type T interface {") || before.starts_with("func _() {") {
        text += "}";
    }
    text += "\n\nfunc after() {}\n";
    text.into_bytes()
}

/// Runs on a stack that recursion over the nesting would overflow.
fn on_a_small_stack(run: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn_scoped(scope, run);
        thread.expect("a thread").join().expect("no panic");
    });
}

#[test]
fn nesting_does_not_overflow_the_stack() {
    on_a_small_stack(|| {
        for nest in NESTS {
            // Both sides of where the parser changes to a stack of its own, and of the limit.
            for depth in [1, 30, 60, 120, 1000, 120_000] {
                let src = source(nest, depth);
                let (tree, errors) = parse(&src);
                // What is below, is walked without recursion, too.
                let nodes = tree.descendants(tree.root()).count();
                assert!(nodes > 0);
                if depth <= 1000 {
                    invariants::check(&src).unwrap_or_else(|e| panic!("{} {depth}: {e}", nest.0));
                } else if let Some(error) = errors.first() {
                    assert!(error.message.contains("nesting"), "{} {depth}: {error:?}", nest.0);
                }
                drop(tree);
            }
        }
    });
}

#[test]
fn unclosed_nesting_does_not_overflow_the_stack() {
    on_a_small_stack(|| {
        for (name, before, open, _, _) in NESTS {
            let text = format!("package p\n{before}{}", open.repeat(150_000));
            let (tree, errors) = parse(text.as_bytes());
            assert!(!errors.is_empty() || tree.decls().len() == 1, "{name}");
            assert_eq!(tree.tokens().lossless().map(|t| t.end - t.start).sum::<u32>() as usize, text.len());
        }
    });
}

#[test]
fn nesting_is_limited_where_go_parser_limits_it() {
    // Deeper than any program, and shallow enough to be quick: the same trees.
    let mut oracle = Oracle::start(None, "nodes");
    for nest in NESTS {
        oracle.ask(Request::Source(source(nest, 300)));
    }
    for nest in NESTS {
        let src = source(nest, 300);
        compare(&src, &oracle.answer()).unwrap_or_else(|e| panic!("{}: {e}", nest.0));
    }
    // The limit itself, to the level, for those that count in different ways: some take two levels each.
    let limit = MAX_NESTING as usize;
    let two_levels = ["calls", "if statements", "function literals"];
    let one_level = [
        "parentheses",
        "unary operators",
        "pointers",
        "composite literals",
        "blocks",
        "else branches",
        "selectors",
    ];
    let mut sources = Vec::new();
    for nest in NESTS {
        let middle = match nest.0 {
            name if two_levels.contains(&name) => limit / 2,
            name if one_level.contains(&name) => limit,
            _ => continue,
        };
        sources.extend((middle - 4..=middle + 2).step_by(2).map(|depth| (nest.0, source(nest, depth))));
    }
    let mut oracle = Oracle::start(None, "accept");
    for (_, src) in &sources {
        oracle.ask(Request::Source(src.clone()));
    }
    let mut differences = String::new();
    let mut accepted = BTreeMap::new();
    for (name, src) in &sources {
        let accepts = oracle.answer().status != Status::Reject;
        accepted.entry(name).or_insert_with(Vec::new).push(accepts);
        let errors = parse(src).1;
        if accepts != errors.is_empty() {
            differences += &format!("{name}: accepted by go/parser: {accepts}, ours: {errors:?}\n");
        }
    }
    assert!(differences.is_empty(), "{differences}");
    assert_eq!(accepted.len(), two_levels.len() + one_level.len());
    // The control: the limit is where we think it is.
    for (name, accepted) in accepted {
        assert!(accepted.contains(&true) && accepted.contains(&false), "{name}: {accepted:?}");
    }
}

#[test]
fn time_is_linear() {
    // One large file against a hundred small ones of the same size together: quadratic would be a hundred times.
    type Shape = fn(usize) -> String;
    let shapes: [(&str, Shape); 7] = [
        ("declarations without end", |n| "func f(".repeat(n)),
        ("errors", |n| "func f() { ) }\n".repeat(n)),
        ("comments", |n| "/**/ //go:x y\n".repeat(n)),
        ("directives of statements", |n| format!("func f() {{\n{}}}", "//go:x y\nf()\n".repeat(n))),
        ("one long line", |n| format!("var x = {}1", "1+".repeat(n))),
        ("many parameters", |n| format!("func f({} int) {{}}", vec!["a"; n].join(","))),
        ("quotes", |n| "\"\n".repeat(n)),
    ];
    for (name, shape) in shapes {
        let time = |n: usize, runs: u32| {
            let src = format!("package p\n{}", shape(n));
            let start = Instant::now();
            for _ in 0..runs {
                let (tree, _) = parse(src.as_bytes());
                assert!(tree.directives().len() <= n);
            }
            start.elapsed()
        };
        // As much to do in both, and in turn: what else the machine does, it does to both.
        let rounds = (0..4).map(|_| (time(500, 100), time(50_000, 1)));
        let (small, large) =
            rounds.fold((Duration::MAX, Duration::MAX), |(a, b), (c, d)| (a.min(c), b.min(d)));
        assert!(large < small * 20, "{name}: {small:?} for small ones, {large:?} for one large one");
    }
}

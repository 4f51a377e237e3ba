//! Mutants of real files: whatever the bytes are, the parser returns, every byte is in exactly one token, the
//! tree is well-formed, and a source is accepted exactly when go/parser accepts it, with the same tree.
//!
//! A few seconds by default; `WEAVE_FUZZ_SECONDS=600` runs longer, `WEAVE_FUZZ_SEED=n` with other random numbers,
//! `WEAVE_FUZZ_GO=go1.27.3` against another release.
//! Failures are printed with their seed and source.
use crate::invariants;
use crate::support::{Oracle, Request, Status, compare, go_env, go_files};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use weave_syntax::{TokenKind, lex, parse};

/// Xorshift: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Tokens and half tokens that are put where they may not belong.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "x", "_", "T", "0", "1", "0x1p-2", "0b12", "1_000", "1__0", "3.14", "1e", "2i", "'a'", "'ab'",
    "'\\x41'", "\"s\"", "\"\\q\"", "\"", "`r\nw`", "`", "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>",
    "&^", "+=", "*=", "&^=", "<<=", "&&", "||", "<-", "++", "--", "==", "<", ">", "=", "!", "~", "!=", "<=",
    ">=", ":=", "...", "(", "[", "{", ",", ".", ")", "]", "}", ";", ":", "()", "[]", "{}", "{ }", "[...]",
    "[x]", "(x)", ".(type)", ".(T)", "break", "case", "case x:", "chan", "<-chan", "chan<-", "const",
    "continue", "default", "default:", "defer", "else", "else {", "fallthrough", "for", "for range", "func",
    "func()", "func() {", "go", "goto", "if", "import", "interface", "interface{", "map", "map[", "package",
    "range", "return", "select", "struct", "struct{", "switch", "switch x :=", "type", "type T[P *",
    "type T[P", "var", "\n", "\n\n", " ", "\t", "\r\n", "\r", "// c\n", "//line x:1\n", "/*line x:0*/",
    "/* c */", "/* c\n */", "/*", "//", "//go:noinline\n", "\u{feff}", "\0", "é", "世", "\u{201c}", "#", "$",
    "?", "@", "\\", "\u{fffd}", "١",
];

/// What may stand between any two tokens, or be told apart from what may.
#[rustfmt::skip]
const SPACE: &[&str] = &[
    " ", "\n", "\t", "\r", "\r\n", "/**/", "/* c */", "/*\n*/", "//\n", "//go:x y\n", "; ", "\u{feff}",
];

/// Text that may surround an expression, type or statement.
#[rustfmt::skip]
const WRAPPERS: &[(&str, &str)] = &[
    ("(", ")"), ("{", "}"), ("[", "]"), ("*", ""), ("&", ""), ("-", ""), ("~", ""), ("<-", ""), ("", "{}"),
    ("", "()"), ("", "[T]"), ("", ".f"), ("", ".(T)"), ("", " | T"), ("x, ", ""), ("", ", x"),
    ("x := ", ""), ("", " = x"), ("if ", " {}"), ("for ", " {}"), ("switch ", " {}"), ("range ", ""),
    ("...", ""), ("", "..."), ("func() ", ""), ("L: ", ""), ("go ", ""), ("[]", ""), ("[N]", ""),
    ("map[K]", ""), ("chan ", ""), ("<-chan ", ""), ("case ", ":"),
];

/// A source to mutate and where its tokens are.
struct Seed {
    src: Vec<u8>,
    tokens: Vec<(usize, usize)>,
    /// Expressions, types, statements, lists.
    nodes: Vec<(usize, usize)>,
}

impl Seed {
    fn new(src: Vec<u8>) -> Self {
        let (tokens, _) = lex(&src);
        let tokens = tokens
            .lossless()
            .filter(|t| t.end > t.start && t.kind != TokenKind::Whitespace)
            .map(|t| (t.start as usize, t.end as usize))
            .collect();
        let (tree, _) = parse(&src);
        let nodes = tree
            .descendants(tree.root())
            .skip(1)
            .map(|id| tree.span(id))
            .filter(|span| !span.is_empty())
            .map(|span| (span.start as usize, span.end as usize))
            .collect();
        Self { tokens, nodes, src }
    }

    fn token(&self, random: &mut Random) -> (usize, usize) {
        self.tokens.get(random.below(self.tokens.len())).copied().unwrap_or_default()
    }

    fn node(&self, random: &mut Random) -> (usize, usize) {
        self.nodes.get(random.below(self.nodes.len())).copied().unwrap_or_default()
    }

    /// A few tokens in a row.
    fn run(&self, random: &mut Random) -> (usize, usize) {
        if self.tokens.is_empty() {
            return (0, 0);
        }
        let first = random.below(self.tokens.len());
        let last = (first + random.below(12)).min(self.tokens.len() - 1);
        (self.tokens[first].0, self.tokens[last].1)
    }
}

/// One change of the text. Most keep it nearly Go: what is far from it is rejected early by both.
fn mutate(seed: &Seed, other: &Seed, random: &mut Random) -> Vec<u8> {
    let src = &seed.src;
    let replace =
        |(from, to): (usize, usize), with: &[u8]| -> Vec<u8> { [&src[..from], with, &src[to..]].concat() };
    let token = seed.token(random);
    match random.below(22) {
        0 => replace(token, b""),
        1 => replace(seed.run(random), b""),
        2 | 3 => replace(token, random.pick(WORDS).as_bytes()),
        4 | 5 => replace((token.0, token.0), random.pick(WORDS).as_bytes()),
        6 => replace((token.1, token.1), format!(" {} ", random.pick(WORDS)).as_bytes()),
        7 => {
            let (from, to) = seed.token(random);
            replace(token, &src[from..to])
        }
        8 => {
            let (from, to) = seed.run(random);
            replace((token.0, token.0), &src[from..to])
        }
        9 => {
            let (from, to) = other.run(random);
            replace((token.1, token.1), &[b" ", &other.src[from..to], b" "].concat())
        }
        10 => {
            let (from, to) = other.run(random);
            replace(seed.run(random), &other.src[from..to])
        }
        // Two tokens change places.
        11 => {
            let (a, b) = (token, seed.token(random));
            let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
            if a.1 > b.0 {
                return src.clone();
            }
            [&src[..a.0], &src[b.0..b.1], &src[a.1..b.0], &src[a.0..a.1], &src[b.1..]].concat()
        }
        12 => {
            let at = random.below(src.len());
            replace((at, (at + 1).min(src.len())), &[random.below(256) as u8])
        }
        13 => {
            let at = random.below(src.len());
            replace((at, at), &[random.below(256) as u8])
        }
        14 | 15 => {
            let (from, to) = seed.node(random);
            replace(seed.node(random), &src[from..to])
        }
        16 | 17 => {
            let (from, to) = other.node(random);
            replace(seed.node(random), &other.src[from..to])
        }
        18 => {
            let (from, to) = seed.node(random);
            let (before, after) = WRAPPERS[random.below(WRAPPERS.len())];
            replace((from, to), &[before.as_bytes(), &src[from..to], after.as_bytes()].concat())
        }
        19 => replace((token.0, token.0), random.pick(SPACE).as_bytes()),
        20 => src[..random.below(src.len() + 1)].to_vec(),
        _ => {
            let from = random.below(src.len());
            replace((from, (from + 1 + random.below(3)).min(src.len())), b"")
        }
    }
}

/// Small files whole, and single declarations of others.
fn seeds() -> Vec<Seed> {
    let goroot = PathBuf::from(go_env(None, "GOROOT")).join("src");
    let mut seeds = Vec::new();
    for (i, file) in go_files(&goroot).iter().enumerate() {
        let generics = ["typeparams", "generic", "testdata", "iter", "slices"];
        let name = file.to_string_lossy();
        if i % 23 != 0 && !generics.iter().any(|part| name.contains(part)) {
            continue;
        }
        let src = std::fs::read(file).expect("a file just listed");
        if src.len() < 3000 {
            seeds.push(Seed::new(src));
            continue;
        }
        let (tree, _) = parse(&src);
        for &decl in tree.decls().iter().step_by(7) {
            let text = tree.bytes(tree.span(decl));
            if (20..2000).contains(&text.len()) {
                seeds.push(Seed::new([b"package p\n\n", text, b"\n"].concat()));
            }
        }
    }
    seeds
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

#[test]
fn mutants_are_accepted_exactly_when_go_parser_accepts_them() {
    let seconds = variable("WEAVE_FUZZ_SECONDS").unwrap_or(4);
    let seed = variable("WEAVE_FUZZ_SEED").unwrap_or(1);
    let release = std::env::var("WEAVE_FUZZ_GO").ok();
    let seeds = seeds();
    assert!(seeds.len() > 500, "only {} sources to begin with", seeds.len());
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut oracle = Oracle::start(release.as_deref(), "nodes");
    let (mut accepted, mut rejected) = (0, 0);
    let mut failures = Vec::new();
    // The clock starts when go/parser is there.
    let mut end = None;
    while end.is_none_or(|end| Instant::now() < end) && failures.len() < 20 {
        let mut batch = Vec::new();
        for _ in 0..200 {
            let mut src = Vec::new();
            for round in 0..[1, 1, 1, 2, 4][random.below(5)] {
                let other = &seeds[random.below(seeds.len())];
                src = if round == 0 {
                    mutate(&seeds[random.below(seeds.len())], other, &mut random)
                } else {
                    mutate(&Seed::new(src), other, &mut random)
                };
            }
            oracle.ask(Request::Source(src.clone()));
            batch.push(src);
        }
        for src in batch {
            let answer = oracle.answer();
            end.get_or_insert_with(|| Instant::now() + Duration::from_secs(seconds));
            *if answer.status == Status::Reject { &mut rejected } else { &mut accepted } += 1;
            if let Err(difference) = compare(&src, &answer).and_then(|()| invariants::check(&src)) {
                failures.push(format!("{difference}\n\"{}\"", src.escape_ascii()));
            }
        }
    }
    assert!(failures.is_empty(), "seed {seed}: {}", failures.join("\n========\n"));
    // The mutations are worth something only if many files survive them and many do not.
    assert!(accepted * 10 > rejected && rejected * 10 > accepted, "{accepted} accepted, {rejected} rejected");
}

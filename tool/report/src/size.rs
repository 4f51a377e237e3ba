//! Sizes of the code of a program, by package, read from the table of functions of Go's runtime, which stripping leaves there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Bytes of code by package, of every function that the table of a program has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    packages: BTreeMap<String, u64>,
}

/// The packages that weaving brings, by what their paths begin with.
const PARTS: [(&str, &str); 3] = [
    ("hooks", "github.com/rules-go-weave/rules_go_weave/instrumentation/"),
    ("runtime of the hooks", "github.com/rules-go-weave/rules_go_weave/runtime"),
    ("OpenTelemetry", "go.opentelemetry.io/"),
];

impl Sizes {
    /// Reads the table of functions; `None` of what is not a Go program, or was built by a Go before 1.20.
    #[must_use]
    pub fn of(binary: &[u8]) -> Option<Self> {
        const LITTLE: [u8; 6] = [0xf1, 0xff, 0xff, 0xff, 0, 0];
        const BIG: [u8; 6] = [0xff, 0xff, 0xff, 0xf1, 0, 0];
        let mut best: Option<Self> = None;
        for at in 0..binary.len().saturating_sub(LITTLE.len()) {
            let here = &binary[at..];
            let big = here.starts_with(&BIG);
            if !big && !here.starts_with(&LITTLE) {
                continue;
            }
            // A program may have the bytes elsewhere, and another program inside.
            let found = Table { bytes: here, big }.sizes();
            if found.as_ref().is_some_and(|f| f.total() > best.as_ref().map_or(0, Self::total)) {
                best = found;
            }
        }
        best
    }

    /// All bytes of code.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.packages.values().sum()
    }

    /// The code that weaving brought, for people: by part and package, with what every other package has more than in the plain program.
    #[must_use]
    pub fn text(&self, plain: Option<&Self>) -> String {
        let mut rest = self.packages.clone();
        for package in plain.iter().flat_map(|p| p.packages.keys()) {
            rest.entry(package.clone()).or_default();
        }
        let before = |package: &str| plain.and_then(|p| p.packages.get(package)).copied().unwrap_or(0);
        let mut out = String::new();
        let mut lines = |title: &str, packages: BTreeMap<String, u64>| {
            let mut all: Vec<(i128, String)> = packages
                .into_iter()
                .map(|(name, bytes)| (i128::from(bytes) - i128::from(before(&name)), name))
                .filter(|(added, _)| *added != 0)
                .collect();
            all.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.cmp(right)));
            let _ = writeln!(out, "{:>10}  {title}", all.iter().map(|(added, _)| added).sum::<i128>());
            for (added, name) in all {
                let _ = writeln!(out, "{added:>10}    {name}");
            }
        };
        for (title, prefix) in PARTS {
            let theirs: Vec<String> = rest.keys().filter(|p| p.starts_with(prefix)).cloned().collect();
            let theirs = theirs.into_iter().filter_map(|p| rest.remove_entry(&p)).collect();
            lines(title, theirs);
        }
        if let Some(plain) = plain {
            lines("other packages, beside the plain program", rest);
            let added = i128::from(self.total()) - i128::from(plain.total());
            let _ = writeln!(out, "{added:>10}  in all, beside {} of the plain program", plain.total());
        } else {
            let _ = writeln!(out, "{:>10}  in all, the program's own and Go's included", self.total());
        }
        format!("bytes of code\n{out}")
    }
}

/// The table of functions, as Go 1.20 and later write it.
struct Table<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl Table<'_> {
    /// A number of this many bytes.
    fn number(&self, at: usize, bytes: usize) -> Option<usize> {
        let all = self.bytes.get(at..at.checked_add(bytes)?)?;
        let join = |n: u64, b: &u8| n << 8 | u64::from(*b);
        let n = if self.big { all.iter().fold(0, join) } else { all.iter().rev().fold(0, join) };
        usize::try_from(n).ok()
    }

    fn sizes(&self) -> Option<Sizes> {
        const HEADER: usize = 8;
        let (step, word) = (*self.bytes.get(6)?, usize::from(*self.bytes.get(7)?));
        if ![1, 2, 4].contains(&step) || ![4, 8].contains(&word) {
            return None;
        }
        let field = |n: usize| self.number(HEADER + n * word, word);
        let (count, names, functions) = (field(0)?, field(3)?, field(7)?);
        if count == 0 || count > self.bytes.len() / 8 || functions >= self.bytes.len() {
            return None;
        }
        let mut sizes = Sizes::default();
        for i in 0..count {
            let entry = functions + i * 8;
            let (start, end) = (self.number(entry, 4)?, self.number(entry + 8, 4)?);
            let function = functions.checked_add(self.number(entry + 4, 4)?)?;
            let name = names.checked_add(self.number(function.checked_add(4)?, 4)?)?;
            let name = self.bytes.get(name..)?;
            let name = str::from_utf8(&name[..name.iter().position(|b| *b == 0)?]).ok()?;
            let size = u64::try_from(end.checked_sub(start)?).ok()?;
            *sizes.packages.entry(package_of(name)).or_default() += size;
        }
        Some(sizes)
    }
}

/// The import path of the package that a function is of; what belongs to none, such as comparisons of types, is Go's own.
fn package_of(function: &str) -> String {
    if let Some((kind, _)) = function.split_once(':') {
        return format!("{kind}:");
    }
    let plain = function.split(['[', '(']).next().unwrap_or_default();
    let last = plain.rfind('/').map_or(0, |slash| slash + 1);
    let end = plain[last..].find('.').map_or(function.len().min(plain.len()), |dot| last + dot);
    let path = &plain[..end];
    // The linker writes a dot in the last element so, and other bytes that it has a meaning for.
    let mut out = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        out.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(out).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program with these functions, and the sizes of their code.
    fn program(functions: &[(&str, u32)], big: bool, word: usize) -> Vec<u8> {
        let put = |out: &mut Vec<u8>, n: u64, bytes: usize| {
            let all = n.to_be_bytes();
            let mut number = all[8 - bytes..].to_vec();
            if !big {
                number.reverse();
            }
            out.extend(number);
        };
        let header = 8 + 8 * word;
        let mut names = Vec::new();
        let mut offsets = Vec::new();
        for (name, _) in functions {
            offsets.push(names.len());
            names.extend_from_slice(name.as_bytes());
            names.push(0);
        }
        let table = header + names.len();
        let mut out = Vec::new();
        put(&mut out, 0xffff_fff1, 4);
        out.extend([0, 0, 1, u8::try_from(word).expect("it is 4 or 8")]);
        for field in [functions.len(), 0, 0, header, 0, 0, 0, table] {
            put(&mut out, field as u64, word);
        }
        out.extend(names);
        let mut start = 0;
        for (i, (_, size)) in functions.iter().enumerate() {
            put(&mut out, start, 4);
            put(&mut out, (functions.len() * 8 + 4 + i * 8) as u64, 4);
            start += u64::from(*size);
        }
        put(&mut out, start, 4);
        for offset in offsets {
            put(&mut out, 0, 4);
            put(&mut out, offset as u64, 4);
        }
        [b"\x7fELF and more".to_vec(), out].concat()
    }

    const HOOK: &str = "github.com/rules-go-weave/rules_go_weave/instrumentation/net_http.Server";

    #[test]
    fn what_weaving_added_is_shown_by_package() {
        for (big, word) in [(false, 8), (true, 8), (false, 4), (true, 4)] {
            let plain = program(&[("main.main", 100), ("net/http.(*Server).Serve", 500)], big, word);
            let woven = program(
                &[
                    ("main.main", 100),
                    ("net/http.(*Server).Serve", 540),
                    (HOOK, 70),
                    (
                        "github.com/rules-go-weave/rules_go_weave/runtime/hook.(*Duration[go.shape.int]).Stop",
                        50,
                    ),
                    ("go.opentelemetry.io/otel/trace.init", 30),
                    ("gopkg.in/yaml%2ev3.Marshal", 20),
                    ("type:.eq.net/http.header", 5),
                ],
                big,
                word,
            );
            let (plain, woven) = (Sizes::of(&plain).expect("a table"), Sizes::of(&woven).expect("a table"));
            assert_eq!(
                woven.text(None),
                "bytes of code\n        70  hooks\n        70    github.com/rules-go-weave/rules_go_weave/instrumentation/net_http\n        \
                 50  runtime of the hooks\n        50    github.com/rules-go-weave/rules_go_weave/runtime/hook\n        \
                 30  OpenTelemetry\n        30    go.opentelemetry.io/otel/trace\n       815  in all, the program's own and Go's included\n"
            );
            assert!(
                woven.text(Some(&plain)).ends_with(
                    "        65  other packages, beside the plain program\n        40    net/http\n        20    gopkg.in/yaml.v3\n         5    type:\n       \
                     215  in all, beside 600 of the plain program\n"
                ),
                "{}",
                woven.text(Some(&plain))
            );
            assert!(plain.text(Some(&woven)).contains("-40    net/http\n"), "what is gone is less");
        }
    }

    #[test]
    fn what_has_no_table_is_no_go_program() {
        let whole = program(&[("main.main", 100), (HOOK, 70)], false, 8);
        assert!(Sizes::of(&whole).is_some(), "control");
        for end in 0..whole.len() {
            let _ = Sizes::of(&whole[..end]); // no panic, whatever is missing
        }
        for not in ["", "#!/bin/sh\n", "\u{7f}ELF", "\u{0}\u{0}\u{0}"] {
            assert_eq!(Sizes::of(not.as_bytes()), None, "{not:?}");
        }
        let mut odd = whole.clone();
        for at in 0..odd.len() {
            odd[at] ^= 0xff;
            let _ = Sizes::of(&odd);
            odd[at] ^= 0xff;
        }
        assert_eq!(Sizes::of(&whole[..whole.len() - 1]), None, "it is cut");
    }

    #[test]
    fn a_package_is_told_by_the_name_of_a_function() {
        for (function, package) in [
            ("main.main", "main"),
            ("net/http.(*conn).serve.func1", "net/http"),
            ("slices.SortFunc[go.shape.[]example.com/a/b.T,go.shape.int]", "slices"),
            ("gopkg.in/yaml%2ev3.(*T).M", "gopkg.in/yaml.v3"),
            ("example.com/a.b/c.F", "example.com/a.b/c"),
            ("type:.hash.net/http.key", "type:"),
            ("go:buildid", "go:"),
            ("_cgo_1_mygetpwnam", "_cgo_1_mygetpwnam"),
            ("a%zz.F", "a%zz"),
        ] {
            assert_eq!(package_of(function), package, "{function}");
        }
    }
}

//! Files that cgo reads, which stand elsewhere than their originals.

use std::borrow::Cow;

use weave_report::FileStatus;
use weave_text::LineIndex;

use crate::weave::Woven;

/// Working directory of actions of Bazel, by a name that is the same everywhere: `os.Getwd` gives it where `PWD` is this.
const CWD: &str = "/proc/self/cwd/";

/// Gives woven files the positions of their originals where the compiler's `-trimpath` does not: rules_go sets that itself for what
/// cgo made, and cgo names files by the paths that it reads them from.
///
/// A line directive (`/*line PATH:LINE:COL*/`) stands before the package clause, below build constraints. It has the absolute path, as
/// cgo and the compiler take a relative one for different things. `#line` stands in the empty first line of a preamble, or else in the
/// empty line above it, which it makes a part of the preamble, for the C compiler. A preamble without such a line gets none: lines keep
/// their numbers. Files that cgo does not read are left alone, as rules_go copies them to where cgo writes; where it reads none, all
/// files get a directive.
///
/// # Panics
///
/// Where there are not as many paths as files.
///
/// # Arguments
///
/// `originals` are the paths of the originals in the order of the files, relative to where the compiler runs.
pub fn name_originals(woven: &mut Woven<'_>, originals: &[String]) {
    let files = &mut woven.files;
    let (last, files) = files.split_last_mut().expect("there is always the extra file");
    assert_eq!(files.len(), originals.len(), "one path for each file");
    let built = |i: usize| {
        !matches!(
            woven.report.files[i].status,
            FileStatus::Excluded | FileStatus::Blanked | FileStatus::Replaced
        )
    };
    let read: Vec<bool> =
        files.iter().enumerate().map(|(i, (_, bytes))| built(i) && imports_c(bytes)).collect();
    let any = read.contains(&true);
    for (i, (_, bytes)) in files.iter_mut().enumerate() {
        if if any { read[i] } else { built(i) } {
            name(bytes, &originals[i]);
        }
    }
    let folder = originals.first().and_then(|path| path.rsplit_once('/')).map_or("", |(folder, _)| folder);
    if !any && woven.report.extra.is_some() {
        name(&mut last.1, &[folder, &last.0].join("/"));
    }
}

fn imports_c(bytes: &[u8]) -> bool {
    weave_syntax::parse(bytes).0.imports().iter().any(|import| import.path == "C")
}

fn name(bytes: &mut Cow<'_, [u8]>, original: &str) {
    let (tree, _) = weave_syntax::parse(bytes);
    let Some(name) = tree.package_name() else { return };
    let lines = LineIndex::new(bytes);
    let clause = tree.tokens().significant().iter().rev().find(|t| t.end <= name.start);
    let Some(clause) = clause.map(|t| t.start) else { return };
    let at = lines.line_col(clause);
    let mut inserts = vec![(clause, format!("/*line {CWD}{original}:{}:{}*/", at.line, at.col))];
    for preamble in tree.imports().iter().filter_map(|import| import.cgo_preamble) {
        if original.contains(['"', '\\']) {
            continue;
        }
        let line = lines.line_col(preamble.start).line;
        let text = &bytes[preamble.start as usize..];
        let first = text.split(|&c| c == b'\n').next().unwrap_or_default();
        if first.trim_ascii() == b"/*" {
            inserts.push((preamble.start + 2, format!("#line {} \"{original}\"", line + 1)));
            continue;
        }
        // The line above it, if that is empty and the preamble is the first thing in its own.
        let mut before = bytes[..preamble.start as usize].rsplit(|&c| c == b'\n');
        let (Some(own), Some(above)) = (before.next(), before.next()) else { continue };
        let empty = own.trim_ascii().is_empty() && above.trim_ascii().is_empty();
        // A comment that ends in the line before that would be a part of the preamble, too.
        let joins = tree.tokens().comments().iter().any(|c| lines.line(c.end - 1) + 2 == line);
        if empty && !joins {
            let start = preamble.start as usize - own.len() - 1 - above.len();
            // cgo puts a line break behind a comment of this form alone.
            let hosted = format!("//#line {line} \"{original}\"");
            inserts.push((u32::try_from(start).expect("it is before the preamble"), hosted));
        }
    }
    inserts.sort();
    let text = bytes.to_mut();
    for (at, insert) in inserts.into_iter().rev() {
        let at = at as usize;
        text.splice(at..at, insert.into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    fn named(src: &str) -> String {
        let mut bytes = src.as_bytes().into();
        name(&mut bytes, "p/a.go");
        String::from_utf8(bytes.into_owned()).unwrap()
    }

    #[test]
    fn positions_are_those_of_the_original() {
        for (src, want) in [
            ("package p\n", "/*line /proc/self/cwd/p/a.go:1:1*/package p\n"),
            // Build constraints, and what says that a file is generated, stay lines of their own.
            (
                "//go:build cgo\n\n// Package p.\npackage /* p */ p\n",
                "//go:build cgo\n\n// Package p.\n/*line /proc/self/cwd/p/a.go:4:1*/package /* p */ p\n",
            ),
            ("/* a */ package p\n", "/* a */ /*line /proc/self/cwd/p/a.go:1:9*/package p\n"),
            // Preambles: with an empty first line, on one line, of more than one import, in parentheses; a comment apart is none.
            (
                "package p\n\n/*\nint a;\n*/\nimport \"C\"\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n\n/*#line 4 \"p/a.go\"\nint a;\n*/\nimport \"C\"\n",
            ),
            (
                "package p\n\n/* int a; */\nimport \"C\"\n\n// int b;\nimport \"C\"\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n//#line 3 \"p/a.go\"\n/* int a; */\nimport \"C\"\n\
                 //#line 6 \"p/a.go\"\n// int b;\nimport \"C\"\n",
            ),
            (
                "package p\n\nimport (\n\t\"fmt\"\n\r\n\t// int a;\r\n\t\"C\"\n)\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n\nimport (\n\t\"fmt\"\n//#line 6 \"p/a.go\"\r\n\t// int a;\r\n\t\"C\"\n)\n",
            ),
            // Nowhere to stand: no line above, or one of which a comment would become a part of the preamble.
            (
                "package p\n// int a;\nimport \"C\"\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n// int a;\nimport \"C\"\n",
            ),
            (
                "package p\n\n// Not C.\n\n// int a;\nimport \"C\"\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n\n// Not C.\n\n// int a;\nimport \"C\"\n",
            ),
            (
                "package p\n\nimport (\n\t/* \r\n\tint a; */\r\n\t\"C\"\n)\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n\nimport (\n\t/*#line 5 \"p/a.go\" \r\n\tint a; */\r\n\t\"C\"\n)\n",
            ),
            (
                "package p\n\n/*\nint a;\n*/\n\nimport \"C\"\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n\n/*\nint a;\n*/\n\nimport \"C\"\n",
            ),
            ("pakage p\n", "pakage p\n"),
        ] {
            assert_eq!(named(src), want);
            assert_eq!(named(src).lines().count(), src.lines().count());
        }
    }
}

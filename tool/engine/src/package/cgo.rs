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
/// cgo and the compiler take a relative one for different things. A preamble begins with `#line`, for the C compiler. Where it has no
/// empty first line to stand in, that makes a line more, and a directive at the import says where the file goes on. Files that cgo
/// does not read are left alone, as rules_go copies them to where cgo writes; where it reads none, all files get a directive.
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
    let directive = |offset| {
        let at = lines.line_col(offset);
        (offset, format!("/*line {CWD}{original}:{}:{}*/", at.line, at.col))
    };
    let mut inserts = vec![directive(clause)];
    for import in tree.imports() {
        let Some(preamble) = import.cgo_preamble else { continue };
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
        let own_line = format!("#line {line} \"{original}\"\n");
        inserts.push(if text.starts_with(b"/*") {
            (preamble.start + 2, own_line)
        } else {
            (preamble.start, format!("//{own_line}"))
        });
        // Between a preamble and what it belongs to, a comment would be a part of it.
        let alone = preamble.start < tree.span(import.decl).start;
        inserts.push(directive(match import.name {
            Some(name) if !alone => name.end,
            Some(name) => name.start,
            None if alone => import.path_span.start,
            None => import.path_span.end,
        }));
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
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n\n/*#line 3 \"p/a.go\"\n int a; */\nimport /*line /proc/self/cwd/p/a.go:4:8*/\"C\"\n\n\
                 //#line 6 \"p/a.go\"\n// int b;\nimport /*line /proc/self/cwd/p/a.go:7:8*/\"C\"\n",
            ),
            (
                "package p\n\nimport (\n\t\"fmt\"\n\t// int a;\n\t\"C\"\n)\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n\nimport (\n\t\"fmt\"\n\t//#line 5 \"p/a.go\"\n// int a;\n\t\"C\"/*line /proc/self/cwd/p/a.go:6:5*/\n)\n",
            ),
            (
                "package p\n\n// int a;\nimport c \"C\"\n",
                "/*line /proc/self/cwd/p/a.go:1:1*/package p\n\n//#line 3 \"p/a.go\"\n// int a;\nimport /*line /proc/self/cwd/p/a.go:4:8*/c \"C\"\n",
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
        }
    }
}

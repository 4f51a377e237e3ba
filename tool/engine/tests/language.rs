//! The language of the sources: what ARCHITECTURE.md says of words, and how documentation begins.

use std::fs;
use std::path::{Path, PathBuf};

/// Collects the Rust files of the tool, those of tests aside.
fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["tests", "examples", "target"].contains(&name.as_str()) {
                sources(&path, into);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// Words that begin no documentation, which says the thing by a noun or what it does by a verb in the third person.
const NEVER: &[&str] =
    &["What", "Where", "Why", "How", "Which", "Those", "Who", "Whose", "When", "As", "From", "By", "Onto"];

/// Words that begin no documentation of a function.
const NEVER_OF_FUNCTIONS: &[&str] = &[
    "Whether", "Add", "Ask", "Build", "Check", "Find", "Give", "Insert", "Make", "Parse", "Put", "Read",
    "Replace", "Return", "Run", "Say", "Take", "Tell", "Weave", "Write",
];

/// Finds documentation that begins with a word that it does not begin with: line and word.
fn badly_begun(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let Some(doc) = line.strip_prefix("/// ") else { continue };
        if i > 0 && lines[i - 1].starts_with("///") {
            continue;
        }
        let word = doc.split([' ', ',', '.', ':', ';']).next().unwrap_or_default();
        let item = lines[i..].iter().find(|l| !l.starts_with("///") && !l.starts_with("#["));
        let function = item.is_some_and(|l| l.split('(').next().is_some_and(|head| head.contains("fn ")));
        // `Build tags` is a noun.
        let noun = doc.starts_with("Build tags");
        if NEVER.contains(&word) || function && !noun && NEVER_OF_FUNCTIONS.contains(&word) {
            found.push((i + 1, word.to_owned()));
        }
    }
    found
}

#[test]
fn documentation_begins_with_a_noun_or_a_verb() {
    assert_eq!(
        badly_begun("/// What it is.\nfoo: u8,\n/// A thing.\n/// What it is.\nbar: u8,"),
        [(1, "What".into())]
    );
    assert_eq!(badly_begun("/// Read it.\n#[must_use]\npub fn a() {}"), [(1, "Read".into())]);
    assert_eq!(badly_begun("/// Reads it.\nfn a() {}\n/// Whether it is.\nb: bool,"), []);
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut files);
    assert!(files.len() > 100, "control: {}", files.len());
    let mut bad = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("a source can be read");
        bad.extend(
            badly_begun(&text).into_iter().map(|(line, word)| format!("{}:{line}: {word}", file.display())),
        );
    }
    assert!(bad.is_empty(), "documentation begins with:\n{}", bad.join("\n"));
}

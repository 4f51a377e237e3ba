//! The language of the sources: what ARCHITECTURE.md says of words, and how documentation begins.

use std::collections::BTreeSet;
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

/// Crates whose messages are all in `messages.rs`.
const ONE_FILE: &[&str] = &["cli", "gocmd", "report"];

#[test]
fn messages_of_a_crate_are_in_one_file() {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ONE_FILE {
        let mut files = Vec::new();
        sources(&tool.join(name).join("src"), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).expect("a source can be read");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let made = code.contains("Diagnostic::new(") || code.contains("anyhow!(");
            assert_eq!(made, file.ends_with("messages.rs") && *name != "gocmd", "{}", file.display());
        }
    }
}

/// Types whose names begin or end with a word that has one meaning: all that there are.
const ONE_MEANING: &[(&str, &[&str])] = &[
    ("Facts", &["FileFacts", "TypeFacts", "TypeFactsError", "WovenFacts"]),
    ("Place", &["Places", "RulePlace"]),
    ("Peer", &[]),
    ("Checked", &[]),
];

#[test]
fn types_have_the_words_of_the_terminology() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    sources(&root.join("tool"), &mut files);
    let mut types = BTreeSet::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("a source can be read");
        for line in text.lines().map(str::trim_start) {
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            for pair in words.windows(2).filter(|p| ["struct", "enum", "type"].contains(&p[0])) {
                if !line.starts_with("//") && pair[1].starts_with(char::is_uppercase) {
                    types.insert(pair[1].to_owned());
                }
            }
        }
    }
    for (word, known) in ONE_MEANING {
        let with: Vec<&String> = types.iter().filter(|t| t.contains(word)).collect();
        let other: Vec<_> = with.iter().filter(|t| !known.contains(&t.as_str())).collect();
        assert!(other.is_empty(), "{word} has another meaning in the terminology: {other:?}");
    }
    // The terminology names types that there are.
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).expect("the page can be read");
    let (_, table) = page.split_once("### Terminology").expect("it has a terminology");
    let table = table.split("\n\n").find(|t| t.starts_with("| word")).expect("that is a table");
    let named: Vec<&str> =
        table.split('`').skip(1).step_by(2).filter(|n| n.starts_with(char::is_uppercase)).collect();
    assert!(named.len() > 15, "control: {named:?}");
    for name in named {
        assert!(types.contains(name), "the terminology names {name}, which is no type");
    }
}

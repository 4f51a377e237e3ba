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
        // A module's documentation is the beginning of its file.
        let module = i == 0 && line.starts_with("//! ");
        if !module && (!line.starts_with("/// ") || i > 0 && lines[i - 1].starts_with("///")) {
            continue;
        }
        let doc = &line[4..];
        let word = doc.split([' ', ',', '.', ':', ';']).next().unwrap_or_default();
        let item = lines[i..].iter().find(|l| !l.starts_with("///") && !l.starts_with("#["));
        let function =
            !module && item.is_some_and(|l| l.split('(').next().is_some_and(|head| head.contains("fn ")));
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
    assert_eq!(badly_begun("//! Where it is.\n//! What it is.\n"), [(1, "Where".into())]);
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

/// Crates whose messages are all in `messages.rs`, and whether that makes findings or faults of them.
const ONE_FILE: &[(&str, bool)] = &[
    ("cli", true),
    ("dialects", true),
    ("engine", true),
    ("gocmd", false),
    ("ir", false),
    ("report", true),
    ("syntax", false),
    ("template", false),
];

/// Constructors of findings and faults.
const MAKERS: &[&str] = &["Diagnostic::new(", "anyhow!(", "Refused::new("];

/// Functions that take the text of a message.
const TAKERS: &[&str] = &["Err(", ".fail(", ".fail_at(", ".error(", ".help(", ".note(", "SyntaxError::new("];

/// Finds texts that are written where a message is used: sentences of more than one word.
fn written_messages(code: &str) -> Vec<String> {
    let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let texts = ["let message = format!(", "let message = \""];
    let mut found: Vec<String> =
        texts.iter().filter(|t| code.contains(**t)).map(|t| (*t).to_owned()).collect();
    for taker in TAKERS {
        for (at, _) in code.match_indices(taker) {
            let rest = &code[at + taker.len()..];
            let end = rest.find("messages::").into_iter().chain(rest.find([';', '{'])).min();
            let argument = &rest[..end.unwrap_or(rest.len())];
            let argument = argument.split_once(')').map_or(argument, |(before, _)| before);
            let quoted = argument.split('"').nth(1).is_some_and(|text| text.trim().contains(' '));
            if quoted || argument.contains("format!(") {
                found.push(format!("{taker}{argument}"));
            }
        }
    }
    found
}

#[test]
fn messages_of_a_crate_are_in_one_file() {
    assert_eq!(written_messages("return Err(\n  \"it is no type\".into());").len(), 1, "control");
    assert_eq!(written_messages("x.help(format!(\"write {y}\"))").len(), 1, "control");
    assert_eq!(written_messages("self.fail(at, messages::open()); let a = \"a b\";"), Vec::<String>::new());
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut elsewhere = Vec::new();
    for (name, makes) in ONE_FILE {
        let mut files = Vec::new();
        sources(&tool.join(name).join("src"), &mut files);
        assert!(files.iter().any(|f| f.ends_with("messages.rs")), "{name} has no messages.rs");
        for file in files {
            let text = fs::read_to_string(&file).expect("a source can be read");
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            // The type of the engine's refusals is made of a finding, and says so in its own file.
            let made = MAKERS.iter().any(|m| code.contains(m)) && !file.ends_with("refusal.rs");
            assert_eq!(made, file.ends_with("messages.rs") && *makes, "{}", file.display());
            if !file.ends_with("messages.rs") {
                let name = file.display();
                // That one reads the names of fields by an error, which nobody sees.
                let found = if file.ends_with("weave/keys.rs") { Vec::new() } else { written_messages(code) };
                elsewhere.extend(found.into_iter().map(|m| format!("{name}: {m}")));
            }
        }
    }
    assert!(elsewhere.is_empty(), "messages outside of messages.rs:\n{}", elsewhere.join("\n"));
}

/// Finds messages of a Starlark file that `messages.bzl` does not make: the arguments of `fail` and `print` with a text of their own.
fn starlark_messages(code: &str) -> Vec<&str> {
    let said = code.match_indices("fail(").chain(code.match_indices("print("));
    let arguments = said.map(|(at, word)| code[at + word.len()..].trim_start());
    let written = arguments.filter(|a| a.starts_with(['"', '\'']) || a.starts_with("WARNING"));
    written.map(|a| a.lines().next().unwrap_or_default()).collect()
}

#[test]
fn messages_of_the_rules_are_in_one_file() {
    assert_eq!(starlark_messages("fail(\n    \"no {}\".format(a))").len(), 1, "control");
    assert_eq!(starlark_messages("fail(messages.no(a))\nprint(note)"), Vec::<&str>::new());
    fn files(dir: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                files(&path, into);
            } else if path.extension().is_some_and(|e| e == "bzl") {
                into.push(path);
            }
        }
    }
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules"), &mut all);
    assert!(all.len() > 25, "control: {}", all.len());
    for file in all {
        let text = fs::read_to_string(&file).expect("a source can be read");
        assert_eq!(starlark_messages(&text), Vec::<&str>::new(), "{}", file.display());
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

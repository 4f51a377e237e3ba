//! The part of docs/tutorial.md that needs no Bazel: its files, its commands, and what they print. The rest is run by e2e/tests.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Place, good, repository, run, text};

/// Where the part begins.
const SECTION: &str = "\n## Without Bazel\n";

/// The fenced blocks of a page: language and text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some("")) => all.extend(open.take()),
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, Some(language)) => open = Some((language.to_owned(), String::new())),
            (None, None) => {}
        }
    }
    all
}

/// Commands, and what they print.
fn commands(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), line.strip_prefix("> "), all.last_mut()) {
            (Some(command), ..) => all.push((command.to_owned(), String::new())),
            (None, Some(more), Some((command, shown))) if shown.is_empty() => {
                command.push('\n');
                command.push_str(more);
            }
            (_, _, Some((_, shown))) => {
                shown.push_str(line);
                shown.push('\n');
            }
            _ => panic!("no command: {line}"),
        }
    }
    all
}

/// Whether a text is what is shown, in which `...` stands for anything.
fn matches(shown: &str, text: &str) -> bool {
    let mut parts = shown.trim_end().split("...");
    let Some(mut rest) = text.trim_end().strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut last = "";
    let parts: Vec<&str> = parts.collect();
    for part in &parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = part;
    }
    rest.is_empty() || (!parts.is_empty() && (last.is_empty() || text.trim_end().ends_with(last)))
}

#[test]
fn the_tutorial_works_as_it_is_written() {
    let page = fs::read_to_string(repository().join("docs/tutorial.md")).expect("it is there");
    let (before, after) = page.split_once(SECTION).expect("the tutorial has a part without Bazel");
    let place = Place::empty("tutorial");
    for (language, text) in blocks(before).iter().filter(|(language, _)| !language.starts_with("console")) {
        let first = text.lines().next().unwrap_or_default();
        let name = first.strip_prefix("// ").or_else(|| first.strip_prefix("# "));
        let name = name.unwrap_or_else(|| panic!("a block of {language} names no file: {first}"));
        let checkout = format!("=> {}", repository().display());
        place.write(name, &text.replace("=> /path/to/rules_go_weave", &checkout));
    }
    let bin = place.out.join("bin");
    fs::create_dir_all(&bin).expect("a folder can be made");
    symlink(env!("CARGO_BIN_EXE_goweave"), bin.join("goweave")).expect("a link can be made");
    // As its reader has done.
    for arguments in [&["mod", "tidy"][..], &["build", "./..."], &["vet", "./..."], &["mod", "tidy", "-diff"]]
    {
        good(&mut place.go(arguments));
    }
    let mut count = 0;
    for (command, shown) in blocks(after).iter().flat_map(|(_, text)| commands(text)) {
        let path = format!("PATH=\"{}:$PATH\"; set -o pipefail; {command}", bin.display());
        let out = run(&mut place.command("bash", &["-c", &path]));
        let wrote = text(&out.stdout) + &text(&out.stderr);
        assert!(out.status.success(), "$ {command}\n{wrote}");
        assert!(
            shown.is_empty() || matches(&shown, &wrote),
            "$ {command}\nshows\n{shown}and prints\n{wrote}"
        );
        count += 1;
    }
    assert!(count > 3, "its commands are found");
    let report = fs::read_to_string(place.user.join("report.html")).expect("the report is there");
    assert!(report.contains("queue/send") && report.contains("<del>- func (c *Client) Send"), "{report}");
}

#[test]
fn what_is_shown_is_compared() {
    for (shown, text, same) in [
        ("a\n", "a\n", true),
        ("a\n", "ab\n", false),
        ("...\nb\n", "x\ny\nb\n", true),
        ("...\nb\n", "b c\n", false),
        ("a ... c\n...\n", "a b c\nd\n", true),
        ("a ... c\n", "a b\n", false),
        ("a ... c\n", "a c c d\n", false),
        ("a ... c\n", "a c c d c\n", true),
    ] {
        assert_eq!(matches(shown, text), same, "{shown:?} {text:?}");
    }
}

/// Names in pages, `hook.NAME` and `lib.NAME`, exist, and the examples of hooks are those that a test runs.
#[test]
fn names_in_the_docs_exist() {
    let read =
        |path: &str| fs::read_to_string(repository().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut sources = String::new();
    for entry in fs::read_dir(repository().join("runtime/hook")).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        if path.extension().is_some_and(|e| e == "go") && !path.to_string_lossy().ends_with("_test.go") {
            sources += &fs::read_to_string(path).expect("it can be read");
        }
    }
    let declared = |name: &str, method: bool| {
        let forms = match method {
            true => vec![format!("func (i *Instrumentation) {name}(")],
            false => vec![
                format!("func {name}("),
                format!("\t{name} "),
                format!("\t{name} = "),
                format!("type {name} "),
            ],
        };
        // Several constants may stand in one line.
        let listed = |l: &str| !method && l.contains('=') && l.split([' ', '\t', ',']).any(|w| w == name);
        forms.iter().any(|f| sources.contains(f)) || sources.lines().any(listed)
    };
    let mut found = 0;
    for page in [
        "docs/tutorial.md",
        "runtime/README.md",
        "docs/rules.md",
        "instrumentation/weave_directives/README.md",
    ] {
        let text = read(page);
        for (prefix, method) in [("hook.", false), ("lib.", true)] {
            for (at, _) in text.match_indices(prefix) {
                let before = text[..at].chars().next_back().unwrap_or(' ');
                let rest = &text[at + prefix.len()..];
                let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
                if before.is_alphanumeric()
                    || before == '/'
                    || !name.starts_with(|c: char| c.is_ascii_uppercase())
                {
                    continue;
                }
                assert!(declared(&name, method), "{page} says {prefix}{name}, which does not exist");
                found += 1;
            }
        }
    }
    assert!(found > 10, "control: {found} names");
    assert!(!declared("Start", false) && declared("Start", true), "control");
    let program = read("e2e/gocmd/exits.txtar");
    let hooks: Vec<String> = blocks(&read("docs/rules.md"))
        .into_iter()
        .filter(|(language, _)| language == "go")
        .flat_map(|(_, text)| {
            text.lines().filter(|l| l.starts_with("func ")).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert!(hooks.len() >= 3, "{hooks:?}");
    for hook in hooks {
        let signature = hook.split('{').next().unwrap_or_default().trim();
        assert!(
            program.contains(signature),
            "no test runs the hook `{signature}` of the rule language's page"
        );
    }
}

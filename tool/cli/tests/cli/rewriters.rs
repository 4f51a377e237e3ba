//! External rewriters: the example in Go, woven and run, and answers that are refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{go, go_env, goweave, repository, run, scratch, stdout, text};

const SOURCE: &str = "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(double(2), double(3))\n}\n\n\
                      func double(n int) int { return 2 * n } // π\n";

/// A folder with the program, and the command that weaves it.
fn program(name: &str) -> PathBuf {
    let dir = scratch(name);
    fs::write(dir.join("go.mod"), "module example.com/p\n\ngo 1.24\n").expect("a file can be written");
    fs::write(dir.join("main.go"), SOURCE).expect("a file can be written");
    dir
}

fn weave(dir: &Path, more: &[&str]) -> std::process::Output {
    let target = [go_env("GOVERSION"), go_env("GOOS"), go_env("GOARCH")];
    let mut command = goweave(dir);
    command.args(["weave", "--importpath", "example.com/p", "--out", "woven"]);
    command.args(["--go-version", &target[0], "--goos", &target[1], "--goarch", &target[2]]);
    run(command.args(more).arg("main.go"))
}

/// A rewriter that gives one answer, whatever it is asked.
fn script(dir: &Path, body: &str) -> &'static str {
    let path = dir.join("rewriter.sh");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a file can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a file can be made executable");
    "test=rewriter.sh"
}

fn answers(dir: &Path, json: &str) -> &'static str {
    fs::write(dir.join("answer.json"), json).expect("a file can be written");
    // It runs in the folder of the woven files.
    script(
        dir,
        "while IFS= read -r line; do printf '%s\\n' \"$line\"; done < ../answer.json; printf '%s' \"$line\"",
    )
}

#[test]
fn the_example_counts_entries_and_keeps_lines() {
    let dir = program("rewriter-example");
    let example = repository().join("testdata/rewriter/entries/main.go");
    stdout(go(&dir).args(["build", "-o", "entries"]).arg(example));
    let out = weave(&dir, &["--rewriter", "entries=entries"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let woven = fs::read_to_string(dir.join("woven/main.go")).expect("a woven file");
    assert_eq!(woven.lines().count(), SOURCE.lines().count());
    let build = |dir: &Path, files: &[&str]| {
        stdout(go(dir).args(["build", "-o", "program"]).args(files));
        let out = run(&mut std::process::Command::new(dir.join("program")));
        (text(&out.stdout), text(&out.stderr))
    };
    assert_eq!(
        build(&dir.join("woven"), &["main.go", "zz_weave.go"]),
        ("4 6\n".into(), "entries: 3\n".into())
    );
    assert_eq!(build(&dir, &["main.go"]), ("4 6\n".into(), String::new()), "control");
    let report = fs::read_to_string(dir.join("woven/weave_report.json")).expect("a report");
    assert!(report.contains("\"sync/atomic\""), "{report}");
    // What is woven is not woven again.
    fs::copy(dir.join("woven/main.go"), dir.join("main.go")).expect("a copy");
    let again = weave(&dir, &["--rewriter", "entries=entries"]);
    assert!(text(&again.stderr).contains("already woven"), "{}", text(&again.stderr));
}

#[test]
fn answers_are_checked() {
    let dir = program("rewriter-answers");
    let edit = |offset: usize, length: usize, new: &str| {
        format!(
            r#"{{"rewriter": 1, "edits": [{{"file": "main.go", "offset": {offset}, "length": {length}, "text": "{new}"}}]}}"#
        )
    };
    let source = |new: &str| {
        let text = new.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('"', "\\\"");
        format!(r#"{{"rewriter": 1, "sources": [{{"file": "main.go", "text": "{text}"}}]}}"#)
    };
    let brace = SOURCE.find("int {").expect("a place") + 5;
    let whole = SOURCE.replace("{ return 2", "{ n++; return 2");
    for (answer, want) in [
        (edit(brace, 0, " n++;"), ""),
        (edit(brace + 10, 1, "n"), "main.go:9:35: rewriter test: what it makes is not Go"),
        (edit(brace + 8, 1, "3"), ""),
        (source(&whole), ""),
        (r#"{"rewriter": 1, "applies": false}"#.into(), ""),
        (r#"{"rewriter": 1, "applies": false, "extra": [{"file": "a.go", "text": "package main"}]}"#.into(), "does not apply"),
        (edit(brace, 0, " n\\n++"), "main.go:9:25: rewriter test: its edit of bytes 104 to 104 is not within one line"),
        (edit(brace, 900, ""), "is outside the file"),
        (edit(SOURCE.len() - 2, 0, ""), "is inside a character"),
        (edit(brace, 0, " n( "), "is not Go"),
        (source(&SOURCE.replace("\n\n", "\n")), "lines, and the original has"),
        (source(&SOURCE.replace("int {", "int").replace("\n\nfunc double", " {\n\nfunc double")), "on this line"),
        (source(&SOURCE.replace("2 * n", "3 * n")), "main.go:9:33: rewriter test: its source does not have `2` on this line"),
        (edit(12, 0, "; import _ \\\"os\\\""), "imports `os`, which example.com/p does not import"),
        (edit(12, 0, "; import _ \\\"os\\\"").replace("\"edits\"", "\"imports\": [\"os\"], \"edits\""), ""),
        (edit(0, 0, "").replace("main.go", "other.go"), "has no file `other.go`"),
        (r#"{"rewriter": 2}"#.into(), "it answers in protocol 2"),
        (r#"{"rewriter": 1, "edit": []}"#.into(), "unknown field `edit`"),
        (r#"{"rewriter": 1"#.into(), "invalid answer of rewriter test: EOF"),
        (
            r#"{"rewriter": 1, "errors": [{"file": "main.go", "offset": 14, "message": "no fmt here", "help": "use log"}]}"#.into(),
            "main.go:3:1: rewriter test: no fmt here",
        ),
    ] {
        let out = weave(&dir, &["--rewriter", answers(&dir, &answer)]);
        let said = text(&out.stderr);
        if want.is_empty() {
            assert!(out.status.success(), "{answer}\n{said}");
            stdout(go(&dir.join("woven")).args(["vet", "main.go", "zz_weave.go"]));
        } else {
            assert!(!out.status.success() && said.contains(want), "{answer}: want {want}\n{said}");
            assert!(said.contains("help: "), "{said}");
        }
    }
}

#[test]
fn a_rewriter_that_fails_is_named_and_sees_no_environment() {
    let dir = program("rewriter-fails");
    let said = |body: &str| {
        let out = weave(&dir, &["--rewriter", script(&dir, body)]);
        assert_eq!(out.status.code(), Some(2));
        text(&out.stderr)
    };
    let failed = said("echo reason >&2; exit 3");
    assert!(failed.contains("rewriter test failed: exit status: 3\nreason"), "{failed}");
    assert!(said("kill -9 $$").contains("signal: 9"));
    assert!(said("echo \"home is ${HOME:-none}\" >&2; exit 1").contains("home is none"));
    let missing = weave(&dir, &["--rewriter", "test=missing"]);
    assert!(
        text(&missing.stderr).contains("cannot run missing of rewriter test"),
        "{}",
        text(&missing.stderr)
    );
}

#[test]
fn two_rewriters_that_change_the_same_code_are_refused() {
    let dir = program("rewriter-conflict");
    let at = SOURCE.find("2 * n").expect("a place");
    let answer = format!(
        r#"{{"rewriter": 1, "edits": [{{"file": "main.go", "offset": {at}, "length": 1, "text": "3"}}]}}"#
    );
    answers(&dir, &answer);
    let out = weave(&dir, &["--rewriter", "a=rewriter.sh", "--rewriter", "b=rewriter.sh"]);
    let said = text(&out.stderr);
    assert!(said.contains("rewriter a and rewriter b change the same code"), "{said}");
    assert!(weave(&dir, &["--rewriter", "a=rewriter.sh"]).status.success(), "control");
}

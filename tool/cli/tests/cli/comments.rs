//! Comments in Go files that people write for the weaver: each is understood wholly, or refused at its place.

use std::fs;

use crate::support::{goweave, run, scratch, text};

/// What became of one Go file under rules: the exit code, the messages, and the report of the first rule.
fn weave(name: &str, rules: &str, go: &str) -> (i32, String, serde_json::Value) {
    let dir = scratch(&format!("comments-{name}"));
    fs::write(dir.join("weave.yaml"), rules).expect("a file can be written");
    fs::write(dir.join("p.go"), go).expect("a file can be written");
    let mut command = goweave(&dir);
    command.args(["weave", "--importpath", "example.com/p", "--go-version", "1.26.8", "--goos", "linux"]);
    command.args(["--goarch", "amd64", "--out", "out", "--rules", "weave.yaml", "p.go"]);
    let hooks = "package hooks\n\nfunc Span(name string, attributes []any) func() { return nil }\n";
    fs::write(dir.join("hooks.go"), hooks).expect("a file can be written");
    let result = run(command.args(["--hook-file", "hooks.go"]));
    let report = fs::read(dir.join("out/weave_report.json")).unwrap_or_default();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap_or_default();
    (result.status.code().unwrap_or(-1), text(&result.stderr), report["rules"][0].clone())
}

const EVERY: &str = "weave: 1\nname: x\nrules:\n  - id: every\n    where: { package: example.com/p, function: \"*\" }\n    do: { before: 'println()' }\n";

#[test]
fn every_word_that_keeps_from_weaving_does_so_everywhere() {
    for word in ["weave:ignore", "orchestrion:ignore", "dd:ignore", "otelc:ignore"] {
        let cases = [
            format!("//{word}\n\npackage p\n\nfunc F() {{}}\n"),
            format!("//{word}\npackage p\n\nfunc F() {{}}\n"),
            format!("// Package p is.\n//\n//{word}\npackage p\n\nfunc F() {{}}\n"),
            format!("package p\n\n//{word}\nfunc F() {{}}\n"),
        ];
        for (i, go) in cases.iter().enumerate() {
            let (code, stderr, rule) = weave("ignore", EVERY, go);
            assert_eq!(code, 0, "{go}: {stderr}");
            assert_eq!(rule["status"], "not-applicable", "{i} {word}: {rule}");
            let (_, _, rule) = weave("ignore", EVERY, &go.replace(word, "word:ignored"));
            assert_eq!(rule["status"], "woven", "control {i} {word}: {rule}");
        }
    }
}

/// What a comment says of attributes is what the hook is given, and nothing else.
#[test]
fn text_in_a_comment_names_no_parameter() {
    let rules = "weave: 1\nname: x\nhooks: example.com/hooks\nrules:\n  - id: span\n    where: { package: example.com/p, function: F, directive: \"weave:span\" }\n    do: { hook: { function: Span, arguments: [$operation, $attributes] } }\n";
    let go = |comment: &str| {
        format!("package p\n\n//weave:span {comment}\n//go:noinline\nfunc F(id *int, s string) {{}}\n")
    };
    for (comment, export_data) in [
        ("note:\"a, id, b\"", "same"),
        ("note:\"id\"", "same"),
        ("id:x", "same"),
        ("\"the, id, of it\"", "same"),
        ("id:$id", "changes"),
        ("note:\"a, b\" args:id", "changes"),
    ] {
        let (code, stderr, rule) = weave("attributes", rules, &go(comment));
        assert_eq!(code, 0, "{comment}: {stderr}");
        let does = rule["export_data"].as_str().unwrap_or_default();
        assert_eq!(does == "same", export_data == "same", "{comment}: {rule}");
    }
}

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

/// What looks like a comment for the weaver and is none is refused at its place: nobody writes it for nothing.
#[test]
fn comments_that_would_be_passed_over_are_refused() {
    for (comment, want) in [
        ("//weave:ignore", ""),
        ("//weave:ignore for a reason", ""),
        ("//weave:span", ""),
        ("// weave:span makes a span of a function.", ""),
        ("//weave:mine", ""),
        ("//other:Ignore", ""),
        ("// See weave:ignore", ""),
        ("//weave:Ignore", "means nothing: case counts"),
        ("//Weave:ignore", "means nothing: case counts"),
        ("//WEAVE:SPAN", "means nothing: case counts"),
        ("//dd:Span", "means nothing: case counts"),
        ("//otelc:Ignore", "means nothing: case counts"),
        ("// weave:ignore", "has white space behind its slashes"),
        ("//\tweave:ignore", "has white space behind its slashes"),
        ("//weave:ignored", "did you mean `//weave:ignore`?"),
        ("//weave:spn name", "did you mean `//weave:span`?"),
        ("//weave:ignore package", "stands above no package clause"),
        ("//weave:ignore pakage", "does not mean the package"),
    ] {
        let go = format!("package p\n\n{comment}\nfunc F() {{}}\n\nfunc G() {{}}\n");
        let (code, stderr, _) = weave("refused", EVERY, &go);
        match want {
            "" => assert_eq!((code, &*stderr), (0, ""), "{comment}"),
            _ => {
                assert_eq!(code, 1, "{comment}: {stderr}");
                assert!(stderr.starts_with("p.go:3:1: ") && stderr.contains(want), "{comment}: {stderr}");
            }
        }
    }
}

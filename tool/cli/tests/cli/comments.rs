//! Comments in Go files that people write for the weaver: each is understood wholly, or refused at its place.

use std::fs;

use crate::support::{goweave, repository, run, scratch, text};

/// The result for one Go file under rules: exit code, messages, and the report of the first rule.
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

/// A hook gets exactly the attributes that a comment names.
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

/// A misspelled comment for the weaver is refused at its place: nobody writes it for nothing.
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
        ("//weave:Ignore", "has no effect: directive comments are case-sensitive"),
        ("//Weave:ignore", "has no effect: directive comments are case-sensitive"),
        ("//WEAVE:SPAN", "has no effect: directive comments are case-sensitive"),
        ("//dd:Span", "has no effect: directive comments are case-sensitive"),
        ("//otelc:Ignore", "has no effect: directive comments are case-sensitive"),
        ("// weave:ignore", "has no effect: white space follows its slashes"),
        ("//\tweave:ignore", "has no effect: white space follows its slashes"),
        ("//weave:ignored", "did you mean `//weave:ignore`?"),
        ("//weave:spn name", "did you mean `//weave:span`?"),
        ("//weave:ignore package", "has no effect: it is not above the package clause"),
        ("//weave:ignore pakage", "unknown argument `pakage` of `//weave:ignore`"),
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

/// A directive comment that aspects of the user's are about is theirs alone, as a build has them that lowers each file for itself.
#[test]
fn directives_of_aspects_are_not_those_of_shipped_rules() {
    let dir = scratch("directives-of-aspects");
    let shipped = repository().join("instrumentation/weave_directives");
    let aspects = "meta:\n  name: theirs\n  description: spans\naspects:\n  - id: span\n    join-point:\n      all-of:\n        \
        - function-body: { function: [{ name: F }] }\n        - directive: 'dd:span'\n    advice:\n      \
        - prepend-statements: { template: 'println(\"theirs\")' }\n";
    let source = "package a\n\nimport \"context\"\n\n//dd:span\nfunc F(ctx context.Context) {}\n\n//weave:span\nfunc G(ctx context.Context) {}\n";
    fs::write(dir.join("orchestrion.yml"), aspects).expect("a file can be written");
    fs::write(dir.join("a.go"), source).expect("a file can be written");
    let lower = ["lower", "--instrumentation-name", "theirs", "--rules", "orchestrion.yml", "--target"];
    let out =
        run(goweave(&dir).args(lower).args(["...=theirs.json", "--main", "m.json", "--places", "p.json"]));
    let said = text(&out.stderr);
    assert!(out.status.success(), "{said}");
    assert_eq!(
        said.matches("the shipped rule for //dd:span is off in the packages of your rules theirs").count(),
        1,
        "{said}"
    );
    let mut ours = goweave(&dir);
    ours.args(["lower", "--hooks-importpath"]);
    ours.arg("github.com/rules-go-weave/rules_go_weave/instrumentation/weave_directives");
    for name in ["log.go", "span.go"] {
        ours.arg("--hook-file").arg(shipped.join(name));
    }
    let out = run(ours.arg("--rules").arg(shipped.join("weave.yaml")).args(["--target", "...=ours.json"]));
    assert!(out.status.success(), "{}", text(&out.stderr));
    for (sets, want) in
        [(["theirs.json", "ours.json"].as_slice(), [(1, 0), (0, 1)]), (&["ours.json"], [(0, 1), (0, 1)])]
    {
        let mut weave = goweave(&dir);
        weave.args(["weave", "--importpath", "example.com/a", "--go-version", "1.26.0"]);
        weave.args(["--goos", "linux", "--goarch", "amd64", "--out", "woven"]);
        sets.iter().for_each(|set| {
            weave.args(["--rules", set]);
        });
        let out = run(weave.arg("a.go"));
        assert!(out.status.success(), "{}", text(&out.stderr));
        let woven = fs::read_to_string(dir.join("woven/a.go")).expect("a file can be read");
        let functions: Vec<&str> = woven.lines().filter(|l| l.starts_with("func ")).collect();
        for (function, (theirs, ours)) in functions.iter().zip(want) {
            let spans = function.matches("weave_weave_directives__span_context(").count();
            assert_eq!((function.matches("theirs").count(), spans), (theirs, ours), "{function}");
        }
    }
}

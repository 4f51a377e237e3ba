//! Settings of a rule: whether it applies to tests, and its order among others.

use std::collections::BTreeSet;

use weave_dialects::{Draft, Surroundings, read_one};
use weave_engine::{Lowered, MainInput, SourceFile, Target, WeaveInput, Woven, lower, main_file, weave};
use weave_ir::LoweredRules;

const HOOKS: &[u8] = b"package hooks\nfunc Hook() {}\n";

fn draft(path: &str, text: &str) -> Draft {
    read_one(path, text, &Surroundings::default()).expect("the rules are good").remove(0)
}

fn lowered(name: &str, head: &str, rule: &str) -> Lowered {
    let text = format!(
        "weave: 1\nname: {name}\nhooks: example.com/hooks\n{head}rules:\n  - id: r\n    \
         where: {{ package: example.com/p, function: F }}\n{rule}    do: {{ hook: {{ function: Hook, arguments: [] }} }}\n"
    );
    lower(&draft("weave.yaml", &text), None, &[SourceFile { path: "hooks.go", source: HOOKS }])
        .expect("the rules can be lowered")
}

fn woven(rules: &[LoweredRules], path: &str) -> Woven<'static> {
    let target = Target::new("1.26.8", "linux", "amd64", false, &[]).expect("the version is good");
    let files = [SourceFile { path, source: b"package p\n\nfunc F() {\n}\n" }];
    let input = WeaveInput {
        package: "example.com/p",
        version: None,
        target: &target,
        std: false,
        files: &files,
        rules,
        types: None,
    };
    weave(&input, None, &[]).expect("it can be woven").into_owned()
}

#[test]
fn the_external_test_package_is_left_as_it_is_where_it_is_given_too() {
    let target = Target::new("1.26.8", "linux", "amd64", false, &[])
        .expect("the version is good")
        .without_external_tests();
    let external = SourceFile { path: "a_test.go", source: b"package p_test\n\nfunc F() {\n}\n" };
    let internal = SourceFile { path: "b_test.go", source: b"package p\n\nfunc F() {\n}\n" };
    let rules = lowered("x", "", "").packages;
    for (files, woven) in [(&[external, internal][..], true), (&[external], false)] {
        let input = WeaveInput {
            package: "example.com/p",
            version: None,
            target: &target,
            std: false,
            files,
            rules: &rules,
            types: None,
        };
        let out = weave(&input, None, &[]).expect("it can be woven");
        assert_eq!(out.report.woven, woven);
        assert_eq!(out.files[0].1.as_ref(), external.source);
        let (_, extra) = out.files.last().expect("there is the extra file");
        let extra = String::from_utf8_lossy(extra);
        assert_eq!(extra.contains("\npackage p\n"), woven, "{extra}");
    }
}

#[test]
fn a_rule_that_is_not_for_tests_leaves_them() {
    let of = |rule: &str, path: &str| woven(&lowered("x", "", rule).packages, path).report;
    assert!(of("    tests: on\n", "p_test.go").woven);
    assert!(of("", "p_test.go").woven);
    assert!(of("    tests: off\n", "p.go").woven);
    let report = of("    tests: off\n", "p_test.go");
    assert!(!report.woven && report.findings.is_empty(), "{report:?}");
    let reason = report.rules[0].reason.as_deref();
    assert_eq!(reason, Some("the rule is not for tests, and only they have what it asks for"));
}

#[test]
fn a_program_of_tests_does_not_get_the_hook_of_such_a_rule() {
    let main = |rule: &str, test: bool| {
        main_file(&MainInput {
            package: "testmain",
            test,
            taken: &BTreeSet::new(),
            used: &["example.com/p".to_owned()].into(),
            rules: &[lowered("x", "", rule).main],
            support: &[],
            woven: None,
            carried: &std::collections::BTreeMap::new(),
        })
        .0
    };
    let linked = "//go:linkname weaveHook0 example.com/p.weave_x__r";
    assert!(main("", true).contains(linked));
    assert!(main("    tests: off\n", false).contains(linked));
    assert!(!main("    tests: off\n", true).contains(linked));
}

#[test]
fn an_instrumentation_may_go_before_another_one() {
    let first = |a: &str, b: &str| {
        let sets = [lowered("a", a, "").packages, lowered("b", b, "").packages].concat();
        let woven = woven(&sets, "p.go");
        let text = String::from_utf8_lossy(&woven.files[0].1).into_owned();
        let [a, b] =
            ["weave_a__r()", "weave_b__r()"].map(|call| text.find(call).expect("the hook is called"));
        if a < b { "a" } else { "b" }
    };
    assert_eq!(first("", ""), "a");
    assert_eq!(first("", "order: -1\n"), "b");
    assert_eq!(first("order: -2\n", "order: -1\n"), "a");
}

/// Weaves one file by rules of `example.com/p` without hooks.
fn woven_by(rules: &str, source: &str) -> Woven<'static> {
    let text = format!("weave: 1\nname: x\nrules:\n{rules}");
    let rules = lower(&draft("weave.yaml", &text), None, &[]).expect("the rules can be lowered").packages;
    let target = Target::new("1.26.8", "linux", "amd64", false, &[]).expect("the version is good");
    let files = [SourceFile { path: "p.go", source: source.as_bytes() }];
    let input = WeaveInput {
        package: "example.com/p",
        version: None,
        target: &target,
        std: false,
        files: &files,
        rules: &rules,
        types: None,
    };
    weave(&input, None, &[]).expect("it can be woven").into_owned()
}

#[test]
fn a_rule_that_is_refused_at_one_place_is_woven_at_none() {
    let source = "package p\n\ntype S struct{ A, B, C int }\n\nfunc f() S { return S{A: 1} }\n\nfunc g() S { return S{C: 1} }\n";
    let set = |id: &str, rest: &str, value: &str| {
        format!(
            "  - id: {id}\n    where: {{ package: example.com/p, literal: example.com/p.S{rest} }}\n    \
             required: false\n    do: {{ set-fields: [{{ name: B, value: \"{value}\" }}] }}\n"
        )
    };
    // The second of its places is taken by another rule.
    let rules = format!("{}{}", set("one", ", function: g", "1"), set("two", "", "2"));
    let woven = woven_by(&rules, source);
    let text = String::from_utf8_lossy(&woven.files[0].1).into_owned();
    assert!(text.contains("S{C: 1, B: 1}") && text.contains("S{A: 1}"), "{text}");
    let said: Vec<String> = woven.report.rules.iter().map(|r| format!("{:?}", r.status)).collect();
    assert_eq!(said, ["Woven", "Unmatched"]);
    assert!(woven.report.findings.is_empty());
    // Control: alone it is woven at both.
    let text = String::from_utf8_lossy(&woven_by(&set("two", "", "2"), source).files[0].1).into_owned();
    assert_eq!(text.matches("B: 2").count(), 2, "{text}");
}

#[test]
fn advice_of_which_one_part_is_refused_leaves_nothing_behind() {
    let source = "package p\n\nfunc f(a int) {}\n\nfunc g() {}\n";
    let rules = "  - id: r\n    where: { package: example.com/p, function: '*' }\n    required: false\n    \
                 do: [{ before: 'one()' }, { before: 'two($0)' }, { declare: 'func one() {}; func two(int) {}' }]\n";
    let woven = woven_by(rules, source);
    let text = String::from_utf8_lossy(&woven.files[0].1).into_owned();
    assert!(text.contains("one() }; { two(a)") && text.ends_with("func g() {}\n"), "{text}");
}

/// Rules with an adapter, lowered with these files beside them.
fn with_adapter(name: &str, beside: &[SourceFile<'_>]) -> Result<Lowered, String> {
    let text = format!(
        "weave: 1\nname: x\nhooks: example.com/hooks\nrules:\n  - id: r\n    where: {{ package: example.com/p, function: F }}\n    \
         do: [{{ hook: {{ function: Hook, arguments: ['weaveAdapt()'] }} }}, {{ file: {name} }}]\n"
    );
    let said = |all: Vec<weave_ir::Diagnostic>| all.iter().map(ToString::to_string).collect::<String>();
    lower(&draft("a/b/weave.yaml", &text), None, beside).map_err(said)
}

#[test]
fn an_adapter_is_a_file_beside_the_rules_and_keeps_its_lines() {
    let hooks = SourceFile { path: "a/b/hooks.go", source: b"package hooks\n\nfunc Hook(n int) {}\n" };
    let source = b"//go:build adapter\n\npackage p\n\nimport \"fmt\"\n\n// weaveAdapt adapts.\nfunc weaveAdapt() int { return len(fmt.Sprint()) }\n\nfunc Hook() {}\n";
    let adapter = SourceFile { path: "a/b/adapter.go", source };
    let lowered = with_adapter("adapter.go", &[adapter, hooks]).expect("it is there");
    let target = Target::new("1.26.8", "linux", "amd64", false, &[]).expect("the version is good");
    let files =
        [SourceFile { path: "p.go", source: b"package p\n\nimport \"fmt\"\n\nfunc F() { fmt.Print() }\n" }];
    let input = WeaveInput {
        package: "example.com/p",
        version: None,
        target: &target,
        std: false,
        files: &files,
        rules: &lowered.packages,
        types: None,
    };
    let out = weave(&input, None, &[]).expect("it can be woven").into_owned();
    let (_, extra) = out.files.last().expect("there is the extra file");
    let extra = String::from_utf8_lossy(extra);
    // The hook with that name is the hooks package's, and the adapter's text is the last thing in the file.
    assert!(
        extra.contains("var weave_x__r func(n int)") || extra.contains("var weave_x__r func(int)"),
        "{extra}"
    );
    let tail = "//line b/adapter.go:7:1\n// weaveAdapt adapts.\nfunc weaveAdapt() int { return len(fmt.Sprint()) }\n\nfunc Hook() {}\n";
    assert!(extra.ends_with(tail), "{extra}");

    let missing = with_adapter("adaptor.go", &[adapter, hooks]).expect_err("there is no such file");
    assert!(
        missing.starts_with("a/b/weave.yaml:7:") && missing.contains("no Go file `adaptor.go`"),
        "{missing}"
    );
    let broken = SourceFile { path: "a/b/adapter.go", source: b"package p\n\nfunc weaveAdapt( {}\n" };
    let broken = with_adapter("adapter.go", &[broken, hooks]).expect_err("it is not Go");
    assert!(broken.starts_with("a/b/adapter.go:3:"), "{broken}");
    let test = with_adapter("adapter_test.go", &[adapter, hooks]).expect_err("a test is not an adapter");
    assert!(test.contains("not the name of a Go file"), "{test}");
}

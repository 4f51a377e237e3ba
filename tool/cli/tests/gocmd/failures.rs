//! Unsupported commands end in a message with the next step.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{Place, bad, good};

#[test]
fn mistakes_in_rules_fail_the_build() {
    let place = Place::of("own", "mistakes");
    let program = place.result("own");
    let build = ["build", "-o", &program, "."];
    let rules = fs::read_to_string(place.user.join("hooks/weave.yaml")).expect("it is there");
    for (from, to, code, wants) in [
        (
            "function: Double\n",
            "function: Doubel\n",
            1,
            &["hooks/weave.yaml:", "has no function Doubel", "help: "][..],
        ),
        ("{ function: Plus }", "{ function: Minus }", 2, &["hooks/weave.yaml:", "Minus", "help: "]),
        (
            "rules:",
            "ruels:",
            2,
            &["hooks/weave.yaml:4:1: unknown key `ruels`", "help: did you mean `rules`?"],
        ),
        ("name: own", "name: net/http", 2, &["duplicate instrumentation name `net/http`", "help: "]),
    ] {
        // Rules of a package that is no part of Go need not match, unless they say so.
        place.write(
            "hooks/weave.yaml",
            &rules.replace(from, to).replace("    do:\n", "    required: true\n    do:\n"),
        );
        let (got, wrote) = bad(&mut place.weave(&build));
        assert_eq!(got, code, "{wrote}");
        for want in wants {
            assert!(wrote.contains(want), "{want:?} is in {wrote}");
        }
    }
    place.write("hooks/weave.yaml", &rules);
    good(&mut place.weave(&build));
}

/// No rule and no rule file is passed over without a word.
#[test]
fn rules_for_nothing_are_told() {
    let place = Place::of("own", "for-nothing");
    let program = place.result("own");
    let build = ["build", "-o", &program, "."];
    let rules = fs::read_to_string(place.user.join("hooks/weave.yaml")).expect("it is there");
    assert!(rules.contains("package: example.com/own/lib"), "control: {rules}");
    let typo = rules.replace("package: example.com/own/lib", "package: example.com/own/libs");
    let required = typo.replace("    do:\n", "    required: true\n    do:\n");

    place.write("hooks/weave.yaml", &required);
    let (code, wrote) = bad(&mut place.weave(&build));
    assert_eq!(code, 2, "{wrote}");
    for want in [
        "hooks/weave.yaml:",
        "matches no package of this build: it is for `example.com/own/libs`",
        "did you mean `example.com/own/lib`?",
    ] {
        assert!(wrote.contains(want), "{want:?} is in {wrote}");
    }

    // Where it is not required it may be so; a path that is nearly one of the build's is worth a line.
    place.write("hooks/weave.yaml", &typo);
    let wrote = good(&mut place.weave(&build));
    assert!(wrote.contains("did you mean `example.com/own/lib`?"), "{wrote}");
    let report = good(&mut place.goweave(&["report"]));
    assert!(report.contains("own/"), "every rule is in the report: {report}");
    place.write(
        "hooks/weave.yaml",
        &rules.replace("package: example.com/own/lib", "package: example.com/elsewhere"),
    );
    assert_eq!(good(&mut place.weave(&build)), "", "another package");

    // A rule file of another name.
    fs::remove_file(place.user.join("hooks/weave.yaml")).expect("it can be removed");
    place.write("hooks/rules.yaml", &required);
    let wrote = good(&mut place.weave(&build));
    assert!(
        wrote.contains("hooks/rules.yaml is not read, although it has rules: call it weave.yaml"),
        "{wrote}"
    );
    // It is so that a program reads, too, beside what is read.
    place.write(
        "hooks/rules.yaml",
        &required.replace("weave: 1", "weave:   1").replace("rules:", "rules: # all"),
    );
    good(place.goweave(&["report", "--json"]).arg(place.user.join("report.json")));
    let report = fs::read_to_string(place.user.join("report.json")).expect("a report can be read");
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    let files = report["rule_files"].as_array().expect("files are listed");
    let unread: Vec<_> =
        files.iter().filter(|f| f.get("unread").is_some()).map(|f| f["path"].as_str()).collect();
    assert_eq!(unread, [Some("hooks/rules.yaml")]);
    for name in ["hooks/weave.yml", "hooks/own.weave.yaml"] {
        place.write(name, &required);
        let (_, wrote) = bad(&mut place.weave(&build));
        assert!(wrote.contains(&format!("{name}:")), "{wrote}");
        fs::remove_file(place.user.join(name)).expect("it can be removed");
    }
}

#[test]
fn what_cannot_be_woven_is_refused() {
    let place = Place::of("shop", "refused");
    let refused = |command: &mut std::process::Command, wants: &[&str]| {
        let (code, wrote) = bad(command);
        assert_eq!(code, 2, "{wrote}");
        for want in wants.iter().chain(&["goweave: ", "help: "]) {
            assert!(wrote.contains(want), "{want:?} is in {wrote}");
        }
    };
    refused(
        place.weave(&["install", "example.com/nosuch/cmd@v1.0.0"]).env("GOPROXY", "off"),
        &["cannot load example.com/nosuch/cmd@v1.0.0", "go install example.com/nosuch/cmd@v1.0.0"],
    );
    refused(place.weave(&["build", "./cmd/shop"]).env("GO111MODULE", "off"), &["GO111MODULE is off"]);
    refused(place.goweave(&["env"]).env("GOWORK", "off"), &["GOWORK is off"]);
    let flags = good(&mut place.goweave(&["env"]));
    refused(
        place.weave(&["build", "./cmd/shop"]).env("GOFLAGS", flags.trim()),
        &["GOFLAGS has the flags of `goweave env` already", "unset GOFLAGS"],
    );
    place.write("cmd/shop/weave_main.go", "package main\n");
    refused(&mut place.weave(&["build", "./cmd/shop"]), &["cannot add cmd/shop/weave_main.go"]);
    fs::remove_file(place.user.join("cmd/shop/weave_main.go")).expect("it can be removed");
    // Hooks that cannot be had: an empty module cache, and no network.
    let cache = place.result("modcache");
    refused(
        place.weave(&["build", "./cmd/shop"]).env("GOMODCACHE", &cache).env("GOPROXY", "off"),
        &["cannot load the hooks", "GOPROXY"],
    );
    let program = place.result("shop");
    good(place.weave(&["build", "-o", &program, "./cmd/shop"]).env("GOPROXY", "off"));
}

#[test]
fn a_program_without_a_record_is_told_so() {
    let place = Place::of("shop", "inspect");
    let program = place.result("hello");
    good(&mut place.go(&["build", "-o", &program, "./cmd/hello"]));
    let (code, wrote) = bad(&mut place.goweave(&["inspect", &program]));
    assert_eq!((code, wrote.contains("nothing of goweave is in it")), (1, true), "{wrote}");
    assert_eq!(bad(&mut place.goweave(&["inspect", "nosuch"])).0, 2);
}

/// An error of inserted code is told at its rule, and one of the user's own as in a plain build.
#[test]
fn errors_of_the_compiler_are_told_where_they_are() {
    let place = Place::empty("compiler");
    place.write("go.mod", "module example.com/c\n\ngo 1.24\n");
    place.write(
        "main.go",
        "package main\n\nimport \"example.com/c/lib\"\n\nfunc main() { println(lib.Double(4), plus(1)) }\n\nfunc plus(n int) int { return n + 1 }\n",
    );
    let lib = "package lib\n\n// Double doubles.\nfunc Double(n int) int { return 2 * n }\n\nfunc other(s string) {}\n";
    place.write("lib/lib.go", lib);
    place
        .write("hooks/hooks.go", "package hooks\n\n// In is called.\nfunc In(n int) func() { return nil }\n");
    let rules = |advice: &str| {
        format!(
            "weave: 1\nname: c\nhooks: example.com/c/hooks\nrules:\n  - id: double\n    where: {{ package: example.com/c/lib, function: Double }}\n    required: true\n    do: {advice}\n  - id: plus\n    where: {{ package: example.com/c, function: plus }}\n    do: {{ hook: {{ function: In }} }}\n"
        )
    };
    let good_rule = rules("{ hook: { function: In } }");
    place.write("hooks/weave.yaml", &good_rule);
    let build = |place: &Place| place.weave(&["build", "-o", &place.result("c"), "."]);
    good(&mut build(&place));

    for (advice, want) in [
        ("{ before: 'missing(n)' }", "undefined: missing"),
        ("{ before: 'other(n)' }", "cannot use n"),
        ("{ hook: { function: In, arguments: ['nn'] } }", "undefined: nn"),
        (
            "{ declare: \"var weaveX int = \\\"x\\\"\\n\\nfunc weaveY() { undefinedThing() }\" }",
            "undefined: undefinedThing",
        ),
    ] {
        place.write("hooks/weave.yaml", &rules(advice));
        let (code, wrote) = bad(&mut build(&place));
        assert_eq!(code, 1, "{wrote}");
        assert!(
            wrote.contains("hooks/weave.yaml:6:12: code of rule `c/double` does not compile: "),
            "{advice}: {wrote}"
        );
        assert!(wrote.contains(want) && !wrote.contains("$WORK"), "{advice}: {wrote}");
    }

    // In a main package, whose generated file names what is in the woven text alone; what is counted has its names, too.
    let in_main = format!(
        "{good_rule}  - id: other\n    where: {{ package: example.com/c, function: plus }}\n    do: {{ before: 'missing(n)' }}\n"
    );
    place.write("hooks/weave.yaml", &in_main);
    let main = fs::read_to_string(place.user.join("main.go")).expect("it is there");
    let blamed = "hooks/weave.yaml:13:12: code of rule `c/other` does not compile: undefined: missing (line 7 of main.go)";
    for more in [&[][..], &["-cover"]] {
        let (code, wrote) =
            bad(&mut place.weave(&[&["build", "-o", &place.result("c")], more, &["."]].concat()));
        assert_eq!(code, 1, "{wrote}");
        assert!(wrote.contains(blamed) && !wrote.contains("weave_c__"), "{wrote}");
    }
    // Where a comment moves it, the rules of the package are told beside what the compiler says.
    place.write("main.go", &main.replace("func plus", "//line p.y:100\nfunc plus"));
    let (_, wrote) = bad(&mut build(&place));
    for want in [
        "p.y:100",
        "undefined: missing",
        "hooks/weave.yaml:13:12: the package compiles without the code of rule `c/other`",
    ] {
        assert!(wrote.contains(want), "{want:?} is in {wrote}");
    }
    place.write("main.go", &main);

    // What is not there is named at its place, with what to write.
    for (text, want) in [
        (
            good_rule.replace("hooks: example.com/c/hooks", "hooks: example.com/c/hook"),
            &[
                "hooks/weave.yaml:3:8: cannot find the hooks package `example.com/c/hook`",
                "make the package in hook",
            ][..],
        ),
        (
            good_rule.replace("hooks: example.com/c/hooks", "hooks: example.org/none/hooks"),
            &["hooks/weave.yaml:3:8: ", "run `go get example.org/none/hooks`"],
        ),
        (
            rules("{ before: 'x.F()', imports: { x: example.org/none/x } }")
                .replace("    required", "    dependencies: [example.org/none/x]\n    required"),
            &[
                "hooks/weave.yaml:6:12: cannot find the package `example.org/none/x`",
                "run `go get example.org/none/x`",
            ],
        ),
    ] {
        place.write("hooks/weave.yaml", &text);
        let (code, wrote) = bad(build(&place).env("GOPROXY", "off"));
        assert_eq!(code, 2, "{wrote}");
        assert!(want.iter().all(|w| wrote.contains(w)), "{text}: {wrote}");
    }

    // So is what is wrong with the hooks: what cannot be read hides nothing, and what they import is there.
    place.write("hooks/weave.yaml", &good_rule);
    let hooks = fs::read_to_string(place.user.join("hooks/hooks.go")).expect("it is there");
    for (from, to, want) in [
        ("return nil", "return nil nil", "hooks/hooks.go:4:36: expected ';', found identifier"),
        ("return nil", "return no", "hooks/hooks.go:4:32: undefined: no"),
        (
            "package hooks",
            "package hooks; import \"example.org/none/x\"",
            "cannot find the package `example.org/none/x` in the modules of go.mod: hooks/hooks.go:1:23",
        ),
    ] {
        place.write("hooks/hooks.go", &hooks.replace(from, to));
        let (_, wrote) = bad(build(&place).env("GOPROXY", "off"));
        assert!(wrote.contains(want) && !wrote.contains("no function"), "{want:?} is in {wrote}");
    }
    place.write("hooks/hooks.go", &hooks);

    // A main package is not a package called main.
    place.write("hooks/weave.yaml", &good_rule.replace("package: example.com/c,", "package: main,"));
    let wrote = good(&mut build(&place));
    assert!(wrote.contains("name package main by its import path: `example.com/c`"), "{wrote}");

    // The rules may stand in another folder than the hooks.
    fs::remove_file(place.user.join("hooks/weave.yaml")).expect("it can be removed");
    place.write("rules/weave.yaml", &good_rule);
    good(&mut build(&place));
    for broken in [
        lib.replace("2 * n", "2 * m"),
        lib.replace("return 2 * n", "return \"a\" + n"),
        lib.replace("func other(s string) {}", "func other(s string) { var unused int }"),
        lib.replace("func Double(n int) int { return 2 * n }", "func Double(n int int { return 2 * n }"),
        lib.replace("package lib\n", "package lib\n\nimport \"os\"\n"),
    ] {
        assert_ne!(broken, lib, "control");
        place.write("lib/lib.go", &broken);
        let (code, plain) = bad(&mut place.go(&["build", "-o", &place.result("c"), "."]));
        let (woven_code, woven) = bad(&mut build(&place));
        assert_eq!((woven_code, woven), (code, plain), "{broken}");
    }
    place.write("lib/lib.go", lib);

    // And in a woven main package, in a package that a woven one needs, and in tests.
    place.write("dep/dep.go", "package dep\n\n// N is a number.\nvar N = 1\n");
    place.write(
        "lib/lib.go",
        &lib.replace("package lib\n", "package lib\n\nimport _ \"example.com/c/dep\"\n"),
    );
    place.write(
        "lib/lib_test.go",
        "package lib\n\nimport \"testing\"\n\nfunc TestIn(*testing.T) { Double(1) }\n",
    );
    place
        .write("main_test.go", "package main\n\nimport \"testing\"\n\nfunc TestIn(*testing.T) { plus(1) }\n");
    let output = place.result("c");
    let [one, test, vet] =
        [&["build", "-o", &output, "."][..], &["test", "-vet=off", "./..."], &["vet", "./..."]];
    for (name, from, to, verbs) in [
        ("main.go", "n + 1", "n + m", &[one, test][..]),
        ("main.go", "return n + 1", "var m int; return n + 1", &[one]),
        ("main.go", "n int) int", "n int int", &[one]),
        ("main.go", "import", "import \"os\"\nimport", &[one]),
        ("dep/dep.go", "= 1", "= m", &[one, test, vet]),
        ("lib/lib_test.go", "Double(1)", "Double(m)", &[test, vet]),
        ("main_test.go", "plus(1)", "plus(m)", &[test, vet]),
    ] {
        let text = fs::read_to_string(place.user.join(name)).expect("it is there");
        place.replace(name, from, to);
        for verb in verbs {
            // Packages are told as they are ready, some with a time.
            let lines = |wrote: String| -> BTreeSet<String> {
                let untimed = |l: &str| {
                    l.starts_with("ok")
                        .then(|| l.rsplit_once('\t'))
                        .flatten()
                        .map_or(l.into(), |l| l.0.into())
                };
                wrote.lines().map(untimed).collect()
            };
            let (code, plain) = bad(&mut place.go(verb));
            let (woven_code, woven) = bad(&mut place.weave(verb));
            assert_eq!((woven_code, lines(woven)), (code, lines(plain)), "{name}: {to}: {verb:?}");
        }
        place.write(name, &text);
    }
}

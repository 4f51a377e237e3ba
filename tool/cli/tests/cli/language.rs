//! Rule files: every text that is taken is understood wholly, or refused at its place with the next step.

use std::fs;

use crate::support::{goweave, run, scratch, text};

/// What `goweave ARGUMENTS` says in a folder with these files, without the lines that it shows of them, and its exit code.
fn says(name: &str, files: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let dir = scratch(&format!("language-{name}"));
    for (name, text) in files {
        fs::write(dir.join(name), text).expect("a file can be written");
    }
    let result = run(goweave(&dir).args(arguments));
    let said = text(&result.stderr);
    let shown = |l: &&str| !l.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('|');
    let lines: Vec<String> = said.lines().filter(shown).map(|l| l.replace("  = help: ", "help: ")).collect();
    (result.status.code().unwrap_or(-1), lines.join("\n"))
}

/// That an instrumentation serves others stands in its rule file, and the build says the same.
#[test]
fn the_build_and_the_rules_agree_on_support() {
    let rules = |support: &str| {
        format!(
            "weave: 1\nname: x\n{support}rules:\n  - id: x\n    where: {{ package: p }}\n    do: {{ declare: 'var x = 1' }}\n"
        )
    };
    for (support, flag, want) in [
        ("", false, ""),
        ("support: false\n", false, ""),
        ("support: true\n", true, ""),
        (
            "support: true\n",
            false,
            "weave.yaml:3:10: the rules are `support`, and the build does not know it\nhelp: write in the go_instrumentation: support = True,",
        ),
        (
            "",
            true,
            "weave.yaml:2:7: the build takes the rules for `support`, and they do not say so\nhelp: write `support: true` in the rule file",
        ),
    ] {
        let mut arguments =
            vec!["lower", "--rules", "weave.yaml", "--target", "p=p.json", "--main", "m.json"];
        arguments.extend(["--places", "places.json"]);
        arguments.extend(flag.then_some("--support"));
        let (code, said) = says("support", &[("weave.yaml", &rules(support))], &arguments);
        assert_eq!((code, &*said), (i32::from(!want.is_empty()), want), "{support}{flag}");
    }
}

/// Rules and hooks need not stand in one folder, whatever the rules are written in.
#[test]
fn hooks_may_be_in_another_folder() {
    let dir = scratch("language-folders");
    let write = |name: &str, text: &str| {
        fs::create_dir_all(dir.join(name).parent().expect("a file has a folder"))
            .expect("a folder can be made");
        fs::write(dir.join(name), text).expect("a file can be written");
    };
    write(
        "rules/x.json",
        "[{\"ImportPath\": \"example.com/p\", \"Function\": \"F\", \"onEnter\": \"in\", \"Path\": \"example.com/hooks\"}]\n",
    );
    write(
        "rules/weave.yaml",
        "weave: 1\nname: x\nhooks: example.com/hooks\nrules:\n  - id: f\n    where: { package: example.com/p, function: F }\n    do: { hook: { function: F } }\n",
    );
    write(
        "rules/o.otelc.yml",
        "f:\n  target: example.com/p\n  where: { func: F }\n  do: { inject_hooks: { before: in, path: example.com/hooks } }\n",
    );
    write(
        "hooks/hooks.go",
        "package hooks\n\ntype C interface{ SetData(any) }\n\nfunc in(c C, n int) {}\n\nfunc F(n int) {}\n",
    );
    write("p.go", "package p\n\nfunc F(n int) {}\n");
    let rules = ["rules/x.json", "rules/weave.yaml", "rules/o.otelc.yml"];
    let good = |arguments: &[&str]| {
        let result = run(goweave(&dir).args(arguments));
        assert!(result.status.success(), "{arguments:?}: {}", text(&result.stderr));
    };
    for file in rules {
        good(&["check", "--hook-file", "hooks/hooks.go", file]);
        good(&[
            "weave",
            "--importpath",
            "example.com/p",
            "--go-version",
            "1.26.8",
            "--goos",
            "linux",
            "--goarch",
            "amd64",
            "--out",
            "out",
            "--rules",
            file,
            "--hook-file",
            "hooks/hooks.go",
            "p.go",
        ]);
        let woven = fs::read_to_string(dir.join("out/p.go")).expect("the file is woven");
        assert!(woven.contains("weave_"), "{file}: {woven}");
    }
    good(&["check", "--hook-file", "hooks/hooks.go", rules[0], rules[1], rules[2]]);
    assert!(!run(goweave(&dir).args(["check", rules[0]])).status.success(), "control");
}

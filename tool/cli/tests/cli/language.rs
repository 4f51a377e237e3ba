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

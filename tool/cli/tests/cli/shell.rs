//! The command line as people type it: what need not be given, what shells complete, what `man` shows.

use std::fs;

use crate::support::{go_env, goweave, run, scratch, stdout, text};

#[test]
fn what_is_built_for_is_what_the_go_command_builds_for() {
    let dir = scratch("target");
    fs::write(dir.join("p.go"), "package p\n\nfunc F() int { return 1 }\n").expect("a file can be written");
    fs::write(dir.join("q_plan9.go"), "package p\n\nfunc F() int { return 2 }\n")
        .expect("a file can be written");
    let rules = "weave: 1\nname: x\nrules:\n  - id: f\n    where: { package: example.com/p, function: F }\n    do: { before: \"println(1)\" }\n";
    fs::write(dir.join("weave.yaml"), rules).expect("a file can be written");
    let weave = |given: &[&str], goos: Option<&str>| {
        let mut command = goweave(&dir);
        command.args(["weave", "--importpath", "example.com/p", "--rules", "weave.yaml", "--out", "out"]);
        command.args(given).args(["p.go", "q_plan9.go"]).env("GOTOOLCHAIN", "local");
        if let Some(goos) = goos {
            command.env("GOOS", goos);
        }
        stdout(&mut command);
        let report = fs::read_to_string(dir.join("out/weave_report.json")).expect("there is a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
        format!("{} {}", report["go"].as_str().unwrap_or("?"), report["target"].as_str().unwrap_or("?"))
    };
    let (version, goos, goarch) = (go_env("GOVERSION"), go_env("GOOS"), go_env("GOARCH"));
    let version = version.trim_start_matches("go");
    assert_eq!(weave(&[], None), format!("{version} {goos}/{goarch}"));
    assert_eq!(weave(&["--goarch", "riscv64"], None), format!("{version} {goos}/riscv64"));
    assert_eq!(weave(&[], Some("windows")), format!("{version} windows/{goarch}"));
    // Where all is given, nobody is asked.
    let mut command = goweave(&dir);
    command.args(["weave", "--importpath", "example.com/p", "--rules", "weave.yaml", "--out", "out", "p.go"]);
    command.env("PATH", "");
    let missing = run(&mut command);
    assert_eq!(missing.status.code(), Some(2), "there is no go command");
    assert!(text(&missing.stderr).contains("cannot run the go command"), "{}", text(&missing.stderr));
    stdout(command.args(["--go-version", "1.26.8", "--goos", "linux", "--goarch", "amd64"]));
}

#[test]
fn shells_and_man_know_every_verb() {
    let dir = scratch("shell");
    let help = stdout(goweave(&dir).arg("--help"));
    let (_, commands) = help.split_once("\nCommands:\n").expect("there are verbs");
    let commands = commands.split("\n\n").next().unwrap_or_default();
    let verbs: Vec<&str> = commands.lines().filter_map(|l| l.split_whitespace().next()).collect();
    assert!(verbs.len() > 10, "{verbs:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(goweave(&dir).args(["completions", shell]));
        for verb in &verbs {
            assert!(script.contains(verb), "{shell} {verb}");
        }
        assert!(!script.contains("no-such-verb"), "control");
    }
    let page = stdout(goweave(&dir).arg("man"));
    assert!(page.contains(".TH goweave 1"), "{page}");
    stdout(goweave(&dir).args(["man", "--out", "pages"]));
    for verb in verbs.iter().filter(|v| **v != "help") {
        assert!(page.contains(&format!("goweave\\-{verb}(1)")), "{verb}\n{page}");
        let page = fs::read_to_string(dir.join(format!("pages/goweave-{verb}.1"))).expect("there is a page");
        assert!(
            page.contains(&format!("goweave-{verb}")) || page.contains(&format!("goweave\\-{verb}")),
            "{page}"
        );
    }
}

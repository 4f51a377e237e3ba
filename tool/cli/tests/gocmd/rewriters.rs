//! External rewriters that rule files name.

use std::fs;

use crate::support::{Place, bad, good, repository, run, text};

const RULES: &str = "weave: 1\nname: counted\nrewriter:\n  program: ../tools/entries\n  packages: [example.com/own]\nrules: []\n";

#[test]
fn a_rewriter_takes_part_in_the_packages_that_it_is_for() {
    let place = Place::of("own", "rewriter");
    let example = repository().join("testdata/rewriter/entries/main.go");
    place.write("tools/entries/main.go", &fs::read_to_string(example).expect("the example is there"));
    place.write("counted/weave.yaml", RULES);
    let (plain, woven) = (place.result("plain"), place.result("woven"));
    good(&mut place.go(&["build", "-o", &plain, "."]));
    let build = ["build", "-o", &woven, "."];
    let counted = || {
        good(&mut place.weave(&build));
        let out = run(&mut place.command(&woven, &[]));
        assert!(text(&out.stdout).contains("doubled 4"), "the rules are woven, too: {}", text(&out.stdout));
        text(&out.stderr)
    };
    let before = place.tree();
    assert_eq!(counted(), "entries: 2\n");
    assert_eq!(place.tree(), before, "no file of the user's is touched");
    assert_eq!(text(&run(&mut place.command(&plain, &[])).stderr), "", "control");

    let shown = good(&mut place.goweave(&["diff", "--color=never", "example.com/own"]));
    assert!(shown.contains("+func main() { countedEntries.Add(1); defer"), "{shown}");
    let explained = good(&mut place.goweave(&["explain", "example.com/own", "example.com/own/lib"]));
    assert!(explained.contains("  rewriter counted changes entries.go, main.go\n"), "{explained}");
    assert_eq!(explained.matches("rewriter").count(), 1, "control: {explained}");

    // Another program, another package.
    place.replace("tools/entries/main.go", "\\\"entries:\\\"", "\\\"entered:\\\"");
    assert_eq!(counted(), "entered: 2\n");
    // An executable file will do, and a pattern; each package has a count of its own.
    good(place.go(&["build", "-o", "bin/count", "./tools/entries"]).env("CGO_ENABLED", "0"));
    let file =
        RULES.replace("../tools/entries", "../bin/count").replace("example.com/own]", "example.com/own/...]");
    place.write("counted/weave.yaml", &file);
    assert_eq!(counted(), "entered: 2\n");
    let explained = good(&mut place.goweave(&["explain", "example.com/own/lib"]));
    assert!(explained.contains("  rewriter counted changes entries.go, lib.go\n"), "{explained}");
    // A program of another system is rewritten on this one.
    let shown = good(place.goweave(&["diff", "--color=never", "example.com/own"]).env("GOOS", "windows"));
    assert!(shown.contains("+func main() { countedEntries.Add(1); defer"), "{shown}");
}

#[test]
fn a_rewriter_that_cannot_be_used_is_refused() {
    let place = Place::of("own", "rewriter_bad");
    let program = place.result("own");
    place.write("bad.sh", "#!/bin/sh\necho reason >&2\nexit 3\n");
    good(&mut place.command("chmod", &["+x", "bad.sh"]));
    place.write("line.sh", "#!/bin/sh\nprintf '%s' '{\"rewriter\": 1, \"edits\": [{\"file\": \"main.go\", \"offset\": 0, \"text\": \"\\n\"}]}'\n");
    good(&mut place.command("chmod", &["+x", "line.sh"]));
    for (of, code, wants) in [
        ("  program: ../bad.sh\n", 1, &["rewriter counted failed: exit status: 3", "reason"][..]),
        (
            "  program: ../line.sh\n",
            1,
            &["main.go:1:1: rewriter counted: its edit of bytes 0 to 0 is not within one line"],
        ),
        ("  program: ../nosuch\n", 2, &["cannot build the rewriter ../nosuch: counted/weave.yaml:4:12"]),
        (
            "  program: ../lib\n",
            2,
            &["cannot build the rewriter ../lib: counted/weave.yaml:4:12\nit is not a program"],
        ),
        ("", 2, &["the rewriter has no program: counted/weave.yaml:4:3", "add `program: ./folder`"]),
        (
            "  programme: x\n",
            2,
            &["counted/weave.yaml:4:3: unknown key `programme`", "did you mean `program`?"],
        ),
        (
            "  program: x\n  packages: [/own]\n",
            2,
            &["invalid import path pattern `/own`", "`example.com/...`"],
        ),
    ] {
        let packages = if of.contains("packages") { "" } else { "  packages: [example.com/own]\n" };
        place.write(
            "counted/weave.yaml",
            &format!("weave: 1\nname: counted\nrewriter:\n{of}{packages}rules: []\n"),
        );
        let (got, wrote) = bad(&mut place.weave(&["build", "-o", &program, "."]));
        for want in wants {
            assert!(wrote.contains(want), "{want:?} is in {wrote}");
        }
        assert!(wrote.contains("help: ") || wrote.contains("; write "), "the next step is in {wrote}");
        assert_eq!(got, code, "{wrote}");
    }
}

//! What cannot be done is said, with the next step.

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
        ("name: own", "name: net/http", 2, &["two instrumentations called `net/http`", "help: "]),
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
        "is for `example.com/own/libs`, and no package of this build",
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
    assert!(wrote.contains("hooks/rules.yaml has rules, and is not read: call it weave.yaml"), "{wrote}");
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
    refused(place.weave(&["build", "./cmd/shop"]).env("GO111MODULE", "off"), &["GO111MODULE=off"]);
    refused(place.goweave(&["env"]).env("GOWORK", "off"), &["GOWORK=off"]);
    let flags = good(&mut place.goweave(&["env"]));
    refused(
        place.weave(&["build", "./cmd/shop"]).env("GOFLAGS", flags.trim()),
        &["are set already", "unset GOFLAGS"],
    );
    place.write("cmd/shop/weave_main.go", "package main\n");
    refused(&mut place.weave(&["build", "./cmd/shop"]), &["cmd/shop/weave_main.go is in the way"]);
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

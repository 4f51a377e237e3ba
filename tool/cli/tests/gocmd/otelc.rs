//! `goweave go` takes rules of otelc, and hooks that are given a context, as they are.

use std::fs;

use crate::support::{Place, bad, good, run, text};

#[test]
fn rules_of_otelc_and_their_hooks_work_as_they_are() {
    let place = Place::of("otelc", "otelc");
    let before = place.tree();
    let program = place.result("program");
    good(&mut place.weave(&["build", "-o", &program, "."]));
    assert_eq!(place.tree(), before, "nothing of the user's is written");
    let woven = run(&mut place.command(&program, &[]));
    let want = |name: &str| fs::read_to_string(place.user.join(name)).expect("the archive has it");
    assert_eq!(text(&woven.stdout), want("woven.want"));
    assert_eq!(text(&woven.stderr), want("woven.stderr"));
    let plain = run(&mut place.go(&["run", "-tags=plain", "."]));
    assert!(!text(&plain.stdout).contains("area 18"), "control");
}

/// With a tool file, the packages that it imports have the rules, and no others.
#[test]
fn a_tool_file_says_which_rules_there_are() {
    let place = Place::of("otelc", "otelc-tool-file");
    place.write(
        "otel.instrumentation.go",
        "//go:build tools\n\npackage tools\n\nimport _ \"example.com/p/helpers\"\n",
    );
    let program = place.result("program");
    good(&mut place.weave(&["build", "-o", &program, "."]));
    let woven = text(&run(&mut place.command(&program, &[])).stdout);
    assert!(woven.contains("area 18") && woven.contains("\nadd 3 14\n"), "{woven}");

    // The named package may name others in turn.
    place.write(
        "helpers/otelc.tool.go",
        "//go:build tools\n\npackage helpers\n\nimport _ \"example.com/p/hooks\"\n",
    );
    good(&mut place.weave(&["build", "-o", &program, "."]));
    let woven = text(&run(&mut place.command(&program, &[])).stdout);
    assert!(woven.contains("area 18") && woven.contains("\nadd 12 -1\n"), "{woven}");

    place.replace("otel.instrumentation.go", "helpers", "nothing");
    let (_, wrote) = bad(&mut place.weave(&["build", "-o", &program, "."]));
    assert!(wrote.contains("cannot find the package example.com/p/nothing, which "), "{wrote}");
}

/// A hook that does not fit is told of before anything is compiled, at its place.
#[test]
fn hooks_that_do_not_fit_are_told_of() {
    for (from, to, want) in [
        (
            "func AddBefore(ctx inst.HookContext, a, b int)",
            "func AddBefore(ctx inst.HookContext, a int, b string)",
            "parameter 2 is of type int, and parameter 3 of the hook AddBefore is of type string",
        ),
        (
            "func AddBefore(ctx inst.HookContext, a, b int)",
            "func AddBefore(ctx inst.HookContext, a, b, c int)",
            "there are 2 parameters, and the hook AddBefore takes 3",
        ),
        ("func AddAfter(", "func AddLater(", "has no function `AddAfter`"),
        (
            "func DivAfter(ctx inst.HookContext, q int, err error)",
            "func DivAfter(ctx inst.HookContext, q int, err string)",
            "result 2 is of type error, and parameter 3 of the hook DivAfter is of type string",
        ),
        (
            "func AddAfter(ctx inst.HookContext,",
            "func AddAfter(ctx int,",
            "takes int first, and not a context",
        ),
    ] {
        let place = Place::of("otelc", "otelc-misfit");
        place.replace("hooks/hooks.go", from, to);
        let (_, wrote) = bad(&mut place.weave(&["build", "-o", &place.result("program"), "."]));
        assert!(wrote.contains(want), "{to}: {wrote}");
        assert!(wrote.contains("hooks/otelc.yml:"), "{to}: {wrote}");
    }
}

/// Rule files of Alibaba's agent have no names of their own; those that are called `.weave.json` are taken.
#[test]
fn rules_of_alibabas_agent_are_found_by_their_name() {
    let place = Place::empty("agent");
    place.write("go.mod", "module example.com/agent\n\ngo 1.24\n");
    let main = "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/agent/lib\"\n)\n\nfunc main() { fmt.Println(lib.Double(4)) }\n";
    place.write("main.go", main);
    place.write("lib/lib.go", "package lib\n\nfunc Double(n int) int { return 2 * n }\n");
    place.write(
        "hooks/api/api.go",
        "package api\n\ntype CallContext interface{ SetParam(int, interface{}) }\n",
    );
    place.write(
        "hooks/hooks.go",
        "package hooks\n\nimport (\n\t_ \"unsafe\"\n\n\t\"example.com/agent/hooks/api\"\n)\n\n\
         //go:linkname onDouble example.com/agent/lib.onDouble\nfunc onDouble(call api.CallContext, n int) { call.SetParam(0, n+1) }\n",
    );
    let rules = "[{\"ImportPath\": \"example.com/agent/lib\", \"Function\": \"Double\", \"OnEnter\": \"onDouble\", \
                  \"Path\": \"example.com/agent/hooks\"}]\n";
    place.write("rules.json", rules);
    assert_eq!(good(&mut place.weave(&["run", "."])), "8\n", "control: any other name");
    place.write("rules.weave.json", rules);
    assert_eq!(good(&mut place.weave(&["run", "."])), "10\n");
    place.write("rules.weave.json", &rules.replace("onDouble", "onTriple"));
    let (_, wrote) = bad(&mut place.weave(&["run", "."]));
    assert!(wrote.contains("rules.weave.json:1:") && wrote.contains("onTriple"), "{wrote}");
}

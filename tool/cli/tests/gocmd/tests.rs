//! `goweave go test`

use crate::support::{Place, Receiver, bad, good, run, text};

#[test]
fn tests_run_woven() {
    let place = Place::of("shop", "tests");
    let receiver = Receiver::start();
    let before = place.tree();
    let trace = "GET (client)\n  GET /items (server)\n    SELECT items (client)\n";
    let (wrote, got) = receiver.traced(&mut place.weave(&["test", "-count=1", "./..."]));
    assert_eq!(got, trace);
    assert!(wrote.contains("ok  \texample.com/shop/store\t"), "{wrote}");
    assert!(wrote.contains("?   \texample.com/shop/quiet\t[no test files]"), "{wrote}");
    let (_, got) = receiver.traced(&mut place.go(&["test", "-count=1", "./..."]));
    assert_eq!(got, "", "control");

    // Flags of the test, in every place where they may stand.
    let (wrote, got) = receiver.traced(&mut place.weave(&[
        "test",
        "-count=1",
        "-run=Handler",
        "./store",
        "-v",
        "-args",
        "-fail=false",
    ]));
    assert!(wrote.contains("--- PASS: TestHandler") && got == trace, "{wrote}");
    let failing = ["test", "-count=1", "./store", "-fail"];
    let (code, wrote) = bad(&mut place.weave(&failing));
    let (plain_code, plain) = bad(&mut place.go(&failing));
    let timeless =
        |s: &str| s.lines().map(|l| l.split(['(', '\t']).next().unwrap_or(l).to_owned()).collect::<Vec<_>>();
    assert_eq!((code, timeless(&wrote)), (plain_code, timeless(&plain)));

    let (wrote, got) =
        receiver.traced(&mut place.weave(&["test", "-count=1", "-cover", "-coverpkg=./...", "./store"]));
    assert!(wrote.contains("coverage: ") && got == trace, "{wrote}");
    let compiled = place.result("store.test");
    good(&mut place.weave(&["test", "-c", "-o", &compiled, "./store"]));
    assert_eq!(receiver.traced(&mut place.command(&compiled, &[])).1, trace);
    assert_eq!(place.tree(), before);

    // As with the go command, what passed is not run again.
    good(&mut place.weave(&["test", "./store"]));
    assert!(good(&mut place.weave(&["test", "./store"])).contains("(cached)"));
}

#[test]
fn other_verbs_are_those_of_the_go_command() {
    let place = Place::of("shop", "verbs");
    for arguments in [
        &["version"][..],
        &["env", "GOROOT"],
        &["list", "./..."],
        &["list", "-f", "{{.Dir}}", "./cmd/hello"],
        &["vet", "./..."],
        &["help", "build"],
        &["nosuch"],
        &["build", "-nosuch"],
        &["build", "./nosuch"],
        &["mod", "verify"],
        &[],
    ] {
        let (woven, plain) = (run(&mut place.weave(arguments)), run(&mut place.go(arguments)));
        assert_eq!(
            (woven.status.code(), text(&woven.stdout), text(&woven.stderr)),
            (plain.status.code(), text(&plain.stdout), text(&plain.stderr)),
            "go {arguments:?}"
        );
    }
    let deps = good(&mut place.weave(&["list", "-deps", "./cmd/shop"]));
    assert!(deps.contains("instrumentation/net_http"), "what a woven build has");
    assert!(
        !good(&mut place.weave(&["list", "-deps", "./cmd/hello"])).contains("instrumentation"),
        "control"
    );
}

#[test]
fn what_the_hooks_do_to_versions_is_told() {
    let place = Place::of("shop", "versions");
    let modules = |place: &Place| good(&mut place.goweave(&["modules", "go.mod"]));
    assert!(modules(&place).contains("added   go.opentelemetry.io/otel "), "{}", modules(&place));
    place.write(
        "go.mod",
        "module example.com/shop\n\nrequire (\n\tgo.opentelemetry.io/otel v1.20.0\n\tgo.opentelemetry.io/otel/sdk v1.99.0\n)\n",
    );
    let told = modules(&place);
    assert!(
        told.starts_with("raised  go.opentelemetry.io/otel ") && told.contains("v1.20.0 -> v1."),
        "{told}"
    );
    assert!(told.contains("kept    go.opentelemetry.io/otel/sdk "), "{told}");
}

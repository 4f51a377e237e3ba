//! `goweave go test`

use std::fs;
use std::process::Command;

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

/// Output of the go command, without test times and names that differ between builds.
fn said(text: &str) -> String {
    let lines = text.lines().filter(|l| !l.contains("GOCOVERDIR") && !l.starts_with("go: downloading"));
    let timeless = lines.map(|l| {
        let time = |p: &&str| p.starts_with(|c: char| c.is_ascii_digit()) && p.ends_with('s');
        let parts: Vec<&str> = l.split('\t').filter(|p| !time(p)).collect();
        parts.join("\t") + "\n"
    });
    timeless.collect()
}

/// Files that are added to packages are for the compiler alone: with every verb and flag that looks at files, the go command
/// says the same as without them, and programs have the same embedded in them.
#[test]
fn what_is_added_is_seen_by_the_compiler_alone() {
    let place = Place::of("seen", "seen");
    let (program, coverage) = (place.result("program"), place.result("coverage"));
    let profile = format!("-coverprofile={}", place.result("profile"));
    let table: &[&[&str]] = &[
        &["build", "-o", &program, "."],
        &["build", "-cover", "-o", &program, "."],
        &["build", "-cover", "-covermode=atomic", "-coverpkg=./...", "-o", &program, "."],
        &["build", "-cover", "-coverpkg=all", "-o", &program, "."],
        &["build", "-trimpath", "-cover", "-o", &program, "."],
        &["build", "./..."],
        &["install", "-cover", "."],
        &["run", "."],
        &["run", "-cover", "."],
        &["test", "-count=1", "./..."],
        &["test", "-count=1", "-cover", "./..."],
        &["test", "-count=1", "-covermode=atomic", &profile, "-coverpkg=./lib", "./..."],
        &["test", "-c", "-cover", "-o", &program, "."],
        &["vet", "./..."],
        &["generate", "./..."],
        &[
            "list",
            "-f",
            "{{.ImportPath}} {{.GoFiles}} {{.EmbedFiles}} {{.TestGoFiles}} {{.XTestGoFiles}}",
            "./...",
        ],
        &["fmt", "./..."],
        &["mod", "verify"],
        &["version"],
    ];
    let before = place.tree();
    let with = |command: &mut Command| {
        command.env("GOCOVERDIR", &coverage).env("GOBIN", &place.out);
        fs::create_dir_all(&coverage).expect("a folder can be made");
        said(&good(command))
    };
    for arguments in table {
        let plain = with(&mut place.go(arguments));
        let runs = arguments.contains(&"-o") && arguments[0] == "build";
        let embedded = runs.then(|| with(&mut place.command(&program, &[])));
        let woven = with(&mut place.weave(arguments));
        assert_eq!(woven, plain, "{arguments:?}");
        if let Some(embedded) = embedded {
            assert!(embedded.contains("go.work 15\n") && !embedded.contains("weave_"), "control: {embedded}");
            assert_eq!(with(&mut place.command(&program, &[])), embedded, "{arguments:?}");
            let inspected = good(&mut place.goweave(&["inspect", &program]));
            assert!(inspected.contains("example.com/seen/lib"), "{arguments:?}: {inspected}");
        }
    }
    assert!(place.tree() == before, "no file of the user's changes");
    // What is shown of a package is what is asked for, by whatever name.
    for name in ["./lib", "example.com/seen/lib", "./..."] {
        let diff = good(&mut place.goweave(&["diff", name]));
        assert!(diff.contains("+++ example.com/seen/lib/lib.go (woven)\n"), "{name}: {diff}");
    }
}

/// Where nothing that is shipped can work, the rest is built, and it is said.
#[test]
fn systems_without_sockets_get_what_is_the_users_own() {
    let place = Place::of("seen", "wasm");
    let wasm = |command: &mut Command| good(command.env("GOOS", "wasip1").env("GOARCH", "wasm"));
    let note = "no shipped instrumentation supports wasip1/wasm: only rules of your own are woven\n";
    let program = place.result("woven");
    assert!(wasm(&mut place.weave(&["build", "-o", &program, "."])).contains(note));
    assert!(good(&mut place.goweave(&["inspect", &program])).contains("example.com/seen/lib"));
}

/// Versions that do not fit are what is said, not something else.
#[test]
fn versions_that_keep_the_hooks_away_are_shown() {
    let place = Place::empty("pinned");
    place.write(
        "main.go",
        "package main\n\nimport \"net/http\"\n\nfunc main() { println(http.StatusText(200)) }\n",
    );
    let pinned = "module example.com/pinned\n\ngo 1.24\n\nreplace go.opentelemetry.io/otel => ./otel\n";
    place.write("go.mod", pinned);
    place.write("otel/go.mod", "module go.opentelemetry.io/otel\n\ngo 1.24\n");
    let (_, wrong) = bad(&mut place.weave(&["build", "-o", &place.result("p"), "."]));
    for part in [
        "cannot load the hooks: they require newer versions of modules than this module has\n",
        "go.opentelemetry.io/otel  ./otel -> v1.",
        "  (a `replace` line holds it)",
        "help: remove the `replace` lines",
    ] {
        assert!(wrong.contains(part), "{part}: {wrong}");
    }
    assert!(!wrong.contains("GOPROXY"), "{wrong}");
    place.write("go.mod", "module example.com/pinned\n\ngo 1.24\n");
    good(&mut place.weave(&["build", "-o", &place.result("p"), "."]));
}

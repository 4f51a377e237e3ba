//! Programs are built in every way that the go command knows.

use std::fs;
use std::process::Command;

use crate::support::{Place, Proxy, Receiver, bad, good, text};

/// The trace of the shop.
const TRACE: &str = "GET (client)\n  GET /items (server)\n    SELECT items (client)\n";

#[test]
fn a_program_gives_spans_and_does_what_it_did() {
    let place = Place::of("shop", "spans");
    let receiver = Receiver::start();
    let before = place.tree();
    let (plain, woven) = (place.result("plain"), place.result("woven"));
    good(&mut place.go(&["build", "-o", &plain, "./cmd/shop"]));
    good(&mut place.weave(&["build", "-o", &woven, "./cmd/shop"]));
    let (wrote, trace) = receiver.traced(&mut place.command(&woven, &["stack"]));
    assert_eq!(trace, TRACE);
    let (plain_wrote, plain_trace) = receiver.traced(&mut place.command(&plain, &["stack"]));
    assert_eq!(plain_trace, "", "control: the plain program gives none");
    assert_eq!(wrote, plain_wrote, "output, file names and line numbers stay");
    assert_eq!(place.tree(), before, "no file of the user's is touched");
    assert_eq!(fs::read_dir(&place.tmp).expect("it is there").count(), 0, "no temporary file is left");

    // The language version and the defaults of GODEBUG are those of the user's go.mod, not those of the hooks'.
    let settings = |program: &str| {
        let all = good(&mut place.go(&["version", "-m", program]));
        let one = all.lines().find(|l| l.contains("DefaultGODEBUG")).unwrap_or_default().to_owned();
        assert!(!all.contains("-gcflags"), "{all}");
        one
    };
    assert!(settings(&plain).contains("asynctimerchan=1"), "control");
    assert_eq!(settings(&woven), settings(&plain));

    let inspected = good(&mut place.goweave(&["inspect", &woven]));
    for name in ["net/http", "database/sql", "runtime"] {
        assert!(inspected.contains(name), "{inspected}");
    }

    // What is woven takes room, and its packages are told apart; of another file nothing is told.
    let sizes = good(&mut place.goweave(&["inspect", "--size", "--beside", &plain, &woven]));
    for package in [
        "github.com/rules-go-weave/rules_go_weave/instrumentation/net_http",
        "github.com/rules-go-weave/rules_go_weave/runtime/sdk",
        "go.opentelemetry.io/otel/trace",
        "net/http",
    ] {
        let bytes = sizes.lines().find_map(|line| line.trim().strip_suffix(&format!("    {package}")));
        assert!(bytes.is_some_and(|n| n.parse().is_ok_and(|n: i64| n > 1000)), "{package}: {sizes}");
    }
    assert_eq!(good(&mut place.goweave(&["inspect", "--size", "--beside", &plain, &woven])), sizes);
    let none = good(&mut place.goweave(&["inspect", "--size", &plain]));
    assert!(none.contains("         0  hooks\n"), "control: {none}");
    let (code, said) = bad(&mut place.goweave(&["inspect", "--size", "go.mod"]));
    assert!(code == 2 && said.contains("go.mod is not a Go program"), "{said}");

    // It is what its report says; the plain one is not.
    let report = place.result("report.json");
    good(&mut place.goweave(&["report", "--json", &report]));
    let label = "example.com/shop/cmd/shop";
    good(&mut place.goweave(&["inspect", "--verify", &report, "--label", label, &woven]));
    let (code, said) = bad(&mut place.goweave(&["inspect", "--verify", &report, "--label", label, &plain]));
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("the program has not the instrumentation net/http, which its report says it has"),
        "{said}"
    );
    let (code, said) = bad(&mut place.goweave(&["inspect", "--verify", &report, &woven]));
    assert!(code == 2 && said.contains(&format!("--label names one: {label}, ")), "{said}");
}

#[test]
fn a_program_that_uses_nothing_instrumented_is_the_plain_one() {
    let place = Place::of("shop", "same");
    let receiver = Receiver::start();
    // Alone, among others, and installed.
    let programs = ["alone", "several/hello", "bin/hello"].map(|n| place.result(n));
    let plain = place.result("plain");
    good(&mut place.go(&["build", "-o", &plain, "./cmd/hello"]));
    good(&mut place.weave(&["build", "-o", &programs[0], "./cmd/hello"]));
    good(&mut place.weave(&["build", "-o", &place.result("several/"), "./..."]));
    good(place.weave(&["install", "./..."]).env("GOBIN", place.result("bin")));
    let bytes = fs::read(&plain).expect("it was built");
    for program in &programs {
        assert!(fs::read(program).expect("it was built") == bytes, "{program} is the plain program");
    }
    for program in ["several/shop", "bin/shop"] {
        let (_, trace) = receiver.traced(&mut place.command(&place.result(program), &[]));
        assert_eq!(trace, TRACE, "control: {program} is woven");
        assert!(fs::read(place.result(program)).expect("it was built") != bytes);
    }
    let before = place.tree();
    good(&mut place.weave(&["build", "./..."]));
    good(&mut place.weave(&["build", "./cmd/shop", "./cmd/hello"]));
    assert_eq!(place.tree(), before, "several programs without -o are built and not kept");
    let one_file = ["build", "-o", "nosuch", "./cmd/shop", "./cmd/hello"];
    assert_eq!(bad(&mut place.weave(&one_file)), bad(&mut place.go(&one_file)));
}

#[test]
fn flags_of_the_users_keep_their_meaning() {
    let place = Place::of("shop", "flags");
    let receiver = Receiver::start();
    let program = place.result("shop");
    let build = |flags: &[&str]| {
        good(&mut place.weave(&[&["build", "-o", &program], flags, &["./cmd/shop"]].concat()))
    };
    let traced = |what: &str| {
        let (wrote, trace) = receiver.traced(&mut place.command(&program, &[]));
        assert_eq!(trace, TRACE, "{what}");
        wrote
    };

    assert!(build(&["-gcflags=-m"]).contains("cmd/shop/main.go"), "the compiler says what it inlines");
    traced("-gcflags");
    assert!(good(&mut place.go(&["version", "-m", &program])).contains("-gcflags=-m\n"));

    build(&["-trimpath", "-ldflags=-s -w"]);
    traced("-trimpath");
    let bytes = text(&fs::read(&program).expect("it was built"));
    for path in [place.user.display().to_string(), good(&mut place.go(&["env", "GOCACHE"])).trim().to_owned()]
    {
        assert!(!bytes.contains(&path), "no path of the machine's is in the program");
    }

    // A toolexec of the user's runs around every tool, ours inside of it or not.
    let script = place.out.join("toolexec");
    fs::write(&script, "#!/bin/sh\n[ \"$2\" = -V=full ] || echo \"ran ${1##*/}\" >&2\nexec \"$@\"\n")
        .expect("it can be written");
    good(&mut place.command("chmod", &["+x", &script.display().to_string()]));
    place.replace("cmd/shop/main.go", "os.Exit(7)", "os.Exit(6+1)");
    let toolexec = format!("-toolexec={}", script.display());
    let ran = build(&[&toolexec]);
    assert!(ran.contains("ran compile") && ran.contains("ran link"), "{ran}");
    traced("-toolexec");

    let other = place.out.join("other.go");
    let main = fs::read_to_string(place.user.join("cmd/shop/main.go")).expect("it is there");
    fs::write(&other, main.replace("%d %s", "other %d %s")).expect("it can be written");
    let overlay = place.out.join("overlay.json");
    let replace = serde_json::json!({"Replace": {"cmd/shop/main.go": other}});
    fs::write(&overlay, replace.to_string()).expect("it can be written");
    build(&["-overlay", &overlay.display().to_string()]);
    assert!(traced("-overlay").starts_with("other 200 teapot"));

    let go_mod = place.out.join("other.mod");
    fs::copy(place.user.join("go.mod"), &go_mod).expect("it can be copied");
    place.write("go.mod", "module example.com/wrong\n");
    build(&["-modfile", &go_mod.display().to_string()]);
    traced("-modfile");
}

#[test]
fn programs_run_as_files_and_from_anywhere() {
    let place = Place::of("shop", "run");
    let receiver = Receiver::start();
    let mut commands = [
        place.weave(&["run", "./cmd/shop", "a", "-b"]),
        place.weave(&["run", "cmd/shop/main.go", "a", "-b"]),
        place.weave(&["-C", "cmd", "run", "./shop", "a", "-b"]),
        place.weave(&["run", "-C=cmd/shop", ".", "a", "-b"]),
    ];
    for command in &mut commands {
        let (wrote, trace) = receiver.traced(command);
        assert_eq!((wrote.as_str(), trace.as_str()), ("200 teapot [a -b]\n", TRACE), "{command:?}");
    }
    let out = place.weave(&["run", "./cmd/shop", "fail"]).output().expect("it runs");
    let plain = place.go(&["run", "./cmd/shop", "fail"]).output().expect("it runs");
    assert_eq!((out.status.code(), text(&out.stderr)), (plain.status.code(), text(&plain.stderr)));

    // A workspace is not looked for, and the program may run the go command itself.
    let (_, trace) = receiver.traced(place.weave(&["run", "./cmd/shop"]).env("GOWORK", "off"));
    assert_eq!(trace, TRACE);
    place.write(
        "cmd/inner/main.go",
        "package main\n\nimport (\n\t\"net/http\"\n\t\"os\"\n\t\"os/exec\"\n)\n\nfunc main() {\n\t_ = http.DefaultClient\n\
         \tc := exec.Command(\"go\", \"list\", \"./...\")\n\tc.Stdout, c.Stderr = os.Stdout, os.Stderr\n\t_ = c.Run()\n}\n",
    );
    assert!(good(&mut place.weave(&["run", "./cmd/inner"])).contains("example.com/shop/quiet\n"));

    // Outside of any module.
    let alone = Place::empty("run_alone");
    alone.write(
        "main.go",
        "package main\n\nimport \"net/http\"\n\nfunc main() { http.Get(\"http://127.0.0.1:1/\") }\n",
    );
    let (_, trace) = receiver.traced(&mut alone.weave(&["run", "main.go"]));
    assert_eq!(trace, "GET (client) failed: dial tcp 127.0.0.1:1: connect: connection refused\n");
}

#[test]
fn workspaces_replacements_and_vendor_folders_are_built() {
    let place = Place::of("shop", "modules");
    let receiver = Receiver::start();
    let program = place.result("shop");
    let traced = |what: &str| {
        let (_, trace) = receiver.traced(&mut place.command(&program, &[]));
        assert_eq!(trace, TRACE, "{what}");
    };
    // The store becomes a module of its own.
    place.write("store/go.mod", "module example.com/shop/store\n\ngo 1.22\n");
    place.write("go.mod", "module example.com/shop\n\ngo 1.22\n\nrequire example.com/shop/store v0.0.0\n\nreplace example.com/shop/store => ./store\n");
    good(&mut place.weave(&["build", "-o", &program, "./cmd/shop"]));
    traced("replace");

    good(&mut place.go(&["mod", "vendor"]));
    place.replace("store/store.go", "SELECT name FROM items", "SELECT name FROM wrong");
    let before = place.tree();
    for flags in [&[][..], &["-mod=vendor"]] {
        let build = [&["build", "-o", &program], flags, &["./cmd/shop"]].concat();
        good(place.weave(&build).env("GOPROXY", "off"));
        traced("vendor");
    }
    good(&mut place.weave(&["build", "-mod=mod", "-o", &program, "./cmd/shop"]));
    let (_, trace) = receiver.traced(&mut place.command(&program, &[]));
    assert!(trace.contains("SELECT wrong"), "control: without the vendor folder, it is the replacement");
    assert_eq!(place.tree(), before);
    place.replace("store/store.go", "SELECT name FROM wrong", "SELECT name FROM items");
    fs::remove_dir_all(place.user.join("vendor")).expect("it can be removed");

    place.write("go.mod", "module example.com/shop\n\ngo 1.22\n");
    place.write("go.work", "go 1.22\n\nuse (\n\t.\n\t./store\n)\n");
    good(&mut place.weave(&["build", "-o", &program, "./cmd/shop"]));
    traced("workspace");
    good(&mut place.weave(&["build", "-C", "cmd/shop", "-o", &program]));
    traced("workspace, from below");
}

#[test]
fn programs_of_other_modules_are_built_from_the_vendor_folder() {
    let place = Place::of("shop", "foreign");
    let receiver = Receiver::start();
    let program = place.result("shop");
    place.write("other/go.mod", "module example.com/other\n\ngo 1.24\n\ntool example.com/shop/cmd/shop\n\nrequire example.com/shop v1.0.0\n\nreplace example.com/shop => ../\n");
    good(&mut place.go(&["-C=other", "mod", "vendor"]));
    let _ = std::fs::remove_file(place.user.join("go.mod"));
    good(&mut place.weave(&["build", "-C", "other", "-o", &program, "example.com/shop/cmd/shop"]));
    let (_, trace) = receiver.traced(&mut place.command(&program, &[]));
    assert_eq!(trace, TRACE);
}

#[test]
fn programs_in_the_module_cache_are_built() {
    let place = Place::of("shop", "cached");
    let receiver = Receiver::start();
    let proxy = Proxy::of(&place, "example.com/shop", "v1.2.3");
    fs::remove_dir_all(&place.user).expect("it can be removed");
    fs::create_dir_all(&place.user).expect("a folder can be made");

    // Outside of any module.
    let bin = |name: &str| place.result(&format!("bin/{name}"));
    let named = ["install", "example.com/shop/cmd/shop@v1.2.3", "example.com/shop/cmd/hello@v1.2.3"];
    good(proxy.serve(place.weave(&named).env("GOBIN", place.result("bin"))));
    let (wrote, trace) = receiver.traced(&mut place.command(&bin("shop"), &["a"]));
    assert_eq!((wrote.as_str(), trace.as_str()), ("200 teapot [a]\n", TRACE));
    let info = good(&mut place.go(&["version", "-m", &bin("shop")]));
    assert!(info.contains("\tmod\texample.com/shop\tv1.2.3"), "{info}");
    good(proxy.serve(place.go(&named).env("GOBIN", place.result("plain"))));
    let bytes = |name: &str| fs::read(place.result(name)).expect("it was built");
    assert!(
        bytes("bin/hello") == bytes("plain/hello"),
        "what uses nothing instrumented is the plain program"
    );
    assert!(bytes("bin/shop") != bytes("plain/shop"), "control");
    // Stack traces show the module's own files, though a copy of them was compiled.
    let has = |name: &str, path: &str| bytes(name).windows(path.len()).any(|w| w == path.as_bytes());
    let own = format!("{}/example.com/shop@v1.2.3/store/", place.result("cache"));
    assert!(has("plain/shop", &own) && has("bin/shop", &own), "{own}");
    let woven = text(&bytes("bin/shop"));
    let mut copies = woven.split("modules/shop@v1.2.3-").skip(1).filter_map(|rest| rest.split_once('/'));
    assert!(copies.all(|(_, path)| !path.starts_with("store/")), "the path of the copy");
    let (wrote, trace) =
        receiver.traced(proxy.serve(&mut place.weave(&["run", "example.com/shop/cmd/shop@latest", "b"])));
    assert_eq!((wrote.as_str(), trace.as_str()), ("200 teapot [b]\n", TRACE));
    for refused in [
        ["install", "example.com/shop/cmd/shop@v1.2.3", "example.com/shop/cmd/hello@latest"],
        ["install", "-modfile=go.mod", "example.com/shop/cmd/shop@v1.2.3"],
    ] {
        let plain = bad(proxy.serve(&mut place.go(&refused)));
        assert_eq!(bad(proxy.serve(&mut place.weave(&refused))), plain, "{refused:?}");
    }

    // As a dependency, one package of which gets an import.
    place.write("go.mod", "module example.com/user\n\ngo 1.22\n\nrequire example.com/shop v1.2.3\n");
    place.write("user.go", "package user\n\nimport _ \"example.com/shop/store\"\n");
    place.write("note/note.go", "package note\n\nfunc Note(name string) { println(\"note\", name) }\n");
    good(proxy.serve(&mut place.go(&["mod", "tidy"])));
    let program = place.result("dependency");
    let build = ["build", "-o", &program, "example.com/shop/cmd/shop"];
    good(proxy.serve(&mut place.weave(&build)));
    let (wrote, trace) = receiver.traced(&mut place.command(&program, &[]));
    assert_eq!((wrote.as_str(), trace.as_str()), ("200 teapot []\n", TRACE));
    place.write(
        "note/weave.yaml",
        "weave: 1\nname: note\nrules:\n  - id: handler\n    where: { package: example.com/shop/store, function: Handler }\n    \
         dependencies: [example.com/user/note]\n    do: { before: 'n.Note(\"$function\")', imports: { n: example.com/user/note } }\n",
    );
    let before = place.tree();
    good(proxy.serve(&mut place.weave(&build)));
    let (wrote, trace) = receiver.traced(&mut place.command(&program, &[]));
    assert_eq!((wrote.as_str(), trace.as_str()), ("200 teapot []\nnote Handler\n", TRACE));
    assert_eq!(place.tree(), before);

    // What is counted of a copy is what is counted of the module, and nothing of what only the hooks need.
    let counted = |name: &str, command: &mut Command| {
        good(proxy.serve(command));
        let folder = place.result(&format!("{name}-counted"));
        fs::create_dir_all(&folder).expect("a folder can be made");
        receiver.traced(place.command(&place.result(name), &[]).env("GOCOVERDIR", &folder));
        good(&mut place.go(&["tool", "covdata", "percent", &format!("-i={folder}")]))
    };
    let cover = |program: &str| {
        let all = "-coverpkg=example.com/...,go.opentelemetry.io/...";
        ["build", "-cover", all, "-o", &place.result(program), "example.com/shop/cmd/shop"].map(str::to_owned)
    };
    let (plain, woven) = (cover("plain/c"), cover("woven/c"));
    let plain = counted("plain/c", &mut place.go(&plain.each_ref().map(String::as_str)));
    assert!(plain.contains("example.com/shop/store\t"), "{plain}");
    assert_eq!(counted("woven/c", &mut place.weave(&woven.each_ref().map(String::as_str))), plain);
}

#[test]
fn profiles_are_used() {
    let place = Place::of("own", "pgo");
    let profile = place.user.join("default.pgo").display().to_string();
    good(&mut place.go(&["test", "-count=1", "-cpuprofile", &profile, "-o", &place.result("test"), "./lib"]));
    let program = place.result("own");
    let wrote = |flags: &[&str]| {
        good(&mut place.weave(&[&["build", "-o", &program], flags].concat()));
        let info = good(&mut place.go(&["version", "-m", &program]));
        (good(&mut place.command(&program, &[])), info.contains("\t-pgo="))
    };
    let plain = wrote(&["-pgo=off"]);
    assert_eq!((plain.0.lines().next(), plain.1), (Some("double 2"), false), "control");
    assert_eq!(wrote(&[]), (plain.0, true));
}

#[test]
fn goflags_make_the_go_command_weave() {
    let place = Place::of("shop", "env");
    let receiver = Receiver::start();
    let flags = good(&mut place.goweave(&["env"]));
    let flags = flags.trim();
    assert!(flags.starts_with("-buildvcs=false "), "the user's own flags stay: {flags}");
    let (_, trace) = receiver.traced(place.go(&["run", "./cmd/shop"]).env("GOFLAGS", flags));
    assert_eq!(trace, TRACE);
    let (_, trace) = receiver.traced(place.go(&["test", "-count=1", "./store"]).env("GOFLAGS", flags));
    assert_eq!(trace, TRACE);
    good(place.go(&["vet", "./..."]).env("GOFLAGS", flags));
    let (_, trace) = receiver.traced(&mut place.go(&["run", "./cmd/shop"]));
    assert_eq!(trace, "", "control");
}

#[test]
fn only_woven_packages_and_their_importers_are_compiled_again() {
    let place = Place::of("own", "keys");
    let program = place.result("own");
    let build = |flags: &[&str]| {
        let wrote = good(&mut place.weave(&[&["build", "-v", "-o", &program], flags].concat()));
        let mut packages: Vec<String> = wrote.lines().map(str::to_owned).collect();
        packages.sort();
        packages
    };
    // A rule that was never seen before, so that no earlier run has built it.
    let unique = format!("{:?}", std::time::UNIX_EPOCH.elapsed().expect("it is later")).replace('.', "-");
    good(&mut place.go(&["build", "-o", &program]));
    build(&[]);
    assert_eq!(build(&[]), [""; 0], "nothing changed");
    place.replace("hooks/weave.yaml", "id: double", &format!("id: double-{unique}"));
    assert_eq!(build(&[]), ["example.com/own", "example.com/own/lib"]);
    place.replace("hooks/weave.yaml", "id: plus", &format!("id: plus-{unique}"));
    assert_eq!(build(&[]), ["example.com/own"]);
    // A package of the standard library keeps its export data, so its importers come out as they were, and theirs are not
    // compiled again.
    place.replace("hooks/weave.yaml", "id: write", &format!("id: write-{unique}"));
    assert_eq!(build(&[]), ["example.com/own", "example.com/own/table/internal/tab", "text/tabwriter"]);
    assert_eq!(good(&mut place.go(&["build", "-v", "-o", &program])), "", "the plain build is still there");
}

#[test]
fn rules_of_the_users_own_apply() {
    let place = Place::of("own", "own");
    assert_eq!(good(&mut place.weave(&["run", "."])), "double 2\ndoubled 4\nplus 1\n4 2\nwrite 4\na.b\n");
    assert_eq!(good(&mut place.go(&["run", "."])), "4 2\na.b\n", "control");
    let tested = good(&mut place.weave(&["test", "-count=1", "-v", "./lib"]));
    assert!(tested.contains("double 3\ndoubled 6\n"), "{tested}");
    let diff = good(&mut place.goweave(&["diff", "example.com/own/lib"]));
    for line in [
        "-func Double(n int) int {\n",
        "+func Double(n int) int { ",
        "+var weave_own__double func(int) func(int)\n",
    ] {
        assert!(diff.contains(line), "{diff}");
    }
    assert!(good(&mut place.goweave(&["diff", "--color=always"])).contains("\x1b[32m+"));
}

#[test]
fn rules_ask_the_type_checker() {
    let place = Place::of("own", "types");
    let tab = "table/internal/tab/tab.go";
    place.write(
        "lib/c.go",
        "package lib\n\n// int one(void) { return 1; }\nimport \"C\"\n\nimport \"strings\"\n\nfunc init() {\n\tvar b strings.Builder\n\t\
         b.WriteString(\"x\")\n\tprintln(C.one(), b.Len())\n}\n",
    );
    place.write(
        "typed/weave.yaml",
        "weave: 1\nname: typed\nrules:\n\
         \x20 - id: flush\n\
         \x20   where: { package: example.com/own/..., method-call: { name: Flush, of: '*text/tabwriter.Writer' } }\n\
         \x20   do: { before: 'os.Stdout.WriteString(\"flush\\n\")', imports: [os] }\n\
         \x20 - id: builder\n\
         \x20   where: { package: example.com/own/lib, method-call: { name: WriteString, receiver-implements: io.Writer } }\n\
         \x20   do: { after: 'b.WriteString(\"y\")' }\n\
         \x20 - id: wide\n\
         \x20   where: { package: text/tabwriter, function: NewWriter, parameter-implements: io.Writer }\n\
         \x20   do: { before: '${parameter implements io.Writer}.Write([]byte(\"new\\n\"))' }\n",
    );
    let run = |command: &mut Command| {
        let out = command.env("CGO_ENABLED", "1").output().expect("it runs");
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
    };
    assert_eq!(run(&mut place.go(&["run", "."])), "4 2\na.b\n1 1\n", "control");
    let woven = "double 2\ndoubled 4\nplus 1\n4 2\nnew\nwrite 4\nflush\na.b\n1 2\n";
    assert_eq!(run(&mut place.weave(&["run", "."])), woven);
    let diff = good(&mut place.goweave(&["diff", "example.com/own/table/internal/tab"]));
    assert!(diff.contains("os.Stdout.WriteString(\"flush\\n\") }; _ = w.Flush()"), "{diff}");

    // What does not compile is no more than that.
    place.replace(tab, "w.Flush()", "w.Flash()");
    let wrote = run(&mut place.weave(&["build", "./table/..."]));
    assert!(wrote.contains("tab.go:13:8: w.Flash undefined"), "{wrote}");
    place.replace(tab, "w.Flash()", "w.Flush()");
    place.replace("typed/weave.yaml", "io.Writer", "io.EOF");
    let wrote = run(&mut place.weave(&["build", "."]));
    assert!(wrote.contains("io.EOF is not a type"), "{wrote}");
}

#[test]
fn cgo_plugins_and_libraries_are_built() {
    let place = Place::of("shop", "modes");
    let receiver = Receiver::start();
    place.replace(
        "cmd/shop/main.go",
        "import (\n",
        "// int two(void) { return 2; }\nimport \"C\"\n\nimport (\n",
    );
    place.replace("cmd/shop/main.go", "fmt.Printf(\"%d", "fmt.Print(C.two(), \" \")\n\tfmt.Printf(\"%d");
    let program = place.result("shop");
    good(place.weave(&["build", "-o", &program, "./cmd/shop"]).env("CGO_ENABLED", "1"));
    let (wrote, trace) = receiver.traced(&mut place.command(&program, &[]));
    assert_eq!((wrote.as_str(), trace.as_str()), ("2 200 teapot []\n", TRACE));

    place.write(
        "plug/plug.go",
        "package main\n\nimport \"example.com/shop/store\"\n\nvar Handler = store.Handler\n",
    );
    place.write(
        "cmd/host/main.go",
        "package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n\t\"net/http/httptest\"\n\t\"os\"\n\t\"plugin\"\n)\n\nfunc main() {\n\
         \tp, err := plugin.Open(os.Args[1])\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\th, err := p.Lookup(\"Handler\")\n\
         \tif err != nil {\n\t\tpanic(err)\n\t}\n\ts := httptest.NewServer((*h.(*func() http.Handler))())\n\
         \tr, err := http.Get(s.URL + \"/items\")\n\tr.Body.Close()\n\tfmt.Println(r.StatusCode, err)\n}\n",
    );
    let (host, plug) = (place.result("host"), place.result("plug.so"));
    good(place.weave(&["build", "-o", &host, "./cmd/host"]).env("CGO_ENABLED", "1"));
    good(place.weave(&["build", "-buildmode=plugin", "-o", &plug, "./plug"]).env("CGO_ENABLED", "1"));
    let (wrote, trace) = receiver.traced(&mut place.command(&host, &[&plug]));
    assert_eq!((wrote.as_str(), trace.as_str()), ("200 <nil>\n", TRACE));
}

#[test]
fn directive_comments_are_understood_in_modules_that_are_worked_on() {
    let place = Place::of("shop", "directives");
    let receiver = Receiver::start();
    let source = "package main\n\nimport (\n\t\"context\"\n\t\"errors\"\n)\n\n\
         //weave:span outer who:$who\nfunc greet(ctx context.Context, who string) error {\n\
         \t//weave:span\n\trun := func(ctx context.Context) error { return inner(ctx) }\n\treturn run(ctx)\n}\n\n\
         //dd:span\nfunc inner(ctx context.Context) error { return errors.New(\"no\") }\n\n\
         func main() { println(greet(context.Background(), \"you\").Error()) }\n";
    place.write("cmd/asked/main.go", source);
    let program = place.result("asked");
    good(&mut place.weave(&["build", "-o", &program, "./cmd/asked"]));
    let (_, trace) = receiver.traced(&mut place.command(&program, &[]));
    assert_eq!(
        trace,
        "outer (internal) failed: no\n  greet.func (internal) failed: no\n    inner (internal) failed: no\n"
    );
    place.write("cmd/asked/main.go", &source.replace("who:$who", "who:$whom"));
    let (_, wrong) = bad(&mut place.weave(&["build", "-o", &program, "./cmd/asked"]));
    assert!(
        wrong.contains("main.go:8:24: //weave:span: unknown parameter `whom`: did you mean `who`"),
        "{wrong}"
    );
    // Without a directive the program is the plain one.
    place.write("cmd/asked/main.go", &source.replace("//weave:", "// weave:").replace("//dd:", "// dd:"));
    let plain = place.result("plain");
    good(&mut place.go(&["build", "-o", &plain, "./cmd/asked"]));
    good(&mut place.weave(&["build", "-o", &program, "./cmd/asked"]));
    assert!(fs::read(&program).expect("it was built") == fs::read(&plain).expect("it was built"));
}

/// Results of each shape for its caller, and what its hooks are told.
const EXITS: &str = "\
TwoPlain: 1 <nil>; exit 1 <nil>, end
TwoUnlock: 1 body; exit 1 body, end
TwoRecovered: 2 recovered broken; exit 2 recovered broken, end
TwoRecoveredUnnamed: 0 <nil>; exit 0 <nil>, end
TwoRecoveredBlank: 0 close; exit 0 close, end
TwoRecoveredByCallee: 0 <nil>; exit 0 <nil>, end
TwoClose: 1 close; exit 1 close, end
TwoCleared: 1 <nil>; exit 1 <nil>, end
TwoShadowed: 6 close; exit 6 close, end
TwoNaked: 8 body; exit 8 body, end
TwoLoop: 7 <nil>; exit 7 <nil>, end
TwoRangeFunc: 13 <nil>; exit 13 <nil>, end
TwoPanics: panic broken; end
TwoDeferPanics: panic broken; end
TwoDeferPanicsRecovered: 1 body; exit 1 body, end
TwoRepanics: panic again broken; end
TwoGoexit: goexit; end
TwoGoexitInDefer: goexit; end
TwoInPanic: 1 close; exit 1 close, end
TwoClosure: 7 <nil>; exit 7 <nil>, end
OneRecovered: recovered p; exit recovered p, end
OneClose: close; exit close, end
OneCleared: <nil>; exit <nil>, end
OneUnnamed: body; exit body, end
OneHidden: <nil>; exit <nil>
LastGeneric: \"v\" <nil>; exit <nil>, end
LastGeneric: \"\" no k; exit no k, end
LastPanics: \"\" <nil>; exit <nil>, end
Lookup: 7 <nil>; lookup k 7 <nil>
Lookup: 0 body; lookup k 0 body
Printf: 1 b<nil>; printf %v %v 2 b
All: 3 [deferred]; All [1 <nil> [2 3]] 3 [deferred]
SetNamed: 43 <nil>; set 3 <nil>, end set
SetUnnamed: 41 <nil>; set 1 <nil>, end set
SetUnnamedRecovered: 40 <nil>; set 0 <nil>, end set
SetBlankRecovered: 40 <nil>; set 0 <nil>, end set
BothRecovered: 40 <nil>; set 0 <nil>, end set, exit 40 <nil>, end
BothClose: 41 close; set 1 close, end set, exit 41 close, end
SkipRecovered: 6 <nil>; skip, exit 6 <nil>, end
fmt.Sscan: 0 expected integer; exit 0 expected integer
fmt.Sscan: 1 <nil>; exit 1 <nil>
stack: shapes.TwoNames.func1 shapes.TwoNames ; exit shapes.TwoNames.func1 shapes.TwoNames 
";

/// Spans whose status deferred calls decide.
const SPANS: &str = r#"package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

//weave:span
func recovered(ctx context.Context) (err error) {
	defer func() { err = fmt.Errorf("recovered %v", recover()) }()
	panic("x")
}

//weave:span
func closeFails(context.Context) (n int, err error) {
	defer func() { n, err = 0, errors.New("close") }()
	return 1, nil
}

//weave:span
func cleared(context.Context) (err error) {
	defer func() { err = nil }()
	return errors.New("handled")
}

//weave:span
func panics(context.Context) error {
	defer fmt.Print()
	panic("y")
}

//weave:span
func exits(context.Context) error {
	defer fmt.Print()
	runtime.Goexit()
	return errors.New("never")
}

func main() {
	ctx := context.Background()
	_ = recovered(ctx)
	_, _ = closeFails(ctx)
	_ = cleared(ctx)
	func() {
		defer func() { println(recover().(string)) }()
		_ = panics(ctx)
	}()
	done := make(chan bool)
	go func() {
		defer close(done)
		_ = exits(ctx)
	}()
	<-done
}
"#;

#[test]
fn exits_are_told_what_the_caller_gets() {
    let place = Place::of("exits", "exits");
    assert_eq!(good(&mut place.weave(&["run", "."])), EXITS);
    // The program does what it did: only the hooks that set results have added 40, and one has left the function out.
    let plain = good(&mut place.go(&["run", "."]));
    let got = |text: &str| -> Vec<String> {
        let first = |line: &str| line.split(';').next().unwrap_or_default().to_owned();
        let set = |line: &&str| !["Set", "Both", "Skip"].iter().any(|p| line.starts_with(p));
        text.lines().filter(set).map(first).collect()
    };
    assert_eq!(got(&plain), got(EXITS));
    // The spans that comments ask for say the same.
    place.write("spans/main.go", SPANS);
    let program = place.result("spans");
    good(&mut place.weave(&["build", "-o", &program, "./spans"]));
    let receiver = Receiver::start();
    let (_, trace) = receiver.traced(&mut place.command(&program, &[]));
    let expected = "cleared (internal)\ncloseFails (internal) failed: close\nexits (internal)\n\
                    panics (internal) failed: panic: y\nrecovered (internal) failed: recovered x\n";
    assert_eq!(trace, expected);
    // Nothing that was not asked for is in what other packages compile against.
    let diff = good(&mut place.goweave(&["diff", "example.com/exits/shapes"]));
    assert!(diff.contains("func SetUnnamedRecovered(string) (weaveOut0 int, weaveOut1 error) {"), "{diff}");
    assert!(diff.contains("func SetUnnamed(string) (int, error) {"), "{diff}");
    // A package that gets a declaration defers exits by functions of its own: they are told the same, and where a hook gives no exit,
    // no result is on the heap.
    place.write(
        "main_test.go",
        "package main\n\nimport (\n\t\"testing\"\n\n\t\"example.com/exits/shapes\"\n)\n\n\
         func TestQuiet(t *testing.T) {\n\tcall := func() { _, _ = shapes.Quiet(1) }\n\
         \tif n := testing.AllocsPerRun(100, call); n != 0 {\n\t\tt.Errorf(\"%v allocations\", n)\n\t}\n}\n",
    );
    let allocates = |place: &Place| !place.weave(&["test", "."]).output().unwrap().status.success();
    assert!(allocates(&place), "the control");
    let rules = place.user.join("hooks/weave.yaml");
    let text = std::fs::read_to_string(&rules).unwrap();
    let declared = "  - id: declared\n    where: { package: example.com/exits/shapes }\n    do: { declare: \"func declared() {}\" }\n";
    place.write("hooks/weave.yaml", &format!("{text}{declared}"));
    assert_eq!(good(&mut place.weave(&["run", "."])), EXITS);
    assert!(!allocates(&place));
    let diff = good(&mut place.goweave(&["diff", "example.com/exits/shapes"]));
    assert!(diff.contains("defer weaveLeft"), "{diff}");
}

#[test]
fn shipped_rules_are_read_where_something_is_for_them() {
    let place = Place::empty("chosen");
    place.write("../modules/go.mod", "module github.com/rules-go-weave/rules_go_weave\n\ngo 1.24\n");
    place.write("../modules/instrumentation/grpc/weave.yaml", "weave: 1\nname: grpc\nrules: [}\n");
    place.write("go.mod", "module example.com/m\n\ngo 1.24\n");
    place.write("main.go", "package main\n\nfunc main() {}\n");
    let modules = place.user.join("../modules");
    let build = |names: &str| {
        let mut command = place.weave(&["build", "-o", &place.result("m"), "."]);
        command.env("GOWEAVE_MODULES", &modules).env("GOWEAVE_ONLY", names);
        command
    };
    good(&mut build(""));
    // What is not read has its name all the same.
    good(&mut build("GRPC,net_http"));
    let (_, wrong) = bad(&mut build("grpx"));
    assert!(wrong.contains("did you mean `grpc`"), "{wrong}");

    place.write("go.mod", "module example.com/m\n\ngo 1.24\n\nrequire google.golang.org/grpc v1.60.0\n\nreplace google.golang.org/grpc => ./grpc\n");
    place.write("grpc/go.mod", "module google.golang.org/grpc\n\ngo 1.24\n");
    place.write("grpc/codes/codes.go", "package codes\n");
    place.write("main.go", "package main\n\nimport _ \"google.golang.org/grpc/codes\"\n\nfunc main() {}\n");
    let (_, wrong) = bad(&mut build(""));
    assert!(wrong.contains("instrumentation/grpc/weave.yaml"), "{wrong}");
}

//! The own tests of packages of Go and of widely used modules give the same results, woven with what we ship.
//!
//! By default a sample; `WEAVE_EVERYTHING=1 cargo test --release -p goweave --test gocmd suites` takes all of them, and
//! with some of their names in the variable, separated by commas, those.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::support::{Place, Receiver, good, run, text};

/// Packages of Go that we weave or that stand on those.
const STD: [&str; 7] =
    ["database/sql", "log/slog", "net/http", "net/http/httptest", "net/http/httputil", "net/rpc", "expvar"];

/// Modules that use what we weave.
const MODULES: [&str; 6] = [
    "github.com/go-chi/chi/v5@v5.2.0",
    "github.com/gorilla/mux@v1.8.1",
    "github.com/hashicorp/go-retryablehttp@v0.7.7",
    "github.com/rs/cors@v1.11.1",
    "github.com/gorilla/handlers@v1.5.2",
    "github.com/go-sql-driver/mysql@v1.8.1",
];

#[expect(clippy::disallowed_methods, reason = "the switch that takes everything is a variable")]
fn chosen(all: &[&'static str], sample: usize) -> Vec<&'static str> {
    match std::env::var("WEAVE_EVERYTHING").ok().as_deref() {
        None => all[..sample].to_vec(),
        Some("1") => all.to_vec(),
        Some(names) => all.iter().copied().filter(|a| names.split(',').any(|n| n == *a)).collect(),
    }
}

/// The result of every test.
fn results(command: &mut Command) -> (BTreeMap<String, String>, String) {
    let out = run(command);
    let (wrote, more) = (text(&out.stdout), text(&out.stderr));
    let lines = wrote.lines().filter_map(|l| l.trim_start().strip_prefix("--- ")?.split_once(": "));
    let results = lines
        .map(|(word, rest)| (rest.split(" (").next().unwrap_or(rest).to_owned(), word.to_owned()))
        .collect();
    (results, wrote + &more)
}

/// Run both commands and compare. What differs must differ when they are run once more: some tests depend on timing.
fn same(what: &str, commands: impl Fn() -> (Command, Command)) -> String {
    let compared = || {
        let (mut plain, mut woven) = commands();
        let (plain, _) = results(&mut plain);
        let (woven, output) = results(&mut woven);
        assert!(plain.len() > 3, "{what}: {} tests", plain.len());
        let names = plain.keys().chain(woven.keys());
        let different: BTreeSet<String> = names
            .filter(|name| plain.get(*name) != woven.get(*name))
            .map(|name| format!("{name}: {:?}, woven {:?}", plain.get(name), woven.get(name)))
            .collect();
        (different, output)
    };
    let (first, output) = compared();
    if first.is_empty() {
        return output;
    }
    let (second, output) = compared();
    let both: Vec<&String> = first.intersection(&second).collect();
    assert!(both.is_empty(), "{what}: {both:#?}\n{output}");
    output
}

#[test]
fn packages_of_go_pass_their_tests() {
    let place = Place::empty("suites_std");
    place.write("go.mod", "module example.com/suites\n\ngo 1.24\n");
    for package in chosen(&STD, 2) {
        let test = ["test", "-short", "-vet=off", "-count=1", "-v", package];
        let output = same(package, || (place.go(&test), place.weave(&test)));
        let note = format!("the test of {package} is woven, and has no hooks: the package is part of Go");
        assert!(output.contains(&note), "{output}");
    }
    let program = place.result("sql.test");
    let symbols = |command: &mut Command| {
        good(command);
        good(&mut place.go(&["tool", "nm", &program])).contains("database/sql.weave_")
    };
    let compile = ["test", "-c", "-vet=off", "-o", &program, "database/sql"];
    assert!(symbols(&mut place.weave(&compile)), "it is woven");
    assert!(!symbols(&mut place.go(&compile)), "control");
}

#[test]
fn modules_pass_their_tests() {
    for module in chosen(&MODULES, 2) {
        let name: String = module.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let place = Place::empty(&name);
        let found = good(&mut place.go(&["mod", "download", "-json", module]));
        let found: serde_json::Value = serde_json::from_str(&found).expect("the go command prints JSON");
        let source = format!("{}/.", found["Dir"].as_str().expect("the module was downloaded"));
        good(&mut place.command("cp", &["-r", &source, "."]));
        good(&mut place.command("chmod", &["-R", "u+w", "."]));
        let receiver = Receiver::start();
        let test = ["test", "-short", "-vet=off", "-count=1", "-v", "./..."];
        same(module, || {
            let mut woven = place.weave(&test);
            woven.env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint);
            (place.go(&test), woven)
        });
        assert!(receiver.received() > 0, "{module}: control: its tests give spans");
    }
}

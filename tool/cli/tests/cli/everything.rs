//! Weave everything: hooks for entry, exit and end in every function of packages of the standard library that can take
//! them, set to functions that do nothing; the packages compile, and their own tests give the same results.
//!
//! By default a sample; `WEAVE_EVERYTHING=1 cargo test --release -p goweave --test cli everything` takes all of std for
//! compiling, and the packages of [`TESTED`] and the modules of [`MODULES`] for testing. With the names of some of these
//! in the variable, separated by commas, those are tested.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use weave_syntax::resolve::{Imports, PackageScope, Signature};
use weave_syntax::{Tree, parse};

use crate::export_data::{Std, shipped};
use crate::support::{go, go_env, goweave, run, scratch, stdout, text};

/// Packages that are always woven, compiled and tested.
const SAMPLE: [&str; 4] = ["sort", "bufio", "context", "text/template"];

/// Packages that are tested only if everything is.
const TESTED: [&str; 13] = [
    "net/http",
    "database/sql",
    "encoding/json",
    "text/template",
    "go/types",
    "strconv",
    "sort",
    "bufio",
    "io",
    "context",
    "log/slog",
    "archive/zip",
    "encoding/csv",
];

/// Modules whose own tests are run if everything is.
const MODULES: [&str; 7] = [
    "github.com/go-chi/chi/v5@v5.2.0",
    "github.com/google/uuid@v1.6.0",
    "github.com/BurntSushi/toml@v1.4.0",
    "github.com/spf13/cobra@v1.8.1",
    "go.uber.org/zap@v1.27.0",
    "github.com/go-logr/logr@v1.4.3",
    "github.com/gin-gonic/gin@v1.10.0",
];

/// Tests that count allocations: what a function gives to an exit leaves the function, and bodies with hooks are not
/// inlined, so that other values are allocated by design.
const BY_DESIGN: [&str; 1] = ["TestAlloc"];

/// A package and its Go files.
struct Package {
    path: String,
    dir: PathBuf,
    files: Vec<String>,
}

fn packages(dir: &Path, patterns: &[&str]) -> Vec<Package> {
    let list = stdout(
        go(dir)
            .args(["list", "-f", "{{.ImportPath}}\t{{.Dir}}\t{{range .GoFiles}}{{.}} {{end}}"])
            .args(patterns),
    );
    list.lines()
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let (path, dir, files) = (columns.next()?, columns.next()?, columns.next()?);
            let files = files.split_whitespace().map(str::to_owned).collect();
            // A folder of files that are all out of the build has none.
            Some(Package { path: path.into(), dir: dir.into(), files })
        })
        .filter(|p: &Package| !p.files.is_empty() && p.path != "unsafe" && !p.path.starts_with("cmd/"))
        .collect()
}

/// A rule for every function: an exit that may replace the results, where they can be named in a variable, and an end.
/// Not for the packages below the runtime: what goes to a function that the compiler does not know escapes, and nothing
/// may escape there.
fn rules(package: &Package, exits: bool) -> Value {
    let sources: Vec<Vec<u8>> =
        package.files.iter().map(|f| fs::read(package.dir.join(f)).expect("a source can be read")).collect();
    let trees: Vec<Tree<'_>> = sources.iter().map(|s| parse(s).0).collect();
    let scope = PackageScope::new(&package.path, &trees.iter().collect::<Vec<_>>());
    let mut seen = BTreeSet::new();
    let mut rules = Vec::new();
    for tree in &trees {
        let imports = Imports::new(tree, |_| None);
        for f in tree.funcs() {
            let name = tree.text(f.name);
            let receiver = f
                .receiver
                .as_ref()
                .map(|r| format!("{}{}", if r.pointer { "*" } else { "" }, tree.text(r.base)));
            if name == "_" || f.body.is_none() || !seen.insert((name, receiver.clone())) {
                continue;
            }
            let generic =
                !f.type_params.is_empty() || f.receiver.as_ref().is_some_and(|r| !r.type_params.is_empty());
            let signature = Signature::of(tree, &f, &imports, &scope);
            let results: Vec<String> = signature.results.iter().map(ToString::to_string).collect();
            let results = results.join(", ");
            // A constant as the length of an array and what is in a struct or interface type are written as in the file.
            let constant = results
                .replace("map[", "")
                .split('[')
                .skip(1)
                .any(|r| r.starts_with(|c: char| c.is_alphabetic()));
            let hook = if results.is_empty() || generic || !exits || constant || results.contains("{") {
                "func() func()".to_owned()
            } else {
                format!("func() (func({results}) ({results}), func())")
            };
            let id = format!("f{}", rules.len());
            let mut function = json!({ "name": name });
            if let Some(r) = receiver {
                function["receiver"] = r.into();
            }
            rules.push(json!({
                "id": id,
                "at": { "file": "everything", "line": 1, "col": 1 },
                "required": false,
                "join": { "all-of": [{ "package": package.path }, { "function": function }] },
                "advice": [{ "hook": {
                    "function": "Nothing",
                    "variable": format!("weave_all__{id}"),
                    "arguments": [],
                    "signature": hook,
                } }],
            }));
        }
    }
    json!({
        "weave": 1,
        "instrumentation": "all",
        "hooks": "example.com/hooks",
        "package": package.path,
        "rules": rules,
    })
}

/// Advice for every statement, literal and struct type of a package.
const EACH: &str = r#"weave: 1
name: each
rules:
  - id: statement
    where: { package: "...", statement: {} }
    do: { before: "_ = 0" }
  - id: after
    where: { package: "...", statement: {} }
    do: { after: "_ = 1" }
  - id: function
    where: { package: "...", one-of: [{ function: "*" }, { function: "*", receiver: "[*]*" }, { closure: true }] }
    do: { before: "_ = 2" }
  - id: literal
    where: { package: "...", literal: PACKAGE.* }
    do: { wrap: "weaveSame($this)" }
  - id: field
    where: { package: "...", struct: "*" }
    required: false
    do: { add-fields: [{ name: weaveField, type: "struct{}" }] }
  - id: same
    where: { package: "..." }
    do: { declare: "func weaveSame[T any](t T) T { return t }" }
"#;

/// Woven rules of a package, and reasons for the others.
struct Woven {
    functions: usize,
    skipped: BTreeMap<String, usize>,
}

/// Weave a package; adds to the overlay.
fn weave(
    package: &Package,
    dir: &Path,
    (exits, set): (bool, bool),
    overlay: &mut serde_json::Map<String, Value>,
) -> Woven {
    let out = dir.join(package.path.replace('/', "_"));
    fs::create_dir_all(&out).expect("a folder can be made");
    let lowered = out.join("rules.json");
    fs::write(&lowered, rules(package, exits).to_string()).expect("a file can be written");
    let mut c = goweave(&out);
    c.args(["weave", "--importpath", &package.path, "--go-version", &go_env("GOVERSION"), "--rules"])
        .arg(&lowered);
    c.args(["--goos", &go_env("GOOS"), "--goarch", &go_env("GOARCH"), "--out", "woven"]);
    let result = run(c.args(package.files.iter().map(|f| package.dir.join(f))));
    assert!(result.status.success(), "{}: {}", package.path, text(&result.stderr));
    let woven = out.join("woven");
    let mut add = |name: &str, file: PathBuf| {
        overlay.insert(package.dir.join(name).display().to_string(), file.display().to_string().into());
    };
    for f in &package.files {
        add(f, woven.join(f));
    }
    let extra = fs::read_to_string(woven.join("zz_weave.go")).expect("the extra file can be read");
    add("zz_weave.go", woven.join("zz_weave.go"));
    if set {
        fs::write(out.join("set.go"), set_hooks(&extra)).expect("a file can be written");
        add("zz_weave_set.go", out.join("set.go"));
    }
    let report: Value =
        serde_json::from_slice(&fs::read(woven.join("weave_report.json")).expect("there is a report"))
            .expect("the report is JSON");
    let mut functions = 0;
    let mut skipped: BTreeMap<String, usize> = BTreeMap::new();
    for rule in report["rules"].as_array().expect("the report has rules") {
        match rule["reason"].as_str() {
            None => functions += 1,
            Some(reason) => {
                // What is said of each function alone does not count as another reason.
                let reason = reason.split_once(" is `//").map_or(reason, |(_, pragma)| pragma);
                *skipped.entry(reason.split('`').next().unwrap_or(reason).to_owned()).or_default() += 1;
            }
        }
    }
    Woven { functions, skipped }
}

/// A file that sets every hook variable to a function that does nothing.
fn set_hooks(extra: &str) -> String {
    let clause = extra.find("package ").expect("the extra file has a package clause");
    let head: String = extra[clause..]
        .lines()
        .take_while(|l| !l.starts_with("var ") && !l.starts_with("type "))
        .fold(String::new(), |mut s, l| {
            let _ = writeln!(s, "{l}");
            s
        });
    let mut set = String::new();
    for line in extra.lines() {
        let Some((name, ty)) = line.strip_prefix("var ").and_then(|l| l.split_once(' ')) else { continue };
        let nothing = if ty.ends_with(") func()") { "nil" } else { "nil, nil" };
        let _ = writeln!(set, "\t{name} = {ty} {{ return {nothing} }}");
    }
    format!("{head}\nfunc init() {{\n{set}}}\n")
}

fn write_overlay(dir: &Path, replace: serde_json::Map<String, Value>) -> PathBuf {
    let path = dir.join("overlay.json");
    fs::write(&path, json!({ "Replace": replace }).to_string()).expect("a file can be written");
    path
}

/// The result of every test: its name and what became of it.
fn results(output: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for line in output.lines() {
        let Some((word, rest)) = line.trim_start().strip_prefix("--- ").and_then(|l| l.split_once(": "))
        else {
            continue;
        };
        let name = rest.split(" (").next().unwrap_or(rest);
        out.insert(name.to_owned(), word.to_owned());
    }
    out
}

/// The tests of a package have the same results, plain and woven.
fn same_results(package: &str, dir: &Path) -> usize {
    let mut overlay = serde_json::Map::new();
    for p in packages(dir, &[package]) {
        let woven = weave(&p, dir, (true, true), &mut overlay);
        assert!(woven.functions > 0, "{package}: nothing is woven");
    }
    same_with(package, dir, &[], overlay)
}

/// The tests of a package have the same results with an overlay.
fn same_with(package: &str, dir: &Path, flags: &[&str], overlay: serde_json::Map<String, Value>) -> usize {
    let overlay = format!("-overlay={}", write_overlay(dir, overlay).display());
    let test = |more: &[&str]| {
        let mut c = go(dir);
        c.args(["test", "-short", "-vet=off", "-count=1", "-v"]).args(flags).args(more);
        // The race detector needs it.
        c.env("CGO_ENABLED", if flags.contains(&"-race") { "1" } else { "0" });
        let out = run(c.arg(package));
        (results(&text(&out.stdout)), format!("{}\n{}", text(&out.stderr), text(&out.stdout)))
    };
    compare(&format!("{package} {flags:?}"), || test(&[]), || test(&[&overlay]))
}

/// Output of a test run, and the results in it.
type Run = (BTreeMap<String, String>, String);

/// Runs tests plain and woven, and returns how many there are. Tests that wait for a time may fail where the machine is busy, so
/// what differs has to differ twice.
fn compare(name: &str, plain: impl Fn() -> Run, woven: impl Fn() -> Run) -> usize {
    let mut before: Option<BTreeSet<String>> = None;
    loop {
        let ((plain, _), (woven, output)) = (plain(), woven());
        assert!(plain.len() > 3, "{name}: {} tests", plain.len());
        assert!(!woven.is_empty(), "{name}: nothing woven has results:\n{output}");
        let different: BTreeMap<&String, String> = plain
            .iter()
            .filter(|(test, result)| woven.get(*test) != Some(result) && !by_design(test))
            .map(|(test, result)| (test, format!("{result}, woven {:?}", woven.get(test))))
            .collect();
        let again = before.take();
        if different.keys().all(|test| again.as_ref().is_some_and(|again| !again.contains(*test))) {
            return plain.len();
        }
        assert!(again.is_none(), "{name}: {different:#?}\n{output}");
        before = Some(different.into_keys().cloned().collect());
    }
}

/// The tests of a module have the same results, plain and woven. The module is copied: the go command refuses overlays
/// below its cache.
fn same_module_results(module: &str) -> usize {
    let name: String = module.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let dir = scratch(&format!("everything-{name}"));
    let found = stdout(go(&dir).args(["mod", "download", "-json", module]));
    let found: Value = serde_json::from_str(&found).expect("the go command prints JSON");
    let source = found["Dir"].as_str().expect("the module was downloaded");
    for copy in ["plain", "woven"] {
        stdout(std::process::Command::new("cp").args(["-r", source]).arg(dir.join(copy)));
        stdout(std::process::Command::new("chmod").args(["-R", "u+w"]).arg(dir.join(copy)));
    }
    let mut functions = 0;
    for package in packages(&dir.join("woven"), &["./..."]) {
        let mut overlay = serde_json::Map::new();
        functions += weave(&package, &dir, (true, true), &mut overlay).functions;
        for (to, from) in overlay {
            fs::copy(from.as_str().expect("the overlay has paths"), to).expect("a file can be copied");
        }
    }
    let test = |copy: &str| {
        let mut c = go(&dir.join(copy));
        let out = run(c.args(["test", "-short", "-vet=off", "-count=1", "-v", "./..."]));
        (results(&text(&out.stdout)), format!("{}\n{}", text(&out.stderr), text(&out.stdout)))
    };
    assert!(functions > 10, "{module}: {functions} functions");
    compare(module, || test("plain"), || test("woven"));
    functions
}

fn by_design(name: &str) -> bool {
    BY_DESIGN.contains(&name.split('/').next().unwrap_or(name))
}

#[expect(clippy::disallowed_methods, reason = "the switch that takes everything is a variable")]
fn wanted() -> Option<String> {
    std::env::var("WEAVE_EVERYTHING").ok()
}

/// Whether all of std is to be compiled.
fn full() -> bool {
    wanted().is_some_and(|w| w == "1")
}

/// Packages to test: all of a list, those that the variable names, or the sample.
fn chosen(all: &[&'static str], sample: &[&'static str]) -> Vec<&'static str> {
    match wanted().as_deref() {
        None => sample.to_vec(),
        Some("1") => all.to_vec(),
        Some(names) => all.iter().copied().filter(|a| names.split(',').any(|n| n == *a)).collect(),
    }
}

#[test]
fn everything_woven_compiles() {
    let dir = scratch("everything-compiles");
    let all = full();
    let mut overlay = serde_json::Map::new();
    let mut functions = 0;
    let mut skipped: BTreeMap<String, usize> = BTreeMap::new();
    let patterns: &[&str] = if all { &["std"] } else { &SAMPLE };
    let runtime: BTreeSet<String> =
        stdout(go(&dir).args(["list", "-deps", "runtime"])).lines().map(str::to_owned).collect();
    for package in packages(&dir, patterns) {
        let exits = !runtime.contains(&package.path);
        let woven = weave(&package, &dir, (exits, false), &mut overlay);
        functions += woven.functions;
        for (reason, count) in woven.skipped {
            *skipped.entry(reason).or_default() += count;
        }
    }
    let overlay = write_overlay(&dir, overlay);
    stdout(go(&dir).args(["build", "-overlay"]).arg(overlay).args(patterns));
    assert!(functions > if all { 18_000 } else { 250 }, "{functions} functions, not {skipped:?}");
    let known =
        ["go:nosplit", "go:nowritebarrier", "go:nowritebarrierrec", "go:systemstack", "go:uintptrkeepalive"];
    let odd: Vec<_> = skipped.keys().filter(|r| !known.contains(&r.as_str())).collect();
    assert!(odd.is_empty(), "{functions} functions, not {skipped:?}");
}

/// Every statement, function, literal and struct type of a package gets advice; the package compiles, but for what the
/// language does not allow around constants and conversions.
#[test]
fn every_statement_literal_and_type_woven_compiles() {
    let dir = scratch("everything-each");
    let mut overlay = serde_json::Map::new();
    let patterns = ["sort", "bufio", "context", "text/template", "encoding/json", "go/parser", "strings"];
    for package in packages(&dir, &patterns) {
        let out = dir.join(package.path.replace('/', "_"));
        fs::create_dir_all(&out).expect("a folder can be made");
        fs::write(out.join("each.yaml"), EACH.replace("PACKAGE", &package.path))
            .expect("a file can be written");
        let mut c = goweave(&out);
        c.args([
            "weave",
            "--importpath",
            &package.path,
            "--go-version",
            &go_env("GOVERSION"),
            "--rules",
            "each.yaml",
        ]);
        c.args(["--goos", &go_env("GOOS"), "--goarch", &go_env("GOARCH"), "--out", "woven"]);
        stdout(c.args(package.files.iter().map(|f| package.dir.join(f))));
        for f in package.files.iter().map(String::as_str).chain(["zz_weave.go"]) {
            let (to, from) = (package.dir.join(f), out.join("woven").join(f));
            overlay.insert(to.display().to_string(), from.display().to_string().into());
        }
    }
    let overlay = write_overlay(&dir, overlay);
    stdout(go(&dir).args(["build", "-gcflags=-e", "-overlay"]).arg(overlay).args(patterns));
}

#[test]
fn tests_of_woven_packages_have_the_same_results() {
    for package in chosen(&TESTED, &SAMPLE) {
        let dir = scratch(&format!("everything-{}", package.replace('/', "_")));
        same_results(package, &dir);
    }
}

#[test]
fn tests_of_woven_modules_have_the_same_results() {
    for module in chosen(&MODULES, &MODULES[..1]) {
        same_module_results(module);
    }
}

/// The runtime's own tests, with what we ship for it woven in; by default some of them, else all of them and with the race
/// detector, too.
#[test]
fn tests_of_the_woven_runtime_have_the_same_results() {
    let runs: &[&[&str]] = match chosen(&["runtime"], &[]).as_slice() {
        [] => &[&["-run=Goexit|Goroutine"]],
        _ => &[&["-race"], &[]],
    };
    let dir = scratch("everything-runtime");
    let rules = shipped(&dir).into_iter().find(|(package, _)| package == "runtime");
    let std = Std::new("runtime", &dir);
    let woven = std.weave(&rules.expect("there are rules for it").1);
    let mut overlay = serde_json::Map::new();
    let mut changed = 0;
    for name in std.go_files.iter().map(String::as_str).chain(["zz_weave.go"]) {
        let (to, from) = (std.source.join(name), woven.join(name));
        changed += usize::from(fs::read(&to).ok() != fs::read(&from).ok());
        overlay.insert(to.display().to_string(), from.display().to_string().into());
    }
    assert!(changed > 1, "control: {changed} files are woven");
    for flags in runs {
        same_with("runtime", &dir, flags, overlay.clone());
    }
}

//! What weaving costs: `./dev bench weave` runs it through bench/weave/run.sh, which gives it the path of goweave.
//!
//! * Weaving in this process (parse, match 200 rules, edit, and all checks of the result), beside go/parser's parsing
//!   of the same files: processor time of one thread, both measured in turn in one run.
//! * The whole process `goweave weave` on a package, beside `go tool compile` of the same package: processor time of
//!   the process and all its threads.
//!
//! `--json`: the rows as JSON.

#[expect(dead_code, reason = "go/parser's trees are for the parser's tests")]
#[path = "../../syntax/tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use support::bench::{Row, ask_go, cpu_time, print};
use support::go_env;
use weave_dialects::Surroundings;
use weave_engine::{Lowered, SourceFile, Target, WeaveInput, lower, weave};

/// Packages that many rules are for: a small, a medium and a large one, without assembly.
const PACKAGES: [&str; 4] = ["database/sql", "encoding/json", "go/types", "net/http"];

/// Bytes from which on a package of the standard library is a medium one, and a large one.
const SIZES: [usize; 2] = [32 << 10, 256 << 10];

/// How many rules.
const RULES: usize = 200;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let goweave = args.iter().find(|a| !a.starts_with("--"));
    let mut rows = Vec::new();
    for package in PACKAGES {
        let read = Package::read(package);
        let sources = [&read];
        let few = rules(&sources, 10, RULES - 10);
        weaving(
            &format!("weave {package}, {} of {RULES} rules for it", few.count),
            &sources,
            &few,
            &mut rows,
        );
        let many = rules(&sources, RULES, 0);
        weaving(&format!("weave {package}, {} rules for it", many.count), &sources, &many, &mut rows);
    }
    let std = all_packages();
    let packages: Vec<&Package> = std.iter().collect();
    let rules = rules(&packages, RULES, 0);
    let mut sizes: [(&str, Vec<&Package>); 3] = ["small", "medium", "large"].map(|size| (size, Vec::new()));
    for package in &std {
        let size = SIZES.iter().take_while(|&&most| package.bytes() >= most).count();
        sizes[size].1.push(package);
    }
    for (size, packages) in sizes {
        let name = format!("weave the {} {size} packages of std, those rules", packages.len());
        weaving(&name, &packages, &rules, &mut rows);
    }
    weaving(&format!("weave all of std, {} rules across it", rules.count), &packages, &rules, &mut rows);
    if let Some(goweave) = goweave {
        for package in PACKAGES {
            for count in [10, RULES] {
                process(Path::new(goweave), package, count, &mut rows);
            }
        }
    }
    print(&rows, args.iter().any(|a| a == "--json"));
}

/// The Go files of a package that are built.
struct Package {
    path: String,
    files: Vec<(String, Vec<u8>)>,
}

impl Package {
    fn read(path: &str) -> Self {
        let list = go_list(&["-f", "{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}\n{{end}}", path]);
        let files = list.lines().map(|file| {
            let src = std::fs::read(file).expect("a file that the go command lists");
            (file.to_owned(), src)
        });
        Self { path: path.to_owned(), files: files.collect() }
    }

    fn sources(&self) -> Vec<SourceFile<'_>> {
        self.files.iter().map(|(path, source)| SourceFile { path, source }).collect()
    }

    fn bytes(&self) -> usize {
        self.files.iter().map(|(_, source)| source.len()).sum()
    }
}

fn go(dir: &Path) -> Command {
    let mut command = Command::new("go");
    command.current_dir(dir).env("GOTOOLCHAIN", "local").env("GOWORK", "off").env("CGO_ENABLED", "0");
    command
}

fn go_list(args: &[&str]) -> String {
    let out = go(&std::env::temp_dir()).arg("list").args(args).stderr(Stdio::inherit()).output();
    let out = out.expect("the go command must be on PATH");
    assert!(out.status.success(), "go list {args:?} has failed");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// The packages of the standard library, vendored ones aside.
fn all_packages() -> Vec<Package> {
    let list =
        go_list(&["-f", "{{$p := .}}{{range .GoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}\n{{end}}", "std"]);
    let mut packages: Vec<Package> = Vec::new();
    for (path, file) in list.lines().filter_map(|line| line.split_once(' ')) {
        if path.starts_with("vendor/") {
            continue;
        }
        if packages.last().is_none_or(|package| package.path != path) {
            packages.push(Package { path: path.to_owned(), files: Vec::new() });
        }
        let src = std::fs::read(file).expect("a file that the go command lists");
        packages.last_mut().expect("one was added").files.push((file.to_owned(), src));
    }
    packages
}

/// Rules, and how many they are.
struct Rules {
    lowered: Lowered,
    count: usize,
}

/// Rules for functions spread over all that the packages have, each with a hook: on entry, or where the type of the
/// results can be written without imports on exit as well; and rules for packages elsewhere.
fn rules(packages: &[&Package], count: usize, elsewhere: usize) -> Rules {
    let mut functions = Vec::new();
    for package in packages {
        for (_, src) in &package.files {
            let (tree, _) = weave_syntax::parse(src);
            for f in tree.funcs() {
                let name = tree.text(f.name);
                let generic = !f.type_params.is_empty()
                    || f.receiver.as_ref().is_some_and(|r| !r.type_params.is_empty());
                // These must not be woven, or are several.
                let special = tree.directives().iter().any(|d| d.target == Some(f.decl));
                if f.body.is_none() || generic || special || matches!(name, "init" | "_") {
                    continue;
                }
                let receiver = f
                    .receiver
                    .as_ref()
                    .map(|r| format!("{}{}", if r.pointer { "*" } else { "" }, tree.text(r.base)));
                let results: Vec<&str> = f.results.iter().map(|r| tree.node_text(r.ty)).collect();
                functions.push((package.path.clone(), name.to_owned(), receiver, results.join(", ")));
            }
        }
    }
    let step = functions.len().div_ceil(count).max(1);
    let mut yaml = String::from("weave: 1\nname: bench\nhooks: example.org/hooks\nrules:\n");
    let mut hooks = String::from("package hooks\n\n");
    let chosen: Vec<_> = functions.into_iter().step_by(step).collect();
    for (i, (package, name, receiver, results)) in chosen.iter().enumerate() {
        let receiver = receiver.as_ref().map_or_else(String::new, |r| format!(", receiver: \"{r}\""));
        let _ =
            writeln!(yaml, "  - id: r{i}\n    where: {{ package: {package}, function: {name}{receiver} }}");
        let _ = writeln!(yaml, "    do: {{ hook: {{ function: H{i}, arguments: [] }} }}");
        let predeclared = results.split(", ").all(|ty| matches!(ty, "error" | "int" | "string" | "bool"));
        let exit = if predeclared { format!("(exit func({results}))") } else { String::new() };
        let _ = writeln!(hooks, "func H{i}() {exit} {{ return }}\n");
    }
    for i in 0..elsewhere {
        let _ = writeln!(yaml, "  - id: e{i}\n    where: {{ package: example.org/p{i}, function: F }}");
        let _ = writeln!(yaml, "    do: {{ hook: {{ function: E, arguments: [] }} }}");
    }
    hooks += "func E() {}\n";
    let drafts = match weave_dialects::read_one("weave.yaml", &yaml, &Surroundings::default()) {
        Ok(drafts) => drafts,
        Err(findings) => panic!("{}", findings[0]),
    };
    let hooks = [SourceFile { path: "hooks.go", source: hooks.as_bytes() }];
    match lower(&drafts[0], None, &hooks) {
        Ok(lowered) => Rules { lowered, count: chosen.len() },
        Err(findings) => panic!("{}", findings[0]),
    }
}

fn target() -> Target {
    let version = go_env(None, "GOVERSION");
    let version = version.trim_start_matches("go").split(' ').next().unwrap_or_default();
    Target::new(version, &go_env(None, "GOOS"), &go_env(None, "GOARCH"), false, &[]).expect("a Go release")
}

/// Weaves all packages, in this process.
fn weaving(name: &str, packages: &[&Package], rules: &Rules, rows: &mut Vec<Row>) {
    let target = target();
    let sources: Vec<Vec<SourceFile<'_>>> = packages.iter().map(|p| p.sources()).collect();
    let here = rules.lowered.packages.iter().filter(|set| packages.iter().any(|p| p.path == set.package));
    let meant: usize = here.map(|set| set.rules.len()).sum();
    let once = || {
        let mut woven = 0;
        for (package, files) in packages.iter().zip(&sources) {
            let input = WeaveInput {
                package: &package.path,
                version: None,
                target: &target,
                std: true,
                files,
                rules: &rules.lowered.packages,
                types: None,
            };
            let out = std::hint::black_box(weave(&input, None, &[]))
                .unwrap_or_else(|e| panic!("{}: {e}", package.path));
            assert!(out.report.findings.is_empty(), "{}", out.report.findings[0]);
            woven += out.report.rules.iter().filter(|rule| !rule.matches.is_empty()).count();
        }
        assert_eq!(woven, meant, "rules woven");
    };
    let files: Vec<PathBuf> =
        packages.iter().flat_map(|p| &p.files).map(|(path, _)| PathBuf::from(path)).collect();
    let bytes: usize = packages.iter().map(|p| p.bytes()).sum();
    let passes = (40_000_000 / bytes).clamp(2, 20) as u32;
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    // In turn, so that both see the machine in the same states.
    for _ in 0..5 {
        ours = ours.min(cpu_time(passes, once));
        let nanos = ask_go(&["time", &passes.to_string()], &files);
        theirs = theirs.min(Duration::from_nanos(nanos));
    }
    let rate = |d: Duration| bytes as f64 / 1e6 / d.as_secs_f64();
    rows.push(Row { name: name.to_owned(), value: rate(ours), unit: "MB/s", baseline: Some(rate(theirs)) });
}

/// The whole process, beside the compiler.
fn process(goweave: &Path, package: &str, count: usize, rows: &mut Vec<Row>) {
    let dir = std::env::temp_dir().join(format!("bench-weave-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a temporary folder");
    let sources = Package::read(package);
    let rules = rules(&[&sources], count, 0);
    let lowered = serde_json::to_string(&rules.lowered.packages[0]).expect("rules are JSON");
    std::fs::write(dir.join("rules.json"), lowered).expect("a file in a temporary folder");
    let format = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}";
    let mut importcfg = go_list(&["-export", "-deps", "-f", format, package]);
    let vendored: Vec<String> = importcfg
        .lines()
        .filter_map(|line| line.strip_prefix("packagefile vendor/")?.split_once('='))
        .map(|(path, _)| format!("importmap {path}=vendor/{path}\n"))
        .collect();
    importcfg += &vendored.concat();
    std::fs::write(dir.join("importcfg"), importcfg).expect("a file in a temporary folder");
    let files: Vec<&String> = sources.files.iter().map(|(path, _)| path).collect();
    let weaving = || {
        let mut command = Command::new(goweave);
        command.args(["weave", "--importpath", package, "--std", "--rules", "rules.json", "--out", "out"]);
        command.args(["--go-version", go_env(None, "GOVERSION").trim_start_matches("go")]);
        command.args(["--goos", &go_env(None, "GOOS"), "--goarch", &go_env(None, "GOARCH")]);
        command.args(&files).current_dir(&dir);
        command
    };
    let compiling = || {
        let mut command = go(&dir);
        command.args([
            "tool",
            "compile",
            "-std",
            "-p",
            package,
            "-importcfg",
            "importcfg",
            "-pack",
            "-o",
            "out.a",
        ]);
        command.args(&files);
        command
    };
    // The kernel counts what children have run in hundredths of a second.
    let runs = 20;
    let weave = children(runs, weaving);
    let compile = children(1, compiling).min(children(1, compiling));
    let _ = std::fs::remove_dir_all(&dir);
    let milliseconds = |d: Duration| d.as_secs_f64() * 1e3;
    rows.push(Row {
        name: format!("goweave weave {package}, {} rules, beside its compiler", rules.count),
        value: milliseconds(weave),
        unit: "ms CPU",
        baseline: Some(milliseconds(compile)),
    });
}

/// The processor time of one of several runs of a command.
fn children(runs: u32, command: impl Fn() -> Command) -> Duration {
    // The go commands that make the command are not to be counted.
    let commands: Vec<Command> = (0..runs).map(|_| command()).collect();
    let start = waited_for();
    for mut command in commands {
        let out = command.stdout(Stdio::null()).output().expect("the command starts");
        assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    }
    (waited_for() - start) / runs
}

/// User and system time of all children that have ended.
fn waited_for() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux kernel");
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after_name.split(' ').skip(14).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

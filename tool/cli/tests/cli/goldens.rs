//! `testdata/weave/FEATURE/CASE.{go,yaml,golden}`: a file, rules, and what becomes of it; CASE.hooks.go has the hooks.
//!
//! Every case also passes the checks that hold for all: same number of lines, every original token in its order and on
//! its line, weaving again is refused, the real go/parser takes the result.
//!
//! `UPDATE_EXPECT=1 cargo test -p goweave --test cli goldens` writes the goldens; read the difference.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{files, go_env, goweave, repository, run, scratch, text, types_helper};

const PACKAGE: &str = "example.com/p";

fn cases() -> Vec<PathBuf> {
    let root = repository().join("testdata/weave");
    let mut features: Vec<PathBuf> = fs::read_dir(&root)
        .expect("there are cases")
        .map(|e| e.expect("a case can be listed").path())
        .collect();
    features.sort();
    features.iter().filter(|f| f.is_dir()).flat_map(|f| files(f, ".yaml")).collect()
}

/// Weave one case. Gives the golden text and the woven file, if it was woven.
fn weave(case: &Path, dir: &Path, go_file: &Path) -> (String, Option<PathBuf>) {
    let out = dir.join("out");
    let hooks = case.with_extension("hooks.go");
    let mut command = goweave(case.parent().expect("a case has a folder"));
    let name = |p: &Path| p.file_name().expect("a case has a name").to_owned();
    command.args(["weave", "--importpath", PACKAGE, "--package-version", "v1.4.0", "--go-version", "1.26.8"]);
    command.args(["--goos", "linux", "--goarch", "amd64", "--out"]).arg(&out);
    command.arg("--rules").arg(name(case));
    // The first line may have more flags for the command.
    let rules = fs::read_to_string(case).expect("the case has rules");
    if let Some(flags) = rules.lines().next().and_then(|l| l.strip_prefix("# flags: ")) {
        command.args(flags.split_whitespace());
    }
    if hooks.exists() {
        command.arg("--hook-file").arg(name(&hooks));
    }
    if !rules.starts_with("# without types") {
        let facts = facts(case, dir, go_file, hooks.exists().then_some(&hooks));
        command.args(facts.iter().flat_map(|path| [Path::new("--types"), path]));
    }
    let result = run(command.arg(go_file));
    let woven = out.join(go_file.file_name().expect("a Go file has a name"));
    let mut golden = format!("exit {}\n", result.status.code().unwrap_or(-1));
    if !result.stderr.is_empty() {
        let _ = write!(golden, "-- stderr --\n{}", text(&result.stderr));
    }
    if !woven.exists() {
        return (golden, None);
    }
    let original =
        fs::read(case.parent().expect("a case has a folder").join(go_file)).expect("the case has a Go file");
    let bytes = fs::read(&woven).expect("the woven file is there");
    if bytes == original {
        golden.push_str("-- unchanged --\n");
    } else {
        let _ = write!(golden, "-- woven --\n{}", text(&bytes));
    }
    let extra = fs::read_to_string(out.join("zz_weave.go")).expect("the extra file is there");
    let _ = write!(golden, "-- zz_weave.go --\n{extra}");
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("weave_report.json")).expect("the report is there"))
            .expect("the report is JSON");
    golden.push_str("-- report --\n");
    for rule in report["rules"].as_array().expect("the report has rules") {
        let _ = write!(
            golden,
            "{}: {}",
            rule["rule"].as_str().unwrap_or(""),
            rule["status"].as_str().unwrap_or("")
        );
        if let Some(effect) = rule["export_data"].as_str().filter(|e| *e != "same") {
            let _ = write!(golden, ", export data {effect}");
        }
        if let Some(reason) = rule["reason"].as_str() {
            let _ = write!(golden, ": {reason}");
        }
        golden.push('\n');
        for skip in rule["skipped"].as_array().into_iter().flatten() {
            let text = |key: &str| skip[key].as_str().unwrap_or("").to_owned();
            let _ = writeln!(golden, "  not {}: {}", text("what"), text("reason"));
        }
    }
    for file in report["files"].as_array().expect("the report has files") {
        if let Some(reason) = file["reason"].as_str() {
            let _ = writeln!(golden, "file {}: {reason}", file["status"].as_str().unwrap_or(""));
        }
    }
    for change in report["export_data_changes"].as_array().expect("the report has changes") {
        let _ = writeln!(golden, "export data: {}", change.as_str().unwrap_or(""));
    }
    for doubt in report["export_data_may_change"].as_array().into_iter().flatten() {
        let _ = writeln!(golden, "export data, perhaps: {}", doubt.as_str().unwrap_or(""));
    }
    (golden, Some(woven))
}

/// What the types helper says of a case, if its rules ask.
fn facts(case: &Path, dir: &Path, go_file: &Path, hooks: Option<&PathBuf>) -> Option<PathBuf> {
    let folder = case.parent().expect("a case has a folder");
    let questions = dir.join("questions.json");
    let mut command = goweave(folder);
    command.args(["types", "--importpath", PACKAGE, "--rules"]).arg(case).arg("--out").arg(&questions);
    command.args(hooks.iter().flat_map(|path| [Path::new("--hook-file"), path]));
    run(&mut command);
    // Rules with mistakes ask nothing.
    let text = fs::read_to_string(&questions).unwrap_or_default();
    if !text.contains("\"types\"") {
        return None;
    }
    let facts = dir.join("facts.json");
    let (helper, importcfg) = types_helper();
    let mut command = Command::new(helper);
    command.current_dir(folder).args(["-importpath", PACKAGE, "-go-version", "1.26.8", "-goos", "linux"]);
    command.args(["-goarch", "amd64", "-importcfg"]).arg(importcfg).arg("-rules").arg(&questions);
    crate::support::stdout(command.arg("-out").arg(&facts).arg(go_file));
    Some(facts)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the switch that updates goldens is a variable")]
fn cases_match_their_goldens() {
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let mut wrong = Vec::new();
    for case in cases() {
        let dir =
            scratch(&format!("golden-{}", case.file_stem().expect("a case has a name").to_string_lossy()));
        let go_file = case.with_extension("go");
        let (got, woven) = weave(&case, &dir, Path::new(go_file.file_name().expect("a case has a name")));
        let golden = case.with_extension("golden");
        if update {
            fs::write(&golden, &got).expect("a golden can be written");
        } else if fs::read_to_string(&golden).unwrap_or_default() != got {
            wrong.push(format!("{}\n{got}", golden.display()));
        }
        if let Some(woven) = woven {
            check_lines(&case, &go_file, &woven);
            check_twice(&case, &dir, &go_file, &woven);
        }
    }
    assert!(
        wrong.is_empty(),
        "these goldens differ; UPDATE_EXPECT=1 cargo test -p goweave --test cli goldens writes them:\n{}",
        wrong.join("\n")
    );
}

/// Every token of the original is in the woven file, in order and on its line; but for what rules replace.
fn check_lines(case: &Path, original: &Path, woven: &Path) {
    let rules = fs::read_to_string(case).expect("the case has rules");
    let replaces =
        ["replace:", "call-instead:", "set-fields:", "set_fields:", "wrap-expression:", "replace-function:"]
            .iter()
            .any(|key| rules.contains(key));
    let tokens = |path: &Path| -> Vec<(u32, String)> {
        let source = fs::read(path).expect("the file can be read");
        let lines = weave_syntax::LineIndex::new(&source);
        let (tokens, _) = weave_syntax::lex(&source);
        tokens
            .significant()
            .iter()
            .map(|t| (lines.line_col(t.start).line, text(&source[t.start as usize..t.end as usize])))
            .filter(|(_, t)| !t.trim().is_empty())
            .collect()
    };
    let new = tokens(woven);
    let mut rest = new.iter();
    for token in tokens(original) {
        // A blank parameter that gets a name grows.
        let same =
            |t: &&(u32, String)| **t == token || (token.1 == "_" && t.0 == token.0 && t.1.starts_with('_'));
        let mut ahead = rest.clone();
        match ahead.find(same) {
            Some(_) => rest = ahead,
            None => assert!(replaces, "{}: token {token:?} is not in its place", original.display()),
        }
    }
    let count =
        |path: &Path| fs::read(path).expect("the file can be read").iter().filter(|&&b| b == b'\n').count();
    assert_eq!(count(original), count(woven), "{}: number of lines", original.display());
}

/// A woven file is refused.
fn check_twice(case: &Path, dir: &Path, original: &Path, woven: &Path) {
    if fs::read(original).ok() == fs::read(woven).ok() {
        return;
    }
    let again = dir.join("again");
    let (got, _) = weave(case, &again, woven);
    assert!(got.starts_with("exit 1\n"), "{}: {got}", case.display());
    assert!(got.contains("woven already"), "{}: {got}", case.display());
}

#[test]
fn the_go_parser_takes_every_woven_file() {
    let gofmt = Path::new(&go_env("GOROOT")).join("bin/gofmt");
    let mut sources = Vec::new();
    for case in cases() {
        let dir =
            scratch(&format!("gofmt-{}", case.file_stem().expect("a case has a name").to_string_lossy()));
        let go_file = case.with_extension("go");
        if run(Command::new(&gofmt).arg("-e").arg(&go_file)).status.success() {
            let (_, woven) = weave(&case, &dir, Path::new(go_file.file_name().expect("a case has a name")));
            sources.extend(woven);
        }
    }
    assert!(!sources.is_empty());
    let out = run(Command::new(&gofmt).args(["-e", "-l"]).args(&sources));
    assert!(out.status.success(), "{}", text(&out.stderr));
}

/// Cases whose Go file does not compile, for what they are about.
const NOT_GO: [&str; 1] = ["broken"];

/// Cases whose rules have code of a newer language than their Go file.
const NEWER_GO: [&str; 2] = ["literals_fields", "statements_slot"];

/// The Go compiler takes what comes out: as a package of its own for every case, plain and woven.
#[test]
fn the_go_compiler_takes_every_woven_file() {
    let dir = scratch("compiled");
    fs::write(dir.join("go.mod"), "module example.com\n\ngo 1.25\n").expect("a file can be written");
    let mut known = Vec::new();
    for case in cases() {
        let name = case.file_stem().expect("a case has a name").to_string_lossy().into_owned();
        let feature = case.parent().and_then(Path::file_name).expect("a case has a folder").to_string_lossy();
        let package = format!("{feature}_{name}");
        let go_file = case.with_extension("go");
        let (_, woven) =
            weave(&case, &dir.join("weave").join(&package), Path::new(go_file.file_name().expect("a name")));
        let Some(woven) = woven else { continue };
        for (kind, file) in [("plain", &go_file), ("woven", &woven)] {
            let to = dir.join(kind).join(&package);
            fs::create_dir_all(&to).expect("a folder can be made");
            fs::copy(file, to.join(go_file.file_name().expect("a case has a name")))
                .expect("it can be copied");
            // Functions without a body need it.
            fs::write(to.join("empty.s"), "").expect("a file can be written");
        }
        fs::copy(woven.with_file_name("zz_weave.go"), dir.join("woven").join(&package).join("zz_weave.go"))
            .expect("it can be copied");
        known.push((package, name));
    }
    let compile = |flags: &str| {
        let out = run(crate::support::go(&dir).args(["build", flags, "./plain/...", "./woven/..."]));
        text(&out.stderr)
    };
    // A module may ask for a language that has neither `any` nor type parameters.
    let (errors, old_errors) = (compile("-gcflags=-e"), compile("-gcflags=-e -lang=go1.13"));
    let mut old = 0;
    for (package, name) in known {
        let failed = |errors: &str, kind: &str| errors.contains(&format!("{kind}/{package}/"));
        let lines = |errors: &str| -> Vec<String> {
            errors.lines().filter(|l| l.contains(&package)).map(str::to_owned).collect()
        };
        let plain = failed(&errors, "plain");
        assert_eq!(plain, NOT_GO.contains(&name.as_str()), "{package}: {:#?}", lines(&errors));
        assert_eq!(failed(&errors, "woven"), plain, "{package}: {:#?}", lines(&errors));
        if !failed(&old_errors, "plain") && !NEWER_GO.contains(&package.as_str()) {
            assert!(!failed(&old_errors, "woven"), "{package}: {:#?}", lines(&old_errors));
            old += 1;
        }
    }
    assert!(old > 20, "control: {old} cases are of an old language");
}

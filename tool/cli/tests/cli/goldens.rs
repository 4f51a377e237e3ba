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

use crate::support::{files, go_env, goweave, repository, run, scratch, text};

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
    if hooks.exists() {
        command.arg("--hook-file").arg(name(&hooks));
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
        if let Some(reason) = rule["reason"].as_str() {
            let _ = write!(golden, ": {reason}");
        }
        golden.push('\n');
    }
    for file in report["files"].as_array().expect("the report has files") {
        if let Some(reason) = file["reason"].as_str() {
            let _ = writeln!(golden, "file {}: {reason}", file["status"].as_str().unwrap_or(""));
        }
    }
    for change in report["export_data_changes"].as_array().expect("the report has changes") {
        let _ = writeln!(golden, "export data: {}", change.as_str().unwrap_or(""));
    }
    (golden, Some(woven))
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
            check_lines(&go_file, &woven);
            check_twice(&case, &dir, &go_file, &woven);
        }
    }
    assert!(
        wrong.is_empty(),
        "these goldens differ; UPDATE_EXPECT=1 cargo test -p goweave --test cli goldens writes them:\n{}",
        wrong.join("\n")
    );
}

/// Every token of the original is in the woven file, in order and on its line.
fn check_lines(original: &Path, woven: &Path) {
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
        assert!(rest.find(same).is_some(), "{}: token {token:?} is not in its place", original.display());
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

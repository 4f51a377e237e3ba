//! What the command prints of the cases in `testdata/weave`, which `tool/engine/tests/goldens.rs` tells of, and that the Go compiler
//! takes what is woven.
//!
//! `UPDATE_EXPECT=1 cargo test -p goweave --test cli goldens` writes what is printed into the goldens, and the facts of types beside
//! them; read the difference.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{files, goweave, repository, run, scratch, text, types_helper};

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

/// Weave one case. Gives what the command prints, as a golden has it, and the woven file, if it was woven.
fn weave(case: &Path, dir: &Path) -> (String, Option<PathBuf>) {
    let out = dir.join("out");
    let (go_file, hooks) = (case.with_extension("go"), case.with_extension("hooks.go"));
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
    let facts = case.with_extension("facts.json");
    if facts.exists() {
        command.arg("--types").arg(name(&facts));
    }
    let result = run(command.arg(name(&go_file)));
    let woven = out.join(name(&go_file));
    let mut printed = format!("exit {}\n", result.status.code().unwrap_or(-1));
    if !result.stderr.is_empty() {
        let _ = write!(printed, "-- stderr --\n{}", text(&result.stderr));
    }
    let woven = woven.exists().then_some(woven);
    (printed, woven)
}

/// Answers of the types helper for a case, if its rules ask.
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
fn what_the_command_prints_is_in_the_goldens() {
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let mut wrong = Vec::new();
    let mut printing = 0;
    for case in cases() {
        let golden = case.with_extension("golden");
        let all = fs::read_to_string(&golden).unwrap_or_default();
        // The tests of the engine tell where something is to be printed.
        if all.starts_with("exit 0\n") && !all.contains("\n-- stderr --\n") {
            continue;
        }
        printing += 1;
        let dir =
            scratch(&format!("golden-{}", case.file_stem().expect("a case has a name").to_string_lossy()));
        let (got, _) = weave(&case, &dir);
        let ends = ["\n-- woven --\n", "\n-- unchanged --\n"].iter().find_map(|end| all.find(end));
        let (printed, rest) = all.split_at(ends.map_or(all.len(), |at| at + 1));
        if update {
            fs::write(&golden, format!("{got}{rest}")).expect("a golden can be written");
        } else if printed != got {
            wrong.push(format!("{}\n{got}", golden.display()));
        }
    }
    assert!(printing > 10, "control: {printing} cases print something");
    assert!(
        wrong.is_empty(),
        "these goldens differ; UPDATE_EXPECT=1 cargo test -p goweave --test cli goldens writes them:\n{}",
        wrong.join("\n")
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the switch that updates goldens is a variable")]
fn type_facts_of_the_cases_are_what_the_helper_says() {
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let mut asking = 0;
    for case in cases() {
        let rules = fs::read_to_string(&case).expect("the case has rules");
        let dir =
            scratch(&format!("facts-{}", case.file_stem().expect("a case has a name").to_string_lossy()));
        let hooks = Some(case.with_extension("hooks.go")).filter(|path| path.exists());
        let go_file = case.with_extension("go");
        let name = Path::new(go_file.file_name().expect("a case has a name"));
        if rules.starts_with("# without types") {
            continue;
        }
        let Some(facts) = facts(&case, &dir, name, hooks.as_ref()) else { continue };
        asking += 1;
        let kept = case.with_extension("facts.json");
        let said = fs::read_to_string(facts).expect("the facts are there");
        if update {
            fs::write(&kept, said).expect("facts can be written");
        } else {
            let known = fs::read_to_string(&kept).unwrap_or_default();
            assert_eq!(
                known,
                said,
                "UPDATE_EXPECT=1 cargo test -p goweave --test cli type_facts writes {}",
                kept.display()
            );
        }
    }
    assert!(asking > 3, "control: {asking} cases ask for types");
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
        let (_, woven) = weave(&case, &dir.join("weave").join(&package));
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

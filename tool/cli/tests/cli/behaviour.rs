//! A woven program behaves as the plain one and calls its hooks: built by `go build -overlay`, run, compared.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{go, go_env, goweave, repository, run, scratch, stdout, text};

/// Write the files of an archive (`-- name --` lines between them) below `dir`.
fn unpack(archive: &Path, dir: &Path) {
    let all = fs::read_to_string(archive).expect("the archive can be read");
    let mut file: Option<(PathBuf, String)> = None;
    let write = |file: Option<(PathBuf, String)>| {
        if let Some((path, text)) = file {
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
    };
    for line in all.lines() {
        if let Some(name) = line.strip_prefix("-- ").and_then(|l| l.strip_suffix(" --")) {
            write(file.replace((dir.join(name), String::new())));
        } else if let Some((_, text)) = &mut file {
            text.push_str(line);
            text.push('\n');
        }
    }
    write(file);
}

/// Import graph of the installed standard library, for `goweave main`.
fn std_graph(dir: &Path) {
    let src = PathBuf::from(go_env("GOROOT")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("GOROOT can be listed") {
            let path = entry.expect("GOROOT can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "go") {
                files.push(path.display().to_string());
            }
        }
    }
    files.sort();
    fs::write(dir.join("std.txt"), files.join("\n")).expect("a file can be written");
    let mut c = goweave(dir);
    c.args(["stdgraph", "--go-version", &go_env("GOVERSION"), "--goos", &go_env("GOOS"), "--goarch"]);
    c.args([&go_env("GOARCH"), "--goroot-src"]).arg(&src).args(["--out", "std.json", "@std.txt"]);
    stdout(&mut c);
}

fn weave(dir: &Path) -> PathBuf {
    let target = [go_env("GOVERSION"), go_env("GOOS"), go_env("GOARCH")];
    let target = ["--go-version", &target[0], "--goos", &target[1], "--goarch", &target[2]];
    stdout(
        goweave(dir)
            .args(["weave", "--importpath", "example.com/p/lib", "--rules", "hooks/weave.yaml"])
            .args(target)
            .args(["--out", "woven", "lib/lib.go"]),
    );
    stdout(goweave(dir).args([
        "lower",
        "--rules",
        "hooks/weave.yaml",
        "--hook-file",
        "hooks/hooks.go",
        "--target",
        "example.com/p/lib=lib.json",
        "--main",
        "main.json",
    ]));
    std_graph(dir);
    let exports = stdout(go(dir).args([
        "list",
        "-export",
        "-deps",
        "-f",
        "{{if not .Standard}}{{.Export}}{{end}}",
        ".",
    ]));
    let mut main = goweave(dir);
    main.args([
        "main",
        "--package-path",
        "example.com/p",
        "--main-src",
        "main.go",
        "--std-graph",
        "std.json",
    ])
    .args(target);
    main.args([
        "--main-rules",
        "main.json",
        "--out",
        "woven/weave_main.go",
        "--report",
        "woven/main.json",
        "--export",
    ]);
    stdout(main.args(exports.split_whitespace()));
    let overlay = serde_json::json!({"Replace": {
        dir.join("lib/lib.go").display().to_string(): dir.join("woven/lib.go").display().to_string(),
        dir.join("lib/zz_weave.go").display().to_string(): dir.join("woven/zz_weave.go").display().to_string(),
        dir.join("weave_main.go").display().to_string(): dir.join("woven/weave_main.go").display().to_string(),
    }});
    fs::write(dir.join("overlay.json"), overlay.to_string()).expect("a file can be written");
    dir.join("overlay.json")
}

#[test]
fn a_woven_program_does_what_the_plain_one_does_and_calls_its_hooks() {
    let dir = scratch("behaviour");
    unpack(&repository().join("testdata/behaviour/program.txtar"), &dir);
    fs::copy(repository().join("runtime/leave.go"), dir.join("weave/runtime/leave.go")).expect("it is there");
    stdout(go(&dir).args(["build", "-o", "plain", "."]));
    let overlay = weave(&dir);
    stdout(go(&dir).args(["build", "-o", "woven.exe", "-overlay"]).arg(overlay).arg("."));
    let plain = run(&mut std::process::Command::new(dir.join("plain")));
    let woven = run(&mut std::process::Command::new(dir.join("woven.exe")));
    let off = run(std::process::Command::new(dir.join("woven.exe")).env("OFF", "1"));
    assert!(plain.status.success(), "{}", text(&plain.stderr));
    assert_eq!(text(&woven.stdout), text(&plain.stdout));
    assert_eq!(text(&off.stdout), text(&plain.stdout));
    assert_eq!(text(&woven.stderr), fs::read_to_string(dir.join("hooks.want")).expect("the archive has it"));
    assert_eq!(text(&off.stderr), "", "hooks that are switched off are not called");
    assert_eq!(text(&plain.stderr), "", "control");
}

/// Rules with code in them: what the plain and the woven program print is told in the archive.
#[test]
fn a_program_woven_with_code_does_what_the_rules_say() {
    let dir = scratch("behaviour-advice");
    unpack(&repository().join("testdata/behaviour/advice.txtar"), &dir);
    let target = [go_env("GOVERSION"), go_env("GOOS"), go_env("GOARCH")];
    let target = ["--go-version", &target[0], "--goos", &target[1], "--goarch", &target[2]];
    let mut c = goweave(&dir);
    c.args([
        "weave",
        "--importpath",
        "example.com/p/lib",
        "--rules",
        "weave.yaml",
        "--hook-file",
        "hooks/hooks.go",
    ]);
    stdout(c.args(target).args(["--out", "woven", "lib/lib.go"]));
    let overlay = serde_json::json!({"Replace": {
        dir.join("lib/lib.go").display().to_string(): dir.join("woven/lib.go").display().to_string(),
        dir.join("lib/zz_weave.go").display().to_string(): dir.join("woven/zz_weave.go").display().to_string(),
    }});
    fs::write(dir.join("overlay.json"), overlay.to_string()).expect("a file can be written");
    stdout(go(&dir).args(["build", "-o", "plain", "."]));
    stdout(go(&dir).args(["build", "-o", "woven.exe", "-overlay", "overlay.json", "."]));
    let want = |name: &str| fs::read_to_string(dir.join(name)).expect("the archive has it");
    let plain = run(&mut std::process::Command::new(dir.join("plain")));
    let woven = run(&mut std::process::Command::new(dir.join("woven.exe")));
    assert_eq!(text(&plain.stdout), want("plain.want"));
    assert_eq!(text(&woven.stdout), want("woven.want"));
    assert_eq!(text(&plain.stderr), "", "control");
    assert_eq!(text(&woven.stderr), "exit: ran 1\n");
}

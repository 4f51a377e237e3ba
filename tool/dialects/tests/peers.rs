//! Every rule file of otelc that the module proxy serves inside a module, at a pinned version, loads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use weave_dialects::{Dialect, DraftAdvice, Surroundings, dialect, read_one};

/// Modules that have such files.
const MODULES: [&str; 1] = ["github.com/DataDog/dd-trace-go/v2@v2.12.0"];

/// The folder of a module in the module cache.
fn downloaded(module: &str) -> PathBuf {
    let out = Command::new("go")
        .args(["mod", "download", "-json", module])
        .env("GOFLAGS", "-mod=mod")
        .env("GOWORK", "off")
        .env("GOTOOLCHAIN", "local")
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the go command runs");
    let text = String::from_utf8_lossy(&out.stdout);
    let said: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|e| {
        panic!("{module}: {e}: {text}{}", String::from_utf8_lossy(&out.stderr));
    });
    PathBuf::from(said["Dir"].as_str().unwrap_or_else(|| panic!("{said}")))
}

/// Every file below a folder that is called as rule files of otelc are.
fn rule_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let named =
            ["otelc.yml", "otelc.yaml"].iter().any(|n| name == *n || name.ends_with(&format!(".{n}")));
        if path.is_dir() && !name.starts_with('.') {
            rule_files(&path, found);
        } else if named && path.is_file() {
            found.push(path);
        }
    }
}

#[test]
fn every_shipped_rule_file_loads() {
    let page = include_str!("../../../docs/otelc.md");
    let documented: Vec<&str> = page.lines().filter(|l| l.contains('@') && l.starts_with("| ")).collect();
    let mut rows = Vec::new();
    for module in MODULES {
        let dir = downloaded(module);
        let mut files = Vec::new();
        rule_files(&dir, &mut files);
        files.sort();
        for file in files {
            let shown = file.strip_prefix(&dir).expect("it is below").display().to_string();
            let text = fs::read_to_string(&file).expect("it can be read");
            assert_eq!(dialect(&shown, &text), Dialect::Otelc, "{shown} is known by its name");
            let drafts = read_one(&shown, &text, &Surroundings::default())
                .unwrap_or_else(|findings| panic!("{}", findings[0]));
            let rules: Vec<_> = drafts.iter().flat_map(|d| &d.rules).collect();
            assert!(rules.iter().all(|r| !r.advice.is_empty()), "{shown}");
            // Every rule of the file has become one: none is passed over.
            let written = text.lines().filter(|l| l.trim_start().starts_with("target:")).count();
            assert_eq!(rules.len(), written, "{shown}");
            let files = rules.iter().flat_map(|r| &r.advice);
            assert_eq!(
                files.filter(|a| matches!(a.value, DraftAdvice::File(_))).count(),
                text.matches("add_file:\n").count(),
                "{shown}"
            );
            rows.push(format!("| {module} | {shown} | {} |", rules.len()));
        }
    }
    assert_eq!(documented, rows, "docs/otelc.md lists other files");
}

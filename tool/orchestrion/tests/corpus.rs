//! Every rule file that Orchestrion and dd-trace-go ship, as the module proxy gives them, loads; and the table of
//! `docs/orchestrion.md` says what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use weave_orchestrion::{Counts, Loaded, Options, is_orchestrion, load};
use weave_rules::LoweredAdvice;

/// Modules with rule files. Of dd-trace-go's other contrib modules the proxy has none.
const MODULES: [&str; 5] = [
    "github.com/DataDog/orchestrion@v1.15.0",
    "github.com/DataDog/dd-trace-go/v2@v2.12.0",
    "github.com/DataDog/dd-trace-go/contrib/google.golang.org/grpc/v2@v2.12.0",
    "github.com/DataDog/dd-trace-go/contrib/log/slog/v2@v2.12.0",
    "github.com/DataDog/dd-trace-go/contrib/net/http/v2@v2.12.0",
];

/// What the files below a folder of this name have beside aspects: the input of Orchestrion's own tests.
const TEST_INPUTS: &str = "testdata";

fn download() -> Vec<PathBuf> {
    let folder = std::env::temp_dir().join(format!("weave-orchestrion-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    let out = Command::new("go")
        .args(["mod", "download", "-json"])
        .args(MODULES)
        .current_dir(&folder)
        .env("GOFLAGS", "-mod=mod")
        .output()
        .expect("go is there");
    let _ = fs::remove_dir_all(&folder);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let stream = serde_json::Deserializer::from_slice(&out.stdout).into_iter::<serde_json::Value>();
    let dirs = stream.map(|v| v.expect("it is JSON")["Dir"].as_str().expect("it has a folder").into());
    dirs.collect()
}

fn rule_files(dir: &Path, out: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).expect("the folder can be read");
    let mut entries: Vec<PathBuf> = entries.map(|e| e.expect("the folder can be read").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rule_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml")
            && fs::read_to_string(&path).is_ok_and(|text| is_orchestrion(&text))
        {
            out.push(path);
        }
    }
}

/// The aspects of a file of tests, without their inputs; as many lines.
fn without_inputs(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            inside = !["aspects:", "extends:", "meta:"].iter().any(|key| line.starts_with(key));
        }
        if !inside && !line.starts_with('%') {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

fn load_file(path: &Path) -> Result<Loaded, Vec<String>> {
    let text = fs::read_to_string(path).expect("the file can be read");
    let shown = path.to_str().expect("the path is UTF-8");
    let text = if shown.contains(TEST_INPUTS) { without_inputs(&text) } else { text };
    let options = Options { main_module: Some("example.com/main"), ..Options::default() };
    let mut extend = |path: &str| {
        let path = Path::new(path);
        let file = if path.is_dir() { path.join("orchestrion.yml") } else { path.to_path_buf() };
        let text = fs::read_to_string(&file).map_err(|e| e.to_string())?;
        Ok(vec![(file.to_str().unwrap_or_default().to_owned(), text)])
    };
    load(shown, &text, &options, &mut extend).map_err(|f| f.iter().map(ToString::to_string).collect())
}

#[test]
fn every_rule_file_of_the_peers_loads() {
    let mut files = Vec::new();
    for dir in download() {
        rule_files(&dir, &mut files);
    }
    assert!(files.len() > 40, "only {} files", files.len());
    let mut wrong = Vec::new();
    let mut shipped = Counts::new();
    let mut tests = Counts::new();
    let mut numbers = BTreeMap::new();
    for path in &files {
        match load_file(path) {
            Ok(loaded) => {
                let test = path.to_str().is_some_and(|p| p.contains(TEST_INPUTS));
                let counts = if test { &mut tests } else { &mut shipped };
                *numbers.entry(test).or_insert(0usize) += 1;
                for (what, n) in &loaded.counts {
                    *counts.entry(what.clone()).or_default() += n;
                }
                let advice = loaded.packages.iter().flat_map(|p| &p.rules).flat_map(|r| &r.advice);
                assert!(advice.clone().next().is_some(), "{} has no rule", path.display());
                assert!(!advice.into_iter().any(|a| matches!(a, LoweredAdvice::Hook(_))));
            }
            Err(findings) => wrong.push(findings.join("\n")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} files do not load:\n{}", wrong.len(), files.len(), wrong.join("\n"));
    assert!(shipped.contains_key("advice: prepend-statements") && tests.contains_key("advice: append-args"));
}

//! Writes three things for the crate: the sources of the types helper, the digest of everything that decides how a package is woven, and, with the feature
//! `embed-modules`, the Go modules of the hooks.
//!
//! Output: `$OUT_DIR/built.rs`. It depends on the bytes and relative names of the files alone, not on where they lie.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

fn main() {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let tool = here.join("..");
    let mut engine = Sha256::new();
    for part in ["text/src", "syntax/src", "rules/src", "weave/src", "../Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", tool.join(part).display());
        for (name, path) in files(&tool.join(part), &|_| true) {
            let bytes = read(&path);
            engine.update(format!("{part} {name} {}\n", bytes.len()));
            engine.update(&bytes);
        }
    }
    let digest = engine.finalize().iter().take(16).fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    });
    let mut out = format!("const ENGINE: &str = {digest:?};\n");

    out.push_str("const MODULES: &[(&str, &[u8])] = &[\n");
    if env::var_os("CARGO_FEATURE_EMBED_MODULES").is_some() {
        let root = here.join("../..");
        for part in ["go.mod", "go.sum", "runtime", "instrumentation"] {
            println!("cargo::rerun-if-changed={}", root.join(part).display());
            for (name, path) in files(&root.join(part), &wanted) {
                let inner = if name.is_empty() { part.to_owned() } else { format!("{part}/{name}") };
                let path = path.canonicalize().unwrap_or(path);
                let _ = writeln!(out, "    ({inner:?}, include_bytes!({:?})),", path.display().to_string());
            }
        }
    }
    out.push_str("];\n");
    // The program that asks the Go type checker, which the user's own Go builds. Bazel builds it from its sources.
    out.push_str("const TYPES: &[(&str, &[u8])] = &[\n");
    if env::var_os("CARGO_FEATURE_EMBED_MODULES").is_some() {
        let types = tool.join("types");
        println!("cargo::rerun-if-changed={}", types.display());
        for (name, path) in files(&types, &wanted) {
            let path = path.canonicalize().unwrap_or(path);
            let _ = writeln!(out, "    ({name:?}, include_bytes!({:?})),", path.display().to_string());
        }
    }
    out.push_str("];\n");
    let to = Path::new(&variable("OUT_DIR")).join("built.rs");
    fs::write(&to, out).unwrap_or_else(|e| panic!("cannot write {}: {e}", to.display()));
}

/// What of the hooks' modules a build needs, by path below the module: no tests, nothing of Bazel but what says which
/// instrumentation only supports others.
fn wanted(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    let test = name.split('/').any(|e| e == "testdata" || e == "weavetest") || base.ends_with("_test.go");
    !test && (base.ends_with(".go") || matches!(base, "weave.yaml" | "go.mod" | "go.sum"))
}

/// The files below a folder, or the file itself under an empty name; sorted.
fn files(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut todo = vec![(String::new(), root.to_path_buf())];
    while let Some((name, path)) = todo.pop() {
        if !path.is_dir() {
            if path.exists() && (name.is_empty() || wanted(&name)) {
                found.push((name, path));
            }
            continue;
        }
        let entries = fs::read_dir(&path).unwrap_or_else(|e| panic!("cannot list {}: {e}", path.display()));
        for entry in entries {
            let path = entry.unwrap_or_else(|e| panic!("cannot list {}: {e}", path.display())).path();
            let base = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            todo.push((if name.is_empty() { base } else { format!("{name}/{base}") }, path));
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by variables where it is")]
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|e| panic!("{name}: {e}"))
}

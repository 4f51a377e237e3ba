//! The files that decide how `goweave go` weaves a package. The build script and its test share them.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A digest of everything that decides how a package is woven, in a checkout. It depends on bytes and relative names alone.
pub fn engine(root: &Path) -> String {
    let mut digest = Sha256::new();
    for part in parts(root) {
        let program = |name: &str| !name.ends_with("_test.go");
        for (name, path) in files(&root.join(&part), &program) {
            let bytes = fs::read(&path).unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()));
            digest.update(format!("{part} {name} {}\n", bytes.len()));
            digest.update(&bytes);
        }
    }
    digest.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// Returns what the digest is of: every crate of the workspace, so that no list can forget one, the types helper, and the versions of
/// what they are compiled with; sorted.
pub fn parts(root: &Path) -> Vec<String> {
    let mut parts = vec!["Cargo.lock".to_owned(), "Cargo.toml".to_owned(), "tool/types".to_owned()];
    let tool = root.join("tool");
    for entry in fs::read_dir(&tool).unwrap_or_else(|e| panic!("cannot list {}: {e}", tool.display())) {
        let path = entry.unwrap_or_else(|e| panic!("cannot list {}: {e}", tool.display())).path();
        if path.join("Cargo.toml").exists() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            parts.extend(["Cargo.toml", "src"].map(|part| format!("tool/{name}/{part}")));
        }
    }
    parts.sort();
    parts
}

/// The files below a folder whose names are wanted, or the file itself under an empty name; sorted.
pub fn files(root: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<(String, PathBuf)> {
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

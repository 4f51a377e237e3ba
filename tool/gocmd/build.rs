//! Writes for the crate the digest of everything that decides how a package is woven, and, with the feature `embed-modules`,
//! the sources of the types helper and the Go modules of the hooks.
//!
//! Output: `$OUT_DIR/built.rs`. It depends on the bytes and relative names of the files alone, not on where they lie.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

mod sources;

use sources::files;

fn main() {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let tool = here.join("..");
    let root = here.join("../..");
    for part in sources::parts(&root) {
        println!("cargo::rerun-if-changed={}", root.join(part).display());
    }
    let mut out = format!("const ENGINE: &str = {:?};\n", sources::engine(&root));

    out.push_str("const MODULES: &[(&str, &[u8])] = &[\n");
    if env::var_os("CARGO_FEATURE_EMBED_MODULES").is_some() {
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

/// Returns what of the hooks' modules a build needs, by path below the module: no tests, nothing of Bazel but what says which
/// instrumentation only supports others.
fn wanted(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    let test = name.split('/').any(|e| ["testdata", "weavetest", "catalogue"].contains(&e))
        || base.ends_with("_test.go");
    !test && (base.ends_with(".go") || matches!(base, "weave.yaml" | "go.mod" | "go.sum"))
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by variables where it is")]
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|e| panic!("{name}: {e}"))
}

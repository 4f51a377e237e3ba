//! The digest that stands in the cache key of woven packages knows every source that the tool is built from.

#[path = "../sources.rs"]
mod sources;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The folders of the crates that `goweave` is built from, as cargo knows them.
fn crates(root: &Path) -> BTreeSet<String> {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--no-deps"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&cargo.stdout).expect("it is JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let find = |name: &str| packages.iter().find(|p| p["name"] == name);
    let mut todo = vec!["goweave".to_owned()];
    let mut found = BTreeSet::new();
    while let Some(name) = todo.pop() {
        // Those of others are in the lock file.
        let Some(package) = find(&name) else { continue };
        let manifest = PathBuf::from(package["manifest_path"].as_str().expect("it has a manifest"));
        let folder = manifest.parent().and_then(Path::file_name).expect("it is in a folder");
        if !found.insert(folder.to_string_lossy().into_owned()) {
            continue;
        }
        let dependencies = package["dependencies"].as_array().expect("it has a list");
        // Those of tests alone do not count.
        let linked = dependencies.iter().filter(|d| d["kind"] != "dev");
        todo.extend(linked.filter_map(|d| d["name"].as_str()).map(str::to_owned));
    }
    found
}

#[test]
fn a_change_of_any_source_changes_the_digest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("it is there");
    let copy = env::temp_dir().join(format!("goweave-engine-{}", std::process::id()));
    let all = sources::files(&root.join("tool"), &|name| !name.starts_with("cli/tests/"));
    for (name, from) in all
        .iter()
        .map(|(name, path)| (format!("tool/{name}"), path.clone()))
        .chain(["Cargo.toml", "Cargo.lock"].map(|name| (name.to_owned(), root.join(name))))
    {
        let to = copy.join(name);
        fs::create_dir_all(to.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::copy(from, to).expect("a file can be copied");
    }
    let before = sources::engine(&copy);
    assert_eq!(before, sources::engine(&root), "the place does not count");
    let changes = |name: &str| {
        let path = copy.join(name);
        let old = fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        fs::write(&path, [&old[..], b"\n"].concat()).expect("a file can be written");
        let changed = sources::engine(&copy) != before;
        fs::write(&path, old).expect("a file can be written");
        changed
    };
    let crates = crates(&root);
    assert!(crates.contains("template") && crates.len() > 6, "{crates:?}");
    let mut touched = BTreeSet::new();
    for (name, _) in &all {
        let mut elements = name.split('/');
        let (first, second) = (elements.next().unwrap_or_default(), elements.next().unwrap_or_default());
        let source = crates.contains(first) && matches!(second, "src" | "Cargo.toml")
            || first == "types" && second.ends_with(".go") && !second.ends_with("_test.go");
        // One of each crate, and of each folder in it.
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        if source && touched.insert(folder.to_owned()) {
            assert!(changes(&format!("tool/{name}")), "{name} is not in the digest");
        }
    }
    assert!(touched.len() > 2 * crates.len(), "{touched:?}");
    assert!(changes("Cargo.lock") && changes("Cargo.toml"));
    assert!(!changes("tool/types/types_test.go"), "control");
    fs::remove_dir_all(&copy).expect("the copy can be removed");
}

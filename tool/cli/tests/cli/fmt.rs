//! `goweave fmt`: one layout, which the rule files of this repository have.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{goweave, repository, run, scratch, text};

/// Rule files of ours below a folder; those with mistakes, and those whose lines goldens name, are elsewhere.
fn rule_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap_or_else(|e| panic!("cannot list {}: {e}", dir.display()))
        .map(|e| e.expect("the folder can be listed").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_symlink() || name == "bad" || name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            rule_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml")
            && fs::read_to_string(&path)
                .is_ok_and(|t| t.starts_with("weave: 1\n") || t.contains("\nweave: 1\n"))
        {
            found.push(path);
        }
    }
}

#[test]
fn rule_files_of_this_repository_have_the_layout() {
    let mut files = Vec::new();
    for folder in ["instrumentation", "e2e/zoo"] {
        rule_files(&repository().join(folder), &mut files);
    }
    assert!(files.len() > 8, "they are found: {files:?}");
    let out = run(goweave(&repository()).args(["fmt", "--check"]).args(&files));
    assert!(out.status.success(), "{}", text(&out.stderr));
}

#[test]
fn fmt_writes_and_check_does_not() {
    let dir = scratch("fmt");
    let (good, other) =
        ("weave: 1\nname: x\n# Why.\nrules: []\n", "weave: 1\n# Why.\nrules:   []\nname: x\n");
    fs::write(dir.join("good.yaml"), good).expect("a file can be written");
    fs::write(dir.join("other.yaml"), other).expect("a file can be written");
    let fmt = |arguments: &[&str]| {
        let out = run(goweave(&dir).arg("fmt").args(arguments));
        (out.status.code(), text(&out.stderr))
    };
    let read = |name: &str| fs::read_to_string(dir.join(name)).expect("it is there");
    let (code, said) = fmt(&["--check", "good.yaml", "other.yaml"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("other.yaml:2:1: the file is not formatted from this line on")
            && said.contains("help: run `goweave fmt other.yaml`"),
        "{said}"
    );
    assert!(!said.contains("good.yaml"), "{said}");
    assert_eq!(read("other.yaml"), other, "nothing is written");
    assert_eq!(fmt(&["good.yaml", "other.yaml"]), (Some(0), String::new()));
    assert_eq!((read("good.yaml"), read("other.yaml")), (good.to_owned(), good.to_owned()));
    assert_eq!(fmt(&["--check", "other.yaml"]), (Some(0), String::new()));
    // What is not YAML is left alone, and its place is named.
    fs::write(dir.join("bad.yaml"), "weave: [1\n").expect("a file can be written");
    let (code, said) = fmt(&["bad.yaml"]);
    assert!(code == Some(1) && said.contains("bad.yaml:1:8: "), "{code:?} {said}");
    assert_eq!(read("bad.yaml"), "weave: [1\n");
    assert_eq!(fmt(&["nosuch.yaml"]).0, Some(2));
}

//! All sources of a package of the standard library, those for other platforms included, as a Bazel build hands them over.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use weave_syntax::Node;

use crate::support::{files, go, go_env, goweave, run, scratch, stdout, text};

/// Those that import "C".
fn import_c(sources: &[PathBuf]) -> Vec<&Path> {
    let imports_c = |path: &&Path| {
        let source = fs::read(path).expect("a source can be read");
        let (tree, _) = weave_syntax::parse(&source);
        tree.imports().iter().any(|i| i.path == "C")
    };
    sources.iter().map(PathBuf::as_path).filter(imports_c).collect()
}

fn lines(path: &Path) -> usize {
    fs::read(path).expect("a file can be read").iter().filter(|&&b| b == b'\n').count()
}

/// Weave a package with cgo on or off; compile `runtime` from what comes out.
fn weave_all(package: &str, cgo: bool) -> Vec<PathBuf> {
    let dir = scratch(&format!("std-{}-{cgo}", package.replace('/', "_")));
    let source = PathBuf::from(go_env("GOROOT")).join("src").join(package);
    let mut sources = files(&source, ".go");
    sources.retain(|p| !p.to_string_lossy().ends_with("_test.go"));
    let mut c = goweave(&dir);
    c.args(["weave", "--std", "--importpath", package, "--go-version", &go_env("GOVERSION")]);
    c.args(["--goos", &go_env("GOOS"), "--goarch", &go_env("GOARCH"), "--out", "out"]);
    if cgo {
        c.arg("--cgo");
    }
    let result = run(c.args(&sources));
    assert!(result.status.success(), "{package}: {}", text(&result.stderr));
    let woven: Vec<PathBuf> =
        sources.iter().map(|p| dir.join("out").join(p.file_name().expect("a source has a name"))).collect();
    let mut replace = serde_json::Map::new();
    for (from, to) in sources.iter().zip(&woven) {
        assert_eq!(lines(from), lines(to), "{}: number of lines", from.display());
        replace.insert(from.display().to_string(), to.display().to_string().into());
    }
    // The go command wants vendored imports as they were, so packages that have them cannot be built in this way.
    if package == "runtime" {
        fs::write(dir.join("overlay.json"), serde_json::json!({ "Replace": replace }).to_string())
            .expect("a file can be written");
        let mut build = go(&dir);
        build.args(["build", "-overlay", "overlay.json", package]);
        stdout(build.env("CGO_ENABLED", if cgo { "1" } else { "0" }));
    }
    assert!(!import_c(&sources).is_empty(), "control: some original imports \"C\"");
    woven
}

/// rules_go's builder takes a package for a cgo package if any file imports "C", whatever its constraint, and in pure
/// mode drops the assembly of such a package.
#[test]
fn no_file_out_of_the_build_makes_a_package_a_cgo_package() {
    for cgo in [false, true] {
        let woven = weave_all("runtime", cgo);
        assert_eq!(import_c(&woven), [] as [&Path; 0], "runtime, cgo {cgo}");
    }
    let woven = weave_all("net", false);
    assert_eq!(import_c(&woven), [] as [&Path; 0], "net without cgo");
}

/// With cgo on, the files that need it stay as they are.
#[test]
fn cgo_files_in_the_build_are_kept() {
    let names: Vec<String> = import_c(&weave_all("net", true))
        .iter()
        .map(|p| p.file_name().expect("a source has a name").to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().any(|n| n == "cgo_unix_cgo.go"), "{names:?}");
    assert!(!names.iter().any(|n| n == "cgo_android.go"), "{names:?}");
}

/// The exported types of the standard library that are other names of exported types, as `import/path.Name` each.
fn aliases() -> BTreeSet<(String, String)> {
    let dir = scratch("std-aliases");
    let form = "{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \" \"}}";
    let list = stdout(go(&dir).args(["list", "-f", form, "std"]));
    let mut found = BTreeSet::new();
    for line in list.lines() {
        let mut parts = line.split('\t');
        let mut part = || parts.next().expect("a package has a path, a folder and files");
        let (package, folder, files) = (part(), part(), part());
        if package.split('/').any(|e| matches!(e, "internal" | "vendor")) {
            continue;
        }
        for file in files.split(' ').filter(|f| !f.is_empty()) {
            let source = fs::read(Path::new(folder).join(file)).expect("a source can be read");
            let (tree, _) = weave_syntax::parse(&source);
            let imports = tree.imports();
            for &decl in tree.decls() {
                let Node::GenDecl(decl) = tree.node(decl) else { continue };
                for &spec in decl.specs {
                    let Node::TypeSpec(spec) = tree.node(spec) else { continue };
                    let name = tree.node_text(spec.name);
                    let exported = |name: &str| name.starts_with(char::is_uppercase);
                    if !spec.alias || spec.type_params.is_some() || !exported(name) {
                        continue;
                    }
                    let text = tree.node_text(spec.ty);
                    let (of, target) = match text.split_once('.') {
                        None => (package.to_owned(), text),
                        Some((qualifier, target)) => {
                            let import = imports.iter().find(|i| match i.name {
                                Some(name) => tree.text(name) == qualifier,
                                None => i.path.rsplit('/').next() == Some(qualifier),
                            });
                            let Some(import) = import else { continue };
                            (import.path.clone(), target)
                        }
                    };
                    if exported(target) && target.chars().all(|c| c.is_alphanumeric() || c == '_') {
                        found.insert((format!("{package}.{name}"), format!("{of}.{target}")));
                    }
                }
            }
        }
    }
    found
}

/// Other releases of Go may have fewer or more: those that the table has stay, since no release takes one away, and none of this
/// release is missing. `UPDATE_EXPECT=1` adds them.
#[test]
#[expect(clippy::disallowed_methods, reason = "the switch that updates the table is a variable")]
fn every_alias_of_the_standard_library_is_known() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/src/package/std_aliases.txt");
    let text = fs::read_to_string(&table).expect("the table can be read");
    let known: BTreeSet<(String, String)> = text
        .lines()
        .filter_map(|l| l.split_once(' '))
        .map(|(alias, of)| (alias.to_owned(), of.to_owned()))
        .collect();
    let found = aliases();
    assert!(found.contains(&("os.FileMode".to_owned(), "io/fs.FileMode".to_owned())), "control: {found:?}");
    let missing: Vec<_> = found.difference(&known).collect();
    if std::env::var("UPDATE_EXPECT").is_ok() {
        let all: String = found.union(&known).map(|(alias, of)| format!("{alias} {of}\n")).collect();
        fs::write(&table, all).expect("the table can be written");
        return;
    }
    assert!(missing.is_empty(), "{} lacks {missing:?}; UPDATE_EXPECT=1 adds them", table.display());
}

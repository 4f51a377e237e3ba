//! Reading of a package's files before it is compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use weave_engine::SourceFile;
use weave_gocmd::{Package, ProgramKind, Work};
use weave_ir::WovenFacts;

use crate::files::read;

/// Returns whether the files of a package have one of these directive comments.
pub(super) fn mentions(
    package: &Package,
    directives: &BTreeSet<String>,
    overlay: &BTreeMap<String, String>,
) -> bool {
    let files = [&package.go_files, &package.cgo_files, &package.test_go_files, &package.x_test_go_files];
    files.into_iter().flatten().any(|name| {
        let path = Path::new(&package.dir).join(name).display().to_string();
        // What cannot be read is the go command's to complain about.
        let source = read(Path::new(overlay.get(&path).unwrap_or(&path))).unwrap_or_default();
        let source = String::from_utf8_lossy(&source);
        directives.iter().any(|d| source.contains(&format!("//{d}")))
    })
}

/// Returns what is woven into a main package; nothing if it cannot be woven, which its compilation will tell.
pub(super) fn woven(
    package: &Package,
    work: &Work,
    overlay: &BTreeMap<String, String>,
) -> Option<WovenFacts> {
    let names = package.go_files.iter().chain(&package.cgo_files);
    let sources: Vec<(String, Vec<u8>)> = names
        .map(|name| {
            let path = Path::new(&package.dir).join(name).display().to_string();
            let source = read(Path::new(overlay.get(&path).unwrap_or(&path))).ok()?;
            Some((path, source))
        })
        .collect::<Option<_>>()?;
    let files: Vec<SourceFile<'_>> =
        sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
    let target = work.target().ok()?;
    let input = work.input(&target, &files, None);
    let report = weave_engine::weave(&input, None, &[]).ok()?.report;
    let mut facts = weave_engine::woven_facts(&work.rules, &report);
    for rewriter in &work.rewriters {
        facts.instrumentations.entry(rewriter.name.clone()).or_default();
    }
    report.findings.is_empty().then_some(facts)
}

/// The identifiers in the files beside which a generated file will be.
pub(super) fn identifiers(
    package: &Package,
    kind: ProgramKind,
    overlay: &BTreeMap<String, String>,
) -> BTreeSet<String> {
    let names: Vec<&String> = match kind {
        ProgramKind::Main => package.go_files.iter().chain(&package.cgo_files).collect(),
        ProgramKind::Test => package.x_test_go_files.iter().collect(),
    };
    let mut taken = BTreeSet::new();
    for name in names {
        let path = Path::new(&package.dir).join(name).display().to_string();
        let actual = overlay.get(&path).unwrap_or(&path);
        // What cannot be read is the go command's to complain about.
        if let Ok(source) = read(Path::new(actual)) {
            taken.extend(weave_engine::source_names(SourceFile { path: &path, source: &source }).identifiers);
        }
    }
    taken
}

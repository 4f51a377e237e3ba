//! The rule files and Go files that verbs are given.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use weave_dialects::{Dialect, Read, Surroundings, dialect};
use weave_engine::{SourceFile, Target};
use weave_ir::{Diagnostic, LoweredRules, PathPattern};

use crate::files::{json, read, read_text, shown};
use crate::{args, messages, out, rules};

/// Go files in memory.
pub(super) struct Sources(Vec<(String, Vec<u8>)>);

impl Sources {
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self> {
        paths.iter().map(|p| Ok((shown(p), read(p)?))).collect::<Result<_>>().map(Self)
    }

    pub(super) fn files(&self) -> Vec<SourceFile<'_>> {
        self.0.iter().map(|(path, source)| SourceFile { path, source }).collect()
    }

    /// Returns those in a folder that is called like a package, if there is one; else all.
    pub(super) fn of_package(&self, package: &str) -> Vec<SourceFile<'_>> {
        let last = package.rsplit('/').next().unwrap_or_default();
        let folder = |path: &str| {
            Path::new(path).parent().and_then(Path::file_name).is_some_and(|n| n.to_string_lossy() == last)
        };
        let all = self.files();
        let those: Vec<SourceFile<'_>> = all.iter().copied().filter(|f| folder(f.path)).collect();
        if those.is_empty() { all } else { those }
    }
}

impl args::Target {
    pub(super) fn target(&self) -> Result<Target> {
        let mut tags: Vec<String> = self.tags.iter().filter(|t| !t.is_empty()).cloned().collect();
        for (on, tag) in [(self.race, "race"), (self.msan, "msan")] {
            if on {
                tags.push(tag.into());
            }
        }
        let (go, goos, goarch) = match (&self.go_version, &self.goos, &self.goarch) {
            (Some(go), Some(goos), Some(goarch)) => (go.clone(), goos.clone(), goarch.clone()),
            (go, goos, goarch) => {
                let host = crate::go::target()?;
                let or = |given: &Option<String>, host: String| given.clone().unwrap_or(host);
                (or(go, host.0), or(goos, host.1), or(goarch, host.2))
            }
        };
        Ok(Target::new(&go, &goos, &goarch, self.cgo, &tags)?)
    }
}

/// Stands for the main module where it does not matter which one that is.
pub(super) const ANY_MODULE: &str = "main.module";

/// Rule files of any language, lowered, and files of rules that are lowered already.
pub(super) fn lower_all(
    paths: &[PathBuf],
    hook_files: &[PathBuf],
    roots: &[String],
) -> Result<std::result::Result<Vec<LoweredRules>, Vec<Diagnostic>>> {
    let mut all = Vec::new();
    let mut written = Vec::new();
    for path in paths {
        let text = read_text(path)?;
        match dialect(&shown(path), &text) {
            Dialect::Lowered => {
                let lowered: LoweredRules = json(path, text.as_bytes())?;
                if lowered.weave != 1 {
                    return Err(messages::other_format(path, lowered.weave));
                }
                all.push(lowered);
            }
            _ => written.push((shown(path), text)),
        }
    }
    let surroundings = Surroundings { roots: roots.to_vec(), ..Surroundings::default() };
    let Read { drafts, notes, mut findings } = rules::read(&written, &surroundings);
    out::warnings(&notes);
    for draft in &drafts {
        let hooks = match draft.needs_sources() {
            true => hook_sources(Path::new(&draft.path), written.len() == 1, hook_files)?,
            false => Vec::new(),
        };
        let hooks = Sources::read(&hooks)?;
        let hooks = match &draft.hooks {
            Some(package) if draft.foreign => hooks.of_package(&package.value),
            _ => hooks.files(),
        };
        match weave_engine::lower(draft, None, &hooks) {
            Ok(lowered) => all.extend(lowered.packages),
            Err(more) => findings.extend(more),
        }
    }
    Ok(if findings.is_empty() { Ok(all) } else { Err(findings) })
}

/// The hook sources of one of the rule files that people write: those given, if there are several rule files only those beside it
/// where there are some; if none is given, the Go files beside it.
fn hook_sources(rules: &Path, alone: bool, given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let folder = rules.parent().unwrap_or(Path::new(""));
    if !given.is_empty() {
        let beside: Vec<PathBuf> = given.iter().filter(|p| p.parent() == Some(folder)).cloned().collect();
        // Several rule files may have their hooks in one list; those of one may be anywhere.
        let all = alone || beside.is_empty();
        return Ok(if all { given.to_vec() } else { beside });
    }
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(listed).with_context(|| format!("cannot list {}", listed.display()))? {
        let name = entry?.file_name();
        let path = folder.join(&name);
        if path.extension().is_some_and(|e| e == "go") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Rule files as [`lower_all`] takes them; only those for the package are kept.
pub(super) fn rules_of_package(
    paths: &[PathBuf],
    hook_files: &[PathBuf],
    package: &str,
    roots: &[String],
) -> Result<std::result::Result<Vec<LoweredRules>, Vec<Diagnostic>>> {
    Ok(lower_all(paths, hook_files, roots)?.map(|mut all| {
        all.retain(|r| PathPattern::new(&r.package).matches(package));
        all
    }))
}

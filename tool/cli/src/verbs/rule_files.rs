//! The rule files and Go files that verbs are given.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use weave_dialects::orchestrion::BuiltIn;
use weave_dialects::otelc::Surroundings;
use weave_dialects::{Dialect, RuleFile, dialect};
use weave_engine::{SourceFile, Target};
use weave_ir::{Diagnostic, LoweredRules, PathPattern};

use crate::files::{read, read_json, read_text, shown};
use crate::messages;
use crate::out;
use crate::{args, files, foreign};

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
        Ok(Target::new(&self.go_version, &self.goos, &self.goarch, self.cgo, &tags)?)
    }
}

/// Stands for the main module where it does not matter which one that is.
pub(super) const ANY_MODULE: &str = "main.module";

/// Rule files of either kind, lowered.
pub(super) fn lower_all(
    paths: &[PathBuf],
    hook_files: &[PathBuf],
    roots: &[String],
) -> Result<std::result::Result<Vec<LoweredRules>, Vec<Diagnostic>>> {
    let mut all = Vec::new();
    let mut findings = Vec::new();
    let mut aspects = Vec::new();
    let texts = paths.iter().map(|p| Ok((p, read_text(p)?))).collect::<Result<Vec<_>>>()?;
    let lowered = |path: &Path, text: &str| {
        path.extension().is_some_and(|e| e == "json")
            && !matches!(dialect(&shown(path), text), Dialect::Foreign(_))
    };
    let written: Vec<&PathBuf> =
        texts.iter().filter(|(path, text)| !lowered(path, text)).map(|(path, _)| *path).collect();
    for (path, text) in &texts {
        let dialect = dialect(&shown(path), text);
        if let Dialect::Foreign(language) = dialect {
            let surroundings = Surroundings { roots: roots.to_vec(), mains: Vec::new() };
            match weave_dialects::drafts(language, &shown(path), text, &surroundings) {
                Ok(drafts) => {
                    let hooks = Sources::read(&hook_sources(path, &written, hook_files)?)?;
                    for draft in drafts {
                        let of = draft.hooks.as_ref().map_or("", |h| h.value.as_str());
                        match weave_engine::lower(&shown(path), &draft, None, &hooks.of_package(of)) {
                            Ok(lowered) => all.extend(lowered.packages),
                            Err(more) => findings.extend(more),
                        }
                    }
                }
                Err(more) => findings.extend(more),
            }
            continue;
        }
        if path.extension().is_some_and(|e| e == "json") {
            let lowered: LoweredRules = read_json(path)?;
            if lowered.weave != 1 {
                return Err(messages::other_format(path, lowered.weave));
            }
            all.push(lowered);
            continue;
        }
        if dialect == Dialect::Orchestrion {
            // Their advice is ordered among all of them.
            aspects.push((shown(path), text.clone()));
            continue;
        }
        let file = match load(path)? {
            Ok(file) => file,
            Err(more) => {
                findings.extend(more);
                continue;
            }
        };
        let hooks = if file.needs_sources() { hook_sources(path, &written, hook_files)? } else { Vec::new() };
        let hooks = Sources::read(&hooks)?;
        match weave_engine::lower(&shown(path), &file.draft(&shown(path)), None, &hooks.files()) {
            Ok(lowered) => all.extend(lowered.packages),
            Err(more) => findings.extend(more),
        }
    }
    match foreign::read(&aspects, roots.first().map(String::as_str), BuiltIn::Everywhere) {
        Ok(list) => {
            for (lowered, notes) in list {
                out::warnings(&notes);
                all.extend(lowered.packages);
            }
        }
        Err(more) => findings.extend(more),
    }
    Ok(if findings.is_empty() { Ok(all) } else { Err(findings) })
}

/// The hook sources of one of the rule files that people write: those given, if there are several rule files only those beside it
/// where there are some; if none is given, the Go files beside it.
fn hook_sources(rules: &Path, written: &[&PathBuf], given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let folder = rules.parent().unwrap_or(Path::new(""));
    if !given.is_empty() {
        let beside: Vec<PathBuf> = given.iter().filter(|p| p.parent() == Some(folder)).cloned().collect();
        // Several rule files may have their hooks in one list; those of one may be anywhere.
        let all = written.len() == 1 || beside.is_empty();
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

fn load(path: &Path) -> Result<std::result::Result<RuleFile, Vec<Diagnostic>>> {
    Ok(weave_dialects::load(&files::shown(path), &read_text(path)?))
}

/// Rule files of either kind; only those for the package are kept.
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

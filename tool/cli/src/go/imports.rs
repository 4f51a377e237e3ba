//! What woven packages come to import, which the go command must build before them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use weave_engine::{SourceFile, WeaveInput};
use weave_gocmd as gocmd;
use weave_gocmd::{Package, Work};
use weave_ir::{LoweredRule, TypeQuestions};

use super::build::Build;
use super::go_command::{fault, shown};
use super::rewriters;

impl Build {
    /// What woven code of a package imports, or may come to import, that the package does not.
    pub(super) fn new_imports(&self, work: &Work, package: &Package) -> BTreeSet<String> {
        // What is wrong with an answer is said when the package is woven.
        let mut rewritten = self.rewritten_imports(work, package).unwrap_or_default();
        rewritten.retain(|d| d != "unsafe" && *d != package.import_path && !package.imports.contains(d));
        let of = |rule: &LoweredRule| -> BTreeSet<String> {
            let mut all: BTreeSet<String> = rule.dependencies.iter().cloned().collect();
            all.retain(|d| d != "unsafe" && *d != package.import_path && !package.imports.contains(d));
            all
        };
        let rules = || work.rules.iter().flat_map(|set| &set.rules);
        let mut may: BTreeSet<String> = rules().filter(|r| r.turn.is_none()).flat_map(of).collect();
        may.extend(rewritten);
        if rules().filter(|r| r.turn.is_some()).all(|r| of(r).is_empty()) {
            return may;
        }
        // Rules of peers match wherever they can, and do not say where they need what they import: the weaver knows.
        match self.woven_imports(work, package) {
            Ok(found) => may.extend(found.into_iter().filter(|d| *d != package.import_path)),
            // What is wrong with the package is said when it is woven.
            Err(_) => may.extend(rules().flat_map(of)),
        }
        may
    }

    /// What external rewriters say that a package may come to import.
    pub(super) fn rewritten_imports(&self, work: &Work, package: &Package) -> Result<BTreeSet<String>> {
        if work.rewriters.is_empty() {
            return Ok(BTreeSet::new());
        }
        let sources = self.sources(package)?;
        let files: Vec<SourceFile<'_>> =
            sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
        let target = work.target()?;
        let input = work.input(&target, &files, None);
        let rewrites = rewriters::ask(&self.state, work, &input)?;
        Ok(rewrites.into_iter().flat_map(|r| r.answer.imports).collect())
    }

    /// What the rules of peers come to import when a package is woven; rules that ask for types may import everything, if
    /// the package has what they are about at all.
    pub(super) fn woven_imports(&self, work: &Work, package: &Package) -> Result<BTreeSet<String>> {
        let sources = self.sources(package)?;
        let mentions = |word: &str| {
            sources.iter().any(|(_, source)| source.windows(word.len()).any(|w| w == word.as_bytes()))
        };
        let mut sets = work.rules.clone();
        let mut imports = BTreeSet::new();
        for set in &mut sets {
            set.rules.retain(|rule| {
                let asked = TypeQuestions::of(&rule.join);
                let typed = !asked.is_empty();
                let here = asked.methods.is_empty() || asked.methods.iter().any(|m| m == "*" || mentions(m));
                if typed && here && !rule.join.elsewhere(&work.package, Some(&package.name)) {
                    imports.extend(rule.dependencies.iter().filter(|d| *d != "unsafe").cloned());
                }
                rule.turn.is_some() && !typed
            });
        }
        let files: Vec<SourceFile<'_>> =
            sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
        let target = work.target()?;
        let input = WeaveInput { rules: &sets, ..work.input(&target, &files, None) };
        let woven = weave_engine::weave(&input)?;
        imports.extend(woven.report.added_imports);
        imports.retain(|d| d != "unsafe");
        Ok(imports)
    }

    /// Where woven code imports what the package does not: a file with these imports, so that the go command builds them
    /// first.
    pub(super) fn imports(&self, overlay: &mut BTreeMap<String, String>) -> Result<()> {
        for work in &self.plan.work {
            let Some(package) = self.package(&work.package) else { continue };
            let new = self.new_imports(work, package);
            if new.is_empty() {
                continue;
            }
            if package.standard && new.iter().any(|d| d.contains('.')) {
                let names = new.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(fault(
                    format!(
                        "cannot weave {}: it is part of Go, and would have to import {names}",
                        work.package
                    ),
                    "weave a hook instead, which needs no import",
                ));
            }
            let mut text = format!(
                "// Code generated by goweave. DO NOT EDIT.\n\npackage {}\n\nimport (\n",
                package.name
            );
            for path in new {
                text.push_str(&format!("\t_ {}\n", serde_json::Value::from(path)));
            }
            text.push_str(")\n");
            let path = Path::new(&package.dir).join(gocmd::IMPORTS_FILE);
            overlay.insert(shown(&path), shown(&self.state.keep(text.as_bytes(), "go")?));
        }
        Ok(())
    }
}

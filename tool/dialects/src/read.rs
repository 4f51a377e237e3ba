//! Turns rule files into drafts: the one place that tells the languages apart.

use weave_ir::{Diagnostic, Location};

use crate::messages;
use crate::{Draft, Extend, Surroundings, alibaba, orchestrion, otelc, weave};

/// The language of a rule file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// goweave's own, and whatever is in no other.
    Weave,
    /// YAML of Orchestrion.
    Orchestrion,
    /// YAML of otelc.
    Otelc,
    /// JSON of Alibaba's agent.
    Alibaba,
    /// Lowered rules, which `goweave lower` writes and people do not.
    Lowered,
}

/// Tells the language of a rule file by its name alone, where that says it.
#[must_use]
pub fn dialect_of_name(path: &str) -> Option<Dialect> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let called = |names: [&str; 2]| names.iter().any(|n| name == *n || name.ends_with(&format!(".{n}")));
    if called(["weave.yaml", "weave.yml"]) {
        Some(Dialect::Weave)
    } else if called(["otelc.yaml", "otelc.yml"]) {
        Some(Dialect::Otelc)
    } else {
        // That tool is told its files, and has no names for them.
        name.ends_with(".weave.json").then_some(Dialect::Alibaba)
    }
}

/// Tells the language of a rule file by its name and what it begins with.
#[must_use]
pub fn dialect(path: &str, text: &str) -> Dialect {
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    if ends(&[".json"]) {
        // Lowered rules may be of a package that is called anything.
        return if text.trim_start().starts_with('{') { Dialect::Lowered } else { Dialect::Alibaba };
    }
    match dialect_of_name(path) {
        Some(dialect) => dialect,
        None if ends(&[".yml", ".yaml"]) && otelc::read::is_otelc(text) => Dialect::Otelc,
        None if orchestrion::is_orchestrion(text) => Dialect::Orchestrion,
        None => Dialect::Weave,
    }
}

/// The rules of files.
#[derive(Debug, Default)]
pub struct Read {
    /// The drafts of files that can be read: one for each package that a file has hooks in.
    pub drafts: Vec<Draft>,
    /// Notes on what is not a mistake in them and yet worth saying.
    pub notes: Vec<Diagnostic>,
    /// Everything that is wrong with the others.
    pub findings: Vec<Diagnostic>,
}

/// Reads rule files in any language, each given by its path, for messages, and its text. `extend` gives the files that one of them
/// extends.
///
/// Several files read together may have a common order: the advice of all aspects is applied one after the other.
pub fn read(files: &[(String, String)], surroundings: &Surroundings, extend: &mut Extend<'_>) -> Read {
    let mut out = Read::default();
    let mut aspects = Vec::new();
    for (path, text) in files {
        let drafts = match dialect(path, text) {
            Dialect::Weave => weave::load::load(path, text).map(|file| vec![file.draft(path)]),
            Dialect::Otelc => otelc::rules::load(path, text, surroundings),
            Dialect::Alibaba => alibaba::load(path, text),
            Dialect::Lowered => Err(vec![lowered(path)]),
            Dialect::Orchestrion => {
                aspects.push((path.clone(), text.clone()));
                continue;
            }
        };
        match drafts {
            Ok(drafts) => out.drafts.extend(drafts),
            Err(findings) => out.findings.extend(findings),
        }
    }
    match orchestrion::rules::load(&aspects, surroundings, extend) {
        Ok((drafts, notes)) => {
            out.drafts.extend(drafts);
            out.notes = notes;
        }
        Err(findings) => out.findings.extend(findings),
    }
    out
}

/// Reads one rule file that extends no other.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn read_one(path: &str, text: &str, surroundings: &Surroundings) -> Result<Vec<Draft>, Vec<Diagnostic>> {
    let mut none = |path: &str| Err(messages::not_given(path));
    let read = read(&[(path.to_owned(), text.to_owned())], surroundings, &mut none);
    if read.findings.is_empty() { Ok(read.drafts) } else { Err(read.findings) }
}

fn lowered(path: &str) -> Diagnostic {
    let at = Location::new(path, 1, 1);
    messages::lowered_rules().at(at)
}

//! The one place that tells the languages apart.

use weave_ir::Diagnostic;

use crate::orchestrion::is_orchestrion;
use crate::{Draft, alibaba, otelc};

/// The language of a rule file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// goweave's own, and whatever is in no other.
    Weave,
    /// YAML of Orchestrion.
    Orchestrion,
    /// One whose hooks are given a context.
    Foreign(Foreign),
}

/// Tells the language of a rule file by its name and what it begins with.
#[must_use]
pub fn dialect(path: &str, text: &str) -> Dialect {
    match foreign(path, text) {
        Some(language) => Dialect::Foreign(language),
        None if is_orchestrion(text) => Dialect::Orchestrion,
        None => Dialect::Weave,
    }
}

fn foreign(path: &str, text: &str) -> Option<Foreign> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let names = ["otelc.yml", "otelc.yaml"];
    if names.iter().any(|n| name == *n || name.ends_with(&format!(".{n}"))) {
        return Some(Foreign::Otelc);
    }
    if name.ends_with(".json") {
        return text.trim_start().starts_with('[').then_some(Foreign::Alibaba);
    }
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    (yaml && otelc::read::is_otelc(text)).then_some(Foreign::Otelc)
}

/// A language of rules for hooks that are given a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// YAML of otelc.
    Otelc,
    /// JSON of Alibaba's agent.
    Alibaba,
}

/// Reads a rule file: one draft for each package that it has hooks in.
///
/// # Errors
///
/// Everything that is wrong with it: one finding if it is not of the right form, else all that its values have.
pub fn drafts(
    language: Foreign,
    path: &str,
    text: &str,
    surroundings: &otelc::Surroundings,
) -> Result<Vec<Draft>, Vec<Diagnostic>> {
    match language {
        Foreign::Otelc => otelc::rules::load(path, text, surroundings),
        Foreign::Alibaba => alibaba::load(path, text),
    }
}

//! Rule files of other tools whose hooks are still to be looked up.

use weave_ir::Diagnostic;

use crate::{Draft, alibaba, otelc};

/// Which of the languages a file is in, by its name and what it begins with; none: neither.
#[must_use]
pub fn language_of(path: &str, text: &str) -> Option<Foreign> {
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

/// A language that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// YAML of otelc.
    Otelc,
    /// JSON of Alibaba's agent.
    Alibaba,
}

/// Read a rule file: one draft for each package that it has hooks in.
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

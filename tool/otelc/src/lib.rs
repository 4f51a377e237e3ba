//! Rule files of two other tools, read as they are: `*.otelc.yml` of OpenTelemetry's otelc, and the JSON rules of Alibaba's
//! agent.
//!
//! [`load`] reads either into [`Draft`]s of our own model; the engine looks the hooks up and lowers them. `docs/otelc.md`
//! has a table of every construct. Both languages are implemented from what their projects document and from what their
//! rule files have.
//!
//! **Architecture invariant:** nothing here reads a Go file, a directory or the environment.

mod alibaba;
mod go;
mod otelc;
mod read;
mod target;

use weave_rules::{Diagnostic, Draft};

pub use target::Surroundings;

/// Which of the languages a file is in, by its name and what it begins with; none: neither.
#[must_use]
pub fn language(path: &str, text: &str) -> Option<Language> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let otelc = ["otelc.yml", "otelc.yaml"];
    if otelc.iter().any(|n| name == *n || name.ends_with(&format!(".{n}"))) {
        return Some(Language::Otelc);
    }
    if name.ends_with(".json") {
        return text.trim_start().starts_with('[').then_some(Language::Alibaba);
    }
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    (yaml && read::is_otelc(text)).then_some(Language::Otelc)
}

/// A language that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
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
pub fn load(
    language: Language,
    path: &str,
    text: &str,
    surroundings: &Surroundings,
) -> Result<Vec<Draft>, Vec<Diagnostic>> {
    match language {
        Language::Otelc => otelc::load(path, text, surroundings),
        Language::Alibaba => alibaba::load(path, text),
    }
}

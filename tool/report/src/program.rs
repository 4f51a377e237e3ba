//! The report of a program: which instrumentations apply to it, and why.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::LinkedLibrary;

/// Decisions for a main package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MainReport {
    /// Version of this format: [`VERSION`](crate::VERSION).
    pub weave: u32,
    /// Import path of the main package; empty for a program of which only the label is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// Its label, in the report of a build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether any instrumentation applies.
    pub woven: bool,
    /// Reason why no hooks are linked into it, if that is so by choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Packages of the program that rules are for, whether or not they found anything to weave.
    #[serde(default)]
    pub packages: BTreeSet<String>,
    /// The libraries that it consists of and that somebody may look for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<LinkedLibrary>,
    /// Every instrumentation that was offered, in the order in which it was.
    #[serde(default)]
    pub instrumentations: Vec<MainInstrumentation>,
}

impl MainReport {
    /// The label, or else the import path.
    #[must_use]
    pub fn title(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.package)
    }
}

/// Decision for one instrumentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MainInstrumentation {
    /// Its name.
    pub name: String,
    /// Whether it applies.
    pub applies: bool,
    /// Its packages that the program uses.
    pub uses: Vec<String>,
    /// Reason.
    pub reason: String,
}

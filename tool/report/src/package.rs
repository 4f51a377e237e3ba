//! The report of a package: what matched, what did not, and why.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use weave_ir::{Diagnostic, Location};

/// The report of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this format: [`VERSION`](crate::VERSION).
    pub weave: u32,
    /// Import path.
    pub package: String,
    /// Version of its module, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Go release, target.
    pub go: String,
    /// Target as `goos/goarch`.
    pub target: String,
    /// Whether any file was changed for a rule.
    pub woven: bool,
    /// Reasons why the package's export data is not what it was; empty if it is the same.
    pub export_data_changes: Vec<String>,
    /// Reasons why it may not be what it was, where syntax does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub export_data_may_change: Vec<String>,
    /// Import paths that the package imports now and did not import before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added_imports: Vec<String>,
    /// The version of the language, as `1.18`, that woven code needs at least, where a rule says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Variables by which exits are deferred, for main packages.
    #[serde(skip)]
    pub leave: BTreeSet<String>,
    /// Every rule that was considered.
    pub rules: Vec<RuleReport>,
    /// Every external rewriter that was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewriters: Vec<RewriterReport>,
    /// Every file.
    pub files: Vec<FileReport>,
    /// Findings; if there are any, the tool ends with 1.
    pub findings: Vec<Diagnostic>,
    /// Warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Diagnostic>,
    /// Text of the file that the package gets in addition, if it is part of the build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
}

/// Outcome of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// Name of the instrumentation.
    pub instrumentation: String,
    /// Name of the rule.
    pub rule: String,
    /// Location of its `where`; not in what Bazel makes, where the report of a package does not change with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// Its outcome.
    pub status: Status,
    /// Candidates at which it was woven.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<MatchReport>,
    /// Its effect on the package's export data, if it is woven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_data: Option<ExportData>,
    /// Matches at which it is not woven.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkipReport>,
    /// Reason why it was not woven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// If nothing is what it asks for: its conditions, and how many candidates meet each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// Purpose of the rule, in the report of a build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Address of further reading, in the report of a build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Report {
    /// The package as a person would name it: with the version of its module, the Go release and the target.
    #[must_use]
    pub fn title(&self) -> String {
        let version = self.version.as_ref().map_or(String::new(), |v| format!(" {v}"));
        format!("{}{version}, Go {}, {}", self.package, self.go, self.target)
    }
}

impl RuleReport {
    /// Says that the rule matches and changes nothing.
    pub fn leave_as_it_was(&mut self) {
        self.status = Status::Unchanged;
        self.export_data = None;
        self.reason =
            Some("nothing is other than it was: what it asks for is there, or its code is empty".into());
    }
}

/// Work of an external rewriter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewriterReport {
    /// Its name.
    pub name: String,
    /// Whether it changed anything.
    pub applies: bool,
    /// The files that it changed or added to.
    pub files: Vec<String>,
}

/// Effect of a rule on the export data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportData {
    /// Nothing.
    Same,
    /// Syntax does not tell.
    MayChange,
    /// It changes.
    Changes,
}

impl RewriterReport {
    /// Returns what it changes, as a phrase.
    #[must_use]
    pub fn changes(&self) -> String {
        match self.files.is_empty() {
            true => "changes nothing".to_owned(),
            false => format!("changes {}", self.files.join(", ")),
        }
    }
}

/// A place that a rule matches and that cannot be woven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkipReport {
    /// Description of the candidate.
    pub what: String,
    /// Location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// Reason why it is not woven.
    pub reason: String,
}

/// Outcome of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Woven.
    Woven,
    /// It matches, and nothing is other than it was: what it asks for is there, or its code is empty.
    Unchanged,
    /// It says itself that it is not for this Go release or module version.
    NotApplicable,
    /// Nothing in the package is what it asks for, and it may be so.
    Unmatched,
    /// It cannot be woven and is required.
    Failed,
}

impl Status {
    /// The word for it, as JSON has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Woven => "woven",
            Self::Unchanged => "unchanged",
            Self::NotApplicable => "not-applicable",
            Self::Unmatched => "unmatched",
            Self::Failed => "failed",
        }
    }
}

/// One woven place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchReport {
    /// The function, as `(*T).Name` or `Name`, or the extra file.
    pub what: String,
    /// Location of its declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
}

/// Outcome of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Path as it was given.
    pub path: String,
    /// Its outcome.
    pub status: FileStatus,
    /// Reason, where it is not obvious.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The lines that are other ones now. A woven file has as many lines as its original.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineReport>,
}

/// A line of a woven file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineReport {
    /// Its number, from 1.
    pub line: u32,
    /// The original.
    pub before: String,
    /// The woven text.
    pub after: String,
}

/// Outcome of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileStatus {
    /// Changed for a rule.
    Woven,
    /// The original.
    Unchanged,
    /// Only vendored imports of the standard library were written out.
    Vendored,
    /// Not in the build for this target, as it was.
    Excluded,
    /// Not in the build for this target, and emptied so that nobody takes its package for a cgo package.
    Blanked,
    /// Left out for a file that a rule adds.
    Replaced,
    /// It does not parse, as it was.
    Unparsed,
}

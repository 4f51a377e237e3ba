//! Reports of all kinds, read or given, from which a summary is made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use weave_ir::Places;

use crate::digest::digest;
use crate::summary::{Digested, Documentation, RuleKey, Summary};
use crate::{MainReport, Report, VERSION, messages};

/// A text that is not a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReport {
    /// It is not JSON, or not what its kind of report has.
    Json {
        /// The name of the text.
        name: String,
        /// Position at which it stops being one, and the reason.
        error: String,
    },
    /// It is of another version.
    Version {
        /// The name of the text.
        name: String,
    },
    /// It has nothing by which a report is known.
    Kind {
        /// The name of the text.
        name: String,
    },
}

impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { name, error } => f.write_str(&messages::not_json(name, error)),
            Self::Version { name } => f.write_str(&messages::other_version(name)),
            Self::Kind { name } => f.write_str(&messages::no_kind(name)),
        }
    }
}

impl std::error::Error for NoReport {}

/// Facts of one program that its reports do not have.
#[derive(Debug, Clone, Default)]
pub struct ReportedProgram {
    /// Its label.
    pub label: Option<String>,
    /// Reason why no hooks are linked into it, if that is so by choice.
    pub without_hooks: Option<String>,
    /// Reports of packages of the standard library: those of packages that the program does not have are left out.
    pub std: Reports,
}

/// The reports of a build, in any order.
#[derive(Debug, Clone, Default)]
pub struct Reports {
    /// Programs by label, import path and digest.
    programs: BTreeMap<(String, String, String), Digested<MainReport>>,
    /// Packages by import path, version and digest.
    packages: BTreeMap<(String, String, String), Digested<Report>>,
    documentation: BTreeMap<RuleKey, Documentation>,
    /// Reasons for which files with rules are not read, by path.
    unread: BTreeMap<String, String>,
}

/// The keys by which the kinds of reports are told apart.
#[derive(Deserialize)]
struct Head {
    weave: Option<serde_json::Value>,
    files: Option<IgnoredAny>,
    packages: Option<IgnoredAny>,
    programs: Option<IgnoredAny>,
    instrumentations: Option<IgnoredAny>,
    rules: Option<IgnoredAny>,
}

fn from_json<T: DeserializeOwned>(name: &str, text: &[u8]) -> Result<T, NoReport> {
    serde_json::from_slice(text).map_err(|e| NoReport::Json { name: name.to_owned(), error: e.to_string() })
}

/// The digest of a report that is not written anywhere: that of its shortest text.
fn digest_of(report: &impl Serialize) -> String {
    digest([serde_json::to_vec(report).unwrap_or_default().as_slice()])
}

impl Reports {
    /// Reads reports: the name of each, for messages, and its text. What `goweave lower --places` wrote may be among them: then
    /// rules have their documentation, and those are named, too, that are in no report. So may summaries, as [`Summary::json`]
    /// makes them.
    ///
    /// # Errors
    ///
    /// The first text that is not a report.
    pub fn of(texts: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, NoReport> {
        let mut all = Self::default();
        for (name, text) in texts {
            all.read(&name, &text)?;
        }
        Ok(all)
    }

    /// Reads one report.
    ///
    /// # Errors
    ///
    /// If the text is none.
    pub fn read(&mut self, name: &str, text: &[u8]) -> Result<(), NoReport> {
        let head: Head = from_json(name, text)?;
        if head.weave != Some(VERSION.into()) {
            return Err(NoReport::Version { name: name.to_owned() });
        }
        if head.packages.is_some() && head.programs.is_some() {
            let summary: Summary = from_json(name, text)?;
            for rule in summary.rules {
                self.document(rule.instrumentation, rule.rule, rule.documentation);
            }
            for file in summary.rule_files {
                if let Some(why) = &file.unread {
                    self.unread(&file.path, why);
                }
            }
            for program in summary.programs {
                self.add_program(program.report, program.digest);
            }
            for package in summary.packages {
                self.add_package(package.report, package.digest);
            }
        } else if head.files.is_some() {
            self.add_package(from_json(name, text)?, digest([text]));
        } else if head.instrumentations.is_some() {
            self.add_program(from_json(name, text)?, digest([text]));
        } else if head.rules.is_some() {
            self.places(&from_json(name, text)?);
        } else {
            return Err(NoReport::Kind { name: name.to_owned() });
        }
        Ok(())
    }

    /// Adds the report of a package.
    pub fn package(&mut self, report: Report) {
        let digest = digest_of(&report);
        self.add_package(report, digest);
    }

    /// Adds the report of a program.
    pub fn program(&mut self, report: MainReport) {
        let digest = digest_of(&report);
        self.add_program(report, digest);
    }

    /// Adds where the rules of an instrumentation stand, and what their file says of them.
    pub fn places(&mut self, places: &Places) {
        for (id, rule) in &places.rules {
            let known =
                Documentation { at: Some(rule.at.clone()), doc: rule.doc.clone(), link: rule.link.clone() };
            self.document(places.instrumentation.clone(), id.clone(), known);
        }
    }

    /// Adds a file with rules that is not read, and why.
    pub fn unread(&mut self, path: &str, why: &str) {
        self.unread.insert(path.to_owned(), why.to_owned());
    }

    fn add_program(&mut self, report: MainReport, digest: String) {
        let key = (report.label.clone().unwrap_or_default(), report.package.clone(), digest.clone());
        self.programs.insert(key, Digested { report, digest });
    }

    fn add_package(&mut self, report: Report, digest: String) {
        let key = (report.package.clone(), report.version.clone().unwrap_or_default(), digest.clone());
        self.packages.insert(key, Digested { report, digest });
    }

    fn document(&mut self, instrumentation: String, id: String, known: Documentation) {
        self.documentation.insert((instrumentation, id), known);
    }

    /// The packages that rules are for and programs with hooks have.
    fn in_programs(&self) -> BTreeSet<&String> {
        self.programs.values().filter(|p| p.report.woven).flat_map(|p| &p.report.packages).collect()
    }

    /// Takes them for those of one program.
    #[must_use]
    pub fn of_program(mut self, program: ReportedProgram) -> Self {
        if let Some(label) = &program.label {
            for (_, Digested { mut report, digest }) in std::mem::take(&mut self.programs) {
                report.label = Some(label.clone());
                self.add_program(report, digest);
            }
            if let Some(reason) = program.without_hooks.filter(|_| self.programs.is_empty()) {
                let digest = digest([label.as_bytes(), reason.as_bytes()]);
                let report = MainReport {
                    weave: VERSION,
                    label: Some(label.clone()),
                    reason: Some(reason),
                    ..MainReport::default()
                };
                self.add_program(report, digest);
            }
        }
        let has = self.in_programs();
        let mut std = program.std;
        std.packages.retain(|(package, ..), _| has.contains(package));
        let rules = std.packages.values().flat_map(|p| &p.report.rules);
        let theirs: BTreeSet<RuleKey> = rules.map(|r| (r.instrumentation.clone(), r.rule.clone())).collect();
        std.documentation.retain(|key, _| theirs.contains(key));
        self.packages.extend(std.packages);
        self.documentation.extend(std.documentation);
        self
    }

    /// Makes a summary of them. The same reports give the same one, in whatever order they came.
    #[must_use]
    pub fn summary(self, tool: &str) -> Summary {
        Summary::new(
            tool,
            self.programs.into_values().collect(),
            self.packages.into_values().collect(),
            self.documentation,
            self.unread,
        )
    }
}

//! Weaving one package, in four steps: match the rules, ask what their advice does, merge what they ask for, check what comes
//! out.

mod applicable;
mod ask;
mod given;
mod output;
mod read;
mod verdict;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use weave_ir::{Diagnostic, GoVersion, Location, LoweredRule, LoweredRules};
use weave_report::{ExportData, Report, RewriterReport, RuleReport, Status};

use self::read::Read;
use crate::advice::Advisor;
use crate::advice::edits::Rank;
use crate::advice::export_effects::CompilerNotes;
use crate::advice::patch::Patch;
use crate::advice::state::State;
use crate::error::WeaveError;
use crate::order::{Ordered, ordered};
use crate::origins::{Origins, in_extra, owner};
use crate::package::sites::{Known, Resolution};
use crate::package::{Package, WeaveInput};
use crate::refusal::Miss;
use crate::rewriter::Rewrite;

/// A woven package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Woven<'a> {
    /// Base name and bytes of every file, in the order given, the extra file last.
    pub files: Vec<(String, Cow<'a, [u8]>)>,
    /// Origins of woven text.
    pub origins: Origins,
    /// Report of the weave. If it has findings, the files are the originals.
    pub report: Report,
}

impl Woven<'_> {
    /// The same, with copies of the files that stay as they are.
    #[must_use]
    pub fn into_owned(self) -> Woven<'static> {
        let files = self.files.into_iter().map(|(name, bytes)| (name, Cow::Owned(bytes.into_owned())));
        Woven { files: files.collect(), origins: self.origins, report: self.report }
    }
}

/// Weaves a package. With `notes` of the compiler, on what it inlines and what escapes, the report can say more of the export data;
/// the edits of `rewrites`, the answers of rewriters, come after what the rules say.
///
/// # Errors
///
/// Faults of the input or of this program; what the rules ask for and the package does not have, and what is wrong with an answer,
/// is a finding in the report instead.
pub fn weave<'a>(
    input: &'a WeaveInput<'a>,
    notes: Option<&'a CompilerNotes>,
    rewrites: &[Rewrite],
) -> Result<Woven<'a>, WeaveError> {
    static NONE: CompilerNotes = CompilerNotes::new();
    let notes = notes.unwrap_or(&NONE);
    let Ordered { rules, in_turn } = ordered(input);
    let Read { files, outline, name } = read::files(input, !rules.is_empty() || !rewrites.is_empty())?;
    let known = Known::new(input.package, &files);
    let resolution = Resolution::new(&known);
    let deep = rules.iter().any(|(_, r)| r.join.looks_inside());
    let package = Package::new(input, &files, name, resolution, outline, deep);
    let mut weaver = Weaver::new(&package, notes, &rules, in_turn);
    weaver.findings = package.refuse_woven(&rules);
    weaver.woven_before = !weaver.findings.is_empty();
    weaver.findings.extend(package.refuse_comments(&rules));
    let ranks = 1..;
    for ((set, rule), rank) in rules.iter().zip(ranks) {
        weaver.rule(set, rule, rank);
    }
    let ranks = Rank::try_from(rules.len() + 1).unwrap_or(Rank::MAX)..;
    for (rewrite, rank) in rewrites.iter().zip(ranks) {
        weaver.rewrite(rewrite, rank);
    }
    weaver.finish()
}

/// State of the weave of a package, and its findings so far.
pub(crate) struct Weaver<'a, 'f, 'p> {
    package: &'p Package<'a, 'f>,
    advisor: Advisor<'a, 'f, 'p>,
    state: State<'a>,
    rules: Vec<RuleReport>,
    /// The reports of rules of which only laying tells whether they change anything, by their index, and their owners.
    laid: Vec<(usize, String)>,
    /// The version of the language that what is woven needs.
    language: Option<String>,
    rewriters: Vec<RewriterReport>,
    findings: Vec<Diagnostic>,
    /// Whether a file is woven already, so that it has names of ours.
    woven_before: bool,
    /// Warnings.
    warnings: Vec<Diagnostic>,
    origins: RefCell<Origins>,
    /// Text that rules put into the extra file, and which rules.
    in_extra: Vec<(String, String)>,
    /// Locations of rules, by the owner of edits.
    places: BTreeMap<String, Location>,
}

impl<'a, 'f, 'p> Weaver<'a, 'f, 'p> {
    fn new(
        package: &'p Package<'a, 'f>,
        notes: &'a CompilerNotes,
        rules: &[(&'a LoweredRules, &'a LoweredRule)],
        in_turn: Vec<&'a LoweredRule>,
    ) -> Self {
        let places: BTreeMap<_, _> =
            rules.iter().filter_map(|(set, r)| Some((owner(set, r), r.at.clone()?))).collect();
        Self {
            package,
            advisor: Advisor::new(package, notes, in_turn),
            state: State::new(package),
            rules: Vec::new(),
            laid: Vec::new(),
            language: None,
            rewriters: Vec::new(),
            findings: Vec::new(),
            woven_before: false,
            warnings: Vec::new(),
            origins: RefCell::new(Origins::new(places.clone())),
            in_extra: rules.iter().flat_map(|(set, rule)| in_extra(set, rule)).collect(),
            places,
        }
    }

    /// Weaves one rule, and says what became of it. `rank` is its place among all advice.
    fn rule(&mut self, set: &'a LoweredRules, rule: &'a LoweredRule, rank: Rank) {
        let mut report = report_of(set, rule);
        let size = self.state.size();
        let woven = self.ask(set, rule, rank, &mut report.skipped).and_then(|(patch, matches)| {
            report.export_data = Some(self.merge(patch)?);
            report.matches = matches;
            Ok(())
        });
        match woven {
            Ok(()) => {
                match self.state.size() {
                    same if same == size => report.leave_as_it_was(),
                    (edits, _) if edits == size.0 => self.laid.push((self.rules.len(), owner(set, rule))),
                    _ => {}
                }
                self.needs_language(rule.language_version.as_ref());
            }
            Err(miss) => self.missed(set, rule, miss, &mut report),
        }
        self.rules.push(report);
    }

    /// Weaves what a rule asks for, and says what that does to the export data.
    fn merge(&mut self, patch: Patch<'a>) -> Result<ExportData, Miss> {
        let bodies = patch.bodies();
        let state = &mut self.state;
        let said = (state.changes.len(), state.doubts.len(), state.effects.len());
        state.merge(self.package, patch).map_err(Miss::Mismatch)?;
        let more = (state.changes.len() > said.0, state.doubts.len() > said.1);
        Ok(self.advisor.does_to_export_data(more, &state.effects[said.2..], &bodies))
    }

    /// Records that woven code needs this version of the language.
    fn needs_language(&mut self, needed: Option<&String>) {
        let version = |l: Option<&String>| l.and_then(|l| GoVersion::parse(l));
        if version(needed) > version(self.language.as_ref()) {
            self.language = needed.cloned();
        }
    }
}

/// The report of a rule that is woven.
fn report_of(set: &LoweredRules, rule: &LoweredRule) -> RuleReport {
    RuleReport {
        instrumentation: set.instrumentation.clone(),
        rule: rule.id.clone(),
        doc: None,
        link: None,
        at: rule.at.clone(),
        status: Status::Woven,
        matches: Vec::new(),
        export_data: None,
        skipped: Vec::new(),
        reason: None,
        conditions: Vec::new(),
    }
}

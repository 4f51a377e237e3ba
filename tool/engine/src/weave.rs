//! Weaving one package: match the rules, edit the files, write the extra file.

mod output;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{
    Diagnostic, GoVersion, JoinPoint, Kind, Location, LoweredRule, LoweredRules, MainVariable, ModuleVersion,
    Note, PathPattern, TypeQuestions, VersionRange, WovenFacts,
};
use weave_report::{ExportData, MatchReport, Report, RewriterReport, RuleReport, SkipReport, Status};

use crate::advice::edits::Rank;
use crate::advice::export_effects::CompilerNotes;
use crate::advice::patch::Patch;
use crate::advice::state::{SoFar, State};
use crate::advice::{Advisor, Asker};
use crate::error::WeaveError;
use crate::join::looks_inside;
use crate::lower::questions;
use crate::order::{Ordered, ordered};
use crate::origins::Origins;
use crate::package::file::{File, Mention, SourceFile};
use crate::package::names::{MARKER, is_ours};
use crate::package::sites::{Candidate, Known, Resolution};
use crate::package::{EXTRA_FILE, Outline, Package, WeaveInput, directives};
use crate::refusal::{MALFORMED, Miss};
use crate::rewriter::{Rewrite, RewriteAnswer};

/// A woven package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Woven<'a> {
    /// Base name and bytes of every file, in the order given, the extra file last.
    pub files: Vec<(String, Cow<'a, [u8]>)>,
    /// Where woven text comes from.
    pub origins: Origins,
    /// What happened. If it has findings, the files are the originals.
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

/// Weave a package.
///
/// # Errors
///
/// Faults of the input or of this program; what the rules ask for and the package does not have is a finding in the
/// report instead.
pub fn weave<'a>(input: &'a WeaveInput<'a>) -> Result<Woven<'a>, WeaveError> {
    static NONE: CompilerNotes = CompilerNotes::new();
    weave_with_notes(input, &NONE)
}

/// What a main package needs to know of a woven package.
#[must_use]
pub fn woven_facts(rules: &[LoweredRules], report: &Report) -> WovenFacts {
    let mut instrumentations: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for woven in report.rules.iter().filter(|r| r.status == Status::Woven) {
        let variables = instrumentations.entry(woven.instrumentation.clone()).or_default();
        let sets = rules.iter().filter(|set| set.instrumentation == woven.instrumentation);
        let rule = sets.flat_map(|set| &set.rules).find(|r| r.id == woven.rule);
        let has = |v: &MainVariable| !v.leave || report.leave.contains(&v.variable);
        variables.extend(rule.into_iter().flat_map(LoweredRule::variables).filter(has).map(|v| v.variable));
    }
    for rewriter in report.rewriters.iter().filter(|r| r.applies) {
        instrumentations.entry(rewriter.name.clone()).or_default();
    }
    let instrumentations =
        instrumentations.into_iter().map(|(name, variables)| (name, variables.into_iter().collect()));
    WovenFacts {
        weave: 1,
        package: report.package.clone(),
        importmap: None,
        instrumentations: instrumentations.collect(),
    }
}

/// Weave a package of which the compiler has told what it inlines and what escapes, so that the report can say more of the
/// export data. The woven files are the same.
///
/// # Errors
///
/// As [`weave()`].
pub fn weave_with_notes<'a>(
    input: &'a WeaveInput<'a>,
    notes: &'a CompilerNotes,
) -> Result<Woven<'a>, WeaveError> {
    weave_rewritten(input, notes, &[])
}

/// Weave a package to which rewriters have something to add, after what the rules say.
///
/// # Errors
///
/// As [`weave()`]; what is wrong with an answer is a finding.
pub fn weave_rewritten<'a>(
    input: &'a WeaveInput<'a>,
    notes: &'a CompilerNotes,
    rewrites: &[Rewrite],
) -> Result<Woven<'a>, WeaveError> {
    let sources: Vec<SourceFile<'_>> =
        input.files.iter().copied().filter(|f| f.path.ends_with(".go")).collect();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for s in &sources {
        if let Some(other) = names.insert(s.base_name(), s.path) {
            return Err(WeaveError::SameName(other.into(), s.path.into()));
        }
    }
    let vendored = |path: &str| input.std && path.starts_with("golang.org/x/");
    let Ordered { rules, aspects } = ordered(input);
    let mut files: Vec<File<'_>> = Vec::with_capacity(sources.len());
    let mut outline = Outline::default();
    for source in sources {
        let excluded = input.target.excludes(source.base_name(), source.source);
        let mut file = File::new(source, excluded, &vendored);
        if file.excluded.is_none() && file.is_cgo() && !input.target.cgo() {
            file.excluded = Some("it imports \"C\", and cgo is off".into());
        }
        if file.excluded.is_none() {
            file.excluded = file.package_name().and_then(|name| input.target.excludes_package(name));
        }
        // Without a rule nobody asks what is in a file; with one, it is looked at before the next one is read.
        if !rules.is_empty() || !rewrites.is_empty() {
            outline.add(files.len(), &file);
        }
        files.push(file);
    }
    let package_name = files
        .iter()
        .filter(|f| f.excluded.is_none())
        .chain(&files)
        .find_map(File::package_name)
        .ok_or_else(|| WeaveError::PackageName(input.package.into()))?;

    if let Some(facts) = input.types {
        let mut asked = TypeQuestions::default();
        input
            .rules
            .iter()
            .filter(|set| PathPattern::is_match(&set.package, input.package))
            .for_each(|set| asked.extend(&set.types));
        facts.check(input.package, &files, &asked).map_err(WeaveError::Types)?;
    }
    let known = Known::new(input.package, &files);
    let resolution = Resolution::new(&known);
    let deep = rules.iter().any(|(_, r)| looks_inside(&r.join));
    let package = Package::new(input, &files, package_name, resolution, outline, deep);
    let mut weaver = Weaver::new(&package, notes, &rules, aspects);
    for (rank, (set, rule)) in rules.iter().enumerate() {
        weaver.rule(set, rule, Rank::try_from(rank + 1).unwrap_or(Rank::MAX));
    }
    for (i, rewrite) in rewrites.iter().enumerate() {
        weaver.rewrite(rewrite, Rank::try_from(rules.len() + 1 + i).unwrap_or(Rank::MAX));
    }
    weaver.finish()
}

/// What is woven into a package so far, and what is to be said of it.
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
    /// What is no error and yet worth saying.
    warnings: Vec<Diagnostic>,
    origins: RefCell<Origins>,
    /// What rules put into the extra file, and which.
    in_extra: Vec<(String, String)>,
    /// Where each rule stands, by the name that edits carry.
    places: BTreeMap<String, Location>,
}

impl<'a, 'f, 'p> Weaver<'a, 'f, 'p> {
    fn new(
        package: &'p Package<'a, 'f>,
        notes: &'a CompilerNotes,
        rules: &[(&'a LoweredRules, &'a LoweredRule)],
        aspects: Vec<&'a LoweredRule>,
    ) -> Self {
        let places: BTreeMap<_, _> =
            rules.iter().filter_map(|(set, r)| Some((owner(set, r), r.at.clone()?))).collect();
        let mut weaver = Self {
            package,
            advisor: Advisor::new(package, notes, aspects),
            state: State::new(package),
            rules: Vec::new(),
            laid: Vec::new(),
            language: None,
            rewriters: Vec::new(),
            findings: Vec::new(),
            warnings: Vec::new(),
            origins: RefCell::new(Origins::new(places.clone())),
            in_extra: rules.iter().flat_map(|(set, rule)| in_extra(set, rule)).collect(),
            places,
        };
        weaver.refuse_woven(rules);
        weaver.refuse_comments(rules);
        weaver
    }

    /// A comment for the weaver that it would not understand is a mistake, and not no comment.
    fn refuse_comments(&mut self, rules: &[(&'a LoweredRules, &'a LoweredRule)]) {
        let asked = |name: &str| {
            let mut found = false;
            for (_, rule) in rules {
                rule.join.walk(&mut |j| {
                    found |= matches!(j, JoinPoint::Directive(d) | JoinPoint::Annotated(d) if d == name);
                });
            }
            found
        };
        for file in self.package.files.iter().filter(|f| f.active() && f.mentions(Mention::Comment)) {
            let tree = &file.tree;
            let clause = tree.package_name().map_or(0, |n| n.start);
            for comment in tree.comments() {
                let mistake = directives::mistaken(tree.text(*comment), &asked, comment.start < clause);
                if let Some((message, help)) = mistake {
                    let d = Diagnostic::new(MALFORMED, Some(file.at(comment.start)), message);
                    self.findings.push(d.help(help));
                }
            }
        }
    }

    /// Weaving twice would call every hook twice.
    fn refuse_woven(&mut self, rules: &[(&'a LoweredRules, &'a LoweredRule)]) {
        let variables: BTreeSet<&str> = rules
            .iter()
            .filter_map(|(_, r)| r.hook().map(|h| h.variable.as_str()))
            .chain(rules.iter().filter_map(|(_, r)| r.context().map(|c| c.variable.as_str())))
            .collect();
        for file in self.package.files {
            let tree = &file.tree;
            let mentioned = file.mentions(Mention::Weave);
            let variable = if variables.is_empty() || !mentioned {
                None
            } else {
                let woven = |id| is_ours(tree.bytes(tree.span(id))) && variables.contains(tree.node_text(id));
                tree.idents().find(|&id| woven(id)).map(|id| tree.span(id).start)
            };
            let marker = || {
                let first = tree.comments().iter().find(|c| tree.bytes(**c) == MARKER.as_bytes());
                first.map(|c| c.start)
            };
            let at = variable.or_else(|| if mentioned { marker() } else { None });
            if at.is_some() || file.source.base_name() == EXTRA_FILE {
                self.findings.push(
                    Diagnostic::new(
                        "woven-twice",
                        Some(file.at(at.unwrap_or(0))),
                        "this file is woven already",
                    )
                    .help("give goweave the original sources"),
                );
            }
        }
    }

    /// Add what a rewriter answered to what the rules add up to. `rank` is its place among all advice.
    fn rewrite(&mut self, rewrite: &Rewrite, rank: Rank) {
        let RewriteAnswer { edits, sources, extra, .. } = &rewrite.answer;
        let changed = edits.iter().map(|e| &e.file).chain(sources.iter().map(|s| &s.file));
        let files: BTreeSet<String> = changed.chain(extra.iter().map(|e| &e.file)).cloned().collect();
        self.rewriters.push(RewriterReport {
            name: rewrite.name.clone(),
            applies: !files.is_empty(),
            files: files.into_iter().collect(),
        });
        let taken = self.advisor.take(rewrite, rank, &self.state);
        if let Err(mut d) = taken.and_then(|patch| self.state.merge(self.package, patch)) {
            d.message = format!("rewriter {}: {}", rewrite.name, d.message);
            if d.help.is_none() {
                *d =
                    d.help("this is a mistake of the rewriter: see docs/rewriters.md for what it may answer");
            }
            self.findings.push(*d);
        }
    }

    fn rule(&mut self, set: &'a LoweredRules, rule: &'a LoweredRule, rank: Rank) {
        let mut report = RuleReport {
            instrumentation: set.instrumentation.clone(),
            rule: rule.id.clone(),
            at: rule.at.clone(),
            status: Status::Woven,
            matches: Vec::new(),
            export_data: None,
            skipped: Vec::new(),
            reason: None,
            conditions: Vec::new(),
            doc: None,
            link: None,
        };
        let size = self.state.size();
        let applied = self.advise(set, rule, rank, &mut report.skipped).and_then(|(patch, matches)| {
            report.export_data = Some(self.merge(patch)?);
            Ok(matches)
        });
        match applied {
            Ok(matches) => {
                report.matches = matches;
                match self.state.size() {
                    same if same == size => report.leave_as_it_was(),
                    (edits, _) if edits == size.0 => {
                        self.laid.push((self.rules.len(), owner(set, rule)));
                    }
                    _ => {}
                }
                let version = |l: &Option<String>| l.as_deref().and_then(GoVersion::parse);
                if version(&rule.language_version) > version(&self.language) {
                    self.language.clone_from(&rule.language_version);
                }
            }
            Err(miss) => {
                let (status, finding) = match miss {
                    Miss::NotApplicable(reason) => (Status::NotApplicable, Err(reason)),
                    // A rule for a pattern of packages need not match in each of them.
                    Miss::NotFound(d)
                        if !rule.required.unwrap_or(
                            self.package.input.std
                                && rule.aspect.is_none()
                                && PathPattern::new(&set.package).exact().is_some(),
                        ) =>
                    {
                        (Status::Unmatched, Ok(d))
                    }
                    Miss::Mismatch(d) if rule.required == Some(false) && d.code != "no-types" => {
                        (Status::Unmatched, Ok(d))
                    }
                    Miss::NotFound(d) | Miss::Mismatch(d) => (Status::Failed, Ok(d)),
                };
                let unmet = matches!(&finding, Ok(d) if ["nothing-found", "function-not-found"].contains(&d.code.as_str()));
                if unmet {
                    report.conditions = self.package.why(&rule.join).lines;
                }
                report.status = status;
                report.reason = Some(match &finding {
                    Ok(d) => d.message.clone(),
                    Err(reason) => reason.clone(),
                });
                let no_version = matches!(&finding, Ok(d) if d.code == "no-version");
                if let (Status::Unmatched, Ok(d), true) = (status, &finding, no_version) {
                    let mut d = d.clone();
                    d.at = rule.place_of(keys_of(&d.code));
                    d.message = format!("rule `{}` of {}: {}", rule.id, set.instrumentation, d.message);
                    self.warnings.push(*d);
                }
                if let (Status::Failed, Ok(mut d)) = (status, finding) {
                    if d.code == "nothing-found" {
                        *d = self.package.why(&rule.join).note(*d, self.package);
                    }
                    // A mistake in a comment of the Go file is there, and the same for every rule.
                    if d.code != MALFORMED {
                        d.at = rule.place_of(keys_of(&d.code));
                        d.message = format!("rule `{}` of {}: {}", rule.id, set.instrumentation, d.message);
                    }
                    if !self.findings.contains(&d) {
                        self.findings.push(*d);
                    }
                }
            }
        }
        self.rules.push(report);
    }

    /// Weave what a rule asks for, and say what that does to the export data.
    fn merge(&mut self, patch: Patch<'a>) -> Result<ExportData, Miss> {
        let bodies = patch.bodies();
        let state = &mut self.state;
        let said = (state.changes.len(), state.doubts.len(), state.effects.len());
        state.merge(self.package, patch).map_err(Miss::Mismatch)?;
        let more = (state.changes.len() > said.0, state.doubts.len() > said.1);
        Ok(self.advisor.does_to_export_data(more, &state.effects[said.2..], &bodies))
    }

    /// What the advice of a rule asks for at everything that the rule matches.
    fn advise(
        &self,
        set: &'a LoweredRules,
        rule: &'a LoweredRule,
        rank: Rank,
        skipped: &mut Vec<SkipReport>,
    ) -> Result<(Patch<'a>, Vec<MatchReport>), Miss> {
        if rule.join.elsewhere(self.package.input.package, Some(self.package.name)) {
            return Err(self.package.nothing(rule));
        }
        self.applicable(rule)?;
        self.typed(rule)?;
        let owner = owner(set, rule);
        let one = rule.join.one_function();
        let mut candidates = match one {
            Some(pattern) => self.package.find(pattern)?,
            None => self.package.candidates(&rule.join)?,
        };
        if rule.not_in_tests && !candidates.is_empty() {
            let test = |c: &Candidate| {
                c.kind != Kind::Package && self.package.files[c.file].source.base_name().ends_with("_test.go")
            };
            candidates.retain(|c| !test(c));
            if candidates.is_empty() {
                return Err(Miss::NotApplicable(
                    "the rule is not for tests, and only they have what it asks for".into(),
                ));
            }
        }
        if candidates.is_empty() {
            return Err(self.package.nothing(rule));
        }
        let mut matches = Vec::new();
        let mut patch = Patch::default();
        let mut first: Option<Box<Diagnostic>> = None;
        for candidate in candidates {
            let stated = || match (one, candidate.function) {
                (Some(pattern), Some(index)) => self.package.check_signature(pattern, index),
                _ => Ok(()),
            };
            let asked =
                self.package.unwoven(rule, candidate).map_or(Ok(()), Err).and_then(|()| stated()).and_then(
                    |()| {
                        let mut asked = Patch::default();
                        for advice in &rule.advice {
                            let so_far = SoFar { state: &self.state, asked: [&patch, &asked] };
                            let asker = Asker { rule, owner: &owner, rank, so_far };
                            let more = self.advisor.advise(advice, asker, candidate)?;
                            asked.append(more);
                        }
                        Ok(asked)
                    },
                );
            match asked {
                Ok(asked) => {
                    patch.append(asked);
                    matches.push(MatchReport {
                        what: self.package.what(candidate),
                        at: self.package.at(candidate),
                    });
                }
                // A rule that names one thing means that thing; a pattern means those that can be woven.
                Err(d)
                    if (one.is_some() || candidate.kind == Kind::Package)
                        && d.code == "ignored"
                        && rule.required != Some(true) =>
                {
                    return Err(Miss::NotApplicable(d.message));
                }
                Err(d)
                    if one.is_some()
                        || candidate.kind == Kind::Package
                        || d.code == "conflict"
                        || d.code == MALFORMED
                        || rule.aspect.is_some() && !matches!(d.code.as_str(), "ignored" | "no-body") =>
                {
                    return Err(Miss::Mismatch(d));
                }
                Err(mut d) => {
                    if d.notes.iter().all(|n| n.at.is_none()) {
                        d.notes.extend(
                            self.package.at(candidate).map(|at| Note { at: Some(at), text: "here".into() }),
                        );
                    }
                    let reason = d.message.clone();
                    skipped.push(SkipReport {
                        what: self.package.what(candidate),
                        at: self.package.at(candidate),
                        reason,
                    });
                    // Why something could not be woven says more than that somebody did not want it.
                    if first.as_ref().is_none_or(|f| f.code == "ignored") {
                        first = Some(d);
                    }
                }
            }
        }
        match first {
            // A person has the last word, but for a rule that says otherwise.
            Some(d) if matches.is_empty() && d.code == "ignored" && rule.required != Some(true) => {
                Err(Miss::NotApplicable(d.message))
            }
            // A rule for many packages need not be woven in each of them.
            Some(d) if matches.is_empty() && PathPattern::new(&set.package).exact().is_none() => {
                Err(Miss::NotFound(d))
            }
            Some(d) if matches.is_empty() => Err(Miss::Mismatch(d)),
            _ => {
                let extra = &self.state.extra;
                if let Some(h) = rule.hook() {
                    patch.push(Advisor::declare_hook(h, extra)?);
                }
                if let Some(h) = rule.context() {
                    Advisor::declare_context(h, extra)?.into_iter().for_each(|v| patch.push(v));
                }
                Ok((patch, matches))
            }
        }
    }

    /// Whether the rule is for this Go release and this version of the module.
    fn applicable(&self, rule: &LoweredRule) -> Result<(), Miss> {
        let broken =
            |what: &str| Miss::mismatch(Diagnostic::new("bad-version", None, format!("cannot read {what}")));
        if let Some(range) = &rule.go {
            let range_parsed =
                VersionRange::<GoVersion>::parse(range).map_err(|_| broken(&format!("`{range}`")))?;
            let go = self.package.input.target.go();
            if !range_parsed.contains(&go) {
                return Err(Miss::NotApplicable(format!("the rule is for Go {range}, and this is Go {go}")));
            }
        }
        if let Some(language) = &rule.language_version {
            let needs = GoVersion::parse(language).ok_or_else(|| broken(&format!("`{language}`")))?;
            if self.package.input.target.go() < needs {
                let go = self.package.input.target.go();
                let message = format!("its code needs Go {language}, and this is Go {go}");
                return Err(Miss::mismatch(Diagnostic::new("language-version", None, message)));
            }
        }
        if let Some(range) = &rule.version {
            let range_parsed =
                VersionRange::<ModuleVersion>::parse(range).map_err(|_| broken(&format!("`{range}`")))?;
            let Some(version) = self.package.input.version else {
                return Err(Miss::not_found(
                    Diagnostic::new(
                        "no-version",
                        None,
                        format!(
                            "the rule is for version {range}, and the version of {} is not known",
                            self.package.input.package
                        ),
                    )
                    .help(
                        "give it with --package-version; under Bazel it is that of gazelle's package metadata, which packages \
                         of the repository itself do not have: take `version` out of the rule for these",
                    ),
                ));
            };
            let parsed =
                ModuleVersion::parse(version).ok_or_else(|| broken(&format!("the version `{version}`")))?;
            if !range_parsed.contains(&parsed) {
                return Err(Miss::NotApplicable(format!(
                    "the rule is for version {range}, and this is {version}"
                )));
            }
        }
        Ok(())
    }

    /// Whether what the rule asks of types is known.
    fn typed(&self, rule: &LoweredRule) -> Result<(), Miss> {
        let asked = questions(std::slice::from_ref(rule));
        if asked.is_empty() {
            return Ok(());
        }
        let Some(facts) = self.package.input.types else {
            return Err(Miss::mismatch(
                Diagnostic::new("no-types", None, "it asks for types, and none are given").help(
                    "`goweave types` says what is asked; give the answer of the types helper with `--types`; \
                     under Bazel name the package in `typed` of the go_instrumentation",
                ),
            ));
        };
        match asked.interfaces.iter().find_map(|i| facts.wrong.get(i)) {
            Some(why) => Err(Miss::mismatch(Diagnostic::new("no-interface", None, why.clone()))),
            None => Ok(()),
        }
    }
}

/// The parts of the extra file that a rule brings.
fn in_extra(set: &LoweredRules, rule: &LoweredRule) -> Vec<(String, String)> {
    let declared = rule.advice.iter().filter_map(|a| match a {
        weave_ir::LoweredAdvice::Declare(d) => Some(d.text.clone()),
        weave_ir::LoweredAdvice::File(f) => Some(f.text.clone()),
        _ => None,
    });
    let variables = rule.variables().into_iter().map(|v| format!("var {} ", v.variable));
    declared.chain(variables).map(|text| (text, owner(set, rule))).collect()
}

/// A rule, as messages name it.
fn owner(set: &LoweredRules, rule: &LoweredRule) -> String {
    format!("{}/{}", set.instrumentation, rule.id)
}

/// The keys of a rule that a finding is about, the nearest first.
fn keys_of(code: &str) -> &'static [&'static str] {
    match code {
        "function-not-found" | "no-body" => &["function"],
        "signature-differs" => &["signature"],
        "argument-count" | "argument-type" | "no-such-argument" | "bad-argument" | "unnamed-parameter" => {
            &["arguments", "hook"]
        }
        "no-such-parameter" | "replace-type" | "replace-count" => &["replace", "hook"],
        "skip-shape" | "exit-shape" | "hook-type" | "hook-place" | "bad-lowered-rule" => &["hook"],
        "nothing-found" | "several" => &[
            "call",
            "literal",
            "statement",
            "struct",
            "import",
            "variable",
            "constant",
            "function",
            "receiver",
            "directive",
        ],
        _ => &[],
    }
}

//! The requests of a rule's advice, or of a rewriter.

use std::collections::BTreeSet;

use weave_ir::{Kind, LoweredRule, LoweredRules, Note, Partial, PathPattern};
use weave_report::{MatchReport, RewriterReport, SkipReport};

use crate::advice::edits::Rank;
use crate::advice::patch::Patch;
use crate::advice::state::SoFar;
use crate::advice::{Advisor, Asker};
use crate::messages;
use crate::origins::owner;
use crate::package::sites::Candidate;
use crate::refusal::{Miss, Reason, Refusal};
use crate::rewriter::{Rewrite, RewriteAnswer};
use crate::weave::Weaver;

impl<'a> Weaver<'a, '_, '_> {
    /// Returns what the advice of a rule asks for at everything that the rule matches.
    pub(super) fn ask(
        &self,
        set: &'a LoweredRules,
        rule: &'a LoweredRule,
        rank: Rank,
        skipped: &mut Vec<SkipReport>,
    ) -> Result<(Patch<'a>, Vec<MatchReport>), Miss> {
        let candidates = self.matched(rule)?;
        let owner = owner(set, rule);
        let one = rule.join.one_function().is_some();
        let (mut patch, mut matches) = (Patch::default(), Vec::new());
        let mut first: Option<Refusal> = None;
        for c in candidates {
            match self.ask_at(rule, (&owner, rank), c, &patch) {
                Ok(asked) => {
                    patch.append(asked);
                    matches.push(MatchReport { what: self.package.what(c), at: self.package.at(c) });
                }
                // A rule that names one thing means that thing; a pattern means those that can be woven.
                Err(d) if (one || c.kind == Kind::Package) && kept_by_a_person(&d, rule) => {
                    return Err(Miss::NotApplicable(d.message.clone()));
                }
                Err(d) if one || c.kind == Kind::Package || fails(&d, rule) => return Err(Miss::Mismatch(d)),
                Err(mut d) => {
                    if d.notes.iter().all(|n| n.at.is_none()) {
                        let here = self.package.at(c).map(|at| Note { at: Some(at), text: "here".into() });
                        d.notes.extend(here);
                    }
                    let reason = d.message.clone();
                    skipped.push(SkipReport { what: self.package.what(c), at: self.package.at(c), reason });
                    // Why something could not be woven says more than that somebody did not want it.
                    if first.as_ref().is_none_or(|f| f.reason == Reason::Ignored) {
                        first = Some(d);
                    }
                }
            }
        }
        match first.filter(|_| matches.is_empty()) {
            // A person has the last word, but for a rule that says otherwise.
            Some(d) if kept_by_a_person(&d, rule) => Err(Miss::NotApplicable(d.message.clone())),
            // A rule for many packages need not be woven in each of them.
            Some(d) if PathPattern::new(&set.package).exact().is_none() => Err(Miss::NotFound(d)),
            Some(d) => Err(Miss::Mismatch(d)),
            None => {
                let extra = &self.state.extra;
                if let Some(h) = rule.hook() {
                    patch.push(Advisor::declare_hook(h, extra)?);
                }
                if let Some(h) = rule.hook_pair() {
                    Advisor::declare_context(h, extra)?.into_iter().for_each(|v| patch.push(v));
                }
                Ok((patch, matches))
            }
        }
    }

    /// Returns what a rule matches.
    fn matched(&self, rule: &LoweredRule) -> Result<Vec<Candidate>, Miss> {
        let package = self.package;
        if rule.join.elsewhere(package.input.package, Some(package.name)) {
            return Err(package.nothing(rule));
        }
        package.applicable(rule)?;
        package.typed(rule)?;
        let mut candidates = match rule.join.one_function() {
            Some(pattern) => package.find(pattern)?,
            None => package.candidates(&rule.join)?,
        };
        if rule.not_in_tests && !candidates.is_empty() {
            let test = |c: &Candidate| {
                c.kind != Kind::Package && package.files[c.file].source.base_name().ends_with("_test.go")
            };
            candidates.retain(|c| !test(c));
            if candidates.is_empty() {
                return Err(Miss::NotApplicable(messages::tests_alone().into()));
            }
        }
        if candidates.is_empty() { Err(package.nothing(rule)) } else { Ok(candidates) }
    }

    /// Returns what the advice of a rule asks for at one candidate, after what it asks for at others.
    fn ask_at(
        &self,
        rule: &'a LoweredRule,
        (owner, rank): (&str, Rank),
        c: Candidate,
        others: &Patch<'a>,
    ) -> Result<Patch<'a>, Refusal> {
        self.package.unwoven(rule, c).map_or(Ok(()), Err)?;
        if let (Some(pattern), Some(index)) = (rule.join.one_function(), c.function) {
            self.package.check_signature(pattern, index)?;
        }
        let mut patch = Patch::default();
        for advice in &rule.advice {
            let so_far = SoFar { state: &self.state, asked: [others, &patch] };
            let more = self.advisor.advise(advice, Asker { rule, owner, rank, so_far }, c)?;
            patch.append(more);
        }
        Ok(patch)
    }

    /// Adds what a rewriter answered to what the rules add up to. `rank` is its place among all advice.
    pub(super) fn rewrite(&mut self, rewrite: &Rewrite, rank: Rank) {
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
            d.message = messages::in_rewriter(&rewrite.name, &d.message);
            if d.help.is_none() {
                *d = d.help(messages::help_rewriter());
            }
            self.findings.push(d.finding);
        }
    }
}

/// Returns whether a comment keeps the code as it is, and the rule does not insist.
fn kept_by_a_person(d: &Refusal, rule: &LoweredRule) -> bool {
    d.reason == Reason::Ignored && rule.required != Some(true)
}

/// Returns whether a rule is not woven at all where it is refused so at one of its candidates.
fn fails(d: &Refusal, rule: &LoweredRule) -> bool {
    match d.reason {
        Reason::Conflict | Reason::Malformed => true,
        Reason::Ignored | Reason::NoBody => false,
        _ => rule.partial == Partial::Refuse,
    }
}

//! The verdict on a rule that is not woven.

use weave_ir::{Diagnostic, LoweredRule, LoweredRules, PathPattern, Unmatched};
use weave_report::{RuleReport, Status};

use crate::messages;
use crate::refusal::{Miss, Reason, Refused};
use crate::weave::Weaver;

impl<'a> Weaver<'a, '_, '_> {
    /// Says what became of a rule that is not woven.
    pub(super) fn missed(
        &mut self,
        set: &'a LoweredRules,
        rule: &'a LoweredRule,
        miss: Miss,
        report: &mut RuleReport,
    ) {
        let required = rule.required.unwrap_or_else(|| self.must_match(set, rule));
        let (status, refusal) = match miss {
            Miss::NotApplicable(reason) => {
                report.status = Status::NotApplicable;
                report.reason = Some(reason);
                return;
            }
            // A rule for a pattern of packages need not match in each of them.
            Miss::NotFound(d) if !required => (Status::Unmatched, d),
            Miss::Mismatch(d) if rule.required == Some(false) && d.reason != Reason::NoTypes => {
                (Status::Unmatched, d)
            }
            Miss::NotFound(d) | Miss::Mismatch(d) => (Status::Failed, d),
        };
        if matches!(refusal.reason, Reason::NothingFound | Reason::FunctionNotFound) {
            report.conditions = self.package.why(&rule.join).lines;
        }
        report.status = status;
        report.reason = Some(refusal.message.clone());
        match (status, refusal.reason) {
            (Status::Unmatched, Reason::NoVersion) => self.warnings.push(of_rule(set, rule, *refusal)),
            (Status::Unmatched, _) => {}
            (_, reason) => {
                let d = match reason {
                    // A mistake in a comment of the Go file is there, and the same for every rule.
                    Reason::Malformed => refusal.finding,
                    Reason::NothingFound => {
                        let mut refusal = refusal;
                        refusal.finding = self.package.why(&rule.join).note(refusal.finding, self.package);
                        of_rule(set, rule, *refusal)
                    }
                    _ => of_rule(set, rule, *refusal),
                };
                if !self.findings.contains(&d) {
                    self.findings.push(d);
                }
            }
        }
    }

    /// Returns whether matching nothing is an error where the rule does not say.
    fn must_match(&self, set: &LoweredRules, rule: &LoweredRule) -> bool {
        self.package.input.std
            && rule.unmatched == Unmatched::Error
            && PathPattern::new(&set.package).exact().is_some()
    }
}

/// A refusal as a finding about the rule.
fn of_rule(set: &LoweredRules, rule: &LoweredRule, refusal: Refused) -> Diagnostic {
    let Refused { reason, finding: mut d } = refusal;
    d.at = rule.place_of(reason.keys());
    d.message = messages::in_rule(&rule.id, &set.instrumentation, &d.message);
    d
}

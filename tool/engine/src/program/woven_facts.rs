//! Facts about a woven package that main packages read.

use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{LoweredRule, LoweredRules, MainVariable, WovenFacts};
use weave_report::{Report, Status};

/// Returns what a main package needs to know of a woven package.
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

//! Selects the rules for a package, and orders their advice.

use std::collections::BTreeSet;

use weave_ir::{LoweredRule, LoweredRules, PathPattern};

use crate::package::WeaveInput;

/// The rules for a package.
pub(crate) struct Ordered<'a> {
    /// Each with the list that it is in. Those with a lower `order` come before, and their advice stands outside.
    pub rules: Vec<(&'a LoweredRules, &'a LoweredRule)>,
    /// Rules that have a turn, in the order in which they apply.
    pub in_turn: Vec<&'a LoweredRule>,
}

pub(crate) fn ordered<'a>(input: &'a WeaveInput<'a>) -> Ordered<'a> {
    let mut rules: Vec<(&LoweredRules, &LoweredRule)> = input
        .rules
        .iter()
        .filter(|set| PathPattern::is_match(&set.package, input.package))
        .flat_map(|set| set.rules.iter().map(move |rule| (set, rule)))
        .collect();
    // A rule for several patterns, or about several packages, may be in several lists.
    let mut seen = BTreeSet::new();
    rules.retain(|(set, rule)| seen.insert((set.instrumentation.as_str(), rule.id.as_str())));
    let first =
        |set: &LoweredRules| input.rules.iter().position(|s| s.instrumentation == set.instrumentation);
    rules.sort_by_cached_key(|(set, rule)| {
        let applied = rule.turn.as_ref().map(|a| (a.namespace.is_none(), a.namespace.clone(), a.order));
        (applied, first(set), rule.place)
    });
    let in_turn = rules.iter().map(|(_, rule)| *rule).filter(|rule| rule.turn.is_some()).collect();
    let mut placed: Vec<_> = rules.into_iter().zip(0i64..).collect();
    placed.sort_by_key(|((_, rule), place)| {
        let outside = rule.turn.as_ref().is_some_and(|a| a.outside);
        (rule.order, if outside { -place } else { *place })
    });
    Ordered { rules: placed.into_iter().map(|(rule, _)| rule).collect(), in_turn }
}

//! The one place that makes a rule of its draft.

use weave_dialects::DraftRule;
use weave_ir::{Location, LoweredAdvice, LoweredRule};

/// The rule that weave actions read, by its draft and its advice.
pub(super) fn lowered_rule(
    path: &str,
    rule: &DraftRule,
    place: Option<u32>,
    advice: Vec<LoweredAdvice>,
) -> LoweredRule {
    let (line, col) = rule.at;
    LoweredRule {
        id: rule.id.value.clone(),
        at: Some(Location::new(rule.path.as_deref().unwrap_or(path), line, col)),
        keys: rule.keys.clone(),
        place,
        required: rule.required,
        go: rule.go.clone(),
        version: rule.version.clone(),
        order: rule.order,
        not_in_tests: rule.not_in_tests,
        dependencies: rule.dependencies.clone(),
        unsafe_functions: rule.unsafe_functions,
        unmatched: rule.unmatched,
        partial: rule.partial,
        turn: rule.turn.clone(),
        in_declarations: rule.in_declarations,
        language_version: rule.language_version.clone(),
        join: rule.join.clone(),
        advice,
    }
}

//! Rules of our own as drafts.

use std::collections::BTreeMap;

use weave_ir::JoinPoint;

use crate::Sp;
use crate::draft::{Draft, DraftAdvice, DraftRewriter, DraftRule, GoText};
use crate::weave::join_point::join_point;
use crate::weave::model::{Rule, RuleFile, Switch, Where};

impl RuleFile {
    /// The rules, whose hooks are still to be looked up. `path` is the file's, for messages.
    #[must_use]
    pub fn draft(&self, path: &str) -> Draft {
        let mut findings = Vec::new();
        let rules = self.rules.iter().filter_map(|rule| match join_point(path, &rule.value.r#where) {
            Ok(join) => Some(self.rule(&rule.value, join)),
            Err(more) => {
                findings.extend(more);
                None
            }
        });
        let rules = rules.collect();
        Draft {
            named: Some((self.name.line, self.name.col)),
            foreign: false,
            support: self.support.clone(),
            links_hooks: self.hooks.is_some(),
            adapters: self.adapters().map(str::to_owned).collect(),
            rewriter: self.rewriter.as_ref().map(|rewriter| DraftRewriter {
                at: (rewriter.line, rewriter.col),
                program: rewriter.value.program.clone(),
                packages: values(&rewriter.value.packages),
            }),
            findings,
            ..Draft::new(path, self.name.value.clone(), self.hooks.clone(), rules)
        }
    }

    fn rule(&self, rule: &Rule, join: JoinPoint) -> DraftRule {
        let at = &rule.r#where;
        let mut go_texts = Vec::new();
        texts(&at.value, &mut go_texts);
        let text = |s: &Option<Sp<String>>| s.as_ref().map(|s| s.value.clone());
        let advice = rule.advice().into_iter();
        let advice =
            advice.map(|(a, line, col)| Sp { value: DraftAdvice::Written(Box::new(a.clone())), line, col });
        DraftRule {
            at: (at.line, at.col),
            keys: keys(rule),
            required: rule.required,
            go: text(&at.value.go),
            version: text(&at.value.version),
            order: rule.order.or(self.order).unwrap_or_default(),
            not_in_tests: rule.tests.as_ref().is_some_and(|t| t.value == Switch::Off),
            dependencies: rule.dependencies.as_deref().map(values).unwrap_or_default(),
            unsafe_functions: rule.unsafe_functions == Some(true),
            doc: rule.doc.clone().or_else(|| self.doc.clone()),
            link: text(&rule.link).or_else(|| text(&self.link)),
            go_texts,
            ..DraftRule::new(rule.id.clone(), join, advice.collect())
        }
    }
}

/// Collects what conditions say of statements, as Go.
fn texts(w: &Where, out: &mut Vec<GoText>) {
    if let Some(s) = &w.statement {
        let s = &s.value;
        out.extend(s.text.iter().filter(|t| !t.value.starts_with('/')).cloned().map(GoText::Statement));
        out.extend(s.calls.iter().cloned().map(GoText::Callee));
        out.extend(s.assigns.iter().cloned().map(GoText::Expression));
    }
    for inner in w.all_of.iter().chain(&w.one_of).flatten() {
        texts(&inner.value, out);
    }
    if let Some(not) = &w.not {
        texts(&not.value, out);
    }
}

/// Returns where values stand that messages are about.
fn keys(rule: &Rule) -> BTreeMap<String, (u32, u32)> {
    let w = &rule.r#where.value;
    let texts = [
        ("function", &w.function),
        ("receiver", &w.receiver),
        ("signature", &w.signature),
        ("call", &w.call),
        ("literal", &w.literal),
        ("struct", &w.r#struct),
        ("import", &w.import),
        ("variable", &w.variable),
        ("constant", &w.constant),
        ("directive", &w.directive),
    ];
    let mut out: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for (key, value) in texts {
        out.extend(value.as_ref().map(|v| (key.to_owned(), (v.line, v.col))));
    }
    out.extend(w.statement.as_ref().map(|s| ("statement".to_owned(), (s.line, s.col))));
    for (advice, ..) in rule.advice() {
        let Some(hook) = &advice.hook else { continue };
        let f = &hook.value.function;
        out.insert("hook".into(), (f.line, f.col));
        for (key, list) in
            [("arguments", hook.value.arguments.as_deref()), ("replace", Some(hook.value.replace.as_slice()))]
        {
            out.extend(list.and_then(<[_]>::first).map(|v| (key.to_owned(), (v.line, v.col))));
        }
    }
    out
}

fn values(list: &[Sp<String>]) -> Vec<String> {
    list.iter().map(|v| v.value.clone()).collect()
}

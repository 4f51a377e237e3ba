//! Rules of our own as drafts.

use std::collections::BTreeMap;

use weave_ir::{JoinPoint, Kind};

use crate::Sp;
use crate::draft::{Draft, DraftRewriter, DraftRule};
use crate::weave::join_point::{join_point, texts};
use crate::weave::model::{Rule, RuleFile, Switch};

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
        let import = join.kinds().is_some_and(|kinds| kinds == [Kind::Import]);
        let advice = rule.advice().into_iter();
        let advice = advice
            .filter_map(|(a, line, col)| Some(Sp { value: a.draft(&rule.id.value, import)?, line, col }));
        let advice = advice.collect();
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
            ..DraftRule::new(rule.id.clone(), join, advice)
        }
    }
}

/// Returns where values stand that messages are about.
fn keys(rule: &Rule) -> BTreeMap<String, (u32, u32)> {
    let mut out = rule.r#where.value.keys();
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

//! Instrumentations that are required and woven nowhere.

use std::collections::BTreeSet;

use weave_ir::Diagnostic;

use crate::{MainReport, Report, Status, Summary, messages};

/// Number of programs, and of rules, that a message names at most.
const MOST_NOTES: usize = 6;

impl Summary {
    /// Returns those of the required instrumentations of which no rule is woven into a program; where the reports are of packages alone,
    /// into none of these.
    ///
    /// `known` are names of instrumentations that the build has, those aside that the reports name; `next` says where to read why a
    /// rule was not woven.
    #[must_use]
    pub fn missing(&self, required: &[String], known: &[&str], next: &str) -> Vec<Diagnostic> {
        let known = self.names(known);
        let folder =
            |name| crate::all_shipped().iter().find(|s| s.name == name).map_or("", crate::Shipped::folder);
        let named = known.iter().map(|name| (*name, folder(*name)));
        let mut names = BTreeSet::new();
        for name in required {
            let these = crate::meant(name, named.clone());
            names.extend(if these.is_empty() { vec![name.as_str()] } else { these });
        }
        let missing = names.into_iter().filter(|name| !self.weaves(name));
        missing.map(|name| self.not_woven(name, &known, next)).collect()
    }

    /// The names of instrumentations that the reports have, and these.
    fn names<'a>(&'a self, more: &[&'a str]) -> BTreeSet<&'a str> {
        let offered = self.reported_programs().flat_map(|p| &p.instrumentations).map(|i| i.name.as_str());
        let ruled = self.rules.iter().map(|r| r.instrumentation.as_str());
        offered.chain(ruled).chain(more.iter().copied()).collect()
    }

    fn reported_programs(&self) -> impl Iterator<Item = &MainReport> {
        self.programs.iter().map(|p| &p.report)
    }

    /// Returns whether a program has a package into which an instrumentation is woven, and has its hooks.
    fn weaves(&self, instrumentation: &str) -> bool {
        let changed = |p: &&Report| {
            let woven =
                |r: &crate::RuleReport| r.instrumentation == instrumentation && r.status == Status::Woven;
            p.rules.iter().any(woven) || p.rewriters.iter().any(|r| r.name == instrumentation && r.applies)
        };
        let mut packages = self.packages.iter().map(|p| &p.report).filter(changed);
        if self.programs.is_empty() {
            return packages.next().is_some();
        }
        let woven: BTreeSet<&String> = packages.map(|p| &p.package).collect();
        self.reported_programs().any(|p| {
            p.instrumentations.iter().any(|i| i.name == instrumentation && i.applies)
                && p.packages.iter().any(|p| woven.contains(p))
        })
    }

    fn not_woven(&self, name: &str, known: &BTreeSet<&str>, next: &str) -> Diagnostic {
        if !known.contains(name) && !known.is_empty() {
            return messages::unknown_required(name, known);
        }
        let into = if self.programs.is_empty() { "package" } else { "program" };
        let mut found = messages::required_not_woven(name, into);
        let programs = self.reported_programs().map(|p| {
            let why = match p.instrumentations.iter().find(|i| i.name == name) {
                Some(i) => Some(&i.reason),
                None => p.reason.as_ref(),
            };
            let why = why.map_or("it has no package that the instrumentation is for", String::as_str);
            format!("{}: {why}", p.title())
        });
        let rules: Vec<String> = self
            .rules
            .iter()
            .filter(|r| r.instrumentation == name)
            .flat_map(|r| r.not.iter().map(move |p| (r, p)))
            .map(|(r, p)| {
                let why = p.reason.as_ref().map_or(String::new(), |w| format!(": {w}"));
                format!("{name}/{} is {} in {}{why}", r.rule, p.status.word(), p.package)
            })
            .collect();
        let help = match rules.is_empty() {
            true => messages::required_without_package(name),
            false => next.to_owned(),
        };
        for texts in [programs.collect(), rules] {
            let more = texts.len().saturating_sub(MOST_NOTES);
            for text in texts.into_iter().take(MOST_NOTES) {
                found = found.note(None, text);
            }
            if more > 0 {
                found = found.note(None, messages::and_more(more));
            }
        }
        found.help(help)
    }
}

//! Origins of woven text: the rule that inserted the code that the compiler complains about.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use weave_ir::{Location, LoweredAdvice, LoweredRule, LoweredRules};
use weave_text::{Applied, TextEdit};

/// Text that rules inserted into a package. As JSON it has no locations of rules: who reads it does not depend on them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Origins {
    /// Insertions by base name of the file.
    files: BTreeMap<String, Vec<Inserted>>,
    /// Locations of rules, by `instrumentation/rule`.
    #[serde(skip)]
    places: BTreeMap<String, Location>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Inserted {
    line: u32,
    /// Columns in bytes, from 1; the second one is behind it.
    columns: (u32, u32),
    text: String,
    /// `instrumentation/rule`, or several of them.
    owner: String,
}

impl Origins {
    pub(crate) fn new(places: BTreeMap<String, Location>) -> Self {
        Self { files: BTreeMap::new(), places }
    }

    /// Adds what edits put into a file.
    pub(crate) fn add(&mut self, name: &str, edit: &TextEdit, applied: &Applied) {
        let list = self.files.entry(name.to_owned()).or_default();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        // The edits are in the order of the text.
        let (mut at, mut lines, mut begin) = (0, 0, 0);
        for (e, span) in edit.edits().iter().zip(&applied.inserted) {
            let (start, end) = (span.start as usize, span.end as usize);
            for newline in memchr::memchr_iter(b'\n', applied.text.get(at..start).unwrap_or_default()) {
                lines += 1;
                begin = at + newline + 1;
            }
            at = at.max(start);
            list.push(Inserted {
                line: number(lines + 1),
                columns: (number(start - begin + 1), number(end - begin + 1)),
                text: e.text.clone(),
                owner: e.owner.clone(),
            });
        }
    }

    /// Adds what a rule puts into the extra file, of which only the text is known.
    pub(crate) fn add_extra(&mut self, name: &str, extra: &str, parts: &[(String, String)]) {
        let list = self.files.entry(name.to_owned()).or_default();
        for (line, text) in (1u32..).zip(extra.lines()) {
            let of = |part: &&(String, String)| {
                part.0.lines().any(|l| l.trim().len() > 1 && text.contains(l.trim()))
            };
            if let Some((_, owner)) = parts.iter().find(of) {
                list.push(Inserted {
                    line,
                    columns: (1, u32::MAX),
                    text: text.to_owned(),
                    owner: owner.clone(),
                });
            }
        }
    }

    /// The rules that a complaint at a place of a woven file is about, and where they stand: of what is inserted at the column, or,
    /// where that says nothing, of what is inserted on the line. Nothing if no rule has anything there.
    #[must_use]
    pub fn rules(
        &self,
        file: &str,
        line: u32,
        column: Option<u32>,
        complaint: &str,
    ) -> Vec<(String, Option<Location>)> {
        let on_line = || self.files.get(file).into_iter().flatten().filter(|i| i.line == line);
        let at = |c: u32| on_line().filter(move |i| i.columns.0 <= c && c < i.columns.1).collect::<Vec<_>>();
        let mut found = column.map(at).unwrap_or_default();
        if found.is_empty() {
            // Names that the complaint has.
            let words: Vec<&str> = complaint
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .filter(|w| w.len() > 1)
                .collect();
            let says = |i: &&Inserted| {
                let mut parts = i.text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                parts.any(|p| words.contains(&p))
            };
            found = on_line().filter(says).collect();
        }
        if found.is_empty() {
            found = on_line().collect();
        }
        let owners: BTreeSet<&str> = found.iter().flat_map(|i| i.owner.split(" and ")).collect();
        let known = owners.into_iter().filter(|o| self.places.contains_key(*o));
        known.map(|owner| (owner.to_owned(), self.places.get(owner).cloned())).collect()
    }

    /// Every rule that inserted something, and where it stands.
    #[must_use]
    pub fn all(&self) -> Vec<(String, Option<Location>)> {
        let owners: BTreeSet<&str> =
            self.files.values().flatten().flat_map(|i| i.owner.split(" and ")).collect();
        self.places
            .iter()
            .filter(|(rule, _)| owners.contains(rule.as_str()))
            .map(|(rule, at)| (rule.clone(), Some(at.clone())))
            .collect()
    }
}

/// The parts of the extra file that a rule brings.
pub(crate) fn in_extra(set: &LoweredRules, rule: &LoweredRule) -> Vec<(String, String)> {
    let declared = rule.advice.iter().filter_map(|a| match a {
        LoweredAdvice::Declare(d) => Some(d.text.clone()),
        LoweredAdvice::File(f) => Some(f.text.clone()),
        _ => None,
    });
    let variables = rule.variables().into_iter().map(|v| format!("var {} ", v.variable));
    declared.chain(variables).map(|text| (text, owner(set, rule))).collect()
}

/// A rule, as messages name it.
pub(crate) fn owner(set: &LoweredRules, rule: &LoweredRule) -> String {
    format!("{}/{}", set.instrumentation, rule.id)
}

//! Whether a program carries what its report says.

use std::collections::BTreeSet;

use weave_ir::Diagnostic;

use crate::{MainReport, Record, Summary, messages};

impl Summary {
    /// Returns the report of the program that is called so, by its label or import path; of the only one, if `name` is none.
    ///
    /// # Errors
    ///
    /// The names of all, where that does not tell one.
    pub fn program(&self, name: Option<&str>) -> Result<&MainReport, Vec<&str>> {
        let all: Vec<&MainReport> = self.programs.iter().map(|p| &p.report).collect();
        let called = |p: &&&MainReport| name.is_none_or(|n| p.title() == n || p.package == n);
        match all.iter().filter(called).collect::<Vec<_>>()[..] {
            [one] => Ok(one),
            _ => Err(all.iter().map(|p| p.title()).collect()),
        }
    }
}

impl MainReport {
    /// Tells what a program that has these records carries and its report does not say, or the other way round. A program that carries another
    /// one inside has the records of both.
    #[must_use]
    pub fn differences(&self, records: &[Record]) -> Vec<Diagnostic> {
        let applied: Vec<_> = self.instrumentations.iter().filter(|i| i.applies).collect();
        let names: BTreeSet<&str> = applied.iter().map(|i| i.name.as_str()).collect();
        let packages: BTreeSet<&str> =
            applied.iter().flat_map(|i| i.uses.iter().map(String::as_str)).collect();
        let compare = |record: Option<&Record>| {
            let entries = |of: fn(&Record) -> &Vec<crate::RecordEntry>| {
                record.map(of).into_iter().flatten().map(|e| e.name.as_str()).collect::<BTreeSet<_>>()
            };
            let mut found = Vec::new();
            for (what, said, carried) in [
                ("the instrumentation", &names, entries(|r| &r.instrumentations)),
                ("woven code of the package", &packages, entries(|r| &r.packages)),
            ] {
                let lacks = said
                    .difference(&carried)
                    .map(|n| (*n, format!("the program has not {what} {n}, which its report says it has")));
                let more = carried.difference(said).map(|n| {
                    let why = self
                        .instrumentations
                        .iter()
                        .find(|i| i.name == *n)
                        .map_or("says nothing of it", |i| i.reason.as_str());
                    (*n, format!("the program has {what} {n}, and its report has not: {why}"))
                });
                found.extend(lacks.chain(more).map(|(_, message)| messages::not_as_reported(message)));
            }
            found
        };
        let mut all: Vec<_> = records.iter().map(|r| compare(Some(r))).collect();
        if records.is_empty() {
            all.push(compare(None));
        }
        all.into_iter().min_by_key(Vec::len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MainInstrumentation, RecordEntry};

    fn report(applied: &[&str]) -> MainReport {
        let one = |name: &&str| MainInstrumentation {
            name: (*name).to_owned(),
            applies: applied.contains(name),
            uses: vec![format!("uses/{name}")],
            reason: format!("no {name} is used"),
        };
        MainReport { instrumentations: ["a", "b"].iter().map(one).collect(), ..MainReport::default() }
    }

    fn record(names: &[&str]) -> Record {
        let entry = |name: String| RecordEntry { name, rules: String::new() };
        Record {
            weave: 1,
            tool: "goweave".into(),
            engine: String::new(),
            instrumentations: names.iter().map(|n| entry((*n).to_owned())).collect(),
            packages: names.iter().map(|n| entry(format!("uses/{n}"))).collect(),
        }
    }

    #[test]
    fn a_program_is_compared_with_its_report() {
        for (reported, carried, want) in [
            (&["a", "b"][..], vec![record(&["a", "b"])], vec![]),
            (&[], vec![], vec![]),
            // One inside of another.
            (&["a"], vec![record(&["b"]), record(&["a"])], vec![]),
            (
                &["a"],
                vec![],
                vec!["has not the instrumentation a,", "has not woven code of the package uses/a,"],
            ),
            (
                &["a"],
                vec![record(&["a", "b"])],
                vec![
                    "has the instrumentation b, and its report has not: no b is used",
                    "package uses/b, and its report has not: says nothing",
                ],
            ),
        ] {
            let found = report(reported).differences(&carried);
            assert_eq!(found.len(), want.len(), "{reported:?} {found:?}");
            for (found, want) in found.iter().zip(want) {
                assert!(found.message.contains(want), "{found:?}: {want}");
            }
        }
    }
}

//! The record in a woven program, and how to find it in a binary.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use weave_ir::MainRules;

use crate::MainReport;
use crate::digest::digest;

/// The record that a program carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Version of this format: 1.
    pub weave: u32,
    /// Name and version of the tool.
    pub tool: String,
    /// Digest of the weaver.
    pub engine: String,
    /// The instrumentations that apply, with the digest of their rules.
    pub instrumentations: Vec<RecordEntry>,
    /// The packages that they weave in this program, with the digest of what is woven into each, if it is known.
    pub packages: Vec<RecordEntry>,
}

/// A name and a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordEntry {
    /// The name.
    pub name: String,
    /// The digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rules: String,
}

/// Marks around the record. In the generated file they are apart from it, so that a source file is not a woven program.
const BEGIN: &str = "\u{1}goweave record ";
const END: &str = " goweave end\u{1}";

impl Record {
    /// The record of a program; `engine` is the digest of the weaver, `woven` has those of woven packages.
    #[must_use]
    pub fn new<'a>(
        tool: &str,
        engine: &str,
        report: &MainReport,
        rules: &[MainRules],
        support: &[MainRules],
        woven: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Self {
        let applied: Vec<_> = report.instrumentations.iter().filter(|i| i.applies).collect();
        let digest_of = |name: &str| {
            let rules = rules.iter().chain(support).find(|r| r.instrumentation == name);
            rules.map_or(String::new(), |r| digest([serde_json::to_vec(r).unwrap_or_default().as_slice()]))
        };
        let woven: Vec<_> = woven.into_iter().collect();
        let packages: BTreeSet<&str> =
            applied.iter().flat_map(|i| i.uses.iter().map(String::as_str)).collect();
        Self {
            weave: 1,
            tool: tool.to_owned(),
            engine: engine.to_owned(),
            instrumentations: applied
                .iter()
                .map(|i| RecordEntry { name: i.name.clone(), rules: digest_of(&i.name) })
                .collect(),
            packages: packages
                .into_iter()
                .map(|name| {
                    let rules =
                        woven.iter().find(|(p, _)| *p == name).map_or(String::new(), |(_, d)| d.clone());
                    RecordEntry { name: name.to_owned(), rules }
                })
                .collect(),
        }
    }

    /// Adds the record to the generated file of a program whose other files use the names `taken`.
    #[must_use]
    pub fn append(&self, file: &str, taken: &BTreeSet<String>) -> String {
        let mut name = "weaveRecord".to_owned();
        while taken.contains(&name) {
            name.push('_');
        }
        let json = serde_json::to_string(self).unwrap_or_default();
        let mut out = file.to_owned();
        let _ = write!(
            out,
            "\n// {name} is for `goweave inspect`. It is set when the program starts, or the linker would drop it.\n\
             var {name} string\n\nfunc init() {{\n\t{name} = \"\\x01\" + {} + {} + {} + \"\\x01\"\n}}\n",
            serde_json::Value::from(&BEGIN[1..]),
            serde_json::Value::from(json),
            serde_json::Value::from(&END[..END.len() - 1]),
        );
        out
    }

    /// The records in a binary. There are several if a program carries another one inside.
    #[must_use]
    pub fn find(binary: &[u8]) -> Vec<Self> {
        let mut found = Vec::new();
        let mut rest = binary;
        while let Some(at) = position(rest, BEGIN.as_bytes()) {
            rest = &rest[at + BEGIN.len()..];
            let Some(end) = position(rest, END.as_bytes()) else { break };
            if let Ok(record) = serde_json::from_slice::<Self>(&rest[..end])
                && !found.contains(&record)
            {
                found.push(record);
            }
        }
        found
    }

    /// The record for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("woven by {} (weaver {})\n", self.tool, self.engine);
        for (title, entries) in
            [("instrumentations", &self.instrumentations), ("woven packages", &self.packages)]
        {
            let _ = writeln!(out, "{title}");
            let width = entries.iter().map(|e| e.name.len()).max().unwrap_or(0);
            for e in entries {
                let _ = writeln!(out, "{}", format!("  {:width$}  {}", e.name, e.rules).trim_end());
            }
        }
        out
    }
}

/// Returns where a string of bytes begins in another.
fn position(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|b| *b == what[0]) {
        if bytes[from + at..].starts_with(what) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let entry = |name: &str, rules: &str| RecordEntry { name: name.into(), rules: rules.into() };
        Record {
            weave: 1,
            tool: "goweave 0".into(),
            engine: "e".into(),
            instrumentations: vec![entry("net/http", "d1")],
            packages: vec![entry("net/http", "d2"), entry("os", "")],
        }
    }

    #[test]
    fn a_record_is_found_in_a_binary_and_not_in_its_source() {
        let source = record().append("package main\n", &["weaveRecord".to_owned()].into());
        assert!(source.contains("var weaveRecord_ string"));
        assert_eq!(Record::find(source.as_bytes()), []);
        let json = serde_json::to_string(&record()).expect("it can be written");
        let binary = format!("\u{1}\u{1}goweave record oops{BEGIN}{json}{END} tail {BEGIN}{json}{END}");
        assert_eq!(Record::find(binary.as_bytes()), [record()]);
        assert_eq!(
            record().text(),
            "woven by goweave 0 (weaver e)\ninstrumentations\n  net/http  d1\nwoven packages\n  net/http  d2\n  os\n"
        );
    }
}

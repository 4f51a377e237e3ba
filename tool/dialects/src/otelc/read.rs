//! Helpers for reading both languages: positions, findings, checks.

use std::collections::BTreeSet;
use std::fmt;

use crate::Sp;
use crate::messages;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use weave_ir::{Diagnostic, Location, sanitize};

/// A mapping with the places of its keys, in the order of the file.
#[derive(Debug)]
pub(crate) struct Entries<T>(pub Vec<(Sp<String>, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for V<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Entries(Vec::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    list.push(entry);
                }
                Ok(Entries(list))
            }
        }
        deserializer.deserialize_any(V(std::marker::PhantomData))
    }
}

/// Returns whether a YAML file looks like one of otelc: a mapping whose values have `target`, and something else of a rule.
pub(crate) fn is_otelc(text: &str) -> bool {
    let mut keys = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with(|c: char| c.is_alphabetic()) {
            // Our own files and those of others say at once what they are.
            if ["weave:", "meta:", "aspects:"].iter().any(|k| line.starts_with(k)) {
                return false;
            }
        } else if let Some((key, _)) = line.trim_start().split_once(':') {
            keys.insert(key);
        }
    }
    // Older files have selectors and modifiers beside `target`.
    let others =
        ["do", "where", "func", "struct", "function_call", "function-call", "file", "value_declaration"];
    keys.contains("target") && others.iter().any(|k| keys.contains(k))
}

/// Collects findings.
pub(crate) struct Findings<'a> {
    path: &'a str,
    pub list: Vec<Diagnostic>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(path: &'a str) -> Self {
        Self { path, list: Vec::new() }
    }

    pub(crate) fn add(&mut self, (line, col): (u32, u32), mut finding: Diagnostic) {
        finding.at = Some(Location::new(self.path, line, col));
        self.list.push(finding);
    }

    /// A value, or none and what is wrong with it.
    pub(crate) fn ok<T>(&mut self, at: (u32, u32), what: &str, value: Result<T, String>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(why) => {
                self.add(at, messages::bad_value(what, &why));
                None
            }
        }
    }
}

/// The line and the column of a value.
pub(crate) fn line_col<T>(at: &Sp<T>) -> (u32, u32) {
    (at.line, at.col)
}

/// The same place for another value.
pub(crate) fn moved<T, U>(at: &Sp<T>, value: U) -> Sp<U> {
    Sp { value, line: at.line, col: at.col }
}

/// Names of rules that stay different when they become part of Go identifiers.
#[derive(Default)]
pub(crate) struct Ids(BTreeSet<String>);

impl Ids {
    pub(crate) fn unique(&mut self, name: &str) -> String {
        let mut id = name.to_owned();
        let mut n = 1;
        while !self.0.insert(sanitize(&id)) {
            n += 1;
            id = format!("{name}_{n}");
        }
        id
    }
}

/// The name of an instrumentation: the package that has its hooks, and its file unless that is called as all are.
pub(crate) fn instrumentation_name(path: &str, hooks: Option<&str>) -> String {
    let mut elements = path.rsplit(['/', '\\']);
    let file = elements.next().unwrap_or(path);
    let stem = [".otelc.yaml", ".otelc.yml", ".yaml", ".yml", ".json"]
        .iter()
        .find_map(|ending| file.strip_suffix(ending))
        .unwrap_or(file);
    match (stem, hooks, elements.next()) {
        ("otelc", Some(hooks), _) => hooks.to_owned(),
        ("otelc", None, Some(folder)) if !folder.is_empty() => folder.to_owned(),
        (stem, Some(hooks), _) => format!("{hooks}:{stem}"),
        (stem, None, _) => stem.to_owned(),
    }
}

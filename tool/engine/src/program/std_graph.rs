//! The import graph of the standard library for one target, from its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::messages;
use crate::package::file::{File, SourceFile};
use crate::package::target::Target;

/// Import graph of the standard library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StdGraph {
    /// Version of this format: 1.
    pub weave: u32,
    /// Go release.
    pub go: String,
    /// Target operating system.
    pub goos: String,
    /// Target architecture.
    pub goarch: String,
    /// Imports of every package, vendored ones under their `vendor/` path; sorted.
    pub packages: BTreeMap<String, BTreeSet<String>>,
}

impl StdGraph {
    /// The packages of the standard library that are reached from `roots`, themselves included.
    #[must_use]
    pub fn closure<'a>(&'a self, roots: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::new();
        let mut todo: Vec<&str> = roots.into_iter().collect();
        while let Some(path) = todo.pop() {
            if let Some((path, imports)) = self.packages.get_key_value(path)
                && seen.insert(path.as_str())
            {
                todo.extend(imports.iter().map(String::as_str));
            }
        }
        seen
    }
}

/// Reason why there is no graph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StdGraphError {
    /// A file lies outside of the sources of the standard library.
    Outside(String, String),
    /// A file that is in the build does not parse.
    Unparsed(String),
}

impl fmt::Display for StdGraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outside(path, prefix) => f.write_str(&messages::outside_of_prefix(path, prefix)),
            Self::Unparsed(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for StdGraphError {}

/// Collects files of the standard library, one at a time so that not all need to be in memory.
#[derive(Debug)]
pub struct StdGraphBuilder<'a> {
    target: &'a Target,
    prefix: String,
    packages: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> StdGraphBuilder<'a> {
    /// A graph for `target`; `prefix` is the path of `$GOROOT/src` as the files have it.
    #[must_use]
    pub fn new(target: &'a Target, prefix: &str) -> Self {
        Self { target, prefix: format!("{}/", prefix.trim_end_matches('/')), packages: BTreeMap::new() }
    }

    /// Returns whether a file counts at all: a Go file, no test, not below `cmd` or a `testdata` folder.
    #[must_use]
    pub fn wants(&self, path: &str) -> bool {
        let Some(inner) = path.strip_prefix(&self.prefix) else { return true };
        inner.ends_with(".go")
            && !inner.ends_with("_test.go")
            && !inner.starts_with("cmd/")
            && !inner.split('/').any(|e| e == "testdata" || e.starts_with(['_', '.']))
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// If it is not below the prefix or does not parse.
    pub fn add(&mut self, path: &str, source: &[u8]) -> Result<(), StdGraphError> {
        if !self.wants(path) {
            return Ok(());
        }
        let inner = path
            .strip_prefix(&self.prefix)
            .ok_or_else(|| StdGraphError::Outside(path.to_owned(), self.prefix.clone()))?;
        let (package, name) = inner.rsplit_once('/').unwrap_or(("", inner));
        if self.target.excludes(name, source).is_some() {
            return Ok(());
        }
        let vendored = |path: &str| path.starts_with("golang.org/x/");
        let file = File::new(SourceFile { path, source }, None, &vendored);
        if let Some(e) = file.errors.first() {
            return Err(StdGraphError::Unparsed(messages::unparsed(file.at(e.offset), &e.message)));
        }
        let imports_c = file.imports.iter().any(|i| i.written == "C");
        if imports_c && !self.target.cgo() {
            return Ok(());
        }
        let imports = self.packages.entry(package.to_owned()).or_default();
        imports.extend(file.imports.into_iter().map(|i| i.path).filter(|p| p != "C"));
        if imports_c {
            // What the files that cgo generates import.
            imports.extend(["runtime/cgo", "syscall", "unsafe"].map(str::to_owned));
            if package == "runtime/cgo" {
                imports.remove("runtime/cgo");
            }
        }
        Ok(())
    }

    /// The graph.
    #[must_use]
    pub fn finish(self) -> StdGraph {
        StdGraph {
            weave: 1,
            go: self.target.go().to_string(),
            goos: self.target.goos().to_owned(),
            goarch: self.target.goarch().to_owned(),
            packages: self.packages,
        }
    }
}

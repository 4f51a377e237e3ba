//! The libraries of a program: woven, not woven and why.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::known::{itself, shipped};
use crate::{LinkedLibrary, MainReport, Report, Status, messages};

/// A library of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibrarySummary {
    /// Title of the program.
    pub program: String,
    /// The library and its version.
    #[serde(flatten)]
    pub library: LinkedLibrary,
    /// The instrumentation for it, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrumentation: Option<String>,
    /// Its outcome.
    pub state: LibraryState,
    /// Spans, if it is woven; else the reason why it is not.
    pub why: String,
    /// Metrics, if it is woven.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
}

/// Outcome for a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LibraryState {
    /// It is woven, and the program has the hooks.
    Woven,
    /// There is an instrumentation for it, and it is not woven.
    NotWoven,
    /// It makes spans by itself.
    Itself,
    /// There is no instrumentation for it.
    Uninstrumented,
}

impl LibraryState {
    /// The words for it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Woven => "woven",
            Self::NotWoven => "not woven",
            Self::Itself => "instruments itself",
            Self::Uninstrumented => "no instrumentation",
        }
    }
}

impl LibrarySummary {
    /// The libraries of programs, by the reports of these and of all packages; of a program first what is woven, then what is not.
    pub(crate) fn of_programs<'r>(
        programs: impl Iterator<Item = &'r MainReport>,
        packages: &[&Report],
    ) -> Vec<Self> {
        let mut all = Vec::new();
        for program in programs {
            let mut here: Vec<Self> =
                program.libraries.iter().map(|l| Self::of_library(program, l, packages)).collect();
            here.sort_by_key(|l| l.state);
            all.extend(here);
        }
        all
    }

    fn of_library(program: &MainReport, library: &LinkedLibrary, packages: &[&Report]) -> Self {
        let known = shipped(&library.module);
        // Whoever writes an instrumentation of their own may have it for the same packages.
        let uses = |packages: &[String]| packages.iter().any(|p| within(p, &library.module));
        let own = program.instrumentations.iter().find(|i| i.applies && uses(&i.uses));
        let name = known.map(|k| k.name.as_str());
        let offered = program.instrumentations.iter().find(|i| Some(i.name.as_str()) == name).or(own);
        let name = offered.map(|i| i.name.as_str()).or(name);
        // What is woven for a library may be in a module that it stands on.
        let modules = known.map_or(&[][..], |k| &k.modules);
        let of_it = |package: &str| within(package, &library.module);
        let found: Vec<&Report> = packages
            .iter()
            .copied()
            .filter(|p| program.packages.contains(&p.package))
            .filter(|p| of_it(&p.package) || modules.iter().any(|m| within(&p.package, m)))
            .collect();
        let mut library = library.clone();
        let std = of_std(&library.module);
        let version = |p: &&Report| match std {
            true => Some(format!("Go {}", p.go)),
            false => p.version.clone(),
        };
        library.version =
            library.version.take().or_else(|| found.iter().filter(|p| of_it(&p.package)).find_map(version));
        let (state, why) = match (name, offered) {
            (None, _) => match itself(&library.module) {
                Some(how) => (LibraryState::Itself, how.to_owned()),
                None => (LibraryState::Uninstrumented, messages::no_instrumentation()),
            },
            (Some(name), None) => (
                LibraryState::NotWoven,
                match &program.reason {
                    Some(reason) => messages::without_hooks(reason),
                    None => messages::not_chosen(name),
                },
            ),
            (Some(_), Some(i)) if !i.applies => (LibraryState::NotWoven, i.reason.clone()),
            (Some(name), Some(_)) => {
                let rules = || found.iter().flat_map(|p| &p.rules).filter(|r| r.instrumentation == name);
                if rules().any(|r| r.status == Status::Woven) {
                    (LibraryState::Woven, known.map_or(String::new(), |k| k.spans.clone()))
                } else {
                    let why: BTreeSet<&str> = rules().filter_map(|r| r.reason.as_deref()).collect();
                    let first = why.iter().next().map_or("no report tells what became of it", |w| w);
                    (LibraryState::NotWoven, first.to_owned())
                }
            }
        };
        let metrics = match state {
            LibraryState::Woven => known.map_or(Vec::new(), |k| k.metrics.clone()),
            _ => Vec::new(),
        };
        let instrumentation = name.map(str::to_owned);
        Self { program: program.title().to_owned(), library, instrumentation, state, why, metrics }
    }
}

/// Returns whether a package is of a module; of a package of the standard library only itself.
fn within(package: &str, module: &str) -> bool {
    match package.strip_prefix(module) {
        Some("") => true,
        Some(rest) => rest.starts_with('/') && !of_std(module),
        None => false,
    }
}

/// Returns whether a module is a package of the standard library.
fn of_std(module: &str) -> bool {
    module.split('/').next().is_some_and(|first| !first.contains('.'))
}

//! The verbs: read, call the engine, write. One file a verb; `rule_files` is what they share, and `go` has those about builds.

mod check;
mod fmt;
mod lower;
mod main;
mod parse;
mod report;
mod rule_files;
mod schema;
#[cfg(feature = "shell")]
mod shell;
mod stdcheck;
mod stdgraph;
mod types;
mod weave;

use std::process::ExitCode;

use anyhow::Result;

use crate::out::Outcome;
use crate::{args, go};

/// Does what a verb is for, and gives the code that the process ends with. `hooks` is the text of the file of hooks that `modules` is
/// given.
pub(crate) fn run(verb: args::Verb, hooks: Option<Result<String>>) -> Result<ExitCode> {
    let outcome = match verb {
        args::Verb::Go { arguments } => return go::go(&arguments),
        args::Verb::Env(a) => go::env(&a),
        args::Verb::Diff(a) => go::diff(&a),
        args::Verb::Inspect(a) => go::inspect(&a),
        args::Verb::Check(a) => check::check(&a),
        args::Verb::Explain(a) => match a.report.is_empty() {
            true => go::explain(&a),
            false => report::explain(&a),
        },
        args::Verb::Fmt(a) => fmt::fmt(&a),
        args::Verb::Report(a) => match a.reports.is_empty() && a.label.is_none() {
            true => go::report(&a),
            false => report::report(&a),
        },
        args::Verb::Schema => schema::schema(),
        #[cfg(feature = "shell")]
        args::Verb::Completions(a) => shell::completions(&a),
        #[cfg(feature = "shell")]
        args::Verb::Man(a) => shell::man(&a),
        args::Verb::Modules(a) => go::modules(&a, hooks),
        args::Verb::Parse(a) => parse::parse(&a),
        args::Verb::Lower(a) => lower::lower(&a),
        args::Verb::Types(a) => types::types(&a),
        args::Verb::Weave(a) => weave::weave(&a),
        args::Verb::Stdgraph(a) => stdgraph::stdgraph(&a),
        args::Verb::Stdcheck(a) => stdcheck::stdcheck(&a),
        args::Verb::Main(a) => main::main(&a),
    };
    outcome.map(|outcome| match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Findings => ExitCode::from(1),
    })
}

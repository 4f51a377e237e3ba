//! The verbs: they read, call the engine, and write. One file for each verb; they share `rule_files`.

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

pub(crate) use check::check;
pub(crate) use fmt::fmt;
pub(crate) use lower::lower;
pub(crate) use main::main;
pub(crate) use parse::parse;
pub(crate) use report::{explain, report};
pub(crate) use schema::schema;
#[cfg(feature = "shell")]
pub(crate) use shell::{completions, man};
pub(crate) use stdcheck::stdcheck;
pub(crate) use stdgraph::stdgraph;
pub(crate) use types::types;
pub(crate) use weave::weave;

//! Tests of weave_syntax through its public interface.
//!
//! [`oracle`], [`hostile`] and [`fuzz`] compare with go/parser itself, which bench/parser runs as one process;
//! the whole comparison is `./dev bench parser --full`. The other modules are tables of cases.
#![expect(clippy::disallowed_methods, reason = "tests may have a clock and an environment")]

mod build;
mod fuzz;
mod hostile;
#[path = "../support/invariants.rs"]
mod invariants;
#[path = "../support/names.rs"]
mod names;
mod oracle;
mod resolve;
#[expect(dead_code, reason = "files by name are for the whole comparison")]
#[path = "../support/mod.rs"]
mod support;
mod tree;

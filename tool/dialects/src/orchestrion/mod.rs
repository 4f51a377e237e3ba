//! Orchestrion's rule files, as they are.
//!
//! An `orchestrion.yml` has aspects: a join point and advice. [`read()`](crate::read()) makes drafts of it, with those that it
//! extends, by the schema of Orchestrion 1.15. What an aspect means is Orchestrion's,
//! as its documentation and its schema say; `docs/orchestrion.md` has a table of every construct.
//!
//! **Architecture invariant:** nothing here reads a file; the caller gives the texts.

mod file;
pub(crate) mod rules;
mod tool;

pub(crate) use file::is_orchestrion;
pub use rules::VERSION;
pub use tool::{RULE_FILE, TOOL, TOOL_FILE, tool_imports};

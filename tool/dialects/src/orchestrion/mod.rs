//! Orchestrion's rule files, as they are.
//!
//! An `orchestrion.yml` has aspects: a join point and advice. [`load`] reads one, with those that it extends, by the schema
//! of Orchestrion 1.15, and lowers it into the rules that every weave action reads. What an aspect means is Orchestrion's,
//! as its documentation and its schema say; `docs/orchestrion.md` has a table of every construct.
//!
//! **Architecture invariant:** nothing here reads a file; the caller gives the texts.

mod file;
mod lower;
mod tool;

pub(crate) use file::is_orchestrion;
pub use file::parse;
pub use lower::{BuiltIn, Counts, Extend, Loaded, Options, VERSION, load, load_all};
pub use tool::{TOOL, TOOL_FILE, tool_imports};

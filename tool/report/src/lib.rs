//! Reports of weaving. `goweave weave` writes a [`Report`] of each package, `goweave main` a [`MainReport`] of each program, and
//! `goweave lower` the places of rules ([`weave_ir::Places`]); a [`Summary`] is made of them, and a [`Record`] is what a binary
//! carries.
//!
//! **Architecture invariant:** what one part of the tool writes as JSON, others read with the type that wrote it. The files in
//! `tests/contract` are what other programs may rely on: a field may be added, but what takes one away, or gives it
//! another meaning, raises [`VERSION`].
//!
//! **Architecture invariant:** nothing here reads a file or the environment.

mod digest;
mod html;
mod known;
mod library;
mod messages;
mod package;
mod program;
mod read;
mod record;
mod required;
mod size;
mod std_export_data;
mod summary;
mod text;
mod verify;

pub use digest::digest;
pub use known::{LinkedLibrary, Shipped, all_shipped, libraries, meant};
pub use library::{LibraryState, LibrarySummary};
pub use package::{
    ExportData, FileReport, FileStatus, LineReport, MatchReport, Report, RewriterReport, RuleReport,
    SkipReport, Status,
};
pub use program::{MainInstrumentation, MainReport};
pub use read::{NoReport, ReportedProgram, Reports};
pub use record::{Record, RecordEntry};
pub use size::Sizes;
pub use summary::{Digested, RuleFile, RuleMatches, RuleMiss, RuleSummary, Summary};

/// The version of reports, `weave` in each of them.
pub const VERSION: u32 = 1;

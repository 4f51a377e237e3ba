//! The engine of goweave: rules and Go files in, woven files and a report out.
//!
//! - [`lower()`]: a rule file and the sources of its hooks become what weave actions and main packages read.
//! - [`weave()`]: weaves one package.
//! - [`StdGraphBuilder`]: which package of the standard library imports which.
//! - [`main_file`]: the file of a main package that links the hooks which the program needs;
//!   [`referenced_packages`] reads from export data what the program uses.
//!
//! **Architecture invariant:** everything here is a pure function of its arguments: no file, clock, environment, or order
//! of a hash map.
//!
//! **Architecture invariant:** a woven file differs from its original only by text inserted within lines. A new
//! declaration goes into the extra file.

mod advice;
mod check;
mod dialect;
mod error;
mod join;
mod lower;
mod messages;
mod order;
mod origins;
mod package;
mod program;
mod refusal;
mod rewriter;
mod weave;

pub use advice::export_effects::CompilerNotes;
pub use error::WeaveError;
pub use lower::{Lowered, LoweredRewriter, lower, questions};
pub use origins::Origins;
pub use package::assembly::with_line_directive;
pub use package::cgo::name_originals;
pub use package::file::{SourceFile, SourceNames, source_names};
pub use package::target::{BadGoVersion, Target};
pub use package::tree::{ParsedTree, tree};
pub use package::typefacts::{
    ArgumentFact, CallFact, FileFacts, FunctionFact, LiteralFact, MethodFact, TypeFacts, TypeFactsError,
};
pub use package::{EXTRA_FILE, WeaveInput};
pub use program::export_data::{ExportError, export_fingerprint, referenced_packages};
pub use program::linkage::{CGO_PACKAGES, NoSuchArchive, has_cgo, main_without_cgo, without_cgo};
pub use program::main_file::{HOOK_RUNTIME, INSTRUMENTATIONS, MainInput, WovenPackages, main_file};
pub use program::std_graph::{StdGraph, StdGraphBuilder, StdGraphError};
pub use program::woven_facts::woven_facts;
pub use refusal::is_unparsed;
pub use rewriter::{
    REWRITER_PROTOCOL, Rewrite, RewriteAnswer, RewriteEdit, RewriteError, RewriteFile, RewriteRequest,
    RewriteSource, rewrite_request,
};
pub use weave::{Woven, weave};

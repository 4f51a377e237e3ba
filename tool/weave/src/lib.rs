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

mod advise;
mod aliases;
mod assembly;
mod build;
mod check;
mod code;
mod context;
mod directives;
mod draft;
mod edits;
mod effects;
mod export;
mod extra;
mod hook;
mod layers;
mod lower;
mod mainfile;
mod matching;
mod origins;
mod otelc_template;
mod package;
mod peer;
mod report;
mod rewriter;
mod sites;
mod stdgraph;
mod tree;
mod typefacts;
mod types;
mod weave;
mod why;

pub use assembly::with_line_directive;
pub use build::{BadGoVersion, Target};
pub use draft::lower_draft;
pub use effects::CompilerNotes;
pub use export::{ExportError, referenced_packages};
pub use lower::{Lowered, LoweredRewriter, lower, questions};
pub use mainfile::{
    HOOK_RUNTIME, INSTRUMENTATIONS, MainInput, MainInstrumentation, MainReport, WovenPackages, main_file,
};
pub use origins::Origins;
pub use package::{Facts, SourceFile, facts};
pub use report::{
    ExportData, FileReport, FileStatus, MatchReport, Report, RewriterReport, RuleReport, SkipReport, Status,
};
pub use rewriter::{
    REWRITER_PROTOCOL, Rewrite, RewriteAnswer, RewriteEdit, RewriteError, RewriteFile, RewriteRequest,
    RewriteSource, rewrite_request,
};
pub use stdgraph::{StdGraph, StdGraphBuilder, StdGraphError};
pub use tree::{ParsedTree, tree};
pub use typefacts::{
    ArgumentFact, CallFact, FileFacts, FunctionFact, LiteralFact, MethodFact, TypeFacts, TypeFactsError,
};
pub use weave::{
    EXTRA_FILE, WeaveError, WeaveInput, Woven, weave, weave_rewritten, weave_with_notes, woven_facts,
};

//! The languages of rule files, each from text to rules.
//!
//! [`weave`] is goweave's own, which people write beside the hooks of one instrumentation; [`orchestrion`], [`otelc`] and
//! [`alibaba`] are those of other tools, read as they are. Rules whose hooks are still to be looked up are [`Draft`]s.
//!
//! **Architecture invariant:** nothing here reads a Go file, a directory or the environment: the caller gives the texts.

pub mod alibaba;
mod dialect;
mod draft;
pub mod orchestrion;
pub mod otelc;
mod spanned;
pub mod weave;
mod yaml;

pub use dialect::{Dialect, Foreign, dialect, drafts};
pub use draft::{Draft, DraftAdvice, DraftFile, DraftHooks, DraftRewriter, DraftRule, GoText};
pub use spanned::Sp;
pub use weave::format::format;
pub use weave::join_point::join_point;
pub use weave::load::load;
pub use weave::model::{
    AddField, Advice, HookAdvice, Imports, OneOrMany, Rewriter, Rule, RuleFile, SetField, Switch, Where,
    WhereArgument, WhereFile, WhereMethod, WhereStatement,
};
pub use weave::position::value_at;
pub use yaml::read_yaml;

/// JSON Schema of rule files, for editors. A test makes it from the types, and fails when it is another one.
pub const SCHEMA: &str = include_str!("../weave.schema.json");

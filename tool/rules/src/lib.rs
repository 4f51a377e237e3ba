//! The rule language: what to weave, as data.
//!
//! A rule file ([`RuleFile`]) is YAML that people write beside the hooks of one instrumentation. [`load`] reads it with
//! the position of everything that a later message may need. A *lowered* rule file ([`LoweredRules`]) is what a weave
//! action reads: the rules for one package only, normalised, with the signature of every hook resolved.
//!
//! **Architecture invariant:** nothing here reads a Go file, a directory or the environment.

mod desugar;
mod diagnostic;
mod draft;
mod format;
mod gotype;
mod join;
mod load;
mod lowered;
mod mentions;
mod model;
mod pattern;
mod place;
mod plain;
#[cfg(test)]
mod reference;
mod std;
mod suggest;
mod types;
mod version;
mod yaml;

pub use desugar::join_point;
pub use diagnostic::{Diagnostic, Location, Note};
pub use draft::{Draft, DraftAdvice, DraftFile, DraftHooks, DraftRule};
pub use format::format;
pub use gotype::{ChanDir, FuncType, GoType, TypeError};
pub use join::{
    ArgumentPattern, FilePattern, FunctionPattern, Interface, JoinPoint, Kind, LiteralForm, LiteralPattern,
    MethodPattern, Occurrence, ReceiverPattern, SignaturePattern, StatementKind, StatementPattern,
    SymbolPattern, TypePattern, ValuePattern,
};
pub use load::load;
pub use lowered::{
    AspectOrder, Code, ContextHook, ContextUses, Language, LoweredAddField, LoweredAdvice, LoweredArguments,
    LoweredContext, LoweredDeclare, LoweredFile, LoweredHook, LoweredRule, LoweredRules, LoweredSetField,
    MainPackage, MainRules, MainVariable, Places, RulePlace, WovenFacts, hook_variable, leave_variable,
    sanitize,
};
pub use mentions::{Mentions, TypeName};
pub use model::{
    AddField, Advice, HookAdvice, Imports, OneOrMany, Rewriter, Rule, RuleFile, SetField, Sp, Switch, Where,
    WhereArgument, WhereFile, WhereMethod, WhereStatement,
};
pub use pattern::{NamePattern, PathPattern};
pub use place::value_at;
pub use plain::{PathGlob, PlainType};
pub use std::std_path;
pub use suggest::{did_you_mean, nearest};
pub use types::{AskedTypes, TypeQuestions};
pub use version::{GoVersion, ModuleVersion, RangeError, VersionRange};
pub use yaml::read_yaml;

/// JSON Schema of rule files, for editors. A test makes it from the types, and fails when it is another one.
pub const SCHEMA: &str = include_str!("../weave.schema.json");

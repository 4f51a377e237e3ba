//! The terms of the engine: rules, join points, advice, patterns, types, versions, diagnostics.
//!
//! A *lowered* rule file ([`LoweredRules`]) is what a weave action reads: the rules for one package only, normalised, with the
//! signature of every hook resolved.
//!
//! **Architecture invariant:** no format of a rule file is known here, nothing reads a Go file, a directory or the environment.

mod advice;
mod diagnostic;
mod go_type;
mod join_point;
mod mentions;
mod messages;
mod package_name;
mod path_glob;
mod pattern;
mod rule;
mod std_path;
mod suggest;
mod type_pattern;
mod type_questions;
mod version;

pub use advice::{
    Code, HookPair, Language, LoweredAddField, LoweredAdvice, LoweredArguments, LoweredDeclare, LoweredFile,
    LoweredHook, LoweredSetField, PairUses, PairedHook,
};
pub use diagnostic::{Diagnostic, Location, Note};
pub use go_type::{ChanDir, FuncType, GoType, TypeError};
pub use join_point::*;
pub use mentions::Mentions;
pub use package_name::assumed_name;
pub use path_glob::PathGlob;
pub use pattern::{NamePattern, PathPattern, SymbolPattern};
pub use rule::{
    LoweredRule, LoweredRules, MainPackage, MainRules, MainVariable, Partial, Places, RulePlace, Turn,
    Unmatched, WovenFacts, hook_variable, leave_variable, sanitize,
};
pub use std_path::std_path;
pub use suggest::{did_you_mean, nearest};
pub use type_pattern::TypePattern;
pub use type_questions::{AskedTypes, TypeQuestions};
pub use version::{GoVersion, ModuleVersion, RangeError, VersionRange};

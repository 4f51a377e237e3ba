//! Rules whose hooks are not looked up yet: what files of other languages are read into.

use std::collections::BTreeMap;

use crate::Sp;
use weave_ir::{JoinPoint, LoweredAdvice};

/// The rules of one instrumentation. Its hooks are in one package.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Name of the instrumentation.
    pub name: String,
    /// Import path of the package that has the hooks and the files that are added, and where that stands.
    pub hooks: Option<Sp<String>>,
    /// The rules, in their order.
    pub rules: Vec<DraftRule>,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct DraftRule {
    /// Name of the rule, unique in its instrumentation, letters and digits alone.
    pub id: Sp<String>,
    /// Whether matching nothing is an error; none: yes for packages of the standard library.
    pub required: Option<bool>,
    /// Range of Go releases.
    pub go: Option<String>,
    /// Range of module versions.
    pub version: Option<String>,
    /// Place among the rules for one join point.
    pub order: i32,
    /// Import paths that the woven package may come to import.
    pub dependencies: Vec<String>,
    /// Whether functions that the runtime has special rules for may be woven.
    pub unsafe_functions: bool,
    /// Where.
    pub join: JoinPoint,
    /// What to do, in this order.
    pub advice: Vec<Sp<DraftAdvice>>,
}

/// One thing that a rule does.
#[derive(Debug, Clone)]
pub enum DraftAdvice {
    /// It is known as it will be.
    Ready(LoweredAdvice),
    /// Hooks that are given a context.
    Context(DraftHooks),
    /// A file of the hooks package becomes part of the woven package.
    File(DraftFile),
}

/// Hooks that are given a context.
#[derive(Debug, Clone)]
pub struct DraftHooks {
    /// Called where the function is entered.
    pub before: Option<Sp<String>>,
    /// Called where the function is left.
    pub after: Option<Sp<String>>,
}

/// A file of the hooks package.
#[derive(Debug, Clone)]
pub struct DraftFile {
    /// Its name.
    pub name: Sp<String>,
    /// Whether the file of the woven package that has this name is left out for it.
    pub replaces: bool,
    /// Imports that the file gets: the name in it, the import path.
    pub imports: BTreeMap<String, String>,
}

//! Lowered rules: what a weave action and a main package need, and no more.
//!
//! They hold no comment, no documentation and no position inside hook sources, so that a weave action runs again only
//! when what it does may change.

use serde::{Deserialize, Serialize};

use crate::Location;

/// The rules of one instrumentation for one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredRules {
    /// Version of this format: 1.
    pub weave: u32,
    /// Name of the instrumentation.
    pub instrumentation: String,
    /// Import path of the hooks package; empty if no rule has a hook.
    pub hooks: String,
    /// The package that the rules are for.
    pub package: String,
    /// The rules, in their order.
    pub rules: Vec<LoweredRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredRule {
    /// Name of the rule.
    pub id: String,
    /// Where its `where` stands.
    pub at: Location,
    /// Whether matching nothing is an error; none: yes for packages of the standard library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Function or method name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// `*T`, `T` or nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<String>,
    /// Signature in the text form of [`crate::FuncType`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Range of Go releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<String>,
    /// Range of module versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What to do.
    pub advice: LoweredAdvice,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum LoweredAdvice {
    /// Call a hook.
    Hook(LoweredHook),
    /// Add declarations.
    Declare(LoweredDeclare),
}

/// A hook and its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredHook {
    /// Function of the hooks package.
    pub function: String,
    /// Variable of the woven package.
    pub variable: String,
    /// Go expressions; none: receiver and parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<String>>,
    /// Parameters that results of the hook replace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<String>,
    /// The hook's type in the text form of [`crate::FuncType`].
    pub signature: String,
    /// Where the hook is declared, for messages; not part of the lowered file.
    #[serde(skip)]
    pub declared: Option<Location>,
}

/// Declarations for the extra file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredDeclare {
    /// Go declarations.
    pub text: String,
    /// Import paths that they need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<String>,
}

/// What main packages need to know of one instrumentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MainRules {
    /// Version of this format: 1.
    pub weave: u32,
    /// Name of the instrumentation.
    pub instrumentation: String,
    /// Import path of the hooks package; empty if no rule has a hook.
    pub hooks: String,
    /// The packages that it weaves, sorted.
    pub packages: Vec<MainPackage>,
}

/// One woven package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MainPackage {
    /// Import path.
    pub package: String,
    /// Its hook variables, in the order of the rules.
    pub variables: Vec<MainVariable>,
}

/// A hook variable of a woven package and the function that it is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MainVariable {
    /// Name in the woven package.
    pub variable: String,
    /// Function of the hooks package.
    pub function: String,
}

/// Make a name usable inside a Go identifier: every character that is no ASCII letter or digit becomes `_`.
#[must_use]
pub fn sanitize(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The variable of a woven package through which a rule calls its hook.
#[must_use]
pub fn hook_variable(instrumentation: &str, rule: &str) -> String {
    format!("weave_{}__{}", sanitize(instrumentation), sanitize(rule))
}

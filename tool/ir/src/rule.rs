//! Lowered rules: what a weave action and a main package need, and no more.
//!
//! They hold no comment, no documentation and no position, neither in hook sources nor, where Bazel writes them, in rule
//! files ([`Places`] has those), so that a weave action runs again only when what it does may change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{HookPair, JoinPoint, Location, LoweredAdvice, LoweredHook, TypeQuestions};

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
    /// The package that the rules are for, or a pattern of packages.
    pub package: String,
    /// Of rules for a pattern: a package that what they are about is from, so that they match in nothing but in it and in
    /// what imports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importing: Option<String>,
    /// Whether they are rules of another tool, before which shipped ones give way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
    /// Questions of the rules to the type checker; none: they can be woven without it.
    #[serde(default, skip_serializing_if = "TypeQuestions::is_empty")]
    pub types: TypeQuestions,
    /// The rules, in their order.
    pub rules: Vec<LoweredRule>,
}

impl LoweredRules {
    /// No rules yet for a package, or for a pattern of packages.
    #[must_use]
    pub fn new(instrumentation: &str, package: &str) -> Self {
        Self {
            weave: 1,
            instrumentation: instrumentation.to_owned(),
            hooks: String::new(),
            package: package.to_owned(),
            importing: None,
            foreign: false,
            types: TypeQuestions::default(),
            rules: Vec::new(),
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredRule {
    /// Name of the rule.
    pub id: String,
    /// Location of its `where`, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// Line and column of other values of it, by their keys, for messages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, (u32, u32)>,
    /// Its place among the rules of its file, from 0; `None` if all rules for a package are in one list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// Whether matching nothing is an error; `None`: yes for packages of the standard library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Range of Go releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<String>,
    /// Range of module versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Place among the rules for one join point: lower ones are outside, that is, they begin first and end last.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub order: i32,
    /// Whether files `_test.go` and programs of tests are left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_in_tests: bool,
    /// Packages that the woven package may come to import.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    /// Whether functions that the runtime has special rules for may be woven.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsafe_functions: bool,
    /// Policy where it matches nothing in a package of the standard library that it names, and `required` is not said.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unmatched: Unmatched,
    /// Policy where it cannot be woven at some of its matches.
    #[serde(default, skip_serializing_if = "is_default")]
    pub partial: Partial,
    /// Turn of its advice, where that of several rules is applied to one expression, one after the other, each to what
    /// those before made of it; `None`: it stands beside that of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
    /// Whether it is also about what rules declare in the extra file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_declarations: bool,
    /// The version of the language that the code needs, as `go1.18`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_version: Option<String>,
    /// Join point.
    pub join: JoinPoint,
    /// Advice, in the order in which it applies.
    pub advice: Vec<LoweredAdvice>,
}

/// Policy for a rule that matches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unmatched {
    /// It is an error.
    #[default]
    Error,
    /// It is reported, and no error.
    Ok,
}

/// Policy for a rule that cannot be woven at some of its matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Partial {
    /// It is woven where it can be, if that is anywhere.
    #[default]
    Allow,
    /// It is woven nowhere.
    Refuse,
}

/// Turn of a rule's advice among that of all rules that have a turn, those of other instrumentations included: by
/// name space, those without one last, then by order, then as the files and the rules in them come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Its name space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its order in the name space.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub order: i32,
    /// Whether what is applied later stands outside of what is there, not inside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(n: &i32) -> bool {
    *n == 0
}

impl LoweredRule {
    /// Returns where the first of these keys stands that the rule has; its `where`, if it has none.
    #[must_use]
    pub fn place_of(&self, keys: &[&str]) -> Option<Location> {
        let at = self.at.as_ref()?;
        Some(match keys.iter().find_map(|k| self.keys.get(*k)) {
            Some(&(line, col)) => Location::new(&at.file, line, col),
            None => at.clone(),
        })
    }

    /// The hook that the rule calls, if any.
    #[must_use]
    pub fn hook(&self) -> Option<&LoweredHook> {
        self.advice.iter().find_map(|a| match a {
            LoweredAdvice::Hook(h) => Some(h),
            _ => None,
        })
    }

    /// The hooks with a context that the rule calls, if any.
    #[must_use]
    pub fn hook_pair(&self) -> Option<&HookPair> {
        self.advice.iter().find_map(|a| match a {
            LoweredAdvice::HookPair(c) => Some(c),
            _ => None,
        })
    }

    /// The variables of the woven package that main packages set, and the functions of the hooks package that they are
    /// set to.
    #[must_use]
    pub fn variables(&self) -> Vec<MainVariable> {
        let hook = self.hook().map(|h| (h.variable.clone(), h.function.clone()));
        let context = self.hook_pair().into_iter().flat_map(HookPair::variables);
        let not_in_tests = self.not_in_tests;
        let mut all: Vec<MainVariable> = hook
            .into_iter()
            .chain(context)
            .map(|(variable, function)| MainVariable { variable, function, not_in_tests, leave: false })
            .collect();
        all.extend(self.hook().filter(|h| h.has_exit()).map(|h| MainVariable {
            variable: leave_variable(&h.variable),
            function: "Leave".into(),
            not_in_tests,
            leave: true,
        }));
        all
    }
}

/// Locations of the rules of one instrumentation in their file, for messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// Version of this format: 1.
    pub weave: u32,
    /// Name of the instrumentation.
    pub instrumentation: String,
    /// Locations of rules, by name.
    pub rules: BTreeMap<String, RulePlace>,
}

/// Location and documentation of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePlace {
    /// Location of its `where`.
    pub at: Location,
    /// Line and column of other values of it, by their keys.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, (u32, u32)>,
    /// Purpose of the rule, for reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Address of further reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Rules woven into one package: a main package needs them to link no hook that nothing calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WovenFacts {
    /// Version of this format: 1.
    pub weave: u32,
    /// Import path of the package.
    pub package: String,
    /// The path by which the compiler knows the package, where that is not its import path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importmap: Option<String>,
    /// The instrumentations of which any rule is woven, and the hook variables that the package has for each, sorted.
    pub instrumentations: BTreeMap<String, Vec<String>>,
}

/// Rules of one instrumentation for main packages.
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
    /// Import path, or a pattern of import paths.
    pub package: String,
    /// Its hook variables, in the order of the rules.
    pub variables: Vec<MainVariable>,
    /// Packages that a program with this package links, since woven code names them in `//go:linkname` lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
}

/// A hook variable of a woven package and the function that it is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MainVariable {
    /// Name in the woven package.
    pub variable: String,
    /// Function of the hooks package.
    pub function: String,
    /// Whether programs of tests do without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_in_tests: bool,
    /// Whether the function is one of package weaveruntime, for exits that are deferred; a woven package may do without.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leave: bool,
}

/// Makes a name usable inside a Go identifier: every character that is not an ASCII letter or digit becomes `_`.
#[must_use]
pub fn sanitize(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The variable of a woven package through which the exit of a hook is deferred, by the variable of the hook.
#[must_use]
pub fn leave_variable(hook: &str) -> String {
    // No name of a rule makes this of another variable.
    format!("weaveLeave{}", hook.strip_prefix("weave").unwrap_or(hook))
}

/// The variable of a woven package through which a rule calls its hook.
#[must_use]
pub fn hook_variable(instrumentation: &str, rule: &str) -> String {
    format!("weave_{}__{}", sanitize(instrumentation), sanitize(rule))
}

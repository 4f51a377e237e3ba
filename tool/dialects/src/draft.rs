//! Rules whose hooks are not looked up yet: what files of other languages are read into.

use std::collections::BTreeMap;

use weave_ir::{Diagnostic, JoinPoint, LoweredAdvice};

use crate::{Advice, Sp};

/// The rules of one instrumentation. Its hooks are in one package.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Name of the instrumentation.
    pub name: String,
    /// Import path of the package that has the hooks and the files that are added, and where that stands.
    pub hooks: Option<Sp<String>>,
    /// Whether programs link that package also where no rule has a hook.
    pub links_hooks: bool,
    /// Names of Go files beside the rules whose declarations packages get; they are no sources of the hooks.
    pub adapters: Vec<String>,
    /// The external rewriter of the file.
    pub rewriter: Option<DraftRewriter>,
    /// Findings about rules that are left out.
    pub findings: Vec<Diagnostic>,
    /// The rules, in their order.
    pub rules: Vec<DraftRule>,
}

impl Draft {
    /// Rules alone.
    #[must_use]
    pub fn new(name: String, hooks: Option<Sp<String>>, rules: Vec<DraftRule>) -> Self {
        let (adapters, findings) = (Vec::new(), Vec::new());
        Self { name, hooks, links_hooks: false, adapters, rewriter: None, findings, rules }
    }
}

/// An external rewriter.
#[derive(Debug, Clone)]
pub struct DraftRewriter {
    /// Line and column.
    pub at: (u32, u32),
    /// The program.
    pub program: Option<Sp<String>>,
    /// The packages that it is asked about, or patterns of them.
    pub packages: Vec<String>,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct DraftRule {
    /// Name of the rule, unique in its instrumentation, letters and digits alone.
    pub id: Sp<String>,
    /// Line and column of what messages are about that have no key.
    pub at: (u32, u32),
    /// Line and column of values that messages are about, by their keys.
    pub keys: BTreeMap<String, (u32, u32)>,
    /// Whether matching nothing is an error; none: yes for packages of the standard library.
    pub required: Option<bool>,
    /// Range of Go releases.
    pub go: Option<String>,
    /// Range of module versions.
    pub version: Option<String>,
    /// Place among the rules for one join point.
    pub order: i32,
    /// Whether files `_test.go` and programs of tests are left out.
    pub not_in_tests: bool,
    /// Purpose of the rule, for reports.
    pub doc: Option<String>,
    /// Address of further reading.
    pub link: Option<String>,
    /// Import paths that the woven package may come to import.
    pub dependencies: Vec<String>,
    /// Whether functions that the runtime has special rules for may be woven.
    pub unsafe_functions: bool,
    /// Join point.
    pub join: JoinPoint,
    /// Texts of the conditions that must be Go.
    pub go_texts: Vec<GoText>,
    /// Advice, in the order in which it applies.
    pub advice: Vec<Sp<DraftAdvice>>,
}

impl DraftRule {
    /// A rule that says nothing else.
    #[must_use]
    pub fn new(id: Sp<String>, join: JoinPoint, advice: Vec<Sp<DraftAdvice>>) -> Self {
        Self {
            at: (id.line, id.col),
            id,
            keys: BTreeMap::new(),
            required: None,
            go: None,
            version: None,
            order: 0,
            not_in_tests: false,
            doc: None,
            link: None,
            dependencies: Vec::new(),
            unsafe_functions: false,
            join,
            go_texts: Vec::new(),
            advice,
        }
    }
}

/// Go in a condition.
#[derive(Debug, Clone)]
pub enum GoText {
    /// A statement.
    Statement(Sp<String>),
    /// Callee of a call: the text before its parentheses.
    Callee(Sp<String>),
    /// An expression.
    Expression(Sp<String>),
}

/// One thing that a rule does.
#[derive(Debug, Clone)]
pub enum DraftAdvice {
    /// It is as our own language has it.
    Written(Box<Advice>),
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

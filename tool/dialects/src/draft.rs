//! Rules whose hooks are not looked up yet: what rule files of every language are read into.

use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{Code, Diagnostic, JoinPoint, LoweredAdvice, Partial, Turn, Unmatched};

use crate::Sp;

/// The rules of one instrumentation. Its hooks are in one package.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Path of the rule file, for messages.
    pub path: String,
    /// Name of the instrumentation.
    pub name: String,
    /// Line and column of that name; `None`: the file does not say it, and a build may give it another.
    pub named: Option<(u32, u32)>,
    /// Whether the file is one of another tool.
    pub foreign: bool,
    /// Whether it applies only where another instrumentation does, if the file says so.
    pub support: Option<Sp<bool>>,
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
    /// Rules that stand before the others in every package that those are for.
    pub beside: Vec<DraftRule>,
    /// The rules, in their order.
    pub rules: Vec<DraftRule>,
}

impl Draft {
    /// The rules of a file of another tool, which has no name of its own.
    #[must_use]
    pub fn new(path: &str, name: String, hooks: Option<Sp<String>>, rules: Vec<DraftRule>) -> Self {
        Self {
            path: path.to_owned(),
            name,
            named: None,
            foreign: true,
            support: None,
            hooks,
            links_hooks: false,
            adapters: Vec::new(),
            rewriter: None,
            findings: Vec::new(),
            beside: Vec::new(),
            rules,
        }
    }

    /// Returns whether any rule calls a function of the hooks package.
    #[must_use]
    pub fn calls_hooks(&self) -> bool {
        self.advice().any(|a| match a {
            DraftAdvice::Hook(_) | DraftAdvice::Context(_) => true,
            DraftAdvice::Adapter(_)
            | DraftAdvice::Written { .. }
            | DraftAdvice::Ready(_)
            | DraftAdvice::File(_) => false,
        })
    }

    /// Returns whether Go files beside the rules, or those of the hooks package, are wanted to understand them.
    #[must_use]
    pub fn needs_sources(&self) -> bool {
        let of_files = |a: &DraftAdvice| matches!(a, DraftAdvice::Adapter(_) | DraftAdvice::File(_));
        self.calls_hooks() || self.advice().any(of_files)
    }

    fn advice(&self) -> impl Iterator<Item = &DraftAdvice> {
        self.rules.iter().flat_map(|rule| &rule.advice).map(|a| &a.value)
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
    /// The path of the file that has it, where that is not the draft's.
    pub path: Option<String>,
    /// Line and column of what messages are about that have no key.
    pub at: (u32, u32),
    /// Line and column of values that messages are about, by their keys.
    pub keys: BTreeMap<String, (u32, u32)>,
    /// Whether matching nothing is an error; `None`: yes for packages of the standard library.
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
    /// The meaning of its matching nothing in a package of the standard library that it names.
    pub unmatched: Unmatched,
    /// The meaning of its not being woven at some of what it matches.
    pub partial: Partial,
    /// The turn in which its advice is applied; `None`: it stands beside that of others.
    pub turn: Option<Turn>,
    /// Its place among the rules of several files; `None`: its place in the draft.
    pub place: Option<u32>,
    /// Whether it is also about what rules declare in the extra file.
    pub in_declarations: bool,
    /// The version of the language that the code needs.
    pub language_version: Option<String>,
    /// Packages of which a woven package must import one; `None`: as the join point says.
    pub importing: Option<Vec<String>>,
    /// Interfaces of which templates in its code ask what implements them.
    pub interfaces: BTreeSet<String>,
    /// Packages that programs link, since woven code names them in `//go:linkname` lines.
    pub links: Vec<String>,
    /// The condition on candidates.
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
            path: None,
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
            unmatched: Unmatched::Error,
            partial: Partial::Allow,
            turn: None,
            place: None,
            in_declarations: false,
            language_version: None,
            importing: None,
            interfaces: BTreeSet::new(),
            links: Vec::new(),
            join,
            go_texts: Vec::new(),
            advice,
        }
    }
}

/// Go in a rule, which must be what its place asks for.
#[derive(Debug, Clone)]
pub enum GoText {
    /// A statement.
    Statement(Sp<String>),
    /// Callee of a call: the text before its parentheses.
    Callee(Sp<String>),
    /// An expression.
    Expression(Sp<String>),
    /// Code of an advice, with placeholders: statements.
    Statements(Sp<Code>),
    /// Code of an advice, with placeholders: an expression.
    Code(Sp<Code>),
    /// Declarations.
    Declarations(Sp<String>),
    /// A file.
    File(Sp<String>),
}

/// One thing that a rule does.
#[derive(Debug, Clone)]
pub enum DraftAdvice {
    /// A hook of the hooks package.
    Hook(DraftHook),
    /// A Go file beside the rules, by its name, whose declarations the package gets.
    Adapter(Sp<String>),
    /// It is known as it will be, and each of its texts has a place of its own.
    Written {
        /// The advice.
        advice: LoweredAdvice,
        /// The texts in it that must be Go.
        texts: Vec<GoText>,
    },
    /// It is known as it will be.
    Ready(LoweredAdvice),
    /// Hooks that are given a context.
    Context(DraftHooks),
    /// A file of the hooks package becomes part of the woven package.
    File(DraftFile),
}

/// A hook that is still to be looked up.
#[derive(Debug, Clone)]
pub struct DraftHook {
    /// Function of the hooks package.
    pub function: Sp<String>,
    /// Go expressions; `None`: receiver and parameters.
    pub arguments: Option<Vec<String>>,
    /// Parameters that results of the hook replace.
    pub replace: Vec<String>,
    /// Whether the result after those may be called in place of the rest of the function.
    pub skip: bool,
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

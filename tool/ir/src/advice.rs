//! Advice: the change that a rule makes at a candidate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{FuncType, GoType, Kind, Location};

/// One thing that a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum LoweredAdvice {
    /// Call a hook where a function is entered and left.
    Hook(LoweredHook),
    /// Call hooks that are given a context.
    HookPair(HookPair),
    /// Add declarations.
    Declare(LoweredDeclare),
    /// Statements where a function is entered, or before the statement that has the candidate.
    Before(Code),
    /// Statements after the statement that has the candidate.
    After(Code),
    /// An expression around the candidate.
    Wrap(Code),
    /// An expression in the candidate's place.
    Replace(Code),
    /// More arguments of a call.
    AppendArguments(LoweredArguments),
    /// Another function is called.
    CallInstead(String),
    /// Fields of a composite literal.
    SetFields(Vec<LoweredSetField>),
    /// Fields of a struct type, after its own.
    AddFields(Vec<LoweredAddField>),
    /// A blank import.
    Import(String),
    /// A file of the package.
    File(LoweredFile),
}

impl LoweredAdvice {
    /// The keys of all, as [`Self::key`] gives them.
    pub const KEYS: [&'static str; 13] = [
        "hook",
        "hook-pair",
        "declare",
        "before",
        "after",
        "wrap",
        "replace",
        "append-arguments",
        "call-instead",
        "set-fields",
        "add-fields",
        "import",
        "file",
    ];

    /// The key that stands for it in a rule file.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Hook(_) => "hook",
            Self::HookPair(_) => "hook-pair",
            Self::Declare(_) => "declare",
            Self::Before(_) => "before",
            Self::After(_) => "after",
            Self::Wrap(_) => "wrap",
            Self::Replace(_) => "replace",
            Self::AppendArguments(_) => "append-arguments",
            Self::CallInstead(_) => "call-instead",
            Self::SetFields(_) => "set-fields",
            Self::AddFields(_) => "add-fields",
            Self::Import(_) => "import",
            Self::File(_) => "file",
        }
    }

    /// The kinds of candidates that the advice of a key applies to; empty: every kind.
    #[must_use]
    pub fn kinds(key: &str) -> Vec<Kind> {
        let applies = |kind: Kind| match key {
            "hook" => kind == Kind::Function,
            "before" => kind.is_entered() || kind.has_statement(),
            "after" => kind.has_statement(),
            "wrap" => kind.is_expression(),
            "replace" => kind.is_expression() || kind == Kind::Import,
            "append-arguments" | "call-instead" => kind == Kind::Call,
            "set-fields" => kind == Kind::Literal,
            "add-fields" => kind == Kind::Struct,
            _ => false,
        };
        Kind::ALL.into_iter().filter(|kind| applies(*kind)).collect()
    }

    /// Its code that has placeholders, and whether that is statements; all other code is expressions.
    #[must_use]
    pub fn codes(&self) -> Vec<(&Code, bool)> {
        match self {
            Self::Before(c) | Self::After(c) => vec![(c, true)],
            Self::Wrap(c) | Self::Replace(c) => vec![(c, false)],
            Self::AppendArguments(a) => a.values.iter().map(|c| (c, false)).collect(),
            Self::SetFields(fields) => {
                fields.iter().flat_map(|f| f.value.iter().chain(&f.wrap)).map(|c| (c, false)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Go code with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The code.
    pub text: String,
    /// The language of its placeholders.
    #[serde(default, skip_serializing_if = "Language::is_default")]
    pub language: Language,
    /// The packages that it names: the name in the code, the import path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub imports: BTreeMap<String, String>,
    /// Whether statements stand as they are, and not in a block of their own: what they declare holds for what follows,
    /// and `:=` where a function is entered sets its parameters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bare: bool,
}

/// The language of placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Language {
    /// Ours: `$this`, `$0`, `$recv` and so on.
    #[default]
    Weave,
    /// Go's `text/template`, run for each thing that is matched.
    GoTemplate,
    /// A Go template that is given texts and prints one in [`Language::Weave`]: `{{ . }}`, `{{ .FuncArgument 0 }}` and so on.
    TextTemplate,
}

impl Language {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// More arguments of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredArguments {
    /// The arguments.
    pub values: Vec<Code>,
    /// Element type of the variadic parameter, for calls `f(list...)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variadic: Option<String>,
}

/// A field of a composite literal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredSetField {
    /// Its name.
    pub name: String,
    /// Its value where the literal does not have the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Code>,
    /// An expression around its value where the literal has the field; `None`: the literal keeps its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrap: Option<Code>,
    /// Whether the value is put in the place of one that the literal has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overrides: bool,
}

/// A field of a struct type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredAddField {
    /// Its name.
    pub name: String,
    /// Its type, in the text form of [`crate::GoType`].
    pub r#type: String,
}

/// A Go file whose declarations the package gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredFile {
    /// Its name, for messages.
    pub name: String,
    /// Whether it is a file that people write, whose folder and name are in `name`: what it declares keeps its lines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adapter: bool,
    /// Its source; the package clause and the build constraint do not count.
    pub text: String,
    /// Whether the file of the package that has this name is left out for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaces: bool,
}

/// A hook and its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredHook {
    /// Function of the hooks package.
    pub function: String,
    /// Variable of the woven package.
    pub variable: String,
    /// Go expressions; `None`: receiver and parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Vec<String>>,
    /// Parameters that results of the hook replace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<String>,
    /// Whether the result after those may be called in place of the rest of the function.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip: bool,
    /// The hook's type in the text form of [`crate::FuncType`].
    pub signature: String,
    /// Location of the hook's declaration, for messages; not part of the lowered file.
    #[serde(skip)]
    pub declared: Option<Location>,
}

impl LoweredHook {
    /// Returns whether the hook gives an exit: a function that is given results.
    #[must_use]
    pub fn has_exit(&self) -> bool {
        let Ok(signature) = FuncType::parse(&self.signature) else { return false };
        let mut rest = signature.results.iter().skip(self.replace.len() + usize::from(self.skip));
        rest.any(|t| matches!(t, GoType::Func(f) if !f.params.is_empty()))
    }
}

/// A hook for each end of a function, which share a context: `func Before(ctx HookContext, recv T, params...)` where a function is entered, and
/// `func After(ctx HookContext, results...)` where it is left, however it is.
///
/// The hooks package gets a function beside each hook that makes its context, so that variables set to those have types
/// that the woven package can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookPair {
    /// Variable of the woven package that is called where the function is entered.
    pub variable: String,
    /// Name of the functions beside the hooks, behind `WeaveEnter_`, `WeaveLeave_` and `WeaveEnd_`.
    pub function: String,
    /// The hook for the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<PairedHook>,
    /// The hook for the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<PairedHook>,
    /// Uses of the context by the hooks.
    pub uses: PairUses,
}

/// A hook that is given a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedHook {
    /// Function of the hooks package.
    pub function: String,
    /// Parameters behind the context, as a type without results, in the text form of [`crate::FuncType`].
    pub signature: String,
    /// Location of the declaration, for messages; not part of the lowered file.
    #[serde(skip)]
    pub declared: Option<Location>,
}

/// Uses of the context by hooks. A use that they do not make need not be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub struct PairUses {
    /// They ask for parameters or results, or for how many there are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub values: bool,
    /// They set parameters.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub set_params: bool,
    /// They set results.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub set_results: bool,
    /// They may have the function skipped.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skip: bool,
}

impl PairUses {
    /// Everything that there is.
    pub const ALL: Self = Self { values: true, set_params: true, set_results: true, skip: true };

    /// Returns what either does.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            values: self.values || other.values,
            set_params: self.set_params || other.set_params,
            set_results: self.set_results || other.set_results,
            skip: self.skip || other.skip,
        }
    }
}

impl HookPair {
    /// The variable that is called with the results where the function is left.
    #[must_use]
    pub fn leave(&self) -> String {
        format!("{}__leave", self.variable)
    }

    /// The variable that gives the function which is deferred in place of a closure.
    #[must_use]
    pub fn end(&self) -> String {
        format!("{}__end", self.variable)
    }

    /// Every variable, and the function of the hooks package that it is set to.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let mut all = vec![(self.variable.clone(), format!("WeaveEnter_{}", self.function))];
        if self.after.is_some() {
            all.push((self.leave(), format!("WeaveLeave_{}", self.function)));
            all.push((self.end(), format!("WeaveEnd_{}", self.function)));
        }
        all
    }
}

/// Declarations for the extra file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoweredDeclare {
    /// Go declarations.
    pub text: String,
    /// The language of placeholders in them; none are known in [`Language::Weave`].
    #[serde(default, skip_serializing_if = "Language::is_default")]
    pub language: Language,
    /// The packages that they name: the name in the declarations, the import path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub imports: BTreeMap<String, String>,
    /// Packages that they name in `//go:linkname` lines alone: programs link them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
}

//! The rule file as people write it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::{LiteralForm, Occurrence, StatementKind};

/// A value and where it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sp<T> {
    /// The value.
    pub value: T,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub col: u32,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Sp<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        let at = spanned.referenced;
        Ok(Self {
            value: spanned.value,
            line: u32::try_from(at.line()).unwrap_or(u32::MAX),
            col: u32::try_from(at.column()).unwrap_or(u32::MAX),
        })
    }
}

/// A rule file: the rules of one instrumentation, beside the Go package that has its hooks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleFile {
    /// Version of this language: 1.
    pub weave: Sp<u32>,
    /// Name of the instrumentation, such as `database/sql`.
    pub name: Sp<String>,
    /// Import path of the package that has the hook functions.
    pub hooks: Option<Sp<String>>,
    /// What this instrumentation is for.
    pub doc: Option<String>,
    /// The rules, in the order in which their advice applies.
    pub rules: Vec<Sp<Rule>>,
}

/// One rule: where, and what to do there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Name of the rule, unique in its file.
    pub id: Sp<String>,
    /// Why there is this rule.
    pub doc: Option<String>,
    /// Where it applies.
    pub r#where: Sp<Where>,
    /// Whether matching nothing is an error; if not given: yes for packages of the standard library.
    pub required: Option<bool>,
    /// Place among the rules for one join point, 0 if not given: lower ones begin first and end last.
    pub order: Option<i32>,
    /// Import paths that the woven package may come to import.
    pub dependencies: Option<Vec<Sp<String>>>,
    /// Whether functions that the runtime has special rules for (`//go:nosplit` and the like) may be woven.
    pub unsafe_functions: Option<bool>,
    /// What it does: one advice, or a list of them.
    pub r#do: Sp<OneOrMany<Advice>>,
}

/// A value, or a list of them.
#[derive(Debug, Clone)]
pub enum OneOrMany<T> {
    /// One.
    One(Box<T>),
    /// A list.
    Many(Vec<Sp<T>>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for V<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping or a list of mappings")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|t| OneOrMany::One(Box::new(t)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(OneOrMany::Many(list))
            }
        }
        deserializer.deserialize_any(V(std::marker::PhantomData))
    }
}

/// A join point: all given conditions hold. See the documentation of the rule language for each.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Where {
    /// Import path of the package, or a pattern: `example.com/...`.
    pub package: Option<Sp<String>>,
    /// Name of the package.
    pub package_name: Option<Sp<String>>,
    /// What is true of the file.
    pub file: Option<Sp<WhereFile>>,
    /// Name of a function or method, or a pattern; beside `call`, `literal` or `statement`: of the function around it.
    pub function: Option<Sp<String>>,
    /// Receiver of the method, `*T`, `T` or `[*]T`; without it `function` is no method.
    pub receiver: Option<Sp<String>>,
    /// Type of the function, its types by full import path: `func(string) (*net/http.Response, error)`.
    pub signature: Option<Sp<String>>,
    /// Types of which the function has parameters.
    pub parameters: Option<Vec<Sp<String>>>,
    /// Types of which the function has results.
    pub results: Option<Vec<Sp<String>>>,
    /// Type of the last result of the function.
    pub last_result: Option<Sp<String>>,
    /// A function literal, in `function` if that is given.
    pub closure: Option<bool>,
    /// A call of a function: `net/http.Get`.
    pub call: Option<Sp<String>>,
    /// A composite literal of a named type, or `new` of it: `net/http.Client`.
    pub literal: Option<Sp<String>>,
    /// The form of the literal: any, value, pointer or new.
    pub form: Option<Sp<LiteralForm>>,
    /// The definition of a struct type of the package.
    pub r#struct: Option<Sp<String>>,
    /// A statement.
    pub statement: Option<Sp<WhereStatement>>,
    /// An import of this path.
    pub import: Option<Sp<String>>,
    /// A variable of the package.
    pub variable: Option<Sp<String>>,
    /// A constant of the package.
    pub constant: Option<Sp<String>>,
    /// The type that the declaration of the variable or constant states.
    pub value_type: Option<Sp<String>>,
    /// A directive comment: `weave:span`.
    pub directive: Option<Sp<String>>,
    /// Go releases, as `>=1.24, <1.28`; not inside `all-of`, `one-of` and `not`.
    pub go: Option<Sp<String>>,
    /// Versions of the package's module, as `>=v1.2.0`; not inside `all-of`, `one-of` and `not`.
    pub version: Option<Sp<String>>,
    /// All of these hold.
    pub all_of: Option<Vec<Sp<Where>>>,
    /// One of these holds.
    pub one_of: Option<Vec<Sp<Where>>>,
    /// This does not hold.
    pub not: Option<Box<Sp<Where>>>,
}

/// What is true of a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereFile {
    /// Its base name, or a pattern.
    pub name: Option<Sp<String>>,
    /// It imports this path.
    pub imports: Option<Sp<String>>,
    /// It declares this: a function, a method as `T.Name`, a type, a variable or a constant.
    pub declares: Option<Sp<String>>,
    /// It has this directive comment.
    pub directive: Option<Sp<String>>,
    /// Whether it is a test.
    pub test: Option<bool>,
}

/// What is true of a statement.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereStatement {
    /// What it is.
    pub kind: Option<Sp<StatementKind>>,
    /// Its text, white space and comments aside; or a regular expression between slashes that is found in it.
    pub text: Option<Sp<String>>,
    /// What it calls: `net/http.Get`, or the callee as it is written there.
    pub calls: Option<Sp<String>>,
    /// What it assigns to, as it is written there.
    pub assigns: Option<Sp<String>>,
    /// Which of several in one function: first, last or only.
    pub occurrence: Option<Sp<Occurrence>>,
}

/// One advice: one of the keys, with what goes with it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Advice {
    /// Call a hook when the function is entered, and what it returns when the function is left.
    pub hook: Option<Sp<HookAdvice>>,
    /// Go declarations to add to the package.
    pub declare: Option<Sp<String>>,
    /// Statements for the beginning of the function, or before the statement.
    pub before: Option<Sp<String>>,
    /// Statements after the statement.
    pub after: Option<Sp<String>>,
    /// An expression around the one that is matched, which is `$this` in it.
    pub wrap: Option<Sp<String>>,
    /// An expression in the place of the one that is matched; of an import: another path.
    pub replace: Option<Sp<String>>,
    /// Arguments to add at the end of a call.
    pub append_arguments: Option<Vec<Sp<String>>>,
    /// Element type of the callee's variadic parameter, for calls `f(list...)`.
    pub variadic: Option<Sp<String>>,
    /// A function to call instead: `example.com/p.Get`.
    pub call_instead: Option<Sp<String>>,
    /// Fields to set in a composite literal.
    pub set_fields: Option<Vec<Sp<SetField>>>,
    /// Fields to add to a struct type.
    pub add_fields: Option<Vec<Sp<AddField>>>,
    /// An import path that the package imports for its effects.
    pub import: Option<Sp<String>>,
    /// Text of a Go file whose declarations the package gets.
    pub file: Option<Sp<String>>,
    /// Packages that the code names: a list of paths, or a mapping from the name in the code to the path.
    pub imports: Option<Imports>,
}

/// Fields of composite literals.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SetField {
    /// Name of the field.
    pub name: Sp<String>,
    /// Its value where the literal does not give one.
    pub value: Option<Sp<String>>,
    /// An expression around the value that the literal gives, which is `$this` in it.
    pub wrap: Option<Sp<String>>,
}

/// Fields of struct types.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AddField {
    /// Name of the field.
    pub name: Sp<String>,
    /// Its type, by full import path.
    pub r#type: Sp<String>,
}

/// Packages that code names.
#[derive(Debug, Clone)]
pub struct Imports(pub Vec<(Option<String>, Sp<String>)>);

impl<'de> Deserialize<'de> for Imports {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Imports;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of import paths or a mapping from names to import paths")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Imports, A::Error> {
                let mut list = Vec::new();
                while let Some((name, path)) = map.next_entry::<String, Sp<String>>()? {
                    list.push((Some(name), path));
                }
                Ok(Imports(list))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Imports, A::Error> {
                let mut list = Vec::new();
                while let Some(path) = seq.next_element()? {
                    list.push((None, path));
                }
                Ok(Imports(list))
            }
        }
        deserializer.deserialize_any(V)
    }
}

impl Imports {
    /// Name in the code and import path; `default` gives the name of a package that the list does not name.
    #[must_use]
    pub fn by_name(&self, default: impl Fn(&str) -> String) -> BTreeMap<String, String> {
        let name = |name: &Option<String>, path: &str| name.clone().unwrap_or_else(|| default(path));
        self.0.iter().map(|(n, path)| (name(n, &path.value), path.value.clone())).collect()
    }
}

impl Rule {
    /// What the rule does, and where that stands in the file.
    #[must_use]
    pub fn advice(&self) -> Vec<(&Advice, u32, u32)> {
        let at = &self.r#do;
        match &at.value {
            OneOrMany::One(a) => vec![(&**a, at.line, at.col)],
            OneOrMany::Many(list) => list.iter().map(|a| (&a.value, a.line, a.col)).collect(),
        }
    }
}

/// A call of a hook function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HookAdvice {
    /// Exported function of the hooks package.
    pub function: Sp<String>,
    /// Go expressions in terms of the names of receiver and parameters; if not given: the receiver, then all parameters.
    pub arguments: Option<Vec<Sp<String>>>,
    /// Parameters that the first results of the hook replace.
    #[serde(default)]
    pub replace: Vec<Sp<String>>,
    /// Whether the hook's next result is a function that, if it is not nil, gives the results in place of the rest of the
    /// woven function, which then does not run.
    #[serde(default)]
    pub skip: bool,
}

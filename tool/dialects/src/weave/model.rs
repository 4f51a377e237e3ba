//! The rule file as people write it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Sp;
use weave_ir::{LiteralForm, LoopBodyPattern, Occurrence, StatementKind};

/// Types without a name of their own in the schema.
#[cfg(test)]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Imports, OneOrMany};
    use crate::Sp;

    impl<T: JsonSchema> JsonSchema for Sp<T> {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            T::schema_name()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            generator.subschema_for::<T>()
        }
    }

    impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            format!("OneOrMany{}", T::schema_name()).into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let one = generator.subschema_for::<T>();
            json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
        }
    }

    impl JsonSchema for Imports {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> Cow<'static, str> {
            "Imports".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "anyOf": [
                { "type": "array", "items": { "type": "string" } },
                { "type": "object", "additionalProperties": { "type": "string" } },
            ] })
        }
    }
}

/// A rule file: the rules of one instrumentation, beside the Go package with its hooks.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleFile {
    /// Version of this language: 1.
    #[cfg_attr(test, schemars(extend("const" = 1)))]
    pub weave: Sp<u32>,
    /// Name of the instrumentation, such as `database/sql`, in reports, in messages, and in
    /// `OTEL_INSTRUMENTATION_<NAME>_ENABLED`.
    pub name: Sp<String>,
    /// Import path of the hooks package. Rules without `hook` do not need it.
    pub hooks: Option<Sp<String>>,
    /// An external rewriter: a program that changes the packages of the rules, after the rules.
    pub rewriter: Option<Sp<Rewriter>>,
    /// Purpose of this instrumentation. Reports show it.
    pub doc: Option<String>,
    /// Address of further reading. Reports show it.
    pub link: Option<Sp<String>>,
    /// `true`: a support instrumentation, which applies only to programs that another instrumentation applies to.
    pub support: Option<Sp<bool>>,
    /// Default `order` of the rules, so that one instrumentation comes before another, whatever the order of their files.
    pub order: Option<i32>,
    /// The rules, in the order in which their advice applies.
    pub rules: Vec<Sp<Rule>>,
}

/// An external rewriter: a program that gets the sources of a package and answers with edits (docs/rewriters.md).
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rewriter {
    /// The program, for `goweave go`: an executable file or the folder of a Go program, relative to the rule file,
    /// `./entries`, or else the import path of a Go program. Under Bazel the `rewriter` of the go_instrumentation takes its place.
    pub program: Option<Sp<String>>,
    /// Packages and patterns that the rewriter is run for, beside those of the rules.
    #[serde(default)]
    pub packages: Vec<Sp<String>>,
}

/// One rule: a join point, and the advice for it.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Name of the rule, unique in its file; IDs that differ only in punctuation count as equal.
    pub id: Sp<String>,
    /// Purpose of the rule. Reports show it.
    pub doc: Option<String>,
    /// Address of further reading: a ticket, a page. Reports show it.
    pub link: Option<Sp<String>>,
    /// The join point: conditions on the code to weave.
    pub r#where: Sp<Where>,
    /// Whether it is an error to match nothing, or to be for no package of a build. By default `true` for packages of the standard
    /// library that a build has.
    pub required: Option<bool>,
    /// Order among all rules for one join point, including other files; default 0. Lower ones begin first and end
    /// last; equal ones follow the order of the rule files, then the order in the file.
    pub order: Option<i32>,
    /// Whether the rule also applies to tests; default `on`. With `off`, it weaves nothing in `_test.go` files, and programs of
    /// `go test` do not get its hook.
    pub tests: Option<Sp<Switch>>,
    /// Import paths that the woven package may newly import. Code that adds another import is refused.
    pub dependencies: Option<Vec<Sp<String>>>,
    /// Whether functions with special rules of the runtime (`//go:nosplit` and similar) may be woven.
    pub unsafe_functions: Option<bool>,
    /// One advice, or a list of them.
    pub r#do: Sp<OneOrMany<Advice>>,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
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

/// A join point: all given conditions must hold.
///
/// Names may be patterns: `Get*`, `?` for one character, or a regular expression between slashes, `/Get(One|All)/`, that
/// matches the whole name. Types have full import paths. Together with `call`, `literal` or `statement`, the keys for
/// functions are about the enclosing function.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Where {
    /// Import path of the package, or a pattern: `example.com/...`, `example.com/*/v2`, `example.com/v[2-4]`.
    pub package: Option<Sp<String>>,
    /// Name of the package.
    pub package_name: Option<Sp<String>>,
    /// Conditions on the file.
    pub file: Option<Sp<WhereFile>>,
    /// Name of a function, or a pattern; with `receiver`, of a method.
    pub function: Option<Sp<String>>,
    /// Receiver of the method: `"*T"`, `T`, or `"[*]T"` for both; `T` may be a pattern. Without it, `function` matches no methods.
    pub receiver: Option<Sp<String>>,
    /// `true`: also a method that the type of `receiver` gets from an embedded type of the same package. The function that the
    /// embedded type declares is woven, for all its callers.
    pub promoted: Option<Sp<bool>>,
    /// Type of the function, with full import paths: `func(string) (*net/http.Response, error)`. Slices, maps, channels
    /// and functions are written as in Go, without names of parameters.
    pub signature: Option<Sp<String>>,
    /// Types that parameters of the function have; without `function`, also of methods.
    pub parameters: Option<Vec<Sp<String>>>,
    /// Types that results of the function have; without `function`, also of methods.
    pub results: Option<Vec<Sp<String>>>,
    /// Type of the last result of the function; without `function`, also of methods.
    pub last_result: Option<Sp<String>>,
    /// `true`: a function literal; `function` is then the enclosing function.
    pub closure: Option<bool>,
    /// Interface that the type of the receiver, or a pointer to it, implements. Requires type information.
    pub receiver_implements: Option<Sp<String>>,
    /// Interface that the type of a parameter implements. Requires type information.
    pub parameter_implements: Option<Sp<String>>,
    /// Interface that the type of a result implements. Requires type information.
    pub result_implements: Option<Sp<String>>,
    /// Interface that the type of the last result implements. Requires type information.
    pub last_result_implements: Option<Sp<String>>,
    /// A call of a function, `net/http.Get`, by any name of the package in the file.
    pub call: Option<Sp<String>>,
    /// A call of a method. Requires type information.
    pub method_call: Option<Sp<WhereMethod>>,
    /// Arguments of the call. Requires type information.
    pub arguments: Option<Vec<Sp<WhereArgument>>>,
    /// A composite literal of a named type, or `new` of it: `net/http.Client`.
    pub literal: Option<Sp<String>>,
    /// Form of the literal; default `any`.
    pub form: Option<Sp<LiteralForm>>,
    /// `true`: also literals that only type information identifies, such as `{}` in a literal of a named list type, or an alias of another
    /// package.
    pub types: Option<Sp<bool>>,
    /// Definition of a struct type of the package, by name.
    pub r#struct: Option<Sp<String>>,
    /// A statement in a list of statements.
    pub statement: Option<Sp<WhereStatement>>,
    /// The body of a loop: `before` runs at the beginning of each round. `{}` matches any loop.
    pub loop_body: Option<Sp<LoopBodyPattern>>,
    /// An import of this path in a file.
    pub import: Option<Sp<String>>,
    /// A package-level variable.
    pub variable: Option<Sp<String>>,
    /// A package-level constant.
    pub constant: Option<Sp<String>>,
    /// Type in the declaration of the variable or constant.
    pub value_type: Option<Sp<String>>,
    /// A directive comment, such as `weave:span`, on the function, type, statement, variable or constant. Above a statement whose
    /// value or callee is a function literal, it also applies to the literal; conditions on types alone then include literals.
    pub directive: Option<Sp<String>>,
    /// Go releases, such as `>=1.24, <1.28`; `1.26` stands for all of its releases; not inside `all-of`, `one-of` and `not`.
    pub go: Option<Sp<String>>,
    /// Versions of the package's module, such as `>=v1.2.0`; not inside `all-of`, `one-of` and `not`.
    pub version: Option<Sp<String>>,
    /// All of these must hold.
    pub all_of: Option<Vec<Sp<Where>>>,
    /// At least one of these must hold.
    pub one_of: Option<Vec<Sp<Where>>>,
    /// This must not hold.
    pub not: Option<Box<Sp<Where>>>,
}

/// Conditions on a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereFile {
    /// Base name, or a pattern.
    pub name: Option<Sp<String>>,
    /// Import path that the file imports.
    pub imports: Option<Sp<String>>,
    /// Declaration in the file: a function, a method as `T.Name`, a type, a variable or a constant.
    pub declares: Option<Sp<String>>,
    /// Directive comment in the file.
    pub directive: Option<Sp<String>>,
    /// Whether the file is a test.
    pub test: Option<bool>,
}

/// A called method, `x.M()`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereMethod {
    /// Name, or a pattern.
    pub name: Option<Sp<String>>,
    /// Type that declares the method, written as its receiver: `*database/sql.DB`, `[*]example.com/p.T`, or an interface,
    /// `io.Writer`. The name may have wild cards.
    pub of: Option<Sp<String>>,
    /// Static type of the operand before the dot, written the same way, whichever type declares the method.
    pub receiver: Option<Sp<String>>,
    /// Interface that the static type of the operand before the dot, or a pointer to it, implements.
    pub receiver_implements: Option<Sp<String>>,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereArgument {
    /// Index from 0; by default any.
    pub index: Option<u32>,
    /// Static type.
    pub r#type: Option<Sp<String>>,
    /// Interface that its type implements.
    pub implements: Option<Sp<String>>,
}

/// Conditions on a statement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereStatement {
    /// Kind of statement.
    pub kind: Option<Sp<StatementKind>>,
    /// Text, without white space and comments; or a regular expression between slashes that matches part of it.
    pub text: Option<Sp<String>>,
    /// Callee: `net/http.Get`, or as written in the file.
    pub calls: Option<Sp<String>>,
    /// Left side of an assignment, as written in the file.
    pub assigns: Option<Sp<String>>,
    /// Choice among several matches in one function.
    pub occurrence: Option<Sp<Occurrence>>,
}

/// One advice: one of the keys that name an advice, with its companions.
///
/// Code stays on the line where it is inserted: line ends in it become `;`. Statements get a block of their own.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Advice {
    /// Call a typed Go function when the function is entered, and the functions that it returns when the function is left.
    pub hook: Option<Sp<HookAdvice>>,
    /// Statements at the beginning of the function or loop body, or before the statement that is matched or contains the match.
    pub before: Option<Sp<String>>,
    /// Statements after the statement that is matched or contains the match.
    pub after: Option<Sp<String>>,
    /// Expression around the match, which is `$this`.
    pub wrap: Option<Sp<String>>,
    /// Expression in place of the match; for an import, another path.
    pub replace: Option<Sp<String>>,
    /// Arguments to add at the end of the call.
    pub append_arguments: Option<Vec<Sp<String>>>,
    /// With `append-arguments`: element type of the callee's variadic parameter, for calls `f(list...)`.
    pub variadic: Option<Sp<String>>,
    /// Function of the same signature to call instead: `example.com/p.Get`.
    pub call_instead: Option<Sp<String>>,
    /// Fields to set in the literal.
    pub set_fields: Option<Vec<Sp<SetField>>>,
    /// Fields to add to the struct, after its own.
    pub add_fields: Option<Vec<Sp<AddField>>>,
    /// Go declarations to add to the package, in the extra file.
    pub declare: Option<Sp<String>>,
    /// An adapter: a Go file beside the rules, `adapter.go`, whose declarations are added to the package; or the text of one.
    pub file: Option<Sp<String>>,
    /// Import path that the package imports for its side effects.
    pub import: Option<Sp<String>>,
    /// Packages that the code uses: a list of paths, or a mapping from the name in the code to the path. In the woven file they get
    /// unused names.
    pub imports: Option<Imports>,
}

/// A field of composite literals.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SetField {
    /// Name of the field.
    pub name: Sp<String>,
    /// Value if the literal sets none; without it, such literals stay as they are.
    pub value: Option<Sp<String>>,
    /// Expression around the value in the literal, which is `$this`; without it, that value stays.
    pub wrap: Option<Sp<String>>,
}

/// A field of struct types.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AddField {
    /// Name of the field.
    pub name: Sp<String>,
    /// Type, with full import path.
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

impl Where {
    /// Returns whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether a type of the function must implement an interface.
    #[must_use]
    pub fn implements(&self) -> bool {
        self.receiver_implements.is_some()
            || self.parameter_implements.is_some()
            || self.result_implements.is_some()
            || self.last_result_implements.is_some()
    }
}

impl Advice {
    /// Name of the Go file beside the rules whose declarations the package gets.
    #[must_use]
    pub fn adapter(&self) -> Option<&Sp<String>> {
        self.file.as_ref().filter(|f| f.value.ends_with(".go") && !f.value.contains('\n'))
    }
}

impl RuleFile {
    /// Names of the Go files beside the rules whose declarations packages get. They are no sources of the hooks.
    pub fn adapters(&self) -> impl Iterator<Item = &str> {
        let advice = self.rules.iter().flat_map(|rule| rule.value.advice());
        advice.filter_map(|(a, ..)| a.adapter()).map(|name| name.value.as_str())
    }
}

impl Rule {
    /// Returns what the rule does, and where that stands in the file.
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HookAdvice {
    /// Exported function of the hooks package.
    pub function: Sp<String>,
    /// Go expressions in terms of receiver and parameters; by default the receiver, then all parameters.
    pub arguments: Option<Vec<Sp<String>>>,
    /// Parameters that the first results of the hook replace, in this order.
    #[serde(default)]
    pub replace: Vec<Sp<String>>,
    /// Whether the hook's next result is a function that, if it is not nil, returns the results in place of the rest of the
    /// woven function, which then does not run.
    #[serde(default)]
    pub skip: bool,
}

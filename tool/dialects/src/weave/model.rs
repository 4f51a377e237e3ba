//! The rule file as people write it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Sp;
use crate::weave::advice::Advice;
use crate::weave::join_point::Where;

/// Types without a name of their own in the schema.
#[cfg(test)]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::OneOrMany;
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

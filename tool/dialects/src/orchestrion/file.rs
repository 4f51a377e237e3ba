//! The file as it is written.

use std::collections::BTreeMap;
use std::fmt;

use crate::weave::model::OneOrMany;
use crate::{Sp, read_yaml};
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer};
use weave_ir::Diagnostic;

/// A rule file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// Description of the file.
    pub meta: Option<Meta>,
    /// Other files whose aspects come before those of this one: paths relative to it, of files or of packages' folders.
    pub extends: Option<Vec<Sp<String>>>,
    /// The aspects.
    pub aspects: Option<Vec<Sp<Aspect>>>,
}

/// The subject of a file.
#[expect(dead_code, reason = "of all but the name only the form is checked")]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Meta {
    /// Its name.
    pub name: Sp<String>,
    /// Purpose.
    pub description: Sp<String>,
    /// A picture in Orchestrion's documentation.
    pub icon: Option<Sp<String>>,
    /// Caveats.
    pub caveats: Option<Sp<String>>,
}

/// An aspect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Aspect {
    /// Its name.
    pub id: Option<Sp<String>>,
    /// Join point.
    pub join_point: Sp<Join>,
    /// Advice.
    pub advice: Sp<OneOrMany<Advice>>,
    /// Whether it is also for the packages of Datadog's tracer.
    pub tracer_internal: Option<bool>,
}

/// A join point: one of the keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Join {
    pub all_of: Option<Vec<Sp<Join>>>,
    pub one_of: Option<Vec<Sp<Join>>>,
    pub not: Option<Box<Sp<Join>>>,
    pub import_path: Option<Sp<String>>,
    pub package_name: Option<Sp<String>>,
    pub package_filter: Option<Sp<Filter>>,
    pub test_main: Option<Sp<bool>>,
    pub directive: Option<Sp<String>>,
    pub function: Option<Vec<Sp<FunctionOption>>>,
    pub function_body: Option<Box<Sp<Join>>>,
    pub function_call: Option<Sp<String>>,
    pub method_call: Option<Sp<MethodCall>>,
    pub struct_definition: Option<Sp<String>>,
    pub struct_literal: Option<Sp<StructLiteral>>,
    pub value_declaration: Option<Sp<String>>,
    pub declaration_of: Option<Sp<String>>,
    pub configuration: Option<Sp<BTreeMap<String, String>>>,
}

impl Join {
    /// The keys that are given.
    pub fn keys(&self) -> Vec<&'static str> {
        [
            (self.all_of.is_some(), "all-of"),
            (self.one_of.is_some(), "one-of"),
            (self.not.is_some(), "not"),
            (self.import_path.is_some(), "import-path"),
            (self.package_name.is_some(), "package-name"),
            (self.package_filter.is_some(), "package-filter"),
            (self.test_main.is_some(), "test-main"),
            (self.directive.is_some(), "directive"),
            (self.function.is_some(), "function"),
            (self.function_body.is_some(), "function-body"),
            (self.function_call.is_some(), "function-call"),
            (self.method_call.is_some(), "method-call"),
            (self.struct_definition.is_some(), "struct-definition"),
            (self.struct_literal.is_some(), "struct-literal"),
            (self.value_declaration.is_some(), "value-declaration"),
            (self.declaration_of.is_some(), "declaration-of"),
            (self.configuration.is_some(), "configuration"),
        ]
        .into_iter()
        .filter_map(|(given, key)| given.then_some(key))
        .collect()
    }
}

/// A pattern of packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Whether only packages of the main module are meant.
    pub root: bool,
    /// The pattern.
    pub pattern: Option<String>,
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            #[serde(default)]
            root: bool,
            pattern: Option<String>,
        }
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Filter;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a pattern or a mapping with `root` and `pattern`")
            }

            fn visit_str<E>(self, pattern: &str) -> Result<Filter, E> {
                Ok(Filter { root: false, pattern: Some(pattern.to_owned()) })
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Filter, A::Error> {
                let w = Written::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Filter { root: w.root, pattern: w.pattern })
            }
        }
        deserializer.deserialize_any(V)
    }
}

/// A condition on a function: one of the keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FunctionOption {
    pub name: Option<Sp<String>>,
    pub receiver: Option<Sp<Receiver>>,
    pub signature: Option<Sp<Signature>>,
    pub signature_contains: Option<Sp<Signature>>,
    pub result_implements: Option<Sp<String>>,
    pub final_result_implements: Option<Sp<String>>,
    pub argument_implements: Option<Sp<String>>,
}

impl FunctionOption {
    /// The keys that are given.
    pub fn keys(&self) -> Vec<&'static str> {
        [
            (self.name.is_some(), "name"),
            (self.receiver.is_some(), "receiver"),
            (self.signature.is_some(), "signature"),
            (self.signature_contains.is_some(), "signature-contains"),
            (self.result_implements.is_some(), "result-implements"),
            (self.final_result_implements.is_some(), "final-result-implements"),
            (self.argument_implements.is_some(), "argument-implements"),
        ]
        .into_iter()
        .filter_map(|(given, key)| given.then_some(key))
        .collect()
    }
}

/// A receiver: a type, or whether there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// Any receiver, or none.
    Any(bool),
    /// This one.
    Type(String),
}

impl<'de> Deserialize<'de> for Receiver {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Receiver;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type, true or false")
            }

            fn visit_bool<E>(self, any: bool) -> Result<Receiver, E> {
                Ok(Receiver::Any(any))
            }

            fn visit_str<E>(self, ty: &str) -> Result<Receiver, E> {
                Ok(Receiver::Type(ty.to_owned()))
            }
        }
        deserializer.deserialize_any(V)
    }
}

/// Types of parameters and results.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Signature {
    pub args: Option<Vec<Sp<String>>>,
    pub returns: Option<Vec<Sp<String>>>,
}

/// A call of a method.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MethodCall {
    pub receiver: Sp<String>,
    pub name: Sp<String>,
    pub r#match: Option<Sp<Match>>,
}

/// A composite literal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StructLiteral {
    pub r#type: Sp<String>,
    pub field: Option<Sp<String>>,
    pub r#match: Option<Sp<Match>>,
}

/// Values, pointers or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    #[default]
    Any,
    ValueOnly,
    PointerOnly,
}

/// An advice: one of the keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Advice {
    pub assign_value: Option<Sp<Template>>,
    pub prepend_statements: Option<Sp<Statements>>,
    pub append_args: Option<Sp<Arguments>>,
    pub replace_function: Option<Sp<String>>,
    pub add_blank_import: Option<Sp<String>>,
    pub inject_declarations: Option<Sp<Template>>,
    pub add_struct_field: Option<Sp<StructField>>,
    pub wrap_expression: Option<Sp<Template>>,
}

impl Advice {
    /// The keys that are given.
    pub fn keys(&self) -> Vec<&'static str> {
        [
            (self.assign_value.is_some(), "assign-value"),
            (self.prepend_statements.is_some(), "prepend-statements"),
            (self.append_args.is_some(), "append-args"),
            (self.replace_function.is_some(), "replace-function"),
            (self.add_blank_import.is_some(), "add-blank-import"),
            (self.inject_declarations.is_some(), "inject-declarations"),
            (self.add_struct_field.is_some(), "add-struct-field"),
            (self.wrap_expression.is_some(), "wrap-expression"),
        ]
        .into_iter()
        .filter_map(|(given, key)| given.then_some(key))
        .collect()
    }
}

/// Code.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Template {
    pub template: Sp<String>,
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
    #[serde(default)]
    pub links: Vec<String>,
    pub lang: Option<Sp<String>>,
}

/// Code for the beginning of a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Statements {
    pub template: Sp<String>,
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
    #[serde(default)]
    pub links: Vec<String>,
    pub lang: Option<Sp<String>>,
    pub order: Option<i32>,
    pub namespace: Option<String>,
}

/// More arguments.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Arguments {
    pub r#type: Sp<String>,
    pub values: Vec<Sp<Template>>,
}

/// A field.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StructField {
    pub name: Sp<String>,
    pub r#type: Sp<String>,
}

/// Reads a file.
///
/// # Errors
///
/// Everything that is wrong with its form.
pub fn parse(path: &str, text: &str) -> Result<File, Vec<Diagnostic>> {
    read_yaml(path, text)
}

/// Returns whether a text is one of Orchestrion's rule files: YAML with a key `aspects` or `extends`, and none of ours.
#[must_use]
pub(crate) fn is_orchestrion(text: &str) -> bool {
    let mut found = false;
    for line in text.lines() {
        let key = line.split(':').next().unwrap_or_default();
        if line.starts_with("weave:") {
            return false;
        }
        found |= matches!(key, "aspects" | "extends") && line.len() > key.len();
    }
    found
}

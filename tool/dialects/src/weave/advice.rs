//! Advice as people write it: one of the keys below `do`, what each must be, and what it is to the engine.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::draft::{DraftAdvice, DraftHook, GoText};
use crate::weave::findings::Findings;
use crate::{Sp, messages};
use weave_ir::{
    Code, GoType, Kind, LoweredAddField, LoweredAdvice, LoweredArguments, LoweredDeclare, LoweredFile,
    LoweredSetField, NamePattern, SymbolPattern, assumed_name,
};

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

impl Advice {
    /// The keys that it has.
    fn keys(&self) -> Vec<&'static str> {
        let given = |key: &str| match key {
            "hook" => self.hook.is_some(),
            "declare" => self.declare.is_some(),
            "before" => self.before.is_some(),
            "after" => self.after.is_some(),
            "wrap" => self.wrap.is_some(),
            "replace" => self.replace.is_some(),
            "append-arguments" => self.append_arguments.is_some(),
            "call-instead" => self.call_instead.is_some(),
            "set-fields" => self.set_fields.is_some(),
            "add-fields" => self.add_fields.is_some(),
            "import" => self.import.is_some(),
            "file" => self.file.is_some(),
            _ => false,
        };
        LoweredAdvice::KEYS.into_iter().filter(|key| given(key)).collect()
    }

    /// Name of the Go file beside the rules whose declarations the package gets.
    pub(super) fn adapter(&self) -> Option<&Sp<String>> {
        self.file.as_ref().filter(|f| f.value.ends_with(".go") && !f.value.contains('\n'))
    }

    /// The advice as the engine knows it; `None` if it says nothing, which was found before. `import` tells whether it is for
    /// imports, for which a path stands in the place of code.
    pub(super) fn draft(&self, rule: &str, import: bool) -> Option<DraftAdvice> {
        if let Some(hook) = &self.hook {
            let HookAdvice { function, arguments, replace, skip } = &hook.value;
            let values = |list: &[Sp<String>]| list.iter().map(|v| v.value.clone()).collect();
            return Some(DraftAdvice::Hook(DraftHook {
                function: function.clone(),
                arguments: arguments.as_deref().map(values),
                replace: values(replace),
                skip: *skip,
            }));
        }
        if let Some(name) = self.adapter() {
            return Some(DraftAdvice::Adapter(name.clone()));
        }
        let imports = || self.imports.as_ref().map(|i| i.by_name(assumed_name)).unwrap_or_default();
        let mut texts = Vec::new();
        let mut code = |text: &Sp<String>, statements: bool| {
            let code = Code { text: text.value.clone(), imports: imports(), ..Code::default() };
            let at = Sp { value: code.clone(), line: text.line, col: text.col };
            texts.push(if statements { GoText::Statements(at) } else { GoText::Code(at) });
            code
        };
        let advice = if let Some(text) = &self.declare {
            texts.push(GoText::Declarations(text.clone()));
            let declare =
                LoweredDeclare { text: text.value.clone(), imports: imports(), ..LoweredDeclare::default() };
            LoweredAdvice::Declare(declare)
        } else if let Some(text) = &self.before {
            LoweredAdvice::Before(code(text, true))
        } else if let Some(text) = &self.after {
            LoweredAdvice::After(code(text, true))
        } else if let Some(text) = &self.wrap {
            LoweredAdvice::Wrap(code(text, false))
        } else if let Some(path) = self.replace.as_ref().filter(|_| import) {
            LoweredAdvice::Replace(Code { text: path.value.clone(), imports: imports(), ..Code::default() })
        } else if let Some(text) = &self.replace {
            LoweredAdvice::Replace(code(text, false))
        } else if let Some(list) = &self.append_arguments {
            LoweredAdvice::AppendArguments(LoweredArguments {
                values: list.iter().map(|v| code(v, false)).collect(),
                variadic: self.variadic.as_ref().map(|v| v.value.clone()),
            })
        } else if let Some(symbol) = &self.call_instead {
            LoweredAdvice::CallInstead(symbol.value.clone())
        } else if let Some(fields) = &self.set_fields {
            let field = |f: &Sp<SetField>| LoweredSetField {
                name: f.value.name.value.clone(),
                value: f.value.value.as_ref().map(|v| code(v, false)),
                wrap: f.value.wrap.as_ref().map(|v| code(v, false)),
                overrides: false,
            };
            LoweredAdvice::SetFields(fields.iter().map(field).collect())
        } else if let Some(fields) = &self.add_fields {
            let field = |f: &Sp<AddField>| LoweredAddField {
                name: f.value.name.value.clone(),
                r#type: f.value.r#type.value.clone(),
            };
            LoweredAdvice::AddFields(fields.iter().map(field).collect())
        } else if let Some(path) = &self.import {
            LoweredAdvice::Import(path.value.clone())
        } else {
            let text = self.file.as_ref()?;
            texts.push(GoText::File(text.clone()));
            LoweredAdvice::File(LoweredFile {
                name: messages::added_file_of(rule),
                text: text.value.clone(),
                adapter: false,
                replaces: false,
            })
        };
        Some(DraftAdvice::Written { advice, texts })
    }
}

/// Checks what an advice says. `rule` is the name of its rule, `hooks` tells whether the file names a hooks package, and `kinds` are
/// those of the candidates, if they are known.
pub(super) fn check(f: &mut Findings<'_>, rule: &str, hooks: bool, a: &Advice, at: &Sp<()>, kinds: &[Kind]) {
    let keys = a.keys();
    match keys.as_slice() {
        [] => {
            f.find(at, messages::rule_does_nothing(rule).help(messages::help_advice()));
        }
        [key] => {
            let allowed = LoweredAdvice::kinds(key);
            let wrong = kinds.iter().find(|k| !allowed.is_empty() && !allowed.contains(k));
            if let Some(kind) = wrong {
                // The oldest of these messages keeps its words.
                let message = if *key == "hook" && *kind == Kind::Package {
                    messages::hook_without_function()
                } else {
                    messages::advice_not_for(key, kind.name())
                };
                let on: Vec<&str> = allowed.iter().map(|k| k.name()).collect();
                f.find(at, message.help(messages::help_advice_not_for(key, on.join(" or "))));
            }
        }
        [one, .., two] => {
            f.find(at, messages::two_keys_of_advice(rule, one, two));
        }
    }
    if let Some(hook) = &a.hook {
        check_hook(f, hooks, hook);
    }
    let texts = [
        ("before", &a.before),
        ("after", &a.after),
        ("wrap", &a.wrap),
        ("replace", &a.replace),
        ("declare", &a.declare),
        ("file", &a.file),
        ("import", &a.import),
    ];
    for (key, text) in texts {
        if let Some(at) = text.as_ref().filter(|t| t.value.trim().is_empty()) {
            let help = messages::help_empty_code();
            f.find(at, messages::empty_key(key).help(help));
        }
    }
    let lists = [
        ("append-arguments", a.append_arguments.as_ref().is_some_and(Vec::is_empty)),
        ("set-fields", a.set_fields.as_ref().is_some_and(Vec::is_empty)),
        ("add-fields", a.add_fields.as_ref().is_some_and(Vec::is_empty)),
    ];
    for (key, _) in lists.iter().filter(|(_, empty)| *empty) {
        f.find(at, messages::empty_key(key).help(messages::help_empty_list()));
    }
    if let Some(import) = a.import.as_ref().filter(|t| !t.value.trim().is_empty()) {
        f.import_path(import);
    }
    for name in a
        .set_fields
        .iter()
        .flatten()
        .map(|f| &f.value.name)
        .chain(a.add_fields.iter().flatten().map(|f| &f.value.name))
    {
        if !NamePattern::identifier(&name.value).is_ok_and(|n| n.exact().is_some()) {
            f.find(name, messages::no_field_name(&name.value));
        }
    }
    for (_, path) in a.imports.iter().flat_map(|i| &i.0) {
        f.import_path(path);
    }
    for (key, values) in [
        ("replace", &a.replace),
        ("wrap", &a.wrap),
        ("variadic", &a.variadic),
        ("call-instead", &a.call_instead),
    ] {
        let Some(v) = values else { continue };
        let bad = match key {
            "wrap" if v.value.matches("$this").count() != 1 => Some(messages::wrap_without_this()),
            "variadic" => GoType::parse(&v.value).err().map(|e| messages::no_field_type(&v.value, &e)),
            "call-instead" => SymbolPattern::new(&v.value).err().map(messages::bad_advice),
            _ => None,
        };
        if let Some(message) = bad {
            f.find(v, message);
        }
    }
    for field in a.set_fields.iter().flatten() {
        match (&field.value.value, &field.value.wrap) {
            (None, None) => {
                let message = messages::field_without_value(&field.value.name.value);
                f.find(field, message);
            }
            (_, Some(w)) if w.value.matches("$this").count() != 1 => {
                let message = messages::wrap_of_value_without_this();
                f.find(w, message);
            }
            _ => {}
        }
    }
    for field in a.add_fields.iter().flatten() {
        if let Err(e) = GoType::parse(&field.value.r#type.value) {
            let message = messages::no_field_type(&field.value.r#type.value, &e);
            f.find(&field.value.r#type, message);
        }
    }
    if a.variadic.is_some() && a.append_arguments.is_none() {
        f.find(at, messages::variadic_alone());
    }
    let takes_imports =
        keys.iter().any(|k| !matches!(*k, "hook" | "call-instead" | "add-fields" | "import" | "file"));
    if !takes_imports
        && let Some(imports) = &a.imports
        && let Some((_, first)) = imports.0.first()
    {
        f.find(first, messages::imports_alone());
    }
}

fn check_hook(findings: &mut Findings<'_>, hooks: bool, hook: &Sp<HookAdvice>) {
    if !hooks {
        findings.find(hook, messages::no_hooks_package());
    }
    let f = &hook.value.function;
    if !f.value.starts_with(char::is_uppercase) {
        findings.find(f, messages::hook_not_exported(&f.value));
    }
}

#[cfg(test)]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::Imports;

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

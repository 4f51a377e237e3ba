//! `*.otelc.yml`: a mapping from names to rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::messages;
use crate::{Draft, DraftAdvice, DraftFile, DraftHooks, DraftRule, Sp, Surroundings, read_yaml};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use weave_ir::{
    Diagnostic, FilePattern, FunctionPattern, JoinPoint, LiteralForm, LiteralPattern, LoweredAddField,
    LoweredAdvice, LoweredArguments, LoweredSetField, Mentions, ModuleVersion, NamePattern, Occurrence,
    StatementPattern, SymbolPattern, TypePattern, ValuePattern, VersionRange,
};

use crate::otelc::go;
use crate::otelc::read::{Entries, Findings, Ids, instrumentation_name, line_col, moved};
use crate::otelc::target;

/// Value of a top-level key: a rule, or the version of otelc that the file asks for.
#[derive(Debug)]
enum Entry {
    Rule(Box<Rule>),
    Text(String),
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rule, which is a mapping")
            }

            fn visit_str<E>(self, text: &str) -> Result<Entry, E> {
                Ok(Entry::Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
                Rule::deserialize(MapAccessDeserializer::new(map)).map(|r| Entry::Rule(Box::new(r)))
            }
        }
        deserializer.deserialize_any(V)
    }
}

/// A rule. Older files have what is now under `where` and `do` beside `target`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rule {
    target: Option<Sp<Target>>,
    version: Option<Sp<String>>,
    r#where: Option<Sp<Where>>,
    r#do: Option<Sp<Do>>,
    imports: BTreeMap<String, String>,
    name: Option<Sp<String>>,
    // Older files.
    func: Option<Sp<String>>,
    recv: Option<Sp<String>>,
    r#struct: Option<Sp<String>>,
    #[serde(alias = "function-call")]
    function_call: Option<Sp<String>>,
    struct_literal: Option<Sp<String>>,
    directive: Option<Sp<String>>,
    kind: Option<Sp<String>>,
    identifier: Option<Sp<String>>,
    // Also beside `where` and `do`.
    signature: Option<Sp<Signature>>,
    signature_contains: Option<Sp<Signature>>,
    param: Option<Sp<String>>,
    result: Option<Sp<String>>,
    last_result: Option<Sp<String>>,
    value_declaration: Option<Sp<String>>,
    #[serde(alias = "pos")]
    pattern: Option<Sp<String>>,
    placement: Option<Sp<String>>,
    before: Option<Sp<String>>,
    after: Option<Sp<String>>,
    path: Option<Sp<String>>,
    raw: Option<Sp<String>>,
    new_field: Option<Vec<Sp<NewField>>>,
    file: Option<Sp<String>>,
    replace: Option<Sp<String>>,
    wrap: Option<Sp<String>>,
    append_args: Option<Vec<Sp<String>>>,
    variadic_type: Option<Sp<String>>,
    template: Option<Sp<String>>,
    assign_value: Option<Sp<String>>,
    field: Option<Vec<Sp<Field>>>,
}

/// A pattern of packages, or a list of patterns, some of them behind `not`.
#[derive(Debug, Default)]
struct Target {
    include: Vec<String>,
    exclude: Vec<String>,
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Excluded {
            not: String,
        }
        enum Item {
            Include(String),
            Exclude(String),
        }
        impl<'de> Deserialize<'de> for Item {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct V;
                impl<'de> Visitor<'de> for V {
                    type Value = Item;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a pattern of packages, or `not: pattern`")
                    }

                    fn visit_str<E>(self, text: &str) -> Result<Item, E> {
                        Ok(Item::Include(text.to_owned()))
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item, A::Error> {
                        Excluded::deserialize(MapAccessDeserializer::new(map)).map(|e| Item::Exclude(e.not))
                    }
                }
                deserializer.deserialize_any(V)
            }
        }
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Target;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a pattern of packages, or a list of patterns")
            }

            fn visit_str<E>(self, text: &str) -> Result<Target, E> {
                Ok(Target { include: vec![text.to_owned()], exclude: Vec::new() })
            }

            fn visit_unit<E>(self) -> Result<Target, E> {
                Ok(Target::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Target, A::Error> {
                let mut target = Target::default();
                while let Some(item) = seq.next_element()? {
                    match item {
                        Item::Include(p) => target.include.push(p),
                        Item::Exclude(p) => target.exclude.push(p),
                    }
                }
                Ok(target)
            }
        }
        deserializer.deserialize_any(V)
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Where {
    func: Option<Sp<String>>,
    recv: Option<Sp<String>>,
    r#struct: Option<Sp<String>>,
    function_call: Option<Sp<String>>,
    struct_literal: Option<Sp<String>>,
    directive: Option<Sp<String>>,
    kind: Option<Sp<String>>,
    identifier: Option<Sp<String>>,
    #[serde(skip)]
    value_type: Option<Sp<String>>,
    signature: Option<Sp<Signature>>,
    signature_contains: Option<Sp<Signature>>,
    param: Option<Sp<String>>,
    result: Option<Sp<String>>,
    last_result: Option<Sp<String>>,
    pattern: Option<Sp<String>>,
    placement: Option<Sp<String>>,
    file: Option<Sp<WhereFile>>,
    #[serde(rename = "all-of")]
    all_of: Option<Vec<Sp<Where>>>,
    #[serde(rename = "one-of")]
    one_of: Option<Vec<Sp<Where>>>,
    not: Option<Box<Sp<Where>>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Signature {
    args: Option<Vec<Sp<String>>>,
    returns: Option<Vec<Sp<String>>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WhereFile {
    has_func: Option<Sp<String>>,
    has_recv: Option<Sp<String>>,
    has_struct: Option<Sp<String>>,
    has_directive: Option<Sp<String>>,
    has_package: Option<Sp<String>>,
    is_test: Option<bool>,
    #[serde(rename = "all-of")]
    all_of: Option<Vec<Sp<WhereFile>>>,
    #[serde(rename = "one-of")]
    one_of: Option<Vec<Sp<WhereFile>>>,
    not: Option<Box<Sp<WhereFile>>>,
}

/// One modifier, or a list of them.
#[derive(Debug)]
struct Do(Vec<Sp<Modifier>>);

impl<'de> Deserialize<'de> for Do {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Do;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a modifier or a list of modifiers")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Do, A::Error> {
                let value = Modifier::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Do(vec![Sp { value, line: 0, col: 0 }]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Do, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(Do(list))
            }
        }
        deserializer.deserialize_any(V)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Modifier {
    inject_hooks: Option<InjectHooks>,
    inject_code: Option<InjectCode>,
    add_struct_fields: Option<AddStructFields>,
    add_file: Option<AddFile>,
    wrap_call: Option<WrapCall>,
    expand_directive: Option<ExpandDirective>,
    assign_value: Option<AssignValue>,
    set_fields: Option<SetFields>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectHooks {
    before: Option<Sp<String>>,
    after: Option<Sp<String>>,
    path: Sp<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InjectCode {
    raw: Sp<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddStructFields {
    new_field: Vec<Sp<NewField>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewField {
    name: Sp<String>,
    r#type: Sp<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddFile {
    file: Sp<String>,
    path: Sp<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrapCall {
    replace: Option<Sp<String>>,
    append_args: Option<Vec<Sp<String>>>,
    variadic_type: Option<Sp<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpandDirective {
    template: Sp<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AssignValue {
    replace: Option<Sp<String>>,
    wrap: Option<Sp<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFields {
    field: Vec<Sp<Field>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    name: Sp<String>,
    value: Option<Sp<String>>,
    wrap: Option<Sp<String>>,
}

/// Reads a file.
pub(crate) fn load(
    path: &str,
    text: &str,
    surroundings: &Surroundings,
) -> Result<Vec<Draft>, Vec<Diagnostic>> {
    let mut entries: Entries<Entry> = read_yaml(path, text)
        .map_err(|findings| findings.into_iter().map(with_rewrite).collect::<Vec<_>>())?;
    let mut reader = Reader {
        findings: Findings::new(path),
        surroundings,
        rules: Vec::new(),
        known: BTreeSet::new(),
        nested: false,
    };
    // Rules apply in the order of their names.
    entries.0.sort_by(|(a, _), (b, _)| a.value.cmp(&b.value));
    let mut seen = BTreeSet::new();
    for (name, entry) in entries.0 {
        if !seen.insert(name.value.clone()) {
            reader.findings.add(line_col(&name), messages::key_twice(&name.value));
        }
        match entry {
            Entry::Rule(rule) => reader.rule(&name, *rule),
            Entry::Text(version) if name.value == "version" => {
                if !version.starts_with('v') || ModuleVersion::parse(&version).is_none() {
                    let message = messages::no_version_of_otelc(&version);
                    reader.findings.add(line_col(&name), message);
                }
            }
            Entry::Text(_) => {
                let message = messages::no_rule(&name.value);
                reader.findings.add(line_col(&name), message);
            }
        }
    }
    if !reader.findings.list.is_empty() {
        return Err(reader.findings.list);
    }
    Ok(reader.drafts(path))
}

/// A filter that stands where earlier files have it is told where it stands now.
fn with_rewrite(mut d: Diagnostic) -> Diagnostic {
    let Some(key) = d.message.strip_prefix("unknown key `").and_then(|m| m.strip_suffix('`')) else {
        return d;
    };
    let help = match key {
        "has_func" | "has_recv" | "has_struct" | "has_directive" | "has_package" | "is_test" => {
            messages::help_condition_on_file(key)
        }
        _ => return d,
    };
    d.message = messages::key_of_earlier_releases(key);
    d.help = Some(help);
    d
}

/// A rule and the package that its hooks are in.
struct Found {
    rule: DraftRule,
    hooks: Option<Sp<String>>,
}

struct Reader<'a> {
    findings: Findings<'a>,
    surroundings: &'a Surroundings,
    rules: Vec<Found>,
    /// Texts of rules with hooks, since rules with equal texts are one.
    known: BTreeSet<String>,
    /// Whether the level that is read is below another one, which may have what this one lacks.
    nested: bool,
}

impl Reader<'_> {
    fn drafts(self, path: &str) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        let packages: BTreeSet<&str> =
            self.rules.iter().filter_map(|r| r.hooks.as_ref().map(|h| h.value.as_str())).collect();
        let several = packages.len() > 1;
        let first = self.rules.iter().find_map(|r| r.hooks.clone());
        for (place, Found { mut rule, hooks }) in self.rules.into_iter().enumerate() {
            // What needs no package goes with the first one that is named.
            let hooks = hooks.or_else(|| first.clone());
            if several {
                // The order among the rules of a file holds, whatever package their hooks are in.
                rule.order = i32::try_from(place).unwrap_or(i32::MAX);
            }
            let package = hooks.as_ref().map(|h| h.value.clone());
            match drafts.iter_mut().find(|d| d.hooks.as_ref().map(|h| &h.value) == package.as_ref()) {
                Some(draft) => draft.rules.push(rule),
                None => drafts.push(Draft::new(
                    path,
                    instrumentation_name(path, package.as_deref()),
                    hooks,
                    vec![rule],
                )),
            }
        }
        for draft in &mut drafts {
            let mut ids = Ids::default();
            for rule in &mut draft.rules {
                rule.id.value = ids.unique(&rule.id.value);
            }
        }
        if drafts.is_empty() {
            drafts.push(Draft::new(path, instrumentation_name(path, None), None, Vec::new()));
        }
        drafts
    }

    fn rule(&mut self, key: &Sp<String>, mut rule: Rule) {
        let at = line_col(key);
        let id = rule.name.clone().unwrap_or_else(|| key.clone());
        let (selected, modifiers) = match (rule.r#where.take(), rule.r#do.take()) {
            (w, Some(d)) => {
                if let Some((name, old)) = flat(&rule).into_iter().next() {
                    let message = messages::key_beside_do(name);
                    self.findings.add(old, message);
                }
                let at_do = line_col(&d);
                let mut list = d.value.0;
                for item in &mut list {
                    if item.line == 0 {
                        (item.line, item.col) = at_do;
                    }
                }
                if list.is_empty() {
                    self.findings
                        .add(at_do, messages::rule_does_nothing(&key.value).help(messages::help_modifier()));
                }
                let mut w = w.map(|w| w.value).unwrap_or_default();
                self.signatures(&mut rule, &mut w);
                (w, list)
            }
            (w, None) => match old_form(&mut rule, w.map(|w| w.value).unwrap_or_default()) {
                Some((mut w, modifier)) => {
                    self.signatures(&mut rule, &mut w);
                    (w, vec![moved(key, modifier)])
                }
                None => {
                    let message = messages::rule_does_nothing(&key.value);
                    self.findings.add(at, message.help(messages::help_do()));
                    return;
                }
            },
        };
        let Some(target) = self.target(key, &rule) else { return };
        let version = self.version(rule.version.as_ref());
        for import in rule.imports.iter().filter(|(_, path)| path.trim().is_empty()) {
            self.findings.add(at, messages::import_without_path(import.0));
        }
        for modifier in modifiers {
            let common = Common {
                id: id.clone(),
                target: target.clone(),
                package: rule.target.as_ref().and_then(|t| match t.value.include.as_slice() {
                    [one] if !one.contains(['*', '?', '[', '{', '$']) && one != "main" => Some(one.clone()),
                    _ => None,
                }),
                version: version.clone(),
                imports: rule.imports.clone(),
            };
            self.modifier(&common, &selected, modifier);
        }
    }

    /// Conditions on a signature may stand beside `where`, too.
    fn signatures(&mut self, rule: &mut Rule, w: &mut Where) {
        let mut twice = |name: &str, at: Option<(u32, u32)>| {
            if let Some(at) = at {
                let message = messages::under_where_and_beside(name);
                self.findings.add(at, message);
            }
        };
        for (name, flat, nested) in [
            ("signature", &mut rule.signature, &mut w.signature),
            ("signature_contains", &mut rule.signature_contains, &mut w.signature_contains),
        ] {
            let flat = flat.take();
            twice(name, flat.as_ref().filter(|_| nested.is_some()).map(line_col));
            *nested = nested.take().or(flat);
        }
        for (name, flat, nested) in [
            ("param", &mut rule.param, &mut w.param),
            ("result", &mut rule.result, &mut w.result),
            ("last_result", &mut rule.last_result, &mut w.last_result),
        ] {
            let flat = flat.take();
            twice(name, flat.as_ref().filter(|_| nested.is_some()).map(line_col));
            *nested = nested.take().or(flat);
        }
    }

    fn target(&mut self, key: &Sp<String>, rule: &Rule) -> Option<Vec<JoinPoint>> {
        let Some(target) = &rule.target else {
            let message = messages::no_target(&key.value);
            self.findings.add(line_col(key), message);
            return None;
        };
        let Target { include, exclude } = &target.value;
        if include.is_empty() || include.iter().chain(exclude).any(|p| p.trim().is_empty()) {
            let message = messages::target_names_no_package();
            self.findings.add(line_col(target), message);
            return None;
        }
        match target::join(include, exclude, self.surroundings) {
            Ok(join) => Some(join),
            Err((message, help)) => {
                let bad = messages::bad_target(message);
                self.findings.add(line_col(target), if help.is_empty() { bad } else { bad.help(help) });
                None
            }
        }
    }

    /// `v1.0.0,v2.0.0`: from the first one on, and before the second one.
    fn version(&mut self, at: Option<&Sp<String>>) -> Option<String> {
        let at = at?;
        let parts: Vec<&str> = at.value.split(',').map(str::trim).collect();
        let bad = parts.len() > 2
            || parts.iter().all(|p| p.is_empty())
            || parts.iter().any(|p| !p.is_empty() && ModuleVersion::parse(p).is_none());
        if bad {
            let message = messages::no_range_of_otelc(&at.value);
            self.findings.add(line_col(at), message.help(messages::help_otelc_range()));
            return None;
        }
        let from = parts.first().filter(|p| !p.is_empty()).map(|p| format!(">={p}"));
        let to = parts.get(1).filter(|p| !p.is_empty()).map(|p| format!("<{p}"));
        let range = from.into_iter().chain(to).collect::<Vec<_>>().join(", ");
        match VersionRange::<ModuleVersion>::parse(&range) {
            Ok(_) => Some(range),
            Err(e) => {
                let (message, _) = e.explain(&at.value, "module", "");
                let help = messages::help_otelc_range();
                self.findings.add(line_col(at), messages::bad_version(message).help(help));
                None
            }
        }
    }

    fn modifier(&mut self, common: &Common, selected: &Where, modifier: Sp<Modifier>) {
        let at = line_col(&modifier);
        let Modifier {
            inject_hooks,
            inject_code,
            add_struct_fields,
            add_file,
            wrap_call,
            expand_directive,
            assign_value,
            set_fields,
        } = modifier.value;
        let given = [
            inject_hooks.is_some(),
            inject_code.is_some(),
            add_struct_fields.is_some(),
            add_file.is_some(),
            wrap_call.is_some(),
            expand_directive.is_some(),
            assign_value.is_some(),
            set_fields.is_some(),
        ];
        match given.iter().filter(|g| **g).count() {
            1 => {}
            0 => {
                self.findings.add(at, messages::no_modifier());
                return;
            }
            _ => {
                self.findings.add(at, messages::several_modifiers());
                return;
            }
        }
        let imports = &common.imports;
        let code = |text: &Sp<String>| go::code(&text.value, imports);
        if let Some(m) = inject_hooks {
            self.hooks(common, selected, at, m);
        } else if let Some(m) = inject_code {
            if m.raw.value.trim().is_empty() {
                self.findings.add(line_col(&m.raw), messages::no_code());
            }
            let raw = code(&m.raw);
            let after = match selected.placement.as_ref() {
                None => false,
                Some(p) if p.value == "before" => false,
                Some(p) if p.value == "after" => true,
                Some(p) => {
                    let message = messages::no_placement(&p.value);
                    self.findings.add(line_col(p), message);
                    false
                }
            };
            if let (Some(p), None) = (&selected.placement, &selected.pattern) {
                self.findings.add(line_col(p), messages::placement_alone());
            }
            let advice = if after { LoweredAdvice::After(raw) } else { LoweredAdvice::Before(raw) };
            self.add(common, selected, Needs::Function, &moved(&m.raw, ()), vec![ready(advice)], None);
        } else if let Some(m) = add_struct_fields {
            let fields = self.fields(common, &m.new_field);
            let advice = vec![ready(LoweredAdvice::AddFields(fields))];
            self.add(common, selected, Needs::Struct, &spot(at), advice, None);
        } else if let Some(m) = add_file {
            let file = DraftFile { name: m.file.clone(), replaces: false, imports: imports.clone() };
            let advice = vec![DraftAdvice::File(file)];
            self.add(common, selected, Needs::Package, &moved(&m.file, ()), advice, Some(m.path));
        } else if let Some(m) = wrap_call {
            let mut advice = Vec::new();
            if let Some(list) = m.append_args.as_ref().filter(|l| !l.is_empty()) {
                let variadic = m.variadic_type.as_ref().and_then(|v| {
                    let ty = go::ty(&v.value, imports, common.package.as_deref());
                    self.findings.ok(line_col(v), "`variadic_type`", ty)
                });
                advice.push(ready(LoweredAdvice::AppendArguments(LoweredArguments {
                    values: list.iter().map(code).collect(),
                    variadic,
                })));
            }
            if let Some(replace) = m.replace.as_ref().filter(|r| !r.value.trim().is_empty()) {
                if self.has_this(replace, "replace") {
                    advice.push(ready(LoweredAdvice::Wrap(code(replace))));
                }
            } else if advice.is_empty() {
                let message = messages::wrap_call_without_advice();
                self.findings.add(at, message);
            }
            self.add(common, selected, Needs::Call, &spot(at), advice, None);
        } else if let Some(m) = expand_directive {
            let advice = vec![ready(LoweredAdvice::Before(code(&m.template)))];
            self.add(common, selected, Needs::Directive, &moved(&m.template, ()), advice, None);
        } else if let Some(m) = assign_value {
            let advice = match (&m.replace, &m.wrap) {
                (Some(r), None) => LoweredAdvice::Replace(code(r)),
                (None, Some(w)) => {
                    self.has_this(w, "wrap");
                    LoweredAdvice::Wrap(code(w))
                }
                _ => {
                    let message = messages::assign_value_without_advice();
                    self.findings.add(at, message);
                    return;
                }
            };
            self.add(common, selected, Needs::Value, &spot(at), vec![ready(advice)], None);
        } else if let Some(m) = set_fields {
            let mut fields = Vec::new();
            for f in &m.field {
                let Field { name, value, wrap } = &f.value;
                if value.is_none() && wrap.is_none() {
                    let message = messages::field_without_value(&name.value);
                    self.findings.add(line_col(f), message);
                }
                if let Some(w) = wrap {
                    self.has_this(w, "wrap");
                }
                fields.push(LoweredSetField {
                    name: name.value.clone(),
                    value: value.as_ref().map(code),
                    wrap: wrap.as_ref().map(code),
                    // Without `wrap` the value is that of the field, whether or not it has one.
                    overrides: wrap.is_none(),
                });
            }
            let advice = vec![ready(LoweredAdvice::SetFields(fields))];
            self.add(common, selected, Needs::Literal, &spot(at), advice, None);
        }
    }

    fn hooks(&mut self, common: &Common, selected: &Where, at: (u32, u32), m: InjectHooks) {
        let given = |s: Option<Sp<String>>| s.filter(|s| !s.value.trim().is_empty());
        let (before, after) = (given(m.before), given(m.after));
        if before.is_none() && after.is_none() {
            let message = messages::hooks_without_functions();
            self.findings.add(at, message);
        }
        if m.path.value.trim().is_empty() {
            self.findings.add(line_col(&m.path), messages::path_without_package());
        }
        let name = |s: &Option<Sp<String>>| s.as_ref().map(|s| s.value.clone());
        // Two rules that say the same are one.
        let Common { target, version, imports, .. } = common;
        let says = format!(
            "{target:?} {version:?} {imports:?} {:?} {:?} {} {}",
            name(&before),
            name(&after),
            m.path.value,
            says(selected)
        );
        if !self.known.insert(says) {
            return;
        }
        let advice = vec![DraftAdvice::Context(DraftHooks { before, after })];
        self.add(common, selected, Needs::Function, &moved(&m.path, ()), advice, Some(m.path));
    }

    fn fields(&mut self, common: &Common, list: &[Sp<NewField>]) -> Vec<LoweredAddField> {
        let mut fields = Vec::new();
        for f in list {
            let ty = go::ty(&f.value.r#type.value, &common.imports, common.package.as_deref());
            if let Some(r#type) = self.findings.ok(line_col(&f.value.r#type), "`type`", ty) {
                fields.push(LoweredAddField { name: f.value.name.value.clone(), r#type });
            }
        }
        fields
    }

    fn has_this(&mut self, at: &Sp<String>, key: &str) -> bool {
        let compact: String = at.value.split_whitespace().collect();
        let has = ["{{.}}", "{{-.-}}", "{{.-}}", "{{-.}}"].iter().any(|p| compact.contains(p));
        if !has {
            let message = messages::no_hole(key);
            self.findings.add(line_col(at), message);
        }
        has
    }

    /// Puts a rule together.
    fn add(
        &mut self,
        common: &Common,
        selected: &Where,
        needs: Needs,
        at: &Sp<()>,
        advice: Vec<DraftAdvice>,
        hooks: Option<Sp<String>>,
    ) {
        let mut all = common.target.clone();
        let before = self.findings.list.len();
        all.extend(self.selectors(selected, needs, common, line_col(at)));
        if self.findings.list.len() > before {
            return;
        }
        let mut dependencies: Vec<String> = common.imports.values().cloned().collect();
        dependencies.dedup();
        let blank = common.imports.get("_").map(|path| ready(LoweredAdvice::Import(path.clone())));
        let join = if all.len() == 1 { all.remove(0) } else { JoinPoint::AllOf(all) };
        let rule = DraftRule {
            version: common.version.clone(),
            dependencies,
            ..DraftRule::new(
                common.id.clone(),
                join,
                advice.into_iter().chain(blank).map(|a| moved(at, a)).collect(),
            )
        };
        self.rules.push(Found { rule, hooks });
    }

    /// The conditions of one level of `where`, all of which hold.
    fn selectors(&mut self, w: &Where, needs: Needs, common: &Common, at: (u32, u32)) -> Vec<JoinPoint> {
        let mut all = Vec::new();
        if needs == Needs::Package {
            // A file is added to a package as a whole; conditions on files are conditions on the package then.
            all.extend(self.file_gate(w));
            all.extend(self.compositions(w, needs, common, at));
            return all;
        }
        let finer = matches!(needs, Needs::Call | Needs::Literal) || w.pattern.is_some();
        match needs {
            Needs::Struct => match &w.r#struct {
                Some(s) => all.extend(self.name(s).map(JoinPoint::Struct)),
                None => self.missing(w, at, "`add_struct_fields`", "struct"),
            },
            Needs::Call => match &w.function_call {
                Some(s) => {
                    let symbol =
                        self.findings.ok(line_col(s), "`function_call`", SymbolPattern::new(&s.value));
                    all.extend(symbol.map(JoinPoint::Call));
                }
                None => self.missing(w, at, "`wrap_call`", "function_call"),
            },
            Needs::Literal => match &w.struct_literal {
                Some(s) => {
                    let symbol =
                        self.findings.ok(line_col(s), "`struct_literal`", SymbolPattern::new(&s.value));
                    all.extend(symbol.iter().flat_map(literals));
                }
                None => self.missing(w, at, "`set_fields`", "struct_literal"),
            },
            Needs::Value => match (&w.identifier, &w.value_type) {
                (None, None) => self.missing(w, at, "`assign_value`", "identifier"),
                (name, ty) => all.extend(self.value(name.as_ref(), ty.as_ref(), w.kind.as_ref(), common)),
            },
            Needs::Directive if w.directive.is_none() => {
                self.missing(w, at, "`expand_directive`", "directive")
            }
            Needs::Function if w.func.is_none() && w.directive.is_none() && !w.composed() => {
                self.missing(w, at, "a rule about functions", "func");
            }
            Needs::Directive | Needs::Function | Needs::Package => {}
        }
        if let Some(p) = &w.pattern {
            let text =
                self.findings.ok(line_col(p), "`pattern`", NamePattern::new(&format!("/{}/", p.value)));
            all.push(JoinPoint::Statement(StatementPattern {
                text,
                occurrence: Some(Occurrence::FirstOfAll),
                ..StatementPattern::default()
            }));
        }
        let function = self.function(w);
        let about_function = w.func.is_some() || function.mentions.is_some();
        if let Some(r) = w.recv.as_ref().filter(|_| w.func.is_none()) {
            self.findings.add(line_col(r), messages::receiver_without_function());
        }
        if about_function {
            let function = JoinPoint::Function(function);
            all.push(if finer { JoinPoint::Within(Box::new(function)) } else { function });
            all.extend(self.contained(w).map(
                |any| {
                    if finer { JoinPoint::Within(Box::new(any)) } else { any }
                },
            ));
        }
        if let Some(d) = &w.directive {
            let directive = JoinPoint::Directive(d.value.trim_start_matches("//").to_owned());
            // It is about declared functions, wherever else it may stand.
            let function = JoinPoint::AllOf(vec![JoinPoint::Function(FunctionPattern::default()), directive]);
            all.push(if finer { JoinPoint::Within(Box::new(function)) } else { function });
        }
        all.extend(self.file_gate(w));
        all.extend(self.compositions(w, needs, common, at));
        all
    }

    fn missing(&mut self, w: &Where, at: (u32, u32), modifier: &str, selector: &str) {
        if self.nested || w.composed() {
            return;
        }
        let message = messages::modifier_needs_selector(modifier, selector);
        self.findings.add(at, message);
    }

    fn compositions(&mut self, w: &Where, needs: Needs, common: &Common, at: (u32, u32)) -> Vec<JoinPoint> {
        let mut all = Vec::new();
        let mut level = |w: &Sp<Where>| JoinPoint::AllOf(self.nested(&w.value, needs, common, at));
        if let Some(list) = &w.all_of {
            all.push(JoinPoint::AllOf(list.iter().map(&mut level).collect()));
        }
        if let Some(list) = &w.one_of {
            all.push(JoinPoint::OneOf(list.iter().map(&mut level).collect()));
        }
        if let Some(not) = &w.not {
            all.push(JoinPoint::Not(Box::new(level(not))));
        }
        all
    }

    /// A level below the first one need not say what the rule is about.
    fn nested(&mut self, w: &Where, needs: Needs, common: &Common, at: (u32, u32)) -> Vec<JoinPoint> {
        let says = |here: bool| if here { needs } else { Needs::Function };
        let about = match needs {
            Needs::Struct => says(w.r#struct.is_some()),
            Needs::Call => says(w.function_call.is_some()),
            Needs::Literal => says(w.struct_literal.is_some()),
            Needs::Value => says(w.identifier.is_some()),
            other => other,
        };
        let outer = std::mem::replace(&mut self.nested, true);
        let found = self.selectors(w, about, common, at);
        self.nested = outer;
        found
    }

    fn value(
        &mut self,
        name: Option<&Sp<String>>,
        ty: Option<&Sp<String>>,
        kind: Option<&Sp<String>>,
        common: &Common,
    ) -> Option<JoinPoint> {
        let name = match name {
            Some(s) => self.name(s)?,
            None => NamePattern::new("*").ok()?,
        };
        let constant = match kind.map(|k| (k, k.value.as_str())) {
            None | Some((_, "")) => None,
            Some((_, "var")) => Some(false),
            Some((_, "const")) => Some(true),
            Some((k, other)) => {
                let message = match other {
                    "func" | "type" => messages::kind_without_value(other),
                    _ => messages::no_kind(other),
                };
                self.findings.add(line_col(k), message);
                return None;
            }
        };
        let r#type = match ty {
            Some(t) => Some(self.findings.ok(
                line_col(t),
                "`value_declaration`",
                go::ty(&t.value, &common.imports, common.package.as_deref()),
            )?),
            None => None,
        };
        Some(JoinPoint::Value(ValuePattern { name, constant, r#type, or_untyped: false }))
    }

    fn name(&mut self, at: &Sp<String>) -> Option<NamePattern> {
        if at.value.contains(['*', '?', '/', ' ']) {
            self.findings.add(line_col(at), messages::no_name(&at.value));
            return None;
        }
        self.findings.ok(line_col(at), &format!("`{}`", at.value), NamePattern::identifier(&at.value))
    }

    fn receiver(&mut self, at: &Sp<String>) -> Option<TypePattern> {
        // Type arguments do not count.
        let base = at.value.split('[').next().unwrap_or_default().trim();
        let read = TypePattern::receiver(base);
        match read {
            Ok(r) if r.exact().is_some() => Some(r),
            _ => {
                let message = messages::no_receiver(&at.value);
                self.findings.add(line_col(at), message);
                None
            }
        }
    }

    fn type_names(&mut self, list: Option<&Vec<Sp<String>>>) -> Option<Vec<TypePattern>> {
        list.map(|list| list.iter().filter_map(|t| self.type_name(t)).collect())
    }

    fn type_name(&mut self, at: &Sp<String>) -> Option<TypePattern> {
        self.findings.ok(line_col(at), &messages::not_a_type(&at.value), TypePattern::called(at.value.trim()))
    }

    fn function(&mut self, w: &Where) -> FunctionPattern {
        let mut mentions = Mentions::default();
        if let Some(s) = &w.signature {
            mentions.parameters = Some(self.type_names(s.value.args.as_ref()).unwrap_or_default());
            mentions.results = Some(self.type_names(s.value.returns.as_ref()).unwrap_or_default());
        }
        mentions.some_parameter.extend(w.param.as_ref().and_then(|t| self.type_name(t)));
        mentions.some_result.extend(w.result.as_ref().and_then(|t| self.type_name(t)));
        mentions.last_result = w.last_result.as_ref().and_then(|t| self.type_name(t));
        FunctionPattern {
            name: w.func.as_ref().and_then(|f| self.name(f)),
            receiver: w.recv.as_ref().and_then(|r| self.receiver(r)),
            mentions: (mentions != Mentions::default()).then(|| Box::new(mentions)),
            ..FunctionPattern::default()
        }
    }

    /// `signature_contains`: one of the types is there.
    fn contained(&mut self, w: &Where) -> Option<JoinPoint> {
        let s = w.signature_contains.as_ref()?;
        let args = self.type_names(s.value.args.as_ref()).unwrap_or_default();
        let returns = self.type_names(s.value.returns.as_ref()).unwrap_or_default();
        let one = |mentions: Mentions| {
            JoinPoint::Function(FunctionPattern {
                mentions: Some(Box::new(mentions)),
                ..FunctionPattern::default()
            })
        };
        let args = args
            .into_iter()
            .map(|t| one(Mentions { some_parameter: vec![t], ..Mentions::default() }))
            .collect::<Vec<_>>();
        let returns =
            returns.into_iter().map(|t| one(Mentions { some_result: vec![t], ..Mentions::default() }));
        Some(JoinPoint::OneOf(args.into_iter().chain(returns).collect()))
    }

    fn file_gate(&mut self, w: &Where) -> Option<JoinPoint> {
        w.file.as_ref().and_then(|f| self.file(f))
    }

    fn file(&mut self, at: &Sp<WhereFile>) -> Option<JoinPoint> {
        let f = &at.value;
        let leaves = [
            f.has_func.is_some(),
            f.has_struct.is_some(),
            f.has_directive.is_some(),
            f.has_package.is_some(),
            f.is_test.is_some(),
        ];
        let combined = [f.all_of.is_some(), f.one_of.is_some(), f.not.is_some()];
        let count = leaves.iter().chain(&combined).filter(|on| **on).count();
        if let Some(r) = f.has_recv.as_ref().filter(|_| f.has_func.is_none()) {
            self.findings.add(line_col(r), messages::has_receiver_without_function());
            return None;
        }
        if count != 1 {
            let finding = match count {
                0 => messages::nothing_of_the_file(),
                _ => messages::several_conditions(),
            };
            self.findings.add(line_col(at), finding);
            return None;
        }
        let list = |me: &mut Self, list: &Vec<Sp<WhereFile>>| -> Vec<JoinPoint> {
            list.iter().filter_map(|f| me.file(f)).collect()
        };
        if let Some(all) = &f.all_of {
            return Some(JoinPoint::AllOf(list(self, all)));
        }
        if let Some(one) = &f.one_of {
            return Some(JoinPoint::OneOf(list(self, one)));
        }
        if let Some(not) = &f.not {
            return self.file(not).map(|j| JoinPoint::Not(Box::new(j)));
        }
        if let Some(name) = &f.has_package {
            return self.name(name).map(JoinPoint::PackageName);
        }
        if let Some(test) = f.is_test {
            return Some(JoinPoint::Tests(test));
        }
        let function = f.has_func.as_ref().map(|name| {
            Box::new(FunctionPattern {
                name: self.name(name),
                receiver: f.has_recv.as_ref().and_then(|r| self.receiver(r)),
                ..FunctionPattern::default()
            })
        });
        Some(JoinPoint::File(FilePattern {
            function,
            r#struct: f.has_struct.as_ref().map(|s| s.value.clone()),
            header: f.has_directive.as_ref().map(|d| d.value.trim_start_matches("//").to_owned()),
            ..FilePattern::default()
        }))
    }
}

/// The part that all modifiers of a rule share.
#[derive(Debug, Clone)]
struct Common {
    id: Sp<String>,
    target: Vec<JoinPoint>,
    /// The package, if the target is one by its path.
    package: Option<String>,
    version: Option<String>,
    imports: BTreeMap<String, String>,
}

/// Sort of candidate that a modifier needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Function,
    Directive,
    Struct,
    Call,
    Literal,
    Value,
    Package,
}

impl Where {
    fn composed(&self) -> bool {
        self.all_of.is_some() || self.one_of.is_some()
    }
}

fn ready(advice: LoweredAdvice) -> DraftAdvice {
    DraftAdvice::Ready(advice)
}

fn spot((line, col): (u32, u32)) -> Sp<()> {
    Sp { value: (), line, col }
}

/// `T{}` and `&T{}`.
fn literals(r#type: &SymbolPattern) -> Vec<JoinPoint> {
    let literal = |form| {
        JoinPoint::Literal(LiteralPattern {
            r#type: r#type.clone().into(),
            form,
            types: false,
            written: false,
            field: None,
        })
    };
    vec![literal(LiteralForm::Any), JoinPoint::Not(Box::new(literal(LiteralForm::New)))]
}

/// Returns what selectors say, wherever they stand.
fn says(w: &Where) -> String {
    let text = format!("{w:?}");
    let mut parts = text.split("line: ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let behind = part.find(" }").map_or("", |at| &part[at..]);
        out.push_str(behind);
    }
    out
}

/// The keys of older files that a rule has, and where their values stand.
fn flat(rule: &Rule) -> Vec<(&'static str, (u32, u32))> {
    let at = |s: &Option<Sp<String>>| s.as_ref().map(line_col);
    let first = |list: Option<(u32, u32)>| list;
    let all = [
        ("func", at(&rule.func)),
        ("recv", at(&rule.recv)),
        ("struct", at(&rule.r#struct)),
        ("function_call", at(&rule.function_call)),
        ("struct_literal", at(&rule.struct_literal)),
        ("directive", at(&rule.directive)),
        ("kind", at(&rule.kind)),
        ("identifier", at(&rule.identifier)),
        ("value_declaration", at(&rule.value_declaration)),
        ("pattern", at(&rule.pattern)),
        ("placement", at(&rule.placement)),
        ("before", at(&rule.before)),
        ("after", at(&rule.after)),
        ("path", at(&rule.path)),
        ("raw", at(&rule.raw)),
        ("new_field", first(rule.new_field.as_ref().and_then(|l| l.first()).map(line_col))),
        ("file", at(&rule.file)),
        ("replace", at(&rule.replace)),
        ("wrap", at(&rule.wrap)),
        ("append_args", first(rule.append_args.as_ref().and_then(|l| l.first()).map(line_col))),
        ("variadic_type", at(&rule.variadic_type)),
        ("template", at(&rule.template)),
        ("assign_value", at(&rule.assign_value)),
        ("field", first(rule.field.as_ref().and_then(|l| l.first()).map(line_col))),
    ];
    all.into_iter().filter_map(|(name, at)| at.map(|at| (name, at))).collect()
}

/// Selectors and modifier of a rule of an older file; `None` if it does nothing.
fn old_form(rule: &mut Rule, mut w: Where) -> Option<(Where, Modifier)> {
    w.func = w.func.or(rule.func.take());
    w.recv = w.recv.or(rule.recv.take());
    w.r#struct = w.r#struct.or(rule.r#struct.take());
    w.function_call = w.function_call.or(rule.function_call.take());
    w.struct_literal = w.struct_literal.or(rule.struct_literal.take());
    w.directive = w.directive.or(rule.directive.take());
    w.kind = w.kind.or(rule.kind.take());
    w.identifier = w.identifier.or(rule.identifier.take());
    w.value_type = rule.value_declaration.take();
    w.pattern = w.pattern.or(rule.pattern.take());
    w.placement = w.placement.or(rule.placement.take());
    let mut m = Modifier::default();
    if let Some(new_field) = rule.new_field.take() {
        m.add_struct_fields = Some(AddStructFields { new_field });
    } else if let (Some(file), Some(path)) = (&rule.file, &rule.path) {
        m.add_file = Some(AddFile { file: file.clone(), path: path.clone() });
    } else if w.directive.is_some() {
        m.expand_directive = Some(ExpandDirective { template: rule.template.take()? });
    } else if let Some(raw) = rule.raw.take() {
        m.inject_code = Some(InjectCode { raw });
    } else if w.function_call.is_some() {
        m.wrap_call = Some(WrapCall {
            replace: rule.replace.take().or(rule.template.take()),
            append_args: rule.append_args.take(),
            variadic_type: rule.variadic_type.take(),
        });
    } else if let Some(field) = rule.field.take() {
        m.set_fields = Some(SetFields { field });
    } else if let Some(value) = rule.assign_value.take() {
        m.assign_value = Some(AssignValue { replace: Some(value), wrap: None });
    } else if rule.replace.is_some() || rule.wrap.is_some() {
        m.assign_value = Some(AssignValue { replace: rule.replace.take(), wrap: rule.wrap.take() });
    } else if rule.before.is_some() || rule.after.is_some() {
        let path = rule.path.take()?;
        m.inject_hooks = Some(InjectHooks { before: rule.before.take(), after: rule.after.take(), path });
    } else {
        return None;
    }
    Some((w, m))
}

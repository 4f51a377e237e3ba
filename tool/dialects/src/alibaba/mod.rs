//! The JSON rules of Alibaba's agent: a list of rules for functions, structs and files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::messages;
use crate::{Draft, DraftAdvice, DraftFile, DraftHooks, DraftRule, Sp, read_yaml};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use weave_ir::{
    Code, Diagnostic, FunctionPattern, GoVersion, JoinPoint, LoweredAddField, LoweredAdvice, ModuleVersion,
    NamePattern, PathPattern, RangeError, TypePattern, VersionRange,
};

use crate::otelc::go;
use crate::otelc::read::{Findings, Ids, instrumentation_name, line_col, moved};

/// A rule. The agent reads its keys as Go's `encoding/json` does: upper or lower case does not count.
#[derive(Debug, Default)]
struct Rule {
    import_path: Option<Sp<String>>,
    path: Option<Sp<String>>,
    version: Option<Sp<String>>,
    go_version: Option<Sp<String>>,
    function: Option<Sp<String>>,
    receiver_type: Option<Sp<String>>,
    order: Option<Sp<i32>>,
    use_raw: bool,
    on_enter: Option<Sp<String>>,
    on_exit: Option<Sp<String>>,
    dependencies: Option<Vec<Sp<String>>>,
    struct_type: Option<Sp<String>>,
    field_name: Option<Sp<String>>,
    field_type: Option<Sp<String>>,
    file_name: Option<Sp<String>>,
    replace: bool,
}

/// The keys of a rule.
const KEYS: &[&str] = &[
    "ImportPath",
    "Path",
    "Version",
    "GoVersion",
    "Function",
    "ReceiverType",
    "Order",
    "UseRaw",
    "OnEnter",
    "OnExit",
    "Dependencies",
    "StructType",
    "FieldName",
    "FieldType",
    "FileName",
    "Replace",
];

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Rule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rule, which is a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rule, A::Error> {
                let mut r = Rule::default();
                let mut seen = BTreeSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    let Some(&known) = KEYS.iter().find(|k| k.eq_ignore_ascii_case(&key)) else {
                        return Err(A::Error::unknown_field(&key, KEYS));
                    };
                    if !seen.insert(known) {
                        return Err(A::Error::custom(messages::key_again(known)));
                    }
                    match known {
                        "ImportPath" => r.import_path = Some(map.next_value()?),
                        "Path" => r.path = Some(map.next_value()?),
                        "Version" => r.version = Some(map.next_value()?),
                        "GoVersion" => r.go_version = Some(map.next_value()?),
                        "Function" => r.function = Some(map.next_value()?),
                        "ReceiverType" => r.receiver_type = Some(map.next_value()?),
                        "Order" => r.order = Some(map.next_value()?),
                        "UseRaw" => r.use_raw = map.next_value()?,
                        "OnEnter" => r.on_enter = Some(map.next_value()?),
                        "OnExit" => r.on_exit = Some(map.next_value()?),
                        "Dependencies" => r.dependencies = Some(map.next_value()?),
                        "StructType" => r.struct_type = Some(map.next_value()?),
                        "FieldName" => r.field_name = Some(map.next_value()?),
                        "FieldType" => r.field_type = Some(map.next_value()?),
                        "FileName" => r.file_name = Some(map.next_value()?),
                        _ => r.replace = map.next_value()?,
                    }
                }
                Ok(r)
            }
        }
        deserializer.deserialize_map(V)
    }
}

/// Reads a file.
pub(crate) fn load(path: &str, text: &str) -> Result<Vec<Draft>, Vec<Diagnostic>> {
    let rules: Vec<Sp<Rule>> = read_yaml(path, text)?;
    let mut findings = Findings::new(path);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut ids: BTreeMap<String, Ids> = BTreeMap::new();
    let all: Vec<(DraftRule, Option<Sp<String>>)> =
        rules.iter().filter_map(|r| rule(r, &mut findings)).collect();
    // What needs no package goes with the first one that is named.
    let first = all.iter().find_map(|(_, hooks)| hooks.clone());
    for (mut rule, hooks) in all {
        let hooks = hooks.or_else(|| first.clone());
        let package = hooks.as_ref().map(|h| h.value.clone());
        let name = instrumentation_name(path, package.as_deref());
        rule.id.value = ids.entry(name.clone()).or_default().unique(&rule.id.value);
        match drafts.iter_mut().find(|d| d.name == name) {
            Some(draft) => draft.rules.push(rule),
            None => drafts.push(Draft::new(path, name, hooks, vec![rule])),
        }
    }
    if !findings.list.is_empty() {
        return Err(findings.list);
    }
    if drafts.is_empty() {
        drafts.push(Draft::new(path, instrumentation_name(path, None), None, Vec::new()));
    }
    Ok(drafts)
}

fn rule(at: &Sp<Rule>, findings: &mut Findings<'_>) -> Option<(DraftRule, Option<Sp<String>>)> {
    let r = &at.value;
    let filled = |s: &Option<Sp<String>>| s.clone().filter(|s| !s.value.trim().is_empty());
    let Some(package) = filled(&r.import_path) else {
        findings.add(line_col(at), messages::no_import_path());
        return None;
    };
    let before = findings.list.len();
    let of_module = |range: &str| VersionRange::<ModuleVersion>::parse(range).map(drop);
    let of_go = |range: &str| VersionRange::<GoVersion>::parse(range).map(drop);
    let version = range(r.version.as_ref(), findings, &|v| ModuleVersion::parse(v).is_some(), &of_module);
    let go = range(r.go_version.as_ref(), findings, &|v| GoVersion::parse(v).is_some(), &of_go);
    let path = findings.ok(line_col(&package), "`ImportPath`", PathPattern::read_exact(&package.value))?;
    let mut all = vec![JoinPoint::Package(path)];
    let kinds = [&r.struct_type, &r.function, &r.file_name].map(&filled);
    let (name, advice) = match kinds {
        [Some(name), None, None] => {
            all.extend(
                findings
                    .ok(line_col(&name), "`StructType`", NamePattern::new(&name.value))
                    .map(JoinPoint::Struct),
            );
            (name.clone(), vec![field(r, &package.value, &name, findings)?])
        }
        [None, Some(name), None] => {
            if let Some(f) = function(&name, filled(&r.receiver_type).as_ref(), findings) {
                all.push(JoinPoint::Function(f));
            }
            (name.clone(), hooks(r, &name, findings))
        }
        [None, None, Some(name)] => {
            let file = DraftFile { name: name.clone(), replaces: r.replace, imports: BTreeMap::new() };
            (name, vec![DraftAdvice::File(file)])
        }
        [None, None, None] => {
            findings.add(line_col(at), messages::rule_without_subject());
            return None;
        }
        _ => {
            let message = messages::several_subjects();
            findings.add(line_col(at), message);
            return None;
        }
    };
    let needs_path = !r.use_raw && r.struct_type.is_none();
    let hooks = filled(&r.path);
    if needs_path && hooks.is_none() {
        findings.add(line_col(at), messages::no_path());
    }
    if findings.list.len() > before {
        return None;
    }
    let rule = DraftRule {
        go,
        version,
        // There, the higher one is executed first.
        order: r.order.as_ref().map_or(0, |o| o.value.saturating_neg()),
        dependencies: r.dependencies.iter().flatten().map(|d| d.value.clone()).collect(),
        ..DraftRule::new(
            name.clone(),
            JoinPoint::AllOf(all),
            advice.into_iter().map(|a| moved(&name, a)).collect(),
        )
    };
    // A path of a file system names no package: the build says which one it is.
    let hooks = hooks.filter(|h| needs_path && !h.value.starts_with(['.', '/']));
    Some((rule, hooks))
}

/// `[a,b)`: from `a` on, and before `b`; either may be left out.
fn range(
    at: Option<&Sp<String>>,
    findings: &mut Findings<'_>,
    good: &dyn Fn(&str) -> bool,
    read: &dyn Fn(&str) -> Result<(), RangeError>,
) -> Option<String> {
    let at = at.filter(|s| !s.value.trim().is_empty())?;
    let inside =
        at.value.trim().strip_prefix('[').and_then(|s| s.strip_suffix(')')).and_then(|s| s.split_once(','));
    let parts = inside.map(|(a, b)| (a.trim(), b.trim()));
    match parts {
        Some((a, b))
            if (a.is_empty() || good(a)) && (b.is_empty() || good(b)) && !(a.is_empty() && b.is_empty()) =>
        {
            let from = (!a.is_empty()).then(|| format!(">={a}"));
            let to = (!b.is_empty()).then(|| format!("<{b}"));
            let range = from.into_iter().chain(to).collect::<Vec<_>>().join(", ");
            match read(&range) {
                Ok(()) => Some(range),
                Err(e) => {
                    let (message, _) = e.explain(&at.value, "its", "");
                    findings
                        .add(line_col(at), messages::bad_version(message).help(messages::help_range_end()));
                    None
                }
            }
        }
        _ => {
            let message = messages::no_range(&at.value);
            findings.add(line_col(at), message);
            None
        }
    }
}

/// A name, or a regular expression for all of it.
fn pattern(text: &str) -> Result<NamePattern, String> {
    let plain = text.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain { NamePattern::new(text) } else { NamePattern::new(&format!("/{text}/")) }
}

fn function(
    name: &Sp<String>,
    receiver: Option<&Sp<String>>,
    findings: &mut Findings<'_>,
) -> Option<FunctionPattern> {
    let receiver = match receiver {
        None => None,
        Some(at) => {
            let text = at.value.trim();
            let (pointer, base) = match (text.strip_prefix("\\*"), text.strip_prefix('*')) {
                (Some(base), _) | (None, Some(base)) => (Some(true), base),
                // Any text may begin with a star.
                _ if text.starts_with('.') => (None, text),
                _ => (Some(false), text),
            };
            let name = findings.ok(line_col(at), "`ReceiverType`", pattern(base))?;
            Some(TypePattern { pointer, package: String::new(), name })
        }
    };
    let name = findings.ok(line_col(name), "`Function`", pattern(&name.value))?;
    Some(FunctionPattern { name: Some(name), receiver, ..FunctionPattern::default() })
}

fn hooks(r: &Rule, at: &Sp<String>, findings: &mut Findings<'_>) -> Vec<DraftAdvice> {
    let filled = |s: &Option<Sp<String>>| s.clone().filter(|s| !s.value.trim().is_empty());
    let (before, after) = (filled(&r.on_enter), filled(&r.on_exit));
    if before.is_none() && after.is_none() {
        findings.add(line_col(at), messages::neither_enter_nor_exit());
    }
    if !r.use_raw {
        return vec![DraftAdvice::Context(DraftHooks { before, after })];
    }
    let code = |text: String| {
        DraftAdvice::Ready(LoweredAdvice::Before(Code { text, bare: true, ..Code::default() }))
    };
    let enter = before.map(|s| code(go::plain(&s.value)));
    let exit = after.map(|s| code(format!("defer func() {{ {} }}()", go::plain(&s.value))));
    enter.into_iter().chain(exit).collect()
}

fn field(r: &Rule, package: &str, at: &Sp<String>, findings: &mut Findings<'_>) -> Option<DraftAdvice> {
    let filled = |s: &Option<Sp<String>>| s.clone().filter(|s| !s.value.trim().is_empty());
    match (filled(&r.field_name), filled(&r.field_type)) {
        (Some(name), Some(ty)) => {
            let text = go::ty(&ty.value, &BTreeMap::new(), Some(package));
            let r#type = findings.ok(line_col(&ty), "`FieldType`", text)?;
            Some(DraftAdvice::Ready(LoweredAdvice::AddFields(vec![LoweredAddField {
                name: name.value,
                r#type,
            }])))
        }
        _ => {
            findings.add(line_col(at), messages::field_name_and_type());
            None
        }
    }
}

//! The JSON Schema and the reference of the rule language, made from the types of the model and their documentation.
//!
//! `UPDATE_EXPECT=1 cargo test -p weave_dialects reference` writes both.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::Value;
use weave_ir::LoweredAdvice;

use crate::weave::model::RuleFile;

/// A section of the reference: a type, and what it is called there.
struct Section {
    name: String,
    title: String,
}

/// The types in the order in which keys lead to them: each is called by the first key that does.
fn sections(schema: &Value) -> Vec<Section> {
    let mut found = vec![Section { name: "RuleFile".into(), title: "The file".into() }];
    behind("RuleFile", None, schema, &mut found);
    found
}

/// Adds the types that the keys of a type lead to; `of` is the key of that type where its keys are called by it, too.
fn behind(name: &str, of: Option<&str>, schema: &Value, found: &mut Vec<Section>) {
    let part = if name == "RuleFile" { schema } else { &schema["definitions"][name] };
    for key in keys(name, part) {
        let mut names = Vec::new();
        references(&part["properties"][&key], &mut names);
        for next in names {
            if found.iter().any(|s| s.name == next) {
                continue;
            }
            let title = match of {
                _ if key == "rules" => "A rule".to_owned(),
                Some(of) => format!("`{key}` of a `{of}`"),
                None => format!("`{key}`"),
            };
            found.push(Section { name: next.clone(), title });
            let nested = of.is_some() || key == "where";
            behind(&next, nested.then_some(key.as_str()), schema, found);
        }
    }
}

/// The types that a value is of.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            names.extend(
                map.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()).map(str::to_owned),
            );
            map.values().for_each(|v| references(v, names));
        }
        Value::Array(list) => list.iter().for_each(|v| references(v, names)),
        _ => {}
    }
}

/// Sources that declare the keys: the reference has them in that order.
const MODEL: &str =
    concat!(include_str!("model.rs"), include_str!("join_point.rs"), include_str!("advice.rs"));

fn schema() -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.meta_schema = Some("http://json-schema.org/draft-07/schema#".into());
    let mut schema = settings.into_generator().into_root_schema_for::<RuleFile>().to_value();
    unwrap_lines(&mut schema);
    schema["title"] = "Rule file of goweave".into();
    schema
}

/// Descriptions without the line ends of the source.
fn unwrap_lines(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match value {
                    Value::String(text) if key == "description" => {
                        let paragraphs: Vec<String> =
                            text.split("\n\n").map(|p| p.replace('\n', " ")).collect();
                        *text = paragraphs.join("\n\n");
                    }
                    other => unwrap_lines(other),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(unwrap_lines),
        _ => {}
    }
}

fn description(value: &Value) -> &str {
    value["description"].as_str().unwrap_or_default()
}

/// A link to the section of a type.
fn link(name: &str, all: &[Section]) -> String {
    let title = all.iter().find(|s| s.name == name).map_or(name, |s| &s.title);
    let anchor: String = title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
        .map(|c| if c == ' ' { '-' } else { c })
        .collect();
    format!("[{title}](#{anchor})")
}

/// Returns what a value is, in a word.
fn kind(value: &Value, all: &[Section]) -> String {
    if let Some(reference) = value["$ref"].as_str() {
        return link(reference.rsplit('/').next().unwrap_or_default(), all);
    }
    if let Some(list) = value["allOf"].as_array().filter(|l| l.len() == 1) {
        return kind(&list[0], all);
    }
    if let Some(list) = value["anyOf"].as_array() {
        let mut kinds: Vec<String> =
            list.iter().filter(|v| v["type"] != "null").map(|v| kind(v, all)).collect();
        kinds.dedup();
        return kinds.join(", or ");
    }
    let name = match &value["type"] {
        Value::Array(list) => list.iter().find(|t| *t != "null").and_then(Value::as_str),
        one => one.as_str(),
    };
    match name.unwrap_or_default() {
        "array" => format!("list of {}", kind(&value["items"], all)),
        "object" => format!("mapping of names to {}", kind(&value["additionalProperties"], all)),
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => "number".to_owned(),
        "string" => "text".to_owned(),
        other => other.to_owned(),
    }
}

/// The keys of a type, as they are declared.
fn keys(name: &str, schema: &Value) -> Vec<String> {
    let mut keys: Vec<String> =
        schema["properties"].as_object().map(|p| p.keys().cloned().collect()).unwrap_or_default();
    let model = MODEL.split(&format!("pub struct {name} {{")).nth(1).unwrap_or_default();
    let place = |key: &str| {
        let field = key.replace('-', "_");
        let plain = model.find(&format!("pub {field}:"));
        plain.or_else(|| model.find(&format!("pub r#{field}:"))).unwrap_or(usize::MAX)
    };
    keys.sort_by_key(|k| place(k));
    keys
}

/// Returns what an advice is for.
fn applies(key: &str) -> String {
    match LoweredAdvice::kinds(key).as_slice() {
        _ if !LoweredAdvice::KEYS.contains(&key) => String::new(),
        [] => "anything".to_owned(),
        kinds => kinds.iter().map(|k| k.name()).collect::<Vec<_>>().join(", "),
    }
}

fn write_section(out: &mut String, Section { name, title }: &Section, all: &[Section], schema: &Value) {
    let _ = write!(out, "\n## {title}\n\n{}\n", description(schema));
    let variants = schema["oneOf"].as_array();
    if let Some(variants) = variants {
        out.push_str("\n| value | meaning |\n|---|---|\n");
        for v in variants {
            let _ = writeln!(out, "| `{}` | {} |", v["const"].as_str().unwrap_or_default(), description(v));
        }
        return;
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let advice = name.as_str() == "Advice";
    out.push_str(if advice {
        "\n| key | for | value | what it does |\n|---|---|---|---|\n"
    } else {
        "\n| key | value | meaning |\n|---|---|---|\n"
    });
    for key in keys(name, schema) {
        let value = &schema["properties"][&key];
        let must = if required.contains(&key.as_str()) { " (required)" } else { "" };
        let on = if advice { format!(" {} |", applies(&key)) } else { String::new() };
        let text = description(value).replace('|', "\\|");
        let _ = writeln!(out, "| `{key}`{must} |{on} {} | {text} |", kind(value, all));
    }
}

fn reference() -> String {
    let schema = schema();
    let mut out = "# Reference of the rule language\n\n\
        Every key of a rule file. This page is made from the types that read them, as is the JSON Schema\n\
        `tool/dialects/weave.schema.json`, which `goweave schema` prints and editors complete by:\n\n\
        ```yaml\n# yaml-language-server: $schema=weave.schema.json\n```\n\n\
        [The rule language](rules.md) explains how they work together, what code in rules may contain, and what hooks are.\n"
        .to_owned();
    let all = sections(&schema);
    for section in &all {
        let part = if section.name == "RuleFile" { &schema } else { &schema["definitions"][&section.name] };
        write_section(&mut out, section, &all, part);
    }
    out
}

#[expect(clippy::disallowed_methods, reason = "the switch that updates what is checked in is a variable")]
fn is_current(path: &str, want: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var("UPDATE_EXPECT").is_ok() {
        fs::write(&path, want).expect("the file can be written");
    }
    let got = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        got == want,
        "{} is not what the types say; UPDATE_EXPECT=1 cargo test -p weave_dialects reference writes it",
        path.display()
    );
}

#[test]
fn the_schema_is_that_of_the_types() {
    let text = serde_json::to_string_pretty(&schema()).expect("a schema can be written");
    is_current("weave.schema.json", &format!("{text}\n"));
}

#[test]
fn the_reference_is_that_of_the_types() {
    is_current("../../docs/reference.md", &reference());
}

#[test]
fn the_reference_has_every_type() {
    let schema = schema();
    let definitions = schema["definitions"].as_object().expect("the schema has definitions");
    let all = sections(&schema);
    for name in definitions.keys() {
        assert!(all.iter().any(|s| s.name == *name), "{name} is in no section");
    }
    // Two of one title would have one anchor.
    let titles: std::collections::BTreeSet<&str> = all.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(titles.len(), all.len());
}

//! `docs/otelc.md` names every key of both languages, and no other.

use std::collections::BTreeSet;

use weave_dialects::{Surroundings, read_one};

const PAGE: &str = include_str!("../../../docs/otelc.md");

/// The keys in code quotes of the second column of rows that begin with one of these words.
fn documented(section: &str, places: &[&str]) -> BTreeSet<String> {
    let text = PAGE.split("\n## ").find(|s| s.starts_with(section)).expect("the section is there");
    let mut keys = BTreeSet::new();
    for line in text.lines().filter(|l| l.starts_with("| ")) {
        let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
        if cells.next().is_some_and(|place| places.contains(&place)) {
            let cell = cells.next().unwrap_or_default();
            keys.extend(cell.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    assert!(!keys.is_empty(), "{section}: {places:?}");
    keys
}

/// The keys that a reader knows at a place, as its message says when it meets another one.
fn known(path: &str, text: &str) -> BTreeSet<String> {
    let findings = read_one(path, text, &Surroundings::default()).expect_err("the key is none");
    let help = findings[0].help.clone().unwrap_or_default();
    let list = help.strip_prefix("the keys here are ").unwrap_or_else(|| panic!("{text}: {help}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_page_names_every_key_of_otelc() {
    let rule = "a:\n  target: p\n";
    for (places, text) in [
        (&["rule", "rule, older files"][..], format!("{rule}  zzzzzzzzzzzzzzzz: 1\n")),
        (&["where"], format!("{rule}  where: {{ zzzzzzzzzzzzzzzz: 1 }}\n")),
        (&["signature"], format!("{rule}  where: {{ signature: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["file condition"], format!("{rule}  where: {{ file: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["do"], format!("{rule}  do: {{ zzzzzzzzzzzzzzzz: 1 }}\n")),
        (&["inject_hooks"], format!("{rule}  do: {{ inject_hooks: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["inject_code"], format!("{rule}  do: {{ inject_code: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["add_struct_fields"], format!("{rule}  do: {{ add_struct_fields: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (
            &["new_field"],
            format!("{rule}  do: {{ add_struct_fields: {{ new_field: [{{ zzzzzzzzzzzzzzzz: 1 }}] }} }}\n"),
        ),
        (&["add_file"], format!("{rule}  do: {{ add_file: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["wrap_call"], format!("{rule}  do: {{ wrap_call: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["expand_directive"], format!("{rule}  do: {{ expand_directive: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["assign_value"], format!("{rule}  do: {{ assign_value: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["set_fields"], format!("{rule}  do: {{ set_fields: {{ zzzzzzzzzzzzzzzz: 1 }} }}\n")),
        (&["field"], format!("{rule}  do: {{ set_fields: {{ field: [{{ zzzzzzzzzzzzzzzz: 1 }}] }} }}\n")),
    ] {
        assert_eq!(documented("Rules of otelc", places), known("x.otelc.yml", &text), "{places:?}");
    }
}

#[test]
fn the_page_names_every_key_of_alibabas_agent() {
    let known = known("x.weave.json", "[{\"zzzzzzzzzzzzzzzz\": 1}]");
    assert_eq!(documented("Rules of Alibaba's agent", &["rule"]), known);
}

#[test]
fn a_key_that_is_none_gets_the_near_one() {
    let text = "a:\n  target: p\n  where:\n    fnuc: F\n";
    let findings = read_one("a.otelc.yml", text, &Surroundings::default()).expect_err("it is none");
    assert_eq!(
        findings[0].to_string(),
        "a.otelc.yml:4:5: unknown key `fnuc`\n    help: did you mean `func`?"
    );
    let text = "[{\"ImportPat\": \"p\"}]";
    let findings = read_one("a.json", text, &Surroundings::default()).expect_err("it is none");
    assert!(findings[0].to_string().contains("did you mean `ImportPath`?"), "{}", findings[0]);
}

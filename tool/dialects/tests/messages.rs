//! Mistakes in a rule file are reported at their place, with the next step.

use weave_dialects::{Dialect, Surroundings, dialect, read_one};

/// A path of a file in a language.
fn path(language: Dialect) -> &'static str {
    if language == Dialect::Alibaba { "r.weave.json" } else { "r.otelc.yml" }
}

fn messages(language: Dialect, text: &str) -> Vec<String> {
    match read_one(path(language), text, &Surroundings::default()) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(|f| f.to_string().replace(path(language), "r")).collect(),
    }
}

const GOOD: &str = "version: v1.0.0
hook:
  target: example.com/p
  version: v1.0.0,v2.0.0
  where:
    func: F
    recv: \"*T[K]\"
    file: { all-of: [{ has_func: init }, { not: { has_struct: S } }] }
  do:
    - inject_hooks: { before: B, path: example.com/hooks }
wrap:
  target: [\"example.com/**\", not: example.com/p]
  where: { function_call: net/http.Get }
  do: { wrap_call: { replace: \"f({{ . }})\" } }
";

#[test]
fn mistakes_in_rules_of_otelc_are_named_with_their_place() {
    assert_eq!(messages(Dialect::Otelc, GOOD), [] as [&str; 0], "control");
    let mut wrong = Vec::new();
    for (from, to, want) in [
        (
            "version: v1.0.0\nhook",
            "version: new\nhook",
            "r:1:1: invalid otelc version `new`\n    help: write for example `version: v1.1.0`",
        ),
        (
            "  target: example.com/p\n",
            "",
            "r:2:1: rule `hook` has no `target`\n    help: add `target: import/path` beside `where`",
        ),
        (
            "target: example.com/p",
            "target: $root",
            "r:3:11: `$root` requires the paths of the modules that are being worked on\n    help: give their paths with `--root-module`, or name the packages: `target: example.com/app/**`",
        ),
        (
            "target: example.com/p",
            "target: example.com/{p",
            "r:3:11: invalid pattern `example.com/{p`: `{` is not closed",
        ),
        (
            "v1.0.0,v2.0.0",
            "v1,v2,v3",
            "r:4:12: invalid range of versions `v1,v2,v3`\n    help: write `v1.2.0,v2.0.0`, the second one excluded, or one alone",
        ),
        (
            "\"*T[K]\"",
            "\"*p.T\"",
            "r:7:11: invalid receiver `*p.T`\n    help: write `\"*T\"` or `T`, without a package",
        ),
        ("    func: F\n", "", "r:9:40: a rule about functions needs `func` under `where`"),
        ("has_func: init", "has_recv: T", "r:8:34: `has_recv` needs `has_func`"),
        (
            "{ has_func: init }",
            "{ has_func: init, has_struct: X }",
            "r:8:22: several conditions in one mapping\n    help: make a list of them: `all-of: [{...}, {...}]`",
        ),
        (
            "before: B, ",
            "",
            "r:10:7: `inject_hooks` needs `before` or `after`\n    help: name a function of the package that `path` names",
        ),
        (
            "inject_hooks:",
            "inject_hook:",
            "r:10:7: unknown key `inject_hook`\n    help: did you mean `inject_hooks` or `inject_code`?",
        ),
        (
            "    func: F\n",
            "    func: F\n    has_func: init\n",
            "r:7:5: misplaced key `has_func`: only earlier releases of otelc read it here\n    help: it is a condition on the file: write `where: { file: { has_func: ... } }`",
        ),
        (
            "    file: { all-of: [{ has_func: init }, { not: { has_struct: S } }] }\n",
            "    last_result: error\n  last_result: error\n",
            "r:9:16: duplicate key `last_result`, under `where` and beside it\n    help: keep the one under `where`",
        ),
        (
            "file: { all-of: [{ has_func: init }, { not: { has_struct: S } }] }",
            "file:",
            "r:8:5: the key `file` has no value\n    help: give it one, or remove it",
        ),
        (
            "file: { all-of: [{ has_func: init }, { not: { has_struct: S } }] }",
            "file: {}",
            "r:8:11: the condition on the file is empty\n    help: add `has_func`, `has_struct` or another condition",
        ),
        (
            "net/http.Get",
            "Get",
            "r:13:27: `function_call`: expected an import path and a name, as in `net/http.Get`",
        ),
        ("f({{ . }})", "f()", "r:14:31: `replace` has no `{{ . }}` for the matched code"),
        (
            "wrap_call: {",
            "set_fields: { field: [] }, wrap_call: {",
            "r:14:7: several modifiers in one entry\n    help: make a list of them under `do`",
        ),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "the case `{from}` changes nothing");
        let got = messages(Dialect::Otelc, &text);
        if got.first().map(String::as_str) != Some(want) {
            wrong.push(format!("{from} -> {to}: {got:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const AGENT: &str = r#"[
  {"ImportPath": "example.com/p", "Function": "Get.*", "ReceiverType": "\\*T", "OnEnter": "b",
   "Version": "[1.0.0,)", "GoVersion": "[1.22.0,1.30.0)", "Order": 2, "Path": "example.com/hooks"},
  {"ImportPath": "example.com/p", "StructType": "T", "FieldName": "f", "FieldType": "map[string]interface{}"},
  {"ImportPath": "example.com/p", "Function": "F", "UseRaw": true, "OnEnter": "x()", "OnExit": "y(retVal0)"},
  {"ImportPath": "example.com/p", "FileName": "a.go", "Replace": true, "Path": "example.com/hooks"}
]
"#;

#[test]
fn mistakes_in_rules_of_alibabas_agent_are_named_with_their_place() {
    assert_eq!(messages(Dialect::Alibaba, AGENT), [] as [&str; 0], "control");
    let mut wrong = Vec::new();
    for (from, to, want) in [
        (
            "\"ImportPath\": \"example.com/p\", \"Function\": \"Get.*\"",
            "\"Function\": \"Get.*\"",
            "r:2:3: the rule has no `ImportPath`\n    help: add the package that it is for",
        ),
        ("Get.*", "Get(", "r:2:47: `Function`: "),
        (
            "[1.0.0,)",
            "1.0.0",
            "r:3:15: invalid range of versions `1.0.0`\n    help: write `[1.2.0,2.0.0)`, `[1.2.0,)` or `[,2.0.0)`",
        ),
        (
            ", \"OnEnter\": \"b\"",
            "",
            "r:2:47: the rule has neither `OnEnter` nor `OnExit`\n    help: name a hook",
        ),
        (
            ", \"Path\": \"example.com/hooks\"}",
            "}",
            "r:2:3: the rule has no `Path`\n    help: add the import path of the package that has its hooks",
        ),
        (
            "map[string]interface{}",
            "map[string",
            "r:4:85: `FieldType`: invalid type `map[string`: expected `]` at byte 10",
        ),
        (
            "\"StructType\": \"T\"",
            "\"StructType\": \"T\", \"FileName\": \"x.go\"",
            "r:4:3: `Function`, `StructType` and `FileName` exclude each other\n    help: write a rule for each",
        ),
        ("\"UseRaw\": true", "\"UseRaw\": 1", "r:5:62: "),
        ("\"OnExit\"", "\"onEnter\"", "r:5:"),
        ("\"OnExit\"", "\"onExitt\"", "r:5:86: unknown key `onExitt`\n    help: did you mean `OnExit`?"),
    ] {
        let text = AGENT.replacen(from, to, 1);
        assert_ne!(text, AGENT, "the case `{from}` changes nothing");
        let got = messages(Dialect::Alibaba, &text);
        if got.first().is_none_or(|m| !m.starts_with(want)) {
            wrong.push(format!("{from} -> {to}: {got:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The agent reads its files as Go reads JSON.
#[test]
fn keys_of_alibabas_agent_are_of_any_case() {
    let lower: String =
        AGENT.replace("\"OnE", "\"onE").replace("\"ImportPath", "\"importpath").replace("\"USERAW", "x");
    assert_ne!(lower, AGENT, "control");
    let shown =
        |text: &str| format!("{:?}", read_one(path(Dialect::Alibaba), text, &Surroundings::default()));
    assert_eq!(shown(&lower), shown(AGENT));
}

/// Files from before `where` and `do`.
#[test]
fn older_files_load() {
    for text in [
        "a: { target: main, func: F, recv: '*T', before: B, after: A, path: x/y }",
        "a: { target: main, func: F, raw: 'x()', pos: '^y' }",
        "a: { target: main, struct: S, new_field: [{ name: N, type: string }] }",
        "a: { target: main, file: f.go, path: x/y }",
        "a: { target: main, function-call: net/http.Get, template: 'f({{ . }})', imports: { f: x/f } }",
        "a: { target: main, function_call: net/http.Get, append_args: ['1'], variadic_type: int }",
        "a: { target: main, directive: otelc:span, template: 'x()' }",
        "a: { target: main, kind: var, identifier: V, replace: '1' }",
        "a: { target: main, value_declaration: bool, assign_value: 'true' }",
        "a: { target: main, func: F, raw: 'x()', where: { file: { has_func: init } } }",
        "a: { target: main, func: F, before: B, path: x/y, signature: { args: [string], returns: [error] } }",
        "a: { target: main, func: F, before: B, path: x/y, signature_contains: { args: [string] }, param: int }",
        "a: { target: main, func: F, before: B, path: x/y, result: error, last_result: error }",
        "a: { target: main, where: { func: F }, last_result: error, do: { inject_hooks: { before: B, path: x/y } } }",
    ] {
        assert_eq!(messages(Dialect::Otelc, text), [] as [&str; 0], "{text}");
    }
    let text = "a: { target: main, func: F, do: { inject_code: { raw: 'x()' } } }";
    let got = messages(Dialect::Otelc, text);
    assert!(got[0].contains("misplaced key `func` beside `do`"), "control: {got:?}");
}

#[test]
fn files_are_known_by_their_names_and_by_what_they_begin_with() {
    for (path, text, want) in [
        ("a/otelc.yml", "", Dialect::Otelc),
        ("a/x.otelc.yaml", "", Dialect::Otelc),
        ("rules.yml", GOOD, Dialect::Otelc),
        ("old.yml", "a:\n  target: main\n  func: F\n  raw: x()\n", Dialect::Otelc),
        ("weave.yaml", "weave: 1\nrules:\n  - where: {}\n    target: x\n    do: {}\n", Dialect::Weave),
        ("orchestrion.yml", "meta: {}\naspects:\n  - target: a\n    do: b\n", Dialect::Orchestrion),
        ("x.yml", "extends:\n  - a\n", Dialect::Orchestrion),
        ("rules.json", AGENT, Dialect::Alibaba),
        ("lowered.json", "{\"weave\": 1}", Dialect::Lowered),
        ("x.weave.json", AGENT, Dialect::Alibaba),
        ("x.weave.yml", "aspects: []\n", Dialect::Weave),
    ] {
        assert_eq!(dialect(path, text), want, "{path}");
    }
}

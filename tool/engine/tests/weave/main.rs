//! Properties of weaving, on mutants of the fixtures: nothing panics, files that are not woven keep their bytes, and what is
//! woven keeps its lines.

mod mutants;
mod rules;

use self::mutants::{Numbers, mutate};
use weave_dialects::{Surroundings, read_one};
use weave_engine::{SourceFile, Target, WeaveError, WeaveInput, lower, weave};
use weave_ir::{
    Code, FunctionPattern, JoinPoint, Language, LiteralForm, LiteralPattern, LoweredAdvice, LoweredRule,
    LoweredRules, Partial, SymbolPattern, TypeQuestions, Unmatched,
};

/// Advice for everything that can have any.
const RULES: &str = r#"weave: 1
name: all
hooks: example.com/hooks
rules:
  - id: hook
    where: { package: example.com/p, one-of: [{ function: "*" }, { function: "*", receiver: "[*]*" }, { closure: true }] }
    required: false
    do: { hook: { function: Hook, arguments: [] } }
  - id: enter
    where: { package: example.com/p, one-of: [{ function: "*" }, { function: "*", receiver: "[*]*" }] }
    required: false
    do: [{ before: "_ = $0" }, { before: "_ = $result0" }]
  - id: statement
    where: { package: example.com/p, statement: {} }
    required: false
    do: { before: "b()" }
  - id: after
    where: { package: example.com/p, statement: {} }
    required: false
    do: { after: "a()" }
  - id: loop
    where: { package: example.com/p, loop-body: {} }
    required: false
    do: { before: "l()" }
  - id: call
    where: { package: example.com/p, one-of: [{ call: "fmt.*" }, { call: "os.*" }, { call: "example.com/p.*" }] }
    required: false
    do: { wrap: "w($this)" }
  - id: more
    where: { package: example.com/p, call: "example.com/p.*" }
    required: false
    do: { append-arguments: ["1"], variadic: int }
  - id: literal
    where: { package: example.com/p, literal: "example.com/p.*" }
    required: false
    do: { set-fields: [{ name: A, value: "1", wrap: "$this" }] }
  - id: struct
    where: { package: example.com/p, struct: "*" }
    required: false
    do: { add-fields: [{ name: weave, type: "map[string]any" }] }
  - id: value
    where: { package: example.com/p, variable: "*" }
    required: false
    do: { wrap: "v($this)" }
  - id: directive
    where: { package: example.com/p, directive: "weave:mark" }
    required: false
    do: { before: "m(${directive})" }
"#;

const FILES: [&str; 12] = [
    include_str!("../../../../testdata/weave/calls/wrap.go"),
    include_str!("../../../../testdata/weave/calls/arguments.go"),
    include_str!("../../../../testdata/weave/calls/instead.go"),
    include_str!("../../../../testdata/weave/directives/directives.go"),
    include_str!("../../../../testdata/weave/files/bom.go"),
    include_str!("../../../../testdata/weave/files/oneline.go"),
    include_str!("../../../../testdata/weave/functions/returns.go"),
    include_str!("../../../../testdata/weave/functions/shapes.go"),
    include_str!("../../../../testdata/weave/literals/fields.go"),
    include_str!("../../../../testdata/weave/statements/kinds.go"),
    include_str!("../../../../testdata/weave/structs/fields.go"),
    include_str!("../../../../testdata/weave/values/values.go"),
];

fn rules() -> Vec<LoweredRules> {
    let drafts = read_one("weave.yaml", RULES, &Surroundings::default()).expect("the rules are good");
    let hooks =
        SourceFile { path: "hooks.go", source: b"package hooks\nfunc Hook() func() { return nil }\n" };
    lower(&drafts[0], None, &[hooks]).expect("the rules can be lowered").packages
}

/// Templates for everything that can have any.
fn templates() -> Vec<LoweredRules> {
    let code = |text: &str| Code { text: text.into(), language: Language::GoTemplate, ..Code::default() };
    let names = |package: &str| SymbolPattern::new(&format!("{package}.*")).expect("a pattern");
    let calls = || JoinPoint::OneOf(["fmt", "os", "example.com/p"].map(|p| JoinPoint::Call(names(p))).into());
    let function = |closure| JoinPoint::Function(FunctionPattern { closure, ..FunctionPattern::default() });
    let literal = |form| {
        let r#type = names("example.com/p").into();
        JoinPoint::Literal(LiteralPattern { r#type, form, types: false, written: true, field: None })
    };
    let list = [
        (
            JoinPoint::OneOf(vec![function(false), function(true)]),
            LoweredAdvice::Before(code(
                r#"{{ with .Function.ResultOfType "error" }}_ = {{ . }}{{ end }}; f({{ .AST.List | len }})"#,
            )),
        ),
        (calls(), LoweredAdvice::Wrap(code("w({{ . }})"))),
        (
            calls(),
            LoweredAdvice::Wrap(code(
                "{{ .AST.Fun }}({{ range .AST.Args }}{{ . }}, {{ end }}{{ range .AST.Args }}g({{ .Copy }}), {{ end }})",
            )),
        ),
        (
            calls(),
            LoweredAdvice::Wrap(code(
                "{{ if ne (len .AST.Args) 1 }}h({{ index .AST.Args 1 }}, {{ index .AST.Args 0 }}){{ else }}{{ . }}{{ end }}",
            )),
        ),
        (
            literal(LiteralForm::Any),
            LoweredAdvice::Wrap(code("{{ .AST.Type }}{ {{ range .AST.Elts }}{{ . }}, {{ end }} }")),
        ),
        (
            literal(LiteralForm::Pointer),
            LoweredAdvice::Wrap(code("p({{ .AST.X.Type.Name | printf \"%q\" }}, {{ . }})")),
        ),
    ];
    let rule = |(i, (join, advice)): (usize, (JoinPoint, LoweredAdvice))| LoweredRules {
        weave: 1,
        instrumentation: format!("templates {i}"),
        hooks: String::new(),
        package: "example.com/p".into(),
        importing: None,
        foreign: false,
        types: TypeQuestions::default(),
        rules: vec![LoweredRule {
            id: "rule".into(),
            at: None,
            keys: std::collections::BTreeMap::new(),
            place: None,
            required: Some(false),
            go: None,
            version: None,
            order: 0,
            not_in_tests: false,
            dependencies: Vec::new(),
            unsafe_functions: false,
            unmatched: Unmatched::Error,
            partial: Partial::Allow,
            turn: None,
            in_declarations: false,
            language_version: None,
            join,
            advice: vec![advice],
        }],
    };
    list.into_iter().enumerate().map(rule).collect()
}

#[test]
fn mutants_are_woven_by_templates_or_left_as_they_are() {
    let rules = templates();
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    for set in rules.chunks(1) {
        let woven = FILES.iter().filter(|file| run(set, file.as_bytes())).count();
        assert!(woven > 0, "{set:?}");
        for file in FILES {
            run(set, &mutate(file, &mut numbers));
        }
    }
    // All of them, with conflicts.
    for file in FILES {
        run(&rules, file.as_bytes());
        run(&rules, &mutate(file, &mut numbers));
    }
}

fn breaks(text: &[u8]) -> usize {
    text.iter().filter(|&&b| b == b'\n').count()
}

/// Weave one file; gives whether it was changed.
fn run(rules: &[LoweredRules], source: &[u8]) -> bool {
    let target = Target::new("1.26.8", "linux", "amd64", true, &[]).expect("the version is good");
    let files = [SourceFile { path: "a.go", source }];
    let input = WeaveInput {
        package: "example.com/p",
        version: None,
        target: &target,
        std: false,
        files: &files,
        rules,
        types: None,
    };
    match weave(&input, None, &[]) {
        Ok(woven) => {
            let (_, bytes) = &woven.files[0];
            assert_eq!(breaks(bytes), breaks(source), "{}", String::from_utf8_lossy(bytes));
            let (_, errors) = weave_syntax::parse(source);
            let changed = **bytes != *source;
            assert!(!changed || errors.is_empty(), "a file that does not parse was changed");
            changed
        }
        // Without a package clause there is no package.
        Err(WeaveError::PackageName(_)) => false,
        Err(e) => panic!("{e}\n{}", String::from_utf8_lossy(source)),
    }
}

#[test]
fn fixtures_are_woven_by_rules_for_everything() {
    let rules = rules();
    for file in FILES {
        assert!(run(&rules, file.as_bytes()), "{file}");
    }
}

#[test]
fn mutants_are_woven_or_left_as_they_are() {
    let rules = rules();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut changed = 0;
    for _ in 0..150 {
        for file in FILES {
            changed += u32::from(run(&rules, &mutate(file, &mut numbers)));
        }
    }
    assert!(changed > 100, "control: only {changed} mutants were Go");
}

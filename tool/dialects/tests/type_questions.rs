//! Questions of rule files' join points to the type checker.

use std::collections::BTreeSet;

use weave_dialects::{Surroundings, read_one};
use weave_ir::TypeQuestions;

fn asked(wher: &str) -> TypeQuestions {
    let text = format!(
        "weave: 1\nname: x\nrules:\n  - id: x\n    where: {{ package: p, {wher} }}\n    do: {{ declare: 'var x = 1' }}\n"
    );
    let drafts = read_one("weave.yaml", &text, &Surroundings::default()).expect("the rule is good");
    TypeQuestions::of(&drafts[0].rules[0].join)
}

#[test]
fn only_what_rules_are_about_is_asked() {
    let set = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<BTreeSet<_>>();
    for wher in ["function: F", "call: net/http.Get", "literal: net/http.Client", "results: [error]"] {
        assert!(asked(wher).is_empty(), "{wher}");
    }
    for (wher, want) in [
        (
            "method-call: { name: Query, of: '*database/sql.DB' }",
            TypeQuestions { methods: set(&["Query"]), ..TypeQuestions::default() },
        ),
        (
            "method-call: { name: 'Query*', receiver-implements: io.Writer }",
            TypeQuestions {
                methods: set(&["*"]),
                interfaces: set(&["io.Writer"]),
                ..TypeQuestions::default()
            },
        ),
        (
            "call: net/http.Get, arguments: [{ index: 0, type: string }]",
            TypeQuestions { functions: set(&["net/http.Get"]), arguments: true, ..TypeQuestions::default() },
        ),
        (
            "arguments: [{ implements: error }]",
            TypeQuestions {
                methods: set(&["*"]),
                functions: set(&["*"]),
                arguments: true,
                interfaces: set(&["error"]),
                ..TypeQuestions::default()
            },
        ),
        (
            "last-result-implements: error",
            TypeQuestions { signatures: true, interfaces: set(&["error"]), ..TypeQuestions::default() },
        ),
        (
            "literal: net/http.Client, types: true",
            TypeQuestions { literals: set(&["net/http"]), ..TypeQuestions::default() },
        ),
    ] {
        assert_eq!(asked(wher), want, "{wher}");
    }
}

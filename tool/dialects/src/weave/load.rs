//! Reading rule files.

use std::collections::BTreeMap;

use crate::messages;
use crate::weave::advice;
use crate::weave::findings::Findings;
use crate::weave::join_point::join_point;
use crate::weave::model::{Rule, RuleFile};
use crate::{Sp, read_yaml};
use weave_ir::{
    Diagnostic, GoVersion, JoinPoint, Kind, ModuleVersion, PathPattern, VersionRange, hook_variable,
};

/// Reads and checks a rule file.
///
/// # Errors
///
/// Everything that is wrong with its form, else all that its values have.
pub fn load(path: &str, text: &str) -> Result<RuleFile, Vec<Diagnostic>> {
    let file: RuleFile = read_yaml(path, text)?;
    let findings = check(path, &file);
    if findings.is_empty() { Ok(file) } else { Err(findings) }
}

fn check(path: &str, file: &RuleFile) -> Vec<Diagnostic> {
    let mut c = Findings { path, list: Vec::new() };
    if file.weave.value != 1 {
        c.find(&file.weave, messages::unknown_language(file.weave.value));
    }
    if file.name.value.trim().is_empty() {
        c.find(&file.name, messages::no_instrumentation_name());
    }
    if let Some(hooks) = &file.hooks {
        c.import_path(hooks);
    }
    if let Some(rewriter) = &file.rewriter {
        for program in rewriter.value.program.iter().filter(|v| v.value.trim().is_empty()) {
            c.find(program, messages::empty());
        }
        for p in &rewriter.value.packages {
            if let Err(why) = PathPattern::read(&p.value) {
                c.find(p, messages::no_path_pattern(&p.value, &why));
            }
        }
    }
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    for rule in &file.rules {
        let id = &rule.value.id;
        if id.value.trim().is_empty() {
            c.find(id, messages::no_id());
        }
        let variable = hook_variable(&file.name.value, &id.value);
        if let Some(other) = variables.insert(variable, id.value.clone()) {
            let message = if other == id.value {
                messages::same_id(&other)
            } else {
                messages::ids_differ_in_punctuation(&other, &id.value)
            };
            c.find(id, message.help(messages::help_ids()));
        }
        check_rule(&mut c, file, &rule.value);
    }
    c.list
}

fn check_rule(findings: &mut Findings<'_>, file: &RuleFile, rule: &Rule) {
    rule.dependencies.iter().flatten().for_each(|d| findings.import_path(d));
    let w = &rule.r#where.value;
    let join = match join_point(findings.path, &rule.r#where) {
        Ok(join) => Some(join),
        Err(more) => {
            findings.list.extend(more);
            None
        }
    };
    if join.as_ref().is_some_and(|j| j.packages().is_none()) {
        findings.find(&rule.r#where, messages::no_package(&rule.id.value));
    }
    if join.as_ref().is_some_and(|j| j.kinds().is_some_and(|k| k.is_empty())) {
        findings.find(&rule.r#where, messages::nothing_is_all());
    }
    if let Some(g) = &w.go
        && let Err(e) = VersionRange::<GoVersion>::parse(&g.value)
    {
        let (message, help) = e.explain(&g.value, "Go", ">=1.24, <1.28");
        findings.find(g, messages::bad_version(message).help(help));
    }
    if let Some(v) = &w.version
        && let Err(e) = VersionRange::<ModuleVersion>::parse(&v.value)
    {
        let (message, help) = e.explain(&v.value, "module", ">=v1.2.0, <v2");
        findings.find(v, messages::bad_version(message).help(help));
    }
    if rule.advice().is_empty() {
        let message = messages::rule_does_nothing(&rule.id.value);
        let help = messages::help_advice();
        findings.find(&rule.r#do, message.help(help));
    }
    let kinds = join.as_ref().map(kinds_of).unwrap_or_default();
    let mut hooks = 0;
    for (advice, line, col) in rule.advice() {
        let at = Sp { value: (), line, col };
        hooks += u32::from(advice.hook.is_some());
        if hooks > 1 && advice.hook.is_some() {
            findings.find(&at, messages::two_hooks(&rule.id.value));
        }
        advice::check(findings, &rule.id.value, file.hooks.is_some(), advice, &at, &kinds);
    }
}

/// Returns what the candidates of a join point are.
fn kinds_of(join: &JoinPoint) -> Vec<Kind> {
    if let Some(kinds) = join.kinds() {
        return kinds;
    }
    let mut directive = false;
    join.walk(&mut |j| directive |= matches!(j, JoinPoint::Directive(_)));
    // A directive alone: what it stands before, which only the source tells.
    if directive { Vec::new() } else { vec![Kind::Package] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        match load("weave.yaml", text) {
            Ok(_) => Vec::new(),
            Err(findings) => findings.iter().map(ToString::to_string).collect(),
        }
    }

    const GOOD: &str = r#"weave: 1
name: database/sql
hooks: example.com/hooks
rules:
  - id: db-query
    where:
      package: database/sql
      function: QueryContext
      receiver: "*DB"
      signature: "func(context.Context, string, ...any) (*database/sql.Rows, error)"
      go: ">=1.24, <1.28"
    do:
      hook:
        function: Query
        replace: [ctx]
  - id: status
    where: { package: net/http }
    do:
      declare: |
        //go:linkname weaveStatus
        func weaveStatus() {}
      imports: [unsafe]
"#;

    #[test]
    fn a_good_file_loads_with_positions() {
        let file = load("weave.yaml", GOOD).expect("the file is good");
        assert_eq!(file.rules.len(), 2);
        let w = &file.rules[0].value.r#where;
        assert_eq!((w.line, w.col), (7, 7));
        let receiver = w.value.receiver.as_ref().expect("the rule has a receiver");
        assert_eq!((receiver.value.as_str(), receiver.line, receiver.col), ("*DB", 9, 17));
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (from, to, want) in [
            (
                "receiver:",
                "reciever:",
                "weave.yaml:9:7: unknown key `reciever`\n    help: did you mean `receiver`?",
            ),
            (
                "weave: 1",
                "weave: 2",
                "weave.yaml:1:8: unknown rule language 2\n    help: this goweave reads `weave: 1`",
            ),
            (
                "function: Query\n        ",
                "function: query\n        ",
                "weave.yaml:14:19: the hook function `query` is not exported\n    help: main packages call it from outside: begin its name with a capital letter",
            ),
            (
                "id: status",
                "id: db_query",
                "weave.yaml:16:9: the ids `db-query` and `db_query` differ only in punctuation\n    help: ids name variables, so letters and digits must differ",
            ),
            (
                "\"*DB\"",
                "\"*sql.DB\"",
                "weave.yaml:9:17: invalid receiver `*sql.DB`\n    help: write `\"*T\"`, `T` or `\"[*]T\"`, without package and type parameters",
            ),
            (
                "*database/sql.Rows",
                "*Rows",
                "weave.yaml:10:18: invalid signature `func(context.Context, string, ...any) (*Rows, error)`: expected the import path of `Rows`, as in `net/http.Rows` at byte 40",
            ),
            (
                ">=1.24",
                "~1.24",
                "weave.yaml:11:11: invalid Go version `~1.24`: it is not a comparison\n    help: write for example `>=1.24, <1.28`",
            ),
            (
                "hooks: example.com/hooks\n",
                "",
                "weave.yaml:13:9: the file names no hooks package\n    help: add `hooks: import/path` at the top",
            ),
            (
                "    where: { package: net/http }\n",
                "",
                "weave.yaml:17:5: the key `where` is missing\n    help: add `where:`; all keys of one mapping begin in one column",
            ),
            ("weave: 1", "weave: [1]", "weave.yaml:1:8: expected text"),
            (
                "{ package: net/http }",
                "{}",
                "weave.yaml:17:12: rule `status` names no package\n    help: add `package: import/path` under `where`",
            ),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "the case `{from}` changes nothing");
            assert_eq!(messages(&text), [want], "{from} -> {to}");
        }
    }

    #[test]
    fn what_is_no_yaml_is_named_with_its_place() {
        assert_eq!(messages("weave: 1\nname: [a\nrules: []\n"), ["weave.yaml:2:7: expected text"]);
        let got = messages("weave: 1\nname: \"a\n");
        assert!(got[0].starts_with("weave.yaml:"), "{got:?}");
    }

    #[test]
    fn the_files_in_the_documentation_are_good() {
        let text = include_str!("../../../../docs/rules.md");
        let mut count = 0;
        for block in text.split("```yaml\n").skip(1).filter_map(|b| b.split("```").next()) {
            assert_eq!(messages(block), [] as [&str; 0], "{block}");
            count += 1;
        }
        assert!(count >= 2, "{count}");
    }

    #[test]
    fn advice_goes_with_what_is_matched() {
        let rule = |w: &str, d: &str| {
            let text = format!("weave: 1\nname: x\nrules:\n  - id: r\n    where: {w}\n    do: {d}\n");
            messages(&text).join("\n")
        };
        for (w, d, want) in [
            ("{ package: p, call: a.B }", "{ wrap: \"f($this)\" }", ""),
            (
                "{ package: p, call: a.B }",
                "{ wrap: \"f()\" }",
                "weave.yaml:6:17: `wrap` must have `$this`, the matched code, exactly once",
            ),
            (
                "{ package: p, struct: S }",
                "{ before: x() }",
                "weave.yaml:6:9: `before` does not apply to a struct type\n    help: `before` applies to a function or a call or a literal or a statement or a loop body",
            ),
            (
                "{ package: p, function: F, one-of: [{ call: a.B }, { literal: a.C }] }",
                "{ add-fields: [{ name: a, type: int }] }",
                "weave.yaml:6:9: `add-fields` does not apply to a call\n    help: `add-fields` applies to a struct type",
            ),
            (
                "{ package: p, struct: S, call: a.B }",
                "{ declare: \"var x int\" }",
                "weave.yaml:5:12: the conditions contradict each other\n    help: a call, a literal, a statement, a type and a value are different things: use `one-of`",
            ),
            (
                "{ package: p }",
                "[{ declare: \"var x int\" }, { import: a, file: b }]",
                "weave.yaml:6:36: an advice of rule `r` has both `import` and `file`\n    help: make a list of them: `do: [{...}, {...}]`",
            ),
            (
                "{ package: p, call: Get }",
                "{ wrap: $this }",
                "weave.yaml:5:32: invalid symbol `Get`: expected an import path and a name, as in `net/http.Get`",
            ),
            (
                "{ package: p, function: \"/(/\" }",
                "{ before: x() }",
                "weave.yaml:5:36: invalid pattern `/(/`: found open group without closing ')'",
            ),
            (
                "{ package: p, method-call: { of: DB } }",
                "{ before: x() }",
                "weave.yaml:5:45: invalid named type `DB`\n    help: write `\"*database/sql.DB\"`, `io.Writer` or, for both T and *T, `\"[*]import/path.T\"`",
            ),
            (
                "{ package: p, method-call: {} }",
                "{ before: x() }",
                "weave.yaml:5:39: `method-call` names no method\n    help: add `name`, and `of`, the type that declares the method",
            ),
            (
                "{ package: p, method-call: { name: F }, call: a.B }",
                "{ before: x() }",
                "weave.yaml:5:39: a call cannot be both of a function and of a method\n    help: use `one-of`",
            ),
            (
                "{ package: p, call: a.B, arguments: [{ index: 0 }] }",
                "{ before: x() }",
                "weave.yaml:5:49: an argument needs `type` or `implements`",
            ),
            (
                "{ package: p, parameter-implements: \"map[string]int\" }",
                "{ before: x() }",
                "weave.yaml:5:48: invalid interface name `map[string]int`: write the import path and the name, as in `io.Writer`, or `error`",
            ),
            (
                "{ package: p, struct: S, types: true }",
                "{ declare: \"var x int\" }",
                "weave.yaml:5:44: `types` needs `literal`",
            ),
            (
                "{ package: p, method-call: { name: F, of: error, receiver: \"[*]a/b.T*\" } }",
                "{ before: x() }",
                "",
            ),
            (
                "{ function: F }",
                "{ before: x() }",
                "weave.yaml:5:12: rule `r` names no package\n    help: add `package: import/path` under `where`",
            ),
            (
                "{ one-of: [{ package: p }, { package: q, not: { go: \"1.2\" } }], function: F }",
                "{ before: x() }",
                "weave.yaml:5:64: versions belong to the rule as a whole\n    help: write `go` and `version` directly under `where`",
            ),
            (
                "{ package: p, call: a.B }",
                "{ append-arguments: [x], variadic: \"[\" }",
                "weave.yaml:6:44: invalid type `[`: expected `]` at byte 1",
            ),
        ] {
            assert_eq!(rule(w, d), want, "{w} {d}");
        }
    }
}

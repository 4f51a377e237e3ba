//! Rule files: every text that is taken is understood wholly, or refused at its place with the next step.

use std::fs;

use crate::support::{goweave, run, scratch, text};

/// Output of `goweave ARGUMENTS` in a folder with these files, without quoted lines, and its exit code.
fn says(name: &str, files: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let dir = scratch(&format!("language-{name}"));
    for (name, text) in files {
        fs::write(dir.join(name), text).expect("a file can be written");
    }
    let result = run(goweave(&dir).args(arguments));
    let said = text(&result.stderr);
    let shown = |l: &&str| !l.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('|');
    let lines: Vec<String> = said.lines().filter(shown).map(|l| l.replace("  = help: ", "help: ")).collect();
    (result.status.code().unwrap_or(-1), lines.join("\n"))
}

/// That an instrumentation serves others stands in its rule file, and the build says the same.
#[test]
fn the_build_and_the_rules_agree_on_support() {
    let rules = |support: &str| {
        format!(
            "weave: 1\nname: x\n{support}rules:\n  - id: x\n    where: {{ package: p }}\n    do: {{ declare: 'var x = 1' }}\n"
        )
    };
    for (support, flag, want) in [
        ("", false, ""),
        ("support: false\n", false, ""),
        ("support: true\n", true, ""),
        (
            "support: true\n",
            false,
            "weave.yaml:3:10: the rules are `support` here, and not in the build\nhelp: write in the go_instrumentation: support = True,",
        ),
        (
            "",
            true,
            "weave.yaml:2:7: the rules are `support` in the build, and not here\nhelp: write `support: true` in the rule file",
        ),
    ] {
        let mut arguments =
            vec!["lower", "--rules", "weave.yaml", "--target", "p=p.json", "--main", "m.json"];
        arguments.extend(["--places", "places.json"]);
        arguments.extend(flag.then_some("--support"));
        let (code, said) = says("support", &[("weave.yaml", &rules(support))], &arguments);
        assert_eq!((code, &*said), (i32::from(!want.is_empty()), want), "{support}{flag}");
    }
}

/// Rules and hooks need not stand in one folder, whatever the rules are written in.
#[test]
fn hooks_may_be_in_another_folder() {
    let dir = scratch("language-folders");
    let write = |name: &str, text: &str| {
        fs::create_dir_all(dir.join(name).parent().expect("a file has a folder"))
            .expect("a folder can be made");
        fs::write(dir.join(name), text).expect("a file can be written");
    };
    write(
        "rules/x.json",
        "[{\"ImportPath\": \"example.com/p\", \"Function\": \"F\", \"onEnter\": \"in\", \"Path\": \"example.com/hooks\"}]\n",
    );
    write(
        "rules/weave.yaml",
        "weave: 1\nname: x\nhooks: example.com/hooks\nrules:\n  - id: f\n    where: { package: example.com/p, function: F }\n    do: { hook: { function: F } }\n",
    );
    write(
        "rules/o.otelc.yml",
        "f:\n  target: example.com/p\n  where: { func: F }\n  do: { inject_hooks: { before: in, path: example.com/hooks } }\n",
    );
    write(
        "hooks/hooks.go",
        "package hooks\n\ntype C interface{ SetData(any) }\n\nfunc in(c C, n int) {}\n\nfunc F(n int) {}\n",
    );
    write("p.go", "package p\n\nfunc F(n int) {}\n");
    let rules = ["rules/x.json", "rules/weave.yaml", "rules/o.otelc.yml"];
    let good = |arguments: &[&str]| {
        let result = run(goweave(&dir).args(arguments));
        assert!(result.status.success(), "{arguments:?}: {}", text(&result.stderr));
    };
    for file in rules {
        good(&["check", "--hook-file", "hooks/hooks.go", file]);
        good(&[
            "weave",
            "--importpath",
            "example.com/p",
            "--go-version",
            "1.26.8",
            "--goos",
            "linux",
            "--goarch",
            "amd64",
            "--out",
            "out",
            "--rules",
            file,
            "--hook-file",
            "hooks/hooks.go",
            "p.go",
        ]);
        let woven = fs::read_to_string(dir.join("out/p.go")).expect("the file is woven");
        assert!(woven.contains("weave_"), "{file}: {woven}");
    }
    good(&["check", "--hook-file", "hooks/hooks.go", rules[0], rules[1], rules[2]]);
    assert!(!run(goweave(&dir).args(["check", rules[0]])).status.success(), "control");
}

/// The texts that a `where` takes, and those that it refuses: nothing is half read, and nothing holds that nobody said.
#[test]
fn every_text_of_a_where_is_understood_or_refused() {
    let go = "package p\n\n//app:x\nfunc F() { x := 1; _ = x }\n\nfunc G() {}\n";
    let mut wrong = Vec::new();
    for (condition, place, want) in [
        // What is good, and what becomes of the rule: the control of all that is refused.
        ("function: F", "", "woven"),
        ("function: \"[FG]\"", "5:", "invalid pattern `[FG]`: a name cannot have the character `[`"),
        ("function: \"/F|G/\"", "", "woven"),
        ("function: \"?\"", "", "woven"),
        ("statement: {}", "", "woven"),
        ("statement: { text: \"x:=1\" }", "", "woven"),
        ("directive: \"app:x\"", "", "woven"),
        ("directive: \"//app:x\"", "", "woven"),
        ("file: { directive: \"//app:x\" }, function: F", "", "woven"),
        ("function: F, go: \"1.26\"", "", "woven"),
        ("function: F, version: \">=v1.4, <v2\"", "", "woven"),
        ("function: F, signature: \"func()\"", "", "woven"),
        ("function: F, signature: \"func(int)\"", "5:", "F of example.com/p (v1.4.0) has another signature"),
        ("directive: \"// app:x\"", "5:", "invalid directive name"),
        ("directive: \"app:X\"", "5:", "invalid directive name"),
        ("directive: app", "5:", "invalid directive name"),
        ("function: F, go: 1.24+", "5:", "invalid Go version `1.24+`: it is not a comparison"),
        ("function: F, go: \">=1.24-1.28\"", "5:", "invalid Go version `>=1.24-1.28`"),
        ("function: F, go: \">=1.30, <1.28\"", "5:", "no version is in the range"),
        ("function: F, version: \">=v2, <v1\"", "5:", "no version is in the range"),
        ("function: F, version: v1", "5:", "`v1` is one version, and would leave out"),
        ("call: http.Get", "5:", "`http.Get` names the package `http`, and no package has that import path"),
        ("call: \"net/http.Get()\"", "5:", ": a name cannot have the character `(`"),
        ("literal: \"net/http.Client{}\"", "5:", ": a name cannot have the character `{`"),
        ("literal: \"*net/http.Client\"", "5:", "invalid import path `*net/http`"),
        ("function: F, parameters: [http.Handler]", "5:", "names the package `http`"),
        ("function: F, signature: \"func(*sql.DB)\"", "5:", "names the package `sql`"),
        ("function: F, last-result-implements: json.Marshaler", "5:", "names the package `json`"),
        ("method-call: { of: \"*sql.DB\" }", "5:", "names the package `sql`"),
        ("function: \"F()\"", "5:", "a name cannot have the character `(`"),
        ("function: p.F", "5:", "a name cannot have the character `.`: write the name alone"),
        ("function: \"/F\"", "5:", "write a regular expression between two slashes"),
        ("function: \"//\"", "5:", "the regular expression is empty"),
        ("function: \"F|G\"", "5:", "write a regular expression between slashes"),
        ("function: 1F", "5:", "a name cannot begin with a digit"),
        ("struct: \"T[K]\"", "5:", "write the name without type parameters"),
        ("function: F, receiver: \"p.T\"", "5:", "invalid receiver"),
        ("file: { name: a/p.go }, function: F", "5:", "write the base name of the file"),
        ("file: { name: p }, function: F", "5:", "the names of Go files end with `.go`"),
        ("file: {}, function: F", "5:", "`file` is empty"),
        ("file: { declares: func F }, function: F", "5:", "invalid declared name"),
        ("file: { imports: net/http/ }, function: F", "5:", "invalid import path pattern"),
        ("statement: { text: \"x :=\" }", "5:", "invalid Go statement `x :=`"),
        ("statement: { text: \"/x\" }", "5:", "write a regular expression between two slashes"),
        ("statement: { calls: f() }", "5:", "invalid callee `f()`"),
        ("statement: { assigns: x = 1 }", "5:", "invalid Go expression `x = 1`"),
        ("import: ./http", "5:", "invalid import path pattern"),
        ("all-of: [{}], function: F", "5:", "`where` is empty"),
        ("not: {}, function: F", "5:", "`where` is empty"),
        ("one-of: [], function: F", "5:", "is empty"),
        ("function: F, parameters: []", "5:", "`parameters` is empty"),
        ("call: net/http.Get, arguments: []", "5:", "`arguments` is empty"),
        ("function: F, signature: \"func([x]int)\"", "5:", "expected a number, or a constant"),
        ("function:", "5:", "the key `function` has no value"),
        ("function: F, receiver: *Client", "5:", "`*Client` without quotes is an alias in YAML"),
        ("package-name: p/x, function: F", "5:", "a name cannot have the character `/`"),
    ] {
        let rules = format!(
            "weave: 1\nname: x\nrules:\n  - id: a\n    where: {{ package: example.com/p, {condition} }}\n    required: true\n    do: {{ before: \"println()\" }}\n"
        );
        let arguments = [
            "weave",
            "--importpath",
            "example.com/p",
            "--go-version",
            "1.26.8",
            "--goos",
            "linux",
            "--goarch",
            "amd64",
            "--package-version",
            "v1.4.0",
            "--out",
            "out",
            "--rules",
            "weave.yaml",
            "p.go",
        ];
        let (code, said) = says("where", &[("weave.yaml", &rules), ("p.go", go)], &arguments);
        let first = said.lines().next().unwrap_or_default();
        let good = match want {
            "woven" => code == 0,
            _ => code == 1 && first.starts_with(&format!("weave.yaml:{place}")) && first.contains(want),
        };
        if !good {
            wrong.push(format!("{condition}\n  wants {want}\n  {code}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same for what else stands in a rule.
#[test]
fn every_text_of_a_rule_is_understood_or_refused() {
    let mut wrong = Vec::new();
    let good = "weave: 1\nname: x\nhooks: example.com/hooks\nrules:\n  - id: a\n    where: { package: example.com/p, function: F }\n    dependencies: [fmt]\n    do: { before: \"println()\", imports: [fmt] }\n";
    for (from, to, want) in [
        ("weave: 1", "weave: 1", ""),
        (
            "package: example.com/p",
            "package: /example.*/",
            "invalid import path pattern `/example.*/`: regular expressions are for names",
        ),
        ("package: example.com/p", "package: example.com/p/", "neither begins nor ends with a slash"),
        ("package: example.com/p", "package: example.com/**", "write `...` instead of `**`"),
        ("package: example.com/p", "package: ./p", "is a folder"),
        (
            "package: example.com/p",
            "package: \"example.com/{a,b}\"",
            "an import path cannot have the character `{`",
        ),
        ("hooks: example.com/hooks", "hooks: ./hooks", "invalid import path `./hooks`"),
        (
            "hooks: example.com/hooks",
            "hooks: example.com/...",
            "it is a pattern, and one import path is required",
        ),
        ("[fmt]\n", "[fmt/]\n", "invalid import path `fmt/`"),
        ("imports: [fmt]", "imports: [\"fmt \"]", "invalid import path `fmt `"),
        ("do: { before: \"println()\", imports: [fmt] }", "do: []", "rule `a` does nothing"),
        ("\"println()\"", "\"\"", "`before` is empty"),
        ("before: \"println()\"", "append-arguments: []", "`append-arguments` is empty"),
        ("name: x", "name: x\nnmae: y\nhook: z", "unknown key `nmae`"),
    ] {
        let text = good.replacen(from, to, 1);
        let (code, said) = says("rule", &[("weave.yaml", &text)], &["check", "weave.yaml"]);
        let fits = if want.is_empty() { code == 0 } else { code == 1 && said.contains(want) };
        if !fits {
            wrong.push(format!("{from} -> {to}\n  wants {want}\n  {code}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same for the texts of other tools' rules.
#[test]
fn every_text_of_other_languages_is_understood_or_refused() {
    let orchestrion = "meta: { name: x, description: x }\naspects:\n  - id: a\n    join-point: { all-of: [{ import-path: example.com/p }, { function-call: net/http.Get }] }\n    advice:\n      - wrap-expression: { template: '{{ . }}' }\n";
    let otelc = "a:\n  target: example.com/p\n  version: v1.0.0,v2.0.0\n  where: { func: F }\n  do: { inject_code: { raw: 'x()' } }\n";
    let agent = "[{\"ImportPath\": \"example.com/p\", \"Function\": \"F\", \"UseRaw\": true, \"OnEnter\": \"x()\", \"Version\": \"[1.0.0,2.0.0)\"}]\n";
    let mut wrong = Vec::new();
    for (file, good, from, to, want) in [
        ("o.yml", orchestrion, "x", "x", ""),
        ("o.yml", orchestrion, "net/http.Get", "http.Get", "names the package `http`"),
        ("o.yml", orchestrion, "net/http.Get", "net/http/.Get", "invalid import path `net/http/`"),
        (
            "o.yml",
            orchestrion,
            "import-path: example.com/p",
            "import-path: example.com/p/",
            "invalid import path",
        ),
        (
            "o.yml",
            orchestrion,
            "import-path: example.com/p",
            "package-filter: { pattern: 'a/[b' }",
            "`[` is not closed",
        ),
        (
            "o.yml",
            orchestrion,
            "function-call: net/http.Get",
            "directive: //dd:span",
            "write what follows the slashes",
        ),
        (
            "o.yml",
            orchestrion,
            "import-path: example.com/p",
            "import-path:",
            "the key `import-path` has no value",
        ),
        ("a.otelc.yml", otelc, "x()", "x()", ""),
        ("a.otelc.yml", otelc, "v1.0.0,v2.0.0", "v2.0.0,v1.0.0", "no version is in the range"),
        ("a.otelc.yml", otelc, "v1.0.0,v2.0.0", "v1.0.0-v2.0.0", "invalid module version"),
        (
            "a.otelc.yml",
            otelc,
            "target: example.com/p",
            "target: example.com/p/",
            "neither begins nor ends with a slash",
        ),
        ("a.otelc.yml", otelc, "func: F", "func: p.F", "a name cannot have the character `.`"),
        ("a.otelc.yml", otelc, "func: F", "func: F, file: {}", "the condition on the file is empty"),
        ("a.json", agent, "x()", "x()", ""),
        ("a.json", agent, "[1.0.0,2.0.0)", "[2.0.0,1.0.0)", "no version is in the range"),
        ("a.json", agent, "example.com/p", "example.com/...", "`ImportPath`: it is a pattern"),
    ] {
        let text = good.replacen(from, to, 1);
        let (code, said) = says("others", &[(file, &text)], &["check", file]);
        let fits = if want.is_empty() { code == 0 } else { code == 1 && said.contains(want) };
        if !fits {
            wrong.push(format!("{from} -> {to}\n  wants {want}\n  {code}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A version that nobody knows is an error where the rule is required, and a warning otherwise.
#[test]
fn a_version_that_is_not_known_is_told() {
    let go = "package p\n\nfunc F() {}\n";
    let weave = |required: &str, version: &[&str]| {
        let rules = format!(
            "weave: 1\nname: x\nrules:\n  - id: a\n    where: {{ package: example.com/p, function: F, version: \">=v1.2.0\" }}\n{required}    do: {{ before: \"println()\" }}\n"
        );
        let mut arguments =
            vec!["weave", "--importpath", "example.com/p", "--go-version", "1.26.8", "--goos"];
        arguments.extend(["linux", "--goarch", "amd64", "--out", "out", "--rules", "weave.yaml", "p.go"]);
        arguments.extend(version);
        says("version", &[("weave.yaml", &rules), ("p.go", go)], &arguments)
    };
    let told = "weave.yaml:5:12: rule `a` of x: the rule is for version >=v1.2.0, and the version of example.com/p is not known\nhelp: give it with --package-version; under Bazel it is that of gazelle's package metadata, which packages of the repository itself do not have: take `version` out of the rule for these";
    assert_eq!(weave("", &[]), (0, told.to_owned()));
    assert_eq!(weave("    required: true\n", &[]), (1, told.to_owned()));
    assert_eq!(weave("    required: true\n", &["--package-version", "v1.4.0"]), (0, String::new()));
}

//! Our templates against those of Go: both run the same table, and say the same.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::rc::Rc;

use weave_template::{Functions, Object, Template, Value};

/// A template and its data as JSON.
const CASES: &[(&str, &str)] = &[
    // Text, trimming, comments.
    ("", "null"),
    ("plain", "null"),
    ("a {{- 1 -}} b", "null"),
    ("a\n\n\t{{- 1 }}  \n", "null"),
    ("{{ 1 -}}\r\n\t b", "null"),
    ("a {{/* c }} */}} b", "null"),
    ("a {{- /* c */ -}} b", "null"),
    ("a {{-3}} b", "null"),
    ("a {{ -3 }} b", "null"),
    ("{{- -}}", "null"),
    ("{{/* c */ }}", "null"),
    ("{{/* c", "null"),
    ("{{ 1", "null"),
    ("{{}}", "null"),
    ("{{ }}", "null"),
    ("a }} b", "null"),
    ("{{ \"a\nb\" }}", "null"),
    ("{{ 1\n| print\n}}", "null"),
    ("{ {{`{{`}} }", "null"),
    // Constants.
    ("{{1}} {{-1}} {{+1}} {{0}} {{1000}}", "null"),
    ("{{true}} {{false}} {{\"s\\t\\\"\\x41\\101\\u00e9\"}} {{`raw\\n`}}", "null"),
    ("{{1__0}}", "null"),
    ("{{08}}", "null"),
    ("{{1a}}", "null"),
    ("{{0x}}", "null"),
    ("{{1.2.3}}", "null"),
    ("{{''}}", "null"),
    ("{{'ab'}}", "null"),
    ("{{\"\\q\"}}", "null"),
    ("{{nil}}", "null"),
    ("{{print nil}}", "null"),
    ("{{nil | print}}", "null"),
    ("{{nil.X}}", "null"),
    // Data.
    ("{{.}}", "null"),
    ("{{.}}", "{\"b\":1,\"a\":[1,\"x\",null,true]}"),
    ("{{.}}", "[1,2,[3,\"four\"],{}]"),
    ("{{.a}} {{.b}} {{.c}}", "{\"a\":\"x\",\"b\":2}"),
    ("{{.a.b.c}}", "{\"a\":{\"b\":{\"c\":\"deep\"}}}"),
    ("{{.a.b}}", "{}"),
    ("{{.a.b}}", "null"),
    ("{{.a}}", "null"),
    ("{{.a.b}}", "{\"a\":null}"),
    ("{{.a.b}}", "{\"a\":1}"),
    ("{{.a}}", "\"string\""),
    ("{{.a 1}}", "{\"a\":1}"),
    ("{{. 1}}", "1"),
    ("{{1 2}}", "1"),
    ("{{1.5.a}}", "1"),
    ("{{.a.}}", "1"),
    ("{{(.a).b}} {{(index . \"a\").b}}", "{\"a\":{\"b\":5}}"),
    // Objects with methods.
    ("{{.}} {{.Name}} {{.Greet \"x\"}} {{\"y\" | .Greet}} {{.Next}}", "{\"$thing\":\"t\"}"),
    ("{{.Next.Name}} {{.Next.Greet .Name}}", "{\"$thing\":\"t\",\"next\":{\"$thing\":\"u\"}}"),
    ("{{range .Items}}[{{.}}]{{end}} {{len .Items}} {{index .Items 0}}", "{\"$thing\":\"t\"}"),
    ("{{.Fail}}", "{\"$thing\":\"t\"}"),
    ("{{.Missing}}", "{\"$thing\":\"t\"}"),
    ("{{.Greet}}", "{\"$thing\":\"t\"}"),
    ("{{.Greet 1}}", "{\"$thing\":\"t\"}"),
    ("{{.Name 1}}", "{\"$thing\":\"t\"}"),
    ("{{.Greet \"a\" \"b\"}}", "{\"$thing\":\"t\"}"),
    ("{{.Join}}|{{.Join \"a\"}}|{{.Join \"a\" \"b\" \"c\"}}", "{\"$thing\":\"-\"}"),
    ("{{if .}}yes{{end}} {{with .}}{{.Name}}{{end}} {{not .}}", "{\"$thing\":\"t\"}"),
    ("{{printf \"%s %v %q\" . . .}} {{print . .}}", "{\"$thing\":\"t\"}"),
    ("{{.Next.Next.Next}}", "{\"$thing\":\"t\",\"next\":{\"$thing\":\"u\"}}"),
    ("{{eq . .}} {{eq . .Next}}", "{\"$thing\":\"t\",\"next\":{\"$thing\":\"u\"}}"),
    // Variables.
    ("{{$x := 1}}{{$x}} {{$x = 2}}{{$x}}", "null"),
    ("{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{$x}}{{end}}{{$x}}", "null"),
    ("{{if $x := .a}}{{$x}}{{else}}none{{$x}}{{end}}", "{\"a\":0}"),
    ("{{$x}}", "null"),
    ("{{$x = 1}}", "null"),
    ("{{$x := 1}}{{define \"t\"}}{{$x}}{{end}}", "null"),
    ("{{$}} {{$.a}} {{with .a}}{{$.a}}{{.}}{{end}}", "{\"a\":1}"),
    ("{{with $x := .a}}{{$x.b}}{{end}}{{$x}}", "{\"a\":{\"b\":1}}"),
    ("{{$x, $y := 1}}", "null"),
    ("{{$x := .a}}{{$x.b}} {{$x.Missing}}", "{\"a\":{\"b\":1}}"),
    ("{{$x 1}}", "null"),
    ("{{($x := 1)}}{{$x}}", "null"),
    // if, with.
    ("{{if .a}}A{{else if .b}}B{{else}}C{{end}}", "{\"b\":1}"),
    ("{{if .a}}A{{else if .b}}B{{else}}C{{end}}", "{}"),
    ("{{with .a}}{{.}}{{else with .b}}B{{.}}{{else}}C{{end}}", "{\"b\":1}"),
    ("{{if .a}}A{{else with .b}}B{{end}}", "{\"b\":1}"),
    ("{{with .a}}A{{else if .b}}B{{end}}", "{\"b\":1}"),
    (
        "{{if 0}}a{{end}}{{if \"\"}}c{{end}}{{if .l}}d{{end}}{{if .m}}e{{end}}{{if nil}}f{{end}}",
        "{\"l\":[],\"m\":{}}",
    ),
    (
        "{{if 1}}a{{end}}{{if -5}}b{{end}}{{if \"x\"}}c{{end}}{{if .l}}d{{end}}{{if .m}}e{{end}}",
        "{\"l\":[0],\"m\":{\"x\":null}}",
    ),
    ("{{if true}}", "null"),
    ("{{if}}{{end}}", "null"),
    ("{{end}}", "null"),
    ("{{else}}", "null"),
    ("{{if true}}a{{else}}b{{else}}c{{end}}", "null"),
    ("{{ if true -}} a {{- else -}} b {{- end }}", "null"),
    // range.
    ("{{range .}}<{{.}}>{{end}}", "[1,2,3]"),
    ("{{range .}}<{{.}}>{{else}}empty{{end}}", "[]"),
    ("{{range .}}<{{.}}>{{else}}empty{{end}}", "{}"),
    ("{{range $i, $e := .}}{{$i}}={{$e}};{{end}}", "[\"a\",\"b\"]"),
    ("{{range $k, $v := .}}{{$k}}={{$v}};{{end}}", "{\"b\":1,\"a\":2}"),
    ("{{range $e := .}}{{$e}}{{end}}", "{\"b\":1,\"a\":2}"),
    ("{{range 3}}{{.}}{{end}}", "null"),
    ("{{range $i := 3}}{{$i}}{{end}}", "null"),
    ("{{range $i, $j := 3}}{{$i}}{{end}}", "null"),
    ("{{range 0}}{{.}}{{else}}none{{end}}", "null"),
    ("{{range \"abc\"}}{{.}}{{end}}", "null"),
    ("{{range .a}}x{{else}}none{{end}}", "{}"),
    ("{{range nil}}x{{end}}", "null"),
    ("{{range true}}x{{end}}", "null"),
    ("{{range .}}{{if eq . 2}}{{continue}}{{end}}{{if eq . 4}}{{break}}{{end}}{{.}}{{end}}", "[1,2,3,4,5]"),
    ("{{break}}", "null"),
    ("{{range .}}{{else}}{{break}}{{end}}", "[]"),
    ("{{range .}}{{define \"x\"}}{{end}}{{end}}", "[]"),
    ("{{if true}}{{continue}}{{end}}", "null"),
    ("{{range .}}{{range .}}{{if eq . 2}}{{break}}{{end}}{{.}}{{end}};{{end}}", "[[1,2,3],[4,2]]"),
    ("{{$x := 0}}{{range .}}{{$x = .}}{{end}}{{$x}}", "[1,2,3]"),
    ("{{$i := 9}}{{$e := 9}}{{range $i, $e = .}}{{end}}{{$i}}{{$e}}", "[1,2,3]"),
    ("{{$e := 9}}{{range $e = .}}{{end}}{{$e}}", "[1,2,3]"),
    ("{{range $i, 1 := .}}{{end}}", "[]"),
    ("{{range $a, $b, $c := .}}{{end}}", "[]"),
    ("{{range $i, $e := .}}{{$f := $e}}{{$f}}{{end}}{{$e}}", "[1]"),
    ("{{break 1}}", "null"),
    ("{{range .}}{{$x := 1}}{{continue}}{{end}}ok", "[1,2]"),
    // Templates.
    ("{{define \"t\"}}[{{.}}]{{end}}{{template \"t\" .a}}{{template \"t\"}}", "{\"a\":1}"),
    ("{{template \"t\" 1}}{{define \"t\"}}<{{$}}>{{end}}", "null"),
    ("{{block \"b\" .a}}({{.}}){{end}}{{template \"b\" 2}}", "{\"a\":1}"),
    ("{{template \"missing\"}}", "null"),
    ("{{template name}}", "null"),
    ("{{define \"t\"}}a{{end}}{{define \"t\"}}b{{end}}", "null"),
    ("{{define \"t\"}} {{end}}{{define \"t\"}}b{{end}}{{template \"t\"}}", "null"),
    ("{{define \"t\"}}b{{end}}{{define \"t\"}} {{end}}{{template \"t\"}}", "null"),
    (
        "{{define \"t\"}}{{if .}}{{.v}}{{template \"t\" .n}}{{end}}{{end}}{{template \"t\" .}}",
        "{\"v\":1,\"n\":{\"v\":2,\"n\":{\"v\":3}}}",
    ),
    ("{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}", "null"),
    ("{{if true}}{{define \"t\"}}{{end}}{{end}}", "null"),
    ("{{define \"t\"}}", "null"),
    ("{{define 1}}{{end}}", "null"),
    ("{{define \"t\"}}{{else}}{{end}}", "null"),
    ("{{define \"a\"}}{{block \"b\" .}}{{.}}{{end}}{{end}}{{template \"a\" 3}}", "null"),
    // Pipelines.
    ("{{\"x\" | printf \"%s-%s\" \"y\"}}", "null"),
    ("{{1 | print | printf \"%q\"}}", "null"),
    ("{{.a | len}}", "{\"a\":[1,2]}"),
    ("{{1 | 2}}", "null"),
    ("{{. | .}}", "null"),
    ("{{| print}}", "null"),
    ("{{print |}}", "null"),
    ("{{(print 1 | printf \"%s\")}} {{print (1) (print 2)}}", "null"),
    ("{{(1}}", "null"),
    ("{{1)}}", "null"),
    ("{{print (len .) | printf \"%s!\"}}", "[1,2,3]"),
    ("{{nosuch}}", "null"),
    ("{{Version}} {{Version | printf \"%q\"}}", "null"),
    ("{{Version 1}}", "null"),
    ("{{3 | print 1 2}}", "null"),
    ("{{print 1, 2}}", "null"),
    ("{{print = 1}}", "null"),
    ("{{a?}}", "null"),
    ("{{$}}{{$$}}", "null"),
    ("{{(.a 1).b}}", "{}"),
    ("{{(1 | print).b}}", "{}"),
    // and, or, not.
    (
        "{{and 1 0 2}} {{and 1 2}} {{or 0 \"\" 3}} {{or 0 \"\"}} {{not 1}} {{not \"\"}} {{and 0}} {{or 1}}",
        "null",
    ),
    ("{{and false (index . 9)}} {{or true (index . 9)}}", "[]"),
    ("{{and true (index . 9)}}", "[]"),
    ("{{1 | and 2}} {{0 | or 0}} {{1 | or 0}} {{2 | and 0}} {{and}}", "null"),
    ("{{1 | and 2}} {{0 | or 0}} {{1 | or 0}} {{2 | and 0}}", "null"),
    ("{{not}}", "null"),
    ("{{not 1 2}}", "null"),
    // Comparison.
    (
        "{{eq 1 1}} {{eq 1 2}} {{eq 1 2 1}} {{eq \"a\" \"a\"}} {{eq true true}} {{ne 1 2}} {{ne \"a\" \"a\"}}",
        "null",
    ),
    ("{{eq 1 \"1\"}}", "null"),
    ("{{eq .a .b}}", "{\"a\":[1],\"b\":[1]}"),
    ("{{eq .a 1}}", "{\"a\":[1]}"),
    ("{{eq .a .b}}", "{}"),
    ("{{eq .a nil}}", "{}"),
    ("{{eq .a 1}} {{ne .a 1}}", "{}"),
    ("{{eq nil nil}}", "null"),
    ("{{eq 1}}", "null"),
    ("{{eq}}", "null"),
    ("{{ne 1}}", "null"),
    ("{{eq (index \"a\" 0) 97}}", "null"),
    ("{{eq .a \"x\"}} {{ne .a \"y\"}}", "{\"a\":\"x\"}"),
    // index, len.
    ("{{index . 1}} {{index . 2 0}}", "[1,2,[\"x\"]]"),
    ("{{index . 9}}", "[1]"),
    ("{{index . -1}}", "[1]"),
    ("{{index . \"a\"}}", "[1]"),
    ("{{index . \"a\"}} {{index . \"z\"}} {{index . \"m\" \"n\"}}", "{\"a\":1,\"m\":{\"n\":2}}"),
    ("{{index . 1}}", "{\"a\":1}"),
    ("{{index .}}", "[1]"),
    ("{{index nil}}", "null"),
    ("{{index 1 1}}", "null"),
    ("{{index}}", "null"),
    ("{{index \"abc\" 1}}", "null"),
    ("{{len \"é\"}} {{len .}} {{len .a}}", "{\"a\":[1,2]}"),
    ("{{len 1}}", "null"),
    ("{{len nil}}", "null"),
    ("{{len}}", "null"),
    // print and its kin.
    ("{{print 1 2 \"a\" \"b\" 3 true nil}}|{{print}}", "null"),
    (
        "{{printf \"%d %s %q %v %% %v %v\" 1 \"a\" \"g\\n\\\"é\\u2028\\x7f\" true nil -3}} {{printf \"no verb\"}}",
        "null",
    ),
    (
        "{{printf \"%v %s %q %v\" .l .s .s .m}}",
        "{\"l\":[1,\"a\",null],\"s\":[\"x\",\"y\"],\"m\":{\"b\":1,\"a\":[2]}}",
    ),
    ("{{printf 1}}", "null"),
    ("{{printf}}", "null"),
    // Something like what peers write.
    (
        "{{- $ctx := .ctx -}}\n{{- if eq $ctx \"\" -}}\n{{- $ctx = \"ctx\" -}}\nctx := x\n{{ end -}}\ncall({{ $ctx }}, {{ printf \"%q\" .name }},\n{{- range .args }}\n{{ if eq .Key \"skip\" -}}{{- continue -}}{{- end -}}\ntag({{ printf \"%q\" .Key }}),\n{{- end }}\n)",
        "{\"ctx\":\"\",\"name\":\"op\",\"args\":[{\"Key\":\"a\"},{\"Key\":\"skip\"},{\"Key\":\"b\"}]}",
    ),
    (
        "{{if or (eq .n \"Error\") (eq .n \"Fatal\") -}} x {{- else if eq .n \"Skip\" -}} y {{- else -}} z {{- end -}}",
        "{\"n\":\"Skip\"}",
    ),
];

/// The twin of the Go program's type with methods.
struct Thing {
    name: String,
    next: Value<'static>,
}

impl Object<'static> for Thing {
    fn type_name(&self) -> String {
        "*main.thing".into()
    }

    fn member(&self, name: &str, arguments: &[Value<'static>]) -> Result<Option<Value<'static>>, String> {
        let field = |value: Value<'static>| {
            if arguments.is_empty() { Ok(Some(value)) } else { Err("it is a field".into()) }
        };
        let strings = || {
            let all = arguments.iter().map(|a| match a {
                Value::Str(s) => Ok(s.to_string()),
                other => Err(format!("expected string, got {}", other.type_name())),
            });
            all.collect::<Result<Vec<_>, _>>()
        };
        match name {
            "Name" => field(Value::string(&self.name)),
            "Next" => field(self.next.clone()),
            "Greet" => match strings()?.as_slice() {
                [who] => Ok(Some(Value::string(format!("{} greets {who}", self.name)))),
                _ => Err("wrong number of arguments".into()),
            },
            "Fail" => Err("failed".into()),
            "Items" => Ok(Some(Value::list([Value::string(&self.name), Value::Int(1), Value::Bool(true)]))),
            "Join" => Ok(Some(Value::string(strings()?.join(&self.name)))),
            _ => Ok(None),
        }
    }

    fn text(&self) -> String {
        format!("<{}>", self.name)
    }
}

fn value(json: &serde_json::Value) -> Value<'static> {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => Value::Int(n.as_i64().expect("the table has whole numbers")),
        serde_json::Value::String(s) => Value::string(s),
        serde_json::Value::Array(list) => Value::list(list.iter().map(value)),
        serde_json::Value::Object(map) => match map.get("$thing") {
            Some(name) => Value::object(Thing {
                name: name.as_str().unwrap_or_default().to_owned(),
                next: map.get("next").map_or(Value::Nil, value),
            }),
            None => {
                let entries = map.iter().map(|(k, v)| (k.clone(), value(v)));
                Value::Map(Rc::new(entries.collect::<BTreeMap<_, _>>()))
            }
        },
    }
}

fn ours(text: &str, data: &serde_json::Value) -> Result<String, String> {
    let mut functions = Functions::new();
    let version = |arguments: &[Value<'static>]| match arguments {
        [] => Ok(Value::string("v1")),
        _ => Err("wrong number of args".to_owned()),
    };
    functions.insert("Version".into(), Rc::new(version));
    let template = Template::parse(text, &["Version"]).map_err(|e| format!("parse: {e}"))?;
    template.execute(&value(data), &functions).map_err(|e| format!("exec: {e}"))
}

#[test]
fn templates_say_what_they_say_in_go() {
    let data: Vec<serde_json::Value> =
        CASES.iter().map(|(_, d)| serde_json::from_str(d).expect("the table has JSON")).collect();
    let input: Vec<serde_json::Value> = CASES
        .iter()
        .zip(&data)
        .map(|((text, _), data)| serde_json::json!({ "text": text, "data": data }))
        .collect();
    let mut go = Command::new("go")
        .args(["run", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle.go")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("go is there");
    let text = serde_json::to_string(&input).expect("it is JSON");
    go.stdin.take().expect("it is a pipe").write_all(text.as_bytes()).expect("go reads");
    let output = go.wait_with_output().expect("go ends");
    assert!(output.status.success(), "the oracle failed");
    let theirs: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(theirs.len(), CASES.len());
    let mut wrong = Vec::new();
    for (((text, _), data), theirs) in CASES.iter().zip(&data).zip(&theirs) {
        let error = theirs["error"].as_str().unwrap_or_default();
        let ours = ours(text, data);
        let same = match &ours {
            Ok(out) => error.is_empty() && theirs["output"].as_str() == Some(out),
            // Who refuses it, the parser or the run, is part of what is compared.
            Err(message) => message.get(..5) == error.get(..5),
        };
        if !same {
            wrong.push(format!("{text:?}\n  ours: {ours:?}\n  Go:   {theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn errors_say_where_they_are() {
    for (text, want) in [
        ("ab\n  {{ nosuch }}", "parse: 2:6: function \"nosuch\" not defined"),
        ("{{ if }}", "parse: 1:7: missing value for if"),
        ("x\n{{ 1 ", "parse: 2:6: unclosed action"),
        ("{{ range . }}", "parse: 1:14: unexpected EOF"),
        ("a\n{{ .a.b }}", "exec: 2:4: can't evaluate field b in type int"),
        ("{{ if true }}\n\t{{ $x }}{{ end }}", "parse: 2:5: undefined variable \"$x\""),
        (
            "{{ index . \"a\" | printf }}",
            "exec: 1:18: error calling printf: wrong type for value; expected string; got int",
        ),
    ] {
        assert_eq!(ours(text, &serde_json::json!({ "a": 1 })), Err(want.to_owned()), "{text}");
    }
}

#[test]
fn numbers_and_formats_that_no_rule_file_uses_are_refused_by_name() {
    for (text, want) in [
        ("{{ 1.5 }}", "parse: 1:4: the number `1.5` is not supported: write a decimal integer"),
        ("{{ 0x1F }}", "parse: 1:4: the number `0x1F` is not supported: write a decimal integer"),
        ("{{ 010 }}", "parse: 1:4: the number `010` is not supported: write a decimal integer"),
        ("{{ 1_000 }}", "parse: 1:4: the number `1_000` is not supported: write a decimal integer"),
        (
            "{{ 18446744073709551615 }}",
            "parse: 1:4: the number `18446744073709551615` is not supported: write a decimal integer",
        ),
        ("{{ 'a' }}", "parse: 1:4: character constants of Go's templates are not supported"),
        (
            "{{ printf \"%x\" 1 }}",
            "parse: 1:11: `%x` of printf is not supported: write `%s`, `%q`, `%v` or `%d`",
        ),
        (
            "{{ printf \"%-5d|\" 1 }}",
            "parse: 1:11: `%-5d` of printf is not supported: write `%s`, `%q`, `%v` or `%d`",
        ),
        (
            "{{ printf \"%[1]s\" . }}",
            "parse: 1:11: `%[1]s` of printf is not supported: write `%s`, `%q`, `%v` or `%d`",
        ),
        (
            "{{ printf \"100%\" }}",
            "parse: 1:11: `%` of printf is not supported: write `%s`, `%q`, `%v` or `%d`",
        ),
        (
            "{{ $f := \"%t\" }}{{ printf $f true }}",
            "exec: 1:20: error calling printf: `%t` of printf is not supported: write `%s`, `%q`, `%v` or `%d`",
        ),
        ("{{ printf \"%d\" \"a\" }}", "exec: 1:4: error calling printf: `%d` prints no value of type string"),
        (
            "{{ printf \"%d %d\" 1 }}",
            "exec: 1:4: error calling printf: the format has 2 verbs, and 1 values are given",
        ),
    ] {
        assert_eq!(ours(text, &serde_json::Value::Null), Err(want.to_owned()), "{text}");
    }
}

#[test]
fn functions_that_no_rule_file_uses_are_refused_by_name() {
    for name in ["call", "ge", "gt", "html", "js", "le", "lt", "println", "slice", "urlquery"] {
        let error = Template::parse(&format!("a\n {{{{ {name} . }}}}"), &[]).expect_err(name);
        assert_eq!(error.to_string(), format!("2:5: function \"{name}\" of Go's templates is not supported"));
        assert!(Template::parse(&format!("{{{{ {name} . }}}}"), &[name]).is_ok(), "the host may have one");
    }
}

//! Templates of otelc's rules: from Go's `text/template` to code with our placeholders.
//!
//! The data is the matched code: it prints as such, and has the members that otelc's documentation names.

use std::rc::Rc;

use weave_ir::{GoType, TypePattern, assumed_name, did_you_mean};
use weave_template::{Function, Functions, Object, Template, Value};

use crate::messages;

/// Data of a template about the place where its code goes.
#[derive(Debug, Clone, Default)]
pub(crate) struct TemplateData {
    /// Import path of the package.
    pub package: String,
    /// The function that it goes into.
    pub function: Option<FunctionData>,
    /// The words of the directive comment.
    pub directive: Vec<(String, String)>,
    /// The arguments of the matched call, as they are written.
    pub call: Vec<String>,
}

/// A function.
#[derive(Debug, Clone)]
pub(crate) struct FunctionData {
    pub name: String,
    pub method: bool,
    pub params: Vec<GoType>,
    pub results: Vec<GoType>,
}

/// The members that templates may ask for.
const MEMBERS: [&str; 14] = [
    "FuncName",
    "Receiver",
    "FuncArgument",
    "FuncReturn",
    "FuncArgumentCount",
    "FuncReturnCount",
    "FuncArgumentOfType",
    "FuncReturnOfType",
    "DirectiveArgs",
    "DirectiveArg",
    "CallArgument",
    "CallArgumentCount",
    "Key",
    "Value",
];

/// Letters of private use stand around placeholders while a template runs, since code may have dollar signs of its own.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

pub(crate) fn placeholder<'a>(what: &str) -> Value<'a> {
    Value::string(format!("{OPEN}{what}{CLOSE}"))
}

struct Data(TemplateData);

impl Data {
    pub(crate) fn function(&self) -> Result<&FunctionData, String> {
        self.0.function.as_ref().ok_or_else(|| messages::no_function_around().into())
    }
}

impl<'a> Object<'a> for Data {
    fn type_name(&self) -> String {
        messages::matched_code().into()
    }

    fn member(&self, name: &str, arguments: &[Value<'a>]) -> Result<Option<Value<'a>>, String> {
        let index = || match arguments {
            [Value::Int(i)] => usize::try_from(*i).map_err(|_| messages::less_than_zero(i)),
            _ => Err(messages::takes_number().into()),
        };
        let text = || match arguments {
            [Value::Str(s)] => Ok(s.to_string()),
            _ => Err(messages::takes_string().to_owned()),
        };
        let nothing =
            || if arguments.is_empty() { Ok(()) } else { Err(messages::takes_nothing().to_owned()) };
        let count = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let within = |i: usize, n: usize, what: &str| {
            if i < n { Ok(()) } else { Err(messages::out_of_range(n, what, i)) }
        };
        let of_type = |types: &[GoType], prefix: &str| -> Result<Value<'a>, String> {
            let wanted = TypePattern::called(&text()?)?;
            let found = types.iter().position(|t| wanted.is(t, &self.0.package, &|p| assumed_name(p)));
            Ok(found.map_or_else(|| Value::string(""), |i| placeholder(&format!("{prefix}{i}"))))
        };
        let f = || self.function();
        Ok(Some(match name {
            "FuncName" => {
                nothing()?;
                Value::string(&f()?.name)
            }
            "Receiver" => {
                nothing()?;
                if !f()?.method {
                    return Err(messages::no_receiver(&f()?.name));
                }
                placeholder("recv")
            }
            "FuncArgument" => {
                let i = index()?;
                within(i, f()?.params.len(), "parameters")?;
                placeholder(&i.to_string())
            }
            "FuncReturn" => {
                let i = index()?;
                within(i, f()?.results.len(), "results")?;
                placeholder(&format!("result{i}"))
            }
            "FuncArgumentCount" => {
                nothing()?;
                count(f()?.params.len())
            }
            "FuncReturnCount" => {
                nothing()?;
                count(f()?.results.len())
            }
            "FuncArgumentOfType" => of_type(&f()?.params, "")?,
            "FuncReturnOfType" => of_type(&f()?.results, "result")?,
            "DirectiveArgs" => {
                nothing()?;
                Value::list(
                    self.0
                        .directive
                        .iter()
                        .map(|(key, value)| Value::object(Word { key: key.clone(), value: value.clone() })),
                )
            }
            "DirectiveArg" => {
                let key = text()?;
                let found = self.0.directive.iter().find(|(k, _)| *k == key);
                Value::string(found.map_or("", |(_, value)| value))
            }
            "CallArgument" => {
                let i = index()?;
                within(i, self.0.call.len(), "arguments")?;
                Value::string(&self.0.call[i])
            }
            "CallArgumentCount" => {
                nothing()?;
                count(self.0.call.len())
            }
            _ => return Ok(None),
        }))
    }

    fn text(&self) -> String {
        format!("{OPEN}this{CLOSE}")
    }
}

/// A word of a directive comment.
struct Word {
    key: String,
    value: String,
}

impl<'a> Object<'a> for Word {
    fn type_name(&self) -> String {
        messages::directive_word().into()
    }

    fn member(&self, name: &str, arguments: &[Value<'a>]) -> Result<Option<Value<'a>>, String> {
        if !arguments.is_empty() {
            return Err(messages::takes_nothing().into());
        }
        Ok(match name {
            "Key" => Some(Value::string(&self.key)),
            "Value" => Some(Value::string(&self.value)),
            _ => None,
        })
    }

    fn text(&self) -> String {
        format!("{{{} {}}}", self.key, self.value)
    }
}

/// The names of functions that older templates call without a dot.
const FUNCTIONS: [&str; 1] = ["FuncName"];

pub(crate) fn parse(text: &str) -> Result<Template, String> {
    Template::parse(text, &FUNCTIONS).map_err(|e| messages::no_template(e.line, &e.message))
}

/// Checks a template before it is known where it goes.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let template = parse(text)?;
    for member in template.members() {
        if !MEMBERS.contains(&member) {
            let near = did_you_mean(member, MEMBERS).map_or(String::new(), |near| format!(": {near}"));
            return Err(messages::unknown_member(member, &near));
        }
    }
    Ok(())
}

/// Runs a template. What comes out is code with our placeholders.
pub(crate) fn expand(text: &str, data: TemplateData) -> Result<String, String> {
    let template = parse(text)?;
    let name = data.function.as_ref().map(|f| f.name.clone());
    let by_name: Function<'_> = Rc::new(move |_: &[Value<'_>]| match &name {
        Some(name) => Ok(Value::string(name)),
        None => Err(messages::no_function_around().into()),
    });
    let functions = Functions::from([("FuncName".to_owned(), by_name)]);
    let out = template
        .execute(&Value::object(Data(data)), &functions)
        .map_err(|e| messages::template_fails(e.line, &e.message))?;
    let mut code = String::with_capacity(out.len());
    for c in out.chars() {
        match c {
            '$' => code.push_str("$$"),
            OPEN => code.push_str("${"),
            CLOSE => code.push('}'),
            c => code.push(c),
        }
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn data() -> TemplateData {
        let ty = |t: &str| GoType::parse(t).expect("the type is good");
        TemplateData {
            package: "example.com/p".into(),
            function: Some(FunctionData {
                name: "Get".into(),
                method: true,
                params: vec![ty("context.Context"), ty("*net/http.Request")],
                results: vec![ty("error")],
            }),
            directive: vec![("span.name".into(), "a b".into()), ("x".into(), "1".into())],
            call: vec!["url".into()],
        }
    }

    #[test]
    fn templates_become_code_with_placeholders() {
        for (template, want) in [
            ("f({{ . }})", "f(${this})"),
            ("{{- $s := .FuncArgument 1 -}}\nif {{ $s }} != nil {}", "if ${1} != nil {}"),
            ("{{.Receiver}}.x = {{.FuncReturn 0}}; s := \"$\"", "${recv}.x = ${result0}; s := \"$$\""),
            ("println(\"{{FuncName}} {{.FuncName}}\")", "println(\"Get Get\")"),
            ("{{range .DirectiveArgs}}{{.Key}}={{.Value}};{{end}}", "span.name=a b;x=1;"),
            ("{{.DirectiveArg \"x\"}}{{.DirectiveArg \"y\"}}", "1"),
            ("{{with .FuncArgumentOfType \"*http.Request\"}}{{.}}{{end}}", "${1}"),
            ("{{if .FuncReturnOfType \"string\"}}a{{else}}b{{end}}{{.FuncArgumentCount}}", "b2"),
            ("g({{.CallArgument 0}}, {{ . }})", "g(url, ${this})"),
        ] {
            assert_eq!(expand(template, data()).as_deref(), Ok(want), "{template}");
            assert_eq!(check(template), Ok(()), "{template}");
        }
    }

    #[test]
    fn what_a_template_cannot_have_is_named() {
        assert_eq!(
            check("{{ .FuncArgumnt 1 }}"),
            Err(
                "unknown template member `.FuncArgumnt`: did you mean `FuncArgument` or `FuncArgumentCount`?"
                    .into()
            )
        );
        assert!(check("{{ . ").is_err());
        let out = expand("{{ .FuncArgument 2 }}", data());
        assert!(
            out.as_ref().is_err_and(|e| e.contains("there are 2 parameters, and 2 is asked for")),
            "{out:?}"
        );
        let mut alone = data();
        alone.function = None;
        assert!(expand("{{ .FuncName }}", alone).is_err());
    }
}

//! What directive comments for people say: `//weave:span checkout order.id:$id tier:"very gold"`.
//!
//! The words are `key:value` or `key:"value"`, separated by white space. In directives of the name space `weave` the first word
//! may be the name of the operation, a value `$p` is the parameter or receiver `p`, and `args:p,q` (`args:*`) means `p:$p q:$q`
//! (and so on for all of them). In those of others (`//dd:span`, `//otelc:span`) every value is text, and a word without a
//! colon is a key without one, as their own tools read them. `span.name`, and in ours also `name`, is the name of the operation.

/// A word of a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub key: String,
    pub value: Value,
}

/// What stands behind the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    /// The parameter or receiver of this name.
    Parameter(String),
}

/// What a directive says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// The name of the operation.
    pub name: Option<String>,
    pub pairs: Vec<Pair>,
}

/// A mistake: where in the arguments, and what.
pub(crate) type Mistake = (usize, String);

/// Read the arguments of a directive. `names` are those of receiver and parameters of the function.
pub(crate) fn read(namespace: &str, directive: &str, args: &str, names: &[&str]) -> Result<Said, Mistake> {
    let ours = namespace == "weave";
    let mut said = Said::default();
    let mut at = 0;
    let mut first = true;
    loop {
        at += args[at..].len() - args[at..].trim_start().len();
        if at == args.len() {
            return Ok(said);
        }
        let begin = at;
        let word = &args[at..];
        let end = word.find([':', ' ', '\t', '"']).unwrap_or(word.len());
        let (key, rest) = word.split_at(end);
        at += end;
        let bare = !rest.starts_with(':');
        if rest.starts_with('"') || (!bare && key.is_empty()) {
            return Err((
                begin,
                "a key belongs before `:` and a quoted value after it, as in `key:\"a value\"`".into(),
            ));
        }
        if bare {
            match (ours, first) {
                (true, true) => said.name = Some(key.to_owned()),
                (true, false) => return Err((begin, format!("`{key}` has no value: write `{key}:VALUE`"))),
                _ => said.pairs.push(Pair { key: key.to_owned(), value: Value::Text(String::new()) }),
            }
            first = false;
            continue;
        }
        first = false;
        at += 1;
        let (value, quoted, length) = value(&args[at..]).map_err(|(offset, m)| (at + offset, m))?;
        let value_at = at;
        at += length;
        let known = |name: &str| {
            if names.contains(&name) {
                return Ok(name.to_owned());
            }
            let near = weave_rules::did_you_mean(name, names.iter().copied());
            let all = || match names {
                [] => "it has none".to_owned(),
                _ => format!("there are {}", names.join(", ")),
            };
            Err((
                value_at,
                format!("`{name}` names no parameter of the function: {}", near.unwrap_or_else(all)),
            ))
        };
        match key {
            "span.name" if value.is_empty() => return Err((begin, "the name is empty".into())),
            "span.name" => said.name = Some(value),
            "name" if ours => said.name = Some(value),
            "args" if ours && !quoted => {
                for name in if value == "*" { names.to_vec() } else { value.split(',').collect() } {
                    said.pairs.push(Pair { key: name.to_owned(), value: Value::Parameter(known(name)?) });
                }
            }
            "level"
                if ours
                    && directive == "log"
                    && !["debug", "info", "warn", "error"].contains(&value.as_str()) =>
            {
                return Err((
                    value_at,
                    format!("`{value}` is no level: there are debug, info, warn and error"),
                ));
            }
            _ => {
                let value = match value.strip_prefix('$').filter(|_| ours && !quoted) {
                    Some(name) => Value::Parameter(known(name)?),
                    None => Value::Text(value),
                };
                said.pairs.push(Pair { key: key.to_owned(), value });
            }
        }
    }
}

/// A value, whether it is quoted, and its length as it is written.
fn value(text: &str) -> Result<(String, bool, usize), Mistake> {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t']).unwrap_or(text.len());
        if let Some(quote) = text[..end].find('"') {
            return Err((quote, "a quote begins inside a value: quote all of it".into()));
        }
        return Ok((text[..end].to_owned(), false, end));
    };
    let mut out = String::new();
    let mut chars = inner.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some((_, c @ ('"' | '\\'))) => out.push(c),
                _ => return Err((i + 1, "a backslash stands before neither a quote nor a backslash".into())),
            },
            '"' => {
                let length = i + 2;
                if text.get(length..).is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace())) {
                    return Err((length, "white space belongs after a quoted value".into()));
                }
                return Ok((out, true, length));
            }
            c => out.push(c),
        }
    }
    Err((0, "the quote is not closed".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(namespace: &str, directive: &str, args: &str) -> String {
        match read(namespace, directive, args, &["s", "ctx", "id"]) {
            Ok(said) => {
                let pairs = said.pairs.iter().map(|p| match &p.value {
                    Value::Text(t) => format!("{}={t:?}", p.key),
                    Value::Parameter(t) => format!("{}={t}", p.key),
                });
                let all: Vec<String> = said.name.iter().map(|n| format!("<{n}>")).chain(pairs).collect();
                all.join(" ")
            }
            Err((at, message)) => format!("{at}: {message}"),
        }
    }

    #[test]
    fn directives_are_read() {
        for (directive, args, want) in [
            ("weave:span", "", ""),
            ("weave:span", "checkout", "<checkout>"),
            ("weave:span", "checkout tier:gold id:$id", "<checkout> tier=\"gold\" id=id"),
            (
                "weave:span",
                "  name:\"check out\"\tnote:\"a \\\"b\\\" \\\\\"",
                "<check out> note=\"a \\\"b\\\" \\\\\"",
            ),
            ("weave:span", "args:id,s", "id=id s=s"),
            ("weave:span", "args:*", "s=s ctx=ctx id=id"),
            ("weave:span", "price:\"$id\"", "price=\"$id\""),
            ("weave:log", "level:debug", "level=\"debug\""),
            (
                "dd:span",
                "span.name:my.op foo:bar type:$id empty",
                "<my.op> foo=\"bar\" type=\"$id\" empty=\"\"",
            ),
            ("dd:span", "name:x args:*", "name=\"x\" args=\"*\""),
            ("otelc:span", "span.name:\"x y\" a:b:c", "<x y> a=\"b:c\""),
            ("weave:span", "a b", "2: `b` has no value: write `b:VALUE`"),
            ("weave:span", "a:\"b", "2: the quote is not closed"),
            ("weave:span", "a:b\"c\"", "3: a quote begins inside a value: quote all of it"),
            ("weave:span", "a:\"b\"c", "5: white space belongs after a quoted value"),
            ("weave:span", "a:\"\\n\"", "3: a backslash stands before neither a quote nor a backslash"),
            (
                "weave:span",
                "x:1 :b",
                "4: a key belongs before `:` and a quoted value after it, as in `key:\"a value\"`",
            ),
            ("weave:span", "a:$i", "2: `i` names no parameter of the function: did you mean `id` or `s`?"),
            (
                "weave:span",
                "args:nothing",
                "5: `nothing` names no parameter of the function: there are s, ctx, id",
            ),
            ("weave:log", "level:loud", "6: `loud` is no level: there are debug, info, warn and error"),
            ("weave:span", "span.name:", "0: the name is empty"),
        ] {
            let (namespace, name) = directive.split_once(':').expect("it has a name space");
            assert_eq!(said(namespace, name, args), want, "{directive} {args}");
        }
    }
}

//! Directive comments for people: `//weave:span checkout order.id:$id tier:"very gold"`.
//!
//! The words are `key:value` or `key:"value"`, separated by white space. In directives of the name space `weave` the first word
//! may be the name of the operation, also in quotes, a value `$p` is the parameter or receiver `p`, and `args:p,q` (`args:*`) means
//! `p:$p q:$q` (and so on for all of them). In those of others (`//dd:span`, `//otelc:span`) every value is text, and a word without
//! a colon is a key without one, as their own tools read them. `span.name`, and in ours also `name`, is the name of the operation.

use crate::messages;
use weave_syntax::Directive;

/// The comments with which a person keeps something from being woven, wherever they stand: ours, and those of other tools.
const IGNORE: [(&str, &str); 4] =
    [("weave", "ignore"), ("orchestrion", "ignore"), ("dd", "ignore"), ("otelc", "ignore")];

/// Returns whether a directive keeps what it stands before from being woven.
pub(crate) fn ignores(d: &Directive<'_>) -> bool {
    IGNORE.contains(&(d.namespace, d.name))
}

/// Returns whether a directive keeps the whole package from being woven.
pub(crate) fn ignores_package(d: &Directive<'_>) -> bool {
    (d.namespace, d.name, d.args) == ("weave", "ignore", "package")
}

/// The words that mean something behind `//weave:` whatever the rules.
const OWN: [&str; 3] = ["ignore", "log", "span"];

/// Returns why a comment that looks like one for the weaver is none, and would be passed over; `None` if it is one, or no such comment.
/// `asked` are the directives of rules, `header` says whether it stands above the package clause.
pub(crate) fn mistaken(
    comment: &str,
    asked: &dyn Fn(&str) -> bool,
    header: bool,
) -> Option<(String, String)> {
    let text = comment.strip_prefix("//")?.trim_end();
    let word = text.trim_start();
    let apart = word.len() != text.len();
    let (space, rest) = word.split_once(':')?;
    let end = rest.find([' ', '\t']).unwrap_or(rest.len());
    let (name, args) = (&rest[..end], rest[end..].trim());
    let lower = (space.to_lowercase(), name.to_lowercase());
    let ours = lower.0 == "weave";
    let known = IGNORE.contains(&(&*lower.0, &*lower.1))
        || ours && OWN.contains(&&*lower.1)
        || [("dd", "span"), ("dd", "log"), ("otelc", "span")].contains(&(&*lower.0, &*lower.1));
    let written = format!("{space}:{name}");
    let right = format!("//{}:{}", lower.0, lower.1);
    if known {
        if apart && args.is_empty() {
            let message = messages::white_space(comment.trim_end());
            return Some((message, messages::help_write(&right)));
        }
        if !apart && (space, name) != (&*lower.0, &*lower.1) {
            return Some((messages::other_case(&written), messages::help_write(&right)));
        }
        let whole = lower == ("weave".to_owned(), "ignore".to_owned()) && !apart;
        if whole && args == "package" && !header {
            let message = messages::ignored_package_place().to_owned();
            return Some((message, messages::help_ignored_package_place().into()));
        }
        if whole
            && args != "package"
            && weave_ir::did_you_mean(args, ["package"]).is_some()
            && !args.contains(' ')
        {
            let message = messages::ignored_arguments(args);
            return Some((message, messages::help_ignored_arguments().into()));
        }
        return None;
    }
    if apart || !ours || asked(&written) {
        return None;
    }
    let near = weave_ir::nearest(&lower.1, OWN);
    near.first().map(|n| (messages::unknown_directive(&written), messages::help_unknown_directive(n)))
}

/// A word of a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub key: String,
    pub value: Value,
}

/// Value after the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    /// The parameter or receiver of this name.
    Parameter(String),
}

/// Content of a directive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// The name of the operation.
    pub name: Option<String>,
    pub pairs: Vec<Pair>,
}

/// A mistake: where in the arguments, and what.
pub(crate) type Mistake = (usize, String);

/// Reads the arguments of a directive. `names` are those of receiver and parameters of the function.
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
        if ours && first && key.is_empty() && rest.starts_with('"') {
            let (name, _, length) = value(rest).map_err(|(offset, m)| (begin + offset, m))?;
            if name.trim().is_empty() {
                return Err((begin, messages::empty_name().into()));
            }
            said.name = Some(name);
            at = begin + length;
            first = false;
            continue;
        }
        if rest.starts_with('"') || (!bare && key.is_empty()) {
            return Err((begin, messages::key_in_quotes().into()));
        }
        if bare {
            match (ours, first) {
                (true, true) => said.name = Some(key.to_owned()),
                (true, false) => {
                    let name = match (&said.name, said.pairs.is_empty()) {
                        (Some(name), true) => messages::or_name(name, key),
                        _ => String::new(),
                    };
                    return Err((begin, messages::key_without_value(key, &name)));
                }
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
            let near = weave_ir::did_you_mean(name, names.iter().copied());
            let all = || match names {
                [] => messages::it_has_none().to_owned(),
                _ => messages::there_are(names.join(", ")),
            };
            Err((value_at, messages::no_directive_parameter(name, near.unwrap_or_else(all))))
        };
        match key {
            "span.name" if value.is_empty() => return Err((begin, messages::empty_name().into())),
            "name" if ours && value.is_empty() => return Err((begin, messages::empty_name().into())),
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
                return Err((value_at, messages::no_level(&value)));
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
            return Err((quote, messages::quote_inside_value().into()));
        }
        return Ok((text[..end].to_owned(), false, end));
    };
    let mut out = String::new();
    let mut chars = inner.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some((_, c @ ('"' | '\\'))) => out.push(c),
                _ => return Err((i + 1, messages::stray_backslash().into())),
            },
            '"' => {
                let length = i + 2;
                if text.get(length..).is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace())) {
                    return Err((length, messages::quote_and_more().into()));
                }
                return Ok((out, true, length));
            }
            c => out.push(c),
        }
    }
    Err((0, messages::quote_not_closed().into()))
}

/// The value of `KEY:value` or `KEY:"value with spaces"` among the words of a directive comment.
pub(crate) fn otelc_value(args: &str, key: &str) -> Option<String> {
    otelc_words(args).into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// The words of a directive comment as otelc reads them: `KEY:value`, `KEY:"value with spaces"`, or `KEY` alone.
pub(crate) fn otelc_words(args: &str) -> Vec<(String, String)> {
    let mut words = Vec::new();
    let mut rest = args.trim_start();
    while !rest.is_empty() {
        let end = rest.find([':', ' ', '\t']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let (value, next) = match after.strip_prefix(':') {
            Some(v) if v.starts_with('"') => {
                let close = v[1..].find('"').map_or(v.len(), |i| i + 1);
                (v[1..close.min(v.len())].to_owned(), v.get(close + 1..).unwrap_or_default())
            }
            Some(v) => {
                let end = v.find([' ', '\t']).unwrap_or(v.len());
                (v[..end].to_owned(), &v[end..])
            }
            None => (String::new(), after),
        };
        words.push((name.to_owned(), value));
        rest = next.trim_start();
    }
    words
}

/// The words of a directive comment as Orchestrion reads them: apart by spaces, `key:value`, with quotes around values that have spaces.
pub(crate) fn orchestrion_words(args: &str) -> Vec<(String, String)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in args.chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(q)) if c == q => quote = None,
            (' ', None) => {
                words.push(std::mem::take(&mut word));
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    words.push(word);
    words.retain(|w| !w.is_empty());
    let unquote = |v: &str| {
        let quoted = |q: char| v.len() > 1 && v.starts_with(q) && v.ends_with(q);
        if quoted('"') || quoted('\'') { v[1..v.len() - 1].to_owned() } else { v.to_owned() }
    };
    let pair = |w: &String| match w.split_once(':') {
        Some((key, value)) => (key.to_owned(), unquote(value)),
        None => (w.clone(), String::new()),
    };
    words.iter().map(pair).collect()
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
            ("weave:span", "\"check out\"", "<check out>"),
            ("weave:span", "\"check out\" tier:gold id:$id", "<check out> tier=\"gold\" id=id"),
            ("weave:span", "\"x:y\"", "<x:y>"),
            ("weave:span", "span.name:\"x y\"", "<x y>"),
            ("weave:span", "\" \"", "0: the name is empty"),
            ("weave:span", "name:", "0: the name is empty"),
            ("weave:span", "\"a\"b", "3: white space must follow a quoted value"),
            ("weave:span", "\"a", "0: the quote is not closed"),
            ("weave:span", "note:\"a, id, b\" id:$id", "note=\"a, id, b\" id=id"),
            (
                "weave:span",
                "a \"b\"",
                "2: a key belongs before `:` and a quoted value after it, as in `key:\"a value\"`",
            ),
            ("weave:span", "a b", "2: `b` has no value: write `b:VALUE`, or `\"a b\"` if both are the name"),
            ("weave:span", "a b:c d", "6: `d` has no value: write `d:VALUE`"),
            ("weave:span", "a:\"b", "2: the quote is not closed"),
            ("weave:span", "a:b\"c\"", "3: a quote begins inside a value: quote all of it"),
            ("weave:span", "a:\"b\"c", "5: white space must follow a quoted value"),
            ("weave:span", "a:\"\\n\"", "3: a backslash must precede a quote or a backslash"),
            (
                "weave:span",
                "x:1 :b",
                "4: a key belongs before `:` and a quoted value after it, as in `key:\"a value\"`",
            ),
            ("weave:span", "a:$i", "2: unknown parameter `i`: did you mean `id` or `s`?"),
            ("weave:span", "args:nothing", "5: unknown parameter `nothing`: there are s, ctx, id"),
            ("weave:log", "level:loud", "6: unknown level `loud`: write debug, info, warn or error"),
            ("weave:span", "span.name:", "0: the name is empty"),
        ] {
            let (namespace, name) = directive.split_once(':').expect("it has a name space");
            assert_eq!(said(namespace, name, args), want, "{directive} {args}");
        }
    }

    #[test]
    fn directives_of_orchestrion_have_words() {
        let words = |s: &str| {
            orchestrion_words(s).iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("|")
        };
        assert_eq!(words("span.name:op  other:tag"), "span.name=op|other=tag");
        assert_eq!(words(r#"a:"b c" d:'e "f' g"#), r#"a=b c|d=e "f|g="#);
        assert_eq!(words("url:http://x"), "url=http://x");
        assert_eq!(words(""), "");
    }
}

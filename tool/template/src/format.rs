//! Formatting of values, and the verbs of `printf`.

use std::fmt;

use crate::Value;
use crate::escape::quote;
use crate::messages;

/// The verbs of `printf`; with flags, widths, precisions and numbers of arguments no rule file has them.
const VERBS: [char; 4] = ['d', 'q', 's', 'v'];

/// Prints as `fmt.Sprint` does: spaces between operands of which neither is a string.
pub(crate) fn sprint(values: &[Value<'_>]) -> String {
    let mut out = String::new();
    for (i, value) in values.iter().enumerate() {
        let is_string = |v: &Value<'_>| matches!(v, Value::Str(_));
        if i > 0 && !is_string(value) && !is_string(&values[i - 1]) {
            out.push(' ');
        }
        print(value, &mut out);
    }
    out
}

/// A value as `%v` prints it.
fn print(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Nil => out.push_str("<nil>"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(i) => out.push_str(&i.to_string()),
        Value::Str(s) => out.push_str(s),
        Value::List(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                out.push_str(if i > 0 { " " } else { "" });
                print(item, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push_str("map[");
            for (i, (key, item)) in map.iter().enumerate() {
                out.push_str(if i > 0 { " " } else { "" });
                out.push_str(key);
                out.push(':');
                print(item, out);
            }
            out.push(']');
        }
        Value::Object(o) => out.push_str(&o.text()),
    }
}

/// A format: text and the verbs in it.
enum Piece<'f> {
    Text(&'f str),
    Verb(char),
}

fn pieces(format: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut out = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push(Piece::Text(&rest[..at]));
        let directive = &rest[at..];
        let verb = directive[1..].find(|c: char| c.is_alphabetic() || c == '%');
        let shown = verb.map_or(directive, |i| {
            let length = directive[1 + i..].chars().next().map_or(0, char::len_utf8);
            &directive[..1 + i + length]
        });
        match directive[1..].chars().next() {
            Some('%') => out.push(Piece::Text("%")),
            Some(verb) if VERBS.contains(&verb) => out.push(Piece::Verb(verb)),
            _ => {
                return Err(messages::unsupported_format(shown));
            }
        }
        rest = &directive[2..];
    }
    out.push(Piece::Text(rest));
    Ok(out)
}

/// Refuses a format with verbs that are not known.
pub(crate) fn check(format: &str) -> Result<(), String> {
    pieces(format).map(drop)
}

/// Prints as `fmt.Sprintf` does, for the verbs that are known; what Go prints as a mistake, such as `%!d(MISSING)`, is an error.
pub(crate) fn sprintf(format: &str, arguments: &[Value<'_>]) -> Result<String, String> {
    let pieces = pieces(format)?;
    let verbs = pieces.iter().filter(|p| matches!(p, Piece::Verb(_))).count();
    if verbs != arguments.len() {
        return Err(messages::verbs_and_values(verbs, arguments.len()));
    }
    let mut out = String::new();
    let mut next = arguments.iter();
    for piece in &pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Verb(verb) => {
                if let Some(value) = next.next() {
                    print_as(*verb, value, &mut out)?;
                }
            }
        }
    }
    Ok(out)
}

/// A value as a verb prints it.
fn print_as(verb: char, value: &Value<'_>, out: &mut String) -> Result<(), String> {
    match (verb, value) {
        ('v', _) | ('s', Value::Str(_) | Value::Object(_)) | ('d', Value::Int(_)) => print(value, out),
        ('q', Value::Str(s)) => out.push_str(&quote(s)),
        ('q', Value::Object(o)) => out.push_str(&quote(&o.text())),
        (_, Value::List(list)) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                out.push_str(if i > 0 { " " } else { "" });
                print_as(verb, item, out)?;
            }
            out.push(']');
        }
        _ => return Err(messages::verb_of_other_type(verb, value.type_name())),
    }
    Ok(())
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sprint(std::slice::from_ref(self)))
    }
}

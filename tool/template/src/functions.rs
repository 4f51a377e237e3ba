//! The predefined functions.

use crate::messages;
use crate::{Value, format};

const NAMES: [&str; 9] = ["and", "eq", "index", "len", "ne", "not", "or", "print", "printf"];

/// Functions of Go's that no rule file of Orchestrion, dd-trace-go or otelc uses.
const LEFT_OUT: [&str; 10] = ["call", "ge", "gt", "html", "js", "le", "lt", "println", "slice", "urlquery"];

pub(crate) fn is_predefined(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Returns whether Go has a function that is not here.
pub(crate) fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name)
}

/// Calls one of them, `and` and `or` aside.
pub(crate) fn call<'a>(name: &str, arguments: &[Value<'a>]) -> Result<Value<'a>, String> {
    let want = |n: usize| match arguments.len() == n {
        true => Ok(()),
        false => Err(messages::number_of_arguments(n, arguments.len())),
    };
    let first = || arguments.first().ok_or_else(|| messages::no_arguments().to_owned());
    match name {
        "print" => Ok(Value::string(format::sprint(arguments))),
        "printf" => match first()? {
            Value::Str(f) => format::sprintf(f, &arguments[1..]).map(Value::string),
            other => Err(messages::not_a_string(other.type_name())),
        },
        "not" => {
            want(1)?;
            Ok(Value::Bool(!arguments[0].truth()))
        }
        "len" => {
            want(1)?;
            length(&arguments[0])
        }
        "index" => index(first()?, &arguments[1..]),
        "eq" => {
            let first = first()?;
            if arguments.len() < 2 {
                return Err(messages::missing_argument().into());
            }
            let mut found = false;
            for other in &arguments[1..] {
                found = found || equal(first, other)?;
            }
            Ok(Value::Bool(found))
        }
        "ne" => {
            want(2)?;
            equal(&arguments[0], &arguments[1]).map(|e| Value::Bool(!e))
        }
        _ => Err(messages::no_such_function().into()),
    }
}

fn length<'a>(value: &Value<'a>) -> Result<Value<'a>, String> {
    let n = match value {
        Value::Str(s) => s.len(),
        Value::List(l) => l.len(),
        Value::Map(m) => m.len(),
        Value::Nil => return Err(messages::length_of_nil().into()),
        other => return Err(messages::length_of(other.type_name())),
    };
    Ok(Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
}

fn position<'a>(value: &Value<'a>, limit: usize) -> Result<usize, String> {
    let n = match value {
        Value::Int(i) => usize::try_from(*i).map_err(|_| messages::index_out_of_range(i))?,
        Value::Nil => return Err(messages::index_nil().into()),
        other => return Err(messages::index_type(other.type_name())),
    };
    if n < limit { Ok(n) } else { Err(messages::index_out_of_range(n)) }
}

fn index<'a>(value: &Value<'a>, indexes: &[Value<'a>]) -> Result<Value<'a>, String> {
    let mut value = value.clone();
    if matches!(value, Value::Nil) {
        return Err(messages::index_of_untyped_nil().into());
    }
    for i in indexes {
        value = match &value {
            Value::List(list) => list[position(i, list.len())?].clone(),
            Value::Str(s) => Value::Int(i64::from(s.as_bytes()[position(i, s.len())?])),
            Value::Map(map) => match i {
                Value::Str(key) => map.get(&**key).cloned().unwrap_or(Value::Nil),
                other => {
                    return Err(messages::key_is_no_string(other.type_name()));
                }
            },
            Value::Nil => return Err(messages::index_of_nil().into()),
            other => return Err(messages::not_indexable(other.type_name())),
        };
    }
    Ok(value)
}

fn equal<'a>(a: &Value<'a>, b: &Value<'a>) -> Result<bool, String> {
    Ok(match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Nil, other) | (other, Value::Nil) => {
            if matches!(other, Value::List(_) | Value::Map(_)) {
                return Ok(false);
            }
            false
        }
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Object(a), Value::Object(b)) => std::rc::Rc::ptr_eq(a, b),
        (Value::List(_) | Value::Map(_), _) | (_, Value::List(_) | Value::Map(_)) => {
            return Err(messages::not_comparable(a.type_name(), b.type_name()));
        }
        _ => return Err(messages::incompatible().into()),
    })
}

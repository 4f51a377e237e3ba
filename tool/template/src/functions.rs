//! The predefined functions.

use std::cmp::Ordering;

use crate::{Value, format};

const NAMES: [&str; 13] =
    ["and", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or", "print", "printf"];

/// Functions of Go's that no rule file of Orchestrion, dd-trace-go or otelc uses.
const LEFT_OUT: [&str; 6] = ["call", "html", "js", "println", "slice", "urlquery"];

pub(crate) fn is_predefined(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Whether Go has a function that is not here.
pub(crate) fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name)
}

/// Call one of them, `and` and `or` aside.
pub(crate) fn call<'a>(name: &str, arguments: &[Value<'a>]) -> Result<Value<'a>, String> {
    let want = |n: usize| match arguments.len() == n {
        true => Ok(()),
        false => Err(format!("wrong number of args: want {n} got {}", arguments.len())),
    };
    let first = || arguments.first().ok_or_else(|| "wrong number of args: want at least 1 got 0".to_owned());
    match name {
        "print" => Ok(Value::string(format::sprint(arguments))),
        "printf" => match first()? {
            Value::Str(f) => Ok(Value::string(format::sprintf(f, &arguments[1..]))),
            other => Err(format!("wrong type for value; expected string; got {}", other.type_name())),
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
                return Err("missing argument for comparison".into());
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
        "lt" | "le" | "gt" | "ge" => {
            want(2)?;
            let order = order(&arguments[0], &arguments[1])?;
            Ok(Value::Bool(match (name, order) {
                (_, None) => false,
                ("lt", Some(o)) => o == Ordering::Less,
                ("le", Some(o)) => o != Ordering::Greater,
                ("gt", Some(o)) => o == Ordering::Greater,
                (_, Some(o)) => o != Ordering::Less,
            }))
        }
        _ => Err("no such function".into()),
    }
}

fn length<'a>(value: &Value<'a>) -> Result<Value<'a>, String> {
    let n = match value {
        Value::Str(s) => s.len(),
        Value::List(l) => l.len(),
        Value::Map(m) => m.len(),
        Value::Nil => return Err("len of nil pointer".into()),
        other => return Err(format!("len of type {}", other.type_name())),
    };
    Ok(Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
}

fn position<'a>(value: &Value<'a>, limit: usize) -> Result<usize, String> {
    let n = match value {
        Value::Int(i) => usize::try_from(*i).map_err(|_| format!("index out of range: {i}"))?,
        Value::Uint(u) => usize::try_from(*u).map_err(|_| format!("index out of range: {u}"))?,
        Value::Nil => return Err("cannot index slice/array with nil".into()),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name())),
    };
    if n < limit { Ok(n) } else { Err(format!("index out of range: {n}")) }
}

fn index<'a>(value: &Value<'a>, indexes: &[Value<'a>]) -> Result<Value<'a>, String> {
    let mut value = value.clone();
    if matches!(value, Value::Nil) {
        return Err("index of untyped nil".into());
    }
    for i in indexes {
        value = match &value {
            Value::List(list) => list[position(i, list.len())?].clone(),
            Value::Str(s) => Value::Uint(u64::from(s.as_bytes()[position(i, s.len())?])),
            Value::Map(map) => match i {
                Value::Str(key) => map.get(&**key).cloned().unwrap_or(Value::Nil),
                other => {
                    return Err(format!("value has type {}; should be string", other.type_name()));
                }
            },
            Value::Nil => return Err("index of nil pointer".into()),
            other => return Err(format!("can't index item of type {}", other.type_name())),
        };
    }
    Ok(value)
}

fn equal<'a>(a: &Value<'a>, b: &Value<'a>) -> Result<bool, String> {
    Ok(match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Nil, other) | (other, Value::Nil) => {
            if matches!(other, Value::List(_) | Value::Map(_) | Value::Function(_)) {
                return Ok(false);
            }
            false
        }
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Uint(a), Value::Uint(b)) => a == b,
        (Value::Int(i), Value::Uint(u)) | (Value::Uint(u), Value::Int(i)) => {
            u64::try_from(*i).is_ok_and(|i| i == *u)
        }
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Complex(a, b), Value::Complex(c, d)) => a == c && b == d,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Object(a), Value::Object(b)) => std::rc::Rc::ptr_eq(a, b),
        (Value::List(_) | Value::Map(_) | Value::Function(_), _)
        | (_, Value::List(_) | Value::Map(_) | Value::Function(_)) => {
            return Err(format!("non-comparable types {}, {}", a.type_name(), b.type_name()));
        }
        _ => return Err("incompatible types for comparison".into()),
    })
}

fn order<'a>(a: &Value<'a>, b: &Value<'a>) -> Result<Option<Ordering>, String> {
    Ok(match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Uint(a), Value::Uint(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Uint(b)) => Some(u64::try_from(*a).map_or(Ordering::Less, |a| a.cmp(b))),
        (Value::Uint(a), Value::Int(b)) => Some(u64::try_from(*b).map_or(Ordering::Greater, |b| a.cmp(&b))),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        _ => {
            let basic = |v: &Value<'a>| {
                matches!(
                    v,
                    Value::Bool(_)
                        | Value::Int(_)
                        | Value::Uint(_)
                        | Value::Float(_)
                        | Value::Complex(..)
                        | Value::Str(_)
                )
            };
            return Err(if basic(a) && basic(b) && a.type_name() != b.type_name() {
                "incompatible types for comparison".into()
            } else {
                "invalid type for comparison".into()
            });
        }
    })
}

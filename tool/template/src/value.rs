//! Data of templates.

use std::collections::BTreeMap;
use std::rc::Rc;

/// A value.
#[derive(Clone)]
pub enum Value<'a> {
    /// No value.
    Nil,
    /// A boolean.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A string.
    Str(Rc<str>),
    /// A list.
    List(Rc<[Value<'a>]>),
    /// A mapping from strings.
    Map(Rc<BTreeMap<String, Value<'a>>>),
    /// An object of the host.
    Object(Rc<dyn Object<'a> + 'a>),
}

/// Something that the host has: its members are asked for by name.
pub trait Object<'a> {
    /// The name of its type, for messages.
    fn type_name(&self) -> String;

    /// A field, which takes no arguments, or the result of a method; `None` if there is no such member.
    ///
    /// # Errors
    ///
    /// The error of the method, or the reason why it does not take these arguments.
    fn member(&self, name: &str, arguments: &[Value<'a>]) -> Result<Option<Value<'a>>, String>;

    /// Returns how it is printed.
    fn text(&self) -> String;

    /// Returns whether it counts as true.
    fn truth(&self) -> bool {
        true
    }
}

impl<'a> Value<'a> {
    /// A string.
    #[must_use]
    pub fn string(text: impl AsRef<str>) -> Self {
        Self::Str(Rc::from(text.as_ref()))
    }

    /// A list.
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Value<'a>>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// An object.
    #[must_use]
    pub fn object(object: impl Object<'a> + 'a) -> Self {
        Self::Object(Rc::new(object))
    }

    /// Returns whether it counts as true: nothing, false, zero and what is empty do not.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(b) => *b,
            Self::Int(i) => *i != 0,
            Self::Str(s) => !s.is_empty(),
            Self::List(l) => !l.is_empty(),
            Self::Map(m) => !m.is_empty(),
            Self::Object(o) => o.truth(),
        }
    }

    /// The name of its type, as Go has it.
    #[must_use]
    pub fn type_name(&self) -> String {
        match self {
            Self::Nil => "<nil>".into(),
            Self::Bool(_) => "bool".into(),
            Self::Int(_) => "int".into(),
            Self::Str(_) => "string".into(),
            Self::List(_) => "[]interface {}".into(),
            Self::Map(_) => "map[string]interface {}".into(),
            Self::Object(o) => o.type_name(),
        }
    }
}

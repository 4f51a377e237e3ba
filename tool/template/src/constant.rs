//! Values that stand in a template.

/// A value that stands in the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Constant {
    Bool(bool),
    Int(i64),
    Str(String),
}

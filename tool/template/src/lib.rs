//! The language of Go's `text/template`.
//!
//! What the package documentation of `text/template` (Go 1.26) describes: actions, pipelines, variables, `if`, `with`, `range`
//! with `break` and `continue`, `define`, `template`, `block`, comments, trim markers, predefined functions, their rules of
//! truth and comparison. Data are [`Value`]s; an [`Object`] of the host answers for
//! its fields and methods.
//!
//! What differs: what no rule file uses is refused by name, when the template is read. These are the functions `call`, `ge`, `gt`,
//! `html`, `js`, `le`, `lt`, `println`, `slice` and `urlquery`, numbers that are no decimal integers, character constants, and in the
//! format of `printf` all but `%s`, `%q`, `%v`, `%d` and `%%` as they are. What Go prints as a mistake of a format is an error. A
//! string is always UTF-8.
//!
//! **Architecture invariant:** nothing here knows Go source or weaving.

mod constant;
mod escape;
mod exec;
mod format;
mod functions;
mod lex;
mod messages;
mod number;
mod parse;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

pub use value::{Object, Value};

/// A function of the host: it is given its arguments, and gives its result or why there is none.
pub type Function<'a> = Rc<dyn Fn(&[Value<'a>]) -> Result<Value<'a>, String> + 'a>;

/// Functions of the host, by name. They hide predefined ones.
pub type Functions<'a> = BTreeMap<String, Function<'a>>;

/// Fault of a template, or of its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Line of the template, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub col: u32,
    /// The fault: lower case, no full stop.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.col, self.message)
    }
}

impl std::error::Error for Error {}

impl Error {
    fn new(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        let col = before.iter().rev().take_while(|&&b| b != b'\n').count() + 1;
        Self {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            col: u32::try_from(col).unwrap_or(u32::MAX),
            message: message.into(),
        }
    }
}

/// A template that has been read.
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    root: Vec<parse::Node>,
    defined: BTreeMap<String, Vec<parse::Node>>,
}

impl Template {
    /// Reads a template; `functions` are the names of the host's functions.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn parse(text: &str, functions: &[&str]) -> Result<Self, Error> {
        let (root, defined) = parse::parse(text, functions)?;
        Ok(Self { text: text.to_owned(), root, defined })
    }

    /// Runs the template.
    ///
    /// # Errors
    ///
    /// The first thing that goes wrong: a field that is not there, an argument of the wrong type, an error of a function.
    pub fn execute<'a>(&self, data: &Value<'a>, functions: &Functions<'a>) -> Result<String, Error> {
        exec::execute(&self.text, &self.root, &self.defined, data, functions)
    }

    /// The names of the fields and methods that the template mentions, as it writes them: `.Function.Name` gives
    /// `Function` and `Name`.
    #[must_use]
    pub fn members(&self) -> Vec<&str> {
        let mut out = Vec::new();
        for list in std::iter::once(&self.root).chain(self.defined.values()) {
            parse::members(list, &mut out);
        }
        out
    }

    /// Returns what calls of a member are given first: `.Function.Result "error"` has `error` for `Result`; `None` where that is no
    /// string that stands in the template.
    #[must_use]
    pub fn first_arguments(&self, member: &str) -> Vec<Option<String>> {
        let mut out = Vec::new();
        for list in std::iter::once(&self.root).chain(self.defined.values()) {
            parse::first_arguments(list, member, &mut out);
        }
        out
    }
}

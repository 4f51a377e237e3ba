//! Diagnostics: the fault, its place, and the next step.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in a file, as `path:line:col`; line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// The path as it was given to the tool.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub col: u32,
}

impl Location {
    /// A place in `file`.
    #[must_use]
    pub fn new(file: impl Into<String>, line: u32, col: u32) -> Self {
        Self { file: file.into(), line, col }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.col)
    }
}

/// A further place or fact that belongs to a [`Diagnostic`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Location, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// The text.
    pub text: String,
}

/// One finding. Texts are lower case, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable name of the kind of finding, such as `function-not-found`.
    pub code: String,
    /// Location, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// The fault.
    pub message: String,
    /// More places and facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// The next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding of kind `code` at `at`.
    #[must_use]
    pub fn new(code: &str, at: Option<Location>, message: impl Into<String>) -> Self {
        Self { code: code.into(), at, message: message.into(), notes: Vec::new(), help: None }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, at: Location) -> Self {
        self.at = Some(at);
        self
    }

    /// Adds a place or a fact.
    #[must_use]
    pub fn note(mut self, at: Option<Location>, text: impl Into<String>) -> Self {
        self.notes.push(Note { at, text: text.into() });
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = &self.at {
            write!(f, "{at}: ")?;
        }
        write!(f, "{}", self.message)?;
        for note in &self.notes {
            let text = note.text.replace('\n', "\n    ");
            match &note.at {
                Some(at) => write!(f, "\n    {at}: {text}")?,
                None => write!(f, "\n    {text}")?,
            }
        }
        if let Some(help) = &self.help {
            write!(f, "\n    help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}

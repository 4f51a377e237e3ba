//! Faults of the input or of this program.

use std::fmt;

use weave_text::EditError;

use crate::package::typefacts::TypeFactsError;

/// A fault of the input or of this program, as opposed to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeaveError {
    /// Two files have one base name.
    SameName(String, String),
    /// The files do not agree on a package name, or none has one.
    PackageName(String),
    /// The type facts are not about this package.
    Types(TypeFactsError),
    /// Edits that do not go together, or an edit that cannot be undone.
    Edit(String, EditError),
    /// Inserted text ran into a token of the original.
    TokenLost {
        /// The place of the token.
        path: String,
        /// The token.
        token: String,
    },
    /// The woven text of a file is not Go.
    NotGo {
        /// The file.
        path: String,
        /// Message of the parser.
        message: String,
        /// The line of the woven text.
        line: String,
    },
}

impl fmt::Display for WeaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameName(a, b) => write!(f, "{a} and {b} would be written to one file"),
            Self::PackageName(p) => write!(f, "no file of {p} that is in the build has a package clause"),
            Self::Types(e) => write!(f, "{e}: make them again"),
            Self::Edit(path, e) => write!(f, "{path}: {e}"),
            Self::TokenLost { path, token } => {
                write!(f, "{path}: `{token}` is lost in the woven text, which is a fault of goweave")
            }
            Self::NotGo { path, message, line } => {
                write!(
                    f,
                    "{path}: the woven text is not Go, which is a fault of goweave: {message}\n    {line}"
                )
            }
        }
    }
}

impl std::error::Error for WeaveError {}

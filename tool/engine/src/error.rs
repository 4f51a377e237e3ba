//! Faults of the input or of this program.

use std::fmt;

use weave_text::EditError;

use crate::messages;
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
            Self::SameName(a, b) => f.write_str(&messages::same_file_name(a, b)),
            Self::PackageName(p) => f.write_str(&messages::no_package_clause(p)),
            Self::Types(e) => f.write_str(&messages::make_again(e)),
            Self::Edit(path, e) => write!(f, "{path}: {e}"),
            Self::TokenLost { path, token } => f.write_str(&messages::token_lost(path, token)),
            Self::NotGo { path, message, line } => {
                f.write_str(&messages::woven_is_not_go(path, message, line))
            }
        }
    }
}

impl std::error::Error for WeaveError {}

//! Byte offsets, line positions, text edits that keep every line where it is, and tables of messages.
//!
//! This crate knows nothing of Go and nothing of rules.
//!
//! **Architecture invariant:** an edit never changes the number of lines of a text, and never moves original text
//! that it does not replace to another line. [`TextEdit`] enforces it by construction: an inserted text has no line
//! break, a replacement has exactly those of the text that it replaces.
//!
//! **Architecture invariant:** every edit can be undone. [`TextEdit::apply`] proves it before it returns.

mod edit;
mod lines;
mod messages;
mod span;

pub use edit::{Applied, Edit, EditError, TextEdit, TextEditBuilder};
pub use lines::{LineCol, LineIndex};
pub use messages::{Shown, faults};
pub use span::Span;

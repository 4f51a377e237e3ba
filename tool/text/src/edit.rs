//! Text edits: sorted, disjoint, same-line, and proved to be undoable.

use std::fmt;

use crate::Span;
use crate::lines::breaks;

/// One change of a text: the bytes of `span` become `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Span that is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
    /// Owner, for messages: the rule that asked for it, as a person would name it.
    pub owner: String,
}

/// Reason why an edit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// Two edits change the same bytes, or one is inside what the other replaces.
    Conflict {
        /// The edit that starts first.
        first: Box<Edit>,
        /// The edit that overlaps it.
        second: Box<Edit>,
    },
    /// The edit would change the number of lines.
    LineBreak(Box<Edit>),
    /// The edit lies outside the text.
    OutOfRange(Box<Edit>, u32),
    /// Undoing the edits did not give the original text: a fault of this crate.
    NotUndone,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { first, second } => write!(
                f,
                "{} and {} both change bytes {} and {}",
                first.owner, second.owner, first.span, second.span
            ),
            Self::LineBreak(e) => {
                write!(f, "{} would change the number of lines at byte {}", e.owner, e.span.start)
            }
            Self::OutOfRange(e, len) => {
                write!(f, "{} edits bytes {} of a text of {len} bytes", e.owner, e.span)
            }
            Self::NotUndone => write!(f, "undoing the edits did not give the original text"),
        }
    }
}

impl std::error::Error for EditError {}

/// Collects edits in any order; [`TextEditBuilder::finish`] checks them.
#[derive(Debug, Default, Clone)]
pub struct TextEditBuilder {
    edits: Vec<Edit>,
}

impl TextEditBuilder {
    /// Inserts `text` before the byte at `at`.
    pub fn insert(&mut self, at: u32, text: impl Into<String>, owner: impl Into<String>) {
        self.edits.push(Edit { span: Span::empty(at), text: text.into(), owner: owner.into() });
    }

    /// Replaces the bytes of `span` by `text`.
    pub fn replace(&mut self, span: Span, text: impl Into<String>, owner: impl Into<String>) {
        self.edits.push(Edit { span, text: text.into(), owner: owner.into() });
    }

    /// Sorts the edits and checks them against the text that they are for.
    ///
    /// Order at one offset: the replacement that ends there, then insertions in the order of adding, then the
    /// replacement that starts there.
    ///
    /// # Errors
    ///
    /// Edits that overlap, that change the number of lines, or that lie outside `original`.
    pub fn finish(self, original: &[u8]) -> Result<TextEdit, EditError> {
        let mut edits = self.edits;
        let len = u32::try_from(original.len()).unwrap_or(u32::MAX);
        for e in &edits {
            if e.span.end > len || e.span.start > e.span.end {
                return Err(EditError::OutOfRange(Box::new(e.clone()), len));
            }
            if breaks(e.text.as_bytes()) != breaks(e.span.slice(original)) {
                return Err(EditError::LineBreak(Box::new(e.clone())));
            }
        }
        // The sort is stable, which is what keeps the order of adding among equals.
        edits.sort_by_key(|e| (e.span.start, !e.span.is_empty()));
        for pair in edits.windows(2) {
            if pair[0].span.end > pair[1].span.start {
                return Err(EditError::Conflict {
                    first: Box::new(pair[0].clone()),
                    second: Box::new(pair[1].clone()),
                });
            }
        }
        Ok(TextEdit { edits })
    }
}

/// A checked set of edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// Invariant: sorted by start, disjoint, none changes the number of line breaks.
    edits: Vec<Edit>,
}

/// The result of [`TextEdit::apply`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The text after the edits.
    pub text: Vec<u8>,
    /// Span of the new text of every edit in it, in the order of [`TextEdit::edits`].
    pub inserted: Vec<Span>,
}

impl TextEdit {
    /// The edits, sorted.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Returns whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Makes the edits, then undoes them and compares: the check cannot be turned off.
    ///
    /// # Errors
    ///
    /// [`EditError::NotUndone`] if the check fails, which is a fault of this crate or the wrong `original`.
    pub fn apply(&self, original: &[u8]) -> Result<Applied, EditError> {
        let added: usize = self.edits.iter().map(|e| e.text.len()).sum();
        let mut text = Vec::with_capacity(original.len() + added);
        let mut inserted = Vec::with_capacity(self.edits.len());
        let mut at = 0;
        for e in &self.edits {
            let Some(kept) = original.get(at..e.span.start as usize) else {
                return Err(EditError::OutOfRange(
                    Box::new(e.clone()),
                    u32::try_from(original.len()).unwrap_or(u32::MAX),
                ));
            };
            text.extend_from_slice(kept);
            let start = offset(text.len());
            text.extend_from_slice(e.text.as_bytes());
            inserted.push(Span::new(start, offset(text.len())));
            at = e.span.end as usize;
        }
        text.extend_from_slice(original.get(at..).ok_or(EditError::NotUndone)?);
        let applied = Applied { text, inserted };
        if self.is_undone(original, &applied) && breaks(&applied.text) == breaks(original) {
            Ok(applied)
        } else {
            Err(EditError::NotUndone)
        }
    }

    /// Returns whether `applied` without the new text, and with the replaced bytes in its place, is `original`.
    fn is_undone(&self, original: &[u8], applied: &Applied) -> bool {
        let mut rest = original;
        let mut at = 0;
        for (e, new) in self.edits.iter().zip(&applied.inserted) {
            let kept = applied.text.get(at..new.start as usize);
            let replaced = e.span.slice(original);
            let Some(after) = kept.and_then(|kept| rest.strip_prefix(kept)?.strip_prefix(replaced)) else {
                return false;
            };
            rest = after;
            at = new.end as usize;
        }
        applied.text.get(at..) == Some(rest)
    }
}

fn offset(len: usize) -> u32 {
    u32::try_from(len).expect("edited texts are shorter than 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A case: (start, end, text) for each edit.
    fn run(original: &str, edits: &[(u32, u32, &str)]) -> Result<String, String> {
        let mut b = TextEditBuilder::default();
        for (i, &(start, end, text)) in edits.iter().enumerate() {
            b.edits.push(Edit { span: Span::new(start, end), text: text.into(), owner: format!("rule {i}") });
        }
        let edit = b.finish(original.as_bytes()).map_err(|e| e.to_string())?;
        let applied = edit.apply(original.as_bytes()).map_err(|e| e.to_string())?;
        Ok(String::from_utf8(applied.text).expect("the cases are text"))
    }

    #[test]
    fn edits_apply_in_their_defined_order() {
        for (original, edits, want) in [
            ("abc", &[][..], "abc"),
            ("abc", &[(1, 1, "X")], "aXbc"),
            ("abc", &[(3, 3, "Z"), (0, 0, "A")], "AabcZ"),
            // One offset: the order of adding.
            ("ab", &[(1, 1, "1"), (1, 1, "2"), (1, 1, "3")], "a123b"),
            // Insertions stand before a replacement that starts at their offset and after one that ends there.
            ("abc", &[(1, 2, "B"), (1, 1, "<"), (2, 2, ">")], "a<B>c"),
            ("a\nb", &[(0, 3, "x\ny")], "x\ny"),
        ] {
            assert_eq!(run(original, edits).as_deref(), Ok(want), "{original} {edits:?}");
        }
    }

    #[test]
    fn bad_edits_are_refused_by_name() {
        for (original, edits, want) in [
            ("abcd", &[(0, 2, "x"), (1, 3, "y")][..], "rule 0 and rule 1 both change bytes 0..2 and 1..3"),
            ("abcd", &[(1, 1, "y"), (0, 2, "x")], "rule 1 and rule 0 both change bytes 0..2 and 1..1"),
            ("ab", &[(1, 1, "x\ny")], "rule 0 would change the number of lines at byte 1"),
            ("a\nb", &[(0, 3, "xy")], "rule 0 would change the number of lines at byte 0"),
            ("ab", &[(1, 3, "x")], "rule 0 edits bytes 1..3 of a text of 2 bytes"),
        ] {
            assert_eq!(run(original, edits), Err(want.to_owned()), "{original} {edits:?}");
        }
    }

    #[test]
    fn the_wrong_original_is_noticed() {
        let mut b = TextEditBuilder::default();
        b.replace(Span::new(0, 3), "x\ny", "rule");
        let edit = b.finish(b"a\nb").expect("the edit is good");
        assert_eq!(edit.apply(b"abc"), Err(EditError::NotUndone));
        assert!(edit.apply(b"c\nd").is_ok(), "control");
    }
}

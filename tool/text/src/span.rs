//! Half-open byte ranges.

use std::fmt;

/// A half-open range of byte offsets, `start..end`.
///
/// # Invariants
///
/// `start <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The range from `start` up to and without `end`.
    ///
    /// # Panics
    ///
    /// If `start > end`.
    #[must_use]
    pub fn new(start: u32, end: u32) -> Self {
        assert!(start <= end, "span {start}..{end} ends before it starts");
        Self { start, end }
    }

    /// The empty range at `at`.
    #[must_use]
    pub fn empty(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// First byte.
    #[must_use]
    pub fn start(self) -> u32 {
        self.start
    }

    /// The byte after the last one.
    #[must_use]
    pub fn end(self) -> u32 {
        self.end
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether the range has no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies within this range; the two may share ends.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The bytes of `text` in this range.
    ///
    /// # Panics
    ///
    /// If the range is not inside `text`.
    #[must_use]
    pub fn slice(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..self.end as usize]
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

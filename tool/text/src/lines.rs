//! From byte offsets to lines and columns.

use std::fmt;

/// A position as people and editors write it: line and column, both from 1, the column in bytes (as Go counts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub col: u32,
}

impl fmt::Display for LineCol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.col)
    }
}

/// Where the lines of a text start.
#[derive(Debug, Clone)]
pub struct LineIndex {
    /// Offsets of the first byte of every line; the first is 0.
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Index `text`. Lines end at `\n`, as in Go.
    ///
    /// # Panics
    ///
    /// If `text` is longer than `u32::MAX` bytes.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let len = u32::try_from(text.len()).expect("texts are shorter than 4 GiB");
        let mut starts = vec![0];
        starts.extend((0..len).zip(text).filter(|&(_, &b)| b == b'\n').map(|(i, _)| i + 1));
        Self { starts, len }
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn line_col(&self, offset: u32) -> LineCol {
        let offset = offset.min(self.len);
        let line = self.starts.partition_point(|&s| s <= offset);
        LineCol { line: u32::try_from(line).unwrap_or(u32::MAX), col: offset - self.starts[line - 1] + 1 }
    }

    /// Number of line breaks.
    #[must_use]
    pub fn breaks(&self) -> usize {
        self.starts.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let index = LineIndex::new(b"ab\ncd\n");
        for (offset, want) in [(0, "1:1"), (2, "1:3"), (3, "2:1"), (5, "2:3"), (6, "3:1"), (99, "3:1")] {
            assert_eq!(index.line_col(offset).to_string(), want, "offset {offset}");
        }
        assert_eq!(index.breaks(), 2);
    }
}

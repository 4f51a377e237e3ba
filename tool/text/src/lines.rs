//! Converts byte offsets to lines and columns.

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

/// Index of the lines of a text: the number of line breaks in each block of it.
#[derive(Debug, Clone)]
pub struct LineIndex<'t> {
    text: &'t [u8],
    /// The line breaks before every block of [`BLOCK`] bytes.
    before: Vec<u32>,
}

/// Long enough that the index is small beside the text, short enough that a look into a block takes no time.
const BLOCK: usize = 1 << 10;

impl<'t> LineIndex<'t> {
    /// Indexes `text`. Lines end at `\n`, as in Go.
    ///
    /// # Panics
    ///
    /// If `text` is longer than `u32::MAX` bytes.
    #[must_use]
    pub fn new(text: &'t [u8]) -> Self {
        assert!(u32::try_from(text.len()).is_ok(), "texts are shorter than 4 GiB");
        let mut breaks = 0;
        let before = text.chunks(BLOCK).map(|block| {
            let before = breaks;
            breaks += count(block);
            before
        });
        Self { text, before: before.collect() }
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn line_col(&self, offset: u32) -> LineCol {
        let until = self.text.get(..offset as usize).unwrap_or(self.text);
        let line = self.line(offset);
        let col = until.iter().rev().take_while(|&&b| b != b'\n').count() + 1;
        LineCol { line, col: u32::try_from(col).unwrap_or(u32::MAX) }
    }

    /// The line of a byte offset, from 1.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        let until = self.text.get(..offset as usize).unwrap_or(self.text);
        let block = (until.len() / BLOCK).min(self.before.len().saturating_sub(1));
        self.before.get(block).copied().unwrap_or(0) + count(&until[block * BLOCK..]) + 1
    }

    /// Number of line breaks.
    #[must_use]
    pub fn breaks(&self) -> usize {
        breaks(self.text)
    }
}

fn count(text: &[u8]) -> u32 {
    u32::try_from(breaks(text)).unwrap_or(u32::MAX)
}

/// The number of line breaks.
pub(crate) fn breaks(text: &[u8]) -> usize {
    // Counted in bytes as long as these cannot overflow: that is what makes it vector code.
    let few = |text: &[u8]| text.iter().map(|&b| u8::from(b == b'\n')).sum::<u8>();
    text.chunks(u8::MAX as usize).map(|text| few(text) as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let index = LineIndex::new(b"ab\ncd\n");
        for (offset, want) in [(0, "1:1"), (2, "1:3"), (3, "2:1"), (5, "2:3"), (6, "3:1"), (99, "3:1")] {
            let at = index.line_col(offset);
            assert_eq!((at.to_string().as_str(), at.line), (want, index.line(offset)), "offset {offset}");
        }
        let index = LineIndex::new(b"ab\n\ncd\r\ne");
        let at = [0, 2, 3, 4, 7, 8, 9].map(|offset| index.line_col(offset).to_string());
        assert_eq!(at, ["1:1", "1:3", "2:1", "3:1", "3:4", "4:1", "4:2"]);
        let index = LineIndex::new(b"ab\ncd\n");
        assert_eq!(index.breaks(), 2);
        assert_eq!(LineIndex::new(b"").line_col(0).to_string(), "1:1");
    }

    #[test]
    fn long_texts_have_lines_across_blocks() {
        for line in [1, 7, 300, 1023, 1024, 1025] {
            let text = format!("{}\n", "x".repeat(line - 1)).repeat(5000 / line);
            let index = LineIndex::new(text.as_bytes());
            for offset in 0..=text.len() {
                let want = (offset / line + 1, offset % line + 1);
                let got = index.line_col(u32::try_from(offset).expect("a short text"));
                assert_eq!((got.line as usize, got.col as usize), want, "offset {offset}, lines of {line}");
            }
        }
    }
}

//! Lines and columns.
use std::fmt;

/// A line and column, both from 1; the column counts bytes, as Go's tools do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Byte column, from 1.
    pub column: u32,
}

impl fmt::Display for LineCol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The line starts of a source. `//line` comments are not followed.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads the source once.
    #[must_use]
    pub fn new(src: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(src.iter().enumerate().filter(|&(_, &c)| c == b'\n').map(|(at, _)| at as u32 + 1));
        Self { starts }
    }

    /// The position of an offset; offsets after the end are on the last line.
    #[must_use]
    pub fn line_col(&self, offset: u32) -> LineCol {
        let line = self.starts.partition_point(|&start| start <= offset);
        LineCol { line: line as u32, column: offset - self.starts[line - 1] + 1 }
    }

    /// The line of an offset, from 1.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        self.line_col(offset).line
    }

    /// The offset where a line begins.
    #[must_use]
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.starts.get((line as usize).checked_sub(1)?).copied()
    }

    /// The number of lines; text after the last newline is one.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }
}

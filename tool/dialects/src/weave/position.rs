//! The node at a position of a rule file.

use std::ops::Range;

use granit_parser::{Event, Parser};

/// The bytes of the value or key that begins at a place: a scalar as a whole, of a mapping or a list its first line.
///
/// `line` and `col` count from 1, the column in characters, as positions in messages do. A file that is not YAML is read as
/// far as it is; without a value there, what is left of the line counts. None if the file has no such place.
#[must_use]
pub fn value_at(text: &str, line: u32, col: u32) -> Option<Range<usize>> {
    let start = offset(text, line, col)?;
    let rest = text[start..].lines().next().unwrap_or_default();
    let line_end = start + comment(rest).map_or(rest, |at| &rest[..at]).trim_end().len();
    let mut mapping = false;
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let Some(range) = span.byte_range() else { continue };
        if range.start > start {
            break;
        }
        if range.start < start {
            continue;
        }
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => mapping = true,
            Event::Scalar(..) | Event::Alias(_) if !mapping => {
                let first = text[range.clone()].lines().next().map_or(0, str::len);
                return Some(start..start + first);
            }
            _ => {}
        }
    }
    Some(start..line_end)
}

/// The offset of a place; the end of the line, if the line is shorter.
fn offset(text: &str, line: u32, col: u32) -> Option<usize> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let start = match index {
        0 => 0,
        _ => text.match_indices('\n').nth(index - 1)?.0 + 1,
    };
    let rest = text[start..].split(['\n', '\r']).next().unwrap_or_default();
    let col = usize::try_from(col).ok()?.checked_sub(1)?;
    Some(start + rest.char_indices().nth(col).map_or(rest.len(), |(at, _)| at))
}

/// Returns where a comment begins, if the text has no quotes in front of it.
fn comment(rest: &str) -> Option<usize> {
    rest.find(" #").filter(|&at| !rest[..at].contains(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_keys_are_found_by_their_places() {
        let text = "a: plain  # why\nb: { c: \"d e\", f: [1] } # x\ng:\n  h: |\n    one\n    two\nä: ü\n";
        let at = |line, col| value_at(text, line, col).map(|r| &text[r]);
        assert_eq!(at(1, 4), Some("plain"));
        // Where the mapping is the value, it is the first line of it.
        assert_eq!(at(1, 1), Some("a: plain"));
        assert_eq!(at(2, 1), Some("b"));
        assert_eq!(at(2, 9), Some("\"d e\""));
        assert_eq!(at(2, 4), Some("{ c: \"d e\", f: [1] } # x"));
        assert_eq!(at(5, 5), Some("one"));
        assert_eq!(at(7, 4), Some("ü"));
        assert_eq!(at(7, 90), Some(""));
        assert_eq!(at(99, 1), None);
    }

    #[test]
    fn a_file_that_is_no_yaml_has_places_too() {
        let text = "a: [1\nb: }{\n\tc";
        assert_eq!(value_at(text, 2, 4).map(|r| &text[r]), Some("}{"));
        assert_eq!(value_at("", 1, 1), Some(0..0));
    }
}

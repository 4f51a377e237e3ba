//! Numbers in templates: decimal integers with a sign.

use crate::constant::Constant;

/// Returns how many bytes at the start of `text` are a number, in whichever form Go has one.
pub(crate) fn scan(text: &str) -> usize {
    let sign = usize::from(text.starts_with(['+', '-']));
    let of_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    text[sign..].find(|c| !of_number(c)).map_or(text.len(), |length| sign + length)
}

/// The value of a number, if it is a decimal integer; no rule file has others.
pub(crate) fn read(text: &str) -> Option<Constant> {
    let digits = text.trim_start_matches(['+', '-']);
    let decimal = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if decimal { text.parse().ok().map(Constant::Int) } else { None }
}

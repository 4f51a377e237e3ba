//! Numbers in templates: Go's number literals, with a sign.

use crate::constant::Constant;

/// How many bytes at the start of `text` are a number, whether or not a good one.
pub(crate) fn scan(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut decimal = true;
    let mut digits: &dyn Fn(u8) -> bool = &|b| b.is_ascii_digit() || b == b'_';
    if bytes.get(at) == Some(&b'0') {
        at += 1;
        let other: Option<&dyn Fn(u8) -> bool> = match bytes.get(at) {
            Some(b'x' | b'X') => Some(&|b| b.is_ascii_hexdigit() || b == b'_'),
            Some(b'o' | b'O') => Some(&|b| (b'0'..=b'7').contains(&b) || b == b'_'),
            Some(b'b' | b'B') => Some(&|b| (b'0'..=b'1').contains(&b) || b == b'_'),
            _ => None,
        };
        if let Some(other) = other {
            digits = other;
            decimal = false;
            at += 1;
        }
    }
    let run = |at: &mut usize, accept: &dyn Fn(u8) -> bool| {
        while bytes.get(*at).is_some_and(|&b| accept(b)) {
            *at += 1;
        }
    };
    run(&mut at, digits);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        run(&mut at, digits);
    }
    let exponent: &[u8] = if decimal { b"eE" } else { b"pP" };
    if bytes.get(at).is_some_and(|b| exponent.contains(b)) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        run(&mut at, &|b| b.is_ascii_digit() || b == b'_');
    }
    at + usize::from(bytes.get(at) == Some(&b'i'))
}

/// The value of a number, if it is one.
pub(crate) fn read(text: &str) -> Option<Constant> {
    if let Some(imaginary) = text.strip_suffix('i') {
        // `1+2i`: the sign that is neither the first character nor part of an exponent.
        let split = imaginary
            .char_indices()
            .skip(1)
            .filter(|&(i, c)| matches!(c, '+' | '-') && !imaginary[..i].ends_with(['e', 'E', 'p', 'P']))
            .map(|(i, _)| i)
            .last();
        let (real, imaginary) = match split {
            Some(at) => (float(&imaginary[..at])?, float(&imaginary[at..])?),
            None => (0.0, float(imaginary)?),
        };
        return Some(Constant::Complex(real, imaginary));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        _ if lower.len() > 1
            && lower.starts_with('0')
            && lower.bytes().all(|b| b.is_ascii_digit() || b == b'_') =>
        {
            (8, &lower[1..])
        }
        _ => (10, lower.as_str()),
    };
    if underscores(&lower)
        && let Ok(n) = u128::from_str_radix(&body.replace('_', ""), radix)
    {
        if negative {
            return i64::try_from(-i128::try_from(n).ok()?).ok().map(Constant::Int);
        }
        return match (i64::try_from(n), u64::try_from(n)) {
            (Ok(i), _) => Some(Constant::Int(i)),
            (_, Ok(u)) => Some(Constant::Uint(u)),
            _ => None,
        };
    }
    // What looks like an integer is none that fits.
    if !text.contains(['.', 'e', 'E', 'p', 'P']) {
        return None;
    }
    float(text).map(Constant::Float)
}

/// Whether underscores stand only between digits, or between a prefix and a digit.
fn underscores(lower: &str) -> bool {
    let prefixed = matches!(lower.get(..2), Some("0x" | "0o" | "0b"));
    let body = if prefixed { &lower[2..] } else { lower };
    !body.ends_with('_') && !body.contains("__") && (prefixed || !body.starts_with('_'))
}

fn float(text: &str) -> Option<f64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let value = match lower.strip_prefix("0x") {
        Some(hex) => hex_float(&hex.replace('_', ""))?,
        None => {
            // An underscore needs a base prefix in what Go reads as a floating-point number.
            if lower.contains('_') || !lower.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
                return None;
            }
            lower.parse::<f64>().ok().filter(|f| f.is_finite())?
        }
    };
    Some(if negative { -value } else { value })
}

fn hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value = 0.0f64;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    let scale = exponent - 4 * i32::try_from(fraction.len()).ok()?;
    Some(value * 2f64.powi(scale))
}

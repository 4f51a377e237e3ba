//! The verbs of Go's package `fmt`, as far as values of templates have them.

use crate::Value;
use crate::escape::quote;

/// As `fmt.Sprint`: spaces between operands of which neither is a string.
pub(crate) fn sprint(values: &[Value<'_>]) -> String {
    let mut out = String::new();
    for (i, value) in values.iter().enumerate() {
        let is_string = |v: &Value<'_>| matches!(v, Value::Str(_));
        if i > 0 && !is_string(value) && !is_string(&values[i - 1]) {
            out.push(' ');
        }
        Spec::default().verb('v', value, &mut out);
    }
    out
}

/// What stands between the percent sign and the verb.
#[derive(Debug, Clone, Copy, Default)]
struct Spec {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
    /// `%#v`.
    sharp_v: bool,
}

/// No output is padded beyond this.
const LIMIT: i64 = 1_000_000;

/// As `fmt.Sprintf`.
pub(crate) fn sprintf(format: &str, arguments: &[Value<'_>]) -> String {
    let mut out = String::new();
    let mut rest = format;
    let mut next = 0usize;
    let mut reordered = false;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut spec = Spec::default();
        loop {
            match rest.chars().next() {
                Some('+') => spec.plus = true,
                Some('-') => spec.minus = true,
                Some('#') => spec.sharp = true,
                Some(' ') => spec.space = true,
                Some('0') => spec.zero = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        let mut bad_index = false;
        let mut after_index =
            argument_number(&mut rest, &mut next, arguments.len(), &mut reordered, &mut bad_index);
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
            match star(arguments.get(next)) {
                Some(width) => {
                    spec.minus |= width < 0;
                    spec.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => out.push_str("%!(BADWIDTH)"),
            }
            next += usize::from(next < arguments.len());
            after_index = false;
        } else if let Some(width) = digits(&mut rest) {
            spec.width = Some(width);
            // "%[3]2d"
            bad_index |= after_index;
        }
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            bad_index |= after_index;
            after_index =
                argument_number(&mut rest, &mut next, arguments.len(), &mut reordered, &mut bad_index);
            if let Some(after) = rest.strip_prefix('*') {
                rest = after;
                match star(arguments.get(next)) {
                    Some(precision) if precision >= 0 => spec.precision = usize::try_from(precision).ok(),
                    Some(_) => {}
                    None => out.push_str("%!(BADPREC)"),
                }
                next += usize::from(next < arguments.len());
                after_index = false;
            } else {
                spec.precision = Some(digits(&mut rest).unwrap_or(0));
            }
        }
        if !after_index {
            argument_number(&mut rest, &mut next, arguments.len(), &mut reordered, &mut bad_index);
        }
        let Some(verb) = rest.chars().next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        rest = &rest[verb.len_utf8()..];
        if verb == '%' {
            out.push('%');
            continue;
        }
        if bad_index {
            out.push_str(&format!("%!{verb}(BADINDEX)"));
            continue;
        }
        let Some(value) = arguments.get(next) else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        next += 1;
        spec.verb(verb, value, &mut out);
    }
    out.push_str(rest);
    if !reordered && next < arguments.len() {
        out.push_str("%!(EXTRA ");
        for (i, value) in arguments[next..].iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            match value {
                Value::Nil => out.push_str("<nil>"),
                value => {
                    out.push_str(&value.type_name());
                    out.push('=');
                    Spec::default().verb('v', value, &mut out);
                }
            }
        }
        out.push(')');
    }
    out
}

/// `[n]`: the argument that comes next.
fn argument_number(
    rest: &mut &str,
    next: &mut usize,
    count: usize,
    reordered: &mut bool,
    bad: &mut bool,
) -> bool {
    let Some(inner) = rest.strip_prefix('[') else { return false };
    *reordered = true;
    let Some(end) = inner.find(']') else {
        *bad = true;
        *rest = &rest[1..];
        return false;
    };
    let number = inner[..end].parse::<usize>();
    *rest = &inner[end + 1..];
    match number {
        Ok(n) if n >= 1 && n <= count => {
            *next = n - 1;
            true
        }
        _ => {
            *bad = true;
            true
        }
    }
}

fn digits(rest: &mut &str) -> Option<usize> {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest[..end].parse().ok().filter(|n| i64::try_from(*n).is_ok_and(|n| n <= LIMIT));
    *rest = &rest[end..];
    number
}

fn star(value: Option<&Value<'_>>) -> Option<i64> {
    let n = match value? {
        Value::Int(i) => *i,
        Value::Uint(u) => i64::try_from(*u).ok()?,
        _ => return None,
    };
    (-LIMIT..=LIMIT).contains(&n).then_some(n)
}

impl Spec {
    fn verb(mut self, verb: char, value: &Value<'_>, out: &mut String) {
        if verb == 'v' {
            self.sharp_v = std::mem::take(&mut self.sharp);
            self.plus = false;
        }
        self.value(verb, value, out, 0);
    }

    fn value(&self, verb: char, value: &Value<'_>, out: &mut String, depth: usize) {
        match (verb, value) {
            ('T', Value::Nil) => return self.pad("<nil>", out),
            ('T', value) => return self.pad(&value.type_name(), out),
            ('v', Value::Nil) => return self.pad("<nil>", out),
            (_, Value::Nil) if depth > 0 => return out.push_str("<nil>"),
            (_, Value::Nil) => return out.push_str(&format!("%!{verb}(<nil>)")),
            _ => {}
        }
        let good = match value {
            Value::Nil => true,
            Value::Bool(b) => match verb {
                't' | 'v' => {
                    self.pad(if *b { "true" } else { "false" }, out);
                    true
                }
                _ => false,
            },
            Value::Int(i) => self.integer(verb, *i < 0, i.unsigned_abs(), true, out),
            Value::Uint(u) => self.integer(verb, false, *u, false, out),
            Value::Float(f) => self.float(verb, *f, out),
            Value::Complex(r, i) => self.complex(verb, *r, *i, out),
            Value::Str(s) => self.string(verb, s, out),
            Value::List(list) => {
                let open = if self.sharp_v { format!("{}{{", value.type_name()) } else { "[".into() };
                out.push_str(&open);
                for (i, item) in list.iter().enumerate() {
                    if i > 0 {
                        out.push_str(if self.sharp_v { ", " } else { " " });
                    }
                    self.value(verb, item, out, depth + 1);
                }
                out.push(if self.sharp_v { '}' } else { ']' });
                true
            }
            Value::Map(map) => {
                out.push_str(&if self.sharp_v { format!("{}{{", value.type_name()) } else { "map[".into() });
                for (i, (key, item)) in map.iter().enumerate() {
                    if i > 0 {
                        out.push_str(if self.sharp_v { ", " } else { " " });
                    }
                    self.value(verb, &Value::string(key), out, depth + 1);
                    out.push(':');
                    self.value(verb, item, out, depth + 1);
                }
                out.push(if self.sharp_v { '}' } else { ']' });
                true
            }
            Value::Function(_) => {
                self.pad("func", out);
                true
            }
            Value::Object(o) => self.string(if verb == 'v' { 's' } else { verb }, &o.text(), out),
        };
        if !good {
            out.push_str(&format!("%!{verb}({}=", value.type_name()));
            Spec::default().verb('v', value, out);
            out.push(')');
        }
    }

    /// Pad to the width, with spaces.
    fn pad(&self, text: &str, out: &mut String) {
        self.pad_with(text, out, if self.zero && !self.minus { '0' } else { ' ' });
    }

    fn pad_with(&self, text: &str, out: &mut String, filler: char) {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        let padding = std::iter::repeat_n(if self.minus { ' ' } else { filler }, missing);
        if self.minus {
            out.push_str(text);
            out.extend(padding);
        } else {
            out.extend(padding);
            out.push_str(text);
        }
    }

    fn integer(&self, verb: char, negative: bool, n: u64, signed: bool, out: &mut String) -> bool {
        let (radix, upper) = match verb {
            'v' if self.sharp_v && !signed => (16, false),
            'v' | 'd' => (10, false),
            'b' => (2, false),
            'o' | 'O' => (8, false),
            'x' => (16, false),
            'X' => (16, true),
            'c' => {
                let c = u32::try_from(n).ok().filter(|_| !negative).and_then(char::from_u32);
                self.pad(&c.unwrap_or('\u{fffd}').to_string(), out);
                return true;
            }
            'q' => {
                let c = u32::try_from(n)
                    .ok()
                    .filter(|_| !negative)
                    .and_then(char::from_u32)
                    .unwrap_or('\u{fffd}');
                self.pad(&quote(&c.to_string(), '\'', self.plus), out);
                return true;
            }
            'U' => {
                let mut text = format!("U+{:0width$X}", n, width = self.precision.unwrap_or(4).max(4));
                if self.sharp
                    && let Some(c) = u32::try_from(n)
                        .ok()
                        .and_then(char::from_u32)
                        .filter(|c| crate::escape::printable(*c))
                {
                    text.push_str(&format!(" '{c}'"));
                }
                Spec { zero: false, ..*self }.pad(&text, out);
                return true;
            }
            _ => return false,
        };
        let mut body = match radix {
            2 => format!("{n:b}"),
            8 => format!("{n:o}"),
            16 if upper => format!("{n:X}"),
            16 => format!("{n:x}"),
            _ => n.to_string(),
        };
        if self.precision == Some(0) && n == 0 {
            Spec { zero: false, ..*self }.pad("", out);
            return true;
        }
        let sharp = self.sharp || (verb == 'v' && self.sharp_v && !signed);
        let sign = match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        let mut digits = self.precision.unwrap_or(0);
        if self.precision.is_none() && self.zero && !self.minus {
            // Zeros fill what the sign leaves.
            digits = self.width.unwrap_or(0).saturating_sub(sign.len());
        }
        if body.len() < digits {
            body.insert_str(0, &"0".repeat(digits - body.len()));
        }
        let prefix = match (radix, verb) {
            (8, 'O') => "0o",
            (8, _) if sharp && !body.starts_with('0') => "0",
            (2, _) if sharp => "0b",
            (16, _) if sharp => {
                if upper {
                    "0X"
                } else {
                    "0x"
                }
            }
            _ => "",
        };
        Spec { zero: false, ..*self }.pad(&format!("{sign}{prefix}{body}"), out);
        true
    }

    fn float(&self, verb: char, f: f64, out: &mut String) -> bool {
        let (format, precision) = match verb {
            'v' => ('g', None),
            'e' | 'E' | 'f' | 'F' => (verb, Some(6)),
            'g' | 'G' | 'x' | 'X' | 'b' => (verb, None),
            _ => return false,
        };
        if matches!(verb, 'x' | 'X' | 'b') {
            return false;
        }
        let precision = self.precision.or(precision);
        let mut text = float_text(f.abs(), format, precision);
        if self.sharp && !verb.eq_ignore_ascii_case(&'v') {
            text = with_point(&text, format, precision);
        }
        let sign = if f.is_sign_negative() && !f.is_nan() {
            "-"
        } else if self.plus {
            "+"
        } else if self.space {
            " "
        } else {
            ""
        };
        let finite = f.is_finite();
        if finite && self.zero && !self.minus {
            let width = self.width.unwrap_or(0).saturating_sub(sign.len());
            let zeros = width.saturating_sub(text.len());
            out.push_str(sign);
            out.push_str(&"0".repeat(zeros));
            out.push_str(&text);
            return true;
        }
        // An infinity has its sign only if that is asked for.
        let sign = if f.is_infinite() && !f.is_sign_negative() && !self.space { "+" } else { sign };
        Spec { zero: false, ..*self }.pad(&format!("{sign}{text}"), out);
        true
    }

    fn complex(&self, verb: char, real: f64, imaginary: f64, out: &mut String) -> bool {
        if !matches!(verb, 'v' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G') {
            return false;
        }
        out.push('(');
        self.float(verb, real, out);
        Spec { plus: true, ..*self }.float(verb, imaginary, out);
        out.push_str("i)");
        true
    }

    fn string(&self, verb: char, s: &str, out: &mut String) -> bool {
        let cut = |s: &str| match self.precision {
            Some(n) => s.chars().take(n).collect::<String>(),
            None => s.to_owned(),
        };
        match verb {
            'v' if self.sharp_v => self.pad(&quote(s, '"', false), out),
            's' | 'v' => self.pad(&cut(s), out),
            'q' => {
                let s = cut(s);
                let raw =
                    !s.chars().any(|c| c == '`' || c == '\u{feff}' || c == '\x7f' || (c < ' ' && c != '\t'));
                if self.sharp && raw {
                    self.pad(&format!("`{s}`"), out);
                } else {
                    self.pad(&quote(&s, '"', self.plus), out);
                }
            }
            'x' | 'X' => {
                let bytes = &s.as_bytes()[..self.precision.unwrap_or(s.len()).min(s.len())];
                let mut text = String::new();
                let prefix = if verb == 'x' { "0x" } else { "0X" };
                for (i, b) in bytes.iter().enumerate() {
                    if i > 0 && self.space {
                        text.push(' ');
                    }
                    if self.sharp && (i == 0 || self.space) {
                        text.push_str(prefix);
                    }
                    text.push_str(&if verb == 'x' { format!("{b:02x}") } else { format!("{b:02X}") });
                }
                self.pad(&text, out);
            }
            _ => return false,
        }
        true
    }
}

/// A number that is not negative, as `strconv.FormatFloat`.
fn float_text(f: f64, format: char, precision: Option<usize>) -> String {
    if f.is_nan() {
        return "NaN".into();
    }
    if f.is_infinite() {
        return "Inf".into();
    }
    let exponent_form = |digits: &str, exponent: i32, upper: bool| {
        let (first, more) = digits.split_at(1);
        let point = if more.is_empty() { "" } else { "." };
        let (e, sign) = (if upper { 'E' } else { 'e' }, if exponent < 0 { '-' } else { '+' });
        format!("{first}{point}{more}{e}{sign}{:02}", exponent.abs())
    };
    match format {
        'f' | 'F' => match precision {
            Some(p) => format!("{f:.p$}"),
            None => format!("{f}"),
        },
        'e' | 'E' => {
            let text = match precision {
                Some(p) => format!("{f:.p$e}"),
                None => format!("{f:e}"),
            };
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let digits = mantissa.replace('.', "");
            exponent_form(&digits, exponent.parse().unwrap_or(0), format == 'E')
        }
        _ => {
            let upper = format == 'G';
            let precision = precision.map(|p| p.max(1));
            let text = match precision {
                Some(p) => format!("{f:.*e}", p - 1),
                None => format!("{f:e}"),
            };
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let mut digits = mantissa.replace('.', "");
            digits.truncate(digits.trim_end_matches('0').len().max(1));
            let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
            let mut limit = i32::try_from(precision.unwrap_or(6)).unwrap_or(i32::MAX);
            if precision.is_some() && limit > count && count > exponent {
                limit = count;
            }
            if exponent < -4 || exponent >= limit {
                return exponent_form(&digits, exponent, upper);
            }
            let mut out = String::new();
            if exponent < 0 {
                out.push_str("0.");
                out.push_str(&"0".repeat(usize::try_from(-exponent - 1).unwrap_or(0)));
                out.push_str(&digits);
                return out;
            }
            let whole = usize::try_from(exponent + 1).unwrap_or(0);
            if digits.len() <= whole {
                out.push_str(&digits);
                out.push_str(&"0".repeat(whole - digits.len()));
            } else {
                out.push_str(&digits[..whole]);
                out.push('.');
                out.push_str(&digits[whole..]);
            }
            out
        }
    }
}

/// What `#` asks for: a decimal point in any case, and for `%g` the zeros at the end.
fn with_point(text: &str, format: char, precision: Option<usize>) -> String {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut mantissa = mantissa.to_owned();
    if !mantissa.contains('.') {
        mantissa.push('.');
    }
    if matches!(format, 'g' | 'G') {
        let digits = mantissa.chars().filter(char::is_ascii_digit).count();
        let leading = mantissa.chars().take_while(|c| matches!(c, '0' | '.')).filter(|c| *c == '0').count();
        let wanted = precision.unwrap_or(6);
        mantissa.push_str(&"0".repeat(wanted.saturating_sub(digits - leading)));
    }
    mantissa + exponent
}

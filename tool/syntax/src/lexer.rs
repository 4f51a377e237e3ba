//! The lexer: source bytes to tokens, comments and errors.
use crate::messages;
use crate::{SyntaxError, Token, TokenKind, unicode};
use weave_text::Span;

/// The tokens and comments of a source.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Never empty: the last one is [`TokenKind::Eof`].
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Span>,
    /// Whether the source begins with a byte order mark.
    pub(crate) bom: bool,
}

impl Tokens {
    /// The tokens in source order, inserted semicolons among them, white space and comments not; the last one
    /// is [`TokenKind::Eof`].
    #[must_use]
    pub fn significant(&self) -> &[Token] {
        &self.tokens
    }

    /// The comments in source order.
    #[must_use]
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// All tokens with comments, white space and a byte order mark: every byte of the source is in exactly one
    /// of them, and they are in source order. An inserted semicolon is an empty token before the newline that it
    /// stands for, or before the `/* */` comment that this newline is in.
    pub fn lossless(&self) -> impl Iterator<Item = Token> + '_ {
        let mut tokens = self.tokens.iter().copied().peekable();
        let mut comments = self.comments.iter().copied().peekable();
        let mut at = 0;
        let mut bom = self.bom;
        std::iter::from_fn(move || {
            if std::mem::take(&mut bom) {
                at = 3;
                return Some(Token { start: 0, end: 3, kind: TokenKind::Bom });
            }
            let token = *tokens.peek()?;
            let comment = comments.peek().filter(|c| c.start < token.start);
            let next = comment.map_or(token.start, |c| c.start);
            if at < next {
                let gap = Token { start: at, end: next, kind: TokenKind::Whitespace };
                at = next;
                return Some(gap);
            }
            if let Some(c) = comment.copied() {
                comments.next();
                at = c.end;
                return Some(Token { start: c.start, end: c.end, kind: TokenKind::Comment });
            }
            tokens.next();
            at = token.end;
            Some(token)
        })
    }
}

/// Whether a byte is a letter, digit or `_` of ASCII.
static WORD: [bool; 256] = word_table();

const fn word_table() -> [bool; 256] {
    let mut table = [false; 256];
    let mut i = 0;
    while i < 128 {
        table[i] = (i as u8).is_ascii_alphanumeric() || i == b'_' as usize;
        i += 1;
    }
    table
}

/// Token by its first byte alone: an identifier or keyword, or the token that it is; `Error` where more of
/// them has to be looked at.
static FIRST: [TokenKind; 256] = {
    let mut table = [TokenKind::Error; 256];
    let word = word_table();
    let mut i = 0;
    while i < 256 {
        if word[i] && !(i as u8).is_ascii_digit() {
            table[i] = TokenKind::Ident;
        }
        i += 1;
    }
    table[b'(' as usize] = TokenKind::LParen;
    table[b')' as usize] = TokenKind::RParen;
    table[b',' as usize] = TokenKind::Comma;
    table[b'{' as usize] = TokenKind::LBrace;
    table[b'}' as usize] = TokenKind::RBrace;
    table[b'[' as usize] = TokenKind::LBrack;
    table[b']' as usize] = TokenKind::RBrack;
    table[b';' as usize] = TokenKind::Semi;
    table[b'~' as usize] = TokenKind::Tilde;
    table
};

/// Whether a byte is a hexadecimal digit.
static HEX: [bool; 256] = {
    let mut table = [false; 256];
    let mut i = 0;
    while i < 128 {
        table[i] = (i as u8).is_ascii_hexdigit();
        i += 1;
    }
    table
};

/// Whether a byte is nothing special in an interpreted string.
static PLAIN: [bool; 256] = {
    let mut table = [true; 256];
    table[b'"' as usize] = false;
    table[b'\\' as usize] = false;
    table[b'\n' as usize] = false;
    table
};

/// Splits a source into tokens. Total: every input gives tokens that end with [`TokenKind::Eof`], and errors
/// beside them. The errors are those that the scanner of `go/parser` would report, `//line` comments with bad
/// numbers included, each at its offset.
#[must_use]
pub fn lex(src: &[u8]) -> (Tokens, Vec<SyntaxError>) {
    let mut errors = Vec::new();
    if src.len() >= u32::MAX as usize {
        errors.push(SyntaxError::new(0, messages::file_too_large()));
        let eof = Token { start: 0, end: 0, kind: TokenKind::Eof };
        return (Tokens { tokens: vec![eof], comments: Vec::new(), bom: false }, errors);
    }
    let mut lexer = Lexer::new(src);
    let mut tokens = Vec::with_capacity(src.len() / 4 + 8);
    loop {
        let kind = lexer.scan();
        tokens.push(Token { start: lexer.start(), end: lexer.end(), kind });
        if kind == TokenKind::Eof {
            break;
        }
    }
    let Lexer { comments, mut errors, .. } = lexer;
    errors.sort();
    (Tokens { tokens, comments, bom: has_bom(src) }, errors)
}

/// A byte order mark.
const BOM: &[u8] = b"\xef\xbb\xbf";

fn has_bom(src: &[u8]) -> bool {
    src.starts_with(BOM)
}

/// NUL, bytes that are no UTF-8, and byte order marks are errors wherever they are, in comments too.
fn check_encoding(src: &[u8], errors: &mut Vec<SyntaxError>) {
    let nul = find(src, 0, 0);
    if nul < src.len() {
        errors.push(SyntaxError::new(nul as u32, messages::illegal_nul()));
    }
    if src.is_ascii() {
        return;
    }
    if let Err(e) = std::str::from_utf8(src) {
        let utf16 = src.starts_with(b"\xff\xfe") || src.starts_with(b"\xfe\xff");
        let message = if utf16 { messages::got_utf16() } else { messages::illegal_encoding() };
        errors.push(SyntaxError::new(e.valid_up_to() as u32, message));
    }
    let mut at = find(src, 1.min(src.len()), BOM[0]);
    while at < src.len() {
        if src[at..].starts_with(BOM) {
            errors.push(SyntaxError::new(at as u32, messages::illegal_byte_order_mark()));
            break;
        }
        at = find(src, at + 1, BOM[0]);
    }
}

/// The first `needle` at or after `from`, or the length of `src`.
#[inline]
fn find(src: &[u8], from: usize, needle: u8) -> usize {
    memchr::memchr(needle, &src[from..]).map_or(src.len(), |n| from + n)
}

/// The character at `at` (0 at the end) and its length; bytes that are no UTF-8 give U+FFFD and 1.
fn decode(src: &[u8], at: usize) -> (char, usize) {
    let rest = &src[at..src.len().min(at + 4)];
    let valid = match std::str::from_utf8(rest) {
        Ok(s) => s,
        Err(e) => std::str::from_utf8(&rest[..e.valid_up_to()]).unwrap_or(""),
    };
    match valid.chars().next() {
        Some(c) => (c, c.len_utf8()),
        None if rest.is_empty() => ('\0', 0),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// Gives tokens one after the other.
#[derive(Clone)]
pub(crate) struct Lexer<'s> {
    src: &'s [u8],
    at: usize,
    /// Span of the last token: start, and end above it. One word, so that it is stored and loaded at once.
    span: u64,
    /// Whether the next newline is a semicolon.
    semi: bool,
    pub comments: Vec<Span>,
    pub errors: Vec<SyntaxError>,
}

/// The first eight bytes of each keyword, at their hash.
static KEYWORDS: [(u64, TokenKind); 32] = {
    let mut table = [(0, TokenKind::Ident); 32];
    let mut i = 0;
    while i < TokenKind::KEYWORDS.len() {
        let kind = TokenKind::KEYWORDS[i];
        let text = kind.text().as_bytes();
        let mut word = 0;
        let mut j = 0;
        while j < 8 && j < text.len() {
            word |= (text[j] as u64) << (8 * j);
            j += 1;
        }
        let hash = keyword_hash(word);
        // The multiplier was searched for so that no two keywords meet.
        assert!(table[hash].0 == 0);
        table[hash] = (word, kind);
        i += 1;
    }
    table
};

const fn keyword_hash(word: u64) -> usize {
    (word.wrapping_mul(0xd4a1_e95e_b88e_8d53) >> 59) as usize
}

/// The kind of a word of letters and digits, whose first eight bytes are in `word`, zeros after its end.
#[inline(always)]
fn word_kind(word: u64, text: &[u8]) -> TokenKind {
    let (keyword, kind) = KEYWORDS[keyword_hash(word)];
    if keyword != word {
        return TokenKind::Ident;
    }
    match kind {
        TokenKind::Interface | TokenKind::Fallthrough | TokenKind::Continue
            if text != kind.text().as_bytes() =>
        {
            TokenKind::Ident
        }
        // The other keywords have fewer than eight letters, and so has the word.
        kind => kind,
    }
}

/// Eight times the same byte.
const fn each(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// The high bit of the first zero byte, and perhaps of some after it.
const fn zero(x: u64) -> u64 {
    x.wrapping_sub(each(1)) & !x & each(0x80)
}

/// Returns how many bytes from the first are letters, digits or `_` of ASCII: all eight bytes at once.
#[inline(always)]
fn word_len(bytes: u64) -> usize {
    const HIGH: u64 = each(0x80);
    // Seven bits plus seven bits do not carry into the next byte; the eighth bit tells whether a bound is passed.
    let low = bytes & !HIGH;
    let folded = low | each(0x20);
    let letter = (folded + each(0x80 - b'a')) & !(folded + each(0x7f - b'z'));
    let digit = (low + each(0x80 - b'0')) & !(low + each(0x7f - b'9'));
    let underscore = !((low ^ each(b'_')) + each(0x7f));
    let word = (letter | digit | underscore) & !bytes & HIGH;
    ((word ^ HIGH).trailing_zeros() / 8) as usize
}

impl<'s> Lexer<'s> {
    /// At the start of a source below 4 GiB; errors of its encoding are found at once.
    pub fn new(src: &'s [u8]) -> Self {
        let mut errors = Vec::new();
        check_encoding(src, &mut errors);
        let at = if has_bom(src) { 3 } else { 0 };
        Lexer { src, at, span: 0, semi: false, comments: Vec::new(), errors }
    }

    #[inline]
    fn peek(&self) -> u8 {
        self.src.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn peek_at(&self, ahead: usize) -> u8 {
        self.src.get(self.at + ahead).copied().unwrap_or(0)
    }

    #[cold]
    fn error(&mut self, at: usize, message: impl Into<String>) {
        self.errors.push(SyntaxError::new(at as u32, message));
    }

    /// If `c` follows, consumes it and gives `yes`.
    #[inline]
    fn if_next(&mut self, c: u8, yes: TokenKind, no: TokenKind) -> TokenKind {
        if self.peek() == c {
            self.at += 1;
            yes
        } else {
            no
        }
    }

    #[inline]
    fn token(&mut self, kind: TokenKind, start: usize) -> TokenKind {
        self.span = start as u64 | (self.at as u64) << 32;
        kind
    }

    /// Start of the last token.
    #[inline(always)]
    pub fn start(&self) -> u32 {
        self.span as u32
    }

    /// End of the last token.
    #[inline(always)]
    pub fn end(&self) -> u32 {
        (self.span >> 32) as u32
    }

    /// Reads the next token that is not a comment: its kind. Comments are put on their list.
    pub fn scan(&mut self) -> TokenKind {
        use TokenKind as K;
        let src = self.src;
        loop {
            let mut at = self.at;
            let c = loop {
                let Some(&c) = src.get(at) else {
                    self.at = at;
                    let kind = if self.semi { K::AutoSemi } else { K::Eof };
                    self.semi = false;
                    return self.token(kind, at);
                };
                // Compared one after the other: jumping by a table would often jump to where nobody expects it.
                if c > b' ' {
                    break c;
                }
                if c == b'\n' {
                    if self.semi {
                        self.semi = false;
                        self.at = at;
                        return self.token(K::AutoSemi, at);
                    }
                    // The tabs that a line begins with, at once.
                    at += 1;
                    if let Some(bytes) = src.get(at..).and_then(|s| s.first_chunk::<8>()) {
                        at += ((u64::from_le_bytes(*bytes) ^ each(b'\t')).trailing_zeros() / 8) as usize;
                    }
                    continue;
                } else if !matches!(c, b' ' | b'\t' | b'\r') {
                    break c;
                }
                at += 1;
            };
            let start = at;
            self.at = at;
            match FIRST[c as usize] {
                K::Ident => {
                    let kind = self.word();
                    self.semi = kind.ends_line();
                    return self.token(kind, start);
                }
                K::Error => {}
                kind => {
                    self.at = at + 1;
                    self.semi = kind.ends_line();
                    return self.token(kind, start);
                }
            }
            if c == b'.' && self.peek_at(1) > b'9' {
                self.at = at + 1;
                self.semi = false;
                return self.token(K::Dot, start);
            }
            if let Some(kind) = self.other(c) {
                return kind;
            }
        }
    }

    /// Reads the token or comment that begins here with the byte `c`. `None` after a comment that is not a semicolon, too.
    #[inline(always)]
    fn other(&mut self, c: u8) -> Option<TokenKind> {
        use TokenKind as K;
        let src = self.src;
        let start = self.at;
        self.at += 1;
        let kind = match c {
            b'0'..=b'9' => {
                self.at = start;
                self.number()
            }
            b'.' => {
                if self.peek().is_ascii_digit() {
                    self.at = start;
                    self.number()
                } else if self.peek() == b'.' && self.peek_at(1) == b'.' {
                    self.at += 2;
                    K::Ellipsis
                } else {
                    K::Dot
                }
            }
            b':' => self.if_next(b'=', K::Define, K::Colon),
            b'=' => self.if_next(b'=', K::Equal, K::Assign),
            b'!' => self.if_next(b'=', K::NotEqual, K::Not),
            b'*' => self.if_next(b'=', K::StarAssign, K::Star),
            b'%' => self.if_next(b'=', K::PercentAssign, K::Percent),
            b'^' => self.if_next(b'=', K::CaretAssign, K::Caret),
            b'+' => match self.if_next(b'+', K::Inc, K::Plus) {
                K::Plus => self.if_next(b'=', K::PlusAssign, K::Plus),
                inc => inc,
            },
            b'-' => match self.if_next(b'-', K::Dec, K::Minus) {
                K::Minus => self.if_next(b'=', K::MinusAssign, K::Minus),
                dec => dec,
            },
            b'&' => match self.peek() {
                b'&' => {
                    self.at += 1;
                    K::AndAnd
                }
                b'^' => {
                    self.at += 1;
                    self.if_next(b'=', K::AndNotAssign, K::AndNot)
                }
                _ => self.if_next(b'=', K::AmpAssign, K::Amp),
            },
            b'|' => match self.if_next(b'|', K::OrOr, K::Or) {
                K::Or => self.if_next(b'=', K::OrAssign, K::Or),
                or => or,
            },
            b'<' => match self.peek() {
                b'-' => {
                    self.at += 1;
                    K::Arrow
                }
                b'<' => {
                    self.at += 1;
                    self.if_next(b'=', K::ShlAssign, K::Shl)
                }
                _ => self.if_next(b'=', K::LessEqual, K::Less),
            },
            b'>' => match self.peek() {
                b'>' => {
                    self.at += 1;
                    self.if_next(b'=', K::ShrAssign, K::Shr)
                }
                _ => self.if_next(b'=', K::GreaterEqual, K::Greater),
            },
            b'"' => {
                self.string(start);
                K::Str
            }
            b'`' => {
                self.at = find(src, self.at, b'`');
                if self.at < src.len() {
                    self.at += 1;
                } else {
                    self.error(start, messages::open_raw_string());
                }
                K::Str
            }
            b'\'' => {
                self.rune(start);
                K::Char
            }
            b'/' => match self.peek() {
                b'/' => {
                    self.at = find(src, self.at, b'\n');
                    self.comment(start);
                    return None;
                }
                b'*' => {
                    self.block_comment(start);
                    self.comment(start);
                    if self.semi && find(&src[..self.at], start, b'\n') < self.at {
                        self.semi = false;
                        self.span = start as u64 | (start as u64) << 32;
                        return Some(K::AutoSemi);
                    }
                    return None;
                }
                _ => self.if_next(b'=', K::SlashAssign, K::Slash),
            },
            _ => {
                self.at = start;
                if c >= 0x80 && self.wide_ident() { K::Ident } else { self.illegal() }
            }
        };
        // An illegal character leaves the semicolon rule as it was.
        if kind != K::Error {
            self.semi = kind.ends_line();
        }
        Some(self.token(kind, start))
    }

    /// A keyword or identifier that begins in ASCII.
    #[inline(always)]
    fn word(&mut self) -> TokenKind {
        let start = self.at;
        let word = match self.src[start..].first_chunk::<8>() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            // At the end of the file.
            None => self.src[start..].iter().rev().fold(0, |word, &c| word << 8 | u64::from(c)),
        };
        let len = word_len(word);
        let mut at = start + len;
        let word = if len < 8 {
            word & ((1 << (8 * len)) - 1)
        } else {
            while let Some(bytes) = self.src.get(at..).and_then(|s| s.first_chunk::<8>()) {
                let more = word_len(u64::from_le_bytes(*bytes));
                at += more;
                if more < 8 {
                    break;
                }
            }
            while self.src.get(at).is_some_and(|&c| WORD[c as usize]) {
                at += 1;
            }
            word
        };
        self.at = at;
        if self.src.get(at).is_some_and(|&c| c >= 0x80) {
            self.wide_ident_rest();
            return if self.at == at { word_kind(word, &self.src[start..at]) } else { TokenKind::Ident };
        }
        word_kind(word, &self.src[start..at])
    }

    #[cold]
    #[inline(never)]
    fn wide_ident_rest(&mut self) {
        loop {
            let (c, len) = decode(self.src, self.at);
            if !(c.is_ascii_alphanumeric()
                || c == '_'
                || !c.is_ascii() && (unicode::is_letter(c) || unicode::is_digit(c)))
            {
                return;
            }
            self.at += len;
        }
    }

    /// An identifier that begins outside of ASCII, if one does here.
    #[cold]
    fn wide_ident(&mut self) -> bool {
        let (c, len) = decode(self.src, self.at);
        if !unicode::is_letter(c) {
            return false;
        }
        self.at += len;
        self.wide_ident_rest();
        true
    }

    /// Consumes characters that no token starts with.
    #[cold]
    fn illegal(&mut self) -> TokenKind {
        let (c, len) = decode(self.src, self.at);
        // The encoding check has reported these.
        if !matches!(c, '\0' | '\u{feff}' | char::REPLACEMENT_CHARACTER) {
            let message = match c {
                '\u{201c}' | '\u{201d}' => messages::curly_quotation_mark(c),
                c => messages::illegal_character(format!("{:04X}", c as u32)),
            };
            self.error(self.at, message);
        } else if c == char::REPLACEMENT_CHARACTER && len > 1 {
            self.error(self.at, messages::illegal_replacement_character());
        }
        self.at += len.max(1);
        TokenKind::Error
    }

    /// Decimal or hexadecimal digits and `_` from here: whether there were digits and separators, and the
    /// first digit that `base` does not have.
    fn digits(&mut self, base: u32, invalid: &mut Option<usize>) -> (bool, bool) {
        let (mut digit, mut separator) = (false, false);
        loop {
            let c = self.peek();
            if c == b'_' {
                separator = true;
            } else if c.is_ascii_digit() || base == 16 && c.is_ascii_hexdigit() {
                digit = true;
                if base < 10 && u32::from(c - b'0') >= base {
                    invalid.get_or_insert(self.at);
                }
            } else {
                return (digit, separator);
            }
            self.at += 1;
        }
    }

    #[inline]
    fn number(&mut self) -> TokenKind {
        let start = self.at;
        // Nearly all numbers are a few decimal digits.
        if self.peek() != b'0' || !matches!(self.peek_at(1), b'0'..=b'9' | b'_' | b'a'..=b'z' | b'A'..=b'Z') {
            while self.peek().is_ascii_digit() {
                self.at += 1;
            }
            if self.at > start && !matches!(self.peek(), b'.' | b'_' | b'e' | b'E' | b'p' | b'P' | b'i') {
                return TokenKind::Int;
            }
            self.at = start;
        } else if self.peek_at(1) == b'x' {
            // And of the others most are hexadecimal ones.
            let mut at = start + 2;
            while self.src.get(at).is_some_and(|&c| HEX[c as usize]) {
                at += 1;
            }
            if at > start + 2 && !matches!(self.src.get(at), Some(b'.' | b'_' | b'p' | b'P' | b'i')) {
                self.at = at;
                return TokenKind::Int;
            }
        }
        self.general_number()
    }

    #[inline(never)]
    fn general_number(&mut self) -> TokenKind {
        let start = self.at;
        let mut kind = TokenKind::Int;
        let (mut base, mut prefix) = (10, 0u8);
        let mut invalid = None;
        let (mut digit, mut separator) = (false, false);
        if self.peek() != b'.' {
            if self.peek() == b'0' {
                self.at += 1;
                (base, prefix) = match self.peek() | 0x20 {
                    b'x' => (16, b'x'),
                    b'o' => (8, b'o'),
                    b'b' => (2, b'b'),
                    _ => (8, b'0'),
                };
                if prefix == b'0' {
                    digit = true;
                } else {
                    self.at += 1;
                }
            }
            let (d, s) = self.digits(base, &mut invalid);
            digit |= d;
            separator |= s;
        }
        let literal = match prefix {
            b'x' => "hexadecimal literal",
            b'o' | b'0' => "octal literal",
            b'b' => "binary literal",
            _ => "decimal literal",
        };
        if self.peek() == b'.' {
            kind = TokenKind::Float;
            if matches!(prefix, b'o' | b'b') {
                self.error(self.at, messages::invalid_radix_point(literal));
            }
            self.at += 1;
            let (d, s) = self.digits(base, &mut invalid);
            digit |= d;
            separator |= s;
        }
        if !digit {
            self.error(self.at, messages::no_digits(literal));
        }
        let exponent = self.peek() | 0x20;
        if matches!(exponent, b'e' | b'p') {
            if exponent == b'e' && !matches!(prefix, 0 | b'0') {
                self.error(self.at, messages::decimal_mantissa());
            } else if exponent == b'p' && prefix != b'x' {
                self.error(self.at, messages::hexadecimal_mantissa());
            }
            self.at += 1;
            kind = TokenKind::Float;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            let (d, s) = self.digits(10, &mut None);
            separator |= s;
            if !d {
                self.error(self.at, messages::exponent_without_digits());
            }
        } else if prefix == b'x' && kind == TokenKind::Float {
            self.error(self.at, messages::exponent_missing());
        }
        if self.peek() == b'i' {
            kind = TokenKind::Imag;
            self.at += 1;
        }
        if kind == TokenKind::Int
            && let Some(at) = invalid
        {
            self.error(at, messages::invalid_digit(self.src[at] as char, literal));
        }
        if separator && let Some(at) = misplaced_separator(&self.src[start..self.at]) {
            self.error(start + at, messages::separated_digits());
        }
        kind
    }

    /// An interpreted string after its opening quote.
    #[inline]
    fn string(&mut self, start: usize) {
        loop {
            let mut at = self.at;
            loop {
                let Some(bytes) = self.src.get(at..).and_then(|s| s.first_chunk::<8>()) else {
                    while let Some(&c) = self.src.get(at)
                        && PLAIN[c as usize]
                    {
                        at += 1;
                    }
                    break;
                };
                let x = u64::from_le_bytes(*bytes);
                let hit = zero(x ^ each(b'"')) | zero(x ^ each(b'\\')) | zero(x ^ each(b'\n'));
                if hit != 0 {
                    at += (hit.trailing_zeros() / 8) as usize;
                    break;
                }
                at += 8;
            }
            self.at = at;
            match self.src.get(at) {
                Some(b'"') => {
                    self.at += 1;
                    return;
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(b'"');
                }
                _ => {
                    self.error(start, messages::open_string());
                    return;
                }
            }
        }
    }

    /// A rune literal after its opening quote.
    fn rune(&mut self, start: usize) {
        let mut valid = true;
        let mut count = 0;
        loop {
            let (c, len) = decode(self.src, self.at);
            if len == 0 || c == '\n' {
                if valid {
                    self.error(start, messages::open_rune());
                }
                return;
            }
            self.at += len;
            match c {
                '\'' => break,
                '\\' => valid &= self.escape(b'\''),
                _ => {}
            }
            count += 1;
        }
        if valid && count != 1 {
            self.error(start, messages::illegal_rune());
        }
    }

    /// An escape sequence after its backslash; on an error it stops at the offending character.
    fn escape(&mut self, quote: u8) -> bool {
        let start = self.at;
        let (digits, base, max) = match self.peek() {
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' => {
                self.at += 1;
                return true;
            }
            c if c == quote => {
                self.at += 1;
                return true;
            }
            b'0'..=b'7' => (3, 8, 255),
            b'x' => (2, 16, 255),
            b'u' => (4, 16, 0x10_ffff),
            b'U' => (8, 16, 0x10_ffff),
            _ => {
                let end = self.at >= self.src.len();
                let message = if end { messages::open_escape() } else { messages::unknown_escape() };
                self.error(start, message);
                return false;
            }
        };
        if base == 16 {
            self.at += 1;
        }
        let mut value = 0u32;
        for _ in 0..digits {
            let Some(digit) = (self.peek() as char).to_digit(base) else {
                let end = self.at >= self.src.len();
                let message = if end { messages::open_escape() } else { messages::illegal_in_escape() };
                self.error(self.at, message);
                return false;
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
            self.at += 1;
        }
        if value > max || (0xd800..0xe000).contains(&value) {
            self.error(start, messages::escape_of_no_code_point());
            return false;
        }
        true
    }

    /// A `/* */` comment after its slash.
    fn block_comment(&mut self, start: usize) {
        let mut from = self.at + 1;
        loop {
            let star = find(self.src, from, b'*');
            if star >= self.src.len() {
                self.error(start, messages::open_comment());
                self.at = self.src.len();
                break;
            }
            from = star + 1;
            if self.src.get(from) == Some(&b'/') {
                self.at = from + 1;
                break;
            }
        }
    }

    /// Records the comment from `start` to here. A `line` directive with a bad number is an error.
    #[inline]
    fn comment(&mut self, start: usize) {
        self.comments.push(Span::new(start as u32, self.at as u32));
        if self.src[start + 2..self.at].starts_with(b"line ") {
            self.line_directive(start);
        }
    }

    #[cold]
    fn line_directive(&mut self, start: usize) {
        let mut text = &self.src[start..self.at];
        if text[1] == b'*' {
            if text.len() < 4 || !text.ends_with(b"*/") {
                return;
            }
            text = &text[..text.len() - 2];
        } else {
            if start != 0 && self.src[start - 1] != b'\n' {
                return;
            }
            text = text.strip_suffix(b"\r").unwrap_or(text);
        }
        const MAX: i64 = 1 << 30;
        // After a comment that is too short for it ("/*line */"), nothing is left to look at.
        let text = text.get(7..).unwrap_or(&[]);
        let base = start + 7;
        let Some((i, n)) = trailing_number(text) else { return };
        let Some(n) = n else {
            self.error(base + i, messages::invalid_line_number());
            return;
        };
        let mut line = (i, n);
        if let Some((i2, Some(n2))) = trailing_number(&text[..i - 1]) {
            line = (i2, n2);
            if n == 0 || n > MAX {
                self.error(base + i, messages::invalid_column_number());
                return;
            }
        }
        if line.1 == 0 || line.1 > MAX {
            self.error(base + line.0, messages::invalid_line_number());
        }
    }
}

/// The text after the last colon: its offset, and its value if it is a number.
fn trailing_number(text: &[u8]) -> Option<(usize, Option<i64>)> {
    let at = text.iter().rposition(|&c| c == b':')? + 1;
    let digits = &text[at..];
    let number = if digits.iter().all(u8::is_ascii_digit) {
        // Numbers from 2^63 wrap around and pass, as in Go.
        std::str::from_utf8(digits).ok().and_then(|s| s.parse::<u64>().ok()).map(|n| n as i64)
    } else {
        None
    };
    Some((at, number))
}

/// The offset of the first `_` in a number that is not between digits; a base prefix counts as a digit.
fn misplaced_separator(text: &[u8]) -> Option<usize> {
    #[derive(PartialEq)]
    enum Last {
        Digit,
        Separator,
        Other,
    }
    let prefix = if text.len() >= 2 && text[0] == b'0' { text[1] | 0x20 } else { 0 };
    let based = matches!(prefix, b'x' | b'o' | b'b');
    let mut last = if based { Last::Digit } else { Last::Other };
    for (i, &c) in text.iter().enumerate().skip(if based { 2 } else { 0 }) {
        last = if c == b'_' {
            if last != Last::Digit {
                return Some(i);
            }
            Last::Separator
        } else if c.is_ascii_digit() || prefix == b'x' && c.is_ascii_hexdigit() {
            Last::Digit
        } else {
            if last == Last::Separator {
                return Some(i - 1);
            }
            Last::Other
        };
    }
    (last == Last::Separator).then(|| text.len() - 1)
}

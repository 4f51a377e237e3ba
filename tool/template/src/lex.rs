//! Tokens of a template.

use crate::Error;
use crate::messages;

/// A token and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub at: usize,
    pub kind: TokenKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    Text(String),
    Open,
    Close,
    Space,
    Ident(String),
    /// `.Name`
    Field(String),
    /// `$name` with its dollar sign.
    Variable(String),
    Dot,
    Bool(bool),
    Number(String),
    Str(String),
    Pipe,
    LeftParen,
    RightParen,
    Declare,
    Assign,
    Comma,
    /// Some other character.
    Other(char),
    Keyword(Keyword),
    Eof,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Keyword {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "nil" => Self::Nil,
            "range" => Self::Range,
            "template" => Self::Template,
            "with" => Self::With,
            _ => return None,
        })
    }
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
const COMMENT: &str = "/*";
const COMMENT_END: &str = "*/";

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Cuts a template into tokens; the last one is [`TokenKind::Eof`].
pub(crate) fn lex(text: &str) -> Result<Vec<Token>, Error> {
    let mut lexer = Lexer { text, at: 0, out: Vec::new() };
    lexer.run()?;
    Ok(lexer.out)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    out: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, at: usize, message: impl Into<String>) -> Result<T, Error> {
        Err(Error::new(self.text, at, message))
    }

    fn push(&mut self, at: usize, kind: TokenKind) {
        self.out.push(Token { at, kind });
    }

    fn run(&mut self) -> Result<(), Error> {
        let mut trim = false;
        loop {
            let start = self.at;
            let rest = self.rest();
            let open = rest.find(OPEN);
            let mut raw = &rest[..open.unwrap_or(rest.len())];
            if trim {
                raw = raw.trim_start_matches(is_space);
            }
            let Some(open) = open else {
                if !raw.is_empty() {
                    self.push(start, TokenKind::Text(raw.to_owned()));
                }
                self.at = self.text.len();
                self.push(self.at, TokenKind::Eof);
                return Ok(());
            };
            self.at += open;
            let inner = &self.text[self.at + OPEN.len()..];
            let trimmed = inner.strip_prefix('-').is_some_and(|r| r.starts_with(is_space));
            if trimmed {
                raw = raw.trim_end_matches(is_space);
            }
            if !raw.is_empty() {
                self.push(start, TokenKind::Text(raw.to_owned()));
            }
            let action = self.at;
            // After a trim marker a comment follows its one space.
            let comment = if trimmed { inner[1..].trim_start_matches(is_space) } else { inner };
            if comment.starts_with(COMMENT) && (!trimmed || inner[2..].starts_with(COMMENT)) {
                trim = self.comment(action, self.text.len() - comment.len())?;
                continue;
            }
            self.push(action, TokenKind::Open);
            self.at += OPEN.len() + usize::from(trimmed);
            trim = self.action()?;
        }
    }

    fn comment(&mut self, action: usize, start: usize) -> Result<bool, Error> {
        let Some(end) = self.text[start..].find(COMMENT_END) else {
            return self.fail(action, messages::open_comment());
        };
        self.at = start + end + COMMENT_END.len();
        match self.close() {
            Some((length, trim)) => {
                self.at += length;
                Ok(trim)
            }
            None => self.fail(action, messages::comment_ends_early()),
        }
    }

    /// The length of the closing delimiter here, and whether it trims what follows.
    fn close(&self) -> Option<(usize, bool)> {
        let rest = self.rest();
        if rest.starts_with(CLOSE) {
            return Some((CLOSE.len(), false));
        }
        let after = rest.strip_prefix(is_space)?;
        after.strip_prefix('-')?.starts_with(CLOSE).then_some((2 + CLOSE.len(), true))
    }

    /// The inside of an action; gives whether what follows is trimmed.
    fn action(&mut self) -> Result<bool, Error> {
        let mut depth = 0usize;
        loop {
            if let Some((length, trim)) = self.close() {
                if depth > 0 {
                    return self.fail(self.at, messages::open_paren());
                }
                self.push(self.at, TokenKind::Close);
                self.at += length;
                return Ok(trim);
            }
            let start = self.at;
            let Some(c) = self.rest().chars().next() else {
                return self.fail(start, messages::open_action());
            };
            let kind = match c {
                _ if is_space(c) => {
                    while self.rest().starts_with(is_space) && self.close().is_none() {
                        self.at += 1;
                    }
                    self.push(start, TokenKind::Space);
                    continue;
                }
                '=' => TokenKind::Assign,
                ':' => {
                    if !self.rest().starts_with(":=") {
                        return self.fail(start, messages::expected_declaration());
                    }
                    self.at += 1;
                    TokenKind::Declare
                }
                '|' => TokenKind::Pipe,
                ',' => TokenKind::Comma,
                '(' => {
                    depth += 1;
                    TokenKind::LeftParen
                }
                ')' => {
                    let Some(less) = depth.checked_sub(1) else {
                        return self.fail(start, messages::unexpected_paren());
                    };
                    depth = less;
                    TokenKind::RightParen
                }
                '"' => {
                    self.quoted(start)?;
                    continue;
                }
                '`' => {
                    let Some(end) = self.rest()[1..].find('`') else {
                        return self.fail(start, messages::open_raw_string());
                    };
                    // As in Go source, carriage returns are not part of raw strings.
                    let value = self.rest()[1..=end].replace('\r', "");
                    self.push(start, TokenKind::Str(value));
                    self.at += end + 2;
                    continue;
                }
                '\'' => {
                    return self.fail(start, messages::character_constant());
                }
                '$' => {
                    let word = self.word(1);
                    self.push(start, TokenKind::Variable(format!("${word}")));
                    self.terminated(start)?;
                    continue;
                }
                '.' if !self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                    let word = self.word(1);
                    let kind =
                        if word.is_empty() { TokenKind::Dot } else { TokenKind::Field(word.to_owned()) };
                    self.push(start, kind);
                    self.terminated(start)?;
                    continue;
                }
                '+' | '-' | '.' | '0'..='9' => {
                    self.number(start)?;
                    continue;
                }
                _ if is_word(c) => {
                    let word = self.word(0);
                    let kind = match word {
                        "true" => TokenKind::Bool(true),
                        "false" => TokenKind::Bool(false),
                        _ => Keyword::of(word)
                            .map_or_else(|| TokenKind::Ident(word.to_owned()), TokenKind::Keyword),
                    };
                    self.push(start, kind);
                    self.terminated(start)?;
                    continue;
                }
                _ if c.is_ascii_graphic() => TokenKind::Other(c),
                _ => return self.fail(start, messages::unrecognized_character(c)),
            };
            self.push(start, kind);
            self.at += c.len_utf8();
        }
    }

    /// Eats the word that begins `skip` bytes from here.
    fn word(&mut self, skip: usize) -> &'a str {
        self.at += skip;
        let rest = self.rest();
        let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn terminated(&self, start: usize) -> Result<(), Error> {
        let rest = self.rest();
        match rest.chars().next() {
            None => Ok(()),
            Some(c) if is_space(c) || matches!(c, '.' | ',' | '|' | ':' | ')' | '(') => Ok(()),
            _ if rest.starts_with(CLOSE) => Ok(()),
            Some(c) => self.fail(start, messages::bad_character(c)),
        }
    }

    fn quoted(&mut self, start: usize) -> Result<(), Error> {
        let mut value = Vec::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            match rest.chars().next() {
                None | Some('\n') => return self.fail(start, messages::open_string()),
                Some('"') => break,
                Some(_) => {
                    let Some(length) = crate::escape::unquote(rest, &mut value) else {
                        return self.fail(start, messages::invalid_escape());
                    };
                    self.at += length;
                }
            }
        }
        self.at += 1;
        match String::from_utf8(value) {
            Ok(value) => self.push(start, TokenKind::Str(value)),
            Err(_) => return self.fail(start, messages::not_utf8()),
        }
        Ok(())
    }

    fn number(&mut self, start: usize) -> Result<(), Error> {
        self.at += crate::number::scan(self.rest());
        if self.rest().starts_with(is_word) || self.at == start {
            let shown = &self.text[start..self.at + self.rest().chars().next().map_or(0, char::len_utf8)];
            return self.fail(start, messages::bad_number(shown));
        }
        self.push(start, TokenKind::Number(self.text[start..self.at].to_owned()));
        Ok(())
    }
}

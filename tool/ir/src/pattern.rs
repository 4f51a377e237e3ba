//! Patterns for names and import paths.

use std::fmt;
use std::sync::OnceLock;

use crate::messages;

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

/// A pattern for a name: the name itself, wild cards (`Get*`, `?`), or a regular expression between slashes (`/Get.+/`)
/// that must match the whole name.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NamePattern {
    text: String,
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

impl NamePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err(messages::empty().into());
        }
        let pattern = Self { text: text.to_owned(), regex: OnceLock::new() };
        match pattern.inner() {
            Some("") => return Err(messages::empty_expression().into()),
            Some(inner) => {
                Regex::new(inner).map_err(|e| e.to_string())?;
            }
            None if text.starts_with('/') => {
                return Err(messages::expression_slashes().into());
            }
            None => {}
        }
        Ok(pattern)
    }

    /// Reads a pattern for names in Go.
    ///
    /// # Errors
    ///
    /// Why it is none, or why no name can be meant.
    pub fn identifier(text: &str) -> Result<Self, String> {
        let pattern = Self::new(text)?;
        if pattern.inner().is_some() {
            return Ok(pattern);
        }
        let wrong = |c: &char| !(c.is_alphanumeric() || matches!(c, '_' | '*' | '?'));
        if let Some(c) = text.chars().find(wrong) {
            let hint = match c {
                '.' => messages::name_alone(),
                '(' | ')' => messages::without_parentheses(),
                '[' | ']' => messages::without_type_parameters(),
                '|' | '+' | '^' | '$' | '\\' => messages::expression_between_slashes(),
                _ => "",
            };
            return Err(messages::no_name_has(c.escape_default(), hint));
        }
        if text.starts_with(|c: char| c.is_numeric()) {
            return Err(messages::no_digit_first().into());
        }
        Ok(pattern)
    }

    /// Reads a pattern for base names of Go files.
    ///
    /// # Errors
    ///
    /// Why it is none, or why no file can be meant.
    pub fn file_name(text: &str) -> Result<Self, String> {
        let pattern = Self::new(text)?;
        if pattern.inner().is_none() {
            if text.contains(['/', '\\']) {
                return Err(messages::base_name().into());
            }
            if !text.ends_with(".go") && !text.ends_with(['*', '?']) {
                return Err(messages::go_file().into());
            }
        }
        Ok(pattern)
    }

    /// Returns the text as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name, if the pattern is nothing else.
    #[must_use]
    pub fn exact(&self) -> Option<&str> {
        (self.inner().is_none() && !self.text.contains(['*', '?'])).then_some(self.text.as_str())
    }

    /// Returns whether a name is what the pattern asks for.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self.inner() {
            Some(inner) => self
                .regex
                .get_or_init(|| Regex::new(&format!("^(?:{inner})$")).ok())
                .as_ref()
                .is_some_and(|r| r.is_match(name)),
            None if self.exact().is_some() => self.text == name,
            None => wild(self.text.as_bytes(), name.as_bytes()),
        }
    }

    /// Returns whether the pattern is found anywhere in a text; one that is not a regular expression must be the text.
    #[must_use]
    pub fn finds(&self, text: &str) -> bool {
        match self.inner() {
            Some(inner) => {
                self.regex.get_or_init(|| Regex::new(inner).ok()).as_ref().is_some_and(|r| r.is_match(text))
            }
            None => self.text == text,
        }
    }

    /// Returns what stands between the slashes of a regular expression.
    fn inner(&self) -> Option<&str> {
        self.text.strip_prefix('/')?.strip_suffix('/')
    }
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for NamePattern {}

impl fmt::Debug for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

/// `*` stands for any bytes, `?` for one.
fn wild(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            retry = Some((p + 1, n));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == name[n]) {
            p += 1;
            n += 1;
        } else if let Some((after, from)) = retry {
            p = after;
            n = from + 1;
            retry = Some((after, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

/// A pattern for import paths: the path itself, or with `...` for any text, as the go command has it (`net/...` is `net`,
/// too), with `*` for any text without a slash, `?` for one character that is not a slash, or `[a-c]` for one of several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathPattern(String);

impl PathPattern {
    /// A pattern that was read before.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Reads a pattern that the user wrote.
    ///
    /// # Errors
    ///
    /// Why it is none, and what to write.
    pub fn read(text: &str) -> Result<Self, String> {
        check_path(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Reads an import path that the user wrote.
    ///
    /// # Errors
    ///
    /// Why it is none, or is more than one.
    pub fn read_exact(text: &str) -> Result<Self, String> {
        let read = Self::read(text)?;
        match read.exact() {
            Some(_) => Ok(read),
            None => Err(messages::one_path().into()),
        }
    }

    /// Returns the text as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path, if the pattern is nothing else.
    #[must_use]
    pub fn exact(&self) -> Option<&str> {
        (!is_wild(self.0.as_bytes())).then_some(self.0.as_str())
    }

    /// Returns whether a path is what the pattern asks for.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        Self::is_match(&self.0, path)
    }

    /// Returns whether a path is what a pattern asks for that was not read into a value.
    #[must_use]
    pub fn is_match(pattern: &str, path: &str) -> bool {
        // Most patterns are other paths, and that shows before anything in them that stands for more than itself.
        let same = pattern.bytes().zip(path.bytes()).take_while(|(p, n)| p == n).count();
        let (before, after) = pattern.as_bytes().split_at(same);
        if after.first().is_some_and(|b| !b"*?[./".contains(b))
            && before.last() != Some(&b'.')
            && !is_wild(before)
        {
            return false;
        }
        if !is_wild(pattern.as_bytes()) {
            return pattern == path;
        }
        if let Some(parent) = pattern.strip_suffix("/...")
            && parts(parent.as_bytes(), path.as_bytes())
        {
            return true;
        }
        parts(pattern.as_bytes(), path.as_bytes())
    }
}

/// Returns why a text is not a pattern of import paths. `rules/private/patterns.bzl` says the same, and `rules/tests/pattern_table.bzl` has
/// what both are tested with.
fn check_path(text: &str) -> Result<(), String> {
    let help = messages::path_example();
    if text.is_empty() {
        return Err(messages::empty_path(help));
    }
    if text.len() > 1 && text.starts_with('/') && text.ends_with('/') {
        return Err(messages::expression_as_path(help));
    }
    if text.starts_with('/') || text.ends_with('/') {
        return Err(messages::slash_at_end(help));
    }
    if text.contains("**") {
        return Err(messages::two_stars().into());
    }
    if let Some(element) = text.split('/').find(|e| matches!(*e, "" | "." | "..")) {
        return Err(match element {
            "" => messages::two_slashes().into(),
            _ => messages::folder(element, help),
        });
    }
    if text.split('@').skip(1).any(|after| {
        after.starts_with("latest")
            || after.strip_prefix('v').is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))
    }) {
        return Err(messages::version_in_path().into());
    }
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '[' {
            let Some(end) = rest.find(']') else { return Err(messages::open_class().into()) };
            check_class(&rest[..end])?;
            rest = &rest[end + 1..];
        } else if c.is_whitespace() || c.is_control() || "!\"#$%&'(),:;<=>\\]^`{|}".contains(c) {
            let help = if matches!(c, '{' | '}') { messages::two_patterns() } else { help };
            return Err(messages::no_path_has(c.escape_default(), help));
        }
    }
    Ok(())
}

/// Returns why a text is not a class of characters, as it stands between brackets.
fn check_class(class: &str) -> Result<(), String> {
    let inner = class.strip_prefix(['^', '!']).unwrap_or(class).as_bytes();
    let good = |b: u8| b.is_ascii_alphanumeric() || b"._~+@".contains(&b);
    let alike = |a: u8, b: u8| {
        (a.is_ascii_lowercase() && b.is_ascii_lowercase())
            || (a.is_ascii_uppercase() && b.is_ascii_uppercase())
            || (a.is_ascii_digit() && b.is_ascii_digit())
    };
    let mut rest = if class.contains("...") { &[b'.', b'-', b'-'][..] } else { inner };
    loop {
        rest = match rest {
            [] if !inner.is_empty() => return Ok(()),
            [from, b'-', to, more @ ..] if alike(*from, *to) && from <= to => more,
            // A dash at an end means itself.
            [b'-'] => &[],
            [b'-', more @ ..] if rest.len() == inner.len() => more,
            [one, more @ ..] if good(*one) && more.first().is_none_or(|b| *b != b'-' || more.len() == 1) => {
                more
            }
            _ => {
                return Err(messages::no_class(class));
            }
        };
    }
}

/// Returns whether a path pattern is more than a path.
fn is_wild(pattern: &[u8]) -> bool {
    pattern.iter().any(|b| b"*?[".contains(b)) || pattern.windows(3).any(|w| w == b"...")
}

/// `...` stands for any bytes, `*` for any but slashes, `?` for one that is none, `[...]` for one of a class.
fn parts(pattern: &[u8], path: &[u8]) -> bool {
    // Each entry: what is left of the pattern and where in the path; bounded by the product of both lengths.
    let mut seen = vec![false; (pattern.len() + 1) * (path.len() + 1)];
    let mut todo = vec![(0, 0)];
    while let Some((p, n)) = todo.pop() {
        let key = p * (path.len() + 1) + n;
        if std::mem::replace(&mut seen[key], true) {
            continue;
        }
        let rest = &pattern[p..];
        if rest.is_empty() {
            if n == path.len() {
                return true;
            }
        } else if rest.starts_with(b"...") {
            todo.push((p + 3, n));
            if n < path.len() {
                todo.push((p, n + 1));
            }
        } else if rest[0] == b'*' {
            todo.push((p + 1, n));
            if n < path.len() && path[n] != b'/' {
                todo.push((p, n + 1));
            }
        } else if rest[0] == b'[' {
            let Some(end) = rest.iter().position(|&b| b == b']') else { continue };
            if n < path.len() && path[n] != b'/' && in_class(&rest[1..end], path[n]) {
                todo.push((p + end + 1, n + 1));
            }
        } else if n < path.len() && (rest[0] == path[n] || rest[0] == b'?' && path[n] != b'/') {
            todo.push((p + 1, n + 1));
        }
    }
    false
}

/// Returns whether a byte is one of `abc`, `a-c`, or, behind `^` or `!`, none of them.
fn in_class(class: &[u8], byte: u8) -> bool {
    let (negated, mut rest) = match class {
        [b'^' | b'!', rest @ ..] => (true, rest),
        _ => (false, class),
    };
    let mut found = false;
    loop {
        match rest {
            [] => return found != negated,
            [low, b'-', high, more @ ..] => {
                found |= (*low..=*high).contains(&byte);
                rest = more;
            }
            [one, more @ ..] => {
                found |= *one == byte;
                rest = more;
            }
        }
    }
}

/// A name of a package: `net/http.Get`; the name is a [`NamePattern`] without regular expressions. Without a package it
/// is predeclared, one of the woven package, or a variable: `.print`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SymbolPattern {
    /// Import path.
    pub package: String,
    /// Name.
    pub name: NamePattern,
}

impl SymbolPattern {
    /// Reads a symbol.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        match text.rsplit_once('.') {
            Some((package, name)) if !package.is_empty() && !name.is_empty() && !name.contains('/') => {
                let package =
                    PathPattern::read_exact(package).map_err(|e| messages::no_import_path(package, &e))?;
                let name = NamePattern::identifier(name)?;
                Ok(Self { package: package.as_str().to_owned(), name })
            }
            _ => Err(messages::no_symbol(text)),
        }
    }

    /// Returns whether a name of a package is meant.
    #[must_use]
    pub fn matches(&self, package: &str, name: &str) -> bool {
        self.package == package && self.name.matches(name)
    }
}

impl TryFrom<String> for SymbolPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.strip_prefix('.') {
            Some(name) => Ok(Self { package: String::new(), name: NamePattern::new(name)? }),
            None => Self::new(&text),
        }
    }
}

impl From<SymbolPattern> for String {
    fn from(s: SymbolPattern) -> Self {
        format!("{}.{}", s.package, s.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match() {
        for (pattern, name, want) in [
            ("Get", "Get", true),
            ("Get", "GetAll", false),
            ("Get*", "Get", true),
            ("Get*", "GetAll", true),
            ("*All", "GetAll", true),
            ("G*A?l", "GetAll", true),
            ("G*A?l", "GetAl", false),
            ("*", "", true),
            ("/Get(All|One)/", "GetOne", true),
            ("/Get(All|One)/", "GetOnes", false),
        ] {
            let p = NamePattern::new(pattern).expect("the pattern is good");
            assert_eq!(p.matches(name), want, "{pattern} {name}");
        }
        assert!(NamePattern::new("/(/").is_err());
        assert!(NamePattern::new("").is_err());
    }

    /// The table that the tests of `rules/private/patterns.bzl` have, too: both must mean the same.
    #[test]
    fn paths_match_as_the_table_says() {
        let table = include_str!("../../../rules/tests/pattern_table.bzl");
        let (good, bad) = table.split_once("BAD_PATTERNS = [").expect("the table has both");
        let strings = |line: &str| -> Vec<String> {
            line.split('"').skip(1).step_by(2).map(|s| s.replace("\\\\", "\\").replace("\\t", "\t")).collect()
        };
        let mut count = 0;
        for line in good.lines().filter(|l| l.starts_with("    (\"")) {
            let [pattern, path] = strings(line).try_into().expect("a row has two strings");
            let want = line.ends_with(", True),");
            let read = PathPattern::read(&pattern).unwrap_or_else(|e| panic!("{pattern}: {e}"));
            assert_eq!(read.matches(&path), want, "{pattern} {path}");
            count += 1;
        }
        for line in bad.lines().filter(|l| l.starts_with("    \"")) {
            let pattern = strings(line).concat();
            assert!(PathPattern::read(&pattern).is_err(), "{pattern}");
            count += 1;
        }
        assert!(count > 60, "control: {count} rows");
    }
}

//! The pattern of a named type.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::messages;
use crate::{GoType, NamePattern, SymbolPattern};

/// A named type: `T`, `*T` or, for both, `[*]T`, each with or without the import path of its package: `path.T`. Type arguments do not
/// count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypePattern {
    /// Whether it is a pointer; `None`: it may be.
    pub pointer: Option<bool>,
    /// Import path; empty for a predeclared type and one of the woven package.
    pub package: String,
    /// Name.
    pub name: NamePattern,
}

impl TypePattern {
    /// Reads a type with its import path, whose name may have wild cards; `error` has none.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        if text == "error" {
            return Self::plain(text);
        }
        let (pointer, symbol) = pointer_of(text);
        if symbol.contains(['[', ']', '(', ' ']) {
            return Err(messages::type_arguments().into());
        }
        Ok(Self { pointer, ..Self::from(SymbolPattern::new(symbol)?) })
    }

    /// Reads a receiver: a type of the woven package, whose name may be any pattern.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn receiver(text: &str) -> Result<Self, String> {
        let (pointer, name) = pointer_of(text);
        Ok(Self { pointer, package: String::new(), name: NamePattern::identifier(name)? })
    }

    /// Reads one type, without wild cards, which is predeclared or of the woven package if it has no import path.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn plain(text: &str) -> Result<Self, String> {
        let (pointer, rest) = match text.strip_prefix('*') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        let (package, name) = rest.rsplit_once('.').unwrap_or(("", rest));
        let word = |s: &str| {
            s.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && s.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | '~');
        if !word(name) || !package.chars().all(good) || (package.is_empty() && rest != name) {
            return Err(messages::type_forms().into());
        }
        Ok(Self { pointer: Some(pointer), package: package.to_owned(), name: NamePattern::new(name)? })
    }

    /// Reads one type, without wild cards, whose package may be written by its name: `http.Request`, see [`Self::is`].
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn called(text: &str) -> Result<Self, String> {
        let (pointer, rest) = text.strip_prefix('*').map_or((false, text), |rest| (true, rest));
        if rest == "interface{}" {
            return Ok(Self {
                pointer: Some(pointer),
                package: String::new(),
                name: NamePattern::new("any")?,
            });
        }
        let (package, name) = match rest.rsplit_once('.') {
            Some((package, name)) => (Some(package), name),
            None => (None, rest),
        };
        let good = |c: char| c.is_alphanumeric() || c == '_';
        let in_path = |c: char| good(c) || matches!(c, '.' | '/' | '-' | '~' | '+');
        if name.is_empty()
            || name.starts_with(|c: char| c.is_ascii_digit())
            || !name.chars().all(good)
            || package.is_some_and(|p| p.is_empty() || !p.chars().all(in_path))
        {
            return Err(messages::called_type().into());
        }
        let package = package.unwrap_or_default().to_owned();
        Ok(Self { pointer: Some(pointer), package, name: NamePattern::new(name)? })
    }

    /// Returns whether a named type is meant, in a package with the import path `own`.
    #[must_use]
    pub fn names(&self, package: &str, name: &str, own: &str) -> bool {
        (self.package == package || self.package.is_empty() && package == own) && self.name.matches(name)
    }

    /// Returns whether a type is meant, in a package with the import path `own`.
    #[must_use]
    pub fn matches(&self, ty: &GoType, own: &str) -> bool {
        self.base_of(ty).is_some_and(|base| match base {
            GoType::Named { package, name, .. } => self.names(package, name, own),
            GoType::Param(name) => self.package.is_empty() && self.name.matches(name),
            other => {
                self.package.is_empty()
                    && self.name.exact().and_then(GoType::predeclared).is_some_and(|ty| ty == *other)
            }
        })
    }

    /// Returns whether a type is meant where a package may be written by its name; `called` gives the name that a path says it has.
    #[must_use]
    pub fn is(&self, ty: &GoType, own: &str, called: &dyn Fn(&str) -> String) -> bool {
        self.matches(ty, own)
            || !self.package.is_empty()
                && !self.package.contains('/')
                && self.base_of(ty).is_some_and(|base| match base {
                    GoType::Named { package, name, .. } => {
                        self.name.matches(name) && called(package) == self.package
                    }
                    _ => false,
                })
    }

    /// The type without its pointer, if it is a pointer as the pattern has it.
    fn base_of<'t>(&self, ty: &'t GoType) -> Option<&'t GoType> {
        let (pointer, base) = match ty {
            GoType::Pointer(base) => (true, &**base),
            other => (false, other),
        };
        self.pointer.is_none_or(|p| p == pointer).then_some(base)
    }

    /// `*T` or `T`, if the pattern is nothing else.
    #[must_use]
    pub fn exact(&self) -> Option<String> {
        let star = if self.pointer? { "*" } else { "" };
        self.package.is_empty().then_some(())?;
        Some(format!("{star}{}", self.name.exact()?))
    }

    /// The type in the text form of [`GoType`]; `own` is the import path of the package that has it if it names none.
    #[must_use]
    pub fn to_go_type(&self, own: &str) -> GoType {
        let name = self.name.as_str();
        let named = |package: &str| GoType::Named {
            package: package.to_owned(),
            name: name.to_owned(),
            args: Vec::new(),
        };
        let base = match (&*self.package, GoType::predeclared(name)) {
            ("", Some(basic)) => basic,
            ("", None) => named(own),
            (package, _) => named(package),
        };
        if self.pointer == Some(true) { GoType::Pointer(Box::new(base)) } else { base }
    }
}

/// Splits a text into what it says before the name of a type, `*`, nothing, or `[*]` for both, and the rest.
fn pointer_of(text: &str) -> (Option<bool>, &str) {
    match (text.strip_prefix("[*]"), text.strip_prefix('*')) {
        (Some(base), _) => (None, base),
        (None, Some(base)) => (Some(true), base),
        (None, None) => (Some(false), text),
    }
}

impl From<SymbolPattern> for TypePattern {
    fn from(symbol: SymbolPattern) -> Self {
        Self { pointer: Some(false), package: symbol.package, name: symbol.name }
    }
}

impl TryFrom<String> for TypePattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (pointer, rest) = pointer_of(&text);
        // A regular expression is a name.
        let split = if rest.starts_with('/') { None } else { rest.rsplit_once('.') };
        let (package, name) = split.unwrap_or(("", rest));
        Ok(Self { pointer, package: package.to_owned(), name: NamePattern::new(name)? })
    }
}

impl fmt::Display for TypePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.pointer {
            None => "[*]",
            Some(true) => "*",
            Some(false) => "",
        })?;
        if !self.package.is_empty() {
            write!(f, "{}.", self.package)?;
        }
        f.write_str(self.name.as_str())
    }
}

impl From<TypePattern> for String {
    fn from(t: TypePattern) -> Self {
        t.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::TypePattern;
    use crate::GoType;

    #[test]
    fn types_match_by_pointer_package_and_name() {
        let called = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let row = |pattern: &TypePattern, actual: &str, matches: bool, is: bool| {
            let ty = GoType::parse(actual).expect("it is a type");
            assert_eq!(pattern.matches(&ty, "own"), matches, "{pattern} {actual}");
            assert_eq!(pattern.is(&ty, "own", &called), is, "{pattern} {actual}, by its name");
            assert_eq!(TypePattern::try_from(pattern.to_string()).as_ref(), Ok(pattern), "{pattern} again");
        };
        let new = |text: &str| TypePattern::new(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        for (wanted, actual, matches) in [
            ("error", "error", true),
            ("any", "interface{}", true),
            ("byte", "uint8", true),
            ("*net/http.Request", "*net/http.Request", true),
            ("net/http.Request", "*net/http.Request", false),
            ("a.T", "a.T[int]", true),
            ("T", "own.T", true),
            ("T", "a.T", false),
            ("string", "[]string", false),
        ] {
            row(&TypePattern::plain(wanted).expect("it is a type"), actual, matches, matches);
        }
        row(&new("[*]a/b.T*"), "*a/b.Tx", true, true);
        row(&new("[*]a/b.T*"), "a/b.T", true, true);
        row(&new("*a/b.T"), "a/b.T", false, false);
        row(&new("error"), "error", true, true);
        row(&TypePattern::called("*http.Request").expect("a type"), "*net/http.Request", false, true);
        row(&TypePattern::called("http.Request").expect("a type"), "*net/http.Request", false, false);
        row(&TypePattern::called("interface{}").expect("a type"), "any", true, true);
        row(&TypePattern::receiver("[*]/T.+/").expect("a receiver"), "*own.Tx", true, true);
        row(&TypePattern::receiver("T").expect("a receiver"), "*own.T", false, false);
        for bad in ["", "*", "[]int", "map[a]b", "a.", ".T", "a b"] {
            assert!(TypePattern::plain(bad).is_err(), "{bad}");
        }
        assert!(TypePattern::new("T").is_err() && TypePattern::new("a/b.T[int]").is_err());
        assert!(TypePattern::receiver("a.T").is_err() && TypePattern::called("a b").is_err());
        let exact = |text: &str| TypePattern::receiver(text).ok().and_then(|t| t.exact());
        assert_eq!((exact("*T"), exact("[*]T"), exact("T*")), (Some("*T".into()), None, None));
    }
}

//! Conditions on the types of a signature by the names in them.

use serde::{Deserialize, Serialize};

use crate::GoType;

/// Named types of a signature, wherever in a parameter's or result's type they stand: `[]T` mentions `T`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mentions {
    /// The types of exactly these parameters, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<TypeName>>,
    /// The types of exactly these results, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<TypeName>>,
    /// A parameter mentions each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub some_parameter: Vec<TypeName>,
    /// A result mentions each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub some_result: Vec<TypeName>,
    /// The last result mentions it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_result: Option<TypeName>,
}

/// A type by its name: `error`, `T` of the package itself, `net/http.Request` or `http.Request`, each with or without `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypeName {
    pointer: bool,
    package: Option<String>,
    name: String,
}

impl TypeName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        let (pointer, rest) = text.strip_prefix('*').map_or((false, text), |rest| (true, rest));
        if rest == "interface{}" {
            return Ok(Self { pointer, package: None, name: "any".into() });
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
            return Err("write `Name`, `import/path.Name`, or either with `*`".into());
        }
        Ok(Self { pointer, package: package.map(str::to_owned), name: name.to_owned() })
    }

    /// Returns whether the type is this one, seen from `package`; `called` gives the name that a path says a package has.
    #[must_use]
    pub fn is(&self, ty: &GoType, package: &str, called: &dyn Fn(&str) -> String) -> bool {
        let base = match (self.pointer, ty) {
            (true, GoType::Pointer(base)) => base,
            (false, other) => other,
            _ => return false,
        };
        match (base, &self.package) {
            (GoType::Basic(name), None) => {
                GoType::predeclared(&self.name).is_some_and(|t| t == GoType::Basic(name.clone()))
            }
            (GoType::Param(name), None) => *name == self.name,
            (GoType::Named { package: p, name, .. }, None) => p == package && *name == self.name,
            (GoType::Named { package: p, name, .. }, Some(wanted)) => {
                *name == self.name && (p == wanted || !wanted.contains('/') && called(p) == *wanted)
            }
            _ => false,
        }
    }

    /// Returns whether the type is this one, or is made of it.
    #[must_use]
    pub fn in_type(&self, ty: &GoType, package: &str, called: &dyn Fn(&str) -> String) -> bool {
        let mut found = false;
        ty.walk(&mut |t| found |= self.is(t, package, called));
        found
    }
}

impl TryFrom<String> for TypeName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text)
    }
}

impl From<TypeName> for String {
    fn from(t: TypeName) -> Self {
        let star = if t.pointer { "*" } else { "" };
        let package = t.package.map_or(Self::new(), |p| p + ".");
        format!("{star}{package}{}", t.name)
    }
}

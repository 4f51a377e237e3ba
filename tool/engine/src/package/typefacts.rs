//! Facts of the type checker about a package, and the conclusions of rules from them.
//!
//! The facts come from a program of their own (`tool/types`), which runs before the weaver where rules ask for it. They
//! name places by byte offset: a call by its opening parenthesis, a composite literal by its opening brace, a function by
//! its name, a function literal by its `func`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use weave_ir::{ArgumentPattern, FunctionPattern, GoType, Interface, MethodPattern, TypeQuestions};

use crate::messages;
use crate::package::file::File;

/// Type facts of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeFacts {
    /// Version of this format: 1.
    pub weave: u32,
    /// Import path.
    pub package: String,
    /// Questions that were asked.
    pub asked: TypeQuestions,
    /// Interfaces that the package does not know, and why: nothing in it implements them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: BTreeMap<String, String>,
    /// Names that were asked for as interfaces and are none, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wrong: BTreeMap<String, String>,
    /// The files that are in the build, by base name.
    pub files: BTreeMap<String, FileFacts>,
}

/// Type facts of a file, each list in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// Checksum of the source: CRC-32 (IEEE) as 8 hexadecimal digits.
    pub sum: String,
    /// Calls of methods and functions that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallFact>,
    /// Functions and function literals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<FunctionFact>,
    /// Composite literals and `new(T)` of types that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub literals: Vec<LiteralFact>,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallFact {
    /// Offset of the opening parenthesis.
    pub at: u32,
    /// The method, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodFact>,
    /// The arguments, if they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<ArgumentFact>,
}

/// A method that is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodFact {
    /// Its name.
    pub name: String,
    /// The type that declares it, as the declaration has the receiver.
    pub of: String,
    /// The static type of what stands before the dot.
    pub receiver: String,
    /// The interfaces asked for that this type, or a pointer to it, implements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implements: Vec<String>,
    /// The embedded fields through which the method comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// Operator that makes the receiver of the expression before the dot and those fields: `&`, `*` or none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub adjust: String,
    /// Whether it is a method expression, `T.M`, whose first argument is the receiver.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expression: bool,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentFact {
    /// Its static type.
    pub r#type: String,
    /// The interfaces asked for that this type implements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub implements: Vec<String>,
}

/// A function or a function literal: the interfaces asked for that its types implement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionFact {
    /// Offset of its name, or of the `func` of a literal.
    pub at: u32,
    /// Interfaces of the receiver's type or a pointer to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receiver: Vec<String>,
    /// Interfaces of each parameter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Vec<String>>,
    /// Interfaces of each result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<Vec<String>>,
}

/// A composite literal or `new(T)` of a named type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiteralFact {
    /// Offset of the opening brace, or parenthesis.
    pub at: u32,
    /// Import path of the type.
    pub package: String,
    /// Its name.
    pub name: String,
    /// Whether the literal stands for `&T{}` without saying so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pointer: bool,
}

/// Facts that are not about these sources and rules.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TypeFactsError {
    /// They are of another format.
    Format(u32),
    /// They are about another package.
    Package(String),
    /// They say nothing of a file that is in the build.
    NoFile(String),
    /// A file is not what it was.
    OtherFile(String),
    /// They do not answer what the rules ask.
    NotAsked,
}

impl fmt::Display for TypeFactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(n) => f.write_str(&messages::facts_of_other_format(n)),
            Self::Package(p) => f.write_str(&messages::facts_of_package(p)),
            Self::NoFile(path) => f.write_str(&messages::facts_without_file(path)),
            Self::OtherFile(path) => f.write_str(&messages::facts_of_other_content(path)),
            Self::NotAsked => f.write_str(messages::facts_without_answer()),
        }
    }
}

impl std::error::Error for TypeFactsError {}

/// Values that a placeholder chooses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Parameter,
    Result,
    LastResult,
}

impl TypeFacts {
    /// Checks that the facts are about a package and answer what its rules ask.
    pub(crate) fn check(
        &self,
        package: &str,
        files: &[File<'_>],
        asked: &TypeQuestions,
    ) -> Result<(), TypeFactsError> {
        if self.weave != 1 {
            return Err(TypeFactsError::Format(self.weave));
        }
        if self.package != package {
            return Err(TypeFactsError::Package(self.package.clone()));
        }
        if !self.asked.covers(asked) {
            return Err(TypeFactsError::NotAsked);
        }
        for file in files.iter().filter(|f| f.active()) {
            let path = || file.source.path.to_owned();
            match self.files.get(file.source.base_name()) {
                None => return Err(TypeFactsError::NoFile(path())),
                Some(facts) if facts.sum != checksum(file.source.source) => {
                    return Err(TypeFactsError::OtherFile(path()));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn call(&self, file: &str, at: u32) -> Option<&CallFact> {
        let list = &self.files.get(file)?.calls;
        list.binary_search_by_key(&at, |c| c.at).ok().map(|i| &list[i])
    }

    fn function(&self, file: &str, at: u32) -> Option<&FunctionFact> {
        let list = &self.files.get(file)?.functions;
        list.binary_search_by_key(&at, |f| f.at).ok().map(|i| &list[i])
    }

    /// The literal with this brace or parenthesis.
    pub(crate) fn literal(&self, file: &str, at: u32) -> Option<&LiteralFact> {
        let list = &self.files.get(file)?.literals;
        list.binary_search_by_key(&at, |l| l.at).ok().map(|i| &list[i])
    }

    /// The method that is called at a parenthesis.
    pub(crate) fn method(&self, file: &str, at: u32) -> Option<&MethodFact> {
        self.call(file, at)?.method.as_ref()
    }

    /// Returns whether the call at a parenthesis has such an argument.
    pub(crate) fn has_argument(&self, file: &str, at: u32, p: &ArgumentPattern) -> bool {
        let Some(call) = self.call(file, at) else { return false };
        let is = |a: &ArgumentFact| {
            p.r#type.as_ref().is_none_or(|t| same_type(t, &a.r#type))
                && p.implements.as_ref().is_none_or(|i| has(&a.implements, i))
        };
        match p.index {
            Some(i) => call.arguments.get(i as usize).is_some_and(is),
            None => call.arguments.iter().any(is),
        }
    }

    /// Returns whether the types of a function implement what a pattern asks for.
    pub(crate) fn implements(&self, file: &str, at: u32, p: &FunctionPattern) -> bool {
        let Some(f) = self.function(file, at) else { return false };
        let any = |list: &[Vec<String>], i: &Interface| list.iter().any(|of| has(of, i));
        p.receiver_implements.as_ref().is_none_or(|i| has(&f.receiver, i))
            && p.parameter_implements.as_ref().is_none_or(|i| any(&f.parameters, i))
            && p.result_implements.as_ref().is_none_or(|i| any(&f.results, i))
            && p.last_result_implements
                .as_ref()
                .is_none_or(|i| f.results.last().is_some_and(|last| has(last, i)))
    }

    /// The parameter or result of a function that a placeholder means, by its position.
    pub(crate) fn implementing(&self, file: &str, at: u32, which: Which, interface: &str) -> Option<usize> {
        let f = self.function(file, at)?;
        let is = |of: &Vec<String>| of.iter().any(|i| i == interface);
        match which {
            Which::Parameter => f.parameters.iter().position(is),
            Which::Result => f.results.iter().position(is),
            Which::LastResult => f.results.iter().rposition(is),
        }
    }
}

impl MethodFact {
    /// Returns whether it is the method that a pattern asks for.
    pub(crate) fn is(&self, p: &MethodPattern) -> bool {
        p.name.as_ref().is_none_or(|n| n.matches(&self.name))
            && p.of.as_ref().is_none_or(|t| GoType::parse(&self.of).is_ok_and(|of| t.matches(&of, "")))
            && p.receiver
                .as_ref()
                .is_none_or(|t| GoType::parse(&self.receiver).is_ok_and(|r| t.matches(&r, "")))
            && p.receiver_implements.as_ref().is_none_or(|i| has(&self.implements, i))
    }

    /// The method as people write it: `(*database/sql.DB).Query`.
    pub(crate) fn display(&self) -> String {
        if self.of.starts_with('*') {
            format!("({}).{}", self.of, self.name)
        } else {
            format!("{}.{}", self.of, self.name)
        }
    }
}

fn has(list: &[String], interface: &Interface) -> bool {
    list.iter().any(|i| i == interface.as_str())
}

fn same_type(a: &str, b: &str) -> bool {
    matches!((GoType::parse(a), GoType::parse(b)), (Ok(a), Ok(b)) if a == b)
}

/// CRC-32 (IEEE 802.3) as 8 hexadecimal digits: enough to notice that a file is another one.
fn checksum(bytes: &[u8]) -> String {
    let mut crc = u32::MAX;
    for &b in bytes {
        crc ^= u32::from(b);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    format!("{:08x}", !crc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_ieee() {
        assert_eq!(checksum(b"123456789"), "cbf43926");
        assert_eq!(checksum(b""), "00000000");
    }
}

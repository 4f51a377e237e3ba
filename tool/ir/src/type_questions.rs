//! Questions of rules to the type checker.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{JoinPoint, NamePattern};

/// Stands for every name.
const ALL: &str = "*";

/// Questions of the rules for one package to the type checker. A helper program answers them from the package's sources and
/// the export data of what they import; it answers nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeQuestions {
    /// Names of methods whose calls are asked for; `*`: of all methods.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub methods: BTreeSet<String>,
    /// Functions whose calls are asked for because of their arguments: `net/http.Get`, `net/http.*`, or `*` for all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub functions: BTreeSet<String>,
    /// Whether the types of the arguments of these calls are asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub arguments: bool,
    /// Whether it is asked what receivers, parameters and results of functions implement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signatures: bool,
    /// Import paths of the named types whose literals are asked for.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub literals: BTreeSet<String>,
    /// Interfaces of which it is asked what implements them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub interfaces: BTreeSet<String>,
}

/// Questions in a file of their own, which the helper reads as it reads [`crate::LoweredRules`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedTypes {
    /// Version of the format: 1.
    pub weave: u32,
    /// The questions.
    #[serde(skip_serializing_if = "TypeQuestions::is_empty")]
    pub types: TypeQuestions,
}

impl TypeQuestions {
    /// Returns whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Asks these, too.
    pub fn extend(&mut self, other: &Self) {
        self.methods.extend(other.methods.iter().cloned());
        self.functions.extend(other.functions.iter().cloned());
        self.literals.extend(other.literals.iter().cloned());
        self.interfaces.extend(other.interfaces.iter().cloned());
        self.arguments |= other.arguments;
        self.signatures |= other.signatures;
    }

    /// Returns whether whoever answers these has answered `others`.
    #[must_use]
    pub fn covers(&self, others: &Self) -> bool {
        self.methods.is_superset(&others.methods)
            && self.functions.is_superset(&others.functions)
            && self.literals.is_superset(&others.literals)
            && self.interfaces.is_superset(&others.interfaces)
            && (self.arguments || !others.arguments)
            && (self.signatures || !others.signatures)
    }

    /// Returns what a join point asks.
    #[must_use]
    pub fn of(join: &JoinPoint) -> Self {
        let mut q = Self::default();
        let (mut methods, mut functions) = (BTreeSet::new(), BTreeSet::new());
        join.walk(&mut |j| match j {
            JoinPoint::MethodCall(m) => {
                methods.insert(m.name.as_ref().and_then(NamePattern::exact).unwrap_or(ALL).to_owned());
                q.interfaces.extend(m.receiver_implements.clone().map(String::from));
            }
            JoinPoint::Call(s) if s.package.is_empty() => {
                functions.insert(ALL.to_owned());
            }
            JoinPoint::Call(s) => {
                functions.insert(format!("{}.{}", s.package, s.name.exact().unwrap_or(ALL)));
            }
            JoinPoint::Argument(a) => {
                q.arguments = true;
                q.interfaces.extend(a.implements.clone().map(String::from));
            }
            JoinPoint::Function(f) => {
                for interface in f.interfaces() {
                    q.signatures = true;
                    q.interfaces.insert(interface.as_str().to_owned());
                }
            }
            JoinPoint::Literal(l) if l.types => {
                q.literals.insert(l.r#type.package.clone());
            }
            _ => {}
        });
        if q.arguments {
            if methods.is_empty() && functions.is_empty() {
                methods.insert(ALL.to_owned());
                functions.insert(ALL.to_owned());
            }
            q.functions = functions;
        }
        q.methods = methods;
        q
    }
}

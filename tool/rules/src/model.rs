//! The rule file as people write it.

use serde::{Deserialize, Deserializer};

/// A value and where it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sp<T> {
    /// The value.
    pub value: T,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub col: u32,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Sp<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        let at = spanned.referenced;
        Ok(Self {
            value: spanned.value,
            line: u32::try_from(at.line()).unwrap_or(u32::MAX),
            col: u32::try_from(at.column()).unwrap_or(u32::MAX),
        })
    }
}

/// A rule file: the rules of one instrumentation, beside the Go package that has its hooks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleFile {
    /// Version of this language: 1.
    pub weave: Sp<u32>,
    /// Name of the instrumentation, such as `database/sql`.
    pub name: Sp<String>,
    /// Import path of the package that has the hook functions.
    pub hooks: Option<Sp<String>>,
    /// What this instrumentation is for.
    pub doc: Option<String>,
    /// The rules, in the order in which their advice applies.
    pub rules: Vec<Sp<Rule>>,
}

/// One rule: where, and what to do there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Name of the rule, unique in its file.
    pub id: Sp<String>,
    /// Why there is this rule.
    pub doc: Option<String>,
    /// Where it applies.
    pub r#where: Sp<Where>,
    /// Whether matching nothing is an error; if not given: yes for packages of the standard library.
    pub required: Option<bool>,
    /// What it does.
    pub r#do: Sp<Advice>,
}

/// A join point: all given conditions hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Where {
    /// Import path of the package.
    pub package: Option<Sp<String>>,
    /// Name of a function or method.
    pub function: Option<Sp<String>>,
    /// Receiver of the method, `*T` or `T`; without it `function` is no method.
    pub receiver: Option<Sp<String>>,
    /// Type of the function, its types by full import path: `func(string) (*net/http.Response, error)`.
    pub signature: Option<Sp<String>>,
    /// Go releases, as `>=1.24, <1.28`.
    pub go: Option<Sp<String>>,
    /// Versions of the package's module, as `>=v1.2.0`.
    pub version: Option<Sp<String>>,
}

/// What to do at a join point: one of `hook` and `declare`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Advice {
    /// Call a hook when the function is entered, and what it returns when the function is left.
    pub hook: Option<Sp<HookAdvice>>,
    /// Go declarations to add to the package.
    pub declare: Option<Sp<String>>,
    /// Imports that the declarations need; the package must have them already.
    pub imports: Option<Vec<Sp<String>>>,
}

/// A call of a hook function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HookAdvice {
    /// Exported function of the hooks package.
    pub function: Sp<String>,
    /// Go expressions in terms of the names of receiver and parameters; if not given: the receiver, then all parameters.
    pub arguments: Option<Vec<Sp<String>>>,
    /// Parameters that the first results of the hook replace.
    #[serde(default)]
    pub replace: Vec<Sp<String>>,
}

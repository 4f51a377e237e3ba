//! Conditions on the types of a signature by the names in them.

use serde::{Deserialize, Serialize};

use crate::TypePattern;

/// Named types of a signature, wherever in a parameter's or result's type they stand: `[]T` mentions `T`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mentions {
    /// The types of exactly these parameters, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<TypePattern>>,
    /// The types of exactly these results, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<TypePattern>>,
    /// A parameter mentions each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub some_parameter: Vec<TypePattern>,
    /// A result mentions each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub some_result: Vec<TypePattern>,
    /// The last result mentions it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_result: Option<TypePattern>,
}

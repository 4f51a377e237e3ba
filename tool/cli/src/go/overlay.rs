//! The file of `-overlay`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The overlay: which files stand for which.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Overlay {
    pub replace: BTreeMap<String, String>,
    /// For our toolexec, which the go command does not read: the packages of the plain build, where a pattern says what is counted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub counted: BTreeSet<String>,
}

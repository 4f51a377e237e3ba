//! The file of `-overlay`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The overlay: which files stand for which.

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Overlay {
    pub replace: BTreeMap<String, String>,
}

//! `goweave schema`: the JSON schema of rule files.

use anyhow::Result;

use crate::out::{self, Outcome};

/// `goweave schema`
pub(crate) fn schema() -> Result<Outcome> {
    out::line(weave_dialects::SCHEMA.trim_end());
    Ok(Outcome::Done)
}

//! `goweave schema`: the JSON schema of rule files.

use anyhow::Result;

use crate::Outcome;
use crate::out;

/// `goweave schema`
pub(crate) fn schema() -> Result<Outcome> {
    out::line(weave_dialects::SCHEMA.trim_end());
    Ok(Outcome::Done)
}

//! `goweave check`: the mistakes of rule files.

use anyhow::Result;

use super::rule_files::{ANY_MODULE, lower_all};
use crate::args;
use crate::out::{self, Outcome};

/// `goweave check`
pub(crate) fn check(a: &args::Check) -> Result<Outcome> {
    // Which module is the main one does not matter for whether a file is good.
    let roots = if a.root_module.is_empty() { vec![ANY_MODULE.to_owned()] } else { a.root_module.clone() };
    let findings = match lower_all(&a.files, &a.hook_file, &roots)? {
        Ok(_) => Vec::new(),
        Err(findings) => findings,
    };
    Ok(out::findings(&findings))
}

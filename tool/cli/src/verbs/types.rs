//! `goweave types`: the rules that ask for types.

use anyhow::{Context, Result};
use weave_ir::{AskedTypes, TypeQuestions};

use super::rule_files::{ANY_MODULE, rules_of_package};
use crate::args;
use crate::files::write_json;
use crate::out::{self, Outcome};

/// `goweave types`
pub(crate) fn types(a: &args::Types) -> Result<Outcome> {
    // What is asked does not depend on which module is the main one.
    let roots = [ANY_MODULE.to_owned()];
    let rules = match rules_of_package(&a.rules, &a.hook_file, &a.importpath, &roots)? {
        Ok(rules) => rules,
        Err(findings) => return Ok(out::findings(&findings)),
    };
    let mut types = TypeQuestions::default();
    rules.iter().for_each(|set| types.extend(&set.types));
    let asked = AskedTypes { weave: 1, types };
    match &a.out {
        Some(path) => write_json(path, &asked)?,
        None => out::line(&serde_json::to_string_pretty(&asked).context("cannot write JSON")?),
    }
    Ok(Outcome::Done)
}

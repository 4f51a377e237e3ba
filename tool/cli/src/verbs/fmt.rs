//! `goweave fmt`: the layout of rule files.

use anyhow::Result;
use weave_ir::Location;

use crate::files::{read_text, shown, write};
use crate::out::{self, Outcome};
use crate::{args, messages};

/// `goweave fmt`
pub(crate) fn fmt(a: &args::Fmt) -> Result<Outcome> {
    let mut findings = Vec::new();
    for path in &a.files {
        let text = read_text(path)?;
        match weave_dialects::format(&text) {
            Ok(new) if new == text => {}
            Ok(new) if a.check => {
                let same = text.lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
                let at = Location::new(shown(path), u32::try_from(same + 1).unwrap_or(1), 1);
                findings.push(messages::not_formatted(at));
            }
            Ok(new) => write(path, new.as_bytes())?,
            Err((line, col, message)) => {
                findings.push(messages::cannot_format(Location::new(shown(path), line, col), &message));
            }
        }
    }
    Ok(out::findings(&findings))
}

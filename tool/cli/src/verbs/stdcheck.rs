//! `goweave stdcheck`: a woven package of the standard library beside the plain one.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::{link_or_copy, read, write};
use crate::out::{self, Outcome};
use crate::{args, summary};

/// `goweave stdcheck`
pub(crate) fn stdcheck(a: &args::StdCheck) -> Result<Outcome> {
    let lines: String = a.places.iter().map(|p| format!("{}\n", p.display())).collect();
    write(&a.unused_inputs, lines.as_bytes())?;
    link_or_copy(&a.woven, &a.out)?;
    if fingerprint(&a.plain)? == fingerprint(&a.export)? {
        return Ok(Outcome::Done);
    }
    let reports: Vec<PathBuf> = [&a.report].into_iter().chain(&a.places).cloned().collect();
    let all = summary::read(&reports)?.summary(args::TOOL);
    Ok(out::findings(&all.std_export_data_changed(&a.importpath)))
}

fn fingerprint(archive: &Path) -> Result<[u8; 8]> {
    weave_engine::export_fingerprint(&read(archive)?)
        .with_context(|| format!("cannot read {}", archive.display()))
}

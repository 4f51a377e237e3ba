//! `goweave stdcheck`: woven packages of the standard library beside the plain ones.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::{read, write};
use crate::out::{self, Outcome};
use crate::{args, summary};

/// `goweave stdcheck`
pub(crate) fn stdcheck(a: &args::StdCheck) -> Result<Outcome> {
    let lines: String = a.places.iter().map(|p| format!("{}\n", p.display())).collect();
    write(&a.unused_inputs, lines.as_bytes())?;
    write(&a.out, b"")?;
    let mut findings = Vec::new();
    for p in &a.package {
        if fingerprint(&p.plain)? != fingerprint(&p.export)? {
            let reports: Vec<PathBuf> = [&p.report].into_iter().chain(&a.places).cloned().collect();
            let all = summary::read(&reports)?.summary(args::TOOL);
            findings.extend(all.std_export_data_changed(&p.package));
        }
    }
    Ok(out::findings(&findings))
}

fn fingerprint(archive: &Path) -> Result<[u8; 8]> {
    weave_engine::export_fingerprint(&read(archive)?)
        .with_context(|| format!("cannot read {}", archive.display()))
}

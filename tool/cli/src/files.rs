//! Reading and writing files, with their names in every error.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Replaces every argument `@FILE` by the lines of FILE.
pub(crate) fn expand_param_files(arguments: Vec<String>) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for (i, argument) in arguments.into_iter().enumerate() {
        match argument.strip_prefix('@') {
            Some(path) if i > 0 => out.extend(read_text(Path::new(path))?.lines().map(str::to_owned)),
            _ => out.push(argument),
        }
    }
    Ok(out)
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

pub(crate) fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).with_context(|| format!("{} is not UTF-8", path.display()))
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    json(path, &read(path)?)
}

/// Reads JSON of a file that has these bytes.
pub(crate) fn json<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).with_context(|| format!("cannot read {}", path.display()))
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).context("cannot write JSON")?;
    text.push('\n');
    write(path, text.as_bytes())
}

/// Makes `to` a hard link of `from`, or a copy where that is not possible. Links on the way are followed, so that a
/// link into a sandbox does not outlive it.
pub(crate) fn link_or_copy(from: &Path, to: &Path) -> Result<()> {
    let real = fs::canonicalize(from).with_context(|| format!("cannot read {}", from.display()))?;
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    match fs::remove_file(to) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(e).with_context(|| format!("cannot replace {}", to.display()));
        }
        _ => {}
    }
    if fs::hard_link(&real, to).is_err() {
        fs::copy(&real, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    }
    Ok(())
}

/// A path as it was given, with `/` between its elements.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

//! Summaries of reports: read from files, and written where they are asked for.

use std::path::PathBuf;

use anyhow::Result;
use weave_report::{Reports, Summary};

use crate::out::{self, Outcome};
use crate::{args, files};

/// Writes a summary where it is asked for; as lines if nowhere. Then say what is required and not in it; `known` are instrumentations
/// that the build has, `next` is where to read why.
pub(crate) fn write(a: &args::Report, summary: &Summary, known: &[&str], next: &str) -> Result<Outcome> {
    if let Some(path) = &a.json {
        files::write(path, summary.json().as_bytes())?;
    }
    if let Some(path) = &a.html {
        files::write(path, summary.html().as_bytes())?;
    }
    if a.json.is_none() && a.html.is_none() && a.stamp.is_none() {
        out::line(summary.text().trim_end());
    }
    let missing = summary.missing(&a.require, known, next);
    if let Some(path) = a.stamp.as_ref().filter(|_| missing.is_empty()) {
        files::write(path, b"")?;
    }
    Ok(out::findings(&missing))
}

/// Reports of any kind, and where rules stand.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Reports> {
    let mut all = Reports::default();
    for path in paths {
        all.read(&files::shown(path), &files::read(path)?)?;
    }
    Ok(all)
}

//! `goweave report` and `goweave explain --report`: reports of packages as one.

use std::path::PathBuf;

use anyhow::Result;
use weave_report::{ReportedProgram, Reports, Summary};

use crate::files::{read, shown, write};
use crate::go::TOOL;
use crate::out;
use crate::{Outcome, args};

/// `goweave explain --report FILE`
pub(crate) fn explain(a: &args::Explain) -> Result<Outcome> {
    out::line(read_reports(&a.report)?.summary(TOOL).text().trim_end());
    Ok(Outcome::Done)
}

/// `goweave report REPORTS`
pub(crate) fn report(a: &args::Report) -> Result<Outcome> {
    let program = ReportedProgram {
        label: a.label.clone(),
        without_hooks: a.without_hooks.clone(),
        std: read_reports(&a.std)?,
    };
    let summary = read_reports(&a.reports)?.of_program(program).summary(TOOL);
    let all: Vec<String> = a.reports.iter().map(|r| format!(" --report {}", shown(r))).collect();
    write_summary(
        a,
        &summary,
        &[],
        &format!("`goweave explain{}` says what each rule asks for", all.concat()),
    )
}

/// Write a summary where it is asked for; as lines if nowhere. Then say what is required and not in it; `known` are instrumentations
/// that the build has, `next` is where to read why.
pub(crate) fn write_summary(
    a: &args::Report,
    summary: &Summary,
    known: &[&str],
    next: &str,
) -> Result<Outcome> {
    if let Some(path) = &a.json {
        write(path, summary.json().as_bytes())?;
    }
    if let Some(path) = &a.html {
        write(path, summary.html().as_bytes())?;
    }
    if a.json.is_none() && a.html.is_none() && a.stamp.is_none() {
        out::line(summary.text().trim_end());
    }
    let missing = summary.missing(&a.require, known, next);
    if let Some(path) = a.stamp.as_ref().filter(|_| missing.is_empty()) {
        write(path, b"")?;
    }
    Ok(out::findings(&missing))
}

/// Reports of any kind, and where rules stand.
pub(super) fn read_reports(paths: &[PathBuf]) -> Result<Reports> {
    let mut all = Reports::default();
    for path in paths {
        all.read(&shown(path), &read(path)?)?;
    }
    Ok(all)
}

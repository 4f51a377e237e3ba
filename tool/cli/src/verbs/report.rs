//! `goweave report` and `goweave explain --report`: reports of packages as one.

use anyhow::Result;
use weave_report::ReportedProgram;

use crate::files::shown;
use crate::out::{self, Outcome};
use crate::{args, summary};

/// `goweave explain --report FILE`
pub(crate) fn explain(a: &args::Explain) -> Result<Outcome> {
    out::line(summary::read(&a.report)?.summary(args::TOOL).text().trim_end());
    Ok(Outcome::Done)
}

/// `goweave report REPORTS`
pub(crate) fn report(a: &args::Report) -> Result<Outcome> {
    let program = ReportedProgram {
        label: a.label.clone(),
        without_hooks: a.without_hooks.clone(),
        std: summary::read(&a.std)?,
    };
    let all = summary::read(&a.reports)?.of_program(program).summary(args::TOOL);
    let given: Vec<String> = a.reports.iter().map(|r| format!(" --report {}", shown(r))).collect();
    summary::write(a, &all, &[], &format!("`goweave explain{}` says what each rule asks for", given.concat()))
}

//! The terminal: results on stdout, everything else on stderr. Nothing else prints.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use weave_ir::Diagnostic;

use crate::render::for_stderr;

/// Outcome of a run without a fault.
pub(crate) enum Outcome {
    /// Everything asked for was done.
    Done,
    /// The input has findings; they were printed.
    Findings,
}

/// Prints a result as it is. A reader who has seen enough is not a fault.
pub(crate) fn text(result: &str) {
    let _ = std::io::stdout().write_all(result.as_bytes());
}

/// Prints a result and a line end.
pub(crate) fn line(result: &str) {
    text(&format!("{result}\n"));
}

/// Prints findings, and says how a verb ends that has these.
#[expect(clippy::print_stderr, reason = "the one place where findings are printed")]
pub(crate) fn findings(findings: &[Diagnostic]) -> Outcome {
    eprint!("{}", for_stderr(findings));
    if findings.is_empty() { Outcome::Done } else { Outcome::Findings }
}

/// Prints what is worth knowing and no mistake.
pub(crate) fn warnings(warnings: &[Diagnostic]) {
    let _ = findings(warnings);
}

/// Prints a line about the run.
#[expect(clippy::print_stderr, reason = "the one place where notes are printed")]
pub(crate) fn note(note: &dyn Display) {
    eprintln!("{note}");
}

/// Prints why the tool cannot go on, and returns its exit code.
pub(crate) fn fault(error: &anyhow::Error) -> ExitCode {
    note(&format_args!("goweave: {error:#}"));
    ExitCode::from(2)
}

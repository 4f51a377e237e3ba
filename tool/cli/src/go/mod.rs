//! `goweave go` and what belongs to it: the go command with weaving.
//!
//! Everything that a build needs from us lies in one folder below the build cache of Go, named by its content, so that
//! builds may run side by side and may be killed at any moment. Nothing is written anywhere else.

mod additions;
mod build;
mod go_command;
mod imports;
mod instrumentations;
mod orchestrion;
mod outside;
mod overlay;
mod package_files;
mod prepare;
mod remembered;
mod resolve;
mod rewriters;
mod runs;
mod show;
mod sources;
mod state;
mod toolexec;
mod types;
mod unused;
mod user_go;
mod workspace;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use weave_gocmd as gocmd;

use crate::out;
use go_command::{NO_GO, exec};

pub(crate) use go_command::target;
pub(crate) use show::{diff, env, explain, inspect, modules, report};
pub(crate) use toolexec::toolexec;

/// `goweave go ARGUMENTS`
pub(crate) fn go(arguments: &[String]) -> Result<ExitCode> {
    let command = gocmd::Command::parse(arguments);
    if command.kind == gocmd::VerbKind::Plain {
        exec(arguments, &[]).map(|never| match never {})
    } else if outside::has_version(&command) {
        match outside::outside(&command)? {
            outside::Outside::In { arguments, workspace } => {
                outside::again(&arguments, &workspace).map(|never| match never {})
            }
            outside::Outside::Refused => exec(arguments, &[]).map(|never| match never {}),
        }
    } else {
        let memory = remembered::Memory::of(arguments);
        let prepared = match memory.as_ref().and_then(remembered::Memory::recall) {
            Some(prepared) => prepared,
            None => prepare::prepare(&command, memory.as_ref())?,
        };
        run(prepared, arguments)
    }
}

/// Runs the go command; the last of several runs takes the place of this process.
fn run(prepared: runs::Prepared, arguments: &[String]) -> Result<ExitCode> {
    for note in &prepared.notes {
        out::note(&format_args!("goweave: {note}"));
    }
    let mut runs = prepared.runs;
    let Some(last) = runs.pop() else { return exec(arguments, &[]).map(|never| match never {}) };
    let mut failed = None;
    for run in runs {
        let mut go = Command::new("go");
        let status = go.args(&run.arguments).envs(run.variables.iter().cloned()).status().context(NO_GO)?;
        if !status.success() {
            failed = failed.or(Some(status));
        }
    }
    match failed {
        None => exec(&last.arguments, &last.variables).map(|never| match never {}),
        Some(status) => {
            // What the other programs have to say is still worth hearing.
            let mut go = Command::new("go");
            let _ = go.args(&last.arguments).envs(last.variables.iter().cloned()).status().context(NO_GO)?;
            Ok(ExitCode::from(status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(1)))
        }
    }
}

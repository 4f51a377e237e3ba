//! Turns a command line into the runs of the go command that execute it with weaving.

use anyhow::Result;
use weave_gocmd as gocmd;
use weave_gocmd::{Env, Scope};

use super::build::Build;
use super::instrumentations::without_shipped;
use super::remembered::Memory;
use super::runs::{Prepared, runs};
use crate::messages;

/// Prepares a command that builds.
pub(super) fn prepare(command: &gocmd::Command, memory: Option<&Memory>) -> Result<Prepared> {
    let mut prepared = Prepared::default();
    let Some(mut build) = Build::new(command, Scope::of(command))? else { return Ok(prepared) };
    if without_shipped(&build.go.env) {
        let Env { goos, goarch, .. } = &build.go.env;
        prepared.notes.push(messages::platform_without_shipped(goos, goarch));
    }
    prepared.notes.append(&mut build.notes);
    for path in &build.plan.go_programs {
        prepared.notes.push(messages::go_program(path));
    }
    for path in &build.plan.go_tests {
        prepared.notes.push(messages::go_test(path));
    }
    if !build.plan.work.is_empty() {
        let additions = build.additions(command)?;
        let variables = build.go.variables(&additions.workspace);
        let pure = build.go.pure(command);
        prepared.runs = runs(command, &build.plan, &additions.flags, &variables, &build.go.cwd, &pure);
    }
    let broken = build.packages.iter().any(|p| p.error.is_some());
    let settings = ["overlay", "modfile", "toolexec"].iter().any(|f| build.go.flag(command, f).is_some());
    // What a rewriter is made of may lie anywhere.
    let rewritten = build.plan.work.iter().any(|w| !w.rewriters.is_empty());
    match memory {
        Some(memory) if !broken && !settings && !rewritten => {
            Ok(memory.remember(&build.state, build.folders()?, prepared))
        }
        _ => Ok(prepared),
    }
}

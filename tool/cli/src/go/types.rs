//! Runs the types helper for rules that ask for types: a Go program that the user's own Go builds once, and that runs before the
//! weaver.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use weave_engine::TypeFacts;
use weave_gocmd as gocmd;
use weave_gocmd::{Work, types_helper, types_helper_name};
use weave_ir::AskedTypes;

use super::go_command::output;
use super::state::State;
use crate::files::{read_json, write_json};
use crate::messages;

/// Builds the helper, if it is not there.
pub(super) fn build(state: &State, env: &gocmd::Env) -> Result<()> {
    let path = state.path("files", &types_helper_name(&env.goversion));
    if state.claim(&path) {
        return Ok(());
    }
    if types_helper().next().is_none() {
        return Err(messages::built_without_types());
    }
    let dir = state.partial();
    let mut names = Vec::new();
    for (name, text) in types_helper() {
        crate::files::write(&dir.join(name), text)?;
        names.push(name);
    }
    let host = output(Command::new("go").args(["env", "GOHOSTOS", "GOHOSTARCH"]))?;
    let host = String::from_utf8_lossy(&host.stdout).into_owned();
    let mut host = host.split_whitespace();
    let mut go = Command::new("go");
    go.current_dir(&dir).args(["build", "-trimpath", "-buildvcs=false", "-o", "helper"]).args(&names);
    // Whatever the user builds, this is a program for here, of the standard library alone.
    for (name, value) in [
        ("GOOS", host.next().unwrap_or_default()),
        ("GOARCH", host.next().unwrap_or_default()),
        ("GOTOOLCHAIN", env.goversion.split(' ').next().unwrap_or_default()),
        ("GOFLAGS", ""),
        ("GOWORK", "off"),
        ("GO111MODULE", "off"),
        ("CGO_ENABLED", "0"),
    ] {
        go.env(name, value);
    }
    let built = output(&mut go)?;
    if !built.status.success() {
        bail!("cannot build the types helper\n{}", String::from_utf8_lossy(&built.stderr).trim_end());
    }
    std::fs::rename(dir.join("helper"), &path).with_context(|| format!("cannot write {}", path.display()))?;
    let _ = std::fs::remove_dir_all(&dir);
    Ok(())
}

/// The package to check.
pub(super) struct TypeCheck<'a> {
    /// The package and what its rules ask.
    pub work: &'a Work,
    /// Import configuration: the export data of its imports.
    pub importcfg: &'a Path,
    /// The Go files.
    pub files: &'a [String],
    /// Whether they are what the compiler is given, so that none is left out.
    pub all: bool,
    /// A folder to write to.
    pub folder: &'a Path,
}

/// Returns what the type checker says, or what it says of errors that the package has. Rules that ask nothing get nothing.
pub(super) fn facts(
    state: &State,
    check: &TypeCheck<'_>,
) -> Result<std::result::Result<Option<TypeFacts>, String>> {
    let TypeCheck { work, importcfg, files, all, folder } = check;
    let Some(helper) = &work.types else { return Ok(Ok(None)) };
    let (questions, answer) = (folder.join("types_asked.json"), folder.join("types.json"));
    write_json(&questions, &AskedTypes { weave: 1, types: work.questions() })?;
    let program = state.path("files", helper);
    let mut command = Command::new(&program);
    command.args(["-importpath", &work.package, "-go-version", &work.go]);
    command.args(["-goos", &work.goos, "-goarch", &work.goarch, "-tags", &work.tags.join(",")]);
    command.arg("-importcfg").arg(importcfg).arg("-rules").arg(&questions).arg("-out").arg(&answer);
    for (on, flag) in [(work.cgo, "-cgo"), (work.std, "-std"), (*all, "-all")] {
        if on {
            command.arg(flag);
        }
    }
    let out = command.args(*files).output().with_context(|| {
        format!(
            "cannot run {}\n    help: run the build by `goweave go`, or `goweave env` again",
            program.display()
        )
    })?;
    match out.status.code() {
        Some(0) => Ok(Ok(Some(read_json(&answer)?))),
        Some(1) => Ok(Err(String::from_utf8_lossy(&out.stderr).trim_end().to_owned())),
        _ => bail!("{}", String::from_utf8_lossy(&out.stderr).trim_end()),
    }
}

//! Running the go command, and what it says.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use weave_gocmd as gocmd;

pub(super) const NO_GO: &str =
    "cannot run the go command\n    help: install Go 1.24 or newer, and have it on PATH";

/// Becomes the go command.
pub(super) fn exec(arguments: &[String], variables: &[(String, String)]) -> Result<Infallible> {
    let mut go = Command::new("go");
    go.args(arguments).envs(variables.iter().cloned());
    become_process(go).context(NO_GO)
}

/// Replaces this process, so that signals, exit code and streams are the other one's.
#[cfg(unix)]
pub(super) fn become_process(mut command: Command) -> Result<Infallible> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
pub(super) fn become_process(mut command: Command) -> Result<Infallible> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1))
}

/// Release, system and architecture that the go command builds for.
pub(crate) fn target() -> Result<(String, String, String)> {
    let out = output(Command::new("go").args(["env", "GOVERSION", "GOOS", "GOARCH"]))?;
    let said = String::from_utf8_lossy(&out.stdout);
    match said.lines().collect::<Vec<_>>()[..] {
        [go, goos, goarch] if out.status.success() => {
            Ok((go.trim_start_matches("go").to_owned(), goos.to_owned(), goarch.to_owned()))
        }
        _ => bail!("cannot read what `go env` says: {said}{}", String::from_utf8_lossy(&out.stderr)),
    }
}

/// The first line of a go.mod that begins with a word, without it.
pub(super) fn module_line(go_mod: &[u8], word: &str) -> String {
    let text = String::from_utf8_lossy(go_mod);
    let lines = text.lines().map(|l| l.split("//").next().unwrap_or_default().trim());
    lines
        .filter_map(|l| l.strip_prefix(word))
        .find(|rest| rest.starts_with([' ', '\t']))
        .map_or(String::new(), |rest| rest.trim().trim_matches('"').to_owned())
}

/// `go mod edit -json` or `go work edit -json`
pub(super) fn edit(what: &str, path: &str) -> Result<gocmd::ModFile> {
    let out = output(Command::new("go").args([what, "edit", "-json", path]))?;
    if !out.status.success() {
        bail!("{}", String::from_utf8_lossy(&out.stderr).trim_end());
    }
    serde_json::from_slice(&out.stdout).with_context(|| format!("cannot read {path}"))
}

pub(super) fn output(command: &mut Command) -> Result<Output> {
    command.output().context(NO_GO)
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[expect(clippy::disallowed_methods, reason = "the go command works where the user is")]
pub(super) fn current_dir() -> Result<PathBuf> {
    std::env::current_dir().context("there is no working directory")
}

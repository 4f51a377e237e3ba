//! External rewriters of rule files: built or copied beside what else a build needs, and asked where a package is woven.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use weave_engine::{LoweredRewriter, Rewrite, WeaveInput};
use weave_gocmd::{Work, digest};

use super::go_command::{output, shown};
use super::state::State;
use crate::args::Rewriter;
use crate::files::read;
use crate::messages;

/// Builds or copy the program of a rule file; the name of the file, among [`State`]'s `files`.
pub(super) fn program(cwd: &Path, rewriter: &LoweredRewriter, state: &State) -> Result<String> {
    let Some((program, at)) = &rewriter.program else {
        return Err(messages::rewriter_without_program(&rewriter.at));
    };
    let file = cwd.join(&at.file);
    let folder = file.parent().unwrap_or(cwd);
    let path = folder.join(program);
    let bytes = if path.is_file() {
        read(&path)?
    } else {
        // A folder may be a module of its own.
        let (from, package) = if path.is_dir() { (path.as_path(), ".") } else { (folder, program.as_str()) };
        let dir = state.partial();
        let built = dir.join("rewriter");
        let bytes = build(from, package, &built).and_then(|said| match said {
            None => read(&built),
            Some(said) => Err(messages::rewriter_not_built(at, program, &said)),
        });
        let _ = std::fs::remove_dir_all(&dir);
        bytes?
    };
    let name = format!("{}.rewriter", digest([bytes.as_slice()]));
    state.program(&state.path("files", &name), &bytes)?;
    Ok(name)
}

/// Builds a Go program for this machine, whatever the user builds; what the go command says if it cannot.
fn build(from: &Path, package: &str, to: &Path) -> Result<Option<String>> {
    let host = output(Command::new("go").args(["env", "GOHOSTOS", "GOHOSTARCH"]))?;
    let host = String::from_utf8_lossy(&host.stdout).into_owned();
    let mut host = host.split_whitespace();
    let mut go = Command::new("go");
    go.current_dir(from).args(["build", "-trimpath", "-buildvcs=false", "-o", &shown(to), package]);
    go.env("GOOS", host.next().unwrap_or_default()).env("GOARCH", host.next().unwrap_or_default());
    let built = output(&mut go)?;
    // Of a package that is not a program the go command writes an archive.
    let program = to.is_file() && !read(to)?.starts_with(b"!<arch>\n");
    Ok(match String::from_utf8_lossy(&built.stderr).trim_end() {
        _ if built.status.success() && program => None,
        "" => Some("it is not a program".to_owned()),
        said => Some(said.to_owned()),
    })
}

/// Asks the rewriters of a package.
pub(super) fn ask(state: &State, work: &Work, input: &WeaveInput<'_>) -> Result<Vec<Rewrite>> {
    if work.rewriters.is_empty() {
        return Ok(Vec::new());
    }
    let dir = state.partial();
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let all = work.rewriters.iter().map(|r| {
        let rewriter = Rewriter { name: r.name.clone(), program: state.path("files", &r.file) };
        crate::rewriter::ask(&rewriter, &weave_engine::rewrite_request(input, &r.name), &dir)
    });
    let all = all.collect();
    let _ = std::fs::remove_dir_all(&dir);
    all
}

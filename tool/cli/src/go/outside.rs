//! Programs of other modules: `go install PACKAGE@VERSION`, and packages in the module cache.
//!
//! The go command takes no overlay of a file below its module cache (Go 1.25 and later), so what gets a file is copied out
//! of there, and the copy stands in for the module's version. `PACKAGE@VERSION` ignores the module that one is in; a
//! module of our own, which requires that version and nothing else, does the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use weave_gocmd as gocmd;
use weave_gocmd::{ModFile, Module, VerbKind};
use weave_ir::GoVersion;

use super::go_command::{NO_GO, become_process, edit, output, shown};
use super::state::State;
use crate::files::read;
use crate::messages;

/// A command about `PACKAGE@VERSION` as one without versions.
#[derive(Debug)]
pub(super) enum Outside {
    /// The same command in the workspace of this file.
    In { arguments: Vec<String>, workspace: PathBuf },
    /// The go command refuses it, and says best why.
    Refused,
}

/// The `go` line of the module that we make; the go command raises it to what is required.
const OLDEST_LINE: &str = "1.21";

/// Returns whether a command names packages with a version.
pub(super) fn has_version(command: &gocmd::Command) -> bool {
    matches!(command.kind, VerbKind::Install | VerbKind::Run)
        && command.packages.iter().any(|p| p.contains('@'))
}

/// Prepares a command that names packages with a version.
pub(super) fn outside(command: &gocmd::Command) -> Result<Outside> {
    let mut versions = command.packages.iter().map(|p| p.split_once('@').map(|(_, version)| version));
    let first = versions.next().flatten();
    let mixed = versions.any(|v| v != first);
    // Flags that say something of the module that one is in.
    if mixed
        || first.is_none()
        || ["mod", "modfile"].iter().any(|f| command.value(f).is_some_and(|v| v != "readonly"))
    {
        return Ok(Outside::Refused);
    }
    let out = output(Command::new("go").args(["env", "-json", "GOCACHE"]))?;
    if !out.status.success() {
        bail!("{}", String::from_utf8_lossy(&out.stderr).trim_end());
    }
    let env: BTreeMap<String, String> =
        serde_json::from_slice(&out.stdout).context("cannot read what `go env` says")?;
    let state = State::below(env.get("GOCACHE").map_or("", String::as_str))?;

    let dir = state.partial();
    let made = make(command, &dir);
    let made = match made {
        Ok(made) => made,
        Err(why) => {
            let _ = fs::remove_dir_all(&dir);
            return Err(why);
        }
    };
    let parts: Vec<Vec<u8>> = FILES.iter().map(|name| read(&dir.join(name)).unwrap_or_default()).collect();
    let _ = fs::remove_dir_all(&dir);
    if !made {
        return Ok(Outside::Refused);
    }
    let home = state.path("modules", &gocmd::digest(parts.iter().map(Vec::as_slice)));
    state.write_folder(&home, FILES.iter().copied().zip(parts.iter().map(Vec::as_slice)))?;
    let packages: Vec<String> = command
        .packages
        .iter()
        .map(|p| p.split_once('@').map_or(p.as_str(), |(path, _)| path).to_owned())
        .collect();
    Ok(Outside::In { arguments: command.rebuild(&[], &[], &packages), workspace: home.join("go.work") })
}

const FILES: [&str; 3] = ["go.mod", "go.sum", "go.work"];

/// Makes the module and its workspace in a folder; whether the go command would build these packages.
fn make(command: &gocmd::Command, dir: &Path) -> Result<bool> {
    let text = format!("module goweave.invalid/outside\n\ngo {OLDEST_LINE}\n");
    crate::files::write(&dir.join("go.mod"), text.as_bytes())?;
    let go = |arguments: &[&str]| {
        let mut go = Command::new("go");
        go.arg(arguments[0]).arg("-C").arg(dir).args(&arguments[1..]).env("GOWORK", "off");
        go
    };
    let out = output(go(&["get"]).args(&command.packages))?;
    if !out.status.success() {
        return Err(messages::cannot_load(command, &String::from_utf8_lossy(&out.stderr)));
    }
    let paths = command.packages.iter().map(|p| p.split_once('@').map_or(p.as_str(), |(path, _)| path));
    let mut list = go(&["list", "-e", "-find", "-mod=readonly", "-json=Module"]);
    let out = output(list.args(paths))?;
    let found = gocmd::packages(&out.stdout).context("cannot read what `go list` says")?;
    let modules: Vec<&Module> = found.iter().filter_map(|p| p.module.as_ref()).collect();
    let mut line = None;
    for module in &modules {
        // As `go install` has it: what would mean something else in a main module is refused.
        let file = edit("mod", &module.go_mod)?;
        let any = |list: Option<usize>| list.is_some_and(|n| n > 0);
        if any(file.replace.as_ref().map(Vec::len)) || any(file.exclude.as_ref().map(Vec::len)) {
            return Ok(false);
        }
        line = Some(module.go_version.clone()).filter(|v| !v.is_empty()).or(line);
    }
    let own: ModFile = edit("mod", &shown(&dir.join("go.mod")))?;
    let own_line = own.go.unwrap_or_else(|| OLDEST_LINE.to_owned());
    let mut work = format!("go {own_line}\n\nuse .\n");
    // The defaults of GODEBUG are those of the program's module.
    if let Some(line) = line.filter(|l| GoVersion::parse(l) < GoVersion::parse(&own_line)) {
        let oldest = if GoVersion::parse(&line) < GoVersion::parse("1.20") { "1.20" } else { &line };
        work.push_str(&format!("\ngodebug default=go{oldest}\n"));
    }
    crate::files::write(&dir.join("go.work"), work.as_bytes())?;
    Ok(true)
}

/// Runs the same command in a workspace.
pub(super) fn again(arguments: &[String], workspace: &Path) -> Result<std::convert::Infallible> {
    let mut me = Command::new(std::env::current_exe().context("cannot find goweave itself")?);
    me.arg("go").args(arguments).env("GOWORK", workspace);
    become_process(me).context(NO_GO)
}

/// A copy of a module of the module cache, in our own folder. Programs have the paths of the original; see [`original`].
pub(super) fn copy(module: &Module, state: &State) -> Result<PathBuf> {
    let used = module.replace.as_deref().unwrap_or(module);
    let from = Path::new(if used.dir.is_empty() { &module.dir } else { &used.dir });
    let mut files = Vec::new();
    let mut todo = vec![from.to_path_buf()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                todo.push(entry.path());
            } else {
                let name = shown(entry.path().strip_prefix(from).unwrap_or(&entry.path()));
                files.push((name, read(&entry.path())?));
            }
        }
    }
    files.sort();
    // An old module may have no go.mod of its own; the go command keeps the one that it takes it to have.
    if !files.iter().any(|(name, _)| name == "go.mod") {
        let text = match used.go_mod.as_str() {
            "" => format!("module {}\n", module.path).into_bytes(),
            path => read(Path::new(path))?,
        };
        files.push(("go.mod".to_owned(), text));
    }
    let origin = shown(from);
    let parts = files.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
    let digest = gocmd::digest(parts.chain([origin.as_bytes()]));
    let name = used.path.rsplit('/').next().unwrap_or_default();
    let name = format!("{name}@{}-{digest}", used.version);
    let dir = state.path("modules", &name);
    state.write(&state.path("files", &format!("{name}.from")), origin.as_bytes())?;
    state.write_folder(&dir, files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))?;
    Ok(dir)
}

/// The folder of the copy of a module that a path is in, and that of the original.
pub(super) fn original(path: &Path, state: &State) -> Option<(String, String)> {
    let modules = state.path("modules", "");
    let name = path.strip_prefix(&modules).ok()?.components().next()?.as_os_str().to_str()?.to_owned();
    let origin = fs::read_to_string(state.path("files", &format!("{name}.from"))).ok()?;
    Some((shown(&modules.join(&name)), origin))
}

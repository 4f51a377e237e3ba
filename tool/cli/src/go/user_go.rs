//! The go command as the user runs it: where, with which variables and flags, and what it lists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use weave_gocmd as gocmd;
use weave_gocmd::{Env, FIELDS, Package, Scope};

use super::go_command::{current_dir, output, shown};
use super::overlay::Overlay;
use super::state::State;
use crate::files::read_json;
use crate::messages;

/// The go command, where and how the user runs it.
pub(super) struct Go {
    pub(super) chdir: Vec<String>,
    pub(super) cwd: PathBuf,
    pub(super) env: Env,
    pub(super) goflags: Vec<(String, String)>,
}

impl Go {
    pub(super) fn new(command: &gocmd::Command) -> Result<Self> {
        let chdir: Vec<String> = command.chdir.iter().map(|dir| format!("-C={dir}")).collect();
        let cwd = gocmd::clean(&current_dir()?.join(command.chdir.as_deref().unwrap_or("")));
        let out = output(Command::new("go").arg("env").args(&chdir).arg("-json").args(gocmd::ENV))?;
        if !out.status.success() {
            bail!("{}", String::from_utf8_lossy(&out.stderr).trim_end());
        }
        let env: Env = serde_json::from_slice(&out.stdout).context("cannot read what `go env` says")?;
        let goflags = gocmd::split(&env.goflags)
            .unwrap_or_default()
            .iter()
            .map(|f| {
                let flag = f.trim_start_matches('-');
                let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
                (name.to_owned(), value.to_owned())
            })
            .collect();
        Ok(Self { chdir, cwd, env, goflags })
    }

    /// Values of a flag in `GOFLAGS`.
    pub(super) fn flags(&self, name: &str) -> impl Iterator<Item = String> {
        let values: Vec<String> =
            self.goflags.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect();
        values.into_iter()
    }

    /// The value of a flag, from the command line or `GOFLAGS`.
    pub(super) fn flag(&self, command: &gocmd::Command, name: &str) -> Option<String> {
        let value = command.value(name).map(str::to_owned).or_else(|| self.flags(name).last());
        value.filter(|v| !v.is_empty())
    }

    /// The packages of the command line and everything that they need; `None` if the go command does not even list them.
    pub(super) fn list(&self, command: &gocmd::Command, scope: Scope) -> Result<Option<Vec<Package>>> {
        let mut go = self.lister(command, &[], scope);
        go.args(&command.packages);
        let out = output(&mut go)?;
        if !out.status.success() {
            return Ok(None);
        }
        Ok(Some(gocmd::packages(&out.stdout).context("cannot read what `go list` says")?))
    }

    pub(super) fn lister(&self, command: &gocmd::Command, without: &[&str], scope: Scope) -> Command {
        let mut go = Command::new("go");
        go.arg("list").args(&self.chdir).args(["-e", "-deps", "-pgo=off", "-buildvcs=false"]);
        go.arg(format!("-json={FIELDS}")).args(command.loading_flags(without));
        if scope != Scope::Mains {
            go.arg("-test");
        }
        go
    }

    /// The folders of packages; those that are not there are left out.
    pub(super) fn find(&self, packages: &[String]) -> Result<BTreeMap<String, PathBuf>> {
        let mut go = Command::new("go");
        go.current_dir(&self.cwd);
        go.args(["list", "-e", "-find", "-f", "{{.ImportPath}}\t{{.Dir}}"]).args(packages);
        let out = output(&mut go)?;
        let text = String::from_utf8_lossy(&out.stdout);
        let pairs = text.lines().filter_map(|l| l.split_once('\t')).filter(|(_, dir)| !dir.is_empty());
        Ok(pairs.map(|(path, dir)| (path.to_owned(), PathBuf::from(dir))).collect())
    }

    /// The folders of packages, as the go command finds them from a module.
    pub(super) fn folders_of(&self, module: &str, packages: &[String]) -> Result<Vec<PathBuf>> {
        if packages.is_empty() {
            return Ok(Vec::new());
        }
        let mut go = Command::new("go");
        go.current_dir(module).args(["list", "-find", "-buildvcs=false", "-f", "{{.Dir}}"]).args(packages);
        let out = output(&mut go)?;
        if !out.status.success() {
            return Err(messages::tool_imports_not_found(&String::from_utf8_lossy(&out.stderr)));
        }
        Ok(String::from_utf8_lossy(&out.stdout).lines().map(PathBuf::from).collect())
    }

    /// Build tags: those given, and those of the toolchain.
    pub(super) fn tags(&self, command: &gocmd::Command) -> Result<Vec<String>> {
        let mut go = Command::new("go");
        go.arg("list").args(&self.chdir).args(["-e", "-find", "-buildvcs=false"]);
        go.args(["-f", "{{range context.BuildTags}}{{.}} {{end}}{{range context.ToolTags}}{{.}} {{end}}"]);
        go.args(command.loading_flags(&[])).arg("unsafe");
        let out = output(&mut go)?;
        Ok(String::from_utf8_lossy(&out.stdout).split_whitespace().map(str::to_owned).collect())
    }

    /// The flag that has `net` and `os/user` built without cgo; empty where there is no cgo, or where the user asks for cgo there.
    pub(super) fn pure(&self, command: &gocmd::Command) -> Vec<String> {
        let given = self.flag(command, "tags").unwrap_or_default();
        let mut tags: Vec<&str> = given.split([',', ' ']).filter(|t| !t.is_empty()).collect();
        // Elsewhere `net` and `os/user` ask the system without cgo, and these tags would have them do without it.
        let by_cgo = !matches!(self.env.goos.as_str(), "darwin" | "ios" | "windows");
        if self.env.cgo_enabled != "1" || !by_cgo || tags.contains(&"netcgo") {
            return Vec::new();
        }
        tags.extend(["netgo", "osusergo"]);
        vec![format!("-tags={}", tags.join(","))]
    }

    /// The user's own overlay, with absolute paths.
    pub(super) fn overlay(&self, command: &gocmd::Command) -> Result<BTreeMap<String, String>> {
        let Some(path) = self.flag(command, "overlay") else { return Ok(BTreeMap::new()) };
        let overlay: Overlay = read_json(&self.cwd.join(path))?;
        let absolute = |path: &str| match path {
            "" => String::new(),
            path => gocmd::clean(&self.cwd.join(path)).display().to_string(),
        };
        Ok(overlay.replace.iter().map(|(from, to)| (absolute(from), absolute(to))).collect())
    }

    /// The value of -toolexec: us, and then the user's own.
    pub(super) fn toolexec(&self, command: &gocmd::Command, state: &State, overlay: &Path) -> Result<String> {
        let own = self.flag(command, "toolexec").unwrap_or_default();
        let Ok(own) = gocmd::split(&own) else { bail!("cannot read -toolexec={own}") };
        let me = std::env::current_exe().context("cannot find goweave itself")?;
        let (dir, count) = (shown(state.dir()), own.len().to_string());
        let mut words = vec![shown(&me), "toolexec".to_owned(), dir, shown(overlay), count];
        words.extend(own);
        gocmd::join(&words).ok_or_else(messages::toolexec_quotes)
    }
}

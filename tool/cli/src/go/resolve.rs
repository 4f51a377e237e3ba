//! Loading everything that a woven build has: the sums that are missing, the versions, and what is wrong where that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use weave_gocmd as gocmd;
use weave_gocmd::{Package, PackageError, Workspace};
use weave_ir::Diagnostic;

use super::build::Build;
use super::go_command::{edit, output, shown};
use super::overlay::Overlay;
use super::runs::beside;
use crate::files::{read, read_json};
use crate::messages;

/// Result of loading a workspace: sums that no go.sum has, and the versions of modules.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Resolved {
    pub(super) sums: String,
    pub(super) versions: BTreeMap<String, String>,
}

impl Resolved {
    /// Gives the packages the versions that they have in the workspace; whether any is another one.
    pub(super) fn apply(&self, packages: &mut [Package]) -> bool {
        let mut changed = false;
        for module in packages.iter_mut().filter_map(|p| p.module.as_mut()) {
            if let Some(version) = self.versions.get(&module.path)
                && module.replace.is_none()
                && *version != module.version
            {
                module.version.clone_from(version);
                changed = true;
            }
        }
        changed
    }
}

impl Build {
    /// Loads everything once in a workspace of its own, for the sums that are missing and to see that the hooks are there;
    /// what comes out is kept for as long as no go.mod and no go.sum changes.
    pub(super) fn resolve(
        &self,
        command: &gocmd::Command,
        workspace: &Workspace,
        overlay: &BTreeMap<String, String>,
    ) -> Result<Resolved> {
        let Self { go: own, state, plan, packages, .. } = self;
        let text = workspace.text();
        let user_sums = match own.in_workspace() {
            true => read(&Path::new(&own.env.gowork).with_extension("work.sum")).unwrap_or_default(),
            false => Vec::new(),
        };
        let mut parts = vec![
            text.clone().into_bytes(),
            own.env.goversion.clone().into_bytes(),
            own.env.gomodcache.clone().into_bytes(),
            user_sums.clone(),
        ];
        for dir in workspace.uses() {
            for name in ["go.mod", "go.sum"] {
                let path = Path::new(dir).join(name).display().to_string();
                parts.push(read(Path::new(overlay.get(&path).unwrap_or(&path))).unwrap_or_default());
            }
        }
        parts.extend(plan.applied().iter().map(|name| name.as_bytes().to_vec()));
        // What woven code and the user's hooks import is loaded, too.
        let rules = plan.work.iter().flat_map(|w| &w.rules).flat_map(|set| &set.rules);
        let imports: BTreeSet<&str> = rules.flat_map(|r| &r.dependencies).map(String::as_str).collect();
        let hooks = self.instrumentations.iter().filter(|i| i.own).flat_map(|i| &i.imports);
        parts.extend(
            imports.into_iter().chain(hooks.map(String::as_str)).map(|path| path.as_bytes().to_vec()),
        );
        let kept = state.path("sums", &format!("{}.json", gocmd::digest(parts.iter().map(Vec::as_slice))));
        if kept.exists() {
            return read_json(&kept);
        }

        let dir = state.partial();
        let file = dir.join("go.work");
        crate::files::write(&file, text.as_bytes())?;
        if !user_sums.is_empty() {
            crate::files::write(&dir.join("go.work.sum"), &user_sums)?;
        }
        let replace = dir.join("overlay.json");
        crate::files::write_json(&replace, &Overlay { replace: overlay.clone(), counted: BTreeSet::new() })?;
        let mut go = own.lister(command, &["overlay", "mod", "modfile"], self.scope);
        go.arg(format!("-overlay={}", replace.display())).arg("-mod=readonly");
        if own.flags("modfile").next().is_some() {
            go.arg("-modfile=");
        }
        go.args(&command.packages).env("GOWORK", &file);
        go.args(beside(command, plan));
        let out = output(&mut go);
        let sums = read(&dir.join("go.work.sum")).unwrap_or_default();
        let _ = std::fs::remove_dir_all(&dir);
        let out = out?;
        if !out.status.success() {
            return Err(self.unloadable(command, &String::from_utf8_lossy(&out.stderr)));
        }
        let found = gocmd::packages(&out.stdout).context("cannot read what `go list` says")?;
        let before: BTreeSet<&str> =
            packages.iter().filter(|p| p.error.is_some()).map(|p| p.import_path.as_str()).collect();
        let new =
            found.iter().filter(|p| !before.contains(p.import_path.as_str())).find_map(|p| p.error.as_ref());
        if let Some(error) = new {
            return Err(self.unimportable(error).unwrap_or_else(|| self.unloadable(command, &error.err)));
        }
        let versions = found
            .iter()
            .filter_map(|p| p.module.as_ref())
            .filter(|m| !m.main && m.replace.is_none())
            .map(|m| (m.path.clone(), m.version.clone()))
            .collect();
        let sums = String::from_utf8(sums).context("go.work.sum is not UTF-8")?;
        let resolved = Resolved { sums, versions };
        if before.is_empty() {
            state.write(&kept, &serde_json::to_vec(&resolved).context("cannot write JSON")?)?;
        }
        Ok(resolved)
    }

    /// Returns what keeps the hooks from being loaded: most often the versions that go.mod asks for, which are shown.
    pub(super) fn unloadable(&self, command: &gocmd::Command, error: &str) -> anyhow::Error {
        if let Some(d) = self.no_module(error) {
            return messages::mistakes(&[d]);
        }
        let error = error.trim_end();
        let raised = self.raised(command).unwrap_or_default();
        if raised.is_empty() {
            return messages::hooks_out_of_reach(error);
        }
        let width = raised.iter().map(|(path, ..)| path.len()).max().unwrap_or(0);
        let lines: String = raised
            .iter()
            .map(|(path, from, to, how)| format!("\n    {path:width$}  {from} -> {to}{how}"))
            .collect();
        let pinned = raised.iter().any(|(.., how)| !how.is_empty());
        messages::newer_versions(error, &lines, pinned)
    }

    /// Modules that the hooks need in newer versions than the user's modules have: path, version there, version of the hooks,
    /// and how it is held where it is.
    pub(super) fn raised(
        &self,
        command: &gocmd::Command,
    ) -> Result<Vec<(String, String, String, &'static str)>> {
        let mut hooks = read(&self.modules.root.join("go.mod"))?;
        for name in self.plan.applied() {
            if let Some(home) = self.homes.get(name) {
                hooks.extend(b"\n");
                hooks.extend(read(&home.join("go.mod"))?);
            }
        }
        let hooks = String::from_utf8_lossy(&hooks).into_owned();
        let mut found = BTreeMap::new();
        for folder in self.go.module_folders()? {
            let own = Path::new(&folder).join("go.mod");
            let path = self.go.flag(command, "modfile").map_or(own, |file| self.go.cwd.join(file));
            let user = String::from_utf8_lossy(&read(&path)?).into_owned();
            let effects = gocmd::effects(&user, &hooks);
            for replace in edit("mod", &shown(&path))?.replace.unwrap_or_default() {
                let to = match effects.get(&replace.old.path) {
                    Some(
                        gocmd::Effect::Raised { to, .. } | gocmd::Effect::Kept(to) | gocmd::Effect::Added(to),
                    ) => to,
                    None => continue,
                };
                let from = match replace.new.version.is_empty() {
                    true => replace.new.path.clone(),
                    false => replace.new.version.clone(),
                };
                if from != *to {
                    found.insert(replace.old.path, (from, to.clone(), "  (a `replace` line holds it)"));
                }
            }
            for (path, effect) in effects {
                if let gocmd::Effect::Raised { from, to } = effect {
                    found.entry(path).or_insert((from, to, ""));
                }
            }
        }
        Ok(found.into_iter().map(|(path, (from, to, how))| (path, from, to, how)).collect())
    }

    /// Returns what to say where a hooks package of the user's imports what no module of go.mod has.
    pub(super) fn unimportable(&self, error: &PackageError) -> Option<anyhow::Error> {
        let package = without_module(&error.err)?;
        let file = error.pos.split(':').next().filter(|file| !file.is_empty())?;
        let file = self.go.cwd.join(file);
        let kept = [Path::new(&self.go.env.gomodcache), self.state.dir(), self.modules.root.as_path()];
        let theirs = kept.iter().any(|folder| file.starts_with(folder));
        let ours = theirs || self.no_module(&error.err).is_some();
        (!ours).then(|| messages::missing_import(&error.pos, package))
    }

    /// Returns what to say where the go command finds no module for a package that rules make others import.
    pub(super) fn no_module(&self, said: &str) -> Option<Diagnostic> {
        let package = without_module(said)?;
        let sets = self.instrumentations.iter().flat_map(|i| i.lowered.packages.iter().map(move |s| (i, s)));
        let mut rules = sets.flat_map(|(i, set)| set.rules.iter().map(move |rule| (i, rule)));
        let (i, rule) = rules.find(|(_, rule)| rule.dependencies.iter().any(|d| d == package))?;
        Some(messages::no_module(rule, &i.name, package))
    }
}

/// The package that no module provides, by what the go command says.
fn without_module(said: &str) -> Option<&str> {
    ["no required module provides package ", "cannot find module providing package "]
        .iter()
        .find_map(|words| said.split_once(words))
        .and_then(|(_, rest)| rest.split([':', ';', ' ', '\n']).next())
}

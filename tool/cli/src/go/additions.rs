//! Additions to the command line of a woven build: flags, generated files, copies of modules, and a workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use weave_gocmd as gocmd;
use weave_gocmd::{Module, Plan};

use super::build::Build;
use super::go_command::shown;
use super::outside;
use super::overlay::Overlay;
use super::sources::relative;
use super::state::State;
use super::types;
use crate::messages;

/// Additions of a woven build to the command line.
pub(super) struct Additions {
    /// Flags, in place of those of [`REPLACED_FLAGS`].
    pub flags: Vec<String>,
    /// Path at which the go command sees the workspace file.
    pub workspace: String,
}

impl Build {
    /// Writes what the build needs.
    pub(super) fn additions(&mut self, command: &gocmd::Command) -> Result<Additions> {
        let copies = self.copy_out()?;
        let go = &self.go;
        let state = &self.state;
        let mut workspace = go.workspace(command, &self.modules, &self.plan, &self.homes)?;
        for (module, dir) in &copies {
            workspace.replace(&module.path, &module.version, &shown(dir));
        }
        let mut replace = self.overlay.clone();
        replace.extend(go.modfile_overlay(command)?);
        go.unvendor(command, state, &mut workspace, &mut replace)?;
        for program in &self.plan.programs {
            let path = Path::new(&program.dir).join(program.file);
            if path.exists() || replace.contains_key(&shown(&path)) {
                return Err(messages::in_the_way(&relative(&path, &go.cwd)));
            }
        }
        self.imports(&mut replace)?;
        let counted = match self.go.flag(command, "coverpkg") {
            Some(_) => self.packages.iter().map(|p| gocmd::plain_path(&p.import_path).to_owned()).collect(),
            None => BTreeSet::new(),
        };
        let mut with_programs = replace.clone();
        generated(&self.plan, state, &mut with_programs)?;
        let resolved = self.resolve(command, &workspace, &with_programs)?;
        if resolved.apply(&mut self.packages) {
            self.decide(command);
        }

        let (go, state) = (&self.go, &self.state);
        if self.plan.work.iter().any(|w| w.types.is_some()) {
            types::build(state, &go.env)?;
        }
        for work in &self.plan.work {
            let text = serde_json::to_vec_pretty(work).context("cannot write rules")?;
            state.write(&state.path("rules", &format!("{}.json", work.digest())), &text)?;
        }
        generated(&self.plan, state, &mut replace)?;
        let text = state.keep(workspace.text().as_bytes(), "work")?;
        let sums = state.keep(resolved.sums.as_bytes(), "sum")?;
        let place = go.workspace_place().unwrap_or_else(|| state.path("files", "go.work"));
        replace.insert(shown(&place.with_extension("work.sum")), shown(&sums));
        replace.insert(shown(&place), shown(&text));
        let overlay =
            serde_json::to_vec(&Overlay { replace, counted }).context("cannot write the overlay")?;
        let overlay = state.keep(&overlay, "json")?;

        let mut flags: Vec<String> = self.plan.gcflags.iter().map(|f| format!("-gcflags={f}")).collect();
        flags.push(format!("-overlay={}", overlay.display()));
        flags.push(format!("-toolexec={}", go.toolexec(command, state, &overlay)?));
        flags.push("-mod=readonly".to_owned());
        if go.flags("modfile").next().is_some() {
            flags.push("-modfile=".to_owned());
        }
        Ok(Additions { flags, workspace: shown(&place) })
    }

    /// Copies the modules of the module cache that get files: those of programs, and those whose woven packages import more.
    /// From here on their packages are those of the copies.
    pub(super) fn copy_out(&mut self) -> Result<Vec<(Module, PathBuf)>> {
        let cache = self.go.env.gomodcache.clone();
        let programs = self.plan.programs.iter().map(|p| (p.path.as_str(), p.dir.as_str()));
        let importers = self.plan.work.iter().filter_map(|w| {
            let package = self.package(&w.package)?;
            (!self.new_imports(w, package).is_empty()).then_some((w.package.as_str(), package.dir.as_str()))
        });
        let mut wanted: BTreeMap<String, Module> = BTreeMap::new();
        for (path, _) in programs.chain(importers).filter(|(_, dir)| Path::new(dir).starts_with(&cache)) {
            match self.package(path).and_then(|p| p.module.as_ref()).filter(|m| !m.main) {
                Some(module) => wanted.insert(module.path.clone(), module.clone()),
                None => {
                    return Err(messages::main_module_in_the_cache(path));
                }
            };
        }
        let mut copies = Vec::new();
        for module in wanted.into_values() {
            let to = outside::copy(&module, &self.state)?;
            let from = PathBuf::from(&module.replace.as_deref().unwrap_or(&module).dir);
            let moved = |dir: &mut String| {
                if let Ok(below) = Path::new(&*dir).strip_prefix(&from) {
                    *dir = shown(&to.join(below));
                }
            };
            for package in &mut self.packages {
                if let Some(m) = package.module.as_mut().filter(|m| m.path == module.path) {
                    moved(&mut m.dir);
                    if let Some(replace) = m.replace.as_mut() {
                        moved(&mut replace.dir);
                    }
                    moved(&mut package.dir);
                }
            }
            for program in &mut self.plan.programs {
                moved(&mut program.dir);
            }
            copies.push((module, to));
        }
        Ok(copies)
    }
}

/// Puts the generated files into an overlay.
fn generated(plan: &Plan, state: &State, overlay: &mut BTreeMap<String, String>) -> Result<()> {
    for program in &plan.programs {
        let path = Path::new(&program.dir).join(program.file);
        overlay.insert(shown(&path), shown(&state.keep(program.text.as_bytes(), "go")?));
    }
    Ok(())
}

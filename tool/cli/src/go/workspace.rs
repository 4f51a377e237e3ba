//! The user's modules, and the workspace of a woven build, which has those of the hooks too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use weave_gocmd as gocmd;
use weave_gocmd::{Plan, Vendored, Workspace};

use super::go_command::{edit, module_line, shown};
use super::sources::Modules;
use super::state::State;
use super::user_go::Go;
use crate::files::read;

impl Go {
    /// Folders of the user's modules.
    pub(super) fn module_folders(&self) -> Result<Vec<String>> {
        if self.in_workspace() {
            let dir = Path::new(&self.env.gowork).parent().unwrap_or(Path::new("")).display().to_string();
            return Ok(Workspace::from_workspace(&edit("work", &self.env.gowork)?, &dir).uses().to_vec());
        }
        let folder = |path: String| Path::new(&path).parent().map(|p| p.display().to_string());
        Ok(self.go_mod().and_then(folder).into_iter().collect())
    }

    pub(super) fn in_workspace(&self) -> bool {
        !self.env.gowork.is_empty() && self.env.gowork != "off"
    }

    /// The go.mod of the main module, outside of a workspace.
    pub(super) fn go_mod(&self) -> Option<String> {
        let is = !self.env.gomod.is_empty() && self.env.gomod != "/dev/null" && self.env.gomod != "NUL";
        is.then(|| self.env.gomod.clone())
    }

    /// The user's modules, as a workspace.
    pub(super) fn user_workspace(&self, command: &gocmd::Command) -> Result<Workspace> {
        let dir = |path: &str| Path::new(path).parent().unwrap_or(Path::new("")).display().to_string();
        if self.in_workspace() {
            let path = &self.env.gowork;
            return Ok(Workspace::from_workspace(&edit("work", path)?, &dir(path)));
        }
        match self.go_mod() {
            Some(path) => {
                let file = self.flag(command, "modfile").map(|f| shown(&self.cwd.join(f)));
                Ok(Workspace::from_module(&edit("mod", file.as_deref().unwrap_or(&path))?, &dir(&path)))
            }
            None => Ok(Workspace::empty(self.env.goversion.trim_start_matches("go"))),
        }
    }

    /// The workspace of the build: the user's modules and those of the hooks.
    pub(super) fn workspace(
        &self,
        command: &gocmd::Command,
        modules: &Modules,
        plan: &Plan,
        homes: &BTreeMap<String, PathBuf>,
    ) -> Result<Workspace> {
        let mut workspace = self.user_workspace(command)?;
        let own: Vec<String> = workspace
            .uses()
            .iter()
            .map(|dir| Ok(module_line(&read(&Path::new(dir).join("go.mod"))?, "module")))
            .collect::<Result<_>>()?;
        let mut needed: BTreeSet<&Path> =
            plan.applied().iter().filter_map(|n| homes.get(*n)).map(PathBuf::as_path).collect();
        needed.insert(&modules.root);
        for dir in needed {
            let text = read(&dir.join("go.mod"))?;
            // Who works on the hooks themselves has them in the workspace already.
            if !own.contains(&module_line(&text, "module")) {
                workspace.add(&shown(dir), &module_line(&text, "go"));
            }
        }
        Ok(workspace)
    }

    /// Returns where our workspace file appears to be: in place of the user's, or beside go.mod.
    pub(super) fn workspace_place(&self) -> Option<PathBuf> {
        if self.in_workspace() {
            return Some(PathBuf::from(&self.env.gowork));
        }
        Some(Path::new(&self.go_mod()?).with_file_name("go.work"))
    }

    /// Returns what the go command must be told by variables. That is little, since the programs and tests that it runs see them,
    /// too: the workspace file is found by itself, unless the user says not to look or there is no module above.
    pub(super) fn variables(&self, workspace: &str) -> Vec<(String, String)> {
        let found = self.env.gowork != "off" && (self.in_workspace() || self.go_mod().is_some());
        if found { Vec::new() } else { vec![("GOWORK".to_owned(), workspace.to_owned())] }
    }

    /// The user's own -modfile, as an overlay: it cannot be used in a workspace.
    pub(super) fn modfile_overlay(&self, command: &gocmd::Command) -> Result<BTreeMap<String, String>> {
        let mut replace = BTreeMap::new();
        if let (Some(file), Some(go_mod)) = (self.flag(command, "modfile"), self.go_mod()) {
            let file = gocmd::clean(&self.cwd.join(file));
            let sums = file.with_extension("sum");
            replace.insert(go_mod.clone(), shown(&file));
            if sums.exists() {
                replace.insert(format!("{}.sum", go_mod.trim_end_matches(".mod")), shown(&sums));
            }
        }
        Ok(replace)
    }

    /// In place of the vendor folder, if there is one in use: its modules, as folders of the workspace.
    pub(super) fn unvendor(
        &self,
        command: &gocmd::Command,
        state: &State,
        workspace: &mut Workspace,
        overlay: &mut BTreeMap<String, String>,
    ) -> Result<()> {
        let Some(root) = self.workspace_place() else { return Ok(()) };
        let vendor = root.with_file_name("vendor");
        let list = vendor.join("modules.txt");
        match self.flag(command, "mod").as_deref() {
            Some("vendor") | None if list.exists() => {}
            _ => return Ok(()),
        }
        for module in Vendored::parse(&crate::files::read_text(&list)?) {
            let go_mod = module.go_mod();
            let folder = if module.packages {
                let folder = vendor.join(&module.path);
                overlay.insert(shown(&folder.join("go.mod")), shown(&state.keep(go_mod.as_bytes(), "mod")?));
                folder
            } else {
                let folder = state.path("modules", &gocmd::digest([go_mod.as_bytes()]));
                state.write_folder(&folder, [("go.mod", go_mod.as_bytes())].into_iter())?;
                folder
            };
            workspace.replace(&module.path, &module.version, &shown(&folder));
        }
        Ok(())
    }
}

//! Orchestrion's rules of the user's modules.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use weave_dialects::orchestrion::{RULE_FILE, TOOL, TOOL_FILE, tool_imports};
use weave_dialects::{Dialect, Surroundings, dialect};
use weave_gocmd::Instrumentation;
use weave_ir::Diagnostic;

use super::go_command::module_line;
use super::sources::{Loaded, relative};
use super::user_go::Go;
use crate::files::read;
use crate::{out, rules};

impl Go {
    /// The rules of Orchestrion that the user's modules have or name: an `orchestrion.yml` beside a go.mod, and those of the
    /// packages that an `orchestrion.tool.go` beside it imports, and so on. What a package imports comes before its own.
    pub(super) fn orchestrion(&self) -> Loaded<Instrumentation> {
        let mut all = Vec::new();
        let mut findings = Vec::new();
        let mut seen = BTreeSet::new();
        for module in self.module_folders()? {
            let path = module_line(&read(&Path::new(&module).join("go.mod"))?, "module");
            let mut files = Vec::new();
            self.aspects(&module, Path::new(&module), &mut seen, &mut files, &mut findings)?;
            let read = rules::read(&files, &Surroundings { roots: vec![path], ..Surroundings::default() });
            out::warnings(&read.notes);
            findings.extend(read.findings);
            for draft in &read.drafts {
                match weave_gocmd::load(draft, &[], true) {
                    Ok(instrumentation) => all.push(instrumentation),
                    Err(more) => findings.extend(more),
                }
            }
        }
        Ok(if findings.is_empty() { Ok(all) } else { Err(findings) })
    }

    /// The rule files that the folder of a package leads to, each with its path and text, its own one last.
    pub(super) fn aspects(
        &self,
        module: &str,
        folder: &Path,
        seen: &mut BTreeSet<PathBuf>,
        files: &mut Vec<(String, String)>,
        findings: &mut Vec<Diagnostic>,
    ) -> Result<()> {
        if !seen.insert(folder.to_path_buf()) {
            return Ok(());
        }
        let tool = folder.join(TOOL_FILE);
        if tool.exists() {
            let text = crate::files::read_text(&tool)?;
            match tool_imports(&relative(&tool, &self.cwd), &text) {
                Ok(mut imports) => {
                    // Its aspects are built in.
                    imports.retain(|path| path != TOOL);
                    for folder in self.folders_of(module, &imports)? {
                        self.aspects(module, &folder, seen, files, findings)?;
                    }
                }
                Err(finding) => findings.push(*finding),
            }
        }
        let rules = folder.join(RULE_FILE);
        if rules.exists() {
            let text = crate::files::read_text(&rules)?;
            let shown = relative(&rules, &self.cwd);
            if dialect(&shown, &text) == Dialect::Orchestrion {
                files.push((shown, text));
            }
        }
        Ok(())
    }
}

//! Every instrumentation that a build may have: those that are shipped, and the user's own in any language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use weave_dialects::Surroundings;
use weave_gocmd::{Env, Instrumentation, Package, plain_path};
use weave_ir::Diagnostic;
use weave_report::{Shipped, all_shipped};

use super::go_command::module_line;
use super::sources::{self, Modules, Unread};
use super::user_go::Go;
use crate::files::read;
use crate::messages;

/// Tells whether nothing that is shipped is for this system: there are no threads, signals and sockets, or, on Plan 9, no signals
/// that Go's runtime knows by number.
pub(super) fn without_shipped(env: &Env) -> bool {
    matches!(env.goos.as_str(), "js" | "wasip1" | "plan9")
}

/// The instrumentations of a build.
pub(super) struct Chosen {
    /// Instrumentations that it may have a use for, the user's own last.
    pub(super) all: Vec<Instrumentation>,
    /// The names of those that are shipped and for none of its modules, which are not read.
    pub(super) left: Vec<String>,
    /// The folder of the module of each shipped one, by name.
    pub(super) homes: BTreeMap<String, PathBuf>,
}

/// Finds and reads the instrumentations of a build with these packages.
pub(super) fn instrumentations(
    modules: &Modules,
    go: &Go,
    packages: &[Package],
    unread: &mut Vec<Unread>,
) -> Result<Chosen> {
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut all = Vec::new();
    let mut homes = BTreeMap::new();
    let left: Vec<&Shipped> = all_shipped()
        .iter()
        .filter(|s| !packages.iter().any(|p| s.may_be_for(plain_path(&p.import_path))))
        .collect();
    match modules.instrumentations(&|folder| !left.iter().any(|s| s.folder() == folder))? {
        // The user's own may be for them.
        Ok(_) if without_shipped(&go.env) => {}
        Ok(found) => {
            for (instrumentation, home) in found {
                homes.insert(instrumentation.name.clone(), home);
                all.push(instrumentation);
            }
        }
        Err(more) => findings.extend(more),
    }
    let folders = go.module_folders()?;
    match sources::own(&folders, &go.cwd, unread, &mut |paths| go.find(paths))? {
        Ok(found) => all.extend(found),
        Err(more) => findings.extend(more),
    }
    let roots = folders
        .iter()
        .map(|dir| Ok(module_line(&read(&Path::new(dir).join("go.mod"))?, "module")))
        .collect::<Result<Vec<_>>>()?;
    let is_main = |p: &&Package| p.name == "main" && !p.import_path.ends_with(".test");
    let mut mains: Vec<String> =
        packages.iter().filter(is_main).map(|p| plain_path(&p.import_path).to_owned()).collect();
    if mains.is_empty() {
        // There is none: no package is called so.
        mains.push("main".into());
    }
    let surroundings = Surroundings { roots, mains, ..Surroundings::default() };
    match sources::otelc(&folders, &surroundings, &go.cwd, unread, &mut |paths| go.find(paths))? {
        Ok(found) => all.extend(found),
        Err(more) => findings.extend(more),
    }
    match go.orchestrion()? {
        Ok(found) => all.extend(found),
        Err(more) => findings.extend(more),
    }
    if !findings.is_empty() {
        return Err(messages::mistakes(&findings));
    }
    sources::refuse_same_names(&all)?;
    let mut choice = sources::choice();
    let mut known: Vec<(String, String)> = all.iter().map(|i| (i.name.clone(), i.folder.clone())).collect();
    for s in all_shipped().iter().filter(|s| !all.iter().any(|i| i.name == s.name)) {
        known.push((s.name.clone(), s.folder().to_owned()));
    }
    if let Err(name) = choice.settle(&known) {
        let names = known.iter().map(|(name, _)| name.as_str());
        let known = weave_ir::did_you_mean(&name, names.clone())
            .unwrap_or_else(|| format!("they are {}", names.collect::<Vec<_>>().join(", ")));
        return Err(messages::unknown_choice(&name, &known));
    }
    all.retain(|i| choice.takes(i));
    Ok(Chosen { all, left: left.into_iter().map(|s| s.name.clone()).collect(), homes })
}

//! Facts about a command that builds, and the decisions on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use weave_engine::{Rewrite, TypeFacts, WeaveInput};
use weave_gocmd as gocmd;
use weave_gocmd::{Instrumentation, Matches, Package, Plan, PlanInput, Scope, Work};
use weave_ir::{Diagnostic, GoVersion, Places};

use super::go_command::{output, shown};
use super::instrumentations::{Chosen, instrumentations};
use super::package_files::{identifiers, mentions, woven};
use super::sources::{Modules, Unread};
use super::state::State;
use super::unused::{idle, one_line};
use super::user_go::Go;
use super::{rewriters, types};
use crate::args::TOOL;
use crate::files::read;
use crate::messages;
use crate::out;

/// The oldest Go release whose export data stays as it is under weaving.
const OLDEST: &str = "1.24";

/// A command that builds, and all that is known of it.
pub(super) struct Build {
    pub(super) go: Go,
    pub(super) packages: Vec<Package>,
    pub(super) plan: Plan,
    /// The rules that may matter.
    pub(super) instrumentations: Vec<Instrumentation>,
    /// The names of all, those included that no package here has a use for.
    pub(super) names: Vec<String>,
    pub(super) matches: Matches,
    pub(super) state: State,
    pub(super) modules: Modules,
    pub(super) homes: BTreeMap<String, PathBuf>,
    pub(super) overlay: BTreeMap<String, String>,
    pub(super) tags: Vec<String>,
    pub(super) gcflags: Vec<String>,
    pub(super) scope: Scope,
    /// Notes that are no findings.
    pub(super) notes: Vec<String>,
    /// Locations of the user's own rules that no package here has a use for.
    pub(super) unused: Vec<Places>,
    /// Files with rules that are not read.
    pub(super) unread: Vec<Unread>,
}

impl Build {
    /// Finds out; `None` if the go command cannot list the packages, and so says best what is wrong.
    pub(super) fn new(command: &gocmd::Command, scope: Scope) -> Result<Option<Self>> {
        let go = Go::new(command)?;
        if go.env.go111module == "off" {
            return Err(messages::without_modules());
        }
        if GoVersion::parse(&go.env.goversion) < GoVersion::parse(OLDEST) {
            return Err(messages::old_go(&go.env.goversion, OLDEST));
        }
        let ours = |toolexec: &String| {
            let words = gocmd::split(toolexec).unwrap_or_default();
            words.iter().any(|w| w == "toolexec") && words.iter().any(|w| Path::new(w).ends_with("goweave"))
        };
        if go.flag(command, "toolexec").is_some_and(|t| ours(&t)) {
            return Err(messages::flags_set_already());
        }
        let Some(packages) = go.list(command, scope)? else { return Ok(None) };
        // The user's module need not require ours, which is there in a woven build.
        let broken = packages.iter().any(|p| p.error.is_some() && !gocmd::is_ours(&p.import_path));
        if broken && scope == Scope::Mains {
            return Ok(None);
        }
        let state = State::below(&go.env.gocache)?;
        let modules = Modules::find(&state)?;
        let mut notes = Vec::new();
        let mut unread = Vec::new();
        let Chosen { all: mut instrumentations, left, homes } =
            instrumentations(&modules, &go, &packages, &mut unread)?;
        for file in unread.iter().filter(|f| f.told) {
            notes.push(messages::rules_in_other_file(&file.path, &file.help));
        }
        // Rules for packages that nobody uses need not be looked at again.
        let overlay = go.overlay(command)?;
        let matches = Matches::find(&packages, &instrumentations, &mut |package, directives| {
            mentions(package, directives, &overlay)
        });
        notes.extend(gocmd::give_way(&mut instrumentations, &|i| matches.any(&i.name)));
        let names = instrumentations.iter().map(|i| i.name.clone()).chain(left).collect();
        let idle = idle(&instrumentations, &matches, &packages);
        let missing: Vec<Diagnostic> =
            idle.iter().filter(|r| r.required).map(|r| r.finding.clone()).collect();
        if !missing.is_empty() && must_match(command, scope) {
            return Err(messages::required_for_nothing(&missing));
        }
        let kept = instrumentations.iter().filter(|i| i.own && !matches.any(&i.name));
        let unused = kept.map(|i| i.lowered.places.clone()).collect();
        notes.extend(idle.into_iter().filter(|r| r.near).map(|r| one_line(&r.finding)));
        instrumentations.retain(|i| i.support || matches.any(&i.name));
        for i in &mut instrumentations {
            if let Some(rewriter) = &i.lowered.rewriter {
                i.rewriter = Some(rewriters::program(&go.cwd, rewriter, &state)?);
            }
        }
        let any = instrumentations.iter().any(|i| !i.support);
        let mut build = Self {
            tags: if any { go.tags(command)? } else { Vec::new() },
            gcflags: go.flags("gcflags").chain(command.values("gcflags")).collect(),
            overlay,
            plan: Plan::default(),
            go,
            packages,
            instrumentations,
            names,
            matches,
            state,
            modules,
            homes,
            scope,
            notes,
            unused,
            unread,
        };
        if any {
            build.decide(command);
        }
        Ok(Some(build))
    }

    pub(super) fn input<'a>(&'a self, command: &'a gocmd::Command) -> PlanInput<'a> {
        PlanInput {
            command,
            env: &self.go.env,
            tags: &self.tags,
            cwd: &self.go.cwd,
            packages: &self.packages,
            instrumentations: &self.instrumentations,
            matches: &self.matches,
            gcflags: &self.gcflags,
            scope: self.scope,
            tool: TOOL,
        }
    }

    pub(super) fn decide(&mut self, command: &gocmd::Command) {
        let overlay = &self.overlay;
        self.plan = gocmd::plan(
            &self.input(command),
            &mut |package, kind| identifiers(package, kind, overlay),
            &mut |package, work| woven(package, work, overlay),
        );
    }

    /// The folders whose files decide about all this: those of modules that are not in the module cache.
    pub(super) fn folders(&self) -> Result<Vec<PathBuf>> {
        let mut folders: BTreeSet<PathBuf> =
            self.go.module_folders()?.into_iter().map(PathBuf::from).collect();
        let cache = Path::new(&self.go.env.gomodcache);
        let ours =
            |dir: &str| Path::new(dir).starts_with(cache) || Path::new(dir).starts_with(self.state.dir());
        for package in self.packages.iter().filter(|p| !p.standard && !ours(&p.dir)) {
            let module = package.module.as_ref().map(|m| m.replace.as_deref().unwrap_or(m).dir.as_str());
            // A vendored module has no folder of its own.
            folders.insert(PathBuf::from(module.filter(|m| !m.is_empty()).unwrap_or(&package.dir)));
        }
        if !self.modules.root.starts_with(self.state.dir()) {
            folders.insert(self.modules.root.clone());
        }
        Ok(folders.into_iter().collect())
    }

    /// Returns what the rules weave into these packages, whether or not a program uses them.
    pub(super) fn work_of(&self, command: &gocmd::Command, paths: &BTreeSet<&str>) -> Vec<Work> {
        gocmd::work_of(&self.input(command), paths)
    }

    pub(super) fn package(&self, path: &str) -> Option<&Package> {
        self.packages.iter().find(|p| p.import_path == path)
    }

    /// The sources of a package, as the user's overlay has them.
    pub(super) fn sources(&self, package: &Package) -> Result<Vec<(String, Vec<u8>)>> {
        let mut sources = Vec::new();
        for name in package.go_files.iter().chain(&package.cgo_files) {
            let path = shown(&Path::new(&package.dir).join(name));
            let actual = self.overlay.get(&path).unwrap_or(&path);
            sources.push((path.clone(), read(Path::new(actual))?));
        }
        Ok(sources)
    }

    /// Returns what the type checker says of a package as it is; `None` if it has errors, which are printed.
    pub(super) fn types(
        &self,
        work: &Work,
        sources: &[(String, Vec<u8>)],
    ) -> Result<Option<Option<TypeFacts>>> {
        types::build(&self.state, &self.go.env)?;
        let format = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}";
        let mut go = Command::new("go");
        go.arg("list").args(&self.go.chdir).args(["-e", "-deps", "-export", "-f", format, &work.package]);
        let folder = self.state.partial();
        let importcfg = folder.join("importcfg");
        crate::files::write(&importcfg, &output(&mut go)?.stdout)?;
        let files: Vec<String> = sources.iter().map(|(path, _)| path.clone()).collect();
        let check =
            types::TypeCheck { work, importcfg: &importcfg, files: &files, all: false, folder: &folder };
        let facts = types::facts(&self.state, &check);
        let _ = std::fs::remove_dir_all(&folder);
        Ok(match facts? {
            Ok(facts) => Some(facts),
            Err(said) => {
                out::note(&said);
                None
            }
        })
    }

    /// Returns what external rewriters answer about a package.
    pub(super) fn rewrites(&self, work: &Work, input: &WeaveInput<'_>) -> Result<Vec<Rewrite>> {
        rewriters::ask(&self.state, work, input)
    }
}

/// Returns whether a command makes programs, in which what is required must be.
fn must_match(command: &gocmd::Command, scope: Scope) -> bool {
    scope == Scope::of(command) && ["build", "install", "run"].contains(&command.verb.as_str())
}

//! From a command line to the runs of the go command that do it with weaving.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use weave_dialects::orchestrion::BuiltIn;
use weave_dialects::otelc::Surroundings;
use weave_engine::{Rewrite, SourceFile, TypeFacts, WeaveInput};
use weave_gocmd as gocmd;
use weave_gocmd::{
    Env, FIELDS, Instrumentation, Kind, Matches, Module, Package, PackageError, Plan, PlanInput, ProgramKind,
    Scope, Vendored, Work, Workspace, plain_path,
};
use weave_ir::{Diagnostic, GoVersion, LoweredRule, Places, TypeQuestions, WovenFacts};

use super::outside;
use super::remembered::Place;
use super::rewriters;
use super::sources::{self, Modules, relative};
use super::state::State;
use super::{NO_GO, fault, types};
use crate::files::{read, read_json};
use crate::foreign;
use crate::out;

/// What to run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Prepared {
    /// Runs of the go command, in order; none for the command line as it is.
    pub runs: Vec<Run>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// One run of the go command.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub arguments: Vec<String>,
    pub variables: Vec<(String, String)>,
}

/// What is known of a command that builds.
pub(super) struct Build {
    pub go: Go,
    pub packages: Vec<Package>,
    pub plan: Plan,
    /// The rules that may matter.
    pub instrumentations: Vec<Instrumentation>,
    /// The names of all, those included that no package here has a use for.
    pub names: Vec<String>,
    matches: Matches,
    state: State,
    modules: Modules,
    homes: BTreeMap<String, PathBuf>,
    overlay: BTreeMap<String, String>,
    tags: Vec<String>,
    gcflags: Vec<String>,
    scope: Scope,
    /// What is no mistake and yet worth saying.
    notes: Vec<String>,
    /// Where the rules of the user's own stand that no package here has a use for.
    pub unused: Vec<Places>,
}

/// What a woven build gets beside the command line.
pub(super) struct Additions {
    /// Flags, in place of those of [`REPLACED_FLAGS`].
    pub flags: Vec<String>,
    /// Where the workspace file appears to be.
    pub workspace: String,
}

/// The oldest Go release whose export data stays as it is under weaving.
const OLDEST: &str = "1.24";

/// Name and version of the tool.
pub(crate) const TOOL: &str = concat!("goweave ", env!("CARGO_PKG_VERSION"));

/// Prepare a command that builds.
pub(super) fn prepare(command: &gocmd::Command, place: Option<&Place>) -> Result<Prepared> {
    let mut prepared = Prepared::default();
    let Some(mut build) = Build::new(command, Scope::of(command))? else { return Ok(prepared) };
    if without_shipped(&build.go.env) {
        let Env { goos, goarch, .. } = &build.go.env;
        prepared
            .notes
            .push(format!("what is shipped is not for {goos}/{goarch}: only rules of your own are woven"));
    }
    prepared.notes.append(&mut build.notes);
    for path in &build.plan.go_programs {
        prepared.notes.push(format!("{path} is part of Go and stays as it is"));
    }
    for path in &build.plan.go_tests {
        prepared.notes.push(format!("{path} is part of Go: its test is woven, and gets no hooks"));
    }
    if !build.plan.work.is_empty() {
        let additions = build.additions(command)?;
        let variables = build.go.variables(&additions);
        let pure = build.go.pure(command);
        prepared.runs = runs(command, &build.plan, &additions.flags, &variables, &build.go.cwd, &pure);
    }
    let broken = build.packages.iter().any(|p| p.error.is_some());
    let settings = ["overlay", "modfile", "toolexec"].iter().any(|f| build.go.flag(command, f).is_some());
    // What a rewriter is made of may lie anywhere.
    let rewritten = build.plan.work.iter().any(|w| !w.rewriters.is_empty());
    match place {
        Some(place) if !broken && !settings && !rewritten => {
            Ok(place.remember(&build.state, build.folders()?, prepared))
        }
        _ => Ok(prepared),
    }
}

impl Build {
    /// Find out; none if the go command cannot list the packages, and so says best what is wrong.
    pub(super) fn new(command: &gocmd::Command, scope: Scope) -> Result<Option<Self>> {
        let go = Go::new(command)?;
        if go.env.go111module == "off" {
            return Err(fault(
                "GO111MODULE=off: goweave needs modules",
                "unset GO111MODULE, and run `go mod init`",
            ));
        }
        if GoVersion::parse(&go.env.goversion) < GoVersion::parse(OLDEST) {
            return Err(fault(
                format!("this is {}, and goweave needs Go {OLDEST} or newer", go.env.goversion),
                "set GOTOOLCHAIN to a newer release",
            ));
        }
        let ours = |toolexec: &String| {
            let words = gocmd::split(toolexec).unwrap_or_default();
            words.iter().any(|w| w == "toolexec") && words.iter().any(|w| Path::new(w).ends_with("goweave"))
        };
        if go.flag(command, "toolexec").is_some_and(|t| ours(&t)) {
            return Err(fault(
                "the flags of `goweave env` are set already",
                "unset GOFLAGS, or run the go command itself, which weaves by them",
            ));
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
        let (mut instrumentations, homes) = instrumentations(&modules, &go, &packages, &mut notes)?;
        // Rules for packages that nobody uses need not be looked at again.
        let overlay = go.overlay(command)?;
        let matches = Matches::find(&packages, &instrumentations, &mut |package, directives| {
            mentions(package, directives, &overlay)
        });
        notes.extend(gocmd::give_way(&mut instrumentations, &|i| matches.any(&i.name)));
        let names = instrumentations.iter().map(|i| i.name.clone()).collect();
        let idle = idle(&instrumentations, &matches, &packages);
        let missing: Vec<Diagnostic> =
            idle.iter().filter(|r| r.required).map(|r| r.finding.clone()).collect();
        if !missing.is_empty() && must_match(command, scope) {
            bail!("required rules are for nothing\n{}", crate::render::for_stderr(&missing).trim_end());
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
        };
        if any {
            build.decide(command);
        }
        Ok(Some(build))
    }

    fn input<'a>(&'a self, command: &'a gocmd::Command) -> PlanInput<'a> {
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

    fn decide(&mut self, command: &gocmd::Command) {
        let overlay = &self.overlay;
        self.plan = gocmd::plan(
            &self.input(command),
            &mut |package, kind| identifiers(package, kind, overlay),
            &mut |package, work| woven(package, work, overlay),
        );
    }

    /// The folders whose files decide about all this: those of modules that are not in the module cache.
    fn folders(&self) -> Result<Vec<PathBuf>> {
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

    /// What the rules weave into these packages, whether or not a program uses them.
    pub(super) fn work_of(&self, command: &gocmd::Command, paths: &BTreeSet<&str>) -> Vec<Work> {
        gocmd::work_of(&self.input(command), paths)
    }

    /// What the type checker says of a package as it is; none if it has errors, which are printed.
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
        let checked =
            types::Checked { work, importcfg: &importcfg, files: &files, all: false, folder: &folder };
        let facts = types::facts(&self.state, &checked);
        let _ = std::fs::remove_dir_all(&folder);
        Ok(match facts? {
            Ok(facts) => Some(facts),
            Err(said) => {
                out::note(&said);
                None
            }
        })
    }

    /// Write what the build needs.
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
                return Err(fault(
                    format!("{} is in the way: goweave adds a file of that name", relative(&path, &go.cwd)),
                    "rename it",
                ));
            }
        }
        self.imports(&mut replace)?;
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
        let overlay = serde_json::to_vec(&Overlay { replace }).context("cannot write the overlay")?;
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
}

/// The package that no module provides, by what the go command says.
fn without_module(said: &str) -> Option<&str> {
    ["no required module provides package ", "cannot find module providing package "]
        .iter()
        .find_map(|words| said.split_once(words))
        .and_then(|(_, rest)| rest.split([':', ';', ' ', '\n']).next())
}

impl Build {
    /// What to say where a hooks package of the user's imports what no module of go.mod has.
    fn unimportable(&self, error: &PackageError) -> Option<anyhow::Error> {
        let package = without_module(&error.err)?;
        let file = error.pos.split(':').next().filter(|file| !file.is_empty())?;
        let file = self.go.cwd.join(file);
        let kept = [Path::new(&self.go.env.gomodcache), self.state.dir(), self.modules.root.as_path()];
        let theirs = kept.iter().any(|folder| file.starts_with(folder));
        let import = format!("{}: no module of go.mod has the package `{package}`", error.pos);
        let ours = theirs || self.no_module(&error.err).is_some();
        (!ours).then(|| fault(import, format!("run `go get {package}`")))
    }

    /// What to say where the go command finds no module for a package that rules make others import.
    fn no_module(&self, said: &str) -> Option<Diagnostic> {
        let package = without_module(said)?;
        let sets = self.instrumentations.iter().flat_map(|i| i.lowered.packages.iter().map(move |s| (i, s)));
        let mut rules = sets.flat_map(|(i, set)| set.rules.iter().map(move |rule| (i, rule)));
        let (i, rule) = rules.find(|(_, rule)| rule.dependencies.iter().any(|d| d == package))?;
        let message = format!(
            "rule `{}` of {} makes packages import `{package}`, and no module of go.mod has it",
            rule.id, i.name
        );
        let d = Diagnostic::new("no-module", rule.at.clone(), message);
        Some(d.help(format!("mend the path, or run `go get {package}`")))
    }

    /// Load everything once in a workspace of its own, for the sums that are missing and to see that the hooks are there;
    /// what comes out is kept for as long as no go.mod and no go.sum changes.
    fn resolve(
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
        crate::files::write_json(&replace, &Overlay { replace: overlay.clone() })?;
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
        let sums = String::from_utf8(sums).context("go.work.sum is no UTF-8")?;
        let resolved = Resolved { sums, versions };
        if before.is_empty() {
            state.write(&kept, &serde_json::to_vec(&resolved).context("cannot write JSON")?)?;
        }
        Ok(resolved)
    }

    /// What keeps the hooks from being loaded: most often the versions that go.mod asks for, which are shown.
    fn unloadable(&self, command: &gocmd::Command, error: &str) -> anyhow::Error {
        if let Some(d) = self.no_module(error) {
            return anyhow!("the rules have mistakes\n{}", crate::render::for_stderr(&[d]).trim_end());
        }
        let error = error.trim_end();
        let raised = self.raised(command).unwrap_or_default();
        if raised.is_empty() {
            return fault(
                format!("cannot load the hooks\n{error}"),
                "the modules of the hooks must be in the module cache or within reach of GOPROXY: run this once where \
                 they are",
            );
        }
        let width = raised.iter().map(|(path, ..)| path.len()).max().unwrap_or(0);
        let lines: String = raised
            .iter()
            .map(|(path, from, to, how)| format!("\n    {path:width$}  {from} -> {to}{how}"))
            .collect();
        let pinned = raised.iter().any(|(.., how)| !how.is_empty());
        let help = match pinned {
            true => "take the `replace` lines away, or have them name these versions, and run `go mod tidy`",
            false => {
                "try it with `go get` of these versions and `go mod tidy`; what does not exist in them any more has to go"
            }
        };
        fault(
            format!(
                "cannot load the hooks: they need newer versions of modules than this module has\n{error}\n\
                 the hooks need:{lines}"
            ),
            format!("{help}; `goweave modules GO_MOD` shows what the hooks do to every version"),
        )
    }

    /// Modules that the hooks need in newer versions than the user's modules have: path, version there, version of the hooks,
    /// and how it is held where it is.
    fn raised(&self, command: &gocmd::Command) -> Result<Vec<(String, String, String, &'static str)>> {
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

    /// Copy the modules of the module cache that get files: those of programs, and those whose woven packages import more.
    /// From here on their packages are those of the copies.
    fn copy_out(&mut self) -> Result<Vec<(Module, PathBuf)>> {
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
                    return Err(fault(
                        format!(
                            "cannot weave {path}: its module is the main one, and lies in the module cache"
                        ),
                        "copy the module out of the module cache, or name the package with its version from elsewhere",
                    ));
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

    fn package(&self, path: &str) -> Option<&Package> {
        self.packages.iter().find(|p| p.import_path == path)
    }

    /// What woven code of a package imports, or may come to import, that the package does not.
    fn new_imports(&self, work: &Work, package: &Package) -> BTreeSet<String> {
        // What is wrong with an answer is said when the package is woven.
        let mut rewritten = self.rewritten_imports(work, package).unwrap_or_default();
        rewritten.retain(|d| d != "unsafe" && *d != package.import_path && !package.imports.contains(d));
        let of = |rule: &LoweredRule| -> BTreeSet<String> {
            let mut all: BTreeSet<String> = rule.dependencies.iter().cloned().collect();
            all.retain(|d| d != "unsafe" && *d != package.import_path && !package.imports.contains(d));
            all
        };
        let rules = || work.rules.iter().flat_map(|set| &set.rules);
        let mut may: BTreeSet<String> = rules().filter(|r| r.aspect.is_none()).flat_map(of).collect();
        may.extend(rewritten);
        if rules().filter(|r| r.aspect.is_some()).all(|r| of(r).is_empty()) {
            return may;
        }
        // Rules of peers match wherever they can, and do not say where they need what they import: the weaver knows.
        match self.woven_imports(work, package) {
            Ok(found) => may.extend(found.into_iter().filter(|d| *d != package.import_path)),
            // What is wrong with the package is said when it is woven.
            Err(_) => may.extend(rules().flat_map(of)),
        }
        may
    }

    /// What external rewriters say that a package may come to import.
    fn rewritten_imports(&self, work: &Work, package: &Package) -> Result<BTreeSet<String>> {
        if work.rewriters.is_empty() {
            return Ok(BTreeSet::new());
        }
        let sources = self.sources(package)?;
        let files: Vec<SourceFile<'_>> =
            sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
        let target = work.target()?;
        let input = work.input(&target, &files, None);
        let rewrites = rewriters::ask(&self.state, work, &input)?;
        Ok(rewrites.into_iter().flat_map(|r| r.answer.imports).collect())
    }

    /// The sources of a package, as the user's overlay has them.
    fn sources(&self, package: &Package) -> Result<Vec<(String, Vec<u8>)>> {
        let mut sources = Vec::new();
        for name in package.go_files.iter().chain(&package.cgo_files) {
            let path = shown(&Path::new(&package.dir).join(name));
            let actual = self.overlay.get(&path).unwrap_or(&path);
            sources.push((path.clone(), read(Path::new(actual))?));
        }
        Ok(sources)
    }

    /// What external rewriters answer about a package.
    pub(super) fn rewrites(&self, work: &Work, input: &WeaveInput<'_>) -> Result<Vec<Rewrite>> {
        rewriters::ask(&self.state, work, input)
    }

    /// What the rules of peers come to import when a package is woven; rules that ask for types may import everything, if
    /// the package has what they are about at all.
    fn woven_imports(&self, work: &Work, package: &Package) -> Result<BTreeSet<String>> {
        let sources = self.sources(package)?;
        let mentions = |word: &str| {
            sources.iter().any(|(_, source)| source.windows(word.len()).any(|w| w == word.as_bytes()))
        };
        let mut sets = work.rules.clone();
        let mut imports = BTreeSet::new();
        for set in &mut sets {
            set.rules.retain(|rule| {
                let asked = TypeQuestions::of(&rule.join);
                let typed = !asked.is_empty();
                let here = asked.methods.is_empty() || asked.methods.iter().any(|m| m == "*" || mentions(m));
                if typed && here && !rule.join.elsewhere(&work.package, Some(&package.name)) {
                    imports.extend(rule.dependencies.iter().filter(|d| *d != "unsafe").cloned());
                }
                rule.aspect.is_some() && !typed
            });
        }
        let files: Vec<SourceFile<'_>> =
            sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
        let target = work.target()?;
        let input = WeaveInput { rules: &sets, ..work.input(&target, &files, None) };
        let woven = weave_engine::weave(&input)?;
        imports.extend(woven.report.added_imports);
        imports.retain(|d| d != "unsafe");
        Ok(imports)
    }

    /// Where woven code imports what the package does not: a file with these imports, so that the go command builds them
    /// first.
    fn imports(&self, overlay: &mut BTreeMap<String, String>) -> Result<()> {
        for work in &self.plan.work {
            let Some(package) = self.package(&work.package) else { continue };
            let new = self.new_imports(work, package);
            if new.is_empty() {
                continue;
            }
            if package.standard && new.iter().any(|d| d.contains('.')) {
                let names = new.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(fault(
                    format!(
                        "cannot weave {}: it is part of Go, and would have to import {names}",
                        work.package
                    ),
                    "weave a hook instead, which needs no import",
                ));
            }
            let mut text = format!(
                "// Code generated by goweave. DO NOT EDIT.\n\npackage {}\n\nimport (\n",
                package.name
            );
            for path in new {
                text.push_str(&format!("\t_ {}\n", serde_json::Value::from(path)));
            }
            text.push_str(")\n");
            let path = Path::new(&package.dir).join(gocmd::IMPORTS_FILE);
            overlay.insert(shown(&path), shown(&self.state.keep(text.as_bytes(), "go")?));
        }
        Ok(())
    }
}

/// Put the generated files into an overlay.
fn generated(plan: &Plan, state: &State, overlay: &mut BTreeMap<String, String>) -> Result<()> {
    for program in &plan.programs {
        let path = Path::new(&program.dir).join(program.file);
        overlay.insert(shown(&path), shown(&state.keep(program.text.as_bytes(), "go")?));
    }
    Ok(())
}

/// Flags that a woven build has values of its own for; the user's are in these.
pub(super) const REPLACED_FLAGS: &[&str] = &["gcflags", "overlay", "toolexec", "mod", "modfile"];

/// One run, or more: programs that use nothing instrumented are built as they always are, and those that have no cgo get none by
/// their hooks, whose network would bring it in, and with it the C library.
fn runs(
    command: &gocmd::Command,
    plan: &Plan,
    added: &[String],
    variables: &[(String, String)],
    cwd: &Path,
    pure: &[String],
) -> Vec<Run> {
    let woven = |packages: &[String], more: &[String]| Run {
        arguments: command.rebuild(REPLACED_FLAGS, &[added, more].concat(), packages),
        variables: variables.to_vec(),
    };
    let builds = matches!(command.kind, Kind::Build | Kind::Install);
    let some_pure = !pure.is_empty() && plan.programs.iter().any(|p| !p.cgo);
    let all_pure = some_pure && plan.programs.iter().all(|p| !p.cgo);
    if plan.plain.is_empty() && (all_pure || !some_pure) || !builds {
        let mut packages = command.packages.clone();
        packages.extend(beside(command, plan));
        return vec![woven(&packages, if all_pure { pure } else { &[] })];
    }
    // Several programs without -o are built and not kept, and one file cannot hold them.
    if let Some(to) = command.value("o").filter(|_| command.kind == Kind::Build)
        && to != null()
        && !to.ends_with('/')
        && !cwd.join(to).is_dir()
    {
        return Vec::new();
    }
    let discard = command.kind == Kind::Build && command.value("o").is_none();
    let more = if discard { vec!["-o".to_owned(), null().to_owned()] } else { Vec::new() };
    let programs = |without_cgo: bool| -> Vec<String> {
        let those = plan.programs.iter().filter(|p| (some_pure && !p.cgo) == without_cgo);
        those.map(|p| p.path.clone()).collect()
    };
    let (alone, mut others) = (programs(true), programs(false));
    if discard || command.kind == Kind::Install {
        others.extend(plan.libraries.iter().cloned());
    }
    let mut runs = Vec::new();
    if !plan.plain.is_empty() {
        runs.push(Run { arguments: command.rebuild(&[], &more, &plan.plain), variables: Vec::new() });
    }
    if !alone.is_empty() {
        runs.push(woven(&alone, &[pure, &more].concat()));
    }
    if !others.is_empty() {
        runs.push(woven(&others, &more));
    }
    runs
}

/// Where a program is given as files, the generated one is another, written as they are.
fn beside(command: &gocmd::Command, plan: &Plan) -> Option<String> {
    let program = plan.programs.first().filter(|_| command.files())?;
    let folder = command.packages.first()?.rsplit_once(['/', '\\']).map(|(folder, _)| folder);
    Some(folder.map_or(program.file.to_owned(), |folder| format!("{folder}/{}", program.file)))
}

fn null() -> &'static str {
    if cfg!(windows) { "NUL" } else { "/dev/null" }
}

/// Whether nothing that is shipped is for this system: there are no threads, signals and sockets.
fn without_shipped(env: &Env) -> bool {
    matches!(env.goos.as_str(), "js" | "wasip1")
}

/// Every instrumentation, the user's own last, and where the modules of the others are.
fn instrumentations(
    modules: &Modules,
    go: &Go,
    packages: &[Package],
    notes: &mut Vec<String>,
) -> Result<(Vec<Instrumentation>, BTreeMap<String, PathBuf>)> {
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut all = Vec::new();
    let mut homes = BTreeMap::new();
    match modules.instrumentations()? {
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
    match sources::own(&folders, &go.cwd, notes, &mut |paths| go.find(paths))? {
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
    let surroundings = Surroundings { roots, mains };
    match sources::otelc(&folders, &surroundings, &go.cwd, &mut |paths| go.find(paths))? {
        Ok(found) => all.extend(found),
        Err(more) => findings.extend(more),
    }
    match go.orchestrion()? {
        Ok(found) => all.extend(found),
        Err(more) => findings.extend(more),
    }
    if !findings.is_empty() {
        bail!("the rules have mistakes\n{}", crate::render::for_stderr(&findings).trim_end());
    }
    sources::refuse_same_names(&all)?;
    let choice = sources::choice();
    if let Some(name) = choice.unknown(&all) {
        let names = all.iter().map(|i| i.name.as_str());
        let known = weave_ir::did_you_mean(name, names.clone())
            .unwrap_or_else(|| format!("they are {}", names.collect::<Vec<_>>().join(", ")));
        return Err(fault(
            format!("GOWEAVE_ONLY or GOWEAVE_EXCEPT names {name}, and no instrumentation is called so"),
            known,
        ));
    }
    all.retain(|i| choice.takes(i));
    Ok((all, homes))
}

/// A rule of the user's own that no package of the build is for.
struct Idle {
    required: bool,
    /// Whether a package of the build is called like what it names.
    near: bool,
    finding: Diagnostic,
}

fn idle(instrumentations: &[Instrumentation], matches: &Matches, packages: &[Package]) -> Vec<Idle> {
    let mut all = Vec::new();
    for i in instrumentations.iter().filter(|i| i.own) {
        for rule in matches.unused(i) {
            let named: Vec<String> =
                rule.join.packages().into_iter().flatten().map(|p| p.as_str().to_owned()).collect();
            let message = format!(
                "rule `{}` of {} is for {}, and no package of this build is one of that",
                rule.id,
                i.name,
                named.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", ")
            );
            let known = || packages.iter().map(|p| plain_path(&p.import_path));
            // Paths that differ in a word alone; what contains the other is another package.
            let typo = |p: &String| !p.contains(['*', '?', '[']) && !p.contains("...");
            let near = named.iter().filter(|p| typo(p)).find_map(|p| {
                let near = |k: &&str| k.split('/').count() == p.split('/').count() && alike(k, p);
                known().find(near).map(str::to_owned)
            });
            let mains: Vec<String> = packages
                .iter()
                .filter(|p| p.name == "main" && p.for_test.is_empty())
                .map(|p| format!("`{}`", p.import_path))
                .collect();
            let mut finding = Diagnostic::new("for-nothing", rule.at.clone(), message);
            let main = named.iter().any(|p| p == "main") && !mains.is_empty();
            finding = finding.help(match &near {
                _ if main => format!("a rule names package main by its import path: {}", mains.join(", ")),
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "mend the import path, or leave `required` out where some programs do not have it".into()
                }
            });
            all.push(Idle { required: rule.required == Some(true), near: main || near.is_some(), finding });
        }
    }
    all
}

/// Whether two import paths of as many elements differ in one of them, and there in little.
fn alike(a: &str, b: &str) -> bool {
    let different: Vec<(&str, &str)> = a.split('/').zip(b.split('/')).filter(|(a, b)| a != b).collect();
    match different.as_slice() {
        [(a, b)] => {
            let length = |s: &str| s.chars().count();
            length(a).abs_diff(length(b)) < 3
                && !weave_ir::nearest(a, [*b]).is_empty()
                && !a.contains(*b)
                && !b.contains(*a)
                || length(a).abs_diff(length(b)) == 1 && (a.contains(*b) || b.contains(*a)) && length(a) > 2
        }
        _ => false,
    }
}

/// A finding without what it shows of files.
fn one_line(d: &Diagnostic) -> String {
    let at = d.at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
    let help = d.help.as_ref().map(|h| format!(": {h}")).unwrap_or_default();
    format!("{at}{}{help}", d.message)
}

/// Whether a command makes programs, in which what is required must be.
fn must_match(command: &gocmd::Command, scope: Scope) -> bool {
    scope == Scope::of(command) && ["build", "install", "run"].contains(&command.verb.as_str())
}

/// Whether the files of a package have one of these directive comments.
fn mentions(package: &Package, directives: &BTreeSet<String>, overlay: &BTreeMap<String, String>) -> bool {
    let files = [&package.go_files, &package.cgo_files, &package.test_go_files, &package.x_test_go_files];
    files.into_iter().flatten().any(|name| {
        let path = Path::new(&package.dir).join(name).display().to_string();
        // What cannot be read is the go command's to complain about.
        let source = read(Path::new(overlay.get(&path).unwrap_or(&path))).unwrap_or_default();
        let source = String::from_utf8_lossy(&source);
        directives.iter().any(|d| source.contains(&format!("//{d}")))
    })
}

/// What is woven into a main package; nothing if it cannot be woven, which its compilation will tell.
fn woven(package: &Package, work: &Work, overlay: &BTreeMap<String, String>) -> Option<WovenFacts> {
    let names = package.go_files.iter().chain(&package.cgo_files);
    let sources: Vec<(String, Vec<u8>)> = names
        .map(|name| {
            let path = Path::new(&package.dir).join(name).display().to_string();
            let source = read(Path::new(overlay.get(&path).unwrap_or(&path))).ok()?;
            Some((path, source))
        })
        .collect::<Option<_>>()?;
    let files: Vec<SourceFile<'_>> =
        sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
    let target = work.target().ok()?;
    let input = work.input(&target, &files, None);
    let report = weave_engine::weave(&input).ok()?.report;
    let mut facts = weave_engine::woven_facts(&work.rules, &report);
    for rewriter in &work.rewriters {
        facts.instrumentations.entry(rewriter.name.clone()).or_default();
    }
    report.findings.is_empty().then_some(facts)
}

/// The identifiers in the files beside which a generated file will be.
fn identifiers(package: &Package, kind: ProgramKind, overlay: &BTreeMap<String, String>) -> BTreeSet<String> {
    let names: Vec<&String> = match kind {
        ProgramKind::Main => package.go_files.iter().chain(&package.cgo_files).collect(),
        ProgramKind::Test => package.x_test_go_files.iter().collect(),
    };
    let mut taken = BTreeSet::new();
    for name in names {
        let path = Path::new(&package.dir).join(name).display().to_string();
        let actual = overlay.get(&path).unwrap_or(&path);
        // What cannot be read is the go command's to complain about.
        if let Ok(source) = read(Path::new(actual)) {
            taken.extend(weave_engine::facts(SourceFile { path: &path, source: &source }).identifiers);
        }
    }
    taken
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Overlay {
    pub replace: BTreeMap<String, String>,
}

/// What a workspace brings: sums that no go.sum has, and the versions of modules.
#[derive(Debug, Serialize, Deserialize)]
struct Resolved {
    sums: String,
    versions: BTreeMap<String, String>,
}

impl Resolved {
    /// Give the packages the versions that they have in the workspace; whether any is another one.
    fn apply(&self, packages: &mut [Package]) -> bool {
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

/// The go command, where and how the user runs it.
pub(super) struct Go {
    chdir: Vec<String>,
    pub cwd: PathBuf,
    pub env: Env,
    goflags: Vec<(String, String)>,
}

impl Go {
    fn new(command: &gocmd::Command) -> Result<Self> {
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
    fn flags(&self, name: &str) -> impl Iterator<Item = String> {
        let values: Vec<String> =
            self.goflags.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect();
        values.into_iter()
    }

    /// The value of a flag, from the command line or `GOFLAGS`.
    fn flag(&self, command: &gocmd::Command, name: &str) -> Option<String> {
        let value = command.value(name).map(str::to_owned).or_else(|| self.flags(name).last());
        value.filter(|v| !v.is_empty())
    }

    /// The packages of the command line and everything that they need; none if the go command does not even list them.
    fn list(&self, command: &gocmd::Command, scope: Scope) -> Result<Option<Vec<Package>>> {
        let mut go = self.lister(command, &[], scope);
        go.args(&command.packages);
        let out = output(&mut go)?;
        if !out.status.success() {
            return Ok(None);
        }
        Ok(Some(gocmd::packages(&out.stdout).context("cannot read what `go list` says")?))
    }

    fn lister(&self, command: &gocmd::Command, without: &[&str], scope: Scope) -> Command {
        let mut go = Command::new("go");
        go.arg("list").args(&self.chdir).args(["-e", "-deps", "-pgo=off", "-buildvcs=false"]);
        go.arg(format!("-json={FIELDS}")).args(command.loading_flags(without));
        if scope != Scope::Mains {
            go.arg("-test");
        }
        go
    }

    /// The rules of Orchestrion that the user's modules have or name: an `orchestrion.yml` beside a go.mod, and those of the
    /// packages that an `orchestrion.tool.go` beside it imports, and so on. What a package imports comes before its own.
    fn orchestrion(&self) -> sources::Checked<Instrumentation> {
        let mut all = Vec::new();
        let mut findings = Vec::new();
        let mut seen = BTreeSet::new();
        for module in self.module_folders()? {
            let path = module_line(&read(&Path::new(&module).join("go.mod"))?, "module");
            let mut files = Vec::new();
            self.aspects(&module, Path::new(&module), &mut seen, &mut files, &mut findings)?;
            match foreign::read(&files, Some(&path), BuiltIn::Everywhere) {
                Ok(list) => {
                    for (lowered, notes) in list {
                        out::warnings(&notes);
                        let name = lowered.main.instrumentation.clone();
                        all.push(Instrumentation {
                            name,
                            lowered,
                            support: false,
                            own: true,
                            peer: true,
                            rewriter: None,
                            imports: BTreeSet::new(),
                        });
                    }
                }
                Err(more) => findings.extend(more),
            }
        }
        Ok(if findings.is_empty() { Ok(all) } else { Err(findings) })
    }

    /// The rule files that the folder of a package leads to, each with its path and text, its own one last.
    fn aspects(
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
        let tool = folder.join(weave_dialects::orchestrion::TOOL_FILE);
        if tool.exists() {
            let text = crate::files::read_text(&tool)?;
            match weave_dialects::orchestrion::tool_imports(&relative(&tool, &self.cwd), &text) {
                Ok(mut imports) => {
                    // Its aspects are built in.
                    imports.retain(|path| path != weave_dialects::orchestrion::TOOL);
                    for folder in self.folders_of(module, &imports)? {
                        self.aspects(module, &folder, seen, files, findings)?;
                    }
                }
                Err(finding) => findings.push(*finding),
            }
        }
        let rules = folder.join("orchestrion.yml");
        if rules.exists() {
            let text = crate::files::read_text(&rules)?;
            let shown = relative(&rules, &self.cwd);
            if weave_dialects::dialect(&shown, &text) == weave_dialects::Dialect::Orchestrion {
                files.push((shown, text));
            }
        }
        Ok(())
    }

    /// The folders of packages, as the go command finds them from a module.
    fn folders_of(&self, module: &str, packages: &[String]) -> Result<Vec<PathBuf>> {
        if packages.is_empty() {
            return Ok(Vec::new());
        }
        let mut go = Command::new("go");
        go.current_dir(module).args(["list", "-find", "-buildvcs=false", "-f", "{{.Dir}}"]).args(packages);
        let out = output(&mut go)?;
        if !out.status.success() {
            return Err(fault(
                format!(
                    "cannot find what {} imports\n{}",
                    weave_dialects::orchestrion::TOOL_FILE,
                    String::from_utf8_lossy(&out.stderr).trim_end()
                ),
                "run `go mod tidy`",
            ));
        }
        Ok(String::from_utf8_lossy(&out.stdout).lines().map(PathBuf::from).collect())
    }

    /// Build tags: those given, and those of the toolchain.
    fn tags(&self, command: &gocmd::Command) -> Result<Vec<String>> {
        let mut go = Command::new("go");
        go.arg("list").args(&self.chdir).args(["-e", "-find", "-buildvcs=false"]);
        go.args(["-f", "{{range context.BuildTags}}{{.}} {{end}}{{range context.ToolTags}}{{.}} {{end}}"]);
        go.args(command.loading_flags(&[])).arg("unsafe");
        let out = output(&mut go)?;
        Ok(String::from_utf8_lossy(&out.stdout).split_whitespace().map(str::to_owned).collect())
    }

    /// The flag that has `net` and `os/user` built without cgo; none where there is no cgo, or where the user asks for cgo there.
    fn pure(&self, command: &gocmd::Command) -> Vec<String> {
        let given = self.flag(command, "tags").unwrap_or_default();
        let mut tags: Vec<&str> = given.split([',', ' ']).filter(|t| !t.is_empty()).collect();
        if self.env.cgo_enabled != "1" || tags.contains(&"netcgo") {
            return Vec::new();
        }
        tags.extend(["netgo", "osusergo"]);
        vec![format!("-tags={}", tags.join(","))]
    }

    /// The user's own overlay, with absolute paths.
    fn overlay(&self, command: &gocmd::Command) -> Result<BTreeMap<String, String>> {
        let Some(path) = self.flag(command, "overlay") else { return Ok(BTreeMap::new()) };
        let overlay: Overlay = read_json(&self.cwd.join(path))?;
        let absolute = |path: &str| match path {
            "" => String::new(),
            path => gocmd::clean(&self.cwd.join(path)).display().to_string(),
        };
        Ok(overlay.replace.iter().map(|(from, to)| (absolute(from), absolute(to))).collect())
    }

    /// The user's own -modfile, as an overlay: it cannot be used in a workspace.
    fn modfile_overlay(&self, command: &gocmd::Command) -> Result<BTreeMap<String, String>> {
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

    /// The go.mod of the main module, outside of a workspace.
    fn go_mod(&self) -> Option<String> {
        let is = !self.env.gomod.is_empty() && self.env.gomod != "/dev/null" && self.env.gomod != "NUL";
        is.then(|| self.env.gomod.clone())
    }

    fn in_workspace(&self) -> bool {
        !self.env.gowork.is_empty() && self.env.gowork != "off"
    }

    /// What the go command must be told by variables. That is little, since the programs and tests that it runs see them,
    /// too: the workspace file is found by itself, unless the user says not to look or there is no module above.
    fn variables(&self, additions: &Additions) -> Vec<(String, String)> {
        let found = self.env.gowork != "off" && (self.in_workspace() || self.go_mod().is_some());
        if found { Vec::new() } else { vec![("GOWORK".to_owned(), additions.workspace.clone())] }
    }

    /// Where our workspace file appears to be: in place of the user's, or beside go.mod.
    fn workspace_place(&self) -> Option<PathBuf> {
        if self.in_workspace() {
            return Some(PathBuf::from(&self.env.gowork));
        }
        Some(Path::new(&self.go_mod()?).with_file_name("go.work"))
    }

    /// In place of the vendor folder, if there is one in use: its modules, as folders of the workspace.
    fn unvendor(
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

    /// The user's modules, as a workspace.
    fn user_workspace(&self, command: &gocmd::Command) -> Result<Workspace> {
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

    /// Folders of the user's modules.
    fn module_folders(&self) -> Result<Vec<String>> {
        if self.in_workspace() {
            let dir = Path::new(&self.env.gowork).parent().unwrap_or(Path::new("")).display().to_string();
            return Ok(Workspace::from_workspace(&edit("work", &self.env.gowork)?, &dir).uses().to_vec());
        }
        let folder = |path: String| Path::new(&path).parent().map(|p| p.display().to_string());
        Ok(self.go_mod().and_then(folder).into_iter().collect())
    }

    /// The workspace of the build: the user's modules and those of the hooks.
    fn workspace(
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

    /// The folders of packages; those that are not there are left out.
    fn find(&self, packages: &[String]) -> Result<BTreeMap<String, PathBuf>> {
        let mut go = Command::new("go");
        go.current_dir(&self.cwd);
        go.args(["list", "-e", "-find", "-f", "{{.ImportPath}}\t{{.Dir}}"]).args(packages);
        let out = output(&mut go)?;
        let text = String::from_utf8_lossy(&out.stdout);
        let pairs = text.lines().filter_map(|l| l.split_once('\t')).filter(|(_, dir)| !dir.is_empty());
        Ok(pairs.map(|(path, dir)| (path.to_owned(), PathBuf::from(dir))).collect())
    }

    /// The value of -toolexec: us, and then the user's own.
    fn toolexec(&self, command: &gocmd::Command, state: &State, overlay: &Path) -> Result<String> {
        let own = self.flag(command, "toolexec").unwrap_or_default();
        let Ok(own) = gocmd::split(&own) else { bail!("cannot read -toolexec={own}") };
        let me = std::env::current_exe().context("cannot find goweave itself")?;
        let (dir, count) = (shown(state.dir()), own.len().to_string());
        let mut words = vec![shown(&me), "toolexec".to_owned(), dir, shown(overlay), count];
        words.extend(own);
        gocmd::join(&words).ok_or_else(|| {
            fault("a path in -toolexec has both kinds of quotes", "move goweave or GOCACHE to another folder")
        })
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
fn current_dir() -> Result<PathBuf> {
    std::env::current_dir().context("there is no working directory")
}

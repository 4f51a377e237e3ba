//! Sources of instrumentations: the modules of the tool, and `weave.yaml` files of the user's modules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use weave_dialects::otelc::TOOL_FILES;
use weave_dialects::{Dialect, Draft, Sp, Surroundings, dialect_of_name};
use weave_engine::SourceFile;
use weave_gocmd::{Choice, Instrumentation, digest, embedded};
use weave_ir::{Diagnostic, Location};

use super::go_command::module_line;
use super::state::State;
use crate::files::{read, shown};
use crate::messages;

/// Name of a rule file.
const RULES: &str = "weave.yaml";

/// Things, or everything that is wrong with them.
pub(super) type Loaded<T> = Result<std::result::Result<Vec<T>, Vec<Diagnostic>>>;

/// The modules of the hooks, on disk.
pub(super) struct Modules {
    /// The folder of the main one.
    pub root: PathBuf,
    /// Files that matter to us, by path below the root.
    files: BTreeMap<String, Vec<u8>>,
}

impl Modules {
    /// Returns those of the folder that `GOWEAVE_MODULES` names, else those that the tool brings along.
    pub(super) fn find(state: &State) -> Result<Self> {
        if let Some(root) = given() {
            return Self::in_folder(&root);
        }
        let files = embedded();
        if files.is_empty() {
            return Err(messages::built_without_modules(
                "set GOWEAVE_MODULES to a checkout of rules_go_weave, or build goweave with its default features",
            ));
        }
        let parts = files.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
        let root = state.path("modules", &digest(parts));
        state.write_folder(&root, files.iter().copied())?;
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        Ok(Self { root, files })
    }

    fn in_folder(root: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        files.insert("go.mod".to_owned(), read(&root.join("go.mod"))?);
        walk(&root.join("instrumentation"), &|_| true, &mut |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let test = name.ends_with("_test.go");
            if (name.ends_with(".go") && !test) || [RULES, "go.mod"].contains(&&*name) {
                let below = path.strip_prefix(root).unwrap_or(path);
                files.insert(shown(below), read(path)?);
            }
            Ok(())
        })?;
        Ok(Self { root: root.to_path_buf(), files })
    }

    /// The instrumentations in folders of these names, and the folder of the module that each is in.
    pub(super) fn instrumentations(
        &self,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Loaded<(Instrumentation, PathBuf)> {
        let mut all = Vec::new();
        let mut findings = Vec::new();
        for (path, bytes) in &self.files {
            let Some(folder) = path.strip_suffix(RULES).map(|f| f.trim_end_matches('/')) else { continue };
            let called = folder.rsplit('/').next().unwrap_or_default();
            if !wanted(called) {
                continue;
            }
            let text = std::str::from_utf8(bytes).with_context(|| format!("{path} is not UTF-8"))?;
            let inside = |name: &str| name.rsplit_once('/').map_or("", |(dir, _)| dir) == folder;
            let hooks: Vec<SourceFile<'_>> = self
                .files
                .iter()
                .filter(|(name, _)| name.ends_with(".go") && inside(name))
                .map(|(name, source)| SourceFile { path: name, source })
                .collect();
            let drafts = weave_dialects::read_one(path, text, &Surroundings::default());
            let loaded = drafts.and_then(|drafts| {
                drafts.iter().map(|d| weave_gocmd::load(d, &hooks, false)).collect::<Result<Vec<_>, _>>()
            });
            match loaded {
                Ok(found) => all.extend(found.into_iter().map(|mut i| {
                    called.clone_into(&mut i.folder);
                    (i, self.module_of(folder))
                })),
                Err(more) => findings.extend(more),
            }
        }
        Ok(if findings.is_empty() { Ok(all) } else { Err(findings) })
    }

    /// The folder of the module that a folder belongs to.
    fn module_of(&self, folder: &str) -> PathBuf {
        let mut at = folder;
        loop {
            if at.is_empty() {
                return self.root.clone();
            }
            if self.files.contains_key(&format!("{at}/go.mod")) {
                return self.root.join(at);
            }
            at = at.rsplit_once('/').map_or("", |(up, _)| up);
        }
    }
}

/// A file with rules that is not read.
pub(super) struct Unread {
    pub(super) path: String,
    /// Steps after which it is read.
    pub(super) help: String,
    /// Whether it may be one for this tool by mistake alone.
    pub(super) told: bool,
}

/// The rule files of the user's modules, in these folders.
pub(super) fn own(
    folders: &[String],
    cwd: &Path,
    unread: &mut Vec<Unread>,
    find: &mut FindPackage<'_>,
) -> Loaded<Instrumentation> {
    let mut paths = Vec::new();
    let mut others = Vec::new();
    for folder in folders {
        // What belongs to another module is that module's.
        walk(Path::new(folder), &|dir| !dir.join("go.mod").exists(), &mut |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if dialect_of_name(&name) == Some(Dialect::Weave) {
                paths.push(path.to_path_buf());
            } else if [".yaml", ".yml"].iter().any(|e| name.ends_with(e)) && looks_like_rules(path) {
                others.push(relative(path, cwd));
            }
            Ok(())
        })?;
    }
    paths.sort();
    paths.dedup();
    others.sort();
    others.dedup();
    for path in others {
        unread.push(Unread { path, help: format!("call it {RULES}, or NAME.weave.yaml"), told: true });
    }
    let mut all = Vec::new();
    let mut findings = Vec::new();
    let mut drafts = Vec::new();
    for path in paths {
        let text = crate::files::read_text(&path)?;
        match weave_dialects::read_one(&relative(&path, cwd), &text, &Surroundings::default()) {
            Ok(list) => drafts.extend(list.into_iter().map(|draft| (path.clone(), draft))),
            Err(more) => findings.extend(more),
        }
    }
    // Hooks stand beside their rules, as the import path says, or in a folder of their own.
    let elsewhere = |path: &Path, draft: &Draft| {
        let beside = folders.iter().find_map(|f| import_path(Path::new(f), path.parent()?));
        let hooks = draft.hooks.clone().filter(|_| draft.calls_hooks());
        hooks.filter(|hooks| beside.as_ref() != Some(&hooks.value))
    };
    let drafts: Vec<_> = drafts.into_iter().map(|(path, d)| (elsewhere(&path, &d), path, d)).collect();
    let named: BTreeSet<String> =
        drafts.iter().filter_map(|(hooks, ..)| hooks.as_ref().map(|h| h.value.clone())).collect();
    let named: Vec<String> = named.into_iter().collect();
    let found = if named.is_empty() { BTreeMap::new() } else { find(&named)? };
    for (elsewhere, path, draft) in &drafts {
        let beside = path.parent().unwrap_or(Path::new(""));
        let dir = match elsewhere {
            None => beside,
            Some(hooks) => match found.get(&hooks.value) {
                Some(dir) => dir,
                None => {
                    findings.push(no_hooks(&draft.path, hooks, folders, cwd));
                    continue;
                }
            },
        };
        let mut hooks = go_files(dir, cwd)?;
        if dir != beside {
            for name in &draft.adapters {
                let file = beside.join(name);
                if file.exists() {
                    hooks.push((relative(&file, cwd), read(&file)?));
                }
            }
        }
        let sources: Vec<SourceFile<'_>> =
            hooks.iter().map(|(path, source)| SourceFile { path, source }).collect();
        match weave_gocmd::load(draft, &sources, true) {
            Ok(instrumentation) => all.push(instrumentation),
            Err(more) => findings.extend(more),
        }
    }
    Ok(if findings.is_empty() { Ok(all) } else { Err(findings) })
}

/// The import path of a folder of a module, by the module's go.mod; `None` if it is not below.
fn import_path(module: &Path, dir: &Path) -> Option<String> {
    let below = dir.strip_prefix(module).ok()?;
    let path = module_line(&read(&module.join("go.mod")).ok()?, "module");
    Some(if below.as_os_str().is_empty() { path } else { format!("{path}/{}", shown(below)) })
}

/// Returns what to say of a hooks package that is not there.
fn no_hooks(path: &str, hooks: &Sp<String>, folders: &[String], cwd: &Path) -> Diagnostic {
    let at = Location::new(path, hooks.line, hooks.col);
    let own = folders.iter().find_map(|f| {
        let below = hooks.value.strip_prefix(&import_path(Path::new(f), Path::new(f))?)?;
        below.starts_with('/').then(|| relative(&Path::new(f).join(below.trim_start_matches('/')), cwd))
    });
    messages::no_hooks_package(at, &hooks.value, own.as_deref())
}

/// Returns whether a file that is called otherwise has rules of ours.
fn looks_like_rules(path: &Path) -> bool {
    let small = fs::metadata(path).is_ok_and(|m| m.len() < 1 << 18);
    let text = if small { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    let key = |name: &str| {
        text.lines().any(|l| l.strip_prefix(name).is_some_and(|l| l.trim_start().starts_with(':')))
    };
    key("weave") && key("rules")
}

/// Asks the go command for a package.
type FindPackage<'f> = dyn FnMut(&[String]) -> Result<BTreeMap<String, PathBuf>> + 'f;

/// The rules of otelc that are for the user's modules, in these folders: those of the packages that their tool files import,
/// and of the packages which those name in turn; where there is no tool file, those in the folders themselves. And the rules
/// of Alibaba's agent in the folders. `find` gives the folders of packages.
pub(super) fn otelc(
    folders: &[String],
    surroundings: &Surroundings,
    cwd: &Path,
    unread: &mut Vec<Unread>,
    find: &mut FindPackage<'_>,
) -> Loaded<Instrumentation> {
    let mut paths = Vec::new();
    let mut others = Vec::new();
    for folder in folders {
        let tool = tool_file(Path::new(folder))?;
        walk(Path::new(folder), &|dir| !dir.join("go.mod").exists(), &mut |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let dialect = dialect_of_name(&name);
            if dialect == Some(Dialect::Alibaba) || tool.is_none() && dialect == Some(Dialect::Otelc) {
                paths.push(path.to_path_buf());
            } else if let Some(tool) = tool.as_ref().filter(|_| dialect == Some(Dialect::Otelc)) {
                others.push((path.to_path_buf(), tool.clone()));
            }
            Ok(())
        })?;
        if let Some(file) = tool {
            from_tool_file(&file, &mut paths, find)?;
        }
    }
    paths.sort();
    paths.dedup();
    for (path, tool) in others.into_iter().filter(|(path, _)| !paths.contains(path)) {
        let help = format!("import its package in {}", relative(&tool, cwd));
        unread.push(Unread { path: relative(&path, cwd), help, told: false });
    }
    let mut all = Vec::new();
    let mut findings = Vec::new();
    let mut drafts = Vec::new();
    for path in paths {
        let text = crate::files::read_text(&path)?;
        match weave_dialects::read_one(&relative(&path, cwd), &text, surroundings) {
            Ok(list) => drafts.extend(list),
            Err(more) => findings.extend(more),
        }
    }
    drafts.retain(|d| !d.rules.is_empty());
    let mut packages: Vec<String> =
        drafts.iter().filter_map(|d| d.hooks.as_ref().map(|h| h.value.clone())).collect();
    packages.sort();
    packages.dedup();
    let dirs = if packages.is_empty() { BTreeMap::new() } else { find(&packages)? };
    for draft in &drafts {
        let mut hooks = Vec::new();
        if let Some(package) = &draft.hooks {
            let Some(dir) = dirs.get(&package.value) else {
                let at = Location::new(&draft.path, package.line, package.col);
                findings.push(messages::no_hooks_package(at, &package.value, None));
                continue;
            };
            hooks = go_files(dir, cwd)?;
        }
        let sources: Vec<SourceFile<'_>> =
            hooks.iter().map(|(path, source)| SourceFile { path, source }).collect();
        match weave_gocmd::load(draft, &sources, true) {
            Ok(instrumentation) => all.push(instrumentation),
            Err(more) => findings.extend(more),
        }
    }
    Ok(if findings.is_empty() { Ok(all) } else { Err(findings) })
}

/// The tool file in a folder.
fn tool_file(dir: &Path) -> Result<Option<PathBuf>> {
    let found: Vec<PathBuf> =
        TOOL_FILES.iter().map(|name| dir.join(name)).filter(|path| path.exists()).collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => Err(messages::two_tool_files(dir, &TOOL_FILES)),
    }
}

/// The rule files that a tool file leads to.
fn from_tool_file(file: &Path, paths: &mut Vec<PathBuf>, find: &mut FindPackage<'_>) -> Result<()> {
    let imports = |file: &Path| -> Result<Vec<String>> {
        let shown = shown(file);
        let source = read(file)?;
        let facts = weave_engine::source_names(SourceFile { path: &shown, source: &source });
        match facts.error {
            Some(error) => bail!("{error}"),
            None => Ok(facts.imports.into_iter().collect()),
        }
    };
    let mut todo = imports(file)?;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while !todo.is_empty() {
        todo.retain(|path| seen.insert(path.clone()));
        if todo.is_empty() {
            break;
        }
        let dirs = find(&todo)?;
        let mut next = Vec::new();
        for package in &todo {
            let Some(dir) = dirs.get(package) else {
                return Err(messages::tool_file_names_no_package(file, package));
            };
            for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if dialect_of_name(&name) == Some(Dialect::Otelc) {
                    paths.push(path);
                }
            }
            if let Some(file) = tool_file(dir)? {
                next.extend(imports(&file)?);
            }
        }
        todo = next;
    }
    Ok(())
}

/// The Go files of a folder, tests left out.
fn go_files(dir: &Path, cwd: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".go") && !name.ends_with("_test.go") {
            files.push((relative(&file, cwd), read(&file)?));
        }
    }
    files.sort();
    Ok(files)
}

/// A path for messages: relative to the working directory if it is below it.
pub(super) fn relative(path: &Path, cwd: &Path) -> String {
    shown(path.strip_prefix(cwd).unwrap_or(path))
}

/// Visits every file, in the folders that are to be entered. What the go command passes over is left out, as are
/// dependencies of other languages.
fn walk(dir: &Path, enter: &dyn Fn(&Path) -> bool, visit: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    let mut entries: Vec<_> = entries.filter_map(std::result::Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = entry.path();
        // The kind comes with the listing; a link to a folder is not followed, as by the go command.
        let Ok(kind) = entry.file_type() else { continue };
        if !kind.is_dir() {
            visit(&path)?;
        } else if !name.starts_with(['.', '_'])
            && !["vendor", "testdata", "node_modules"].contains(&&*name)
            && enter(&path)
        {
            walk(&path, enter, visit)?;
        }
    }
    Ok(())
}

/// Names may stand for one instrumentation only.
pub(super) fn refuse_same_names(all: &[Instrumentation]) -> Result<()> {
    for (i, a) in all.iter().enumerate() {
        if let Some(b) = all[..i].iter().find(|b| b.name == a.name) {
            return Err(messages::same_name(&a.name, a.own || b.own));
        }
    }
    Ok(())
}

/// The instrumentations that `GOWEAVE_ONLY` and `GOWEAVE_EXCEPT` choose, by names with commas between them.
pub(super) fn choice() -> Choice {
    let names = |variable: &str| -> Vec<String> {
        let value = std::env::var_os(variable).unwrap_or_default();
        value
            .to_string_lossy()
            .split(',')
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map(str::to_owned)
            .collect()
    };
    Choice { except: names("GOWEAVE_EXCEPT"), only: names("GOWEAVE_ONLY") }
}

fn given() -> Option<PathBuf> {
    std::env::var_os("GOWEAVE_MODULES").filter(|v| !v.is_empty()).map(PathBuf::from)
}

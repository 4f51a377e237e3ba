//! `goweave toolexec STATE OVERLAY N PROGRAM... TOOL ARGUMENTS`: runs a tool of the go command, woven where its flags say so.
//!
//! STATE is our folder below the build cache, OVERLAY the overlay of the build; N is the number of words of the user's own
//! toolexec, which follow.
//!
//! Files that we add to packages are for the compiler alone. The tool for coverage, which knows of no overlay, does not get
//! them, and nobody embeds them. Our own packages are not counted, nor what only they need: they are no part of the program
//! that is tested, and some of them run before what counts is ready.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use weave_engine::{Origins, SourceFile};
use weave_gocmd::{Compile, Paths, Work, plain_path, take_weave_flag};
use weave_ir::Diagnostic;

use super::go_command::become_process;
use super::overlay::Overlay;
use super::state::State;
use super::{outside, rewriters, types};
use crate::files::{read, read_json, write, write_json};
use crate::messages;
use crate::out;

/// `goweave toolexec`
pub(crate) fn toolexec(arguments: &[String]) -> Result<ExitCode> {
    let [state, overlay, count, rest @ ..] = arguments else { return Err(messages::not_for_people()) };
    let count: usize = count.parse().map_err(|_| messages::not_for_people())?;
    if rest.len() <= count {
        return Err(messages::not_for_people());
    }
    let (before, tool) = rest.split_at(count);
    let (tool, tool_arguments) = tool.split_first().context("there is no tool to run")?;
    let name = Path::new(tool).file_stem().unwrap_or_default();
    let added = Added { files: State::at(PathBuf::from(state)).path("files", ""), overlay: overlay.into() };
    if name == "cover" {
        return cover(&added, before, tool, tool_arguments);
    }
    let state = State::at(PathBuf::from(state));
    let tool_arguments = &in_place_of_copy(&state, tool_arguments)?;
    if name != "compile" {
        return exec(before, tool, tool_arguments).map(|never| match never {});
    }
    let (mut plain, said) = take_weave_flag(tool_arguments);
    added.take_from_embedded(&mut plain)?;
    let package = variable("TOOLEXEC_IMPORTPATH");
    if plain.iter().any(|a| a.starts_with("-coveragecfg=")) && !added.counts(&package)? {
        plain.retain(|a| !a.starts_with("-coveragecfg="));
    }
    // The test of a woven package is compiled with the same flags.
    let said = said.filter(|(_, p)| *p == plain_path(&package));
    let woven = match (said, Compile::parse(&plain)) {
        (Some((digest, _)), Some(compile)) => {
            // What the generated file of a main package names is in the woven text alone.
            let users = compile.with_only(|file| !added.is_generated(Path::new(file)));
            match weave(&added, &state, digest, &package, compile)? {
                Done::Plain => plain,
                Done::Woven(arguments, origins) => {
                    return compiled(before, tool, &users, &arguments, &origins);
                }
                Done::Doubted(said) => return doubted(before, tool, &users, &said),
                Done::Refused => return Ok(ExitCode::from(1)),
            }
        }
        _ => plain,
    };
    exec(before, tool, &woven).map(|never| match never {})
}

/// Arguments of a tool by which it records the paths of a module's files where it reads those of our copy of the module.
fn in_place_of_copy(state: &State, arguments: &[String]) -> Result<Vec<String>> {
    let mut arguments = arguments.to_vec();
    let cwd = current_dir()?;
    let mut places = arguments.iter().map(|a| Path::new(&cwd).join(a));
    let found = places.find_map(|place| outside::original(&place, state));
    let at = arguments.iter().position(|a| a == "-trimpath").map(|at| at + 1);
    if let Some(trimpath) = at.and_then(|at| arguments.get_mut(at))
        && let Some((copy, original)) = found
    {
        // Behind what the go command says: with its own -trimpath, that holds.
        *trimpath = format!("{trimpath};{copy}=>{original}");
    }
    Ok(arguments)
}

fn exec(before: &[String], tool: &str, arguments: &[String]) -> Result<Infallible> {
    become_process(command(before, tool, arguments)).with_context(|| cannot_run(before, tool))
}

fn command(before: &[String], tool: &str, arguments: &[String]) -> Command {
    let (program, rest) = match before {
        [program, rest @ ..] => (program.as_str(), [rest, &[tool.to_owned()]].concat()),
        [] => (tool, Vec::new()),
    };
    let mut command = Command::new(program);
    command.args(rest).args(arguments);
    command
}

fn cannot_run(before: &[String], tool: &str) -> String {
    format!("cannot run {}", before.first().map_or(tool, String::as_str))
}

/// The files that we add to packages.
struct Added {
    /// Folder that has them.
    files: PathBuf,
    overlay: PathBuf,
}

/// The compiler's configuration for `//go:embed`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Embedded {
    patterns: BTreeMap<String, Vec<String>>,
    files: BTreeMap<String, String>,
}

impl Added {
    /// Returns what a file of the user's folders is for the compiler, where that is one of ours.
    fn find(&self, overlay: &Overlay, path: &str) -> Option<PathBuf> {
        let actual = Path::new(overlay.replace.get(path)?);
        actual.starts_with(&self.files).then(|| actual.to_path_buf())
    }

    fn overlay(&self) -> Result<Overlay> {
        read_json(&self.overlay)
    }

    /// Returns whether a package's statements are counted, as they are in the plain build.
    fn counts(&self, package: &str) -> Result<bool> {
        if weave_gocmd::is_ours(package) {
            return Ok(false);
        }
        let counted = self.overlay()?.counted;
        Ok(counted.is_empty() || counted.contains(plain_path(package)))
    }

    /// Returns whether a source file is one that we add, also where it went past the tool for coverage.
    fn is_generated(&self, file: &Path) -> bool {
        let base = file.file_name().unwrap_or_default().to_string_lossy();
        file.starts_with(&self.files) || base.strip_suffix(".cover.go").is_some_and(weave_gocmd::is_added)
    }

    /// Embeds the user's files in place of ours, or none.
    fn take_from_embedded(&self, arguments: &mut [String]) -> Result<()> {
        let Some(at) = arguments.iter().position(|a| a == "-embedcfg") else { return Ok(()) };
        let Some(path) = arguments.get_mut(at + 1) else { return Ok(()) };
        let mut embedded: Embedded = read_json(Path::new(path))?;
        let ours = |actual: &String| Path::new(actual).starts_with(&self.files);
        if !embedded.files.values().any(ours) {
            return Ok(());
        }
        let overlay = self.overlay()?;
        for (name, actual) in embedded.files.iter_mut().filter(|(_, actual)| ours(actual)) {
            let mut shown =
                overlay.replace.iter().filter(|(from, to)| *to == actual && Path::new(from).ends_with(name));
            *actual = shown
                .find(|(from, _)| Path::new(from).exists())
                .map_or(String::new(), |(from, _)| from.clone());
        }
        embedded.files.retain(|_, actual| !actual.is_empty());
        for names in embedded.patterns.values_mut() {
            names.retain(|name| embedded.files.contains_key(name));
        }
        let own = PathBuf::from(format!("{path}.weave"));
        write_json(&own, &embedded)?;
        *path = own.display().to_string();
        Ok(())
    }
}

/// Runs the tool for coverage on the user's files; ours come out as they are.
fn cover(added: &Added, before: &[String], tool: &str, arguments: &[String]) -> Result<ExitCode> {
    let list = arguments.iter().position(|a| a == "-outfilelist").map(|i| i + 1);
    let Some((at, list)) = list.and_then(|i| Some((i, arguments.get(i)?))) else {
        return exec(before, tool, arguments).map(|never| match never {});
    };
    let counts = added.counts(&variable("TOOLEXEC_IMPORTPATH"))?;
    let overlay = added.overlay()?;
    let outputs = crate::files::read_text(Path::new(list))?;
    let outputs: Vec<&str> = outputs.lines().collect();
    // The first output is for the variables; then comes one for each of the files, which are last.
    let first = arguments.len().saturating_sub(outputs.len().saturating_sub(1));
    let mut kept = arguments.to_vec();
    let mut rest = outputs.clone();
    if let (false, Some(variables)) = (counts, outputs.first()) {
        let mut name = None;
        for (from, to) in arguments.iter().skip(first).zip(&outputs[1..]) {
            let source = read(Path::new(from))?;
            name = name
                .or_else(|| weave_engine::source_names(SourceFile { path: from, source: &source }).package);
            write(Path::new(to), &source)?;
        }
        write(Path::new(variables), format!("package {}\n", name.unwrap_or_default()).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut copies = Vec::new();
    for (i, file) in arguments.iter().enumerate().skip(first).rev() {
        if let (Some(actual), Some(&to)) = (added.find(&overlay, file), outputs.get(i - first + 1)) {
            copies.push((actual, to));
            kept.remove(i);
            rest.remove(i - first + 1);
        }
    }
    if copies.is_empty() {
        return exec(before, tool, arguments).map(|never| match never {});
    }
    let own = format!("{list}.weave");
    write(Path::new(&own), format!("{}\n", rest.join("\n")).as_bytes())?;
    kept[at] = own;
    let status = command(before, tool, &kept).status().with_context(|| cannot_run(before, tool))?;
    for (from, to) in copies.iter().filter(|_| status.success()) {
        write(Path::new(to), &read(from)?)?;
    }
    Ok(ExitCode::from(status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(1)))
}

/// Runs a compiler and waits for it.
fn run(before: &[String], tool: &str, arguments: &[String]) -> Result<Output> {
    command(before, tool, arguments).output().with_context(|| format!("cannot run {tool}"))
}

/// Returns the output of another program, and its exit code.
fn pass_on(out: &Output) -> Result<ExitCode> {
    std::io::stdout().write_all(&out.stdout).context("cannot print")?;
    std::io::stderr().write_all(&out.stderr).context("cannot print")?;
    Ok(ExitCode::from(out.status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(2)))
}

/// Compiles a woven package. If that fails, the user's files alone are compiled: an error that they have is told as in a plain
/// build; any other one is of a rule.
fn compiled(
    before: &[String],
    tool: &str,
    plain: &[String],
    woven: &[String],
    origins: &Origins,
) -> Result<ExitCode> {
    let out = run(before, tool, woven)?;
    if out.status.success() {
        return pass_on(&out);
    }
    let own = run(before, tool, plain)?;
    if !own.status.success() {
        return pass_on(&own);
    }
    let text = [out.stdout.as_slice(), out.stderr.as_slice()].concat();
    let (findings, rest) = blame(&String::from_utf8_lossy(&text), origins);
    std::io::stdout().write_all(rest.as_bytes()).context("cannot print")?;
    out::warnings(&findings);
    Ok(ExitCode::from(1))
}

/// Returns what a compiler says of woven text, at the rules that it is about; and what is left of it.
fn blame(said: &str, origins: &Origins) -> (Vec<Diagnostic>, String) {
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut rest = String::new();
    for line in said.lines() {
        let found = compiler_line(line).and_then(|(path, at, column, message)| {
            let name = Path::new(path).file_name()?.to_str()?;
            // What the tool for coverage wrote, behind a `//line` comment, is told under the name of what it read.
            let counted = format!("{}.cover.go", name.trim_end_matches(".go"));
            let rules = [(name, at), (counted.as_str(), at + 1)]
                .iter()
                .map(|&(name, at)| origins.rules(name, at, column, message))
                .find(|rules| !rules.is_empty())?;
            Some((name, at, message, rules))
        });
        let Some((name, at, message, rules)) = found else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        for (rule, place) in rules {
            let finding = messages::inserted_line(&rule, place, name, at, message);
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    if !findings.is_empty() && rest.trim() == "too many errors" {
        rest.clear();
    }
    if findings.is_empty() {
        // A `//line` comment moves what is inserted behind it to other files and lines.
        findings.extend(origins.all().into_iter().map(|(rule, place)| messages::inserted_code(&rule, place)));
    }
    (findings, rest)
}

/// Path, line, column and message of a line of a compiler; it leaves columns out that are too far to the right.
fn compiler_line(line: &str) -> Option<(&str, u32, Option<u32>, &str)> {
    let end = line.find(".go:")? + 3;
    let (path, rest) = line.split_at(end);
    let (at, rest) = rest.strip_prefix(':')?.split_once(':')?;
    let (column, message) = match rest.split_once(':') {
        Some((column, message)) if column.parse::<u32>().is_ok() => (column.parse().ok(), message),
        _ => (None, rest),
    };
    Some((path, at.parse().ok()?, column, message.trim()))
}

/// A package in which another tool than the compiler found errors: the compiler has the last word.
fn doubted(before: &[String], tool: &str, plain: &[String], said: &str) -> Result<ExitCode> {
    let own = run(before, tool, plain)?;
    if own.status.success() {
        out::note(&said);
        return Ok(ExitCode::from(1));
    }
    pass_on(&own)
}

/// Outcome for a package.
enum Done {
    /// Nothing is woven into it.
    Plain,
    /// The arguments of the compiler for it, and where its text comes from.
    Woven(Vec<String>, Origins),
    /// It has errors, as is said.
    Doubted(String),
    /// There are findings, which are printed.
    Refused,
}

/// Weaves one package.
fn weave(added: &Added, state: &State, digest: &str, package: &str, mut compile: Compile) -> Result<Done> {
    let path = state.path("rules", &format!("{digest}.json"));
    let work: Work = read_json(&path).map_err(|e| messages::rules_removed(package, &e))?;
    if work.weave != 1 || work.engine != weave_gocmd::engine() {
        return Err(messages::rules_of_another_goweave(package));
    }
    let target = work.target()?;
    let sources: Vec<(String, Vec<u8>)> = compile
        .files
        .iter()
        .filter(|f| !added.is_generated(Path::new(f)))
        .map(|f| Ok((f.clone(), read(Path::new(f))?)))
        .collect::<Result<_>>()?;
    let files: Vec<SourceFile<'_>> =
        sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
    // Beside the output, in the folder that the go command made for this compilation and removes.
    let folder = Path::new(&compile.output).parent().unwrap_or(Path::new("")).join("weave");
    let importcfg = Path::new(compile.importcfg());
    let paths: Vec<String> = sources.iter().map(|(path, _)| path.clone()).collect();
    let check = types::TypeCheck { work: &work, importcfg, files: &paths, all: true, folder: &folder };
    let facts = match types::facts(state, &check)? {
        Ok(facts) => facts,
        Err(said) => return Ok(Done::Doubted(said)),
    };
    let input = work.input(&target, &files, facts.as_ref());
    let rewrites = rewriters::ask(state, &work, &input)?;
    let woven = weave_engine::weave(&input, None, &rewrites)?;
    if !woven.report.findings.is_empty() {
        out::warnings(&woven.report.findings);
        return Ok(Done::Refused);
    }
    if let Some(d) = woven.report.warnings.iter().find(|d| weave_engine::is_unparsed(d)) {
        return Ok(Done::Doubted(d.to_string()));
    }
    out::warnings(&woven.report.warnings);
    if !woven.report.woven {
        return Ok(Done::Plain);
    }
    for (name, bytes) in &woven.files {
        write(&folder.join(name), bytes)?;
    }
    write_json(&folder.join("weave_report.json"), &woven.report)?;
    if let Some(language) = &woven.report.language {
        compile.raise_language(language);
    }
    let cwd = current_dir()?;
    let goroot = variable("GOROOT");
    let paths = Paths { cwd: &cwd, goroot: &goroot, trimpath: compile.trimpath() };
    let threads = work.threads.then(|| std::thread::available_parallelism().map_or(1, |n| n.get().min(4)));
    let folder = folder.display().to_string();
    let names: Vec<&str> = woven.files.iter().map(|(name, _)| name.as_str()).collect();
    let arguments = compile.with_files(&folder, &names, &paths, threads);
    Ok(Done::Woven(arguments, woven.origins))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the go command tells its tools by variables what they work on"
)]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the compiler resolves names against it; we undo that")]
fn current_dir() -> Result<String> {
    Ok(std::env::current_dir().context("there is no working directory")?.display().to_string())
}

//! `goweave toolexec STATE N PROGRAM... TOOL ARGUMENTS`: runs a tool of the go command, woven where its flags say so.
//!
//! STATE is our folder below the build cache; N is the number of words of the user's own toolexec, which follow.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use weave_engine::{CompilerNotes, SourceFile};
use weave_gocmd::{Compile, Paths, Work, plain_path, take_weave_flag};

use super::{become_process, findings_out, rewriters, state::State, types};
use crate::files::{read, read_json, write, write_json};

/// `goweave toolexec`
pub(crate) fn toolexec(arguments: &[String]) -> Result<ExitCode> {
    let [state, count, rest @ ..] = arguments else {
        bail!("toolexec is called by `goweave go`, not by people")
    };
    let count: usize = count.parse().context("toolexec is called by `goweave go`, not by people")?;
    if rest.len() <= count {
        bail!("toolexec is called by `goweave go`, not by people");
    }
    let (before, tool) = rest.split_at(count);
    let (tool, tool_arguments) = tool.split_first().context("there is no tool to run")?;
    let name = Path::new(tool).file_stem().unwrap_or_default();
    if name != "compile" {
        return exec(before, tool, tool_arguments).map(|never| match never {});
    }
    let (plain, said) = take_weave_flag(tool_arguments);
    let package = variable("TOOLEXEC_IMPORTPATH");
    // The test of a woven package is compiled with the same flags.
    let said = said.filter(|(_, p)| *p == plain_path(&package));
    let woven = match (said, Compile::parse(&plain)) {
        (Some((digest, _)), Some(compile)) => {
            match weave(&State::at(PathBuf::from(state)), digest, &package, compile)? {
                Some(woven) => woven,
                None => return Ok(ExitCode::from(1)),
            }
        }
        _ => plain,
    };
    exec(before, tool, &woven).map(|never| match never {})
}

fn exec(before: &[String], tool: &str, arguments: &[String]) -> Result<Infallible> {
    let (program, rest) = match before {
        [program, rest @ ..] => (program.as_str(), [rest, &[tool.to_owned()]].concat()),
        [] => (tool, Vec::new()),
    };
    let mut command = Command::new(program);
    command.args(rest).args(arguments);
    become_process(command).with_context(|| format!("cannot run {program}"))
}

/// Weave one package; the arguments of the compiler, or none if there are findings, which are printed.
fn weave(state: &State, digest: &str, package: &str, mut compile: Compile) -> Result<Option<Vec<String>>> {
    let path = state.path("rules", &format!("{digest}.json"));
    let work: Work = read_json(&path).with_context(|| {
        format!("the rules for {package} are gone\n    help: run the build by `goweave go`, or `goweave env` again")
    })?;
    if work.weave != 1 || work.engine != weave_gocmd::engine() {
        bail!(
            "the rules for {package} are from another goweave\n    help: run the build by `goweave go`, or `goweave env` again"
        );
    }
    let target = work.target()?;
    // The generated file of a main package is ours already.
    let generated = state.path("files", "");
    let sources: Vec<(String, Vec<u8>)> = compile
        .files
        .iter()
        .filter(|f| !Path::new(f).starts_with(&generated))
        .map(|f| Ok((f.clone(), read(Path::new(f))?)))
        .collect::<Result<_>>()?;
    let files: Vec<SourceFile<'_>> =
        sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
    // Beside the output, in the folder that the go command made for this compilation and removes.
    let folder = Path::new(&compile.output).parent().unwrap_or(Path::new("")).join("weave");
    let importcfg = Path::new(compile.importcfg());
    let paths: Vec<String> = sources.iter().map(|(path, _)| path.clone()).collect();
    let checked = types::Checked { work: &work, importcfg, files: &paths, all: true, folder: &folder };
    let Some(facts) = types::facts(state, &checked)? else { return Ok(None) };
    let input = work.input(&target, &files, facts.as_ref());
    let rewrites = rewriters::ask(state, &work, &input)?;
    let notes = CompilerNotes::default();
    let woven = weave_engine::weave_rewritten(&input, &notes, &rewrites)?;
    if !woven.report.findings.is_empty() {
        findings_out(&woven.report.findings);
        return Ok(None);
    }
    if !woven.report.woven {
        return Ok(Some(compile.arguments()));
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
    let paths = Paths { cwd: &cwd, goroot: &goroot, rewrites: compile.rewrites() };
    let threads = work.threads.then(|| std::thread::available_parallelism().map_or(1, |n| n.get().min(4)));
    let folder = folder.display().to_string();
    let names: Vec<&str> = woven.files.iter().map(|(name, _)| name.as_str()).collect();
    Ok(Some(compile.with_files(&folder, &names, &paths, threads)))
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

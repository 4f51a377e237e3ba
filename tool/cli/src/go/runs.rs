//! The runs of the go command that do what a command line says.

use std::path::Path;

use serde::{Deserialize, Serialize};
use weave_gocmd as gocmd;
use weave_gocmd::{Plan, VerbKind};

/// Commands to run.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Prepared {
    /// Runs of the go command, in order; none for the command line as it is.
    pub runs: Vec<Run>,
    /// Notes for the user.
    pub notes: Vec<String>,
}

/// One run of the go command.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub arguments: Vec<String>,
    pub variables: Vec<(String, String)>,
}

/// Flags that a woven build has values of its own for; the user's are in these.
pub(super) const REPLACED_FLAGS: &[&str] = &["gcflags", "overlay", "toolexec", "mod", "modfile"];

/// One run, or more: programs that use nothing instrumented are built as they always are, and those that have no cgo get none by
/// their hooks, whose network would bring it in, and with it the C library.
pub(super) fn runs(
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
    let builds = matches!(command.kind, VerbKind::Build | VerbKind::Install);
    let some_pure = !pure.is_empty() && plan.programs.iter().any(|p| !p.cgo);
    let all_pure = some_pure && plan.programs.iter().all(|p| !p.cgo);
    if plan.plain.is_empty() && (all_pure || !some_pure) || !builds {
        let mut packages = command.packages.clone();
        packages.extend(beside(command, plan));
        return vec![woven(&packages, if all_pure { pure } else { &[] })];
    }
    // Several programs without -o are built and not kept, and one file cannot hold them.
    if let Some(to) = command.value("o").filter(|_| command.kind == VerbKind::Build)
        && to != null()
        && !to.ends_with('/')
        && !cwd.join(to).is_dir()
    {
        return Vec::new();
    }
    let discard = command.kind == VerbKind::Build && command.value("o").is_none();
    let more = if discard { vec!["-o".to_owned(), null().to_owned()] } else { Vec::new() };
    let programs = |without_cgo: bool| -> Vec<String> {
        let those = plan.programs.iter().filter(|p| (some_pure && !p.cgo) == without_cgo);
        those.map(|p| p.path.clone()).collect()
    };
    let (alone, mut others) = (programs(true), programs(false));
    if discard || command.kind == VerbKind::Install {
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

/// Returns where a program is given as files, the generated one is another, written as they are.
pub(super) fn beside(command: &gocmd::Command, plan: &Plan) -> Option<String> {
    let program = plan.programs.first().filter(|_| command.files())?;
    let folder = command.packages.first()?.rsplit_once(['/', '\\']).map(|(folder, _)| folder);
    Some(folder.map_or(program.file.to_owned(), |folder| format!("{folder}/{}", program.file)))
}

fn null() -> &'static str {
    if cfg!(windows) { "NUL" } else { "/dev/null" }
}

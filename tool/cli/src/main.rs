//! goweave: compile-time instrumentation of Go, without touching sources, line numbers or export data.
//!
//! **Architecture invariant:** this crate alone reads and writes files; the engine is a pure function.

mod args;
mod files;
mod go;
mod messages;
mod out;
mod render;
mod rewriter;
mod rules;
mod summary;
mod verbs;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

fn main() -> ExitCode {
    // Arguments of other programs go on as they are.
    let given: Vec<String> = std::env::args().collect();
    let foreign = match given.get(1).map(String::as_str) {
        Some("go") => Some(go::go(&given[2..])),
        Some("toolexec") => Some(go::toolexec(&given[2..])),
        _ => None,
    };
    if let Some(result) = foreign {
        return result.unwrap_or_else(|e| out::fault(&e));
    }
    let arguments = match files::expand_param_files(given) {
        Ok(arguments) => arguments,
        Err(e) => return out::fault(&e),
    };
    let cli = match args::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are no fault; clap knows which stream each belongs to.
            let code = if e.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
            return if e.print().is_ok() { code } else { ExitCode::from(2) };
        }
    };
    // Named by the BUILD file, not by the user.
    let hooks = match &cli.verb {
        args::Verb::Modules(a) => a.hooks.as_deref().map(files::read_text),
        _ => None,
    };
    if let Err(e) = enter_users_folder() {
        return out::fault(&e);
    }
    verbs::run(cli.verb, hooks).unwrap_or_else(|e| out::fault(&e))
}

/// `bazel run` starts a program among its runfiles, and says where the user is: paths are meant from there.
fn enter_users_folder() -> anyhow::Result<()> {
    match std::env::var_os("BUILD_WORKING_DIRECTORY") {
        Some(dir) => std::env::set_current_dir(&dir)
            .with_context(|| format!("cannot enter {}", std::path::Path::new(&dir).display())),
        None => Ok(()),
    }
}

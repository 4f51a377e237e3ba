//! Running external rewriters: a request on stdin, an answer on stdout.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use weave_engine::{Rewrite, RewriteAnswer, RewriteRequest};

use crate::args::Rewriter;
use crate::messages;

/// Asks a rewriter about a package.
///
/// It runs without any environment, in the folder `cwd`, so that its answer can depend on nothing but the request. Nobody
/// waits for less than its end: what is slow is a matter for whoever runs the build, who can interrupt it.
pub(crate) fn ask(rewriter: &Rewriter, request: &RewriteRequest<'_>, cwd: &Path) -> Result<Rewrite> {
    let Rewriter { name, program } = rewriter;
    let request = serde_json::to_vec(request).context("cannot write JSON")?;
    let absolute =
        std::path::absolute(program).with_context(|| format!("cannot find {}", program.display()))?;
    let mut child = Command::new(&absolute)
        .env_clear()
        .current_dir(cwd)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| messages::rewriter_not_run(name, program, &e))?;
    let stdin = child.stdin.take();
    let out = std::thread::scope(|scope| {
        scope.spawn(move || {
            if let Some(mut stdin) = stdin {
                // A rewriter may answer without reading; whether it did well is seen from the answer.
                drop(stdin.write_all(&request));
            }
        });
        child.wait_with_output()
    });
    let out = out.with_context(|| format!("rewriter {name}: cannot read its answer"))?;
    if !out.status.success() {
        return Err(messages::rewriter_failed(name, program, &out));
    }
    let answer: RewriteAnswer =
        serde_json::from_slice(&out.stdout).map_err(|e| messages::rewriter_answer(name, &e))?;
    Ok(Rewrite { name: name.clone(), answer })
}

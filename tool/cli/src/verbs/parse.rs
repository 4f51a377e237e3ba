//! `goweave parse`: whether Go files can be read.

use anyhow::Result;
use weave_engine::SourceFile;
use weave_ir::Diagnostic;

use crate::files::{read, shown};
use crate::out::{self, Outcome};
use crate::{args, messages};

/// `goweave parse`
pub(crate) fn parse(a: &args::Parse) -> Result<Outcome> {
    let source = read(&a.file)?;
    let path = shown(&a.file);
    let tree = weave_engine::tree(SourceFile { path: &path, source: &source });
    out::line(&tree.json);
    let findings: Vec<Diagnostic> =
        tree.errors.into_iter().map(|(at, message)| messages::syntax(at, &message)).collect();
    Ok(out::findings(&findings))
}

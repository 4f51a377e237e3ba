//! An instrumentation: a rule file with the sources of its hooks.

use std::collections::BTreeSet;

use weave_dialects::Draft;
use weave_engine::{Lowered, SourceFile};
use weave_ir::Diagnostic;

/// A rule file, read and checked.
#[derive(Debug, Clone)]
pub struct Instrumentation {
    /// Its name.
    pub name: String,
    /// Its rules.
    pub lowered: Lowered,
    /// Whether it applies only where another one does.
    pub support: bool,
    /// Whether it is the user's own.
    pub own: bool,
    /// Whether its rules are those of another tool.
    pub peer: bool,
    /// The file of its external rewriter, by a name that says what is in it; known when it has been built.
    pub rewriter: Option<String>,
    /// Imports of its hooks' files.
    pub imports: BTreeSet<String>,
}

fn imports(hooks: &[SourceFile<'_>]) -> BTreeSet<String> {
    hooks.iter().flat_map(|&file| weave_engine::facts(file).imports).collect()
}

/// Reads a rule file; `path` is for messages.
///
/// # Errors
///
/// Everything that is wrong with it or with its hooks.
pub fn load(
    path: &str,
    text: &str,
    hooks: &[SourceFile<'_>],
    own: bool,
) -> Result<Instrumentation, Vec<Diagnostic>> {
    let file = weave_dialects::load(path, text)?;
    let lowered = weave_engine::lower(path, &file.draft(path), None, hooks)?;
    let support = file.support.is_some_and(|s| s.value);
    Ok(Instrumentation {
        name: file.name.value,
        lowered,
        support,
        own,
        peer: false,
        rewriter: None,
        imports: imports(hooks),
    })
}

/// Lowers the rules of another language; `path` is for messages.
///
/// # Errors
///
/// As [`load`].
pub fn load_draft(
    path: &str,
    draft: &Draft,
    hooks: &[SourceFile<'_>],
) -> Result<Instrumentation, Vec<Diagnostic>> {
    let lowered = weave_engine::lower(path, draft, None, hooks)?;
    Ok(Instrumentation {
        name: draft.name.clone(),
        lowered,
        support: false,
        own: true,
        peer: true,
        rewriter: None,
        imports: imports(hooks),
    })
}

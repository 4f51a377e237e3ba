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
    /// The name of its folder, of a shipped one.
    pub folder: String,
    /// Its rules.
    pub lowered: Lowered,
    /// Whether it applies only where another one does.
    pub support: bool,
    /// Whether it is the user's own.
    pub own: bool,
    /// Whether its rules are those of another tool.
    pub foreign: bool,
    /// The file of its external rewriter, by a name that says what is in it; known when it has been built.
    pub rewriter: Option<String>,
    /// Imports of its hooks' files.
    pub imports: BTreeSet<String>,
}

/// Lowers the rules of a file and looks up their hooks. `own` says whether they are the user's.
///
/// # Errors
///
/// Everything that is wrong with the rules or with their hooks.
pub fn load(draft: &Draft, hooks: &[SourceFile<'_>], own: bool) -> Result<Instrumentation, Vec<Diagnostic>> {
    Ok(Instrumentation {
        name: draft.name.clone(),
        folder: String::new(),
        lowered: weave_engine::lower(draft, None, hooks)?,
        support: draft.support.as_ref().is_some_and(|s| s.value),
        own,
        foreign: draft.foreign,
        rewriter: None,
        imports: hooks.iter().flat_map(|&file| weave_engine::source_names(file).imports).collect(),
    })
}

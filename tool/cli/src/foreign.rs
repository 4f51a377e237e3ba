//! Rule files of other tools, told from ours by what is in them.

use std::path::Path;

use anyhow::Result;
use weave_dialects::orchestrion::{BuiltIn, Loaded, Options};
use weave_dialects::{Dialect, dialect};
use weave_engine::Lowered;
use weave_ir::{Diagnostic, Places, RulePlace};

use crate::files::{read_text, shown};

/// Rules, and what is no mistake in them and yet worth saying; or everything that is wrong with them.
pub(crate) type Checked = std::result::Result<(Lowered, Vec<Diagnostic>), Vec<Diagnostic>>;

/// The rules of a file, if it is one of Orchestrion's.
///
/// `main_module` is the path of the main module, where that is known.
pub(crate) fn load(path: &Path, main_module: Option<&str>, built_in: BuiltIn) -> Result<Option<Checked>> {
    let text = read_text(path)?;
    let orchestrion = dialect(&shown(path), &text) == Dialect::Orchestrion;
    Ok(orchestrion.then(|| {
        let mut all = read(&[(shown(path), text)], main_module, built_in)?;
        Ok(all.swap_remove(0))
    }))
}

/// The rules of several of Orchestrion's files, given by their paths and texts, in the order of their aspects.
pub(crate) fn read(
    files: &[(String, String)],
    main_module: Option<&str>,
    built_in: BuiltIn,
) -> std::result::Result<Vec<(Lowered, Vec<Diagnostic>)>, Vec<Diagnostic>> {
    let options = Options { main_module, built_in };
    let all = weave_dialects::orchestrion::load_all(files, &options, &mut beside)?;
    let lowered = |loaded: Loaded| {
        let rules = loaded.packages.iter().flat_map(|set| &set.rules);
        let rules = rules
            .filter_map(|r| {
                r.at.clone()
                    .map(|at| (r.id.clone(), RulePlace { at, keys: r.keys.clone(), doc: None, link: None }))
            })
            .collect();
        let places = Places { weave: 1, instrumentation: loaded.main.instrumentation.clone(), rules };
        (Lowered { packages: loaded.packages, main: loaded.main, places, rewriter: None }, loaded.dead)
    };
    Ok(all.into_iter().map(lowered).collect())
}

/// The rule files at a path that another one extends: a file, or the one of a folder.
fn beside(path: &str) -> std::result::Result<Vec<(String, String)>, String> {
    let folder = Path::new(path);
    let file = if folder.is_dir() { folder.join("orchestrion.yml") } else { folder.to_path_buf() };
    let text = read_text(&file).map_err(|e| format!("{:#}", e.root_cause()))?;
    Ok(vec![(shown(&file), text)])
}

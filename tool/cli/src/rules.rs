//! Rule files on disk.

use std::path::Path;

use weave_dialects::{Read, Surroundings};

use crate::files::{read_text, shown};

/// Reads rule files, given by their paths for messages and their texts, with those that they extend.
pub(crate) fn read(files: &[(String, String)], surroundings: &Surroundings) -> Read {
    weave_dialects::read(files, surroundings, &mut extended)
}

/// The rule files at a path that another one extends: a file, or the one of a folder.
fn extended(path: &str) -> Result<Vec<(String, String)>, String> {
    let folder = Path::new(path);
    let file = if folder.is_dir() {
        folder.join(weave_dialects::orchestrion::RULE_FILE)
    } else {
        folder.to_path_buf()
    };
    let text = read_text(&file).map_err(|e| format!("{:#}", e.root_cause()))?;
    Ok(vec![(shown(&file), text)])
}

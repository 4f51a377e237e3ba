//! The files of a package, read, and what they declare.

use std::collections::BTreeMap;

use weave_ir::{PathPattern, TypeQuestions};

use crate::error::WeaveError;
use crate::messages;
use crate::package::file::{File, SourceFile};
use crate::package::{Outline, WeaveInput};

/// The files of a package.
pub(super) struct Read<'a> {
    pub files: Vec<File<'a>>,
    /// Their declarations; empty where no rule asks.
    pub outline: Outline<'a>,
    /// The name of the package.
    pub name: &'a str,
}

/// Reads the files of a package. `asked` tells whether anybody asks what is in them.
pub(super) fn files<'a>(input: &'a WeaveInput<'a>, asked: bool) -> Result<Read<'a>, WeaveError> {
    let sources: Vec<SourceFile<'_>> =
        input.files.iter().copied().filter(|f| f.path.ends_with(".go")).collect();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for s in &sources {
        if let Some(other) = names.insert(s.base_name(), s.path) {
            return Err(WeaveError::SameName(other.into(), s.path.into()));
        }
    }
    let vendored = |path: &str| input.std && path.starts_with("golang.org/x/");
    let mut files: Vec<File<'_>> = Vec::with_capacity(sources.len());
    let mut outline = Outline::default();
    for source in sources {
        let excluded = input.target.excludes(source.base_name(), source.source);
        let mut file = File::new(source, excluded, &vendored);
        if file.excluded.is_none() && file.is_cgo() && !input.target.cgo() {
            file.excluded = Some(messages::cgo_is_off().into());
        }
        if file.excluded.is_none() {
            file.excluded = file.package_name().and_then(|name| input.target.excludes_package(name));
        }
        // A file is looked at before the next one is read.
        if asked {
            outline.add(files.len(), &file);
        }
        files.push(file);
    }
    let name = files
        .iter()
        .filter(|f| f.excluded.is_none())
        .chain(&files)
        .find_map(File::package_name)
        .ok_or_else(|| WeaveError::PackageName(input.package.into()))?;
    if let Some(facts) = input.types {
        let mut asked = TypeQuestions::default();
        input
            .rules
            .iter()
            .filter(|set| PathPattern::is_match(&set.package, input.package))
            .for_each(|set| asked.extend(&set.types));
        facts.check(input.package, &files, &asked).map_err(WeaveError::Types)?;
    }
    Ok(Read { files, outline, name })
}

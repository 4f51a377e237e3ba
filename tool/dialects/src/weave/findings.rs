//! Findings about a rule file, while it is checked.

use crate::{Sp, messages};
use weave_ir::{Diagnostic, Location, PathPattern};

/// Findings about one file.
pub(super) struct Findings<'a> {
    /// Path of the file.
    pub path: &'a str,
    /// The findings so far.
    pub list: Vec<Diagnostic>,
}

impl Findings<'_> {
    /// Adds a finding about a value.
    pub(super) fn find<T>(&mut self, at: &Sp<T>, mut finding: Diagnostic) {
        finding.at = Some(Location::new(self.path, at.line, at.col));
        self.list.push(finding);
    }

    /// Checks an import path.
    pub(super) fn import_path(&mut self, at: &Sp<String>) {
        if let Err(why) = PathPattern::read_exact(&at.value) {
            self.find(at, messages::no_import_path_text(&at.value, &why));
        }
    }
}

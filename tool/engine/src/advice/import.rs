//! Other paths for imports.

use weave_ir::{Code, assumed_name};

use crate::advice::patch::Change;
use crate::advice::{Advisor, Work};
use crate::package::sites::Candidate;
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    /// Another path for an import; the name stays.
    pub(super) fn other_import(
        &self,
        code: &Code,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let path = code.text.trim().to_owned();
        self.may_import(&path, &work.rule.dependencies, work.so_far.state)?;
        let file = &self.package.files[c.file];
        let import = &file.imports[c.index];
        let node = file.tree.imports().into_iter().find(|i| i.path_span.start == import.at);
        let Some(node) = node else { return Ok(()) };
        let name = match &import.name {
            Some(_) => String::new(),
            None => format!("{} ", self.name_in_file(c.file, &import.written)),
        };
        work.patch.edits(c.file).replace(node.path_span, format!("{name}{path:?}"), work.owner);
        work.patch.push(Change::Depend(path));
        Ok(())
    }

    /// The name that a file has for a path that it imports without one.
    fn name_in_file(&self, file: usize, written: &str) -> String {
        let imports = self.package.files[file].resolved_imports();
        imports.name_of(written).map_or_else(|| assumed_name(written), str::to_owned)
    }
}

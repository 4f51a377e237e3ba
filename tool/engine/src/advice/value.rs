//! Values of variables and constants.

use weave_ir::{Code, Language};
use weave_syntax::Node;

use crate::advice::edits::Level;
use crate::advice::patch::Change;
use crate::advice::{Advisor, Work};
use crate::messages;
use crate::package::sites::{Candidate, values};
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    /// The value of a variable or constant.
    pub(crate) fn value(
        &self,
        code: &Code,
        work: &mut Work<'_, 'a>,
        c: Candidate,
        wrap: bool,
    ) -> Result<(), Refusal> {
        let site = &values(&self.package.files[c.file])[c.index];
        let tree = &self.package.files[c.file].tree;
        let Node::ValueSpec(spec) = tree.node(site.spec) else { return Ok(()) };
        let name = tree.node_text(site.name);
        let (names, count) = (spec.names.len(), spec.values.len());
        let value = (names == count).then(|| tree.span(spec.values[site.position]));
        let ty = spec.ty.map(|t| tree.span(t));
        let filled = self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
        // A template is run once for a specification, and gives every name of it the value.
        let text = if wrap { String::new() } else { self.flat(&filled, work, c)? };
        match (value, count) {
            (Some(span), _) if wrap => {
                let parts = filled.around().map_err(|m| messages::code(m).boxed())?;
                self.surround(c.file, span, parts, false, work);
            }
            (Some(span), _) => {
                self.put(c.file, span, &text, false, work);
            }
            (None, 0) if wrap || site.constant => {
                return Err(messages::declared_without_value(name).boxed());
            }
            (None, 0) if names > 1 && code.language == Language::GoTemplate => {
                let Some(ty) = ty else { return Err(messages::value_without_type(name).boxed()) };
                if site.position == 0 {
                    let text = format!(" = {}", vec![text; names].join(", "));
                    work.patch.edits(c.file).close(ty, Level::Expression, work.rank, text, work.owner);
                }
            }
            (None, 0) if names > 1 => {
                return Err(messages::declared_beside_others(name).boxed());
            }
            (None, 0) => {
                let text = format!(" = {text}");
                let Some(ty) = ty else { return Err(messages::value_without_type(name).boxed()) };
                if work.so_far.closes(c.file, ty, &text) {
                    return Ok(());
                }
                work.claim(c.file, ty.start, name);
                work.patch.edits(c.file).close(ty, Level::Expression, work.rank, text, work.owner);
            }
            (None, _) => {
                return Err(messages::one_expression_for_several(name).boxed());
            }
        }
        work.patch.push(Change::Doubt(messages::initial_value_changes(name)));
        Ok(())
    }
}

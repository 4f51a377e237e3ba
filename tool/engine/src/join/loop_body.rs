//! Bodies of loops.

use weave_ir::{LoopBodyPattern, LoopKind};
use weave_syntax::Node;

use crate::package::Package;
use crate::package::sites::Candidate;

impl Package<'_, '_> {
    /// Returns whether a loop body is that of such a loop.
    pub(super) fn loop_body_is(&self, c: Candidate, p: &LoopBodyPattern) -> bool {
        let inside = &self.inside[c.file];
        let by = match self.files[c.file].tree.node(inside.statements[inside.loops[c.index]].node) {
            Node::Range(_) => LoopKind::Range,
            Node::For(f) if f.cond.is_some() => LoopKind::Condition,
            _ => LoopKind::Nothing,
        };
        p.by.is_none_or(|wanted| wanted == by)
    }
}

//! Bodies of loops.

use weave_ir::{Kind, LoopBodyPattern, LoopKind};
use weave_syntax::{Node, NodeId};

use crate::package::Package;
use crate::package::sites::Candidate;

impl Package<'_, '_> {
    /// The loops among the statements.
    pub(super) fn loop_bodies(&self) -> Vec<Candidate> {
        let mut all = self.statements();
        all.retain(|c| self.loop_block(*c).is_some());
        all.iter_mut().for_each(|c| c.kind = Kind::LoopBody);
        all
    }

    /// The block of a loop.
    pub(super) fn loop_block(&self, c: Candidate) -> Option<NodeId> {
        match self.files[c.file].tree.node(c.node?) {
            Node::For(f) => Some(f.body),
            Node::Range(r) => Some(r.body),
            _ => None,
        }
    }

    /// Returns whether a loop body is that of such a loop.
    pub(super) fn loop_body_is(&self, c: Candidate, p: &LoopBodyPattern) -> bool {
        let by = match c.node.map(|node| self.files[c.file].tree.node(node)) {
            Some(Node::Range(_)) => LoopKind::Range,
            Some(Node::For(f)) if f.cond.is_some() => LoopKind::Condition,
            _ => LoopKind::Nothing,
        };
        p.by.is_none_or(|wanted| wanted == by)
    }
}

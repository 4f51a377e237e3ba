//! Calls.

use weave_ir::{ArgumentPattern, Kind, SymbolPattern};
use weave_syntax::{Node, NodeKind};

use crate::package::Package;
use crate::package::sites::Candidate;

impl<'a> Package<'a, '_> {
    pub(super) fn calls(&self) -> Vec<Candidate> {
        self.sites(Kind::Call, |inside| inside.calls.iter().map(|c| (c.node, c.function)).collect())
    }

    /// The callee of a call, if it is a bare name: predeclared, or a variable.
    pub(super) fn bare_callee(&self, c: Candidate) -> Option<&'a str> {
        let tree = &self.files[c.file].tree;
        let Node::Call(call) = tree.node(self.inside[c.file].calls[c.index].node) else { return None };
        (tree.kind(call.fun) == NodeKind::Ident).then(|| tree.node_text(call.fun))
    }

    /// Returns whether a call is of a function that is meant. Without a package a bare name is, or one of the woven package.
    pub(super) fn call_is(&self, c: Candidate, s: &SymbolPattern) -> bool {
        match &self.inside[c.file].calls[c.index].symbol {
            Some((package, name)) if s.package.is_empty() => {
                package == self.input.package && s.name.matches(name)
            }
            Some((package, name)) => s.matches(package, name),
            None => s.package.is_empty() && self.bare_callee(c).is_some_and(|n| s.name.matches(n)),
        }
    }

    /// Returns whether the callee of a call is a name and nothing more.
    pub(super) fn has_plain_callee(&self, c: Candidate) -> Option<bool> {
        let tree = &self.files[c.file].tree;
        let Node::Call(call) = tree.node(c.node?) else { return None };
        Some(matches!(tree.kind(call.fun), NodeKind::Ident | NodeKind::Selector))
    }

    /// Returns whether a candidate is a call with such an argument.
    pub(super) fn has_argument(&self, c: Candidate, p: &ArgumentPattern) -> bool {
        let base = self.files[c.file].source.base_name();
        let at = self.parenthesis(c);
        at.is_some_and(|at| self.input.types.is_some_and(|t| t.has_argument(base, at, p)))
    }
}

//! Variables and constants at package level.

use weave_ir::{GoType, Kind, ValuePattern};
use weave_syntax::Node;

use crate::package::Package;
use crate::package::sites::{Candidate, values};

impl Package<'_, '_> {
    pub(super) fn values(&self) -> Vec<Candidate> {
        self.declared(Kind::Value, |file| values(file).iter().map(|v| Some(v.name)).collect())
    }

    pub(super) fn value_is(&self, c: Candidate, p: &ValuePattern) -> bool {
        let file = &self.files[c.file];
        let site = &values(file)[c.index];
        let tree = &file.tree;
        let Node::ValueSpec(spec) = tree.node(site.spec) else { return false };
        let ty = || {
            let scope = file.scope(self.input.package, &self.declared, &self.names, &[]);
            spec.ty.map(|t| scope.ty(tree, t))
        };
        p.name.matches(tree.node_text(site.name))
            && p.constant.is_none_or(|c| c == site.constant)
            && (p.or_untyped && spec.ty.is_none()
                || p.r#type.as_ref().is_none_or(|t| {
                    ty().is_some_and(|actual| {
                        GoType::parse(t).is_ok_and(|t| self.names.canonical(&t) == actual)
                    })
                }))
    }
}

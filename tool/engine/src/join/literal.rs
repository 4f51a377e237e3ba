//! Composite literals and `new(T)`.

use weave_ir::{Kind, LiteralForm, LiteralPattern};
use weave_syntax::{Node, NodeId};

use crate::package::Package;
use crate::package::sites::Candidate;

impl Package<'_, '_> {
    pub(super) fn literals(&self) -> Vec<Candidate> {
        self.sites(Kind::Literal, |inside| inside.literals.iter().map(|l| (l.whole, l.function)).collect())
    }

    /// The value that a literal gives a field by name.
    pub(crate) fn field_value(&self, c: Candidate, field: &str) -> Option<NodeId> {
        let tree = &self.files[c.file].tree;
        let site = self.inside[c.file].literals.get(c.index)?;
        let Node::CompositeLit(literal) = tree.node(site.node) else { return None };
        literal.elements.iter().find_map(|&e| match tree.node(e) {
            Node::KeyValue(kv) if tree.node_text(kv.key) == field => Some(kv.value),
            _ => None,
        })
    }

    /// Returns whether a literal is such a one: its type, its form, and a field that it gives.
    pub(super) fn literal_is(&self, c: Candidate, l: &LiteralPattern) -> bool {
        let site = &self.inside[c.file].literals[c.index];
        let form = match l.form {
            LiteralForm::Any => true,
            LiteralForm::Pointer => site.form != LiteralForm::Value,
            exact => site.form == exact,
        };
        let typed = site.typed.filter(|_| l.types);
        let written = !l.written || (!site.elided && site.form != LiteralForm::New);
        let is = |package: &str, name: &str| l.r#type.names(package, name, self.input.package);
        let named = site.by_syntax && is(&site.symbol.0, site.symbol.1)
            || typed.is_some_and(|(package, name)| is(package, name));
        form && written && named && l.field.as_ref().is_none_or(|f| self.field_value(c, f).is_some())
    }
}

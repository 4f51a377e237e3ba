//! The embedded fields of the struct types of a package.
use super::imports::Imports;
use super::package::PackageScope;
use super::types::Type;
use crate::{Node, Tree};

/// An embedded field of a struct type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Embedded {
    /// Whether it is a pointer.
    pub pointer: bool,
    /// The type, without the pointer.
    pub ty: Type,
}

impl PackageScope {
    /// The embedded fields of a struct type declared here: the types whose methods it has too. `trees` are
    /// the files given to [`PackageScope::new`], `imports` those of the file that declares the type.
    #[must_use]
    pub fn embedded(&self, ty: &str, trees: &[&Tree<'_>], imports: &Imports) -> Vec<Embedded> {
        let Some(decl) = self.get(self.base_type(ty)) else { return Vec::new() };
        let Some(tree) = trees.get(decl.file) else { return Vec::new() };
        let Node::TypeSpec(spec) = tree.node(decl.node) else { return Vec::new() };
        let Node::StructType(fields) = tree.node(spec.ty) else { return Vec::new() };
        let Node::FieldList(list) = tree.node(fields.fields) else { return Vec::new() };
        let mut embedded = Vec::new();
        for &field in list.fields {
            let Node::Field(field) = tree.node(field) else { continue };
            if !field.names.is_empty() {
                continue;
            }
            let (pointer, ty) = match tree.node(field.ty) {
                Node::Star(star) => (true, star.x),
                _ => (false, field.ty),
            };
            embedded.push(Embedded { pointer, ty: Type::of(tree, ty, imports, self) });
        }
        embedded
    }
}

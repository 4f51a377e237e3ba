//! The names that a package declares in its files.
use crate::{Node, NodeId, TokenKind, Tree, TypeSpec};
use std::collections::BTreeMap;

/// Kind of a package-level name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PackageDeclKind {
    /// Function.
    Func,
    /// Defined type.
    Type,
    /// Alias.
    Alias,
    /// Variable.
    Var,
    /// Constant.
    Const,
}

/// A package-level declaration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PackageDecl {
    /// Kind.
    pub kind: PackageDeclKind,
    /// The file: its position in the list given to [`PackageScope::new`].
    pub file: usize,
    /// The declaration: a `FuncDecl`, `TypeSpec` or `ValueSpec` of that file's tree.
    pub node: NodeId,
}

/// The aliases that a package declares for types of its own.
#[derive(Clone, Debug, Default)]
pub struct Aliases {
    /// The name that each stands for.
    targets: BTreeMap<String, String>,
}

impl Aliases {
    /// Reads the type declarations of all files of a package.
    #[must_use]
    pub fn new(files: &[&Tree<'_>]) -> Self {
        let mut aliases = Self::default();
        for tree in files {
            for &decl in tree.decls() {
                let Node::GenDecl(decl) = tree.node(decl) else { continue };
                for &spec in decl.specs {
                    if let Node::TypeSpec(ty) = tree.node(spec) {
                        aliases.declare(tree, ty);
                    }
                }
            }
        }
        aliases
    }

    fn declare(&mut self, tree: &Tree<'_>, ty: TypeSpec) {
        if ty.alias && matches!(tree.node(ty.ty), Node::Ident) {
            self.targets.insert(tree.node_text(ty.name).to_owned(), tree.node_text(ty.ty).to_owned());
        }
    }

    /// The type that a receiver's type name stands for: itself, or, for an alias of a type of this package,
    /// that type.
    #[must_use]
    pub fn base_type<'n>(&'n self, name: &'n str) -> &'n str {
        let mut name = name;
        // A cycle of aliases is no valid package, but must not hang us.
        for _ in 0..=self.targets.len() {
            match self.targets.get(name) {
                Some(target) => name = target,
                None => break,
            }
        }
        name
    }
}

/// The names that a package declares.
#[derive(Clone, Debug, Default)]
pub struct PackageScope {
    path: String,
    names: BTreeMap<String, PackageDecl>,
    aliases: Aliases,
    methods: BTreeMap<String, Vec<(String, PackageDecl)>>,
}

impl PackageScope {
    /// Reads the declarations of all files of the package with this import path. Of a name declared twice
    /// (which is no valid package) the first counts. `init` and `_` are no names.
    #[must_use]
    pub fn new(path: &str, files: &[&Tree<'_>]) -> Self {
        let mut scope = Self { path: path.to_owned(), ..Self::default() };
        for (file, tree) in files.iter().enumerate() {
            for &node in tree.decls() {
                scope.declare(tree, file, node);
            }
        }
        scope
    }

    fn declare(&mut self, tree: &Tree<'_>, file: usize, node: NodeId) {
        match tree.node(node) {
            Node::FuncDecl(f) => {
                let name = tree.node_text(f.name);
                let decl = PackageDecl { kind: PackageDeclKind::Func, file, node };
                match f.receiver {
                    None if name == "init" => {}
                    None => self.add(name, decl),
                    Some(list) => {
                        if let Some(receiver) = tree.receiver(list) {
                            let base = tree.text(receiver.base).to_owned();
                            self.methods.entry(base).or_default().push((name.to_owned(), decl));
                        }
                    }
                }
            }
            Node::GenDecl(decl) => {
                for &spec in decl.specs {
                    match tree.node(spec) {
                        Node::TypeSpec(ty) => {
                            let name = tree.node_text(ty.name);
                            let kind = if ty.alias { PackageDeclKind::Alias } else { PackageDeclKind::Type };
                            self.add(name, PackageDecl { kind, file, node: spec });
                            self.aliases.declare(tree, ty);
                        }
                        Node::ValueSpec(values) => {
                            let constant = decl.keyword == TokenKind::Const;
                            let kind = if constant { PackageDeclKind::Const } else { PackageDeclKind::Var };
                            for &name in values.names {
                                self.add(tree.node_text(name), PackageDecl { kind, file, node: spec });
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, name: &str, decl: PackageDecl) {
        if name != "_" {
            self.names.entry(name.to_owned()).or_insert(decl);
        }
    }

    /// The import path of the package.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The declaration of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<PackageDecl> {
        self.names.get(name).copied()
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = (&str, PackageDecl)> {
        self.names.iter().map(|(name, &decl)| (name.as_str(), decl))
    }

    /// The type that a receiver's type name stands for: itself, or, for an alias of a type of this package,
    /// that type.
    #[must_use]
    pub fn base_type<'n>(&'n self, name: &'n str) -> &'n str {
        self.aliases.base_type(name)
    }

    /// The methods declared on a type of this package, also through aliases of it, in file order.
    #[must_use]
    pub fn methods(&self, ty: &str) -> Vec<(&str, PackageDecl)> {
        let ty = self.base_type(ty);
        let mut methods = Vec::new();
        for (base, list) in &self.methods {
            if self.base_type(base) == ty {
                methods.extend(list.iter().map(|(name, decl)| (name.as_str(), *decl)));
            }
        }
        methods.sort_by_key(|&(_, decl)| (decl.file, decl.node));
        methods
    }
}

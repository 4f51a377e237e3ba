//! Turns type expressions in a file into [`GoType`].

use std::collections::BTreeMap;

use weave_ir::{ChanDir, FuncType, GoType};
use weave_syntax::{Node, NodeId, Tree};

use crate::package::aliases::Aliases;
use crate::package::file::{File, FileImport, Function};
use crate::package::names::Identifiers;

/// Types nested deeper than this are compared by their text.
const DEPTH: usize = 64;

/// The file and package around a type expression.
#[derive(Debug)]
pub(crate) struct TypeScope<'a> {
    /// Import path of the package.
    pub package: &'a str,
    /// The file's imports.
    pub imports: &'a [FileImport],
    /// Names that the package declares; they hide predeclared ones.
    pub declared: &'a Identifiers<'a>,
    /// Aliases of types.
    pub aliases: &'a Aliases,
    /// Type parameters in scope.
    pub params: Vec<String>,
}

impl TypeScope<'_> {
    /// The import path behind a qualifier.
    pub(crate) fn resolve(&self, qualifier: &str) -> Option<&str> {
        if let Some(i) = self.imports.iter().find(|i| i.local_name() == qualifier) {
            return Some(&i.path);
        }
        // The package is not named after its path: `github.com/x/bar-go` is package bar. One candidate is enough.
        let mut like = self.imports.iter().filter(|i| i.name.is_none() && i.written.contains(qualifier));
        match (like.next(), like.next()) {
            (Some(i), None) => Some(&i.path),
            _ => None,
        }
    }

    /// The type that an expression denotes.
    pub(crate) fn ty(&self, tree: &Tree<'_>, id: NodeId) -> GoType {
        self.nested(tree, id, 0)
    }

    fn nested(&self, tree: &Tree<'_>, id: NodeId, depth: usize) -> GoType {
        let text = |id: NodeId| tree.text(tree.span(id)).split_whitespace().collect::<Vec<_>>().join(" ");
        if depth > DEPTH {
            return GoType::Literal(text(id));
        }
        let ty = |id: NodeId| self.nested(tree, id, depth + 1);
        match tree.node(id) {
            Node::Ident => {
                let name = tree.text(tree.span(id));
                if self.params.iter().any(|p| p == name) {
                    return GoType::Param(name.to_owned());
                }
                match GoType::predeclared(name) {
                    Some(t) if !self.declared.contains(name) => t,
                    _ => {
                        let mut dots = self.imports.iter().filter(|i| i.name.as_deref() == Some("."));
                        let package = match (dots.next(), dots.next()) {
                            (Some(dot), None) if !self.declared.contains(name) => dot.path.clone(),
                            _ => self.package.to_owned(),
                        };
                        let name = name.to_owned();
                        self.aliases.canonical(&GoType::Named { package, name, args: Vec::new() })
                    }
                }
            }
            Node::Selector(s) => {
                let qualifier = tree.text(tree.span(s.x));
                let package = self.resolve(qualifier).map_or_else(|| format!("?{qualifier}"), str::to_owned);
                let name = tree.text(tree.span(s.sel)).to_owned();
                self.aliases.canonical(&GoType::Named { package, name, args: Vec::new() })
            }
            Node::Index(i) => match ty(i.x) {
                GoType::Named { package, name, .. } => {
                    GoType::Named { package, name, args: i.indices.iter().map(|&a| ty(a)).collect() }
                }
                _ => GoType::Literal(text(id)),
            },
            Node::Star(s) => GoType::Pointer(Box::new(ty(s.x))),
            Node::Paren(p) => ty(p.x),
            Node::ArrayType(a) => match a.len {
                None => GoType::Slice(Box::new(ty(a.element))),
                Some(n) => {
                    let length = match tree.node(n) {
                        Node::Ident if self.declared.contains(tree.node_text(n)) => {
                            format!("{}.{}", self.package, tree.node_text(n))
                        }
                        Node::Selector(s) => match self.resolve(tree.node_text(s.x)) {
                            Some(path) => format!("{path}.{}", tree.node_text(s.sel)),
                            None => text(n),
                        },
                        _ => text(n),
                    };
                    GoType::Array(length, Box::new(ty(a.element)))
                }
            },
            Node::MapType(m) => GoType::Map(Box::new(ty(m.key)), Box::new(ty(m.value))),
            Node::ChanType(c) => {
                let dir = match c.dir {
                    weave_syntax::ChanDir::Both => ChanDir::Both,
                    weave_syntax::ChanDir::Send => ChanDir::Send,
                    weave_syntax::ChanDir::Recv => ChanDir::Receive,
                };
                GoType::Chan(dir, Box::new(ty(c.value)))
            }
            Node::FuncType(f) => GoType::Func(Box::new(self.signature(tree, f.params, f.results, depth + 1))),
            Node::StructType(_) | Node::InterfaceType(_) => {
                let span = tree.span(id);
                let all = tree.text(span);
                let word = if matches!(tree.node(id), Node::StructType(_)) { "struct" } else { "interface" };
                match all.split_once('{') {
                    Some((_, rest)) => GoType::literal(word, rest.strip_suffix('}').unwrap_or(rest)),
                    None => GoType::Literal(text(id)),
                }
            }
            _ => GoType::Literal(text(id)),
        }
    }

    /// The type of a function from its parameter and result lists.
    pub(crate) fn func(&self, tree: &Tree<'_>, params: NodeId, results: Option<NodeId>) -> FuncType {
        self.signature(tree, params, results, 0)
    }

    fn signature(&self, tree: &Tree<'_>, params: NodeId, results: Option<NodeId>, depth: usize) -> FuncType {
        let mut f = FuncType::default();
        for (field, count) in fields(tree, params) {
            let (t, variadic) = match tree.node(field) {
                Node::Ellipsis(e) => {
                    (e.element.map_or_else(GoType::any, |e| self.nested(tree, e, depth)), true)
                }
                _ => (self.nested(tree, field, depth), false),
            };
            f.variadic |= variadic;
            f.params.extend(std::iter::repeat_n(t, count));
        }
        if let Some(results) = results {
            for (field, count) in fields(tree, results) {
                let t = self.nested(tree, field, depth);
                f.results.extend(std::iter::repeat_n(t, count));
            }
        }
        f
    }
}

/// The type of every field of a list and how many names it has, at least 1.
fn fields(tree: &Tree<'_>, list: NodeId) -> Vec<(NodeId, usize)> {
    match tree.node(list) {
        Node::FieldList(l) => l
            .fields
            .iter()
            .filter_map(|&f| match tree.node(f) {
                Node::Field(f) => Some((f.ty, f.names.len().max(1))),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

impl Aliases {
    /// The aliases that the files of a package declare, and those that are known of others.
    pub(crate) fn declared<'f, 'a: 'f>(
        package: &str,
        files: impl Iterator<Item = &'f File<'a>>,
        declared: &Identifiers<'a>,
    ) -> Self {
        let mut own = BTreeMap::new();
        let none = Self::default();
        for file in files {
            let tree = &file.tree;
            for &decl in tree.decls() {
                let Node::GenDecl(g) = tree.node(decl) else { continue };
                for &spec in g.specs {
                    if let Node::TypeSpec(t) = tree.node(spec)
                        && t.alias
                        && t.type_params.is_none()
                    {
                        let ty = file.scope(package, declared, &none, &[]).ty(tree, t.ty);
                        own.insert(tree.node_text(t.name).to_owned(), ty);
                    }
                }
            }
        }
        Self::new(package, own)
    }
}

impl<'a> File<'a> {
    /// Types in this file, seen from `function`.
    pub(crate) fn scope<'s>(
        &'s self,
        package: &'s str,
        declared: &'s Identifiers<'a>,
        aliases: &'s Aliases,
        type_params: &[&str],
    ) -> TypeScope<'s> {
        TypeScope {
            package,
            aliases,
            imports: &self.imports,
            declared,
            params: type_params.iter().map(|&p| p.to_owned()).collect(),
        }
    }
}

impl Function<'_> {
    /// The type of the function.
    pub(crate) fn signature(&self, file: &File<'_>, scope: &TypeScope<'_>) -> FuncType {
        scope.func(&file.tree, self.params_node(), self.results_node())
    }

    /// The type of the receiver.
    pub(crate) fn receiver_type(&self, file: &File<'_>, scope: &TypeScope<'_>) -> Option<GoType> {
        self.receiver.as_ref().map(|r| scope.ty(&file.tree, r.param.ty))
    }
}

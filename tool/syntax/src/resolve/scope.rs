//! Lexical scopes: what each identifier of a file stands for.
use super::imports::Imports;
use super::package::{PackageDecl, PackageScope};
use super::universe::is_predeclared;
use crate::{Event, Node, NodeId, NodeKind, TokenKind, Tree};
use std::collections::HashMap;

/// Declaration or name that an identifier stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Binding {
    /// It declares something: a local name, parameter, type parameter, field, method or package-level name.
    Declares,
    /// A name declared in a function, by this identifier.
    Local(NodeId),
    /// A package, as the import at this position of [`Imports::list`].
    Import(usize),
    /// A package-level declaration.
    Package(PackageDecl),
    /// A predeclared name.
    Universe,
    /// None of these: a name of a dot import, or of a file that was not given.
    Unresolved,
}

/// The bindings of all identifiers of a file, by the scope rules of Go.
///
/// The name after a dot, a label, the name in the package clause and the blank identifier where it declares
/// nothing have no binding. The key of a composite
/// literal may be a field: it has the binding of its name, but never [`Binding::Import`].
#[derive(Clone, Debug)]
pub struct FileScope<'t, 's> {
    tree: &'t Tree<'s>,
    imports: &'t Imports,
    package: &'t PackageScope,
    bindings: Vec<Option<Binding>>,
}

impl<'t, 's> FileScope<'t, 's> {
    /// Resolves the identifiers of a file in one walk.
    #[must_use]
    pub fn new(tree: &'t Tree<'s>, imports: &'t Imports, package: &'t PackageScope) -> Self {
        let bindings = vec![None; tree.node_count()];
        let mut resolver = Resolver {
            scope: FileScope { tree, imports, package, bindings },
            names: HashMap::new(),
            undo: Vec::new(),
            marks: Vec::new(),
            bodies: Vec::new(),
        };
        resolver.run();
        resolver.scope
    }

    /// Returns what an identifier stands for; `None` for other nodes and for identifiers without a binding.
    #[must_use]
    pub fn binding(&self, id: NodeId) -> Option<Binding> {
        self.bindings.get(id.index()).copied().flatten()
    }

    /// The import path and name that `pkg.Name` stands for, or a name of this package, or of the only dot
    /// import; parentheses and type arguments around it do not count. `None` for anything else, such as a
    /// method call or a selector on a variable that shadows the package.
    #[must_use]
    pub fn qualified(&self, expr: NodeId) -> Option<(&'t str, &'s str)> {
        let mut expr = expr;
        loop {
            match self.tree.node(expr) {
                Node::Paren(paren) => expr = paren.x,
                Node::Index(index) => expr = index.x,
                Node::Selector(sel) => {
                    let Some(Binding::Import(i)) = self.binding(sel.x) else { return None };
                    return Some((self.imports.list()[i].path.as_str(), self.tree.node_text(sel.sel)));
                }
                Node::Ident => {
                    let name = self.tree.node_text(expr);
                    return match self.binding(expr)? {
                        Binding::Package(_) => Some((self.package.path(), name)),
                        Binding::Unresolved => {
                            let mut dots = self.imports.dots();
                            let path = dots.next()?;
                            dots.next().is_none().then_some((path, name))
                        }
                        _ => None,
                    };
                }
                _ => return None,
            }
        }
    }
}

struct Resolver<'t, 's> {
    scope: FileScope<'t, 's>,
    /// The local declaration that each name stands for now.
    names: HashMap<&'s str, NodeId>,
    /// Names to restore when a scope ends, with what they stood for before.
    undo: Vec<(&'s str, Option<NodeId>)>,
    /// Index in `undo` at which each open scope begins.
    marks: Vec<usize>,
    /// Blocks to come that begin with names, innermost last.
    bodies: Vec<Body>,
}

/// A block that begins with names declared before it.
struct Body {
    block: NodeId,
    names: Vec<NodeId>,
    /// Whether the names are in the scope of the block itself: parameters are, the variables of a range are not.
    shared: bool,
}

impl<'t, 's> Resolver<'t, 's> {
    fn run(&mut self) {
        let tree = self.scope.tree;
        let mut walk = tree.walk(tree.root());
        while let Some(event) = walk.next() {
            match event {
                Event::Enter(id) => {
                    if tree.kind(id) == NodeKind::ImportSpec {
                        walk.skip_children();
                    } else {
                        self.enter(id);
                    }
                }
                Event::Leave(id) => self.leave(id),
            }
        }
    }

    fn bind(&mut self, id: NodeId, binding: Option<Binding>) {
        self.scope.bindings[id.index()] = binding;
    }

    fn open(&mut self) {
        self.marks.push(self.undo.len());
    }

    fn close(&mut self) {
        let mark = self.marks.pop().unwrap_or(0);
        for (name, before) in self.undo.drain(mark..).rev() {
            match before {
                Some(id) => self.names.insert(name, id),
                None => self.names.remove(name),
            };
        }
    }

    /// Declares a name in the innermost scope.
    fn declare(&mut self, id: NodeId) {
        self.bind(id, Some(Binding::Declares));
        let name = self.scope.tree.node_text(id);
        if name != "_" {
            let before = self.names.insert(name, id);
            self.undo.push((name, before));
        }
    }

    fn declare_all(&mut self, ids: &[NodeId]) {
        for &id in ids {
            if self.scope.tree.kind(id) == NodeKind::Ident {
                self.declare(id);
            }
        }
    }

    /// Returns whether the innermost scope declares the name.
    fn declared_here(&self, name: &str) -> bool {
        let mark = self.marks.last().copied().unwrap_or(0);
        self.undo[mark..].iter().any(|&(declared, _)| declared == name)
    }

    /// `a, b := ...`: declares the names that are new in the innermost scope.
    fn define(&mut self, ids: &[NodeId]) {
        for &id in ids {
            let tree = self.scope.tree;
            if tree.kind(id) != NodeKind::Ident {
                continue;
            }
            let name = tree.node_text(id);
            if self.declared_here(name) {
                let binding = self.names.get(name).map(|&local| Binding::Local(local));
                self.bind(id, binding);
            } else {
                self.declare(id);
            }
        }
    }

    fn lookup(&self, name: &str) -> Binding {
        if let Some(&id) = self.names.get(name) {
            return Binding::Local(id);
        }
        if let Some(i) = self.scope.imports.index_of(name) {
            return Binding::Import(i);
        }
        if let Some(decl) = self.scope.package.get(name) {
            return Binding::Package(decl);
        }
        if is_predeclared(name) { Binding::Universe } else { Binding::Unresolved }
    }

    /// The names in a field list.
    fn names_of(&self, list: Option<NodeId>, names: &mut Vec<NodeId>) {
        let Some(list) = list else { return };
        if let Node::FieldList(list) = self.scope.tree.node(list) {
            for &field in list.fields {
                if let Node::Field(field) = self.scope.tree.node(field) {
                    names.extend_from_slice(field.names);
                }
            }
        }
    }

    /// The names that the body of a function begins with.
    fn function(&mut self, receiver: Option<NodeId>, ty: NodeId, body: Option<NodeId>) {
        let tree = self.scope.tree;
        let Node::FuncType(ty) = tree.node(ty) else { return };
        if let Some(receiver) = receiver {
            // The type parameters that the receiver names are declared by it.
            for id in tree.descendants(receiver) {
                if let Node::Index(index) = tree.node(id) {
                    self.declare_all(index.indices);
                    break;
                }
            }
        }
        let mut type_params = Vec::new();
        self.names_of(ty.type_params, &mut type_params);
        self.declare_all(&type_params);
        let mut names = Vec::new();
        self.names_of(receiver, &mut names);
        self.names_of(Some(ty.params), &mut names);
        self.names_of(ty.results, &mut names);
        if let Some(body) = body {
            self.bodies.push(Body { block: body, names, shared: true });
        }
    }

    fn enter(&mut self, id: NodeId) {
        let tree = self.scope.tree;
        match tree.node(id) {
            // Declarations have been seen to by what they are in.
            Node::Ident if self.scope.bindings[id.index()].is_none() => {
                let name = tree.node_text(id);
                if name != "_" {
                    let binding = self.lookup(name);
                    self.bind(id, Some(binding));
                }
            }
            Node::FuncDecl(f) => {
                self.bind(f.name, Some(Binding::Declares));
                self.open();
                self.function(f.receiver, f.ty, f.body);
            }
            Node::FuncLit(f) => {
                self.open();
                self.function(None, f.ty, Some(f.body));
            }
            Node::Block(_) => {
                let body = match self.bodies.last() {
                    Some(body) if body.block == id => self.bodies.pop(),
                    _ => None,
                };
                match body {
                    // Parameters are redeclared by nothing in the outermost block of the body.
                    Some(Body { names, shared: true, .. }) => {
                        self.open();
                        self.declare_all(&names);
                    }
                    Some(Body { names, shared: false, .. }) => {
                        self.declare_all(&names);
                        self.open();
                    }
                    None => self.open(),
                }
            }
            Node::Range(range) => {
                self.open();
                if range.op == Some(TokenKind::Define) {
                    let names = range.key.into_iter().chain(range.value).collect();
                    self.bodies.push(Body { block: range.body, names, shared: false });
                }
            }
            Node::If(_)
            | Node::For(_)
            | Node::Switch(_)
            | Node::TypeSwitch(_)
            | Node::CaseClause(_)
            | Node::CommClause(_) => self.open(),
            Node::TypeSpec(spec) => {
                self.bind(spec.name, Some(Binding::Declares));
                if !self.marks.is_empty() {
                    self.declare(spec.name);
                }
                self.open();
                let mut names = Vec::new();
                self.names_of(spec.type_params, &mut names);
                self.declare_all(&names);
            }
            Node::ValueSpec(spec) => {
                for &name in spec.names {
                    self.bind(name, Some(Binding::Declares));
                }
            }
            Node::Field(field) => {
                for &name in field.names {
                    self.bind(name, Some(Binding::Declares));
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self, id: NodeId) {
        let tree = self.scope.tree;
        match tree.node(id) {
            Node::FuncDecl(_)
            | Node::FuncLit(_)
            | Node::Block(_)
            | Node::Range(_)
            | Node::If(_)
            | Node::For(_)
            | Node::Switch(_)
            | Node::TypeSwitch(_)
            | Node::CaseClause(_)
            | Node::CommClause(_)
            | Node::TypeSpec(_) => self.close(),
            // The scope of these begins after the statement.
            Node::Assign(assign) if assign.op == TokenKind::Define => self.define(assign.lhs),
            Node::ValueSpec(spec) if !self.marks.is_empty() => self.declare_all(spec.names),
            Node::Selector(sel) => self.bind(sel.sel, None),
            Node::Labeled(labeled) => self.bind(labeled.label, None),
            Node::Branch(branch) => {
                if let Some(label) = branch.label {
                    self.bind(label, None);
                }
            }
            Node::KeyValue(kv) => {
                if matches!(self.scope.binding(kv.key), Some(Binding::Import(_))) {
                    self.bind(kv.key, Some(Binding::Unresolved));
                }
            }
            Node::File(file) => {
                if let Some(name) = file.name {
                    self.bind(name, None);
                }
            }
            _ => {}
        }
    }
}

//! The candidates of a package: functions, calls, literals, struct types, statements, imports, values.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{Kind, LiteralForm};
use weave_syntax::resolve::{Aliases, Binding, FileScope, Imports, PackageDeclKind, PackageScope};
use weave_syntax::{Directive, Event, Node, NodeId, NodeKind, TokenKind, Tree};
use weave_text::Span;

use crate::package::file::{File, Function};
use crate::package::typefacts::TypeFacts;

/// Something that a rule may match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub kind: Kind,
    /// Index of the file; 0 for the package.
    pub file: usize,
    /// Index into what there is of its kind in the file; of a function: among all of the package.
    pub index: usize,
    /// The function that it is, or that is around it.
    pub function: Option<usize>,
    /// Its node; of a literal with a `&` before it, of a variable or constant its name. Packages and imports have none.
    pub node: Option<NodeId>,
}

/// Sites of one file inside of functions.
#[derive(Debug, Default)]
pub(crate) struct Inside<'a> {
    pub calls: Vec<CallSite<'a>>,
    pub literals: Vec<LiteralSite<'a>>,
    pub statements: Vec<StatementSite>,
}

/// A call.
#[derive(Debug)]
pub(crate) struct CallSite<'a> {
    pub node: NodeId,
    /// Import path and name of the callee, if it is a function of a package.
    pub symbol: Option<(String, &'a str)>,
    /// The keyword of a `go` or `defer` statement whose call it is.
    pub starts: Option<&'static str>,
    pub function: Option<usize>,
    /// The statement that it is in.
    pub statement: Option<usize>,
}

/// A composite literal or `new(T)`.
#[derive(Debug)]
pub(crate) struct LiteralSite<'a> {
    /// The [`Node::CompositeLit`] or [`Node::Call`].
    pub node: NodeId,
    /// The same with a `&` before it.
    pub whole: NodeId,
    pub form: LiteralForm,
    /// Import path and name of the type.
    pub symbol: (String, &'a str),
    /// Whether the syntax tells that.
    pub by_syntax: bool,
    /// The same as the type checker says it, if it was asked.
    pub typed: Option<(&'a str, &'a str)>,
    /// Whether the literal leaves its type out.
    pub elided: bool,
    pub function: Option<usize>,
    pub statement: Option<usize>,
}

/// A statement in a list.
#[derive(Debug)]
pub(crate) struct StatementSite {
    pub node: NodeId,
    /// The statement with its labels.
    pub span: Span,
    /// Its innermost label.
    pub label: Option<NodeId>,
    pub function: Option<usize>,
}

/// Declarations and imports of a package and its files, found out when a rule asks.
pub(crate) struct Known<'f, 'a> {
    path: &'a str,
    files: &'f [File<'a>],
    imports: Vec<OnceCell<Imports>>,
    package: OnceCell<PackageScope>,
    aliases: OnceCell<Aliases>,
}

impl<'f, 'a> Known<'f, 'a> {
    pub(crate) fn new(path: &'a str, files: &'f [File<'a>]) -> Self {
        let imports = files.iter().map(|_| OnceCell::new()).collect();
        Self { path, files, imports, package: OnceCell::new(), aliases: OnceCell::new() }
    }

    fn trees(&self) -> Vec<&'f Tree<'a>> {
        self.files.iter().filter(|f| f.active()).map(|f| &f.tree).collect()
    }

    fn package(&self) -> &PackageScope {
        self.package.get_or_init(|| PackageScope::new(self.path, &self.trees()))
    }
}

/// The names of a package and what they stand for, per file.
pub(crate) struct Resolution<'f, 'a> {
    known: &'f Known<'f, 'a>,
    files: &'f [File<'a>],
    scopes: Vec<OnceCell<FileScope<'f, 'a>>>,
    directives: Vec<OnceCell<BTreeMap<NodeId, Vec<Directive<'a>>>>>,
}

impl<'f, 'a> Resolution<'f, 'a> {
    pub(crate) fn new(known: &'f Known<'f, 'a>) -> Self {
        let files = known.files;
        Self {
            known,
            files,
            scopes: files.iter().map(|_| OnceCell::new()).collect(),
            directives: files.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    pub(crate) fn package(&self) -> &'f PackageScope {
        self.known.package()
    }

    /// The aliases that the package declares.
    pub(crate) fn aliases(&self) -> &'f Aliases {
        self.known.aliases.get_or_init(|| Aliases::new(&self.known.trees()))
    }

    fn imports(&self, file: usize) -> &'f Imports {
        self.known.imports[file].get_or_init(|| self.files[file].resolved_imports())
    }

    /// Returns what the identifiers of a file stand for.
    pub(crate) fn scope(&self, file: usize) -> &FileScope<'f, 'a> {
        self.scopes[file]
            .get_or_init(|| FileScope::new(&self.files[file].tree, self.imports(file), self.package()))
    }

    /// Import path and name of what an expression names, vendored paths under `vendor/`.
    pub(crate) fn qualified(&self, file: usize, expr: NodeId) -> Option<(String, &'a str)> {
        let (path, name) = self.scope(file).qualified(expr)?;
        let resolved = self.files[file].imports.iter().find(|i| i.written == path);
        Some((resolved.map_or_else(|| path.to_owned(), |i| i.path.clone()), name))
    }

    /// The same of a type, an alias that the package declares followed to what it stands for.
    fn named_type(&self, mut file: usize, mut expr: NodeId) -> Option<(String, &'a str)> {
        // A cycle of aliases is no valid package, but must not hang us.
        for _ in 0..8 {
            let (package, name) = self.qualified(file, expr)?;
            let scope = self.package();
            let alias =
                scope.get(name).filter(|d| d.kind == PackageDeclKind::Alias && package == scope.path());
            // The package knows its files without those that are left out of the build.
            let declared = alias.and_then(|d| {
                let active = self.files.iter().enumerate().filter(|(_, f)| f.active());
                active.map(|(i, _)| i).nth(d.file).map(|i| (i, d.node))
            });
            let Some((i, spec)) = declared else { return Some((package, name)) };
            let Node::TypeSpec(spec) = self.files[i].tree.node(spec) else { return Some((package, name)) };
            if !matches!(
                self.files[i].tree.kind(spec.ty),
                NodeKind::Ident | NodeKind::Selector | NodeKind::Index
            ) {
                return Some((package, name));
            }
            (file, expr) = (i, spec.ty);
        }
        None
    }

    /// The directive comments that belong to each node of a file.
    pub(crate) fn directives(&self, file: usize) -> &BTreeMap<NodeId, Vec<Directive<'a>>> {
        self.directives[file].get_or_init(|| {
            let mut map: BTreeMap<NodeId, Vec<Directive<'a>>> = BTreeMap::new();
            for d in self.files[file].tree.directives() {
                if let Some(target) = d.target.filter(|_| d.own_line && d.attached) {
                    map.entry(target).or_default().push(d);
                }
            }
            map
        })
    }

    /// Returns where a name that belongs to a function's head is declared again in a scope that has the offset `at`.
    pub(crate) fn redeclared(
        &self,
        file: usize,
        function: &Function<'a>,
        name: &str,
        at: u32,
    ) -> Option<u32> {
        let tree = &self.files[file].tree;
        let body = function.body?;
        let scope = self.scope(file);
        let mut around: Vec<NodeId> = Vec::new();
        for event in tree.walk(body.block) {
            match event {
                Event::Leave(_) => {
                    around.pop();
                }
                Event::Enter(id) => {
                    let declares = tree.kind(id) == NodeKind::Ident
                        && tree.node_text(id) == name
                        && scope.binding(id) == Some(Binding::Declares);
                    let innermost = around.iter().rev().find(|&&n| is_scope(tree.kind(n)));
                    if declares && innermost.is_some_and(|&n| tree.span(n).contains(at)) {
                        return Some(tree.span(id).start);
                    }
                    around.push(id);
                }
            }
        }
        None
    }
}

fn is_scope(kind: NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::Block
            | NodeKind::If
            | NodeKind::For
            | NodeKind::Range
            | NodeKind::Switch
            | NodeKind::TypeSwitch
            | NodeKind::Select
            | NodeKind::CaseClause
            | NodeKind::CommClause
            | NodeKind::FuncLit
    )
}

/// The type of a literal: as the syntax tells it, else as the type checker does; and whether the syntax does.
fn either<'a>(
    syntax: Option<(String, &'a str)>,
    typed: Option<(&'a str, &'a str)>,
) -> Option<((String, &'a str), bool)> {
    match (syntax, typed) {
        (Some(symbol), _) => Some((symbol, true)),
        (None, Some((package, name))) => Some(((package.to_owned(), name), false)),
        (None, None) => None,
    }
}

/// Looks into the functions and values of a file. Function literals are added to `functions`.
pub(crate) fn look_inside<'a>(
    file_index: usize,
    file: &File<'a>,
    resolution: &Resolution<'_, 'a>,
    types: Option<&'a TypeFacts>,
    functions: &mut Vec<(usize, Function<'a>)>,
) -> Inside<'a> {
    let tree = &file.tree;
    let declared: BTreeMap<NodeId, usize> = functions
        .iter()
        .enumerate()
        .filter(|(_, (f, function))| *f == file_index && !function.literal)
        .map(|(i, (_, function))| (function.node, i))
        .collect();
    let mut out = Inside::default();
    // What is around the node: all nodes, functions, statements of lists.
    let mut around: Vec<NodeId> = Vec::new();
    let mut function: Vec<(NodeId, usize)> = Vec::new();
    let mut statement: Vec<(NodeId, usize)> = Vec::new();
    // The types of composite literals, for those inside that leave theirs out; whether it is a pointer to that type.
    let mut elided: BTreeMap<NodeId, (NodeId, bool)> = BTreeMap::new();
    let base = file.source.base_name();
    let mut listed: BTreeSet<NodeId> = BTreeSet::new();
    for event in tree.walk(tree.root()) {
        let id = match event {
            Event::Leave(id) => {
                around.pop();
                function.pop_if(|(n, _)| *n == id);
                statement.pop_if(|(n, _)| *n == id);
                continue;
            }
            Event::Enter(id) => id,
        };
        let parent = around.last().copied();
        around.push(id);
        let list: &[NodeId] = match tree.node(id) {
            Node::Block(b) => b.stmts,
            Node::CaseClause(c) => c.body,
            Node::CommClause(c) => c.body,
            _ => &[],
        };
        let clause = |s: &NodeId| {
            matches!(tree.kind(*s), NodeKind::CaseClause | NodeKind::CommClause | NodeKind::Empty)
        };
        listed.extend(list.iter().filter(|s| !clause(s)));
        if listed.contains(&id) {
            let mut node = id;
            let mut label = None;
            while let Node::Labeled(l) = tree.node(node) {
                label = Some(l.label);
                node = l.stmt;
            }
            statement.push((id, out.statements.len()));
            let function = function.last().map(|(_, f)| *f);
            out.statements.push(StatementSite { node, span: tree.span(id), label, function });
        }
        let here = (function.last().map(|(_, f)| *f), statement.last().map(|(_, s)| *s));
        match tree.node(id) {
            Node::FuncDecl(_) => {
                if let Some(&index) = declared.get(&id) {
                    function.push((id, index));
                }
            }
            Node::FuncLit(f) => {
                let parent = here.0.map(|i| (i, &functions[i].1));
                if let Some(literal) = file.literal(id, f, parent) {
                    function.push((id, functions.len()));
                    functions.push((file_index, literal));
                }
            }
            Node::Call(c) => {
                let starts = parent.and_then(|p| match tree.kind(p) {
                    NodeKind::Go => Some("go"),
                    NodeKind::Defer => Some("defer"),
                    _ => None,
                });
                let new = tree.node_text(c.fun) == "new"
                    && c.args.len() == 1
                    && resolution.scope(file_index).binding(c.fun) == Some(Binding::Universe);
                let fact = types.filter(|_| new).and_then(|t| t.literal(base, c.lparen));
                let named = if new { resolution.named_type(file_index, c.args[0]) } else { None };
                let typed = fact.map(|l| (l.package.as_str(), l.name.as_str()));
                if let Some((symbol, by_syntax)) = either(named, typed) {
                    out.literals.push(LiteralSite {
                        node: id,
                        whole: id,
                        form: LiteralForm::New,
                        symbol,
                        by_syntax,
                        typed,
                        elided: false,
                        function: here.0,
                        statement: here.1,
                    });
                }
                let symbol = resolution.qualified(file_index, c.fun);
                out.calls.push(CallSite { node: id, symbol, starts, function: here.0, statement: here.1 });
            }
            Node::CompositeLit(c) => {
                let known = match (c.ty, elided.get(&id)) {
                    (Some(ty), _) => Some((ty, false)),
                    (None, known) => known.copied(),
                };
                let lists = known.map(|(ty, _)| (ty, c.elements));
                for (ty, &element) in lists.iter().flat_map(|(ty, list)| list.iter().map(move |e| (*ty, e))) {
                    let (key, value) = match tree.node(element) {
                        Node::KeyValue(kv) => (Some(kv.key), kv.value),
                        _ => (None, element),
                    };
                    let (key_type, value_type) = match tree.node(ty) {
                        Node::ArrayType(a) => (None, Some(a.element)),
                        Node::MapType(m) => (Some(m.key), Some(m.value)),
                        _ => (None, None),
                    };
                    for (node, ty) in [(key, key_type), (Some(value), value_type)] {
                        if let (Some(node), Some(ty)) = (node, ty) {
                            let known = match tree.node(ty) {
                                Node::Star(s) => (s.x, true),
                                _ => (ty, false),
                            };
                            elided.insert(node, known);
                        }
                    }
                }
                let fact = types.and_then(|t| t.literal(base, c.lbrace));
                let named = known.and_then(|(ty, _)| resolution.named_type(file_index, ty));
                let typed = fact.map(|l| (l.package.as_str(), l.name.as_str()));
                if let Some((symbol, by_syntax)) = either(named, typed) {
                    let address =
                        parent.filter(|&p| matches!(tree.node(p), Node::Unary(u) if u.op == TokenKind::Amp));
                    let pointer = known.is_some_and(|(_, pointer)| pointer)
                        || fact.is_some_and(|l| l.pointer)
                        || address.is_some();
                    out.literals.push(LiteralSite {
                        node: id,
                        whole: address.unwrap_or(id),
                        form: if pointer { LiteralForm::Pointer } else { LiteralForm::Value },
                        symbol,
                        by_syntax,
                        typed,
                        elided: c.ty.is_none(),
                        function: here.0,
                        statement: here.1,
                    });
                }
            }
            _ => {}
        }
    }
    out
}

/// The definition of a struct type.
pub(crate) struct StructSite {
    pub decl: NodeId,
    pub spec: NodeId,
    pub name: NodeId,
    /// The list of its fields.
    pub fields: NodeId,
}

/// The struct types that a file defines at package level.
pub(crate) fn structs(file: &File<'_>) -> Vec<StructSite> {
    let tree = &file.tree;
    let mut out = Vec::new();
    for &decl in tree.decls() {
        let Node::GenDecl(g) = tree.node(decl) else { continue };
        for &spec in g.specs {
            if let Node::TypeSpec(t) = tree.node(spec)
                && let Node::StructType(s) = tree.node(t.ty)
            {
                out.push(StructSite { decl, spec, name: t.name, fields: s.fields });
            }
        }
    }
    out
}

/// A variable or constant at package level.
pub(crate) struct ValueSite {
    pub decl: NodeId,
    pub spec: NodeId,
    pub name: NodeId,
    /// Index among the names of its specification.
    pub position: usize,
    pub constant: bool,
}

/// The variables and constants that a file declares at package level.
pub(crate) fn values(file: &File<'_>) -> Vec<ValueSite> {
    let tree = &file.tree;
    let mut out = Vec::new();
    for &decl in tree.decls() {
        let Node::GenDecl(g) = tree.node(decl) else { continue };
        for &spec in g.specs {
            let Node::ValueSpec(v) = tree.node(spec) else { continue };
            for (position, &name) in v.names.iter().enumerate() {
                let constant = g.keyword == TokenKind::Const;
                out.push(ValueSite { decl, spec, name, position, constant });
            }
        }
    }
    out
}

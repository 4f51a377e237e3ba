//! A package: its files, functions, types and sites. Nothing here changes, and nothing here knows rules' advice.

pub(crate) mod aliases;
pub(crate) mod assembly;
pub(crate) mod cgo;
pub(crate) mod directives;
pub(crate) mod file;
pub(crate) mod names;
pub(crate) mod sites;
pub(crate) mod slot;
pub(crate) mod target;
pub(crate) mod tree;
pub(crate) mod typefacts;
pub(crate) mod types;

use std::cell::OnceCell;
use std::rc::Rc;

use weave_ir::{FuncType, Kind, Location, LoweredRules};
use weave_syntax::{Directive, Event, Node, NodeId, NodeKind, TokenKind};
use weave_text::Span;

use self::aliases::Aliases;
use self::file::{File, Function, Mention, SourceFile, declared_names};
use self::names::{Identifiers, NameMap};
use self::sites::{Candidate, Inside, Resolution, look_inside, structs, values};
use self::target::Target;
use self::typefacts::{MethodFact, TypeFacts};

/// Name of the file that a woven package gets in addition; it sorts after all others.
pub const EXTRA_FILE: &str = "zz_weave.go";

/// Input of a weave: sources, rules, and what is known of them.
#[derive(Debug)]
pub struct WeaveInput<'a> {
    /// Import path.
    pub package: &'a str,
    /// Version of its module, if known.
    pub version: Option<&'a str>,
    /// Platform that is built for.
    pub target: &'a Target,
    /// Whether the package is one of the standard library.
    pub std: bool,
    /// Its Go files; others are left out of the result.
    pub files: &'a [SourceFile<'a>],
    /// Rules, in the order in which their advice applies; those for other packages are not looked at.
    pub rules: &'a [LoweredRules],
    /// Type facts of the package; only rules that ask for them need them.
    pub types: Option<&'a TypeFacts>,
}

/// Declarations of the files of a package.
#[derive(Default)]
pub(crate) struct Outline<'a> {
    /// File and function.
    functions: Vec<(usize, Function<'a>)>,
    /// Names at package level.
    declared: Identifiers<'a>,
}

impl<'a> Outline<'a> {
    /// Looks at one more file.
    pub(crate) fn add(&mut self, index: usize, file: &File<'a>) {
        file.mentions(Mention::Weave);
        if file.active() {
            self.functions.extend(file.functions().into_iter().map(|function| (index, function)));
            self.declared.extend(declared_names(file));
        }
    }
}

/// A package that is woven. It is read by join points and advice, and never changed.
pub(crate) struct Package<'a, 'f> {
    pub(crate) input: &'a WeaveInput<'a>,
    pub(crate) files: &'f [File<'a>],
    /// The name in its package clauses.
    pub(crate) name: &'a str,
    pub(crate) resolution: Resolution<'f, 'a>,
    /// File and function of every function that rules look at, literals at the end.
    pub(crate) functions: Vec<(usize, Function<'a>)>,
    /// Declared functions by name, receivers aside.
    pub(crate) by_name: NameMap<'a, Vec<usize>>,
    /// Location of a comment that keeps the whole package from being woven.
    pub(crate) ignored: OnceCell<Option<Location>>,
    /// Sites inside of functions, for each file; empty if no rule asks.
    pub(crate) inside: Vec<Inside<'a>>,
    /// The names that it declares.
    pub(crate) declared: Rc<Identifiers<'a>>,
    /// Aliases of types.
    pub(crate) names: Rc<Aliases>,
}

impl<'a, 'f> Package<'a, 'f> {
    /// Puts together what is known of a package; `deep` tells whether a rule asks for what is inside functions.
    pub(crate) fn new(
        input: &'a WeaveInput<'a>,
        files: &'f [File<'a>],
        name: &'a str,
        resolution: Resolution<'f, 'a>,
        outline: Outline<'a>,
        deep: bool,
    ) -> Self {
        let active = || files.iter().enumerate().filter(|(_, f)| f.active());
        let Outline { mut functions, declared } = outline;
        let names = Rc::new(Aliases::declared(input.package, active().map(|(_, f)| f), &declared));
        let mut inside: Vec<Inside<'a>> = files.iter().map(|_| Inside::default()).collect();
        if deep {
            for (i, f) in active() {
                inside[i] = look_inside(i, f, &resolution, input.types, &mut functions);
            }
        }
        let mut by_name: NameMap<'a, Vec<usize>> = NameMap::default();
        by_name.reserve(functions.len());
        for (i, (_, f)) in functions.iter().enumerate().filter(|(_, (_, f))| !f.literal) {
            by_name.entry(f.name).or_default().push(i);
        }
        let (declared, ignored) = (Rc::new(declared), OnceCell::new());
        Self { input, files, name, resolution, functions, by_name, ignored, inside, declared, names }
    }

    /// The versions seen, for messages.
    pub(crate) fn versions(&self) -> String {
        match (self.input.std, self.input.version) {
            (true, _) => format!(" (Go {})", self.input.target.go()),
            (false, Some(v)) => format!(" ({v})"),
            (false, None) => String::new(),
        }
    }
}

impl<'a> Package<'a, '_> {
    pub(crate) fn function_candidate(&self, index: usize) -> Candidate {
        let (file, function) = &self.functions[index];
        let node = Some(function.node);
        Candidate { kind: Kind::Function, file: *file, index, function: Some(index), node }
    }

    pub(crate) fn span(&self, c: Candidate) -> Span {
        match (c.kind, c.node) {
            (_, Some(node)) => self.files[c.file].tree.span(node),
            (Kind::Import, None) => {
                let at = self.files[c.file].imports[c.index].at;
                Span::new(at, at)
            }
            _ => Span::new(0, 0),
        }
    }

    /// Returns where a candidate is; nothing for the package.
    pub(crate) fn at(&self, c: Candidate) -> Option<Location> {
        let file = &self.files[c.file];
        match c.kind {
            Kind::Package => None,
            Kind::Function => Some(file.at(self.functions[c.index].1.name_at)),
            _ => Some(file.at(self.span(c).start)),
        }
    }

    /// Returns what a candidate is, for the report.
    pub(crate) fn what(&self, c: Candidate) -> String {
        let file = &self.files[c.file];
        let within =
            || c.function.map_or(String::new(), |f| format!(" in {}", self.functions[f].1.display()));
        match c.kind {
            Kind::Package => EXTRA_FILE.into(),
            Kind::Function => self.functions[c.index].1.display(),
            Kind::Call => {
                let call = &self.inside[c.file].calls[c.index];
                match (&call.symbol, self.method(c)) {
                    (Some((package, name)), _) => format!("call of {package}.{name}{}", within()),
                    (None, Some(m)) => format!("call of {}{}", m.display(), within()),
                    (None, None) => format!("call{}", within()),
                }
            }
            Kind::Literal => {
                let literal = &self.inside[c.file].literals[c.index];
                format!("literal of {}.{}{}", literal.symbol.0, literal.symbol.1, within())
            }
            Kind::Struct => format!("type {}", file.tree.node_text(structs(file)[c.index].name)),
            Kind::Value => file.tree.node_text(values(file)[c.index].name).to_owned(),
            Kind::Import => format!("import of {}", file.imports[c.index].path),
            inside => format!("{}{}", inside.noun(), within()),
        }
    }

    /// The opening parenthesis of a call, by which type facts know it.
    pub(crate) fn parenthesis(&self, c: Candidate) -> Option<u32> {
        let node = self.inside[c.file].calls.get(c.index).filter(|_| c.kind == Kind::Call)?.node;
        match self.files[c.file].tree.node(node) {
            Node::Call(call) => Some(call.lparen),
            _ => None,
        }
    }

    /// The method that a call is of, if rules ask for it.
    pub(crate) fn method(&self, c: Candidate) -> Option<&'a MethodFact> {
        let facts = self.input.types?;
        facts.method(self.files[c.file].source.base_name(), self.parenthesis(c)?)
    }

    /// The type of a function.
    pub(crate) fn function_type(&self, file: usize, f: &Function<'_>) -> FuncType {
        let file = &self.files[file];
        let scope = file.scope(self.input.package, &self.declared, &self.names, &f.type_params);
        f.signature(file, &scope)
    }

    /// Returns what is around a node, the innermost first, and the node itself.
    pub(crate) fn ancestors(&self, file: usize, node: NodeId) -> Vec<NodeId> {
        let tree = &self.files[file].tree;
        let mut around = Vec::new();
        for event in tree.walk(tree.root()) {
            match event {
                Event::Enter(id) => {
                    around.push(id);
                    if id == node {
                        around.reverse();
                        return around;
                    }
                }
                Event::Leave(_) => {
                    around.pop();
                }
            }
        }
        Vec::new()
    }

    /// Returns what stands behind the name of a directive comment of a candidate, or of the statement whose value, callee or call
    /// it is.
    pub(crate) fn annotation(&self, c: Candidate, name: &str) -> Option<&'a str> {
        let noted = self.files[c.file].tree.comments_called(name);
        if noted.is_empty() {
            return None;
        }
        let tree = &self.files[c.file].tree;
        let chain = self.ancestors(c.file, c.node?);
        for (i, &id) in chain.iter().enumerate() {
            if let Some((_, args)) = noted.iter().find(|(target, _)| *target == id) {
                return Some(args);
            }
            let parent = *chain.get(i + 1)?;
            let goes_on = match tree.node(parent) {
                Node::Assign(a) => a.rhs.contains(&id) || (a.op == TokenKind::Define && a.lhs.contains(&id)),
                Node::Call(call) => call.fun == id,
                Node::Send(s) => s.value == id,
                Node::Defer(_) | Node::ExprStmt(_) | Node::Go(_) | Node::Return(_) => true,
                Node::GenDecl(_) => {
                    matches!(tree.kind(id), NodeKind::ValueSpec | NodeKind::TypeSpec | NodeKind::ImportSpec)
                }
                Node::ValueSpec(v) => c.kind == Kind::Value && v.names.contains(&id),
                _ => false,
            };
            if !goes_on {
                return None;
            }
        }
        None
    }

    /// Returns what stands behind the name of a directive comment on a node or around it.
    pub(crate) fn annotation_around(&self, file: usize, node: NodeId, name: &str) -> Option<&'a str> {
        let noted = self.files[file].tree.comments_called(name);
        if noted.is_empty() {
            return None;
        }
        let chain = self.ancestors(file, node);
        chain.iter().find_map(|id| noted.iter().find(|(target, _)| target == id).map(|(_, args)| *args))
    }

    /// The directive comment of this name of a candidate.
    pub(crate) fn directive(&self, c: Candidate, name: &str) -> Option<Directive<'a>> {
        self.directive_that(c, &|d| {
            d.namespace.len() + 1 + d.name.len() == name.len()
                && name.strip_prefix(d.namespace).and_then(|r| r.strip_prefix(':')) == Some(d.name)
        })
    }

    /// The first directive comment of a candidate that is so.
    pub(crate) fn directive_that(
        &self,
        c: Candidate,
        is: &dyn Fn(&Directive<'a>) -> bool,
    ) -> Option<Directive<'a>> {
        let map = self.resolution.directives(c.file);
        let file = &self.files[c.file];
        let mut nodes: Vec<NodeId> = c.node.into_iter().collect();
        match c.kind {
            Kind::Struct => nodes.push(structs(file)[c.index].decl),
            Kind::Value => {
                nodes.push(values(file)[c.index].spec);
                nodes.push(values(file)[c.index].decl);
            }
            _ => {}
        }
        let found = |list: &Vec<Directive<'a>>| list.iter().find(|d| is(d)).copied();
        let direct = nodes.iter().filter_map(|n| map.get(n)).find_map(found);
        let literal = c.kind == Kind::Function && self.functions[c.index].1.literal;
        if direct.is_some() || !literal || !map.values().any(|list| found(list).is_some()) {
            return direct;
        }
        // A comment on the statement whose value or callee the literal is.
        let tree = &file.tree;
        let chain = self.ancestors(c.file, c.node?);
        for pair in chain.windows(2) {
            let (id, parent) = (pair[0], pair[1]);
            let goes_on = match tree.node(parent) {
                Node::Assign(a) => a.rhs.contains(&id),
                Node::Call(call) => call.fun == id,
                Node::Send(s) => s.value == id,
                Node::ValueSpec(v) => v.values.contains(&id),
                Node::Defer(_) | Node::ExprStmt(_) | Node::Go(_) | Node::Return(_) | Node::GenDecl(_) => true,
                Node::DeclStmt(_) => true,
                _ => false,
            };
            if !goes_on {
                return None;
            }
            if let Some(d) = map.get(&parent).and_then(found) {
                return Some(d);
            }
        }
        None
    }
}

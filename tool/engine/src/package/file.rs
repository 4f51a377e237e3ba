//! The parts of a package that rules ask for: its files, functions, imports and names.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{Location, assumed_name};
use weave_syntax::resolve::{Imports, default_name};
use weave_syntax::{Node, NodeId, NodeKind, SyntaxError, TokenKind, Tree};
use weave_text::LineIndex;

use crate::package::names::Identifiers;

/// A Go file as it is given to the engine.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    /// Path for messages.
    pub path: &'a str,
    /// Its bytes.
    pub source: &'a [u8],
}

impl SourceFile<'_> {
    /// The last element of the path, which is the name of the woven file.
    #[must_use]
    pub fn base_name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(self.path)
    }
}

/// A file of the package, parsed.
pub(crate) struct File<'a> {
    pub source: SourceFile<'a>,
    pub tree: Tree<'a>,
    pub errors: Vec<SyntaxError>,
    /// Reason why the file is not part of the build for this target, if it is not.
    pub excluded: Option<String>,
    pub imports: Vec<FileImport>,
    lines: OnceCell<LineIndex<'a>>,
    identifiers: OnceCell<Identifiers<'a>>,
    mentions: [OnceCell<bool>; Mention::COUNT],
}

/// Part of every name that the weaver makes.
pub(crate) const OURS: &str = "weave";

/// Text that most files do not have anywhere: a search of the bytes saves a look at names and comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mention {
    /// [`OURS`].
    Weave,
    /// A comment such as `//weave:ignore`.
    Ignore,
    /// A comment for a weaver, however it is written.
    Comment,
    /// A comment that forbids inlining.
    NoInline,
    /// A pragma of a function that cannot take any call.
    Delicate,
}

impl Mention {
    const COUNT: usize = 5;

    const fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Weave => &[OURS],
            Self::Ignore => &[":ignore"],
            // A part that all of them have, in whatever case.
            Self::Comment => &[
                "eave:",
                "EAVE:",
                "rchestrion:",
                "RCHESTRION:",
                "//dd:",
                "//DD:",
                "// dd:",
                "telc:",
                "TELC:",
            ],
            Self::NoInline => &["//go:noinline"],
            Self::Delicate => {
                &["//go:nosplit", "//go:nowritebarrier", "//go:systemstack", "//go:uintptrkeepalive"]
            }
        }
    }
}

impl<'a> File<'a> {
    /// Parses a file; `vendored` says whether a path is one of the packages that std brings along.
    pub(crate) fn new(
        source: SourceFile<'a>,
        excluded: Option<String>,
        vendored: &dyn Fn(&str) -> bool,
    ) -> Self {
        let (tree, errors) = weave_syntax::parse(source.source);
        let imports = imports(&tree, vendored);
        Self {
            source,
            tree,
            errors,
            excluded,
            imports,
            lines: OnceCell::new(),
            identifiers: OnceCell::new(),
            mentions: Default::default(),
        }
    }

    /// Returns whether rules look at the file.
    pub(crate) fn active(&self) -> bool {
        self.excluded.is_none() && self.errors.is_empty()
    }

    /// Returns whether the file imports the pseudo package `C`.
    pub(crate) fn is_cgo(&self) -> bool {
        self.imports.iter().any(|i| i.written == "C")
    }

    pub(crate) fn at(&self, offset: u32) -> Location {
        let lines = self.lines.get_or_init(|| LineIndex::new(self.source.source));
        let at = lines.line_col(offset);
        Location::new(self.source.path, at.line, at.col)
    }

    /// The file's imports for the resolution of names. A package that is not called what its path says gets the name that
    /// the file uses for it, where there is but one candidate: `github.com/x/bar-go` is `bar`.
    pub(crate) fn resolved_imports(&self) -> Imports {
        let tree = &self.tree;
        let mut names: BTreeMap<&str, String> = BTreeMap::new();
        // Nearly always every import is used by the name that its path says.
        let unnamed = self.imports.iter().filter(|i| i.name.is_none());
        let mut odd: Vec<(&str, &str)> =
            unnamed.map(|i| (i.written.as_str(), default_name(&i.written))).collect();
        for id in tree.qualifiers() {
            if odd.is_empty() {
                break;
            }
            let used = tree.node_text(id);
            odd.retain(|(_, name)| *name != used);
        }
        if !odd.is_empty() {
            let used: BTreeSet<&str> = tree.qualifiers().map(|id| tree.node_text(id)).collect();
            let known: BTreeSet<String> = self.imports.iter().map(FileImport::local_name).collect();
            for q in used.into_iter().filter(|q| !known.contains(*q)) {
                let mut like = odd.iter().filter(|(path, _)| path.contains(q));
                if let (Some((path, _)), None) = (like.next(), like.next()) {
                    names.entry(path).or_insert_with(|| q.to_owned());
                }
            }
        }
        Imports::new(tree, |path| names.get(path).cloned())
    }

    pub(crate) fn package_name(&self) -> Option<&'a str> {
        match self.tree.node(self.tree.root()) {
            Node::File(f) => f.name.map(|n| self.tree.text(self.tree.span(n))),
            _ => None,
        }
    }

    /// Every identifier of the file, wherever it stands.
    pub(crate) fn identifiers(&self) -> &Identifiers<'a> {
        self.identifiers.get_or_init(|| {
            if self.errors.is_empty() {
                return self.tree.idents().map(|id| self.tree.node_text(id)).collect();
            }
            let tokens = self.tree.tokens().significant().iter();
            tokens.filter(|t| t.kind == TokenKind::Ident).map(|t| self.tree.text(t.span())).collect()
        })
    }

    /// Returns whether one of these texts may be somewhere in the file; if not, they are nowhere.
    pub(crate) fn mentions(&self, what: Mention) -> bool {
        *self.mentions[what as usize].get_or_init(|| {
            let text = |t: &&str| memchr::memmem::find(self.source.source, t.as_bytes()).is_some();
            what.texts().iter().any(text)
        })
    }

    /// The functions and methods that the file declares.
    pub(crate) fn functions(&self) -> Vec<Function<'a>> {
        let tree = &self.tree;
        let Node::File(file) = tree.node(tree.root()) else { return Vec::new() };
        file.decls
            .iter()
            .filter_map(|&decl| match tree.node(decl) {
                Node::FuncDecl(f) => self.function(decl, f),
                _ => None,
            })
            .collect()
    }

    fn function(&self, node: NodeId, f: weave_syntax::FuncDecl) -> Option<Function<'a>> {
        let tree = &self.tree;
        let Node::FuncType(ty) = tree.node(f.ty) else { return None };
        let mut type_params = Vec::new();
        if let Some(list) = ty.type_params {
            type_params.extend(names(tree, list));
        }
        let receiver = f.receiver.and_then(|list| {
            let param = params(tree, list).into_iter().next()?;
            let (base, pointer, args) = receiver_type(tree, param.ty);
            type_params.extend(args);
            Some(Receiver { param, base, pointer })
        });
        Some(Function {
            node,
            name: tree.text(tree.span(f.name)),
            name_at: tree.span(f.name).start,
            generic: !type_params.is_empty(),
            type_params,
            receiver,
            params: params(tree, ty.params),
            results: ty.results.map(|r| params(tree, r)).unwrap_or_default(),
            params_node: ty.params,
            results_node: ty.results,
            body: f.body.and_then(|b| self.body(b)),
            literal: false,
            parent: None,
            within: None,
        })
    }

    /// A function literal inside `parent`.
    pub(crate) fn literal(
        &self,
        node: NodeId,
        f: weave_syntax::FuncLit,
        parent: Option<(usize, &Function<'a>)>,
    ) -> Option<Function<'a>> {
        let tree = &self.tree;
        let Node::FuncType(ty) = tree.node(f.ty) else { return None };
        Some(Function {
            node,
            name: "",
            name_at: tree.span(node).start,
            // Whether the bodies around it are shared by all types decides, not the literal.
            generic: parent.is_some_and(|(_, p)| p.generic),
            type_params: parent.map(|(_, p)| p.type_params.clone()).unwrap_or_default(),
            receiver: None,
            params: params(tree, ty.params),
            results: ty.results.map(|r| params(tree, r)).unwrap_or_default(),
            params_node: ty.params,
            results_node: ty.results,
            body: self.body(f.body),
            literal: true,
            parent: parent.map(|(i, _)| i),
            within: parent.map(|(_, p)| p.display()),
        })
    }

    fn body(&self, block: NodeId) -> Option<Body> {
        match self.tree.node(block) {
            Node::Block(b) => Some(Body { block, lbrace: b.lbrace, rbrace: b.rbrace }),
            _ => None,
        }
    }
}

/// A function or method declaration, or a function literal.
pub(crate) struct Function<'a> {
    /// The declaration or the literal.
    pub node: NodeId,
    pub name: &'a str,
    pub name_at: u32,
    pub generic: bool,
    pub type_params: Vec<&'a str>,
    pub receiver: Option<Receiver<'a>>,
    pub params: Vec<Param<'a>>,
    pub results: Vec<Param<'a>>,
    params_node: NodeId,
    results_node: Option<NodeId>,
    pub body: Option<Body>,
    pub literal: bool,
    /// The function that a literal stands in, by index.
    pub parent: Option<usize>,
    /// That function's name.
    within: Option<String>,
}

/// The braces of a function.
#[derive(Clone, Copy)]
pub(crate) struct Body {
    pub block: NodeId,
    pub lbrace: u32,
    pub rbrace: u32,
}

/// A method's receiver.
pub(crate) struct Receiver<'a> {
    pub param: Param<'a>,
    pub base: &'a str,
    pub pointer: bool,
}

/// A parameter or result.
#[derive(Clone, Copy)]
pub(crate) struct Param<'a> {
    /// Its name; `None` if the list has no names; `_` is a name.
    pub name: Option<&'a str>,
    /// Offset at which the name ends, or at which one would be inserted.
    pub name_at: u32,
    /// The type; a [`Node::Ellipsis`] for a variadic parameter.
    pub ty: NodeId,
}

impl Param<'_> {
    /// The name under which the body can use it.
    pub(crate) fn usable_name(&self) -> Option<&str> {
        self.name.filter(|n| *n != "_")
    }
}

impl Function<'_> {
    /// `*T` or `T`, the form in which rules write receivers.
    pub(crate) fn receiver_text(&self) -> Option<String> {
        self.receiver.as_ref().map(|r| format!("{}{}", if r.pointer { "*" } else { "" }, r.base))
    }

    /// The function as people write it: `(*DB).Query` or `Open`.
    pub(crate) fn display(&self) -> String {
        match &self.receiver {
            _ if self.literal => match &self.within {
                Some(f) if f.starts_with("a function literal") => f.clone(),
                Some(f) => format!("a function literal in {f}"),
                None => "a function literal".into(),
            },
            Some(r) if r.pointer => format!("(*{}).{}", r.base, self.name),
            Some(r) => format!("{}.{}", r.base, self.name),
            None => self.name.to_owned(),
        }
    }

    /// A name for it: of a function literal that of the function around it, and `func`.
    pub(crate) fn name_or_place(&self) -> String {
        if !self.literal {
            return self.display();
        }
        let around = self.within.as_deref().unwrap_or_default();
        let around =
            around.trim_start_matches("a function literal in ").trim_start_matches("a function literal");
        let dot = if around.is_empty() { "" } else { "." };
        format!("{around}{dot}func")
    }

    /// The node of its parameters.
    pub(crate) fn params_node(&self) -> NodeId {
        self.params_node
    }

    /// The node of its results, which may be in no parentheses.
    pub(crate) fn results_node(&self) -> Option<NodeId> {
        self.results_node
    }
}

/// Names of types, functions, variables and constants at package level (methods excepted), in the order of the file.
pub(crate) fn declared_names<'a>(file: &File<'a>) -> Vec<&'a str> {
    let tree = &file.tree;
    let mut out = Vec::new();
    let mut add = |id: NodeId| out.push(tree.node_text(id));
    let Node::File(root) = tree.node(tree.root()) else { return out };
    for &decl in root.decls {
        match tree.node(decl) {
            Node::FuncDecl(f) if f.receiver.is_none() => add(f.name),
            Node::GenDecl(g) => {
                for &spec in g.specs {
                    match tree.node(spec) {
                        Node::TypeSpec(t) => add(t.name),
                        Node::ValueSpec(v) => v.names.iter().for_each(|&n| add(n)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    out
}

fn imports(tree: &Tree<'_>, vendored: &dyn Fn(&str) -> bool) -> Vec<FileImport> {
    let mut out = Vec::new();
    let Node::File(root) = tree.node(tree.root()) else { return out };
    for &decl in root.decls {
        if tree.kind(decl) != NodeKind::GenDecl {
            continue;
        }
        let Node::GenDecl(g) = tree.node(decl) else { continue };
        for &spec in g.specs {
            let Node::ImportSpec(i) = tree.node(spec) else { continue };
            let literal = tree.span(i.path);
            let written = tree.text(literal).trim_matches(['"', '`']).to_owned();
            let path = if vendored(&written) { format!("vendor/{written}") } else { written.clone() };
            out.push(FileImport {
                name: i.name.map(|n| tree.text(tree.span(n)).to_owned()),
                path,
                written,
                at: literal.start,
            });
        }
    }
    out
}

fn params<'a>(tree: &Tree<'a>, list: NodeId) -> Vec<Param<'a>> {
    let mut out = Vec::new();
    let Node::FieldList(list) = tree.node(list) else { return out };
    for &field in list.fields {
        let Node::Field(f) = tree.node(field) else { continue };
        if f.names.is_empty() {
            out.push(Param { name: None, name_at: tree.span(f.ty).start, ty: f.ty });
        }
        for &name in f.names {
            let span = tree.span(name);
            out.push(Param { name: Some(tree.text(span)), name_at: span.end, ty: f.ty });
        }
    }
    out
}

fn names<'a>(tree: &Tree<'a>, list: NodeId) -> Vec<&'a str> {
    params(tree, list).into_iter().filter_map(|p| p.name).collect()
}

/// Base name, whether it is a pointer, and the names of its type parameters.
fn receiver_type<'a>(tree: &Tree<'a>, mut ty: NodeId) -> (&'a str, bool, Vec<&'a str>) {
    let mut pointer = false;
    let mut args = Vec::new();
    loop {
        match tree.node(ty) {
            Node::Star(s) => {
                pointer = true;
                ty = s.x;
            }
            Node::Paren(p) => ty = p.x,
            Node::Index(i) => {
                args = i.indices.iter().map(|&a| tree.text(tree.span(a))).collect();
                ty = i.x;
            }
            _ => return (tree.text(tree.span(ty)), pointer, args),
        }
    }
}

/// Imports and identifiers of a main package's own file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceNames {
    /// The name in the package clause.
    pub package: Option<String>,
    /// Import paths; in place of `C` that of the package which every file that imports it has.
    pub imports: BTreeSet<String>,
    /// Identifiers, wherever they stand.
    pub identifiers: BTreeSet<String>,
    /// The first syntax error, as `path:line:col: message`.
    pub error: Option<String>,
}

/// Reads one file.
#[must_use]
pub fn source_names(source: SourceFile<'_>) -> SourceNames {
    let file = File::new(source, None, &|_| false);
    SourceNames {
        package: file.package_name().map(str::to_owned),
        imports: file
            .imports
            .iter()
            .map(|i| if i.path == "C" { "runtime/cgo".to_owned() } else { i.path.clone() })
            .collect(),
        identifiers: file.identifiers().iter().map(|&name| name.to_owned()).collect(),
        error: file.errors.first().map(|e| format!("{}: {}", file.at(e.offset), e.message)),
    }
}

/// One import of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileImport {
    /// The name given in the file, `_` and `.` included.
    pub name: Option<String>,
    /// The path as it is resolved (vendored paths under `vendor/`).
    pub path: String,
    /// The path as it is written.
    pub written: String,
    /// Offset of the literal that has the path.
    pub at: u32,
}

impl FileImport {
    /// The name under which the file knows the package, by convention if the file does not say.
    pub(crate) fn local_name(&self) -> String {
        match &self.name {
            Some(n) => n.clone(),
            None => assumed_name(&self.written),
        }
    }
}

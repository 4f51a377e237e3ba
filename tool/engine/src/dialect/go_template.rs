//! Code in Go's template language: what a template of Orchestrion sees of the thing that is matched.
//!
//! A template is run for each match. What it prints of the tree (`{{ . }}`, `{{ .AST.Fun }}`) stands in its output as a
//! name, a *hole*, that the weaver fills: with the code that is there, which stays where it is, or with a copy of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use weave_ir::{Code, FunctionPattern, Interface, JoinPoint, Kind, LiteralForm, TypePattern};
use weave_syntax::resolve::Binding;
use weave_syntax::{ChanDir, Node, NodeId, NodeKind, TokenKind, Tree};
use weave_template::{Functions, Object, Template, Value};

use crate::messages;
use crate::package::Package;
use crate::package::file::{Function, Param};
use crate::package::sites::Candidate;
use crate::package::slot::{Names, Slot};
use crate::package::typefacts::Which;

/// The version that `{{ Version }}` gives.
const VERSION: &str = "v1.15.0";

/// Begins the name of a hole; a number and [`HOLE_END`] follow.
const HOLE: &str = "weaveHole";
const HOLE_END: char = '_';

/// Something that a template prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hole {
    pub what: Printable,
    /// Whether a copy is asked for.
    pub copy: bool,
}

impl Hole {
    /// Code of the file.
    pub(crate) fn of(node: NodeId) -> Self {
        Self { what: Printable::Node(node), copy: false }
    }

    /// The node, if it is code of the file.
    pub(crate) fn node(&self) -> Option<NodeId> {
        match self.what {
            Printable::Node(node) => Some(node),
            Printable::Made(_) => None,
        }
    }
}

/// Code of the file, or what another template made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Printable {
    Node(NodeId),
    Made(String),
}

/// An expression that templates made of one of the file.
pub(crate) struct Made<'m> {
    pub tree: Tree<'m>,
    pub root: NodeId,
    /// Values of its holes.
    pub holes: &'m [Hole],
}

impl<'m> Made<'m> {
    /// Reads an expression that stands behind [`Made::BEFORE`].
    pub(crate) fn parse(source: &'m str, holes: &'m [Hole]) -> Option<Self> {
        let (tree, _) = weave_syntax::parse(source.as_bytes());
        let &decl = tree.decls().first()?;
        let Node::GenDecl(g) = tree.node(decl) else { return None };
        let Node::ValueSpec(v) = tree.node(*g.specs.first()?) else { return None };
        let &root = v.values.first()?;
        Some(Self { tree, root, holes })
    }

    /// Text that makes a file of an expression.
    pub(crate) const BEFORE: &'static str = "package p; var _ = ";

    /// The code of the file that a node stands for.
    fn original(&self, node: NodeId) -> Option<NodeId> {
        if self.tree.kind(node) != NodeKind::Ident {
            return None;
        }
        match pieces(self.tree.node_text(node)).as_slice() {
            [Piece::Text(""), Piece::Hole(i), Piece::Text("")] => self.holes.get(*i)?.node(),
            _ => None,
        }
    }
}

/// The name of a hole.
pub(crate) fn hole_name(number: usize) -> String {
    format!("{HOLE}{number}{HOLE_END}")
}

/// Output of a template.
pub(crate) struct Printed {
    pub text: String,
    /// The holes, by their number.
    pub holes: Vec<Hole>,
    /// Places that get names.
    pub named: Vec<Slot>,
}

/// A part of code with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    Hole(usize),
}

/// Cuts code at its holes.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(at) = rest[from..].find(HOLE).map(|i| i + from) {
        let after = &rest[at + HOLE.len()..];
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        match (after[..digits].parse(), after[digits..].strip_prefix(HOLE_END)) {
            (Ok(number), Some(next)) => {
                out.push(Piece::Text(&rest[..at]));
                out.push(Piece::Hole(number));
                rest = next;
                from = 0;
            }
            _ => from = at + HOLE.len(),
        }
    }
    out.push(Piece::Text(rest));
    out
}

/// Returns whether the name of a hole stands inside a string of the code, where it would stay.
pub(crate) fn hole_in_string(text: &str) -> bool {
    let (tokens, _) = weave_syntax::lex(text.as_bytes());
    let string = |k| matches!(k, TokenKind::Str | TokenKind::Char);
    tokens
        .significant()
        .iter()
        .any(|t| string(t.kind) && text[t.start as usize..t.end as usize].contains(HOLE))
}

impl<'a> Package<'a, '_> {
    /// The node that an aspect applies to: what `{{ . }}` is.
    pub(crate) fn subject(&self, join: &JoinPoint, c: Candidate) -> Option<NodeId> {
        let tree = &self.files[c.file].tree;
        Some(match c.kind {
            Kind::Literal => {
                let site = &self.inside[c.file].literals[c.index];
                let mut found = None;
                join.walk(&mut |j| {
                    if let JoinPoint::Literal(l) = j
                        && found.is_none()
                        && self.holds(j, c)
                    {
                        found = Some(l);
                    }
                });
                match found {
                    Some(l) => match (&l.field, l.form) {
                        (Some(field), _) => self.field_value(c, field)?,
                        (None, LiteralForm::Pointer) => site.whole,
                        _ if l.written => site.node,
                        _ => site.whole,
                    },
                    None => site.node,
                }
            }
            Kind::Value => {
                // The specification, of which a candidate is one name.
                let name = c.node?;
                self.ancestors(c.file, name).into_iter().find(|&n| tree.kind(n) == NodeKind::ValueSpec)?
            }
            _ => c.node?,
        })
    }

    /// Runs the template of a rule for what is matched. `body` says whether it is about the body of a function; `made` is
    /// what other templates made of the expression.
    pub(crate) fn print(
        &self,
        code: &Code,
        join: &JoinPoint,
        c: Candidate,
        body: bool,
        made: Option<&Made<'_>>,
        imports: &BTreeMap<String, String>,
    ) -> Result<Printed, String> {
        let template = Template::parse(&code.text, &["Version"]).map_err(|e| messages::in_template(&e))?;
        let function = c.function.map(|i| &self.functions[i].1);
        let node = match (body, function.and_then(|f| f.body)) {
            (true, Some(body)) => Some(body.block),
            _ => self.subject(join, c),
        };
        let host = Host {
            package: self,
            file: c.file,
            node,
            made,
            imports,
            function,
            names: Names::new(&self.files[c.file]),
            named: RefCell::default(),
            holes: RefCell::new(made.map_or_else(Vec::new, |m| m.holes.to_vec())),
        };
        let mut functions = Functions::new();
        let version = |arguments: &[Value<'_>]| match arguments {
            [] => Ok(Value::string(VERSION)),
            _ => Err(messages::takes_no_arguments().to_owned()),
        };
        functions.insert("Version".into(), Rc::new(version));
        let data = Value::object(Handle { host: &host, thing: Thing::Dot });
        let text = template.execute(&data, &functions).map_err(|e| messages::in_template(&e))?;
        drop((data, functions));
        Ok(Printed { text, holes: host.holes.into_inner(), named: host.named.into_inner() })
    }
}

/// Data and functions for a run of a template.
struct Host<'w, 'a, 'f> {
    package: &'w Package<'a, 'f>,
    file: usize,
    node: Option<NodeId>,
    made: Option<&'w Made<'w>>,
    /// Packages that woven code in the file knows, and by which name.
    imports: &'w BTreeMap<String, String>,
    function: Option<&'w Function<'a>>,
    names: Names<'w, 'a>,
    named: RefCell<Vec<Slot>>,
    holes: RefCell<Vec<Hole>>,
}

/// Something that a template can name.
enum Thing {
    Dot,
    Function,
    Node(NodeId),
    /// A node of what other templates made.
    Made(NodeId),
    Argument(String, String),
}

struct Handle<'h, 'w, 'a, 'f> {
    host: &'h Host<'w, 'a, 'f>,
    thing: Thing,
}

impl<'h> Object<'h> for Handle<'h, '_, '_, '_> {
    fn type_name(&self) -> String {
        match self.thing {
            Thing::Dot => messages::matched_thing().into(),
            Thing::Function => "Function".into(),
            Thing::Node(node) => format!("{:?}", self.host.package.files[self.host.file].tree.kind(node)),
            Thing::Made(node) => {
                self.host.made.map_or_else(String::new, |m| format!("{:?}", m.tree.kind(node)))
            }
            Thing::Argument(..) => "DirectiveArgument".into(),
        }
    }

    fn member(&self, name: &str, arguments: &[Value<'h>]) -> Result<Option<Value<'h>>, String> {
        let none = || match arguments.len() {
            0 => Ok(()),
            n => Err(messages::wants_no_arguments(n)),
        };
        match &self.thing {
            Thing::Dot => match name {
                "AST" => {
                    none()?;
                    Ok(Some(self.host.root()))
                }
                "Function" => {
                    none()?;
                    Ok(Some(Value::object(Handle { host: self.host, thing: Thing::Function })))
                }
                "DirectiveArgs" => self.host.directive_args(&string(arguments)?).map(Some),
                "String" => {
                    none()?;
                    Ok(Some(Value::string(self.text())))
                }
                _ => Ok(None),
            },
            Thing::Function => self.host.of_function(name, arguments),
            Thing::Node(node) => {
                none()?;
                let tree = &self.host.package.files[self.host.file].tree;
                Ok(self.host.of_node(tree, false, *node, name))
            }
            Thing::Made(node) => {
                none()?;
                Ok(self.host.made.and_then(|m| self.host.of_node(&m.tree, true, *node, name)))
            }
            Thing::Argument(key, value) => {
                none()?;
                Ok(match name {
                    "Key" => Some(Value::string(key)),
                    "Value" => Some(Value::string(value)),
                    _ => None,
                })
            }
        }
    }

    fn text(&self) -> String {
        match &self.thing {
            Thing::Dot => match (self.host.made, self.host.node) {
                (Some(m), _) => self.host.printed(true, m.root, false),
                (None, Some(n)) => self.host.printed(false, n, false),
                (None, None) => String::new(),
            },
            Thing::Function => String::new(),
            Thing::Node(node) => self.host.printed(false, *node, false),
            Thing::Made(node) => self.host.printed(true, *node, false),
            Thing::Argument(key, value) => format!("{{{key} {value}}}"),
        }
    }
}

pub(super) fn string(arguments: &[Value<'_>]) -> Result<String, String> {
    match arguments {
        [Value::Str(s)] => Ok(s.to_string()),
        [other] => Err(messages::wants_string(other.type_name())),
        other => Err(messages::wants_one_argument(other.len())),
    }
}

pub(super) fn index(arguments: &[Value<'_>]) -> Result<usize, String> {
    match arguments {
        [Value::Int(i)] => usize::try_from(*i).map_err(|_| messages::index_out_of_bounds(i)),
        [other] => Err(messages::wants_int(other.type_name())),
        other => Err(messages::wants_one_argument(other.len())),
    }
}

impl<'h, 'w, 'a, 'f> Host<'w, 'a, 'f> {
    /// The name of a hole for a node, of the file or of what other templates made.
    fn printed(&self, made: bool, node: NodeId, copy: bool) -> String {
        let what = match self.made.filter(|_| made) {
            Some(m) => match m.original(node) {
                Some(node) => Printable::Node(node),
                None => Printable::Made(m.tree.node_text(node).to_owned()),
            },
            None => Printable::Node(node),
        };
        let mut holes = self.holes.borrow_mut();
        holes.push(Hole { what, copy });
        hole_name(holes.len() - 1)
    }

    /// The node that the template is about.
    pub(crate) fn root(&'h self) -> Value<'h> {
        match (self.made, self.node) {
            (Some(m), _) => self.node_value(true, m.root),
            (None, Some(n)) => self.node_value(false, n),
            (None, None) => Value::Nil,
        }
    }

    fn node_value(&'h self, made: bool, node: NodeId) -> Value<'h> {
        let thing = match self.made.filter(|_| made) {
            Some(m) => m.original(node).map_or(Thing::Made(node), Thing::Node),
            None => Thing::Node(node),
        };
        Value::object(Handle { host: self, thing })
    }

    fn directive_args(&'h self, name: &str) -> Result<Value<'h>, String> {
        let Some(node) = self.node else { return Ok(Value::list([])) };
        let args = self.package.annotation_around(self.file, node, name).unwrap_or_default();
        let argument =
            |(key, value)| Value::object(Handle { host: self, thing: Thing::Argument(key, value) });
        Ok(Value::list(crate::package::directives::orchestrion_words(args).into_iter().map(argument)))
    }

    /// The name of a parameter or result.
    pub(crate) fn slot_name(&self, function: &Function<'a>, slot: Slot) -> String {
        slot.name(function, &self.names, &mut self.named.borrow_mut())
    }

    fn of_function(&'h self, member: &str, arguments: &[Value<'h>]) -> Result<Option<Value<'h>>, String> {
        let search = matches!(
            member,
            "ArgumentOfType"
                | "ArgumentThatImplements"
                | "ResultOfType"
                | "ResultThatImplements"
                | "LastResultThatImplements"
        );
        let Some(f) = self.function else {
            return match member {
                _ if search => string(arguments).map(|_| Some(Value::string(""))),
                "FinalResultImplements" => string(arguments).map(|_| Some(Value::Bool(false))),
                "Receiver" | "Name" | "Argument" | "Result" => Err(messages::no_function_around().into()),
                _ => Ok(None),
            };
        };
        let found = |at: Option<Slot>| Value::string(at.map_or_else(String::new, |p| self.slot_name(f, p)));
        let value = match member {
            "Name" => Value::string(f.name),
            "Receiver" => match &f.receiver {
                Some(_) => Value::string(self.slot_name(f, Slot::Receiver)),
                None => return Err(messages::no_method().into()),
            },
            "Argument" | "Result" => {
                let i = index(arguments)?;
                let (list, of): (&[Param<'_>], fn(usize) -> Slot) =
                    if member == "Argument" { (&f.params, Slot::Param) } else { (&f.results, Slot::Result) };
                if i >= list.len() {
                    return Err(messages::index_out_of_items(i, list.len()));
                }
                Value::string(self.slot_name(f, of(i)))
            }
            "ArgumentOfType" => {
                found(self.of_type(f, &f.params, &string(arguments)?, false)?.map(Slot::Param))
            }
            "ResultOfType" => {
                found(self.of_type(f, &f.results, &string(arguments)?, false)?.map(Slot::Result))
            }
            "ArgumentThatImplements" => found(
                self.implementing(f, &f.params, Which::Parameter, &string(arguments)?)?.map(Slot::Param),
            ),
            "ResultThatImplements" => {
                found(self.implementing(f, &f.results, Which::Result, &string(arguments)?)?.map(Slot::Result))
            }
            "LastResultThatImplements" => found(
                self.implementing(f, &f.results, Which::LastResult, &string(arguments)?)?.map(Slot::Result),
            ),
            "FinalResultImplements" => Value::Bool(self.final_implements(f, &string(arguments)?)?),
            _ => return Ok(None),
        };
        if matches!(member, "Name" | "Receiver") && !arguments.is_empty() {
            return Err(messages::wants_no_arguments(arguments.len()));
        }
        Ok(Some(value))
    }

    /// The first parameter or result of a type, or the last one.
    pub(super) fn of_type(
        &self,
        f: &Function<'a>,
        list: &[Param<'_>],
        ty: &str,
        last: bool,
    ) -> Result<Option<usize>, String> {
        let wanted = TypePattern::plain(ty).map_err(|why| format!("`{ty}`: {why}"))?;
        let file = &self.package.files[self.file];
        let own = self.package.input.package;
        let scope = file.scope(own, &self.package.declared, &self.package.names, &f.type_params);
        let is = |p: &Param<'_>| {
            file.tree.kind(p.ty) != NodeKind::Ellipsis && wanted.matches(&scope.ty(&file.tree, p.ty), own)
        };
        Ok(if last { list.iter().rposition(is) } else { list.iter().position(is) })
    }

    /// The parameter or result whose type implements an interface: one of that very type before any other.
    pub(crate) fn implementing(
        &self,
        f: &Function<'a>,
        list: &[Param<'_>],
        which: Which,
        interface: &str,
    ) -> Result<Option<usize>, String> {
        if let Some(i) = self.of_type(f, list, interface, which == Which::LastResult)? {
            return Ok(Some(i));
        }
        if list.is_empty() {
            return Ok(None);
        }
        let facts = self.facts()?;
        let base = self.package.files[self.file].source.base_name();
        Ok(facts.implementing(base, f.name_at, which, interface))
    }

    fn final_implements(&self, f: &Function<'a>, interface: &str) -> Result<bool, String> {
        let Some(last) = f.results.last() else { return Ok(false) };
        if self.of_type(f, std::slice::from_ref(last), interface, true)?.is_some() {
            return Ok(true);
        }
        let pattern = FunctionPattern {
            last_result_implements: Some(Interface::new(interface)?),
            ..FunctionPattern::default()
        };
        let base = self.package.files[self.file].source.base_name();
        Ok(self.facts()?.implements(base, f.name_at, &pattern))
    }

    /// The import path of a package that woven code in the file knows by this name.
    fn path_of(&self, local: &str) -> String {
        let known = self.imports.iter().find(|(_, name)| *name == local);
        known.map_or_else(String::new, |(path, _)| path.clone())
    }

    pub(crate) fn facts(&self) -> Result<&crate::package::typefacts::TypeFacts, String> {
        self.package.input.types.ok_or_else(|| messages::implements_unknown().to_owned())
    }

    /// A field of a node, by the names that Orchestrion's documentation gives: those of `go/ast`.
    fn of_node(&'h self, tree: &Tree<'_>, made: bool, id: NodeId, name: &str) -> Option<Value<'h>> {
        let text = |s: &str| Some(Value::string(s));
        let one = |n: NodeId| Some(self.node_value(made, n));
        let maybe = |n: Option<NodeId>| Some(n.map_or(Value::Nil, |n| self.node_value(made, n)));
        let list = |l: &[NodeId]| Some(Value::list(l.iter().map(|&n| self.node_value(made, n))));
        let token = |t: TokenKind| text(t.text());
        match name {
            "Copy" => return Some(Value::string(self.printed(made, id, true))),
            "String" => return Some(Value::string(self.printed(made, id, false))),
            _ => {}
        }
        match (tree.node(id), name) {
            (Node::File(f), "Name") => maybe(f.name),
            (Node::File(f), "Decls") => list(f.decls),
            (Node::GenDecl(g), "Tok") => token(g.keyword),
            (Node::GenDecl(g), "Lparen") => Some(Value::Bool(g.lparen.is_some())),
            (Node::GenDecl(g), "Rparen") => Some(Value::Bool(g.rparen.is_some())),
            (Node::GenDecl(g), "Specs") => list(g.specs),
            (Node::FuncDecl(f), "Recv") => maybe(f.receiver),
            (Node::FuncDecl(f), "Name") => one(f.name),
            (Node::FuncDecl(f), "Type") => one(f.ty),
            (Node::FuncDecl(f), "Body") => maybe(f.body),
            (Node::ImportSpec(i), "Name") => maybe(i.name),
            (Node::ImportSpec(i), "Path") => one(i.path),
            (Node::ValueSpec(v), "Names") => list(v.names),
            (Node::ValueSpec(v), "Type") => maybe(v.ty),
            (Node::ValueSpec(v), "Values") => list(v.values),
            (Node::TypeSpec(t), "Name") => one(t.name),
            (Node::TypeSpec(t), "TypeParams") => maybe(t.type_params),
            (Node::TypeSpec(t), "Assign") => Some(Value::Bool(t.alias)),
            (Node::TypeSpec(t), "Type") => one(t.ty),
            (Node::FieldList(f), "List") => list(f.fields),
            (Node::FieldList(_), "Opening" | "Closing") => Some(Value::Bool(true)),
            (Node::Field(f), "Names") => list(f.names),
            (Node::Field(f), "Type") => one(f.ty),
            (Node::Field(f), "Tag") => maybe(f.tag),
            (Node::BasicLit(_), "Value") => text(tree.node_text(id)),
            (Node::BasicLit(b), "Kind") => text(literal_kind(b.kind)),
            (Node::Ellipsis(e), "Elt") => maybe(e.element),
            (Node::FuncLit(f), "Type") => one(f.ty),
            (Node::FuncLit(f), "Body") => one(f.body),
            (Node::CompositeLit(c), "Type") => maybe(c.ty),
            (Node::CompositeLit(c), "Elts") => list(c.elements),
            (Node::CompositeLit(_) | Node::StructType(_) | Node::InterfaceType(_), "Incomplete") => {
                Some(Value::Bool(false))
            }
            (Node::Paren(p), "X") => one(p.x),
            (Node::Selector(s), "X") => one(s.x),
            (Node::Selector(s), "Sel") => one(s.sel),
            (Node::Selector(s), "Name") => text(tree.node_text(s.sel)),
            (Node::Selector(s), "Path") if made => text(&self.path_of(tree.node_text(s.x))),
            (Node::Selector(_), "Path") => {
                let (path, _) = self.package.resolution.qualified(self.file, id)?;
                text(&path)
            }
            (Node::Index(i), "X") => one(i.x),
            (Node::Index(i), "Index") => i.indices.first().and_then(|&n| one(n)),
            (Node::Index(i), "Indices") => list(i.indices),
            (Node::Slice(s), "X") => one(s.x),
            (Node::Slice(s), "Low") => maybe(s.low),
            (Node::Slice(s), "High") => maybe(s.high),
            (Node::Slice(s), "Max") => maybe(s.max),
            (Node::Slice(s), "Slice3") => Some(Value::Bool(s.max.is_some())),
            (Node::TypeAssert(t), "X") => one(t.x),
            (Node::TypeAssert(t), "Type") => maybe(t.ty),
            (Node::Call(c), "Fun") => one(c.fun),
            (Node::Call(c), "Args") => list(c.args),
            (Node::Call(c), "Ellipsis") => Some(Value::Bool(c.ellipsis.is_some())),
            (Node::Star(s), "X") => one(s.x),
            (Node::Unary(u), "X") => one(u.x),
            (Node::Unary(u), "Op") => token(u.op),
            (Node::Binary(b), "X") => one(b.x),
            (Node::Binary(b), "Op") => token(b.op),
            (Node::Binary(b), "Y") => one(b.y),
            (Node::KeyValue(k), "Key") => one(k.key),
            (Node::KeyValue(k), "Value") => one(k.value),
            (Node::ArrayType(a), "Len") => maybe(a.len),
            (Node::ArrayType(a), "Elt") => one(a.element),
            (Node::StructType(s), "Fields") => one(s.fields),
            (Node::FuncType(f), "Func") => Some(Value::Bool(f.keyword)),
            (Node::FuncType(f), "TypeParams") => maybe(f.type_params),
            (Node::FuncType(f), "Params") => one(f.params),
            (Node::FuncType(f), "Results") => maybe(f.results),
            (Node::InterfaceType(i), "Methods") => one(i.methods),
            (Node::MapType(m), "Key") => one(m.key),
            (Node::MapType(m), "Value") => one(m.value),
            (Node::ChanType(c), "Dir") => Some(Value::Int(match c.dir {
                ChanDir::Send => 1,
                ChanDir::Recv => 2,
                ChanDir::Both => 3,
            })),
            (Node::ChanType(c), "Value") => one(c.value),
            (Node::DeclStmt(d), "Decl") => one(d.decl),
            (Node::Empty(e), "Implicit") => Some(Value::Bool(e.implicit)),
            (Node::Labeled(l), "Label") => one(l.label),
            (Node::Labeled(l), "Stmt") => one(l.stmt),
            (Node::ExprStmt(e), "X") => one(e.x),
            (Node::Send(s), "Chan") => one(s.chan),
            (Node::Send(s), "Value") => one(s.value),
            (Node::IncDec(i), "X") => one(i.x),
            (Node::IncDec(i), "Tok") => token(i.op),
            (Node::Assign(a), "Lhs") => list(a.lhs),
            (Node::Assign(a), "Tok") => token(a.op),
            (Node::Assign(a), "Rhs") => list(a.rhs),
            (Node::Go(g) | Node::Defer(g), "Call") => one(g.call),
            (Node::Return(r), "Results") => list(r.results),
            (Node::Branch(b), "Tok") => token(b.keyword),
            (Node::Branch(b), "Label") => maybe(b.label),
            (Node::Block(b), "List") => list(b.stmts),
            (Node::If(i), "Init") => maybe(i.init),
            (Node::If(i), "Cond") => one(i.cond),
            (Node::If(i), "Body") => one(i.body),
            (Node::If(i), "Else") => maybe(i.els),
            (Node::CaseClause(c), "List") => list(c.list.unwrap_or_default()),
            (Node::CaseClause(c), "Body") => list(c.body),
            (Node::Switch(s), "Init") => maybe(s.init),
            (Node::Switch(s), "Tag") => maybe(s.tag),
            (Node::Switch(s), "Body") => one(s.body),
            (Node::TypeSwitch(s), "Init") => maybe(s.init),
            (Node::TypeSwitch(s), "Assign") => one(s.assign),
            (Node::TypeSwitch(s), "Body") => one(s.body),
            (Node::CommClause(c), "Comm") => maybe(c.comm),
            (Node::CommClause(c), "Body") => list(c.body),
            (Node::Select(s), "Body") => one(s.body),
            (Node::For(f), "Init") => maybe(f.init),
            (Node::For(f), "Cond") => maybe(f.cond),
            (Node::For(f), "Post") => maybe(f.post),
            (Node::For(f), "Body") => one(f.body),
            (Node::Range(r), "Key") => maybe(r.key),
            (Node::Range(r), "Value") => maybe(r.value),
            (Node::Range(r), "Tok") => text(r.op.map_or("", |t| t.text())),
            (Node::Range(r), "X") => one(r.x),
            (Node::Range(r), "Body") => one(r.body),
            _ if tree.kind(id) == NodeKind::Ident => match name {
                "Name" => text(tree.node_text(id)),
                "Path" if made => text(""),
                "Path" => match self.package.resolution.scope(self.file).binding(id) {
                    Some(Binding::Unresolved) => {
                        let symbol = self.package.resolution.qualified(self.file, id);
                        text(&symbol.map_or_else(String::new, |(path, _)| path))
                    }
                    _ => text(""),
                },
                _ => None,
            },
            _ => None,
        }
    }
}

/// Returns what `go/token` calls a literal.
fn literal_kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Int => "INT",
        TokenKind::Float => "FLOAT",
        TokenKind::Imag => "IMAG",
        TokenKind::Char => "CHAR",
        _ => "STRING",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_cut_at_holes() {
        assert_eq!(
            pieces("f(weaveHole0_, weaveHole12_.x)"),
            [Piece::Text("f("), Piece::Hole(0), Piece::Text(", "), Piece::Hole(12), Piece::Text(".x)")]
        );
        assert_eq!(pieces("weaveHoles"), [Piece::Text("weaveHoles")]);
        assert!(hole_in_string("f(\"weaveHole0_\")") && !hole_in_string("f(weaveHole0_)"));
    }
}

//! The syntax tree: nodes in one arena, opened as typed values.
use crate::{Token, TokenKind, Tokens};
use std::fmt;
use std::sync::OnceLock;
use weave_text::Span;

/// Names a node of one [`Tree`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// Stands for "absent" inside the arena; never handed out.
    pub(crate) const NONE: NodeId = NodeId(0);

    #[inline]
    pub(crate) fn some(self) -> Option<NodeId> {
        if self.0 == 0 { None } else { Some(self) }
    }

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// A number for tables kept beside a tree: at least 1, less than [`Tree::node_count`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A node as the arena keeps it; [`Tree::node`] says what the words mean for each kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw {
    pub start: u32,
    pub end: u32,
    pub a: u32,
    pub b: u32,
    pub c: u32,
    pub kind: NodeKind,
    /// A token kind (operator, keyword, literal kind).
    pub tok: TokenKind,
    pub flag: u8,
}

/// Flags of [`Raw::flag`], per node kind.
pub(crate) mod flag {
    /// Field: a tag follows the names.
    pub const TAG: u8 = 1;
    /// `TypeSpec`: an alias.
    pub const ALIAS: u8 = 1;
    /// `EmptyStmt`: no semicolon in the source.
    pub const IMPLICIT: u8 = 1;
    /// `FuncType`: begins with the keyword.
    pub const KEYWORD: u8 = 1;
    /// `ChanType`: directions.
    pub const SEND: u8 = 1;
    pub const RECV: u8 = 2;
}

macro_rules! nodes {
    ($($(#[$doc:meta])* $name:ident$(($payload:ty))?,)*) => {
        /// Kind of a node; the names are those of `go/ast`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum NodeKind { $($(#[$doc])* $name,)* }

        impl NodeKind {
            /// Every kind.
            #[must_use]
            pub const fn all() -> &'static [NodeKind] { &[$(NodeKind::$name,)*] }

            /// The name of the kind.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(NodeKind::$name => stringify!($name),)* }
            }
        }

        /// A node opened: its children and the offsets of its own tokens.
        #[derive(Clone, Copy, Debug)]
        pub enum Node<'t> { $($(#[$doc])* $name$(($payload))?,)* }
    };
}

nodes! {
    /// A source file; the root of the tree.
    File(File<'t>),
    /// A declaration that could not be parsed.
    Bad(BadNode),
    /// `import`, `const`, `type` or `var` declaration.
    GenDecl(GenDecl<'t>),
    /// Function or method declaration.
    FuncDecl(FuncDecl),
    /// One import.
    ImportSpec(ImportSpec),
    /// One line of a `const` or `var` declaration.
    ValueSpec(ValueSpec<'t>),
    /// One type declaration.
    TypeSpec(TypeSpec),
    /// Parameters, results, type parameters, struct fields or interface elements.
    FieldList(FieldList<'t>),
    /// One entry of a field list.
    Field(Field<'t>),
    /// Identifier (or the `.` of a dot import).
    Ident,
    /// Literal of a basic type.
    BasicLit(BasicLit),
    /// `...` or `...T`.
    Ellipsis(Ellipsis),
    /// Function literal.
    FuncLit(FuncLit),
    /// Composite literal.
    CompositeLit(CompositeLit<'t>),
    /// Parenthesised expression or type.
    Paren(Paren),
    /// `x.Sel`, also a qualified identifier.
    Selector(Selector),
    /// `x[i]` or an instantiation `x[T1, T2]`.
    Index(Index<'t>),
    /// `x[low:high:max]`.
    Slice(Slice),
    /// `x.(T)` or `x.(type)`.
    TypeAssert(TypeAssert),
    /// Call or conversion.
    Call(Call<'t>),
    /// `*x`: pointer type or dereference.
    Star(Star),
    /// Unary expression but `*x`.
    Unary(Unary),
    /// Binary expression, also a union of type terms.
    Binary(Binary),
    /// `key: value` in a composite literal.
    KeyValue(KeyValue),
    /// Array or slice type.
    ArrayType(ArrayType),
    /// Struct type.
    StructType(StructType),
    /// Function type, also of a declaration, a literal or an interface method.
    FuncType(FuncType),
    /// Interface type.
    InterfaceType(InterfaceType),
    /// Map type.
    MapType(MapType),
    /// Channel type.
    ChanType(ChanType),
    /// Declaration as a statement.
    DeclStmt(DeclStmt),
    /// Empty statement.
    Empty(Empty),
    /// Labelled statement.
    Labeled(Labeled),
    /// Expression as a statement.
    ExprStmt(ExprStmt),
    /// `ch <- value`.
    Send(Send),
    /// `x++` or `x--`.
    IncDec(IncDec),
    /// Assignment or short variable declaration.
    Assign(Assign<'t>),
    /// `go f()`.
    Go(GoDefer),
    /// `defer f()`.
    Defer(GoDefer),
    /// `return`.
    Return(Return<'t>),
    /// `break`, `continue`, `goto` or `fallthrough`.
    Branch(Branch),
    /// Braces with statements (or with the clauses of a switch or select).
    Block(Block<'t>),
    /// `if`.
    If(If),
    /// A clause of a switch.
    CaseClause(CaseClause<'t>),
    /// Expression switch.
    Switch(Switch),
    /// Type switch.
    TypeSwitch(TypeSwitch),
    /// A clause of a select.
    CommClause(CommClause<'t>),
    /// `select`.
    Select(Select),
    /// `for` without `range`.
    For(For),
    /// `for` with `range`.
    Range(Range),
}

/// A source file. Its span goes from the package keyword to the end of the last declaration.
#[derive(Clone, Copy, Debug)]
pub struct File<'t> {
    /// The package name; `None` if the package clause is broken.
    pub name: Option<NodeId>,
    /// [`Node::GenDecl`], [`Node::FuncDecl`], [`Node::Bad`].
    pub decls: &'t [NodeId],
}

/// Text that could not be parsed.
#[derive(Clone, Copy, Debug)]
pub struct BadNode {
    /// Span from the first token of the declaration to the next declaration.
    pub span: Span,
}

/// `import`, `const`, `type` or `var` declaration.
#[derive(Clone, Copy, Debug)]
pub struct GenDecl<'t> {
    /// The keyword.
    pub keyword: TokenKind,
    /// Offset of `(`.
    pub lparen: Option<u32>,
    /// Offset of `)`.
    pub rparen: Option<u32>,
    /// [`Node::ImportSpec`], [`Node::ValueSpec`] or [`Node::TypeSpec`].
    pub specs: &'t [NodeId],
}

/// Function or method declaration. [`Func`](crate::Func) is the comfortable view.
#[derive(Clone, Copy, Debug)]
pub struct FuncDecl {
    /// Receiver, a [`Node::FieldList`].
    pub receiver: Option<NodeId>,
    /// The name, an identifier.
    pub name: NodeId,
    /// A [`Node::FuncType`].
    pub ty: NodeId,
    /// A [`Node::Block`]; `None` for a function implemented elsewhere.
    pub body: Option<NodeId>,
}

/// One import. [`Import`](crate::Import) is the comfortable view.
#[derive(Clone, Copy, Debug)]
pub struct ImportSpec {
    /// Identifier: a name, `_`, or `.`.
    pub name: Option<NodeId>,
    /// A string literal.
    pub path: NodeId,
}

/// One line of a `const` or `var` declaration.
#[derive(Clone, Copy, Debug)]
pub struct ValueSpec<'t> {
    /// Identifiers.
    pub names: &'t [NodeId],
    /// The type.
    pub ty: Option<NodeId>,
    /// The values.
    pub values: &'t [NodeId],
}

/// One type declaration.
#[derive(Clone, Copy, Debug)]
pub struct TypeSpec {
    /// Identifier.
    pub name: NodeId,
    /// Type parameters, a [`Node::FieldList`].
    pub type_params: Option<NodeId>,
    /// Whether there is a `=`.
    pub alias: bool,
    /// The type.
    pub ty: NodeId,
}

/// Delimiter of a field list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delimiter {
    /// Nothing: a single unnamed result.
    None,
    /// `(` and `)`.
    Paren,
    /// `[` and `]`.
    Brack,
    /// `{` and `}`.
    Brace,
}

/// Parameters, results, type parameters, struct fields or interface elements; the span has the delimiters.
#[derive(Clone, Copy, Debug)]
pub struct FieldList<'t> {
    /// Its delimiter.
    pub delimiter: Delimiter,
    /// [`Node::Field`] nodes.
    pub fields: &'t [NodeId],
}

/// One entry of a field list: `a, b int` is one field with two names.
#[derive(Clone, Copy, Debug)]
pub struct Field<'t> {
    /// Identifiers; empty for unnamed parameters, embedded fields and interface elements.
    pub names: &'t [NodeId],
    /// The type; a [`Node::FuncType`] for an interface method; a [`Node::Ellipsis`] for a variadic parameter.
    pub ty: NodeId,
    /// Struct tag, a string literal.
    pub tag: Option<NodeId>,
}

/// Literal of a basic type.
#[derive(Clone, Copy, Debug)]
pub struct BasicLit {
    /// [`TokenKind::Int`], `Float`, `Imag`, `Char` or `Str`.
    pub kind: TokenKind,
}

/// `...` or `...T`.
#[derive(Clone, Copy, Debug)]
pub struct Ellipsis {
    /// `T`; absent in `[...]T`.
    pub element: Option<NodeId>,
}

/// Function literal.
#[derive(Clone, Copy, Debug)]
pub struct FuncLit {
    /// A [`Node::FuncType`].
    pub ty: NodeId,
    /// A [`Node::Block`].
    pub body: NodeId,
}

/// Composite literal.
#[derive(Clone, Copy, Debug)]
pub struct CompositeLit<'t> {
    /// The type; absent where it is elided inside another composite literal.
    pub ty: Option<NodeId>,
    /// Offset of `{`.
    pub lbrace: u32,
    /// Elements, some of them [`Node::KeyValue`].
    pub elements: &'t [NodeId],
    /// Offset of `}`.
    pub rbrace: u32,
}

/// Parenthesised expression or type.
#[derive(Clone, Copy, Debug)]
pub struct Paren {
    /// The inner expression.
    pub x: NodeId,
}

/// `x.Sel`.
#[derive(Clone, Copy, Debug)]
pub struct Selector {
    /// Before the dot.
    pub x: NodeId,
    /// The identifier after the dot.
    pub sel: NodeId,
}

/// `x[i]` or an instantiation.
#[derive(Clone, Copy, Debug)]
pub struct Index<'t> {
    /// The indexed expression.
    pub x: NodeId,
    /// Offset of `[`.
    pub lbrack: u32,
    /// One index, or the type arguments.
    pub indices: &'t [NodeId],
    /// Offset of `]`.
    pub rbrack: u32,
}

/// `x[low:high:max]`.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// The sliced expression.
    pub x: NodeId,
    /// Offset of `[`.
    pub lbrack: u32,
    /// First bound.
    pub low: Option<NodeId>,
    /// Second bound.
    pub high: Option<NodeId>,
    /// Third bound; present exactly when there are two colons.
    pub max: Option<NodeId>,
    /// Offset of `]`.
    pub rbrack: u32,
}

/// `x.(T)` or `x.(type)`.
#[derive(Clone, Copy, Debug)]
pub struct TypeAssert {
    /// Before the dot.
    pub x: NodeId,
    /// Offset of `(`.
    pub lparen: u32,
    /// `None` for `x.(type)`.
    pub ty: Option<NodeId>,
    /// Offset of `)`.
    pub rparen: u32,
}

/// Call or conversion.
#[derive(Clone, Copy, Debug)]
pub struct Call<'t> {
    /// The callee.
    pub fun: NodeId,
    /// Offset of `(`.
    pub lparen: u32,
    /// Arguments.
    pub args: &'t [NodeId],
    /// Offset of `...` after the last argument.
    pub ellipsis: Option<u32>,
    /// Offset of `)`.
    pub rparen: u32,
}

/// `*x`.
#[derive(Clone, Copy, Debug)]
pub struct Star {
    /// The operand.
    pub x: NodeId,
}

/// Unary expression; the operator is at the start of the span.
#[derive(Clone, Copy, Debug)]
pub struct Unary {
    /// Operator.
    pub op: TokenKind,
    /// Operand.
    pub x: NodeId,
}

/// Binary expression.
#[derive(Clone, Copy, Debug)]
pub struct Binary {
    /// Left operand.
    pub x: NodeId,
    /// Operator.
    pub op: TokenKind,
    /// Offset of the operator.
    pub op_pos: u32,
    /// Right operand.
    pub y: NodeId,
}

/// `key: value`.
#[derive(Clone, Copy, Debug)]
pub struct KeyValue {
    /// Before the colon.
    pub key: NodeId,
    /// Offset of the colon.
    pub colon: u32,
    /// After the colon.
    pub value: NodeId,
}

/// Array or slice type.
#[derive(Clone, Copy, Debug)]
pub struct ArrayType {
    /// Length; a [`Node::Ellipsis`] for `[...]T`; `None` for a slice.
    pub len: Option<NodeId>,
    /// Element type.
    pub element: NodeId,
}

/// Struct type.
#[derive(Clone, Copy, Debug)]
pub struct StructType {
    /// A [`Node::FieldList`] in braces.
    pub fields: NodeId,
}

/// Function type.
#[derive(Clone, Copy, Debug)]
pub struct FuncType {
    /// Whether the span begins with `func` (not for an interface method).
    pub keyword: bool,
    /// A [`Node::FieldList`] in brackets.
    pub type_params: Option<NodeId>,
    /// A [`Node::FieldList`] in parentheses.
    pub params: NodeId,
    /// A [`Node::FieldList`], in parentheses or without.
    pub results: Option<NodeId>,
}

/// Interface type.
#[derive(Clone, Copy, Debug)]
pub struct InterfaceType {
    /// A [`Node::FieldList`] in braces.
    pub methods: NodeId,
}

/// Map type.
#[derive(Clone, Copy, Debug)]
pub struct MapType {
    /// Key type.
    pub key: NodeId,
    /// Value type.
    pub value: NodeId,
}

/// The direction of a channel type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChanDir {
    /// `chan T`
    Both,
    /// `chan<- T`
    Send,
    /// `<-chan T`
    Recv,
}

/// Channel type.
#[derive(Clone, Copy, Debug)]
pub struct ChanType {
    /// Direction.
    pub dir: ChanDir,
    /// Offset of `<-`.
    pub arrow: Option<u32>,
    /// Element type.
    pub value: NodeId,
}

/// Declaration as a statement.
#[derive(Clone, Copy, Debug)]
pub struct DeclStmt {
    /// A [`Node::GenDecl`].
    pub decl: NodeId,
}

/// Empty statement.
#[derive(Clone, Copy, Debug)]
pub struct Empty {
    /// No semicolon in the source: the span is empty.
    pub implicit: bool,
}

/// Labelled statement.
#[derive(Clone, Copy, Debug)]
pub struct Labeled {
    /// Identifier.
    pub label: NodeId,
    /// Offset of the colon.
    pub colon: u32,
    /// The statement.
    pub stmt: NodeId,
}

/// Expression as a statement.
#[derive(Clone, Copy, Debug)]
pub struct ExprStmt {
    /// The expression.
    pub x: NodeId,
}

/// Send statement.
#[derive(Clone, Copy, Debug)]
pub struct Send {
    /// The channel.
    pub chan: NodeId,
    /// Offset of `<-`.
    pub arrow: u32,
    /// The value.
    pub value: NodeId,
}

/// `x++` or `x--`.
#[derive(Clone, Copy, Debug)]
pub struct IncDec {
    /// The operand.
    pub x: NodeId,
    /// [`TokenKind::Inc`] or [`TokenKind::Dec`].
    pub op: TokenKind,
    /// Offset of the operator.
    pub op_pos: u32,
}

/// Assignment or short variable declaration.
#[derive(Clone, Copy, Debug)]
pub struct Assign<'t> {
    /// Left side.
    pub lhs: &'t [NodeId],
    /// `=`, `:=`, or an operator with `=`.
    pub op: TokenKind,
    /// Offset of the operator.
    pub op_pos: u32,
    /// Right side.
    pub rhs: &'t [NodeId],
}

/// `go` or `defer` statement.
#[derive(Clone, Copy, Debug)]
pub struct GoDefer {
    /// A [`Node::Call`].
    pub call: NodeId,
}

/// Return statement; the span ends with the last result, or the keyword.
#[derive(Clone, Copy, Debug)]
pub struct Return<'t> {
    /// The node itself.
    pub id: NodeId,
    /// Span from the keyword to the end of the last result.
    pub span: Span,
    /// The expressions; empty for a bare return.
    pub results: &'t [NodeId],
}

/// `break`, `continue`, `goto` or `fallthrough`.
#[derive(Clone, Copy, Debug)]
pub struct Branch {
    /// The keyword.
    pub keyword: TokenKind,
    /// Identifier.
    pub label: Option<NodeId>,
}

/// Statements (or clauses) in braces.
#[derive(Clone, Copy, Debug)]
pub struct Block<'t> {
    /// Offset of `{`.
    pub lbrace: u32,
    /// Statements.
    pub stmts: &'t [NodeId],
    /// Offset of `}`.
    pub rbrace: u32,
}

/// If statement.
#[derive(Clone, Copy, Debug)]
pub struct If {
    /// Simple statement before the condition.
    pub init: Option<NodeId>,
    /// Condition.
    pub cond: NodeId,
    /// A [`Node::Block`].
    pub body: NodeId,
    /// A [`Node::Block`] or [`Node::If`].
    pub els: Option<NodeId>,
}

/// A clause of a switch; the span ends with the last statement, or the colon.
#[derive(Clone, Copy, Debug)]
pub struct CaseClause<'t> {
    /// Expressions or types; `None` for `default`.
    pub list: Option<&'t [NodeId]>,
    /// Offset of the colon.
    pub colon: u32,
    /// Statements.
    pub body: &'t [NodeId],
}

/// Expression switch.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// Simple statement before the tag.
    pub init: Option<NodeId>,
    /// Tag expression.
    pub tag: Option<NodeId>,
    /// A [`Node::Block`] of [`Node::CaseClause`].
    pub body: NodeId,
}

/// Type switch.
#[derive(Clone, Copy, Debug)]
pub struct TypeSwitch {
    /// Simple statement before the guard.
    pub init: Option<NodeId>,
    /// `x := y.(type)` ([`Node::Assign`]) or `y.(type)` ([`Node::ExprStmt`]).
    pub assign: NodeId,
    /// A [`Node::Block`] of [`Node::CaseClause`].
    pub body: NodeId,
}

/// A clause of a select; the span ends with the last statement, or the colon.
#[derive(Clone, Copy, Debug)]
pub struct CommClause<'t> {
    /// Send, receive or assignment; `None` for `default`.
    pub comm: Option<NodeId>,
    /// Offset of the colon.
    pub colon: u32,
    /// Statements.
    pub body: &'t [NodeId],
}

/// Select statement.
#[derive(Clone, Copy, Debug)]
pub struct Select {
    /// A [`Node::Block`] of [`Node::CommClause`].
    pub body: NodeId,
}

/// For statement without range.
#[derive(Clone, Copy, Debug)]
pub struct For {
    /// First simple statement.
    pub init: Option<NodeId>,
    /// Condition.
    pub cond: Option<NodeId>,
    /// Last simple statement.
    pub post: Option<NodeId>,
    /// A [`Node::Block`].
    pub body: NodeId,
}

/// For statement with range.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// First variable.
    pub key: Option<NodeId>,
    /// Second variable.
    pub value: Option<NodeId>,
    /// `=` or `:=`, if there are variables.
    pub op: Option<TokenKind>,
    /// Offset of the operator.
    pub op_pos: Option<u32>,
    /// Offset of `range`.
    pub range_pos: u32,
    /// The expression that is ranged over.
    pub x: NodeId,
    /// A [`Node::Block`].
    pub body: NodeId,
}

/// A parsed file: tokens, comments and nodes over the source it was given.
#[derive(Clone, Debug)]
pub struct Tree<'s> {
    pub(crate) src: &'s [u8],
    /// Read again from the source when first asked for: the parser does not keep them.
    pub(crate) tokens: OnceLock<Tokens>,
    /// The source as text, if it is UTF-8.
    pub(crate) text: Option<&'s str>,
    pub(crate) comments: Vec<Span>,
    pub(crate) nodes: Vec<Raw>,
    pub(crate) words: Vec<NodeId>,
    pub(crate) root: NodeId,
}

impl<'s> Tree<'s> {
    /// The source as given.
    #[must_use]
    pub fn source(&self) -> &'s [u8] {
        self.src
    }

    /// The [`Node::File`].
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// One more than the greatest [`NodeId::index`].
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The tokens, without white space and comments, and the comments. The tree does not keep tokens: the first
    /// call reads the source again. For identifiers, [`Tree::idents`] is faster.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        self.tokens.get_or_init(|| crate::lex(self.src).0)
    }

    /// All identifiers of the tree, each once, in the order in which the parser made them.
    pub fn idents(&self) -> impl Iterator<Item = NodeId> + '_ {
        let nodes = self.nodes.iter().enumerate().skip(1);
        nodes.filter(|(_, raw)| raw.kind == NodeKind::Ident).map(|(i, _)| NodeId(i as u32))
    }

    /// The identifiers that stand before a dot, as that of a package does, each once, in the order in which the
    /// parser made them.
    pub fn qualifiers(&self) -> impl Iterator<Item = NodeId> + '_ {
        let selectors = self.nodes.iter().skip(1).filter(|raw| raw.kind == NodeKind::Selector);
        selectors.map(|raw| NodeId(raw.a)).filter(|&x| self.kind(x) == NodeKind::Ident)
    }

    /// All comments in source order, without the newline of a `//` comment (a carriage return is included).
    #[must_use]
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// Returns what kind of node it is.
    #[must_use]
    #[inline]
    pub fn kind(&self, id: NodeId) -> NodeKind {
        self.raw(id).kind
    }

    /// Returns where the node is: the same offsets as `Pos` and `End` of `go/ast`, with two exceptions that keep siblings
    /// disjoint: the [`Node::FuncType`] of a declaration begins at its type parameters or parameters, and a
    /// [`Node::File`] ends with its last declaration even if that is [`Node::Bad`].
    #[must_use]
    #[inline]
    pub fn span(&self, id: NodeId) -> Span {
        let raw = self.raw(id);
        Span::new(raw.start, raw.end)
    }

    /// The text of a span; empty if it is outside of the source or no UTF-8 (such a source has an error).
    #[must_use]
    pub fn text(&self, span: Span) -> &'s str {
        match self.text {
            Some(text) => text.get(span.range()).unwrap_or(""),
            None => std::str::from_utf8(self.bytes(span)).unwrap_or(""),
        }
    }

    /// The text of a node.
    #[must_use]
    pub fn node_text(&self, id: NodeId) -> &'s str {
        self.text(self.span(id))
    }

    /// The bytes of a span; empty if it is outside of the source.
    #[must_use]
    pub fn bytes(&self, span: Span) -> &'s [u8] {
        self.src.get(span.range()).unwrap_or(&[])
    }

    /// The token that starts at `offset`, or else the first one after it (comments are no tokens here).
    #[must_use]
    pub fn token_at(&self, offset: u32) -> Token {
        let tokens = self.tokens().significant();
        tokens[tokens.partition_point(|t| t.start < offset).min(tokens.len() - 1)]
    }

    #[inline]
    pub(crate) fn raw(&self, id: NodeId) -> &Raw {
        &self.nodes[id.0 as usize]
    }

    #[inline]
    fn list(&self, at: u32, len: u32) -> &[NodeId] {
        &self.words[at as usize..at as usize + len as usize]
    }

    #[inline]
    fn word(&self, at: u32) -> u32 {
        self.words[at as usize].0
    }

    /// Opens a node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        let raw = self.raw(id);
        let Raw { start, end, a, b, c, tok, .. } = *raw;
        let last = end.saturating_sub(1);
        let (ia, ib, ic) = (NodeId(a), NodeId(b), NodeId(c));
        let offset = |at: u32| (at != 0).then_some(at);
        match raw.kind {
            NodeKind::File => Node::File(File { name: ia.some(), decls: self.list(b, c) }),
            NodeKind::Bad => Node::Bad(BadNode { span: Span::new(start, end) }),
            NodeKind::GenDecl => Node::GenDecl(GenDecl {
                keyword: tok,
                lparen: offset(c),
                rparen: (c != 0).then_some(last),
                specs: self.list(a, b),
            }),
            NodeKind::FuncDecl => {
                let words = self.list(a, 4);
                Node::FuncDecl(FuncDecl {
                    receiver: words[0].some(),
                    name: words[1],
                    ty: words[2],
                    body: words[3].some(),
                })
            }
            NodeKind::ImportSpec => Node::ImportSpec(ImportSpec { name: ia.some(), path: ib }),
            NodeKind::ValueSpec => Node::ValueSpec(ValueSpec {
                names: self.list(a, b),
                ty: ic.some(),
                values: self.list(a + b + 1, self.word(a + b)),
            }),
            NodeKind::TypeSpec => Node::TypeSpec(TypeSpec {
                name: ia,
                type_params: ib.some(),
                alias: raw.flag & flag::ALIAS != 0,
                ty: ic,
            }),
            NodeKind::FieldList => Node::FieldList(FieldList {
                delimiter: match tok {
                    TokenKind::LParen => Delimiter::Paren,
                    TokenKind::LBrack => Delimiter::Brack,
                    TokenKind::LBrace => Delimiter::Brace,
                    _ => Delimiter::None,
                },
                fields: self.list(a, b),
            }),
            NodeKind::Field => Node::Field(Field {
                names: self.list(a, b),
                ty: ic,
                tag: (raw.flag & flag::TAG != 0).then(|| self.words[(a + b) as usize]),
            }),
            NodeKind::Ident => Node::Ident,
            NodeKind::BasicLit => Node::BasicLit(BasicLit { kind: tok }),
            NodeKind::Ellipsis => Node::Ellipsis(Ellipsis { element: ia.some() }),
            NodeKind::FuncLit => Node::FuncLit(FuncLit { ty: ia, body: ib }),
            NodeKind::CompositeLit => Node::CompositeLit(CompositeLit {
                ty: ia.some(),
                lbrace: c,
                elements: self.list(b + 1, self.word(b)),
                rbrace: last,
            }),
            NodeKind::Paren => Node::Paren(Paren { x: ia }),
            NodeKind::Selector => Node::Selector(Selector { x: ia, sel: ib }),
            NodeKind::Index => {
                Node::Index(Index { x: ia, lbrack: c, indices: self.list(b + 1, self.word(b)), rbrack: last })
            }
            NodeKind::Slice => {
                let words = self.list(b, 3);
                Node::Slice(Slice {
                    x: ia,
                    lbrack: c,
                    low: words[0].some(),
                    high: words[1].some(),
                    max: words[2].some(),
                    rbrack: last,
                })
            }
            NodeKind::TypeAssert => {
                Node::TypeAssert(TypeAssert { x: ia, lparen: c, ty: ib.some(), rparen: last })
            }
            NodeKind::Call => Node::Call(Call {
                fun: ia,
                lparen: c,
                ellipsis: offset(self.word(b)),
                args: self.list(b + 2, self.word(b + 1)),
                rparen: last,
            }),
            NodeKind::Star => Node::Star(Star { x: ia }),
            NodeKind::Unary => Node::Unary(Unary { op: tok, x: ia }),
            NodeKind::Binary => Node::Binary(Binary { x: ia, op: tok, op_pos: c, y: ib }),
            NodeKind::KeyValue => Node::KeyValue(KeyValue { key: ia, colon: c, value: ib }),
            NodeKind::ArrayType => Node::ArrayType(ArrayType { len: ia.some(), element: ib }),
            NodeKind::StructType => Node::StructType(StructType { fields: ia }),
            NodeKind::FuncType => Node::FuncType(FuncType {
                keyword: raw.flag & flag::KEYWORD != 0,
                type_params: ia.some(),
                params: ib,
                results: ic.some(),
            }),
            NodeKind::InterfaceType => Node::InterfaceType(InterfaceType { methods: ia }),
            NodeKind::MapType => Node::MapType(MapType { key: ia, value: ib }),
            NodeKind::ChanType => Node::ChanType(ChanType {
                dir: match raw.flag {
                    flag::SEND => ChanDir::Send,
                    flag::RECV => ChanDir::Recv,
                    _ => ChanDir::Both,
                },
                arrow: (raw.flag != flag::SEND | flag::RECV).then_some(c),
                value: ia,
            }),
            NodeKind::DeclStmt => Node::DeclStmt(DeclStmt { decl: ia }),
            NodeKind::Empty => Node::Empty(Empty { implicit: raw.flag & flag::IMPLICIT != 0 }),
            NodeKind::Labeled => Node::Labeled(Labeled { label: ia, colon: c, stmt: ib }),
            NodeKind::ExprStmt => Node::ExprStmt(ExprStmt { x: ia }),
            NodeKind::Send => Node::Send(Send { chan: ia, arrow: c, value: ib }),
            NodeKind::IncDec => Node::IncDec(IncDec { x: ia, op: tok, op_pos: c }),
            NodeKind::Assign => Node::Assign(Assign {
                lhs: self.list(a, b),
                op: tok,
                op_pos: c,
                rhs: self.list(a + b + 1, self.word(a + b)),
            }),
            NodeKind::Go => Node::Go(GoDefer { call: ia }),
            NodeKind::Defer => Node::Defer(GoDefer { call: ia }),
            NodeKind::Return => {
                Node::Return(Return { id, span: Span::new(start, end), results: self.list(a, b) })
            }
            NodeKind::Branch => Node::Branch(Branch { keyword: tok, label: ia.some() }),
            NodeKind::Block => Node::Block(Block { lbrace: start, stmts: self.list(a, b), rbrace: last }),
            NodeKind::If => {
                let words = self.list(c, 2);
                Node::If(If { init: ia.some(), cond: ib, body: words[0], els: words[1].some() })
            }
            NodeKind::CaseClause => Node::CaseClause(CaseClause {
                list: (tok == TokenKind::Case).then(|| self.list(a, b)),
                colon: c,
                body: self.list(a + b + 1, self.word(a + b)),
            }),
            NodeKind::Switch => Node::Switch(Switch { init: ia.some(), tag: ib.some(), body: ic }),
            NodeKind::TypeSwitch => Node::TypeSwitch(TypeSwitch { init: ia.some(), assign: ib, body: ic }),
            NodeKind::CommClause => Node::CommClause(CommClause {
                comm: ia.some(),
                colon: c,
                body: self.list(b + 1, self.word(b)),
            }),
            NodeKind::Select => Node::Select(Select { body: ia }),
            NodeKind::For => {
                let words = self.list(a, 4);
                Node::For(For {
                    init: words[0].some(),
                    cond: words[1].some(),
                    post: words[2].some(),
                    body: words[3],
                })
            }
            NodeKind::Range => {
                let words = self.list(a, 4);
                Node::Range(Range {
                    key: words[0].some(),
                    value: words[1].some(),
                    op: (b != 0).then_some(tok),
                    op_pos: offset(b),
                    range_pos: c,
                    x: words[2],
                    body: words[3],
                })
            }
        }
    }

    /// Calls `f` with every child in source order.
    #[inline]
    pub(crate) fn each_child(&self, id: NodeId, mut f: impl FnMut(NodeId)) {
        let mut one = |id: NodeId| {
            if !id.is_none() {
                f(id);
            }
        };
        let raw = self.raw(id);
        let Raw { a, b, c, .. } = *raw;
        let (ia, ib, ic) = (NodeId(a), NodeId(b), NodeId(c));
        match raw.kind {
            NodeKind::Bad | NodeKind::Ident | NodeKind::BasicLit | NodeKind::Empty => {}
            NodeKind::Ellipsis
            | NodeKind::Paren
            | NodeKind::Star
            | NodeKind::Unary
            | NodeKind::StructType
            | NodeKind::InterfaceType
            | NodeKind::ChanType
            | NodeKind::DeclStmt
            | NodeKind::ExprStmt
            | NodeKind::IncDec
            | NodeKind::Go
            | NodeKind::Defer
            | NodeKind::Branch
            | NodeKind::Select => one(ia),
            NodeKind::ImportSpec
            | NodeKind::FuncLit
            | NodeKind::Selector
            | NodeKind::TypeAssert
            | NodeKind::Binary
            | NodeKind::KeyValue
            | NodeKind::ArrayType
            | NodeKind::MapType
            | NodeKind::Labeled
            | NodeKind::Send => [ia, ib].into_iter().for_each(one),
            NodeKind::TypeSpec | NodeKind::FuncType | NodeKind::Switch | NodeKind::TypeSwitch => {
                [ia, ib, ic].into_iter().for_each(one);
            }
            NodeKind::File => {
                one(ia);
                self.list(b, c).iter().copied().for_each(one);
            }
            NodeKind::GenDecl | NodeKind::FieldList | NodeKind::Return | NodeKind::Block => {
                self.list(a, b).iter().copied().for_each(one);
            }
            NodeKind::FuncDecl | NodeKind::For | NodeKind::Range => {
                self.list(a, 4).iter().copied().for_each(one)
            }
            NodeKind::ValueSpec => {
                self.list(a, b).iter().copied().for_each(&mut one);
                one(ic);
                self.list(a + b + 1, self.word(a + b)).iter().copied().for_each(one);
            }
            NodeKind::Field => {
                self.list(a, b).iter().copied().for_each(&mut one);
                one(ic);
                if raw.flag & flag::TAG != 0 {
                    one(self.words[(a + b) as usize]);
                }
            }
            NodeKind::CompositeLit | NodeKind::Index | NodeKind::CommClause => {
                one(ia);
                self.list(b + 1, self.word(b)).iter().copied().for_each(one);
            }
            NodeKind::Slice => {
                one(ia);
                self.list(b, 3).iter().copied().for_each(one);
            }
            NodeKind::Call => {
                one(ia);
                self.list(b + 2, self.word(b + 1)).iter().copied().for_each(one);
            }
            NodeKind::Assign | NodeKind::CaseClause => {
                self.list(a, b).iter().copied().for_each(&mut one);
                self.list(a + b + 1, self.word(a + b)).iter().copied().for_each(one);
            }
            NodeKind::If => {
                one(ia);
                one(ib);
                self.list(c, 2).iter().copied().for_each(one);
            }
        }
    }
}

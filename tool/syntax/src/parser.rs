//! The parser: recursive descent over the tokens, one token of look-ahead.
//!
//! After an error the parser sees only the end of the file until it is back at the declaration that it was in;
//! that declaration becomes a `Bad` node and parsing goes on at the next one. So no production has to recover,
//! and every loop ends.
use crate::lexer::Lexer;
use crate::tree::{Raw, flag};
use crate::{NodeId, NodeKind, Span, SyntaxError, TokenKind, Tree};
use std::sync::OnceLock;

/// The nesting that is accepted, counted as `go/parser` counts it; deeper files have an error.
pub const MAX_NESTING: u32 = 100_000;

/// Nested calls of the parser on the caller's stack; a file that needs more is parsed on a stack of its own.
const SHALLOW: usize = 120;

/// Enough for [`MAX_NESTING`] also without optimisation; only pages that are used take memory.
const DEEP_STACK: usize = 1 << 30;

/// Parses a file. Total: it returns a tree for every input, with the errors in source order beside it.
///
/// Nesting is limited to [`MAX_NESTING`] like that of `go/parser`. A file that is nested more than a little is
/// parsed on a thread with a large stack, so that no input can overflow the caller's.
#[must_use]
pub fn parse(src: &[u8]) -> (Tree<'_>, Vec<SyntaxError>) {
    let mut too_large = None;
    let mut src = src;
    if src.len() >= u32::MAX as usize {
        too_large = Some(SyntaxError::new(0, "file of 4 GiB or more"));
        src = &[];
    }
    let mut out = Parser::new(src, SHALLOW).run();
    if out.too_deep {
        let deep = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(DEEP_STACK);
            let run = thread.spawn_scoped(scope, || Parser::new(src, MAX_NESTING as usize).run());
            run.ok().and_then(|thread| thread.join().ok())
        });
        if let Some(deep) = deep {
            out = deep;
        }
    }
    let Output { nodes, words, comments, root, mut errors, .. } = out;
    errors.extend(too_large);
    errors.sort();
    let text = std::str::from_utf8(src).ok();
    (Tree { src, tokens: OnceLock::new(), text, comments, nodes, words, root }, errors)
}

struct Output {
    nodes: Vec<Raw>,
    words: Vec<NodeId>,
    comments: Vec<Span>,
    root: NodeId,
    errors: Vec<SyntaxError>,
    too_deep: bool,
}

/// What a simple statement may be.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Basic,
    LabelOk,
    RangeOk,
}

/// The parts of a range clause, until the body is there.
struct RangeClause {
    key: NodeId,
    value: NodeId,
    tok: TokenKind,
    /// 0 without variables.
    op_pos: u32,
    range_pos: u32,
    x: NodeId,
}

/// A parameter as read: a name, a type, or both.
#[derive(Clone, Copy)]
struct Pair {
    name: NodeId,
    ty: NodeId,
}

struct Parser<'s> {
    src: &'s [u8],
    lexer: Lexer<'s>,
    /// Kind of the current token, the last one that the lexer has read; `Eof` after an error until the
    /// declaration is left.
    kind: TokenKind,
    /// End of the token before it.
    prev_end: u32,
    nodes: Vec<Raw>,
    words: Vec<NodeId>,
    /// Lists under construction.
    scratch: Vec<NodeId>,
    pairs: Vec<Pair>,
    errors: Vec<SyntaxError>,
    /// Below 0 directly in the header of an if, for or switch, where `{` begins the body.
    expr_lev: i32,
    /// Depth as `go/parser` counts it, and of our own recursion.
    nesting: u32,
    /// Not of the same size as `nesting`: they would be updated as one word, and wait for each other.
    depth: usize,
    max_depth: usize,
    /// Set by an error until the declaration is left: the kind of the offending token.
    failed: Option<TokenKind>,
    too_deep: bool,
}

const NONE: NodeId = NodeId::NONE;

/// Whether a token may continue an operand.
static POSTFIX: [bool; 256] = {
    let mut table = [false; 256];
    table[TokenKind::Dot as usize] = true;
    table[TokenKind::LBrack as usize] = true;
    table[TokenKind::LParen as usize] = true;
    table[TokenKind::LBrace as usize] = true;
    table
};

impl<'s> Parser<'s> {
    fn new(src: &'s [u8], max_depth: usize) -> Self {
        let mut lexer = Lexer::new(src);
        let kind = lexer.scan();
        // Index 0 is "no node".
        let none =
            Raw { start: 0, end: 0, a: 0, b: 0, c: 0, kind: NodeKind::Bad, tok: TokenKind::Eof, flag: 0 };
        // Enough for all but the densest files: what is not used is never touched, and moving the list costs more.
        let mut nodes = Vec::with_capacity(src.len() / 4 + 8);
        nodes.push(none);
        Parser {
            src,
            lexer,
            kind,
            prev_end: 0,
            nodes,
            words: Vec::with_capacity(src.len() / 6 + 8),
            scratch: Vec::with_capacity(64),
            pairs: Vec::new(),
            errors: Vec::new(),
            expr_lev: 0,
            nesting: 0,
            depth: 0,
            max_depth,
            failed: None,
            too_deep: false,
        }
    }

    fn run(mut self) -> Output {
        let root = self.file();
        // The rest of a file that was given up still has comments and errors.
        while self.lexer.scan() != TokenKind::Eof {}
        let Parser { nodes, words, mut errors, too_deep, lexer, .. } = self;
        errors.extend(lexer.errors);
        Output { nodes, words, comments: lexer.comments, root, errors, too_deep }
    }

    // ---- tokens

    #[inline]
    fn start(&self) -> u32 {
        self.lexer.start()
    }

    /// End of the token before the current one.
    #[inline]
    fn prev_end(&self) -> u32 {
        self.prev_end
    }

    #[inline]
    fn next(&mut self) {
        if self.kind != TokenKind::Eof {
            self.prev_end = self.lexer.end();
            self.kind = self.lexer.scan();
        }
    }

    #[inline]
    fn got(&mut self, kind: TokenKind) -> bool {
        let yes = self.kind == kind;
        if yes {
            self.next();
        }
        yes
    }

    /// Consumes a token of this kind and gives its offset.
    #[inline]
    fn expect(&mut self, kind: TokenKind) -> u32 {
        let start = self.start();
        if self.kind == kind {
            self.next();
        } else {
            self.expected(kind);
        }
        start
    }

    /// The end of a statement, specification or field: a semicolon, which a closing bracket makes optional.
    #[inline]
    fn semi(&mut self) {
        match self.kind {
            TokenKind::Semi | TokenKind::AutoSemi => self.next(),
            TokenKind::RParen | TokenKind::RBrace => {}
            _ => self.unexpected("';'"),
        }
    }

    #[cold]
    #[inline(never)]
    fn expected(&mut self, kind: TokenKind) {
        self.unexpected(&format!("'{kind}'"));
    }

    #[cold]
    #[inline(never)]
    fn unexpected(&mut self, expected: &str) {
        let found = match self.kind {
            TokenKind::Eof | TokenKind::Error | TokenKind::AutoSemi => self.kind.text().to_owned(),
            kind if kind.is_literal() || kind == TokenKind::Ident => kind.text().to_owned(),
            kind => format!("'{kind}'"),
        };
        let message = format!("expected {expected}, found {found}");
        self.fail(message);
    }

    /// An error at the current token that ends the declaration.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, message: impl Into<String>) {
        self.fail_at(self.start(), message);
    }

    #[cold]
    #[inline(never)]
    fn fail_at(&mut self, offset: u32, message: impl Into<String>) {
        if self.failed.is_none() {
            self.errors.push(SyntaxError::new(offset, message));
            self.failed = Some(self.kind);
        }
        self.kind = TokenKind::Eof;
    }

    /// One level down, counted like `go/parser`.
    #[inline]
    fn nest(&mut self) {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            self.over_limit();
        }
    }

    /// One level down where this parser recurses.
    #[inline]
    fn enter(&mut self) {
        self.depth += 1;
        if self.depth > self.max_depth {
            self.over_limit();
        }
        self.nest();
    }

    #[inline]
    fn leave(&mut self) {
        self.depth -= 1;
        self.nesting -= 1;
    }

    #[cold]
    #[inline(never)]
    fn over_limit(&mut self) {
        self.too_deep = true;
        self.fail("exceeded max nesting depth");
    }

    // ---- nodes

    #[inline]
    fn push(&mut self, raw: Raw) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(raw);
        id
    }

    #[inline]
    fn node(&mut self, kind: NodeKind, start: u32, end: u32, words: [u32; 3]) -> NodeId {
        let [a, b, c] = words;
        self.push(Raw { start, end, a, b, c, kind, tok: TokenKind::Eof, flag: 0 })
    }

    #[inline]
    fn node_tok(&mut self, kind: NodeKind, tok: TokenKind, start: u32, end: u32, words: [u32; 3]) -> NodeId {
        let [a, b, c] = words;
        self.push(Raw { start, end, a, b, c, kind, tok, flag: 0 })
    }

    #[inline]
    fn start_of(&self, id: NodeId) -> u32 {
        self.nodes[id.0 as usize].start
    }

    #[inline]
    fn end_of(&self, id: NodeId) -> u32 {
        self.nodes[id.0 as usize].end
    }

    #[inline]
    fn kind_of(&self, id: NodeId) -> NodeKind {
        self.nodes[id.0 as usize].kind
    }

    /// A leaf for the current token, consumed.
    #[inline]
    fn leaf(&mut self, kind: NodeKind) -> NodeId {
        let (tok, start, end) = (self.kind, self.lexer.start(), self.lexer.end());
        self.next();
        self.node_tok(kind, tok, start, end, [0; 3])
    }

    #[cold]
    fn bad(&mut self) -> NodeId {
        let at = self.start();
        self.node(NodeKind::Bad, at, at, [0; 3])
    }

    /// Moves the list that was begun at `mark` into the words: offset and length.
    #[inline]
    fn list(&mut self, mark: usize) -> (u32, u32) {
        let at = self.words.len() as u32;
        let len = (self.scratch.len() - mark) as u32;
        self.words.extend_from_slice(&self.scratch[mark..]);
        self.scratch.truncate(mark);
        (at, len)
    }

    /// Moves the lists `mark..middle` and `middle..` into the words, with the length of the second between
    /// them: offset and length of the first.
    #[inline]
    fn two_lists(&mut self, mark: usize, middle: usize) -> (u32, u32) {
        let at = self.words.len() as u32;
        let len = (middle - mark) as u32;
        self.words.extend_from_slice(&self.scratch[mark..middle]);
        self.words.push(NodeId((self.scratch.len() - middle) as u32));
        self.words.extend_from_slice(&self.scratch[middle..]);
        self.scratch.truncate(mark);
        (at, len)
    }

    /// Moves the list that was begun at `mark` into the words, after `head` and its length: the offset.
    #[inline]
    fn counted_list(&mut self, mark: usize) -> u32 {
        let at = self.words.len() as u32;
        self.words.push(NodeId((self.scratch.len() - mark) as u32));
        self.words.extend_from_slice(&self.scratch[mark..]);
        self.scratch.truncate(mark);
        at
    }

    #[inline]
    fn words(&mut self, words: &[NodeId]) -> u32 {
        let at = self.words.len() as u32;
        self.words.extend_from_slice(words);
        at
    }

    // ---- file and declarations

    fn file(&mut self) -> NodeId {
        let start = self.start();
        self.expect(TokenKind::Package);
        let name = self.ident();
        self.semi();
        if self.failed.is_some() {
            // Most likely no Go file at all.
            self.nodes.truncate(1);
            self.words.clear();
            return self.node(NodeKind::File, start, start, [0; 3]);
        }
        let mut decls = Vec::new();
        let mut end = self.end_of(name);
        let mut imports = true;
        while self.kind != TokenKind::Eof {
            if self.kind != TokenKind::Import {
                imports = false;
            } else if !imports {
                let at = self.start();
                self.errors.push(SyntaxError::new(at, "imports must appear before other declarations"));
                imports = true;
            }
            let mark = (self.nodes.len(), self.words.len(), self.start());
            let mut decl = self.decl();
            if let Some(offender) = self.failed {
                if self.too_deep {
                    break;
                }
                decl = self.recover(mark, offender);
            }
            end = self.end_of(decl);
            decls.push(decl);
        }
        let at = self.words(&decls);
        self.node(NodeKind::File, start, end, [name.0, at, decls.len() as u32])
    }

    /// Replaces the declaration that began at `mark` by a `Bad` node that reaches to the next line that begins
    /// with a declaration keyword.
    #[cold]
    fn recover(&mut self, mark: (usize, usize, u32), offender: TokenKind) -> NodeId {
        let (nodes, words, start) = mark;
        self.nodes.truncate(nodes);
        self.words.truncate(words);
        self.scratch.clear();
        self.pairs.clear();
        self.expr_lev = 0;
        self.nesting = 0;
        self.depth = 0;
        self.failed = None;
        self.kind = offender;
        let mut end = self.prev_end;
        while self.kind != TokenKind::Eof && !(self.start() > start && self.at_decl()) {
            self.next();
            end = self.prev_end;
        }
        self.node(NodeKind::Bad, start, end.max(start), [0; 3])
    }

    /// Whether a declaration keyword is the first thing on its line.
    fn at_decl(&self) -> bool {
        let keyword = matches!(
            self.kind,
            TokenKind::Func | TokenKind::Var | TokenKind::Const | TokenKind::Type | TokenKind::Import
        );
        let start = self.start() as usize;
        keyword && (start == 0 || self.src[start - 1] == b'\n')
    }

    fn decl(&mut self) -> NodeId {
        match self.kind {
            TokenKind::Func => self.func_decl(),
            TokenKind::Import | TokenKind::Const | TokenKind::Var | TokenKind::Type => self.gen_decl(),
            _ => {
                self.unexpected("declaration");
                NONE
            }
        }
    }

    fn gen_decl(&mut self) -> NodeId {
        let keyword = self.kind;
        let start = self.start();
        self.next();
        let mark = self.scratch.len();
        let mut lparen = 0;
        let end;
        if self.kind == TokenKind::LParen {
            lparen = self.start();
            self.next();
            while self.kind != TokenKind::RParen && self.kind != TokenKind::Eof {
                let spec = self.spec(keyword);
                self.scratch.push(spec);
            }
            self.expect(TokenKind::RParen);
            end = self.prev_end();
            self.semi();
        } else {
            let spec = self.spec(keyword);
            end = self.end_of(spec);
            self.scratch.push(spec);
        }
        let (at, len) = self.list(mark);
        self.node_tok(NodeKind::GenDecl, keyword, start, end, [at, len, lparen])
    }

    fn spec(&mut self, keyword: TokenKind) -> NodeId {
        match keyword {
            TokenKind::Import => self.import_spec(),
            TokenKind::Type => self.type_spec(),
            _ => self.value_spec(keyword),
        }
    }

    fn import_spec(&mut self) -> NodeId {
        let start = self.start();
        let name = match self.kind {
            TokenKind::Ident | TokenKind::Dot => self.leaf(NodeKind::Ident),
            _ => NONE,
        };
        let path = if self.kind == TokenKind::Str {
            self.leaf(NodeKind::BasicLit)
        } else {
            let literal = self.kind.is_literal();
            self.fail(if literal { "import path must be a string" } else { "missing import path" });
            self.bad()
        };
        let end = self.end_of(path);
        self.semi();
        self.node(NodeKind::ImportSpec, start, end, [name.0, path.0, 0])
    }

    fn value_spec(&mut self, keyword: TokenKind) -> NodeId {
        let start = self.start();
        let mark = self.scratch.len();
        self.ident_list();
        let middle = self.scratch.len();
        let mut ty = NONE;
        if keyword == TokenKind::Var {
            if self.kind != TokenKind::Assign {
                ty = self.ty();
            }
        } else if !matches!(self.kind, TokenKind::Semi | TokenKind::AutoSemi | TokenKind::RParen) {
            ty = self.try_type();
        }
        if self.got(TokenKind::Assign) {
            self.expr_list();
        }
        let end = self.prev_end();
        self.semi();
        let (at, len) = self.two_lists(mark, middle);
        self.node(NodeKind::ValueSpec, start, end, [at, len, ty.0])
    }

    fn type_spec(&mut self) -> NodeId {
        let name = self.ident();
        let mut params = NONE;
        let ty;
        let mut alias = false;
        if self.kind == TokenKind::LBrack {
            let lbrack = self.start();
            self.next();
            if self.kind == TokenKind::Ident {
                // An array length, or type parameters. Both begin with an expression, but for a constraint that
                // begins with a bracket ("P []E"), which cannot follow an array length: indexing is not constant.
                let mut x = self.leaf(NodeKind::Ident);
                if self.kind != TokenKind::LBrack {
                    self.expr_lev += 1;
                    let lhs = self.primary(x);
                    x = self.binary_rest(lhs, 1);
                    self.expr_lev -= 1;
                }
                match self.split_type_param(x, self.kind == TokenKind::Comma) {
                    Some((param, constraint)) if !constraint.is_none() || self.kind != TokenKind::RBrack => {
                        params = self.type_params_after(lbrack, param, constraint);
                        alias = self.got(TokenKind::Assign);
                        ty = self.ty();
                    }
                    _ => ty = self.array_type(lbrack, x),
                }
            } else {
                ty = self.array_type(lbrack, NONE);
            }
        } else {
            alias = self.got(TokenKind::Assign);
            ty = self.ty();
        }
        let (start, end) = (self.start_of(name), self.end_of(ty));
        self.semi();
        let id = self.node(NodeKind::TypeSpec, start, end, [name.0, params.0, ty.0]);
        if alias {
            self.nodes[id.0 as usize].flag = flag::ALIAS;
        }
        id
    }

    /// Splits an expression `P *C`, `P (C)` or `P *C|D` into the name of a type parameter and the beginning of
    /// its constraint, if the constraint can only be a type or `force` is set; a single name gives no
    /// constraint. The parts are made of the nodes of `x`.
    fn split_type_param(&mut self, x: NodeId, force: bool) -> Option<(NodeId, NodeId)> {
        if self.kind_of(x) == NodeKind::Ident {
            return Some((x, NONE));
        }
        // Down the left side of a union, where the name is.
        let mut force = force;
        let mut unions = Vec::new();
        let mut first = x;
        loop {
            let raw = self.nodes[first.0 as usize];
            if raw.kind != NodeKind::Binary || raw.tok != TokenKind::Or {
                break;
            }
            unions.push(first);
            force |= self.is_type_elem(NodeId(raw.b));
            first = NodeId(raw.a);
        }
        let raw = self.nodes[first.0 as usize];
        let name = NodeId(raw.a);
        if !matches!(raw.kind, NodeKind::Binary | NodeKind::Call) || self.kind_of(name) != NodeKind::Ident {
            return None;
        }
        let mut constraint = if raw.kind == NodeKind::Binary {
            let y = NodeId(raw.b);
            if raw.tok != TokenKind::Star || !(force || self.is_type_elem(y)) {
                return None;
            }
            self.node(NodeKind::Star, raw.c, raw.end, [y.0, 0, 0])
        } else {
            // Ellipsis, number of arguments, arguments.
            let words = &self.words[raw.b as usize..];
            if words[0].0 != 0 || words[1].0 != 1 {
                return None;
            }
            let arg = words[2];
            if !(force || self.is_type_elem(arg)) {
                return None;
            }
            self.node(NodeKind::Paren, raw.c, raw.end, [arg.0, 0, 0])
        };
        let start = self.start_of(constraint);
        for &union in unions.iter().rev() {
            let raw = &mut self.nodes[union.0 as usize];
            raw.a = constraint.0;
            raw.start = start;
            constraint = union;
        }
        Some((name, constraint))
    }

    /// Whether an expression can only be a type or a constraint.
    fn is_type_elem(&self, x: NodeId) -> bool {
        let mut todo = vec![x];
        while let Some(x) = todo.pop() {
            let raw = &self.nodes[x.0 as usize];
            match raw.kind {
                NodeKind::ArrayType
                | NodeKind::StructType
                | NodeKind::FuncType
                | NodeKind::InterfaceType
                | NodeKind::MapType
                | NodeKind::ChanType => return true,
                NodeKind::Unary if raw.tok == TokenKind::Tilde => return true,
                NodeKind::Binary => todo.extend([NodeId(raw.a), NodeId(raw.b)]),
                NodeKind::Paren => todo.push(NodeId(raw.a)),
                _ => {}
            }
        }
        false
    }

    fn func_decl(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        let receiver = if self.kind == TokenKind::LParen { self.params(true) } else { NONE };
        let name = self.ident();
        let type_params = if self.kind == TokenKind::LBrack { self.type_params() } else { NONE };
        let ty = self.signature(type_params);
        let mut end = self.end_of(ty);
        let mut body = NONE;
        match self.kind {
            TokenKind::LBrace => {
                body = self.block();
                end = self.end_of(body);
                self.semi();
            }
            TokenKind::Semi | TokenKind::AutoSemi => {
                self.next();
                if self.kind == TokenKind::LBrace {
                    self.fail("unexpected semicolon or newline before {");
                }
            }
            _ => self.semi(),
        }
        let at = self.words(&[receiver, name, ty, body]);
        self.node(NodeKind::FuncDecl, start, end, [at, 0, 0])
    }

    // ---- names

    #[inline]
    fn ident(&mut self) -> NodeId {
        if self.kind == TokenKind::Ident {
            self.leaf(NodeKind::Ident)
        } else {
            self.unexpected("identifier");
            self.bad()
        }
    }

    /// Onto the scratch list.
    fn ident_list(&mut self) {
        let name = self.ident();
        self.scratch.push(name);
        while self.got(TokenKind::Comma) {
            let name = self.ident();
            self.scratch.push(name);
        }
    }

    // ---- types

    fn ty(&mut self) -> NodeId {
        let ty = self.try_type();
        if ty.is_none() {
            self.unexpected("type");
            return self.bad();
        }
        ty
    }

    /// A type, or none.
    fn try_type(&mut self) -> NodeId {
        self.enter();
        let start = self.start();
        let ty = match self.kind {
            TokenKind::Ident => {
                let name = self.leaf(NodeKind::Ident);
                self.qualified(name)
            }
            TokenKind::LBrack => {
                self.next();
                self.array_type(start, NONE)
            }
            TokenKind::Star => {
                self.next();
                let x = self.ty();
                let end = self.end_of(x);
                self.node(NodeKind::Star, start, end, [x.0, 0, 0])
            }
            TokenKind::Func => self.func_type(),
            TokenKind::Struct => self.struct_type(),
            TokenKind::Interface => self.interface_type(),
            TokenKind::Map => {
                self.next();
                self.expect(TokenKind::LBrack);
                let key = self.ty();
                self.expect(TokenKind::RBrack);
                let value = self.ty();
                let end = self.end_of(value);
                self.node(NodeKind::MapType, start, end, [key.0, value.0, 0])
            }
            TokenKind::Chan | TokenKind::Arrow => self.chan_type(),
            TokenKind::LParen => {
                self.next();
                let x = self.ty();
                self.expect(TokenKind::RParen);
                let end = self.prev_end();
                self.node(NodeKind::Paren, start, end, [x.0, 0, 0])
            }
            _ => NONE,
        };
        self.leave();
        ty
    }

    /// A type name after its first identifier: `.Sel`, if there, and type arguments.
    #[inline]
    fn qualified(&mut self, name: NodeId) -> NodeId {
        let ty = self.type_name(name);
        if self.kind == TokenKind::LBrack { self.type_instance(ty) } else { ty }
    }

    /// A type name after its first identifier, without type arguments.
    #[inline]
    fn type_name(&mut self, name: NodeId) -> NodeId {
        if self.got(TokenKind::Dot) {
            let sel = self.ident();
            let (start, end) = (self.start_of(name), self.end_of(sel));
            return self.node(NodeKind::Selector, start, end, [name.0, sel.0, 0]);
        }
        name
    }

    fn type_instance(&mut self, x: NodeId) -> NodeId {
        let lbrack = self.expect(TokenKind::LBrack);
        let mark = self.scratch.len();
        self.expr_lev += 1;
        while self.kind != TokenKind::RBrack && self.kind != TokenKind::Eof {
            let ty = self.ty();
            self.scratch.push(ty);
            if !self.comma(TokenKind::RBrack, "type argument list") {
                break;
            }
        }
        self.expr_lev -= 1;
        if self.scratch.len() == mark {
            self.unexpected("type argument list");
        }
        self.expect(TokenKind::RBrack);
        self.index(x, lbrack, mark)
    }

    /// `x[...]` with the indices on the scratch list, after `]`.
    fn index(&mut self, x: NodeId, lbrack: u32, mark: usize) -> NodeId {
        let (start, end) = (self.start_of(x), self.prev_end());
        let at = self.counted_list(mark);
        self.node(NodeKind::Index, start, end, [x.0, at, lbrack])
    }

    /// In a list: consumes a comma, or sees that the list is closed; anything else is an error.
    #[inline]
    fn comma(&mut self, close: TokenKind, context: &str) -> bool {
        if self.got(TokenKind::Comma) {
            return true;
        }
        if self.kind != close {
            self.missing_comma(context);
        }
        false
    }

    #[cold]
    fn missing_comma(&mut self, context: &str) {
        let newline = if self.kind == TokenKind::AutoSemi { " before newline" } else { "" };
        self.fail(format!("missing ','{newline} in {context}"));
    }

    /// An array or slice type after `[`, or after its length if there is one.
    fn array_type(&mut self, lbrack: u32, len: NodeId) -> NodeId {
        let mut len = len;
        if len.is_none() {
            self.expr_lev += 1;
            if self.kind == TokenKind::Ellipsis {
                len = self.leaf(NodeKind::Ellipsis);
            } else if self.kind != TokenKind::RBrack {
                len = self.expr();
            }
            self.expr_lev -= 1;
        }
        if self.kind == TokenKind::Comma {
            self.fail("unexpected comma; expecting ]");
        }
        self.expect(TokenKind::RBrack);
        let element = self.ty();
        let end = self.end_of(element);
        self.node(NodeKind::ArrayType, lbrack, end, [len.0, element.0, 0])
    }

    /// At the bracket of `x []E`, `x [N]E` or `x[T1, T2]`: a name and a type, or only a type.
    fn array_field_or_instance(&mut self, x: NodeId) -> Pair {
        let lbrack = self.expect(TokenKind::LBrack);
        let mark = self.scratch.len();
        let mut trailing_comma = None;
        if self.kind != TokenKind::RBrack {
            self.expr_lev += 1;
            let arg = self.expr();
            self.scratch.push(arg);
            while self.kind == TokenKind::Comma {
                let comma = self.start();
                self.next();
                if self.kind == TokenKind::RBrack {
                    trailing_comma = Some(comma);
                    break;
                }
                let arg = self.expr();
                self.scratch.push(arg);
            }
            self.expr_lev -= 1;
        }
        self.expect(TokenKind::RBrack);
        match self.scratch.len() - mark {
            0 => {
                let element = self.ty();
                let end = self.end_of(element);
                let ty = self.node(NodeKind::ArrayType, lbrack, end, [0, element.0, 0]);
                return Pair { name: x, ty };
            }
            1 => {
                let element = self.try_type();
                if !element.is_none() {
                    if let Some(comma) = trailing_comma {
                        self.fail_at(comma, "unexpected comma; expecting ]");
                    }
                    let len = self.scratch[mark];
                    self.scratch.truncate(mark);
                    let end = self.end_of(element);
                    let ty = self.node(NodeKind::ArrayType, lbrack, end, [len.0, element.0, 0]);
                    return Pair { name: x, ty };
                }
            }
            _ => {}
        }
        Pair { name: NONE, ty: self.index(x, lbrack, mark) }
    }

    fn struct_type(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        let lbrace = self.expect(TokenKind::LBrace);
        let mark = self.scratch.len();
        while matches!(self.kind, TokenKind::Ident | TokenKind::Star | TokenKind::LParen) {
            let field = self.struct_field();
            self.scratch.push(field);
        }
        self.expect(TokenKind::RBrace);
        let end = self.prev_end();
        let fields = self.field_list(TokenKind::LBrace, lbrace, end, mark);
        self.node(NodeKind::StructType, start, end, [fields.0, 0, 0])
    }

    fn field_list(&mut self, open: TokenKind, start: u32, end: u32, mark: usize) -> NodeId {
        let (at, len) = self.list(mark);
        self.node_tok(NodeKind::FieldList, open, start, end, [at, len, 0])
    }

    fn struct_field(&mut self) -> NodeId {
        let start = self.start();
        let mark = self.scratch.len();
        let ty = match self.kind {
            TokenKind::Ident => {
                let name = self.leaf(NodeKind::Ident);
                match self.kind {
                    TokenKind::Dot => self.qualified(name),
                    TokenKind::Str | TokenKind::Semi | TokenKind::AutoSemi | TokenKind::RBrace => name,
                    TokenKind::LBrack => {
                        let pair = self.array_field_or_instance(name);
                        if !pair.name.is_none() {
                            self.scratch.push(name);
                        }
                        pair.ty
                    }
                    _ => {
                        self.scratch.push(name);
                        while self.got(TokenKind::Comma) {
                            let name = self.ident();
                            self.scratch.push(name);
                        }
                        self.ty()
                    }
                }
            }
            TokenKind::Star => {
                self.next();
                if self.kind == TokenKind::LParen {
                    self.fail("cannot parenthesize embedded type");
                }
                let name = self.ident();
                let x = self.qualified(name);
                let end = self.end_of(x);
                self.node(NodeKind::Star, start, end, [x.0, 0, 0])
            }
            _ => {
                self.fail("cannot parenthesize embedded type");
                self.bad()
            }
        };
        let mut end = self.end_of(ty);
        let names = self.list(mark);
        let mut tag = NONE;
        if self.kind == TokenKind::Str {
            tag = self.leaf(NodeKind::BasicLit);
            end = self.end_of(tag);
        }
        self.semi();
        self.field(names, ty, tag, start, end)
    }

    /// A field whose names (if any) are the last words.
    fn field(&mut self, names: (u32, u32), ty: NodeId, tag: NodeId, start: u32, end: u32) -> NodeId {
        let (at, len) = names;
        let id = self.node(NodeKind::Field, start, end, [at, len, ty.0]);
        if !tag.is_none() {
            debug_assert_eq!((at + len) as usize, self.words.len());
            self.words.push(tag);
            self.nodes[id.0 as usize].flag = flag::TAG;
        }
        id
    }

    /// A field without names and tag.
    #[inline]
    fn unnamed_field(&mut self, ty: NodeId) -> NodeId {
        let (start, end) = (self.start_of(ty), self.end_of(ty));
        self.node(NodeKind::Field, start, end, [0, 0, ty.0])
    }

    fn func_type(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        if self.kind == TokenKind::LBrack {
            self.fail("function type must have no type parameters");
        }
        let ty = self.signature(NONE);
        let raw = &mut self.nodes[ty.0 as usize];
        raw.start = start;
        raw.flag = flag::KEYWORD;
        ty
    }

    /// Parameters and results: a function type without its keyword.
    fn signature(&mut self, type_params: NodeId) -> NodeId {
        let params = self.params(true);
        let results = if self.kind == TokenKind::LParen {
            self.params(false)
        } else {
            let ty = self.try_type();
            if ty.is_none() {
                NONE
            } else {
                let mark = self.scratch.len();
                let field = self.unnamed_field(ty);
                self.scratch.push(field);
                let (start, end) = (self.start_of(ty), self.end_of(ty));
                self.field_list(TokenKind::Eof, start, end, mark)
            }
        };
        let start = self.start_of(if type_params.is_none() { params } else { type_params });
        let end = self.end_of(if results.is_none() { params } else { results });
        self.node(NodeKind::FuncType, start, end, [type_params.0, params.0, results.0])
    }

    fn params(&mut self, variadic: bool) -> NodeId {
        let start = self.expect(TokenKind::LParen);
        let mark = self.scratch.len();
        if self.kind != TokenKind::RParen {
            self.param_list(NONE, NONE, TokenKind::RParen, variadic);
        }
        self.expect(TokenKind::RParen);
        let end = self.prev_end();
        self.field_list(TokenKind::LParen, start, end, mark)
    }

    fn type_params(&mut self) -> NodeId {
        let lbrack = self.expect(TokenKind::LBrack);
        if self.kind == TokenKind::RBrack {
            self.fail("empty type parameter list");
        }
        self.type_params_after(lbrack, NONE, NONE)
    }

    /// Type parameters after `[` and, if there, the first name and the beginning of its constraint.
    fn type_params_after(&mut self, lbrack: u32, name: NodeId, constraint: NodeId) -> NodeId {
        let mark = self.scratch.len();
        self.param_list(name, constraint, TokenKind::RBrack, false);
        self.expect(TokenKind::RBrack);
        let end = self.prev_end();
        self.field_list(TokenKind::LBrack, lbrack, end, mark)
    }

    fn param_list(&mut self, name0: NodeId, ty0: NodeId, close: TokenKind, variadic: bool) {
        let type_params = close == TokenKind::RBrack;
        let first = if name0.is_none() { self.start() } else { self.start_of(name0) };
        let mark = self.pairs.len();
        let mut pending = (!name0.is_none()).then_some(Pair { name: name0, ty: ty0 });
        let (mut named, mut typed) = (0, 0);
        while pending.is_some() || self.kind != close && self.kind != TokenKind::Eof {
            let pair = match pending.take() {
                Some(Pair { name, ty }) if !ty.is_none() => {
                    let ty = if type_params { self.union_rest(ty) } else { ty };
                    Pair { name, ty }
                }
                Some(Pair { name, .. }) => self.param(name, type_params),
                None => self.param(NONE, type_params),
            };
            named += usize::from(!pair.name.is_none() && !pair.ty.is_none());
            typed += usize::from(!pair.ty.is_none());
            self.pairs.push(pair);
            if !self.comma(close, "parameter list") {
                break;
            }
        }
        self.distribute_types(mark, named, typed, type_params, first);
        let count = self.pairs.len() - mark;
        for i in mark..mark + count {
            let ty = self.pairs[i].ty;
            if self.kind_of(ty) == NodeKind::Ellipsis && (!variadic || i + 1 < mark + count) {
                let at = self.start_of(ty);
                let message =
                    if variadic { "can only use ... with final parameter" } else { "invalid use of '...'" };
                self.fail_at(at, message);
            }
        }
        // One field for each unnamed parameter, and for each run of names with one type.
        let mut i = mark;
        while i < mark + count {
            let Pair { name, ty } = self.pairs[i];
            i += 1;
            if name.is_none() {
                let field = self.unnamed_field(ty);
                self.scratch.push(field);
                continue;
            }
            let at = self.words.len() as u32;
            self.words.push(name);
            while i < mark + count && self.pairs[i].ty == ty {
                let name = self.pairs[i].name;
                self.words.push(name);
                i += 1;
            }
            let len = self.words.len() as u32 - at;
            let (start, end) = (self.start_of(name), self.end_of(ty));
            let field = self.node(NodeKind::Field, start, end, [at, len, ty.0]);
            self.scratch.push(field);
        }
        self.pairs.truncate(mark);
    }

    /// Gives every parameter its type: a lone name is a type if no parameter is named, else it has the type of
    /// the parameter after it.
    fn distribute_types(&mut self, mark: usize, named: usize, typed: usize, type_params: bool, first: u32) {
        let count = self.pairs.len() - mark;
        if count == 0 || self.failed.is_some() {
            // Nothing of this is kept.
            for pair in &mut self.pairs[mark..] {
                pair.ty = if pair.ty.is_none() { pair.name } else { pair.ty };
            }
            return;
        }
        if named == 0 {
            for pair in &mut self.pairs[mark..] {
                if !pair.name.is_none() {
                    *pair = Pair { name: NONE, ty: pair.name };
                }
            }
            if type_params {
                if typed == 0 {
                    self.fail("missing type constraint");
                } else {
                    let or_length = if count == 1 { " or invalid array length" } else { "" };
                    self.fail_at(first, format!("missing type parameter name{or_length}"));
                }
            }
            return;
        }
        if named == count {
            return;
        }
        let mut ty = NONE;
        let mut error = None;
        for i in (mark..mark + count).rev() {
            let pair = self.pairs[i];
            if !pair.ty.is_none() {
                ty = pair.ty;
                if pair.name.is_none() {
                    error = Some(self.start_of(ty));
                }
            } else if !ty.is_none() {
                self.pairs[i].ty = ty;
            } else {
                error = Some(self.start_of(pair.name));
                self.pairs[i].ty = pair.name;
            }
        }
        if let Some(at) = error {
            match (named == typed, type_params) {
                (true, true) => self.fail("missing type constraint"),
                (true, false) => self.fail("missing parameter type"),
                (false, true) => self.fail_at(at, "missing type parameter name"),
                (false, false) => self.fail_at(at, "missing parameter name"),
            }
        }
    }

    /// One parameter, whose name may have been read already.
    fn param(&mut self, name: NodeId, type_params: bool) -> Pair {
        let mut pair = Pair { name, ty: NONE };
        if name.is_none() {
            match self.kind {
                TokenKind::Tilde if type_params => {
                    pair.ty = self.union();
                    return pair;
                }
                TokenKind::Ident => pair.name = self.leaf(NodeKind::Ident),
                TokenKind::Ellipsis => {
                    pair.ty = self.dots_type();
                    return pair;
                }
                _ => {
                    pair.ty = self.try_type();
                    if pair.ty.is_none() {
                        self.unexpected("')'");
                        pair.ty = self.bad();
                    }
                }
            }
        }
        if !pair.name.is_none() {
            match self.kind {
                TokenKind::Ident
                | TokenKind::Star
                | TokenKind::Arrow
                | TokenKind::Func
                | TokenKind::Chan
                | TokenKind::Map
                | TokenKind::Struct
                | TokenKind::Interface
                | TokenKind::LParen => pair.ty = self.ty(),
                TokenKind::LBrack => pair = self.array_field_or_instance(pair.name),
                TokenKind::Ellipsis => {
                    pair.ty = self.dots_type();
                    return pair;
                }
                TokenKind::Dot => {
                    let ty = self.qualified(pair.name);
                    pair = Pair { name: NONE, ty };
                }
                TokenKind::Tilde if type_params => {
                    pair.ty = self.union();
                    return pair;
                }
                TokenKind::Or if type_params => {
                    let ty = self.union_rest(pair.name);
                    return Pair { name: NONE, ty };
                }
                _ => {}
            }
        }
        if type_params && self.kind == TokenKind::Or && !pair.ty.is_none() {
            pair.ty = self.union_rest(pair.ty);
        }
        pair
    }

    fn dots_type(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        let element = self.ty();
        let end = self.end_of(element);
        self.node(NodeKind::Ellipsis, start, end, [element.0, 0, 0])
    }

    /// A union of type terms.
    fn union(&mut self) -> NodeId {
        let x = self.term();
        self.union_rest(x)
    }

    /// A union after its first term.
    fn union_rest(&mut self, x: NodeId) -> NodeId {
        let mut x = x;
        while self.kind == TokenKind::Or {
            let op_pos = self.start();
            self.next();
            let y = self.term();
            let (start, end) = (self.start_of(x), self.end_of(y));
            x = self.node_tok(NodeKind::Binary, TokenKind::Or, start, end, [x.0, y.0, op_pos]);
        }
        x
    }

    fn term(&mut self) -> NodeId {
        if self.kind == TokenKind::Tilde {
            let start = self.start();
            self.next();
            let x = self.ty();
            let end = self.end_of(x);
            return self.node_tok(NodeKind::Unary, TokenKind::Tilde, start, end, [x.0, 0, 0]);
        }
        let ty = self.try_type();
        if ty.is_none() {
            self.unexpected("~ term or type");
            return self.bad();
        }
        ty
    }

    fn interface_type(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        let lbrace = self.expect(TokenKind::LBrace);
        let mark = self.scratch.len();
        loop {
            let field = match self.kind {
                TokenKind::Ident => self.interface_elem(),
                TokenKind::Tilde => {
                    let ty = self.union();
                    self.unnamed_field(ty)
                }
                _ => {
                    let ty = self.try_type();
                    if ty.is_none() {
                        break;
                    }
                    let ty = self.union_rest(ty);
                    self.unnamed_field(ty)
                }
            };
            self.scratch.push(field);
            self.semi();
        }
        self.expect(TokenKind::RBrace);
        let end = self.prev_end();
        let methods = self.field_list(TokenKind::LBrace, lbrace, end, mark);
        self.node(NodeKind::InterfaceType, start, end, [methods.0, 0, 0])
    }

    /// An interface element that begins with a name: a method, or an embedded type.
    fn interface_elem(&mut self) -> NodeId {
        let name = self.leaf(NodeKind::Ident);
        let mut ty = self.type_name(name);
        if ty != name {
            if self.kind == TokenKind::LBrack {
                ty = self.type_instance(ty);
            }
        } else if self.kind == TokenKind::LParen {
            ty = self.signature(NONE);
            let at = self.words(&[name]);
            let (start, end) = (self.start_of(name), self.end_of(ty));
            return self.field((at, 1), ty, NONE, start, end);
        } else if self.kind == TokenKind::LBrack {
            let lbrack = self.start();
            self.next();
            let mark = self.scratch.len();
            self.expr_lev += 1;
            let x = self.expr();
            self.scratch.push(x);
            if self.kind_of(x) == NodeKind::Ident
                && self.kind != TokenKind::Comma
                && self.kind != TokenKind::RBrack
            {
                self.fail_at(lbrack, "interface method must have no type parameters");
            }
            if self.comma(TokenKind::RBrack, "type argument list") {
                while self.kind != TokenKind::RBrack && self.kind != TokenKind::Eof {
                    let ty = self.ty();
                    self.scratch.push(ty);
                    if !self.comma(TokenKind::RBrack, "type argument list") {
                        break;
                    }
                }
            }
            self.expr_lev -= 1;
            self.expect(TokenKind::RBrack);
            ty = self.index(name, lbrack, mark);
        }
        let ty = self.union_rest(ty);
        self.unnamed_field(ty)
    }

    fn chan_type(&mut self) -> NodeId {
        let start = self.start();
        let mut arrow = start;
        let dir;
        if self.got(TokenKind::Chan) {
            arrow = self.start();
            dir = if self.got(TokenKind::Arrow) { flag::SEND } else { flag::SEND | flag::RECV };
        } else {
            self.next();
            self.expect(TokenKind::Chan);
            dir = flag::RECV;
        }
        let value = self.ty();
        let end = self.end_of(value);
        let id = self.node(NodeKind::ChanType, start, end, [value.0, 0, arrow]);
        self.nodes[id.0 as usize].flag = dir;
        id
    }

    // ---- expressions

    /// Onto the scratch list.
    #[inline]
    fn expr_list(&mut self) {
        let x = self.expr();
        self.scratch.push(x);
        while self.got(TokenKind::Comma) {
            let x = self.expr();
            self.scratch.push(x);
        }
    }

    /// An expression or a type.
    #[inline]
    fn expr(&mut self) -> NodeId {
        self.binary(1)
    }

    fn binary(&mut self, min: u8) -> NodeId {
        let x = self.unary();
        self.binary_rest(x, min)
    }

    /// The operators of at least this precedence, and their operands, after the first one.
    #[inline]
    fn binary_rest(&mut self, x: NodeId, min: u8) -> NodeId {
        let mut x = x;
        let before = self.nesting;
        // Stored only where something below asks for it: that the next operand waits for the store would be felt.
        let mut nesting = before;
        loop {
            nesting += 1;
            if nesting > MAX_NESTING {
                self.over_limit();
            }
            let op = self.kind;
            let precedence = op.precedence();
            if precedence < min {
                if nesting > before + 1 {
                    self.nesting = before;
                }
                return x;
            }
            self.nesting = nesting;
            let op_pos = self.start();
            self.next();
            let y = self.binary(precedence + 1);
            let (start, end) = (self.start_of(x), self.end_of(y));
            x = self.node_tok(NodeKind::Binary, op, start, end, [x.0, y.0, op_pos]);
        }
    }

    fn unary(&mut self) -> NodeId {
        // Asked first, and not by the table of the match: nearly all operands are these, and most have nothing after them.
        if self.kind.is_literal() && self.depth < self.max_depth && self.nesting + 2 <= MAX_NESTING {
            let x = self.literal();
            if !POSTFIX[self.kind as usize] {
                return x;
            }
            self.enter();
            let x = self.primary(x);
            self.leave();
            return x;
        }
        self.enter();
        let start = self.start();
        let op = self.kind;
        let x = match op {
            TokenKind::Plus
            | TokenKind::Minus
            | TokenKind::Not
            | TokenKind::Caret
            | TokenKind::Amp
            | TokenKind::Tilde => {
                self.next();
                let x = self.unary();
                let end = self.end_of(x);
                self.node_tok(NodeKind::Unary, op, start, end, [x.0, 0, 0])
            }
            TokenKind::Star => {
                self.next();
                let x = self.unary();
                let end = self.end_of(x);
                self.node(NodeKind::Star, start, end, [x.0, 0, 0])
            }
            TokenKind::Arrow => {
                self.next();
                let x = self.unary();
                if self.kind_of(x) == NodeKind::ChanType {
                    self.receive_only(x, start);
                    x
                } else {
                    let end = self.end_of(x);
                    self.node_tok(NodeKind::Unary, op, start, end, [x.0, 0, 0])
                }
            }
            _ => self.primary(NONE),
        };
        self.leave();
        x
    }

    /// `<-` at `arrow` before a channel type belongs to the type: `<-(chan T)` is `(<-chan T)`, and
    /// `<-(chan<- T)` is `(<-chan (<-T))`.
    fn receive_only(&mut self, x: NodeId, arrow: u32) {
        let mut arrow = arrow;
        let mut next = x;
        loop {
            let raw = &mut self.nodes[next.0 as usize];
            if raw.kind != NodeKind::ChanType {
                self.fail_at(arrow, "expected channel type");
                return;
            }
            if raw.flag == flag::RECV {
                let at = raw.c;
                self.fail_at(at, "expected 'chan'");
                return;
            }
            let dir = std::mem::replace(&mut raw.flag, flag::RECV);
            raw.start = arrow;
            std::mem::swap(&mut arrow, &mut raw.c);
            if dir != flag::SEND {
                return;
            }
            next = NodeId(raw.a);
        }
    }

    #[inline]
    fn operand(&mut self) -> NodeId {
        if self.kind.is_literal() { self.literal() } else { self.long_operand() }
    }

    /// An identifier or a literal.
    #[inline]
    fn literal(&mut self) -> NodeId {
        self.leaf(if self.kind == TokenKind::Ident { NodeKind::Ident } else { NodeKind::BasicLit })
    }

    #[inline(never)]
    fn long_operand(&mut self) -> NodeId {
        match self.kind {
            TokenKind::LParen => {
                let start = self.start();
                self.next();
                self.expr_lev += 1;
                let x = self.expr();
                self.expr_lev -= 1;
                self.expect(TokenKind::RParen);
                let end = self.prev_end();
                self.node(NodeKind::Paren, start, end, [x.0, 0, 0])
            }
            TokenKind::Func => self.func_type_or_lit(),
            _ => {
                let ty = self.try_type();
                if ty.is_none() {
                    self.unexpected("operand");
                    return self.bad();
                }
                ty
            }
        }
    }

    fn func_type_or_lit(&mut self) -> NodeId {
        let start = self.start();
        let ty = self.func_type();
        if self.kind != TokenKind::LBrace {
            return ty;
        }
        self.expr_lev += 1;
        let body = self.block();
        self.expr_lev -= 1;
        let end = self.end_of(body);
        self.node(NodeKind::FuncLit, start, end, [ty.0, body.0, 0])
    }

    /// An operand (already read, if given) and its selectors, indices, calls and literal values.
    fn primary(&mut self, x: NodeId) -> NodeId {
        let mut x = if x.is_none() { self.operand() } else { x };
        let before = self.nesting;
        let mut nesting = before;
        loop {
            nesting += 1;
            if nesting > MAX_NESTING {
                self.over_limit();
            }
            if !POSTFIX[self.kind as usize] {
                self.nesting = before;
                return x;
            }
            self.nesting = nesting;
            match self.kind {
                TokenKind::LBrack => x = self.index_or_slice(x),
                TokenKind::LParen => x = self.call(x),
                TokenKind::Dot => {
                    self.next();
                    let start = self.start_of(x);
                    match self.kind {
                        TokenKind::Ident => {
                            let sel = self.leaf(NodeKind::Ident);
                            let end = self.end_of(sel);
                            x = self.node(NodeKind::Selector, start, end, [x.0, sel.0, 0]);
                        }
                        TokenKind::LParen => {
                            let lparen = self.start();
                            self.next();
                            let ty = if self.got(TokenKind::Type) { NONE } else { self.ty() };
                            self.expect(TokenKind::RParen);
                            let end = self.prev_end();
                            x = self.node(NodeKind::TypeAssert, start, end, [x.0, ty.0, lparen]);
                        }
                        _ => self.unexpected("selector or type assertion"),
                    }
                }
                // The brace, the last of those that may follow.
                _ => {
                    let mut ty = x;
                    while self.kind_of(ty) == NodeKind::Paren {
                        ty = NodeId(self.nodes[ty.0 as usize].a);
                    }
                    let literal = match self.kind_of(ty) {
                        NodeKind::Bad | NodeKind::Ident | NodeKind::Selector | NodeKind::Index => {
                            self.expr_lev >= 0
                        }
                        NodeKind::ArrayType | NodeKind::StructType | NodeKind::MapType => true,
                        _ => false,
                    };
                    if !literal {
                        self.nesting = before;
                        return x;
                    }
                    if ty != x {
                        let at = self.start_of(ty);
                        self.fail_at(at, "cannot parenthesize type in composite literal");
                    }
                    x = self.literal_value(x);
                }
            }
        }
    }

    fn index_or_slice(&mut self, x: NodeId) -> NodeId {
        let lbrack = self.start();
        let start = self.start_of(x);
        self.next();
        if self.kind == TokenKind::RBrack {
            self.unexpected("operand");
            return x;
        }
        self.expr_lev += 1;
        let mut bounds = [NONE; 3];
        if self.kind != TokenKind::Colon {
            bounds[0] = self.expr();
        }
        if self.kind == TokenKind::Colon {
            let mut colons = [0; 2];
            let mut count = 0;
            while self.kind == TokenKind::Colon && count < 2 {
                colons[count] = self.start();
                count += 1;
                self.next();
                if !matches!(self.kind, TokenKind::Colon | TokenKind::RBrack | TokenKind::Eof) {
                    bounds[count] = self.expr();
                }
            }
            self.expr_lev -= 1;
            self.expect(TokenKind::RBrack);
            let end = self.prev_end();
            if count == 2 {
                if bounds[1].is_none() {
                    self.fail_at(colons[0], "middle index required in 3-index slice");
                } else if bounds[2].is_none() {
                    self.fail_at(colons[1], "final index required in 3-index slice");
                }
            }
            let at = self.words(&bounds);
            return self.node(NodeKind::Slice, start, end, [x.0, at, lbrack]);
        }
        let mark = self.scratch.len();
        self.scratch.push(bounds[0]);
        while self.got(TokenKind::Comma) {
            if !matches!(self.kind, TokenKind::RBrack | TokenKind::Eof) {
                let ty = self.ty();
                self.scratch.push(ty);
            }
        }
        self.expr_lev -= 1;
        self.expect(TokenKind::RBrack);
        self.index(x, lbrack, mark)
    }

    fn call(&mut self, fun: NodeId) -> NodeId {
        let lparen = self.start();
        self.next();
        self.expr_lev += 1;
        let mark = self.scratch.len();
        let mut ellipsis = 0;
        while self.kind != TokenKind::RParen && self.kind != TokenKind::Eof && ellipsis == 0 {
            let arg = self.expr();
            self.scratch.push(arg);
            if self.kind == TokenKind::Ellipsis {
                ellipsis = self.start();
                self.next();
            }
            if !self.comma(TokenKind::RParen, "argument list") {
                break;
            }
        }
        self.expr_lev -= 1;
        self.expect(TokenKind::RParen);
        let (start, end) = (self.start_of(fun), self.prev_end());
        let at = self.words(&[NodeId(ellipsis)]);
        self.counted_list(mark);
        self.node(NodeKind::Call, start, end, [fun.0, at, lparen])
    }

    /// The braces of a composite literal; the type may be absent.
    fn literal_value(&mut self, ty: NodeId) -> NodeId {
        self.enter();
        let lbrace = self.start();
        self.next();
        self.expr_lev += 1;
        let mark = self.scratch.len();
        while self.kind != TokenKind::RBrace && self.kind != TokenKind::Eof {
            let mut x = self.element_value();
            if self.kind == TokenKind::Colon {
                let colon = self.start();
                self.next();
                let value = self.element_value();
                let (start, end) = (self.start_of(x), self.end_of(value));
                x = self.node(NodeKind::KeyValue, start, end, [x.0, value.0, colon]);
            }
            self.scratch.push(x);
            if !self.comma(TokenKind::RBrace, "composite literal") {
                break;
            }
        }
        self.expr_lev -= 1;
        self.expect(TokenKind::RBrace);
        let end = self.prev_end();
        let start = if ty.is_none() { lbrace } else { self.start_of(ty) };
        let at = self.counted_list(mark);
        self.leave();
        self.node(NodeKind::CompositeLit, start, end, [ty.0, at, lbrace])
    }

    #[inline]
    fn element_value(&mut self) -> NodeId {
        if self.kind == TokenKind::LBrace { self.literal_value(NONE) } else { self.expr() }
    }

    // ---- statements

    fn block(&mut self) -> NodeId {
        let lbrace = self.expect(TokenKind::LBrace);
        let mark = self.scratch.len();
        self.stmt_list();
        self.expect(TokenKind::RBrace);
        let end = self.prev_end();
        let (at, len) = self.list(mark);
        self.node(NodeKind::Block, lbrace, end, [at, len, 0])
    }

    /// Onto the scratch list, up to a brace or clause.
    fn stmt_list(&mut self) {
        while !matches!(self.kind, TokenKind::RBrace | TokenKind::Case | TokenKind::Default | TokenKind::Eof)
        {
            let stmt = self.stmt();
            self.scratch.push(stmt);
        }
    }

    /// A statement with its semicolon.
    fn stmt(&mut self) -> NodeId {
        self.enter();
        let start = self.start();
        let stmt = match self.kind {
            TokenKind::Const | TokenKind::Type | TokenKind::Var => {
                let decl = self.gen_decl();
                let end = self.end_of(decl);
                self.node(NodeKind::DeclStmt, start, end, [decl.0, 0, 0])
            }
            TokenKind::Ident
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Imag
            | TokenKind::Char
            | TokenKind::Str
            | TokenKind::Func
            | TokenKind::LParen
            | TokenKind::LBrack
            | TokenKind::Struct
            | TokenKind::Map
            | TokenKind::Chan
            | TokenKind::Interface
            | TokenKind::Plus
            | TokenKind::Minus
            | TokenKind::Star
            | TokenKind::Amp
            | TokenKind::Caret
            | TokenKind::Arrow
            | TokenKind::Not => {
                let (stmt, _) = self.simple_stmt(Mode::LabelOk);
                if self.kind_of(stmt) != NodeKind::Labeled {
                    self.semi();
                }
                stmt
            }
            TokenKind::Go => self.go_defer(NodeKind::Go, "go"),
            TokenKind::Defer => self.go_defer(NodeKind::Defer, "defer"),
            TokenKind::Return => {
                self.next();
                let mark = self.scratch.len();
                if !matches!(self.kind, TokenKind::Semi | TokenKind::AutoSemi | TokenKind::RBrace) {
                    self.expr_list();
                }
                let end = self.prev_end();
                self.semi();
                let (at, len) = self.list(mark);
                self.node(NodeKind::Return, start, end, [at, len, 0])
            }
            TokenKind::Break | TokenKind::Continue | TokenKind::Goto | TokenKind::Fallthrough => {
                let keyword = self.kind;
                self.next();
                let label = match keyword {
                    TokenKind::Goto => self.ident(),
                    TokenKind::Break | TokenKind::Continue if self.kind == TokenKind::Ident => {
                        self.leaf(NodeKind::Ident)
                    }
                    _ => NONE,
                };
                let end = self.prev_end();
                self.semi();
                self.node_tok(NodeKind::Branch, keyword, start, end, [label.0, 0, 0])
            }
            TokenKind::LBrace => {
                let block = self.block();
                self.semi();
                block
            }
            TokenKind::If => self.if_stmt(),
            TokenKind::Switch => self.switch_stmt(),
            TokenKind::Select => self.select_stmt(),
            TokenKind::For => self.for_stmt(),
            TokenKind::Semi | TokenKind::AutoSemi | TokenKind::RBrace => {
                // Before a closing brace the semicolon may be absent; it is not consumed.
                let implicit = self.kind != TokenKind::Semi;
                if self.kind != TokenKind::RBrace {
                    self.next();
                }
                let end = if implicit { start } else { self.prev_end() };
                let id = self.node(NodeKind::Empty, start, end, [0; 3]);
                self.nodes[id.0 as usize].flag = if implicit { flag::IMPLICIT } else { 0 };
                id
            }
            _ => {
                self.unexpected("statement");
                self.bad()
            }
        };
        self.leave();
        stmt
    }

    /// A simple statement without its semicolon, or the clause of a range statement.
    fn simple_stmt(&mut self, mode: Mode) -> (NodeId, Option<RangeClause>) {
        let mark = self.scratch.len();
        self.expr_list();
        let x = self.scratch[mark];
        let start = self.start_of(x);
        let count = self.scratch.len() - mark;
        let op = self.kind;
        let op_pos = self.start();
        if op.is_assign() {
            self.next();
            if mode == Mode::RangeOk
                && self.kind == TokenKind::Range
                && matches!(op, TokenKind::Define | TokenKind::Assign)
            {
                let range_pos = self.start();
                self.next();
                let ranged = self.expr();
                if count > 2 {
                    let at = self.start_of(self.scratch[mark + count - 1]);
                    self.fail_at(at, "expected at most 2 expressions");
                }
                let value = if count > 1 { self.scratch[mark + 1] } else { NONE };
                self.scratch.truncate(mark);
                return (NONE, Some(RangeClause { key: x, value, tok: op, op_pos, range_pos, x: ranged }));
            }
            let middle = self.scratch.len();
            self.expr_list();
            let end = self.prev_end();
            let (at, len) = self.two_lists(mark, middle);
            return (self.node_tok(NodeKind::Assign, op, start, end, [at, len, op_pos]), None);
        }
        self.scratch.truncate(mark);
        if count > 1 {
            self.fail_at(start, "expected 1 expression");
        }
        let stmt = match op {
            TokenKind::Colon => {
                self.next();
                if mode != Mode::LabelOk || self.kind_of(x) != NodeKind::Ident {
                    self.fail_at(op_pos, "illegal label declaration");
                }
                let stmt = self.stmt();
                let end = self.end_of(stmt);
                self.node(NodeKind::Labeled, start, end, [x.0, stmt.0, op_pos])
            }
            TokenKind::Arrow => {
                self.next();
                let value = self.expr();
                let end = self.end_of(value);
                self.node(NodeKind::Send, start, end, [x.0, value.0, op_pos])
            }
            TokenKind::Inc | TokenKind::Dec => {
                self.next();
                let end = self.prev_end();
                self.node_tok(NodeKind::IncDec, op, start, end, [x.0, 0, op_pos])
            }
            _ => {
                let end = self.end_of(x);
                self.node(NodeKind::ExprStmt, start, end, [x.0, 0, 0])
            }
        };
        (stmt, None)
    }

    fn go_defer(&mut self, kind: NodeKind, word: &str) -> NodeId {
        let start = self.start();
        self.next();
        let call = self.expr();
        match self.kind_of(call) {
            NodeKind::Call => {}
            NodeKind::Paren => {
                let at = self.start_of(call);
                self.fail_at(at, format!("expression in {word} must not be parenthesized"));
            }
            _ => {
                let at = self.end_of(call);
                self.fail_at(at, format!("expression in {word} must be function call"));
            }
        }
        let end = self.end_of(call);
        self.semi();
        self.node(kind, start, end, [call.0, 0, 0])
    }

    /// The expression of a statement that must be one.
    fn condition(&mut self, stmt: NodeId, want: &str) -> NodeId {
        if stmt.is_none() {
            return NONE;
        }
        let raw = self.nodes[stmt.0 as usize];
        if raw.kind != NodeKind::ExprStmt {
            let found = if raw.kind == NodeKind::Assign { "assignment" } else { "simple statement" };
            self.fail_at(
                raw.start,
                format!("expected {want}, found {found} (missing parentheses around composite literal?)"),
            );
            return self.bad();
        }
        if stmt.0 as usize == self.nodes.len() - 1 {
            self.nodes.pop();
        }
        NodeId(raw.a)
    }

    fn if_stmt(&mut self) -> NodeId {
        self.enter();
        let start = self.start();
        self.next();
        let (init, cond) = self.if_header();
        let body = self.block();
        let mut els = NONE;
        let mut end = self.end_of(body);
        if self.got(TokenKind::Else) {
            match self.kind {
                TokenKind::If => els = self.if_stmt(),
                TokenKind::LBrace => {
                    els = self.block();
                    self.semi();
                }
                _ => {
                    self.unexpected("if statement or block");
                    els = self.bad();
                }
            }
            end = self.end_of(els);
        } else {
            self.semi();
        }
        self.leave();
        let at = self.words(&[body, els]);
        self.node(NodeKind::If, start, end, [init.0, cond.0, at])
    }

    fn if_header(&mut self) -> (NodeId, NodeId) {
        if self.kind == TokenKind::LBrace {
            self.fail("missing condition in if statement");
            return (NONE, NONE);
        }
        let lev = std::mem::replace(&mut self.expr_lev, -1);
        let mut init = NONE;
        if !self.kind.is_semi() {
            if self.kind == TokenKind::Var {
                self.fail("var declaration not allowed in if initializer");
            }
            init = self.simple_stmt(Mode::Basic).0;
        }
        let cond;
        if self.kind == TokenKind::LBrace {
            cond = self.condition(init, "boolean expression");
            init = NONE;
        } else {
            let (semi, semi_at) = (self.kind, self.start());
            if semi.is_semi() {
                self.next();
            } else {
                self.expect(TokenKind::Semi);
            }
            if self.kind == TokenKind::LBrace {
                let newline = semi == TokenKind::AutoSemi;
                let message = if newline {
                    "unexpected newline, expecting { after if clause"
                } else {
                    "missing condition in if statement"
                };
                self.fail_at(semi_at, message);
                cond = NONE;
            } else {
                let stmt = self.simple_stmt(Mode::Basic).0;
                cond = self.condition(stmt, "boolean expression");
            }
        }
        self.expr_lev = lev;
        (init, cond)
    }

    fn switch_stmt(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        let (mut init, mut tag) = (NONE, NONE);
        if self.kind != TokenKind::LBrace {
            let lev = std::mem::replace(&mut self.expr_lev, -1);
            if !self.kind.is_semi() {
                tag = self.simple_stmt(Mode::Basic).0;
            }
            if self.kind.is_semi() {
                self.next();
                init = std::mem::replace(&mut tag, NONE);
                if self.kind != TokenKind::LBrace {
                    tag = self.simple_stmt(Mode::Basic).0;
                }
            }
            self.expr_lev = lev;
        }
        let guard = self.is_type_switch_guard(tag);
        if !guard {
            tag = self.condition(tag, "switch expression");
        }
        let lbrace = self.expect(TokenKind::LBrace);
        let mark = self.scratch.len();
        while matches!(self.kind, TokenKind::Case | TokenKind::Default) {
            let clause = self.case_clause();
            self.scratch.push(clause);
        }
        let body = self.clauses(lbrace, mark);
        let end = self.end_of(body);
        self.semi();
        let kind = if guard { NodeKind::TypeSwitch } else { NodeKind::Switch };
        self.node(kind, start, end, [init.0, tag.0, body.0])
    }

    fn clauses(&mut self, lbrace: u32, mark: usize) -> NodeId {
        self.expect(TokenKind::RBrace);
        let end = self.prev_end();
        let (at, len) = self.list(mark);
        self.node(NodeKind::Block, lbrace, end, [at, len, 0])
    }

    fn is_type_switch_guard(&mut self, stmt: NodeId) -> bool {
        let raw = self.nodes[stmt.0 as usize];
        let x = match raw.kind {
            NodeKind::ExprStmt => NodeId(raw.a),
            // One name, the number of values, one value.
            NodeKind::Assign if raw.b == 1 && self.words[raw.a as usize + 1].0 == 1 => {
                self.words[raw.a as usize + 2]
            }
            _ => return false,
        };
        let guard = self.nodes[x.0 as usize];
        if guard.kind != NodeKind::TypeAssert || guard.b != 0 {
            return false;
        }
        match raw.tok {
            _ if raw.kind == NodeKind::ExprStmt => true,
            TokenKind::Define => true,
            TokenKind::Assign => {
                self.fail_at(raw.c, "expected ':=', found '='");
                true
            }
            _ => false,
        }
    }

    /// The colon and statements of a clause: the offset of the colon and the end of the clause.
    fn clause_body(&mut self) -> (u32, u32) {
        let colon = self.expect(TokenKind::Colon);
        let mark = self.scratch.len();
        self.stmt_list();
        let end = match self.scratch.get(mark..).and_then(<[NodeId]>::last) {
            Some(&last) => self.end_of(last),
            None => colon + 1,
        };
        (colon, end)
    }

    fn case_clause(&mut self) -> NodeId {
        let start = self.start();
        let keyword = self.kind;
        self.next();
        let mark = self.scratch.len();
        if keyword == TokenKind::Case {
            self.expr_list();
        }
        let middle = self.scratch.len();
        let (colon, end) = self.clause_body();
        let (at, len) = self.two_lists(mark, middle);
        self.node_tok(NodeKind::CaseClause, keyword, start, end, [at, len, colon])
    }

    fn select_stmt(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        let lbrace = self.expect(TokenKind::LBrace);
        let mark = self.scratch.len();
        while matches!(self.kind, TokenKind::Case | TokenKind::Default) {
            let clause = self.comm_clause();
            self.scratch.push(clause);
        }
        let body = self.clauses(lbrace, mark);
        let end = self.end_of(body);
        self.semi();
        self.node(NodeKind::Select, start, end, [body.0, 0, 0])
    }

    fn comm_clause(&mut self) -> NodeId {
        let start = self.start();
        let keyword = self.kind;
        self.next();
        let comm = if keyword == TokenKind::Case { self.comm_stmt() } else { NONE };
        let mark = self.scratch.len();
        let (colon, end) = self.clause_body();
        let at = self.counted_list(mark);
        self.node_tok(NodeKind::CommClause, keyword, start, end, [comm.0, at, colon])
    }

    /// The statement of a select clause: a send, a receive, or an assignment of a receive.
    fn comm_stmt(&mut self) -> NodeId {
        let mark = self.scratch.len();
        self.expr_list();
        let x = self.scratch[mark];
        let count = self.scratch.len() - mark;
        let start = self.start_of(x);
        let op = self.kind;
        let op_pos = self.start();
        if matches!(op, TokenKind::Assign | TokenKind::Define) {
            if count > 2 {
                self.fail_at(start, "expected 1 or 2 expressions");
            }
            self.next();
            let middle = self.scratch.len();
            let value = self.expr();
            self.scratch.push(value);
            let end = self.end_of(value);
            let (at, len) = self.two_lists(mark, middle);
            return self.node_tok(NodeKind::Assign, op, start, end, [at, len, op_pos]);
        }
        self.scratch.truncate(mark);
        if count > 1 {
            self.fail_at(start, "expected 1 expression");
        }
        if self.got(TokenKind::Arrow) {
            let value = self.expr();
            let end = self.end_of(value);
            return self.node(NodeKind::Send, start, end, [x.0, value.0, op_pos]);
        }
        let end = self.end_of(x);
        self.node(NodeKind::ExprStmt, start, end, [x.0, 0, 0])
    }

    fn for_stmt(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        let (mut init, mut cond, mut post) = (NONE, NONE, NONE);
        let mut range = None;
        if self.kind != TokenKind::LBrace {
            let lev = std::mem::replace(&mut self.expr_lev, -1);
            if self.kind == TokenKind::Range {
                let range_pos = self.start();
                self.next();
                let x = self.expr();
                let tok = TokenKind::Eof;
                range = Some(RangeClause { key: NONE, value: NONE, tok, op_pos: 0, range_pos, x });
            } else if !self.kind.is_semi() {
                (cond, range) = self.simple_stmt(Mode::RangeOk);
            }
            if range.is_none() && self.kind.is_semi() {
                self.next();
                init = std::mem::replace(&mut cond, NONE);
                if !self.kind.is_semi() {
                    cond = self.simple_stmt(Mode::Basic).0;
                }
                self.semi();
                if self.kind != TokenKind::LBrace {
                    post = self.simple_stmt(Mode::Basic).0;
                }
            }
            self.expr_lev = lev;
        }
        let cond = self.condition(cond, "boolean or range expression");
        let body = self.block();
        let end = self.end_of(body);
        self.semi();
        if let Some(RangeClause { key, value, tok, op_pos, range_pos, x }) = range {
            let at = self.words(&[key, value, x, body]);
            return self.node_tok(NodeKind::Range, tok, start, end, [at, op_pos, range_pos]);
        }
        let at = self.words(&[init, cond, post, body]);
        self.node(NodeKind::For, start, end, [at, 0, 0])
    }
}

//! The parser: recursive descent over the tokens, one token of look-ahead.
//!
//! After an error the parser sees only the end of the file until it is back at the declaration that it was in;
//! that declaration becomes a `Bad` node and parsing goes on at the next one. So no production has to recover,
//! and every loop ends.
mod decl;
mod expr;
mod stmt;
mod types;

use crate::lexer::Lexer;
use crate::messages;
use crate::tree::Raw;
use crate::{NodeId, NodeKind, SyntaxError, TokenKind, Tree};
use std::sync::OnceLock;
use weave_text::Span;

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
        too_large = Some(SyntaxError::new(0, messages::file_too_large()));
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

/// Forms that a simple statement may have.
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
        let message = messages::unexpected(expected, &found);
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
        self.fail(messages::nested_too_deep());
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
}

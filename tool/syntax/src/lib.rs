//! A lossless lexer and a full-syntax parser for Go, which depends on `weave_text` alone of this workspace, without `unsafe`.
//!
//! The language accepted is the union of Go 1.21 to Go 1.27 as `go/parser` understands it: generics, generic
//! methods, generic aliases, range over functions and integers, `new(expr)`, every literal form. A file is
//! accepted exactly when `go/parser` (comments on, object resolution off) accepts it, and the tree has the
//! same nodes at the same offsets. Two things to know: generic methods are accepted for every release, though
//! `go/parser` does so from Go 1.27 on; and what `go/parser` let through by mistake before Go 1.25 (`goto`
//! without a label, `...` before the last parameter) is an error. The README says how this is known.
//!
//! ```
//! use weave_syntax::{Node, parse};
//!
//! let src = b"package p\n\nfunc (s *S) Get(k string) (v int, err error) { return s.m[k], nil }\n";
//! let (tree, errors) = parse(src);
//! assert!(errors.is_empty());
//! let f = &tree.funcs()[0];
//! assert_eq!(tree.text(f.name), "Get");
//! assert_eq!(f.receiver.as_ref().map(|r| (tree.text(r.base), r.pointer)), Some(("S", true)));
//! assert_eq!(tree.node_text(f.params[0].ty), "string");
//! let body = f.body.unwrap();
//! for ret in tree.returns(body.block) {
//!     assert_eq!(tree.node_text(ret.results[0]), "s.m[k]");
//! }
//! let calls = tree.descendants(tree.root()).filter(|&n| matches!(tree.node(n), Node::Call(_))).count();
//! assert_eq!(calls, 0);
//! ```
//!
//! # Map
//!
//! * [`parse`] gives a [`Tree`] and the [`SyntaxError`]s beside it. It is total: it returns for every input.
//!   A declaration with an error becomes one `Bad` node; the rest of the file is still parsed.
//! * [`Tree::node`] opens a node as a value of the enum [`Node`], whose variants mirror the node types of
//!   `go/ast`; [`Tree::span`], [`Tree::kind`] and [`Tree::node_text`] work on every node.
//! * [`Tree::walk`] gives enter and leave events with the possibility to skip a subtree; [`Tree::descendants`]
//!   gives nodes in source order. Both keep their own stack: a tree may be 100,000 nodes deep, so **do not
//!   recurse over expressions or statements**. [`Tree::children`] lists the direct children.
//! * [`Tree::funcs`], [`Tree::imports`], [`Tree::returns`], [`Tree::directives`]: what a tool that edits source
//!   wants first.
//! * [`lex`] gives tokens alone; [`Tree::tokens`] and [`Tokens::lossless`] give them with white space and
//!   comments so that every byte of the file is in exactly one token.
//! * [`build`]: build constraints; [`resolve`]: imports, scopes and types by full import path, as far as syntax
//!   goes.
//!
//! # Offsets
//!
//! All positions are byte offsets into the source as given (a byte order mark and carriage returns count), as
//! `u32` in half-open [`Span`](weave_text::Span)s. A source of 4 GiB or more is refused with an error and an empty tree.
#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod build;
mod directive;
pub mod flow;
mod items;
mod lexer;
mod messages;
mod parser;
pub mod resolve;
mod token;
mod tree;
mod unicode;
mod walk;

pub use directive::Directive;
pub use items::{Body, Func, Import, Param, Receiver};
pub use lexer::{Tokens, lex};
pub use parser::{MAX_NESTING, parse};
pub use token::{Token, TokenKind};
pub use tree::{
    ArrayType, Assign, BadNode, BasicLit, Binary, Block, Branch, Call, CaseClause, ChanDir, ChanType,
    CommClause, CompositeLit, DeclStmt, Delimiter, Ellipsis, Empty, ExprStmt, Field, FieldList, File, For,
    FuncDecl, FuncLit, FuncType, GenDecl, GoDefer, If, ImportSpec, IncDec, Index, InterfaceType, KeyValue,
    Labeled, MapType, Node, NodeId, NodeKind, Paren, Range, Return, Select, Selector, Send, Slice, Star,
    StructType, Switch, Tree, TypeAssert, TypeSpec, TypeSwitch, Unary, ValueSpec,
};
pub use walk::{Descendants, Event, Walk};

/// A place where the source is not Go, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SyntaxError {
    /// Byte offset of the offending token or character.
    pub offset: u32,
    /// Lower case, without a full stop.
    pub message: String,
}

impl SyntaxError {
    pub(crate) fn new(offset: u32, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}

/// The examples of the README run, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

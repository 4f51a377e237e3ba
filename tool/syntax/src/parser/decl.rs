//! Files and declarations.

use super::{NONE, Parser};
use crate::messages;
use crate::tree::flag;
use crate::{NodeId, NodeKind, SyntaxError, TokenKind};

impl Parser<'_> {
    pub(super) fn file(&mut self) -> NodeId {
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
                self.errors.push(SyntaxError::new(at, messages::late_import()));
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

    /// Returns whether a declaration keyword is the first thing on its line.
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

    pub(super) fn gen_decl(&mut self) -> NodeId {
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
            self.fail(if literal {
                messages::import_path_is_no_string()
            } else {
                messages::missing_import_path()
            });
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

    /// Returns whether an expression can only be a type or a constraint.
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
                    self.fail(messages::unexpected_before_brace());
                }
            }
            _ => self.semi(),
        }
        let at = self.words(&[receiver, name, ty, body]);
        self.node(NodeKind::FuncDecl, start, end, [at, 0, 0])
    }
}

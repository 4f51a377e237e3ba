//! Expressions.

use super::{MAX_NESTING, NONE, POSTFIX, Parser};
use crate::messages;
use crate::tree::flag;
use crate::{NodeId, NodeKind, TokenKind};

impl Parser<'_> {
    /// Parses a list onto the scratch list.
    #[inline]
    pub(super) fn expr_list(&mut self) {
        let x = self.expr();
        self.scratch.push(x);
        while self.got(TokenKind::Comma) {
            let x = self.expr();
            self.scratch.push(x);
        }
    }

    /// An expression or a type.
    #[inline]
    pub(super) fn expr(&mut self) -> NodeId {
        self.binary(1)
    }

    fn binary(&mut self, min: u8) -> NodeId {
        let x = self.unary();
        self.binary_rest(x, min)
    }

    /// The operators of at least this precedence, and their operands, after the first one.
    #[inline]
    pub(super) fn binary_rest(&mut self, x: NodeId, min: u8) -> NodeId {
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
                self.fail_at(arrow, messages::expected_channel_type());
                return;
            }
            if raw.flag == flag::RECV {
                let at = raw.c;
                self.fail_at(at, messages::expected_chan());
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
    pub(super) fn primary(&mut self, x: NodeId) -> NodeId {
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
                        self.fail_at(at, messages::type_in_parentheses());
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
                    self.fail_at(colons[0], messages::middle_index());
                } else if bounds[2].is_none() {
                    self.fail_at(colons[1], messages::final_index());
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
}

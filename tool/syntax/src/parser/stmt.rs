//! Blocks and statements.

use super::{Mode, NONE, Parser, RangeClause};
use crate::messages;
use crate::tree::flag;
use crate::{NodeId, NodeKind, TokenKind};

impl Parser<'_> {
    pub(super) fn block(&mut self) -> NodeId {
        let lbrace = self.expect(TokenKind::LBrace);
        let mark = self.scratch.len();
        self.stmt_list();
        self.expect(TokenKind::RBrace);
        let end = self.prev_end();
        let (at, len) = self.list(mark);
        self.node(NodeKind::Block, lbrace, end, [at, len, 0])
    }

    /// Parses statements onto the scratch list, up to a brace or clause.
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
                    self.fail_at(at, messages::at_most_two_expressions());
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
            self.fail_at(start, messages::one_expression());
        }
        let stmt = match op {
            TokenKind::Colon => {
                self.next();
                if mode != Mode::LabelOk || self.kind_of(x) != NodeKind::Ident {
                    self.fail_at(op_pos, messages::illegal_label());
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
                self.fail_at(at, messages::deferred_in_parentheses(word));
            }
            _ => {
                let at = self.end_of(call);
                self.fail_at(at, messages::deferred_is_no_call(word));
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
            self.fail_at(raw.start, messages::no_simple_statement(want, found));
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
            self.fail(messages::missing_condition());
            return (NONE, NONE);
        }
        let lev = std::mem::replace(&mut self.expr_lev, -1);
        let mut init = NONE;
        if !self.kind.is_semi() {
            if self.kind == TokenKind::Var {
                self.fail(messages::var_in_if());
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
                let message =
                    if newline { messages::newline_after_if() } else { messages::missing_condition() };
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
                self.fail_at(raw.c, messages::assigned_channel());
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
                self.fail_at(start, messages::one_or_two_expressions());
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
            self.fail_at(start, messages::one_expression());
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

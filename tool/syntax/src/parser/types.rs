//! Names and types, signatures among them.

use super::{NONE, Pair, Parser};
use crate::messages;
use crate::tree::flag;
use crate::{NodeId, NodeKind, TokenKind};

impl Parser<'_> {
    #[inline]
    pub(super) fn ident(&mut self) -> NodeId {
        if self.kind == TokenKind::Ident {
            self.leaf(NodeKind::Ident)
        } else {
            self.unexpected("identifier");
            self.bad()
        }
    }

    /// Parses a list onto the scratch list.
    pub(super) fn ident_list(&mut self) {
        let name = self.ident();
        self.scratch.push(name);
        while self.got(TokenKind::Comma) {
            let name = self.ident();
            self.scratch.push(name);
        }
    }

    // ---- types

    pub(super) fn ty(&mut self) -> NodeId {
        let ty = self.try_type();
        if ty.is_none() {
            self.unexpected("type");
            return self.bad();
        }
        ty
    }

    /// A type, or none.
    pub(super) fn try_type(&mut self) -> NodeId {
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
    pub(super) fn index(&mut self, x: NodeId, lbrack: u32, mark: usize) -> NodeId {
        let (start, end) = (self.start_of(x), self.prev_end());
        let at = self.counted_list(mark);
        self.node(NodeKind::Index, start, end, [x.0, at, lbrack])
    }

    /// In a list: consumes a comma, or sees that the list is closed; anything else is an error.
    #[inline]
    pub(super) fn comma(&mut self, close: TokenKind, context: &str) -> bool {
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
        self.fail(messages::missing_comma(newline, context));
    }

    /// An array or slice type after `[`, or after its length if there is one.
    pub(super) fn array_type(&mut self, lbrack: u32, len: NodeId) -> NodeId {
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
            self.fail(messages::unexpected_comma());
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
                        self.fail_at(comma, messages::unexpected_comma());
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
                    self.fail(messages::embedded_in_parentheses());
                }
                let name = self.ident();
                let x = self.qualified(name);
                let end = self.end_of(x);
                self.node(NodeKind::Star, start, end, [x.0, 0, 0])
            }
            _ => {
                self.fail(messages::embedded_in_parentheses());
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

    pub(super) fn func_type(&mut self) -> NodeId {
        let start = self.start();
        self.next();
        if self.kind == TokenKind::LBrack {
            self.fail(messages::function_type_parameters());
        }
        let ty = self.signature(NONE);
        let raw = &mut self.nodes[ty.0 as usize];
        raw.start = start;
        raw.flag = flag::KEYWORD;
        ty
    }

    /// Parameters and results: a function type without its keyword.
    pub(super) fn signature(&mut self, type_params: NodeId) -> NodeId {
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

    pub(super) fn params(&mut self, variadic: bool) -> NodeId {
        let start = self.expect(TokenKind::LParen);
        let mark = self.scratch.len();
        if self.kind != TokenKind::RParen {
            self.param_list(NONE, NONE, TokenKind::RParen, variadic);
        }
        self.expect(TokenKind::RParen);
        let end = self.prev_end();
        self.field_list(TokenKind::LParen, start, end, mark)
    }

    pub(super) fn type_params(&mut self) -> NodeId {
        let lbrack = self.expect(TokenKind::LBrack);
        if self.kind == TokenKind::RBrack {
            self.fail(messages::no_type_parameters());
        }
        self.type_params_after(lbrack, NONE, NONE)
    }

    /// Type parameters after `[` and, if there, the first name and the beginning of its constraint.
    pub(super) fn type_params_after(&mut self, lbrack: u32, name: NodeId, constraint: NodeId) -> NodeId {
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
                    if variadic { messages::variadic_before_others() } else { messages::invalid_dots() };
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
                    self.fail(messages::missing_constraint());
                } else {
                    let or_length = if count == 1 { " or invalid array length" } else { "" };
                    self.fail_at(first, messages::missing_type_parameter(or_length));
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
                (true, true) => self.fail(messages::missing_constraint()),
                (true, false) => self.fail(messages::missing_parameter_type()),
                (false, true) => self.fail_at(at, messages::missing_type_parameter_name()),
                (false, false) => self.fail_at(at, messages::missing_parameter_name()),
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
                self.fail_at(lbrack, messages::method_type_parameters());
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
}

//! The view of a file that tools want first: package, imports, functions, returns.
use crate::{Delimiter, Node, NodeId, NodeKind, Return, Tree};
use weave_text::Span;

/// One import of a file.
#[derive(Clone, Debug)]
pub struct Import {
    /// The [`Node::ImportSpec`].
    pub spec: NodeId,
    /// The [`Node::GenDecl`] that it is in.
    pub decl: NodeId,
    /// The name given: an identifier, `_`, or `.`.
    pub name: Option<Span>,
    /// The path without its quotes, escapes resolved.
    pub path: String,
    /// The path literal with its quotes.
    pub path_span: Span,
    /// For `import "C"`: the comments directly before it, the C source of cgo, with their comment marks.
    pub cgo_preamble: Option<Span>,
}

/// A function or method declaration.
#[derive(Clone, Debug)]
pub struct Func {
    /// The [`Node::FuncDecl`].
    pub decl: NodeId,
    /// Span from `func` to the end of the body, or of the signature.
    pub span: Span,
    /// The name.
    pub name: Span,
    /// The receiver of a method.
    pub receiver: Option<Receiver>,
    /// The [`Node::FuncType`].
    pub ty: NodeId,
    /// Type parameters, one entry per name.
    pub type_params: Vec<Param>,
    /// Parameters, one entry per name, or per type if unnamed.
    pub params: Vec<Param>,
    /// The parentheses of the parameters and what is between them.
    pub params_span: Span,
    /// Results, one entry per name, or per type if unnamed.
    pub results: Vec<Param>,
    /// The results, with parentheses if there are any.
    pub results_span: Option<Span>,
    /// Whether the results are in parentheses.
    pub results_in_parens: bool,
    /// `None` for a function implemented elsewhere.
    pub body: Option<Body>,
}

/// The receiver of a method.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// The parentheses and what is between them.
    pub span: Span,
    /// The name, maybe `_`.
    pub name: Option<Span>,
    /// The name of the type, without pointer and type parameters.
    pub base: Span,
    /// Whether it is a pointer.
    pub pointer: bool,
    /// The type parameters as the receiver names them; empty unless the type is generic.
    pub type_params: Vec<Span>,
    /// The whole type.
    pub ty: NodeId,
}

/// A parameter, result or type parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// The name, maybe `_`; `None` if the list has no names.
    pub name: Option<Span>,
    /// The type; for a variadic parameter the type after `...`. Names of one list may share a type node.
    pub ty: NodeId,
    /// Whether the type is written `...T`.
    pub variadic: bool,
    /// The [`Node::Field`].
    pub field: NodeId,
}

/// The body of a function.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// The [`Node::Block`].
    pub block: NodeId,
    /// Offset of `{`.
    pub lbrace: u32,
    /// Offset of `}`.
    pub rbrace: u32,
}

impl Tree<'_> {
    /// The name in the package clause.
    #[must_use]
    pub fn package_name(&self) -> Option<Span> {
        match self.node(self.root()) {
            Node::File(file) => file.name.map(|name| self.span(name)),
            _ => None,
        }
    }

    /// The top-level declarations.
    #[must_use]
    pub fn decls(&self) -> &[NodeId] {
        match self.node(self.root()) {
            Node::File(file) => file.decls,
            _ => &[],
        }
    }

    /// The imports in source order.
    #[must_use]
    pub fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for &decl in self.decls() {
            let Node::GenDecl(gen_decl) = self.node(decl) else { continue };
            for &spec in gen_decl.specs {
                let Node::ImportSpec(import) = self.node(spec) else { continue };
                let path_span = self.span(import.path);
                let path = unquote(self.text(path_span));
                let cgo_preamble = (path == "C").then(|| {
                    // Inside parentheses the comment is that of the specification.
                    let start = if gen_decl.lparen.is_some() { spec } else { decl };
                    self.comments_before(self.span(start).start)
                });
                imports.push(Import {
                    spec,
                    decl,
                    name: import.name.map(|name| self.span(name)),
                    path,
                    path_span,
                    cgo_preamble: cgo_preamble.flatten(),
                });
            }
        }
        imports
    }

    /// The comments that end on the line before `offset`, as far back as no empty line is between them.
    fn comments_before(&self, offset: u32) -> Option<Span> {
        let comments = self.comments();
        let mut group: Option<Span> = None;
        let mut next = offset;
        for &comment in comments[..comments.partition_point(|c| c.start < offset)].iter().rev() {
            let gap = self.bytes(Span::new(comment.end, next));
            let newlines = gap.iter().filter(|&&c| c == b'\n').count();
            let blank = gap.iter().all(u8::is_ascii_whitespace);
            if !blank || newlines > 1 || newlines == 0 && group.is_none() {
                break;
            }
            group = Some(Span::new(comment.start, group.map_or(comment.end, |g| g.end)));
            next = comment.start;
        }
        group
    }

    /// The functions and methods declared, in source order.
    #[must_use]
    pub fn funcs(&self) -> Vec<Func> {
        self.decls().iter().filter_map(|&decl| self.func(decl)).collect()
    }

    /// The view of one [`Node::FuncDecl`]; `None` for other nodes.
    #[must_use]
    pub fn func(&self, decl: NodeId) -> Option<Func> {
        let Node::FuncDecl(f) = self.node(decl) else { return None };
        let Node::FuncType(ty) = self.node(f.ty) else { return None };
        Some(Func {
            decl,
            span: self.span(decl),
            name: self.span(f.name),
            receiver: f.receiver.and_then(|list| self.receiver(list)),
            ty: f.ty,
            type_params: ty.type_params.map_or_else(Vec::new, |list| self.params(list)),
            params: self.params(ty.params),
            params_span: self.span(ty.params),
            results: ty.results.map_or_else(Vec::new, |list| self.params(list)),
            results_span: ty.results.map(|list| self.span(list)),
            results_in_parens: ty.results.is_some_and(
                |list| matches!(self.node(list), Node::FieldList(l) if l.delimiter == Delimiter::Paren),
            ),
            body: f.body.and_then(|block| self.body(block)),
        })
    }

    /// The view of a [`Node::Block`]; `None` for other nodes.
    #[must_use]
    pub fn body(&self, block: NodeId) -> Option<Body> {
        match self.node(block) {
            Node::Block(b) => Some(Body { block, lbrace: b.lbrace, rbrace: b.rbrace }),
            _ => None,
        }
    }

    /// The entries of a [`Node::FieldList`]: `a, b int` gives two.
    #[must_use]
    pub fn params(&self, list: NodeId) -> Vec<Param> {
        let Node::FieldList(list) = self.node(list) else { return Vec::new() };
        let mut params = Vec::new();
        for &id in list.fields {
            let Node::Field(field) = self.node(id) else { continue };
            let (ty, variadic) = match self.node(field.ty) {
                Node::Ellipsis(e) => (e.element.unwrap_or(field.ty), true),
                _ => (field.ty, false),
            };
            let param = Param { name: None, ty, variadic, field: id };
            if field.names.is_empty() {
                params.push(param);
            }
            params.extend(field.names.iter().map(|&name| Param { name: Some(self.span(name)), ..param }));
        }
        params
    }

    /// The receiver in a [`Node::FieldList`]: its only entry, if its type is a name, with pointer, parentheses
    /// and type parameters or without.
    #[must_use]
    pub fn receiver(&self, list: NodeId) -> Option<Receiver> {
        let params = self.params(list);
        let [param] = params.as_slice() else { return None };
        let mut pointer = false;
        let mut type_params = Vec::new();
        let mut ty = param.ty;
        loop {
            match self.node(ty) {
                Node::Paren(paren) => ty = paren.x,
                Node::Star(star) if !pointer => {
                    pointer = true;
                    ty = star.x;
                }
                Node::Index(index) if type_params.is_empty() => {
                    type_params = index.indices.iter().map(|&p| self.span(p)).collect();
                    ty = index.x;
                }
                Node::Ident => break,
                _ => return None,
            }
        }
        Some(Receiver {
            span: self.span(list),
            name: param.name,
            base: self.span(ty),
            pointer,
            type_params,
            ty: param.ty,
        })
    }

    /// The return statements below `block` in source order, without those of nested function literals.
    pub fn returns(&self, block: NodeId) -> impl Iterator<Item = Return<'_>> {
        let mut nodes = self.descendants(block);
        std::iter::from_fn(move || {
            loop {
                let id = nodes.next()?;
                match self.kind(id) {
                    NodeKind::FuncLit => nodes.skip_children(),
                    NodeKind::Return => {
                        // Function literals in its results are skipped when the walk goes on.
                        if let Node::Return(ret) = self.node(id) {
                            return Some(ret);
                        }
                    }
                    _ => {}
                }
            }
        })
    }

    /// The innermost function declaration or literal around `offset`, if any.
    #[must_use]
    pub fn enclosing_func(&self, offset: u32) -> Option<NodeId> {
        let mut innermost = None;
        let mut nodes = self.descendants(self.root());
        while let Some(id) = nodes.next() {
            if !self.span(id).contains(offset) && id != self.root() {
                nodes.skip_children();
            } else if matches!(self.kind(id), NodeKind::FuncDecl | NodeKind::FuncLit) {
                innermost = Some(id);
            }
        }
        innermost
    }

    /// The value of a [`Node::BasicLit`] string; `None` for other nodes.
    #[must_use]
    pub fn string_value(&self, id: NodeId) -> Option<String> {
        match self.node(id) {
            Node::BasicLit(lit) if lit.kind == crate::TokenKind::Str => Some(unquote(self.node_text(id))),
            _ => None,
        }
    }
}

/// The value of a string literal. Escapes that give bytes outside of UTF-8 become U+FFFD; a malformed literal
/// gives what of it is well-formed.
fn unquote(literal: &str) -> String {
    let Some(quote) = literal.chars().next() else { return String::new() };
    let inner = literal.get(1..).unwrap_or("");
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    if quote == '`' {
        return inner.replace('\r', "");
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let Some(c) = chars.next() else { break };
        let (digits, base, first) = match c {
            'a' => (0, 0, 0x07),
            'b' => (0, 0, 0x08),
            'f' => (0, 0, 0x0c),
            'n' => (0, 0, b'\n'.into()),
            'r' => (0, 0, b'\r'.into()),
            't' => (0, 0, b'\t'.into()),
            'v' => (0, 0, 0x0b),
            'x' => (2, 16, 0),
            'u' => (4, 16, 0),
            'U' => (8, 16, 0),
            '0'..='7' => (2, 8, c.to_digit(8).unwrap_or(0)),
            c => (0, 0, u32::from(c)),
        };
        let mut value: u32 = first;
        for _ in 0..digits {
            let digit = chars.next().and_then(|c| c.to_digit(base)).unwrap_or(0);
            value = value.wrapping_mul(base).wrapping_add(digit);
        }
        match c {
            'x' | '0'..='7' => bytes.push(value as u8),
            _ => {
                let c = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

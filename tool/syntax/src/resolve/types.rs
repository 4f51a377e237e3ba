//! Types named by full import path, compared structurally.
use super::imports::Imports;
use super::package::PackageScope;
use super::universe::is_predeclared_type;
use crate::messages;
use crate::{ChanDir, Func, Node, NodeId, TokenKind, Tree, Unary};
use std::fmt;

/// Depth to which types are looked into; a type nested deeper is [`Type::Unknown`].
const MAX_DEPTH: u32 = 100;

/// A type in a form that does not depend on how a file imports packages or names parameters.
///
/// `any` is `interface{}`, `byte` is `uint8`, `rune` is `int32`; parentheses and parameter names are gone.
/// Aliases are not followed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Type {
    /// A type name with its package; the path is empty for predeclared types.
    Named {
        /// Import path.
        package: String,
        /// Name.
        name: String,
        /// Type arguments.
        args: Vec<Type>,
    },
    /// A type parameter, by name.
    Param(String),
    /// `*T`
    Pointer(Box<Type>),
    /// `[]T`
    Slice(Box<Type>),
    /// `[N]T`; the length as written, without white space.
    Array(String, Box<Type>),
    /// `map[K]V`
    Map(Box<Type>, Box<Type>),
    /// Channel.
    Chan(Dir, Box<Type>),
    /// Function.
    Func(Signature),
    /// Struct.
    Struct(Vec<StructField>),
    /// Interface; without elements it is `any`.
    Interface(Vec<Elem>),
    /// A type that the syntax does not tell, as written: equal only to the same text.
    Unknown(String),
}

/// The direction of a channel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dir {
    /// `chan T`
    Both,
    /// `chan<- T`
    Send,
    /// `<-chan T`
    Recv,
}

/// A field of a struct type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StructField {
    /// The name; `None` for an embedded field.
    pub name: Option<String>,
    /// The type.
    pub ty: Type,
    /// The tag; empty without one.
    pub tag: String,
}

/// A method of an interface.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Method {
    /// The name.
    pub name: String,
    /// The signature.
    pub signature: Signature,
}

/// An element of an interface.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Elem {
    /// A method.
    Method(Method),
    /// An embedded type or union: the terms, each with whether it has a tilde.
    Union(Vec<(bool, Type)>),
}

/// Parameters and results of a function, without names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Signature {
    /// Parameter types; the last one without its `...` if variadic.
    pub params: Vec<Type>,
    /// Whether the last parameter is variadic.
    pub variadic: bool,
    /// Result types.
    pub results: Vec<Type>,
}

/// Reason why a type could not be read from a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeError {
    /// Byte offset in the text.
    pub offset: usize,
    /// Lower case, without a full stop.
    pub message: String,
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&messages::at_byte(&self.message, self.offset))
    }
}

impl std::error::Error for TypeError {}

fn predeclared(name: &str) -> Option<Type> {
    let name = match name {
        "any" => return Some(Type::Interface(Vec::new())),
        "byte" => "uint8",
        "rune" => "int32",
        name if is_predeclared_type(name) => name,
        _ => return None,
    };
    Some(Type::Named { package: String::new(), name: name.to_owned(), args: Vec::new() })
}

impl Type {
    /// The type that a node of a file stands for, outside of any generic declaration.
    #[must_use]
    pub fn of(tree: &Tree<'_>, ty: NodeId, imports: &Imports, package: &PackageScope) -> Self {
        Self::with_params(tree, ty, imports, package, &[])
    }

    /// The same where names of type parameters are in scope.
    #[must_use]
    pub fn with_params(
        tree: &Tree<'_>,
        ty: NodeId,
        imports: &Imports,
        package: &PackageScope,
        type_params: &[&str],
    ) -> Self {
        Reader { tree, imports, package, type_params }.ty(ty, 0)
    }

    /// Reads a type whose names have full import paths, such as `*database/sql.Rows` or
    /// `map[string][]github.com/x/y/v2.T`. A name without a package is predeclared or a type parameter.
    ///
    /// # Errors
    ///
    /// If the text is no such type.
    pub fn parse(text: &str) -> Result<Self, TypeError> {
        let mut parser = TextParser { text, at: 0 };
        let ty = parser.ty(0)?;
        parser.end()?;
        Ok(ty)
    }

    /// Calls `f` with the import path of every package named in the type.
    pub fn each_package<'t>(&'t self, f: &mut impl FnMut(&'t str)) {
        match self {
            Type::Named { package, args, .. } => {
                if !package.is_empty() {
                    f(package);
                }
                args.iter().for_each(|arg| arg.each_package(f));
            }
            Type::Param(_) | Type::Unknown(_) => {}
            Type::Pointer(x) | Type::Slice(x) | Type::Array(_, x) | Type::Chan(_, x) => x.each_package(f),
            Type::Map(key, value) => {
                key.each_package(f);
                value.each_package(f);
            }
            Type::Func(signature) => signature.each_package(f),
            Type::Struct(fields) => fields.iter().for_each(|field| field.ty.each_package(f)),
            Type::Interface(elems) => {
                for elem in elems {
                    match elem {
                        Elem::Method(method) => method.signature.each_package(f),
                        Elem::Union(terms) => terms.iter().for_each(|(_, ty)| ty.each_package(f)),
                    }
                }
            }
        }
    }
}

impl Signature {
    /// The signature of a declared function; the receiver is no part of it. Type parameters of the function
    /// and of its receiver are [`Type::Param`].
    #[must_use]
    pub fn of(tree: &Tree<'_>, f: &Func, imports: &Imports, package: &PackageScope) -> Self {
        let receiver = f.receiver.iter().flat_map(|r| r.type_params.iter().copied());
        let own = f.type_params.iter().filter_map(|p| p.name);
        let type_params: Vec<&str> = receiver.chain(own).map(|name| tree.text(name)).collect();
        Reader { tree, imports, package, type_params: &type_params }.signature(f.ty, 0)
    }

    /// Reads a function type whose names have full import paths; parameters may have names, which do not
    /// count: `func(ctx context.Context, query string, args ...any) (*database/sql.Rows, error)`.
    ///
    /// # Errors
    ///
    /// If the text is no such type.
    pub fn parse(text: &str) -> Result<Self, TypeError> {
        let mut parser = TextParser { text, at: 0 };
        if !parser.word("func") {
            return Err(parser.error(messages::expected_func()));
        }
        let signature = parser.signature(0)?;
        parser.end()?;
        Ok(signature)
    }

    /// Calls `f` with the import path of every package named in it.
    pub fn each_package<'t>(&'t self, f: &mut impl FnMut(&'t str)) {
        self.params.iter().chain(&self.results).for_each(|ty| ty.each_package(f));
    }
}

/// Reads types from nodes of a tree.
struct Reader<'t> {
    tree: &'t Tree<'t>,
    imports: &'t Imports,
    package: &'t PackageScope,
    type_params: &'t [&'t str],
}

impl Reader<'_> {
    fn unknown(&self, ty: NodeId) -> Type {
        Type::Unknown(self.tree.node_text(ty).split_ascii_whitespace().collect())
    }

    fn boxed(&self, ty: NodeId, depth: u32) -> Box<Type> {
        Box::new(self.ty(ty, depth + 1))
    }

    fn ty(&self, ty: NodeId, depth: u32) -> Type {
        if depth > MAX_DEPTH {
            return Type::Unknown("...".to_owned());
        }
        let tree = self.tree;
        match tree.node(ty) {
            Node::Paren(paren) => self.ty(paren.x, depth + 1),
            Node::Ident => self.name(tree.node_text(ty)),
            Node::Selector(sel) => {
                let path = match tree.node(sel.x) {
                    Node::Ident => self.imports.path_of(tree.node_text(sel.x)),
                    _ => None,
                };
                match path {
                    Some(path) => Type::Named {
                        package: path.to_owned(),
                        name: tree.node_text(sel.sel).to_owned(),
                        args: Vec::new(),
                    },
                    None => self.unknown(ty),
                }
            }
            Node::Index(index) => match self.ty(index.x, depth + 1) {
                Type::Named { package, name, .. } => {
                    let args = index.indices.iter().map(|&arg| self.ty(arg, depth + 1)).collect();
                    Type::Named { package, name, args }
                }
                _ => self.unknown(ty),
            },
            Node::Star(star) => Type::Pointer(self.boxed(star.x, depth)),
            Node::ArrayType(array) => match array.len {
                None => Type::Slice(self.boxed(array.element, depth)),
                Some(len) => {
                    let len = tree.node_text(len).split_ascii_whitespace().collect();
                    Type::Array(len, self.boxed(array.element, depth))
                }
            },
            Node::MapType(map) => Type::Map(self.boxed(map.key, depth), self.boxed(map.value, depth)),
            Node::ChanType(chan) => {
                let dir = match chan.dir {
                    ChanDir::Both => Dir::Both,
                    ChanDir::Send => Dir::Send,
                    ChanDir::Recv => Dir::Recv,
                };
                Type::Chan(dir, self.boxed(chan.value, depth))
            }
            Node::FuncType(_) => Type::Func(self.signature(ty, depth + 1)),
            Node::StructType(fields) => Type::Struct(self.fields(fields.fields, depth + 1)),
            Node::InterfaceType(methods) => Type::Interface(self.elems(methods.methods, depth + 1)),
            _ => self.unknown(ty),
        }
    }

    fn name(&self, name: &str) -> Type {
        if self.type_params.contains(&name) {
            return Type::Param(name.to_owned());
        }
        if self.package.get(name).is_none() {
            if let Some(ty) = predeclared(name) {
                return ty;
            }
            // Not declared here: of a dot import, if there is only one it can be of.
            let mut dots = self.imports.dots();
            if let Some(path) = dots.next() {
                if dots.next().is_some() {
                    return Type::Unknown(name.to_owned());
                }
                return Type::Named { package: path.to_owned(), name: name.to_owned(), args: Vec::new() };
            }
        }
        Type::Named { package: self.package.path().to_owned(), name: name.to_owned(), args: Vec::new() }
    }

    fn signature(&self, ty: NodeId, depth: u32) -> Signature {
        let Node::FuncType(f) = self.tree.node(ty) else { return Signature::default() };
        let params = self.tree.params(f.params);
        let results = f.results.map_or_else(Vec::new, |list| self.tree.params(list));
        Signature {
            variadic: params.last().is_some_and(|p| p.variadic),
            params: params.iter().map(|p| self.ty(p.ty, depth + 1)).collect(),
            results: results.iter().map(|p| self.ty(p.ty, depth + 1)).collect(),
        }
    }

    fn fields(&self, list: NodeId, depth: u32) -> Vec<StructField> {
        let Node::FieldList(list) = self.tree.node(list) else { return Vec::new() };
        let mut fields = Vec::new();
        for &field in list.fields {
            let Node::Field(field) = self.tree.node(field) else { continue };
            let ty = self.ty(field.ty, depth);
            let tag = field.tag.and_then(|tag| self.tree.string_value(tag)).unwrap_or_default();
            if field.names.is_empty() {
                fields.push(StructField { name: None, ty, tag });
                continue;
            }
            for &name in field.names {
                let name = Some(self.tree.node_text(name).to_owned());
                fields.push(StructField { name, ty: ty.clone(), tag: tag.clone() });
            }
        }
        fields
    }

    fn elems(&self, list: NodeId, depth: u32) -> Vec<Elem> {
        let Node::FieldList(list) = self.tree.node(list) else { return Vec::new() };
        let mut elems: Vec<Elem> = list.fields.iter().filter_map(|&field| self.elem(field, depth)).collect();
        // The order of methods and embedded types does not count.
        elems.sort();
        elems
    }

    fn elem(&self, field: NodeId, depth: u32) -> Option<Elem> {
        let Node::Field(field) = self.tree.node(field) else { return None };
        if let Some(&name) = field.names.first() {
            let name = self.tree.node_text(name).to_owned();
            return Some(Elem::Method(Method { name, signature: self.signature(field.ty, depth) }));
        }
        let mut terms = Vec::new();
        let mut next = Some(field.ty);
        // Unions lean to the left.
        while let Some(ty) = next {
            let (left, term) = match self.tree.node(ty) {
                Node::Binary(union) if union.op == TokenKind::Or => (Some(union.x), union.y),
                _ => (None, ty),
            };
            terms.push(match self.tree.node(term) {
                Node::Unary(Unary { op: TokenKind::Tilde, x }) => (true, self.ty(x, depth)),
                _ => (false, self.ty(term, depth)),
            });
            next = left;
        }
        terms.sort();
        Some(Elem::Union(terms))
    }
}

/// Reads types from text with full import paths.
struct TextParser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> TextParser<'t> {
    fn error(&self, message: &str) -> TypeError {
        let found = match self.text[self.at..].chars().next() {
            Some(c) => format!("'{c}'"),
            None => "the end".to_owned(),
        };
        TypeError { offset: self.at, message: messages::found(message, &found) }
    }

    fn rest(&mut self) -> &'t str {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        rest
    }

    fn got(&mut self, token: &str) -> bool {
        let yes = self.rest().starts_with(token);
        if yes {
            self.at += token.len();
        }
        yes
    }

    fn expect(&mut self, token: &str) -> Result<(), TypeError> {
        if self.got(token) { Ok(()) } else { Err(self.error(&messages::expected(token))) }
    }

    /// Consumes a keyword.
    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let yes = rest.strip_prefix(word).is_some_and(|after| !after.starts_with(is_name_char));
        if yes {
            self.at += word.len();
        }
        yes
    }

    fn end(&mut self) -> Result<(), TypeError> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.error(messages::expected_end())) }
    }

    fn boxed(&mut self, depth: u32) -> Result<Box<Type>, TypeError> {
        self.ty(depth + 1).map(Box::new)
    }

    fn ty(&mut self, depth: u32) -> Result<Type, TypeError> {
        if depth > MAX_DEPTH {
            return Err(self.error(messages::type_nested_too_deep()));
        }
        if self.got("*") {
            return Ok(Type::Pointer(self.boxed(depth)?));
        }
        if self.got("(") {
            let ty = self.ty(depth + 1)?;
            self.expect(")")?;
            return Ok(ty);
        }
        if self.got("[") {
            let len = self.rest();
            let end = len.find(']').ok_or_else(|| self.error(messages::expected_bracket()))?;
            self.at += end + 1;
            let len: String = len[..end].split_whitespace().collect();
            let element = self.boxed(depth)?;
            return Ok(if len.is_empty() { Type::Slice(element) } else { Type::Array(len, element) });
        }
        if self.got("<-") {
            if !self.word("chan") {
                return Err(self.error(messages::expected_word_chan()));
            }
            return Ok(Type::Chan(Dir::Recv, self.boxed(depth)?));
        }
        if self.word("chan") {
            let dir = if self.got("<-") { Dir::Send } else { Dir::Both };
            return Ok(Type::Chan(dir, self.boxed(depth)?));
        }
        if self.word("map") {
            self.expect("[")?;
            let key = self.boxed(depth)?;
            self.expect("]")?;
            return Ok(Type::Map(key, self.boxed(depth)?));
        }
        if self.word("func") {
            return Ok(Type::Func(self.signature(depth + 1)?));
        }
        if self.word("struct") {
            self.expect("{")?;
            return self.fields(depth + 1);
        }
        if self.word("interface") {
            self.expect("{")?;
            return self.elems(depth + 1);
        }
        self.named(depth)
    }

    fn named(&mut self, depth: u32) -> Result<Type, TypeError> {
        let rest = self.rest();
        let name = &rest[..rest.find(|c| !is_path_char(c)).unwrap_or(rest.len())];
        // `...` is no part of a path.
        let name = name.split("...").next().unwrap_or("").trim_end_matches('.');
        if name.is_empty() {
            return Err(self.error(messages::expected_type()));
        }
        let (package, base) = name.rsplit_once('.').unwrap_or(("", name));
        if base.is_empty()
            || base.contains(['/', '-', '~', '+', '@'])
            || base.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(self.error(messages::expected_type_name()));
        }
        self.at += name.len();
        if package.is_empty() {
            return Ok(predeclared(base).unwrap_or_else(|| Type::Param(base.to_owned())));
        }
        let mut args = Vec::new();
        if self.got("[") {
            while !self.got("]") {
                args.push(self.ty(depth + 1)?);
                if !self.got(",") {
                    self.expect("]")?;
                    break;
                }
            }
        }
        Ok(Type::Named { package: package.to_owned(), name: base.to_owned(), args })
    }

    /// After `func`.
    fn signature(&mut self, depth: u32) -> Result<Signature, TypeError> {
        let (params, variadic) = self.params(depth)?;
        let rest = self.rest();
        let results = if rest.starts_with('(') {
            let (results, variadic) = self.params(depth)?;
            if variadic {
                return Err(self.error(messages::variadic_result()));
            }
            results
        } else if rest.starts_with(|c| is_name_char(c) || matches!(c, '*' | '[' | '<')) {
            vec![self.ty(depth + 1)?]
        } else {
            Vec::new()
        };
        Ok(Signature { params, variadic, results })
    }

    fn params(&mut self, depth: u32) -> Result<(Vec<Type>, bool), TypeError> {
        self.expect("(")?;
        // Each with its type, whether it has a name before it, and whether it is only one word.
        let mut params = Vec::new();
        let mut variadic = false;
        while !self.got(")") {
            if variadic {
                return Err(self.error(messages::variadic_parameter()));
            }
            let named = self.param_name().is_some();
            variadic = self.got("...");
            let text = self.rest();
            let ty = self.ty(depth + 1)?;
            let word =
                !variadic && !text[..text.len() - self.text[self.at..].len()].contains(|c| !is_name_char(c));
            params.push((ty, named, word));
            if !self.got(",") {
                self.expect(")")?;
                break;
            }
        }
        let named = params.iter().any(|&(_, named, _)| named);
        let mut types: Vec<Type> = Vec::with_capacity(params.len());
        // In a list with names, a single word is a name whose type comes later: "a, b int".
        for (ty, has_name, word) in params.into_iter().rev() {
            let ty = match types.last() {
                Some(next) if named && !has_name && word => next.clone(),
                _ if named && !has_name => return Err(self.error(messages::some_parameters_named())),
                _ => ty,
            };
            types.push(ty);
        }
        types.reverse();
        Ok((types, variadic))
    }

    /// A parameter name before its type: an identifier followed by white space and the start of a type.
    fn param_name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let len = rest.find(|c| !is_name_char(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(len);
        let space = after.starts_with(char::is_whitespace);
        let keyword = matches!(name, "func" | "map" | "chan" | "struct" | "interface");
        let next = after.trim_start();
        let starts = next.starts_with(|c| is_name_char(c) || matches!(c, '*' | '[' | '(' | '<' | '.'));
        if name.is_empty() || !space || keyword || !starts {
            return None;
        }
        self.at += len;
        Some(name)
    }

    fn fields(&mut self, depth: u32) -> Result<Type, TypeError> {
        let mut fields = Vec::new();
        while !self.got("}") {
            let name = self.param_name().map(str::to_owned);
            let ty = self.ty(depth + 1)?;
            fields.push(StructField { name, ty, tag: String::new() });
            if !self.got(";") {
                self.expect("}")?;
                break;
            }
        }
        Ok(Type::Struct(fields))
    }

    fn elems(&mut self, depth: u32) -> Result<Type, TypeError> {
        let mut elems = Vec::new();
        while !self.got("}") {
            let rest = self.rest();
            let len = rest.find(|c| !is_name_char(c)).unwrap_or(rest.len());
            if len > 0 && rest[len..].starts_with('(') {
                self.at += len;
                let signature = self.signature(depth + 1)?;
                elems.push(Elem::Method(Method { name: rest[..len].to_owned(), signature }));
            } else {
                let mut terms = Vec::new();
                loop {
                    terms.push((self.got("~"), self.ty(depth + 1)?));
                    if !self.got("|") {
                        break;
                    }
                }
                terms.sort();
                elems.push(Elem::Union(terms));
            }
            if !self.got(";") {
                self.expect("}")?;
                break;
            }
        }
        elems.sort();
        Ok(Type::Interface(elems))
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '_'
        || !c.is_ascii() && (crate::unicode::is_letter(c) || crate::unicode::is_digit(c))
}

fn is_path_char(c: char) -> bool {
    is_name_char(c) || matches!(c, '/' | '.' | '-' | '~' | '+' | '@')
}

/// Writes `items` separated by `separator`.
fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T], separator: &str) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Named { package, name, args } => {
                if !package.is_empty() {
                    write!(f, "{package}.")?;
                }
                f.write_str(name)?;
                if !args.is_empty() {
                    f.write_str("[")?;
                    list(f, args, ", ")?;
                    f.write_str("]")?;
                }
                Ok(())
            }
            Type::Param(name) | Type::Unknown(name) => f.write_str(name),
            Type::Pointer(x) => write!(f, "*{x}"),
            Type::Slice(x) => write!(f, "[]{x}"),
            Type::Array(len, x) => write!(f, "[{len}]{x}"),
            Type::Map(key, value) => write!(f, "map[{key}]{value}"),
            Type::Chan(Dir::Both, x) if matches!(**x, Type::Chan(Dir::Recv, _)) => write!(f, "chan ({x})"),
            Type::Chan(Dir::Both, x) => write!(f, "chan {x}"),
            Type::Chan(Dir::Send, x) => write!(f, "chan<- {x}"),
            Type::Chan(Dir::Recv, x) => write!(f, "<-chan {x}"),
            Type::Func(signature) => write!(f, "{signature}"),
            Type::Struct(fields) => {
                f.write_str("struct{")?;
                list(f, fields, "; ")?;
                f.write_str("}")
            }
            Type::Interface(elems) if elems.is_empty() => f.write_str("any"),
            Type::Interface(elems) => {
                f.write_str("interface{")?;
                list(f, elems, "; ")?;
                f.write_str("}")
            }
        }
    }
}

impl fmt::Display for StructField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name} ")?;
        }
        write!(f, "{}", self.ty)?;
        if !self.tag.is_empty() {
            write!(f, " {:?}", self.tag)?;
        }
        Ok(())
    }
}

impl fmt::Display for Elem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Elem::Method(method) => {
                f.write_str(&method.name)?;
                method.signature.write_lists(f)
            }
            Elem::Union(terms) => {
                for (i, (tilde, ty)) in terms.iter().enumerate() {
                    let separator = if i > 0 { " | " } else { "" };
                    let tilde = if *tilde { "~" } else { "" };
                    write!(f, "{separator}{tilde}{ty}")?;
                }
                Ok(())
            }
        }
    }
}

impl Signature {
    fn write_lists(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (i, ty) in self.params.iter().enumerate() {
            let separator = if i > 0 { ", " } else { "" };
            let dots = if self.variadic && i + 1 == self.params.len() { "..." } else { "" };
            write!(f, "{separator}{dots}{ty}")?;
        }
        f.write_str(")")?;
        match self.results.as_slice() {
            [] => Ok(()),
            [ty] => write!(f, " {ty}"),
            types => {
                f.write_str(" (")?;
                list(f, types, ", ")?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("func")?;
        self.write_lists(f)
    }
}

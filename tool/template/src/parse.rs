//! The tree of a template.

use std::collections::BTreeMap;

use crate::constant::Constant;
use crate::lex::{Keyword, Token, TokenKind, lex};
use crate::messages;
use crate::{Error, format, functions, number};

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Text(String),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template { at: usize, name: String, pipe: Option<Pipe> },
    Break,
    Continue,
}

/// `if`, `with` or `range`.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub pipe: Pipe,
    pub list: Vec<Node>,
    pub other: Option<Vec<Node>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Pipe {
    pub at: usize,
    /// Variables that it declares or sets, with their dollar signs.
    pub variables: Vec<String>,
    /// Whether it sets variables that exist.
    pub assigns: bool,
    pub commands: Vec<Command>,
}

/// An operand and its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub words: Vec<Word>,
}

#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub at: usize,
    pub kind: WordKind,
}

#[derive(Debug, Clone)]
pub(crate) enum WordKind {
    Dot,
    Nil,
    Constant(Constant),
    Field(Vec<String>),
    Variable(String, Vec<String>),
    Function(String),
    Pipe(Box<Pipe>),
    Chain(Box<Word>, Vec<String>),
}

type Defined = BTreeMap<String, Vec<Node>>;

/// Reads a template: its own tree, and those that it defines.
pub(crate) fn parse(text: &str, functions: &[&str]) -> Result<(Vec<Node>, Defined), Error> {
    let tokens = lex(text)?;
    let mut parser = Parser {
        text,
        tokens,
        at: 0,
        functions,
        variables: vec!["$".into()],
        loops: 0,
        defined: BTreeMap::new(),
    };
    let mut root = Vec::new();
    loop {
        if parser.peek().kind == TokenKind::Eof {
            return Ok((root, parser.defined));
        }
        if parser.peek().kind == TokenKind::Open {
            let before = parser.at;
            parser.next();
            if parser.peek_word().kind == TokenKind::Keyword(Keyword::Define) {
                parser.next_word();
                parser.definition()?;
                continue;
            }
            parser.at = before;
        }
        match parser.text_or_action()? {
            Item::Node(node) => root.push(node),
            Item::Else(at) => return parser.fail(at, messages::unexpected_else()),
            Item::End(at) => return parser.fail(at, messages::unexpected_end()),
        }
    }
}

/// The names of fields and methods in a tree.
pub(crate) fn members<'a>(list: &'a [Node], out: &mut Vec<&'a str>) {
    for node in list {
        match node {
            Node::Text(_) | Node::Break | Node::Continue => {}
            Node::Action(pipe) => members_of_pipe(pipe, out),
            Node::If(b) | Node::With(b) | Node::Range(b) => {
                members_of_pipe(&b.pipe, out);
                members(&b.list, out);
                members(b.other.as_deref().unwrap_or_default(), out);
            }
            Node::Template { pipe, .. } => {
                if let Some(pipe) = pipe {
                    members_of_pipe(pipe, out);
                }
            }
        }
    }
}

fn members_of_pipe<'a>(pipe: &'a Pipe, out: &mut Vec<&'a str>) {
    for word in pipe.commands.iter().flat_map(|c| &c.words) {
        members_of_word(word, out);
    }
}

fn members_of_word<'a>(word: &'a Word, out: &mut Vec<&'a str>) {
    match &word.kind {
        WordKind::Field(names) | WordKind::Variable(_, names) => out.extend(names.iter().map(String::as_str)),
        WordKind::Pipe(pipe) => members_of_pipe(pipe, out),
        WordKind::Chain(inner, names) => {
            members_of_word(inner, out);
            out.extend(names.iter().map(String::as_str));
        }
        WordKind::Dot | WordKind::Nil | WordKind::Constant(_) | WordKind::Function(_) => {}
    }
}

/// The first arguments of calls of a member, as far as they are strings that stand in the template.
pub(crate) fn first_arguments(list: &[Node], member: &str, out: &mut Vec<Option<String>>) {
    for node in list {
        match node {
            Node::Text(_) | Node::Break | Node::Continue => {}
            Node::Action(pipe) => first_arguments_in(pipe, member, out),
            Node::If(b) | Node::With(b) | Node::Range(b) => {
                first_arguments_in(&b.pipe, member, out);
                first_arguments(&b.list, member, out);
                first_arguments(b.other.as_deref().unwrap_or_default(), member, out);
            }
            Node::Template { pipe, .. } => {
                if let Some(pipe) = pipe {
                    first_arguments_in(pipe, member, out);
                }
            }
        }
    }
}

fn first_arguments_in(pipe: &Pipe, member: &str, out: &mut Vec<Option<String>>) {
    for command in &pipe.commands {
        for (i, word) in command.words.iter().enumerate() {
            let last = match &word.kind {
                WordKind::Field(names) | WordKind::Variable(_, names) | WordKind::Chain(_, names) => {
                    names.last()
                }
                WordKind::Pipe(pipe) => {
                    first_arguments_in(pipe, member, out);
                    None
                }
                _ => None,
            };
            if last.is_some_and(|l| l == member) {
                let argument = command.words.get(1).filter(|_| i == 0);
                out.push(argument.and_then(|a| match &a.kind {
                    WordKind::Constant(Constant::Str(s)) => Some(s.clone()),
                    _ => None,
                }));
            }
        }
    }
}

enum Item {
    Node(Node),
    Else(usize),
    End(usize),
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    functions: &'a [&'a str],
    variables: Vec<String>,
    loops: usize,
    defined: Defined,
}

/// TokenKind of a control structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    With,
    Range,
}

impl Control {
    fn name(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::With => "with",
            Self::Range => "range",
        }
    }
}

impl Parser<'_> {
    fn fail<T>(&self, at: usize, message: impl Into<String>) -> Result<T, Error> {
        Err(Error::new(self.text, at, message))
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Result<T, Error> {
        self.fail(token.at, messages::unexpected(shown(&token.kind), context))
    }

    fn peek(&self) -> &Token {
        // The last token is the end, and nothing goes past it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn spaces(&mut self) {
        while self.peek().kind == TokenKind::Space {
            self.at += 1;
        }
    }

    fn peek_word(&mut self) -> &Token {
        self.spaces();
        self.peek()
    }

    fn next_word(&mut self) -> Token {
        self.spaces();
        self.next()
    }

    fn close(&mut self, context: &str) -> Result<(), Error> {
        let token = self.next_word();
        if token.kind == TokenKind::Close { Ok(()) } else { self.unexpected(&token, context) }
    }

    fn name(&mut self, context: &str) -> Result<String, Error> {
        let token = self.next_word();
        match token.kind {
            TokenKind::Str(name) => Ok(name),
            _ => self.unexpected(&token, context),
        }
    }

    fn definition(&mut self) -> Result<(), Error> {
        let at = self.peek().at;
        let name = self.name("define clause")?;
        self.close("define clause")?;
        self.body(at, name, "define clause")
    }

    /// The list of a definition, up to its end.
    fn body(&mut self, at: usize, name: String, context: &str) -> Result<(), Error> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let loops = std::mem::take(&mut self.loops);
        let (list, end) = self.list()?;
        if let Item::Else(at) = end {
            return self.fail(at, messages::unexpected_else_in(context));
        }
        self.variables = variables;
        self.loops = loops;
        let empty = |list: &[Node]| list.iter().all(|n| matches!(n, Node::Text(t) if t.trim().is_empty()));
        match self.defined.get(&name) {
            Some(old) if !empty(old) => {
                if empty(&list) {
                    return Ok(());
                }
                return self.fail(at, messages::defined_twice(&name));
            }
            _ => self.defined.insert(name, list),
        };
        Ok(())
    }

    fn list(&mut self) -> Result<(Vec<Node>, Item), Error> {
        let mut list = Vec::new();
        while self.peek().kind != TokenKind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => list.push(node),
                end => return Ok((list, end)),
            }
        }
        self.fail(self.text.len(), messages::unexpected_eof())
    }

    fn text_or_action(&mut self) -> Result<Item, Error> {
        let token = self.next();
        match token.kind {
            TokenKind::Text(text) => Ok(Item::Node(Node::Text(text))),
            TokenKind::Open => self.action(),
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Result<Item, Error> {
        let token = self.next_word();
        if let TokenKind::Keyword(keyword) = token.kind {
            return match keyword {
                Keyword::Block => self.block(token.at).map(Item::Node),
                Keyword::Break | Keyword::Continue => {
                    let word = if keyword == Keyword::Break { "break" } else { "continue" };
                    self.close(&format!("{{{{{word}}}}}"))?;
                    if self.loops == 0 {
                        return self.fail(token.at, messages::outside_of_range(word));
                    }
                    Ok(Item::Node(if keyword == Keyword::Break { Node::Break } else { Node::Continue }))
                }
                Keyword::Else => {
                    // `{{else if}}` and `{{else with}}` are looked at by the control structure.
                    let next = self.peek_word().kind.clone();
                    if !matches!(next, TokenKind::Keyword(Keyword::If | Keyword::With)) {
                        self.close("else")?;
                    }
                    Ok(Item::Else(token.at))
                }
                Keyword::End => {
                    self.close("end")?;
                    Ok(Item::End(token.at))
                }
                Keyword::If => self.control(Control::If).map(Item::Node),
                Keyword::Range => self.control(Control::Range).map(Item::Node),
                Keyword::With => self.control(Control::With).map(Item::Node),
                Keyword::Template => self.template(token.at).map(Item::Node),
                Keyword::Define => self.fail(token.at, messages::unexpected_define()),
                Keyword::Nil => {
                    self.at -= 1;
                    self.pipeline("command", &TokenKind::Close).map(|p| Item::Node(Node::Action(p)))
                }
            };
        }
        self.at -= 1;
        let pipe = self.pipeline("command", &TokenKind::Close)?;
        Ok(Item::Node(Node::Action(pipe)))
    }

    fn control(&mut self, control: Control) -> Result<Node, Error> {
        let variables = self.variables.len();
        let pipe = self.pipeline(control.name(), &TokenKind::Close)?;
        self.loops += usize::from(control == Control::Range);
        let (list, end) = self.list()?;
        self.loops -= usize::from(control == Control::Range);
        let other = match end {
            Item::Else(at) => {
                let next = self.peek().kind.clone();
                let again = match (control, &next) {
                    (Control::If, TokenKind::Keyword(Keyword::If)) => Some(Control::If),
                    (Control::With, TokenKind::Keyword(Keyword::With)) => Some(Control::With),
                    // An `{{else}}` of its own is closed by now, and no keyword follows that.
                    (_, TokenKind::Keyword(_)) => {
                        let token = self.peek().clone();
                        return self.unexpected(&token, "else");
                    }
                    _ => None,
                };
                match again {
                    Some(again) => {
                        self.next();
                        Some(vec![self.control(again)?])
                    }
                    None => {
                        let (list, end) = self.list()?;
                        if let Item::Else(second) = end {
                            let message = messages::second_else();
                            return self.fail(second.max(at), message);
                        }
                        Some(list)
                    }
                }
            }
            _ => None,
        };
        self.variables.truncate(variables);
        let branch = Branch { pipe, list, other };
        Ok(match control {
            Control::If => Node::If(branch),
            Control::With => Node::With(branch),
            Control::Range => Node::Range(branch),
        })
    }

    fn block(&mut self, at: usize) -> Result<Node, Error> {
        let name = self.name("block clause")?;
        let pipe = self.pipeline("block clause", &TokenKind::Close)?;
        self.body(at, name.clone(), "block clause")?;
        Ok(Node::Template { at, name, pipe: Some(pipe) })
    }

    fn template(&mut self, at: usize) -> Result<Node, Error> {
        let name = self.name("template clause")?;
        let pipe = match self.peek_word().kind {
            TokenKind::Close => {
                self.next();
                None
            }
            _ => Some(self.pipeline("template clause", &TokenKind::Close)?),
        };
        Ok(Node::Template { at, name, pipe })
    }

    fn pipeline(&mut self, context: &str, end: &TokenKind) -> Result<Pipe, Error> {
        let at = self.peek_word().at;
        let mut pipe = Pipe { at, variables: Vec::new(), assigns: false, commands: Vec::new() };
        self.declarations(context, &mut pipe)?;
        loop {
            let token = self.next_word();
            match &token.kind {
                kind if kind == end => {
                    let Some(later) = pipe.commands.get(1..) else {
                        return self.fail(token.at, messages::missing_value(context));
                    };
                    for (i, command) in later.iter().enumerate() {
                        let Some(first) = command.words.first() else { continue };
                        if matches!(first.kind, WordKind::Dot | WordKind::Nil | WordKind::Constant(_)) {
                            let message = messages::not_executable(i + 2);
                            return self.fail(first.at, message);
                        }
                    }
                    return Ok(pipe);
                }
                TokenKind::Bool(_)
                | TokenKind::Number(_)
                | TokenKind::Str(_)
                | TokenKind::Dot
                | TokenKind::Field(_)
                | TokenKind::Ident(_)
                | TokenKind::Keyword(Keyword::Nil)
                | TokenKind::Variable(_)
                | TokenKind::LeftParen => {
                    self.at -= 1;
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(&token, context),
            }
        }
    }

    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Result<(), Error> {
        loop {
            let TokenKind::Variable(name) = self.peek_word().kind.clone() else { return Ok(()) };
            let before = self.at;
            let at = self.next().at;
            match self.peek_word().kind {
                TokenKind::Assign | TokenKind::Declare => {
                    pipe.assigns = self.next().kind == TokenKind::Assign;
                    self.variables.push(name.clone());
                    pipe.variables.push(name);
                    return Ok(());
                }
                TokenKind::Comma => {
                    self.next();
                    self.variables.push(name.clone());
                    pipe.variables.push(name);
                    if context == "range" && pipe.variables.len() < 2 {
                        if matches!(
                            self.peek_word().kind,
                            TokenKind::Variable(_) | TokenKind::Close | TokenKind::RightParen
                        ) {
                            continue;
                        }
                        return self.fail(at, messages::range_variables());
                    }
                    return self.fail(at, messages::many_declarations(context));
                }
                _ => {
                    self.at = before;
                    return Ok(());
                }
            }
        }
    }

    fn command(&mut self) -> Result<Command, Error> {
        let mut words = Vec::new();
        let start = self.peek().at;
        loop {
            self.spaces();
            if let Some(word) = self.operand()? {
                words.push(word);
            }
            let token = self.next();
            match token.kind {
                TokenKind::Space => continue,
                TokenKind::Close | TokenKind::RightParen => self.at -= 1,
                TokenKind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if words.is_empty() {
            return self.fail(start, messages::empty_command());
        }
        if let [Word { kind: WordKind::Function(name), .. }, format, ..] = words.as_slice()
            && name == "printf"
            && !self.functions.contains(&"printf")
            && let WordKind::Constant(Constant::Str(text)) = &format.kind
        {
            format::check(text).or_else(|message| self.fail(format.at, message))?;
        }
        Ok(Command { words })
    }

    fn operand(&mut self) -> Result<Option<Word>, Error> {
        let Some(word) = self.term()? else { return Ok(None) };
        let mut names = Vec::new();
        let at = self.peek().at;
        while let TokenKind::Field(name) = &self.peek().kind {
            names.push(name.clone());
            self.at += 1;
        }
        if names.is_empty() {
            return Ok(Some(word));
        }
        let kind = match word.kind {
            WordKind::Field(mut before) => {
                before.append(&mut names);
                WordKind::Field(before)
            }
            WordKind::Variable(variable, mut before) => {
                before.append(&mut names);
                WordKind::Variable(variable, before)
            }
            WordKind::Dot | WordKind::Nil | WordKind::Constant(_) => {
                return self.fail(at, messages::dot_after_term());
            }
            _ => {
                let at = word.at;
                return Ok(Some(Word { at, kind: WordKind::Chain(Box::new(word), names) }));
            }
        };
        Ok(Some(Word { at: word.at, kind }))
    }

    fn term(&mut self) -> Result<Option<Word>, Error> {
        let token = self.next_word();
        let kind = match &token.kind {
            TokenKind::Ident(name) => {
                let ours = self.functions.contains(&name.as_str());
                if functions::is_left_out(name) && !ours {
                    return self.fail(token.at, messages::unsupported_function(name));
                }
                if !functions::is_predefined(name) && !ours {
                    return self.fail(token.at, messages::undefined_function(name));
                }
                WordKind::Function(name.clone())
            }
            TokenKind::Dot => WordKind::Dot,
            TokenKind::Keyword(Keyword::Nil) => WordKind::Nil,
            TokenKind::Variable(name) => {
                if !self.variables.contains(name) {
                    return self.fail(token.at, messages::undefined_variable_in_template(name));
                }
                WordKind::Variable(name.clone(), Vec::new())
            }
            TokenKind::Field(name) => WordKind::Field(vec![name.clone()]),
            TokenKind::Bool(b) => WordKind::Constant(Constant::Bool(*b)),
            TokenKind::Number(text) => match number::read(text) {
                Some(value) => WordKind::Constant(value),
                None => {
                    return self.fail(token.at, messages::unsupported_number(text));
                }
            },
            TokenKind::LeftParen => {
                let pipe = self.pipeline("parenthesized pipeline", &TokenKind::RightParen)?;
                WordKind::Pipe(Box::new(pipe))
            }
            TokenKind::Str(text) => WordKind::Constant(Constant::Str(text.clone())),
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Word { at: token.at, kind }))
    }
}

fn shown(kind: &TokenKind) -> String {
    match kind {
        TokenKind::Text(_) => "text".into(),
        TokenKind::Open => "{{".into(),
        TokenKind::Close => "}}".into(),
        TokenKind::Space => "space".into(),
        TokenKind::Ident(name) => format!("`{name}`"),
        TokenKind::Field(name) => format!("`.{name}`"),
        TokenKind::Variable(name) => format!("`{name}`"),
        TokenKind::Dot => "`.`".into(),
        TokenKind::Bool(b) => format!("`{b}`"),
        TokenKind::Number(text) => format!("`{text}`"),
        TokenKind::Str(text) => format!("{text:?}"),
        TokenKind::Pipe => "`|`".into(),
        TokenKind::LeftParen => "`(`".into(),
        TokenKind::RightParen => "`)`".into(),
        TokenKind::Declare => "`:=`".into(),
        TokenKind::Assign => "`=`".into(),
        TokenKind::Comma => "`,`".into(),
        TokenKind::Other(c) => format!("`{c}`"),
        TokenKind::Keyword(k) => format!("`{}`", format!("{k:?}").to_lowercase()),
        TokenKind::Eof => "EOF".into(),
    }
}

//! Statements: where a function is entered, before another one, after another one.

use weave_ir::{Code, Kind, Language};
use weave_syntax::{Event, Node, NodeId, NodeKind, Span, TokenKind};

use crate::advice::edits::Level;
use crate::advice::recompose::words;
use crate::advice::{Advisor, Work};
use crate::package::file::File;
use crate::package::sites::Candidate;
use crate::refusal::{Refusal, no_body, refuse};

impl<'a> Advisor<'a, '_, '_> {
    /// Statements where a function is entered.
    pub(super) fn enter(&mut self, code: &Code, work: &mut Work<'_>, c: Candidate) -> Result<(), Refusal> {
        let Some(index) = c.function else { return Err(refuse("place", "there is no function")) };
        let function = &self.package.functions[index].1;
        let Some(body) = function.body else { return Err(refuse("no-body", no_body(function))) };
        let filled = self.fill(code, work, c)?.statements().map_err(|m| refuse("code", m))?;
        let text = self.flat(&filled, work, c)?;
        // A template may print nothing.
        if code.language == Language::GoTemplate && text.trim().is_empty() {
            return Ok(());
        }
        if words(&text).contains(&"defer") {
            self.state.deferring.insert(index);
        }
        let text = if code.bare { format!(" {text};") } else { format!(" {{ {text} }};") };
        let inside = Span::new(body.lbrace + 1, body.rbrace);
        self.state.edits[c.file].open(inside, Level::Block, work.rank, text, work.owner);
        Ok(())
    }

    /// Statements before or after the one that the candidate is or is in.
    pub(super) fn around_statement(
        &mut self,
        code: &Code,
        work: &mut Work<'_>,
        c: Candidate,
        after: bool,
    ) -> Result<(), Refusal> {
        let inside = &self.package.inside[c.file];
        let index = match c.kind {
            Kind::Statement => Some(c.index),
            Kind::Call => inside.calls[c.index].statement,
            Kind::Literal => inside.literals[c.index].statement,
            _ => None,
        };
        let Some(site) = index.map(|i| &inside.statements[i]) else {
            return Err(refuse("place", "it is in no statement"));
        };
        let tree = &self.package.files[c.file].tree;
        let filled = self.fill(code, work, c)?.statements().map_err(|m| refuse("code", m))?;
        let text = filled.plain().map_err(|m| refuse("code", m))?;
        if after {
            if let Some(why) = ends(&self.package.files[c.file], site.node, site.label) {
                return Err(refuse("place", why));
            }
            let text = if code.bare { format!("; {text}") } else { format!("; {{ {text} }}") };
            self.state.edits[c.file].close(site.span, Level::Statement, work.rank, text, work.owner);
            return Ok(());
        }
        let loops = matches!(
            tree.kind(site.node),
            NodeKind::For | NodeKind::Range | NodeKind::Switch | NodeKind::TypeSwitch | NodeKind::Select
        );
        // The label of a loop must stand directly before it. Whoever jumps there would leave the added code out.
        let span = match site.label {
            Some(label) if loops => {
                if goes_to(&self.package.files[c.file], tree.node_text(label)) {
                    let message = format!(
                        "a `goto {}` jumps to the statement, and code before its label would be left out",
                        tree.node_text(label)
                    );
                    return Err(refuse("place", message));
                }
                site.span
            }
            _ => tree.span(site.node),
        };
        let text = if code.bare { format!("{text}; ") } else { format!("{{ {text} }}; ") };
        self.state.edits[c.file].open(span, Level::Statement, work.rank, text, work.owner);
        Ok(())
    }
}

/// Why nothing can come after a statement: control does not reach its end, and the compiler would want a `return` there.
fn ends(file: &File<'_>, statement: NodeId, label: Option<NodeId>) -> Option<String> {
    let tree = &file.tree;
    let word = match tree.node(statement) {
        Node::Return(_) => "return",
        Node::Branch(b) => match b.keyword {
            TokenKind::Break => "break",
            TokenKind::Continue => "continue",
            TokenKind::Goto => "goto",
            _ => "fallthrough",
        },
        Node::ExprStmt(e) => match tree.node(e.x) {
            Node::Call(c) if tree.node_text(c.fun) == "panic" => "panic",
            _ => return None,
        },
        Node::Block(_)
        | Node::If(_)
        | Node::For(_)
        | Node::Switch(_)
        | Node::TypeSwitch(_)
        | Node::Select(_) => {
            return terminates(file, statement, label)
                .then(|| "control does not reach the end of the statement".to_owned());
        }
        _ => return None,
    };
    Some(format!("nothing runs after `{word}`"))
}

fn goes_to(file: &File<'_>, label: &str) -> bool {
    let tree = &file.tree;
    tree.descendants(tree.root()).any(|id| match tree.node(id) {
        Node::Branch(b) => {
            b.keyword == TokenKind::Goto && b.label.is_some_and(|l| tree.node_text(l) == label)
        }
        _ => false,
    })
}

/// Whether a compound statement is a terminating one, as the language defines it.
fn terminates(file: &File<'_>, statement: NodeId, label: Option<NodeId>) -> bool {
    let tree = &file.tree;
    // Statements that must all be terminating, with their labels.
    let mut todo = vec![(statement, label)];
    while let Some((id, label)) = todo.pop() {
        let lists: Vec<&[NodeId]> = match tree.node(id) {
            Node::Return(_) => continue,
            Node::Branch(b) if matches!(b.keyword, TokenKind::Goto | TokenKind::Fallthrough) => continue,
            Node::ExprStmt(e) if matches!(tree.node(e.x), Node::Call(c) if tree.node_text(c.fun) == "panic") =>
            {
                continue;
            }
            Node::Labeled(l) => {
                todo.push((l.stmt, Some(l.label)));
                continue;
            }
            Node::Block(b) => vec![b.stmts],
            Node::If(i) => {
                let Some(els) = i.els else { return false };
                todo.push((i.body, None));
                todo.push((els, None));
                continue;
            }
            Node::For(f) => {
                if f.cond.is_some() || breaks(file, f.body, label) {
                    return false;
                }
                continue;
            }
            Node::Switch(weave_syntax::Switch { body, .. })
            | Node::TypeSwitch(weave_syntax::TypeSwitch { body, .. })
            | Node::Select(weave_syntax::Select { body }) => {
                if breaks(file, body, label) {
                    return false;
                }
                let Node::Block(b) = tree.node(body) else { return false };
                let mut default = matches!(tree.node(id), Node::Select(_));
                let mut lists = Vec::new();
                for &clause in b.stmts {
                    match tree.node(clause) {
                        Node::CaseClause(c) => {
                            default |= c.list.is_none();
                            lists.push(c.body);
                        }
                        Node::CommClause(c) => lists.push(c.body),
                        _ => {}
                    }
                }
                if !default {
                    return false;
                }
                lists
            }
            _ => return false,
        };
        for list in lists {
            match list.last() {
                Some(&last) => todo.push((last, None)),
                None => return false,
            }
        }
    }
    true
}

/// Whether a `break` below leaves the statement with this body and label.
pub(crate) fn breaks(file: &File<'_>, body: NodeId, label: Option<NodeId>) -> bool {
    let tree = &file.tree;
    let mut inner = 0u32;
    let mut walk = tree.walk(body);
    while let Some(event) = walk.next() {
        let (id, enter) = match event {
            Event::Enter(id) => (id, true),
            Event::Leave(id) => (id, false),
        };
        match tree.node(id) {
            Node::FuncLit(_) => walk.skip_children(),
            Node::For(_) | Node::Range(_) | Node::Switch(_) | Node::TypeSwitch(_) | Node::Select(_) => {
                inner = if enter { inner + 1 } else { inner - 1 };
            }
            Node::Branch(b) if enter && b.keyword == TokenKind::Break => match (b.label, label) {
                (None, _) if inner == 0 => return true,
                (Some(to), Some(label)) if tree.node_text(to) == tree.node_text(label) => return true,
                _ => {}
            },
            _ => {}
        }
    }
    false
}

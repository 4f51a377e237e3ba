//! Control flow: terminating statements, as the specification of Go defines them, and jumps.

use crate::{Event, Node, NodeId, TokenKind, Tree};

/// Returns whether a compound statement is a terminating one, as the language defines it; `label` is the one directly before it.
#[must_use]
pub fn terminates(tree: &Tree<'_>, statement: NodeId, label: Option<NodeId>) -> bool {
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
                if f.cond.is_some() || breaks(tree, f.body, label) {
                    return false;
                }
                continue;
            }
            Node::Switch(crate::Switch { body, .. })
            | Node::TypeSwitch(crate::TypeSwitch { body, .. })
            | Node::Select(crate::Select { body }) => {
                if breaks(tree, body, label) {
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

/// Returns whether a `goto` of the file jumps to a label.
#[must_use]
pub fn goes_to(tree: &Tree<'_>, label: &str) -> bool {
    tree.descendants(tree.root()).any(|id| match tree.node(id) {
        Node::Branch(b) => {
            b.keyword == TokenKind::Goto && b.label.is_some_and(|l| tree.node_text(l) == label)
        }
        _ => false,
    })
}

/// Returns whether a `break` below leaves the statement with this body and label.
pub(crate) fn breaks(tree: &Tree<'_>, body: NodeId, label: Option<NodeId>) -> bool {
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

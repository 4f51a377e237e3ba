//! Statements: where a function is entered, before another one, after another one.

use weave_ir::{Code, Kind, Language};
use weave_syntax::flow::{goes_to, terminates};
use weave_syntax::{Node, NodeId, NodeKind, TokenKind};

use crate::advice::edits::Level;
use crate::advice::patch::Change;
use crate::advice::recompose::words;
use crate::advice::{Advisor, Work};
use crate::messages;
use crate::package::file::File;
use crate::package::sites::Candidate;
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    /// Statements where a function, or something inside of one, is entered.
    pub(super) fn enter(&self, code: &Code, work: &mut Work<'_, 'a>, c: Candidate) -> Result<(), Refusal> {
        let Some(index) = c.function else { return Err(messages::no_function().boxed()) };
        let function = &self.package.functions[index].1;
        let Some(inside) = self.package.entered(c) else {
            return Err(messages::no_body(function.display()).boxed());
        };
        let filled = self.fill(code, work, c)?.statements().map_err(|m| messages::code(m).boxed())?;
        let text = self.flat(&filled, work, c)?;
        // A template may print nothing.
        if code.language == Language::GoTemplate && text.trim().is_empty() {
            return Ok(());
        }
        if words(&text).contains(&"defer") {
            work.patch.push(Change::Deferring(index));
        }
        let text = if code.bare { format!(" {text};") } else { format!(" {{ {text} }};") };
        work.patch.edits(c.file).open(inside, Level::Block, work.rank, text, work.owner);
        Ok(())
    }

    /// Statements before or after the one that the candidate is or is in.
    pub(super) fn around_statement(
        &self,
        code: &Code,
        work: &mut Work<'_, 'a>,
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
            return Err(messages::no_statement().boxed());
        };
        let tree = &self.package.files[c.file].tree;
        let filled = self.fill(code, work, c)?.statements().map_err(|m| messages::code(m).boxed())?;
        let text = filled.plain().map_err(|m| messages::code(m).boxed())?;
        if after {
            if let Some(why) = ends(&self.package.files[c.file], site.node, site.label) {
                return Err(messages::not_there(why).boxed());
            }
            let text = if code.bare { format!("; {text}") } else { format!("; {{ {text} }}") };
            work.patch.edits(c.file).close(site.span, Level::Statement, work.rank, text, work.owner);
            return Ok(());
        }
        let loops = matches!(
            tree.kind(site.node),
            NodeKind::For | NodeKind::Range | NodeKind::Switch | NodeKind::TypeSwitch | NodeKind::Select
        );
        // The label of a loop must stand directly before it. Whoever jumps there would leave the added code out.
        let span = match site.label {
            Some(label) if loops => {
                if goes_to(tree, tree.node_text(label)) {
                    let message = messages::goto_statement(tree.node_text(label));
                    return Err(message.boxed());
                }
                site.span
            }
            _ => tree.span(site.node),
        };
        let text = if code.bare { format!("{text}; ") } else { format!("{{ {text} }}; ") };
        work.patch.edits(c.file).open(span, Level::Statement, work.rank, text, work.owner);
        Ok(())
    }
}

/// Returns why nothing can come after a statement: control does not reach its end, and the compiler would want a `return` there.
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
            return terminates(tree, statement, label).then(|| messages::end_not_reached().to_owned());
        }
        _ => return None,
    };
    Some(messages::nothing_after(word))
}

//! Code around an expression, or in its place.

use weave_ir::{Code, Kind};
use weave_syntax::{Node, NodeId};
use weave_text::Span;

use crate::advice::code::{Filled, insertions, is_primary};
use crate::advice::edits::Level;
use crate::advice::{Advisor, Work};
use crate::messages;
use crate::package::sites::Candidate;
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    /// The expression that a candidate is, as a whole.
    pub(crate) fn expression(&self, c: Candidate) -> Result<(NodeId, Span), Refusal> {
        let tree = &self.package.files[c.file].tree;
        let node = match c.kind {
            Kind::Call => {
                let call = &self.package.inside[c.file].calls[c.index];
                if let Some(keyword) = call.starts {
                    let message = messages::called_later(keyword);
                    return Err(Box::new(message.help(messages::help_called_later())));
                }
                call.node
            }
            Kind::Literal => {
                let literal = &self.package.inside[c.file].literals[c.index];
                if literal.elided {
                    return Err(messages::literal_without_type().boxed());
                }
                literal.whole
            }
            _ => return Err(messages::no_expression(c.kind.name()).boxed()),
        };
        Ok((node, tree.span(node)))
    }

    pub(super) fn wrap(&self, code: &Code, work: &mut Work<'_, 'a>, c: Candidate) -> Result<(), Refusal> {
        let (node, span) = self.expression(c)?;
        let filled = self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
        let alone = self.unused(node, &filled, c)?;
        let (before, after) = filled.around().map_err(|m| messages::code(m).boxed())?;
        self.surround(c.file, span, (before, after), !alone && !filled.is_primary(), work);
        Ok(())
    }

    /// Puts code around an expression; `whole` says whether the result needs parentheses.
    pub(super) fn surround(
        &self,
        file: usize,
        span: Span,
        (before, after): (&str, &str),
        whole: bool,
        work: &mut Work<'_, 'a>,
    ) {
        // What is there keeps together whatever stands beside it.
        let bare = after.is_empty() && before.is_empty()
            || (before.is_empty() || before.ends_with(['(', '[', '{', ',', ' ']))
                && (after.starts_with([')', ']', '}', ',']) || after.is_empty())
                && !before.trim_end().ends_with(|c: char| "+-*/%&|^<>=!".contains(c));
        let inner = !bare && !is_primary(self.package.files[file].tree.text(span));
        let paren = |on: bool, p: &'static str| if on { p } else { "" };
        let open = format!("{}{before}{}", paren(whole, "("), paren(inner, "("));
        let close = format!("{}{after}{}", paren(inner, ")"), paren(whole, ")"));
        let edits = work.patch.edits(file);
        edits.open(span, Level::Expression, work.rank, open, work.owner);
        edits.close(span, Level::Expression, work.rank, close, work.owner);
    }

    /// Returns whether an expression is a statement, whose value is unused: then only a call can come out.
    fn unused(&self, node: NodeId, filled: &Filled, c: Candidate) -> Result<bool, Refusal> {
        let inside = &self.package.inside[c.file];
        let statement = match c.kind {
            Kind::Call => inside.calls[c.index].statement,
            _ => None,
        };
        let tree = &self.package.files[c.file].tree;
        let alone = statement.is_some_and(
            |s| matches!(tree.node(inside.statements[s].node), Node::ExprStmt(e) if e.x == node),
        );
        if alone && !filled.is_call() {
            let message = messages::call_is_statement();
            return Err(message.boxed());
        }
        Ok(alone)
    }

    pub(crate) fn replace(&self, code: &Code, work: &mut Work<'_, 'a>, c: Candidate) -> Result<(), Refusal> {
        let (node, span) = self.expression(c)?;
        let filled = self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
        let alone = self.unused(node, &filled, c)?;
        let text = filled.plain().map_err(|m| messages::code(m).boxed())?.to_owned();
        self.put(c.file, span, &text, !alone && !filled.is_primary(), work);
        Ok(())
    }

    /// Puts an expression in the place of another: around its tokens if it has them all, else instead.
    pub(super) fn put(&self, file: usize, span: Span, text: &str, brace: bool, work: &mut Work<'_, 'a>) {
        let old = self.package.files[file].tree.text(span);
        let breaks = old.matches('\n').count();
        let edits = work.patch.edits(file);
        if breaks == 0
            && let Some(list) = insertions(old, text)
        {
            let (open, close) = if brace { ("(", ")") } else { ("", "") };
            edits.open(span, Level::Expression, work.rank, open, work.owner);
            for (at, text) in list {
                if at == 0 {
                    edits.open(span, Level::Expression, work.rank, text, work.owner);
                } else if at as usize == old.len() {
                    edits.close(span, Level::Expression, work.rank, text, work.owner);
                } else {
                    edits.insert(span.start + at, work.rank, text, work.owner);
                }
            }
            edits.close(span, Level::Expression, work.rank, close, work.owner);
            return;
        }
        let text =
            if breaks > 0 || brace { format!("({}{text})", "\n".repeat(breaks)) } else { text.to_owned() };
        edits.replace(span, text, work.owner);
        work.patch.removed(file, span);
    }
}

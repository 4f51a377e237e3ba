//! Arguments and callees of calls.

use weave_ir::{GoType, Kind, LoweredArguments, SymbolPattern};
use weave_syntax::Node;
use weave_text::Span;

use crate::advice::edits::{Level, Rank};
use crate::advice::{Advisor, Work};
use crate::messages;
use crate::package::sites::Candidate;
use crate::package::typefacts::MethodFact;
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    pub(super) fn append_arguments(
        &self,
        arguments: &LoweredArguments,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        if c.kind != Kind::Call {
            return Err(messages::no_arguments(c.kind.name()).boxed());
        }
        let node = self.package.inside[c.file].calls[c.index].node;
        let mut values = Vec::new();
        for code in &arguments.values {
            let filled = self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
            values.push(self.flat(&filled, work, c)?);
        }
        let values = values.join(", ");
        let Node::Call(call) = self.package.files[c.file].tree.node(node) else { return Ok(()) };
        let last = call.args.last().map(|&a| self.package.files[c.file].tree.span(a));
        let lparen = call.lparen;
        match (last, call.ellipsis) {
            (None, _) => {
                // Nothing but comments is between the parentheses.
                let inside = Span::new(lparen + 1, call.rparen);
                let text = format!("{values}, ");
                work.patch.edits(c.file).open(inside, Level::Expression, work.rank, text, work.owner);
            }
            (Some(last), None) => {
                // What follows may belong to the last argument, such as an edit inside it.
                let outside = Span::new(lparen + 1, last.end);
                let text = format!(", {values}");
                self.append(c.file, outside, text, work);
            }
            (Some(last), Some(_)) => {
                let Some(ty) = &arguments.variadic else {
                    return Err(Box::new(messages::spread()));
                };
                let ty = GoType::parse(ty).map_err(|e| messages::bad_type(&e).boxed())?;
                let ty = self.render(c.file, &ty, work)?;
                let edits = work.patch.edits(c.file);
                // A new list: the callee's caller keeps its own. What the earlier rule adds comes first in the list, so it
                // stands inside.
                let rank = Rank::MAX - work.rank;
                let before = format!("append(append([]{ty}(nil), ");
                edits.open(last, Level::Expression, rank, before, work.owner);
                let after = format!("...), {values})");
                edits.close(last, Level::Expression, rank, after, work.owner);
            }
        }
        Ok(())
    }

    /// Inserts after the last of several siblings, whose span this is: outside of edits around that one, and the earlier
    /// advice first.
    pub(crate) fn append(&self, file: usize, siblings: Span, text: String, work: &mut Work<'_, 'a>) {
        work.patch.edits(file).close(siblings, Level::Statement, Rank::MAX - work.rank, text, work.owner);
    }

    pub(super) fn call_instead(
        &self,
        symbol: &str,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        if c.kind != Kind::Call {
            return Err(messages::no_callee(c.kind.name()).boxed());
        }
        let symbol = SymbolPattern::try_from(symbol.to_owned()).map_err(|m| messages::code(m).boxed())?;
        if let Some(method) = self.package.method(c).filter(|m| !m.expression) {
            return self.call_with_receiver(&symbol, method, work, c);
        }
        let tree = &self.package.files[c.file].tree;
        let Node::Call(call) = tree.node(self.package.inside[c.file].calls[c.index].node) else {
            return Ok(());
        };
        let mut callee = call.fun;
        // Type arguments stay.
        while let Node::Index(i) = tree.node(callee) {
            callee = i.x;
        }
        let span = tree.span(callee);
        let text = self.name_of(&symbol, work, c)?;
        let breaks = tree.text(span).matches('\n').count();
        let text = if breaks > 0 { format!("({}{text})", "\n".repeat(breaks)) } else { text };
        work.patch.edits(c.file).replace(span, text, work.owner);
        work.patch.removed(c.file, span);
        Ok(())
    }

    /// `x.M(a)` becomes `f(x, a)`, with what the language does to `x` by itself: `f(&x.embedded, a)`.
    fn call_with_receiver(
        &self,
        symbol: &SymbolPattern,
        method: &MethodFact,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let tree = &self.package.files[c.file].tree;
        let Node::Call(call) = tree.node(self.package.inside[c.file].calls[c.index].node) else {
            return Ok(());
        };
        let Node::Selector(selector) = tree.node(call.fun) else {
            let message = messages::method_keeps_its_place();
            return Err(message.boxed());
        };
        let hidden = |field: &&String| !field.starts_with(char::is_uppercase);
        let ours = method.receiver.trim_start_matches('*').rsplit_once('.').map(|(package, _)| package)
            == Some(self.package.input.package);
        if let Some(field) = method.path.iter().find(hidden).filter(|_| !ours) {
            let message = messages::promoted_by_field(field);
            return Err(message.boxed());
        }
        let receiver = tree.span(selector.x);
        let name = Span::new(receiver.end, call.lparen + 1);
        let breaks = tree.text(name).matches('\n').count();
        let path: String = method.path.iter().map(|field| format!(".{field}")).collect();
        let comma = if call.args.is_empty() && breaks == 0 { "" } else { ", " };
        let before = format!("{}({}", self.name_of(symbol, work, c)?, method.adjust);
        let edits = work.patch.edits(c.file);
        edits.open(receiver, Level::Expression, work.rank, before, work.owner);
        edits.replace(name, format!("{path}{comma}{}", "\n".repeat(breaks)), work.owner);
        Ok(())
    }
}

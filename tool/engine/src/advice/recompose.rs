//! Code that a template prints, in the place of an expression: what it prints of that stays where it is.

use weave_ir::{Code, Kind};
use weave_syntax::resolve::Binding;
use weave_syntax::{Node, NodeId, NodeKind, TokenKind};
use weave_text::Span;

use crate::advice::code::{Filled, flat};
use crate::advice::edits::Level;
use crate::advice::patch::Change;
use crate::advice::{Advisor, Work};
use crate::dialect::go_template::{Hole, Piece, Printable, pieces};
use crate::messages;
use crate::package::sites::Candidate;
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    /// Code whose holes are filled with copies of what is there.
    pub(crate) fn flat(
        &self,
        filled: &Filled,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<String, Refusal> {
        filled.plain().map_err(|m| messages::code(m).boxed())?;
        let mut out = String::new();
        for piece in pieces(filled.text()) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(i) => match filled.holes.get(i) {
                    Some(Hole { what: Printable::Node(node), .. }) => {
                        out.push_str(&self.copy(*node, work, c)?);
                    }
                    _ => return Err(messages::name_of_hole().boxed()),
                },
            }
        }
        Ok(out)
    }

    /// A copy of a node on one line, in parentheses where they may be needed.
    fn copy(&self, node: NodeId, work: &mut Work<'_, 'a>, c: Candidate) -> Result<String, Refusal> {
        let tree = &self.package.files[c.file].tree;
        let scope = self.package.resolution.scope(c.file);
        work.copied.extend(tree.descendants(node).filter_map(|id| match scope.binding(id) {
            Some(Binding::Import(i)) => Some(i),
            _ => None,
        }));
        let woven = work.so_far.woven(c.file, tree.span(node), tree.node_text(node));
        let text = flat(&woven).map_err(|m| messages::code(m).boxed())?;
        Ok(if needs_parentheses(tree.kind(node)) { format!("({text})") } else { text })
    }

    /// Puts what a template prints in the place of an expression. Code that it prints once and in its order stays where it
    /// is, with whatever else is woven into it; what is between such code is replaced.
    pub(crate) fn recompose(
        &self,
        code: &Code,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let Some(node) = self.package.subject(&work.rule.join, c) else {
            return Err(messages::no_expression(c.kind.name()).boxed());
        };
        let filled = self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
        self.put_printed(&filled, node, work, c)
    }

    /// The same of code that is printed.
    pub(crate) fn put_printed(
        &self,
        filled: &Filled,
        node: NodeId,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let tree = &self.package.files[c.file].tree;
        let whole = tree.span(node);
        let statement = match c.kind {
            Kind::Call => self.package.inside[c.file].calls[c.index].statement,
            _ => None,
        };
        let statements = &self.package.inside[c.file].statements;
        let alone = statement
            .is_some_and(|s| matches!(tree.node(statements[s].node), Node::ExprStmt(e) if e.x == node));
        let starts = c.kind == Kind::Call && self.package.inside[c.file].calls[c.index].starts.is_some();
        // `{{ . }}` alone changes nothing.
        let itself = |p: &[Piece<'_>]| match p {
            [Piece::Text(""), Piece::Hole(i), Piece::Text("")] => {
                filled.holes.get(*i).is_some_and(|h| h.node() == Some(node))
            }
            _ => false,
        };
        let list = pieces(filled.text());
        if itself(&list) {
            return Ok(());
        }
        if (alone || starts) && !filled.is_call() {
            let message = messages::no_call_for_statement();
            return Err(message.boxed());
        }
        let brace = !alone && !starts && !filled.is_primary();
        // Which holes keep their code: those in the order of the file, from the left.
        let mut parts: Vec<(String, Option<NodeId>)> = Vec::new();
        let mut text = String::new();
        let mut end = whole.start;
        for piece in &list {
            match piece {
                Piece::Text(t) => text.push_str(t),
                Piece::Hole(i) => {
                    let hole = filled.holes.get(*i);
                    let Some((hole, node)) = hole.and_then(|h| Some((h, h.node()?))) else {
                        return Err(messages::name_of_hole().boxed());
                    };
                    let span = tree.span(node);
                    if hole.copy || !whole.covers(span) || span.start < end {
                        text.push_str(&self.copy(node, work, c)?);
                    } else {
                        parts.push((std::mem::take(&mut text), Some(node)));
                        end = span.end;
                    }
                }
            }
        }
        parts.push((text, None));
        match self.gaps(c.file, whole, &parts) {
            Some(gaps) => {
                self.put_gaps(c.file, whole, gaps, brace, work);
                Ok(())
            }
            None => {
                let text = self.flat(filled, work, c)?;
                if work.laying {
                    work.patch.push(Change::LeavesOut { file: c.file, part: whole });
                }
                self.put(c.file, whole, &text, brace, work);
                Ok(())
            }
        }
    }

    /// The edits between the parts of an expression that stay; `None` if the lines cannot be kept that way.
    fn gaps(
        &self,
        file: usize,
        whole: Span,
        parts: &[(String, Option<NodeId>)],
    ) -> Option<Vec<(Span, String)>> {
        let tree = &self.package.files[file].tree;
        let mut out = Vec::new();
        let mut start = whole.start;
        let mut close = "";
        for (i, (text, node)) in parts.iter().enumerate() {
            let span = node.map(|n| tree.span(n));
            let gap = Span::new(start, span.map_or(whole.end, |s| s.start));
            let mut text = text.clone();
            if !close.is_empty() {
                text.insert_str(0, close);
            }
            close = "";
            if let Some(n) = *node {
                let next = parts.get(i + 1).map_or("", |(t, _)| t.as_str()).trim_start();
                let delimited = (text.trim_end().is_empty()
                    || text.trim_end().ends_with(['(', '[', '{', ',', '=', ':']))
                    && (next.is_empty() || next.starts_with([')', ']', '}', ',', ';']));
                if needs_parentheses(tree.kind(n)) && !delimited {
                    text.push('(');
                    close = ")";
                }
            }
            let old = tree.text(gap);
            if words(old) != words(&text) && words(old) != trailing_comma(&text) {
                let breaks = old.matches('\n').count();
                out.push((gap, if breaks == 0 { text } else { with_breaks(&text, breaks)? }));
            }
            start = span.map_or(whole.end, |s| s.end);
        }
        Some(out)
    }

    fn put_gaps(
        &self,
        file: usize,
        whole: Span,
        gaps: Vec<(Span, String)>,
        brace: bool,
        work: &mut Work<'_, 'a>,
    ) {
        if brace {
            work.patch.edits(file).open(whole, Level::Return, work.rank, "(", work.owner);
        }
        for (gap, text) in gaps {
            if gap.start < gap.end {
                if work.laying {
                    work.patch.push(Change::LeavesOut { file, part: gap });
                }
                work.patch.edits(file).replace(gap, text, work.owner);
                work.patch.removed(file, gap);
            } else if gap.start == whole.start {
                work.patch.edits(file).open(whole, Level::Return, work.rank, text, work.owner);
            } else if gap.end == whole.end {
                work.patch.edits(file).close(whole, Level::Return, work.rank, text, work.owner);
            } else {
                let span = Span::new(gap.start, whole.end);
                work.patch.edits(file).open(span, Level::Return, work.rank, text, work.owner);
            }
        }
        if brace {
            work.patch.edits(file).close(whole, Level::Return, work.rank, ")", work.owner);
        }
    }
}

/// Returns whether an expression may need parentheses beside an operator, a selector or a call.
fn needs_parentheses(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Binary | NodeKind::Unary | NodeKind::Star | NodeKind::FuncLit)
}

/// The tokens of code.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let (tokens, _) = weave_syntax::lex(text.as_bytes());
    let kept =
        tokens.significant().iter().filter(|t| !matches!(t.kind, TokenKind::AutoSemi | TokenKind::Eof));
    kept.map(|t| text.get(t.start as usize..t.end as usize).unwrap_or_default()).collect()
}

/// The same with a comma before what closes a list, or without one.
fn trailing_comma(text: &str) -> Vec<&str> {
    let mut list = words(text);
    match list.first() {
        Some(&(")" | "}" | "]")) => list.insert(0, ","),
        Some(&",") if matches!(list.get(1), Some(&(")" | "}" | "]"))) => drop(list.remove(0)),
        _ => {}
    }
    list
}

/// Code with line ends at a place where they end no statement, as late as possible; `None` if there is no such place.
fn with_breaks(text: &str, breaks: usize) -> Option<String> {
    let (tokens, _) = weave_syntax::lex(text.as_bytes());
    let list: Vec<_> = tokens
        .significant()
        .iter()
        .filter(|t| !matches!(t.kind, TokenKind::AutoSemi | TokenKind::Eof))
        .collect();
    let at = list.iter().rev().find(|t| !t.kind.ends_line() && t.kind != TokenKind::Semi)?.end as usize;
    Some(format!("{}{}{}", &text[..at], "\n".repeat(breaks), &text[at..]))
}

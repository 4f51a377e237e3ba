//! Edits of one file in the order of the advice that asks for them.
//!
//! Several advice may insert text at one offset: around nested nodes, and more than one around the same node. What
//! belongs to an outer node stands outside; at one node, the advice that comes first in the order of the rules stands
//! outside, so that it begins first and ends last.

use weave_syntax::NodeId;
use weave_text::Span;
use weave_text::{EditError, TextEdit, TextEditBuilder};

/// Distance of an edit from the leaves of the tree, where spans alone do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The inside of a block.
    Block,
    /// A statement.
    Statement,
    /// Edit of a return statement for a hook.
    Return,
    /// An expression.
    Expression,
}

/// The place of one rule's advice in the order of all.
pub(crate) type Rank = u32;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    /// Ends something that begins before the offset: inner nodes, that is later starts, first.
    Close(std::cmp::Reverse<u32>, std::cmp::Reverse<Level>, std::cmp::Reverse<Rank>),
    /// Begins something that ends after the offset: outer nodes, that is later ends, first.
    Open(std::cmp::Reverse<u32>, Level, Rank),
}

#[derive(Debug, Clone)]
struct Pending {
    span: Span,
    side: Side,
    text: String,
    owner: String,
    tag: Tag,
}

impl Pending {
    /// Returns what the edit is about: from the begin to the end of its node.
    pub(crate) fn node(&self) -> Span {
        match &self.side {
            Side::Open(end, ..) => Span::new(self.span.start, end.0.max(self.span.end)),
            Side::Close(start, ..) => Span::new(start.0.min(self.span.start), self.span.end),
        }
    }

    /// Returns whether it belongs to something in a part of the text.
    fn is_in(&self, part: Span) -> bool {
        let node = self.node();
        let at_an_end = node.is_empty() && (node.start == part.start || node.start == part.end);
        part.start <= node.start && node.end <= part.end && !at_an_end
    }
}

/// Whether an edit may be made again, or go with what is around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tag {
    /// It stays.
    #[default]
    Stays,
    /// It is of an aspect: code that the template of one around it leaves out takes it along.
    Aspect,
    /// The same, and it is about the expression that this node is.
    Expression(NodeId),
}

/// Collects the edits of one file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edits {
    list: Vec<Pending>,
    /// For edits to come.
    pub(crate) tag: Tag,
}

impl Edits {
    /// Inserts text where `node` begins.
    pub(crate) fn open(
        &mut self,
        node: Span,
        level: Level,
        rank: Rank,
        text: impl Into<String>,
        owner: &str,
    ) {
        let side = Side::Open(std::cmp::Reverse(node.end), level, rank);
        self.push(Span::new(node.start, node.start), side, text, owner);
    }

    /// Inserts text where `node` ends.
    pub(crate) fn close(
        &mut self,
        node: Span,
        level: Level,
        rank: Rank,
        text: impl Into<String>,
        owner: &str,
    ) {
        let (start, level, rank) =
            (std::cmp::Reverse(node.start), std::cmp::Reverse(level), std::cmp::Reverse(rank));
        self.push(Span::new(node.end, node.end), Side::Close(start, level, rank), text, owner);
    }

    /// Inserts text at an offset where no other advice does, or where the order does not matter.
    pub(crate) fn insert(&mut self, at: u32, rank: Rank, text: impl Into<String>, owner: &str) {
        self.open(Span::new(at, at), Level::Expression, rank, text, owner);
    }

    /// Replaces the text of `span`, or inserts text where it is empty, after what rules of a lower rank insert there.
    pub(crate) fn rewrite(&mut self, span: Span, rank: Rank, text: &str, owner: &str) {
        if span.is_empty() {
            self.insert(span.start, rank, text, owner);
        } else {
            self.replace(span, text, owner);
        }
    }

    /// Adds those of another list, which come after these. Two aspects that want the same text replaced agree.
    pub(crate) fn append(&mut self, more: Self) {
        for p in more.list {
            self.add(p);
        }
    }

    /// Returns whether this very text is inserted where `node` ends.
    pub(crate) fn closes(&self, node: Span, text: &str) -> bool {
        self.list.iter().any(|p| p.span == Span::new(node.end, node.end) && p.text == text)
    }

    /// Replaces the text of `span`. Two aspects that want the same there agree.
    pub(crate) fn replace(&mut self, span: Span, text: impl Into<String>, owner: &str) {
        let side = Side::Open(std::cmp::Reverse(span.end), Level::Expression, Rank::MAX);
        self.push(span, side, text, owner);
    }

    fn push(&mut self, span: Span, side: Side, text: impl Into<String>, owner: &str) {
        self.add(Pending { span, side, text: text.into(), owner: owner.into(), tag: self.tag });
    }

    fn add(&mut self, p: Pending) {
        if !self.has(&p) {
            self.list.push(p);
        }
    }

    /// Returns whether an aspect wants the same text replaced by the same.
    fn has(&self, p: &Pending) -> bool {
        let same = |q: &Pending| q.span == p.span && q.text == p.text && q.tag == p.tag;
        p.tag != Tag::Stays && !p.span.is_empty() && self.list.iter().any(same)
    }

    /// Takes back what was to be done to an expression.
    pub(crate) fn remove(&mut self, node: NodeId) {
        self.list.retain(|p| p.tag != Tag::Expression(node));
    }

    /// Takes back what aspects were to do inside of a part of the text, which goes.
    pub(crate) fn leave_out(&mut self, part: Span) {
        self.list.retain(|p| p.tag == Tag::Stays || !p.is_in(part));
    }

    /// Returns whether aspects do something inside of an expression.
    pub(crate) fn any_inside(&self, node: NodeId, whole: Span) -> bool {
        self.list.iter().any(|p| p.tag != Tag::Stays && p.tag != Tag::Expression(node) && p.is_in(whole))
    }

    /// A part of the text as these lists, one after the other, make it.
    pub(crate) fn woven<'e>(lists: impl Iterator<Item = &'e Self>, part: Span, original: &str) -> String {
        let mut before: Vec<&Self> = Vec::new();
        let mut list: Vec<&Pending> = Vec::new();
        for edits in lists {
            list.extend(edits.list.iter().filter(|p| p.is_in(part) && !before.iter().any(|e| e.has(p))));
            before.push(edits);
        }
        list.sort_by(|a, b| (a.span.start, &a.side).cmp(&(b.span.start, &b.side)));
        let text = |from: u32, to: u32| {
            let at = |n: u32| (n - part.start) as usize;
            original.get(at(from)..at(to)).unwrap_or_default()
        };
        let mut out = String::new();
        let mut end = part.start;
        for p in list {
            out.push_str(text(end, p.span.start.max(end)));
            out.push_str(&p.text);
            end = p.span.end.max(end);
        }
        out.push_str(text(end, part.end));
        out
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns those who asked for edits, each once, in the order of the file.
    pub(crate) fn owners(&self) -> Vec<&str> {
        let mut owners: Vec<&str> = Vec::new();
        for p in &self.list {
            if !owners.contains(&p.owner.as_str()) {
                owners.push(&p.owner);
            }
        }
        owners
    }

    /// Returns those of the edits that change the text, by who asked for them.
    pub(crate) fn changing(&self) -> impl Iterator<Item = &str> {
        self.list.iter().filter(|p| !(p.span.is_empty() && p.text.is_empty())).map(|p| p.owner.as_str())
    }

    /// Sorts and checks.
    pub(crate) fn finish(mut self, original: &[u8]) -> Result<TextEdit, EditError> {
        self.list.sort_by(|a, b| (a.span.start, &a.side).cmp(&(b.span.start, &b.side)));
        let mut builder = TextEditBuilder::default();
        for p in self.list {
            // The builder keeps the order of adding.
            if p.span.start == p.span.end {
                builder.insert(p.span.start, p.text, p.owner);
            } else {
                builder.replace(p.span, p.text, p.owner);
            }
        }
        builder.finish(original)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outer_and_earlier_advice_stands_outside() {
        let mut e = Edits::default();
        let (inner, outer) = (Span::new(1, 2), Span::new(1, 4));
        for (rank, name) in [(1, "b"), (0, "a")] {
            e.open(inner, Level::Expression, rank, format!("<{name}"), name);
            e.close(inner, Level::Expression, rank, format!("{name}>"), name);
        }
        e.open(outer, Level::Expression, 7, "[", "o");
        e.close(outer, Level::Expression, 7, "]", "o");
        e.open(outer, Level::Statement, 9, "S", "s");
        e.open(Span::new(2, 3), Level::Expression, 0, "(", "next");
        e.open(Span::new(1, 9), Level::Block, 9, "B", "block");
        let edit = e.finish(b"{xyz}     ").expect("the edits are good");
        let text = edit.apply(b"{xyz}     ").expect("the edits are undone").text;
        assert_eq!(String::from_utf8_lossy(&text), "{BS[<a<bxb>a>(yz]}     ");
    }
}

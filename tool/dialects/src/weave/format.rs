//! The one layout of rule files.
//!
//! Keys stand in the order of the reference, the file is indented by two spaces, items of a list by two more than their key,
//! and comments stay with what they are about. What is on one line in braces stays so, with one space inside of them. Scalars are
//! as they are written. Laying a file out again changes nothing.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use crate::messages;
use crate::weave::advice::HookAdvice;
use crate::weave::join_point::Where;
use crate::weave::keys::keys_of;
use crate::weave::model::{Rewriter, Rule, RuleFile};

/// Keys in their order, for a level of a file, which is known by the key above it: as the model declares them.
fn order(level: &str) -> &'static [&'static str] {
    match level {
        "" => keys_of::<RuleFile>(),
        "rewriter" => keys_of::<Rewriter>(),
        "rules" => keys_of::<Rule>(),
        "where" => keys_of::<Where>(),
        "hook" => keys_of::<HookAdvice>(),
        _ => &[],
    }
}

/// A node of the file.
#[derive(Debug)]
enum Node {
    /// A scalar or an alias, as it is written, with anchor and tag; lines of a block scalar.
    Scalar(String, Option<Vec<String>>),
    /// Entries: comments above, key, value, comment beside.
    Map(bool, Vec<Entry>),
    /// Items of a list.
    List(bool, Vec<Entry>),
}

#[derive(Debug)]
struct Entry {
    above: Vec<String>,
    /// Whether an empty line stands above, and the comments.
    apart: bool,
    key: Option<String>,
    value: Node,
    beside: Option<String>,
}

/// Lays a rule file out.
///
/// # Errors
///
/// Where and why the text is not YAML, or what it has that has no layout: several documents, comments inside of braces,
/// mappings as keys, anchors.
pub fn format(text: &str) -> Result<String, (u32, u32, String)> {
    let once = lay_out(text)?;
    // Whatever this module gets wrong, no file comes to mean something else.
    let meaning = |text: &str| serde_saphyr::from_str::<serde_json::Value>(text).ok();
    let same = meaning(text).is_some_and(|before| meaning(&once) == Some(before));
    if !same || lay_out(&once).as_ref() != Ok(&once) {
        return Err((1, 1, messages::layout_not_kept().into()));
    }
    Ok(once)
}

fn lay_out(text: &str) -> Result<String, (u32, u32, String)> {
    let mut reader = Reader::new(text)?;
    let head = reader.comments();
    let gap = reader.events.get(reader.next).is_some_and(|(_, r)| !head.is_empty() && reader.apart(r.start));
    let root = reader.node()?;
    let tail = reader.comments();
    let rest = &reader.events[reader.next..];
    if let Some((_, range)) = rest.iter().find(|(e, _)| !matches!(e, Event::DocumentEnd | Event::StreamEnd)) {
        return Err(reader.fault(range.start, messages::several_documents()));
    }
    let mut out = String::new();
    for line in head {
        out.push_str(&line);
        out.push('\n');
    }
    if gap {
        out.push('\n');
    }
    match root {
        Node::Map(flow, entries) => map(&mut out, sorted(entries, ""), flow, 0),
        _ => return Err((1, 1, messages::no_mapping().into())),
    }
    for line in tail {
        out.push_str(&line);
        out.push('\n');
    }
    Ok(out)
}

struct Reader<'t> {
    text: &'t str,
    events: Vec<(Event<'t>, Range<usize>)>,
    next: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Result<Self, (u32, u32, String)> {
        let mut events = Vec::new();
        for event in Parser::new_from_str(text) {
            match event {
                Ok((event, span)) => {
                    let range = span.byte_range().unwrap_or_default();
                    let start = matches!(event, Event::StreamStart | Event::DocumentStart(..));
                    if !start || events.iter().any(|(e, _)| !matches!(e, Event::Comment(..))) {
                        events.push((event, range));
                    }
                }
                Err(e) => {
                    let at = e.marker();
                    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                    return Err((number(at.line()), number(at.col() + 1), e.info().to_owned()));
                }
            }
        }
        Ok(Self { text, events, next: 0 })
    }

    fn fault(&self, offset: usize, message: &str) -> (u32, u32, String) {
        let before = &self.text[..offset.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let col = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (number(line), number(col), message.to_owned())
    }

    /// Comments that come next.
    fn comments(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        while let Some((Event::Comment(..), range)) = self.events.get(self.next) {
            out.push(self.text[range.clone()].trim_end().to_owned());
            self.next += 1;
        }
        out
    }

    /// A comment on the line on which something ends.
    fn beside(&mut self, end: usize) -> Option<String> {
        let (Event::Comment(..), range) = self.events.get(self.next)? else { return None };
        let same_line = range.start >= end && !self.text[end..range.start].contains('\n');
        let text = self.text[range.clone()].trim_end().to_owned();
        same_line.then(|| {
            self.next += 1;
            text
        })
    }

    /// Returns whether an empty line stands above an offset and the comments in front of it.
    fn apart(&self, offset: usize) -> bool {
        let before = self.text[..offset].trim_end_matches([' ', '-', '\t']);
        before.ends_with("\n\n") || before.ends_with("\r\n\r\n")
    }

    fn node(&mut self) -> Result<Node, (u32, u32, String)> {
        let Some((event, range)) = self.events.get(self.next).cloned() else {
            return Err(self.fault(self.text.len(), messages::ends_early()));
        };
        self.next += 1;
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                if anchor != 0 || tag.is_some() {
                    return Err(self.fault(range.start, messages::anchors_and_tags()));
                }
                Ok(match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => self.block(&value, style, range.start),
                    _ => Node::Scalar(self.text[range].to_owned(), None),
                })
            }
            Event::Alias(_) => Err(self.fault(range.start, messages::aliases())),
            Event::MappingStart(style, 0, _) => self.entries(style, true),
            Event::SequenceStart(style, 0, _) => self.entries(style, false),
            _ => Err(self.fault(range.start, messages::anchors_and_tags())),
        }
    }

    /// A block scalar: its header, and its lines without their indent.
    fn block(&self, value: &str, style: ScalarStyle, start: usize) -> Node {
        let header_line =
            self.text[..start].trim_end_matches([' ', '\n', '\r']).rsplit('\n').next().unwrap_or_default();
        let sign = if style == ScalarStyle::Literal { '|' } else { '>' };
        let header = header_line
            .rfind(sign)
            .map_or_else(|| sign.to_string(), |at| header_line[at..].trim_end().to_owned());
        // A header that says how far lines are indented is no longer right.
        let header: String = header
            .split('#')
            .next()
            .unwrap_or_default()
            .trim()
            .chars()
            .filter(|c| !c.is_ascii_digit())
            .collect();
        let lines = match style {
            ScalarStyle::Literal => value.lines().map(str::to_owned).collect(),
            _ => value.lines().flat_map(|l| [l.to_owned(), String::new()]).collect::<Vec<_>>(),
        };
        let mut lines: Vec<String> = lines;
        if style != ScalarStyle::Literal {
            lines.pop();
        }
        Node::Scalar(header, Some(lines))
    }

    fn entries(&mut self, style: StructureStyle, mapping: bool) -> Result<Node, (u32, u32, String)> {
        let flow = style == StructureStyle::Flow;
        let mut entries = Vec::new();
        loop {
            let first = self.next;
            let above = self.comments();
            if flow && !above.is_empty() {
                return Err(self.fault(self.events[first].1.start, messages::comments_in_braces()));
            }
            match self.events.get(self.next) {
                Some((Event::MappingEnd | Event::SequenceEnd, _)) => {
                    // Comments at the end are about what comes after.
                    self.events[first..=self.next].rotate_right(1);
                    self.next = first + 1;
                    break;
                }
                None => return Err(self.fault(self.text.len(), messages::ends_early())),
                Some(_) => {}
            }
            let apart = !entries.is_empty() && self.apart(self.events[first].1.start);
            let key = if mapping {
                match self.node()? {
                    Node::Scalar(text, None) => Some(text),
                    _ => return Err(self.fault(self.events[first].1.start, messages::key_is_a_word())),
                }
            } else {
                None
            };
            let mut above = above;
            let key_end = self.events[self.next - 1].1.end;
            let mut beside = if mapping { self.beside(key_end) } else { None };
            if mapping {
                let comments = self.next;
                let between = self.comments();
                let block = |e: &Event<'_>| {
                    matches!(
                        e,
                        Event::MappingStart(StructureStyle::Block, ..)
                            | Event::SequenceStart(StructureStyle::Block, ..)
                    )
                };
                if !between.is_empty() && self.events.get(self.next).is_some_and(|(e, _)| block(e)) {
                    // They are about the first entry.
                    self.events[comments..=self.next].rotate_right(1);
                    self.next = comments;
                } else {
                    above.extend(between);
                }
            }
            let value = self.node()?;
            if beside.is_none() {
                let end = self.events[self.next - 1].1.end;
                let scalar =
                    matches!(value, Node::Scalar(_, None) | Node::Map(true, _) | Node::List(true, _));
                beside = if scalar && !flow { self.beside(end) } else { None };
            }
            entries.push(Entry { above, apart, key, value, beside });
        }
        Ok(if mapping { Node::Map(flow, entries) } else { Node::List(flow, entries) })
    }
}

/// The entries of a mapping in the order of the reference; what that does not know comes after, as it is.
fn sorted(mut entries: Vec<Entry>, level: &str) -> Vec<Entry> {
    let order = order(level);
    entries.sort_by_key(|e| order.iter().position(|k| Some(*k) == e.key.as_deref()).unwrap_or(order.len()));
    entries
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn heads(out: &mut String, entry: &Entry, first: bool, indent: usize) {
    if entry.apart && !first {
        out.push('\n');
    }
    for line in &entry.above {
        pad(out, indent);
        out.push_str(line);
        out.push('\n');
    }
}

fn map(out: &mut String, entries: Vec<Entry>, flow: bool, indent: usize) {
    if flow {
        pad(out, indent);
        inline(out, &Node::Map(true, entries));
        out.push('\n');
        return;
    }
    for (i, entry) in entries.into_iter().enumerate() {
        heads(out, &entry, i == 0, indent);
        pad(out, indent);
        put(out, entry, indent);
    }
}

/// One entry of a mapping; the indent is there.
fn put(out: &mut String, entry: Entry, indent: usize) {
    let key = entry.key.unwrap_or_default();
    out.push_str(&key);
    out.push(':');
    value(out, entry.value, &key, entry.beside, indent);
}

fn value(out: &mut String, node: Node, key: &str, beside: Option<String>, indent: usize) {
    let beside = beside.map(|b| format!(" {b}")).unwrap_or_default();
    match node {
        Node::Scalar(text, None) => {
            if !text.is_empty() {
                out.push(' ');
                out.push_str(&text);
            }
            out.push_str(&beside);
            out.push('\n');
        }
        Node::Scalar(header, Some(lines)) => {
            out.push_str(&format!(" {header}{beside}\n"));
            for line in lines {
                if !line.is_empty() {
                    pad(out, indent + 2);
                    out.push_str(&line);
                }
                out.push('\n');
            }
        }
        Node::Map(true, entries) => {
            out.push(' ');
            inline(out, &Node::Map(true, sorted(entries, key)));
            out.push_str(&beside);
            out.push('\n');
        }
        list @ Node::List(true, _) => {
            out.push(' ');
            inline(out, &list);
            out.push_str(&beside);
            out.push('\n');
        }
        Node::Map(false, entries) => {
            out.push_str(&beside);
            out.push('\n');
            map(out, sorted(entries, key), false, indent + 2);
        }
        Node::List(false, items) => {
            out.push_str(&beside);
            out.push('\n');
            for (i, item) in items.into_iter().enumerate() {
                heads(out, &item, i == 0, indent + 2);
                pad(out, indent + 2);
                out.push('-');
                match item.value {
                    Node::Map(false, entries) => {
                        for (n, entry) in sorted(entries, key).into_iter().enumerate() {
                            if n == 0 {
                                // A comment above the first key is one above the item.
                                if entry.above.is_empty() {
                                    out.push(' ');
                                } else {
                                    out.truncate(out.len() - 1 - (indent + 2));
                                    for line in &entry.above {
                                        pad(out, indent + 2);
                                        out.push_str(line);
                                        out.push('\n');
                                    }
                                    pad(out, indent + 2);
                                    out.push_str("- ");
                                }
                            } else {
                                heads(out, &entry, false, indent + 4);
                                pad(out, indent + 4);
                            }
                            put(out, entry, indent + 4);
                        }
                    }
                    other => value(out, other, key, item.beside, indent + 2),
                }
            }
        }
    }
}

/// A value on one line.
fn inline(out: &mut String, node: &Node) {
    match node {
        Node::Scalar(text, _) => out.push_str(text),
        Node::Map(_, entries) if entries.is_empty() => out.push_str("{}"),
        Node::Map(_, entries) => {
            out.push_str("{ ");
            for (i, e) in entries.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                out.push_str(e.key.as_deref().unwrap_or_default());
                out.push_str(": ");
                inline(out, &e.value);
            }
            out.push_str(" }");
        }
        Node::List(_, items) => {
            out.push('[');
            for (i, e) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                inline(out, &e.value);
            }
            out.push(']');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_the_reference() {
        let reference = include_str!("../../../../docs/reference.md");
        for (level, title) in [
            ("", "The file"),
            ("rewriter", "`rewriter`"),
            ("rules", "A rule"),
            ("where", "`where`"),
            ("hook", "`hook`"),
        ] {
            let (_, section) =
                reference.split_once(&format!("\n## {title}\n")).expect("the reference has the section");
            let section = section.split("\n## ").next().unwrap_or_default();
            let keys: Vec<&str> =
                section.lines().filter_map(|l| l.strip_prefix("| `")?.split('`').next()).collect();
            assert_eq!(keys, order(level), "{title}");
            assert!(!keys.is_empty(), "control");
        }
    }

    #[test]
    fn a_file_gets_its_layout_and_keeps_its_comments() {
        let text = "# about the file\n\nname:   x   # its name\nweave: 1\nrules:\n- do: {before: f()}   # what\n  where:\n        function: F\n        package: p\n  # the id\n  id: a\n\n# the second\n- id: b\n  where: { function: G,   package: p }\n  do:\n  - declare: |\n        func f() {\n          g()\n        }\n\n        // end\n  - {import: a/b}\n  # last\n";
        let want = "# about the file\n\nweave: 1\nname: x # its name\nrules:\n  # the id\n  - id: a\n    where:\n      package: p\n      function: F\n    do: { before: f() } # what\n\n  # the second\n  - id: b\n    where: { package: p, function: G }\n    do:\n      - declare: |\n          func f() {\n            g()\n          }\n\n          // end\n      - { import: a/b }\n# last\n";
        assert_eq!(lay_out(text).as_deref(), Ok(want));
        assert_eq!(lay_out(want).as_deref(), Ok(want));
        let value = |text: &str| serde_saphyr::from_str::<serde_json::Value>(text).expect("it is YAML");
        assert_eq!(value(text), value(want));
        assert_eq!(format(text).as_deref(), Ok(want));
        assert_eq!(format(want).as_deref(), Ok(want));
    }

    #[test]
    fn the_documented_files_keep_their_meaning() {
        let blocks = include_str!("../../../../docs/rules.md")
            .split("```yaml\n")
            .skip(1)
            .filter_map(|b| b.split("```").next());
        let mut count = 0;
        for block in blocks {
            let once = format(block).expect("it can be laid out");
            let value = |text: &str| serde_saphyr::from_str::<serde_json::Value>(text).expect("it is YAML");
            assert_eq!(value(block), value(&once));
            count += 1;
        }
        assert!(count > 1, "control");
    }

    #[test]
    fn what_has_no_layout_is_named_with_its_place() {
        for (text, want) in [
            ("weave: 1\nname: &a x\n", "2:10: anchors and tags cannot be formatted"),
            ("weave: 1\n---\nweave: 1\n", "2:1: a rule file is one document"),
            ("[1]\n", "1:1: a rule file is a mapping"),
            ("a: { b: 1, # c\n  d: 2 }\n", "1:12: comments inside braces cannot be formatted"),
        ] {
            let got = format(text).map_err(|(line, col, message)| format!("{line}:{col}: {message}"));
            assert_eq!(got.err().as_deref(), Some(want));
        }
        assert!(format("a: [\n").is_err() && format("").is_err());
    }
}

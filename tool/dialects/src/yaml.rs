//! Rule files as YAML, of every language: what is not YAML of the right form is told in words for people, all of it where that can
//! be, and nothing that is written is taken for nothing.

use std::collections::BTreeSet;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use serde::de::DeserializeOwned;
use serde_saphyr::Error as YamlError;

use crate::messages;
use weave_ir::{Diagnostic, Location, did_you_mean};

/// Reads YAML, or JSON, into a type of the caller.
///
/// # Errors
///
/// Everything that no value of the type has, or the first thing that is wrong otherwise.
pub fn read_yaml<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, Vec<Diagnostic>> {
    let parsed = serde_saphyr::from_str(text);
    let tree = Tree::read(text);
    match parsed {
        Ok(value) => {
            let nothing = tree.map(|tree| tree.meaningless(path)).unwrap_or_default();
            if nothing.is_empty() { Ok(value) } else { Err(nothing) }
        }
        Err(e) if matches!(e.without_snippet(), YamlError::SerdeUnknownField { .. }) => {
            let mut findings = unknown_keys::<T>(path, text, e);
            findings.sort_by(|a, b| a.at.cmp(&b.at));
            findings.dedup();
            Err(findings)
        }
        Err(e) => {
            // A value that is missing is a better message than what follows from it.
            let nothing = tree.map(|tree| tree.meaningless(path)).unwrap_or_default();
            if nothing.is_empty() { Err(vec![fault(path, text, &e)]) } else { Err(nothing) }
        }
    }
}

/// All unknown keys: each is taken out of the text, and what is left is read again.
fn unknown_keys<T: DeserializeOwned>(path: &str, text: &str, first: YamlError) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut text = text.to_owned();
    let mut error = first;
    // More than anybody would read.
    while findings.len() < 50 {
        let YamlError::SerdeUnknownField { field, .. } = error.without_snippet() else { break };
        let mut finding = yaml_error(path, &error);
        let at = finding.at.as_ref().and_then(|at| offset(&text, at.line, at.col));
        let entry = Tree::read(&text).ok().zip(at).and_then(|(tree, at)| tree.entry(field, at));
        let Some(entry) = entry else {
            findings.push(finding);
            break;
        };
        finding.at = Some(location(path, &text, entry.start));
        findings.push(finding);
        // Line ends stay, and so do the places of all that follows.
        let blank = |part: &str| {
            part.chars()
                .map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) })
                .collect::<String>()
        };
        let without = blank(&text[entry.clone()]);
        text.replace_range(entry, &without);
        match serde_saphyr::from_str::<T>(&text) {
            Ok(_) => break,
            Err(e) => error = e,
        }
    }
    findings
}

/// The location of a byte offset.
fn location(path: &str, text: &str, offset: usize) -> Location {
    let before = &text[..offset.min(text.len())];
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let col = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    Location::new(path, number(before.matches('\n').count() + 1), number(col))
}

/// The byte offset of a location.
fn offset(text: &str, line: u32, col: u32) -> Option<usize> {
    let start = match usize::try_from(line).ok()?.checked_sub(1)? {
        0 => 0,
        n => text.match_indices('\n').nth(n - 1)?.0 + 1,
    };
    let rest = text[start..].split('\n').next().unwrap_or_default();
    let col = usize::try_from(col).ok()?.checked_sub(1)?;
    Some(start + rest.char_indices().nth(col).map_or(rest.len(), |(at, _)| at))
}

/// The values of a text and where they stand, as far as there are any.
struct Tree<'t> {
    text: &'t str,
    root: Node,
}

enum Node {
    Scalar(Scalar),
    Map { flow: bool, entries: Vec<(Range<usize>, String, Node)>, end: usize },
    List { items: Vec<Node>, end: usize },
}

struct Scalar {
    range: Range<usize>,
    /// Whether it is not a value.
    null: bool,
    /// Properties that YAML takes from the start of the value: the number of an anchor, a tag.
    anchor: usize,
    tag: bool,
}

impl Node {
    fn end(&self) -> usize {
        match self {
            Self::Scalar(s) => s.range.end,
            Self::Map { end, .. } | Self::List { end, .. } => *end,
        }
    }
}

impl<'t> Tree<'t> {
    fn read(text: &'t str) -> Result<Self, ()> {
        let mut events = Vec::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|_| ())?;
            let skipped = matches!(event, Event::StreamStart | Event::DocumentStart(..) | Event::Comment(..));
            if !skipped {
                events.push((event, span.byte_range().unwrap_or_default()));
            }
        }
        let mut next = 0;
        let root = Self::node(&events, &mut next, 0)?;
        Ok(Self { text, root })
    }

    fn node(events: &[(Event<'_>, Range<usize>)], next: &mut usize, depth: u32) -> Result<Node, ()> {
        let (event, range) = events.get(*next).ok_or(())?;
        *next += 1;
        if depth > 200 {
            return Err(());
        }
        Ok(match event {
            Event::Scalar(value, style, anchor, tag) => Node::Scalar(Scalar {
                range: range.clone(),
                null: *style == ScalarStyle::Plain
                    && tag.is_none()
                    && ["", "~", "null", "Null", "NULL"].contains(&&**value),
                anchor: *anchor,
                tag: tag.is_some(),
            }),
            Event::Alias(_) => {
                Node::Scalar(Scalar { range: range.clone(), null: false, anchor: 0, tag: false })
            }
            Event::MappingStart(style, ..) => {
                let mut entries = Vec::new();
                let mut end = range.end;
                loop {
                    match events.get(*next) {
                        Some((Event::MappingEnd, range)) => {
                            end = end.max(range.end);
                            *next += 1;
                            break;
                        }
                        Some((Event::Scalar(key, ..), at)) => {
                            let (key, at) = (key.to_string(), at.clone());
                            *next += 1;
                            let value = Self::node(events, next, depth + 1)?;
                            end = end.max(value.end()).max(at.end);
                            entries.push((at, key, value));
                        }
                        _ => return Err(()),
                    }
                }
                Node::Map { flow: *style == StructureStyle::Flow, entries, end }
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                let mut end = range.end;
                loop {
                    match events.get(*next) {
                        Some((Event::SequenceEnd, range)) => {
                            end = end.max(range.end);
                            *next += 1;
                            break;
                        }
                        Some(_) => {
                            let item = Self::node(events, next, depth + 1)?;
                            end = end.max(item.end());
                            items.push(item);
                        }
                        None => return Err(()),
                    }
                }
                Node::List { items, end }
            }
            _ => return Err(()),
        })
    }

    /// The entry of this key at an offset, or else the first one below or behind it: from its key to its end, in braces with a
    /// comma behind it.
    fn entry(&self, key: &str, at: usize) -> Option<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        self.entries(&self.root, key, &mut found);
        found
            .iter()
            .find(|r| r.start == at)
            .or_else(|| found.iter().find(|r| r.start >= at))
            .or(found.first())
            .cloned()
    }

    fn entries(&self, node: &Node, wanted: &str, found: &mut Vec<Range<usize>>) {
        match node {
            Node::Scalar(_) => {}
            Node::List { items, .. } => items.iter().for_each(|i| self.entries(i, wanted, found)),
            Node::Map { flow, entries, .. } => {
                for (at, key, value) in entries {
                    if key == wanted {
                        let mut range = at.start..value.end().max(at.end);
                        // The colon of a key without a value, and what ends a value in quotes.
                        if let Some(colon) = self.text[at.end..].find(':').filter(|c| at.end + c >= range.end)
                        {
                            range.end = at.end + colon + 1;
                        }
                        if *flow {
                            // One before the closing brace may stay.
                            let rest = self.text[range.end..].trim_start();
                            if rest.starts_with(',') {
                                range.end = self.text.len() - rest.len() + 1;
                            }
                        }
                        found.push(range);
                    }
                    self.entries(value, wanted, found);
                }
            }
        }
    }

    /// Keys without a value, and values of which YAML takes a part for something else.
    fn meaningless(&self, path: &str) -> Vec<Diagnostic> {
        let mut aliased = BTreeSet::new();
        for event in Parser::new_from_str(self.text) {
            if let Ok((Event::Alias(id), _)) = event {
                aliased.insert(id);
            }
        }
        let mut findings = Vec::new();
        self.look(&self.root, None, path, &aliased, &mut findings);
        findings
    }

    fn look(
        &self,
        node: &Node,
        key: Option<(&Range<usize>, &str)>,
        path: &str,
        aliased: &BTreeSet<usize>,
        findings: &mut Vec<Diagnostic>,
    ) {
        match node {
            Node::Map { entries, .. } => {
                for (at, key, value) in entries {
                    self.look(value, Some((at, key)), path, aliased, findings);
                }
            }
            Node::List { items, .. } => {
                for item in items {
                    self.look(item, None, path, aliased, findings);
                }
            }
            Node::Scalar(s) => {
                let from = key.map_or(s.range.start, |(at, _)| at.end);
                let written = self.written(from);
                let at = if key.is_some() || s.range.is_empty() { from + written.0 } else { s.range.start };
                let swallowed = s.tag || s.anchor != 0 && !aliased.contains(&s.anchor);
                if swallowed && written.1.starts_with(['&', '!']) {
                    let what = if s.tag { messages::a_tag() } else { messages::an_anchor() };
                    let word = written.1.split_whitespace().next().unwrap_or_default();
                    let d = messages::taken_by_yaml(word, what).at(location(path, self.text, at));
                    findings.push(d.help(in_quotes(written.1)));
                } else if s.null {
                    let (at, message) = match key {
                        Some((at, key)) => (at.start, messages::no_value(key)),
                        None => (s.range.start, messages::no_value_at_all()),
                    };
                    findings.push(message.at(location(path, self.text, at)));
                }
            }
        }
    }

    /// Returns what is written after a key, on its line: where it begins, counted from the key's end, and the text.
    fn written(&self, from: usize) -> (usize, &str) {
        let line = self.text[from..].split('\n').next().unwrap_or_default();
        let begin = line.find(|c: char| !c.is_whitespace() && !"\"':".contains(c)).unwrap_or(0);
        (begin, line[begin..].trim_end())
    }
}

fn in_quotes(text: &str) -> String {
    let text = text.trim_end_matches(['}', ',']).trim_end();
    match text.contains('"') {
        true => messages::help_single_quotes(text.replace('\'', "''")),
        false => messages::help_double_quotes(text),
    }
}

/// Returns what is wrong with a text that is not YAML of the right form, and what to write.
fn fault(path: &str, text: &str, error: &YamlError) -> Diagnostic {
    let mut d = yaml_error(path, error);
    let Some(at) = d.at.clone() else { return d };
    let line = usize::try_from(at.line).unwrap_or(usize::MAX).saturating_sub(1);
    let indent = |l: &str| l.len() - l.trim_start_matches([' ', '\t']).len();
    let tab = |n: usize| text.lines().nth(n).and_then(|l| l[..indent(l)].find('\t'));
    if let Some((n, col)) = [line, line + 1].into_iter().find_map(|n| Some((n, tab(n)?))) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        d.at = Some(Location::new(path, number(n), number(col)));
        d.message = messages::tab().into();
        return d.help(messages::help_tab());
    }
    if d.message.starts_with("multiple YAML documents") {
        let first = text.lines().enumerate().take(line + 1).filter(|(_, l)| l.starts_with("---")).last();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        d.at = first.map(|(n, _)| Location::new(path, number(n), 1)).or(d.at);
        d.message = messages::second_document().into();
        return d.help(messages::help_second_document());
    }
    let rest = text.lines().nth(line).and_then(|l| {
        let col = usize::try_from(at.col).ok()?.checked_sub(1)?;
        Some(&l[l.char_indices().nth(col)?.0..])
    });
    let rest = rest.unwrap_or_default();
    if d.message.starts_with("alias references unknown anchor") && rest.starts_with('*') {
        let end = rest.find([',', ']', '}', ' ']).unwrap_or(rest.len());
        let word = &rest[..end];
        d.message = messages::alias_without_anchor(word);
        return d.help(in_quotes(word));
    }
    d
}

/// Returns what an error of the reader says, and where.
pub(crate) fn yaml_error(path: &str, error: &YamlError) -> Diagnostic {
    let inner = error.without_snippet();
    let at = inner.location().map(|l| {
        Location::new(
            path,
            u32::try_from(l.line()).unwrap_or(u32::MAX),
            u32::try_from(l.column()).unwrap_or(u32::MAX),
        )
    });
    let mut finding = match inner {
        YamlError::SerdeUnknownField { field, expected, .. } => {
            let known = expected.iter().map(|e| format!("`{e}`")).collect::<Vec<_>>().join(", ");
            let d = messages::unknown_key(field);
            match did_you_mean(field, expected.iter().copied()) {
                Some(s) => d.help(s),
                None => d.help(messages::help_keys(&known)),
            }
        }
        YamlError::SerdeMissingField { field, .. } => messages::missing_key(field),
        YamlError::SerdeInvalidType { unexpected, expected, .. }
        | YamlError::SerdeInvalidValue { unexpected, expected, .. } => {
            messages::wrong_type(expected, unexpected)
        }
        YamlError::DuplicateMappingKey { key, .. } => {
            messages::key_stands_twice(key.as_ref().map_or(String::new(), |k| format!("`{k}`")))
        }
        other => {
            // The renderer of the crate puts the position in front; ours stands there already.
            let message = other.to_string();
            let message = message.lines().next().unwrap_or_default();
            let message = message.split(" at line ").next().unwrap_or(message);
            if let Some((value, known)) = message
                .strip_prefix("unknown variant `")
                .and_then(|rest| rest.split_once("`, expected one of "))
            {
                let list = known.split(", ").map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
                let help = did_you_mean(value, known.split(", ")).unwrap_or(messages::help_values(&list));
                let mut finding = messages::unknown_value(value).help(help);
                finding.at = at;
                return finding;
            }
            messages::yaml(plain_words(message))
        }
    };
    finding.at = at;
    finding
}

/// Returns what a message of the YAML reader means for somebody who does not know its types.
fn plain_words(message: &str) -> &str {
    match message {
        "expected string scalar" => "expected text",
        "expected sequence start" => "expected a list",
        "expected mapping start" => "expected a mapping",
        "invalid boolean" => "expected `true` or `false`",
        "unexpected end of input" => "the file is empty, or ends too early",
        _ if ["invalid u", "invalid i"].iter().any(|p| {
            message.strip_prefix(p).is_some_and(|bits| bits.bytes().all(|b| b.is_ascii_digit()))
        }) =>
        {
            "expected a number"
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Sp;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the form is looked at")]
    struct Outer {
        name: Option<Sp<String>>,
        list: Option<Vec<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the form is looked at")]
    struct Inner {
        a: Option<Sp<String>>,
        b: Option<Sp<u32>>,
    }

    fn messages(text: &str) -> Vec<String> {
        match read_yaml::<Outer>("f", text) {
            Ok(_) => Vec::new(),
            Err(findings) => {
                findings.iter().map(|d| d.to_string().replace("\n    help", " | help")).collect()
            }
        }
    }

    #[test]
    fn all_unknown_keys_are_told_at_once() {
        let text = "nme: x\nlist:\n  - a: y\n    bb: 1\n    c:\n      d: [1,\n        2]\n  - { x: 1, a: z, y: { q: 1 } }\n  - { b: 1, w: \"a, }\" }\nkind: |\n  text\n  more\n";
        let got: Vec<String> =
            messages(text).iter().map(|m| m.split(" | ").next().unwrap_or_default().to_owned()).collect();
        let want = [
            "f:1:1: unknown key `nme`",
            "f:4:5: unknown key `bb`",
            "f:5:5: unknown key `c`",
            "f:8:7: unknown key `x`",
            "f:8:19: unknown key `y`",
            "f:9:13: unknown key `w`",
            "f:10:1: unknown key `kind`",
        ];
        assert_eq!(got, want);
        let json = "{\"name\": \"x\", \"list\": [{\"c\": 1, \"a\": \"b\"}, {\"d\": {}}], \"e\": null}";
        assert_eq!(messages(json).len(), 3, "{:?}", messages(json));
    }

    #[test]
    fn what_stands_for_nothing_is_told() {
        for (text, want) in [
            ("name: x\n", ""),
            ("name:\n", "f:1:1: the key `name` has no value | help: give it one, or remove it"),
            ("name: ~\n", "f:1:1: the key `name` has no value | help: give it one, or remove it"),
            ("name: null # none\n", "f:1:1: the key `name` has no value | help: give it one, or remove it"),
            ("name: \"\"\n", ""),
            ("name: \"null\"\n", ""),
            ("list:\n  - a:\n", "f:2:5: the key `a` has no value | help: give it one, or remove it"),
            ("list: [{ a: x, b: }]\n", "f:1:16: the key `b` has no value | help: give it one, or remove it"),
            (
                "name: &x y\n",
                "f:1:7: `&x` is an anchor to which nothing refers in YAML | help: write the value in quotes: `\"&x y\"`",
            ),
            (
                "name: &x\n",
                "f:1:7: `&x` is an anchor to which nothing refers in YAML | help: write the value in quotes: `\"&x\"`",
            ),
            ("name: &x y\nlist: [{ a: *x }]\n", ""),
            ("name: !x y\n", "f:1:7: `!x` is a tag in YAML | help: write the value in quotes: `\"!x y\"`"),
            (
                "name: *Client\n",
                "f:1:7: `*Client` without quotes is an alias in YAML, and it has no anchor | help: write the value in quotes: `\"*Client\"`",
            ),
            (
                "list: [{ a: *Client }]\n",
                "f:1:13: `*Client` without quotes is an alias in YAML, and it has no anchor | help: write the value in quotes: `\"*Client\"`",
            ),
            (
                "list:\n\t- a: x\n",
                "f:2:1: tab in the indentation of this line | help: indent YAML with spaces, two for a tab",
            ),
            (
                "list:\n  - a: x\n  \tb: 1\n",
                "f:3:3: tab in the indentation of this line | help: indent YAML with spaces, two for a tab",
            ),
            (
                "name: x\n---\nname: y\n",
                "f:2:1: a second YAML document begins here: a rule file has only one | help: put its rules into the list of the first one, or into a file of its own",
            ),
            ("---\nname: x\n", ""),
        ] {
            assert_eq!(messages(text).join("\n"), want, "{text:?}");
        }
    }
}

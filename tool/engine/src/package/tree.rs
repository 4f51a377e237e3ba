//! The syntax tree of a file as JSON, for people and tests.

use std::fmt::Write as _;

use weave_ir::Location;
use weave_syntax::{Event, NodeKind};

use crate::package::file::{File, SourceFile};

/// A parsed file as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedTree {
    /// One object per node: `kind`, `start`, `end`, `text` of identifiers and literals, `children`.
    pub json: String,
    /// Syntax errors.
    pub errors: Vec<(Location, String)>,
}

/// Parses a file. A tree may be deeper than a stack, so this walks it by events.
#[must_use]
pub fn tree(source: SourceFile<'_>) -> ParsedTree {
    let file = File::new(source, None, &|_| false);
    let tree = &file.tree;
    let mut json = String::new();
    // Whether each open node has a child already.
    let mut open: Vec<bool> = Vec::new();
    for event in tree.walk(tree.root()) {
        match event {
            Event::Enter(id) => {
                if let Some(has_child) = open.last_mut() {
                    json.push_str(if *has_child { ",\n" } else { ",\"children\":[\n" });
                    *has_child = true;
                }
                let span = tree.span(id);
                let indent = open.len();
                let _ = write!(
                    json,
                    "{:indent$}{{\"kind\":\"{}\",\"start\":{},\"end\":{}",
                    "",
                    tree.kind(id).name(),
                    span.start,
                    span.end
                );
                if matches!(tree.kind(id), NodeKind::Ident | NodeKind::BasicLit) {
                    let _ = write!(json, ",\"text\":{}", serde_json::Value::from(tree.text(span)));
                }
                open.push(false);
            }
            Event::Leave(_) => json.push_str(if open.pop() == Some(true) { "]}" } else { "}" }),
        }
    }
    let errors = file.errors.iter().map(|e| (file.at(e.offset), e.message.clone())).collect();
    ParsedTree { json, errors }
}

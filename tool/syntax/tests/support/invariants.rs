//! Invariants of every source, Go or not: see [`check`].
use std::collections::BTreeSet;
use weave_syntax::{Event, Node, NodeId, NodeKind, SyntaxError, TokenKind, Tree, lex, parse};

/// Parses a source and checks what holds for every one: each byte is in exactly one token; the tokens of the
/// tree are those of the lexer; nodes lie in order within their parents, begin and end where tokens do, and the
/// walk enters and leaves each once; errors are in order and within the file.
pub fn check(src: &[u8]) -> Result<(), String> {
    let (tree, errors) = parse(src);
    check_tree(src, &tree, &errors)
}

/// [`check`] for a tree that is there already.
pub fn check_tree(src: &[u8], tree: &Tree<'_>, errors: &[SyntaxError]) -> Result<(), String> {
    let (tokens, _) = lex(src);
    let mut at = 0;
    for token in tokens.lossless() {
        if token.start != at || token.end < token.start {
            return Err(format!("{token:?} does not begin at {at}"));
        }
        let empty = matches!(token.kind, TokenKind::AutoSemi | TokenKind::Eof);
        if empty != (token.start == token.end) {
            return Err(format!("{token:?} is empty, or should be"));
        }
        at = token.end;
    }
    if at as usize != src.len() {
        return Err(format!("the tokens end at {at} of {}", src.len()));
    }
    if tree.tokens().significant() != tokens.significant() || tree.comments() != tokens.comments() {
        return Err("the tokens of the tree are others".to_owned());
    }
    if !errors.is_sorted() || errors.iter().any(|e| e.offset as usize > src.len()) {
        return Err(format!("errors out of order or out of the file: {errors:?}"));
    }
    if errors.iter().any(|e| e.message.is_empty() || e.message.ends_with('.')) {
        return Err(format!("error messages: {errors:?}"));
    }
    if errors.is_empty() && tree.descendants(tree.root()).any(|id| tree.kind(id) == NodeKind::Bad) {
        return Err("a Bad node without an error".to_owned());
    }
    nodes(src, tree)?;
    // These must be total, too.
    for f in tree.funcs() {
        if let Some(body) = f.body {
            tree.returns(body.block).for_each(drop);
        }
    }
    let _ = tree.imports();
    for directive in tree.directives() {
        if directive.span.end as usize > src.len() {
            return Err(format!("{directive:?}"));
        }
    }
    let _ = weave_syntax::build::file_constraint(src);
    Ok(())
}

fn nodes(src: &[u8], tree: &Tree<'_>) -> Result<(), String> {
    let tokens = tree.tokens();
    let starts: Vec<u32> = tokens.significant().iter().map(|t| t.start).collect();
    let ends: Vec<u32> = tokens.significant().iter().map(|t| t.end).collect();
    // An empty statement without a semicolon stands at the closing brace, and a label before it ends there.
    let empty: BTreeSet<u32> = tree
        .descendants(tree.root())
        .filter(|&id| matches!(tree.node(id), Node::Empty(e) if e.implicit))
        .map(|id| tree.span(id).end)
        .collect();
    // Every open node, and where its next child may begin.
    let mut open: Vec<(NodeId, u32)> = Vec::new();
    let mut seen = vec![false; tree.node_count()];
    for event in tree.walk(tree.root()) {
        let id = match event {
            Event::Enter(id) => id,
            Event::Leave(id) => {
                let top = open.pop().map(|(top, _)| top);
                if top != Some(id) {
                    return Err(format!("leaves {id:?}, but {top:?} is open"));
                }
                continue;
            }
        };
        if std::mem::replace(&mut seen[id.index()], true) {
            return Err(format!("{id:?} is entered twice"));
        }
        let span = tree.span(id);
        let kind = tree.kind(id);
        let what = || format!("{kind:?} {span:?}");
        if span.end < span.start || span.end as usize > src.len() {
            return Err(format!("{} has no place", what()));
        }
        if let Some((parent, next)) = open.last_mut() {
            let outer = tree.span(*parent);
            if !outer.covers(span) {
                return Err(format!("{} is not within {:?} {outer:?}", what(), tree.kind(*parent)));
            }
            if span.start < *next {
                return Err(format!("{} begins before {next}", what()));
            }
            *next = span.end;
        }
        open.push((id, span.start));
        if !span.is_empty() && kind != NodeKind::Bad {
            let end = ends.binary_search(&span.end).is_ok() || empty.contains(&span.end);
            if starts.binary_search(&span.start).is_err() || !end {
                return Err(format!("{} is not made of tokens", what()));
            }
        }
    }
    if open.is_empty() { Ok(()) } else { Err("a node is never left".to_owned()) }
}

//! Statements in lists.

use weave_ir::{JoinPoint, Kind, Occurrence, StatementKind, StatementPattern};
use weave_syntax::{Node, NodeId, NodeKind, TokenKind};

use crate::package::Package;
use crate::package::sites::Candidate;

impl Package<'_, '_> {
    pub(super) fn statements(&self) -> Vec<Candidate> {
        self.sites(Kind::Statement, |inside| inside.statements.iter().map(|s| (s.node, s.function)).collect())
    }

    pub(super) fn statement_is(&self, c: Candidate, p: &StatementPattern) -> bool {
        let tree = &self.files[c.file].tree;
        let site = &self.inside[c.file].statements[c.index];
        let id = site.node;
        if p.kind.is_some_and(|k| statement_kind(&tree.node(id), |x| tree.kind(x)) != Some(k)) {
            return false;
        }
        if let Some(text) = &p.text {
            let found = if text.as_str().starts_with('/') {
                text.finds(&tree.node_text(id).split_whitespace().collect::<Vec<_>>().join(" "))
            } else {
                normal(text.as_str()) == normal(tree.node_text(id))
            };
            if !found {
                return false;
            }
        }
        if let Some(lhs) = &p.assigns {
            let targets: Vec<NodeId> = match tree.node(id) {
                Node::Assign(a) => a.lhs.to_vec(),
                Node::IncDec(i) => vec![i.x],
                _ => Vec::new(),
            };
            let lhs = normal(lhs);
            if !targets.iter().any(|&t| normal(tree.node_text(t)) == lhs) {
                return false;
            }
        }
        p.calls.as_ref().is_none_or(|callee| self.has_call(c.file, id, callee))
    }

    /// Returns whether a statement itself, that is without the blocks and function literals in it, has a call.
    fn has_call(&self, file: usize, statement: NodeId, callee: &str) -> bool {
        let tree = &self.files[file].tree;
        let mut nodes = tree.descendants(statement);
        while let Some(id) = nodes.next() {
            match tree.node(id) {
                Node::FuncLit(_) => nodes.skip_children(),
                Node::Block(_) if id != statement => nodes.skip_children(),
                Node::Call(call) => {
                    let qualified = self.resolution.qualified(file, call.fun);
                    let named = qualified
                        .is_some_and(|(path, name)| callee.rsplit_once('.') == Some((path.as_str(), name)));
                    if named || normal(tree.node_text(call.fun)) == normal(callee) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }
}

/// Returns which of several statements the rule wants.
pub(super) fn occurrence(join: &JoinPoint) -> Option<Occurrence> {
    let mut which = None;
    join.walk(&mut |j| {
        if let JoinPoint::Statement(s) = j {
            which = which.or(s.occurrence);
        }
    });
    which
}

fn statement_kind(node: &Node<'_>, kind: impl Fn(NodeId) -> NodeKind) -> Option<StatementKind> {
    Some(match node {
        Node::Assign(_) => StatementKind::Assign,
        Node::Block(_) => StatementKind::Block,
        Node::Branch(_) => StatementKind::Branch,
        Node::ExprStmt(e) if kind(e.x) == NodeKind::Call => StatementKind::Call,
        Node::DeclStmt(_) => StatementKind::Declare,
        Node::Defer(_) => StatementKind::Defer,
        Node::For(_) | Node::Range(_) => StatementKind::For,
        Node::Go(_) => StatementKind::Go,
        Node::If(_) => StatementKind::If,
        Node::IncDec(_) => StatementKind::IncDec,
        Node::Return(_) => StatementKind::Return,
        Node::Select(_) => StatementKind::Select,
        Node::Send(_) => StatementKind::Send,
        Node::Switch(_) | Node::TypeSwitch(_) => StatementKind::Switch,
        _ => return None,
    })
}

/// Text without white space and comments, tokens one space apart, and without what `go tool cover` counts by.
fn normal(text: &str) -> String {
    let (tokens, _) = weave_syntax::lex(text.as_bytes());
    let mut out = String::new();
    let mut counts = false;
    for t in tokens.significant() {
        let word = match t.kind {
            TokenKind::Eof => break,
            TokenKind::AutoSemi => ";",
            _ => text.get(t.start as usize..t.end as usize).unwrap_or_default(),
        };
        counts |= word.starts_with("goCover_") || word == "_cover_atomic_";
        if counts {
            counts = word != ";";
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.trim_end_matches([';', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn coverage_is_no_part_of_a_statement() {
        let plain = "if mp.curg != nil {\n\tnewg.labels = mp.curg.labels // as it is\n}";
        for counter in [
            "goCover_0a1b_P[5] = 1;",
            "goCover_abc.Count[1041]++;",
            "_cover_atomic_.AddUint32(&goCover_abc.Count[7], 1);",
        ] {
            let covered = format!("if mp.curg != nil {{{counter}\n\t\tnewg.labels = mp.curg.labels\n}}");
            assert_eq!(normal(&covered), normal(plain));
        }
        assert_ne!(normal("if x {f();\ng()}"), normal("if x {g()}"), "control");
    }
}

//! Directive comments: `//go:linkname a b`, `//export f`, `//otel:span name`.
use crate::{NodeId, NodeKind, Tree};
use weave_text::Span;

/// A directive comment and what it stands before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Directive<'s> {
    /// The comment, with its slashes and without a carriage return at its end.
    pub span: Span,
    /// Text before the colon; empty for `//line`, `//extern` and `//export`.
    pub namespace: &'s str,
    /// The word after the colon, or `line`, `extern` or `export`.
    pub name: &'s str,
    /// The rest of the line without the white space around it.
    pub args: &'s str,
    /// Whether nothing but white space is before it on its line.
    pub own_line: bool,
    /// The outermost declaration, specification, field or statement that begins at the next token; for one
    /// before the package clause, the file.
    pub target: Option<NodeId>,
    /// Whether no empty line is between the comment and its target: the target's own doc comment.
    pub attached: bool,
}

impl<'s> Tree<'s> {
    /// The directive comments in source order: `//` comments without a space after the slashes that begin with
    /// `namespace:name` (lower-case letters and digits) or with `line `, `extern ` or `export `.
    #[must_use]
    pub fn directives(&self) -> Vec<Directive<'s>> {
        let mut directives: Vec<Directive<'s>> =
            self.comments().iter().filter_map(|&comment| self.directive(comment)).collect();
        self.find_targets(&mut directives);
        directives
    }

    fn directive(&self, comment: Span) -> Option<Directive<'s>> {
        let bytes = self.bytes(comment);
        // Nearly all comments end here.
        if !matches!(bytes, [b'/', b'/', c, ..] if lower_byte(*c)) {
            return None;
        }
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes.strip_prefix(b"//")?).ok()?;
        let word = text.split([' ', '\t']).next().unwrap_or("");
        let lower =
            |s: &str| !s.is_empty() && s.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let (namespace, name) = match word.split_once(':') {
            Some((namespace, name)) if lower(namespace) && name.bytes().next().is_some_and(lower_byte) => {
                (namespace, name)
            }
            _ if ["line ", "extern ", "export "].iter().any(|p| text.starts_with(p)) => ("", word),
            _ => return None,
        };
        let line = self.source()[..comment.start as usize].iter().rev().take_while(|&&c| c != b'\n');
        Some(Directive {
            span: Span::new(comment.start, comment.start + bytes.len() as u32),
            namespace,
            name,
            args: text[word.len()..].trim(),
            own_line: line.into_iter().all(u8::is_ascii_whitespace),
            target: None,
            attached: false,
        })
    }

    /// The `//` comments that begin with a name, of whatever form that is, and white space or nothing behind it: the node that each
    /// stands before, and the rest of its line. The node is the outermost one but the file that begins at the next token, and no
    /// bare name.
    #[must_use]
    pub fn comments_called(&self, name: &str) -> Vec<(NodeId, &'s str)> {
        let mut out = Vec::new();
        for &comment in self.comments() {
            let rest = self.text(comment).strip_prefix("//").and_then(|text| text.strip_prefix(name));
            let Some(rest) = rest.filter(|r| r.is_empty() || r.starts_with(char::is_whitespace)) else {
                continue;
            };
            let tokens = self.tokens().significant();
            let next = tokens.partition_point(|t| t.start < comment.end);
            let Some(at) = tokens[next..].iter().find(|t| t.start < t.end).map(|t| t.start) else { continue };
            let mut nodes = self.descendants(self.root());
            while let Some(id) = nodes.next() {
                let span = self.span(id);
                if span.end <= at || span.start > at {
                    nodes.skip_children();
                } else if span.start == at && !matches!(self.kind(id), NodeKind::File | NodeKind::Ident) {
                    out.push((id, rest.trim()));
                    break;
                }
            }
        }
        out
    }

    /// One walk over the tree for all directives.
    fn find_targets(&self, directives: &mut [Directive<'s>]) {
        if directives.is_empty() {
            return;
        }
        // Where each target would begin, ascending, and whether no empty line is before it.
        let (wanted, near) = self.tokens_after(directives);
        let last = wanted.last().copied().unwrap_or(0);
        let mut nodes = self.descendants(self.root());
        while let Some(id) = nodes.next() {
            let span = self.span(id);
            if span.start > last {
                break;
            }
            let kind = self.kind(id);
            if kind != NodeKind::File {
                // Nothing wanted inside: the common case.
                let next = wanted.partition_point(|&w| w < span.start);
                if wanted.get(next).is_none_or(|&w| w >= span.end.max(span.start + 1)) {
                    nodes.skip_children();
                    continue;
                }
            }
            if !is_target(kind) {
                continue;
            }
            let first = wanted.partition_point(|&w| w < span.start);
            for i in first..wanted.len() {
                if wanted[i] != span.start {
                    break;
                }
                if directives[i].target.is_none() {
                    directives[i].target = Some(id);
                    directives[i].attached = near[i];
                }
            }
        }
    }

    /// For each directive, the start of the first token that is not a comment after it, and whether there is no
    /// empty line in between. From the last comment to the first, since each looks on from the one after it.
    fn tokens_after(&self, directives: &[Directive<'s>]) -> (Vec<u32>, Vec<bool>) {
        let mut starts = vec![0; directives.len()];
        let mut near = vec![false; directives.len()];
        let mut left = directives.len();
        let mut next = (u32::MAX, 0, false);
        for comment in self.comments().iter().rev() {
            let rest = self.source().get(comment.end as usize..).unwrap_or(&[]);
            let gap = rest.iter().take_while(|c| c.is_ascii_whitespace()).count();
            let newlines = rest[..gap].iter().filter(|&&c| c == b'\n').count();
            let at = comment.end + gap as u32;
            let (next_comment, token, next_near) = next;
            let (token, is_near) =
                if at == next_comment { (token, next_near && newlines < 2) } else { (at, newlines < 2) };
            next = (comment.start, token, is_near);
            if left > 0 && directives[left - 1].span.start == comment.start {
                left -= 1;
                (starts[left], near[left]) = (token, is_near);
            }
        }
        (starts, near)
    }
}

fn lower_byte(c: u8) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn is_target(kind: NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::File
            | NodeKind::Bad
            | NodeKind::GenDecl
            | NodeKind::FuncDecl
            | NodeKind::ImportSpec
            | NodeKind::ValueSpec
            | NodeKind::TypeSpec
            | NodeKind::Field
            | NodeKind::CaseClause
            | NodeKind::CommClause
    ) || is_stmt(kind)
}

fn is_stmt(kind: NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::DeclStmt
            | NodeKind::Empty
            | NodeKind::Labeled
            | NodeKind::ExprStmt
            | NodeKind::Send
            | NodeKind::IncDec
            | NodeKind::Assign
            | NodeKind::Go
            | NodeKind::Defer
            | NodeKind::Return
            | NodeKind::Branch
            | NodeKind::Block
            | NodeKind::If
            | NodeKind::Switch
            | NodeKind::TypeSwitch
            | NodeKind::Select
            | NodeKind::For
            | NodeKind::Range
    )
}

//! The checks of a woven text: it is Go, and every token of the original is in it.
//!
//! What is below one top-level declaration is checked with that declaration alone: everything around it is the same
//! bytes as before, between the same tokens. Edits elsewhere have the whole text checked.

use weave_syntax::{TokenKind, Tree};
use weave_text::{Applied, Edit, Span, TextEdit};

use crate::error::WeaveError;
use crate::messages;
use crate::package::file::File;

/// Stands before a declaration that is parsed alone.
const HEAD: &[u8] = b"package p\n";

/// Returns whether the woven text of a file is Go and keeps the tokens of the original.
pub(crate) fn woven(file: &File<'_>, edit: &TextEdit, applied: &Applied) -> Result<(), WeaveError> {
    let edits: Vec<(&Edit, Span)> = edit.edits().iter().zip(applied.inserted.iter().copied()).collect();
    let Some(regions) = regions(&file.tree, &edits) else {
        parses(file.source.path, &applied.text)?;
        let whole = Region { start: 0, woven: 0, edits: &edits };
        return whole.check_tokens(file, file.source.source, &applied.text);
    };
    let mut alone = Vec::new();
    for Declaration { region, end, woven_end } in regions {
        let text = &applied.text[region.woven as usize..woven_end as usize];
        alone.clear();
        alone.extend_from_slice(HEAD);
        alone.extend_from_slice(text);
        let (tree, errors) = weave_syntax::parse(&alone);
        let one = match tree.decls() {
            [one] => tree.span(*one).range() == (HEAD.len()..alone.len()),
            _ => false,
        };
        if !errors.is_empty() || !one {
            parses(file.source.path, &applied.text)?;
            // It is Go in another way than as one declaration: that cannot be told from the declaration.
            let message = messages::several_declarations();
            return Err(not_go(file.source.path, &applied.text, region.woven, message));
        }
        region.check_tokens(file, &file.source.source[region.start as usize..end as usize], text)?;
    }
    Ok(())
}

/// Returns whether a woven text parses.
pub(crate) fn parses(path: &str, text: &[u8]) -> Result<(), WeaveError> {
    let (_, errors) = weave_syntax::parse(text);
    errors.first().map_or(Ok(()), |e| Err(not_go(path, text, e.offset, &e.message)))
}

fn not_go(path: &str, text: &[u8], offset: u32, message: &str) -> WeaveError {
    let line = text[..(offset as usize).min(text.len())].iter().filter(|&&b| b == b'\n').count();
    let line = text.split(|&b| b == b'\n').nth(line).unwrap_or_default();
    WeaveError::NotGo {
        path: path.to_owned(),
        message: message.to_owned(),
        line: String::from_utf8_lossy(line).into_owned(),
    }
}

/// A part of a file and the edits in it.
struct Region<'e> {
    /// Start in the original and in the woven text.
    start: u32,
    woven: u32,
    edits: &'e [(&'e Edit, Span)],
}

/// A top-level declaration with edits strictly inside of it.
struct Declaration<'e> {
    region: Region<'e>,
    /// Its end in the original and in the woven text.
    end: u32,
    woven_end: u32,
}

/// The declarations that the edits are in, if all are in one.
fn regions<'e>(tree: &Tree<'_>, edits: &'e [(&'e Edit, Span)]) -> Option<Vec<Declaration<'e>>> {
    let mut out = Vec::new();
    let mut rest = edits;
    let mut shift = 0i64;
    for &decl in tree.decls() {
        let span = tree.span(decl);
        let Some((first, _)) = rest.first() else { break };
        if first.span.start >= span.end {
            continue;
        }
        let count = rest.partition_point(|(e, _)| e.span.start < span.end);
        let (inside, after) = rest.split_at(count);
        if inside.iter().any(|(e, _)| e.span.start <= span.start || e.span.end >= span.end) {
            return None;
        }
        let grown: i64 = inside.iter().map(|(e, new)| i64::from(new.len()) - i64::from(e.span.len())).sum();
        let moved = |at: u32, by: i64| u32::try_from(i64::from(at) + by).ok();
        out.push(Declaration {
            region: Region { start: span.start, woven: moved(span.start, shift)?, edits: inside },
            end: span.end,
            woven_end: moved(span.end, shift + grown)?,
        });
        shift += grown;
        rest = after;
    }
    rest.is_empty().then_some(out)
}

impl Region<'_> {
    /// Returns whether every token of the original that no edit replaces is a token of the woven text, too: what is inserted
    /// beside a token must not run into it.
    fn check_tokens(&self, file: &File<'_>, original: &[u8], woven: &[u8]) -> Result<(), WeaveError> {
        let (original, _) = weave_syntax::lex(original);
        let (woven, _) = weave_syntax::lex(woven);
        let mut rest = woven.significant().iter();
        let mut edits = self.edits.iter().peekable();
        let mut shift = 0i64;
        for token in original.significant() {
            if token.start == token.end {
                continue;
            }
            let (token_start, token_end) = (token.start + self.start, token.end + self.start);
            let mut replaced = false;
            while let Some((e, new)) = edits.peek() {
                if e.span.start > token_start || e.span.is_empty() && e.span.start == token_end {
                    break;
                }
                replaced |= e.span.end > token_start;
                if e.span.end >= token_end && replaced {
                    break;
                }
                shift += i64::from(new.len()) - i64::from(e.span.len());
                edits.next();
            }
            if replaced {
                continue;
            }
            let (start, end) = (i64::from(token.start) + shift, i64::from(token.end) + shift);
            // A blank parameter that gets a name grows, and so does an import that is written out.
            let inside = edits.peek().is_some_and(|(e, _)| e.span.is_empty() && e.span.start < token_end);
            let text = &file.source.source[token_start as usize..token_end as usize];
            let grows = inside || token.kind == TokenKind::Ident && text == b"_";
            let kept = rest.any(|t| {
                i64::from(t.start) == start
                    && t.kind == token.kind
                    && (i64::from(t.end) == end || grows && i64::from(t.end) > end)
            });
            if !kept {
                return Err(WeaveError::TokenLost {
                    path: file.at(token_start).to_string(),
                    token: String::from_utf8_lossy(text).into_owned(),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use weave_text::TextEditBuilder;

    use super::woven;
    use crate::package::file::{File, SourceFile};

    const SOURCE: &str = "package p\n\nimport \"a\"\n\nfunc f(_ int) { g() }\n\nvar x = 1\n";

    /// Inserts texts after the places of others, and checks the result: what is wrong with it.
    fn check(inserts: &[(&str, &str)]) -> Result<(), String> {
        let file = File::new(SourceFile { path: "f.go", source: SOURCE.as_bytes() }, None, &|_| false);
        let mut edits = TextEditBuilder::default();
        for (after, text) in inserts {
            let at = SOURCE.find(after).expect("a place") + after.len();
            edits.insert(u32::try_from(at).expect("a short source"), *text, "a rule");
        }
        let edit = edits.finish(SOURCE.as_bytes()).map_err(|e| e.to_string())?;
        let applied = edit.apply(SOURCE.as_bytes()).map_err(|e| e.to_string())?;
        woven(&file, &edit, &applied).map_err(|e| e.to_string())
    }

    #[test]
    fn woven_text_is_go_and_keeps_its_tokens() {
        for good in [
            &[("{", " h(); ")][..],
            &[("{", " h(); "), ("x = 1", " + 2")],
            &[("import \"", "vendor/")],
            &[("(_", "name")],
            &[("package p", "; import \"b\""), ("{", " b.F(); ")],
        ] {
            assert_eq!(check(good), Ok(()), "{good:?}");
        }
        for (bad, what) in [
            (&[("{", " h( ")][..], "is not Go"),
            (&[("{", " h() }; func i() {")], "has become several"),
            (&[("{", " /* ")], "is not Go"),
            (&[("{ g", "h")], "`g` is lost"),
            (&[("x =", "=")], "is not Go"),
            (&[("x = 1", "2")], "`1` is lost"),
            (&[("package p", "q")], "`p` is lost"),
            (&[("{", " h() }; var y = func() {")], "has become several"),
        ] {
            let message = check(bad).expect_err("a fault");
            assert!(message.contains(what), "{bad:?}: {message}");
        }
    }
}

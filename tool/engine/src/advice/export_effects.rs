//! Predicts the effect of weaving a function on the package's export data, before anything is compiled.
//!
//! Export data holds the bodies of generic functions and of those that the compiler may inline, and for every parameter
//! whether it escapes. By syntax alone a body is known not to be inlined if it has what the inliner refuses, or is far
//! above its budget; otherwise it may be. What the compiler says of the plain package with `-m=2` settles it:
//! [`CompilerNotes`].

use std::collections::{BTreeMap, BTreeSet};

use weave_ir::GoType;
use weave_syntax::{Node, NodeKind};

use crate::messages;
use crate::package::file::{File, Function, Mention, Param};

/// Notes of the compiler on a package: the output of `go build -gcflags=-m=2`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompilerNotes {
    /// Whether a function can be inlined, by base name of the file, line and name.
    inline: BTreeMap<(String, u32, String), bool>,
    /// Positions of parameters that leak as a whole: base name of the file, line, column.
    leaks: BTreeSet<(String, u32, u32)>,
}

impl CompilerNotes {
    pub(crate) const fn new() -> Self {
        Self { inline: BTreeMap::new(), leaks: BTreeSet::new() }
    }

    /// Reads the compiler's output. Lines that say something else are passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut notes = Self::default();
        for line in text.lines() {
            let mut parts = line.splitn(4, ':');
            let (Some(file), Some(row), Some(col), Some(message)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let base = file.rsplit(['/', '\\']).next().unwrap_or(file).to_owned();
            let (Ok(row), Ok(col)) = (row.parse(), col.parse()) else { continue };
            let message = message.trim_start();
            let word = |s: &str| s.split([' ', ':']).next().unwrap_or_default().to_owned();
            if let Some(name) = message.strip_prefix("can inline ") {
                notes.inline.insert((base, row, word(name)), true);
            } else if let Some(name) = message.strip_prefix("cannot inline ") {
                notes.inline.insert((base, row, word(name)), false);
            } else if let Some(name) = message.strip_prefix("leaking param: ")
                && !name.contains(' ')
            {
                notes.leaks.insert((base, row, col));
            }
        }
        notes
    }

    /// Returns whether the compiler said nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inline.is_empty()
    }

    fn inlines(&self, file: &File<'_>, function: &Function<'_>) -> Option<bool> {
        let line = file.at(function.name_at).line;
        let key = (file.source.base_name().to_owned(), line, function.display());
        self.inline.get(&key).copied()
    }

    fn leaks(&self, file: &File<'_>, param: &Param<'_>) -> bool {
        let length = u32::try_from(param.name.map_or(0, str::len)).unwrap_or_default();
        let at = file.at(param.name_at.saturating_sub(length));
        self.leaks.contains(&(file.source.base_name().to_owned(), at.line, at.col))
    }
}

/// Certainty of a change of the export data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The export data changes.
    Changes(String),
    /// It may.
    May(String),
}

/// Returns what another body does.
pub(crate) fn of_body(file: &File<'_>, function: &Function<'_>, notes: &CompilerNotes) -> Option<Effect> {
    let name = function.display();
    if function.generic {
        return Some(Effect::Changes(messages::generic_body(&name)));
    }
    let exported = function.name.starts_with(char::is_uppercase)
        && function.receiver.as_ref().is_none_or(|r| r.base.starts_with(char::is_uppercase));
    match notes.inlines(file, function) {
        Some(false) => None,
        Some(true) if exported => Some(Effect::Changes(messages::inlined_body(&name))),
        Some(true) => Some(Effect::May(messages::inlined_body_if_reached(&name))),
        None if may_inline(file, function) => Some(Effect::May(messages::perhaps_inlined_body(&name))),
        None => None,
    }
}

/// Returns what giving a parameter to a hook does.
pub(crate) fn of_argument(
    file: &File<'_>,
    function: &Function<'_>,
    param: &Param<'_>,
    ty: &GoType,
    notes: &CompilerNotes,
) -> Option<Effect> {
    if !has_pointers(ty) || notes.leaks(file, param) {
        return None;
    }
    let (name, param) = (function.display(), param.name.unwrap_or("_"));
    Some(if notes.is_empty() {
        Effect::May(messages::parameter_may_escape(&name, param))
    } else {
        Effect::Changes(messages::parameter_did_not_escape(&name, param))
    })
}

/// Returns whether a value of a type can refer to memory; on the safe side for types that are not known.
fn has_pointers(ty: &GoType) -> bool {
    match ty {
        GoType::Basic(name) => matches!(name.as_str(), "string" | "any" | "error" | "comparable"),
        GoType::Array(_, element) => has_pointers(element),
        _ => true,
    }
}

/// Returns whether the inliner of any known Go release could take a body. Its budget is 80 nodes; each identifier is at least half
/// of one in any form in which it counts, and what counts nothing at all is a multiple of that only in odd code.
fn may_inline(file: &File<'_>, function: &Function<'_>) -> bool {
    const IDENTIFIERS: usize = 400;
    let tree = &file.tree;
    let Some(body) = function.body else { return false };
    let mut identifiers = 0;
    for id in tree.descendants(body.block) {
        match tree.kind(id) {
            NodeKind::Defer | NodeKind::Go | NodeKind::Select => return false,
            NodeKind::Call => {
                if let Node::Call(c) = tree.node(id)
                    && tree.node_text(c.fun) == "recover"
                {
                    return false;
                }
            }
            NodeKind::Ident => identifiers += 1,
            _ => {}
        }
    }
    let pragma = |d: &weave_syntax::Directive<'_>| {
        d.target == Some(function.node) && d.namespace == "go" && d.name == "noinline"
    };
    identifiers <= IDENTIFIERS && !(file.mentions(Mention::NoInline) && tree.directives().iter().any(pragma))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::file::SourceFile;

    const SOURCE: &str = "package p
func Small(a int, s []int) int { return a + len(s) }
func (t *T) small() {}
func Big(r io.Reader, x []byte) { defer r.Read(x) }
//go:noinline
func Not() {}
func G[K any](k K) {}
";

    fn effects(notes: &str) -> Vec<String> {
        let file = File::new(SourceFile { path: "m.go", source: SOURCE.as_bytes() }, None, &|_| false);
        let notes = CompilerNotes::parse(notes);
        file.functions()
            .iter()
            .map(|f| match of_body(&file, f, &notes) {
                None => format!("{}: same", f.display()),
                Some(Effect::Changes(_)) => format!("{}: changes", f.display()),
                Some(Effect::May(_)) => format!("{}: may", f.display()),
            })
            .collect()
    }

    #[test]
    fn bodies_are_judged_by_syntax_and_by_the_compiler() {
        assert_eq!(effects(""), ["Small: may", "(*T).small: may", "Big: same", "Not: same", "G: changes"]);
        let notes = "./m.go:2:6: can inline Small with cost 4 as: func(int) int { return a }
./m.go:3:6: cannot inline (*T).small: marked go:noinline
./m.go:4:10: leaking param: r
./m.go:4:23: leaking param content: x
# m
";
        assert_eq!(
            effects(notes),
            ["Small: changes", "(*T).small: same", "Big: same", "Not: same", "G: changes"]
        );
    }

    #[test]
    fn arguments_that_leak_already_change_nothing() {
        let file = File::new(SourceFile { path: "m.go", source: SOURCE.as_bytes() }, None, &|_| false);
        let functions = file.functions();
        let big = functions.iter().find(|f| f.name == "Big").expect("it is declared");
        let ty = GoType::parse("[]uint8").expect("the type is good");
        let effect = |notes: &str, i: usize| {
            of_argument(&file, big, &big.params[i], &ty, &CompilerNotes::parse(notes))
        };
        let said = "m.go:4:10: leaking param: r\nm.go:4:23: leaking param content: x\nm.go:4:6: cannot inline Big: x";
        assert_eq!(effect(said, 0), None);
        assert!(matches!(effect(said, 1), Some(Effect::Changes(_))));
        assert!(matches!(effect("", 0), Some(Effect::May(_))));
    }
}

//! Code in rules: placeholders, names of packages, one line.
//!
//! The language of placeholders: `$this` is the code that is matched; `$0`, `$1` ... are the parameters of the function,
//! `$recv` is its receiver, `$result0` ... are its results (each gets a name if it has none); `$function`, `$receiver` and
//! `$package` are the names of the function, of the receiver's type and of the package; `${parameter TYPE}` and
//! `${result TYPE}` are the first parameter or result of a type by full import path; `${parameter implements INTERFACE}`,
//! `${result implements INTERFACE}` and `${last-result implements INTERFACE}` are the first parameter, the first result and
//! the last result whose type implements an interface; `${directive KEY}` is the value of
//! `KEY:value` in the directive comment, `${directive}` all that stands behind its name; `$operation` is the name that the
//! directive comment gives, or else the function's, as a string; `$attributes` is a slice `[]interface{}` of what else it says, keys
//! and values in turn; `$_name` is a name that nothing
//! else in the file has; `$$` is a dollar sign.

use std::collections::BTreeMap;

use weave_ir::{Code, Interface, Language, assumed_name};
use weave_syntax::{Node, NodeKind, TokenKind};

use crate::dialect::go_template::{Hole, Piece, Printable, Printed, hole_in_string, hole_name, pieces};
use crate::messages;
use crate::package::typefacts::Which;

/// A part of code with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    This,
    Parameter(usize),
    Receiver,
    Result(usize),
    ParameterOf(String),
    ResultOf(String),
    /// The first parameter, the first result or the last result whose type implements an interface.
    Implementing(Which, String),
    Function,
    /// The same without the receiver.
    FunctionName,
    /// All parameters, as a slice.
    Arguments,
    ReceiverType,
    Package,
    Directive(Option<String>),
    /// The name that a directive gives.
    Operation,
    /// The attributes of a directive.
    Attributes,
    Fresh(String),
}

/// The interfaces that placeholders of the code ask for.
pub(crate) fn interfaces(code: &Code) -> Vec<String> {
    // What templates ask for is found when they are read.
    if code.language == Language::GoTemplate {
        return Vec::new();
    }
    let parts = parts(&code.text).unwrap_or_default();
    let of = |p: Part| match p {
        Part::Implementing(_, interface) => Some(interface),
        _ => None,
    };
    parts.into_iter().filter_map(of).collect()
}

/// Reads code with placeholders.
pub(crate) fn parts(code: &str) -> Result<Vec<Part>, String> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut rest = code;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            text.push('$');
            rest = after;
            continue;
        }
        let word_end = |s: &str| s.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(s.len());
        let (word, argument, after) = if let Some(inner) = rest.strip_prefix('{') {
            let end = inner.find('}').ok_or(messages::placeholder_not_closed())?;
            let (word, argument) = match inner[..end].split_once(' ') {
                Some((word, argument)) => (word, Some(argument.trim())),
                None => (&inner[..end], None),
            };
            (word, argument, &inner[end + 1..])
        } else {
            let end = word_end(rest);
            (&rest[..end], None, &rest[end..])
        };
        if !text.is_empty() {
            out.push(Part::Text(std::mem::take(&mut text)));
        }
        let number = |s: &str| s.parse::<usize>().ok();
        out.push(match (word, argument) {
            ("this", None) => Part::This,
            ("recv", None) => Part::Receiver,
            ("function", None) => Part::Function,
            ("function", Some("name")) => Part::FunctionName,
            ("arguments", None) => Part::Arguments,
            ("receiver", None) => Part::ReceiverType,
            ("package", None) => Part::Package,
            ("operation", None) => Part::Operation,
            ("attributes", None) => Part::Attributes,
            ("directive", key) => Part::Directive(key.map(str::to_owned)),
            ("parameter", Some(ty)) if implements(ty).is_some() => implementing(Which::Parameter, ty)?,
            ("result", Some(ty)) if implements(ty).is_some() => implementing(Which::Result, ty)?,
            ("last-result", Some(ty)) if implements(ty).is_some() => implementing(Which::LastResult, ty)?,
            ("parameter", Some(ty)) => Part::ParameterOf(ty.to_owned()),
            ("result", Some(ty)) => Part::ResultOf(ty.to_owned()),
            (w, None) if number(w).is_some() => Part::Parameter(number(w).unwrap_or_default()),
            (w, None) if w.strip_prefix("result").and_then(number).is_some() => {
                Part::Result(w.strip_prefix("result").and_then(number).unwrap_or_default())
            }
            (w, None) if w.len() > 1 && w.starts_with('_') => Part::Fresh(w[1..].to_owned()),
            _ => return Err(messages::no_placeholder(word)),
        });
        rest = after;
    }
    text.push_str(rest);
    if !text.is_empty() {
        out.push(Part::Text(text));
    }
    Ok(out)
}

/// The interface of `implements INTERFACE`.
pub(crate) fn implements(argument: &str) -> Option<&str> {
    argument.strip_prefix("implements ").map(str::trim)
}

pub(crate) fn implementing(which: Which, argument: &str) -> Result<Part, String> {
    let name = implements(argument).unwrap_or_default();
    let interface = Interface::new(name).map_err(|why| messages::bad_interface(name, &why))?;
    Ok(Part::Implementing(which, interface.into()))
}

/// Stands for `$this` while code is put together.
const THIS: &str = "weaveThisIsTheMatchedCode";

/// Code whose placeholders have values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filled {
    /// One line of Go, with [`THIS`] or with the names of holes in it.
    text: String,
    /// Values of the holes, if the code is a template's.
    pub(crate) holes: Vec<Hole>,
}

/// Fills in placeholders. `value` gives the Go text of each but `$this`; `package` gives the name under which the file
/// knows an import path that the code names.
pub(crate) fn fill(
    code: &Code,
    value: &mut dyn FnMut(&Part) -> Result<String, String>,
    package: &mut dyn FnMut(&str) -> String,
) -> Result<Filled, String> {
    let mut text = String::new();
    for part in parts(&code.text)? {
        match &part {
            Part::Text(t) => text.push_str(t),
            Part::This => text.push_str(THIS),
            other => text.push_str(&value(other)?),
        }
    }
    Ok(Filled { text: one_line(&text, &code.imports, package)?, holes: Vec::new() })
}

/// The same for what a template printed.
pub(crate) fn fill_printed(
    printed: Printed,
    imports: &BTreeMap<String, String>,
    package: &mut dyn FnMut(&str) -> String,
) -> Result<Filled, String> {
    let text = one_line(&printed.text, imports, package)?;
    if hole_in_string(&text) {
        return Err(messages::code_in_string().into());
    }
    // What another template made has the names of the file already.
    let text = pieces(&text).into_iter().map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Hole(i) => match printed.holes.get(i).map(|h| &h.what) {
            Some(Printable::Made(text)) if is_primary(text) => text.clone(),
            Some(Printable::Made(text)) => format!("({text})"),
            _ => hole_name(i),
        },
    });
    Ok(Filled { text: text.collect(), holes: printed.holes })
}

/// Code on one line that stands in a file already.
pub(crate) fn flat(text: &str) -> Result<String, String> {
    one_line(text, &BTreeMap::new(), &mut str::to_owned)
}

/// Checks code before it is known where it goes: placeholders stand for some name.
pub(crate) fn check(code: &Code, statements: bool) -> Result<(), String> {
    let mut value = |part: &Part| {
        Ok(match part {
            Part::Directive(_) | Part::Operation => "\"\"",
            _ => "x",
        }
        .to_owned())
    };
    let filled = fill(code, &mut value, &mut |path| assumed_name(path))?;
    if statements { filled.statements() } else { filled.expression() }.map(|_| ())
}

/// Checks a template before it is known where it goes.
pub(crate) fn check_template(code: &Code) -> Result<(), String> {
    match code.language {
        Language::TextTemplate => crate::dialect::otelc_template::check(&code.text),
        _ => Ok(()),
    }
}

impl Filled {
    /// Code that is put together from other code.
    pub(crate) fn new(text: String, holes: Vec<Hole>) -> Self {
        Self { text, holes }
    }

    /// The code, which must not have `$this`.
    pub(crate) fn plain(&self) -> Result<&str, String> {
        if self.text.contains(THIS) { Err(messages::this_without_meaning().into()) } else { Ok(&self.text) }
    }

    /// The code with the names of its holes.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns what stands before and after `$this`, which must be there once.
    pub(crate) fn around(&self) -> Result<(&str, &str), String> {
        match self.text.split(THIS).collect::<Vec<_>>()[..] {
            [before, after] => Ok((before, after)),
            _ => Err(messages::this_once().into()),
        }
    }

    /// Checks that it is one expression.
    pub(crate) fn expression(self) -> Result<Self, String> {
        check_expression(&self.text).map_err(|why| messages::no_go_expression(self.shown(), &why))?;
        Ok(self)
    }

    /// Checks that it is a list of statements.
    pub(crate) fn statements(self) -> Result<Self, String> {
        let source = format!("package p; func _() {{ {} }}", self.text);
        let (tree, errors) = weave_syntax::parse(source.as_bytes());
        let why = match (errors.first(), tree.decls()) {
            (Some(e), _) => e.message.clone(),
            (None, [_]) => return Ok(self),
            (None, _) => messages::closing_brace().into(),
        };
        Err(messages::no_go_statements(self.shown(), &why))
    }

    fn shown(&self) -> String {
        let texts = pieces(&self.text).into_iter().map(|piece| match piece {
            Piece::Text(text) => text.replace(THIS, "$this"),
            Piece::Hole(_) => "{{ ... }}".to_owned(),
        });
        texts.collect()
    }

    /// Returns whether it can stand beside any operator, and where a block may follow, as it is.
    pub(crate) fn is_primary(&self) -> bool {
        !self.text.contains('{') && is_primary(&self.text)
    }

    /// Returns whether it is a call, which alone may be a statement.
    pub(crate) fn is_call(&self) -> bool {
        top(&self.text) == Some(NodeKind::Call)
    }
}

/// The kind of the outermost node of an expression.
pub(crate) fn top(expression: &str) -> Option<NodeKind> {
    let source = format!("package p; var _ = {expression}");
    let (tree, _) = weave_syntax::parse(source.as_bytes());
    let &decl = tree.decls().first()?;
    let Node::GenDecl(g) = tree.node(decl) else { return None };
    match tree.node(*g.specs.first()?) {
        Node::ValueSpec(v) => v.values.first().map(|&v| tree.kind(v)),
        _ => None,
    }
}

/// Returns whether an expression binds at least as tightly as a call.
pub(crate) fn is_primary(expression: &str) -> bool {
    !matches!(
        top(expression),
        None | Some(NodeKind::Binary | NodeKind::Unary | NodeKind::Star | NodeKind::FuncLit)
    )
}

/// Go code on one line: line ends become spaces or semicolons, comments go, raw strings with line ends are quoted, and the
/// packages that it names get the names that the file has for them.
fn one_line(
    text: &str,
    imports: &BTreeMap<String, String>,
    package: &mut dyn FnMut(&str) -> String,
) -> Result<String, String> {
    let (tokens, errors) = weave_syntax::lex(text.as_bytes());
    if let Some(e) = errors.first() {
        return Err(messages::code_is_not_go(&e.message));
    }
    let list = tokens.significant();
    let mut out = String::new();
    let mut end = 0;
    for (i, token) in list.iter().enumerate() {
        let (from, to) = (token.start as usize, token.end as usize);
        match token.kind {
            TokenKind::Eof => break,
            TokenKind::AutoSemi => {
                // The one at the end of the code would be an empty statement.
                if list[i + 1..].iter().any(|t| !matches!(t.kind, TokenKind::Eof | TokenKind::AutoSemi)) {
                    out.push(';');
                }
                continue;
            }
            _ => {}
        }
        if from > end && !out.is_empty() && end > 0 {
            out.push(' ');
        }
        end = to;
        let raw = &text[from..to];
        let after_dot = i > 0 && list[i - 1].kind == TokenKind::Dot;
        let before_dot = list.get(i + 1).is_some_and(|t| t.kind == TokenKind::Dot);
        match imports.get(raw) {
            Some(path) if token.kind == TokenKind::Ident && before_dot && !after_dot => {
                out.push_str(&package(path));
            }
            _ if raw.contains('\n') => out.push_str(&quoted(raw.trim_matches('`'))),
            _ => out.push_str(raw),
        }
    }
    Ok(out)
}

/// A string as an interpreted literal.
pub(crate) fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Insertions that turn `old` into `new` and keep every token of `old`; `None` if that is not possible. Offsets are in `old`.
pub(crate) fn insertions(old: &str, new: &str) -> Option<Vec<(u32, String)>> {
    let (old_tokens, _) = weave_syntax::lex(old.as_bytes());
    let (new_tokens, _) = weave_syntax::lex(new.as_bytes());
    let wanted = |kind: TokenKind| !matches!(kind, TokenKind::AutoSemi | TokenKind::Eof);
    let old_list: Vec<_> = old_tokens.significant().iter().filter(|t| wanted(t.kind)).collect();
    let new_list: Vec<_> = new_tokens.significant().iter().filter(|t| wanted(t.kind)).collect();
    let mut out = Vec::new();
    let mut inserted = String::new();
    let mut next = old_list.iter().peekable();
    let mut last = 0;
    let mut new_end = 0;
    for token in new_list {
        let text = &new[token.start as usize..token.end as usize];
        // A space of the new code is kept where it stands inside what is inserted.
        let space = (token.start as usize) > new_end && !inserted.is_empty();
        new_end = token.end as usize;
        match next.peek() {
            Some(o) if old[o.start as usize..o.end as usize] == *text => {
                if !inserted.is_empty() {
                    if space {
                        inserted.push(' ');
                    }
                    out.push((o.start, std::mem::take(&mut inserted)));
                }
                last = o.end;
                next.next();
            }
            _ => {
                if space || (inserted.is_empty() && token.start > 0 && last > 0) {
                    inserted.push(' ');
                }
                inserted.push_str(text);
            }
        }
    }
    if next.peek().is_some() {
        return None;
    }
    if !inserted.is_empty() {
        out.push((last, inserted));
    }
    Some(out)
}

/// The text of a file's declarations as they stand, for the extra file: what comes after the imports.
pub(crate) fn body_of(text: &str) -> &str {
    let (tree, _) = weave_syntax::parse(text.as_bytes());
    let start = match tree.node(tree.root()) {
        Node::File(f) => f
            .decls
            .iter()
            .filter(|&&d| matches!(tree.node(d), Node::GenDecl(g) if g.keyword == TokenKind::Import))
            .map(|&d| tree.span(d).end)
            .chain(f.name.map(|n| tree.span(n).end))
            .max(),
        _ => None,
    };
    text.get(start.unwrap_or(0) as usize..)
        .unwrap_or_default()
        .trim_start_matches([';', ' ', '\t', '\r', '\n'])
}

/// Returns whether `text` is one Go expression on one line.
pub(crate) fn check_expression(text: &str) -> Result<(), String> {
    if text.contains(['\n', '\r']) {
        return Err(messages::several_lines().into());
    }
    // Comments could hide what follows.
    if text.contains("//") || text.contains("/*") {
        return Err(messages::has_comment().into());
    }
    let source = format!("package p\nvar _ = f({text},)\n");
    let (tree, errors) = weave_syntax::parse(source.as_bytes());
    if let Some(e) = errors.first() {
        return Err(e.message.clone());
    }
    let one_call = tree.descendants(tree.root()).find_map(|n| match tree.node(n) {
        Node::Call(c) => Some(c.args.len() == 1 && c.rparen as usize == source.len() - 2),
        _ => None,
    });
    if one_call == Some(true) { Ok(()) } else { Err(messages::several_calls().into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_read() {
        use Part::{Directive, Fresh, Parameter, ParameterOf, Result, Text, This};
        assert_eq!(
            parts("f($0, ${parameter context.Context}) + $this; $$ $_x $result1 ${directive span.name}"),
            Ok(vec![
                Text("f(".into()),
                Parameter(0),
                Text(", ".into()),
                ParameterOf("context.Context".into()),
                Text(") + ".into()),
                This,
                Text("; $ ".into()),
                Fresh("x".into()),
                Text(" ".into()),
                Result(1),
                Text(" ".into()),
                Directive(Some("span.name".into())),
            ])
        );
        assert_eq!(parts("$nothing"), Err("unknown placeholder `$nothing`".into()));
        assert_eq!(parts("${this"), Err("`${` is not closed".into()));
    }

    #[test]
    fn code_becomes_one_line() {
        let imports = BTreeMap::from([("log".to_owned(), "log/slog".to_owned())]);
        let run = |text: &str| one_line(text, &imports, &mut |path| format!("weave_{}", path.len()));
        for (text, want) in [
            ("a()\nb() // c\n", "a(); b()"),
            ("if x {\n\ty()\n}\n", "if x { y(); }"),
            ("log.Info(x.log.y,\n  `a\n\"b`)", "weave_8.Info(x.log.y, \"a\\n\\\"b\")"),
            ("/* c */ x /* d */ + y", "x + y"),
        ] {
            assert_eq!(run(text).as_deref(), Ok(want), "{text}");
        }
        assert!(run("\"a").is_err());
    }

    #[test]
    fn code_that_has_the_old_tokens_is_inserted_around_them() {
        let apply = |old: &str, new: &str| {
            let mut out = old.to_owned();
            for (at, text) in insertions(old, new)?.into_iter().rev() {
                out.insert_str(at as usize, &text);
            }
            Some(out)
        };
        for (old, new) in [
            ("new(g)", "&(new(struct { g g; weave unsafe.Pointer })).g"),
            ("a.B", "f(a.B)"),
            ("x /* c */ + y", "x + y + z"),
        ] {
            let got = apply(old, new).expect("the tokens are there");
            let kinds = |s: &str| {
                let (tokens, _) = weave_syntax::lex(s.as_bytes());
                let list = tokens.significant();
                list.iter().map(|t| s[t.start as usize..t.end as usize].to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(kinds(&got), kinds(new), "{got}");
        }
        assert_eq!(insertions("a.B", "c.B"), None);
    }

    #[test]
    fn the_body_of_a_file_is_what_follows_its_imports() {
        assert_eq!(
            body_of("//go:build x\n\npackage p\n\nimport \"a\"\n\n// T is.\ntype T int\n").trim(),
            "// T is.\ntype T int"
        );
        assert_eq!(body_of("package p; func F() {}"), "func F() {}");
    }
}

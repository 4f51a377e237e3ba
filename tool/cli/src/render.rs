//! Findings as people read them: the message on a line that tools understand, then the lines of the files that it is about.
//!
//! The first line is always `path:line:col: message`. A file that cannot be read is named without its text, so that messages
//! do not depend on more than they must.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use weave_ir::{Diagnostic, Location};

/// Files that findings are about, read when they are first needed.
#[derive(Default)]
struct Files(BTreeMap<String, Option<String>>);

impl Files {
    /// The text of a file and the bytes that a place in it stands for; `None` if the file or the place is not there.
    fn at(&mut self, at: &Location) -> Option<(String, Range<usize>)> {
        let text = self.0.entry(at.file.clone()).or_insert_with(|| {
            crate::files::read(Path::new(&at.file)).ok().and_then(|bytes| String::from_utf8(bytes).ok())
        });
        let text = text.as_ref()?;
        let range = if at.file.ends_with(".go") { go_token(text, at) } else { rule_value(text, at) }?;
        Some((text.clone(), range))
    }
}

/// Positions in Go files count bytes.
fn go_token(text: &str, at: &Location) -> Option<Range<usize>> {
    let line = usize::try_from(at.line).ok()?.checked_sub(1)?;
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let start = before + usize::try_from(at.col).ok()?.checked_sub(1)?;
    let rest = text.get(start..)?;
    let (tokens, _) = weave_syntax::lex(rest.as_bytes());
    let length = tokens.significant().first().filter(|t| t.start == 0).map_or(0, |t| t.end as usize);
    let first = rest.get(..length)?.lines().next().map_or(0, str::len);
    Some(start..start + first)
}

fn rule_value(text: &str, at: &Location) -> Option<Range<usize>> {
    weave_dialects::value_at(text, at.line, at.col)
}

/// The findings, one after another, each ending with a line end.
pub(crate) fn findings(findings: &[Diagnostic], colour: bool) -> String {
    let mut files = Files::default();
    findings.iter().map(|finding| one(finding, &mut files, colour)).collect()
}

/// The findings as the terminal, or what is in its place, takes them.
pub(crate) fn for_stderr(list: &[Diagnostic]) -> String {
    let dumb = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
        || std::env::var_os("TERM").is_some_and(|v| v == "dumb");
    findings(list, std::io::stderr().is_terminal() && !dumb)
}

fn one(finding: &Diagnostic, files: &mut Files, colour: bool) -> String {
    let [bold, end] = if colour { ["\x1b[1m", "\x1b[0m"] } else { [""; 2] };
    let place = finding.at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
    let mut out = format!("{bold}{place}{}{end}\n", finding.message);

    let mut group = Group::with_level(Level::ERROR);
    let mut snippets = 0;
    if let Some((text, range)) = finding.at.as_ref().and_then(|at| files.at(at)) {
        snippets += 1;
        group = group.element(
            Snippet::source(text).path(None::<String>).annotation(AnnotationKind::Primary.span(range)),
        );
    }
    // Places with their text first, then facts, then the next step.
    let mut facts = Vec::new();
    for note in &finding.notes {
        match note.at.as_ref().map(|at| (at, files.at(at))) {
            Some((at, Some((text, range)))) => {
                snippets += 1;
                let label = AnnotationKind::Context.span(range).label(note.text.clone());
                group = group.element(Snippet::source(text).path(at.file.clone()).annotation(label));
            }
            Some((at, None)) => facts.push(format!("{at}: {}", note.text)),
            None => facts.push(note.text.clone()),
        }
    }
    if snippets == 0 {
        for text in facts.into_iter().chain(finding.help.iter().map(|h| format!("help: {h}"))) {
            out.push_str(&format!("    {}\n", text.replace('\n', "\n    ")));
        }
        return out;
    }
    for fact in facts {
        group = group.element(Level::NOTE.message(fact));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.clone()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    out.push_str(&renderer.render(&[group]));
    out.push('\n');
    out
}

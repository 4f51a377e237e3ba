//! External rewriters: what they are asked, what they answer, and the checks of the answer.
//!
//! A rewriter is any program. It is given one package as JSON and answers with edits, whole sources and added files; see
//! docs/rewriters.md. Nothing that it says is taken on trust: an edit stays within a line, a whole source keeps each token
//! of the original on its line, what is inserted is Go, and an import that is new to the package has been declared.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use weave_ir::LoweredFile;
use weave_syntax::Token;
use weave_text::Span;
use weave_text::{LineIndex, TextEdit, TextEditBuilder};

use crate::advice::Advisor;
use crate::advice::edits::Rank;
use crate::advice::patch::{Change, Patch};
use crate::advice::state::State;
use crate::messages;
use crate::package::file::{File, SourceFile};
use crate::package::{EXTRA_FILE, WeaveInput};
use crate::refusal::Refusal;

/// The version of the protocol.
pub const REWRITER_PROTOCOL: u32 = 1;

/// Request to a rewriter: one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RewriteRequest<'a> {
    /// Version of the protocol: [`REWRITER_PROTOCOL`].
    pub rewriter: u32,
    /// The name under which the rewriter runs.
    pub name: &'a str,
    /// Import path.
    pub package: &'a str,
    /// Name in the package clauses.
    pub package_name: String,
    /// Version of its module; null if it is not known.
    pub version: Option<&'a str>,
    /// Whether the package is one of the standard library.
    pub std: bool,
    /// Go release, as `1.26.8`.
    pub go: String,
    /// Target operating system.
    pub goos: &'a str,
    /// Target architecture.
    pub goarch: &'a str,
    /// Whether cgo is on.
    pub cgo: bool,
    /// Build tags.
    pub tags: &'a [String],
    /// The Go files that are in the build, in the order in which they are compiled.
    pub files: Vec<RewriteFile<'a>>,
}

/// A file of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RewriteFile<'a> {
    /// Base name, unique in the package.
    pub name: &'a str,
    /// Path for messages, as goweave was given it.
    pub path: &'a str,
    /// The source.
    pub text: &'a str,
}

/// Answer of a rewriter. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewriteAnswer {
    /// Version of the protocol: [`REWRITER_PROTOCOL`].
    pub rewriter: u32,
    /// Whether the rewriter has anything to do with the package; if not, it may say nothing else.
    #[serde(default = "yes")]
    pub applies: bool,
    /// Changes within lines.
    #[serde(default)]
    pub edits: Vec<RewriteEdit>,
    /// Files that are given as a whole.
    #[serde(default)]
    pub sources: Vec<RewriteSource>,
    /// Files whose declarations the package gets.
    #[serde(default)]
    pub extra: Vec<RewriteSource>,
    /// Import paths that the package may come to import.
    #[serde(default)]
    pub imports: Vec<String>,
    /// Errors of the package; if there are any, the build fails.
    #[serde(default)]
    pub errors: Vec<RewriteError>,
}

/// A change within a line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewriteEdit {
    /// Base name of the file.
    pub file: String,
    /// Offset in bytes.
    pub offset: u32,
    /// Number of bytes that are replaced; none if it is not given.
    #[serde(default)]
    pub length: u32,
    /// The new text.
    pub text: String,
}

/// A file of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewriteSource {
    /// Base name of the file.
    pub file: String,
    /// Its source.
    pub text: String,
}

/// A mistake that a rewriter found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewriteError {
    /// Base name of a file.
    pub file: String,
    /// Offset in bytes.
    #[serde(default)]
    pub offset: u32,
    /// The fault.
    pub message: String,
    /// The next step.
    #[serde(default)]
    pub help: Option<String>,
}

const fn yes() -> bool {
    true
}

/// The answer of one rewriter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The name under which it ran.
    pub name: String,
    /// Its answer.
    pub answer: RewriteAnswer,
}

/// Asks a rewriter about a package. Files that are not in the build, or are not Go, are left out.
#[must_use]
pub fn rewrite_request<'a>(input: &WeaveInput<'a>, name: &'a str) -> RewriteRequest<'a> {
    let mut package_name = String::new();
    let mut files = Vec::new();
    for &source in input.files.iter().filter(|f| f.path.ends_with(".go")) {
        let text = std::str::from_utf8(source.source);
        let (Ok(text), None) = (text, input.target.excludes(base_name(source.path), source.source)) else {
            continue;
        };
        let file = File::new(source, None, &|_| false);
        if !file.active() || file.is_cgo() && !input.target.cgo() {
            continue;
        }
        if let Some(name) = file.package_name() {
            name.clone_into(&mut package_name);
        }
        files.push(RewriteFile { name: base_name(source.path), path: source.path, text });
    }
    RewriteRequest {
        rewriter: REWRITER_PROTOCOL,
        name,
        package: input.package,
        package_name,
        version: input.version,
        std: input.std,
        go: input.target.go().to_string(),
        goos: input.target.goos(),
        goarch: input.target.goarch(),
        cgo: input.target.cgo(),
        tags: input.target.user_tags(),
        files,
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Returns how messages and edits name a rewriter.
fn owner(name: &str) -> String {
    format!("rewriter {name}")
}

impl<'a> Advisor<'a, '_, '_> {
    /// Takes what a rewriter answered. `rank` is its place among all advice.
    pub(crate) fn take(
        &self,
        rewrite: &Rewrite,
        rank: Rank,
        state: &State<'a>,
    ) -> Result<Patch<'a>, Refusal> {
        let mut patch = Patch::default();
        let Rewrite { name, answer } = rewrite;
        if answer.rewriter != REWRITER_PROTOCOL {
            let message = messages::other_protocol(answer.rewriter, REWRITER_PROTOCOL);
            return Err(message.boxed());
        }
        if let Some(e) = answer.errors.first() {
            let file = &self.package.files[self.named_file(&e.file)?];
            let mut d = messages::rewriter(&e.message).at(Some(file.at(e.offset)));
            d = d.help(e.help.clone().unwrap_or_else(|| messages::help_change_code(name)));
            return Err(Box::new(d));
        }
        let nothing = answer.edits.is_empty() && answer.sources.is_empty() && answer.extra.is_empty();
        if !answer.applies {
            let message = messages::not_applicable_and_changed();
            return if nothing { Ok(patch) } else { Err(message.boxed()) };
        }
        let mut changes: Vec<(usize, Span, &str)> = Vec::new();
        for edit in &answer.edits {
            let index = self.named_file(&edit.file)?;
            changes.push((index, within_line(&self.package.files[index], edit)?, &edit.text));
        }
        let mut whole = BTreeSet::new();
        for source in &answer.sources {
            let index = self.named_file(&source.file)?;
            if !whole.insert(index) || answer.edits.iter().any(|e| e.file == source.file) {
                let message = messages::changed_twice(&source.file);
                return Err(message.boxed());
            }
            let lines = line_edits(&self.package.files[index], &source.text)?;
            changes.extend(lines.into_iter().map(|(span, text)| (index, span, text)));
        }
        let owner = owner(name);
        let touched: BTreeSet<usize> = changes.iter().map(|(file, ..)| *file).collect();
        for &file in &touched {
            let own = changes.iter().filter(|(f, ..)| *f == file).map(|(_, span, text)| (*span, *text));
            self.check_alone(&self.package.files[file], own, &answer.imports, &owner, state)?;
        }
        for extra in &answer.extra {
            if extra.file == EXTRA_FILE || extra.file.contains(['/', '\\']) || !extra.file.ends_with(".go") {
                let message = messages::bad_file_name(&extra.file);
                return Err(message.boxed());
            }
            let file = LoweredFile {
                name: extra.file.clone(),
                text: extra.text.clone(),
                adapter: false,
                replaces: false,
            };
            self.add_file(&file, &answer.imports, state, &mut patch)?;
        }
        for path in answer.imports.iter().filter(|_| !nothing) {
            patch.push(Change::Depend(path.clone()));
        }
        for (file, span, text) in changes {
            patch.edits(file).rewrite(span, rank, text, &owner);
            patch.push(Change::Advised(file));
            let body = self.package.functions.iter().position(|(f, function)| {
                let inside = |b: crate::package::file::Body| b.lbrace < span.start && span.end <= b.rbrace;
                *f == file && function.body.is_some_and(inside)
            });
            match body {
                Some(function) => patch.push(Change::Body(function)),
                None => patch.push(Change::Doubt(messages::changes_declarations(&owner))),
            }
        }
        Ok(patch)
    }

    /// The file of the package that a rewriter names.
    fn named_file(&self, name: &str) -> Result<usize, Refusal> {
        let found = self.package.files.iter().position(|f| f.active() && f.source.base_name() == name);
        found.ok_or_else(|| {
            let message = messages::build_without_file(self.package.input.package, name);
            message.boxed()
        })
    }

    /// Returns whether the edits of a rewriter make Go of a file by themselves, and add no import that was not declared.
    fn check_alone<'t>(
        &self,
        file: &File<'_>,
        edits: impl Iterator<Item = (Span, &'t str)>,
        imports: &[String],
        owner: &str,
        state: &State<'a>,
    ) -> Result<(), Refusal> {
        let mut builder = TextEditBuilder::default();
        let mut first = None;
        for (span, text) in edits {
            first.get_or_insert(span.start);
            if span.is_empty() {
                builder.insert(span.start, text, owner);
            } else {
                builder.replace(span, text, owner);
            }
        }
        let at = Some(file.at(first.unwrap_or(0)));
        let applied = builder
            .finish(file.source.source)
            .and_then(|edit: TextEdit| edit.apply(file.source.source))
            .map_err(|e| messages::rewriter_edits(&e).at(at.clone()).boxed())?;
        let result =
            File::new(SourceFile { path: file.source.path, source: &applied.text }, None, &|_| false);
        if let Some(e) = result.errors.first() {
            let line = LineIndex::new(&applied.text).line_col(e.offset);
            let text = applied.text.split(|&b| b == b'\n').nth(line.line as usize - 1).unwrap_or_default();
            let note = messages::line_would_be(String::from_utf8_lossy(text).trim());
            let message = messages::rewritten_is_not_go(&e.message);
            return Err(Box::new(message.at(Some(result.at(e.offset))).note(None, note)));
        }
        for import in &result.imports {
            let known = file.imports.iter().any(|i| i.written == import.written)
                || state.extra.imports_already(&import.path)
                || imports.contains(&import.path);
            if !known {
                let message = messages::rewriter_imports(&import.path, self.package.input.package);
                let help = messages::help_rewriter_imports(&import.path);
                return Err(Box::new(message.at(Some(result.at(import.at))).help(help)));
            }
        }
        Ok(())
    }
}

/// The place of an edit, which must be within a line and between characters.
fn within_line(file: &File<'_>, edit: &RewriteEdit) -> Result<Span, Refusal> {
    let refuse = |what: &str| {
        let message = messages::bad_edit(edit.offset, edit.offset.saturating_add(edit.length), what);
        Err(Box::new(message.at(Some(file.at(edit.offset)))))
    };
    let span = Span::new(edit.offset, edit.offset.saturating_add(edit.length));
    let source = file.source.source;
    let Some(replaced) = source.get(span.range()) else { return refuse(messages::outside_of_file()) };
    let boundary = |at: u32| source.get(at as usize).is_none_or(|&b| b & 0xc0 != 0x80);
    if !boundary(span.start) || !boundary(span.end) {
        return refuse(messages::inside_of_character());
    }
    if replaced.contains(&b'\n') || edit.text.contains('\n') {
        return refuse(messages::not_within_a_line());
    }
    Ok(span)
}

/// The edits of lines that make another source of a file. Both must have as many lines, and each token of the original
/// must be on its line.
fn line_edits<'t>(file: &File<'_>, text: &'t str) -> Result<Vec<(Span, &'t str)>, Refusal> {
    let refuse =
        |at: u32, message: String| Err(messages::rewriter_source(message).at(Some(file.at(at))).boxed());
    let source = file.source.source;
    let (old, new) = (LineIndex::new(source), LineIndex::new(text.as_bytes()));
    if old.breaks() != new.breaks() {
        let message = messages::other_number_of_lines(new.breaks() + 1, old.breaks() + 1);
        return refuse(0, message);
    }
    let (old_tokens, _) = weave_syntax::lex(source);
    let (new_tokens, _) = weave_syntax::lex(text.as_bytes());
    let written = |t: &&Token| t.start < t.end;
    let mut rest = new_tokens.significant().iter().filter(written);
    for token in old_tokens.significant().iter().filter(written) {
        let line = old.line_col(token.start).line;
        let same = |t: &Token| {
            t.kind == token.kind
                && text.as_bytes().get(t.span().range()) == source.get(token.span().range())
                && new.line_col(t.start).line == line
        };
        if !rest.any(same) {
            let token_text = String::from_utf8_lossy(source.get(token.span().range()).unwrap_or_default());
            return refuse(token.start, messages::token_not_there(&token_text));
        }
    }
    let mut edits = Vec::new();
    let mut at = 0;
    for (old, new) in source.split(|&b| b == b'\n').zip(text.split('\n')) {
        if old != new.as_bytes() {
            let mut before = old.iter().zip(new.as_bytes()).take_while(|(a, b)| a == b).count();
            while !new.is_char_boundary(before) {
                before -= 1;
            }
            let most = old.len().min(new.len()) - before;
            let ends = old.iter().rev().zip(new.as_bytes().iter().rev());
            let mut after = ends.take(most).take_while(|(a, b)| a == b).count();
            while !new.is_char_boundary(new.len() - after) {
                after -= 1;
            }
            let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            edits.push((
                Span::new(offset(at + before), offset(at + old.len() - after)),
                &new[before..new.len() - after],
            ));
        }
        at += old.len() + 1;
    }
    Ok(edits)
}

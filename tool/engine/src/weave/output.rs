//! The output of weaving: files, the extra file, the report.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{Diagnostic, LoweredRules};
use weave_report::{FileReport, FileStatus, LineReport, MatchReport, Report, RuleReport, Status};
use weave_syntax::resolve::Binding;
use weave_text::EditError;

use crate::advice::edits::Level;
use crate::advice::export_effects::Effect;
use crate::advice::hook::{self, Deferred, Hooked, Leaving, ResultTypes};
use crate::check;
use crate::error::WeaveError;
use crate::messages;
use crate::package::file::{File, Mention, SourceFile, declared_names};
use crate::package::names::{Identifiers, MARKER, is_ours};
use crate::package::slot::{Names, Slot};
use crate::package::{EXTRA_FILE, WeaveInput};
use crate::program::main_file::NEVER;
use crate::weave::{Weaver, Woven, weave};

impl<'a> Weaver<'a, '_, '_> {
    pub(super) fn finish(mut self) -> Result<Woven<'a>, WeaveError> {
        let findings = self.advisor.lay(&mut self.state);
        self.findings.extend(findings);
        for (report, owner) in std::mem::take(&mut self.laid) {
            let of = |text: &str| text.split(" and ").any(|o| o == owner);
            if !self.state.edits.iter().any(|e| e.changing().any(of)) {
                self.rules[report].leave_as_it_was();
            }
        }
        let mut woven_files: BTreeSet<usize> =
            (0..self.package.files.len()).filter(|&i| !self.state.edits[i].is_empty()).collect();
        let functions = &self.package.functions;
        let mut leave = BTreeSet::new();
        let changes_anyway = !self.state.changes.is_empty() && !self.package.input.std;
        for (index, hooks) in std::mem::take(&mut self.state.hooks) {
            let (file_index, function) = &functions[index];
            let file = &self.package.files[*file_index];
            let types = match hook::result_types(file, function) {
                ResultTypes::Text(types) => types,
                ResultTypes::Aliases => {
                    let scope = file.scope(
                        self.package.input.package,
                        &self.package.declared,
                        &self.package.names,
                        &function.type_params,
                    );
                    let results = function.signature(file, &scope).results;
                    match self.state.aliases(index, &results) {
                        Ok(names) => names,
                        Err(message) => {
                            self.findings.push(
                                messages::result_type(message)
                                    .at(Some(file.at(function.name_at)))
                                    .note(None, messages::parameter_hides_result_type())
                                    .finding,
                            );
                            continue;
                        }
                    }
                }
            };
            let deferred = match self.state.deferring.contains(&index) {
                true => Deferred::UNKNOWN,
                false => Deferred::of(file, function),
            };
            let is_result = |place: &Slot| matches!(place, Slot::Result(_));
            let named = self.state.named.get(&index).is_some_and(|(places, _)| places.iter().any(is_result));
            let leaving = Leaving::of(function, &hooks, deferred, named, self.package.input.std);
            let named = named || leaving.names_results;
            if leaving.names_results {
                let display = function.display();
                self.state.changes.push(messages::unnamed_in_function_gets_name(&display));
                let (places, _) = self
                    .state
                    .named
                    .entry(index)
                    .or_insert_with(|| (Vec::new(), hooks[0].owner().to_owned()));
                let nameless = |i: &usize| function.results[*i].usable_name().is_none();
                places.extend((0..function.results.len()).filter(nameless).map(Slot::Result));
            }
            let left = match changes_anyway {
                true => {
                    let results = self.package.function_type(*file_index, function).results;
                    hook::declare_left(&hooks, &leaving, function, &results, &mut self.state.extra)
                }
                false => Vec::new(),
            };
            let hooked = Hooked { function, result_types: &types, leaving, named, left };
            let edits = &mut self.state.edits[*file_index];
            leave.extend(hook::insert(file, &hooked, &hooks, &Names::new(file), edits));
            woven_files.insert(*file_index);
        }
        for variable in &leave {
            // It names predeclared types alone.
            if let Ok(ty) = self.state.extra.writable_function(&hook::leave_type()) {
                self.state.extra.variable(variable, &ty);
            }
        }
        for (index, (places, owner)) in std::mem::take(&mut self.state.named) {
            let (file_index, function) = &functions[index];
            let file = &self.package.files[*file_index];
            let edits = &mut self.state.edits[*file_index];
            hook::name_places(file, function, &places, &Names::new(file), &owner, edits);
        }
        for (i, file) in self.package.files.iter().enumerate().filter(|(_, f)| f.active()) {
            self.clause(i, file);
            for import in file.imports.iter().filter(|import| import.path != import.written) {
                self.state.edits[i].insert(
                    import.at + 1,
                    0,
                    "vendor/",
                    "the vendored imports of the standard library",
                );
            }
        }
        let mut declared = self.state.extra.declared_names();
        // What stands for a file may declare what the file declared.
        for &i in &self.state.left_out {
            for name in declared_names(&self.package.files[i]) {
                declared.remove(name);
            }
        }
        let names: Identifiers<'_> = declared.iter().map(String::as_str).collect();
        // Most names are of one kind, and most identifiers of none.
        let ours = declared.iter().all(|name| is_ours(name.as_bytes()));
        let mut taken: BTreeMap<&str, &File<'_>> = BTreeMap::new();
        if !names.is_empty() && !self.woven_before {
            let asked = |f: &File<'_>| f.active() && (!ours || f.mentions(Mention::Weave));
            let files = self.package.files.iter().enumerate().filter(|(_, f)| asked(f));
            for (_, file) in files.filter(|(i, _)| !self.state.left_out.contains(i)) {
                let tree = &file.tree;
                for id in tree.idents().filter(|&id| !ours || is_ours(tree.bytes(tree.span(id)))) {
                    if let Some(name) = names.get(file.tree.node_text(id)) {
                        taken.entry(name).or_insert(file);
                    }
                }
            }
        }
        for (name, file) in taken {
            self.findings.push(messages::name_taken(name).at(Some(file.at(0))).finding);
        }
        let mut texts: Vec<Option<weave_text::TextEdit>> = vec![None; self.package.files.len()];
        for (i, edits) in std::mem::take(&mut self.state.edits).into_iter().enumerate() {
            let file = &self.package.files[i];
            if !file.active() || edits.is_empty() {
                continue;
            }
            if self.state.left_out.contains(&i) {
                let owners = edits.owners().join(" and ");
                // Vendored imports alone are nobody's rule.
                if woven_files.contains(&i) {
                    let message = messages::changes_left_out_file(&owners);
                    let d = message.at(Some(file.at(0))).finding;
                    self.findings.push(d.help(messages::help_limit_by_file()));
                }
                continue;
            }
            match edits.finish(file.source.source) {
                Ok(edit) => texts[i] = Some(edit),
                Err(e) => {
                    let d = self
                        .conflict(file, &e)
                        .ok_or_else(|| WeaveError::Edit(file.source.path.to_owned(), e))?;
                    self.findings.push(d);
                }
            }
        }
        let bodies = std::mem::take(&mut self.state.bodies);
        let mut all: Vec<Effect> = bodies.iter().filter_map(|&i| self.advisor.body_effect(i)).collect();
        all.append(&mut self.state.effects);
        for effect in all {
            match effect {
                Effect::Changes(why) => self.state.changes.push(why),
                Effect::May(why) => self.state.doubts.push(why),
            }
        }
        for list in [&mut self.state.changes, &mut self.state.doubts] {
            let mut seen = BTreeSet::new();
            list.retain(|why| seen.insert(why.clone()));
        }
        let again = self.weave_declarations()?;
        // A package that does not parse is left to the compiler, which says it as it does without rules: what they do not find
        // may stand where the error is.
        let broken = |f: &&File<'_>| f.excluded.is_none() && !f.errors.is_empty();
        let unparsed = self.package.files.iter().find(broken).and_then(|f| {
            let e = f.errors.first()?;
            let message = messages::nothing_woven(&e.message, self.package.input.package);
            Some(message.at(Some(f.at(e.offset))).finding)
        });
        let failed = !self.findings.is_empty() || unparsed.is_some();
        if let Some(d) = unparsed {
            self.findings.clear();
            self.warnings = vec![d];
        }
        let mut out = Vec::new();
        let mut reports = Vec::new();
        for (i, (file, edit)) in self.package.files.iter().zip(texts).enumerate() {
            let (bytes, status, reason) = if file.excluded.is_none() && !file.errors.is_empty() {
                self.file(file, edit, false)?
            } else if failed {
                (
                    Cow::Borrowed(file.source.source),
                    FileStatus::Unchanged,
                    Some(messages::package_has_findings().to_owned()),
                )
            } else if self.state.left_out.contains(&i) {
                let bytes = blank(file.source.source, file.package_name().unwrap_or(self.package.name));
                (Cow::Owned(bytes), FileStatus::Replaced, Some(messages::file_replaced().to_owned()))
            } else {
                self.file(file, edit, woven_files.contains(&i))?
            };
            let lines = match status {
                FileStatus::Woven => changed_lines(file.source.source, &bytes),
                _ => Vec::new(),
            };
            out.push((file.source.base_name().to_owned(), bytes));
            reports.push(FileReport { path: file.source.path.to_owned(), status, reason, lines });
        }
        let extra = match again {
            _ if failed || self.state.extra.is_empty() => {
                format!("{NEVER}package {}\n", self.package.name)
            }
            Some(woven) => woven,
            None => self.state.extra.text(self.package.name),
        };
        check::parses(EXTRA_FILE, extra.as_bytes())?;
        let built = !failed && !self.state.extra.is_empty();
        let shown = built.then(|| extra.clone());
        out.push((EXTRA_FILE.to_owned(), Cow::Owned(extra.into_bytes())));
        let report = Report {
            weave: weave_report::VERSION,
            package: self.package.input.package.to_owned(),
            version: self.package.input.version.map(str::to_owned),
            go: self.package.input.target.go().to_string(),
            target: self.package.input.target.platform(),
            woven: !failed
                && (!self.state.extra.is_empty()
                    || !woven_files.is_empty()
                    || !self.state.left_out.is_empty()),
            export_data_changes: self.state.changes,
            export_data_may_change: self.state.doubts,
            added_imports: self.state.added.into_iter().collect(),
            language: self.language,
            leave,
            rules: self.rules,
            rewriters: self.rewriters,
            files: reports,
            findings: self.findings,
            warnings: self.warnings,
            extra: shown,
        };
        let mut origins = self.origins.into_inner();
        if let Some(extra) = &report.extra {
            origins.add_extra(EXTRA_FILE, extra, &self.in_extra);
        }
        Ok(Woven { files: out, origins, report })
    }

    /// Weaves what rules declare, for those that are about that, too. Gives the extra file, if
    /// anything is woven into it.
    fn weave_declarations(&mut self) -> Result<Option<String>, WeaveError> {
        if self.state.declared.is_empty() || !self.findings.is_empty() {
            return Ok(None);
        }
        let mut sets: Vec<LoweredRules> = self.package.input.rules.to_vec();
        for set in &mut sets {
            set.rules.retain(|rule| rule.in_declarations);
        }
        let text = self.state.extra.text(self.package.name);
        let file = SourceFile { path: "declarations.go", source: text.as_bytes() };
        let files = [file];
        let input = WeaveInput {
            package: self.package.input.package,
            version: self.package.input.version,
            target: self.package.input.target,
            std: self.package.input.std,
            files: &files,
            rules: &sets,
            types: None,
        };
        let woven = weave(&input, None, &[])?;
        let report = woven.report;
        self.findings.extend(report.findings);
        self.state.changes.extend(report.export_data_changes);
        self.state.doubts.extend(report.export_data_may_change);
        self.state.added.extend(report.added_imports);
        self.needs_language(report.language.as_ref());
        for rule in report.rules.into_iter().filter(|r| r.status == Status::Woven) {
            let same = |r: &&mut RuleReport| r.instrumentation == rule.instrumentation && r.rule == rule.rule;
            if let Some(first) = self.rules.iter_mut().find(same) {
                first.status = Status::Woven;
                first.reason = None;
                first.export_data = first.export_data.max(rule.export_data);
                first
                    .matches
                    .extend(rule.matches.into_iter().map(|m| MatchReport { what: m.what, at: None }));
            }
        }
        let changed = woven.files.into_iter().next().filter(|(_, bytes)| bytes[..] != *text.as_bytes());
        Ok(changed.and_then(|(_, bytes)| String::from_utf8(bytes.into_owned()).ok()))
    }

    /// Returns what edits that do not go together mean for the rules that asked for them.
    fn conflict(&self, file: &File<'_>, error: &EditError) -> Option<Diagnostic> {
        let EditError::Conflict { first, second } = error else { return None };
        let place = |owner: &str| self.places.get(owner).cloned();
        let named = |owner: &str| match owner.starts_with("rewriter ") {
            true => owner.to_owned(),
            false => messages::rule_named(owner),
        };
        Some(
            messages::conflict(named(&first.owner), named(&second.owner))
                .at(Some(file.at(second.span.start)))
                .finding
                .note(place(&first.owner), messages::one_is(&first.owner))
                .note(place(&second.owner), messages::other_is(&second.owner))
                .help(messages::help_limit_or_join()),
        )
    }

    /// Imports that the file gets and loses, on the line of its package clause.
    fn clause(&mut self, index: usize, file: &File<'a>) {
        let tree = &file.tree;
        let Some(name) = tree.package_name() else { return };
        let edits = &mut self.state.edits[index];
        if edits.is_empty() {
            return;
        }
        let owner = edits.owners().join(" and ");
        let hooks_only = self.state.imports[index].is_empty() && !self.state.advised.contains(&index);
        if hooks_only {
            return;
        }
        let mut text = format!(" {MARKER}");
        for (path, local) in &self.state.imports[index] {
            text.push_str(&format!("; import {local} {path:?}"));
        }
        edits.close(name, Level::Block, 0, text, &owner);
        // An import whose last use a replacement takes away becomes a blank one.
        let removed = &self.state.removed[index];
        if removed.is_empty() {
            return;
        }
        let scope = self.package.resolution.scope(index);
        for (i, import) in tree.imports().iter().enumerate() {
            let given = import.name.map(|n| tree.text(n));
            if matches!(given, Some("_" | ".")) {
                continue;
            }
            let mut uses = tree.idents().filter(|&id| scope.binding(id) == Some(Binding::Import(i)));
            let gone = |id| removed.iter().any(|(r, _)| r.covers(tree.span(id)));
            let (mut any, mut kept) = (false, false);
            for id in &mut uses {
                any = true;
                kept |= !gone(id);
            }
            kept |= self.state.copied[index].contains(&i);
            if any && !kept {
                match import.name {
                    Some(n) => edits.replace(n, "_", &owner),
                    None => edits.insert(import.path_span.start, 0, "_ ", &owner),
                }
            }
        }
    }

    fn file(
        &self,
        file: &File<'a>,
        edit: Option<weave_text::TextEdit>,
        woven: bool,
    ) -> Result<FileOut<'a>, WeaveError> {
        let source = file.source.source;
        if let Some(why) = &file.excluded {
            // rules_go takes a package for a cgo package if any of its files imports "C", those out of the build included.
            if self.package.input.std && file.is_cgo() {
                return Ok((
                    Cow::Owned(blank(source, file.package_name().unwrap_or(self.package.name))),
                    FileStatus::Blanked,
                    Some(why.clone()),
                ));
            }
            return Ok((Cow::Borrowed(source), FileStatus::Excluded, Some(why.clone())));
        }
        if let Some(e) = file.errors.first() {
            return Ok((
                Cow::Borrowed(source),
                FileStatus::Unparsed,
                Some(format!("{}: {}", file.at(e.offset), e.message)),
            ));
        }
        let Some(edit) = edit else { return Ok((Cow::Borrowed(source), FileStatus::Unchanged, None)) };
        let path = file.source.path;
        let applied = edit.apply(source).map_err(|e| WeaveError::Edit(path.to_owned(), e))?;
        check::woven(file, &edit, &applied)?;
        self.origins.borrow_mut().add(file.source.base_name(), &edit, &applied);
        Ok((Cow::Owned(applied.text), if woven { FileStatus::Woven } else { FileStatus::Vendored }, None))
    }
}

/// The lines that differ between two texts of as many lines.
fn changed_lines(before: &[u8], after: &[u8]) -> Vec<LineReport> {
    let text = |line: &[u8]| String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
    let newline = |text: &[u8]| memchr::memchr(b'\n', text);
    let (mut before, mut after, mut line) = (before, after, 1u32);
    let mut changed = Vec::new();
    // What is the same is not looked at line by line.
    loop {
        let same = &before[..common(before, after)];
        if same.len() == before.len() && same.len() == after.len() {
            break;
        }
        let start = memchr::memrchr(b'\n', same).map_or(0, |n| n + 1);
        line += memchr::memchr_iter(b'\n', &same[..start]).count() as u32;
        (before, after) = (&before[start..], &after[start..]);
        let (old, new) = (newline(before), newline(after));
        changed.push(LineReport {
            line,
            before: text(&before[..old.unwrap_or(before.len())]),
            after: text(&after[..new.unwrap_or(after.len())]),
        });
        let (Some(old), Some(new)) = (old, new) else { break };
        (before, after) = (&before[old + 1..], &after[new + 1..]);
        line += 1;
    }
    changed
}

/// Returns how many bytes two texts begin with alike.
fn common(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 64;
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK));
    let start = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    start + a[start..].iter().zip(&b[start..]).take_while(|(a, b)| a == b).count()
}

/// A file of the same package with as many lines that is in no build.
fn blank(source: &[u8], package: &str) -> Vec<u8> {
    let mut out = format!("//go:build ignore\n\npackage {package}").into_bytes();
    let breaks = source.iter().filter(|&&b| b == b'\n').count();
    out.extend(std::iter::repeat_n(b'\n', breaks.saturating_sub(2)));
    out
}

/// Result for a file: its bytes, its status, and the reason of that.
type FileOut<'a> = (Cow<'a, [u8]>, FileStatus, Option<String>);

#[cfg(test)]
mod tests {
    use super::changed_lines;

    /// Beside a comparison line by line.
    #[test]
    fn lines_that_differ_are_found_at_every_place() {
        let long = "the same on this line, and more than a block of it: ".repeat(3);
        let parts =
            ["", "a", "b", "a;b", "\n", "a\n", "b\r\n", "a;b\n", &long, &format!("{long}\n"), "\n\nx"];
        let mut different = 0;
        for one in parts {
            for two in parts {
                for (before, after) in [(one, two), (two, one)] {
                    for (head, tail) in
                        [("", ""), ("\n", "\n"), (&*format!("{long}\n"), "\nend"), ("h", "t\n")]
                    {
                        let (before, after) =
                            (format!("{head}{before}{tail}"), format!("{head}{after}{tail}"));
                        if before.split('\n').count() != after.split('\n').count() {
                            continue;
                        }
                        let lines = (1..).zip(before.split('\n').zip(after.split('\n')));
                        let want: Vec<_> = lines.filter(|(_, (b, a))| b != a).collect();
                        let got = changed_lines(before.as_bytes(), after.as_bytes());
                        let got: Vec<_> = got.iter().map(|l| (l.line, (&*l.before, &*l.after))).collect();
                        let trimmed = |s: &'_ str| s.trim_end_matches('\r').to_owned();
                        let want: Vec<_> =
                            want.into_iter().map(|(l, (b, a))| (l, (trimmed(b), trimmed(a)))).collect();
                        let got: Vec<_> =
                            got.into_iter().map(|(l, (b, a))| (l, (b.to_owned(), a.to_owned()))).collect();
                        assert_eq!(got, want, "{before:?} {after:?}");
                        different += want.len();
                    }
                }
            }
        }
        assert!(different > 100, "{different}");
    }
}

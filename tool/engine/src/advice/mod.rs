//! Advice other than hooks, as edits.
//!
//! What every advice keeps: each original token that it does not replace, in its order and on its line. A replacement has
//! as many line ends as what it replaces, between parentheses, where they end no statement.

pub(crate) mod code;
pub(crate) mod edits;
pub(crate) mod export_effects;
pub(crate) mod extra_file;
pub(crate) mod hook;
pub(crate) mod state;

mod call;
mod declare;
mod expression;
mod fields;
mod fill;
mod function;
mod import;
mod recompose;
mod statement;
mod value;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{Diagnostic, Kind, Language, LoweredAdvice, LoweredRule};
use weave_report::ExportData;

use crate::advice::edits::Rank;
use crate::advice::export_effects::{CompilerNotes, Effect};
use crate::advice::state::State;
use crate::package::Package;
use crate::package::sites::Candidate;
use crate::package::slot::Slot;
use crate::refusal::Refusal;

/// Applies advice to a package.
pub(crate) struct Advisor<'a, 'f, 'p> {
    pub(crate) package: &'p Package<'a, 'f>,
    pub(crate) notes: &'a CompilerNotes,
    /// Rules that may be about one expression, one after the other.
    pub(crate) aspects: Vec<&'a LoweredRule>,
    pub(crate) state: State<'a>,
    /// What another body of each function does to the export data.
    judged: Vec<OnceCell<Option<Effect>>>,
}

impl<'a, 'f, 'p> Advisor<'a, 'f, 'p> {
    /// Begin with nothing woven. `aspects` are in the order in which they are applied.
    pub(crate) fn new(
        package: &'p Package<'a, 'f>,
        notes: &'a CompilerNotes,
        aspects: Vec<&'a LoweredRule>,
    ) -> Self {
        let judged = package.functions.iter().map(|_| OnceCell::new()).collect();
        Self { package, notes, aspects, state: State::new(package), judged }
    }
}

/// An advice that is being applied: who asks, and what the file must have for it.
pub(crate) struct Work<'w> {
    rule: &'w LoweredRule,
    advice: &'w LoweredAdvice,
    owner: &'w str,
    rank: Rank,
    /// Imports to come: path and local name.
    imports: BTreeMap<String, String>,
    /// Places that get names.
    named: Vec<Slot>,
    /// Imports that copied code names, by position.
    copied: BTreeSet<usize>,
}

impl<'w> Work<'w> {
    pub(crate) fn new(rule: &'w LoweredRule, advice: &'w LoweredAdvice, owner: &'w str, rank: Rank) -> Self {
        let (imports, named, copied) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        Self { rule, advice, owner, rank, imports, named, copied }
    }
}

impl<'a> Advisor<'a, '_, '_> {
    /// What the rule that was just applied does to the export data; `said` is how much had been said of it before.
    pub(crate) fn does_to_export_data(&self, said: (usize, usize, usize)) -> ExportData {
        let one = |effect: &Effect| match effect {
            Effect::Changes(_) => ExportData::Changes,
            Effect::May(_) => ExportData::MayChange,
        };
        let changes = (self.state.changes.len() > said.0).then_some(ExportData::Changes);
        let doubts = (self.state.doubts.len() > said.1).then_some(ExportData::MayChange);
        let arguments = self.state.effects.iter().skip(said.2).map(one);
        let bodies = self.state.bodies.iter().filter_map(|&i| self.body_effect(i)).map(|e| one(&e));
        changes.into_iter().chain(doubts).chain(arguments).chain(bodies).max().unwrap_or(ExportData::Same)
    }

    /// What another body of a function does to the export data.
    pub(crate) fn body_effect(&self, function: usize) -> Option<Effect> {
        let mut index = function;
        // A literal is part of the function that it is in.
        while let Some(parent) = self.package.functions[index].1.parent {
            index = parent;
        }
        let judged = || {
            let (file, function) = &self.package.functions[index];
            export_effects::of_body(&self.package.files[*file], function, self.notes)
        };
        self.judged.get(index).map_or_else(judged, |known| known.get_or_init(judged).clone())
    }

    pub(crate) fn advise_once(
        &mut self,
        advice: &LoweredAdvice,
        rule: &LoweredRule,
        owner: &str,
        rank: Rank,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let mut work = Work::new(rule, advice, owner, rank);
        match advice {
            LoweredAdvice::Hook(_) | LoweredAdvice::Context(_) => return Ok(()),
            LoweredAdvice::Declare(d) => {
                let Some((text, imports)) = self.declared_text(d, rule, c)? else { return Ok(()) };
                if d.language == Language::GoTemplate
                    && !self.state.declared.insert((owner.to_owned(), text.clone()))
                {
                    return Ok(());
                }
                return self.declare(&text, &imports, &rule.dependencies);
            }
            LoweredAdvice::Import(path) => {
                self.depend(path);
                self.state.extra.import_blank(path);
                return Ok(());
            }
            LoweredAdvice::File(f) => return self.add_file(f, &rule.dependencies),
            LoweredAdvice::Before(code) if c.kind == Kind::Function => self.enter(code, &mut work, c)?,
            LoweredAdvice::Before(code) => self.around_statement(code, &mut work, c, false)?,
            LoweredAdvice::After(code) => self.around_statement(code, &mut work, c, true)?,
            LoweredAdvice::Wrap(code) if c.kind == Kind::Value => self.value(code, &mut work, c, true)?,
            LoweredAdvice::Replace(code) if c.kind == Kind::Value => self.value(code, &mut work, c, false)?,
            LoweredAdvice::Replace(code) if c.kind == Kind::Import => self.other_import(code, &work, c)?,
            LoweredAdvice::Wrap(code) if code.language == Language::GoTemplate => {
                self.recompose(code, &mut work, c)?;
            }
            LoweredAdvice::Wrap(code) => self.wrap(code, &mut work, c)?,
            LoweredAdvice::Replace(code) => self.replace(code, &mut work, c)?,
            LoweredAdvice::AppendArguments(a) => self.append_arguments(a, &mut work, c)?,
            LoweredAdvice::CallInstead(symbol) => self.call_instead(symbol, &mut work, c)?,
            LoweredAdvice::SetFields(fields) => self.set_fields(fields, &mut work, c)?,
            LoweredAdvice::AddFields(fields) => self.add_fields(fields, &mut work, c)?,
        }
        self.settle(work, c);
        Ok(())
    }

    /// What goes with edits that were made.
    pub(crate) fn settle(&mut self, work: Work<'_>, c: Candidate) {
        let Work { imports, named, copied, owner, .. } = work;
        self.state.copied[c.file].extend(copied);
        for path in imports.keys() {
            self.depend(path);
        }
        self.state.imports[c.file].extend(imports);
        if let Some(function) = c.function.filter(|_| !named.is_empty()) {
            let display = self.package.functions[function].1.display();
            self.state.changes.push(format!("{display}: a parameter or result without a name gets one"));
            let (places, _) =
                self.state.named.entry(function).or_insert_with(|| (Vec::new(), owner.to_owned()));
            places.extend(named);
        }
        if c.kind != Kind::Package {
            self.state.advised.insert(c.file);
        }
        self.state.bodies.extend(c.function);
    }

    /// The package imports this now.
    pub(crate) fn depend(&mut self, path: &str) {
        if !self.state.extra.imports_already(path) && self.state.added.insert(path.to_owned()) {
            self.state
                .changes
                .push(format!("{} imports {path}, which it did not", self.package.input.package));
        }
    }

    /// Only one rule may set a name at one place.
    pub(super) fn claim(&mut self, file: usize, at: u32, name: &str, owner: &str) -> Result<(), Refusal> {
        match self.state.claims.insert((file, at, name.to_owned()), owner.to_owned()) {
            Some(other) => {
                let mut d =
                    Diagnostic::new("conflict", None, format!("rule {other} sets `{name}` there, too"));
                d = d.note(Some(self.package.files[file].at(at)), "here");
                Err(Box::new(d.help("limit one of them with `not`, or make one rule of both")))
            }
            None => Ok(()),
        }
    }

    /// Whether the package may import a path.
    pub(super) fn may_import(&self, path: &str, dependencies: &[String]) -> Result<(), Refusal> {
        if self.state.extra.imports_already(path) || dependencies.iter().any(|d| d == path) {
            return Ok(());
        }
        let message = format!(
            "the code imports `{path}`, which {} does not import: that would be a new dependency",
            self.package.input.package
        );
        Err(Box::new(
            Diagnostic::new("new-import", None, message)
                .help(format!("if that is meant, write `dependencies: [{path}]` in the rule")),
        ))
    }
}

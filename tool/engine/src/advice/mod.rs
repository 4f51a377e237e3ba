//! Advice other than hooks, as edits.
//!
//! What every advice keeps: each original token that it does not replace, in its order and on its line. A replacement has
//! as many line ends as what it replaces, between parentheses, where they end no statement.

pub(crate) mod code;
pub(crate) mod edits;
pub(crate) mod export_effects;
pub(crate) mod extra_file;
pub(crate) mod hook;
pub(crate) mod patch;
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

use weave_ir::{Kind, Language, LoweredAdvice, LoweredRule};
use weave_report::ExportData;

use crate::advice::edits::{Rank, Tag};
use crate::advice::export_effects::{CompilerNotes, Effect};
use crate::advice::patch::{Change, Patch};
use crate::advice::state::{SoFar, State};
use crate::messages;
use crate::package::Package;
use crate::package::sites::Candidate;
use crate::package::slot::Slot;
use crate::refusal::Refusal;

/// Says what advice does to a package.
pub(crate) struct Advisor<'a, 'f, 'p> {
    pub(crate) package: &'p Package<'a, 'f>,
    pub(crate) notes: &'a CompilerNotes,
    /// Rules that may be about one expression, one after the other.
    pub(crate) in_turn: Vec<&'a LoweredRule>,
    /// Effect of another body of each function on the export data.
    judged: Vec<OnceCell<Option<Effect>>>,
}

impl<'a, 'f, 'p> Advisor<'a, 'f, 'p> {
    /// `in_turn` are in the order in which they are applied.
    pub(crate) fn new(
        package: &'p Package<'a, 'f>,
        notes: &'a CompilerNotes,
        in_turn: Vec<&'a LoweredRule>,
    ) -> Self {
        let judged = package.functions.iter().map(|_| OnceCell::new()).collect();
        Self { package, notes, in_turn, judged }
    }
}

/// The rule that asks for an advice, and its neighbours.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'w, 'a> {
    pub rule: &'a LoweredRule,
    /// `instrumentation/rule`, for messages.
    pub owner: &'w str,
    pub rank: Rank,
    pub so_far: SoFar<'w, 'a>,
}

/// An advice that is being worked out: who asks, and what the file must have for it.
pub(crate) struct Work<'w, 'a> {
    rule: &'a LoweredRule,
    advice: &'a LoweredAdvice,
    owner: &'w str,
    rank: Rank,
    so_far: SoFar<'w, 'a>,
    /// Whether what is inside is done already.
    laying: bool,
    patch: Patch<'a>,
    /// Imports to come: path and local name.
    imports: BTreeMap<String, String>,
    /// Places that get names.
    named: Vec<Slot>,
    /// Imports that copied code names, by position.
    copied: BTreeSet<usize>,
}

impl<'w, 'a> Work<'w, 'a> {
    pub(crate) fn new(asker: Asker<'w, 'a>, advice: &'a LoweredAdvice, tag: Tag) -> Self {
        let Asker { rule, owner, rank, so_far } = asker;
        let (imports, named, copied) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        let patch = Patch::new(tag);
        Self { rule, advice, owner, rank, so_far, laying: false, patch, imports, named, copied }
    }

    pub(crate) fn into_patch(self) -> Patch<'a> {
        self.patch
    }

    /// The same where what is inside is done already.
    pub(crate) fn laying(self) -> Self {
        Self { laying: true, ..self }
    }

    /// Only one rule may set a name at one place.
    fn claim(&mut self, file: usize, at: u32, name: &str) {
        self.patch.push(Change::Claim { file, at, name: name.to_owned(), owner: self.owner.to_owned() });
    }
}

impl<'a> Advisor<'a, '_, '_> {
    /// Returns what a rule does to the export data: `changes` and `doubts` tell whether anything was said of it, `effects` are those
    /// of arguments, `bodies` the functions that have other bodies.
    pub(crate) fn does_to_export_data(
        &self,
        (changes, doubts): (bool, bool),
        effects: &[Effect],
        bodies: &BTreeSet<usize>,
    ) -> ExportData {
        let one = |effect: &Effect| match effect {
            Effect::Changes(_) => ExportData::Changes,
            Effect::May(_) => ExportData::MayChange,
        };
        let changes = changes.then_some(ExportData::Changes);
        let doubts = doubts.then_some(ExportData::MayChange);
        let bodies = bodies.iter().filter_map(|&i| self.body_effect(i)).map(|e| one(&e));
        let said = changes.into_iter().chain(doubts).chain(effects.iter().map(one)).chain(bodies);
        said.max().unwrap_or(ExportData::Same)
    }

    /// Returns what another body of a function does to the export data.
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

    /// Returns what an advice asks for at a candidate.
    pub(crate) fn advise(
        &self,
        advice: &'a LoweredAdvice,
        asker: Asker<'_, 'a>,
        c: Candidate,
    ) -> Result<Patch<'a>, Refusal> {
        match advice {
            LoweredAdvice::Hook(hook) => self.hook(hook, asker, c),
            LoweredAdvice::HookPair(hooks) => self.context(hooks, asker, c),
            _ => self.advise_layer(advice, asker, c),
        }
    }

    /// The same of an advice that is not a hook, beside nothing else that is about the same code.
    pub(crate) fn advise_once(&self, mut work: Work<'_, 'a>, c: Candidate) -> Result<Patch<'a>, Refusal> {
        let work = &mut work;
        match work.advice {
            LoweredAdvice::Hook(_) | LoweredAdvice::HookPair(_) => {}
            LoweredAdvice::Declare(d) => {
                let Some((text, imports)) = self.declared_text(d, work, c)? else {
                    return Ok(Patch::default());
                };
                if d.language == Language::GoTemplate {
                    if work.so_far.has_declared(work.owner, &text) {
                        return Ok(Patch::default());
                    }
                    work.patch.declare_once(work.owner, &text);
                }
                let patch = &mut work.patch;
                self.declare(&text, &imports, &work.rule.dependencies, work.so_far.state, patch)?;
            }
            LoweredAdvice::Import(path) => {
                work.patch.push(Change::Depend(path.clone()));
                work.patch.push(Change::ImportBlank(path.clone()));
            }
            LoweredAdvice::File(f) => {
                self.add_file(f, &work.rule.dependencies, work.so_far.state, &mut work.patch)?;
            }
            LoweredAdvice::Before(code) if c.kind.is_entered() => self.enter(code, work, c)?,
            LoweredAdvice::Before(code) => self.around_statement(code, work, c, false)?,
            LoweredAdvice::After(code) => self.around_statement(code, work, c, true)?,
            LoweredAdvice::Wrap(code) if c.kind == Kind::Value => self.value(code, work, c, true)?,
            LoweredAdvice::Replace(code) if c.kind == Kind::Value => self.value(code, work, c, false)?,
            LoweredAdvice::Replace(code) if c.kind == Kind::Import => self.other_import(code, work, c)?,
            LoweredAdvice::Wrap(code) if code.language == Language::GoTemplate => {
                self.recompose(code, work, c)?;
            }
            LoweredAdvice::Wrap(code) => self.wrap(code, work, c)?,
            LoweredAdvice::Replace(code) => self.replace(code, work, c)?,
            LoweredAdvice::AppendArguments(a) => self.append_arguments(a, work, c)?,
            LoweredAdvice::CallInstead(symbol) => self.call_instead(symbol, work, c)?,
            LoweredAdvice::SetFields(fields) => self.set_fields(fields, work, c)?,
            LoweredAdvice::AddFields(fields) => self.add_fields(fields, work, c)?,
        }
        if !of_extra_file(work.advice) {
            self.settle(work, c);
        }
        Ok(std::mem::take(&mut work.patch))
    }

    /// Adds what goes with edits that were made.
    pub(crate) fn settle(&self, work: &mut Work<'_, 'a>, c: Candidate) {
        let (imports, named) = (std::mem::take(&mut work.imports), std::mem::take(&mut work.named));
        let copied = std::mem::take(&mut work.copied);
        let patch = &mut work.patch;
        if !copied.is_empty() {
            patch.push(Change::Copied { file: c.file, imports: copied });
        }
        for path in imports.keys() {
            patch.push(Change::Depend(path.clone()));
        }
        patch.import(c.file, imports);
        if let Some(function) = c.function.filter(|_| !named.is_empty()) {
            let display = self.package.functions[function].1.display();
            patch.push(Change::Changes(messages::unnamed_in_function_gets_name(&display)));
            patch.push(Change::Named { function, places: named, owner: work.owner.to_owned() });
        }
        if c.kind != Kind::Package {
            patch.push(Change::Advised(c.file));
        }
        if let Some(function) = c.function {
            patch.push(Change::Body(function));
        }
    }

    /// Returns whether the package may import a path.
    pub(super) fn may_import(
        &self,
        path: &str,
        dependencies: &[String],
        state: &State<'a>,
    ) -> Result<(), Refusal> {
        if state.extra.imports_already(path) || dependencies.iter().any(|d| d == path) {
            return Ok(());
        }
        let message = messages::code_imports(path, self.package.input.package);
        Err(Box::new(message.help(messages::help_dependencies(path))))
    }
}

/// Returns whether an advice is about the extra file alone.
fn of_extra_file(advice: &LoweredAdvice) -> bool {
    matches!(advice, LoweredAdvice::Declare(_) | LoweredAdvice::Import(_) | LoweredAdvice::File(_))
}

//! The changes that an advice asks for at a candidate, before it is woven.

use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{LoweredAdvice, LoweredRule};
use weave_syntax::NodeId;
use weave_text::Span;

use crate::advice::edits::{Edits, Rank, Tag};
use crate::advice::export_effects::Effect;
use crate::advice::extra_file::{Declarations, Writable};
use crate::advice::hook::Fitted;
use crate::package::sites::Candidate;
use crate::package::slot::Slot;

/// Demands of an advice, of all advice at a candidate, or of a rule: `State::merge` does them all or none.
#[derive(Default)]
pub(crate) struct Patch<'a> {
    /// For edits to come.
    tag: Tag,
    /// Edits, by index of the file.
    edits: BTreeMap<usize, Edits>,
    /// Imports that files get, by index of the file: path and local name.
    imports: BTreeMap<usize, BTreeMap<String, String>>,
    /// Declarations that a rule adds once, and the rule.
    declared: BTreeSet<(String, String)>,
    /// Everything else, in the order in which it was asked for.
    changes: Vec<Change<'a>>,
}

/// One thing that is asked for.
pub(crate) enum Change<'a> {
    /// A name is set at a place of a file, which only one rule may do.
    Claim { file: usize, at: u32, name: String, owner: String },
    /// An added file is in place of this one, which only one rule may ask for.
    LeaveOut { file: usize, name: String },
    /// A function gets a hook.
    Hook { function: usize, hook: Box<Fitted<'a>> },
    /// Parameters and results of a function get names.
    Named { function: usize, places: Vec<Slot>, owner: String },
    /// A function has another body.
    Body(usize),
    /// Code that may defer calls is woven into a function.
    Deferring(usize),
    /// A file has advice other than hooks.
    Advised(usize),
    /// Text of a file goes.
    Removed { file: usize, span: Span, tag: Tag },
    /// Before the edits: what aspects were to do inside of this text goes.
    LeavesOut { file: usize, part: Span },
    /// Code was copied that names these imports, by their positions.
    Copied { file: usize, imports: BTreeSet<usize> },
    /// An aspect does something to an expression.
    Layer { file: usize, node: NodeId, layer: Box<Layer<'a>> },
    /// The extra file gets a variable.
    Variable { name: String, ty: Writable },
    /// The extra file gets another name for a type.
    Alias { name: String, ty: Writable },
    /// The extra file gets declarations.
    Declare(Declarations),
    /// The extra file imports a package for its effects.
    ImportBlank(String),
    /// The package imports this now.
    Depend(String),
    /// Reason why the export data changes.
    Changes(String),
    /// Reason why it may change.
    Doubt(String),
    /// The same, of an argument.
    Effect(Effect),
}

/// A patch in parts, as `State::merge` takes it.
pub(crate) struct Parts<'a> {
    pub edits: BTreeMap<usize, Edits>,
    pub imports: BTreeMap<usize, BTreeMap<String, String>>,
    pub declared: BTreeSet<(String, String)>,
    pub changes: Vec<Change<'a>>,
}

impl<'a> Patch<'a> {
    /// Nothing is asked for yet; edits to come have this tag.
    pub(crate) fn new(tag: Tag) -> Self {
        Self { tag, ..Self::default() }
    }

    /// The edits of a file.
    pub(crate) fn edits(&mut self, file: usize) -> &mut Edits {
        let edits = self.edits.entry(file).or_default();
        edits.tag = self.tag;
        edits
    }

    pub(crate) fn push(&mut self, change: Change<'a>) {
        self.changes.push(change);
    }

    pub(crate) fn removed(&mut self, file: usize, span: Span) {
        self.push(Change::Removed { file, span, tag: self.tag });
    }

    pub(crate) fn import(&mut self, file: usize, imports: BTreeMap<String, String>) {
        if !imports.is_empty() {
            self.imports.entry(file).or_default().extend(imports);
        }
    }

    /// Says that a rule adds declarations which it adds once.
    pub(crate) fn declare_once(&mut self, owner: &str, text: &str) {
        self.declared.insert((owner.to_owned(), text.to_owned()));
    }

    /// The edits of a file so far.
    pub(crate) fn edits_of(&self, file: usize) -> Option<&Edits> {
        self.edits.get(&file)
    }

    /// The imports that a file gets: path and local name.
    pub(crate) fn imports_of(&self, file: usize) -> Option<&BTreeMap<String, String>> {
        self.imports.get(&file)
    }

    /// Returns whether a rule adds these declarations.
    pub(crate) fn has_declared(&self, key: &(String, String)) -> bool {
        self.declared.contains(key)
    }

    /// The functions that have other bodies.
    pub(crate) fn bodies(&self) -> BTreeSet<usize> {
        let body = |c: &Change<'_>| match c {
            Change::Body(function) => Some(*function),
            _ => None,
        };
        self.changes.iter().filter_map(body).collect()
    }

    /// Asks for what another patch does, after what this one does.
    pub(crate) fn append(&mut self, more: Self) {
        for (file, edits) in more.edits {
            self.edits.entry(file).or_default().append(edits);
        }
        for (file, imports) in more.imports {
            self.imports.entry(file).or_default().extend(imports);
        }
        self.declared.extend(more.declared);
        self.changes.extend(more.changes);
    }

    pub(crate) fn into_parts(self) -> Parts<'a> {
        let Self { edits, imports, declared, changes, .. } = self;
        Parts { edits, imports, declared, changes }
    }
}

/// Effect of one aspect on an expression.
#[derive(Debug, Clone)]
pub(crate) struct Layer<'a> {
    /// Whether it is about the field whose value the expression is, which is around it.
    pub field: bool,
    /// Its place among all advice: a lower one is applied earlier.
    pub place: usize,
    pub rank: Rank,
    pub owner: String,
    pub rule: &'a LoweredRule,
    pub advice: &'a LoweredAdvice,
    pub c: Candidate,
    /// Whether it was not tried on the expression as it stands in the file.
    pub untried: bool,
}

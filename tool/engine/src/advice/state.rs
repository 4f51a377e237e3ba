//! What rules add up to while a package is woven.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use weave_ir::{LoweredAdvice, LoweredRule};
use weave_syntax::NodeId;

use crate::advice::edits::{Edits, Rank, Tag};
use crate::advice::export_effects::Effect;
use crate::advice::extra_file::ExtraFile;
use crate::advice::hook::Fitted;
use crate::package::Package;
use crate::package::sites::Candidate;
use crate::package::slot::Slot;

/// What rules add up to; a rule that cannot be woven leaves it as it was.
#[derive(Clone)]
pub(crate) struct State<'a> {
    /// Hooks by index of the function, in the order of the rules.
    pub(crate) hooks: BTreeMap<usize, Vec<Fitted<'a>>>,
    /// Parameters and results that get names, by index of the function, and who asks.
    pub(crate) named: BTreeMap<usize, (Vec<Slot>, String)>,
    /// Edits, by index of the file.
    pub(crate) edits: Vec<Edits>,
    /// Imports that files get, by index of the file: path and local name.
    pub(crate) imports: Vec<BTreeMap<String, String>>,
    /// Names that rules set: the file, the place, the name; and who sets it.
    pub(crate) claims: BTreeMap<(usize, u32, String), String>,
    /// Functions whose bodies are other ones now.
    pub(crate) bodies: BTreeSet<usize>,
    /// Functions into which code is woven that may defer calls.
    pub(crate) deferring: BTreeSet<usize>,
    /// Files that have advice other than hooks.
    pub(crate) advised: BTreeSet<usize>,
    /// Text that replacements take away, by index of the file.
    pub(crate) removed: Vec<Vec<(weave_syntax::Span, Tag)>>,
    /// What aspects do to an expression, by file and node.
    pub(crate) layers: Layers<'a>,
    /// Whether they are done for good.
    pub(crate) laying: bool,
    /// Declarations that a rule has added, which it adds once.
    pub(crate) declared: BTreeSet<(String, String)>,
    /// Imports that code names which was copied, by index of the file: their position.
    pub(crate) copied: Vec<BTreeSet<usize>>,
    pub(crate) extra: ExtraFile<'a>,
    /// Files that an added one is in place of.
    pub(crate) left_out: BTreeSet<usize>,
    /// Why the export data changes.
    pub(crate) changes: Vec<String>,
    /// Why it may change.
    pub(crate) doubts: Vec<String>,
    /// The same, of arguments.
    pub(crate) effects: Vec<Effect>,
    /// Import paths that the package did not import.
    pub(crate) added: BTreeSet<String>,
}

impl<'a> State<'a> {
    /// Nothing is woven yet.
    pub(crate) fn new(package: &Package<'a, '_>) -> Self {
        let files = package.files.len();
        let active = package.files.iter().filter(|f| f.active());
        let imported = active.flat_map(|f| f.imports.iter().map(|i| i.path.clone())).collect();
        let (declared, names) = (Rc::clone(&package.declared), Rc::clone(&package.names));
        Self {
            hooks: BTreeMap::new(),
            named: BTreeMap::new(),
            edits: vec![Edits::default(); files],
            imports: vec![BTreeMap::new(); files],
            claims: BTreeMap::new(),
            bodies: BTreeSet::new(),
            deferring: BTreeSet::new(),
            advised: BTreeSet::new(),
            removed: vec![Vec::new(); files],
            layers: Layers::new(),
            laying: false,
            declared: BTreeSet::new(),
            copied: vec![BTreeSet::new(); files],
            extra: ExtraFile::new(package.input.package, imported, declared, names),
            left_out: BTreeSet::new(),
            changes: Vec::new(),
            doubts: Vec::new(),
            effects: Vec::new(),
            added: BTreeSet::new(),
        }
    }

    /// How much was woven, and how much of it is to be laid.
    pub(crate) fn size(&self) -> (usize, usize) {
        let edits: usize = self.edits.iter().map(|e| e.changing().count()).sum();
        let hooks: usize = self.hooks.values().map(Vec::len).sum();
        let layers = self.layers.values().map(Vec::len).sum();
        (edits + hooks + self.extra.size() + self.left_out.len(), layers)
    }
}

/// What aspects do to expressions, by file and node.
pub(crate) type Layers<'a> = BTreeMap<(usize, NodeId), Vec<Layer<'a>>>;

/// What one aspect does to an expression.
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

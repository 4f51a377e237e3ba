//! The sum of all rules' changes while a package is woven.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use weave_ir::GoType;
use weave_syntax::NodeId;
use weave_text::Span;

use crate::advice::edits::{Edits, Tag};
use crate::advice::export_effects::Effect;
use crate::advice::extra_file::ExtraFile;
use crate::advice::hook::Fitted;
use crate::advice::patch::{Change, Layer, Parts, Patch};
use crate::messages;
use crate::package::Package;
use crate::package::slot::Slot;
use crate::refusal::Refusal;

/// Sum of the patches of rules.
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
    pub(crate) removed: Vec<Vec<(Span, Tag)>>,
    /// Layers of aspects on expressions, by file and node.
    pub(crate) layers: Layers<'a>,
    /// Declarations that a rule has added, which it adds once.
    pub(crate) declared: BTreeSet<(String, String)>,
    /// Imports that code names which was copied, by index of the file: their position.
    pub(crate) copied: Vec<BTreeSet<usize>>,
    pub(crate) extra: ExtraFile<'a>,
    /// Files that an added one is in place of.
    pub(crate) left_out: BTreeSet<usize>,
    /// Reason why the export data changes.
    pub(crate) changes: Vec<String>,
    /// Reason why it may change.
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

    /// Weaves what a patch asks for, or nothing of it where other rules have asked for the same.
    pub(crate) fn merge(&mut self, package: &Package<'_, '_>, patch: Patch<'a>) -> Result<(), Refusal> {
        let Parts { edits, imports, declared, changes } = patch.into_parts();
        self.check(package, &changes)?;
        for change in changes {
            self.apply(package, change);
        }
        for (file, edits) in edits {
            self.edits[file].append(edits);
        }
        for (file, imports) in imports {
            self.imports[file].extend(imports);
        }
        self.declared.extend(declared);
        Ok(())
    }

    /// Returns whether nobody has asked for what only one may.
    fn check(&self, package: &Package<'_, '_>, changes: &[Change<'a>]) -> Result<(), Refusal> {
        let mut claims: BTreeMap<(usize, u32, &str), &str> = BTreeMap::new();
        let mut left_out = BTreeSet::new();
        for change in changes {
            match change {
                Change::Claim { file, at, name, owner } => {
                    let known = self.claims.get(&(*file, *at, name.clone())).map(String::as_str);
                    let Some(other) = known.or(claims.insert((*file, *at, name), owner)) else { continue };
                    let message = messages::rule_sets_name(other, name);
                    let d = message.note(Some(package.files[*file].at(*at)), messages::here());
                    return Err(Box::new(d.help(messages::help_limit_or_join())));
                }
                Change::LeaveOut { file, name }
                    if self.left_out.contains(file) || !left_out.insert(*file) =>
                {
                    return Err(messages::left_out_twice(name).boxed());
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn apply(&mut self, package: &Package<'_, '_>, change: Change<'a>) {
        match change {
            Change::Claim { file, at, name, owner } => {
                self.claims.insert((file, at, name), owner);
            }
            Change::LeaveOut { file, .. } => {
                self.left_out.insert(file);
            }
            Change::Hook { function, hook } => self.hooks.entry(function).or_default().push(*hook),
            Change::Named { function, places, owner } => {
                self.named.entry(function).or_insert_with(|| (Vec::new(), owner)).0.extend(places);
            }
            Change::Body(function) => {
                self.bodies.insert(function);
            }
            Change::Deferring(function) => {
                self.deferring.insert(function);
            }
            Change::Advised(file) => {
                self.advised.insert(file);
            }
            Change::Removed { file, span, tag } => self.removed[file].push((span, tag)),
            Change::LeavesOut { file, part } => self.edits[file].leave_out(part),
            Change::Copied { file, imports } => self.copied[file].extend(imports),
            Change::Layer { file, node, layer } => self.layers.entry((file, node)).or_default().push(*layer),
            Change::Variable { name, ty } => self.extra.variable(&name, &ty),
            Change::Alias { name, ty } => self.extra.alias(&name, &ty),
            Change::Declare(declarations) => {
                let changes = self.extra.declare(declarations);
                self.changes.extend(changes);
            }
            Change::ImportBlank(path) => self.extra.import_blank(&path),
            Change::Depend(path) => {
                if !self.extra.imports_already(&path) && self.added.insert(path.clone()) {
                    let message = messages::new_import(package.input.package, &path);
                    self.changes.push(message);
                }
            }
            Change::Changes(why) => self.changes.push(why),
            Change::Doubt(why) => self.doubts.push(why),
            Change::Effect(effect) => self.effects.push(effect),
        }
    }

    /// Aliases in the extra file for the result types of a function.
    pub(crate) fn aliases(&mut self, index: usize, results: &[GoType]) -> Result<Vec<String>, String> {
        let alias = |(i, ty)| {
            let name = format!("weave_result_{index}_{i}");
            self.extra.alias(&name, &self.extra.writable(ty)?);
            Ok(name)
        };
        results.iter().enumerate().map(alias).collect()
    }

    /// Takes back what was to be done to an expression.
    pub(crate) fn forget(&mut self, file: usize, node: NodeId) {
        self.edits[file].remove(node);
        self.removed[file].retain(|(_, tag)| *tag != Tag::Expression(node));
    }

    /// Returns how much was woven, and how much of it is to be laid.
    pub(crate) fn size(&self) -> (usize, usize) {
        let edits: usize = self.edits.iter().map(|e| e.changing().count()).sum();
        let hooks: usize = self.hooks.values().map(Vec::len).sum();
        let layers = self.layers.values().map(Vec::len).sum();
        (edits + hooks + self.extra.size() + self.left_out.len(), layers)
    }
}

/// Layers of aspects on expressions, by file and node.
pub(crate) type Layers<'a> = BTreeMap<(usize, NodeId), Vec<Layer<'a>>>;

/// The part of the state that an advice may read: what is woven, and what its rule asks for and is not woven yet.
#[derive(Clone, Copy)]
pub(crate) struct SoFar<'s, 'a> {
    pub state: &'s State<'a>,
    /// Patches of the rule for other candidates, and for this one.
    pub asked: [&'s Patch<'a>; 2],
}

impl<'s> SoFar<'s, '_> {
    fn edits(self, file: usize) -> impl Iterator<Item = &'s Edits> {
        let asked = self.asked.into_iter().filter_map(move |patch| patch.edits_of(file));
        self.state.edits.get(file).into_iter().chain(asked)
    }

    /// A part of a file as it will be.
    pub(crate) fn woven(self, file: usize, part: Span, original: &str) -> String {
        Edits::woven(self.edits(file), part, original)
    }

    /// Returns whether this very text is inserted where `node` ends.
    pub(crate) fn closes(self, file: usize, node: Span, text: &str) -> bool {
        self.edits(file).any(|edits| edits.closes(node, text))
    }

    /// Imports that a file gets: path and local name.
    pub(crate) fn imports(self, file: usize) -> impl Iterator<Item = &'s BTreeMap<String, String>> {
        let asked = self.asked.into_iter().filter_map(move |patch| patch.imports_of(file));
        self.state.imports.get(file).into_iter().chain(asked)
    }

    /// Returns whether a rule has added these declarations.
    pub(crate) fn has_declared(self, owner: &str, text: &str) -> bool {
        let key = (owner.to_owned(), text.to_owned());
        self.state.declared.contains(&key) || self.asked.iter().any(|patch| patch.has_declared(&key))
    }
}

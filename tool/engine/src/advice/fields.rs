//! Fields of literals and of struct types.

use std::collections::BTreeMap;

use weave_ir::{GoType, Kind, LiteralForm, LoweredAddField, LoweredSetField};
use weave_syntax::{Node, NodeKind};
use weave_text::Span;

use crate::advice::edits::Level;
use crate::advice::patch::Change;
use crate::advice::{Advisor, Work};
use crate::messages;
use crate::package::sites::{Candidate, structs};
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    pub(super) fn set_fields(
        &self,
        fields: &[LoweredSetField],
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        if c.kind != Kind::Literal {
            return Err(messages::no_fields(c.kind.name()).boxed());
        }
        let tree = &self.package.files[c.file].tree;
        let site = &self.package.inside[c.file].literals[c.index];
        let (node, form) = (site.node, site.form);
        let mut given: BTreeMap<&str, Span> = BTreeMap::new();
        let mut last = None;
        let mut braces = None;
        if form != LiteralForm::New
            && let Node::CompositeLit(lit) = tree.node(node)
        {
            braces = Some(Span::new(lit.lbrace + 1, lit.rbrace));
            for &e in lit.elements {
                let Node::KeyValue(kv) = tree.node(e) else {
                    let message = messages::fields_by_position();
                    return Err(message.boxed());
                };
                given.insert(tree.node_text(kv.key), tree.span(kv.value));
                last = Some(tree.span(e));
            }
        }
        let mut added = Vec::new();
        let mut around = Vec::new();
        let mut over = Vec::new();
        for f in fields {
            match given.get(f.name.as_str()) {
                Some(value) => {
                    if let Some(code) = &f.wrap {
                        let filled =
                            self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
                        around.push((*value, filled));
                    } else if let Some(code) = f.value.as_ref().filter(|_| f.overrides) {
                        let filled =
                            self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
                        over.push((
                            *value,
                            filled.plain().map_err(|m| messages::code(m).boxed())?.to_owned(),
                        ));
                    }
                }
                None => {
                    if let Some(code) = &f.value {
                        let filled =
                            self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
                        let value = filled.plain().map_err(|m| messages::code(m).boxed())?;
                        added.push(format!("{}: {value}", f.name));
                    }
                }
            }
        }
        let at = tree.span(node).start;
        for f in fields.iter().filter(|f| f.value.is_some() && !given.contains_key(f.name.as_str())) {
            work.claim(c.file, at, &f.name);
        }
        for (span, filled) in around {
            let parts = filled.around().map_err(|m| messages::code(m).boxed())?;
            self.surround(c.file, span, parts, false, work);
        }
        for (span, text) in over {
            self.put(c.file, span, &text, false, work);
        }
        let edits = work.patch.edits(c.file);
        if added.is_empty() {
            return Ok(());
        }
        let text = added.join(", ");
        match (braces, last) {
            (Some(inside), None) => {
                edits.open(inside, Level::Expression, work.rank, format!("{text}, "), work.owner);
            }
            (Some(inside), Some(last)) => {
                let siblings = Span::new(inside.start, last.end);
                self.append(c.file, siblings, format!(", {text}"), work);
            }
            (None, _) => {
                // `new(T)` becomes `(&T{...})`: the parentheses keep the brace from beginning a block.
                let Node::Call(call) = tree.node(node) else { return Ok(()) };
                let ty = tree.span(call.args[0]);
                let whole = tree.span(node);
                let breaks = |s: Span| "\n".repeat(tree.text(s).matches('\n').count());
                let (before, after) = (Span::new(whole.start, ty.start), Span::new(ty.end, whole.end));
                edits.replace(before, format!("({}&", breaks(before)), work.owner);
                edits.replace(after, format!("{{{}{text}}})", breaks(after)), work.owner);
            }
        }
        Ok(())
    }

    pub(super) fn add_fields(
        &self,
        fields: &[LoweredAddField],
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        if c.kind != Kind::Struct {
            return Err(messages::no_fields(c.kind.name()).boxed());
        }
        let site = &structs(&self.package.files[c.file])[c.index];
        let tree = &self.package.files[c.file].tree;
        let name = tree.node_text(site.name);
        self.no_positional_literals(name)?;
        let Node::FieldList(list) = tree.node(site.fields) else { return Ok(()) };
        let taken: Vec<&str> = list
            .fields
            .iter()
            .filter_map(|&f| match tree.node(f) {
                Node::Field(f) => Some(f.names.iter().map(|&n| tree.node_text(n)).collect::<Vec<_>>()),
                _ => None,
            })
            .flatten()
            .collect();
        if let Some(f) = fields.iter().find(|f| taken.contains(&f.name.as_str())) {
            return Err(messages::field_taken(name, &f.name).boxed());
        }
        let last = list.fields.last().map(|&f| tree.span(f));
        let braces = tree.span(site.fields);
        let mut texts = Vec::new();
        for f in fields {
            let ty = GoType::parse(&f.r#type).map_err(|e| messages::bad_type(&e).boxed())?;
            texts.push(format!("{} {}", f.name, self.render(c.file, &ty, work)?));
        }
        for f in fields {
            work.claim(c.file, braces.start, &f.name);
        }
        let text = texts.join("; ");
        match last {
            Some(last) => {
                let siblings = Span::new(braces.start, last.end);
                self.append(c.file, siblings, format!("; {text}"), work);
            }
            None => {
                let inside = Span::new(braces.start + 1, braces.end - 1);
                work.patch.edits(c.file).open(
                    inside,
                    Level::Expression,
                    work.rank,
                    format!(" {text}; "),
                    work.owner,
                );
            }
        }
        work.patch.push(Change::Doubt(messages::layout_changes(name)));
        Ok(())
    }

    /// A literal that gives all fields by position has to give the new ones, too.
    fn no_positional_literals(&self, name: &str) -> Result<(), Refusal> {
        for (i, file) in self.package.files.iter().enumerate().filter(|(_, f)| f.active()) {
            let tree = &file.tree;
            for id in tree.descendants(tree.root()) {
                let Node::CompositeLit(lit) = tree.node(id) else { continue };
                let (Some(ty), Some(&first)) = (lit.ty, lit.elements.first()) else { continue };
                let ours = tree.node_text(ty).starts_with(name)
                    && self.package.resolution.qualified(i, ty)
                        == Some((self.package.input.package.to_owned(), name));
                if ours && tree.kind(first) != NodeKind::KeyValue {
                    return Err(Box::new(
                        messages::literal_by_position(name)
                            .note(Some(file.at(tree.span(id).start)), messages::here()),
                    ));
                }
            }
        }
        Ok(())
    }
}

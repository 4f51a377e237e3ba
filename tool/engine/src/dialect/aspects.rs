//! Several aspects about one expression, and aspects about what is inside of it.
//!
//! Orchestrion applies them one after the other, what is inside first, and each to what those before made: the template of
//! the second one sees the call that the first one printed. So what is to be done to an expression is kept, and done again
//! at the end: the templates run in their order, each for the tree of what was printed before, and the result is put in the
//! place of the expression as that of one template is.

use weave_ir::{
    Diagnostic, GoType, JoinPoint, Language, LoweredAdvice, LoweredArguments, LoweredRule, SymbolPattern,
};
use weave_syntax::{Node, NodeId, NodeKind, Tree};
use weave_text::Span;

use crate::advice::code::{Filled, is_primary};
use crate::advice::edits::Tag;
use crate::advice::patch::{Change, Layer, Patch};
use crate::advice::state::{SoFar, State};
use crate::advice::{Advisor, Asker, Work};
use crate::dialect::go_template::{Hole, Made, hole_name};
use crate::messages;
use crate::package::sites::Candidate;
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    /// Returns what an advice asks for that others may be about, too.
    pub(crate) fn advise_layer(
        &self,
        advice: &'a LoweredAdvice,
        asker: Asker<'_, 'a>,
        c: Candidate,
    ) -> Result<Patch<'a>, Refusal> {
        let Asker { rule, owner, rank, .. } = asker;
        let tag = match self.layer_of(advice, rule, c) {
            Some((node, _)) => Tag::Expression(node),
            None if rule.turn.is_some() => Tag::Aspect,
            None => Tag::Stays,
        };
        let done = self.advise_once(Work::new(asker, advice, tag), c);
        let Some((node, field)) = self.layer_of(advice, rule, c) else { return done };
        // It may be about what another one makes of the expression.
        let untried = done.is_err() && self.comes_later(rule, node, c);
        let mut patch = if untried { Patch::default() } else { done? };
        let (place, owner) = (self.applied(rule), owner.to_owned());
        let layer = Layer { field, place, rank, owner, rule, advice, c, untried };
        patch.push(Change::Layer { file: c.file, node, layer: Box::new(layer) });
        Ok(patch)
    }

    /// The expression that an advice of an aspect is about, and whether as the value of a field.
    fn layer_of(&self, advice: &LoweredAdvice, rule: &LoweredRule, c: Candidate) -> Option<(NodeId, bool)> {
        let changes = match advice {
            LoweredAdvice::Wrap(code) => code.language == Language::GoTemplate,
            LoweredAdvice::AppendArguments(_) | LoweredAdvice::CallInstead(_) => true,
            _ => false,
        };
        if rule.turn.is_none() || !changes || c.kind == weave_ir::Kind::Value {
            return None;
        }
        let mut field = false;
        rule.join.walk(&mut |j| field |= matches!(j, JoinPoint::Literal(l) if l.field.is_some()));
        Some((self.package.subject(&rule.join, c)?, field && c.kind == weave_ir::Kind::Literal))
    }

    /// The place of an aspect in the order in which aspects are applied.
    pub(crate) fn applied(&self, rule: &LoweredRule) -> usize {
        self.in_turn.iter().position(|a| std::ptr::eq(*a, rule)).unwrap_or(self.in_turn.len())
    }

    /// Returns whether another aspect makes something of an expression before this one comes to it.
    fn comes_later(&self, rule: &LoweredRule, node: NodeId, c: Candidate) -> bool {
        self.in_turn[..self.applied(rule)].iter().any(|other| {
            self.package.holds(&other.join, c)
                && other.advice.iter().any(|a| self.layer_of(a, other, c).is_some_and(|(n, _)| n == node))
        })
    }

    /// Does again what depends on each other: what is inside first.
    pub(crate) fn lay(&self, state: &mut State<'a>) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let layers = std::mem::take(&mut state.layers);
        let span = |file: usize, node: NodeId| self.package.files[file].tree.span(node);
        let mut order: Vec<(usize, Span, NodeId)> =
            layers.keys().map(|&(file, node)| (file, span(file, node), node)).collect();
        order.sort_by_key(|(file, span, _)| (*file, span.end, std::cmp::Reverse(span.start)));
        for (file, span, node) in order {
            let mut list = layers[&(file, node)].clone();
            list.sort_by_key(|l| (l.field, l.place, l.rank));
            let template = matches!(list.as_slice(), [Layer { advice: LoweredAdvice::Wrap(_), .. }]);
            let alone = list.len() == 1;
            let untried = list.iter().any(|l| l.untried);
            if alone && !untried && !(template && state.edits[file].any_inside(node, span)) {
                continue;
            }
            state.forget(file, node);
            let Some(last) = list.last() else { continue };
            let laid = self.apply_layers(node, &list, last, state).and_then(|patch| {
                let refused = |d| (last.rule, last.owner.clone(), d);
                state.merge(self.package, patch).map_err(refused)
            });
            if let Err((rule, owner, mut d)) = laid {
                d.at = rule.at.clone();
                let instrumentation = owner.strip_suffix(&format!("/{}", rule.id)).unwrap_or(&owner);
                d.message = messages::in_rule(&rule.id, instrumentation, &d.message);
                if d.notes.is_empty() {
                    *d = d.note(Some(self.package.files[file].at(span.start)), messages::here());
                }
                findings.push(d.finding);
            }
        }
        findings
    }

    /// Applies layers to an expression.
    fn apply_layers(
        &self,
        node: NodeId,
        list: &[Layer<'a>],
        last: &Layer<'a>,
        state: &State<'a>,
    ) -> Result<Patch<'a>, RefusedLayer<'a>> {
        let (tag, nothing) = (Tag::Expression(node), Patch::default());
        let mut patch = Patch::new(tag);
        let mut made: Option<Filled> = None;
        for layer in list {
            let so_far = SoFar { state, asked: [&nothing, &patch] };
            let asker = Asker { rule: layer.rule, owner: &layer.owner, rank: layer.rank, so_far };
            let mut work = Work::new(asker, layer.advice, tag).laying();
            let done = self.layer(node, layer, &mut work, made.take());
            made = Some(done.map_err(|d| (layer.rule, layer.owner.clone(), d))?);
            self.settle(&mut work, layer.c);
            let more = work.into_patch();
            patch.append(more);
        }
        let mut owners: Vec<&str> = list.iter().map(|l| l.owner.as_str()).collect();
        owners.dedup();
        let owner = owners.join(" and ");
        // What is applied last stands outside.
        let so_far = SoFar { state, asked: [&nothing, &patch] };
        let asker = Asker { rule: last.rule, owner: &owner, rank: last.rank, so_far };
        let mut work = Work::new(asker, last.advice, tag).laying();
        if let Some(made) = made {
            self.put_printed(&made, node, &mut work, last.c)
                .map_err(|d| (last.rule, last.owner.clone(), d))?;
        }
        self.settle(&mut work, last.c);
        let more = work.into_patch();
        patch.append(more);
        Ok(patch)
    }

    /// The expression after one more layer.
    fn layer(
        &self,
        node: NodeId,
        layer: &Layer<'a>,
        work: &mut Work<'_, 'a>,
        before: Option<Filled>,
    ) -> Result<Filled, Refusal> {
        let source = before.as_ref().map(|f| format!("{}{}", Made::BEFORE, f.text()));
        let made = match (&source, &before) {
            (Some(source), Some(f)) => Made::parse(source, &f.holes),
            _ => None,
        };
        let c = layer.c;
        match layer.advice {
            LoweredAdvice::Wrap(code) => {
                let filled = self.fill_made(code, work, c, made.as_ref())?;
                filled.expression().map_err(|m| messages::code(m).boxed())
            }
            LoweredAdvice::AppendArguments(a) => {
                let call = self.call(node, made.as_ref(), c)?;
                self.longer(call, a, work, c)
            }
            LoweredAdvice::CallInstead(symbol) => {
                let symbol =
                    SymbolPattern::try_from(symbol.clone()).map_err(|m| messages::code(m).boxed())?;
                let mut call = self.call(node, made.as_ref(), c)?;
                call.callee = self.name_of(&symbol, work, c)?;
                Ok(call.filled())
            }
            _ => Err(messages::no_expression_here().boxed()),
        }
    }

    /// The call that an expression is by now.
    fn call(&self, node: NodeId, made: Option<&Made<'_>>, c: Candidate) -> Result<Call, Refusal> {
        let no_call = || {
            let message = messages::call_changed_before();
            let d = message
                .note(
                    Some(self.package.files[c.file].at(self.package.span(c).start)),
                    messages::of_this_one(),
                )
                .help(messages::help_order_of_aspects());
            Box::new(d)
        };
        match made {
            None => {
                let Node::Call(call) = self.package.files[c.file].tree.node(node) else {
                    return Err(no_call());
                };
                let nodes = std::iter::once(call.fun).chain(call.args.iter().copied());
                let holes: Vec<Hole> = nodes.map(Hole::of).collect();
                let arguments = (1..holes.len()).map(hole_name).collect();
                Ok(Call { callee: hole_name(0), arguments, spread: call.ellipsis.is_some(), holes })
            }
            Some(m) => {
                let Node::Call(call) = m.tree.node(m.root) else { return Err(no_call()) };
                // A function that is written there takes what it takes.
                if is_literal(&m.tree, call.fun) {
                    return Err(no_call());
                }
                Ok(Call {
                    callee: m.tree.node_text(call.fun).to_owned(),
                    arguments: call.args.iter().map(|&a| m.tree.node_text(a).to_owned()).collect(),
                    spread: call.ellipsis.is_some(),
                    holes: m.holes.to_vec(),
                })
            }
        }
    }

    /// A call with more arguments.
    fn longer(
        &self,
        mut call: Call,
        arguments: &LoweredArguments,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<Filled, Refusal> {
        let mut values = Vec::new();
        for code in &arguments.values {
            let filled = self.fill(code, work, c)?.expression().map_err(|m| messages::code(m).boxed())?;
            values.push(self.flat(&filled, work, c)?);
        }
        match (call.spread, call.arguments.pop()) {
            (true, Some(list)) => {
                let ty = arguments.variadic.as_deref().unwrap_or_default();
                let ty = GoType::parse(ty).map_err(|e| messages::bad_type(&e).boxed())?;
                let ty = self.render(c.file, &ty, work)?;
                let list = if is_primary(&list) { list } else { format!("({list})") };
                call.arguments.push(format!("append(append([]{ty}(nil), {list}...), {})", values.join(", ")));
            }
            (_, last) => {
                call.arguments.extend(last);
                call.arguments.extend(values);
            }
        }
        Ok(call.filled())
    }
}

/// A rule with a refused layer, its owner, and the refusal.
type RefusedLayer<'a> = (&'a LoweredRule, String, Refusal);

/// A call in parts, each with the names of holes in it.
struct Call {
    callee: String,
    arguments: Vec<String>,
    /// Whether the last argument is a list.
    spread: bool,
    holes: Vec<Hole>,
}

impl Call {
    fn filled(self) -> Filled {
        let dots = if self.spread { "..." } else { "" };
        Filled::new(format!("{}({}{dots})", self.callee, self.arguments.join(", ")), self.holes)
    }
}

/// Returns whether an expression is a function literal, parentheses aside.
fn is_literal(tree: &Tree<'_>, mut node: NodeId) -> bool {
    while let Node::Paren(p) = tree.node(node) {
        node = p.x;
    }
    tree.kind(node) == NodeKind::FuncLit
}

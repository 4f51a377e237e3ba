//! Finds the candidates of a package that meet the conditions of a join point.

mod call;
mod function;
mod ignored;
mod literal;
mod loop_body;
mod source;
mod statement;
mod value;
mod why;

use std::collections::BTreeMap;

use weave_ir::{JoinPoint, Kind, Occurrence};
use weave_syntax::NodeId;
use weave_text::Span;

use self::statement::occurrence;
use crate::messages;
use crate::package::Package;
use crate::package::file::File;
use crate::package::sites::{Candidate, Inside, structs};
use crate::refusal::Miss;

impl<'a> Package<'a, '_> {
    /// Everything that meets the conditions, in the order of the files.
    pub(crate) fn candidates(&self, join: &JoinPoint) -> Result<Vec<Candidate>, Miss> {
        let mut directive = false;
        join.walk(&mut |j| directive |= matches!(j, JoinPoint::Directive(_) | JoinPoint::Annotated(_)));
        let kinds = join.kinds().unwrap_or_else(|| {
            if directive {
                vec![Kind::Function, Kind::Struct, Kind::Statement, Kind::Value]
            } else {
                vec![Kind::Package]
            }
        });
        let mut found: Vec<Candidate> = Vec::new();
        for kind in kinds {
            let mut all = self.all(kind);
            all.retain(|c| self.holds(join, *c));
            found.extend(all);
        }
        found.sort_by_key(|c| (c.file, self.span(*c).start));
        match occurrence(join) {
            Some(which) => self.choose(found, which),
            None => Ok(found),
        }
    }

    /// All candidates of a kind.
    fn all(&self, kind: Kind) -> Vec<Candidate> {
        match kind {
            Kind::Package => vec![Candidate { kind, file: 0, index: 0, function: None, node: None }],
            Kind::Function => (0..self.functions.len()).map(|i| self.function_candidate(i)).collect(),
            Kind::Call => self.calls(),
            Kind::Literal => self.literals(),
            Kind::Struct => self.declared(kind, |file| structs(file).iter().map(|s| Some(s.spec)).collect()),
            Kind::Statement => self.statements(),
            Kind::LoopBody => self.loop_bodies(),
            Kind::Import => self.declared(kind, |file| vec![None; file.imports.len()]),
            Kind::Value => self.values(),
        }
    }

    /// Returns what is between the braces of a candidate that is entered.
    pub(crate) fn entered(&self, c: Candidate) -> Option<Span> {
        let block = match c.kind {
            Kind::Function => self.functions[c.index].1.body?.block,
            Kind::LoopBody => self.loop_block(c)?,
            _ => return None,
        };
        let block = self.files[c.file].tree.span(block);
        Some(Span::new(block.start + 1, block.end - 1))
    }

    /// Candidates outside of functions, by the nodes that each file has.
    fn declared(&self, kind: Kind, nodes: impl Fn(&File<'a>) -> Vec<Option<NodeId>>) -> Vec<Candidate> {
        let active = self.files.iter().enumerate().filter(|(_, f)| f.active());
        let of_file = |(file, f)| {
            let nodes = nodes(f).into_iter().enumerate();
            nodes.map(move |(index, node)| Candidate { kind, file, index, function: None, node })
        };
        active.flat_map(of_file).collect()
    }

    /// Candidates inside of functions, by their nodes and the functions around them.
    fn sites(
        &self,
        kind: Kind,
        sites: impl Fn(&Inside<'a>) -> Vec<(NodeId, Option<usize>)>,
    ) -> Vec<Candidate> {
        let of_file = |(file, inside)| {
            let sites = sites(inside).into_iter().enumerate();
            sites.map(move |(index, (node, function))| Candidate {
                kind,
                file,
                index,
                function,
                node: Some(node),
            })
        };
        self.inside.iter().enumerate().flat_map(of_file).collect()
    }

    /// One of several in each function.
    fn choose(&self, found: Vec<Candidate>, which: Occurrence) -> Result<Vec<Candidate>, Miss> {
        let mut by_function: BTreeMap<Option<usize>, Vec<Candidate>> = BTreeMap::new();
        for c in found {
            let mut function = c.function;
            if which == Occurrence::FirstOfAll {
                while let Some(parent) = function.and_then(|i| self.functions[i].1.parent) {
                    function = Some(parent);
                }
            }
            by_function.entry(function).or_default().push(c);
        }
        let mut out = Vec::new();
        for list in by_function.into_values() {
            match (which, list.as_slice()) {
                (_, []) => {}
                (Occurrence::First | Occurrence::FirstOfAll, [first, ..]) => out.push(*first),
                (Occurrence::Last, [.., last]) | (Occurrence::Only, [last]) => out.push(*last),
                (Occurrence::Only, several) => {
                    let mut d = messages::several_statements(several.len());
                    for c in several {
                        d = d.note(self.at(*c), messages::here());
                    }
                    return Err(Miss::mismatch(d));
                }
            }
        }
        Ok(out)
    }

    /// Returns whether a candidate meets a condition.
    pub(crate) fn holds(&self, join: &JoinPoint, c: Candidate) -> bool {
        let file = &self.files[c.file];
        let tree = &file.tree;
        match join {
            JoinPoint::AllOf(list) => list.iter().all(|j| self.holds(j, c)),
            JoinPoint::OneOf(list) => list.iter().any(|j| self.holds(j, c)),
            JoinPoint::Not(j) => !self.holds(j, c),
            JoinPoint::Package(p) => p.matches(self.input.package),
            JoinPoint::PackageName(n) => n.matches(self.name),
            JoinPoint::File(f) if c.kind == Kind::Package => {
                (0..self.files.len()).any(|i| self.files[i].active() && self.file_is(i, f))
            }
            JoinPoint::File(f) => self.file_is(c.file, f),
            JoinPoint::Tests(wanted) => self.with_tests() == *wanted,
            JoinPoint::Directive(name) => self.directive(c, name).is_some(),
            JoinPoint::Annotated(name) => self.annotation(c, name).is_some(),
            JoinPoint::PackageGlob(glob) => glob.matches(self.input.package),
            JoinPoint::Of(kinds) => kinds.contains(&c.kind),
            JoinPoint::Signature(s) => c.kind == Kind::Function && self.signature_is(c.index, s),
            JoinPoint::Within(j) => self.is_within(c, j),
            JoinPoint::Function(p) => c.kind == Kind::Function && self.function_is(c.index, p),
            JoinPoint::Call(s) => c.kind == Kind::Call && self.call_is(c, s),
            JoinPoint::PlainCallee(plain) => c.kind == Kind::Call && self.has_plain_callee(c) == Some(*plain),
            JoinPoint::MethodCall(p) => self.method(c).is_some_and(|m| m.is(p)),
            JoinPoint::Argument(p) => self.has_argument(c, p),
            JoinPoint::Literal(l) => c.kind == Kind::Literal && self.literal_is(c, l),
            JoinPoint::Struct(name) => {
                c.kind == Kind::Struct && name.matches(tree.node_text(structs(file)[c.index].name))
            }
            JoinPoint::Statement(p) => c.kind == Kind::Statement && self.statement_is(c, p),
            JoinPoint::LoopBody(p) => c.kind == Kind::LoopBody && self.loop_body_is(c, p),
            JoinPoint::Import(p) => c.kind == Kind::Import && p.matches(&file.imports[c.index].path),
            JoinPoint::Value(p) => c.kind == Kind::Value && self.value_is(c, p),
        }
    }
}

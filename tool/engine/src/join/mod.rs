//! Which candidates of a package meet the conditions of a join point.

pub(crate) mod why;

use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{
    Diagnostic, FilePattern, FuncType, FunctionPattern, GoType, JoinPoint, Kind, LiteralForm, Location,
    LoweredAdvice, LoweredRule, Mentions, Occurrence, PlainType, SignaturePattern, StatementKind,
    StatementPattern, TypeName, ValuePattern, did_you_mean,
};
use weave_syntax::{Directive, Event, Node, NodeId, NodeKind, Span, TokenKind};

use crate::lower::questions;
use crate::package::directives;
use crate::package::file::{File, Function, Mention};
use crate::package::sites::Candidate;
use crate::package::typefacts::MethodFact;
use crate::package::types::assumed_name;
use crate::weave::{EXTRA_FILE, Miss, Weaver};

/// Pragmas of functions in which the runtime cannot take a call that it does not know.
const DELICATE: [&str; 5] =
    ["go:nosplit", "go:nowritebarrier", "go:nowritebarrierrec", "go:systemstack", "go:uintptrkeepalive"];

/// Text without white space and comments, tokens one space apart, and without what `go tool cover` counts by.
pub(crate) fn normal(text: &str) -> String {
    let (tokens, _) = weave_syntax::lex(text.as_bytes());
    let mut out = String::new();
    let mut counts = false;
    for t in tokens.significant() {
        let word = match t.kind {
            TokenKind::Eof => break,
            TokenKind::AutoSemi => ";",
            _ => text.get(t.start as usize..t.end as usize).unwrap_or_default(),
        };
        counts |= word.starts_with("goCover_") || word == "_cover_atomic_";
        if counts {
            counts = word != ";";
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.trim_end_matches([';', ' ']).to_owned()
}

impl<'a> Weaver<'a, '_> {
    pub(crate) fn function_candidate(&self, index: usize) -> Candidate {
        Candidate { kind: Kind::Function, file: self.functions[index].0, index, function: Some(index) }
    }

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
                    let mut d = Diagnostic::new(
                        "several",
                        None,
                        format!(
                            "{} statements are what the rule asks for, and it asks for only one",
                            several.len()
                        ),
                    )
                    .help("say more of the statement, or write `occurrence: first` or `last`");
                    for c in several {
                        d = d.note(self.at(*c), "here");
                    }
                    return Err(Miss::mismatch(d));
                }
            }
        }
        Ok(out)
    }

    pub(crate) fn all(&self, kind: Kind) -> Vec<Candidate> {
        let active = || self.files.iter().enumerate().filter(|(_, f)| f.active());
        let top = |file: usize, index: usize| Candidate { kind, file, index, function: None };
        match kind {
            Kind::Package => vec![top(0, 0)],
            Kind::Function => (0..self.functions.len()).map(|i| self.function_candidate(i)).collect(),
            Kind::Struct => active()
                .flat_map(|(i, f)| (0..structs(f).len()).map(move |n| top(i, n)).collect::<Vec<_>>())
                .collect(),
            Kind::Value => active()
                .flat_map(|(i, f)| (0..values(f).len()).map(move |n| top(i, n)).collect::<Vec<_>>())
                .collect(),
            Kind::Import => {
                active().flat_map(|(i, f)| (0..f.imports.len()).map(move |n| top(i, n))).collect()
            }
            Kind::Call | Kind::Literal | Kind::Statement => {
                let mut out = Vec::new();
                for (file, inside) in self.inside.iter().enumerate() {
                    let of =
                        |(index, function): (usize, Option<usize>)| Candidate { kind, file, index, function };
                    match kind {
                        Kind::Call => out.extend(inside.calls.iter().map(|c| c.function).enumerate().map(of)),
                        Kind::Literal => {
                            out.extend(inside.literals.iter().map(|l| l.function).enumerate().map(of));
                        }
                        _ => out.extend(inside.statements.iter().map(|s| s.function).enumerate().map(of)),
                    }
                }
                out
            }
        }
    }

    /// The node of a candidate.
    pub(crate) fn node(&self, c: Candidate) -> Option<NodeId> {
        let file = &self.files[c.file];
        Some(match c.kind {
            Kind::Package => return None,
            Kind::Function => self.functions[c.index].1.node,
            Kind::Call => self.inside[c.file].calls[c.index].node,
            Kind::Literal => self.inside[c.file].literals[c.index].whole,
            Kind::Statement => self.inside[c.file].statements[c.index].node,
            Kind::Struct => structs(file)[c.index].spec,
            Kind::Value => values(file)[c.index].name,
            Kind::Import => return None,
        })
    }

    pub(crate) fn span(&self, c: Candidate) -> Span {
        match (c.kind, self.node(c)) {
            (_, Some(node)) => self.files[c.file].tree.span(node),
            (Kind::Import, None) => {
                let at = self.files[c.file].imports[c.index].at;
                Span::new(at, at)
            }
            _ => Span::new(0, 0),
        }
    }

    /// Where a candidate is; nothing for the package.
    pub(crate) fn at(&self, c: Candidate) -> Option<Location> {
        let file = &self.files[c.file];
        match c.kind {
            Kind::Package => None,
            Kind::Function => Some(file.at(self.functions[c.index].1.name_at)),
            _ => Some(file.at(self.span(c).start)),
        }
    }

    /// What a candidate is, for the report.
    pub(crate) fn what(&self, c: Candidate) -> String {
        let file = &self.files[c.file];
        let within =
            || c.function.map_or(String::new(), |f| format!(" in {}", self.functions[f].1.display()));
        match c.kind {
            Kind::Package => EXTRA_FILE.into(),
            Kind::Function => self.functions[c.index].1.display(),
            Kind::Call => {
                let call = &self.inside[c.file].calls[c.index];
                match (&call.symbol, self.method(c)) {
                    (Some((package, name)), _) => format!("call of {package}.{name}{}", within()),
                    (None, Some(m)) => format!("call of {}{}", m.display(), within()),
                    (None, None) => format!("call{}", within()),
                }
            }
            Kind::Literal => {
                let literal = &self.inside[c.file].literals[c.index];
                format!("literal of {}.{}{}", literal.symbol.0, literal.symbol.1, within())
            }
            Kind::Statement => format!("statement{}", within()),
            Kind::Struct => format!("type {}", file.tree.node_text(structs(file)[c.index].name)),
            Kind::Value => file.tree.node_text(values(file)[c.index].name).to_owned(),
            Kind::Import => format!("import of {}", file.imports[c.index].path),
        }
    }

    /// Whether a candidate meets a condition.
    pub(crate) fn holds(&self, join: &JoinPoint, c: Candidate) -> bool {
        let file = &self.files[c.file];
        let tree = &file.tree;
        match join {
            JoinPoint::AllOf(list) => list.iter().all(|j| self.holds(j, c)),
            JoinPoint::OneOf(list) => list.iter().any(|j| self.holds(j, c)),
            JoinPoint::Not(j) => !self.holds(j, c),
            JoinPoint::Package(p) => p.matches(self.input.package),
            JoinPoint::PackageName(n) => n.matches(self.package_name()),
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
            JoinPoint::Within(j) => {
                let mut around = match c.kind {
                    Kind::Function => self.functions[c.index].1.parent,
                    _ => c.function,
                };
                while let Some(i) = around {
                    if self.holds(j, self.function_candidate(i)) {
                        return true;
                    }
                    around = self.functions[i].1.parent;
                }
                false
            }
            JoinPoint::Function(p) => c.kind == Kind::Function && self.function_is(c.index, p),
            JoinPoint::Call(s) => {
                c.kind == Kind::Call
                    && match &self.inside[c.file].calls[c.index].symbol {
                        Some((package, name)) if s.package.is_empty() => {
                            package == self.input.package && s.name.matches(name)
                        }
                        Some((package, name)) => s.matches(package, name),
                        None => {
                            s.package.is_empty() && self.bare_callee(c).is_some_and(|n| s.name.matches(n))
                        }
                    }
            }
            JoinPoint::PlainCallee(plain) => {
                let call = self.node(c).map(|n| tree.node(n)).filter(|_| c.kind == Kind::Call);
                let callee = call.and_then(|n| if let Node::Call(call) = n { Some(call.fun) } else { None });
                let is = |fun| matches!(tree.kind(fun), NodeKind::Ident | NodeKind::Selector);
                callee.is_some_and(|fun| is(fun) == *plain)
            }
            JoinPoint::MethodCall(p) => self.method(c).is_some_and(|m| m.is(p)),
            JoinPoint::Argument(p) => self.parenthesis(c).is_some_and(|at| {
                self.input.types.is_some_and(|t| t.has_argument(file.source.base_name(), at, p))
            }),
            JoinPoint::Literal(l) => {
                if c.kind != Kind::Literal {
                    return false;
                }
                let site = &self.inside[c.file].literals[c.index];
                let form = match l.form {
                    LiteralForm::Any => true,
                    LiteralForm::Pointer => site.form != LiteralForm::Value,
                    exact => site.form == exact,
                };
                let typed = site.typed.filter(|_| l.types);
                let written = !l.written || (!site.elided && site.form != LiteralForm::New);
                let is = |package: &str, name: &str| {
                    l.r#type.matches(package, name)
                        || l.r#type.package.is_empty()
                            && package == self.input.package
                            && l.r#type.name.matches(name)
                };
                let named = site.by_syntax && is(&site.symbol.0, site.symbol.1)
                    || typed.is_some_and(|(package, name)| is(package, name));
                form && written && named && l.field.as_ref().is_none_or(|f| self.field_value(c, f).is_some())
            }
            JoinPoint::Struct(name) => {
                c.kind == Kind::Struct && name.matches(tree.node_text(structs(file)[c.index].name))
            }
            JoinPoint::Statement(p) => c.kind == Kind::Statement && self.statement_is(c, p),
            JoinPoint::Import(p) => c.kind == Kind::Import && p.matches(&file.imports[c.index].path),
            JoinPoint::Value(p) => c.kind == Kind::Value && self.value_is(c, p),
        }
    }

    /// The opening parenthesis of a call, by which type facts know it.
    fn parenthesis(&self, c: Candidate) -> Option<u32> {
        let node = self.inside[c.file].calls.get(c.index).filter(|_| c.kind == Kind::Call)?.node;
        match self.files[c.file].tree.node(node) {
            Node::Call(call) => Some(call.lparen),
            _ => None,
        }
    }

    /// The method that a call is of, if rules ask for it.
    pub(crate) fn method(&self, c: Candidate) -> Option<&'a MethodFact> {
        let facts = self.input.types?;
        facts.method(self.files[c.file].source.base_name(), self.parenthesis(c)?)
    }

    /// Whether the package is compiled with its tests, or is the package of the tests of another.
    fn with_tests(&self) -> bool {
        let mut names = self.files.iter().filter(|f| f.excluded.is_none()).map(|f| f.source.base_name());
        self.package_name().ends_with("_test") || names.any(|n| n.ends_with("_test.go"))
    }

    fn file_is(&self, index: usize, p: &FilePattern) -> bool {
        let file = &self.files[index];
        let tree = &file.tree;
        let base = file.source.base_name();
        let declares = |what: &str| match what.split_once('.') {
            Some((ty, method)) => file.functions().iter().any(|f| {
                f.name == method && f.receiver.as_ref().is_some_and(|r| r.base == ty.trim_start_matches('*'))
            }),
            None => crate::package::file::declared_names(file).contains(&what),
        };
        p.name.as_ref().is_none_or(|n| n.matches(base))
            && p.imports.as_ref().is_none_or(|i| file.imports.iter().any(|f| i.matches(&f.path)))
            && p.declares.as_ref().is_none_or(|d| declares(d))
            && p.directive
                .as_ref()
                .is_none_or(|d| tree.directives().iter().any(|x| format!("{}:{}", x.namespace, x.name) == *d))
            && p.test.is_none_or(|t| t == base.ends_with("_test.go"))
            && p.header.as_ref().is_none_or(|d| {
                let clause = tree.package_name().map_or(0, |n| n.start);
                let mut all = tree.directives().into_iter();
                all.any(|x| x.span.start < clause && format!("{}:{}", x.namespace, x.name) == *d)
            })
            && p.r#struct
                .as_ref()
                .is_none_or(|wanted| structs(file).iter().any(|s| tree.node_text(s.name) == wanted))
            && p.function.as_ref().is_none_or(|wanted| {
                let mut here = self.functions.iter().enumerate().filter(|(_, (i, _))| *i == index);
                here.any(|(i, _)| self.function_is(i, wanted))
            })
    }

    fn function_is(&self, index: usize, p: &FunctionPattern) -> bool {
        let (file_index, f) = &self.functions[index];
        if f.literal != p.closure && !(f.literal && p.or_closure) {
            return false;
        }
        if p.name.as_ref().is_some_and(|n| !n.matches(f.name)) {
            return false;
        }
        let receiver = match (&p.receiver, &f.receiver) {
            (None, None) => true,
            // Conditions on types alone are about methods, too.
            (None, Some(_)) => p.name.is_none(),
            (Some(_), None) => false,
            (Some(wanted), Some(r)) => {
                wanted.pointer.is_none_or(|pointer| pointer == r.pointer)
                    && (wanted.base.matches(r.base)
                        || wanted.base.matches(self.resolution.aliases().base_type(r.base)))
                    || p.promoted && self.promotes(wanted, f.name).contains(&index)
            }
        };
        if !receiver {
            return false;
        }
        if p.interfaces().next().is_some() {
            let base = self.files[*file_index].source.base_name();
            if !self.input.types.is_some_and(|t| t.implements(base, f.name_at, p)) {
                return false;
            }
        }
        let types = p.signature.is_none()
            && p.parameters.is_empty()
            && p.results.is_empty()
            && p.last_result.is_none()
            && p.mentions.is_none();
        if types {
            return true;
        }
        let ty = self.function_type(*file_index, f);
        let has = |list: &[GoType], wanted: &str| {
            GoType::parse(wanted).is_ok_and(|w| list.contains(&self.names.canonical(&w)))
        };
        let params = ty.body_params();
        p.signature.as_ref().is_none_or(|s| FuncType::parse(s).is_ok_and(|s| self.names.function(&s) == ty))
            && p.parameters.iter().all(|t| has(&params, t))
            && p.results.iter().all(|t| has(&ty.results, t))
            && p.last_result
                .as_ref()
                .is_none_or(|t| ty.results.last().is_some_and(|last| has(std::slice::from_ref(last), t)))
            && p.mentions.as_ref().is_none_or(|m| self.mentions(m, &params, &ty.results))
    }

    fn mentions(&self, m: &Mentions, params: &[GoType], results: &[GoType]) -> bool {
        let package = self.input.package;
        let is = |n: &TypeName, t: &GoType| {
            self.names.spellings(t).iter().any(|t| n.is(t, package, &|path| assumed_name(path)))
        };
        let in_type = |n: &TypeName, t: &GoType| {
            let mut found = false;
            t.walk(&mut |t| found |= is(n, t));
            found
        };
        let exactly = |wanted: &Option<Vec<TypeName>>, types: &[GoType]| {
            wanted
                .as_ref()
                .is_none_or(|w| w.len() == types.len() && w.iter().zip(types).all(|(name, ty)| is(name, ty)))
        };
        let some = |wanted: &[TypeName], types: &[GoType]| {
            wanted.iter().all(|name| types.iter().any(|ty| in_type(name, ty)))
        };
        exactly(&m.parameters, params)
            && exactly(&m.results, results)
            && some(&m.some_parameter, params)
            && some(&m.some_result, results)
            && m.last_result.as_ref().is_none_or(|n| results.last().is_some_and(|last| in_type(n, last)))
    }

    /// The type of a function.
    pub(crate) fn function_type(&self, file: usize, f: &Function<'_>) -> FuncType {
        let file = &self.files[file];
        let scope = file.scope(self.input.package, &self.declared, &self.names, &f.type_params);
        f.signature(file, &scope)
    }

    fn statement_is(&self, c: Candidate, p: &StatementPattern) -> bool {
        let tree = &self.files[c.file].tree;
        let site = &self.inside[c.file].statements[c.index];
        let id = site.node;
        if p.kind.is_some_and(|k| statement_kind(&tree.node(id), |x| tree.kind(x)) != Some(k)) {
            return false;
        }
        if let Some(text) = &p.text {
            let found = if text.as_str().starts_with('/') {
                text.finds(&tree.node_text(id).split_whitespace().collect::<Vec<_>>().join(" "))
            } else {
                normal(text.as_str()) == normal(tree.node_text(id))
            };
            if !found {
                return false;
            }
        }
        if let Some(lhs) = &p.assigns {
            let targets: Vec<NodeId> = match tree.node(id) {
                Node::Assign(a) => a.lhs.to_vec(),
                Node::IncDec(i) => vec![i.x],
                _ => Vec::new(),
            };
            let lhs = normal(lhs);
            if !targets.iter().any(|&t| normal(tree.node_text(t)) == lhs) {
                return false;
            }
        }
        p.calls.as_ref().is_none_or(|callee| self.calls(c.file, id, callee))
    }

    /// Whether a statement itself, that is without the blocks and function literals in it, has a call.
    fn calls(&self, file: usize, statement: NodeId, callee: &str) -> bool {
        let tree = &self.files[file].tree;
        let mut nodes = tree.descendants(statement);
        while let Some(id) = nodes.next() {
            match tree.node(id) {
                Node::FuncLit(_) => nodes.skip_children(),
                Node::Block(_) if id != statement => nodes.skip_children(),
                Node::Call(call) => {
                    let qualified = self.resolution.qualified(file, call.fun);
                    let named = qualified
                        .is_some_and(|(path, name)| callee.rsplit_once('.') == Some((path.as_str(), name)));
                    if named || normal(tree.node_text(call.fun)) == normal(callee) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn value_is(&self, c: Candidate, p: &ValuePattern) -> bool {
        let file = &self.files[c.file];
        let site = &values(file)[c.index];
        let tree = &file.tree;
        let Node::ValueSpec(spec) = tree.node(site.spec) else { return false };
        let ty = || {
            let scope = file.scope(self.input.package, &self.declared, &self.names, &[]);
            spec.ty.map(|t| scope.ty(tree, t))
        };
        p.name.matches(tree.node_text(site.name))
            && p.constant.is_none_or(|c| c == site.constant)
            && (p.or_untyped && spec.ty.is_none()
                || p.r#type.as_ref().is_none_or(|t| {
                    ty().is_some_and(|actual| {
                        GoType::parse(t).is_ok_and(|t| self.names.canonical(&t) == actual)
                    })
                }))
    }

    /// Whether the fields of a function's parameters and results are those of a pattern.
    fn signature_is(&self, index: usize, p: &SignaturePattern) -> bool {
        let (file_index, f) = &self.functions[index];
        let file = &self.files[*file_index];
        let scope = file.scope(self.input.package, &self.declared, &self.names, &f.type_params);
        let fields = |list: Option<NodeId>| -> Vec<Option<GoType>> {
            let Some(Node::FieldList(list)) = list.map(|l| file.tree.node(l)) else { return Vec::new() };
            let fields = list.fields.iter().filter_map(|&field| match file.tree.node(field) {
                Node::Field(field) => Some(field.ty),
                _ => None,
            });
            // A variadic parameter is of no type that a pattern could state.
            let ty = |ty| (file.tree.kind(ty) != NodeKind::Ellipsis).then(|| scope.ty(&file.tree, ty));
            fields.map(ty).collect()
        };
        let (parameters, results) = (fields(Some(f.params_node())), fields(f.results_node()));
        let is = |wanted: &PlainType, actual: &Option<GoType>| {
            let spelled = |t: &GoType| self.names.spellings(t);
            actual.as_ref().is_some_and(|t| spelled(t).iter().any(|t| wanted.matches(t, self.input.package)))
        };
        if p.any {
            let any = |wanted: &[PlainType], actual: &[Option<GoType>]| {
                wanted.iter().any(|w| actual.iter().any(|a| is(w, a)))
            };
            return any(&p.parameters, &parameters) || any(&p.results, &results);
        }
        let all = |wanted: &[PlainType], actual: &[Option<GoType>]| {
            wanted.len() == actual.len() && wanted.iter().zip(actual).all(|(w, a)| is(w, a))
        };
        all(&p.parameters, &parameters) && all(&p.results, &results)
    }

    /// The callee of a call, if it is a bare name: predeclared, or a variable.
    fn bare_callee(&self, c: Candidate) -> Option<&'a str> {
        let tree = &self.files[c.file].tree;
        let Node::Call(call) = tree.node(self.inside[c.file].calls[c.index].node) else { return None };
        (tree.kind(call.fun) == NodeKind::Ident).then(|| tree.node_text(call.fun))
    }

    /// The value that a literal gives a field by name.
    pub(crate) fn field_value(&self, c: Candidate, field: &str) -> Option<NodeId> {
        let tree = &self.files[c.file].tree;
        let site = self.inside[c.file].literals.get(c.index)?;
        let Node::CompositeLit(literal) = tree.node(site.node) else { return None };
        literal.elements.iter().find_map(|&e| match tree.node(e) {
            Node::KeyValue(kv) if tree.node_text(kv.key) == field => Some(kv.value),
            _ => None,
        })
    }

    /// What is around a node, the innermost first, and the node itself.
    pub(crate) fn ancestors(&self, file: usize, node: NodeId) -> Vec<NodeId> {
        let tree = &self.files[file].tree;
        let mut around = Vec::new();
        for event in tree.walk(tree.root()) {
            match event {
                Event::Enter(id) => {
                    around.push(id);
                    if id == node {
                        around.reverse();
                        return around;
                    }
                }
                Event::Leave(_) => {
                    around.pop();
                }
            }
        }
        Vec::new()
    }

    /// What stands behind the name of a directive comment of a candidate, or of the statement whose value, callee or call
    /// it is.
    pub(crate) fn annotation(&self, c: Candidate, name: &str) -> Option<&'a str> {
        let noted = self.noted(c.file, name);
        if noted.is_empty() {
            return None;
        }
        let tree = &self.files[c.file].tree;
        let chain = self.ancestors(c.file, self.node(c)?);
        for (i, &id) in chain.iter().enumerate() {
            if let Some((_, args)) = noted.iter().find(|(target, _)| *target == id) {
                return Some(args);
            }
            let parent = *chain.get(i + 1)?;
            let goes_on = match tree.node(parent) {
                Node::Assign(a) => a.rhs.contains(&id) || (a.op == TokenKind::Define && a.lhs.contains(&id)),
                Node::Call(call) => call.fun == id,
                Node::Send(s) => s.value == id,
                Node::Defer(_) | Node::ExprStmt(_) | Node::Go(_) | Node::Return(_) => true,
                Node::GenDecl(_) => {
                    matches!(tree.kind(id), NodeKind::ValueSpec | NodeKind::TypeSpec | NodeKind::ImportSpec)
                }
                Node::ValueSpec(v) => c.kind == Kind::Value && v.names.contains(&id),
                _ => false,
            };
            if !goes_on {
                return None;
            }
        }
        None
    }

    /// What stands behind the name of a directive comment on a node or around it.
    pub(crate) fn annotation_around(&self, file: usize, node: NodeId, name: &str) -> Option<&'a str> {
        let noted = self.noted(file, name);
        if noted.is_empty() {
            return None;
        }
        let chain = self.ancestors(file, node);
        chain.iter().find_map(|id| noted.iter().find(|(target, _)| target == id).map(|(_, args)| *args))
    }

    /// What directive comments of a name stand before, and what they say. The outermost declaration or statement that
    /// begins at the next token is meant.
    fn noted(&self, file: usize, name: &str) -> Vec<(NodeId, &'a str)> {
        let tree = &self.files[file].tree;
        let mut out = Vec::new();
        for &comment in tree.comments() {
            let text = tree.text(comment);
            let Some(rest) = text.strip_prefix("//").and_then(|t| t.strip_prefix(name)) else { continue };
            if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
                continue;
            }
            let tokens = tree.tokens().significant();
            let next = tokens.partition_point(|t| t.start < comment.end);
            let Some(at) = tokens[next..].iter().find(|t| t.start < t.end).map(|t| t.start) else { continue };
            let mut nodes = tree.descendants(tree.root());
            while let Some(id) = nodes.next() {
                let span = tree.span(id);
                let kind = tree.kind(id);
                if span.end <= at || span.start > at {
                    nodes.skip_children();
                } else if span.start == at && !matches!(kind, NodeKind::File | NodeKind::Ident) {
                    out.push((id, rest.trim()));
                    break;
                }
            }
        }
        out
    }

    /// The directive comment of this name of a candidate.
    pub(crate) fn directive(&self, c: Candidate, name: &str) -> Option<Directive<'a>> {
        self.directive_that(c, &|d| {
            d.namespace.len() + 1 + d.name.len() == name.len()
                && name.strip_prefix(d.namespace).and_then(|r| r.strip_prefix(':')) == Some(d.name)
        })
    }

    /// The first directive comment of a candidate that is so.
    fn directive_that(&self, c: Candidate, is: &dyn Fn(&Directive<'a>) -> bool) -> Option<Directive<'a>> {
        let map = self.resolution.directives(c.file);
        let file = &self.files[c.file];
        let mut nodes: Vec<NodeId> = self.node(c).into_iter().collect();
        match c.kind {
            Kind::Struct => nodes.push(structs(file)[c.index].decl),
            Kind::Value => {
                nodes.push(values(file)[c.index].spec);
                nodes.push(values(file)[c.index].decl);
            }
            _ => {}
        }
        let found = |list: &Vec<Directive<'a>>| list.iter().find(|d| is(d)).copied();
        let direct = nodes.iter().filter_map(|n| map.get(n)).find_map(found);
        let literal = c.kind == Kind::Function && self.functions[c.index].1.literal;
        if direct.is_some() || !literal || !map.values().any(|list| found(list).is_some()) {
            return direct;
        }
        // A comment on the statement whose value or callee the literal is.
        let tree = &file.tree;
        let chain = self.ancestors(c.file, self.node(c)?);
        for pair in chain.windows(2) {
            let (id, parent) = (pair[0], pair[1]);
            let goes_on = match tree.node(parent) {
                Node::Assign(a) => a.rhs.contains(&id),
                Node::Call(call) => call.fun == id,
                Node::Send(s) => s.value == id,
                Node::ValueSpec(v) => v.values.contains(&id),
                Node::Defer(_) | Node::ExprStmt(_) | Node::Go(_) | Node::Return(_) | Node::GenDecl(_) => true,
                Node::DeclStmt(_) => true,
                _ => false,
            };
            if !goes_on {
                return None;
            }
            if let Some(d) = map.get(&parent).and_then(found) {
                return Some(d);
            }
        }
        None
    }

    /// Where a comment says that nothing in the package is to be woven.
    fn package_ignored(&self) -> Option<Location> {
        let find = || {
            self.files.iter().filter(|f| f.active() && f.mentions(Mention::Ignore)).find_map(|file| {
                let directives = file.tree.directives();
                let d = directives
                    .iter()
                    .find(|d| d.target == Some(file.tree.root()) && directives::ignores_package(d))?;
                Some(file.at(d.span.start))
            })
        };
        self.package_ignored.get_or_init(find).clone()
    }

    /// Why a candidate is not to be woven, whatever the advice.
    pub(crate) fn unwoven(&self, rule: &LoweredRule, c: Candidate) -> Option<Box<Diagnostic>> {
        if let Some(at) = self.package_ignored() {
            return Some(Box::new(
                Diagnostic::new("ignored", None, "`//weave:ignore package` keeps the package as it is")
                    .note(Some(at), "here"),
            ));
        }
        if c.kind == Kind::Package {
            return None;
        }
        let file = &self.files[c.file];
        let mut functions = Vec::new();
        let mut around = c.function;
        while let Some(i) = around {
            functions.push(self.function_candidate(i));
            around = self.functions[i].1.parent;
        }
        // Comments are looked at only where one of them could matter.
        if file.mentions(Mention::Ignore) {
            let ignored = |c: Candidate| self.directive_that(c, &directives::ignores);
            let root = file.tree.root();
            let whole_file =
                file.tree.directives().into_iter().find(|d| d.target == Some(root) && directives::ignores(d));
            let around = self.node(c).map(|n| self.ancestors(c.file, n)).unwrap_or_default();
            let noted = self.resolution.directives(c.file);
            let mut outside =
                around.iter().filter_map(|id| noted.get(id)).flatten().filter(|d| directives::ignores(d));
            let found =
                whole_file.map(|d| (" on the file", d)).or_else(|| outside.next().map(|d| ("", *d))).or_else(
                    || std::iter::once(c).chain(functions.iter().copied()).find_map(ignored).map(|d| ("", d)),
                );
            if let Some((on, d)) = found {
                let message = format!("`//{}:{}{on}` keeps it as it is", d.namespace, d.name);
                return Some(Box::new(
                    Diagnostic::new("ignored", None, message).note(Some(file.at(d.span.start)), "here"),
                ));
            }
        }
        if rule.unsafe_functions || c.kind != Kind::Function || !file.mentions(Mention::Delicate) {
            return None;
        }
        let only_hooks_matter = |a: &LoweredAdvice| matches!(a, LoweredAdvice::Hook(_));
        if !rule.advice.iter().any(only_hooks_matter) {
            return None;
        }
        let pragma =
            DELICATE.iter().find_map(|name| functions.iter().find_map(|f| self.directive(*f, name)))?;
        Some(Box::new(
            Diagnostic::new(
                "delicate",
                None,
                format!(
                    "{} is `//{}:{}`, where a call of a hook may not be possible",
                    self.functions[c.index].1.display(),
                    pragma.namespace,
                    pragma.name
                ),
            )
            .note(Some(file.at(pragma.span.start)), "here")
            .help(
                "write `unsafe-functions: true` in the rule if its hook keeps to the rules of such functions",
            ),
        ))
    }

    /// What to say when nothing meets the conditions of a rule.
    pub(crate) fn nothing(&self, rule: &LoweredRule) -> Miss {
        let kinds = rule.join.kinds().unwrap_or_default();
        let what = match kinds.as_slice() {
            [] => "nothing",
            [Kind::Function] => "no function",
            [Kind::Call] => "no call",
            [Kind::Literal] => "no literal",
            [Kind::Struct] => "no struct type",
            [Kind::Statement] => "no statement",
            [Kind::Import] => "no import",
            [Kind::Value] => "no variable or constant",
            _ => "nothing",
        };
        let mut d = Diagnostic::new(
            "nothing-found",
            None,
            format!("{} has {what} that the rule asks for", self.input.package),
        );
        let unknown = self.input.types.map(|t| &t.unknown);
        let asked = questions(std::slice::from_ref(rule)).interfaces;
        if let Some(why) = asked.iter().find_map(|interface| unknown?.get(interface)) {
            d.message.push_str(": ");
            d.message.push_str(why);
        }
        let mut wanted: Vec<&str> = Vec::new();
        rule.join.walk(&mut |j| match j {
            JoinPoint::Function(f) => wanted.extend(f.name.as_ref().and_then(|n| n.exact())),
            JoinPoint::Struct(n) => wanted.extend(n.exact()),
            JoinPoint::Value(v) => wanted.extend(v.name.exact()),
            _ => {}
        });
        let active = self.files.iter().filter(|f| f.active());
        let at_package_level: BTreeSet<&str> =
            active.flat_map(crate::package::file::declared_names).collect();
        let declared = || {
            at_package_level
                .iter()
                .copied()
                .chain(self.functions.iter().filter(|(_, f)| !f.literal).map(|(_, f)| f.name))
        };
        for name in wanted {
            if !declared().any(|n| n == name)
                && let Some(help) = did_you_mean(name, declared())
            {
                d = d.note(None, format!("nothing is called `{name}`")).help(help);
                break;
            }
        }
        Miss::NotFound(Box::new(d))
    }
}

/// Which of several statements the rule wants.
fn occurrence(join: &JoinPoint) -> Option<Occurrence> {
    let mut which = None;
    join.walk(&mut |j| {
        if let JoinPoint::Statement(s) = j {
            which = which.or(s.occurrence);
        }
    });
    which
}

fn statement_kind(node: &Node<'_>, kind: impl Fn(NodeId) -> NodeKind) -> Option<StatementKind> {
    Some(match node {
        Node::Assign(_) => StatementKind::Assign,
        Node::Block(_) => StatementKind::Block,
        Node::Branch(_) => StatementKind::Branch,
        Node::ExprStmt(e) if kind(e.x) == NodeKind::Call => StatementKind::Call,
        Node::DeclStmt(_) => StatementKind::Declare,
        Node::Defer(_) => StatementKind::Defer,
        Node::For(_) | Node::Range(_) => StatementKind::For,
        Node::Go(_) => StatementKind::Go,
        Node::If(_) => StatementKind::If,
        Node::IncDec(_) => StatementKind::IncDec,
        Node::Return(_) => StatementKind::Return,
        Node::Select(_) => StatementKind::Select,
        Node::Send(_) => StatementKind::Send,
        Node::Switch(_) | Node::TypeSwitch(_) => StatementKind::Switch,
        _ => return None,
    })
}

/// The definition of a struct type.
pub(crate) struct StructSite {
    pub decl: NodeId,
    pub spec: NodeId,
    pub name: NodeId,
    /// The list of its fields.
    pub fields: NodeId,
}

/// The struct types that a file defines at package level.
pub(crate) fn structs(file: &File<'_>) -> Vec<StructSite> {
    let tree = &file.tree;
    let mut out = Vec::new();
    for &decl in tree.decls() {
        let Node::GenDecl(g) = tree.node(decl) else { continue };
        for &spec in g.specs {
            if let Node::TypeSpec(t) = tree.node(spec)
                && let Node::StructType(s) = tree.node(t.ty)
            {
                out.push(StructSite { decl, spec, name: t.name, fields: s.fields });
            }
        }
    }
    out
}

/// A variable or constant at package level.
pub(crate) struct ValueSite {
    pub decl: NodeId,
    pub spec: NodeId,
    pub name: NodeId,
    /// Which of the names of its specification it is.
    pub position: usize,
    pub constant: bool,
}

/// The variables and constants that a file declares at package level.
pub(crate) fn values(file: &File<'_>) -> Vec<ValueSite> {
    let tree = &file.tree;
    let mut out = Vec::new();
    for &decl in tree.decls() {
        let Node::GenDecl(g) = tree.node(decl) else { continue };
        for &spec in g.specs {
            let Node::ValueSpec(v) = tree.node(spec) else { continue };
            for (position, &name) in v.names.iter().enumerate() {
                let constant = g.keyword == TokenKind::Const;
                out.push(ValueSite { decl, spec, name, position, constant });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn coverage_is_no_part_of_a_statement() {
        let plain = "if mp.curg != nil {\n\tnewg.labels = mp.curg.labels // as it is\n}";
        for counter in [
            "goCover_0a1b_P[5] = 1;",
            "goCover_abc.Count[1041]++;",
            "_cover_atomic_.AddUint32(&goCover_abc.Count[7], 1);",
        ] {
            let covered = format!("if mp.curg != nil {{{counter}\n\t\tnewg.labels = mp.curg.labels\n}}");
            assert_eq!(normal(&covered), normal(plain));
        }
        assert_ne!(normal("if x {f();\ng()}"), normal("if x {g()}"), "control");
    }
}

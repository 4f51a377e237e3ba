//! Functions: by name and receiver, by their types, by what they embed.

use std::collections::BTreeSet;

use weave_ir::{
    FuncType, FunctionPattern, GoType, JoinPoint, Kind, Mentions, SignaturePattern, TypePattern,
    assumed_name, did_you_mean,
};
use weave_syntax::{Node, NodeId, NodeKind};

use crate::messages;
use crate::package::Package;
use crate::package::file::Function;
use crate::package::sites::Candidate;
use crate::refusal::{Miss, Refusal, Refused};

impl Package<'_, '_> {
    /// Returns whether a function around a candidate meets a condition.
    pub(super) fn is_within(&self, c: Candidate, j: &JoinPoint) -> bool {
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

    pub(super) fn function_is(&self, index: usize, p: &FunctionPattern) -> bool {
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
                    && (wanted.name.matches(r.base)
                        || wanted.name.matches(self.resolution.aliases().base_type(r.base)))
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

    pub(crate) fn mentions(&self, m: &Mentions, params: &[GoType], results: &[GoType]) -> bool {
        let package = self.input.package;
        let is = |n: &TypePattern, t: &GoType| {
            self.names.spellings(t).iter().any(|t| n.is(t, package, &|path| assumed_name(path)))
        };
        let in_type = |n: &TypePattern, t: &GoType| {
            let mut found = false;
            t.walk(&mut |t| found |= is(n, t));
            found
        };
        let exactly = |wanted: &Option<Vec<TypePattern>>, types: &[GoType]| {
            wanted
                .as_ref()
                .is_none_or(|w| w.len() == types.len() && w.iter().zip(types).all(|(name, ty)| is(name, ty)))
        };
        let some = |wanted: &[TypePattern], types: &[GoType]| {
            wanted.iter().all(|name| types.iter().any(|ty| in_type(name, ty)))
        };
        exactly(&m.parameters, params)
            && exactly(&m.results, results)
            && some(&m.some_parameter, params)
            && some(&m.some_result, results)
            && m.last_result.as_ref().is_none_or(|n| results.last().is_some_and(|last| in_type(n, last)))
    }

    /// Returns whether the fields of a function's parameters and results are those of a pattern.
    pub(super) fn signature_is(&self, index: usize, p: &SignaturePattern) -> bool {
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
        let is = |wanted: &TypePattern, actual: &Option<GoType>| {
            let spelled = |t: &GoType| self.names.spellings(t);
            actual.as_ref().is_some_and(|t| spelled(t).iter().any(|t| wanted.matches(t, self.input.package)))
        };
        if p.any {
            let any = |wanted: &[TypePattern], actual: &[Option<GoType>]| {
                wanted.iter().any(|w| actual.iter().any(|a| is(w, a)))
            };
            return any(&p.parameters, &parameters) || any(&p.results, &results);
        }
        let all = |wanted: &[TypePattern], actual: &[Option<GoType>]| {
            wanted.len() == actual.len() && wanted.iter().zip(actual).all(|(w, a)| is(w, a))
        };
        all(&p.parameters, &parameters) && all(&p.results, &results)
    }

    /// The functions that a rule is for which names one.
    pub(crate) fn find(&self, pattern: &FunctionPattern) -> Result<Vec<Candidate>, Miss> {
        let name = pattern.name.as_ref().and_then(|n| n.exact()).unwrap_or_default();
        let receiver = pattern.receiver.as_ref().and_then(TypePattern::exact);
        let wanted = receiver.as_deref();
        let found: Vec<Candidate> = self
            .by_name
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .filter(|&i| self.receiver_is(&self.functions[i].1, wanted))
            .map(|i| self.function_candidate(i))
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
        if let Some(receiver) = pattern.receiver.as_ref().filter(|_| pattern.promoted) {
            let promoted = self.promotes(receiver, name);
            if !promoted.is_empty() {
                return Ok(promoted.into_iter().map(|i| self.function_candidate(i)).collect());
            }
        }
        let display = match wanted {
            Some(r) if r.starts_with('*') => format!("({r}).{name}"),
            Some(r) => format!("{r}.{name}"),
            None => name.to_owned(),
        };
        let mut d = messages::function_not_found(self.input.package, self.versions(), &display);
        for file in self.files.iter().filter(|f| !f.active()) {
            for f in file.functions() {
                if f.name == name && f.receiver_text().as_deref() == wanted {
                    let why = match &file.excluded {
                        Some(why) => messages::declared_elsewhere(why),
                        None => messages::declared_in_broken_file().to_owned(),
                    };
                    d = d.note(Some(file.at(f.name_at)), why);
                }
            }
        }
        let declared = || self.functions.iter().filter(|(_, f)| !f.literal);
        let displays: Vec<String> = declared().map(|(_, f)| f.display()).collect();
        // The same name on another receiver comes first: it is the commonest mistake and the commonest change.
        for (file, f) in declared().filter(|(_, f)| f.name == name) {
            d = d.note(Some(self.files[*file].at(f.name_at)), messages::there_is(f.display()));
        }
        if let Some(base) = pattern.receiver.as_ref().and_then(|r| r.name.exact()) {
            d = self.note_embedded(d, base, name, pattern.promoted);
        }
        if d.notes.is_empty()
            && let Some(help) = did_you_mean(&display, displays.iter().map(String::as_str))
        {
            d = d.help(help);
        }
        Err(Miss::not_found(d))
    }

    /// Says which embedded type has the method, if one does.
    fn note_embedded(&self, mut d: Refused, base: &str, method: &str, promoted: bool) -> Refused {
        let mut seen = BTreeSet::from([base.to_owned()]);
        let mut todo = vec![base.to_owned()];
        while let Some(outer) = todo.pop() {
            for (pointer, embedded) in self.embedded(&outer) {
                let weave_syntax::resolve::Type::Named { package, name, .. } = embedded else { continue };
                if package == self.input.package {
                    if self.resolution.package().methods(&name).iter().any(|(m, _)| *m == method) {
                        let how = match promoted {
                            // It is not in the method set of the receiver that is written.
                            true => messages::help_pointer_receiver(),
                            false => messages::help_promoted(),
                        };
                        d = d.note(None, messages::embeds_method(&outer, &name, method, how));
                    } else if seen.insert(name.clone()) {
                        todo.push(name);
                    }
                } else if !package.is_empty() {
                    let star = if pointer { "*" } else { "" };
                    d = d.note(None, messages::embeds_foreign_method(&outer, star, &package, &name, method));
                }
            }
        }
        d
    }

    /// Returns what a type of the package embeds: whether it is a pointer, and the type.
    fn embedded(&self, base: &str) -> Vec<(bool, weave_syntax::resolve::Type)> {
        let scope = self.resolution.package();
        let trees: Vec<_> = self.files.iter().filter(|f| f.active()).map(|f| &f.tree).collect();
        let Some(decl) = scope.get(scope.base_type(base)) else { return Vec::new() };
        let Some(file) = self.files.iter().filter(|f| f.active()).nth(decl.file) else { return Vec::new() };
        let list = scope.embedded(base, &trees, &file.resolved_imports());
        list.into_iter().map(|e| (e.pointer, e.ty)).collect()
    }

    /// The functions of the package that a type has as its method of this name because it embeds the type that declares it,
    /// for every type that a receiver may be of.
    fn promotes(&self, receiver: &TypePattern, method: &str) -> Vec<usize> {
        let scope = self.resolution.package();
        let declared = |ty: &str| {
            let list = self.by_name.get(method).into_iter().flatten().copied();
            let of = |r: &str| scope.base_type(r) == scope.base_type(ty);
            list.filter(|&i| self.functions[i].1.receiver.as_ref().is_some_and(|r| of(r.base)))
                .collect::<Vec<_>>()
        };
        let mut out = Vec::new();
        for (outer, _) in scope.names().filter(|(name, _)| receiver.name.matches(name)) {
            // One depth after the other; what is found at one hides what is below, and two at one depth hide each other.
            let mut seen = BTreeSet::from([scope.base_type(outer).to_owned()]);
            let mut level = vec![(outer.to_owned(), receiver.pointer != Some(false))];
            if !declared(outer).is_empty() {
                continue;
            }
            while !level.is_empty() {
                let mut next = Vec::new();
                let mut found = Vec::new();
                for (ty, addressable) in &level {
                    for (pointer, embedded) in self.embedded(ty) {
                        let weave_syntax::resolve::Type::Named { package, name, .. } = embedded else {
                            continue;
                        };
                        if package != self.input.package || !seen.insert(scope.base_type(&name).to_owned()) {
                            continue;
                        }
                        let addressable = *addressable || pointer;
                        found.extend(declared(&name).into_iter().map(|i| (i, addressable)));
                        next.push((name, addressable));
                    }
                }
                if let [(i, addressable)] = found[..] {
                    let by_pointer = self.functions[i].1.receiver.as_ref().is_some_and(|r| r.pointer);
                    if addressable || !by_pointer {
                        out.push(i);
                    }
                }
                if !found.is_empty() {
                    break;
                }
                level = next;
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Returns whether a function has this receiver, as it is written or behind an alias.
    fn receiver_is(&self, f: &Function<'_>, wanted: Option<&str>) -> bool {
        match (&f.receiver, wanted) {
            (None, None) => true,
            (Some(r), Some(wanted)) => {
                let (pointer, base) = match wanted.strip_prefix('*') {
                    Some(base) => (true, base),
                    None => (false, wanted),
                };
                let aliases = self.resolution.aliases();
                r.pointer == pointer
                    && (r.base == base || aliases.base_type(r.base) == aliases.base_type(base))
            }
            _ => false,
        }
    }

    /// Compares the rule's signature with the function's.
    pub(crate) fn check_signature(&self, pattern: &FunctionPattern, index: usize) -> Result<(), Refusal> {
        let Some(stated) = &pattern.signature else { return Ok(()) };
        let (file_index, function) = &self.functions[index];
        let file = &self.files[*file_index];
        let actual = &self.function_type(*file_index, function);
        let stated = FuncType::parse(stated).map_err(|e| messages::bad_signature(stated, &e).boxed())?;
        let stated = self.names.function(&stated);
        if stated == *actual {
            return Ok(());
        }
        Err(Box::new(
            messages::signature_differs(function.display(), self.input.package, self.versions())
                .note(Some(file.at(function.name_at)), messages::function_declared_here())
                .note(None, differences(&stated, actual)),
        ))
    }
}

/// Two types of a function as a difference, and what differs.
fn differences(stated: &FuncType, actual: &FuncType) -> String {
    let mut out = messages::signatures(stated, actual);
    let (stated_params, actual_params) = (stated.body_params(), actual.body_params());
    if stated.variadic != actual.variadic && stated_params.len() == actual_params.len() {
        let [is, says] = [actual, stated].map(|f| if f.variadic { "is" } else { "is not" });
        out.push_str(&messages::variadic_differs(is, says));
    }
    for (what, stated, actual) in
        [("parameter", &stated_params, &actual_params), ("result", &stated.results, &actual.results)]
    {
        if stated.len() != actual.len() {
            let count = |n: usize| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            let says = count(stated.len());
            out.push_str(&messages::count_differs(count(actual.len()), &says));
            continue;
        }
        for (i, (stated, actual)) in stated.iter().zip(actual).enumerate().filter(|(_, (s, a))| s != a) {
            out.push_str(&messages::type_differs(what, i + 1, actual, stated));
        }
    }
    out
}

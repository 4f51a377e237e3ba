//! Advice other than hooks, as edits.
//!
//! What every advice keeps: each original token that it does not replace, in its order and on its line. A replacement has
//! as many line ends as what it replaces, between parentheses, where they end no statement.

pub(crate) mod code;
pub(crate) mod edits;
pub(crate) mod export_effects;
pub(crate) mod extra_file;
pub(crate) mod hook;

use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{
    Code, Diagnostic, GoType, Kind, Language, LiteralForm, LoweredAddField, LoweredAdvice, LoweredArguments,
    LoweredDeclare, LoweredFile, LoweredHook, LoweredRule, LoweredSetField, SymbolPattern,
};
use weave_syntax::resolve::Binding;
use weave_syntax::{Event, Node, NodeId, NodeKind, Span, TokenKind};

use crate::advice::code::{Filled, Part, Which, body_of, fill, fill_printed, flat, insertions, is_primary};
use crate::advice::edits::{Level, Rank, Tag};
use crate::advice::hook::{Names, Place};
use crate::dialect::aspects::Layer;
use crate::dialect::go_template::{Hole, Made, Piece, Printable, pieces};
use crate::dialect::otelc_template;
use crate::join::{structs, values};
use crate::package::directives::{self, Value};
use crate::package::file::{File, Function};
use crate::package::sites::Candidate;
use crate::package::typefacts::MethodFact;
use crate::package::types::assumed_name;
use crate::weave::{Weaver, no_body};

/// Why an advice cannot be woven where its rule matches.
pub(crate) type Refusal = Box<Diagnostic>;

/// What a filled hook asks of its function.
pub(crate) struct Asked {
    /// Places that must have a name.
    pub named: Vec<Place>,
    /// Places whose values the hook is given inside of an expression.
    pub passed: Vec<Place>,
}

/// Code of the finding that a directive comment has a mistake.
pub(crate) const MALFORMED: &str = "directive";

/// The directive comments that a rule asks for.
fn asked_directives(rule: &LoweredRule) -> Vec<&str> {
    let mut directives = Vec::new();
    rule.join.walk(&mut |j| {
        if let weave_ir::JoinPoint::Directive(name) = j {
            directives.push(name.as_str());
        }
    });
    directives
}

pub(crate) fn refuse(code: &str, message: impl Into<String>) -> Refusal {
    Box::new(Diagnostic::new(code, None, message))
}

/// Declarations, and the packages that they name: the name in them, the import path.
type Declarations = (String, BTreeMap<String, String>);

/// An advice that is being applied: who asks, and what the file must have for it.
pub(crate) struct Work<'w> {
    rule: &'w LoweredRule,
    advice: &'w LoweredAdvice,
    owner: &'w str,
    rank: Rank,
    /// Imports to come: path and local name.
    imports: BTreeMap<String, String>,
    /// Places that get names.
    named: Vec<Place>,
    /// Imports that copied code names, by position.
    copied: BTreeSet<usize>,
}

impl<'w> Work<'w> {
    pub(crate) fn new(rule: &'w LoweredRule, advice: &'w LoweredAdvice, owner: &'w str, rank: Rank) -> Self {
        let (imports, named, copied) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        Self { rule, advice, owner, rank, imports, named, copied }
    }
}

/// What a directive comment says, as code.
struct SaidCode {
    text: String,
    /// Names of the parameters and receivers whose values it takes.
    values: Vec<String>,
}

impl<'a> Weaver<'a, '_> {
    /// Apply one advice. If it is refused, nothing has changed.
    pub(crate) fn advise(
        &mut self,
        advice: &'a LoweredAdvice,
        rule: &'a LoweredRule,
        owner: &str,
        rank: Rank,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let tag = match self.layer_of(advice, rule, c) {
            Some((node, _)) => Tag::Expression(node),
            None if rule.aspect.is_some() => Tag::Aspect,
            None => Tag::Stays,
        };
        self.state.edits[c.file].tag = tag;
        let done = self.advise_once(advice, rule, owner, rank, c);
        self.state.edits[c.file].tag = Tag::Stays;
        let Some((node, field)) = self.layer_of(advice, rule, c) else { return done };
        // It may be about what another one makes of the expression.
        let untried = done.is_err() && self.comes_later(rule, node, c);
        if !untried {
            done?;
        }
        let (place, owner) = (self.applied(rule), owner.to_owned());
        let layer = Layer { field, place, rank, owner, rule, advice, c, untried };
        self.state.layers.entry((c.file, node)).or_default().push(layer);
        Ok(())
    }

    fn advise_once(
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
            let display = self.functions[function].1.display();
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
            self.state.changes.push(format!("{} imports {path}, which it did not", self.input.package));
        }
    }

    /// Only one rule may set a name at one place.
    fn claim(&mut self, file: usize, at: u32, name: &str, owner: &str) -> Result<(), Refusal> {
        match self.state.claims.insert((file, at, name.to_owned()), owner.to_owned()) {
            Some(other) => {
                let mut d =
                    Diagnostic::new("conflict", None, format!("rule {other} sets `{name}` there, too"));
                d = d.note(Some(self.files[file].at(at)), "here");
                Err(Box::new(d.help("limit one of them with `not`, or make one rule of both")))
            }
            None => Ok(()),
        }
    }

    /// Whether the package may import a path.
    fn may_import(&self, path: &str, dependencies: &[String]) -> Result<(), Refusal> {
        if self.state.extra.imports_already(path) || dependencies.iter().any(|d| d == path) {
            return Ok(());
        }
        let message = format!(
            "the code imports `{path}`, which {} does not import: that would be a new dependency",
            self.input.package
        );
        Err(Box::new(
            Diagnostic::new("new-import", None, message)
                .help(format!("if that is meant, write `dependencies: [{path}]` in the rule")),
        ))
    }

    fn declare(
        &mut self,
        text: &str,
        imports: &BTreeMap<String, String>,
        dependencies: &[String],
    ) -> Result<(), Refusal> {
        let mut all = imports.clone();
        // A directive that only the compiler reads needs the import all the same.
        if text.lines().any(|l| l.starts_with("//go:linkname ")) {
            all.entry("unsafe".into()).or_insert_with(|| "unsafe".into());
        }
        for path in all.values() {
            if self.may_import(path, dependencies).is_err() {
                let message = format!(
                    "the added declarations import `{path}`, which {} does not import: that would be a new dependency",
                    self.input.package
                );
                return Err(Box::new(
                    Diagnostic::new("new-import", None, message)
                        .help(format!("if that is meant, write `dependencies: [{path}]` in the rule")),
                ));
            }
        }
        let changes = self.state.extra.declare(text, &all).map_err(|m| refuse("declare", m))?;
        for path in all.values() {
            self.depend(path);
        }
        self.state.changes.extend(changes);
        Ok(())
    }

    /// The declarations of a file become part of the extra file.
    pub(crate) fn add_file(&mut self, f: &LoweredFile, dependencies: &[String]) -> Result<(), Refusal> {
        let source = crate::package::file::SourceFile { path: &f.name, source: f.text.as_bytes() };
        let file = File::new(source, None, &|_| false);
        if let Some(e) = file.errors.first() {
            return Err(refuse("file", format!("{}: {}", file.at(e.offset), e.message)));
        }
        if let Some(d) = file.tree.directives().iter().find(|d| d.namespace == "go" && d.name == "embed") {
            let message = format!("{}: an added file cannot embed files", file.at(d.span.start));
            return Err(refuse("file", message));
        }
        let mut imports = BTreeMap::new();
        let mut blank = Vec::new();
        for import in &file.imports {
            match import.name.as_deref() {
                _ if import.written == "C" => {
                    return Err(refuse(
                        "file",
                        format!("{}: an added file cannot use cgo", file.at(import.at)),
                    ));
                }
                Some(".") => {
                    let message = format!("{}: an added file cannot have dot imports", file.at(import.at));
                    return Err(refuse("file", message));
                }
                Some("_") => blank.push(import.path.clone()),
                _ => {
                    imports.insert(import.local_name(), import.path.clone());
                }
            }
        }
        for path in imports.values().chain(&blank) {
            self.may_import(path, dependencies)?;
        }
        let left_out = match f.replaces {
            true => Some(self.left_out(f)?),
            false => None,
        };
        self.declare(body_of(&f.text), &imports, dependencies)?;
        self.state.left_out.extend(left_out);
        for path in &blank {
            self.depend(path);
            self.state.extra.import_blank(path);
        }
        Ok(())
    }

    /// The file that an added one is in place of.
    fn left_out(&self, f: &LoweredFile) -> Result<usize, Refusal> {
        let found = self.files.iter().position(|file| file.active() && file.source.base_name() == f.name);
        match found {
            Some(i) if self.state.left_out.contains(&i) => {
                Err(refuse("conflict", format!("another rule leaves out {}, too", f.name)))
            }
            Some(i) => Ok(i),
            None => {
                let message = format!("{} has no file {} to leave out", self.input.package, f.name);
                let names = self.files.iter().filter(|f| f.active()).map(|f| f.source.base_name());
                let mut d = Diagnostic::new("no-file", None, message);
                d.help = weave_ir::did_you_mean(&f.name, names);
                Err(Box::new(d))
            }
        }
    }

    /// Fill in the placeholders of code for a candidate.
    pub(crate) fn fill(&self, code: &Code, work: &mut Work<'_>, c: Candidate) -> Result<Filled, Refusal> {
        self.fill_made(code, work, c, None)
    }

    /// The same for an expression of which other templates have made something.
    pub(crate) fn fill_made(
        &self,
        code: &Code,
        work: &mut Work<'_>,
        c: Candidate,
        made: Option<&Made<'_>>,
    ) -> Result<Filled, Refusal> {
        let file = &self.files[c.file];
        let names = Names::new(file);
        let function = c.function.map(|i| &self.functions[i].1);
        let mut named = Vec::new();
        let directives = asked_directives(work.rule);
        let mut malformed = None;
        let mut value = |part: &Part| match part {
            Part::Directive(key) => self.directive_argument(c, &directives, key.as_deref()),
            Part::Operation | Part::Attributes => {
                self.said(part, c, &directives).map(|said| said.text).map_err(|refusal| {
                    let message = refusal.message.clone();
                    malformed = Some(refusal);
                    message
                })
            }
            _ => self.placeholder(part, c, function, &names, &mut named),
        };
        let expanded;
        let code = match code.language {
            Language::Otelc => {
                let text = otelc_template::expand(&code.text, self.template_facts(c, function, &directives))
                    .map_err(|m| refuse("code", m))?;
                expanded = Code { text, language: Language::Weave, ..code.clone() };
                &expanded
            }
            _ => code,
        };
        let mut imports = work.imports.clone();
        let mut missing = None;
        let mut package = |path: &str| {
            if missing.is_none() {
                missing = self.may_import(path, &work.rule.dependencies).err();
            }
            self.local_name(c.file, path, &names, &mut imports)
        };
        let filled = if code.language == Language::GoTemplate {
            let body = matches!(work.advice, LoweredAdvice::Before(_));
            let mut printed =
                self.print(code, &work.rule.join, c, body, made).map_err(|m| refuse("template", m))?;
            named.append(&mut printed.named);
            fill_printed(printed, &code.imports, &mut package)
        } else {
            fill(code, &mut value, &mut package)
        };
        if let Some(refusal) = malformed {
            return Err(refusal);
        }
        let filled = filled.map_err(|m| refuse("code", m))?;
        if let Some(refusal) = missing {
            return Err(refusal);
        }
        work.imports = imports;
        work.named.extend(named);
        Ok(filled)
    }

    /// What otelc's templates are told of a candidate.
    fn template_facts(
        &self,
        c: Candidate,
        function: Option<&Function<'a>>,
        directives: &[&str],
    ) -> otelc_template::Facts {
        let tree = &self.files[c.file].tree;
        let call = match self.node(c).map(|n| tree.node(n)) {
            Some(Node::Call(call)) if c.kind == Kind::Call => {
                call.args.iter().map(|&a| tree.node_text(a).to_owned()).collect()
            }
            _ => Vec::new(),
        };
        let directive = directives.iter().find_map(|name| self.directive(c, name));
        otelc_template::Facts {
            package: self.input.package.to_owned(),
            function: function.map(|f| {
                let ty = self.function_type(c.file, f);
                otelc_template::FunctionFacts {
                    name: f.name.to_owned(),
                    method: f.receiver.is_some(),
                    params: ty.body_params(),
                    results: ty.results,
                }
            }),
            directive: directive.map_or_else(Vec::new, |d| directives::otelc_words(d.args)),
            call,
        }
    }

    /// The name under which code in a file knows a package: one that nothing in the file and the package has.
    fn local_name(
        &self,
        file: usize,
        path: &str,
        names: &Names<'_, '_>,
        imports: &mut BTreeMap<String, String>,
    ) -> String {
        if let Some(known) = self.state.imports[file].get(path).or_else(|| imports.get(path)) {
            return known.clone();
        }
        let taken = |name: &str| {
            self.declared.contains(name)
                || self.state.imports[file].values().any(|n| n == name)
                || imports.values().any(|n| n == name)
        };
        let mut name = names.fresh(&format!("weave_{}", assumed_name(path)));
        while taken(&name) {
            name = names.fresh(&format!("{name}_"));
        }
        imports.insert(path.to_owned(), name.clone());
        name
    }

    fn placeholder(
        &self,
        part: &Part,
        c: Candidate,
        function: Option<&Function<'a>>,
        names: &Names<'_, '_>,
        named: &mut Vec<Place>,
    ) -> Result<String, String> {
        let in_function = || function.ok_or_else(|| "there is no function around it".to_owned());
        let mut place = |place: Place, f: &Function<'a>| {
            let name = place.name(f, names, named);
            // Where a function is entered, nothing hides its parameters.
            match self.resolution.redeclared(c.file, f, &name, self.span(c).start) {
                Some(at) if c.kind != Kind::Function => Err(format!(
                    "`{name}` may be another variable there: it is declared again at {}",
                    self.files[c.file].at(at)
                )),
                _ => Ok(name),
            }
        };
        let ty = |text: &str| match GoType::parse(text) {
            Ok(ty) => Ok(self.names.canonical(&ty)),
            Err(e) => Err(format!("`{text}` is no type: {e}")),
        };
        match part {
            Part::Text(_) | Part::This => Ok(String::new()),
            Part::Parameter(i) => {
                let f = in_function()?;
                if *i >= f.params.len() {
                    return Err(format!("{} has no parameter ${i}", f.display()));
                }
                place(Place::Param(*i), f)
            }
            Part::Result(i) => {
                let f = in_function()?;
                if *i >= f.results.len() {
                    return Err(format!("{} has no result $result{i}", f.display()));
                }
                place(Place::Result(*i), f)
            }
            Part::Receiver => {
                let f = in_function()?;
                if f.receiver.is_none() {
                    return Err(format!("{} has no receiver", f.display()));
                }
                place(Place::Receiver, f)
            }
            Part::ParameterOf(text) => {
                let f = in_function()?;
                let wanted = ty(text)?;
                let params = self.function_type(c.file, f).body_params();
                match params.iter().position(|t| *t == wanted) {
                    Some(i) => place(Place::Param(i), f),
                    None => Err(format!("{} has no parameter of type {text}", f.display())),
                }
            }
            Part::ResultOf(text) => {
                let f = in_function()?;
                let wanted = ty(text)?;
                match self.function_type(c.file, f).results.iter().position(|t| *t == wanted) {
                    Some(i) => place(Place::Result(i), f),
                    None => Err(format!("{} has no result of type {text}", f.display())),
                }
            }
            Part::Implementing(which, interface) => {
                let f = in_function()?;
                let base = self.files[c.file].source.base_name();
                let found = self.input.types.and_then(|t| t.implementing(base, f.name_at, *which, interface));
                let (what, of): (_, fn(usize) -> Place) = match which {
                    Which::Parameter => ("parameter", Place::Param),
                    Which::Result | Which::LastResult => ("result", Place::Result),
                };
                match found {
                    Some(i) => place(of(i), f),
                    None => Err(format!("{} has no {what} that implements {interface}", f.display())),
                }
            }
            Part::Function => Ok(in_function()?.display()),
            Part::FunctionName => Ok(match in_function()? {
                f if f.literal => f.name_or_place(),
                f => f.name.to_owned(),
            }),
            Part::Arguments => {
                // One without a name has no value in the function.
                let names = in_function()?.params.iter().map(|p| p.usable_name().unwrap_or("nil"));
                Ok(format!("[]interface{{}}{{{}}}", names.collect::<Vec<_>>().join(", ")))
            }
            Part::ReceiverType => {
                let f = in_function()?;
                f.receiver_text().ok_or_else(|| format!("{} has no receiver", f.display()))
            }
            Part::Package => Ok(self.input.package.to_owned()),
            Part::Fresh(base) => Ok(names.fresh(&format!("weave_{base}"))),
            Part::Directive(_) | Part::Operation | Part::Attributes => {
                Err("it has no directive comment".into())
            }
        }
    }

    /// What a directive comment of the rule says: all of it, or the value of one key.
    fn directive_argument(&self, c: Candidate, names: &[&str], key: Option<&str>) -> Result<String, String> {
        let Some(d) = names.iter().find_map(|name| self.directive(c, name)) else {
            return Err("it has no directive comment that the rule asks for".into());
        };
        Ok(go_quoted(&match key {
            None => d.args.to_owned(),
            Some(key) => directives::otelc_value(d.args, key).unwrap_or_default(),
        }))
    }

    /// What a directive comment for people says: the name of the operation, or the rest. A mistake in it is an error at its
    /// place, whatever the rule.
    fn said(&self, part: &Part, c: Candidate, names: &[&str]) -> Result<SaidCode, Refusal> {
        let Some(d) = names.iter().find_map(|name| self.directive(c, name)) else {
            return Err(refuse("code", "it has no directive comment that the rule asks for"));
        };
        let function = c.function.map(|i| &self.functions[i].1);
        let known: Vec<&str> = function
            .into_iter()
            .flat_map(|f| f.receiver.iter().map(|r| &r.param).chain(&f.params))
            .filter_map(crate::package::file::Param::usable_name)
            .collect();
        let said = directives::read(d.namespace, d.name, d.args, &known).map_err(|(offset, message)| {
            let file = &self.files[c.file];
            let args_at = file.tree.text(d.span).rfind(d.args).unwrap_or_default();
            let at = d.span.start + u32::try_from(args_at + offset).unwrap_or_default();
            let message = format!("//{}:{}: {message}", d.namespace, d.name);
            Box::new(Diagnostic::new(MALFORMED, Some(file.at(at)), message).help(
                "write `key:value` or `key:\"a value\"`, separated by spaces; `$name` is the value of a parameter",
            ))
        })?;
        if *part == Part::Operation {
            let name = said.name.or_else(|| {
                let f = function?;
                if f.literal {
                    return Some(f.name_or_place().replace("(*", "").replace(')', ""));
                }
                let receiver = f.receiver.as_ref().filter(|_| d.namespace == "weave").map(|r| r.base);
                Some(receiver.map_or_else(|| f.name.to_owned(), |r| format!("{r}.{}", f.name)))
            });
            return Ok(SaidCode { text: go_quoted(&name.unwrap_or_default()), values: Vec::new() });
        }
        if said.pairs.is_empty() {
            return Ok(SaidCode { text: "[]interface{}(nil)".into(), values: Vec::new() });
        }
        let mut values = Vec::new();
        let pairs = said.pairs.iter().map(|pair| {
            let value = match &pair.value {
                Value::Text(text) => go_quoted(text),
                Value::Parameter(name) => {
                    values.push(name.clone());
                    name.clone()
                }
            };
            format!("{}, {value}", go_quoted(&pair.key))
        });
        let text = format!("[]interface{{}}{{{}}}", pairs.collect::<Vec<_>>().join(", "));
        Ok(SaidCode { text, values })
    }

    /// A hook whose arguments have the values of their placeholders for a function. `$0` and the like stay: they are places.
    pub(crate) fn filled_hook(
        &self,
        hook: &LoweredHook,
        rule: &LoweredRule,
        c: Candidate,
    ) -> Result<(LoweredHook, Asked), Refusal> {
        let file = &self.files[c.file];
        let names = Names::new(file);
        let function = c.function.map(|i| &self.functions[i].1);
        let directives = asked_directives(rule);
        let mut named = Vec::new();
        let mut passed = Vec::new();
        let mut fill = |text: &String| -> Result<String, Refusal> {
            let parts =
                crate::advice::code::parts(text).map_err(|m| refuse("code", format!("`{text}`: {m}")))?;
            let mut out = String::new();
            for part in &parts {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Parameter(_) | Part::Receiver if parts.len() == 1 => return Ok(text.clone()),
                    Part::ParameterOf(ty) if parts.len() == 1 => {
                        let params = function.map(|f| self.function_type(c.file, f).body_params());
                        let wanted = GoType::parse(ty)
                            .map(|ty| self.names.canonical(&ty))
                            .map_err(|e| refuse("code", format!("`{ty}` is no type: {e}")))?;
                        let at = params.and_then(|p| p.iter().position(|t| *t == wanted));
                        return at
                            .map(|i| format!("${i}"))
                            .ok_or_else(|| refuse("code", format!("there is no parameter of type {ty}")));
                    }
                    Part::Directive(key) => {
                        let said = self.directive_argument(c, &directives, key.as_deref());
                        out.push_str(&said.map_err(|m| refuse("code", m))?);
                    }
                    Part::Function if function.is_some_and(|f| f.literal) => {
                        out.push_str(&function.map_or_else(String::new, Function::name_or_place));
                    }
                    Part::Operation | Part::Attributes => {
                        let said = self.said(part, c, &directives)?;
                        passed.extend(function.into_iter().flat_map(|f| Place::all(f)).filter(|p| {
                            let name = function
                                .and_then(|f| p.param(f))
                                .and_then(crate::package::file::Param::usable_name);
                            name.is_some_and(|n| said.values.iter().any(|v| v == n))
                        }));
                        out.push_str(&said.text);
                    }
                    _ => {
                        if *part == Part::Arguments {
                            let params = function.map_or(0, |f| f.params.len());
                            passed.extend((0..params).map(Place::Param));
                        }
                        let value = self.placeholder(part, c, function, &names, &mut named);
                        out.push_str(&value.map_err(|m| refuse("code", m))?);
                    }
                }
            }
            Ok(out)
        };
        let mut filled = hook.clone();
        for text in filled.arguments.iter_mut().flatten().chain(&mut filled.replace) {
            if text.contains('$') {
                *text = fill(text)?;
            }
        }
        Ok((filled, Asked { named, passed }))
    }

    /// Statements where a function is entered.
    fn enter(&mut self, code: &Code, work: &mut Work<'_>, c: Candidate) -> Result<(), Refusal> {
        let Some(index) = c.function else { return Err(refuse("place", "there is no function")) };
        let function = &self.functions[index].1;
        let Some(body) = function.body else { return Err(refuse("no-body", no_body(function))) };
        let filled = self.fill(code, work, c)?.statements().map_err(|m| refuse("code", m))?;
        let text = self.flat(&filled, work, c)?;
        // A template may print nothing.
        if code.language == Language::GoTemplate && text.trim().is_empty() {
            return Ok(());
        }
        if words(&text).contains(&"defer") {
            self.state.deferring.insert(index);
        }
        let text = if code.bare { format!(" {text};") } else { format!(" {{ {text} }};") };
        let inside = Span::new(body.lbrace + 1, body.rbrace);
        self.state.edits[c.file].open(inside, Level::Block, work.rank, text, work.owner);
        Ok(())
    }

    /// Statements before or after the one that the candidate is or is in.
    fn around_statement(
        &mut self,
        code: &Code,
        work: &mut Work<'_>,
        c: Candidate,
        after: bool,
    ) -> Result<(), Refusal> {
        let inside = &self.inside[c.file];
        let index = match c.kind {
            Kind::Statement => Some(c.index),
            Kind::Call => inside.calls[c.index].statement,
            Kind::Literal => inside.literals[c.index].statement,
            _ => None,
        };
        let Some(site) = index.map(|i| &inside.statements[i]) else {
            return Err(refuse("place", "it is in no statement"));
        };
        let tree = &self.files[c.file].tree;
        let filled = self.fill(code, work, c)?.statements().map_err(|m| refuse("code", m))?;
        let text = filled.plain().map_err(|m| refuse("code", m))?;
        if after {
            if let Some(why) = ends(&self.files[c.file], site.node, site.label) {
                return Err(refuse("place", why));
            }
            let text = if code.bare { format!("; {text}") } else { format!("; {{ {text} }}") };
            self.state.edits[c.file].close(site.span, Level::Statement, work.rank, text, work.owner);
            return Ok(());
        }
        let loops = matches!(
            tree.kind(site.node),
            NodeKind::For | NodeKind::Range | NodeKind::Switch | NodeKind::TypeSwitch | NodeKind::Select
        );
        // The label of a loop must stand directly before it. Whoever jumps there would leave the added code out.
        let span = match site.label {
            Some(label) if loops => {
                if goes_to(&self.files[c.file], tree.node_text(label)) {
                    let message = format!(
                        "a `goto {}` jumps to the statement, and code before its label would be left out",
                        tree.node_text(label)
                    );
                    return Err(refuse("place", message));
                }
                site.span
            }
            _ => tree.span(site.node),
        };
        let text = if code.bare { format!("{text}; ") } else { format!("{{ {text} }}; ") };
        self.state.edits[c.file].open(span, Level::Statement, work.rank, text, work.owner);
        Ok(())
    }

    /// The expression that a candidate is, as a whole.
    fn expression(&self, c: Candidate) -> Result<(NodeId, Span), Refusal> {
        let tree = &self.files[c.file].tree;
        let node = match c.kind {
            Kind::Call => {
                let call = &self.inside[c.file].calls[c.index];
                if let Some(keyword) = call.starts {
                    let message = format!("`{keyword}` calls it later, and code around it would run at once");
                    return Err(Box::new(
                        Diagnostic::new("place", None, message)
                            .help("use `call-instead` or `append-arguments`, or a hook in the callee"),
                    ));
                }
                call.node
            }
            Kind::Literal => {
                let literal = &self.inside[c.file].literals[c.index];
                if literal.elided {
                    return Err(refuse(
                        "place",
                        "the literal leaves its type out, so nothing can stand around it",
                    ));
                }
                literal.whole
            }
            _ => return Err(refuse("place", format!("{} is no expression", c.kind.name()))),
        };
        Ok((node, tree.span(node)))
    }

    fn wrap(&mut self, code: &Code, work: &mut Work<'_>, c: Candidate) -> Result<(), Refusal> {
        let (node, span) = self.expression(c)?;
        let filled = self.fill(code, work, c)?.expression().map_err(|m| refuse("code", m))?;
        let alone = self.unused(node, &filled, c)?;
        let (before, after) = filled.around().map_err(|m| refuse("code", m))?;
        self.surround(c.file, span, (before, after), !alone && !filled.is_primary(), work);
        Ok(())
    }

    /// Code whose holes are filled with copies of what is there.
    pub(crate) fn flat(&self, filled: &Filled, work: &mut Work<'_>, c: Candidate) -> Result<String, Refusal> {
        filled.plain().map_err(|m| refuse("code", m))?;
        let mut out = String::new();
        for piece in pieces(filled.text()) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Hole(i) => match filled.holes.get(i) {
                    Some(Hole { what: Printable::Node(node), .. }) => {
                        out.push_str(&self.copy(*node, work, c)?);
                    }
                    _ => return Err(refuse("code", "a name in the code is that of a hole")),
                },
            }
        }
        Ok(out)
    }

    /// A copy of a node on one line, in parentheses where they may be needed.
    fn copy(&self, node: NodeId, work: &mut Work<'_>, c: Candidate) -> Result<String, Refusal> {
        let tree = &self.files[c.file].tree;
        let scope = self.resolution.scope(c.file);
        work.copied.extend(tree.descendants(node).filter_map(|id| match scope.binding(id) {
            Some(Binding::Import(i)) => Some(i),
            _ => None,
        }));
        let woven = self.state.edits[c.file].woven(tree.span(node), tree.node_text(node));
        let text = flat(&woven).map_err(|m| refuse("code", m))?;
        Ok(if needs_parentheses(tree.kind(node)) { format!("({text})") } else { text })
    }

    /// Put what a template prints in the place of an expression. Code that it prints once and in its order stays where it
    /// is, with whatever else is woven into it; what is between such code is replaced.
    pub(crate) fn recompose(
        &mut self,
        code: &Code,
        work: &mut Work<'_>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let Some(node) = self.subject(&work.rule.join, c) else {
            return Err(refuse("place", format!("{} is no expression", c.kind.name())));
        };
        let filled = self.fill(code, work, c)?.expression().map_err(|m| refuse("code", m))?;
        self.put_printed(&filled, node, work, c)
    }

    /// The same of code that is printed.
    pub(crate) fn put_printed(
        &mut self,
        filled: &Filled,
        node: NodeId,
        work: &mut Work<'_>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let tree = &self.files[c.file].tree;
        let whole = tree.span(node);
        let statement = match c.kind {
            Kind::Call => self.inside[c.file].calls[c.index].statement,
            _ => None,
        };
        let statements = &self.inside[c.file].statements;
        let alone = statement
            .is_some_and(|s| matches!(tree.node(statements[s].node), Node::ExprStmt(e) if e.x == node));
        let starts = c.kind == Kind::Call && self.inside[c.file].calls[c.index].starts.is_some();
        // `{{ . }}` alone changes nothing.
        let itself = |p: &[Piece<'_>]| match p {
            [Piece::Text(""), Piece::Hole(i), Piece::Text("")] => {
                filled.holes.get(*i).is_some_and(|h| h.node() == Some(node))
            }
            _ => false,
        };
        let list = pieces(filled.text());
        if itself(&list) {
            return Ok(());
        }
        if (alone || starts) && !filled.is_call() {
            let message = "the call is a statement, and the template prints no call that could be one";
            return Err(refuse("place", message));
        }
        let brace = !alone && !starts && !filled.is_primary();
        // Which holes keep their code: those in the order of the file, from the left.
        let mut parts: Vec<(String, Option<NodeId>)> = Vec::new();
        let mut text = String::new();
        let mut end = whole.start;
        for piece in &list {
            match piece {
                Piece::Text(t) => text.push_str(t),
                Piece::Hole(i) => {
                    let hole = filled.holes.get(*i);
                    let Some((hole, node)) = hole.and_then(|h| Some((h, h.node()?))) else {
                        return Err(refuse("code", "a name in the code is that of a hole"));
                    };
                    let span = tree.span(node);
                    if hole.copy || !whole.covers(span) || span.start < end {
                        text.push_str(&self.copy(node, work, c)?);
                    } else {
                        parts.push((std::mem::take(&mut text), Some(node)));
                        end = span.end;
                    }
                }
            }
        }
        parts.push((text, None));
        match self.gaps(c.file, whole, &parts) {
            Some(gaps) => {
                self.put_gaps(c.file, whole, gaps, brace, work);
                Ok(())
            }
            None => {
                let text = self.flat(filled, work, c)?;
                if self.state.laying {
                    self.state.edits[c.file].leave_out(whole);
                }
                self.put(c.file, whole, &text, brace, work);
                Ok(())
            }
        }
    }

    /// The edits between the parts of an expression that stay; none if the lines cannot be kept that way.
    fn gaps(
        &self,
        file: usize,
        whole: Span,
        parts: &[(String, Option<NodeId>)],
    ) -> Option<Vec<(Span, String)>> {
        let tree = &self.files[file].tree;
        let mut out = Vec::new();
        let mut start = whole.start;
        let mut close = "";
        for (i, (text, node)) in parts.iter().enumerate() {
            let span = node.map(|n| tree.span(n));
            let gap = Span::new(start, span.map_or(whole.end, |s| s.start));
            let mut text = text.clone();
            if !close.is_empty() {
                text.insert_str(0, close);
            }
            close = "";
            if let Some(n) = *node {
                let next = parts.get(i + 1).map_or("", |(t, _)| t.as_str()).trim_start();
                let delimited = (text.trim_end().is_empty()
                    || text.trim_end().ends_with(['(', '[', '{', ',', '=', ':']))
                    && (next.is_empty() || next.starts_with([')', ']', '}', ',', ';']));
                if needs_parentheses(tree.kind(n)) && !delimited {
                    text.push('(');
                    close = ")";
                }
            }
            let old = tree.text(gap);
            if words(old) != words(&text) && words(old) != trailing_comma(&text) {
                let breaks = old.matches('\n').count();
                out.push((gap, if breaks == 0 { text } else { with_breaks(&text, breaks)? }));
            }
            start = span.map_or(whole.end, |s| s.end);
        }
        Some(out)
    }

    fn put_gaps(
        &mut self,
        file: usize,
        whole: Span,
        gaps: Vec<(Span, String)>,
        brace: bool,
        work: &Work<'_>,
    ) {
        let laying = self.state.laying;
        let edits = &mut self.state.edits[file];
        if brace {
            edits.open(whole, Level::Return, work.rank, "(", work.owner);
        }
        for (gap, text) in gaps {
            if gap.start < gap.end {
                if laying {
                    edits.leave_out(gap);
                }
                edits.replace(gap, text, work.owner);
                self.state.removed[file].push((gap, edits.tag));
            } else if gap.start == whole.start {
                edits.open(whole, Level::Return, work.rank, text, work.owner);
            } else if gap.end == whole.end {
                edits.close(whole, Level::Return, work.rank, text, work.owner);
            } else {
                edits.open(Span::new(gap.start, whole.end), Level::Return, work.rank, text, work.owner);
            }
        }
        if brace {
            edits.close(whole, Level::Return, work.rank, ")", work.owner);
        }
    }

    /// The declarations of an advice for a candidate, and those of its imports that they name; none if there are none.
    fn declared_text(
        &self,
        d: &LoweredDeclare,
        rule: &LoweredRule,
        c: Candidate,
    ) -> Result<Option<Declarations>, Refusal> {
        if d.language != Language::GoTemplate {
            return Ok(Some((d.text.clone(), d.imports.clone())));
        }
        let code = Code { text: d.text.clone(), language: d.language, ..Code::default() };
        let printed = self.print(&code, &rule.join, c, false, None).map_err(|m| refuse("template", m))?;
        if !printed.holes.is_empty() || !printed.named.is_empty() {
            return Err(refuse(
                "template",
                "declarations stand outside of the function, and cannot have its code",
            ));
        }
        if printed.text.trim().is_empty() {
            return Ok(None);
        }
        let (tokens, _) = weave_syntax::lex(printed.text.as_bytes());
        let list = tokens.significant();
        let named = |name: &str| {
            list.windows(2).any(|w| {
                w[1].kind == TokenKind::Dot && printed.text[w[0].start as usize..w[0].end as usize] == *name
            })
        };
        let imports = d.imports.iter().filter(|(name, _)| named(name)).map(|(n, p)| (n.clone(), p.clone()));
        let mut imports: BTreeMap<String, String> = imports.collect();
        if !d.links.is_empty() {
            imports.entry("unsafe".into()).or_insert_with(|| "unsafe".into());
        }
        Ok(Some((printed.text.clone(), imports)))
    }

    /// Put code around an expression; `whole` says whether the result needs parentheses.
    fn surround(
        &mut self,
        file: usize,
        span: Span,
        (before, after): (&str, &str),
        whole: bool,
        work: &Work<'_>,
    ) {
        // What is there keeps together whatever stands beside it.
        let bare = after.is_empty() && before.is_empty()
            || (before.is_empty() || before.ends_with(['(', '[', '{', ',', ' ']))
                && (after.starts_with([')', ']', '}', ',']) || after.is_empty())
                && !before.trim_end().ends_with(|c: char| "+-*/%&|^<>=!".contains(c));
        let inner = !bare && !is_primary(self.files[file].tree.text(span));
        let paren = |on: bool, p: &'static str| if on { p } else { "" };
        let open = format!("{}{before}{}", paren(whole, "("), paren(inner, "("));
        let close = format!("{}{after}{}", paren(inner, ")"), paren(whole, ")"));
        let edits = &mut self.state.edits[file];
        edits.open(span, Level::Expression, work.rank, open, work.owner);
        edits.close(span, Level::Expression, work.rank, close, work.owner);
    }

    /// Whether an expression is a statement, whose value nobody uses: then only a call can come out.
    fn unused(&self, node: NodeId, filled: &Filled, c: Candidate) -> Result<bool, Refusal> {
        let inside = &self.inside[c.file];
        let statement = match c.kind {
            Kind::Call => inside.calls[c.index].statement,
            _ => None,
        };
        let tree = &self.files[c.file].tree;
        let alone = statement.is_some_and(
            |s| matches!(tree.node(inside.statements[s].node), Node::ExprStmt(e) if e.x == node),
        );
        if alone && !filled.is_call() {
            let message = "the call is a statement, and the code around it is no call that could be one";
            return Err(refuse("place", message));
        }
        Ok(alone)
    }

    fn replace(&mut self, code: &Code, work: &mut Work<'_>, c: Candidate) -> Result<(), Refusal> {
        let (node, span) = self.expression(c)?;
        let filled = self.fill(code, work, c)?.expression().map_err(|m| refuse("code", m))?;
        let alone = self.unused(node, &filled, c)?;
        let text = filled.plain().map_err(|m| refuse("code", m))?.to_owned();
        self.put(c.file, span, &text, !alone && !filled.is_primary(), work);
        Ok(())
    }

    /// Put an expression in the place of another: around its tokens if it has them all, else instead.
    fn put(&mut self, file: usize, span: Span, text: &str, brace: bool, work: &Work<'_>) {
        let old = self.files[file].tree.text(span);
        let breaks = old.matches('\n').count();
        let edits = &mut self.state.edits[file];
        if breaks == 0
            && let Some(list) = insertions(old, text)
        {
            let (open, close) = if brace { ("(", ")") } else { ("", "") };
            edits.open(span, Level::Expression, work.rank, open, work.owner);
            for (at, text) in list {
                if at == 0 {
                    edits.open(span, Level::Expression, work.rank, text, work.owner);
                } else if at as usize == old.len() {
                    edits.close(span, Level::Expression, work.rank, text, work.owner);
                } else {
                    edits.insert(span.start + at, work.rank, text, work.owner);
                }
            }
            edits.close(span, Level::Expression, work.rank, close, work.owner);
            return;
        }
        let text =
            if breaks > 0 || brace { format!("({}{text})", "\n".repeat(breaks)) } else { text.to_owned() };
        edits.replace(span, text, work.owner);
        self.state.removed[file].push((span, self.state.edits[file].tag));
    }

    fn append_arguments(
        &mut self,
        arguments: &LoweredArguments,
        work: &mut Work<'_>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        if c.kind != Kind::Call {
            return Err(refuse("place", format!("{} has no arguments", c.kind.name())));
        }
        let node = self.inside[c.file].calls[c.index].node;
        let mut values = Vec::new();
        for code in &arguments.values {
            let filled = self.fill(code, work, c)?.expression().map_err(|m| refuse("code", m))?;
            values.push(self.flat(&filled, work, c)?);
        }
        let values = values.join(", ");
        let Node::Call(call) = self.files[c.file].tree.node(node) else { return Ok(()) };
        let last = call.args.last().map(|&a| self.files[c.file].tree.span(a));
        let lparen = call.lparen;
        match (last, call.ellipsis) {
            (None, _) => {
                // Nothing but comments is between the parentheses.
                let inside = Span::new(lparen + 1, call.rparen);
                let text = format!("{values}, ");
                self.state.edits[c.file].open(inside, Level::Expression, work.rank, text, work.owner);
            }
            (Some(last), None) => {
                // What follows may belong to the last argument, such as an edit inside it.
                let outside = Span::new(lparen + 1, last.end);
                let text = format!(", {values}");
                self.append(c.file, outside, text, work);
            }
            (Some(last), Some(_)) => {
                let Some(ty) = &arguments.variadic else {
                    return Err(Box::new(
                        Diagnostic::new("spread", None, "the call passes a list with `...`")
                            .help("write `variadic: import/path.Type`, the element type, so that a longer list can be made"),
                    ));
                };
                let ty = GoType::parse(ty).map_err(|e| refuse("bad-type", e.to_string()))?;
                let ty = self.render(c.file, &ty, work)?;
                let edits = &mut self.state.edits[c.file];
                // A new list: the callee's caller keeps its own. What the earlier rule adds comes first in the list, so it
                // stands inside.
                let rank = Rank::MAX - work.rank;
                let before = format!("append(append([]{ty}(nil), ");
                edits.open(last, Level::Expression, rank, before, work.owner);
                let after = format!("...), {values})");
                edits.close(last, Level::Expression, rank, after, work.owner);
            }
        }
        Ok(())
    }

    /// Insert after the last of several siblings, whose span this is: outside of edits around that one, and the earlier
    /// advice first.
    fn append(&mut self, file: usize, siblings: Span, text: String, work: &Work<'_>) {
        self.state.edits[file].close(siblings, Level::Statement, Rank::MAX - work.rank, text, work.owner);
    }

    /// A type as code in a file.
    pub(crate) fn render(&self, file: usize, ty: &GoType, work: &mut Work<'_>) -> Result<String, Refusal> {
        let names = Names::new(&self.files[file]);
        let mut paths = Vec::new();
        ty.each_name(&mut |package, _| paths.push(package.to_owned()));
        let mut local = BTreeMap::new();
        for path in paths {
            if path != self.input.package {
                self.may_import(&path, &work.rule.dependencies)?;
                let name = self.local_name(file, &path, &names, &mut work.imports);
                local.insert(path, name);
            }
        }
        Ok(ty.to_go(&|path| local.get(path).cloned().unwrap_or_default()))
    }

    fn call_instead(&mut self, symbol: &str, work: &mut Work<'_>, c: Candidate) -> Result<(), Refusal> {
        if c.kind != Kind::Call {
            return Err(refuse("place", format!("{} has no callee", c.kind.name())));
        }
        let symbol = SymbolPattern::try_from(symbol.to_owned()).map_err(|m| refuse("code", m))?;
        if let Some(method) = self.method(c).filter(|m| !m.expression) {
            return self.call_with_receiver(&symbol, method, work, c);
        }
        let tree = &self.files[c.file].tree;
        let Node::Call(call) = tree.node(self.inside[c.file].calls[c.index].node) else { return Ok(()) };
        let mut callee = call.fun;
        // Type arguments stay.
        while let Node::Index(i) = tree.node(callee) {
            callee = i.x;
        }
        let span = tree.span(callee);
        let text = self.name_of(&symbol, work, c)?;
        let breaks = tree.text(span).matches('\n').count();
        let text = if breaks > 0 { format!("({}{text})", "\n".repeat(breaks)) } else { text };
        self.state.edits[c.file].replace(span, text, work.owner);
        self.state.removed[c.file].push((span, self.state.edits[c.file].tag));
        Ok(())
    }

    /// A function as code in the file of a candidate.
    pub(crate) fn name_of(
        &self,
        symbol: &SymbolPattern,
        work: &mut Work<'_>,
        c: Candidate,
    ) -> Result<String, Refusal> {
        if symbol.package == self.input.package || symbol.package.is_empty() {
            return Ok(symbol.name.as_str().to_owned());
        }
        self.may_import(&symbol.package, &work.rule.dependencies)?;
        let names = Names::new(&self.files[c.file]);
        let local = self.local_name(c.file, &symbol.package, &names, &mut work.imports);
        Ok(format!("{local}.{}", symbol.name.as_str()))
    }

    /// `x.M(a)` becomes `f(x, a)`, with what the language does to `x` by itself: `f(&x.embedded, a)`.
    fn call_with_receiver(
        &mut self,
        symbol: &SymbolPattern,
        method: &MethodFact,
        work: &mut Work<'_>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        let tree = &self.files[c.file].tree;
        let Node::Call(call) = tree.node(self.inside[c.file].calls[c.index].node) else { return Ok(()) };
        let Node::Selector(selector) = tree.node(call.fun) else {
            let message =
                "the method has parentheses or type arguments, and no other function can take its place";
            return Err(refuse("place", message));
        };
        let hidden = |field: &&String| !field.starts_with(char::is_uppercase);
        let ours = method.receiver.trim_start_matches('*').rsplit_once('.').map(|(package, _)| package)
            == Some(self.input.package);
        if let Some(field) = method.path.iter().find(hidden).filter(|_| !ours) {
            let message = format!("the method comes from the field `{field}`, which cannot be named here");
            return Err(refuse("place", message));
        }
        let receiver = tree.span(selector.x);
        let name = Span::new(receiver.end, call.lparen + 1);
        let breaks = tree.text(name).matches('\n').count();
        let path: String = method.path.iter().map(|field| format!(".{field}")).collect();
        let comma = if call.args.is_empty() && breaks == 0 { "" } else { ", " };
        let before = format!("{}({}", self.name_of(symbol, work, c)?, method.adjust);
        let edits = &mut self.state.edits[c.file];
        edits.open(receiver, Level::Expression, work.rank, before, work.owner);
        edits.replace(name, format!("{path}{comma}{}", "\n".repeat(breaks)), work.owner);
        Ok(())
    }

    fn set_fields(
        &mut self,
        fields: &[LoweredSetField],
        work: &mut Work<'_>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        if c.kind != Kind::Literal {
            return Err(refuse("place", format!("{} has no fields", c.kind.name())));
        }
        let tree = &self.files[c.file].tree;
        let site = &self.inside[c.file].literals[c.index];
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
                    let message = "the literal gives its fields by position, and none can be added";
                    return Err(refuse("positional", message));
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
                        let filled = self.fill(code, work, c)?.expression().map_err(|m| refuse("code", m))?;
                        around.push((*value, filled));
                    } else if let Some(code) = f.value.as_ref().filter(|_| f.overrides) {
                        let filled = self.fill(code, work, c)?.expression().map_err(|m| refuse("code", m))?;
                        over.push((*value, filled.plain().map_err(|m| refuse("code", m))?.to_owned()));
                    }
                }
                None => {
                    if let Some(code) = &f.value {
                        let filled = self.fill(code, work, c)?.expression().map_err(|m| refuse("code", m))?;
                        let value = filled.plain().map_err(|m| refuse("code", m))?;
                        added.push(format!("{}: {value}", f.name));
                    }
                }
            }
        }
        let at = tree.span(node).start;
        for f in fields.iter().filter(|f| f.value.is_some() && !given.contains_key(f.name.as_str())) {
            self.claim(c.file, at, &f.name, work.owner)?;
        }
        for (span, filled) in around {
            let parts = filled.around().map_err(|m| refuse("code", m))?;
            self.surround(c.file, span, parts, false, work);
        }
        for (span, text) in over {
            self.put(c.file, span, &text, false, work);
        }
        let edits = &mut self.state.edits[c.file];
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

    fn add_fields(
        &mut self,
        fields: &[LoweredAddField],
        work: &mut Work<'_>,
        c: Candidate,
    ) -> Result<(), Refusal> {
        if c.kind != Kind::Struct {
            return Err(refuse("place", format!("{} has no fields", c.kind.name())));
        }
        let site = &structs(&self.files[c.file])[c.index];
        let tree = &self.files[c.file].tree;
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
            return Err(refuse("field-taken", format!("{name} has a field `{}` already", f.name)));
        }
        let last = list.fields.last().map(|&f| tree.span(f));
        let braces = tree.span(site.fields);
        let mut texts = Vec::new();
        for f in fields {
            let ty = GoType::parse(&f.r#type).map_err(|e| refuse("bad-type", e.to_string()))?;
            texts.push(format!("{} {}", f.name, self.render(c.file, &ty, work)?));
        }
        for f in fields {
            self.claim(c.file, braces.start, &f.name, work.owner)?;
        }
        let text = texts.join("; ");
        match last {
            Some(last) => {
                let siblings = Span::new(braces.start, last.end);
                self.append(c.file, siblings, format!("; {text}"), work);
            }
            None => {
                let inside = Span::new(braces.start + 1, braces.end - 1);
                self.state.edits[c.file].open(
                    inside,
                    Level::Expression,
                    work.rank,
                    format!(" {text}; "),
                    work.owner,
                );
            }
        }
        self.state.doubts.push(format!(
            "type {name} gets a field: if anything exported reaches it, its layout is part of the export data"
        ));
        Ok(())
    }

    /// A literal that gives all fields by position has to give the new ones, too.
    fn no_positional_literals(&self, name: &str) -> Result<(), Refusal> {
        for (i, file) in self.files.iter().enumerate().filter(|(_, f)| f.active()) {
            let tree = &file.tree;
            for id in tree.descendants(tree.root()) {
                let Node::CompositeLit(lit) = tree.node(id) else { continue };
                let (Some(ty), Some(&first)) = (lit.ty, lit.elements.first()) else { continue };
                let ours = tree.node_text(ty).starts_with(name)
                    && self.resolution.qualified(i, ty) == Some((self.input.package.to_owned(), name));
                if ours && tree.kind(first) != NodeKind::KeyValue {
                    return Err(Box::new(
                        Diagnostic::new(
                            "positional",
                            None,
                            format!("a literal gives the fields of {name} by position"),
                        )
                        .note(Some(file.at(tree.span(id).start)), "here"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// The value of a variable or constant.
    fn value(&mut self, code: &Code, work: &mut Work<'_>, c: Candidate, wrap: bool) -> Result<(), Refusal> {
        let site = &values(&self.files[c.file])[c.index];
        let tree = &self.files[c.file].tree;
        let Node::ValueSpec(spec) = tree.node(site.spec) else { return Ok(()) };
        let name = tree.node_text(site.name);
        let (names, count) = (spec.names.len(), spec.values.len());
        let value = (names == count).then(|| tree.span(spec.values[site.position]));
        let ty = spec.ty.map(|t| tree.span(t));
        let filled = self.fill(code, work, c)?.expression().map_err(|m| refuse("code", m))?;
        // A template is run once for a specification, and gives every name of it the value.
        let text = if wrap { String::new() } else { self.flat(&filled, work, c)? };
        match (value, count) {
            (Some(span), _) if wrap => {
                let parts = filled.around().map_err(|m| refuse("code", m))?;
                self.surround(c.file, span, parts, false, work);
            }
            (Some(span), _) => {
                self.put(c.file, span, &text, false, work);
            }
            (None, 0) if wrap || site.constant => {
                return Err(refuse("no-value", format!("{name} is declared without a value")));
            }
            (None, 0) if names > 1 && code.language == Language::GoTemplate => {
                let Some(ty) = ty else { return Err(refuse("no-value", format!("{name} has no type"))) };
                if site.position == 0 {
                    let text = format!(" = {}", vec![text; names].join(", "));
                    self.state.edits[c.file].close(ty, Level::Expression, work.rank, text, work.owner);
                }
            }
            (None, 0) if names > 1 => {
                return Err(refuse("no-value", format!("{name} is declared without a value, beside others")));
            }
            (None, 0) => {
                let text = format!(" = {text}");
                let Some(ty) = ty else { return Err(refuse("no-value", format!("{name} has no type"))) };
                if self.state.edits[c.file].closes(ty, &text) {
                    return Ok(());
                }
                self.claim(c.file, ty.start, name, work.owner)?;
                self.state.edits[c.file].close(ty, Level::Expression, work.rank, text, work.owner);
            }
            (None, _) => {
                return Err(refuse(
                    "one-value",
                    format!("one expression gives {name} and others their values"),
                ));
            }
        }
        self.state.doubts.push(format!(
            "the initial value of {name} is another one: a constant's is part of the export data"
        ));
        Ok(())
    }

    /// Another path for an import; the name stays.
    fn other_import(&mut self, code: &Code, work: &Work<'_>, c: Candidate) -> Result<(), Refusal> {
        let path = code.text.trim().to_owned();
        self.may_import(&path, &work.rule.dependencies)?;
        let file = &self.files[c.file];
        let import = &file.imports[c.index];
        let node = file.tree.imports().into_iter().find(|i| i.path_span.start == import.at);
        let Some(node) = node else { return Ok(()) };
        let name = match &import.name {
            Some(_) => String::new(),
            None => format!("{} ", self.name_in_file(c.file, &import.written)),
        };
        self.state.edits[c.file].replace(node.path_span, format!("{name}{path:?}"), work.owner);
        self.depend(&path);
        Ok(())
    }

    /// The name that a file has for a path that it imports without one.
    fn name_in_file(&self, file: usize, written: &str) -> String {
        let imports = self.files[file].resolved_imports();
        imports.name_of(written).map_or_else(|| assumed_name(written), str::to_owned)
    }
}

/// Whether an expression may need parentheses beside an operator, a selector or a call.
fn needs_parentheses(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Binary | NodeKind::Unary | NodeKind::Star | NodeKind::FuncLit)
}

/// The tokens of code.
fn words(text: &str) -> Vec<&str> {
    let (tokens, _) = weave_syntax::lex(text.as_bytes());
    let kept =
        tokens.significant().iter().filter(|t| !matches!(t.kind, TokenKind::AutoSemi | TokenKind::Eof));
    kept.map(|t| text.get(t.start as usize..t.end as usize).unwrap_or_default()).collect()
}

/// The same with a comma before what closes a list, or without one.
fn trailing_comma(text: &str) -> Vec<&str> {
    let mut list = words(text);
    match list.first() {
        Some(&(")" | "}" | "]")) => list.insert(0, ","),
        Some(&",") if matches!(list.get(1), Some(&(")" | "}" | "]"))) => drop(list.remove(0)),
        _ => {}
    }
    list
}

/// Code with line ends at a place where they end no statement, as late as possible; none if there is no such place.
fn with_breaks(text: &str, breaks: usize) -> Option<String> {
    let (tokens, _) = weave_syntax::lex(text.as_bytes());
    let list: Vec<_> = tokens
        .significant()
        .iter()
        .filter(|t| !matches!(t.kind, TokenKind::AutoSemi | TokenKind::Eof))
        .collect();
    let at = list.iter().rev().find(|t| !t.kind.ends_line() && t.kind != TokenKind::Semi)?.end as usize;
    Some(format!("{}{}{}", &text[..at], "\n".repeat(breaks), &text[at..]))
}

/// Why nothing can come after a statement: control does not reach its end, and the compiler would want a `return` there.
fn ends(file: &File<'_>, statement: NodeId, label: Option<NodeId>) -> Option<String> {
    let tree = &file.tree;
    let word = match tree.node(statement) {
        Node::Return(_) => "return",
        Node::Branch(b) => match b.keyword {
            TokenKind::Break => "break",
            TokenKind::Continue => "continue",
            TokenKind::Goto => "goto",
            _ => "fallthrough",
        },
        Node::ExprStmt(e) => match tree.node(e.x) {
            Node::Call(c) if tree.node_text(c.fun) == "panic" => "panic",
            _ => return None,
        },
        Node::Block(_)
        | Node::If(_)
        | Node::For(_)
        | Node::Switch(_)
        | Node::TypeSwitch(_)
        | Node::Select(_) => {
            return terminates(file, statement, label)
                .then(|| "control does not reach the end of the statement".to_owned());
        }
        _ => return None,
    };
    Some(format!("nothing runs after `{word}`"))
}

/// Whether a compound statement is a terminating one, as the language defines it.
fn terminates(file: &File<'_>, statement: NodeId, label: Option<NodeId>) -> bool {
    let tree = &file.tree;
    // Statements that must all be terminating, with their labels.
    let mut todo = vec![(statement, label)];
    while let Some((id, label)) = todo.pop() {
        let lists: Vec<&[NodeId]> = match tree.node(id) {
            Node::Return(_) => continue,
            Node::Branch(b) if matches!(b.keyword, TokenKind::Goto | TokenKind::Fallthrough) => continue,
            Node::ExprStmt(e) if matches!(tree.node(e.x), Node::Call(c) if tree.node_text(c.fun) == "panic") =>
            {
                continue;
            }
            Node::Labeled(l) => {
                todo.push((l.stmt, Some(l.label)));
                continue;
            }
            Node::Block(b) => vec![b.stmts],
            Node::If(i) => {
                let Some(els) = i.els else { return false };
                todo.push((i.body, None));
                todo.push((els, None));
                continue;
            }
            Node::For(f) => {
                if f.cond.is_some() || breaks(file, f.body, label) {
                    return false;
                }
                continue;
            }
            Node::Switch(weave_syntax::Switch { body, .. })
            | Node::TypeSwitch(weave_syntax::TypeSwitch { body, .. })
            | Node::Select(weave_syntax::Select { body }) => {
                if breaks(file, body, label) {
                    return false;
                }
                let Node::Block(b) = tree.node(body) else { return false };
                let mut default = matches!(tree.node(id), Node::Select(_));
                let mut lists = Vec::new();
                for &clause in b.stmts {
                    match tree.node(clause) {
                        Node::CaseClause(c) => {
                            default |= c.list.is_none();
                            lists.push(c.body);
                        }
                        Node::CommClause(c) => lists.push(c.body),
                        _ => {}
                    }
                }
                if !default {
                    return false;
                }
                lists
            }
            _ => return false,
        };
        for list in lists {
            match list.last() {
                Some(&last) => todo.push((last, None)),
                None => return false,
            }
        }
    }
    true
}

/// Whether a `break` below leaves the statement with this body and label.
fn breaks(file: &File<'_>, body: NodeId, label: Option<NodeId>) -> bool {
    let tree = &file.tree;
    let mut inner = 0u32;
    let mut walk = tree.walk(body);
    while let Some(event) = walk.next() {
        let (id, enter) = match event {
            Event::Enter(id) => (id, true),
            Event::Leave(id) => (id, false),
        };
        match tree.node(id) {
            Node::FuncLit(_) => walk.skip_children(),
            Node::For(_) | Node::Range(_) | Node::Switch(_) | Node::TypeSwitch(_) | Node::Select(_) => {
                inner = if enter { inner + 1 } else { inner - 1 };
            }
            Node::Branch(b) if enter && b.keyword == TokenKind::Break => match (b.label, label) {
                (None, _) if inner == 0 => return true,
                (Some(to), Some(label)) if tree.node_text(to) == tree.node_text(label) => return true,
                _ => {}
            },
            _ => {}
        }
    }
    false
}

fn goes_to(file: &File<'_>, label: &str) -> bool {
    let tree = &file.tree;
    tree.descendants(tree.root()).any(|id| match tree.node(id) {
        Node::Branch(b) => {
            b.keyword == TokenKind::Goto && b.label.is_some_and(|l| tree.node_text(l) == label)
        }
        _ => false,
    })
}

/// A Go string literal.
fn go_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

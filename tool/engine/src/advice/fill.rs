//! Placeholders in code, and what they stand for at a candidate.

use std::collections::BTreeMap;

use weave_ir::{
    Code, GoType, Kind, Language, LoweredAdvice, LoweredHook, LoweredRule, SymbolPattern, assumed_name,
};
use weave_syntax::Node;

use crate::advice::code::{Filled, Part, fill, fill_printed};
use crate::advice::state::SoFar;
use crate::advice::{Advisor, Work};
use crate::dialect::go_template::Made;
use crate::dialect::otelc_template;
use crate::messages;
use crate::package::directives::{self, Value};
use crate::package::file::Function;
use crate::package::sites::Candidate;
use crate::package::slot::{Names, Slot};
use crate::package::typefacts::Which;
use crate::refusal::Refusal;

impl<'a> Advisor<'a, '_, '_> {
    /// Fills in the placeholders of code for a candidate.
    pub(crate) fn fill(&self, code: &Code, work: &mut Work<'_, 'a>, c: Candidate) -> Result<Filled, Refusal> {
        self.fill_made(code, work, c, None)
    }

    /// The same for an expression of which other templates have made something.
    pub(crate) fn fill_made(
        &self,
        code: &Code,
        work: &mut Work<'_, 'a>,
        c: Candidate,
        made: Option<&Made<'_>>,
    ) -> Result<Filled, Refusal> {
        let file = &self.package.files[c.file];
        let names = Names::new(file);
        let function = c.function.map(|i| &self.package.functions[i].1);
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
            Language::TextTemplate => {
                let text = otelc_template::expand(&code.text, self.template_data(c, function, &directives))
                    .map_err(|m| messages::code(m).boxed())?;
                expanded = Code { text, language: Language::Weave, ..code.clone() };
                &expanded
            }
            _ => code,
        };
        let so_far = work.so_far;
        let mut imports = work.imports.clone();
        let mut missing = None;
        let mut package = |path: &str| {
            if missing.is_none() {
                missing = self.may_import(path, &work.rule.dependencies, so_far.state).err();
            }
            self.local_name(c.file, path, &names, so_far, &mut imports)
        };
        let filled = if code.language == Language::GoTemplate {
            let body = matches!(work.advice, LoweredAdvice::Before(_));
            let known: BTreeMap<String, String> =
                so_far.imports(c.file).flatten().map(|(path, name)| (path.clone(), name.clone())).collect();
            let mut printed = self
                .package
                .print(code, &work.rule.join, c, body, made, &known)
                .map_err(|m| messages::template(m).boxed())?;
            named.append(&mut printed.named);
            fill_printed(printed, &code.imports, &mut package)
        } else {
            fill(code, &mut value, &mut package)
        };
        if let Some(refusal) = malformed {
            return Err(refusal);
        }
        let filled = filled.map_err(|m| messages::code(m).boxed())?;
        if let Some(refusal) = missing {
            return Err(refusal);
        }
        work.imports = imports;
        work.named.extend(named);
        Ok(filled)
    }

    /// Returns what otelc's templates are told of a candidate.
    fn template_data(
        &self,
        c: Candidate,
        function: Option<&Function<'a>>,
        directives: &[&str],
    ) -> otelc_template::TemplateData {
        let tree = &self.package.files[c.file].tree;
        let call = match c.node.map(|n| tree.node(n)) {
            Some(Node::Call(call)) if c.kind == Kind::Call => {
                call.args.iter().map(|&a| tree.node_text(a).to_owned()).collect()
            }
            _ => Vec::new(),
        };
        let directive = directives.iter().find_map(|name| self.package.directive(c, name));
        otelc_template::TemplateData {
            package: self.package.input.package.to_owned(),
            function: function.map(|f| {
                let ty = self.package.function_type(c.file, f);
                otelc_template::FunctionData {
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
    pub(crate) fn local_name(
        &self,
        file: usize,
        path: &str,
        names: &Names<'_, '_>,
        so_far: SoFar<'_, 'a>,
        imports: &mut BTreeMap<String, String>,
    ) -> String {
        let mut known = so_far.imports(file).filter_map(|imports| imports.get(path));
        if let Some(known) = known.next().or_else(|| imports.get(path)) {
            return known.clone();
        }
        let taken = |name: &str| {
            self.package.declared.contains(name)
                || so_far.imports(file).any(|imports| imports.values().any(|n| n == name))
                || imports.values().any(|n| n == name)
        };
        let mut name = names.fresh(&format!("weave_{}", assumed_name(path)));
        while taken(&name) {
            name = names.fresh(&format!("{name}_"));
        }
        imports.insert(path.to_owned(), name.clone());
        name
    }

    pub(crate) fn placeholder(
        &self,
        part: &Part,
        c: Candidate,
        function: Option<&Function<'a>>,
        names: &Names<'_, '_>,
        named: &mut Vec<Slot>,
    ) -> Result<String, String> {
        let in_function = || function.ok_or_else(|| messages::no_function_around().to_owned());
        let mut slot_name = |slot: Slot, f: &Function<'a>| {
            let name = slot.name(f, names, named);
            // Where a function is entered, nothing hides its parameters.
            match self.package.resolution.redeclared(c.file, f, &name, self.package.span(c).start) {
                Some(at) if c.kind != Kind::Function => {
                    Err(messages::perhaps_other_variable(&name, self.package.files[c.file].at(at)))
                }
                _ => Ok(name),
            }
        };
        let ty = |text: &str| match GoType::parse(text) {
            Ok(ty) => Ok(self.package.names.canonical(&ty)),
            Err(e) => Err(messages::no_type(text, &e)),
        };
        match part {
            Part::Text(_) | Part::This => Ok(String::new()),
            Part::Parameter(i) => {
                let f = in_function()?;
                if *i >= f.params.len() {
                    return Err(messages::no_parameter_of_number(f.display(), i));
                }
                slot_name(Slot::Param(*i), f)
            }
            Part::Result(i) => {
                let f = in_function()?;
                if *i >= f.results.len() {
                    return Err(messages::no_result_of_number(f.display(), i));
                }
                slot_name(Slot::Result(*i), f)
            }
            Part::Receiver => {
                let f = in_function()?;
                if f.receiver.is_none() {
                    return Err(messages::no_receiver(f.display()));
                }
                slot_name(Slot::Receiver, f)
            }
            Part::ParameterOf(text) => {
                let f = in_function()?;
                let wanted = ty(text)?;
                let params = self.package.function_type(c.file, f).body_params();
                match params.iter().position(|t| *t == wanted) {
                    Some(i) => slot_name(Slot::Param(i), f),
                    None => Err(messages::no_parameter_of_type(f.display(), text)),
                }
            }
            Part::ResultOf(text) => {
                let f = in_function()?;
                let wanted = ty(text)?;
                match self.package.function_type(c.file, f).results.iter().position(|t| *t == wanted) {
                    Some(i) => slot_name(Slot::Result(i), f),
                    None => Err(messages::no_result_of_type(f.display(), text)),
                }
            }
            Part::Implementing(which, interface) => {
                let f = in_function()?;
                let base = self.package.files[c.file].source.base_name();
                let found =
                    self.package.input.types.and_then(|t| t.implementing(base, f.name_at, *which, interface));
                let (what, of): (_, fn(usize) -> Slot) = match which {
                    Which::Parameter => ("parameter", Slot::Param),
                    Which::Result | Which::LastResult => ("result", Slot::Result),
                };
                match found {
                    Some(i) => slot_name(of(i), f),
                    None => Err(messages::none_implements(f.display(), what, interface)),
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
                f.receiver_text().ok_or_else(|| messages::no_receiver(f.display()))
            }
            Part::Package => Ok(self.package.input.package.to_owned()),
            Part::Fresh(base) => Ok(names.fresh(&format!("weave_{base}"))),
            Part::Directive(_) | Part::Operation | Part::Attributes => Err(messages::no_directive().into()),
        }
    }

    /// Returns what a directive comment of the rule says: all of it, or the value of one key.
    fn directive_argument(&self, c: Candidate, names: &[&str], key: Option<&str>) -> Result<String, String> {
        let Some(d) = names.iter().find_map(|name| self.package.directive(c, name)) else {
            return Err(messages::no_such_directive().into());
        };
        Ok(go_quoted(&match key {
            None => d.args.to_owned(),
            Some(key) => directives::otelc_value(d.args, key).unwrap_or_default(),
        }))
    }

    /// Returns what a directive comment for people says: the name of the operation, or the rest. A mistake in it is an error at its
    /// place, whatever the rule.
    fn said(&self, part: &Part, c: Candidate, names: &[&str]) -> Result<SaidCode, Refusal> {
        let Some(d) = names.iter().find_map(|name| self.package.directive(c, name)) else {
            return Err(messages::code(messages::no_such_directive()).boxed());
        };
        let function = c.function.map(|i| &self.package.functions[i].1);
        let known: Vec<&str> = function
            .into_iter()
            .flat_map(|f| f.receiver.iter().map(|r| &r.param).chain(&f.params))
            .filter_map(crate::package::file::Param::usable_name)
            .collect();
        let said = directives::read(d.namespace, d.name, d.args, &known).map_err(|(offset, message)| {
            let file = &self.package.files[c.file];
            let args_at = file.tree.text(d.span).rfind(d.args).unwrap_or_default();
            let at = d.span.start + u32::try_from(args_at + offset).unwrap_or_default();
            messages::malformed_directive(d.namespace, d.name, message).at(Some(file.at(at))).boxed()
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
        let file = &self.package.files[c.file];
        let names = Names::new(file);
        let function = c.function.map(|i| &self.package.functions[i].1);
        let directives = asked_directives(rule);
        let mut named = Vec::new();
        let mut passed = Vec::new();
        let mut fill = |text: &String| -> Result<String, Refusal> {
            let parts = crate::advice::code::parts(text).map_err(|m| messages::code_at(text, &m).boxed())?;
            let mut out = String::new();
            for part in &parts {
                match part {
                    Part::Text(text) => out.push_str(text),
                    Part::Parameter(_) | Part::Receiver if parts.len() == 1 => return Ok(text.clone()),
                    Part::ParameterOf(ty) if parts.len() == 1 => {
                        let params = function.map(|f| self.package.function_type(c.file, f).body_params());
                        let wanted = GoType::parse(ty)
                            .map(|ty| self.package.names.canonical(&ty))
                            .map_err(|e| messages::code(messages::no_type(ty, &e)).boxed())?;
                        let at = params.and_then(|p| p.iter().position(|t| *t == wanted));
                        return at
                            .map(|i| format!("${i}"))
                            .ok_or_else(|| messages::no_parameter_of_such_type(ty).boxed());
                    }
                    Part::Directive(key) => {
                        let said = self.directive_argument(c, &directives, key.as_deref());
                        out.push_str(&said.map_err(|m| messages::code(m).boxed())?);
                    }
                    Part::Function if function.is_some_and(|f| f.literal) => {
                        out.push_str(&function.map_or_else(String::new, Function::name_or_place));
                    }
                    Part::Operation | Part::Attributes => {
                        let said = self.said(part, c, &directives)?;
                        passed.extend(function.into_iter().flat_map(|f| Slot::all(f)).filter(|p| {
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
                            passed.extend((0..params).map(Slot::Param));
                        }
                        let value = self.placeholder(part, c, function, &names, &mut named);
                        out.push_str(&value.map_err(|m| messages::code(m).boxed())?);
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

    /// A type as code in a file.
    pub(crate) fn render(
        &self,
        file: usize,
        ty: &GoType,
        work: &mut Work<'_, 'a>,
    ) -> Result<String, Refusal> {
        let names = Names::new(&self.package.files[file]);
        let mut paths = Vec::new();
        ty.each_name(&mut |package, _| paths.push(package.to_owned()));
        let mut local = BTreeMap::new();
        for path in paths {
            if path != self.package.input.package {
                self.may_import(&path, &work.rule.dependencies, work.so_far.state)?;
                let name = self.local_name(file, &path, &names, work.so_far, &mut work.imports);
                local.insert(path, name);
            }
        }
        Ok(ty.to_go(&|path| local.get(path).cloned().unwrap_or_default()))
    }

    /// A function as code in the file of a candidate.
    pub(crate) fn name_of(
        &self,
        symbol: &SymbolPattern,
        work: &mut Work<'_, 'a>,
        c: Candidate,
    ) -> Result<String, Refusal> {
        if symbol.package == self.package.input.package || symbol.package.is_empty() {
            return Ok(symbol.name.as_str().to_owned());
        }
        self.may_import(&symbol.package, &work.rule.dependencies, work.so_far.state)?;
        let names = Names::new(&self.package.files[c.file]);
        let local = self.local_name(c.file, &symbol.package, &names, work.so_far, &mut work.imports);
        Ok(format!("{local}.{}", symbol.name.as_str()))
    }
}

/// Demands of a filled hook on its function.
pub(crate) struct Asked {
    /// Places that must have a name.
    pub named: Vec<Slot>,
    /// Places whose values the hook is given inside of an expression.
    pub passed: Vec<Slot>,
}

/// Value of a directive comment, as code.
struct SaidCode {
    text: String,
    /// Names of the parameters and receivers whose values it takes.
    values: Vec<String>,
}

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

//! The Go sources of a hooks package, and what rules name in it.

use weave_dialects::Sp;
use weave_ir::{Diagnostic, FuncType, GoType, Location, PairUses, PairedHook, did_you_mean};

use crate::messages;
use crate::package::aliases::Aliases;
use crate::package::file::{File, SourceFile, declared_names};
use crate::package::names::Identifiers;
use crate::refusal::Refusal;

/// The functions of a hooks package.
pub(crate) struct HookSources<'a> {
    pub package: &'a str,
    files: Vec<File<'a>>,
    pub declared: Identifiers<'a>,
    names: Aliases,
}

impl<'a> HookSources<'a> {
    pub(crate) fn new(package: &'a str, sources: &[SourceFile<'a>]) -> Self {
        let files: Vec<_> = sources
            .iter()
            .filter(|s| s.path.ends_with(".go") && !s.path.ends_with("_test.go"))
            .map(|&s| File::new(s, None, &|_| false))
            .collect();
        let declared = files.iter().flat_map(declared_names).collect();
        let names = Aliases::declared(package, files.iter(), &declared).own();
        Self { package, files, declared, names }
    }

    pub(crate) fn broken(&self) -> Vec<Diagnostic> {
        let first_error = |f: &File<'_>| {
            f.errors.first().map(|e| messages::hook_source(&e.message).at(Some(f.at(e.offset))).finding)
        };
        self.files.iter().filter_map(first_error).collect()
    }

    /// A file of the package by its base name.
    pub(crate) fn file(&self, name: &str) -> Option<&File<'a>> {
        self.files.iter().find(|f| f.source.base_name() == name)
    }

    /// Base names of the files.
    pub(crate) fn file_names(&self) -> Vec<&str> {
        self.files.iter().map(|f| f.source.base_name()).collect()
    }

    /// A hook that is given a context, and what it does with it.
    pub(crate) fn context_hook(
        &self,
        rules: &str,
        function: &Sp<String>,
    ) -> Result<(PairedHook, PairUses), Refusal> {
        let (mut signature, declared) = self.find_any(rules, function, false)?;
        let at = || Some(Location::new(rules, function.line, function.col));
        let name = &function.value;
        let wrong = |message: String| {
            Box::new(
                messages::hook_context(message)
                    .at(at())
                    .note(Some(declared.clone()), messages::hook_is(name, &signature))
                    .help(messages::help_context_hook_shape()),
            )
        };
        match signature.params.first() {
            Some(GoType::Named { .. } | GoType::Literal(_))
                if !(signature.variadic && signature.params.len() == 1) => {}
            Some(other) => {
                return Err(wrong(messages::no_context(name, other)));
            }
            None => return Err(wrong(messages::no_parameters_for_context(name))),
        }
        if !signature.results.is_empty() {
            return Err(wrong(messages::context_hook_returns(name)));
        }
        signature.params.remove(0);
        self.nameable(&signature, name, at().as_ref(), &declared)?;
        let mut uses = PairUses::default();
        for file in &self.files {
            for f in file.functions().iter().filter(|f| f.receiver.is_none() && f.name == name) {
                if let Some(body) = f.body {
                    let context = f.params.first().and_then(|p| p.name);
                    uses = crate::dialect::hook_context::uses(&file.tree, context, body.block);
                }
            }
        }
        let signature = signature.to_string();
        Ok((PairedHook { function: name.clone(), signature, declared: Some(declared) }, uses))
    }

    /// The signature of a hook function and where it is declared.
    pub(crate) fn find(&self, rules: &str, function: &Sp<String>) -> Result<(FuncType, Location), Refusal> {
        self.find_any(rules, function, true)
    }

    fn find_any(
        &self,
        rules: &str,
        function: &Sp<String>,
        checked: bool,
    ) -> Result<(FuncType, Location), Refusal> {
        let at = Some(Location::new(rules, function.line, function.col));
        let name = function.value.as_str();
        let mut known = Vec::new();
        for file in &self.files {
            for f in file.functions() {
                if f.receiver.is_some() {
                    continue;
                }
                if f.name != name {
                    known.push(f.name);
                    continue;
                }
                let declared = file.at(f.name_at);
                if f.generic {
                    return Err(Box::new(
                        messages::generic_hook(name).at(at).note(Some(declared), messages::declared_here()),
                    ));
                }
                let signature =
                    f.signature(file, &file.scope(self.package, &self.declared, &self.names, &[]));
                if checked {
                    self.nameable(&signature, name, at.as_ref(), &declared)?;
                }
                return Ok((signature, declared));
            }
        }
        let message = messages::hook_not_found(self.package, name);
        let mut d = message.at(at);
        if self.files.is_empty() {
            d = d.help(messages::help_hook_not_found());
        } else {
            known.retain(|k| k.starts_with(char::is_uppercase));
            known.sort_unstable();
            d = d.help(did_you_mean(name, known.iter().copied()).unwrap_or_else(|| match known.as_slice() {
                [] => messages::no_exported_function().into(),
                some => messages::exported_functions(some.join(", ")),
            }));
        }
        Err(Box::new(d))
    }

    /// Refuses types that can never be named in a woven package.
    fn nameable(
        &self,
        signature: &FuncType,
        name: &str,
        at: Option<&Location>,
        declared: &Location,
    ) -> Result<(), Refusal> {
        let mut bad = None;
        let mut look = |t: &GoType| {
            if let GoType::Named { package, name, .. } = t
                && bad.is_none()
            {
                if package == self.package {
                    bad = Some((messages::own_type(name), messages::help_own_type()));
                } else if let Some(qualifier) = package.strip_prefix('?') {
                    bad = Some((
                        messages::unknown_qualifier(qualifier, name),
                        messages::help_unknown_qualifier(),
                    ));
                }
            }
        };
        for t in signature.params.iter().chain(&signature.results) {
            t.walk(&mut look);
        }
        match bad {
            None => Ok(()),
            Some((what, help)) => Err(Box::new(
                messages::hook_type(name, &what)
                    .at(at.cloned())
                    .note(Some(declared.clone()), messages::declared_here())
                    .help(help),
            )),
        }
    }
}

//! The Go sources of a hooks package, and what rules name in it.

use weave_dialects::Sp;
use weave_ir::{Diagnostic, FuncType, GoType, Location, PairUses, PairedHook, did_you_mean};

use crate::package::aliases::Aliases;
use crate::package::file::{File, SourceFile, declared_names};
use crate::package::names::Identifiers;
use crate::refusal::{Reason, Refusal, Refused};

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
            f.errors.first().map(|e| Reason::HookSource.finding(Some(f.at(e.offset)), e.message.clone()))
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
                Refused::new(Reason::HookContext, at(), message)
                    .note(Some(declared.clone()), format!("the hook is {name} {signature}"))
                    .help(
                        "a hook is `func(ctx HookContext, receiver, parameters...)` where the function is entered, \
                         and `func(ctx HookContext, results...)` where it is left; it returns nothing",
                    ),
            )
        };
        match signature.params.first() {
            Some(GoType::Named { .. } | GoType::Literal(_))
                if !(signature.variadic && signature.params.len() == 1) => {}
            Some(other) => {
                return Err(wrong(format!("the hook `{name}` takes {other} first, and not a context")));
            }
            None => return Err(wrong(format!("the hook `{name}` takes no context"))),
        }
        if !signature.results.is_empty() {
            return Err(wrong(format!(
                "the hook `{name}` returns something, and a hook with a context does not"
            )));
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
                        Refused::new(Reason::GenericHook, at, format!("the hook function `{name}` has type parameters"))
                            .note(Some(declared), "declared here")
                            .help("a variable holds the hook, and no variable can hold a generic function; use `any`"),
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
        let message = format!("the hooks package `{}` has no function `{name}`", self.package);
        let mut d = Refused::new(Reason::HookNotFound, at, message);
        if self.files.is_empty() {
            d = d.help(
                "give its sources: --hook-file FILE.go; `goweave go` looks for them by the import path",
            );
        } else {
            known.retain(|k| k.starts_with(char::is_uppercase));
            known.sort_unstable();
            d = d.help(did_you_mean(name, known.iter().copied()).unwrap_or_else(|| match known.as_slice() {
                [] => "its sources declare no exported function".into(),
                some => format!("its exported functions are {}", some.join(", ")),
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
                    bad = Some((
                        format!("its own type `{name}`"),
                        "use types of the woven package, of packages that it imports, or predeclared ones",
                    ));
                } else if let Some(qualifier) = package.strip_prefix('?') {
                    bad = Some((
                        format!("`{qualifier}.{name}`, and no import is called `{qualifier}`"),
                        "name the import: `import name \"path\"`",
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
                Refused::new(
                    Reason::HookType,
                    at.cloned(),
                    format!("the hook function `{name}` uses {what}"),
                )
                .note(Some(declared.clone()), "declared here")
                .help(help),
            )),
        }
    }
}

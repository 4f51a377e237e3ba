//! Hooks of functions.

use weave_ir::{Diagnostic, FuncType, GoType, Kind, LoweredRule};

use crate::advice::edits::Rank;
use crate::advice::hook::{self, Fitted, HookUse};
use crate::advice::{Advisor, export_effects};
use crate::dialect::hook_context::{self, Subject};
use crate::package::sites::Candidate;
use crate::package::slot::{Names, Slot};
use crate::refusal::{Miss, no_body};

impl<'a> Advisor<'a, '_, '_> {
    /// Fit a hook to a function.
    pub(crate) fn hook(
        &mut self,
        hook: &'a weave_ir::LoweredHook,
        rule: &'a LoweredRule,
        owner: &str,
        rank: Rank,
        candidate: Candidate,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(index) = candidate.function.filter(|_| candidate.kind == Kind::Function) else {
            return Err(Box::new(Diagnostic::new(
                "hook-place",
                None,
                format!("a hook belongs to a function, and this is {}", candidate.kind.name()),
            )));
        };
        let signature = self.package.names.function(&parse_hook(hook)?);
        let (file_index, function) = &self.package.functions[index];
        let file = &self.package.files[*file_index];
        let scope = file.scope(
            self.package.input.package,
            &self.package.declared,
            &self.package.names,
            &function.type_params,
        );
        let function_type = function.signature(file, &scope);
        if function.body.is_none() {
            return Err(Box::new(
                Diagnostic::new("no-body", None, no_body(function))
                    .note(Some(file.at(function.name_at)), "declared here"),
            ));
        }
        let receiver = function.receiver_type(file, &scope);
        let (filled, asked) = self.filled_hook(hook, rule, candidate)?;
        let hook_use = HookUse { owner: owner.to_owned(), rank, hook: &filled, signature };
        let mut fitted = hook::fit(hook_use, function, &function_type, receiver.as_ref(), &Names::new(file))
            .map_err(|mut d| {
                d.notes.insert(
                    0,
                    weave_ir::Note {
                        at: Some(file.at(function.name_at)),
                        text: "the function is declared here".into(),
                    },
                );
                d
            })?;
        fitted.named.extend(asked.named);
        fitted.passed.extend(asked.passed);
        self.fitted(index, fitted, &function_type, receiver.as_ref(), owner);
        Ok(())
    }

    /// Fit hooks with a context to a function.
    pub(crate) fn context(
        &mut self,
        hooks: &'a weave_ir::LoweredContext,
        owner: &str,
        rank: Rank,
        candidate: Candidate,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(index) = candidate.function.filter(|_| candidate.kind == Kind::Function) else {
            let message = format!("hooks belong to a function, and this is {}", candidate.kind.name());
            return Err(Box::new(Diagnostic::new("hook-place", None, message)));
        };
        let (file_index, function) = &self.package.functions[index];
        let file = &self.package.files[*file_index];
        let scope = file.scope(
            self.package.input.package,
            &self.package.declared,
            &self.package.names,
            &function.type_params,
        );
        let function_type = function.signature(file, &scope);
        let here = |d: Diagnostic| d.note(Some(file.at(function.name_at)), "the function is declared here");
        if function.body.is_none() {
            return Err(Box::new(here(Diagnostic::new("no-body", None, no_body(function)))));
        }
        let receiver = function.receiver_type(file, &scope);
        let subject = Subject {
            function,
            ty: &function_type,
            receiver: receiver.as_ref(),
            package_name: self.package.name,
            std: self.package.input.std,
        };
        let extra = &mut self.state.extra;
        let mut written = |place: Slot, ty: &GoType| match hook_context::written_type(file, function, place) {
            Some(text) => Ok(text),
            None if function.generic => Err(format!(
                "a parameter of {} hides a name in the type {ty}, so that no hook can set a value of it",
                function.display()
            )),
            None => {
                let i = match place {
                    Slot::Receiver => "recv".to_owned(),
                    Slot::Param(i) | Slot::Result(i) => i.to_string(),
                };
                extra.alias(&format!("weave_param_{index}_{i}"), ty)
            }
        };
        let fitted = hook_context::fit(hooks, &subject, &Names::new(file), &self.package.names, &mut written)
            .map_err(|d| here(*d))?;
        let fitted = Fitted::of_context(owner.to_owned(), rank, fitted);
        self.fitted(index, fitted, &function_type, receiver.as_ref(), owner);
        Ok(())
    }

    /// Keep a hook that fits.
    fn fitted(
        &mut self,
        index: usize,
        fitted: Fitted<'a>,
        function_type: &FuncType,
        receiver: Option<&GoType>,
        owner: &str,
    ) {
        let (file_index, function) = &self.package.functions[index];
        let file = &self.package.files[*file_index];
        if let Some(why) = &fitted.changes_export {
            self.state.changes.push(format!("{}: {why}", function.display()));
        }
        let params = function_type.body_params();
        for place in &fitted.passed {
            let ty = match place {
                Slot::Receiver => receiver,
                Slot::Param(i) | Slot::Result(i) => params.get(*i),
            };
            if let (Some(param), Some(ty)) = (place.param(function), ty) {
                let effect = export_effects::of_argument(file, function, param, ty, self.notes);
                self.state.effects.extend(effect);
            }
        }
        self.state.bodies.insert(index);
        if !fitted.named.is_empty() {
            let (places, _) = self.state.named.entry(index).or_insert_with(|| (Vec::new(), owner.to_owned()));
            places.extend(&fitted.named);
        }
        self.state.hooks.entry(index).or_default().push(fitted);
    }

    /// Whether the package can name the types of a hook.
    pub(crate) fn nameable(&self, hook: &weave_ir::LoweredHook) -> bool {
        parse_hook(hook).is_ok_and(|signature| self.state.extra.can_name(&signature))
    }

    pub(crate) fn declare_hook(&mut self, hook: &'a weave_ir::LoweredHook) -> Result<(), Miss> {
        let signature = parse_hook(hook).map_err(Miss::Mismatch)?;
        self.state.extra.variable(&hook.variable, &signature).map_err(|message| {
            Miss::mismatch(
                Diagnostic::new("hook-type", None, message)
                    .note(hook.declared.clone(), format!("the hook is {} {signature}", hook.function))
                    .help(
                        "a hook may use types of the woven package, of packages that it imports, and \
                         predeclared ones",
                    ),
            )
        })
    }

    pub(crate) fn declare_context(&mut self, hooks: &'a weave_ir::LoweredContext) -> Result<(), Miss> {
        let refused = |message: String| {
            let mut d = Diagnostic::new("hook-type", None, message);
            for hook in hooks.before.iter().chain(&hooks.after) {
                d = d.note(
                    hook.declared.clone(),
                    format!("the hook {} takes {}", hook.function, hook.signature),
                );
            }
            Miss::mismatch(d.help(
                "behind its context a hook may take types of the woven package, of packages that it imports, and \
                 predeclared ones; `any` stands for each",
            ))
        };
        let types = hook_context::variable_types(hooks).map_err(refused)?;
        for ((variable, _), ty) in hooks.variables().into_iter().zip(types) {
            self.state.extra.variable(&variable, &ty).map_err(refused)?;
        }
        Ok(())
    }

    /// Aliases in the extra file for the result types of a function.
    pub(crate) fn aliases(&mut self, index: usize, results: &[GoType]) -> Result<Vec<String>, String> {
        results
            .iter()
            .enumerate()
            .map(|(i, t)| self.state.extra.alias(&format!("weave_result_{index}_{i}"), t))
            .collect()
    }
}

fn parse_hook(hook: &weave_ir::LoweredHook) -> Result<FuncType, Box<Diagnostic>> {
    FuncType::parse(&hook.signature).map_err(|e| {
        let message = format!("the hook's signature `{}` is broken: {e}", hook.signature);
        Box::new(Diagnostic::new("bad-lowered-rule", None, message))
    })
}

//! Hooks of functions.

use weave_ir::{FuncType, GoType, HookPair, Kind, LoweredHook};

use crate::advice::extra_file::ExtraFile;
use crate::advice::hook::{self, Fitted, HookUse};
use crate::advice::patch::{Change, Patch};
use crate::advice::{Advisor, Asker, export_effects};
use crate::dialect::hook_context::{self, Subject};
use crate::messages;
use crate::package::sites::Candidate;
use crate::package::slot::{Names, Slot};
use crate::refusal::{Miss, Refusal, Refused};

impl<'a> Advisor<'a, '_, '_> {
    /// Fits a hook to a function.
    pub(crate) fn hook(
        &self,
        hook: &'a LoweredHook,
        asker: Asker<'_, 'a>,
        candidate: Candidate,
    ) -> Result<Patch<'a>, Refusal> {
        let Asker { rule, owner, rank, .. } = asker;
        let Some(index) = candidate.function.filter(|_| candidate.kind == Kind::Function) else {
            return Err(Box::new(messages::hook_without_function(candidate.kind.name())));
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
                messages::no_body(function.display())
                    .note(Some(file.at(function.name_at)), messages::declared_here()),
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
                        text: messages::function_declared_here().into(),
                    },
                );
                d
            })?;
        fitted.named.extend(asked.named);
        fitted.passed.extend(asked.passed);
        let mut patch = Patch::default();
        self.fitted(index, fitted, &function_type, receiver.as_ref(), owner, &mut patch);
        Ok(patch)
    }

    /// Fits hooks with a context to a function.
    pub(crate) fn context(
        &self,
        hooks: &'a HookPair,
        asker: Asker<'_, 'a>,
        candidate: Candidate,
    ) -> Result<Patch<'a>, Refusal> {
        let Asker { owner, rank, so_far, .. } = asker;
        let Some(index) = candidate.function.filter(|_| candidate.kind == Kind::Function) else {
            let message = messages::hooks_without_function(candidate.kind.name());
            return Err(Box::new(message));
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
        let here = |d: Refused| d.note(Some(file.at(function.name_at)), messages::function_declared_here());
        if function.body.is_none() {
            return Err(Box::new(here(messages::no_body(function.display()))));
        }
        let receiver = function.receiver_type(file, &scope);
        let subject = Subject {
            function,
            ty: &function_type,
            receiver: receiver.as_ref(),
            package_name: self.package.name,
            std: self.package.input.std,
        };
        let extra = &so_far.state.extra;
        let mut patch = Patch::default();
        let mut written = |place: Slot, ty: &GoType| match hook_context::written_type(file, function, place) {
            Some(text) => Ok(text),
            None if function.generic => Err(messages::parameter_hides_type(function.display(), ty)),
            None => {
                let i = match place {
                    Slot::Receiver => "recv".to_owned(),
                    Slot::Param(i) | Slot::Result(i) => i.to_string(),
                };
                let name = format!("weave_param_{index}_{i}");
                patch.push(Change::Alias { name: name.clone(), ty: extra.writable(ty)? });
                Ok(name)
            }
        };
        let fitted = hook_context::fit(hooks, &subject, &Names::new(file), &self.package.names, &mut written)
            .map_err(|d| Box::new(here(*d)))?;
        let fitted = Fitted::of_context(owner.to_owned(), rank, fitted);
        self.fitted(index, fitted, &function_type, receiver.as_ref(), owner, &mut patch);
        Ok(patch)
    }

    /// Asks for a hook that fits.
    fn fitted(
        &self,
        index: usize,
        fitted: Fitted<'a>,
        function_type: &FuncType,
        receiver: Option<&GoType>,
        owner: &str,
        patch: &mut Patch<'a>,
    ) {
        let (file_index, function) = &self.package.functions[index];
        let file = &self.package.files[*file_index];
        if let Some(why) = &fitted.changes_export {
            patch.push(Change::Changes(format!("{}: {why}", function.display())));
        }
        let params = function_type.body_params();
        for place in &fitted.passed {
            let ty = match place {
                Slot::Receiver => receiver,
                Slot::Param(i) | Slot::Result(i) => params.get(*i),
            };
            if let (Some(param), Some(ty)) = (place.param(function), ty) {
                let effect = export_effects::of_argument(file, function, param, ty, self.notes);
                effect.into_iter().for_each(|effect| patch.push(Change::Effect(effect)));
            }
        }
        patch.push(Change::Body(index));
        if !fitted.named.is_empty() {
            let places = fitted.named.clone();
            patch.push(Change::Named { function: index, places, owner: owner.to_owned() });
        }
        patch.push(Change::Hook { function: index, hook: Box::new(fitted) });
    }

    /// The variable of a hook.
    pub(crate) fn declare_hook(hook: &LoweredHook, extra: &ExtraFile<'_>) -> Result<Change<'a>, Miss> {
        let signature = parse_hook(hook).map_err(Miss::Mismatch)?;
        let ty = extra.writable_function(&signature).map_err(|message| {
            Miss::mismatch(
                messages::unwritable_hook(message)
                    .note(hook.declared.clone(), messages::hook_is(&hook.function, &signature))
                    .help(messages::help_hook_types()),
            )
        })?;
        Ok(Change::Variable { name: hook.variable.clone(), ty })
    }

    /// The variables of hooks with a context.
    pub(crate) fn declare_context(hooks: &HookPair, extra: &ExtraFile<'_>) -> Result<Vec<Change<'a>>, Miss> {
        let refused = |message: String| {
            let mut d = messages::unwritable_hook(message);
            for hook in hooks.before.iter().chain(&hooks.after) {
                d = d.note(hook.declared.clone(), messages::hook_takes(&hook.function, &hook.signature));
            }
            Miss::mismatch(d.help(messages::help_context_types()))
        };
        let types = hook_context::variable_types(hooks).map_err(refused)?;
        let variables = hooks.variables().into_iter().zip(types).map(|((name, _), ty)| {
            let ty = extra.writable_function(&ty).map_err(refused)?;
            Ok(Change::Variable { name, ty })
        });
        variables.collect()
    }
}

fn parse_hook(hook: &LoweredHook) -> Result<FuncType, Refusal> {
    FuncType::parse(&hook.signature).map_err(|e| {
        let message = messages::broken_signature(&hook.signature, &e);
        Box::new(message)
    })
}

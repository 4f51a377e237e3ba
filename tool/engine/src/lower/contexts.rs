//! Hooks that are given a context, and files of the hooks package.

use std::collections::BTreeMap;

use weave_dialects::{Draft, DraftAdvice, DraftFile, DraftHooks, DraftRule, Sp};
use weave_ir::{
    Diagnostic, HookPair, JoinPoint, Language, Location, LoweredAdvice, LoweredFile, LoweredRule,
    LoweredRules, PathPattern, did_you_mean, hook_variable, sanitize,
};

use crate::lower::hook_sources::HookSources;
use crate::lower::rule::lowered_rule;
use crate::messages;
use crate::package::file::File;
use crate::refusal::Refusal;

/// A file of the hooks package that becomes part of the woven package.
pub(super) fn file(path: &str, f: &DraftFile, hooks: &HookSources<'_>) -> Result<LoweredFile, Refusal> {
    match hooks.file(&f.name.value) {
        Some(file) => Ok(LoweredFile {
            name: f.name.value.clone(),
            adapter: false,
            text: with_imports(file, &f.imports),
            replaces: f.replaces,
        }),
        None => Err(no_file(path, &f.name, hooks)),
    }
}

/// The rule by which the hooks package gets the functions that call its hooks.
pub(super) fn beside_hooks(
    draft: &Draft,
    hooks_path: &str,
    hooks: &HookSources<'_>,
    rules: &[LoweredRule],
) -> Result<Option<LoweredRules>, Vec<Diagnostic>> {
    let mut all: Vec<&HookPair> = Vec::new();
    for c in rules.iter().flat_map(|rule| &rule.advice).filter_map(|a| match a {
        LoweredAdvice::HookPair(c) => Some(c),
        _ => None,
    }) {
        if !all.iter().any(|other| other.function == c.function) {
            all.push(c);
        }
    }
    if all.is_empty() {
        return Ok(None);
    }
    let declare = crate::dialect::hook_context::adapter(
        &draft.name,
        hooks_path,
        &|name| hooks.declared.contains(name),
        &all,
    )
    .map_err(|m| vec![messages::unwritable_hook(m).finding])?;
    let (line, col) = draft.hooks.as_ref().map_or((1, 1), |h| (h.line, h.col));
    let join = JoinPoint::Package(PathPattern::new(hooks_path));
    let mut rule = DraftRule::new(Sp { value: "beside-hooks".into(), line, col }, join, Vec::new());
    rule.required = Some(true);
    let rule = lowered_rule(&draft.path, &rule, None, vec![LoweredAdvice::Declare(declare)]);
    Ok(Some(LoweredRules { rules: vec![rule], ..LoweredRules::new(&draft.name, hooks_path) }))
}

pub(super) fn context(
    path: &str,
    instrumentation: &str,
    rule: &str,
    h: &DraftHooks,
    hooks: &HookSources<'_>,
) -> Result<HookPair, Vec<Refusal>> {
    let mut findings = Vec::new();
    let mut uses = weave_ir::PairUses::default();
    let mut find = |name: &Option<Sp<String>>| {
        let name = name.as_ref()?;
        match hooks.context_hook(path, name) {
            Ok((hook, more)) => {
                uses = uses.or(more);
                Some(hook)
            }
            Err(d) => {
                findings.push(d);
                None
            }
        }
    };
    let (before, after) = (find(&h.before), find(&h.after));
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(HookPair {
        variable: hook_variable(instrumentation, rule),
        function: format!("{}_{}", sanitize(instrumentation), sanitize(rule)),
        before,
        after,
        uses,
    })
}

/// The text of a file with more imports behind its package clause.
fn with_imports(file: &File<'_>, imports: &BTreeMap<String, String>) -> String {
    let mut text = String::from_utf8_lossy(file.source.source).into_owned();
    let added: String = imports.iter().map(|(name, path)| format!("; import {name} {path:?}")).collect();
    if let Some(clause) = file.tree.package_name()
        && text.is_char_boundary(clause.end as usize)
    {
        text.insert_str(clause.end as usize, &added);
    }
    text
}

fn no_file(path: &str, name: &Sp<String>, hooks: &HookSources<'_>) -> Refusal {
    let package = hooks.package;
    let known = hooks.file_names();
    let message = messages::no_file(package, &name.value);
    let at = Location::new(path, name.line, name.col);
    let help = match did_you_mean(&name.value, known.iter().copied()) {
        Some(near) => near,
        None if known.is_empty() => messages::help_hook_file().to_owned(),
        None => messages::files_are(known.join(", ")),
    };
    Box::new(message.at(Some(at)).help(help))
}

/// Code that is none is found before anything is woven.
pub(super) fn check_code(path: &str, at: &Sp<DraftAdvice>, advice: &LoweredAdvice) -> Result<(), Refusal> {
    for (code, statements) in advice.codes() {
        let checked = match code.language {
            Language::Weave => crate::advice::code::check(code, statements),
            // What comes out of a template is known where it is woven.
            _ => crate::advice::code::check_template(code),
        };
        let refused = |m| messages::code(m).at(Some(Location::new(path, at.line, at.col)));
        checked.map_err(|m| Box::new(refused(m)))?;
    }
    Ok(())
}

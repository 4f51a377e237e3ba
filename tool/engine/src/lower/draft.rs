//! From rules of other languages to what weave actions and main packages read.

use std::collections::BTreeMap;

use weave_dialects::{Draft, DraftAdvice, DraftHooks, Sp};
use weave_ir::{
    Diagnostic, JoinPoint, Language, Location, LoweredAdvice, LoweredContext, LoweredFile, LoweredRule,
    LoweredRules, PathPattern, TypeQuestions, did_you_mean, hook_variable, sanitize,
};

use crate::lower::{HookSources, Lowered, by_package};
use crate::package::file::{File, SourceFile};

/// Resolve the hooks and added files of rules and sort the rules by package; as [`crate::lower()`] does for our own rule
/// files.
///
/// # Errors
///
/// Everything that the rules name and the hooks package does not have, or has in another form; code that is none.
pub fn lower_draft(
    path: &str,
    draft: &Draft,
    hooks_package: Option<&str>,
    hook_files: &[SourceFile<'_>],
) -> Result<Lowered, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    if let (Some(given), Some(own)) = (hooks_package, &draft.hooks)
        && given != own.value
    {
        findings.push(
            Diagnostic::new(
                "other-hooks-package",
                Some(Location::new(path, own.line, own.col)),
                format!("the rules name the hooks package `{}`, and the build gives `{given}`", own.value),
            )
            .help("make both the import path of the library that has the hook functions"),
        );
    }
    let own = draft.hooks.as_ref().map(|h| h.value.as_str());
    let hooks_path = hooks_package.or(own).unwrap_or_default();
    let hooks = HookSources::new(hooks_path, hook_files);
    findings.extend(hooks.broken());
    let mut rules = Vec::new();
    let mut contexts: Vec<LoweredContext> = Vec::new();
    for (place, rule) in draft.rules.iter().enumerate() {
        let mut advice = Vec::new();
        for a in &rule.advice {
            let lowered = match &a.value {
                DraftAdvice::Ready(ready) => {
                    check_code(path, a, ready).map(|()| ready.clone()).map_err(|d| vec![*d])
                }
                DraftAdvice::Context(h) => {
                    context(path, &draft.name, &rule.id.value, h, &hooks).map(LoweredAdvice::Context)
                }
                DraftAdvice::File(f) => match hooks.file(&f.name.value) {
                    Some(file) => Ok(LoweredAdvice::File(LoweredFile {
                        name: f.name.value.clone(),
                        adapter: false,
                        text: with_imports(file, &f.imports),
                        replaces: f.replaces,
                    })),
                    None => Err(vec![no_file(path, &f.name, hooks_path, &hooks)]),
                },
            };
            match lowered {
                Ok(a) => {
                    if let LoweredAdvice::Context(c) = &a {
                        contexts.push(c.clone());
                    }
                    advice.push(a);
                }
                Err(more) => findings.extend(more),
            }
        }
        rules.push(LoweredRule {
            id: rule.id.value.clone(),
            at: Some(Location::new(path, rule.id.line, rule.id.col)),
            keys: BTreeMap::new(),
            place: u32::try_from(place).ok(),
            required: rule.required,
            go: rule.go.clone(),
            version: rule.version.clone(),
            order: rule.order,
            not_in_tests: false,
            dependencies: rule.dependencies.clone(),
            unsafe_functions: rule.unsafe_functions,
            aspect: None,
            language_version: None,
            join: rule.join.clone(),
            advice,
        });
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut lowered = by_package(&draft.name, hooks_path, false, &rules);
    if !contexts.is_empty() {
        lowered.packages.push(beside_hooks(path, draft, hooks_path, &hooks, &contexts)?);
        lowered.packages.sort_by(|a, b| a.package.cmp(&b.package));
    }
    Ok(lowered)
}

/// The rule by which the hooks package gets the functions that call its hooks.
fn beside_hooks(
    path: &str,
    draft: &Draft,
    hooks_path: &str,
    hooks: &HookSources<'_>,
    contexts: &[LoweredContext],
) -> Result<LoweredRules, Vec<Diagnostic>> {
    let mut all: Vec<&LoweredContext> = Vec::new();
    for c in contexts {
        if !all.iter().any(|other| other.function == c.function) {
            all.push(c);
        }
    }
    let declare = crate::dialect::hook_context::adapter(
        &draft.name,
        hooks_path,
        &|name| hooks.declared.contains(name),
        &all,
    )
    .map_err(|m| vec![Diagnostic::new("hook-type", None, m)])?;
    let at = draft.hooks.as_ref().map_or((1, 1), |h| (h.line, h.col));
    Ok(LoweredRules {
        weave: 1,
        instrumentation: draft.name.clone(),
        hooks: String::new(),
        package: hooks_path.to_owned(),
        importing: None,
        types: TypeQuestions::default(),
        rules: vec![LoweredRule {
            id: "beside-hooks".into(),
            at: Some(Location::new(path, at.0, at.1)),
            keys: BTreeMap::new(),
            place: None,
            required: Some(true),
            go: None,
            version: None,
            order: 0,
            not_in_tests: false,
            dependencies: Vec::new(),
            unsafe_functions: false,
            aspect: None,
            language_version: None,
            join: JoinPoint::Package(PathPattern::new(hooks_path)),
            advice: vec![LoweredAdvice::Declare(declare)],
        }],
    })
}

fn context(
    path: &str,
    instrumentation: &str,
    rule: &str,
    h: &DraftHooks,
    hooks: &HookSources<'_>,
) -> Result<LoweredContext, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut uses = weave_ir::ContextUses::default();
    let mut find = |name: &Option<Sp<String>>| {
        let name = name.as_ref()?;
        match hooks.context_hook(path, name) {
            Ok((hook, more)) => {
                uses = uses.or(more);
                Some(hook)
            }
            Err(d) => {
                findings.push(*d);
                None
            }
        }
    };
    let (before, after) = (find(&h.before), find(&h.after));
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(LoweredContext {
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

fn no_file(path: &str, name: &Sp<String>, package: &str, hooks: &HookSources<'_>) -> Diagnostic {
    let known = hooks.file_names();
    let message = format!("the package `{package}` has no file `{}`", name.value);
    let at = Location::new(path, name.line, name.col);
    let help = match did_you_mean(&name.value, known.iter().copied()) {
        Some(near) => near,
        None if known.is_empty() => "give its sources with --hook-file".to_owned(),
        None => format!("its files are {}", known.join(", ")),
    };
    Diagnostic::new("no-file", Some(at), message).help(help)
}

/// Code that is none is found before anything is woven.
fn check_code(path: &str, at: &Sp<DraftAdvice>, advice: &LoweredAdvice) -> Result<(), Box<Diagnostic>> {
    let all: Vec<(&weave_ir::Code, bool)> = match advice {
        LoweredAdvice::Before(c) | LoweredAdvice::After(c) => vec![(c, true)],
        LoweredAdvice::Wrap(c) | LoweredAdvice::Replace(c) => vec![(c, false)],
        LoweredAdvice::AppendArguments(a) => a.values.iter().map(|c| (c, false)).collect(),
        LoweredAdvice::SetFields(fields) => {
            fields.iter().flat_map(|f| f.value.iter().chain(&f.wrap)).map(|c| (c, false)).collect()
        }
        _ => Vec::new(),
    };
    for (code, statements) in all {
        let checked = match code.language {
            Language::Weave => crate::advice::code::check(code, statements),
            // What comes out of a template is known where it is woven.
            _ => crate::advice::code::check_template(code),
        };
        checked
            .map_err(|m| Box::new(Diagnostic::new("code", Some(Location::new(path, at.line, at.col)), m)))?;
    }
    Ok(())
}

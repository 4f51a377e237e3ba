//! From the rule file that people write to what weave actions and main packages read.

use std::collections::{BTreeMap, BTreeSet};

use weave_rules::{
    Diagnostic, FuncType, GoType, Location, LoweredAdvice, LoweredDeclare, LoweredHook, LoweredRule,
    LoweredRules, MainPackage, MainRules, MainVariable, Rule, RuleFile, Sp, did_you_mean, hook_variable,
};

use crate::package::{File, SourceFile, declared_names};

/// A rule file, lowered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lowered {
    /// One entry per package that rules are for, sorted by package.
    pub packages: Vec<LoweredRules>,
    /// What main packages need.
    pub main: MainRules,
}

/// Resolve the hooks of a rule file and sort its rules by package.
///
/// `path` is the rule file's, for messages. `hooks_package` stands in for the file's own `hooks` if given.
///
/// # Errors
///
/// Every rule whose hook does not exist or has a type that no woven package can name.
pub fn lower(
    path: &str,
    file: &RuleFile,
    hooks_package: Option<&str>,
    hook_files: &[SourceFile<'_>],
) -> Result<Lowered, Vec<Diagnostic>> {
    let own = file.hooks.as_ref().map(|h| h.value.as_str());
    let mut findings = Vec::new();
    if let (Some(given), Some(own)) = (hooks_package, file.hooks.as_ref())
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
    let hooks_path = hooks_package.or(own).unwrap_or_default();
    let hooks = HookSources::new(hooks_path, hook_files);
    findings.extend(hooks.broken());

    let instrumentation = &file.name.value;
    let mut packages: BTreeMap<&str, Vec<LoweredRule>> = BTreeMap::new();
    for rule in &file.rules {
        let Rule { id, r#where, required, r#do, .. } = &rule.value;
        let w = &r#where.value;
        let Some(package) = &w.package else { continue };
        let advice = if let Some(hook) = &r#do.value.hook {
            match hooks.find(path, &hook.value.function) {
                Ok((signature, declared)) => LoweredAdvice::Hook(LoweredHook {
                    function: hook.value.function.value.clone(),
                    variable: hook_variable(instrumentation, &id.value),
                    arguments: hook.value.arguments.as_ref().map(|a| values(a)),
                    replace: values(&hook.value.replace),
                    signature: signature.to_string(),
                    declared: Some(declared),
                }),
                Err(finding) => {
                    findings.push(*finding);
                    continue;
                }
            }
        } else if let Some(declare) = &r#do.value.declare {
            LoweredAdvice::Declare(LoweredDeclare {
                text: declare.value.clone(),
                imports: r#do.value.imports.as_ref().map(|i| values(i)).unwrap_or_default(),
            })
        } else {
            continue;
        };
        let text = |s: &Option<Sp<String>>| s.as_ref().map(|s| s.value.clone());
        packages.entry(&package.value).or_default().push(LoweredRule {
            id: id.value.clone(),
            at: Location::new(path, r#where.line, r#where.col),
            required: *required,
            function: text(&w.function),
            receiver: text(&w.receiver),
            signature: text(&w.signature),
            go: text(&w.go),
            version: text(&w.version),
            advice,
        });
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let uses_hooks = |rules: &[LoweredRule]| rules.iter().any(|r| matches!(r.advice, LoweredAdvice::Hook(_)));
    let main = MainRules {
        weave: 1,
        instrumentation: instrumentation.clone(),
        hooks: if own.is_some() || packages.values().any(|r| uses_hooks(r)) {
            hooks_path.to_owned()
        } else {
            String::new()
        },
        packages: packages
            .iter()
            .map(|(package, rules)| MainPackage {
                package: (*package).to_owned(),
                variables: variables(rules),
            })
            .collect(),
    };
    let packages = packages
        .into_iter()
        .map(|(package, rules)| LoweredRules {
            weave: 1,
            instrumentation: instrumentation.clone(),
            hooks: if uses_hooks(&rules) { hooks_path.to_owned() } else { String::new() },
            package: package.to_owned(),
            rules,
        })
        .collect();
    Ok(Lowered { packages, main })
}

fn values(list: &[Sp<String>]) -> Vec<String> {
    list.iter().map(|v| v.value.clone()).collect()
}

fn variables(rules: &[LoweredRule]) -> Vec<MainVariable> {
    rules
        .iter()
        .filter_map(|r| match &r.advice {
            LoweredAdvice::Hook(h) => {
                Some(MainVariable { variable: h.variable.clone(), function: h.function.clone() })
            }
            LoweredAdvice::Declare(_) => None,
        })
        .collect()
}

/// The functions of a hooks package.
struct HookSources<'a> {
    package: &'a str,
    files: Vec<File<'a>>,
    declared: BTreeSet<String>,
}

impl<'a> HookSources<'a> {
    fn new(package: &'a str, sources: &[SourceFile<'a>]) -> Self {
        let files: Vec<_> = sources
            .iter()
            .filter(|s| s.path.ends_with(".go") && !s.path.ends_with("_test.go"))
            .map(|&s| File::new(s, None, &|_| false))
            .collect();
        let declared = files.iter().flat_map(declared_names).collect();
        Self { package, files, declared }
    }

    fn broken(&self) -> Vec<Diagnostic> {
        let first_error = |f: &File<'_>| {
            f.errors.first().map(|e| Diagnostic::new("hook-source", Some(f.at(e.offset)), e.message.clone()))
        };
        self.files.iter().filter_map(first_error).collect()
    }

    /// The signature of a hook function and where it is declared.
    fn find(&self, rules: &str, function: &Sp<String>) -> Result<(FuncType, Location), Box<Diagnostic>> {
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
                        Diagnostic::new("generic-hook", at, format!("the hook function `{name}` has type parameters"))
                            .note(Some(declared), "declared here")
                            .help("a variable holds the hook, and no variable can hold a generic function; use `any`"),
                    ));
                }
                let signature = f.signature(file, &file.scope(self.package, &self.declared, &[]));
                self.nameable(&signature, name, at.as_ref(), &declared)?;
                return Ok((signature, declared));
            }
        }
        let mut d = Diagnostic::new(
            "hook-not-found",
            at,
            format!("the hooks package `{}` has no function `{name}`", self.package),
        );
        if self.files.is_empty() {
            d = d.help("give its sources with --hook-file");
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

    /// Refuse types that can never be named in a woven package.
    fn nameable(
        &self,
        signature: &FuncType,
        name: &str,
        at: Option<&Location>,
        declared: &Location,
    ) -> Result<(), Box<Diagnostic>> {
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
                Diagnostic::new("hook-type", at.cloned(), format!("the hook function `{name}` uses {what}"))
                    .note(Some(declared.clone()), "declared here")
                    .help(help),
            )),
        }
    }
}

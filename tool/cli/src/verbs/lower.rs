//! `goweave lower`: a rule file, checked and as one file for each package.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use weave_dialects::Dialect;
use weave_dialects::orchestrion::BuiltIn;
use weave_dialects::otelc::Surroundings;
use weave_engine::Lowered;
use weave_ir::{Diagnostic, Location, LoweredRule, LoweredRules, PathPattern, TypeQuestions};

use super::rule_files::Sources;
use crate::files::{read_text, shown, write_json};
use crate::out::{self, Outcome};
use crate::{args, foreign};

/// `goweave lower`
pub(crate) fn lower(a: &args::Lower) -> Result<Outcome> {
    if let Some(loaded) =
        foreign::load(&a.rules, a.root_module.first().map(String::as_str), BuiltIn::WithOthers)?
    {
        return match loaded {
            Ok((mut lowered, notes)) => {
                out::warnings(&notes);
                if let Some(name) = &a.instrumentation_name {
                    lowered.rename(name);
                }
                let links: BTreeSet<String> =
                    lowered.main.packages.iter().flat_map(|p| p.links.iter().cloned()).collect();
                if let Some(hooks) = &a.hooks_importpath {
                    // The library that a build names is what the rules link, or imports it.
                    lowered.main.hooks.clone_from(hooks);
                    lowered.main.packages.iter_mut().for_each(|p| p.links.clear());
                } else if let Some(first) = links.first().filter(|_| a.instrumentation_name.is_some()) {
                    let at = Location::new(shown(&a.rules), 1, 1);
                    let message = format!("programs link `{first}` by name, which the build does not offer");
                    let help =
                        "give a go_library that is or imports it as the hooks of the go_instrumentation";
                    return Ok(out::findings(&[Diagnostic::new("no-link", Some(at), message).help(help)]));
                }
                write_lowered(a, lowered)
            }
            Err(findings) => Ok(out::findings(&findings)),
        };
    }
    let path = shown(&a.rules);
    let text = read_text(&a.rules)?;
    let hooks = Sources::read(&a.hook_file)?;
    let lowered = match weave_dialects::dialect(&path, &text) {
        Dialect::Foreign(language) => lower_foreign(a, language, &path, &text, &hooks),
        Dialect::Weave | Dialect::Orchestrion => lower_own(a, &path, &text, &hooks),
    };
    let lowered = match lowered {
        Ok(lowered) => lowered,
        Err(findings) => return Ok(out::findings(&findings)),
    };
    write_lowered(a, lowered)
}

/// Writes lowered rules where the build wants them, if nothing is wrong.
fn write_lowered(a: &args::Lower, lowered: Lowered) -> Result<Outcome> {
    let mut findings = Vec::new();
    let mut outs: BTreeMap<(&str, Option<&str>), &Path> =
        a.target.iter().map(|(p, out)| ((p.as_str(), None), Path::new(out))).collect();
    outs.extend(
        a.importing.iter().map(|i| ((i.pattern.as_str(), Some(i.package.as_str())), i.out.as_path())),
    );
    findings.extend(differences(&lowered, outs.keys().copied().collect()));
    findings.extend(other_types(&lowered, a.typed.iter().map(String::as_str).collect()));
    findings.extend(missing_dependencies(&lowered, &a.dependency));
    if let Some(rewriter) = lowered.rewriter.as_ref().filter(|_| !a.rewriter) {
        let message = "the rules have an external rewriter, whose program the build does not give";
        let d = Diagnostic::new("no-rewriter", Some(rewriter.at.clone()), message);
        findings.push(d.help("write in the go_instrumentation: rewriter = \"//label/of:program\","));
    }
    if !findings.is_empty() {
        return Ok(out::findings(&findings));
    }
    for mut rules in lowered.packages {
        if let Some(out) = outs.get(&(rules.package.as_str(), rules.importing.as_deref())) {
            if a.places.is_some() {
                for rule in &mut rules.rules {
                    rule.at = None;
                    rule.keys.clear();
                }
            }
            write_json(out, &rules)?;
        }
    }
    if let Some(out) = &a.main {
        write_json(out, &lowered.main)?;
    }
    if let Some(out) = &a.places {
        write_json(out, &lowered.places)?;
    }
    Ok(Outcome::Done)
}

/// Lowers a rule file of our own language.
fn lower_own(
    a: &args::Lower,
    path: &str,
    text: &str,
    hooks: &Sources,
) -> std::result::Result<Lowered, Vec<Diagnostic>> {
    let file = weave_dialects::load(path, text)?;
    let mut findings = Vec::new();
    if let Some(name) = &a.instrumentation_name
        && *name != file.name.value
    {
        let at = Location::new(path, file.name.line, file.name.col);
        let message =
            format!("the rules are called `{}`, and the build calls them `{name}`", file.name.value);
        findings.push(Diagnostic::new("other-name", Some(at), message));
    }
    // What only checks the file says nothing of the build.
    let says = file.support.as_ref().is_some_and(|s| s.value);
    if says != a.support && a.places.is_some() {
        let at = file.support.as_ref().map_or((file.name.line, file.name.col), |s| (s.line, s.col));
        let (message, help) = if says {
            ("the rules are `support`, and the build does not know it", "support = True,")
        } else {
            ("the build takes the rules for `support`, and they do not say so", "")
        };
        let d = Diagnostic::new("support", Some(Location::new(path, at.0, at.1)), message);
        findings.push(match help {
            "" => d.help("write `support: true` in the rule file"),
            line => d.help(format!("write in the go_instrumentation: {line}")),
        });
    }
    match weave_engine::lower(path, &file.draft(path), a.hooks_importpath.as_deref(), &hooks.files()) {
        Ok(lowered) if findings.is_empty() => Ok(lowered),
        Ok(_) => Err(findings),
        Err(more) => {
            findings.extend(more);
            Err(findings)
        }
    }
}

/// Lowers a rule file of otelc or of Alibaba's agent, which has no name of its own.
fn lower_foreign(
    a: &args::Lower,
    language: weave_dialects::Foreign,
    path: &str,
    text: &str,
    hooks: &Sources,
) -> std::result::Result<Lowered, Vec<Diagnostic>> {
    // `main` is what the build names and no other rule does.
    let nothing = Surroundings { roots: a.root_module.clone(), mains: vec!["main".into()] };
    let drafts = weave_dialects::drafts(language, path, text, &nothing)?;
    let rules = drafts.iter().flat_map(|d| &d.rules);
    let named: BTreeSet<String> =
        rules.filter_map(|r| r.join.packages()).flatten().map(|p| p.as_str().to_owned()).collect();
    let mut mains: Vec<String> = a.target.iter().map(|(package, _)| package.clone()).collect();
    mains.retain(|p| {
        PathPattern::new(p).exact().is_some() && !named.contains(p) && a.hooks_importpath.as_ref() != Some(p)
    });
    if mains.is_empty() {
        mains = nothing.mains;
    }
    let surroundings = Surroundings { roots: nothing.roots, mains };
    let mut drafts = weave_dialects::drafts(language, path, text, &surroundings)?;
    let [draft] = drafts.as_mut_slice() else {
        let mut d = Diagnostic::new("several-hooks", None, "the rules have hooks in several packages");
        for hooks in drafts.iter().filter_map(|d| d.hooks.as_ref()) {
            d = d.note(Some(Location::new(path, hooks.line, hooks.col)), format!("`{}`", hooks.value));
        }
        return Err(vec![d.help("make a rule file, and a go_instrumentation, for each of them")]);
    };
    if let Some(name) = &a.instrumentation_name {
        draft.name.clone_from(name);
    }
    let mut lowered = weave_engine::lower(path, draft, a.hooks_importpath.as_deref(), &hooks.files())?;
    // Before it reads the rules the build does not know whether anything has to stand beside the hooks.
    if let Some(hooks) = &a.hooks_importpath
        && a.target.iter().any(|(package, _)| package == hooks)
        && !lowered.packages.iter().any(|r| r.package == *hooks)
    {
        lowered.packages.push(LoweredRules {
            weave: 1,
            instrumentation: draft.name.clone(),
            hooks: String::new(),
            package: hooks.clone(),
            importing: None,
            types: TypeQuestions::default(),
            rules: Vec::new(),
        });
    }
    Ok(lowered)
}

/// Returns what the build says of the packages that rules are for, and the rules do not; and the other way round.
fn differences(lowered: &Lowered, told: BTreeSet<(&str, Option<&str>)>) -> Vec<Diagnostic> {
    let ruled: BTreeMap<(&str, Option<&str>), &LoweredRules> =
        lowered.packages.iter().map(|r| ((r.package.as_str(), r.importing.as_deref()), r)).collect();
    let mut findings = Vec::new();
    for ((package, importing), rules) in &ruled {
        if told.contains(&(*package, *importing)) {
            continue;
        }
        let of_rule = rules.rules.first().and_then(|r| r.at.clone());
        let at = of_rule.or_else(|| lowered.rewriter.as_ref().map(|r| r.at.clone()));
        findings.push(match importing {
            None => Diagnostic::new(
                "no-target",
                at,
                format!("the package `{package}` is none of the targets of the build"),
            ),
            Some(about) => Diagnostic::new(
                "no-target",
                at,
                format!("the rule for `{package}` is about `{about}`, which the build does not know"),
            ),
        });
    }
    for (package, importing) in told.iter().filter(|t| !ruled.contains_key(*t)) {
        let at = lowered.places.rules.values().next().map(|p| Location::new(&p.at.file, 1, 1));
        findings.push(match importing {
            None if ruled.keys().any(|(p, about)| p == package && about.is_some()) => Diagnostic::new(
                "no-rule",
                at,
                format!(
                    "every rule for the target `{package}` is about other packages, which `importing` names"
                ),
            ),
            None => Diagnostic::new("no-rule", at, format!("no rule is for the target `{package}`")),
            Some(about) => {
                Diagnostic::new("no-rule", at, format!("no rule for `{package}` is about `{about}`"))
            }
        });
    }
    // One line that makes all of them go away.
    if let Some(last) = findings.last_mut() {
        let targets: Vec<String> =
            ruled.keys().filter(|k| k.1.is_none()).map(|(package, _)| format!("{package:?}")).collect();
        let mut about: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (package, importing) in ruled.keys() {
            about.entry(package).or_default().extend(importing.map(|i| format!("{i:?}")));
        }
        let about: Vec<String> = about
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(package, list)| format!("{package:?}: [{}]", list.join(", ")))
            .collect();
        let mut help = "write in the go_instrumentation: ".to_owned();
        if !targets.is_empty() {
            help.push_str(&format!("targets = [{}],", targets.join(", ")));
        }
        if !about.is_empty() {
            help.push_str(if targets.is_empty() { "" } else { " " });
            help.push_str(&format!("importing = {{{}}},", about.join(", ")));
        }
        *last = last.clone().help(help);
    }
    findings
}

/// The packages whose rules ask for types, where the build says otherwise.
fn other_types(lowered: &Lowered, told: BTreeSet<&str>) -> Option<Diagnostic> {
    let asking = || lowered.packages.iter().filter(|set| !set.types.is_empty());
    let wanted: BTreeSet<&str> = asking().map(|set| set.package.as_str()).collect();
    let difference = wanted.symmetric_difference(&told).next()?;
    let at = || lowered.places.rules.values().next().map(|p| Location::new(&p.at.file, 1, 1));
    let first = |set: &LoweredRules| {
        let asks = |rule: &&LoweredRule| !weave_engine::questions(std::slice::from_ref(*rule)).is_empty();
        set.rules.iter().find(asks).and_then(|rule| rule.at.clone())
    };
    let (at, message) = match asking().find(|set| set.package == *difference) {
        Some(set) => {
            (first(set), format!("this asks for types of `{difference}`, which the build does not know"))
        }
        None => (at(), format!("no rule for `{difference}` asks for types")),
    };
    let list: Vec<String> = wanted.iter().map(|p| format!("{p:?}")).collect();
    let help = format!("write in the go_instrumentation: typed = [{}],", list.join(", "));
    Some(Diagnostic::new("typed", at, message).help(help))
}

/// The dependencies of rules that the build does not offer. Those of the standard library are always there.
fn missing_dependencies(lowered: &Lowered, offered: &[String]) -> Vec<Diagnostic> {
    let std = |path: &str| !path.split('/').next().unwrap_or_default().contains('.');
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for rule in lowered.packages.iter().flat_map(|set| &set.rules) {
        for path in &rule.dependencies {
            if !std(path) && !offered.contains(path) && seen.insert(path) {
                let message = format!(
                    "rule `{}` makes packages import `{path}`, which the build does not offer",
                    rule.id
                );
                let help = format!("add the library {path} to the deps of the go_instrumentation");
                findings.push(Diagnostic::new("no-dependency", rule.at.clone(), message).help(help));
            }
        }
    }
    findings
}

//! `goweave lower`: a rule file, checked and as one file for each package.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use weave_dialects::{BuiltIn, Draft, Surroundings};
use weave_engine::Lowered;
use weave_ir::{Diagnostic, Location, LoweredRule, LoweredRules, PathPattern};

use super::rule_files::Sources;
use crate::files::{read_text, shown, write_json};
use crate::out::{self, Outcome};
use crate::{args, messages, rules};

/// Directive comments of other tools that the shipped rules understand.
const DIRECTIVES: [&str; 3] = ["dd:log", "dd:span", "otelc:span"];

/// `goweave lower`
pub(crate) fn lower(a: &args::Lower) -> Result<Outcome> {
    let file = (shown(&a.rules), read_text(&a.rules)?);
    let hooks = Sources::read(&a.hook_file)?;
    let draft = match draft(a, file) {
        Ok((draft, notes)) => {
            out::warnings(&notes);
            draft
        }
        Err(findings) => return Ok(out::findings(&findings)),
    };
    match lower_draft(a, draft, &hooks) {
        Ok(lowered) => write_lowered(a, lowered),
        Err(findings) => Ok(out::findings(&findings)),
    }
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
        findings.push(messages::no_rewriter(rewriter.at.clone()));
    }
    if !findings.is_empty() {
        return Ok(out::findings(&findings));
    }
    // What only checks the file says nothing of the build.
    if a.places.is_some() {
        let foreign = lowered.packages.iter().filter(|rules| rules.foreign);
        let theirs = weave_gocmd::directives(foreign);
        for directive in DIRECTIVES.iter().filter(|d| theirs.contains(**d)) {
            out::note(&messages::directive_of_rules(directive, &lowered.main.instrumentation));
        }
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

/// Reads the rules of a build: those of one package of hooks. Beside them stands what is not a mistake and yet worth saying.
fn draft(
    a: &args::Lower,
    file: (String, String),
) -> std::result::Result<(Draft, Vec<Diagnostic>), Vec<Diagnostic>> {
    // `main` is what the build names and no other rule does.
    let main = || vec!["main".to_owned()];
    let mut surroundings =
        Surroundings { roots: a.root_module.clone(), mains: main(), built_in: BuiltIn::WithOthers };
    let file = [file];
    let mut read = rules::read(&file, &surroundings);
    let of_drafts = read.drafts.iter().flat_map(|d| &d.rules);
    let named: BTreeSet<String> =
        of_drafts.filter_map(|r| r.join.packages()).flatten().map(|p| p.as_str().to_owned()).collect();
    let mut mains: Vec<String> = a.target.iter().map(|(package, _)| package.clone()).collect();
    mains.retain(|p| {
        PathPattern::new(p).exact().is_some() && !named.contains(p) && a.hooks_importpath.as_ref() != Some(p)
    });
    if !mains.is_empty() && main().iter().any(|main| named.contains(main)) {
        surroundings.mains = mains;
        read = rules::read(&file, &surroundings);
    }
    if !read.findings.is_empty() {
        return Err(read.findings);
    }
    if let [_, _, ..] = read.drafts.as_slice() {
        let packages = read.drafts.iter().filter_map(|d| Some((d, d.hooks.as_ref()?)));
        let packages = packages.map(|(d, h)| (Location::new(&d.path, h.line, h.col), h.value.as_str()));
        return Err(vec![messages::several_hooks_packages(packages)]);
    }
    Ok((read.drafts.remove(0), read.notes))
}

/// Lowers the rules of a build, which says a few things of them, too.
fn lower_draft(
    a: &args::Lower,
    mut draft: Draft,
    hooks: &Sources,
) -> std::result::Result<Lowered, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let start = draft.named.unwrap_or((1, 1));
    let at = |draft: &Draft, (line, col): (u32, u32)| Location::new(&draft.path, line, col);
    match &a.instrumentation_name {
        Some(name) if draft.named.is_none() => draft.name.clone_from(name),
        Some(name) if *name != draft.name => {
            findings.push(messages::other_name(at(&draft, start), &draft.name, name));
        }
        _ => {}
    }
    // What only checks the file says nothing of the build, and no other tool has such rules.
    let says = draft.support.as_ref().is_some_and(|s| s.value);
    if says != a.support && a.places.is_some() && !draft.foreign {
        let place = draft.support.as_ref().map_or(start, |s| (s.line, s.col));
        findings.push(messages::support(at(&draft, place), says));
    }
    let mut lowered = match weave_engine::lower(&draft, a.hooks_importpath.as_deref(), &hooks.files()) {
        Ok(lowered) if findings.is_empty() => lowered,
        Ok(_) => return Err(findings),
        Err(more) => {
            findings.extend(more);
            return Err(findings);
        }
    };
    let link = lowered.main.packages.iter().flat_map(|p| &p.links).min();
    if a.hooks_importpath.is_some() {
        // The library that a build names is what the rules link, or imports it.
        lowered.main.packages.iter_mut().for_each(|p| p.links.clear());
    } else if let Some(link) = link.filter(|_| a.instrumentation_name.is_some()) {
        return Err(vec![messages::no_link(at(&draft, (1, 1)), link)]);
    }
    // Before it reads the rules the build does not know whether anything has to stand beside the hooks.
    if let Some(hooks) = &a.hooks_importpath
        && draft.foreign
        && a.target.iter().any(|(package, _)| package == hooks)
        && !lowered.packages.iter().any(|r| r.package == *hooks)
    {
        lowered.packages.push(LoweredRules::new(&draft.name, hooks));
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
        findings.push(messages::missing_target(at, package, *importing));
    }
    for (package, importing) in told.iter().filter(|t| !ruled.contains_key(*t)) {
        let at = lowered.places.rules.values().next().map(|p| Location::new(&p.at.file, 1, 1));
        let about_others =
            importing.is_none() && ruled.keys().any(|(p, about)| p == package && about.is_some());
        findings.push(messages::unused_target(at, package, *importing, about_others));
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
    let asks = asking().find(|set| set.package == *difference);
    let at = asks.map_or_else(at, first);
    Some(messages::other_typed(at, difference, asks.is_some(), &wanted))
}

/// The dependencies of rules that the build does not offer. Those of the standard library are always there.
fn missing_dependencies(lowered: &Lowered, offered: &[String]) -> Vec<Diagnostic> {
    let std = |path: &str| !path.split('/').next().unwrap_or_default().contains('.');
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for rule in lowered.packages.iter().flat_map(|set| &set.rules) {
        for path in &rule.dependencies {
            if !std(path) && !offered.contains(path) && seen.insert(path) {
                findings.push(messages::missing_dependency(rule, path));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::DIRECTIVES;

    #[test]
    fn directives_of_other_tools_are_those_of_the_shipped_rules() {
        let rules = include_str!("../../../../instrumentation/weave_directives/weave.yaml");
        let named = rules.split("directive: \"").skip(1).filter_map(|rest| rest.split('"').next());
        let theirs: std::collections::BTreeSet<&str> = named.filter(|d| !d.starts_with("weave:")).collect();
        assert_eq!(theirs.into_iter().collect::<Vec<_>>(), DIRECTIVES);
    }
}

//! What the verbs do: read, call the engine, write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use weave_dialects::orchestrion::BuiltIn;
use weave_dialects::otelc::Surroundings;
use weave_dialects::{Dialect, RuleFile, dialect};
use weave_engine::{
    CompilerNotes, Lowered, MainInput, MainReport, SourceFile, StdGraph, StdGraphBuilder, Target, TypeFacts,
    WeaveInput, WovenPackages,
};
use weave_gocmd::{Record, ReportedProgram, Summary};
use weave_ir::{
    AskedTypes, Diagnostic, Location, LoweredRule, LoweredRules, MainRules, PathPattern, Places,
    TypeQuestions, WovenFacts,
};

use crate::args;
use crate::files::{link_or_copy, read, read_json, read_text, shown, write, write_json};
use crate::go::TOOL;
use crate::{Outcome, files, peers, render};

/// Go files in memory.
struct Sources(Vec<(String, Vec<u8>)>);

impl Sources {
    fn read(paths: &[PathBuf]) -> Result<Self> {
        paths.iter().map(|p| Ok((shown(p), read(p)?))).collect::<Result<_>>().map(Self)
    }

    fn files(&self) -> Vec<SourceFile<'_>> {
        self.0.iter().map(|(path, source)| SourceFile { path, source }).collect()
    }

    /// Those in a folder that is called like a package, if there is one; else all.
    fn of_package(&self, package: &str) -> Vec<SourceFile<'_>> {
        let last = package.rsplit('/').next().unwrap_or_default();
        let folder = |path: &str| {
            Path::new(path).parent().and_then(Path::file_name).is_some_and(|n| n.to_string_lossy() == last)
        };
        let all = self.files();
        let those: Vec<SourceFile<'_>> = all.iter().copied().filter(|f| folder(f.path)).collect();
        if those.is_empty() { all } else { those }
    }
}

impl args::Target {
    fn target(&self) -> Result<Target> {
        let mut tags: Vec<String> = self.tags.iter().filter(|t| !t.is_empty()).cloned().collect();
        for (on, tag) in [(self.race, "race"), (self.msan, "msan")] {
            if on {
                tags.push(tag.into());
            }
        }
        Ok(Target::new(&self.go_version, &self.goos, &self.goarch, self.cgo, &tags)?)
    }
}

/// Stands for the main module where it does not matter which one that is.
const ANY_MODULE: &str = "main.module";

/// `goweave check`
pub(crate) fn check(a: &args::Check) -> Result<Outcome> {
    // Which module is the main one does not matter for whether a file is good.
    let roots = if a.root_module.is_empty() { vec![ANY_MODULE.to_owned()] } else { a.root_module.clone() };
    let findings = match lower_all(&a.files, &a.hook_file, &roots)? {
        Ok(_) => Vec::new(),
        Err(findings) => findings,
    };
    Ok(print(&findings))
}

/// `goweave explain --report FILE`
pub(crate) fn explain(a: &args::Explain) -> Result<Outcome> {
    print_out(summary(&a.report)?.text().trim_end());
    Ok(Outcome::Done)
}

/// `goweave report REPORTS`
pub(crate) fn report(a: &args::Report) -> Result<Outcome> {
    let program = ReportedProgram {
        label: a.label.clone(),
        without_hooks: a.without_hooks.clone(),
        std: texts(&a.std)?,
    };
    let summary = Summary::of_program(TOOL, &program, texts(&a.reports)?).map_err(anyhow::Error::msg)?;
    let all: Vec<String> = a.reports.iter().map(|r| format!(" --report {}", shown(r))).collect();
    write_summary(
        a,
        &summary,
        &[],
        &format!("`goweave explain{}` says what each rule asks for", all.concat()),
    )
}

/// Write a summary where it is asked for; as lines if nowhere. Then say what is required and not in it; `known` are instrumentations
/// that the build has, `next` is where to read why.
pub(crate) fn write_summary(
    a: &args::Report,
    summary: &Summary,
    known: &[&str],
    next: &str,
) -> Result<Outcome> {
    if let Some(path) = &a.json {
        write(path, summary.json().as_bytes())?;
    }
    if let Some(path) = &a.html {
        write(path, summary.html().as_bytes())?;
    }
    if a.json.is_none() && a.html.is_none() && a.stamp.is_none() {
        print_out(summary.text().trim_end());
    }
    let missing = summary.missing(&a.require, known, next);
    if let Some(path) = a.stamp.as_ref().filter(|_| missing.is_empty()) {
        write(path, b"")?;
    }
    Ok(print(&missing))
}

fn summary(paths: &[PathBuf]) -> Result<Summary> {
    Summary::new(TOOL, texts(paths)?).map_err(anyhow::Error::msg)
}

fn texts(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>> {
    paths.iter().map(|p| Ok((shown(p), read(p)?))).collect()
}

/// `goweave fmt`
pub(crate) fn fmt(a: &args::Fmt) -> Result<Outcome> {
    let mut findings = Vec::new();
    for path in &a.files {
        let text = read_text(path)?;
        match weave_dialects::format(&text) {
            Ok(new) if new == text => {}
            Ok(new) if a.check => {
                let same = text.lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
                let at = Location::new(shown(path), u32::try_from(same + 1).unwrap_or(1), 1);
                let help = format!("run `goweave fmt {}`", shown(path));
                let message = "the layout is another one from here on";
                findings.push(Diagnostic::new("layout", Some(at), message).help(help));
            }
            Ok(new) => write(path, new.as_bytes())?,
            Err((line, col, message)) => {
                findings.push(Diagnostic::new(
                    "layout",
                    Some(Location::new(shown(path), line, col)),
                    message,
                ));
            }
        }
    }
    Ok(print(&findings))
}

/// `goweave schema`
pub(crate) fn schema() -> Result<Outcome> {
    print_out(weave_dialects::SCHEMA.trim_end());
    Ok(Outcome::Done)
}

/// `goweave parse`
pub(crate) fn parse(a: &args::Parse) -> Result<Outcome> {
    let source = read(&a.file)?;
    let path = shown(&a.file);
    let tree = weave_engine::tree(SourceFile { path: &path, source: &source });
    print_out(&tree.json);
    let findings: Vec<Diagnostic> =
        tree.errors.into_iter().map(|(at, message)| Diagnostic::new("syntax", Some(at), message)).collect();
    Ok(print(&findings))
}

/// `goweave lower`
pub(crate) fn lower(a: &args::Lower) -> Result<Outcome> {
    if let Some(loaded) =
        peers::load(&a.rules, a.root_module.first().map(String::as_str), BuiltIn::WithOthers)?
    {
        return match loaded {
            Ok((mut lowered, notes)) => {
                warn(&notes);
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
                    return Ok(print(&[Diagnostic::new("no-link", Some(at), message).help(help)]));
                }
                write_lowered(a, lowered)
            }
            Err(findings) => Ok(print(&findings)),
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
        Err(findings) => return Ok(print(&findings)),
    };
    write_lowered(a, lowered)
}

/// Write lowered rules where the build wants them, if nothing is wrong.
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
        return Ok(print(&findings));
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

/// Lower a rule file of our own language.
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
    match weave_engine::lower(path, &file, a.hooks_importpath.as_deref(), &hooks.files()) {
        Ok(lowered) if findings.is_empty() => Ok(lowered),
        Ok(_) => Err(findings),
        Err(more) => {
            findings.extend(more);
            Err(findings)
        }
    }
}

/// Lower a rule file of otelc or of Alibaba's agent, which has no name of its own.
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
    let mut lowered = weave_engine::lower_draft(path, draft, a.hooks_importpath.as_deref(), &hooks.files())?;
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

/// What the build says of the packages that rules are for, and the rules do not; and the other way round.
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

/// `goweave types`
pub(crate) fn types(a: &args::Types) -> Result<Outcome> {
    // What is asked does not depend on which module is the main one.
    let roots = [ANY_MODULE.to_owned()];
    let rules = match rules(&a.rules, &a.hook_file, &a.importpath, &roots)? {
        Ok(rules) => rules,
        Err(findings) => return Ok(print(&findings)),
    };
    let mut types = TypeQuestions::default();
    rules.iter().for_each(|set| types.extend(&set.types));
    let asked = AskedTypes { weave: 1, types };
    match &a.out {
        Some(path) => write_json(path, &asked)?,
        None => print_out(&serde_json::to_string_pretty(&asked).context("cannot write JSON")?),
    }
    Ok(Outcome::Done)
}

/// `goweave weave`
pub(crate) fn weave(a: &args::Weave) -> Result<Outcome> {
    let mut target = a.target.target()?;
    if a.no_external_tests {
        target = target.without_external_tests();
    }
    let version = match (&a.package_version, &a.package_metadata) {
        (Some(version), _) => Some(version.clone()),
        (None, Some(path)) => version_of(&read_json(path)?),
        (None, None) => None,
    };
    let mut rules = match rules(&a.rules, &a.hook_file, &a.importpath, &a.root_module)? {
        Ok(rules) => rules,
        Err(findings) => return Ok(print(&findings)),
    };
    for path in &a.places {
        let places: Places = read_json(path)?;
        let sets = rules.iter_mut().filter(|set| set.instrumentation == places.instrumentation);
        for rule in sets.flat_map(|set| &mut set.rules) {
            if let Some(place) = places.rules.get(&rule.id) {
                rule.at = Some(place.at.clone());
                rule.keys.clone_from(&place.keys);
            }
        }
    }
    let sources = Sources::read(&a.files)?;
    let notes = match &a.compiler_notes {
        Some(path) => CompilerNotes::parse(&read_text(path)?),
        None => CompilerNotes::default(),
    };
    let types: Option<TypeFacts> = a.types.as_deref().map(read_json).transpose()?;
    let input = WeaveInput {
        package: &a.importpath,
        version: version.as_deref(),
        target: &target,
        std: a.std,
        files: &sources.files(),
        rules: &rules,
        types: types.as_ref(),
    };
    let mut rewrites = Vec::new();
    for (i, rewriter) in a.rewriter.iter().enumerate() {
        if a.rewriter[..i].iter().any(|r| r.name == rewriter.name) {
            bail!("two rewriters are called {}\n    help: give each its own name", rewriter.name);
        }
        std::fs::create_dir_all(&a.out).with_context(|| format!("cannot make {}", a.out.display()))?;
        let request = weave_engine::rewrite_request(&input, &rewriter.name);
        rewrites.push(crate::rewriter::ask(rewriter, &request, &a.out)?);
    }
    let mut woven = weave_engine::weave_rewritten(&input, &notes, &rewrites)?;
    if !a.places.is_empty() && woven.report.findings.is_empty() {
        woven.report.rules.iter_mut().for_each(|rule| rule.at = None);
    }
    for (name, bytes) in &woven.files {
        write(&a.out.join(name), bytes)?;
    }
    for path in &a.assembly {
        let name = path.file_name().unwrap_or_default();
        let original = format!("src/{}/{}", a.importpath, name.to_string_lossy());
        write(&a.out.join(name), &weave_engine::with_line_directive(&read(path)?, &original))?;
    }
    let report = a.report.clone().unwrap_or_else(|| a.out.join("weave_report.json"));
    write_json(&report, &woven.report)?;
    if let Some(path) = &a.facts {
        let facts = weave_engine::woven_facts(&rules, &woven.report);
        write_json(path, &WovenFacts { importmap: a.importmap.clone(), ..facts })?;
    }
    if let Some(path) = &a.unused_inputs {
        let lines: String = a.places.iter().map(|p| format!("{}\n", p.display())).collect();
        write(path, lines.as_bytes())?;
    }
    warn(&woven.report.warnings);
    Ok(print(&woven.report.findings))
}

/// The version of a Go module by its metadata, in the form of Bazel's supply chain rules: that of the `purl`,
/// `pkg:golang/PATH@VERSION?...`.
fn version_of(metadata: &serde_json::Value) -> Option<String> {
    let purl = metadata.get("purl")?.as_str()?.strip_prefix("pkg:golang/")?;
    let version = purl.split(['?', '#']).next()?.rsplit_once('@')?.1;
    (!version.is_empty()).then(|| version.replace("%2B", "+").replace("%2b", "+"))
}

/// Rule files of either kind; only those for the package are kept.
fn rules(
    paths: &[PathBuf],
    hook_files: &[PathBuf],
    package: &str,
    roots: &[String],
) -> Result<std::result::Result<Vec<LoweredRules>, Vec<Diagnostic>>> {
    Ok(lower_all(paths, hook_files, roots)?.map(|mut all| {
        all.retain(|r| PathPattern::new(&r.package).matches(package));
        all
    }))
}

/// Rule files of either kind, lowered.
fn lower_all(
    paths: &[PathBuf],
    hook_files: &[PathBuf],
    roots: &[String],
) -> Result<std::result::Result<Vec<LoweredRules>, Vec<Diagnostic>>> {
    let mut all = Vec::new();
    let mut findings = Vec::new();
    let mut aspects = Vec::new();
    let texts = paths.iter().map(|p| Ok((p, read_text(p)?))).collect::<Result<Vec<_>>>()?;
    let lowered = |path: &Path, text: &str| {
        path.extension().is_some_and(|e| e == "json")
            && !matches!(dialect(&shown(path), text), Dialect::Foreign(_))
    };
    let written: Vec<&PathBuf> =
        texts.iter().filter(|(path, text)| !lowered(path, text)).map(|(path, _)| *path).collect();
    for (path, text) in &texts {
        let dialect = dialect(&shown(path), text);
        if let Dialect::Foreign(language) = dialect {
            let surroundings = Surroundings { roots: roots.to_vec(), mains: Vec::new() };
            match weave_dialects::drafts(language, &shown(path), text, &surroundings) {
                Ok(drafts) => {
                    let hooks = Sources::read(&hook_sources(path, &written, hook_files)?)?;
                    for draft in drafts {
                        let of = draft.hooks.as_ref().map_or("", |h| h.value.as_str());
                        match weave_engine::lower_draft(&shown(path), &draft, None, &hooks.of_package(of)) {
                            Ok(lowered) => all.extend(lowered.packages),
                            Err(more) => findings.extend(more),
                        }
                    }
                }
                Err(more) => findings.extend(more),
            }
            continue;
        }
        if path.extension().is_some_and(|e| e == "json") {
            let lowered: LoweredRules = read_json(path)?;
            if lowered.weave != 1 {
                bail!("{} is of format {}, and this goweave reads 1", path.display(), lowered.weave);
            }
            all.push(lowered);
            continue;
        }
        if dialect == Dialect::Orchestrion {
            // Their advice is ordered among all of them.
            aspects.push((shown(path), text.clone()));
            continue;
        }
        let file = match load(path)? {
            Ok(file) => file,
            Err(more) => {
                findings.extend(more);
                continue;
            }
        };
        let hooks = if file.needs_sources() { hook_sources(path, &written, hook_files)? } else { Vec::new() };
        let hooks = Sources::read(&hooks)?;
        match weave_engine::lower(&shown(path), &file, None, &hooks.files()) {
            Ok(lowered) => all.extend(lowered.packages),
            Err(more) => findings.extend(more),
        }
    }
    match peers::read(&aspects, roots.first().map(String::as_str), BuiltIn::Everywhere) {
        Ok(list) => {
            for (lowered, notes) in list {
                warn(&notes);
                all.extend(lowered.packages);
            }
        }
        Err(more) => findings.extend(more),
    }
    Ok(if findings.is_empty() { Ok(all) } else { Err(findings) })
}

/// The hook sources of one of the rule files that people write: those given, if there are several rule files only those beside it
/// where there are some; if none is given, the Go files beside it.
fn hook_sources(rules: &Path, written: &[&PathBuf], given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let folder = rules.parent().unwrap_or(Path::new(""));
    if !given.is_empty() {
        let beside: Vec<PathBuf> = given.iter().filter(|p| p.parent() == Some(folder)).cloned().collect();
        // Several rule files may have their hooks in one list; those of one may be anywhere.
        let all = written.len() == 1 || beside.is_empty();
        return Ok(if all { given.to_vec() } else { beside });
    }
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(listed).with_context(|| format!("cannot list {}", listed.display()))? {
        let name = entry?.file_name();
        let path = folder.join(&name);
        if path.extension().is_some_and(|e| e == "go") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `goweave stdgraph`
pub(crate) fn stdgraph(a: &args::StdGraph) -> Result<Outcome> {
    let target = a.target.target()?;
    let mut graph = StdGraphBuilder::new(&target, &a.goroot_src);
    for path in &a.files {
        if graph.wants(path) {
            graph.add(path, &read(Path::new(path))?)?;
        }
    }
    write_json(&a.out, &graph.finish())?;
    Ok(Outcome::Done)
}

/// `goweave stdcheck`
pub(crate) fn stdcheck(a: &args::StdCheck) -> Result<Outcome> {
    let fingerprint = |path: &PathBuf| {
        weave_engine::export_fingerprint(&read(path)?)
            .with_context(|| format!("cannot read {}", path.display()))
    };
    let lines: String = a.places.iter().map(|p| format!("{}\n", p.display())).collect();
    write(&a.unused_inputs, lines.as_bytes())?;
    link_or_copy(&a.woven, &a.out)?;
    if fingerprint(&a.plain)? == fingerprint(&a.export)? {
        return Ok(Outcome::Done);
    }
    let report: serde_json::Value = read_json(&a.report)?;
    let words = |value: &serde_json::Value, key: &str| -> Vec<String> {
        value[key].as_array().into_iter().flatten().filter_map(|w| w.as_str().map(str::to_owned)).collect()
    };
    let mut places = Vec::new();
    for path in &a.places {
        places.push(read_json::<Places>(path)?);
    }
    let message = format!(
        "{} cannot be woven so: everything else is compiled against the plain package, and its export data change",
        a.importpath
    );
    let mut why = words(&report, "export_data_changes");
    why.extend(words(&report, "export_data_may_change"));
    let mut findings = Vec::new();
    for rule in report["rules"].as_array().into_iter().flatten() {
        if !matches!(rule["export_data"].as_str(), Some("changes" | "may-change")) {
            continue;
        }
        let [instrumentation, name] =
            ["instrumentation", "rule"].map(|k| rule[k].as_str().unwrap_or_default());
        let at = places
            .iter()
            .filter(|p| p.instrumentation == instrumentation)
            .find_map(|p| p.rules.get(name))
            .map(|p| p.at.clone());
        let text = format!("{message}, most likely by rule {name} of {instrumentation}");
        findings.push(Diagnostic::new("std-export-data", at, text));
    }
    if findings.is_empty() {
        findings.push(Diagnostic::new("std-export-data", None, message));
    }
    let help = format!(
        "weave a function that the compiler does not inline, such as one that calls it or that it calls: `go build -gcflags=-m {}` says `can inline` of the others",
        a.importpath
    );
    let findings: Vec<Diagnostic> = findings
        .into_iter()
        .map(|d| why.iter().fold(d, |d, text| d.note(None, text.clone())).help(help.clone()))
        .collect();
    Ok(print(&findings))
}

/// `goweave main`
pub(crate) fn main(a: &args::Main) -> Result<Outcome> {
    let target = a.target.target()?;
    let graph: StdGraph = read_json(&a.std_graph)?;
    let mut used = BTreeSet::from([a.package_path.clone()]);
    let compiled: BTreeMap<&String, &String> = a.map.iter().map(|(written, path)| (written, path)).collect();
    let mut taken = BTreeSet::new();
    let sources = Sources::read(&a.main_src)?;
    for source in sources.files() {
        if target.excludes(source.base_name(), source.source).is_some() {
            continue;
        }
        // A file that does not parse is the compiler's to complain about.
        let facts = weave_engine::facts(source);
        used.extend(facts.imports.into_iter().map(|i| compiled.get(&i).copied().cloned().unwrap_or(i)));
        taken.extend(facts.identifiers);
    }
    for path in &a.export {
        let packages = weave_engine::referenced_packages(&read(path)?)
            .with_context(|| format!("cannot read {}", path.display()))?;
        used.extend(packages);
    }
    // Every program has the runtime, whether or not anything imports it.
    let std: Vec<String> = graph
        .closure(used.iter().map(String::as_str).chain(["runtime"]))
        .into_iter()
        .map(str::to_owned)
        .collect();
    used.extend(std);
    let rules = main_rules(&a.main_rules)?;
    let support = main_rules(&a.support_rules)?;
    let mut woven = WovenPackages::default();
    for path in &a.facts {
        woven.add(read_json(path)?);
    }
    // Export data name packages as the compiler does, rules as sources do.
    let mapped: Vec<String> = woven.importpaths(&used).map(str::to_owned).collect();
    used.extend(mapped);
    let mut carried = BTreeMap::<String, BTreeSet<String>>::new();
    for (name, package) in &a.carried {
        carried.entry(name.clone()).or_default().insert(package.clone());
    }
    let (text, report) = weave_engine::main_file(&MainInput {
        carried: &carried,
        woven: Some(&woven),
        package: &a.package_path,
        // rules_go calls the generated main package of every test so.
        test: a.package_path == "testmain",
        taken: &taken,
        used: &used,
        rules: &rules,
        support: &support,
    });
    if a.target.cgo && brings_cgo(&used, &report, &rules, &support) {
        print_note(&format!(
            "note: {} has no cgo, and its hooks bring package net, which is built with cgo: the program needs the C library, and Go does not tell it of deadlocks\n    help: write pure = \"on\" in its go_binary, or build with --@rules_go//go/config:pure",
            a.package_path
        ));
    }
    let text = match report.woven {
        true => Record::new(TOOL, &report, &rules, &support, []).append(&text, &taken),
        false => text,
    };
    write(&a.out, text.as_bytes())?;
    if let Some(path) = &a.report {
        write_json(path, &report)?;
    }
    if let (Some(files), Some(unlinked)) = (&a.hook_files, &a.unlinked) {
        let files: BTreeMap<String, BTreeSet<String>> = read_json(files)?;
        write(unlinked, unlinked_files(&files, &report).as_bytes())?;
    }
    for s in &a.select {
        link_or_copy(if report.woven { &s.woven } else { &s.plain }, &s.out)?;
    }
    Ok(Outcome::Done)
}

#[expect(clippy::print_stderr, reason = "the build says beforehand what it changes")]
fn print_note(note: &str) {
    eprintln!("{note}");
}

/// Whether a program that is linked without cgo is linked with it for its hooks. The programs of tests run where they are built.
fn brings_cgo(
    used: &BTreeSet<String>,
    report: &MainReport,
    rules: &[MainRules],
    support: &[MainRules],
) -> bool {
    let network = |r: &&MainRules| r.hooks.starts_with(weave_engine::INSTRUMENTATIONS);
    let applies =
        |r: &MainRules| report.instrumentations.iter().any(|i| i.applies && i.name == r.instrumentation);
    report.package != "testmain"
        && !["net", "os/user", "runtime/cgo", "plugin"].iter().any(|p| used.contains(*p))
        && rules.iter().chain(support).filter(network).any(applies)
}

/// The files of hook libraries that no instrumentation needs which applies, one a line.
fn unlinked_files(files: &BTreeMap<String, BTreeSet<String>>, report: &MainReport) -> String {
    let applied: BTreeSet<&String> =
        report.instrumentations.iter().filter(|i| i.applies).map(|i| &i.name).collect();
    let needed = |names: &BTreeSet<String>| {
        report.woven && (names.is_empty() || names.iter().any(|n| applied.contains(n)))
    };
    files.iter().filter(|(_, names)| !needed(names)).map(|(path, _)| format!("{path}\n")).collect()
}

fn main_rules(paths: &[PathBuf]) -> Result<Vec<MainRules>> {
    let mut all = Vec::new();
    for path in paths {
        let rules: MainRules = read_json(path)?;
        if rules.weave != 1 {
            bail!("{} is of format {}, and this goweave reads 1", path.display(), rules.weave);
        }
        all.push(rules);
    }
    Ok(all)
}

fn load(path: &Path) -> Result<std::result::Result<RuleFile, Vec<Diagnostic>>> {
    Ok(weave_dialects::load(&files::shown(path), &read_text(path)?))
}

/// Say what is worth knowing and no mistake.
#[expect(clippy::print_stderr, reason = "the other place where something is said")]
pub(crate) fn warn(notes: &[Diagnostic]) {
    eprint!("{}", render::for_stderr(notes));
}

#[expect(clippy::print_stderr, reason = "the one place where findings are printed")]
fn print(findings: &[Diagnostic]) -> Outcome {
    eprint!("{}", render::for_stderr(findings));
    if findings.is_empty() { Outcome::Done } else { Outcome::Findings }
}

/// Print a result, and a line end. A reader who has seen enough is no fault.
pub(crate) fn print_out(text: &str) {
    crate::go::print_out(&format!("{text}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_module_is_read_from_its_metadata() {
        for (purl, want) in [
            ("pkg:golang/github.com/cespare/xxhash/v2@v2.3.0?checksum=h1%3AUL", Some("v2.3.0")),
            ("pkg:golang/github.com/docker/docker@v27.0.1%2Bincompatible", Some("v27.0.1+incompatible")),
            ("pkg:golang/example.com/replaced", None),
            ("pkg:npm/left-pad@1.3.0", None),
        ] {
            assert_eq!(version_of(&serde_json::json!({ "purl": purl })).as_deref(), want, "{purl}");
        }
        assert_eq!(version_of(&serde_json::json!({})), None);
    }
}

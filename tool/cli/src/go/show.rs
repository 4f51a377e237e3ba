//! `goweave env`, `goweave diff` and `goweave inspect`: what a woven build is and was.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::Path;

use anyhow::Result;
use weave_engine::{EXTRA_FILE, SourceFile, WeaveInput};
use weave_gocmd as gocmd;
use weave_gocmd::{Module, Package, Scope, Work};
use weave_report::{MainReport, Record, Reports, Sizes, Summary};

use super::build::Build;
use super::runs::REPLACED_FLAGS;
use super::sources::relative;
use crate::files::{read, read_text, shown};
use crate::messages;
use crate::out::{self, Outcome};
use crate::{args, summary};

/// `goweave env`
pub(crate) fn env(a: &args::Env) -> Result<Outcome> {
    let command = build_command(&a.arguments);
    let Some(mut build) = Build::new(&command, Scope::Both)? else { return Err(unlistable(&command)) };
    let mut words: Vec<String> = gocmd::split(&build.go.env.goflags).unwrap_or_default();
    if !build.plan.programs.is_empty() {
        let additions = build.additions(&command)?;
        if build.go.env.gowork == "off" {
            return Err(messages::without_workspace());
        }
        if !Path::new(&additions.workspace).parent().is_some_and(|dir| build.go.cwd.starts_with(dir)) {
            return Err(messages::outside_of_a_module());
        }
        words.retain(|w| {
            let name = w.trim_start_matches('-').split('=').next().unwrap_or_default();
            !REPLACED_FLAGS.contains(&name)
        });
        words.extend(command.loading_flags(REPLACED_FLAGS));
        words.extend(additions.flags);
    }
    match gocmd::join(&words) {
        Some(text) => {
            out::text(&format!("{text}\n"));
            Ok(Outcome::Done)
        }
        None => Err(messages::flag_quotes()),
    }
}

/// `goweave diff`
pub(crate) fn diff(a: &args::Diff) -> Result<Outcome> {
    let wanted: BTreeSet<&str> = a.packages.iter().map(String::as_str).collect();
    let command = build_command(&a.packages);
    let Some(build) = Build::new(&command, Scope::Both)? else { return Err(unlistable(&command)) };
    let colour = match a.color {
        args::Color::Always => true,
        args::Color::Never => false,
        args::Color::Auto => std::io::stdout().is_terminal(),
    };
    // A package that is named is shown even if no program here uses it. A pattern or a folder names what it lists.
    let listed = build.packages.iter().filter(|p| !p.dep_only && !made_for_test(p));
    let listed: Vec<&str> = listed.map(|p| p.import_path.as_str()).collect();
    let wanted: BTreeSet<&str> = match wanted.is_empty() {
        true => wanted,
        false => wanted.into_iter().chain(listed).collect(),
    };
    let named = |path: &str| wanted.contains(path) || wanted.is_empty();
    let work: Vec<Work> =
        if wanted.is_empty() { build.plan.work.clone() } else { build.work_of(&command, &wanted) };
    let mut findings = false;
    let mut out = String::new();
    for work in work.iter().filter(|w| named(&w.package)) {
        findings |= !diff_package(&build, work, colour, &mut out)?;
    }
    for program in &build.plan.programs {
        let name = relative(&Path::new(&program.dir).join(program.file), &build.go.cwd);
        out.push_str(&gocmd::difference(&name, None, &program.text, colour));
    }
    if out.is_empty() && !findings {
        out::note(&"nothing is woven here");
    }
    out::text(&out);
    Ok(if findings { Outcome::Findings } else { Outcome::Done })
}

/// Returns whether a package is made for tests: it has the rules of the package under test.
fn made_for_test(package: &Package) -> bool {
    !package.for_test.is_empty() || package.name == "main" && package.import_path.ends_with(".test")
}

/// The diff of one package; false if there are findings, which are printed.
fn diff_package(build: &Build, work: &Work, colour: bool, out: &mut String) -> Result<bool> {
    let Some(package) = build.packages.iter().find(|p| p.import_path == work.package) else {
        return Ok(true);
    };
    let mut sources = Vec::new();
    for name in package.go_files.iter().chain(&package.cgo_files) {
        let path = Path::new(&package.dir).join(name);
        sources.push((shown(&path), read(&path)?));
    }
    sources.sort();
    let files: Vec<SourceFile<'_>> =
        sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
    let target = work.target()?;
    let facts = match &work.types {
        None => None,
        Some(_) => match build.types(work, &sources)? {
            Some(facts) => facts,
            None => return Ok(false),
        },
    };
    let input = |std| WeaveInput { std, ..work.input(&target, &files, facts.as_ref()) };
    let rewrites = build.rewrites(work, &input(work.std))?;
    let report = weave_engine::weave(&input(work.std), None, &rewrites)?.report;
    out::warnings(&report.findings);
    if !report.findings.is_empty() || !report.woven {
        return Ok(report.findings.is_empty());
    }
    // The names of vendored imports, which the weaver writes out in std, are of no interest here. Hooks with a context are
    // called there in another way.
    let context = work.rules.iter().flat_map(|set| &set.rules).any(|rule| rule.hook_pair().is_some());
    let plain = input(work.std && context);
    let woven = weave_engine::weave(&plain, None, &rewrites)?;
    for (name, bytes) in &woven.files {
        let old = sources.iter().find(|(path, _)| path.ends_with(&format!("/{name}")));
        let old_text = old.map(|(_, source)| String::from_utf8_lossy(source));
        let shown_name = format!("{}/{name}", work.package);
        if old.is_none() && name != EXTRA_FILE {
            continue;
        }
        out.push_str(&gocmd::difference(
            &shown_name,
            old_text.as_deref(),
            &String::from_utf8_lossy(bytes),
            colour,
        ));
    }
    Ok(true)
}

/// `goweave explain PACKAGES`
pub(crate) fn explain(a: &args::Explain) -> Result<Outcome> {
    let command = build_command(&a.packages);
    let Some(build) = Build::new(&command, Scope::Both)? else { return Err(unlistable(&command)) };
    let named = build.packages.iter().filter(|p| !p.dep_only && !made_for_test(p));
    let named: Vec<&str> = named.map(|p| p.import_path.as_str()).collect();
    // A package of the standard library, or of another module, may be named that no pattern lists.
    let wanted: BTreeSet<&str> = a.packages.iter().map(String::as_str).chain(named).collect();
    for package in build.packages.iter().filter(|p| wanted.contains(p.import_path.as_str())) {
        findable(package)?;
    }
    let work = build.work_of(&command, &wanted);
    out::text(&summarize(&build, &work, Vec::new())?.text());
    for path in wanted.iter().filter(|p| build.packages.iter().any(|x| x.import_path == **p)) {
        if !work.iter().any(|w| w.package == *path) {
            let sets: usize = build.instrumentations.iter().map(|i| i.lowered.packages.len()).sum();
            out::line(&format!("{path}: no rule is for it; {sets} sets of rules are for other packages"));
        }
    }
    Ok(Outcome::Done)
}

/// `goweave report`
pub(crate) fn report(a: &args::Report) -> Result<Outcome> {
    let command = build_command(&[]);
    let Some(build) = Build::new(&command, Scope::Both)? else { return Err(unlistable(&command)) };
    let programs = build.plan.programs.iter().map(|p| with_versions(&build, p.report.clone())).collect();
    let all = summarize(&build, &build.plan.work, programs)?;
    let known: Vec<&str> = build.names.iter().map(String::as_str).collect();
    summary::write(a, &all, &known, "`goweave explain PACKAGE` says what each rule asks for")
}

/// A report whose libraries have the versions that the go command chose.
fn with_versions(build: &Build, mut report: MainReport) -> MainReport {
    let modules = || build.packages.iter().filter_map(|p| p.module.as_ref());
    for library in &mut report.libraries {
        let rest = |m: &str| library.module.strip_prefix(m);
        let of = |m: &&Module| rest(&m.path).is_some_and(|r| r.is_empty() || r.starts_with('/'));
        let module = modules().filter(of).max_by_key(|m| m.path.len());
        library.version = module.map(|m| m.version.clone()).filter(|v| !v.is_empty());
    }
    report
}

/// Returns what is woven into packages, as the reports of a build say it.
fn summarize(build: &Build, work: &[Work], programs: Vec<MainReport>) -> Result<Summary> {
    let mut reports = Reports::default();
    programs.into_iter().for_each(|program| reports.program(program));
    for work in work {
        let Some(sources) = sources_of(build, work)? else { continue };
        let files: Vec<SourceFile<'_>> =
            sources.iter().map(|(path, source)| SourceFile { path, source }).collect();
        let target = work.target()?;
        let facts = match &work.types {
            None => None,
            Some(_) => match build.types(work, &sources)? {
                Some(facts) => facts,
                None => continue,
            },
        };
        let input = work.input(&target, &files, facts.as_ref());
        let rewrites = build.rewrites(work, &input)?;
        let woven = weave_engine::weave(&input, None, &rewrites)?;
        reports.package(woven.report);
    }
    build.unread.iter().for_each(|file| reports.unread(&file.path, &file.help));
    build.unused.iter().for_each(|places| reports.places(places));
    build.instrumentations.iter().for_each(|i| reports.places(&i.lowered.places));
    Ok(reports.summary(args::TOOL))
}

/// Refuses a package that the go command does not find.
fn findable(package: &Package) -> Result<()> {
    match package.error.as_ref().filter(|_| package.dir.is_empty()) {
        None => Ok(()),
        Some(error) => Err(messages::package_not_found(&package.import_path, &error.err)),
    }
}

/// Paths and texts.
type Texts = Vec<(String, Vec<u8>)>;

/// The sources of a package; `None` if it is not known.
fn sources_of(build: &Build, work: &Work) -> Result<Option<Texts>> {
    let Some(package) = build.packages.iter().find(|p| p.import_path == work.package) else {
        return Ok(None);
    };
    findable(package)?;
    let mut sources = Vec::new();
    for name in package.go_files.iter().chain(&package.cgo_files) {
        let path = Path::new(&package.dir).join(name);
        sources.push((relative(&path, &build.go.cwd), read(&path)?));
    }
    sources.sort();
    Ok(Some(sources))
}

/// `goweave inspect`
pub(crate) fn inspect(a: &args::Inspect) -> Result<Outcome> {
    let binary = read(&a.binary)?;
    if a.size {
        let sizes = |program: &Path, bytes: &[u8]| {
            Sizes::of(bytes).ok_or_else(|| messages::no_functions(program.display()))
        };
        let plain = a.beside.as_ref().map(|plain| sizes(plain, &read(plain)?)).transpose()?;
        out::text(&sizes(&a.binary, &binary)?.text(plain.as_ref()));
        return Ok(Outcome::Done);
    }
    let records = Record::find(&binary);
    if let Some(report) = &a.verify {
        let reports = crate::summary::read(std::slice::from_ref(report))?.summary(crate::args::TOOL);
        return match reports.program(a.label.as_deref()) {
            Ok(program) => Ok(out::findings(&program.differences(&records))),
            Err(all) => Err(messages::which_program(report.display(), &all)),
        };
    }
    if records.is_empty() {
        out::note(&format_args!("{}: nothing of goweave is in it", a.binary.display()));
        return Ok(Outcome::Findings);
    }
    for record in &records {
        out::text(&if a.json {
            format!("{}\n", serde_json::to_string_pretty(record)?)
        } else {
            record.text()
        });
    }
    Ok(Outcome::Done)
}

/// `goweave modules`, with the go.mod of the hooks if it was given.
pub(crate) fn modules(a: &args::Modules, hooks: Option<Result<String>>) -> Result<Outcome> {
    let hooks = match hooks {
        Some(text) => text?,
        None => {
            let own = gocmd::embedded().iter().find(|(name, _)| *name == "go.mod");
            let Some((_, bytes)) = own else {
                return Err(messages::built_without_modules("name their go.mod: --hooks"));
            };
            String::from_utf8_lossy(bytes).into_owned()
        }
    };
    out::text(&gocmd::effects_text(&gocmd::effects(&read_text(&a.go_mod)?, &hooks)));
    Ok(Outcome::Done)
}

/// A `go build` of these packages, or of all.
fn build_command(arguments: &[String]) -> gocmd::Command {
    let mut command = gocmd::Command::parse(&[&["build".to_owned()], arguments].concat());
    if command.packages.is_empty() {
        command.packages.push("./...".to_owned());
    }
    command
}

fn unlistable(command: &gocmd::Command) -> anyhow::Error {
    let packages = command.packages.join(" ");
    messages::unlistable(&packages)
}

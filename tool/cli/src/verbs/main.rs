//! `goweave main`: the file that connects a program with hooks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use weave_engine::{MainInput, StdGraph, WovenPackages};
use weave_ir::MainRules;
use weave_report::{MainReport, Record};

use super::rule_files::Sources;
use crate::args;
use crate::files::{link_or_copy, read, read_json, write, write_json};
use crate::messages;
use crate::out::{self, Outcome};

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
        let names = weave_engine::source_names(source);
        used.extend(names.imports.into_iter().map(|i| compiled.get(&i).copied().cloned().unwrap_or(i)));
        taken.extend(names.identifiers);
    }
    for path in &a.export {
        used.extend(referenced_packages(path)?);
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
    // The used packages are those of the plain program until here.
    let bare =
        match a.without_cgo.is_empty() || weave_engine::has_cgo(&used) || any_has_cgo(&a.hooks_with_cgo)? {
            true => None,
            false => without_cgo(&a.without_cgo)?,
        };
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
    let bare = bare.filter(|_| report.woven);
    if a.target.cgo && !a.c_library && bare.is_none() && brings_cgo(&used, &report, &rules, &support) {
        out::note(&format_args!(
            "note: {} has no cgo, and its hooks bring package net, which is built with cgo: the program needs the C library, and Go does not tell it of deadlocks\n    help: write pure = \"on\" in its go_binary, or build with --@rules_go//go/config:pure",
            a.package_path
        ));
    }
    let text = match bare {
        Some(_) => weave_engine::main_without_cgo(&text, &taken),
        None => text,
    };
    let text = match report.woven {
        true => Record::new(args::TOOL, weave_gocmd::engine(), &report, &rules, &support, [])
            .append(&text, &taken),
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
    for (i, b) in a.without_cgo.iter().enumerate() {
        match &bare {
            Some(archives) => write(&b.out, &archives[i])?,
            None => link_or_copy(&b.plain, &b.out)?,
        }
    }
    Ok(Outcome::Done)
}

fn referenced_packages(export: &Path) -> Result<Vec<String>> {
    weave_engine::referenced_packages(&read(export)?)
        .with_context(|| format!("cannot read {}", export.display()))
}

/// Returns whether any of these packages is compiled with cgo, and so imports what every such package does.
fn any_has_cgo(exports: &[PathBuf]) -> Result<bool> {
    for path in exports {
        if referenced_packages(path)?.iter().any(|p| p == "runtime/cgo") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The archives without C; `None` where one of them is of a Go release whose archives are not known.
fn without_cgo(archives: &[args::Bare]) -> Result<Option<Vec<Vec<u8>>>> {
    let mut found = Vec::new();
    for b in archives {
        match weave_engine::without_cgo(&b.package, &read(&b.plain)?) {
            Ok(archive) => found.push(archive),
            Err(why) => {
                out::note(&format_args!(
                    "note: cannot link {} without cgo: {why}: {}",
                    b.package,
                    b.plain.display()
                ));
                return Ok(None);
            }
        }
    }
    Ok(Some(found))
}

/// Returns whether a program that is linked without cgo is linked with it for its hooks. The programs of tests run where they are built.
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
        && !weave_engine::has_cgo(used)
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
            return Err(messages::other_format(path, rules.weave));
        }
        all.push(rules);
    }
    Ok(all)
}

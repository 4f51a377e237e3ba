//! `goweave weave`: the sources of a package with the code of its rules.

use anyhow::{Context, Result};
use serde::Serialize;
use weave_engine::{CompilerNotes, Origins, TypeFacts, WeaveInput};
use weave_ir::{Places, WovenFacts};

use super::rule_files::{Sources, rules_of_package};
use crate::args;
use crate::files::{read, read_json, read_text, write, write_json};
use crate::messages;
use crate::out::{self, Outcome};

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
    let mut rules = match rules_of_package(&a.rules, &a.hook_file, &a.importpath, &a.root_module)? {
        Ok(rules) => rules,
        Err(findings) => return Ok(out::findings(&findings)),
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
    weave_gocmd::give_way_in_package(&mut rules);
    let sources = Sources::read(&a.files)?;
    let notes = match &a.compiler_notes {
        Some(path) => Some(CompilerNotes::parse(&read_text(path)?)),
        None => None,
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
            return Err(messages::two_rewriters(&rewriter.name));
        }
        std::fs::create_dir_all(&a.out).with_context(|| format!("cannot make {}", a.out.display()))?;
        let request = weave_engine::rewrite_request(&input, &rewriter.name);
        rewrites.push(crate::rewriter::ask(rewriter, &request, &a.out)?);
    }
    let mut woven = weave_engine::weave(&input, notes.as_ref(), &rewrites)?;
    if !a.places.is_empty() && woven.report.findings.is_empty() {
        woven.report.rules.iter_mut().for_each(|rule| rule.at = None);
    }
    if !a.original.is_empty() {
        if a.original.len() + 1 != woven.files.len() {
            return Err(messages::originals(a.original.len(), woven.files.len() - 1));
        }
        weave_engine::name_originals(&mut woven, &a.original);
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
    if let Some(path) = &a.origins {
        let mut unwoven = None;
        // Where the package does not parse, who compiles it says why, and this only if it compiles.
        let warnings = &mut woven.report.warnings;
        if let Some(at) = warnings.iter().position(|d| d.code == "syntax") {
            unwoven = Some(warnings.remove(at).to_string());
        }
        write_json(path, &Inserted { origins: &woven.origins, unwoven })?;
    }
    if let Some(path) = &a.facts {
        let facts = weave_engine::woven_facts(&rules, &woven.report);
        write_json(path, &WovenFacts { importmap: a.importmap.clone(), ..facts })?;
    }
    if let Some(path) = &a.unused_inputs {
        let lines: String = a.places.iter().map(|p| format!("{}\n", p.display())).collect();
        write(path, lines.as_bytes())?;
    }
    out::warnings(&woven.report.warnings);
    Ok(out::findings(&woven.report.findings))
}

/// Facts for the messages of whoever compiles a woven package.
#[derive(Serialize)]
struct Inserted<'a> {
    #[serde(flatten)]
    origins: &'a Origins,
    /// Message for a package that compiles though our parser does not read it, so that nothing is woven into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unwoven: Option<String>,
}

/// The version of a Go module by its metadata, in the form of Bazel's supply chain rules: that of the `purl`,
/// `pkg:golang/PATH@VERSION?...`.
fn version_of(metadata: &serde_json::Value) -> Option<String> {
    let purl = metadata.get("purl")?.as_str()?.strip_prefix("pkg:golang/")?;
    let version = purl.split(['?', '#']).next()?.rsplit_once('@')?.1;
    (!version.is_empty()).then(|| version.replace("%2B", "+").replace("%2b", "+"))
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

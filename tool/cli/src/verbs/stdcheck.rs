//! `goweave stdcheck`: a woven package of the standard library beside the plain one.

use std::path::PathBuf;

use anyhow::{Context, Result};
use weave_ir::{Diagnostic, Places};

use crate::files::{link_or_copy, read, read_json, write};
use crate::out;
use crate::{Outcome, args};

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
    Ok(out::findings(&findings))
}

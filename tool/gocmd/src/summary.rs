//! What was woven in a whole build: the reports of its packages and programs as one JSON text, one page, or lines.
//!
//! The reports are those that `goweave weave` and `goweave main` write. The same reports give the same bytes, in whatever
//! order they come.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use weave_ir::{Diagnostic, did_you_mean};

use crate::digest::digest;

/// The reports of a build.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    tool: String,
    /// Reports of main packages, by label and import path.
    programs: Vec<Value>,
    /// Every rule that is known, by instrumentation and name: where it is woven, and where not.
    rules: Vec<Value>,
    /// Reports of packages, by import path and version.
    packages: Vec<Value>,
}

/// What the reports of one program do not say.
#[derive(Debug, Clone, Default)]
pub struct ReportedProgram {
    /// What its build calls it.
    pub label: Option<String>,
    /// Why no hooks are linked into it, if that is so by choice.
    pub without_hooks: Option<String>,
    /// Reports of packages of the standard library, by name: those of packages that the program does not have are left out.
    pub std: Vec<(String, Vec<u8>)>,
}

/// By instrumentation and name.
type RuleKey = (String, String);

/// How many programs, and how many rules, a message names.
const MOST_NOTES: usize = 6;

/// Reports as they are read.
#[derive(Default)]
struct Reports {
    programs: BTreeMap<(String, String, String), Value>,
    packages: BTreeMap<(String, String, String), Value>,
    documentation: BTreeMap<RuleKey, Value>,
}

impl Reports {
    fn read(&mut self, name: &str, text: &[u8]) -> Result<(), String> {
        let report: Value = serde_json::from_slice(text).map_err(|e| format!("{name} is no report: {e}"))?;
        if report["weave"] != 1 {
            return Err(format!("{name} is no report of this goweave"));
        }
        let digest = digest([text]);
        if report["packages"].is_array() && report["programs"].is_array() {
            // One that was made of others.
            for rule in list(&report["rules"]) {
                self.document(&string(&rule["instrumentation"]), &string(&rule["rule"]), rule);
            }
            for program in list(&report["programs"]) {
                self.program(program.clone(), string(&program["digest"]));
            }
            for package in list(&report["packages"]) {
                self.package(package.clone(), string(&package["digest"]));
            }
        } else if report["files"].is_array() {
            self.package(report, digest);
        } else if report["instrumentations"].is_array() {
            self.program(report, digest);
        } else if let Some(rules) = report["rules"].as_object() {
            let instrumentation = string(&report["instrumentation"]);
            rules.iter().for_each(|(id, rule)| self.document(&instrumentation, id, rule));
        } else {
            return Err(format!("{name} is no report of a package or a program"));
        }
        Ok(())
    }

    fn program(&mut self, mut report: Value, digest: String) {
        let key = (string(&report["label"]), string(&report["package"]), digest.clone());
        report["digest"] = digest.into();
        self.programs.insert(key, report);
    }

    fn package(&mut self, mut report: Value, digest: String) {
        let key = (string(&report["package"]), string(&report["version"]), digest.clone());
        report["digest"] = digest.into();
        self.packages.insert(key, report);
    }

    fn document(&mut self, instrumentation: &str, id: &str, rule: &Value) {
        let mut known = Map::new();
        for part in ["at", "doc", "link"] {
            if !rule[part].is_null() {
                known.insert(part.to_owned(), rule[part].clone());
            }
        }
        self.documentation.insert((instrumentation.to_owned(), id.to_owned()), Value::Object(known));
    }

    /// The packages that rules are for and programs with hooks have.
    fn in_programs(&self) -> BTreeSet<String> {
        self.programs
            .values()
            .filter(|p| p["woven"] == true)
            .flat_map(|p| list(&p["packages"]))
            .map(string)
            .collect()
    }

    fn finish(mut self, tool: &str) -> Summary {
        let mut rules: BTreeMap<RuleKey, (Vec<Value>, Vec<Value>)> =
            self.documentation.keys().map(|key| (key.clone(), (Vec::new(), Vec::new()))).collect();
        for package in self.packages.values_mut() {
            let name = title(package);
            for rule in package["rules"].as_array_mut().into_iter().flatten() {
                let key = (string(&rule["instrumentation"]), string(&rule["rule"]));
                if let Some(known) = self.documentation.get(&key) {
                    for part in ["doc", "link", "at"] {
                        if !known[part].is_null() && rule[part].is_null() {
                            rule[part] = known[part].clone();
                        }
                    }
                }
                let (woven, not) = rules.entry(key).or_default();
                if rule["status"] == "woven" {
                    woven.push(json!({ "package": name, "matches": list(&rule["matches"]).len() }));
                } else {
                    not.push(json!({ "package": name, "status": rule["status"], "reason": rule["reason"] }));
                }
            }
        }
        let rules = rules.into_iter().map(|((instrumentation, rule), (woven, not))| {
            let mut all =
                json!({ "instrumentation": instrumentation, "rule": rule, "woven": woven, "not": not });
            for (part, value) in self
                .documentation
                .get(&(instrumentation, rule))
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                all[part] = value.clone();
            }
            all
        });
        Summary {
            tool: tool.to_owned(),
            rules: rules.collect(),
            programs: self.programs.into_values().collect(),
            packages: self.packages.into_values().collect(),
        }
    }
}

impl Summary {
    /// Read reports: the name of each, for messages, and its text. What `goweave lower --places` wrote may be among them: then
    /// rules have their documentation, and those are named, too, that are in no report. So may summaries, as [`Self::json`] makes
    /// them.
    ///
    /// # Errors
    ///
    /// The first text that is no report.
    pub fn new(tool: &str, reports: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, String> {
        let mut all = Reports::default();
        for (name, text) in reports {
            all.read(&name, &text)?;
        }
        Ok(all.finish(tool))
    }

    /// Read the reports of one program, likewise.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn of_program(
        tool: &str,
        program: &ReportedProgram,
        reports: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Result<Self, String> {
        let mut all = Reports::default();
        for (name, text) in reports {
            all.read(&name, &text)?;
        }
        if let Some(label) = &program.label {
            for (_, mut report) in std::mem::take(&mut all.programs) {
                report["label"] = label.as_str().into();
                let digest = string(&report["digest"]);
                all.program(report, digest);
            }
            if let Some(reason) = program.without_hooks.as_ref().filter(|_| all.programs.is_empty()) {
                let report = json!({ "weave": 1, "label": label, "woven": false, "reason": reason });
                all.program(report, digest([label.as_bytes(), reason.as_bytes()]));
            }
        }
        let has = all.in_programs();
        let mut std = Reports::default();
        for (name, text) in &program.std {
            std.read(name, text)?;
        }
        std.packages.retain(|(package, ..), _| has.contains(package));
        let theirs: BTreeSet<RuleKey> = std
            .packages
            .values()
            .flat_map(|p| list(&p["rules"]))
            .map(|r| (string(&r["instrumentation"]), string(&r["rule"])))
            .collect();
        std.documentation.retain(|key, _| theirs.contains(key));
        all.packages.extend(std.packages);
        all.documentation.extend(std.documentation);
        Ok(all.finish(tool))
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let all = json!({
            "weave": 1, "tool": self.tool, "programs": self.programs, "rules": self.rules, "packages": self.packages,
        });
        let mut text = serde_json::to_string_pretty(&all).unwrap_or_default();
        text.push('\n');
        text
    }

    /// For a terminal: what became of each rule in each package, and why.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for p in &self.packages {
            let _ = writeln!(out, "{}: {}", title(p), if p["woven"] == true { "woven" } else { "not woven" });
            for rule in list(&p["rules"]) {
                let _ = writeln!(
                    out,
                    "  {}/{} {}{}",
                    string(&rule["instrumentation"]),
                    string(&rule["rule"]),
                    string(&rule["status"]),
                    place(&rule["at"]).map_or(String::new(), |at| format!("  ({at})")),
                );
                for m in list(&rule["matches"]) {
                    let at = place(&m["at"]).map_or(String::new(), |at| format!(" at {at}"));
                    let _ = writeln!(out, "    woven: {}{at}", string(&m["what"]));
                }
                for s in list(&rule["skipped"]) {
                    let at = place(&s["at"]).map_or(String::new(), |at| format!(" at {at}"));
                    let _ = writeln!(out, "    not {}{at}: {}", string(&s["what"]), string(&s["reason"]));
                }
                if let Some(reason) = rule["reason"].as_str() {
                    let _ = writeln!(out, "    {}", reason.replace('\n', "\n    "));
                }
                for condition in list(&rule["conditions"]) {
                    let _ = writeln!(out, "      {}", string(condition));
                }
            }
            for r in list(&p["rewriters"]) {
                let _ = writeln!(out, "  rewriter {} {}", string(&r["name"]), rewriter(r));
            }
            if list(&p["rules"]).is_empty() && list(&p["rewriters"]).is_empty() {
                out.push_str("  no rule is for it\n");
            }
        }
        for p in &self.programs {
            let _ = writeln!(out, "program {}", program_title(p));
            if let Some(reason) = p["reason"].as_str() {
                let _ = writeln!(out, "  has no hooks: {reason}");
            }
            for i in list(&p["instrumentations"]) {
                let applies = if i["applies"] == true { "applies" } else { "does not apply" };
                let _ = writeln!(out, "  {} {applies}: {}", string(&i["name"]), string(&i["reason"]));
            }
        }
        out
    }

    /// Those of the required instrumentations of which no rule is woven into a program; where the reports are of packages alone,
    /// into none of these.
    ///
    /// `known` are names of instrumentations that the build has, those aside that the reports name; `next` says where to read why a
    /// rule was not woven.
    #[must_use]
    pub fn missing(&self, required: &[String], known: &[&str], next: &str) -> Vec<Diagnostic> {
        let names: BTreeSet<&str> = required.iter().map(String::as_str).collect();
        let missing = names.into_iter().filter(|name| !self.weaves(name));
        missing.map(|name| self.not_woven(name, known, next)).collect()
    }

    /// Whether a program has a package into which an instrumentation is woven, and has its hooks.
    fn weaves(&self, instrumentation: &str) -> bool {
        let changed = |p: &&Value| {
            let rule = list(&p["rules"])
                .iter()
                .any(|r| r["instrumentation"] == instrumentation && r["status"] == "woven");
            rule || list(&p["rewriters"]).iter().any(|r| r["name"] == instrumentation && r["applies"] == true)
        };
        let mut packages = self.packages.iter().filter(changed);
        if self.programs.is_empty() {
            return packages.next().is_some();
        }
        let woven: BTreeSet<&str> = packages.filter_map(|p| p["package"].as_str()).collect();
        self.programs.iter().any(|p| {
            let applies = |i: &Value| i["name"] == instrumentation && i["applies"] == true;
            list(&p["instrumentations"]).iter().any(applies)
                && list(&p["packages"]).iter().filter_map(Value::as_str).any(|p| woven.contains(p))
        })
    }

    fn not_woven(&self, name: &str, known: &[&str], next: &str) -> Diagnostic {
        let offered = self.programs.iter().flat_map(|p| list(&p["instrumentations"])).map(|i| &i["name"]);
        let ruled = self.rules.iter().map(|r| &r["instrumentation"]);
        let known: BTreeSet<&str> =
            offered.chain(ruled).filter_map(Value::as_str).chain(known.iter().copied()).collect();
        if !known.contains(name) && !known.is_empty() {
            let message =
                format!("the instrumentation `{name}` is required, and this build has none of that name");
            let all: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
            let help = did_you_mean(name, known.iter().copied())
                .unwrap_or_else(|| "give it to the build, or require another one".into());
            return Diagnostic::new("unknown-required", None, message)
                .note(None, format!("it has {}", all.join(", ")))
                .help(help);
        }
        let message = match self.programs.is_empty() {
            true => {
                format!("the instrumentation `{name}` is required, and no rule of it is woven into a package")
            }
            false => {
                format!("the instrumentation `{name}` is required, and no rule of it is woven into a program")
            }
        };
        let mut found = Diagnostic::new("required-not-woven", None, message);
        let programs = self.programs.iter().map(|p| {
            let of = list(&p["instrumentations"]).iter().find(|i| i["name"] == name);
            let why = of.unwrap_or(p)["reason"]
                .as_str()
                .unwrap_or("it has no package that the instrumentation is for");
            format!("{}: {why}", program_title(p))
        });
        let rules: Vec<String> = self
            .rules
            .iter()
            .filter(|r| r["instrumentation"] == name)
            .flat_map(|r| list(&r["not"]).iter().map(move |p| (r, p)))
            .map(|(r, p)| {
                let why = p["reason"].as_str().map_or(String::new(), |w| format!(": {w}"));
                format!(
                    "{name}/{} is {} in {}{why}",
                    string(&r["rule"]),
                    string(&p["status"]),
                    string(&p["package"])
                )
            })
            .collect();
        let help = match rules.is_empty() {
            true => {
                format!("add a program that uses a package that `{name}` is for, or require it no longer")
            }
            false => next.to_owned(),
        };
        for texts in [programs.collect(), rules] {
            let more = texts.len().saturating_sub(MOST_NOTES);
            for text in texts.into_iter().take(MOST_NOTES) {
                found = found.note(None, text);
            }
            if more > 0 {
                found = found.note(None, format!("... and {more} more"));
            }
        }
        found.help(help)
    }

    /// As one page that needs nothing else.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out = String::from(HEAD);
        let woven: Vec<&Value> = self.packages.iter().filter(|p| p["woven"] == true).collect();
        let _ = write!(
            out,
            "<h1>What was woven</h1>\n<p>{} of {} packages that rules are for, {} rules, {} programs; {}</p>\n",
            woven.len(),
            self.packages.len(),
            self.rules.len(),
            self.programs.len(),
            escape(&self.tool)
        );
        if !self.programs.is_empty() {
            out.push_str("<h2>Programs</h2>\n");
        }
        for p in &self.programs {
            let _ = write!(
                out,
                "<details><summary><b>{}</b> {}</summary>\n<table>\n<tr><th>instrumentation<th>applies<th>why<th>packages\n",
                escape(&program_title(p)),
                match (p["woven"] == true, p["reason"].as_str()) {
                    (true, _) => "has hooks".to_owned(),
                    (false, Some(reason)) => format!("has no hooks: {}", escape(reason)),
                    (false, None) => "is the plain program".to_owned(),
                },
            );
            for i in list(&p["instrumentations"]) {
                let uses: Vec<String> = list(&i["uses"]).iter().map(|u| escape(&string(u))).collect();
                let _ = writeln!(
                    out,
                    "<tr><td>{}<td>{}<td>{}<td>{}",
                    escape(&string(&i["name"])),
                    if i["applies"] == true { "yes" } else { "no" },
                    escape(&string(&i["reason"])),
                    uses.join("<br>")
                );
            }
            let _ = writeln!(out, "</table>\n<p class=d>digest {}</p></details>", string(&p["digest"]));
        }
        if !self.rules.is_empty() {
            out.push_str("<h2>Rules</h2>\n<table>\n<tr><th>rule<th>woven into<th>not, and why\n");
        }
        for r in &self.rules {
            let woven: Vec<String> = list(&r["woven"])
                .iter()
                .map(|p| {
                    format!(
                        "{} ({})",
                        link(&string(&p["package"])),
                        p["matches"].as_u64().unwrap_or_default()
                    )
                })
                .collect();
            let mut not: Vec<String> = list(&r["not"])
                .iter()
                .map(|p| {
                    let reason = p["reason"].as_str().map_or(String::new(), |r| format!(": {}", escape(r)));
                    format!("{} {}{reason}", link(&string(&p["package"])), escape(&string(&p["status"])))
                })
                .collect();
            if woven.is_empty() && not.is_empty() {
                not.push("it is for none of these packages".to_owned());
            }
            let _ =
                writeln!(out, "<tr><td>{}<td>{}<td>{}", rule_title(r), woven.join("<br>"), not.join("<br>"));
        }
        if !self.rules.is_empty() {
            out.push_str("</table>\n");
        }
        if !self.packages.is_empty() {
            out.push_str("<h2>Packages</h2>\n");
        }
        for p in &self.packages {
            package(&mut out, p);
        }
        out.push_str("</body></html>\n");
        out
    }
}

fn package(out: &mut String, p: &Value) {
    let state = if p["woven"] == true { "woven" } else { "not woven" };
    let open = if p["woven"] == true { " open" } else { "" };
    let _ = write!(
        out,
        "<details{open} id=\"{0}\"><summary><b>{0}</b> {state}</summary>\n<table>\n<tr><th>rule<th>became<th>where, or why not\n",
        escape(&title(p))
    );
    for rule in list(&p["rules"]) {
        let mut what: Vec<String> = Vec::new();
        for m in list(&rule["matches"]) {
            what.push(format!("<code>{}</code>{}", escape(&string(&m["what"])), at(&m["at"])));
        }
        for s in list(&rule["skipped"]) {
            let reason = escape(&string(&s["reason"]));
            what.push(format!("not <code>{}</code>{}: {reason}", escape(&string(&s["what"])), at(&s["at"])));
        }
        what.extend(rule["reason"].as_str().map(escape));
        what.extend(list(&rule["conditions"]).iter().map(|c| format!("&nbsp;&nbsp;{}", escape(&string(c)))));
        let _ = writeln!(
            out,
            "<tr><td>{}<td class=s-{}>{}<td>{}",
            rule_title(rule),
            escape(&string(&rule["status"])),
            escape(&string(&rule["status"])),
            what.join("<br>")
        );
    }
    for r in list(&p["rewriters"]) {
        let status = if r["applies"] == true { "woven" } else { "unmatched" };
        let _ = writeln!(
            out,
            "<tr><td>rewriter {}<td class=s-{status}>{status}<td>{}",
            escape(&string(&r["name"])),
            escape(&rewriter(r))
        );
    }
    out.push_str("</table>\n");
    for (key, title) in [
        ("export_data_changes", "Export data changes"),
        ("export_data_may_change", "Export data may change"),
        ("added_imports", "New imports"),
    ] {
        let all: Vec<String> = list(&p[key]).iter().map(|v| escape(&string(v))).collect();
        if !all.is_empty() {
            let _ = writeln!(out, "<p>{title}: {}</p>", all.join("; "));
        }
    }
    for f in list(&p["files"]) {
        let lines = list(&f["lines"]);
        if lines.is_empty() {
            if let Some(reason) = f["reason"].as_str() {
                let _ = writeln!(out, "<p>{}: {}</p>", escape(&string(&f["path"])), escape(reason));
            }
            continue;
        }
        let _ = write!(out, "<p><code>{}</code></p>\n<pre>", escape(&string(&f["path"])));
        for l in lines {
            let _ = write!(
                out,
                "<span class=n>{:>5}</span> <del>- {}</del>\n      <ins>+ {}</ins>\n",
                l["line"].as_u64().unwrap_or_default(),
                escape(&string(&l["before"])),
                escape(&string(&l["after"]))
            );
        }
        out.push_str("</pre>\n");
    }
    if let Some(extra) = p["extra"].as_str() {
        let _ = write!(out, "<p>the file that is added</p>\n<pre>{}</pre>\n", escape(extra));
    }
    let _ = writeln!(out, "<p class=d>digest {}</p></details>", string(&p["digest"]));
}

const HEAD: &str = "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\n\
    <title>What was woven</title>\n<style>\n\
    body{font:15px/1.5 sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#222;background:#fff}\n\
    table{border-collapse:collapse;margin:.5em 0}td,th{text-align:left;vertical-align:top;padding:.2em .8em .2em 0;border-top:1px solid #ddd}\n\
    details{border-left:3px solid #ccc;padding-left:1em;margin:.7em 0}summary{cursor:pointer}\n\
    pre{background:#f6f6f6;padding:.6em;overflow:auto;font-size:13px}del{color:#a22;text-decoration:none}ins{color:#171;text-decoration:none}\n\
    .n,.d{color:#666;font-size:12px}.s-failed{color:#a22;font-weight:bold}.s-woven{color:#171}\n\
    </style></head><body>\n";

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `path:line:col`.
fn place(value: &Value) -> Option<String> {
    let at: &Map<String, Value> = value.as_object()?;
    Some(format!("{}:{}:{}", at.get("file")?.as_str()?, at.get("line")?, at.get("col")?))
}

fn at(value: &Value) -> String {
    place(value).map_or(String::new(), |at| format!(" <span class=n>{}</span>", escape(&at)))
}

fn title(p: &Value) -> String {
    let version = p["version"].as_str().map_or(String::new(), |v| format!(" {v}"));
    format!("{}{version}, Go {}, {}", string(&p["package"]), string(&p["go"]), string(&p["target"]))
}

/// What an external rewriter did.
fn rewriter(r: &Value) -> String {
    let files: Vec<String> = list(&r["files"]).iter().map(string).collect();
    match files.is_empty() {
        true => "changes nothing".to_owned(),
        false => format!("changes {}", files.join(", ")),
    }
}

/// What a build calls a program, or else its import path.
fn program_title(p: &Value) -> String {
    match p["label"].as_str() {
        Some(label) => label.to_owned(),
        None => string(&p["package"]),
    }
}

/// A rule, where it stands, and what its file says of it, for a page.
fn rule_title(rule: &Value) -> String {
    let doc = rule["doc"].as_str().map_or(String::new(), |d| format!("<br><i>{}</i>", escape(d)));
    let link = rule["link"].as_str().map_or(String::new(), |l| {
        match l.starts_with("https://") || l.starts_with("http://") {
            true => format!("<br><a href=\"{0}\">{0}</a>", escape(l)),
            false => format!("<br>{}", escape(l)),
        }
    });
    let name = format!("{}/{}", string(&rule["instrumentation"]), string(&rule["rule"]));
    format!("{}{}{doc}{link}", escape(&name), at(&rule["at"]))
}

/// A package of the page.
fn link(title: &str) -> String {
    format!("<a href=\"#{0}\">{0}</a>", escape(title))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: &str = r#"{"weave":1,"package":"example.com/p","version":"v1.2.0","go":"1.26.8","target":"linux/amd64","woven":true,
        "export_data_changes":[],"rules":[
          {"instrumentation":"x","rule":"get","at":{"file":"x.yaml","line":5,"col":12},"status":"woven",
           "matches":[{"what":"Get[T <any>]","at":{"file":"p.go","line":3,"col":6}}],"export_data":"same"},
          {"instrumentation":"x","rule":"put","status":"unmatched","reason":"no function Put","conditions":["function `Put`: none of 3 functions"]}],
        "files":[{"path":"p.go","status":"woven","lines":[{"line":3,"before":"func Get() {","after":"func Get() { if a < b {} "}]}],
        "findings":[],"extra":"package p\n"}"#;
    const PROGRAM: &str = r#"{"weave":1,"package":"example.com/cmd","woven":true,"packages":["example.com/p","os"],
        "instrumentations":[{"name":"x","applies":true,"uses":["example.com/p"],"reason":"the program uses a package that it weaves"}]}"#;
    const PLACES: &str = r#"{"weave":1,"instrumentation":"x","rules":{
        "put":{"at":{"file":"x.yaml","line":9,"col":12},"doc":"puts are slow","link":"https://example.com/ticket?a=1&b=2"}}}"#;

    fn summary(order: &[usize]) -> Summary {
        let all = [("p", PACKAGE), ("cmd", PROGRAM), ("x", PLACES)];
        let reports = order.iter().map(|&i| (all[i].0.to_owned(), all[i].1.as_bytes().to_vec()));
        Summary::new("goweave 0", reports).expect("they are reports")
    }

    #[test]
    fn reports_in_any_order_make_one_text() {
        let want = summary(&[0, 1, 2]);
        assert_eq!(want.html(), summary(&[2, 1, 0, 1]).html());
        assert_eq!(want.json(), summary(&[1, 0, 2, 0]).json());
    }

    #[test]
    fn the_text_says_what_became_of_each_rule() {
        assert_eq!(
            summary(&[0, 1, 2]).text(),
            "example.com/p v1.2.0, Go 1.26.8, linux/amd64: woven\n  x/get woven  (x.yaml:5:12)\n    woven: Get[T <any>] at p.go:3:6\n  \
             x/put unmatched  (x.yaml:9:12)\n    no function Put\n      function `Put`: none of 3 functions\n\
             program example.com/cmd\n  x applies: the program uses a package that it weaves\n"
        );
    }

    #[test]
    fn the_page_has_everything_and_needs_nothing() {
        let page = summary(&[0, 1, 2]).html();
        for want in [
            "Get[T &lt;any&gt;]",
            "+ func Get() { if a &lt; b {} ",
            "- func Get() {",
            "<i>puts are slow</i>",
            "href=\"https://example.com/ticket?a=1&amp;b=2\"",
            "none of 3 functions",
            "goweave 0",
            "digest ",
        ] {
            assert!(page.contains(want), "{want} is not in {page}");
        }
        for no in ["<script", "src=", "<link", "@import", "url("] {
            assert!(!page.contains(no), "{no}");
        }
    }

    #[test]
    fn rules_are_listed_wherever_they_are_woven_or_not() {
        let places =
            PLACES.replace("}}}", "},\"del\":{\"at\":{\"file\":\"x.yaml\",\"line\":12,\"col\":12}}}}");
        let texts = [PACKAGE, PROGRAM, &places].map(|t| (String::new(), t.as_bytes().to_vec()));
        let page = Summary::new("t", texts).expect("they are reports").html();
        for want in [
            "x/del <span class=n>x.yaml:12:12</span><td><td>it is for none of these packages\n",
            "<td><a href=\"#example.com/p v1.2.0, Go 1.26.8, linux/amd64\">example.com/p v1.2.0, Go 1.26.8, linux/amd64</a> (1)<td>\n",
            "</a> unmatched: no function Put\n",
        ] {
            assert!(page.contains(want), "{want} is not in {page}");
        }
    }

    #[test]
    fn a_program_has_its_packages_of_the_standard_library_alone() {
        let std = |package: &str| {
            let text = PACKAGE.replace("example.com/p", package).replace("\"x\"", "\"y\"");
            (package.to_owned(), text.into_bytes())
        };
        let program = |reports: &[&str], without_hooks: Option<&str>| {
            let program = ReportedProgram {
                label: Some("//cmd".into()),
                without_hooks: without_hooks.map(str::to_owned),
                std: vec![std("os"), std("net")],
            };
            let reports = reports.iter().map(|r| (String::new(), r.as_bytes().to_vec()));
            Summary::of_program("t", &program, reports).expect("they are reports")
        };
        let of = |summary: &Summary| -> Vec<String> {
            summary.packages.iter().map(|p| string(&p["package"])).collect()
        };
        let hooked = program(&[PACKAGE, PROGRAM], None);
        assert_eq!(of(&hooked), ["example.com/p", "os"]);
        assert!(hooked.text().contains("program //cmd\n  x applies"), "{}", hooked.text());
        let plain = PROGRAM.replace("\"woven\":true", "\"woven\":false");
        assert_eq!(of(&program(&[&plain], None)), Vec::<String>::new());
        let test = program(&[PACKAGE], Some("it is a test"));
        assert!(test.html().contains("<b>//cmd</b> has no hooks: it is a test"), "{}", test.html());
        // Several make one, whatever the order, and one is what it was.
        let json = |s: &Summary| (String::new(), s.json().into_bytes());
        let both = Summary::new("t", [json(&hooked), json(&test)]).expect("they are summaries");
        assert_eq!(both, Summary::new("t", [json(&test), json(&hooked)]).expect("they are summaries"));
        assert_eq!((of(&both), both.programs.len()), (of(&hooked), 2));
        assert_eq!(Summary::new("t", [json(&hooked)]).expect("it is one"), hooked);
    }

    #[test]
    fn what_is_required_and_woven_nowhere_is_told_with_the_next_step() {
        let place = |instrumentation: &str| PLACES.replace("\"x\"", &format!("{instrumentation:?}"));
        let told = |texts: &[&str], required: &[&str]| -> Vec<String> {
            let reports = texts.iter().map(|t| (String::new(), t.as_bytes().to_vec()));
            let required: Vec<String> = required.iter().map(|r| (*r).to_owned()).collect();
            let all = Summary::new("t", reports).expect("they are reports").missing(
                &required,
                &[],
                "read the page",
            );
            all.iter().map(ToString::to_string).collect()
        };
        let unwoven =
            PACKAGE.replace("\"status\":\"woven\"", "\"status\":\"unmatched\",\"reason\":\"no Get\"");
        let uses = "the program uses a package that it weaves";
        assert_eq!(told(&[PACKAGE, PROGRAM], &["x", "x"]), Vec::<String>::new());
        assert_eq!(told(&[PACKAGE], &["x"]), Vec::<String>::new());
        assert_eq!(
            told(&[&unwoven, PROGRAM], &["x"]),
            [format!(
                "the instrumentation `x` is required, and no rule of it is woven into a program\n    example.com/cmd: {uses}\n    \
                 x/get is unmatched in example.com/p v1.2.0, Go 1.26.8, linux/amd64: no Get\n    \
                 x/put is unmatched in example.com/p v1.2.0, Go 1.26.8, linux/amd64: no function Put\n    help: read the page"
            )]
        );
        // Woven into a package, but no program has the hooks: a test without them, or one that does not use the package.
        let test = r#"{"weave":1,"label":"//t","woven":false,"reason":"it is a test","instrumentations":[]}"#;
        let other = PROGRAM.replace("\"applies\":true", "\"applies\":false").replace(uses, "it uses none");
        for (program, why) in [(test, "//t: it is a test"), (&other, "example.com/cmd: it uses none")] {
            let all = told(&[PACKAGE, program], &["x"]);
            assert!(
                all.len() == 1 && all[0].contains(&format!("woven into a program\n    {why}\n")),
                "{all:?}"
            );
        }
        assert!(told(&[&unwoven], &["x"])[0].contains("woven into a package\n    x/get is unmatched"));
        // One that the build has, and that is for no package of its programs.
        assert_eq!(
            told(&[PACKAGE, PROGRAM, &place("y")], &["y"]),
            ["the instrumentation `y` is required, and no rule of it is woven into a program\n    \
              example.com/cmd: it has no package that the instrumentation is for\n    \
              help: add a program that uses a package that `y` is for, or require it no longer"]
        );
        assert_eq!(
            told(&[PACKAGE, PROGRAM, &place("net/http")], &["net/htp", "other"]),
            [
                "the instrumentation `net/htp` is required, and this build has none of that name\n    it has `net/http`, `x`\n    \
                 help: did you mean `net/http`?",
                "the instrumentation `other` is required, and this build has none of that name\n    it has `net/http`, `x`\n    \
                 help: give it to the build, or require another one"
            ]
        );
        let many: Vec<String> = (0..9).map(|i| test.replace("//t", &format!("//t{i}"))).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(
            told(&many, &["x"])[0].contains("\n    //t5: it is a test\n    ... and 3 more\n    help: add")
        );
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for bad in ["{", "{}", r#"{"weave":1}"#, r#"{"weave":2,"files":[]}"#] {
            assert!(Summary::new("t", [("x".to_owned(), bad.as_bytes().to_vec())]).is_err(), "{bad}");
        }
    }
}

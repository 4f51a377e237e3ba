//! What was woven in a whole build: the reports of its packages and programs as one JSON text, one page, or lines.
//!
//! The reports are those that `goweave weave` and `goweave main` write. The same reports give the same bytes, in whatever
//! order they come.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::digest::digest;

/// The reports of a build.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    tool: String,
    /// Reports of main packages, by import path.
    programs: Vec<Value>,
    /// Reports of packages, by import path and version.
    packages: Vec<Value>,
}

impl Summary {
    /// Read reports: the name of each, for messages, and its text. What `goweave lower --places` wrote may be among them: then
    /// rules have their documentation.
    ///
    /// # Errors
    ///
    /// The first text that is no report.
    pub fn new(tool: &str, reports: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, String> {
        let mut programs = BTreeMap::new();
        let mut packages = BTreeMap::new();
        let mut documentation: BTreeMap<(String, String), Value> = BTreeMap::new();
        for (name, text) in reports {
            let report: Value =
                serde_json::from_slice(&text).map_err(|e| format!("{name} is no report: {e}"))?;
            let key = || (string(&report["package"]), string(&report["version"]), digest([text.as_slice()]));
            if report["weave"] != 1 {
                return Err(format!("{name} is no report of this goweave"));
            } else if report["files"].is_array() {
                packages.insert(key(), report);
            } else if report["instrumentations"].is_array() {
                programs.insert(key(), report);
            } else if let Some(rules) = report["rules"].as_object() {
                for (id, rule) in rules {
                    documentation.insert((string(&report["instrumentation"]), id.clone()), rule.clone());
                }
            } else {
                return Err(format!("{name} is no report of a package or a program"));
            }
        }
        let of = |reports: BTreeMap<(String, String, String), Value>| -> Vec<Value> {
            let finish = |((_, _, digest), mut report): ((String, String, String), Value)| {
                report["digest"] = digest.into();
                for rule in report["rules"].as_array_mut().into_iter().flatten() {
                    let key = (string(&rule["instrumentation"]), string(&rule["rule"]));
                    let Some(known) = documentation.get(&key) else { continue };
                    for part in ["doc", "link", "at"] {
                        if !known[part].is_null() && rule[part].is_null() {
                            rule[part] = known[part].clone();
                        }
                    }
                }
                report
            };
            reports.into_iter().map(finish).collect()
        };
        Ok(Self { tool: tool.to_owned(), programs: of(programs), packages: of(packages) })
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let all =
            json!({ "weave": 1, "tool": self.tool, "programs": self.programs, "packages": self.packages });
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
            if list(&p["rules"]).is_empty() {
                out.push_str("  no rule is for it\n");
            }
        }
        for p in &self.programs {
            let _ = writeln!(out, "program {}", string(&p["package"]));
            for i in list(&p["instrumentations"]) {
                let applies = if i["applies"] == true { "applies" } else { "does not apply" };
                let _ = writeln!(out, "  {} {applies}: {}", string(&i["name"]), string(&i["reason"]));
            }
        }
        out
    }

    /// As one page that needs nothing else.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out = String::from(HEAD);
        let woven: Vec<&Value> = self.packages.iter().filter(|p| p["woven"] == true).collect();
        let _ = write!(
            out,
            "<h1>What was woven</h1>\n<p>{} of {} packages that rules are for, {} programs; {}</p>\n",
            woven.len(),
            self.packages.len(),
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
                escape(&string(&p["package"])),
                if p["woven"] == true { "has hooks" } else { "is the plain program" },
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
        "<details{open}><summary><b>{}</b> {state}</summary>\n<table>\n<tr><th>rule<th>became<th>where, or why not\n",
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
        let doc = rule["doc"].as_str().map_or(String::new(), |d| format!("<br><i>{}</i>", escape(d)));
        let link = rule["link"].as_str().map_or(String::new(), |l| {
            match l.starts_with("https://") || l.starts_with("http://") {
                true => format!("<br><a href=\"{0}\">{0}</a>", escape(l)),
                false => format!("<br>{}", escape(l)),
            }
        });
        let _ = writeln!(
            out,
            "<tr><td>{}/{}{}{doc}{link}<td class=s-{}>{}<td>{}",
            escape(&string(&rule["instrumentation"])),
            escape(&string(&rule["rule"])),
            at(&rule["at"]),
            escape(&string(&rule["status"])),
            escape(&string(&rule["status"])),
            what.join("<br>")
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
    const PROGRAM: &str = r#"{"weave":1,"package":"example.com/cmd","woven":true,
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
    fn what_is_no_report_is_refused() {
        for bad in ["{", "{}", r#"{"weave":1}"#, r#"{"weave":2,"files":[]}"#] {
            assert!(Summary::new("t", [("x".to_owned(), bad.as_bytes().to_vec())]).is_err(), "{bad}");
        }
    }
}

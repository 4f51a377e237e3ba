//! The report of a whole build: the reports of its packages and programs, and for each rule the places where it is woven.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use weave_ir::Location;

use crate::{LibrarySummary, MainReport, Report, Status, VERSION};

/// Key of a rule: instrumentation and name.
pub(crate) type RuleKey = (String, String);

/// The reports of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of this format: [`VERSION`].
    pub weave: u32,
    /// Name and version of the tool.
    pub tool: String,
    /// Reports of main packages, by label and import path.
    pub programs: Vec<Digested<MainReport>>,
    /// Outcomes for the libraries of the programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<LibrarySummary>,
    /// Every file with rules that was found, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rule_files: Vec<RuleFile>,
    /// Every rule that is known, by instrumentation and name.
    pub rules: Vec<RuleSummary>,
    /// Reports of packages, by import path and version.
    pub packages: Vec<Digested<Report>>,
}

/// A report with the digest of the text that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digested<T> {
    /// The report.
    #[serde(flatten)]
    pub report: T,
    /// The digest.
    pub digest: String,
}

/// A file with rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFile {
    /// Its path, as messages have it.
    pub path: String,
    /// The instrumentations of its rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instrumentations: Vec<String>,
    /// Number of its rules that are known.
    pub rules: usize,
    /// Number of them that are woven somewhere.
    pub woven: usize,
    /// Reason for which it is not read, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// Packages in which a rule is woven, and those in which it is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSummary {
    /// Name of the instrumentation.
    pub instrumentation: String,
    /// Name of the rule.
    pub rule: String,
    /// Its documentation.
    #[serde(flatten)]
    pub documentation: Documentation,
    /// The packages that it is woven into.
    pub woven: Vec<RuleMatches>,
    /// Packages that it is for and is not woven into.
    pub not: Vec<RuleMiss>,
}

/// Documentation of a rule, from its file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documentation {
    /// Location of its `where`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// Purpose of the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Address of further reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A package that a rule is woven into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMatches {
    /// Its title.
    pub package: String,
    /// At how many places.
    pub matches: usize,
}

/// A package that a rule is not woven into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMiss {
    /// Its title.
    pub package: String,
    /// Outcome of the rule there.
    pub status: Status,
    /// Reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Summary {
    /// Rules of packages get the documentation that they lack, and each rule where it is woven.
    pub(crate) fn new(
        tool: &str,
        programs: Vec<Digested<MainReport>>,
        mut packages: Vec<Digested<Report>>,
        documentation: BTreeMap<RuleKey, Documentation>,
        unread: BTreeMap<String, String>,
    ) -> Self {
        let rule = |(instrumentation, rule): &RuleKey, documentation: &Documentation| RuleSummary {
            instrumentation: instrumentation.clone(),
            rule: rule.clone(),
            documentation: documentation.clone(),
            woven: Vec::new(),
            not: Vec::new(),
        };
        let mut rules: BTreeMap<RuleKey, RuleSummary> =
            documentation.iter().map(|(key, known)| (key.clone(), rule(key, known))).collect();
        for Digested { report, .. } in &mut packages {
            let package = report.title();
            for found in &mut report.rules {
                let key = (found.instrumentation.clone(), found.rule.clone());
                if let Some(known) = documentation.get(&key) {
                    found.at = found.at.take().or_else(|| known.at.clone());
                    found.doc = found.doc.take().or_else(|| known.doc.clone());
                    found.link = found.link.take().or_else(|| known.link.clone());
                }
                let all = rules.entry(key.clone()).or_insert_with(|| rule(&key, &Documentation::default()));
                all.documentation.at = all.documentation.at.take().or_else(|| found.at.clone());
                let package = package.clone();
                match found.status {
                    Status::Woven => {
                        all.woven.push(RuleMatches { package, matches: found.matches.len() });
                    }
                    status => all.not.push(RuleMiss { package, status, reason: found.reason.clone() }),
                }
            }
        }
        let rules: Vec<RuleSummary> = rules.into_values().collect();
        let libraries = Vec::new();
        let rule_files = rule_files(&rules, unread);
        let mut summary =
            Self { weave: VERSION, tool: tool.to_owned(), programs, libraries, rule_files, rules, packages };
        let packages: Vec<&Report> = summary.packages.iter().map(|p| &p.report).collect();
        summary.libraries =
            LibrarySummary::of_programs(summary.programs.iter().map(|p| &p.report), &packages);
        summary
    }

    /// Returns it as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// The files of rules, and those that are not read.
fn rule_files(rules: &[RuleSummary], unread: BTreeMap<String, String>) -> Vec<RuleFile> {
    let file =
        |path: String| RuleFile { path, instrumentations: Vec::new(), rules: 0, woven: 0, unread: None };
    let mut files: BTreeMap<String, RuleFile> = BTreeMap::new();
    for rule in rules {
        let Some(at) = &rule.documentation.at else { continue };
        let known = files.entry(at.file.clone()).or_insert_with(|| file(at.file.clone()));
        if !known.instrumentations.contains(&rule.instrumentation) {
            known.instrumentations.push(rule.instrumentation.clone());
        }
        known.rules += 1;
        known.woven += usize::from(!rule.woven.is_empty());
    }
    for (path, why) in unread {
        files.entry(path.clone()).or_insert_with(|| file(path)).unread = Some(why);
    }
    files.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LibraryState, ReportedProgram, Reports};

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

    fn reports(texts: &[&str]) -> Reports {
        let named = texts.iter().map(|text| (String::new(), text.as_bytes().to_vec()));
        Reports::of(named).expect("they are reports")
    }

    fn summary(order: &[usize]) -> Summary {
        let texts: Vec<&str> = order.iter().map(|&i| [PACKAGE, PROGRAM, PLACES][i]).collect();
        reports(&texts).summary("goweave 0")
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
        let page = reports(&[PACKAGE, PROGRAM, &places]).summary("t").html();
        for want in [
            "x/del <span class=n>x.yaml:12:12</span><td><td>it is for none of these packages\n",
            "<td><a href=\"#example.com/p v1.2.0, Go 1.26.8, linux/amd64\">example.com/p v1.2.0, Go 1.26.8, linux/amd64</a> (1)<td>\n",
            "</a> unmatched: no function Put\n",
        ] {
            assert!(page.contains(want), "{want} is not in {page}");
        }
    }

    #[test]
    fn files_of_rules_are_listed_those_that_are_not_read_too() {
        let mut all = reports(&[PACKAGE, PROGRAM, PLACES]);
        all.unread("rules.yaml", "call it weave.yaml");
        let all = all.summary("t");
        let files: Vec<_> = all.rule_files.iter().map(|f| (f.path.as_str(), f.rules, f.woven)).collect();
        assert_eq!(files, [("rules.yaml", 0, 0), ("x.yaml", 2, 1)]);
        // As often as they are read.
        assert_eq!(reports(&[&all.json(), &all.json()]).summary("t"), all);
        let page = all.html();
        for want in [
            "<tr><td>rules.yaml<td><td>not read: call it weave.yaml\n",
            "<tr><td>x.yaml<td>x<td>1 of 2 woven\n",
        ] {
            assert!(page.contains(want), "{want} is not in {page}");
        }
    }

    #[test]
    fn a_library_is_woven_where_a_module_that_it_stands_on_is() {
        let package = PACKAGE.replace("example.com/p", "github.com/aws/smithy-go/middleware");
        let program = PROGRAM
            .replace("\"example.com/p\"", "\"github.com/aws/smithy-go/middleware\"")
            .replace("\"x\"", "\"aws\"");
        let program = program.replacen(
            '{',
            r#"{"libraries":[{"library":"AWS","module":"github.com/aws/aws-sdk-go-v2"}],"#,
            1,
        );
        let all = reports(&[&package.replace("\"x\"", "\"aws\""), &program]).summary("t").libraries;
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].instrumentation.as_deref(), all[0].state), (Some("aws"), LibraryState::Woven));
        assert_eq!(all[0].library.version, None, "the version is that of another module");
    }

    #[test]
    fn a_program_has_its_packages_of_the_standard_library_alone() {
        let std = |package: &str| PACKAGE.replace("example.com/p", package).replace("\"x\"", "\"y\"");
        let program = |texts: &[&str], without_hooks: Option<&str>| {
            let program = ReportedProgram {
                label: Some("//cmd".into()),
                without_hooks: without_hooks.map(str::to_owned),
                std: reports(&[&std("os"), &std("net")]),
            };
            reports(texts).of_program(program).summary("t")
        };
        let of = |summary: &Summary| -> Vec<String> {
            summary.packages.iter().map(|p| p.report.package.clone()).collect()
        };
        let hooked = program(&[PACKAGE, PROGRAM], None);
        assert_eq!(of(&hooked), ["example.com/p", "os"]);
        assert!(hooked.text().contains("program //cmd\n  x applies"), "{}", hooked.text());
        let plain = PROGRAM.replace("\"woven\":true", "\"woven\":false");
        assert_eq!(of(&program(&[&plain], None)), Vec::<String>::new());
        let test = program(&[PACKAGE], Some("it is a test"));
        assert!(test.html().contains("<b>//cmd</b> has no hooks: it is a test"), "{}", test.html());
        // Several make one, whatever the order, and one is what it was.
        let both = reports(&[&hooked.json(), &test.json()]).summary("t");
        assert_eq!(both, reports(&[&test.json(), &hooked.json()]).summary("t"));
        assert_eq!((of(&both), both.programs.len()), (of(&hooked), 2));
        assert_eq!(reports(&[&hooked.json()]).summary("t"), hooked);
    }

    #[test]
    fn what_is_required_and_woven_nowhere_is_told_with_the_next_step() {
        let place = |instrumentation: &str| PLACES.replace("\"x\"", &format!("{instrumentation:?}"));
        let told = |texts: &[&str], required: &[&str]| -> Vec<String> {
            let required: Vec<String> = required.iter().map(|r| (*r).to_owned()).collect();
            let all = reports(texts).summary("t").missing(&required, &[], "read the page");
            all.iter().map(ToString::to_string).collect()
        };
        let unwoven =
            PACKAGE.replacen("\"status\":\"woven\"", "\"status\":\"unmatched\",\"reason\":\"no Get\"", 1);
        let uses = "the program uses a package that it weaves";
        assert_eq!(told(&[PACKAGE, PROGRAM], &["x", "x"]), Vec::<String>::new());
        assert_eq!(told(&[PACKAGE], &["x"]), Vec::<String>::new());
        assert_eq!(
            told(&[&unwoven, PROGRAM], &["x"]),
            [format!(
                "required instrumentation `x` is not woven into any program\n    example.com/cmd: {uses}\n    \
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
                all.len() == 1 && all[0].contains(&format!("is not woven into any program\n    {why}\n")),
                "{all:?}"
            );
        }
        assert!(
            told(&[&unwoven], &["x"])[0].contains("is not woven into any package\n    x/get is unmatched")
        );
        // One that the build has, and that is for no package of its programs.
        assert_eq!(
            told(&[PACKAGE, PROGRAM, &place("y")], &["y"]),
            ["required instrumentation `y` is not woven into any program\n    \
              example.com/cmd: it has no package that the instrumentation is for\n    \
              help: add a program that uses a package of `y`, or do not require it"]
        );
        assert_eq!(
            told(&[PACKAGE, PROGRAM, &place("net/http")], &["net/htp", "other"]),
            [
                "unknown required instrumentation `net/htp`\n    this build has `net/http`, `x`\n    \
                 help: did you mean `net/http`?",
                "unknown required instrumentation `other`\n    this build has `net/http`, `x`\n    \
                 help: add it to the build, or require another one"
            ]
        );
        let many: Vec<String> = (0..9).map(|i| test.replace("//t", &format!("//t{i}"))).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(
            told(&many, &["x"])[0].contains("\n    //t5: it is a test\n    ... and 3 more\n    help: add")
        );
    }

    #[test]
    fn the_page_begins_with_the_libraries_of_each_program() {
        let linked = |module: &str, library: &str, by_hand: &str| {
            format!(r#"{{"library":"{library}","module":"{module}","by_hand":[{by_hand}]}}"#)
        };
        let libraries = [
            linked("google.golang.org/grpc", "gRPC", r#""example.com/otelgrpc""#),
            linked("entgo.io/ent", "ent", ""),
            linked("google.golang.org/api", "Google APIs", ""),
            linked("net/http", "net/http", ""),
            linked("log/slog", "log/slog", ""),
        ]
        .join(",");
        let offered = |name: &str, package: &str| {
            format!(
                r#"{{"name":"{name}","applies":true,"uses":["{package}"],"reason":"the program uses a package that it weaves"}}"#
            )
        };
        let program = format!(
            r#"{{"weave":1,"package":"example.com/cmd","woven":true,"packages":["google.golang.org/grpc","net/http"],
              "libraries":[{libraries}],"instrumentations":[{},{}]}}"#,
            offered("grpc", "google.golang.org/grpc"),
            offered("net/http", "net/http")
        );
        let grpc = PACKAGE.replace("example.com/p", "google.golang.org/grpc").replace("\"x\"", "\"grpc\"");
        let http = PACKAGE
            .replace("example.com/p", "net/http")
            .replace("\"x\"", "\"net/http\"")
            .replacen("\"status\":\"woven\"", "\"status\":\"unmatched\",\"reason\":\"no function `Get`\"", 1)
            .replace("no function Put", "no function `Put`");
        let summary = reports(&[&program, &grpc, &http]).summary("t");
        let said: Vec<String> = summary
            .libraries
            .iter()
            .map(|l| {
                let version = l.library.version.as_deref().unwrap_or("-");
                format!(
                    "{} {version} {}: {} {}",
                    l.library.library,
                    l.state.words(),
                    l.why,
                    l.metrics.join(" ")
                )
            })
            .collect();
        assert_eq!(said.len(), 5, "{said:?}");
        assert!(
            said[0].starts_with("gRPC v1.2.0 woven: client and server")
                && said[0].contains("rpc.client.call.duration"),
            "{said:?}"
        );
        assert_eq!(
            said[1..],
            [
                "net/http Go 1.26.8 not woven: no function `Get` ",
                "log/slog - not woven: this build does not have the instrumentation log/slog ",
                "Google APIs - instruments itself: its transports use otelgrpc and otelhttp ",
                "ent - no instrumentation: write one of your own: docs/tutorial.md ",
            ]
        );
        let page = summary.html();
        for want in [
            "<span class=\"b b-woven\">1 woven</span> <span class=\"b b-not\">2 not woven</span>",
            "no function <code>Get</code>",
            "by hand, too: <code>example.com/otelgrpc</code>",
            "prefers-color-scheme:dark",
        ] {
            assert!(page.contains(want), "{want} is not in {page}");
        }
        let text = summary.text();
        assert!(
            text.contains("  library ent: no instrumentation: write")
                && text.contains("    example.com/otelgrpc instruments it by hand\n"),
            "{text}"
        );
        // A test without hooks, and what is read again.
        let again = reports(&[&summary.json()]).summary("t");
        assert_eq!(again, summary);
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for (bad, want) in [
            ("{", "invalid report x: EOF while parsing an object at line 1 column 1"),
            ("{}", "invalid report x: another version of goweave wrote it"),
            (r#"{"weave":2,"files":[]}"#, "invalid report x: another version of goweave wrote it"),
            (r#"{"weave":1}"#, "invalid report x: it is neither of a package nor of a program"),
            (r#"{"weave":1,"files":[]}"#, "invalid report x: missing field `package` at line 1 column 22"),
        ] {
            let error = Reports::of([("x".to_owned(), bad.as_bytes().to_vec())]).expect_err(bad);
            assert_eq!(error.to_string(), want);
        }
    }

    #[test]
    fn changed_export_data_of_std_are_told_for_each_rule_that_may_be_why() {
        let same = reports(&[PACKAGE]).summary("t").std_export_data_changed("example.com/p");
        let said: Vec<String> = same.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1);
        assert!(
            said[0].starts_with("cannot weave example.com/p: its export data change")
                && !said[0].contains("by rule"),
            "{said:?}"
        );
        let changed = PACKAGE
            .replace(r#""export_data":"same""#, r#""export_data":"may-change""#)
            .replace(r#""export_data_changes":[]"#, r#""export_data_changes":["Get is inlined"]"#)
            .replace(r#""at":{"file":"x.yaml","line":5,"col":12},"#, "");
        let places = PLACES.replace("\"put\"", "\"get\"");
        for texts in [[changed.as_str(), &places], [&places, &changed]] {
            let all = reports(&texts).summary("t").std_export_data_changed("example.com/p");
            let said = all.iter().map(ToString::to_string).collect::<String>();
            assert!(
                said.starts_with("x.yaml:9:12: cannot weave example.com/p: its export data change"),
                "{said}"
            );
            assert!(
                said.contains(", most likely by rule get of x\n    Get is inlined\n    help: "),
                "{said}"
            );
        }
    }
}

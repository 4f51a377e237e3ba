//! What a build gets: a generated file for each program that uses something instrumented, and the rules and flags of each
//! package that is woven.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use weave_engine::{MainInput, MainReport, main_file};
use weave_rules::{LoweredRules, MainRules};

use crate::command::{Command, Kind};
use crate::compile::Work;
use crate::digest::digest;
use crate::instrumentation::Instrumentation;
use crate::list::{Env, Graph, Package, plain_path};
use crate::modules::engine;
use crate::pattern::{PackageFlag, Subject};
use crate::words;

/// What a plan is made from.
#[derive(Debug)]
pub struct PlanInput<'a> {
    /// The command line.
    pub command: &'a Command,
    /// What the go command says of itself.
    pub env: &'a Env,
    /// Build tags, those of the toolchain included.
    pub tags: &'a [String],
    /// Where the go command runs.
    pub cwd: &'a Path,
    /// What `go list -deps` says, with `-test` for a test.
    pub packages: &'a [Package],
    /// What may apply, in order.
    pub instrumentations: &'a [Instrumentation],
    /// The user's values of `-gcflags`, in order.
    pub gcflags: &'a [String],
    /// Name and version of the tool, for the record in each program.
    pub tool: &'a str,
}

/// What a program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramKind {
    /// A main package.
    Main,
    /// The test of a package.
    Test,
}

/// A program that uses something instrumented.
#[derive(Debug, Clone)]
pub struct Program {
    /// What it is.
    pub kind: ProgramKind,
    /// Import path of the main package, or of the package under test.
    pub path: String,
    /// Its folder.
    pub dir: String,
    /// The module that it is from, if that is not one that is being worked on: `path@version`.
    pub foreign: Option<String>,
    /// Name of the generated file.
    pub file: &'static str,
    /// The generated file.
    pub text: String,
    /// Why each instrumentation applies or not.
    pub report: MainReport,
}

/// What a build gets.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Programs that use something instrumented.
    pub programs: Vec<Program>,
    /// Import paths of main packages that do not.
    pub plain: Vec<String>,
    /// Import paths of the other packages that the command line names.
    pub libraries: Vec<String>,
    /// Packages that are part of Go and that would be programs if we could add files to them.
    pub go_programs: Vec<String>,
    /// What is woven.
    pub work: Vec<Work>,
    /// All values of `-gcflags`.
    pub gcflags: Vec<String>,
}

impl Plan {
    /// Names of the instrumentations that apply to any program.
    #[must_use]
    pub fn applied(&self) -> BTreeSet<&str> {
        let all = self.programs.iter().flat_map(|p| &p.report.instrumentations);
        all.filter(|i| i.applies).map(|i| i.name.as_str()).collect()
    }
}

/// Name of the generated file of a main package.
const MAIN_FILE: &str = "weave_main.go";
/// Name of the generated file of a test.
const TEST_FILE: &str = "weave_main_test.go";

/// Flags with which the go command lets the compiler use several threads.
const THREADS: &[&str] = &["-N", "-l", "-S", "-B", "-C", "-I", "-shared"];

/// What goes into each program, as `goweave inspect` finds it.
#[derive(Debug, Serialize)]
struct Record<'a> {
    weave: u32,
    tool: &'a str,
    engine: &'a str,
    instrumentations: Vec<RecordEntry<'a>>,
    packages: Vec<RecordEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct RecordEntry<'a> {
    name: &'a str,
    rules: String,
}

/// Decide. `identifiers` reads the names that the sources of a program use.
pub fn plan(
    input: &PlanInput<'_>,
    identifiers: &mut dyn FnMut(&Package, ProgramKind) -> BTreeSet<String>,
) -> Plan {
    let graph = Graph::new(input.packages);
    let rules_of = |support: bool| -> Vec<MainRules> {
        let those = input.instrumentations.iter().filter(|i| i.support == support);
        those.map(|i| i.lowered.main.clone()).collect()
    };
    let (rules, support) = (rules_of(false), rules_of(true));
    let tests = input.command.kind == Kind::Test || input.command.switch("test");
    let by_path: BTreeMap<&str, &Package> =
        input.packages.iter().map(|p| (p.import_path.as_str(), p)).collect();

    let mut plan = Plan::default();
    let mut found = Vec::new();
    for package in input.packages {
        let path = package.import_path.as_str();
        let under_test =
            path.strip_suffix(".test").filter(|_| package.name == "main").and_then(|p| by_path.get(p));
        let (kind, own) = match under_test {
            Some(own) if tests => (ProgramKind::Test, *own),
            _ if package.dep_only || path.contains(' ') || tests => continue,
            _ if package.name != "main" => {
                plan.libraries.push(path.to_owned());
                continue;
            }
            _ => (ProgramKind::Main, package),
        };
        let used = graph.closure(&[path]);
        let name = match kind {
            ProgramKind::Main => own.import_path.clone(),
            // The generated file is in the package beside the one under test.
            ProgramKind::Test => format!("{}_test", own.import_path),
        };
        let offered = |taken: &BTreeSet<String>| {
            main_file(&MainInput { package: &name, taken, used: &used, rules: &rules, support: &support })
        };
        let (_, report) = offered(&BTreeSet::new());
        if !report.woven {
            if kind == ProgramKind::Main {
                plan.plain.push(path.to_owned());
            }
            continue;
        }
        if own.standard {
            plan.go_programs.push(path.to_owned());
            plan.plain.push(path.to_owned());
            continue;
        }
        let taken = identifiers(own, kind);
        let (text, report) = offered(&taken);
        found.push((kind, own, text, report, taken));
    }

    let mut woven: BTreeMap<&str, Vec<&LoweredRules>> = BTreeMap::new();
    for i in input.instrumentations {
        for rules in &i.lowered.packages {
            let in_use = found
                .iter()
                .flat_map(|(_, _, _, report, _)| &report.instrumentations)
                .any(|r| r.applies && r.name == i.name && r.uses.contains(&rules.package));
            if in_use {
                woven.entry(&rules.package).or_default().push(rules);
            }
        }
    }
    let flags: Vec<PackageFlag> = input.gcflags.iter().filter_map(|f| PackageFlag::parse(f)).collect();
    let mut subjects = Vec::new();
    plan.gcflags = input.gcflags.to_vec();
    for (path, rules) in woven {
        let package = by_path.get(path);
        let subject = Subject {
            path,
            dir: package.map_or("", |p| &p.dir),
            std: package.is_some_and(|p| p.standard),
            named: package.is_some_and(|p| !p.dep_only),
        };
        let theirs = flags.iter().rfind(|f| f.matches(subject, input.cwd));
        let mut words = theirs.map(|f| f.flags.clone()).unwrap_or_default();
        let work = Work {
            weave: 1,
            engine: engine().to_owned(),
            package: path.to_owned(),
            version: package
                .and_then(|p| p.module.as_ref())
                .and_then(|m| m.effective_version())
                .map(str::to_owned),
            std: subject.std,
            go: input.env.goversion.trim_start_matches("go").to_owned(),
            goos: input.env.goos.clone(),
            goarch: input.env.goarch.clone(),
            cgo: input.env.cgo_enabled == "1",
            tags: input.tags.to_vec(),
            threads: words.iter().all(|w| THREADS.contains(&w.as_str())),
            rules: rules.into_iter().cloned().collect(),
        };
        words.push(work.flag());
        // Words that came out of a list can be put into one again, and ours needs no quotes.
        plan.gcflags.push(format!("{path}={}", words::join(&words).unwrap_or_default()));
        plan.work.push(work);
        subjects.push(subject);
    }
    // The last value stands in the build information of every program. If it may, that is again the user's, or nothing:
    // then the digests of rules are no part of it.
    let last = input.gcflags.last().cloned().unwrap_or_default();
    if !plan.work.is_empty()
        && PackageFlag::parse(&last).is_some_and(|f| !subjects.iter().any(|s| f.matches(*s, input.cwd)))
    {
        plan.gcflags.push(last);
    }

    for (kind, own, text, report, taken) in found {
        let text = finish(text, own, kind, &record(input, &plan, &report), &taken);
        let foreign = own.module.as_ref().filter(|m| !m.main).map(|m| format!("{}@{}", m.path, m.version));
        plan.programs.push(Program {
            kind,
            path: plain_path(&own.import_path).to_owned(),
            dir: own.dir.clone(),
            foreign,
            file: match kind {
                ProgramKind::Main => MAIN_FILE,
                ProgramKind::Test => TEST_FILE,
            },
            text,
            report,
        });
    }
    plan
}

/// Marks of the record inside a program.
pub(crate) const RECORD: [&str; 2] = ["\u{1}goweave record ", "\u{2}goweave end\u{1}"];

fn record(input: &PlanInput<'_>, plan: &Plan, report: &MainReport) -> String {
    let applies = |name: &str| report.instrumentations.iter().any(|r| r.applies && r.name == name);
    let instrumentations = input.instrumentations.iter().filter(|i| applies(&i.name));
    let uses: BTreeSet<&str> = report
        .instrumentations
        .iter()
        .filter(|r| r.applies)
        .flat_map(|r| r.uses.iter().map(String::as_str))
        .collect();
    let record = Record {
        weave: 1,
        tool: input.tool,
        engine: engine(),
        instrumentations: instrumentations
            .map(|i| RecordEntry {
                name: &i.name,
                rules: digest(
                    i.lowered.packages.iter().map(|p| p.package.as_bytes()).chain([serde_json::to_vec(
                        &i.lowered.main,
                    )
                    .unwrap_or_default()
                    .as_slice()]),
                ),
            })
            .collect(),
        packages: plan
            .work
            .iter()
            .filter(|w| uses.contains(w.package.as_str()))
            .map(|w| RecordEntry { name: &w.package, rules: w.digest() })
            .collect(),
    };
    serde_json::to_string(&record).unwrap_or_default()
}

/// Put the generated file into the right package and add the record.
fn finish(text: String, own: &Package, kind: ProgramKind, record: &str, taken: &BTreeSet<String>) -> String {
    let mut text = match kind {
        ProgramKind::Main => text,
        ProgramKind::Test => text.replacen("\npackage main\n", &format!("\npackage {}_test\n", own.name), 1),
    };
    let mut name = "weaveRecord".to_owned();
    while taken.contains(&name) {
        name.push('_');
    }
    let [begin, end] =
        RECORD.map(|mark| format!("{mark:?}").replace("\\u{1}", "\\x01").replace("\\u{2}", "\\x02"));
    text.push_str(&format!(
        "\n// {name} is what `goweave inspect` shows. Being set when the program starts, it is not dropped by the linker.\n\
         var {name} string\n\nfunc init() {{ {name} = {begin} + {} + {end} }}\n",
        serde_json::Value::from(record)
    ));
    text
}

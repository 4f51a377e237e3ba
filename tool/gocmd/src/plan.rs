//! What a build gets: a generated file for each program that uses something instrumented, and the rules and flags of each
//! package that is woven.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use weave_engine::{MainInput, main_file};
use weave_ir::{LoweredRules, MainRules, PathPattern, WovenFacts};
use weave_report::{MainReport, Record};

use crate::command::{Command, Kind};
use crate::compile::{Work, WorkRewriter};
use crate::instrumentation::Instrumentation;
use crate::list::{Env, Graph, Package, plain_path};
use crate::matches::Matches;
use crate::modules::{engine, types_helper_name};
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
    /// Which of their rules are for which packages.
    pub matches: &'a Matches,
    /// The user's values of `-gcflags`, in order.
    pub gcflags: &'a [String],
    /// Which programs count.
    pub scope: Scope,
    /// Name and version of the tool, for the record in each program.
    pub tool: &'a str,
}

/// Which programs count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Main packages.
    Mains,
    /// Tests.
    Tests,
    /// Both: one set of files serves for either. The test of a main package has the file of the package.
    Both,
}

impl Scope {
    /// What a command is about.
    #[must_use]
    pub fn of(command: &Command) -> Self {
        if command.kind == Kind::Test || command.switch("test") { Self::Tests } else { Self::Mains }
    }
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
    /// Name of the generated file.
    pub file: &'static str,
    /// The generated file.
    pub text: String,
    /// Why each instrumentation applies or not.
    pub report: MainReport,
    /// Whether the plain program has a package that is made by cgo: `net`, say, where cgo is on.
    pub cgo: bool,
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
    /// Main packages that are part of Go: no hooks can be added to them, and they stay as they are.
    pub go_programs: Vec<String>,
    /// Tests of packages that are part of Go: these are woven, but no hooks can be added.
    pub go_tests: Vec<String>,
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

/// Name of the file that has the go command build what woven code imports.
pub const IMPORTS_FILE: &str = "weave_imports.go";

/// Whether a file that is called so, without its ending, is one that is added to packages.
#[must_use]
pub fn is_added(name: &str) -> bool {
    [MAIN_FILE, TEST_FILE, IMPORTS_FILE].iter().any(|file| file.strip_suffix(".go") == Some(name))
}

/// Flags with which the go command lets the compiler use several threads.
const THREADS: &[&str] = &["-N", "-l", "-S", "-B", "-C", "-I", "-shared"];

/// Decide. `identifiers` reads the names that the sources of a program use; `woven` weaves a main package, if that can be told
/// before it is compiled: the generated file, being a part of it, can name those hook variables only that it comes to have.
pub fn plan(
    input: &PlanInput<'_>,
    identifiers: &mut dyn FnMut(&Package, ProgramKind) -> BTreeSet<String>,
    woven: &mut dyn FnMut(&Package, &Work) -> Option<WovenFacts>,
) -> Plan {
    let graph = Graph::new(input.packages);
    let main_rules = |support: bool| -> Vec<MainRules> {
        let those = input.instrumentations.iter().filter(|i| i.support == support);
        those.map(|i| i.lowered.main.clone()).collect()
    };
    let (rules, support) = (main_rules(false), main_rules(true));
    let known = input.matches.woven(input.instrumentations);
    let by_path: BTreeMap<&str, &Package> =
        input.packages.iter().map(|p| (p.import_path.as_str(), p)).collect();

    let mut plan = Plan::default();
    let mut found = Vec::new();
    let mut without_hooks = Vec::new();
    for package in input.packages {
        let path = package.import_path.as_str();
        let under_test =
            path.strip_suffix(".test").filter(|_| package.name == "main").and_then(|p| by_path.get(p));
        let (kind, own) = match under_test {
            Some(own) if input.scope == Scope::Tests || input.scope == Scope::Both && own.name != "main" => {
                (ProgramKind::Test, *own)
            }
            Some(_) => continue,
            None if package.dep_only || path.contains(' ') || input.scope == Scope::Tests => continue,
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
        // A package that is named has what the rules say, or its build fails; but for what only some functions need.
        let by_pattern = || {
            let sets = input.instrumentations.iter().flat_map(|i| input.matches.rules(i, &own.import_path));
            let mut rules = sets.cloned().peekable();
            let pattern = |set: &LoweredRules| PathPattern::new(&set.package).exact().is_none();
            rules.peek()?;
            let rules: Vec<LoweredRules> = rules.collect();
            let leaves = |set: &LoweredRules| set.rules.iter().filter_map(|r| r.hook()).any(|h| h.has_exit());
            let any = rules.iter().any(|set| pattern(set) || leaves(set));
            any.then(|| work(input, &own.import_path, Some(own), true, rules))
        };
        let better = Some(kind)
            .filter(|k| *k == ProgramKind::Main)
            .and_then(|_| by_pattern())
            .and_then(|work| woven(own, &work))
            .map(|facts| known.with(facts));
        let known = better.as_ref().unwrap_or(&known);
        let offered = |taken: &BTreeSet<String>| {
            let test = kind == ProgramKind::Test;
            main_file(&MainInput {
                package: &name,
                test,
                taken,
                used: &used,
                rules: &rules,
                support: &support,
                woven: Some(known),
                carried: &BTreeMap::new(),
            })
        };
        let (_, report) = offered(&BTreeSet::new());
        if !report.woven {
            if kind == ProgramKind::Main {
                plan.plain.push(path.to_owned());
            }
            continue;
        }
        if own.standard {
            match kind {
                ProgramKind::Main => {
                    plan.go_programs.push(path.to_owned());
                    plan.plain.push(path.to_owned());
                }
                ProgramKind::Test => {
                    plan.go_tests.push(own.import_path.clone());
                    without_hooks.push(report);
                }
            }
            continue;
        }
        let taken = identifiers(own, kind);
        let (text, report) = offered(&taken);
        let by_cgo = |p: &String| {
            p == "runtime/cgo" || by_path.get(p.as_str()).is_some_and(|p| !p.cgo_files.is_empty())
        };
        let cgo = used.iter().any(by_cgo);
        found.push((kind, own, text, report, taken, cgo));
    }

    let mut rules_of: BTreeMap<String, Vec<&LoweredRules>> = BTreeMap::new();
    for i in input.instrumentations {
        let reports = found.iter().map(|(_, _, _, report, ..)| report).chain(&without_hooks);
        let reports = reports.flat_map(|r| &r.instrumentations);
        let uses: BTreeSet<&String> =
            reports.filter(|r| r.applies && r.name == i.name).flat_map(|r| &r.uses).collect();
        let hooks = &i.lowered.main.hooks;
        // What stands beside hooks is woven into their package, whether or not anything else uses it.
        if !uses.is_empty() && !hooks.is_empty() && !uses.contains(hooks) {
            let beside: Vec<&LoweredRules> =
                i.lowered.packages.iter().filter(|r| r.package == *hooks).collect();
            if !beside.is_empty() {
                rules_of.entry(hooks.clone()).or_default().extend(beside);
            }
        }
        for package in uses {
            rules_of.entry(package.clone()).or_default().extend(input.matches.rules(i, package));
        }
    }
    // What is asked for by name and is in no program is woven all the same, which shows what is wrong with it.
    if found.is_empty() && plan.plain.is_empty() && input.scope != Scope::Tests {
        for i in input.instrumentations.iter().filter(|i| !i.support) {
            for path in plan.libraries.iter().filter(|p| by_path.get(p.as_str()).is_some_and(|p| !p.standard))
            {
                let mut rules = input.matches.rules(i, path).peekable();
                if rules.peek().is_some() {
                    rules_of.entry(path.clone()).or_default().extend(rules);
                }
            }
        }
    }
    let flags: Vec<PackageFlag> = input.gcflags.iter().filter_map(|f| PackageFlag::parse(f)).collect();
    let mut subjects = Vec::new();
    plan.gcflags = input.gcflags.to_vec();
    for (path, rules) in &rules_of {
        let path = path.as_str();
        let package = by_path.get(path);
        let subject = Subject {
            path,
            dir: package.map_or("", |p| &p.dir),
            std: package.is_some_and(|p| p.standard),
            named: package.is_some_and(|p| !p.dep_only),
        };
        let theirs = flags.iter().rfind(|f| f.matches(subject, input.cwd));
        let mut words = theirs.map(|f| f.flags.clone()).unwrap_or_default();
        let threads = words.iter().all(|w| THREADS.contains(&w.as_str()));
        let work = work(input, path, package.copied(), threads, rules.iter().copied().cloned().collect());
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

    for (kind, own, text, report, taken, cgo) in found {
        let text = match kind {
            ProgramKind::Main => text,
            ProgramKind::Test => {
                text.replacen("\npackage main\n", &format!("\npackage {}_test\n", own.name), 1)
            }
        };
        let woven = plan.work.iter().map(|w| (w.package.as_str(), w.digest()));
        let record = Record::new(input.tool, engine(), &report, &rules, &support, woven);
        let text = record.append(&text, &taken);
        plan.programs.push(Program {
            kind,
            path: plain_path(&own.import_path).to_owned(),
            dir: own.dir.clone(),
            file: match kind {
                ProgramKind::Main => MAIN_FILE,
                ProgramKind::Test => TEST_FILE,
            },
            text,
            report,
            cgo,
        });
    }
    plan
}

/// What the rules weave into these packages, whether or not a program uses them.
#[must_use]
pub fn work_of(input: &PlanInput<'_>, paths: &BTreeSet<&str>) -> Vec<Work> {
    let mut all = Vec::new();
    for path in paths {
        let package = input.packages.iter().find(|p| p.import_path == *path);
        let rules: Vec<LoweredRules> =
            input.instrumentations.iter().flat_map(|i| input.matches.rules(i, path)).cloned().collect();
        if !rules.is_empty() {
            all.push(work(input, path, package, true, rules));
        }
    }
    all
}

fn work(
    input: &PlanInput<'_>,
    path: &str,
    package: Option<&Package>,
    threads: bool,
    rules: Vec<LoweredRules>,
) -> Work {
    let module = package.and_then(|p| p.module.as_ref());
    let asks = rules.iter().any(|set| !set.types.is_empty());
    Work {
        weave: 1,
        engine: engine().to_owned(),
        package: path.to_owned(),
        version: module.and_then(|m| m.effective_version()).map(str::to_owned),
        std: package.is_some_and(|p| p.standard),
        go: input.env.goversion.trim_start_matches("go").to_owned(),
        goos: input.env.goos.clone(),
        goarch: input.env.goarch.clone(),
        cgo: input.env.cgo_enabled == "1",
        tags: input.tags.to_vec(),
        threads,
        types: asks.then(|| types_helper_name(&input.env.goversion)),
        rewriters: input
            .instrumentations
            .iter()
            .filter(|i| rules.iter().any(|set| set.instrumentation == i.name))
            .filter_map(|i| Some(WorkRewriter { name: i.name.clone(), file: i.rewriter.clone()? }))
            .collect(),
        rules,
    }
}

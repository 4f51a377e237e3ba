//! Decides the additions to a build: a generated file for each program that uses something instrumented, and the rules and flags of each
//! package that is woven.

use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{LoweredRules, WovenFacts};

use crate::flags::pattern::{PackageFlag, Subject};
use crate::flags::words;
use crate::packages::list::Package;
use crate::plan::input::{PlanInput, Scope};
use crate::plan::program::{Program, ProgramKind, Programs, programs, with_records};
use crate::plan::work::{Work, work};

/// Plan of a build: its additions to the plain one.
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
    /// Packages to weave.
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

/// Flags with which the go command lets the compiler use several threads.
const THREADS: &[&str] = &["-N", "-l", "-S", "-B", "-C", "-I", "-shared"];

/// Decides. `identifiers` reads the names that the sources of a program use; `woven` weaves a main package, if that can be told
/// before it is compiled: the generated file, being a part of it, can name those hook variables only that it comes to have.
pub fn plan(
    input: &PlanInput<'_>,
    identifiers: &mut dyn FnMut(&Package, ProgramKind) -> BTreeSet<String>,
    woven: &mut dyn FnMut(&Package, &Work) -> Option<WovenFacts>,
) -> Plan {
    let programs = programs(input, identifiers, woven);
    let mut plan = Plan::default();
    weave(input, &rules_of(input, &programs), &mut plan);
    plan.programs = with_records(input, programs.found, &plan.work);
    plan.plain = programs.plain;
    plan.libraries = programs.libraries;
    plan.go_programs = programs.go_programs;
    plan.go_tests = programs.go_tests;
    plan
}

/// The rules for each package that is woven, by import path.
type RulesOf<'a> = BTreeMap<String, Vec<&'a LoweredRules>>;

/// Finds the rules of packages that programs use.
fn rules_of<'a>(input: &PlanInput<'a>, programs: &Programs<'_>) -> RulesOf<'a> {
    let listed = |path: &String| input.packages.iter().any(|p| p.import_path == *path && !p.standard);
    let mut all: RulesOf<'a> = BTreeMap::new();
    for i in input.instrumentations {
        let reports = programs.found.iter().map(|p| &p.report).chain(&programs.without_hooks);
        let reports = reports.flat_map(|r| &r.instrumentations);
        let uses: BTreeSet<&String> =
            reports.filter(|r| r.applies && r.name == i.name).flat_map(|r| &r.uses).collect();
        let hooks = &i.lowered.main.hooks;
        // What stands beside hooks is woven into their package, whether or not anything else uses it.
        if !uses.is_empty() && !hooks.is_empty() && !uses.contains(hooks) {
            let beside: Vec<&LoweredRules> =
                i.lowered.packages.iter().filter(|r| r.package == *hooks).collect();
            if !beside.is_empty() {
                all.entry(hooks.clone()).or_default().extend(beside);
            }
        }
        for package in uses {
            all.entry(package.clone()).or_default().extend(input.matches.rules(i, package));
        }
    }
    // What is asked for by name and is in no program is woven all the same, which shows what is wrong with it.
    if programs.found.is_empty() && programs.plain.is_empty() && input.scope != Scope::Tests {
        for i in input.instrumentations.iter().filter(|i| !i.support) {
            for path in programs.libraries.iter().filter(|p| listed(p)) {
                let mut rules = input.matches.rules(i, path).peekable();
                if rules.peek().is_some() {
                    all.entry(path.clone()).or_default().extend(rules);
                }
            }
        }
    }
    all
}

/// Adds what is woven, and the flags by which the compiler is told.
fn weave(input: &PlanInput<'_>, rules_of: &RulesOf<'_>, plan: &mut Plan) {
    let by_path: BTreeMap<&str, &Package> =
        input.packages.iter().map(|p| (p.import_path.as_str(), p)).collect();
    let flags: Vec<PackageFlag> = input.gcflags.iter().filter_map(|f| PackageFlag::parse(f)).collect();
    let mut subjects = Vec::new();
    plan.gcflags = input.gcflags.to_vec();
    for (path, rules) in rules_of {
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
}

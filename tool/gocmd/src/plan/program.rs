//! The programs of a build that use something instrumented.

use std::collections::{BTreeMap, BTreeSet};

use weave_engine::{MainInput, main_file};
use weave_ir::{LoweredRules, MainRules, PathPattern, WovenFacts};
use weave_report::{MainReport, Record};

use crate::built_in::engine;
use crate::packages::list::{Graph, Package, plain_path};
use crate::plan::input::{PlanInput, Scope};
use crate::plan::work::{Work, work};

/// Kind of a program.
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
    /// Kind.
    pub kind: ProgramKind,
    /// Import path of the main package, or of the package under test.
    pub path: String,
    /// Its folder.
    pub dir: String,
    /// Name of the generated file.
    pub file: &'static str,
    /// The generated file.
    pub text: String,
    /// Report: why each instrumentation applies or not.
    pub report: MainReport,
    /// Whether the plain program has a package that is made by cgo: `net`, say, where cgo is on.
    pub cgo: bool,
}

/// Name of the generated file of a main package.
const MAIN_FILE: &str = "weave_main.go";
/// Name of the generated file of a test.
const TEST_FILE: &str = "weave_main_test.go";

/// Name of the file that has the go command build what woven code imports.
pub const IMPORTS_FILE: &str = "weave_imports.go";

/// Returns whether a file that is called so, without its ending, is one that is added to packages.
#[must_use]
pub fn is_added(name: &str) -> bool {
    [MAIN_FILE, TEST_FILE, IMPORTS_FILE].iter().any(|file| file.strip_suffix(".go") == Some(name))
}

/// The programs of a build.
#[derive(Default)]
pub(super) struct Programs<'a> {
    /// Programs that get hooks.
    pub(super) found: Vec<Found<'a>>,
    /// Reports of those that are woven and get none.
    pub(super) without_hooks: Vec<MainReport>,
    /// Plain programs, as in [`Plan`](crate::Plan).
    pub(super) plain: Vec<String>,
    pub(super) libraries: Vec<String>,
    pub(super) go_programs: Vec<String>,
    pub(super) go_tests: Vec<String>,
}

/// A program that gets hooks.
pub(super) struct Found<'a> {
    kind: ProgramKind,
    package: &'a Package,
    text: String,
    pub(super) report: MainReport,
    taken: BTreeSet<String>,
    cgo: bool,
}

/// The instrumentations that only support others, or those that do not, as main packages read them.
fn main_rules(input: &PlanInput<'_>, support: bool) -> Vec<MainRules> {
    let those = input.instrumentations.iter().filter(|i| i.support == support);
    those.map(|i| i.lowered.main.clone()).collect()
}

/// Finds them; the functions are those of [`plan()`](crate::plan()).
pub(super) fn programs<'a>(
    input: &PlanInput<'a>,
    identifiers: &mut dyn FnMut(&Package, ProgramKind) -> BTreeSet<String>,
    woven: &mut dyn FnMut(&Package, &Work) -> Option<WovenFacts>,
) -> Programs<'a> {
    let graph = Graph::new(input.packages);
    let (rules, support) = (main_rules(input, false), main_rules(input, true));
    let known = input.matches.woven(input.instrumentations);
    let by_path: BTreeMap<&str, &Package> =
        input.packages.iter().map(|p| (p.import_path.as_str(), p)).collect();

    let mut all = Programs::default();
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
                all.libraries.push(path.to_owned());
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
                all.plain.push(path.to_owned());
            }
            continue;
        }
        if own.standard {
            match kind {
                ProgramKind::Main => {
                    all.go_programs.push(path.to_owned());
                    all.plain.push(path.to_owned());
                }
                ProgramKind::Test => {
                    all.go_tests.push(own.import_path.clone());
                    all.without_hooks.push(report);
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
        all.found.push(Found { kind, package: own, text, report, taken, cgo });
    }
    all
}

/// The generated files, with the record of what is woven.
pub(super) fn with_records(input: &PlanInput<'_>, found: Vec<Found<'_>>, work: &[Work]) -> Vec<Program> {
    let (rules, support) = (main_rules(input, false), main_rules(input, true));
    let finish = |Found { kind, package, text, report, taken, cgo }: Found<'_>| {
        let text = match kind {
            ProgramKind::Main => text,
            ProgramKind::Test => {
                text.replacen("\npackage main\n", &format!("\npackage {}_test\n", package.name), 1)
            }
        };
        let woven = work.iter().map(|w| (w.package.as_str(), w.digest()));
        let record = Record::new(input.tool, engine(), &report, &rules, &support, woven);
        Program {
            kind,
            path: plain_path(&package.import_path).to_owned(),
            dir: package.dir.clone(),
            file: match kind {
                ProgramKind::Main => MAIN_FILE,
                ProgramKind::Test => TEST_FILE,
            },
            text: record.append(&text, &taken),
            report,
            cgo,
        }
    };
    found.into_iter().map(finish).collect()
}

//! The generated file of a main package: which hooks the program gets.

use crate::messages;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use weave_ir::{MainRules, MainVariable, PathPattern, WovenFacts};
use weave_report::{MainInstrumentation, MainReport};

/// Import path of the package that says whether an instrumentation is switched on.
pub const HOOK_RUNTIME: &str = "github.com/rules-go-weave/rules_go_weave/runtime";

/// Import path of the shipped hooks. They check themselves whether their package is initialised, and they use the network.
pub const INSTRUMENTATIONS: &str = "github.com/rules-go-weave/rules_go_weave/instrumentation/";

/// Package clause with which a file is never part of a build, so that a program without hooks stays as it was.
pub const NEVER: &str = "//go:build weave_never\n\n";

/// Input of the generated file.
#[derive(Debug)]
pub struct MainInput<'a> {
    /// Import path of the main package.
    pub package: &'a str,
    /// Whether the program is one of `go test`.
    pub test: bool,
    /// Identifiers in the sources of the main package, which generated names avoid.
    pub taken: &'a BTreeSet<String>,
    /// Every package of the program.
    pub used: &'a BTreeSet<String>,
    /// Instrumentations that apply if the program uses one of their packages.
    pub rules: &'a [MainRules],
    /// Instrumentations that apply if any of `rules` does.
    pub support: &'a [MainRules],
    /// Woven packages, if they are known beforehand: then a package that a pattern matches counts if the instrumentation was
    /// woven into it, and a package that is named counts if it is not known to be left out.
    pub woven: Option<&'a WovenPackages>,
    /// Packages that the hooks of an instrumentation bring into the program where it applies, by its name.
    pub carried: &'a BTreeMap<String, BTreeSet<String>>,
}

/// Instrumentations woven into packages, by import path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WovenPackages(BTreeMap<String, WovenPackage>);

/// Instrumentations woven into a package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct WovenPackage {
    /// The paths by which the compiler knows it: one, or several where several vendored copies of it are in one program.
    symbols: BTreeSet<String>,
    /// The hook variables by instrumentation.
    instrumentations: BTreeMap<String, BTreeSet<String>>,
}

impl WovenPackages {
    /// Adds what was woven into a package; one that is compiled in two forms, as for its tests, has what either has.
    pub fn add(&mut self, facts: WovenFacts) {
        let symbols = facts.importmap.unwrap_or_else(|| facts.package.clone());
        let known = self.0.entry(facts.package).or_default();
        known.symbols.insert(symbols);
        for (instrumentation, variables) in facts.instrumentations {
            known.instrumentations.entry(instrumentation).or_default().extend(variables);
        }
    }

    /// The import paths of those packages that the compiler knows by one of these paths.
    pub fn importpaths(&self, symbols: &BTreeSet<String>) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, woven)| !woven.symbols.is_disjoint(symbols)).map(|(path, _)| path.as_str())
    }

    /// The same with what is known better of one package.
    #[must_use]
    pub fn with(&self, facts: WovenFacts) -> Self {
        let mut known = self.clone();
        known.0.remove(&facts.package);
        known.add(facts);
        known
    }
}

impl MainInput<'_> {
    /// Every package of the program, and those that hooks bring into it.
    fn used_with_hooks(&self) -> Cow<'_, BTreeSet<String>> {
        let mut used = Cow::Borrowed(self.used);
        loop {
            let applied: Vec<&MainRules> =
                self.rules.iter().filter(|r| !self.uses(&used, r).is_empty()).collect();
            let support = self.support.iter().filter(|_| !applied.is_empty());
            let hooks = applied.iter().copied().chain(support);
            let brought = hooks.filter_map(|r| self.carried.get(&r.instrumentation)).flatten();
            let more: Vec<&String> = brought.filter(|p| !used.contains(*p)).collect();
            if more.is_empty() {
                return used;
            }
            used = Cow::Owned(used.iter().chain(more).cloned().collect());
        }
    }

    /// Returns those of the packages in `used` that an instrumentation is for.
    fn uses(&self, used: &BTreeSet<String>, rules: &MainRules) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for p in &rules.packages {
            let named = PathPattern::new(&p.package).exact().is_some();
            for package in used_by(used, &p.package).filter(|u| self.counts(&rules.instrumentation, named, u))
            {
                if !found.iter().any(|f| f == package) {
                    found.push(package.to_owned());
                }
            }
        }
        found
    }

    /// Returns whether an instrumentation that names or matches a used package is woven into it.
    fn counts(&self, instrumentation: &str, named: bool, package: &str) -> bool {
        match self.woven.map(|w| w.0.get(package)) {
            None => true,
            Some(None) => named,
            Some(Some(woven)) => woven.instrumentations.contains_key(instrumentation),
        }
    }

    /// Returns whether a package has a hook variable.
    fn has(&self, instrumentation: &str, package: &str, variable: &MainVariable) -> bool {
        let woven = self.woven.and_then(|w| w.0.get(package));
        let woven = woven.and_then(|w| w.instrumentations.get(instrumentation));
        // Not every woven package has one for deferred exits, and only that of another package may be set all the same.
        woven.map_or(!variable.leave || package != self.package, |v| v.contains(&variable.variable))
    }

    /// The paths by which the compiler knows a package.
    fn symbols<'p>(&'p self, package: &'p str) -> Vec<&'p str> {
        match self.woven.and_then(|w| w.0.get(package)) {
            Some(woven) => woven.symbols.iter().map(String::as_str).collect(),
            None => vec![package],
        }
    }
}

/// Decides which instrumentations apply and writes the file that links their hooks.
#[must_use]
pub fn main_file(input: &MainInput<'_>) -> (String, MainReport) {
    let used = &*input.used_with_hooks();
    let uses = |r: &MainRules| input.uses(used, r);
    let any = input.rules.iter().any(|r| !uses(r).is_empty());
    let mut instrumentations = Vec::new();
    let mut applied = Vec::new();
    for (rules, support) in
        input.rules.iter().map(|r| (r, false)).chain(input.support.iter().map(|r| (r, true)))
    {
        let uses = uses(rules);
        let applies = any && (support || !uses.is_empty());
        let reason = match (applies, support) {
            (true, false) => messages::program_uses_package(),
            (true, true) => messages::instrumentations_need_it(),
            (false, false) => messages::program_uses_no_package(),
            (false, true) => messages::no_instrumentation_needs_it(),
        };
        if applies {
            applied.push((rules, uses.clone()));
        }
        instrumentations.push(MainInstrumentation {
            name: rules.instrumentation.clone(),
            applies,
            uses,
            reason: reason.into(),
        });
    }
    let text = if any { write_file(input, used, &applied) } else { format!("{NEVER}package main\n") };
    let all = input.rules.iter().chain(input.support).flat_map(|r| &r.packages);
    let packages = all.flat_map(|p| used_by(used, &p.package)).map(str::to_owned).collect();
    (
        text,
        MainReport {
            weave: weave_report::VERSION,
            package: input.package.into(),
            woven: any,
            packages,
            libraries: weave_report::libraries(input.used.iter().map(String::as_str)),
            instrumentations,
            ..MainReport::default()
        },
    )
}

/// The packages of the program that a path or a pattern of paths stands for.
fn used_by<'i>(used: &'i BTreeSet<String>, pattern: &str) -> impl Iterator<Item = &'i str> {
    let pattern = PathPattern::new(pattern);
    let exact = pattern.exact().and_then(|p| used.get(p)).map(String::as_str);
    let all = pattern.exact().is_none().then_some(used).into_iter().flatten();
    let like = all.map(String::as_str).filter(move |p| pattern.matches(p));
    exact.into_iter().chain(like)
}

fn write_file(
    input: &MainInput<'_>,
    used: &BTreeSet<String>,
    applied: &[(&MainRules, Vec<String>)],
) -> String {
    let name = |base: String| {
        let mut name = base;
        while input.taken.contains(&name) {
            name.push('_');
        }
        name
    };
    let runtime = name("weaveruntime".into());
    let pointers = name("weaveunsafe".into());
    let setter = name("weaveSet".into());
    let mut imports = String::new();
    let mut linked = String::new();
    let mut clear = String::new();
    let mut set = String::new();
    let mut hooks = 0;
    let links: BTreeSet<&str> = applied
        .iter()
        .flat_map(|(rules, uses)| {
            let packages = rules
                .packages
                .iter()
                .filter(|p| used_by(used, &p.package).any(|u| uses.iter().any(|x| x == u)));
            packages.flat_map(|p| p.links.iter().map(String::as_str))
        })
        .collect();
    for (i, (rules, uses)) in applied.iter().enumerate() {
        let alias = name(format!("weave{i}"));
        let guarded = rules.hooks.starts_with(INSTRUMENTATIONS);
        let (mut cleared, mut assigned) = (String::new(), String::new());
        let woven = rules.packages.iter().flat_map(|p| {
            used_by(used, &p.package).filter(|u| uses.iter().any(|x| x == u)).map(move |u| (u, &p.variables))
        });
        for (package, variables) in woven {
            // The linker knows the main package by the name `main`, whatever its import path is.
            let own = package == input.package;
            let gets = |v: &&MainVariable| {
                !(input.test && v.not_in_tests) && input.has(&rules.instrumentation, package, v)
            };
            for v in variables.iter().filter(gets) {
                let value = format!("{}.{}", if v.leave { &runtime } else { &alias }, v.function);
                // What leaves a function needs no initialisation, and nothing calls it but where a hook was called.
                let always = guarded || v.leave;
                if own {
                    // Both variables would be one symbol of one object; setting the woven one is as good.
                    let _ = writeln!(assigned, "\t\t{} = {value}", v.variable);
                    continue;
                }
                for path in input.symbols(package) {
                    let local = name(format!("weaveHook{hooks}"));
                    hooks += 1;
                    let _ = write!(linked, "\n//go:linkname {local} {}.{}\n", symbol_path(path), v.variable);
                    if always {
                        let _ = writeln!(linked, "var {local} = {value}");
                        if !v.leave {
                            let _ = writeln!(cleared, "\t\t{local} = nil");
                        }
                    } else {
                        // Data that begins with nil: the linker prefers data to the variable of the woven package.
                        let _ = writeln!(
                            linked,
                            "var {local} = struct {{\n\thook {pointers}.Pointer\n\tdata uintptr\n}}{{data: 1}}"
                        );
                        let _ = write!(
                            assigned,
                            "\t\t{local}f := {value}\n\t\t{local}.hook = *(*{pointers}.Pointer)({pointers}.Pointer(&{local}f))\n"
                        );
                    }
                }
            }
        }
        if rules.hooks.is_empty() {
            continue;
        }
        let shown = if cleared.is_empty() && assigned.is_empty() { "_" } else { &alias };
        let _ = writeln!(imports, "\t{shown} {:?}", rules.hooks);
        for (no, statements, block) in [("!", cleared, &mut clear), ("", assigned, &mut set)] {
            if !statements.is_empty() {
                let name = &rules.instrumentation;
                let _ = write!(block, "\tif {no}{runtime}.Enabled({name:?}) {{\n{statements}\t}}\n");
            }
        }
    }
    for path in links {
        let _ = writeln!(imports, "\t_ {path:?} // linked by name");
    }
    if !clear.is_empty() || !set.is_empty() || linked.contains(&format!("{runtime}.")) {
        let _ = writeln!(imports, "\t{runtime} {HOOK_RUNTIME:?}");
    }
    if linked.contains(&pointers) {
        let _ = writeln!(imports, "\t{pointers} \"unsafe\"");
    } else if !linked.is_empty() {
        imports.push_str("\t_ \"unsafe\" // for go:linkname\n");
    }
    let mut out = String::from("// Code generated by goweave. DO NOT EDIT.\n\npackage main\n");
    if !imports.is_empty() {
        let _ = write!(out, "\nimport (\n{imports})\n");
    }
    out.push_str(&linked);
    // Goroutines that are started before read the variables: nil or a hook, each as good as the other.
    if !set.is_empty() {
        let _ = write!(
            out,
            "\n// Hooks are set when the packages that they need are initialised.\nvar _ = {setter}()\n\n//go:norace\nfunc {setter}() bool {{\n{set}\treturn true\n}}\n"
        );
    }
    if !clear.is_empty() {
        let _ = write!(out, "\n//go:norace\nfunc init() {{\n{clear}}}\n");
    }
    out
}

/// An import path as the compiler writes it in symbol names: dots of the last element, control characters, `%`, `"` and
/// what is not ASCII are escaped.
fn symbol_path(path: &str) -> String {
    let last = path.rfind('/').map_or(0, |i| i + 1);
    let mut out = String::with_capacity(path.len());
    for (i, b) in path.bytes().enumerate() {
        if b <= b' ' || (b == b'.' && i >= last) || b == b'%' || b == b'"' || b >= 0x7f {
            let _ = write!(out, "%{b:02x}");
        } else {
            out.push(char::from(b));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use weave_ir::{MainPackage, MainVariable};

    use super::*;

    fn rules(name: &str, hooks: &str, packages: &[(&str, &[&str])]) -> MainRules {
        MainRules {
            weave: 1,
            instrumentation: name.into(),
            hooks: hooks.into(),
            packages: packages
                .iter()
                .map(|(package, functions)| MainPackage {
                    package: (*package).into(),
                    links: Vec::new(),
                    variables: functions
                        .iter()
                        .map(|f| MainVariable {
                            variable: format!("weave_x__{f}"),
                            function: (*f).into(),
                            not_in_tests: false,
                            leave: false,
                        })
                        .collect(),
                })
                .collect(),
        }
    }

    fn run(taken: &[&str], used: &[&str]) -> (String, MainReport) {
        run_carried(taken, used, false)
    }

    fn run_carried(taken: &[&str], used: &[&str], carried: bool) -> (String, MainReport) {
        let set = |names: &[&str]| names.iter().map(|s| (*s).to_owned()).collect();
        main_file(&MainInput {
            package: "example.com/cmd",
            test: false,
            taken: &set(taken),
            used: &set(used),
            rules: &[
                rules("sql", "example.com/hooks/sql", &[("database/sql", &["Query", "Exec"])]),
                rules("yaml", "example.com/hooks/yaml", &[("gopkg.in/yaml.v3", &["Load"])]),
            ],
            support: &[
                rules("runtime", "", &[("runtime", &[])]),
                rules("start", "example.com/hooks/start", &[("os", &[])]),
            ],
            woven: None,
            carried: &[("sql", "gopkg.in/yaml.v3"), ("yaml", "example.com/none")]
                .map(|(name, package)| (name.to_owned(), BTreeSet::from([package.to_owned()])))
                .into_iter()
                .filter(|_| carried)
                .collect(),
        })
    }

    #[test]
    fn a_program_that_uses_nothing_keeps_its_bytes() {
        let (text, report) = run(&[], &["fmt", "os", "runtime"]);
        assert_eq!(text, "//go:build weave_never\n\npackage main\n");
        assert!(!report.woven);
        assert!(report.instrumentations.iter().all(|i| !i.applies));
    }

    #[test]
    fn only_what_the_program_uses_is_linked() {
        let (text, report) = run(&["weave0"], &["database/sql", "os", "runtime"]);
        assert_eq!(
            text,
            r#"// Code generated by goweave. DO NOT EDIT.

package main

import (
	weave0_ "example.com/hooks/sql"
	_ "example.com/hooks/start"
	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	weaveunsafe "unsafe"
)

//go:linkname weaveHook0 database/sql.weave_x__Query
var weaveHook0 = struct {
	hook weaveunsafe.Pointer
	data uintptr
}{data: 1}

//go:linkname weaveHook1 database/sql.weave_x__Exec
var weaveHook1 = struct {
	hook weaveunsafe.Pointer
	data uintptr
}{data: 1}

// Hooks are set when the packages that they need are initialised.
var _ = weaveSet()

//go:norace
func weaveSet() bool {
	if weaveruntime.Enabled("sql") {
		weaveHook0f := weave0_.Query
		weaveHook0.hook = *(*weaveunsafe.Pointer)(weaveunsafe.Pointer(&weaveHook0f))
		weaveHook1f := weave0_.Exec
		weaveHook1.hook = *(*weaveunsafe.Pointer)(weaveunsafe.Pointer(&weaveHook1f))
	}
	return true
}
"#
        );
        assert_eq!(
            report.instrumentations.iter().map(|i| i.applies).collect::<Vec<_>>(),
            [true, false, true, true]
        );
    }

    #[test]
    fn hooks_that_guard_themselves_are_data() {
        let hooks = format!("{INSTRUMENTATIONS}sql");
        let (text, _) = main_file(&MainInput {
            package: "example.com/cmd",
            test: false,
            taken: &BTreeSet::new(),
            used: &BTreeSet::from(["database/sql".to_owned()]),
            rules: &[rules("sql", &hooks, &[("database/sql", &["Query"])])],
            support: &[],
            woven: None,
            carried: &BTreeMap::new(),
        });
        assert_eq!(
            text.split_once(")\n\n").expect("there are imports").1,
            r#"//go:linkname weaveHook0 database/sql.weave_x__Query
var weaveHook0 = weave0.Query

//go:norace
func init() {
	if !weaveruntime.Enabled("sql") {
		weaveHook0 = nil
	}
}
"#
        );
    }

    #[test]
    fn what_hooks_bring_is_used_where_they_apply() {
        let applied = |used: &[&str], carried| -> Vec<bool> {
            run_carried(&[], used, carried).1.instrumentations.iter().map(|i| i.applies).collect()
        };
        assert_eq!(applied(&["database/sql", "os", "runtime"], true), [true, true, true, true]);
        assert_eq!(applied(&["database/sql", "os", "runtime"], false), [true, false, true, true]);
        assert_eq!(applied(&["os", "runtime"], true), [false; 4]);
    }

    #[test]
    fn symbols_are_escaped_as_the_compiler_does() {
        assert_eq!(symbol_path("gopkg.in/yaml.v3"), "gopkg.in/yaml%2ev3");
        assert_eq!(symbol_path("database/sql"), "database/sql");
    }

    #[test]
    fn a_pattern_of_packages_is_for_those_that_the_program_uses() {
        let used: BTreeSet<String> =
            ["example.com/a", "example.com/a/b", "example.com/cmd", "fmt"].map(str::to_owned).into();
        let input = MainInput {
            package: "example.com/cmd",
            test: false,
            taken: &BTreeSet::new(),
            used: &used,
            rules: &[rules(
                "all",
                "example.com/hooks",
                &[("example.com/...", &["Enter"]), ("fmt", &["Print"])],
            )],
            support: &[],
            woven: None,
            carried: &BTreeMap::new(),
        };
        let (text, report) = main_file(&input);
        assert_eq!(
            report.instrumentations[0].uses,
            ["example.com/a", "example.com/a/b", "example.com/cmd", "fmt"]
        );
        for line in [
            "//go:linkname weaveHook0 example.com/a.weave_x__Enter",
            "//go:linkname weaveHook1 example.com/a/b.weave_x__Enter",
            "//go:linkname weaveHook2 fmt.weave_x__Print",
            // In the program's own package the variable is set.
            "\t\tweave_x__Enter = weave0.Enter",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_pattern_counts_where_it_is_known_to_be_woven() {
        let used: BTreeSet<String> =
            ["example.com/a", "example.com/b", "example.com/c"].map(str::to_owned).into();
        let of = |woven: &WovenPackages, packages: &[(&str, &[&str])]| {
            let (text, report) = main_file(&MainInput {
                package: "example.com/cmd",
                test: false,
                taken: &BTreeSet::new(),
                used: &used,
                rules: &[rules("own", "example.com/hooks", packages)],
                support: &[],
                woven: Some(woven),
                carried: &BTreeMap::new(),
            });
            (text.matches("go:linkname weaveHook").count(), report.instrumentations[0].uses.join(" "))
        };
        let facts = |package: &str, instrumentations: &[(&str, &[&str])]| WovenFacts {
            weave: 1,
            package: package.into(),
            importmap: None,
            instrumentations: instrumentations
                .iter()
                .map(|(i, v)| ((*i).to_owned(), v.iter().map(|v| format!("weave_x__{v}")).collect()))
                .collect(),
        };
        let mut woven = WovenPackages::default();
        let all: &[(&str, &[&str])] = &[("example.com/...", &["Enter", "Leave"])];
        assert_eq!(of(&woven, all), (0, String::new()), "nothing is woven");
        // One that is named counts without being known.
        assert_eq!(of(&woven, &[("example.com/c", &["Enter"])]), (1, "example.com/c".into()));
        woven.add(facts("example.com/a", &[("own", &["Enter"])]));
        woven.add(facts("example.com/b", &[("other", &["Enter"])]));
        assert_eq!(of(&woven, all), (1, "example.com/a".into()));
        // The same package, compiled for its tests.
        woven.add(facts("example.com/a", &[("own", &["Leave"])]));
        assert_eq!(of(&woven, all), (2, "example.com/a".into()));
        assert_eq!(
            of(&woven, &[("example.com/b", &["Enter"])]),
            (0, String::new()),
            "it is known to be left out"
        );
        assert_eq!(woven.importpaths(&used).collect::<Vec<_>>(), ["example.com/a", "example.com/b"]);
    }

    #[test]
    fn a_vendored_package_is_linked_by_the_path_that_the_compiler_knows() {
        let vendored = |by: &str| WovenFacts {
            weave: 1,
            package: "example.com/lib".into(),
            importmap: Some(format!("{by}/vendor/example.com/lib")),
            instrumentations: [("own".to_owned(), vec!["weave_x__Enter".to_owned()])].into(),
        };
        let mut woven = WovenPackages::default();
        woven.add(vendored("a"));
        woven.add(vendored("b"));
        let linked: BTreeSet<String> = ["a/vendor/example.com/lib".to_owned()].into();
        let used: BTreeSet<String> = woven.importpaths(&linked).map(str::to_owned).collect();
        assert_eq!(used, BTreeSet::from(["example.com/lib".to_owned()]));
        let (text, _) = main_file(&MainInput {
            package: "example.com/cmd",
            test: false,
            taken: &BTreeSet::new(),
            used: &used,
            rules: &[rules("own", "example.com/hooks", &[("example.com/lib", &["Enter"])])],
            support: &[],
            woven: Some(&woven),
            carried: &BTreeMap::new(),
        });
        for (i, by) in ["a", "b"].iter().enumerate() {
            let line = format!("//go:linkname weaveHook{i} {by}/vendor/example.com/lib.weave_x__Enter\n");
            assert!(text.contains(&line), "no {line} in {text}");
        }
        assert!(!text.contains(" example.com/lib.weave"), "{text}");
    }
}

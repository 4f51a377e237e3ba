//! Matches rules with packages: by import path, and for patterns of packages also by what a package imports and by the
//! directive comments that it has.

use std::collections::{BTreeMap, BTreeSet};

use weave_engine::WovenPackages;
use weave_ir::{LoweredRule, LoweredRules, PathPattern, WovenFacts};

use crate::packages::instrumentation::Instrumentation;
use crate::packages::list::{Package, plain_path};

/// Prefix of hooks and of the runtime that they use, which patterns never match.
const OURS: &str = "github.com/rules-go-weave/rules_go_weave/";

/// Returns whether a package is one of ours: a hook or what hooks use.
#[must_use]
pub fn is_ours(package: &str) -> bool {
    package.starts_with(OURS) || package == OURS.trim_end_matches('/')
}

/// Pattern that rules without a package are lowered for.
const EVERYWHERE: &str = "...";

/// The rules for each package, by the name of the instrumentation and the import path: indices into
/// [`weave_engine::Lowered::packages`].
#[derive(Debug, Clone, Default)]
pub struct Matches(BTreeMap<String, BTreeMap<String, Vec<usize>>>);

impl Matches {
    /// Finds them. `mentions` tells whether the files of a package have one of these directive comments; it is asked of packages
    /// in modules that are being worked on, whose comments alone count.
    pub fn find(
        packages: &[Package],
        instrumentations: &[Instrumentation],
        mentions: &mut dyn FnMut(&Package, &BTreeSet<String>) -> bool,
    ) -> Self {
        let mut all = BTreeMap::new();
        let paths: BTreeSet<&str> = packages.iter().map(|p| p.import_path.as_str()).collect();
        // The main package of a test is made by the go command, and nobody's.
        let made = |p: &Package| {
            p.name == "main" && p.import_path.strip_suffix(".test").is_some_and(|of| paths.contains(of))
        };
        for i in instrumentations {
            let mut matched: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (index, set) in i.lowered.packages.iter().enumerate() {
                let pattern = PathPattern::new(&set.package);
                let about = directives(set);
                for package in packages.iter().filter(|p| !made(p)) {
                    let path = plain_path(&package.import_path);
                    let fits = pattern.matches(path)
                        && (pattern.exact().is_some()
                            || reaches(set, &i.lowered.main.hooks, package)
                                && set.importing.as_ref().is_none_or(|p| imports(package, p))
                                && about.as_ref().is_none_or(|d| own(package) && mentions(package, d)));
                    if fits {
                        let indices = matched.entry(path.to_owned()).or_default();
                        if !indices.contains(&index) {
                            indices.push(index);
                        }
                    }
                }
            }
            all.insert(i.name.clone(), matched);
        }
        Self(all)
    }

    /// Returns whether an instrumentation has rules for any package.
    #[must_use]
    pub fn any(&self, instrumentation: &str) -> bool {
        self.0.get(instrumentation).is_some_and(|m| !m.is_empty())
    }

    /// The rules of an instrumentation for a package.
    pub fn rules<'i>(
        &self,
        instrumentation: &'i Instrumentation,
        package: &str,
    ) -> impl Iterator<Item = &'i LoweredRules> {
        let indices = self.0.get(&instrumentation.name).and_then(|m| m.get(package)).cloned();
        indices.unwrap_or_default().into_iter().filter_map(|i| instrumentation.lowered.packages.get(i))
    }

    /// The rules of an instrumentation that are for no package of the build. What stands beside its hooks, whose package is
    /// none of the build before the program is woven, is not a rule of the user's.
    #[must_use]
    pub fn unused<'i>(&self, instrumentation: &'i Instrumentation) -> Vec<&'i LoweredRule> {
        let used: BTreeSet<usize> = self
            .0
            .get(&instrumentation.name)
            .into_iter()
            .flat_map(BTreeMap::values)
            .flatten()
            .copied()
            .collect();
        let sets = || instrumentation.lowered.packages.iter().enumerate();
        let ids: BTreeSet<&str> = sets()
            .filter(|(i, _)| used.contains(i))
            .flat_map(|(_, set)| set.rules.iter().map(|r| r.id.as_str()))
            .collect();
        let mut seen = BTreeSet::new();
        let lowered = &instrumentation.lowered;
        let written = sets().filter(|(_, set)| set.package.is_empty() || set.package != lowered.main.hooks);
        let all = written.flat_map(|(_, set)| &set.rules);
        all.filter(|r| !ids.contains(r.id.as_str()) && seen.insert(r.id.as_str())).collect()
    }

    /// The same as what main packages need to know of woven packages.
    #[must_use]
    pub fn woven(&self, instrumentations: &[Instrumentation]) -> WovenPackages {
        let mut woven = WovenPackages::default();
        for i in instrumentations {
            for package in self.0.get(&i.name).into_iter().flatten().map(|(package, _)| package) {
                let rules = self.rules(i, package).flat_map(|set| &set.rules);
                let variables: BTreeSet<String> =
                    rules.flat_map(LoweredRule::variables).map(|v| v.variable).collect();
                woven.add(WovenFacts {
                    weave: 1,
                    package: package.clone(),
                    importmap: None,
                    instrumentations: [(i.name.clone(), variables.into_iter().collect())].into(),
                });
            }
        }
        woven
    }
}

/// Returns whether a pattern may reach a package that its text matches. The standard library is asked for by name, or below a name, or by
/// rules for every package that are about one which it imports.
fn reaches(set: &LoweredRules, hooks: &str, package: &Package) -> bool {
    let path = plain_path(&package.import_path);
    let first = set.package.split('/').next().unwrap_or_default();
    let std = !first.contains(['.', '*']) || set.package == EVERYWHERE && set.importing.is_some();
    // A rule for every package says by its other conditions what it is not for.
    let elsewhere = set.package == EVERYWHERE
        && !set.rules.is_empty()
        && set.rules.iter().all(|rule| rule.join.elsewhere(path, Some(&package.name)));
    (std || !package.standard) && !elsewhere && path != hooks && !path.starts_with(OURS)
}

fn imports(package: &Package, path: &str) -> bool {
    plain_path(&package.import_path) == path
        || package.imports.iter().any(|i| plain_path(package.import_map.get(i).unwrap_or(i)) == path)
}

/// Returns whether a package is from a module that is being worked on.
fn own(package: &Package) -> bool {
    package
        .module
        .as_ref()
        .is_some_and(|m| m.main || m.replace.as_ref().is_some_and(|r| r.version.is_empty()))
}

/// The directive comments of which a package must have one; `None` if any rule needs none.
fn directives(set: &LoweredRules) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    // Nothing but a rewriter is for it.
    if set.rules.is_empty() {
        return None;
    }
    for rule in &set.rules {
        all.extend(rule.join.directives()?);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::list::Module;

    #[test]
    fn patterns_reach_what_their_rules_may_be_about() {
        let text = "weave: 1\nname: x\nrules:\n\
             - { id: all, where: { package: example.com/..., function: F }, do: { before: f() } }\n\
             - { id: call, where: { package: ..., call: example.com/lib.F }, do: { wrap: f($this) } }\n\
             - { id: span, where: { package: ..., directive: \"x:span\", function: \"*\" }, do: { before: f() } }\n\
             - { id: std, where: { package: net/..., function: G }, do: { before: f() } }\n";
        let x = {
            let drafts = weave_dialects::read_one("x.yaml", text, &weave_dialects::Surroundings::default());
            crate::load(&drafts.expect("the rules are good")[0], &[], true).expect("the rules are good")
        };
        let package = |path: &str, imports: &[&str], main: bool| Package {
            import_path: path.into(),
            imports: imports.iter().map(|i| (*i).to_owned()).collect(),
            standard: !path.contains('.'),
            module: Some(Module { main, ..Module::default() }),
            ..Package::default()
        };
        let packages = [
            package("example.com/lib", &[], true),
            package("example.com/user", &["example.com/lib"], true),
            package("example.org/user", &["example.com/lib"], false),
            package("example.org/span", &[], false),
            package("example.net/span", &[], true),
            package("example.net/plain", &[], true),
            package("github.com/rules-go-weave/rules_go_weave/runtime", &["example.com/lib"], false),
            package("net/http", &[], false),
            package("os", &[], false),
        ];
        let all = [x];
        let matches = Matches::find(&packages, &all, &mut |p, d| {
            assert!(d.contains("x:span"));
            p.import_path.ends_with("/span")
        });
        let ids = |package: &str| -> String {
            let rules = matches.rules(&all[0], package).flat_map(|set| &set.rules);
            rules.map(|r| r.id.as_str()).collect::<Vec<_>>().join(" ")
        };
        let got: Vec<String> = packages.iter().map(|p| ids(&p.import_path)).collect();
        assert_eq!(got, ["call all", "call all", "call", "", "span", "", "", "std", ""]);
        assert!(matches.any("x") && !matches.any("y"));
    }
}

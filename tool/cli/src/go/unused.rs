//! Rules of the user's own that no package of a build is for.use crate::messages;

use crate::messages;
use weave_gocmd::{Instrumentation, Matches, Package, plain_path};
use weave_ir::Diagnostic;

/// A rule of the user's own that no package of the build is for.
pub(super) struct Idle {
    pub(super) required: bool,
    /// Whether a package of the build is called like what it names.
    pub(super) near: bool,
    pub(super) finding: Diagnostic,
}

pub(super) fn idle(
    instrumentations: &[Instrumentation],
    matches: &Matches,
    packages: &[Package],
) -> Vec<Idle> {
    let mut all = Vec::new();
    for i in instrumentations.iter().filter(|i| i.own) {
        for rule in matches.unused(i) {
            let named: Vec<String> =
                rule.join.packages().into_iter().flatten().map(|p| p.as_str().to_owned()).collect();
            let known = || packages.iter().map(|p| plain_path(&p.import_path));
            // Paths that differ in a word alone; what contains the other is another package.
            let typo = |p: &String| !p.contains(['*', '?', '[']) && !p.contains("...");
            let near = named.iter().filter(|p| typo(p)).find_map(|p| {
                let near = |k: &&str| k.split('/').count() == p.split('/').count() && alike(k, p);
                known().find(near).map(str::to_owned)
            });
            let mains: Vec<String> = packages
                .iter()
                .filter(|p| p.name == "main" && p.for_test.is_empty())
                .map(|p| format!("`{}`", p.import_path))
                .collect();
            let main = named.iter().any(|p| p == "main") && !mains.is_empty();
            let mains = if main { mains.as_slice() } else { &[] };
            let finding = messages::no_matching_package(rule, &i.name, &named, mains, near.as_deref());
            all.push(Idle { required: rule.required == Some(true), near: main || near.is_some(), finding });
        }
    }
    all
}

/// Returns whether two import paths of as many elements differ in one of them, and there in little.
fn alike(a: &str, b: &str) -> bool {
    let different: Vec<(&str, &str)> = a.split('/').zip(b.split('/')).filter(|(a, b)| a != b).collect();
    match different.as_slice() {
        [(a, b)] => {
            let length = |s: &str| s.chars().count();
            length(a).abs_diff(length(b)) < 3
                && !weave_ir::nearest(a, [*b]).is_empty()
                && !a.contains(*b)
                && !b.contains(*a)
                || length(a).abs_diff(length(b)) == 1 && (a.contains(*b) || b.contains(*a)) && length(a) > 2
        }
        _ => false,
    }
}

/// A finding without what it shows of files.
pub(super) fn one_line(d: &Diagnostic) -> String {
    let at = d.at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
    let help = d.help.as_ref().map(|h| format!(": {h}")).unwrap_or_default();
    format!("{at}{}{help}", d.message)
}

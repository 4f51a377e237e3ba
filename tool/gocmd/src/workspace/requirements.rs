//! The effect of the requirements of one go.mod on the versions of another.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use weave_ir::ModuleVersion;

/// Effect on a module that the hooks require.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The user's version is older, and is raised.
    Raised {
        /// The user's version.
        from: String,
        /// The version of the hooks.
        to: String,
    },
    /// The user's version is as new, or newer, and stays.
    Kept(String),
    /// The user does not require it: it comes in, in this version.
    Added(String),
}

/// The effect on each module that the hooks require, by path.
///
/// Minimal version selection takes the highest version that anyone requires (<https://go.dev/ref/mod#minimal-version-selection>),
/// and since Go 1.17 a go.mod lists all that it needs; so the two files say it all, but for what only modules say that
/// neither names.
#[must_use]
pub fn effects(user: &str, hooks: &str) -> BTreeMap<String, Effect> {
    let user = requirements(user);
    requirements(hooks)
        .into_iter()
        .map(|(path, ours)| {
            let effect = match user.get(&path) {
                None => Effect::Added(ours),
                Some(theirs) if ModuleVersion::parse(theirs) < ModuleVersion::parse(&ours) => {
                    Effect::Raised { from: theirs.clone(), to: ours }
                }
                Some(theirs) => Effect::Kept(theirs.clone()),
            };
            (path, effect)
        })
        .collect()
}

/// The effects for people: what is raised first, then what comes in, then what stays.
#[must_use]
pub fn effects_text(effects: &BTreeMap<String, Effect>) -> String {
    let width = effects.keys().map(String::len).max().unwrap_or(0);
    let mut out = String::new();
    for (path, effect) in effects {
        if let Effect::Raised { from, to } = effect {
            let _ = writeln!(out, "raised  {path:width$}  {from} -> {to}");
        }
    }
    for (path, effect) in effects {
        if let Effect::Added(version) = effect {
            let _ = writeln!(out, "added   {path:width$}  {version}");
        }
    }
    for (path, effect) in effects {
        if let Effect::Kept(version) = effect {
            let _ = writeln!(out, "kept    {path:width$}  {version}");
        }
    }
    out
}

/// Paths and versions of the `require` lines of a go.mod.
fn requirements(go_mod: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut inside = false;
    for line in go_mod.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let mut words = line.split_whitespace().map(|w| w.trim_matches(['"', '`']));
        let mut take = |path: Option<&str>, version: Option<&str>| {
            if let (Some(path), Some(version)) = (path, version) {
                found.insert(path.to_owned(), version.to_owned());
            }
        };
        match (words.next(), inside) {
            (Some(")"), _) => inside = false,
            (Some("require"), false) => match words.next() {
                Some("(") => inside = true,
                path => take(path, words.next()),
            },
            (path, true) => take(path, words.next()),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_higher_version_is_taken() {
        let user = "module m\n\nrequire a.example/one v1.2.0 // indirect\nrequire (\n\t\"a.example/two\" v2.0.0-rc.1\n\ta.example/three v0.9.0\n)\n\n\
                    replace (\n\ta.example/x v1.0.0 => ../x\n)\n";
        let hooks = "require (\n\ta.example/one v1.10.0\n\ta.example/two v2.0.0\n)\nrequire a.example/three v0.8.0\nrequire a.example/x v1.0.0\n";
        assert_eq!(
            effects_text(&effects(user, hooks)),
            "raised  a.example/one    v1.2.0 -> v1.10.0\nraised  a.example/two    v2.0.0-rc.1 -> v2.0.0\n\
             added   a.example/x      v1.0.0\nkept    a.example/three  v0.9.0\n"
        );
    }
}

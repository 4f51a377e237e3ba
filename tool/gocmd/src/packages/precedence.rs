//! Rules of other tools beside what is shipped: where both are for the same thing, the user's are on.

use std::collections::{BTreeMap, BTreeSet};

use weave_ir::{JoinPoint, LoweredRule, LoweredRules};

use crate::messages;
use crate::packages::instrumentation::Instrumentation;

/// Names of instrumentations to leave out and, if there are any, to take; as they are given.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Instrumentations to leave out.
    pub except: Vec<String>,
    /// Instrumentations to take; empty: all.
    pub only: Vec<String>,
}

impl Choice {
    /// Returns whether an instrumentation is chosen. What only supports others comes with them.
    #[must_use]
    pub fn takes(&self, instrumentation: &Instrumentation) -> bool {
        let named = |list: &[String]| list.contains(&instrumentation.name);
        !named(&self.except) && (self.only.is_empty() || instrumentation.support || named(&self.only))
    }

    /// Puts the names of instrumentations in place of what was written, as [`weave_report::meant`] finds them; `known` has the name of
    /// each and that of its folder.
    ///
    /// # Errors
    ///
    /// The name that no instrumentation has.
    pub fn settle(&mut self, known: &[(String, String)]) -> Result<(), String> {
        let known = known.iter().map(|(name, folder)| (name.as_str(), folder.as_str()));
        for list in [&mut self.except, &mut self.only] {
            let mut names = Vec::new();
            for given in std::mem::take(list) {
                let these = weave_report::meant(&given, known.clone());
                if these.is_empty() {
                    return Err(given);
                }
                names.extend(these.into_iter().map(str::to_owned));
            }
            *list = names;
        }
        Ok(())
    }
}

/// Takes away what rules of other tools do, too: a shipped instrumentation that hooks the same function, or what it makes of
/// the same directive comment. `counts` tells whether an instrumentation has rules for this build. What was taken away is
/// given back as notes.
pub fn give_way(all: &mut Vec<Instrumentation>, counts: &dyn Fn(&Instrumentation) -> bool) -> Vec<String> {
    let mut notes = Vec::new();
    let others: Vec<(String, Subjects)> =
        all.iter().filter(|i| i.foreign && counts(i)).map(|i| (i.name.clone(), Subjects::of(i))).collect();
    all.retain(|shipped| {
        if shipped.own || shipped.support || !counts(shipped) {
            return true;
        }
        let own = Subjects::of(shipped);
        let found = others.iter().find_map(|(name, theirs)| {
            Some((name, theirs.functions.iter().find(|(key, _)| own.functions.contains_key(*key))?))
        });
        let Some((other, ((package, receiver, _), function))) = found else { return true };
        let what = if receiver.is_empty() { function.clone() } else { format!("{receiver}.{function}") };
        notes.push(messages::shipped_is_off(&shipped.name, other, &what, package));
        false
    });
    for shipped in all.iter_mut().filter(|i| !i.own) {
        for (other, theirs) in &others {
            let mut taken = BTreeSet::new();
            for rule in shipped.lowered.packages.iter_mut().flat_map(|set| &mut set.rules) {
                forget(&mut rule.join, &theirs.directives, &mut taken);
            }
            for directive in taken {
                notes.push(messages::directive_is_taken(&directive, other));
            }
        }
    }
    notes
}

/// Takes away what shipped rules for a package make of directive comments that rules of other tools for it make something of, too.
pub fn give_way_in_package(sets: &mut [LoweredRules]) {
    let theirs: BTreeSet<String> = directives(sets.iter().filter(|set| set.foreign));
    if theirs.is_empty() {
        return;
    }
    let shipped = |set: &&mut LoweredRules| set.hooks.starts_with(weave_engine::INSTRUMENTATIONS);
    for rule in sets.iter_mut().filter(shipped).flat_map(|set| &mut set.rules) {
        forget(&mut rule.join, &theirs, &mut BTreeSet::new());
    }
}

/// Returns the directive comments that rules are about.
pub fn directives<'r>(sets: impl IntoIterator<Item = &'r LoweredRules>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    sets.into_iter().flat_map(|set| &set.rules).for_each(|rule| directives_of(rule, &mut found));
    found
}

/// Adds the directive comments that a rule is about.
fn directives_of(rule: &LoweredRule, found: &mut BTreeSet<String>) {
    rule.join.walk(&mut |j| {
        if let JoinPoint::Directive(name) | JoinPoint::Annotated(name) = j {
            found.insert(name.clone());
        }
    });
}

/// Takes directives away where others would do.
fn forget(join: &mut JoinPoint, directives: &BTreeSet<String>, taken: &mut BTreeSet<String>) {
    match join {
        JoinPoint::OneOf(list) => list.retain_mut(|j| {
            if let JoinPoint::Directive(name) = j
                && directives.contains(name)
            {
                taken.insert(name.clone());
                return false;
            }
            forget(j, directives, taken);
            true
        }),
        JoinPoint::AllOf(list) => list.iter_mut().for_each(|j| forget(j, directives, taken)),
        _ => {}
    }
}

/// Functions and directives that rules are for.
#[derive(Default)]
struct Subjects {
    /// Functions that hooks are called in: package, base of the receiver, and the name in small letters, as
    /// `RoundTrip` does nothing but call `roundTrip`; and the name as it is.
    functions: BTreeMap<(String, String, String), String>,
    /// Directive comments.
    directives: BTreeSet<String>,
}

impl Subjects {
    fn of(instrumentation: &Instrumentation) -> Self {
        let mut subjects = Self::default();
        for rule in instrumentation.lowered.packages.iter().flat_map(|set| &set.rules) {
            subjects.add(rule, instrumentation.foreign);
        }
        subjects
    }

    fn add(&mut self, rule: &LoweredRule, foreign: bool) {
        directives_of(rule, &mut self.directives);
        // Code that others put into a function may be about anything.
        let code = foreign && rule.turn.is_some();
        if rule.hook().is_none() && rule.hook_pair().is_none() && !code {
            return;
        }
        let packages = rule.join.packages().unwrap_or_default();
        rule.join.walk(&mut |j| {
            let JoinPoint::Function(f) = j else { return };
            let Some(name) = f.name.as_ref().and_then(|n| n.exact()) else { return };
            let receiver = match &f.receiver {
                None => String::new(),
                Some(r) => match r.name.exact() {
                    Some(base) => base.to_owned(),
                    None => return,
                },
            };
            for package in packages.iter().filter_map(weave_ir::PathPattern::exact) {
                let key = (package.to_owned(), receiver.clone(), name.to_lowercase());
                self.functions.insert(key, name.to_owned());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_rules_of_other_tools_are_on() {
        let load = |name: &str, rules: &str, own: bool, foreign: bool| {
            let text = format!("weave: 1\nname: {name}\nhooks: x.y/{name}\nrules:\n{rules}");
            let hooks = weave_engine::SourceFile { path: "h.go", source: b"package h\nfunc H() {}\n" };
            let drafts = weave_dialects::read_one("w.yaml", &text, &weave_dialects::Surroundings::default());
            let draft = &drafts.expect("the rules are good")[0];
            let mut i = crate::load(draft, &[hooks], own).expect("the rules are good");
            i.foreign = foreign;
            i
        };
        let rule = |id: &str, place: &str| {
            format!(
                "  - {{ id: {id}, where: {{ {place} }}, do: {{ hook: {{ function: H, arguments: [] }} }} }}\n"
            )
        };
        let client = "package: net/http, function: roundTrip, receiver: \"*Transport\"";
        let spans = "package: \"...\", function: \"*\", one-of: [{ directive: \"weave:span\" }, { directive: \"dd:span\" }]";
        let shipped = || {
            vec![
                load("net/http", &rule("client", client), false, false),
                load("database/sql", &rule("q", "package: database/sql, function: Open"), false, false),
                load("weave/directives", &rule("span", spans), false, false),
            ]
        };
        let with = |i: Instrumentation| {
            let mut all = shipped();
            all.push(i);
            let notes = give_way(&mut all, &|_| true);
            let rest: Vec<String> = all.iter().map(|i| i.name.clone()).collect();
            let directives: usize =
                all.iter().filter(|i| !i.own).map(|i| Subjects::of(i).directives.len()).sum();
            (rest.join(" "), directives, notes)
        };
        let theirs = "package: net/http, function: RoundTrip, receiver: \"*Transport\"";
        let (rest, _, notes) = with(load("theirs", &rule("x", theirs), true, true));
        assert_eq!(rest, "database/sql weave/directives theirs");
        assert_eq!(
            notes,
            [
                "the shipped instrumentation net/http is off: your rules theirs hook Transport.RoundTrip of net/http, \
             too; GOWEAVE_EXCEPT=theirs uses the shipped one instead"
            ]
        );
        // Rules in our own language are meant as they are, and other functions are nobody else's.
        let all = "net/http database/sql weave/directives theirs";
        assert_eq!(with(load("theirs", &rule("x", theirs), true, false)), (all.into(), 2, Vec::new()));
        let (rest, ..) = with(load("theirs", &rule("x", "package: net/http, function: Get"), true, true));
        assert_eq!(rest, all);
        let (rest, directives, notes) = with(load(
            "theirs",
            &rule("x", "package: \"...\", function: \"*\", directive: \"dd:span\""),
            true,
            true,
        ));
        assert_eq!((rest.as_str(), directives, notes.len()), (all, 1, 1));
        assert!(
            notes[0].starts_with("the shipped rule for //dd:span is off: your rules theirs have one, too"),
            "{notes:?}"
        );
        // The same for one package, as a build knows it that has other packages elsewhere.
        let dd = "package: \"...\", function: \"*\", directive: \"dd:span\"";
        let by_directive = load("theirs", &rule("x", dd), true, true);
        for (foreign, left) in [(true, 1), (false, 2)] {
            let mut sets: Vec<LoweredRules> =
                shipped().into_iter().flat_map(|i| i.lowered.packages).collect();
            sets.iter_mut().for_each(|set| set.hooks = format!("{}x", weave_engine::INSTRUMENTATIONS));
            sets.extend(
                by_directive.lowered.packages.iter().cloned().map(|set| LoweredRules { foreign, ..set }),
            );
            give_way_in_package(&mut sets);
            assert_eq!(
                super::directives(sets.iter().filter(|set| set.instrumentation != "theirs")).len(),
                left
            );
        }
        let choice = Choice { except: vec!["theirs".into()], only: Vec::new() };
        assert!(!choice.takes(&load("theirs", &rule("x", theirs), true, true)));
        assert!(choice.takes(&shipped()[0]));
        let known: Vec<(String, String)> =
            shipped().into_iter().map(|i| (i.name.clone(), i.name.replace('/', "_"))).collect();
        assert_eq!(choice.clone().settle(&known), Err("theirs".into()));
        let mut choice = Choice { except: vec!["DATABASE_SQL".into()], only: vec!["net_http".into()] };
        assert_eq!(choice.settle(&known), Ok(()));
        assert_eq!(
            (choice.except.join(" "), choice.only.join(" ")),
            ("database/sql".into(), "net/http".into())
        );
    }
}

//! Explains why a rule matches nothing: its conditions one by one, and how many candidates meet each.

use std::collections::BTreeSet;

use weave_ir::{Diagnostic, FunctionPattern, JoinPoint, Kind, LoweredRule, did_you_mean};

use crate::lower::questions;
use crate::messages;
use crate::package::Package;
use crate::package::sites::Candidate;
use crate::refusal::Miss;

/// Number of nearest candidates that are named.
const NEAREST: usize = 3;

/// One condition, in the words of the rule.
struct Condition<'j> {
    text: String,
    test: Test<'j>,
    /// It is about the package, and so holds for all candidates or for none.
    of_package: bool,
}

enum Test<'j> {
    /// The name of a function alone.
    Name(&'j FunctionPattern),
    /// Any condition.
    Holds(Box<JoinPoint>),
}

/// Outcome of the conditions.
pub(crate) struct Why {
    /// One line for each condition, in order; those after the first that nothing meets are not looked at.
    pub lines: Vec<String>,
    /// The candidates that meet all conditions but for the one that nothing meets, at most [`NEAREST`].
    pub nearest: Vec<Candidate>,
    /// Kind of candidate that was looked for.
    looked_for: Kind,
}

impl Why {
    /// The nearest candidates, if there are so few that each of them says something.
    pub(crate) fn note(&self, mut d: Diagnostic, package: &Package<'_, '_>) -> Diagnostic {
        for line in &self.lines {
            d = d.note(None, line.clone());
        }
        for c in &self.nearest {
            let ty = match self.looked_for {
                Kind::Function => {
                    let (file, f) = &package.functions[c.index];
                    format!(" {}", package.function_type(*file, f))
                }
                _ => String::new(),
            };
            d = d.note(package.at(*c), messages::near(package.what(*c), &ty));
        }
        d
    }
}

impl Package<'_, '_> {
    /// Returns why nothing meets a join point.
    pub(crate) fn why(&self, join: &JoinPoint) -> Why {
        let kind = match join.kinds().as_deref() {
            Some([kind, ..]) => *kind,
            _ => Kind::Package,
        };
        let mut left = self.all(kind);
        let mut lines = Vec::new();
        let mut nearest = Vec::new();
        let mut narrowed = false;
        for condition in conditions(join) {
            let before = left.clone();
            left.retain(|c| match &condition.test {
                Test::Name(p) => p.name.as_ref().is_none_or(|n| n.matches(self.functions[c.index].1.name)),
                Test::Holds(j) => self.holds(j, *c),
            });
            let yes_or_no = kind == Kind::Package || condition.of_package;
            let of = match (yes_or_no, narrowed) {
                (true, _) => String::new(),
                (_, false) => messages::of_kind(before.len(), kind.plural()),
                (_, true) => messages::of_these(before.len()),
            };
            let met = match (yes_or_no, left.len()) {
                (true, 0) => "no".to_owned(),
                (true, _) => "yes".to_owned(),
                (_, 0) => "none".to_owned(),
                (_, n) => n.to_string(),
            };
            lines.push(format!("{}: {met}{of}", condition.text));
            if left.is_empty() {
                if narrowed && before.len() <= NEAREST {
                    nearest = before;
                }
                break;
            }
            narrowed |= left.len() < before.len();
        }
        Why { lines, nearest, looked_for: kind }
    }
}

/// The conditions of a join point, those on the package first, as a reader would check them.
fn conditions(join: &JoinPoint) -> Vec<Condition<'_>> {
    let list = match join {
        JoinPoint::AllOf(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut out = Vec::new();
    for j in list {
        match j {
            JoinPoint::Function(p) if !p.closure => function(p, &mut out),
            JoinPoint::AllOf(_) => out.extend(conditions(j)),
            other => out.push(Condition {
                text: other.text(),
                test: Test::Holds(Box::new(other.clone())),
                of_package: matches!(other, JoinPoint::Package(_) | JoinPoint::PackageName(_)),
            }),
        }
    }
    out
}

/// The conditions of a function: its name, its receiver, its type.
fn function<'j>(p: &'j FunctionPattern, out: &mut Vec<Condition<'j>>) {
    if let Some(name) = &p.name {
        out.push(Condition {
            text: messages::function_named(name.as_str()),
            test: Test::Name(p),
            of_package: false,
        });
        let receiver = FunctionPattern {
            name: p.name.clone(),
            receiver: p.receiver.clone(),
            ..FunctionPattern::default()
        };
        out.push(Condition {
            text: p
                .receiver
                .as_ref()
                .map_or(messages::without_receiver().to_owned(), messages::receiver_named),
            test: Test::Holds(Box::new(JoinPoint::Function(receiver))),
            of_package: false,
        });
    }
    let whole = JoinPoint::Function(p.clone());
    let types = FunctionPattern { name: None, receiver: None, ..p.clone() };
    if types != FunctionPattern::default() {
        out.push(Condition {
            text: JoinPoint::Function(types).text(),
            test: Test::Holds(Box::new(whole)),
            of_package: false,
        });
    }
}

impl Package<'_, '_> {
    /// Returns what to say when nothing meets the conditions of a rule.
    pub(crate) fn nothing(&self, rule: &LoweredRule) -> Miss {
        let kinds = rule.join.kinds().unwrap_or_default();
        let what = match kinds.as_slice() {
            [kind] if *kind != Kind::Package => messages::no_kind(kind.noun()),
            _ => "nothing".to_owned(),
        };
        let mut d = messages::nothing_found(self.input.package, &what);
        let unknown = self.input.types.map(|t| &t.unknown);
        let asked = questions(std::slice::from_ref(rule)).interfaces;
        if let Some(why) = asked.iter().find_map(|interface| unknown?.get(interface)) {
            d.message.push_str(": ");
            d.message.push_str(why);
        }
        let mut wanted: Vec<&str> = Vec::new();
        rule.join.walk(&mut |j| match j {
            JoinPoint::Function(f) => wanted.extend(f.name.as_ref().and_then(|n| n.exact())),
            JoinPoint::Struct(n) => wanted.extend(n.exact()),
            JoinPoint::Value(v) => wanted.extend(v.name.exact()),
            _ => {}
        });
        let active = self.files.iter().filter(|f| f.active());
        let at_package_level: BTreeSet<&str> =
            active.flat_map(crate::package::file::declared_names).collect();
        let declared = || {
            at_package_level
                .iter()
                .copied()
                .chain(self.functions.iter().filter(|(_, f)| !f.literal).map(|(_, f)| f.name))
        };
        for name in wanted {
            if !declared().any(|n| n == name)
                && let Some(help) = did_you_mean(name, declared())
            {
                d = d.note(None, messages::nothing_called(name)).help(help);
                break;
            }
        }
        Miss::NotFound(Box::new(d))
    }
}

//! Messages of this crate, one constructor each: the thing and the fault, then the place, then the next step.

use std::collections::BTreeSet;

use weave_ir::{Diagnostic, did_you_mean};

use crate::RuleReport;

/// A name that is required and that no instrumentation of the build has.
pub(crate) fn unknown_required(name: &str, known: &BTreeSet<&str>) -> Diagnostic {
    let all: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
    let help = did_you_mean(name, known.iter().copied())
        .unwrap_or_else(|| "add it to the build, or require another one".into());
    Diagnostic::new("unknown-required", None, format!("unknown required instrumentation `{name}`"))
        .note(None, format!("this build has {}", all.join(", ")))
        .help(help)
}

/// An instrumentation that is required and woven nowhere; `into` is what it should be woven into.
pub(crate) fn required_not_woven(name: &str, into: &str) -> Diagnostic {
    let message = format!("required instrumentation `{name}` is not woven into any {into}");
    Diagnostic::new("required-not-woven", None, message)
}

/// The number of notes that are left out.
pub(crate) fn and_more(count: usize) -> String {
    format!("... and {count} more")
}

/// The next step where a required instrumentation has no package.
pub(crate) fn required_without_package(name: &str) -> String {
    format!("add a program that uses a package of `{name}`, or do not require it")
}

/// A package of the standard library whose export data change; `rule` is the one that may be why.
pub(crate) fn std_export_data(package: &str, rule: Option<&RuleReport>) -> Diagnostic {
    let by =
        rule.map_or(String::new(), |r| format!(", most likely by rule {} of {}", r.rule, r.instrumentation));
    let message = format!("cannot weave {package}: its export data change{by}");
    Diagnostic::new("std-export-data", rule.and_then(|r| r.at.clone()), message).help(format!(
        "weave a function that the compiler does not inline, such as one that calls it or that it calls: everything else is compiled against the plain package, and `go build -gcflags=-m {package}` prints `can inline` for the others"
    ))
}

/// A program that does not have what its report says, or the other way round.
pub(crate) fn not_as_reported(message: String) -> Diagnostic {
    Diagnostic::new("not-as-reported", None, message)
        .help("compare a program with the report of the build that made it")
}

/// A text that is not JSON, or not of the form of its kind of report.
pub(crate) fn not_json(name: &str, error: &str) -> String {
    format!("invalid report {name}: {error}")
}

/// A report of another version.
pub(crate) fn other_version(name: &str) -> String {
    format!("invalid report {name}: another version of goweave wrote it")
}

/// A JSON text that is of no kind of report.
pub(crate) fn no_kind(name: &str) -> String {
    format!("invalid report {name}: it is neither of a package nor of a program")
}

/// The reason why a library without an instrumentation is not woven.
pub(crate) fn no_instrumentation() -> String {
    "write one of your own: docs/tutorial.md".into()
}

/// The reason why a library is not woven in a program without hooks.
pub(crate) fn without_hooks(reason: &str) -> String {
    format!("the program has no hooks: {reason}")
}

/// The reason why a library is not woven whose instrumentation the build does not have.
pub(crate) fn not_chosen(name: &str) -> String {
    format!("this build does not have the instrumentation {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_thing_and_the_fault() {
        let known = BTreeSet::from(["net/http"]);
        let findings = [
            unknown_required("net/htp", &known),
            required_not_woven("net/http", "program"),
            std_export_data("net/http", None),
            not_as_reported("the program does not have net/http".into()),
        ];
        let texts = [
            and_more(2),
            required_without_package("net/http"),
            not_json("r.json", "EOF"),
            other_version("r.json"),
            no_kind("r.json"),
            no_instrumentation(),
            without_hooks("it is a test"),
            not_chosen("net/http"),
        ];
        let constructors = include_str!("messages.rs").matches("\npub(crate) fn ").count();
        assert_eq!(findings.len() + texts.len(), constructors, "a message is not in the list");
        let all: Vec<String> = findings.iter().map(ToString::to_string).chain(texts).collect();
        let named = all.iter().map(|text| (text.as_str(), text.clone()));
        assert_eq!(weave_text::faults(named), Vec::<String>::new());
        assert_eq!(
            findings[0].to_string(),
            "unknown required instrumentation `net/htp`\n    this build has `net/http`\n    help: did you mean `net/http`?"
        );
    }
}

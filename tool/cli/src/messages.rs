//! Messages of this crate, one constructor each: the thing and the fault, then the place, then the next step.
//!
//! A fault ends the command with 2, a finding with 1; a note is one line, and the build goes on.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;
use std::process::Output;

use anyhow::{Error, anyhow};
use weave_gocmd::Command;
use weave_ir::{Diagnostic, Location, LoweredRule};

use crate::render::for_stderr;

fn fault(message: impl Display, help: impl Display) -> Error {
    anyhow!("{message}\n    help: {help}")
}

/// The file of a package is called like one that is added.
pub(crate) fn in_the_way(path: &str) -> Error {
    fault(format!("cannot add {path}: the package has a file of that name"), "rename that file")
}

/// A package that gets a file is in a main module that is read-only.
pub(crate) fn main_module_in_the_cache(package: &str) -> Error {
    fault(
        format!("cannot weave {package}: its module is the main module, and is in the module cache"),
        "copy the module out of the module cache, or name the package with its version from elsewhere",
    )
}

/// A report of several programs, or of none, where one is meant.
pub(crate) fn which_program(report: impl Display, all: &[&str]) -> Error {
    let help = if all.is_empty() {
        "give the report of a program".into()
    } else {
        format!("--label names one: {}", all.join(", "))
    };
    fault(format!("{report} does not tell which program it is"), help)
}

/// A file without Go's table of functions, where that is asked for.
pub(crate) fn no_functions(program: impl Display) -> Error {
    fault(
        format!("{program} is not a Go program, or was built by a Go before 1.20"),
        "name the file that the linker wrote",
    )
}

/// The go command runs without modules.
pub(crate) fn without_modules() -> Error {
    fault("GO111MODULE is off, and goweave requires modules", "unset GO111MODULE, and run `go mod init`")
}

/// The go command is too old.
pub(crate) fn old_go(version: &str, oldest: &str) -> Error {
    fault(
        format!("{version} is too old: goweave requires Go {oldest} or newer"),
        "set GOTOOLCHAIN to a newer release",
    )
}

/// `goweave go` by the flags of `goweave env`.
pub(crate) fn flags_set_already() -> Error {
    fault(
        "GOFLAGS has the flags of `goweave env` already",
        "unset GOFLAGS, or run the go command itself, which weaves by them",
    )
}

/// Required rules that are for no package of the build.
pub(crate) fn required_for_nothing(rules: &[Diagnostic]) -> Error {
    anyhow!("required rules match no package of this build\n{}", for_stderr(rules).trim_end())
}

/// Rule files that cannot be used.
pub(crate) fn mistakes(findings: &[Diagnostic]) -> Error {
    anyhow!("invalid rules\n{}", for_stderr(findings).trim_end())
}

/// A package of the standard library would import one that is not.
pub(crate) fn std_would_import(package: &str, names: &str) -> Error {
    fault(
        format!("cannot weave {package}: a package of the standard library cannot import {names}"),
        "weave a hook instead, which needs no import",
    )
}

/// A choice of an instrumentation that there is not.
pub(crate) fn unknown_choice(name: &str, known: &str) -> Error {
    fault(format!("unknown instrumentation {name} in GOWEAVE_ONLY or GOWEAVE_EXCEPT"), known)
}

/// `PACKAGE@VERSION` that the go command does not load.
pub(crate) fn cannot_load(command: &Command, said: &str) -> Error {
    let packages = command.packages.join(" ");
    fault(
        format!("cannot load {packages}\n{}", said.trim_end()),
        format!("`go {} {packages}` must work, and so must the module proxy", command.verb),
    )
}

/// Modules of hooks that the go command does not load.
pub(crate) fn hooks_out_of_reach(said: &str) -> Error {
    fault(
        format!("cannot load the hooks\n{said}"),
        "the modules of the hooks must be in the module cache or within reach of GOPROXY: run this once where they are",
    )
}

/// Hooks that need newer versions than the user's module has; `lines` lists them, some of which `replace` lines hold if `pinned`.
pub(crate) fn newer_versions(said: &str, lines: &str, pinned: bool) -> Error {
    let help = match pinned {
        true => "remove the `replace` lines, or have them name these versions, and run `go mod tidy`",
        false => {
            "run `go get` of these versions and `go mod tidy`; code that uses what they no longer have must change"
        }
    };
    fault(
        format!(
            "cannot load the hooks: they require newer versions of modules than this module has\n{said}\nthe hooks require:{lines}"
        ),
        format!("{help}; `goweave modules GO_MOD` shows what the hooks do to every version"),
    )
}

/// Hooks of the user's that import what no module has.
pub(crate) fn missing_import(at: &str, package: &str) -> Error {
    fault(
        format!("cannot find the package `{package}` in the modules of go.mod: {at}"),
        format!("run `go get {package}`"),
    )
}

/// A rule file with a rewriter without a program.
pub(crate) fn rewriter_without_program(at: &Location) -> Error {
    fault(
        format!("the rewriter has no program: {at}"),
        "add `program: ./folder`, the folder of a Go program, or the path of an executable file",
    )
}

/// A rewriter that the go command does not build.
pub(crate) fn rewriter_not_built(at: &Location, program: &str, said: &str) -> Error {
    fault(
        format!("cannot build the rewriter {program}: {at}\n{said}"),
        "`program` is an executable file, the folder of a Go program, or the import path of one",
    )
}

/// `goweave env` where the go command looks at no workspace file.
pub(crate) fn without_workspace() -> Error {
    fault("GOWORK is off, and the hooks come by a workspace file", "unset GOWORK")
}

/// `goweave env` without a go.mod.
pub(crate) fn outside_of_a_module() -> Error {
    fault("cannot find a go.mod in this folder or above it", "run `go mod init`, or use `goweave go`")
}

/// A flag that cannot stand in `GOFLAGS`.
pub(crate) fn flag_quotes() -> Error {
    fault("invalid flag in GOFLAGS: it has both kinds of quotes", "remove it from GOFLAGS")
}

/// A path that cannot stand in `-toolexec`.
pub(crate) fn toolexec_quotes() -> Error {
    fault(
        "invalid path in -toolexec: it has both kinds of quotes",
        "move goweave or GOCACHE to another folder",
    )
}

/// A package that the go command does not find.
pub(crate) fn package_not_found(package: &str, said: &str) -> Error {
    fault(
        format!("cannot find the package {package}\n{}", said.trim_end()),
        "`go build ./...` and `go vet ./...` must work here",
    )
}

/// Packages that the go command does not list.
pub(crate) fn unlistable(packages: &str) -> Error {
    fault(format!("the go command cannot list {packages}"), format!("run `go build {packages}` to see why"))
}

/// A tool without its modules, where they are needed.
pub(crate) fn built_without_modules(help: &str) -> Error {
    fault("cannot find the hooks: this goweave was built without their modules", help)
}

/// A tool without the types helper, where rules ask for types.
pub(crate) fn built_without_types() -> Error {
    fault(
        "rules require type information, and this goweave was built without the types helper",
        "use a goweave that was built with its default features",
    )
}

/// A folder with both tool files of otelc.
pub(crate) fn two_tool_files(folder: &Path, names: &[&str; 2]) -> Error {
    fault(
        format!("two tool files in {}: {} and {}", folder.display(), names[0], names[1]),
        "keep one of them",
    )
}

/// A tool file of otelc that names a package which is not there.
pub(crate) fn tool_file_names_no_package(file: &Path, package: &str) -> Error {
    fault(
        format!("cannot find the package {package}, which {} names", file.display()),
        format!("run `go get {package}`, so that go.mod names its module"),
    )
}

/// A tool file of Orchestrion that imports what is not there.
pub(crate) fn tool_imports_not_found(said: &str) -> Error {
    let file = weave_dialects::orchestrion::TOOL_FILE;
    fault(format!("cannot find what {file} imports\n{}", said.trim_end()), "run `go mod tidy`")
}

/// Two rewriters of one name.
pub(crate) fn two_rewriters(name: &str) -> Error {
    fault(format!("duplicate rewriter name {name}"), "give each its own name")
}

/// Not one original for each Go file.
pub(crate) fn originals(given: usize, files: usize) -> Error {
    fault(
        format!("{given} originals are given for {files} Go files"),
        "give --original once for each, in their order",
    )
}

/// Two instrumentations of one name, one of which is the user's `own`, or not.
pub(crate) fn same_name(name: &str, own: bool) -> Error {
    match own {
        true => fault(format!("duplicate instrumentation name `{name}`"), "give your own one another name"),
        false => anyhow!("duplicate instrumentation name `{name}` in this goweave"),
    }
}

/// A file that another goweave wrote.
pub(crate) fn other_format(path: &Path, version: u32) -> Error {
    anyhow!("unknown format {version} of {}: this goweave reads format 1", path.display())
}

/// `goweave toolexec` by hand.
pub(crate) fn not_for_people() -> Error {
    anyhow!("toolexec takes arguments of `goweave go` alone")
}

/// The form of a flag's value.
pub(crate) fn write(form: &str) -> String {
    format!("write {form}")
}

/// A package whose rules another goweave lowered.
pub(crate) fn rules_of_another_goweave(package: &str) -> Error {
    fault(
        format!("the rules for {package} are those of another goweave"),
        "run the build by `goweave go`, or `goweave env` again",
    )
}

/// Rules of a package that the build cache does not have any more.
pub(crate) fn rules_removed(package: &str, error: &Error) -> Error {
    fault(
        format!("cannot read the rules for {package}: {error:#}"),
        "run the build by `goweave go`, or `goweave env` again",
    )
}

/// A rewriter that does not start.
pub(crate) fn rewriter_not_run(name: &str, program: &Path, error: &std::io::Error) -> Error {
    fault(
        format!("cannot run {} of rewriter {name}: {error}", program.display()),
        "--rewriter takes an executable file",
    )
}

/// A rewriter that ends with an error.
pub(crate) fn rewriter_failed(name: &str, program: &Path, out: &Output) -> Error {
    let said = String::from_utf8_lossy(&out.stderr);
    let said = if said.trim().is_empty() { "it printed nothing".into() } else { said };
    fault(
        format!("rewriter {name} failed: {}\n{}", out.status, said.trim_end()),
        format!("run {} by hand with the request on its stdin (see docs/rewriters.md)", program.display()),
    )
}

/// An answer of a rewriter that is not JSON of the right form.
pub(crate) fn rewriter_answer(name: &str, error: &serde_json::Error) -> Error {
    fault(format!("invalid answer of rewriter {name}: {error}"), "docs/rewriters.md has the form of answers")
}

/// A rule for packages of which the build has none; `mains` are the paths of main packages, if it names one as `main`.
pub(crate) fn no_matching_package(
    rule: &LoweredRule,
    of: &str,
    packages: &[String],
    mains: &[String],
    near: Option<&str>,
) -> Diagnostic {
    let packages: Vec<String> = packages.iter().map(|p| format!("`{p}`")).collect();
    let message = format!(
        "rule `{}` of {of} matches no package of this build: it is for {}",
        rule.id,
        packages.join(", ")
    );
    Diagnostic::new("for-nothing", rule.at.clone(), message).help(match near {
        _ if !mains.is_empty() => {
            format!("name package main by its import path: {}", mains.join(", "))
        }
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "correct the import path, or remove `required` if some programs do not have the package".into()
        }
    })
}

/// A hooks package that the go command does not find; `folder` is where it would be in a module of the user's.
pub(crate) fn no_hooks_package(at: Location, package: &str, folder: Option<&str>) -> Diagnostic {
    Diagnostic::new("no-package", Some(at), format!("cannot find the hooks package `{package}`")).help(
        match folder {
            Some(folder) => format!("correct the path, or make the package in {folder}"),
            None => format!("correct the path, or run `go get {package}`, so that go.mod names its module"),
        },
    )
}

/// A package that rules import and no module of go.mod has.
pub(crate) fn no_module(rule: &LoweredRule, of: &str, package: &str) -> Diagnostic {
    let message = format!(
        "cannot find the package `{package}` in the modules of go.mod: rule `{}` of {of} imports it",
        rule.id
    );
    Diagnostic::new("no-module", rule.at.clone(), message)
        .help(format!("correct the path, or run `go get {package}`"))
}

/// Code of a rule, in one line, that does not compile.
pub(crate) fn inserted_line(
    rule: &str,
    at: Option<Location>,
    file: &str,
    line: impl Display,
    said: &str,
) -> Diagnostic {
    let message = format!("code of rule `{rule}` does not compile: {said} (line {line} of {file})");
    Diagnostic::new("inserted", at, message)
        .help("run `goweave diff PACKAGE` to see the line; without its rules the package compiles")
}

/// Code of a rule, in one of several lines, that does not compile.
pub(crate) fn inserted_code(rule: &str, at: Option<Location>) -> Diagnostic {
    let message = format!("the package compiles without the code of rule `{rule}` alone");
    Diagnostic::new("inserted", at, message).help("run `goweave diff PACKAGE` to see the code")
}

/// A package that programs link by name and the build does not have.
pub(crate) fn no_link(at: Location, package: &str) -> Diagnostic {
    let message = format!("the build has no library for `{package}`, which programs link by name");
    Diagnostic::new("no-link", Some(at), message)
        .help("give a go_library that is or imports it as the hooks of the go_instrumentation")
}

/// A rewriter whose program the build does not have.
pub(crate) fn no_rewriter(at: Location) -> Diagnostic {
    Diagnostic::new("no-rewriter", Some(at), "the build has no program for the rewriter of these rules")
        .help("write in the go_instrumentation: rewriter = \"//label/of:program\",")
}

/// Two names of one instrumentation.
pub(crate) fn other_name(at: Location, own: &str, given: &str) -> Diagnostic {
    Diagnostic::new("other-name", Some(at), format!("the name is `{own}` here, and `{given}` in the build"))
}

/// Rules that are `support` in one of rule file and build alone.
pub(crate) fn support(at: Location, here: bool) -> Diagnostic {
    let (message, help) = match here {
        true => (
            "the rules are `support` here, and not in the build",
            "write in the go_instrumentation: support = True,",
        ),
        false => {
            ("the rules are `support` in the build, and not here", "write `support: true` in the rule file")
        }
    };
    Diagnostic::new("support", Some(at), message).help(help)
}

/// Hooks in more packages than one go_instrumentation may have.
pub(crate) fn several_hooks_packages<'p>(packages: impl Iterator<Item = (Location, &'p str)>) -> Diagnostic {
    let d = Diagnostic::new("several-hooks", None, "the rules have hooks in several packages");
    packages
        .fold(d, |d, (at, package)| d.note(Some(at), format!("`{package}`")))
        .help("make a rule file, and a go_instrumentation, for each of them")
}

/// A package that rules name and the build does not.
pub(crate) fn missing_target(at: Option<Location>, package: &str, about: Option<&str>) -> Diagnostic {
    let message = match about {
        None => format!("`{package}` is missing in the targets of the build"),
        Some(about) => format!("`{about}` is missing in `importing` of the build for `{package}`"),
    };
    Diagnostic::new("no-target", at, message)
}

/// A package that the build names and no rule does.
pub(crate) fn unused_target(
    at: Option<Location>,
    package: &str,
    about: Option<&str>,
    about_others: bool,
) -> Diagnostic {
    let message = match about {
        None if about_others => {
            format!(
                "the target `{package}` belongs into `importing`: every rule for it is about other packages"
            )
        }
        None => format!("the target `{package}` has no rule"),
        Some(about) => format!("`{package}` has no rule that is about `{about}`"),
    };
    Diagnostic::new("no-rule", at, message)
}

/// A package whose rules ask for types, where the build does not say so, or the other way round.
pub(crate) fn other_typed(
    at: Option<Location>,
    package: &str,
    asks: bool,
    all: &BTreeSet<&str>,
) -> Diagnostic {
    let message = match asks {
        true => {
            format!("`{package}` is missing in `typed` of the build: this rule requires type information")
        }
        false => {
            format!("`{package}` is in `typed` of the build, and no rule for it requires type information")
        }
    };
    let all: Vec<String> = all.iter().map(|p| format!("{p:?}")).collect();
    Diagnostic::new("typed", at, message)
        .help(format!("write in the go_instrumentation: typed = [{}],", all.join(", ")))
}

/// A dependency of rules that the build does not have.
pub(crate) fn missing_dependency(rule: &LoweredRule, package: &str) -> Diagnostic {
    let message = format!("the build has no library for `{package}`, which rule `{}` imports", rule.id);
    Diagnostic::new("no-dependency", rule.at.clone(), message)
        .help(format!("add the library {package} to the deps of the go_instrumentation"))
}

/// A rule file in another layout than `goweave fmt` gives it.
pub(crate) fn not_formatted(at: Location) -> Diagnostic {
    let help = format!("run `goweave fmt {}`", at.file);
    Diagnostic::new("layout", Some(at), "the file is not formatted from this line on").help(help)
}

/// A rule file that cannot be laid out.
pub(crate) fn cannot_format(at: Location, said: &str) -> Diagnostic {
    Diagnostic::new("layout", Some(at), said)
}

/// An error of the parser.
pub(crate) fn syntax(at: Location, said: &str) -> Diagnostic {
    Diagnostic::new("syntax", Some(at), said)
}

/// The note on a file with rules whose name is not that of a rule file.
pub(crate) fn rules_in_other_file(path: &str, help: &str) -> String {
    format!("{path} is not read, although it has rules: {help}")
}

/// The note on a directive comment for which rules of another tool, the instrumentation `name`, stand beside shipped ones.
pub(crate) fn directive_of_rules(directive: &str, name: &str) -> String {
    format!(
        "the shipped rule for //{directive} is off in the packages of your rules {name}, which have one, too: --@rules_go_weave//:except={name} leaves yours out"
    )
}

/// The note on a platform that no shipped instrumentation is for.
pub(crate) fn platform_without_shipped(goos: &str, goarch: &str) -> String {
    format!("no shipped instrumentation supports {goos}/{goarch}: only rules of your own are woven")
}

/// The note on a program of Go itself.
pub(crate) fn go_program(path: &str) -> String {
    format!("{path} is not woven: it is part of Go")
}

/// The note on a test of a package of Go itself.
pub(crate) fn go_test(path: &str) -> String {
    format!("the test of {path} is woven, and has no hooks: the package is part of Go")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives every message that is a fault, one that is a finding, and one that is a note.
    fn all() -> (Vec<Error>, Vec<Diagnostic>, Vec<String>) {
        let at = Location::new("weave.yaml", 2, 3);
        let here = || Some(at.clone());
        let text = "weave: 1\nname: x\nrules:\n  - id: get\n    where: { package: net/http, function: Get }\n    do: { before: 'println()' }\n";
        let drafts = weave_dialects::read_one("weave.yaml", text, &weave_dialects::Surroundings::default());
        let draft = &drafts.expect("the rules are right")[0];
        let lowered = weave_engine::lower(draft, None, &[]).expect("the rules are right");
        let rule = lowered.packages[0].rules[0].clone();
        let found = Diagnostic::new("for-nothing", here(), "rule `r` matches no package");
        let install = Command::parse(&["install".to_owned(), "a.example/x@v1.0.0".to_owned()]);
        let json = serde_json::from_str::<u8>("x").expect_err("it is no number");
        let io = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let failed =
            Output { status: std::process::ExitStatus::default(), stdout: vec![], stderr: b"no\n".to_vec() };
        let packages = ["a.example/x".to_owned()];
        let faults = vec![
            in_the_way("weave_main.go"),
            main_module_in_the_cache("a.example/x"),
            without_modules(),
            old_go("go1.23", "1.24"),
            flags_set_already(),
            required_for_nothing(std::slice::from_ref(&found)),
            mistakes(&[found]),
            std_would_import("net/http", "a.example/x"),
            unknown_choice("net/htp", "did you mean `net/http`?"),
            cannot_load(&install, "go: no such module\n"),
            hooks_out_of_reach("go: no such host"),
            newer_versions("go: no", "\n    a.example/x  v1.0.0 -> v1.1.0", true),
            missing_import("hooks.go:3:8", "a.example/x"),
            rewriter_without_program(&at),
            rewriter_not_built(&at, "./rewriter", "it is not a program"),
            rewriter_not_run("naming", Path::new("naming"), &io()),
            rewriter_failed("naming", Path::new("naming"), &failed),
            rewriter_answer("naming", &json),
            without_workspace(),
            outside_of_a_module(),
            flag_quotes(),
            toolexec_quotes(),
            package_not_found("./nowhere", "no such directory\n"),
            unlistable("./cmd"),
            built_without_modules("name their go.mod: --hooks"),
            built_without_types(),
            two_tool_files(Path::new("/m"), &["a.go", "b.go"]),
            tool_file_names_no_package(Path::new("/m/a.go"), "a.example/x"),
            tool_imports_not_found("no such module"),
            two_rewriters("naming"),
            same_name("net/http", true),
            other_format(Path::new("rules.json"), 2),
            not_for_people(),
            rules_of_another_goweave("net/http"),
            rules_removed("net/http", &anyhow!("no such file")),
            which_program("report.json", &["//:a", "//:b"]),
            originals(1, 2),
            no_functions("report.json"),
        ];
        let findings = vec![
            no_matching_package(&rule, "x", &packages, &[], None),
            no_hooks_package(at.clone(), "a.example/x", Some("hooks")),
            no_module(&rule, "x", "a.example/x"),
            inserted_line("x/get", here(), "p.go", 3, "undefined: y"),
            inserted_code("x/get", here()),
            no_link(at.clone(), "a.example/x"),
            no_rewriter(at.clone()),
            other_name(at.clone(), "x", "y"),
            support(at.clone(), true),
            several_hooks_packages([(at.clone(), "a.example/x")].into_iter()),
            missing_target(here(), "net/http", None),
            unused_target(here(), "net/http", None, false),
            other_typed(here(), "net/http", true, &BTreeSet::from(["net/http"])),
            missing_dependency(&rule, "a.example/x"),
            not_formatted(at.clone()),
            cannot_format(at.clone(), "no tabs"),
            syntax(at.clone(), "expected `)`"),
        ];
        let notes = vec![
            rules_in_other_file("rules.yaml", "call it weave.yaml, or NAME.weave.yaml"),
            directive_of_rules("dd:span", "theirs"),
            platform_without_shipped("windows", "amd64"),
            go_program("cmd/go"),
            go_test("net/http"),
            write("PKG=FILE"),
        ];
        (faults, findings, notes)
    }

    #[test]
    fn messages_name_the_fault_then_the_place_and_the_next_step() {
        let (faults, findings, notes) = all();
        let constructors = include_str!("messages.rs").matches("\npub(crate) fn ").count();
        assert_eq!(faults.len() + findings.len() + notes.len(), constructors, "a message is not in the list");
        let texts = faults.iter().map(ToString::to_string).chain(findings.iter().map(ToString::to_string));
        let all: Vec<String> = texts.chain(notes.iter().cloned()).collect();
        let named = all.iter().map(|text| (text.as_str(), text.clone()));
        assert_eq!(weave_text::faults(named), Vec::<String>::new());
        for fault in &faults {
            let text = fault.to_string();
            let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
            assert!(
                rest.is_empty() || rest.contains("    help: ") || rest.contains("weave.yaml:2:3"),
                "{text}"
            );
        }
        for finding in &findings {
            assert!(finding.at.is_some() || !finding.notes.is_empty(), "{finding}");
            assert!(!finding.message.contains('\n'), "{finding}");
        }
        assert!(notes.iter().all(|n| !n.contains('\n')), "{notes:?}");
        assert_eq!(
            faults[0].to_string(),
            "cannot add weave_main.go: the package has a file of that name\n    help: rename that file"
        );
        assert_eq!(
            faults[9].to_string(),
            "cannot load a.example/x@v1.0.0\ngo: no such module\n    help: `go install a.example/x@v1.0.0` must work, and so must the module proxy"
        );
    }
}

//! Faults that this crate tells by itself, one constructor each: what is wrong, then the place, then the next step.
//!
//! Findings about rules are made where they are found, as diagnostics.

use std::fmt::Display;
use std::path::Path;

use anyhow::{Error, anyhow};
use weave_gocmd::Command;
use weave_ir::{Diagnostic, Location};

use crate::render::for_stderr;

fn fault(message: impl Display, help: impl Display) -> Error {
    anyhow!("{message}\n    help: {help}")
}

/// The file of a package is called like one that is added.
pub(crate) fn in_the_way(path: &str) -> Error {
    fault(format!("{path} is in the way: goweave adds a file of that name"), "rename it")
}

/// A package that gets a file is in a main module that nobody may write to.
pub(crate) fn main_module_in_the_cache(package: &str) -> Error {
    fault(
        format!("cannot weave {package}: its module is the main one, and lies in the module cache"),
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

/// The go command runs without modules.
pub(crate) fn without_modules() -> Error {
    fault("GO111MODULE=off: goweave needs modules", "unset GO111MODULE, and run `go mod init`")
}

/// The go command is too old.
pub(crate) fn old_go(version: &str, oldest: &str) -> Error {
    fault(
        format!("this is {version}, and goweave needs Go {oldest} or newer"),
        "set GOTOOLCHAIN to a newer release",
    )
}

/// `goweave go` by the flags of `goweave env`.
pub(crate) fn flags_set_already() -> Error {
    fault(
        "the flags of `goweave env` are set already",
        "unset GOFLAGS, or run the go command itself, which weaves by them",
    )
}

/// Required rules that are for no package of the build.
pub(crate) fn required_for_nothing(rules: &[Diagnostic]) -> Error {
    anyhow!("required rules are for nothing\n{}", for_stderr(rules).trim_end())
}

/// Rule files that cannot be used.
pub(crate) fn mistakes(findings: &[Diagnostic]) -> Error {
    anyhow!("the rules have mistakes\n{}", for_stderr(findings).trim_end())
}

/// A package of the standard library would import one that is not.
pub(crate) fn std_would_import(package: &str, names: &str) -> Error {
    fault(
        format!("cannot weave {package}: it is part of Go, and would have to import {names}"),
        "weave a hook instead, which needs no import",
    )
}

/// A choice of an instrumentation that there is not.
pub(crate) fn unknown_choice(name: &str, known: &str) -> Error {
    fault(format!("GOWEAVE_ONLY or GOWEAVE_EXCEPT names {name}, and no instrumentation is called so"), known)
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
        true => "take the `replace` lines away, or have them name these versions, and run `go mod tidy`",
        false => {
            "try it with `go get` of these versions and `go mod tidy`; what does not exist in them any more has to go"
        }
    };
    fault(
        format!(
            "cannot load the hooks: they need newer versions of modules than this module has\n{said}\nthe hooks need:{lines}"
        ),
        format!("{help}; `goweave modules GO_MOD` shows what the hooks do to every version"),
    )
}

/// Hooks of the user's that import what no module has.
pub(crate) fn missing_import(at: &str, package: &str) -> Error {
    fault(format!("{at}: no module of go.mod has the package `{package}`"), format!("run `go get {package}`"))
}

/// A rule file with a rewriter that nobody can run.
pub(crate) fn rewriter_without_program(at: &Location) -> Error {
    fault(
        format!("{at}: the rewriter has no program"),
        "add `program: ./folder`, the folder of a Go program, or the path of an executable file",
    )
}

/// A rewriter that the go command does not build.
pub(crate) fn rewriter_not_built(at: &Location, program: &str, said: &str) -> Error {
    fault(
        format!("{at}: cannot build the rewriter {program}\n{said}"),
        "it is an executable file, the folder of a Go program, or the import path of one",
    )
}

/// `goweave env` where the go command looks at no workspace file.
pub(crate) fn without_workspace() -> Error {
    fault("GOWORK=off keeps the go command from the workspace file that brings the hooks", "unset GOWORK")
}

/// `goweave env` without a go.mod.
pub(crate) fn outside_of_a_module() -> Error {
    fault("there is no module here", "run `go mod init`, or use `goweave go`")
}

/// A flag that cannot stand in `GOFLAGS`.
pub(crate) fn flag_quotes() -> Error {
    fault("a flag has both kinds of quotes", "take it out of GOFLAGS")
}

/// A path that cannot stand in `-toolexec`.
pub(crate) fn toolexec_quotes() -> Error {
    fault("a path in -toolexec has both kinds of quotes", "move goweave or GOCACHE to another folder")
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
    fault("this goweave was built without the modules of its hooks", help)
}

/// A tool without the types helper, where rules ask for types.
pub(crate) fn built_without_types() -> Error {
    fault(
        "rules ask for types, and this goweave was built without the program that knows them",
        "use a goweave that was built with its default features",
    )
}

/// A folder with both tool files of otelc.
pub(crate) fn two_tool_files(folder: &Path, names: &[&str; 2]) -> Error {
    fault(format!("{} has both {} and {}", folder.display(), names[0], names[1]), "keep one of them")
}

/// A tool file of otelc that names a package which is not there.
pub(crate) fn tool_file_names_no_package(file: &Path, package: &str) -> Error {
    fault(
        format!("{} names the package {package}, which is not there", file.display()),
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
    fault(format!("two rewriters are called {name}"), "give each its own name")
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
        true => {
            fault(format!("there are two instrumentations called `{name}`"), "give your own one another name")
        }
        false => anyhow!("two instrumentations of this goweave are called `{name}`"),
    }
}

/// A file that another goweave wrote.
pub(crate) fn other_format(path: &Path, version: u32) -> Error {
    anyhow!("{} is of format {version}, and this goweave reads 1", path.display())
}

/// `goweave toolexec` by hand.
pub(crate) fn not_for_people() -> Error {
    anyhow!("toolexec is called by `goweave go`, not by people")
}

/// A package whose rules another goweave lowered.
pub(crate) fn rules_of_another_goweave(package: &str) -> Error {
    fault(
        format!("the rules for {package} are from another goweave"),
        "run the build by `goweave go`, or `goweave env` again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_say_what_is_wrong_and_what_to_do_next() {
        let at = Location::new("weave.yaml", 2, 3);
        let rule = Diagnostic::new("for-nothing", Some(at.clone()), "rule `r` is for nothing");
        let install = Command::parse(&["install".to_owned(), "a.example/x@v1.0.0".to_owned()]);
        let all = [
            in_the_way("weave_main.go"),
            main_module_in_the_cache("a.example/x"),
            without_modules(),
            old_go("go1.23", "1.24"),
            flags_set_already(),
            required_for_nothing(std::slice::from_ref(&rule)),
            mistakes(&[rule]),
            std_would_import("net/http", "a.example/x"),
            unknown_choice("net/htp", "did you mean `net/http`?"),
            cannot_load(&install, "go: no such module\n"),
            hooks_out_of_reach("go: no such host"),
            newer_versions("go: no", "\n    a.example/x  v1.0.0 -> v1.1.0", false),
            newer_versions("go: no", "\n    a.example/x  v1.0.0 -> v1.1.0", true),
            missing_import("hooks.go:3:8", "a.example/x"),
            rewriter_without_program(&at),
            rewriter_not_built(&at, "./rewriter", "it is no program"),
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
            same_name("net/http", false),
            other_format(Path::new("rules.json"), 2),
            not_for_people(),
            rules_of_another_goweave("net/http"),
        ];
        let source = include_str!("messages.rs");
        let constructors = source.matches("\npub(crate) fn ").count();
        let told: Vec<String> = all.iter().map(ToString::to_string).collect();
        // Two of them are here with both of what they may say.
        assert_eq!(told.len(), constructors + 2);
        for text in &told {
            let (fault, rest) = text.split_once('\n').unwrap_or((text, ""));
            assert!(!fault.ends_with('.') && !fault.starts_with(' '), "{text}");
            assert!(
                rest.is_empty() || rest.contains("    help: ") || rest.contains("weave.yaml:2:3"),
                "{text}"
            );
        }
        assert_eq!(
            told[0],
            "weave_main.go is in the way: goweave adds a file of that name\n    help: rename it"
        );
        assert_eq!(
            told[9],
            "cannot load a.example/x@v1.0.0\ngo: no such module\n    help: `go install a.example/x@v1.0.0` must work, and so must the module proxy"
        );
    }
}

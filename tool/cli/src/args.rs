//! The command line as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::messages;

/// Name and version of the tool.
pub(crate) const TOOL: &str = concat!("goweave ", env!("CARGO_PKG_VERSION"));

/// Weave instrumentation into Go packages at compile time.
///
/// A rule file names places in packages, such as functions, and the change to make there, such as a call of a hook: an ordinary,
/// typed Go function. goweave inserts text within existing lines, so file names and line numbers stay the same, and puts new
/// declarations into one extra file.
///
/// People use `go` (the go command with weaving), `env`, `diff`, `inspect`, `report`, `explain`, `check`, `fmt`, `modules`, `schema`
/// and `parse`. Bazel calls `lower` for each rule file, `weave` and, if rules ask for types, `types` for each package that rules match, `stdgraph`
/// and `stdcheck` for the standard library, and `main` for each program.
#[derive(Parser, Debug)]
#[command(name = "goweave", version, arg_required_else_help = true, after_help = AFTER)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

const AFTER: &str = "\
Exit codes:
  0  done
  1  findings: a required rule does not match, a signature differs, a rule file has a mistake
  2  a fault of goweave or of its input

An argument @FILE stands for the arguments in FILE, one per line.";

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Run the go command with weaving: build, install, run, test and all other verbs, with all their flags
    ///
    /// A program gets the instrumentations of the packages that it uses; a program that uses nothing instrumented is the one
    /// that `go build` makes. Rule files called weave.yaml, weave.yml or NAME.weave.yaml in your own modules apply, too. None of
    /// your files is written: a build keeps its files in the folder goweave of the build cache, and adds the hooks' modules
    /// by a workspace file that only the go command sees.
    ///
    /// Plain and woven builds share the build cache. When a rule changes, the packages that it weaves and their dependents are
    /// recompiled, and programs are linked again.
    ///
    /// `go test` weaves tests, and `go list` with -deps or -export lists the packages of a woven build; vet, mod, tool and the
    /// other verbs run unchanged. A program of another module (`go install PACKAGE@VERSION`) is built from a copy of the module,
    /// because the go command does not allow added files in the module cache.
    ///
    /// GOWEAVE_ONLY=net/http,database/sql applies only these instrumentations, GOWEAVE_EXCEPT=log/slog leaves one out; NET_HTTP
    /// and net_http are other spellings. If rule files of another tool in your modules hook the same functions as a shipped
    /// instrumentation, or are about the same directive comment, yours apply, the shipped one does not, and a note says so.
    ///
    /// GOWEAVE_MODULES names a folder with the hooks' modules, in place of those in goweave.
    #[command(disable_help_flag = true)]
    Go {
        /// Arguments of the go command
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    Env(Env),
    Diff(Diff),
    Inspect(Inspect),
    Check(Check),
    Explain(Explain),
    Fmt(Fmt),
    Report(Report),
    /// Print the JSON Schema of rule files
    ///
    /// Editors use it to complete rule files: `goweave schema >weave.schema.json`, and in a rule file the line
    /// `# yaml-language-server: $schema=weave.schema.json`.
    Schema,
    #[cfg(feature = "shell")]
    Completions(Completions),
    #[cfg(feature = "shell")]
    Man(Man),
    Modules(Modules),
    Parse(Parse),
    Lower(Lower),
    Types(Types),
    Weave(Weave),
    Stdgraph(StdGraph),
    Stdcheck(StdCheck),
    Main(Main),
}

/// Print the GOFLAGS with which the go command itself weaves
///
/// `GOFLAGS=$(goweave env) go build ./cmd/server`, or the same variable in the settings of an editor, a debugger or gopls.
/// The value is for the programs and tests of the given packages (by default all in this folder), with their present imports:
/// print it again when imports, modules or rules change.
#[derive(Args, Debug)]
pub(crate) struct Env {
    /// Flags of `go build`, and packages
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}

/// Show the difference between woven sources and the originals
///
/// Without packages: everything that is woven for the programs in this folder and below, and their generated files.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// Use of colours
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
    /// Packages to show, by import path
    #[arg(value_name = "PACKAGES")]
    pub packages: Vec<String>,
}

/// Use of colours.
#[derive(clap::ValueEnum, Debug, Clone, Copy)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Yes
    Always,
    /// No
    Never,
}

/// Show what is woven into a program: instrumentations, digests of their rules, version of the tool
///
/// With --verify, show only the differences between the program and its report.
/// With --size, show how much code weaving added, by package; the program may be stripped.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// Print JSON
    #[arg(long, conflicts_with = "verify")]
    pub json: bool,
    /// Report of the build that made the program: `TARGET.weave_report.json`, or output of `goweave report --json`
    #[arg(long, value_name = "REPORT")]
    pub verify: Option<PathBuf>,
    /// Label or import path of the program, if the report has several
    #[arg(long, value_name = "LABEL", requires = "verify")]
    pub label: Option<String>,
    /// Show the size of the code of hooks, their runtime and OpenTelemetry, by package
    #[arg(long, conflicts_with_all = ["json", "verify"])]
    pub size: bool,
    /// The same program without weaving, to compare the size of every package with
    #[arg(long, value_name = "PLAIN", requires = "size")]
    pub beside: Option<PathBuf>,
    /// A program
    #[arg(value_name = "BINARY")]
    pub binary: PathBuf,
}

/// Show the effect of the hooks' modules on the versions in a go.mod, without changing it
///
/// Each line is `raised` (the version goes up; with Bazel, in plain builds, too), `added` or `kept`.
#[derive(Args, Debug)]
pub(crate) struct Modules {
    /// The go.mod of the hooks; by default that of the hooks in goweave
    #[arg(long, value_name = "GO_MOD")]
    pub hooks: Option<PathBuf>,
    /// Your go.mod
    #[arg(value_name = "GO_MOD")]
    pub go_mod: PathBuf,
}

/// Explain what each rule matched in a package, and why other rules did not match
///
/// For a rule that matches nothing: its conditions in turn, and how many functions, calls, types ... meet each. Without
/// --report, packages are those of the go command, with the rules that `goweave go` would apply. --report reads reports that
/// a build has written: `bazel-bin/path/to/library.weave.json`.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// Report of a package, written by a build; may be repeated
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// Packages, by import path
    #[arg(value_name = "PACKAGES", required_unless_present = "report")]
    pub packages: Vec<String>,
}

/// Format rule files: order of keys, indentation; comments are kept
#[derive(Args, Debug)]
pub(crate) struct Fmt {
    /// Write nothing; list the files that are not formatted, and exit with 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Rule files
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
}

/// Report what was woven, what was not, and why, as JSON and as one HTML page
///
/// Without REPORTS: for the programs in this folder and below, as `goweave go build ./...` weaves them.
#[derive(Args, Debug)]
pub(crate) struct Report {
    /// File to write JSON to
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// File to write the HTML page to; the page needs no other file and no network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Label of the program, if the reports are of one program
    #[arg(long, value_name = "LABEL")]
    pub label: Option<String>,
    /// Reason why that program has no hooks, if no report of it lists them
    #[arg(long, value_name = "TEXT", requires = "label")]
    pub without_hooks: Option<String>,
    /// Report of a package of the standard library, or output of `lower --places`; ignored if the program does not contain the
    /// package; may be repeated
    #[arg(long, value_name = "FILE", requires = "label")]
    pub std: Vec<PathBuf>,
    /// Fail if no rule of this instrumentation is woven into any program; reports are written all the same; may be repeated
    #[arg(long, value_name = "NAME")]
    pub require: Vec<String>,
    /// Empty file to write if every required instrumentation is woven
    #[arg(long, value_name = "FILE", requires = "require")]
    pub stamp: Option<PathBuf>,
    /// Reports of packages and programs, output of `lower --places`, and JSON that this verb wrote, to make one page of several
    /// programs
    #[arg(value_name = "REPORTS")]
    pub reports: Vec<PathBuf>,
}

/// Check rule files and their hooks
///
/// The hooks must exist, and the woven packages must be able to name the types in their signatures.
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Go files of the hooks packages; by default those beside each rule file
    #[arg(long, value_name = "FILE")]
    pub hook_file: Vec<PathBuf>,
    /// Path of a main module: the value of `$root` in rules of otelc; the first one also is `root: true` in rules of
    /// Orchestrion; may be repeated
    #[arg(long, value_name = "PATH")]
    pub root_module: Vec<String>,
    /// Rule files
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
}

/// Print shell completions
///
/// `goweave completions bash >~/.local/share/bash-completion/completions/goweave`, for zsh `_goweave` in a folder of `$fpath`, for
/// fish `~/.config/fish/completions/goweave.fish`.
#[cfg(feature = "shell")]
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// Shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Print the manual page, or write the pages of all verbs
///
/// `goweave man | man -l -` shows it.
#[cfg(feature = "shell")]
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Directory to write goweave.1 and a page for each verb to
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Print the syntax tree of a Go file as JSON
///
/// Every node has its kind, byte offsets and children in source order; names and literals have their text.
#[derive(Args, Debug)]
pub(crate) struct Parse {
    /// A Go file
    pub file: PathBuf,
}

/// Check a rule file against its hooks, and write the lowered rules for weave actions and main packages
///
/// Every package of the rules needs a --target, and every --target a rule. Rules for a pattern of packages
/// that are about another package (a call or literal of something in it, an import of it) need an --importing.
#[derive(Args, Debug)]
pub(crate) struct Lower {
    /// Name that the rule file must have
    #[arg(long, value_name = "NAME")]
    pub instrumentation_name: Option<String>,
    /// The rule file
    #[arg(long, value_name = "FILE")]
    pub rules: PathBuf,
    /// Import path of the hooks package; by default the one in the rule file
    #[arg(long, value_name = "PATH")]
    pub hooks_importpath: Option<String>,
    /// Go files of the hooks package
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub hook_file: Vec<PathBuf>,
    /// A package, and the file to write its rules to
    #[arg(long, value_name = "PKG=OUT.json", num_args = 1.., value_parser = key_value)]
    pub target: Vec<(String, String)>,
    /// A pattern of packages, a package that rules for the pattern are about, and the file to write these rules to
    #[arg(long, value_name = "PATTERN=PKG=OUT.json", num_args = 1.., value_parser = importing)]
    pub importing: Vec<Importing>,
    /// Path of a main module: the value of `$root` in rules of otelc; the first one also is `root: true` in rules of
    /// Orchestrion; may be repeated
    #[arg(long, value_name = "PATH")]
    pub root_module: Vec<String>,
    /// An import path that the build offers to woven packages that do not import it themselves
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub dependency: Vec<String>,
    /// A package or pattern among these whose rules ask for types: the build runs the types helper only for these
    #[arg(long, value_name = "PKG", num_args = 1..)]
    pub typed: Vec<String>,
    /// The build treats the instrumentation as one that supports others; must agree with `support: true` in the rule file
    #[arg(long)]
    pub support: bool,
    /// The build provides the external rewriter
    #[arg(long)]
    pub rewriter: bool,
    /// File to write the rules for main packages to
    #[arg(long, value_name = "OUT.json")]
    pub main: Option<PathBuf>,
    /// File to write the locations of rules to, which the other files then omit
    #[arg(long, value_name = "OUT.json")]
    pub places: Option<PathBuf>,
}

/// Rules for a pattern of packages that are about a package.
#[derive(Debug, Clone)]
pub(crate) struct Importing {
    pub pattern: String,
    pub package: String,
    pub out: PathBuf,
}

/// Write the questions of rules to the type checker about one package
///
/// Writes `{"weave": 1, "types": {...}}`; `types` is omitted if rules ask nothing. The types helper (`go build
/// ./tool/types`) answers: `types -importpath PATH -rules QUESTIONS -importcfg FILE -out FACTS ... FILES`, and `goweave weave
/// --types FACTS` weaves by the answer.
#[derive(Args, Debug)]
pub(crate) struct Types {
    /// Import path of the package
    #[arg(long, value_name = "PATH")]
    pub importpath: String,
    /// A rule file, or output of `lower`; may be repeated
    #[arg(long, value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// A Go file of the hooks package, as for `weave`; may be repeated
    #[arg(long, value_name = "FILE")]
    pub hook_file: Vec<PathBuf>,
    /// File to write to; by default standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Weave one package
///
/// Writes a file of the same name for every Go file, the extra file zz_weave.go, which must come last in the compile
/// command, and a report. If no rule matches, the files are copied byte for byte, and a build constraint excludes the extra file.
#[derive(Args, Debug)]
pub(crate) struct Weave {
    /// Import path of the package
    #[arg(long, value_name = "PATH")]
    pub importpath: String,
    /// Path by which the compiler knows the package (`-p`), if it is not the import path
    #[arg(long, value_name = "PATH")]
    pub importmap: Option<String>,
    /// Version of its module
    #[arg(long, value_name = "VERSION")]
    pub package_version: Option<String>,
    /// Metadata of its module as JSON, whose `purl` has the version; used without --package-version
    #[arg(long, value_name = "FILE")]
    pub package_metadata: Option<PathBuf>,
    /// Exclude files of the external test package that are among FILES
    #[arg(long)]
    pub no_external_tests: bool,
    #[command(flatten)]
    pub target: Target,
    /// The package is one of the standard library: rules are required unless they say otherwise, and vendored imports
    /// are written out
    #[arg(long)]
    pub std: bool,
    /// A rule file, or output of `lower`; may be repeated, in the order of the advice
    #[arg(long, value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// A Go file of the hooks package, for rule files that are not lowered; by default the Go files beside the rule
    /// file; may be repeated
    #[arg(long, value_name = "FILE")]
    pub hook_file: Vec<PathBuf>,
    /// Path of a main module: the value of `$root` in rules of otelc; the first one also is `root: true` in rules of
    /// Orchestrion; may be repeated
    #[arg(long, value_name = "PATH")]
    pub root_module: Vec<String>,
    /// An assembly file of the package, with `--std`: its copy in DIR names the original file of GOROOT; may be
    /// repeated
    #[arg(long, value_name = "FILE", requires = "std")]
    pub assembly: Vec<PathBuf>,
    /// Path of the original of a Go file, relative to the compiler's directory, one for each of FILES in order: for a package that
    /// cgo reads, whose files name their originals
    #[arg(long, value_name = "PATH", conflicts_with = "std")]
    pub original: Vec<String>,
    /// Output of the types helper for the package, if rules ask for types; see `goweave types`
    #[arg(long, value_name = "FILE")]
    pub types: Option<PathBuf>,
    /// An external rewriter, which changes the package after the rules (docs/rewriters.md): it gets the sources as JSON on
    /// stdin and answers with edits on stdout; may be repeated
    #[arg(long, value_name = "NAME=PROGRAM", value_parser = rewriter)]
    pub rewriter: Vec<Rewriter>,
    /// Output of `go build -gcflags=-m=2` for the plain package: the report then lists the rules that change its export data
    #[arg(long, value_name = "FILE")]
    pub compiler_notes: Option<PathBuf>,
    /// Output of `lower --places`: locations of rules, for messages; the report then omits them; may be repeated
    #[arg(long, value_name = "FILE")]
    pub places: Vec<PathBuf>,
    /// File to write the inputs to that only messages use, one per line, in the form of Bazel's `unused_inputs_list`
    #[arg(long, value_name = "FILE")]
    pub unused_inputs: Option<PathBuf>,
    /// File to write which rule inserted what where to, for messages of the compile
    #[arg(long, value_name = "FILE")]
    pub origins: Option<PathBuf>,
    /// File to write the woven facts to, which main packages read
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Directory to write to
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// File to write the report to; by default weave_report.json in DIR
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The files of the package, in compile order
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
}

/// Target platform.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// Go release; by default that of the go command
    #[arg(long, value_name = "VERSION")]
    pub go_version: Option<String>,
    /// Target operating system; by default that of the go command
    #[arg(long, value_name = "GOOS")]
    pub goos: Option<String>,
    /// Target architecture; by default that of the go command
    #[arg(long, value_name = "GOARCH")]
    pub goarch: Option<String>,
    /// Build tags, separated by commas
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// cgo is on
    #[arg(long)]
    pub cgo: bool,
    /// The race detector is on
    #[arg(long)]
    pub race: bool,
    /// The memory sanitizer is on
    #[arg(long)]
    pub msan: bool,
}

/// Write the import graph of the standard library for one target
#[derive(Args, Debug)]
pub(crate) struct StdGraph {
    #[command(flatten)]
    pub target: Target,
    /// Path of $GOROOT/src, as FILES begin with it
    #[arg(long, value_name = "DIR")]
    pub goroot_src: String,
    /// File to write the graph to
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Files below $GOROOT/src; tests, and files that are not Go, are skipped
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<String>,
}

/// Check that woven packages of the standard library can replace the plain ones at link time
///
/// Everything else is compiled against the plain packages, so the export data must be equal. If they differ, messages name the
/// rules that may have changed them.
#[derive(Args, Debug)]
pub(crate) struct StdCheck {
    /// A package: its import path, its plain archive with export data, the export data of the woven one, and the
    /// output of `weave --report`; may be repeated
    #[arg(long, value_name = "PKG=PLAIN=EXPORT=REPORT", num_args = 1.., required = true, value_parser = checked)]
    pub package: Vec<ComparedPackage>,
    /// Output of `lower --places`: locations of rules, for messages; may be repeated
    #[arg(long, value_name = "FILE")]
    pub places: Vec<PathBuf>,
    /// File to write the inputs to that only messages use, one per line, in the form of Bazel's `unused_inputs_list`
    #[arg(long, value_name = "FILE")]
    pub unused_inputs: PathBuf,
    /// Empty file to write if all packages agree
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Write the file of a main package that links the hooks of the program
///
/// The packages of the program are read from the sources of the main package and the export data of everything that it links.
/// An instrumentation applies if the program uses a package that it weaves; a support instrumentation applies if any other does.
/// If none applies, a build constraint excludes the file, and every --select takes the plain file.
#[derive(Args, Debug)]
pub(crate) struct Main {
    /// Import path of the main package
    #[arg(long, value_name = "PATH")]
    pub package_path: String,
    #[command(flatten)]
    pub target: Target,
    /// Go files of the main package
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub main_src: Vec<PathBuf>,
    /// An import path in the main package, and the path by which the compiler knows that package, if they differ
    #[arg(long, value_name = "WRITTEN=PKG", num_args = 1.., value_parser = key_value)]
    pub map: Vec<(String, String)>,
    /// Export data of every linked package outside the standard library
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub export: Vec<PathBuf>,
    /// Output of `stdgraph`
    #[arg(long, value_name = "FILE")]
    pub std_graph: PathBuf,
    /// Output of `lower` for main packages, one per instrumentation, in their order
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub main_rules: Vec<PathBuf>,
    /// The same for support instrumentations
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub support_rules: Vec<PathBuf>,
    /// A package that the hooks of an instrumentation bring into a program: counts as used if the instrumentation applies
    #[arg(long, value_name = "NAME=PKG", num_args = 1.., value_parser = key_value)]
    pub carried: Vec<(String, String)>,
    /// Output of `weave --facts` for packages of the program: among packages that a pattern matches, only these count
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub facts: Vec<PathBuf>,
    /// File to write the Go source to
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// File to write the applied instrumentations and the reasons to
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// JSON file that maps each file of hook libraries to the instrumentations that need it; an empty list means all
    #[arg(long, value_name = "FILE", requires = "unlinked")]
    pub hook_files: Option<PathBuf>,
    /// File to write the unneeded ones of these files to, one per line, in the form of Bazel's `unused_inputs_list`
    #[arg(long, value_name = "FILE", requires = "hook_files")]
    pub unlinked: Option<PathBuf>,
    /// Make OUT a hard link or copy of WOVEN if any instrumentation applies, else of PLAIN
    #[arg(long, value_name = "PKG=PLAIN=WOVEN=OUT", num_args = 1.., value_parser = select)]
    pub select: Vec<Select>,
    /// Make OUT the archive PLAIN without C if hooks bring cgo into a program without cgo, else a hard link or copy of PLAIN
    #[arg(long, value_name = "PKG=PLAIN=OUT", num_args = 1.., value_parser = bare)]
    pub without_cgo: Vec<Bare>,
    /// Export data of a package of the hooks that may use cgo: if one does, --without-cgo has no effect
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "without_cgo")]
    pub hooks_with_cgo: Vec<PathBuf>,
    /// The program is linked with the C library, with or without cgo
    #[arg(long, conflicts_with = "without_cgo")]
    pub c_library: bool,
}

/// An archive of the standard library to link without C.
#[derive(Debug, Clone)]
pub(crate) struct Bare {
    pub package: String,
    pub plain: PathBuf,
    pub out: PathBuf,
}

/// A woven package of the standard library beside the plain one.
#[derive(Debug, Clone)]
pub(crate) struct ComparedPackage {
    pub package: String,
    pub plain: PathBuf,
    pub export: PathBuf,
    pub report: PathBuf,
}

/// A file to choose.
#[derive(Debug, Clone)]
pub(crate) struct Select {
    pub plain: PathBuf,
    pub woven: PathBuf,
    pub out: PathBuf,
}

/// An external rewriter.
#[derive(Debug, Clone)]
pub(crate) struct Rewriter {
    pub name: String,
    pub program: PathBuf,
}

fn rewriter(text: &str) -> Result<Rewriter, String> {
    match text.split_once('=') {
        Some((name, program)) if !name.is_empty() && !program.is_empty() => {
            Ok(Rewriter { name: name.into(), program: program.into() })
        }
        _ => Err(messages::write("NAME=PROGRAM")),
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((k, v)) if !k.is_empty() && !v.is_empty() => Ok((k.into(), v.into())),
        _ => Err(messages::write("PKG=FILE")),
    }
}

fn importing(text: &str) -> Result<Importing, String> {
    match text.split('=').collect::<Vec<_>>()[..] {
        [pattern, package, out] if ![pattern, package, out].contains(&"") => {
            Ok(Importing { pattern: pattern.into(), package: package.into(), out: out.into() })
        }
        _ => Err(messages::write("PATTERN=PKG=FILE")),
    }
}

fn bare(text: &str) -> Result<Bare, String> {
    match text.split('=').collect::<Vec<_>>()[..] {
        [package, plain, out] if ![package, plain, out].contains(&"") => {
            Ok(Bare { package: package.into(), plain: plain.into(), out: out.into() })
        }
        _ => Err(messages::write("PKG=PLAIN=OUT")),
    }
}

fn checked(text: &str) -> Result<ComparedPackage, String> {
    match text.split('=').collect::<Vec<_>>()[..] {
        [package, plain, export, report] if ![package, plain, export, report].contains(&"") => {
            Ok(ComparedPackage {
                package: package.into(),
                plain: plain.into(),
                export: export.into(),
                report: report.into(),
            })
        }
        _ => Err(messages::write("PKG=PLAIN=EXPORT=REPORT")),
    }
}

fn select(text: &str) -> Result<Select, String> {
    match text.split('=').collect::<Vec<_>>()[..] {
        [package, plain, woven, out] if ![package, plain, woven, out].contains(&"") => {
            Ok(Select { plain: plain.into(), woven: woven.into(), out: out.into() })
        }
        _ => Err(messages::write("PKG=PLAIN=WOVEN=OUT")),
    }
}

//! The command line as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::messages;

/// Name and version of the tool.
pub(crate) const TOOL: &str = concat!("goweave ", env!("CARGO_PKG_VERSION"));

/// Weave instrumentation into Go packages at compile time.
///
/// A rule file says where (a function of a package) and what (a call of a hook, an ordinary typed Go function).
/// goweave inserts text within existing lines, so file names, line numbers and what other packages compile against
/// stay as they were, and puts new declarations into one extra file.
///
/// People use `go`, which is the go command with weaving, and `env`, `diff`, `inspect`, `report`, `explain`, `check`, `fmt`, `schema` and `parse`; Bazel calls `lower` once per rule file, `weave` once per package that rules
/// are for, `stdgraph` once per Go release and target, and `main` once per program.
#[derive(Parser, Debug)]
#[command(name = "goweave", version, arg_required_else_help = true, after_help = AFTER)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

const AFTER: &str = "\
Exit codes:
  0  done
  1  findings: a rule does not match, a signature is another one, a rule file has a mistake
  2  a fault of goweave or of its input

An argument @FILE stands for the arguments in FILE, one a line.";

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Run the go command with weaving: build, install, run, test and all others, with all their flags
    ///
    /// What a program uses decides which instrumentations it gets; a program that uses nothing instrumented comes out as
    /// `go build` makes it. Rule files called weave.yaml, weave.yml or NAME.weave.yaml in your own modules apply, too. No file of yours is written: what
    /// a build needs lies in the folder goweave of the build cache, and the hooks' modules come by a workspace file that
    /// only the go command sees.
    ///
    /// Plain and woven builds share the build cache. When a rule changes, the packages that it weaves are compiled again,
    /// and what imports them, and programs are linked again.
    ///
    /// `go test` weaves tests, `go list` with -deps or -export tells what a woven build has; vet, mod, tool and the other
    /// verbs are those of the go command. A program of another module (`go install PACKAGE@VERSION`) is built from a copy
    /// of the module, since the go command lets no file be added in the module cache.
    ///
    /// GOWEAVE_ONLY=net/http,database/sql takes no other instrumentations than these, GOWEAVE_EXCEPT=log/slog leaves one
    /// out; NET_HTTP and net_http are other spellings. Where rules of yours that are another tool's hook the same functions as what is shipped, or are about the same
    /// directive comment, yours are on and what is shipped is off, which is said.
    ///
    /// GOWEAVE_MODULES names a folder with the modules of the hooks, instead of those that goweave brings along.
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
    /// Editors complete rule files by it: `goweave schema >weave.schema.json`, and in a rule file the line
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
/// It holds for the programs and tests of the packages given (all in the folder, if none is), for what they use now:
/// print it again when imports, modules or rules change.
#[derive(Args, Debug)]
pub(crate) struct Env {
    /// Flags of `go build`, and packages
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}

/// Show what is woven: the woven sources against the originals
///
/// Without a package: everything that is woven for the programs in this folder and below, and their generated files.
#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// Whether to use colours: on a terminal, if not given
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

/// Show what a program carries: instrumentations, the digests of their rules, the tool
///
/// With --verify nothing is shown, but what is in the program and not in its report, or the other way round.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// Print JSON
    #[arg(long, conflicts_with = "verify")]
    pub json: bool,
    /// Report of the build that made the program: `TARGET.weave.json`, or what `goweave report --json` has written
    #[arg(long, value_name = "REPORT")]
    pub verify: Option<PathBuf>,
    /// Label or import path of the program in the report, where there are several
    #[arg(long, value_name = "LABEL", requires = "verify")]
    pub label: Option<String>,
    /// A program
    #[arg(value_name = "BINARY")]
    pub binary: PathBuf,
}

/// Tell what the modules of the hooks do to the versions in a go.mod, before anything is changed
///
/// Each line is `raised` (the version goes up, in plain builds as well under Bazel), `added` or `kept`.
#[derive(Args, Debug)]
pub(crate) struct Modules {
    /// The go.mod of the hooks; if not given, that of the hooks that goweave brings along
    #[arg(long, value_name = "GO_MOD")]
    pub hooks: Option<PathBuf>,
    /// Your go.mod
    #[arg(value_name = "GO_MOD")]
    pub go_mod: PathBuf,
}

/// Say for a package which rules were looked at, what each matched, and why others did not
///
/// For every rule that finds nothing: its conditions in turn, and how many functions, calls, types ... meet them. Without
/// --report the packages are those of the go command, with the rules that `goweave go` would apply; with it, the reports are what
/// a build has written: `bazel-bin/path/to/target.weave.json`.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// Report of a package, as a build has written it; may be repeated
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// Packages, by import path
    #[arg(value_name = "PACKAGES", required_unless_present = "report")]
    pub packages: Vec<String>,
}

/// Lay rule files out in one way: order of keys, indentation; comments stay
#[derive(Args, Debug)]
pub(crate) struct Fmt {
    /// Write nothing; name the files that have another layout, and exit with 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Rule files
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
}

/// Write what was woven, and what was not and why, as JSON and as one HTML page
///
/// Without reports: for the programs in this folder and below and what they use, as `goweave go build ./...` weaves it.
#[derive(Args, Debug)]
pub(crate) struct Report {
    /// File to write JSON to
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// File to write the page to; the page needs no other file and no network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Label of the one program that the reports are of
    #[arg(long, value_name = "LABEL")]
    pub label: Option<String>,
    /// Reason why no hooks are linked into that program, where no report of it says which are
    #[arg(long, value_name = "TEXT", requires = "label")]
    pub without_hooks: Option<String>,
    /// Report of a package of the standard library, or what `lower --places` wrote, left out where the program does not have the
    /// package; may be repeated
    #[arg(long, value_name = "FILE", requires = "label")]
    pub std: Vec<PathBuf>,
    /// Fail if no rule of this instrumentation is woven into a program; what is asked for is written all the same. May be repeated
    #[arg(long, value_name = "NAME")]
    pub require: Vec<String>,
    /// File to write, empty, if everything that is required is woven
    #[arg(long, value_name = "FILE", requires = "require")]
    pub stamp: Option<PathBuf>,
    /// Reports of packages and programs, what `lower --places` wrote, and what this verb wrote as JSON: so pages of programs
    /// become one
    #[arg(value_name = "REPORTS")]
    pub reports: Vec<PathBuf>,
}

/// Check rule files: their form, and that their hooks exist and can be named where they are woven
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Go files of the hooks packages; if not given, those beside each rule file
    #[arg(long, value_name = "FILE")]
    pub hook_file: Vec<PathBuf>,
    /// Path of a module that is being worked on, which `$root` stands for in otelc's rules, and, of the first one,
    /// `root: true` in those of Orchestrion; may be repeated
    #[arg(long, value_name = "PATH")]
    pub root_module: Vec<String>,
    /// Rule files
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
}

/// Print what completes this command line in a shell
///
/// `goweave completions bash >~/.local/share/bash-completion/completions/goweave`, for zsh `_goweave` in a folder of `$fpath`, for
/// fish `~/.config/fish/completions/goweave.fish`.
#[cfg(feature = "shell")]
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// Shell that completes
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Print the manual page, or write those of all verbs
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
/// Every node has its kind, its byte offsets and its children in source order; names and literals have their text.
#[derive(Args, Debug)]
pub(crate) struct Parse {
    /// A Go file
    pub file: PathBuf,
}

/// Check a rule file against its hooks, and write what weave actions and main packages read
///
/// Every package that the rules are for needs a --target, and every --target a rule. Of rules for a pattern of packages,
/// those that are about another package (a call or literal of something in it, an import of it) need an --importing.
#[derive(Args, Debug)]
pub(crate) struct Lower {
    /// Name that the rule file must have
    #[arg(long, value_name = "NAME")]
    pub instrumentation_name: Option<String>,
    /// The rule file
    #[arg(long, value_name = "FILE")]
    pub rules: PathBuf,
    /// Import path of the hooks package; if not given, the one in the rule file
    #[arg(long, value_name = "PATH")]
    pub hooks_importpath: Option<String>,
    /// Go files of the hooks package
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub hook_file: Vec<PathBuf>,
    /// A package and where to write its rules
    #[arg(long, value_name = "PKG=OUT.json", num_args = 1.., value_parser = key_value)]
    pub target: Vec<(String, String)>,
    /// A pattern of packages, a package that rules for it are about, and where to write those
    #[arg(long, value_name = "PATTERN=PKG=OUT.json", num_args = 1.., value_parser = importing)]
    pub importing: Vec<Importing>,
    /// Path of a module that is being worked on, which `$root` stands for in otelc's rules, and, of the first one,
    /// `root: true` in those of Orchestrion; may be repeated
    #[arg(long, value_name = "PATH")]
    pub root_module: Vec<String>,
    /// An import path that the build offers to woven packages that do not import it themselves
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub dependency: Vec<String>,
    /// One of these packages or patterns whose rules ask for types: the build asks the type checker there, and nowhere else
    #[arg(long, value_name = "PKG", num_args = 1..)]
    pub typed: Vec<String>,
    /// The build takes the instrumentation for one that serves others, as `support: true` in its rule file says
    #[arg(long)]
    pub support: bool,
    /// The build gives the program of the external rewriter
    #[arg(long)]
    pub rewriter: bool,
    /// File to write what main packages read to
    #[arg(long, value_name = "OUT.json")]
    pub main: Option<PathBuf>,
    /// File to write the locations of rules to, which the other files then do not have
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

/// Say what rules ask of the type checker about one package
///
/// Writes `{"weave": 1, "types": {...}}`; `types` is left out where rules ask nothing. The types helper (`go build
/// ./tool/types`) answers: `types -importpath PATH -rules QUESTIONS -importcfg FILE -out FACTS ... FILES`, and `goweave weave
/// --types FACTS` weaves by the answer.
#[derive(Args, Debug)]
pub(crate) struct Types {
    /// Import path of the package
    #[arg(long, value_name = "PATH")]
    pub importpath: String,
    /// A rule file, or what `lower` wrote; may be repeated
    #[arg(long, value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// A Go file of the hooks package, as for `weave`; may be repeated
    #[arg(long, value_name = "FILE")]
    pub hook_file: Vec<PathBuf>,
    /// File to write to; if not given, standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Weave one package
///
/// Writes a file of the same name for every Go file, the extra file zz_weave.go, which must come last in the compile
/// command, and a report. Where no rule matches, the files are copied byte for byte and the extra file is in no build.
#[derive(Args, Debug)]
pub(crate) struct Weave {
    /// Import path of the package
    #[arg(long, value_name = "PATH")]
    pub importpath: String,
    /// Path by which the compiler knows the package (`-p`), where that is not its import path
    #[arg(long, value_name = "PATH")]
    pub importmap: Option<String>,
    /// Version of its module
    #[arg(long, value_name = "VERSION")]
    pub package_version: Option<String>,
    /// Metadata of its module as JSON, whose `purl` has the version, where that is not given
    #[arg(long, value_name = "FILE")]
    pub package_metadata: Option<PathBuf>,
    /// The files of the external test package, which are among the given ones, are not part of the package
    #[arg(long)]
    pub no_external_tests: bool,
    #[command(flatten)]
    pub target: Target,
    /// The package is one of the standard library: rules are required unless they say otherwise, and vendored imports
    /// are written out
    #[arg(long)]
    pub std: bool,
    /// A rule file, or what `lower` wrote; may be repeated, the order is that of the advice
    #[arg(long, value_name = "FILE")]
    pub rules: Vec<PathBuf>,
    /// A Go file of the hooks package, for rule files that are not lowered; if not given, the Go files beside the rule
    /// file; may be repeated
    #[arg(long, value_name = "FILE")]
    pub hook_file: Vec<PathBuf>,
    /// Path of a module that is being worked on, which `$root` stands for in otelc's rules, and, of the first one,
    /// `root: true` in those of Orchestrion; may be repeated
    #[arg(long, value_name = "PATH")]
    pub root_module: Vec<String>,
    /// An assembly file of the package, with `--std`: its copy in the directory says which file of GOROOT it is; may be
    /// repeated
    #[arg(long, value_name = "FILE", requires = "std")]
    pub assembly: Vec<PathBuf>,
    /// Path of a Go file's original, relative to where the compiler runs, one for each file in their order: the package is given to
    /// cgo, so files say themselves where they come from
    #[arg(long, value_name = "PATH", conflicts_with = "std")]
    pub original: Vec<String>,
    /// Output of the types helper for the package, where rules ask for types; see `goweave types`
    #[arg(long, value_name = "FILE")]
    pub types: Option<PathBuf>,
    /// A program that changes the package, too, after the rules (docs/rewriters.md): it is given the sources as JSON on its
    /// stdin and answers with edits on its stdout; may be repeated
    #[arg(long, value_name = "NAME=PROGRAM", value_parser = rewriter)]
    pub rewriter: Vec<Rewriter>,
    /// Output of `go build -gcflags=-m=2` for the plain package: the report then tells which rules change its export data
    #[arg(long, value_name = "FILE")]
    pub compiler_notes: Option<PathBuf>,
    /// Output of `lower --places`: locations of rules, for messages; the report then has none; may be repeated
    #[arg(long, value_name = "FILE")]
    pub places: Vec<PathBuf>,
    /// File to write the inputs to that are read for messages alone, one a line, in the form of Bazel's `unused_inputs_list`
    #[arg(long, value_name = "FILE")]
    pub unused_inputs: Option<PathBuf>,
    /// File to write to what main packages need to know of the woven package
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Directory to write to
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// File to write the report to; if not given, weave_report.json in the directory
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The files of the package, in the order in which they are compiled
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
}

/// Platform that is built for.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// Go release; if not given, that of the go command
    #[arg(long, value_name = "VERSION")]
    pub go_version: Option<String>,
    /// Target operating system; if not given, that of the go command
    #[arg(long, value_name = "GOOS")]
    pub goos: Option<String>,
    /// Target architecture; if not given, that of the go command
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

/// Write which package of the standard library imports which, for one target
#[derive(Args, Debug)]
pub(crate) struct StdGraph {
    #[command(flatten)]
    pub target: Target,
    /// Path of $GOROOT/src, as the files have it in front
    #[arg(long, value_name = "DIR")]
    pub goroot_src: String,
    /// File to write the graph to
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Files below $GOROOT/src; others than Go files, and tests, are passed over
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<String>,
}

/// Check that the linker takes woven packages of the standard library in place of the plain ones
///
/// Everything else is compiled against the plain packages, so what dependents compile against must be the same. Where it is not, the
/// rules that may have changed it are named.
#[derive(Args, Debug)]
pub(crate) struct StdCheck {
    /// A package: its import path, its plain archive, which has export data, the export data of the woven one, and what
    /// `weave --report` wrote of it; may be repeated
    #[arg(long, value_name = "PKG=PLAIN=EXPORT=REPORT", num_args = 1.., required = true, value_parser = checked)]
    pub package: Vec<ComparedPackage>,
    /// Output of `lower --places`: locations of rules, for messages; may be repeated
    #[arg(long, value_name = "FILE")]
    pub places: Vec<PathBuf>,
    /// File to write the inputs to that are read for messages alone, one a line, in the form of Bazel's `unused_inputs_list`
    #[arg(long, value_name = "FILE")]
    pub unused_inputs: PathBuf,
    /// File to write, empty, if all is well
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Write the file of a main package that links the hooks which the program needs
///
/// What the program uses is read from the sources of the main package and the export data of everything that it links.
/// An instrumentation applies if the program uses a package that it weaves; a supporting one applies if any other does.
/// If none applies, the file is in no build, and every --select takes the plain file.
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
    /// An import path as the main package writes it, and the path by which the compiler knows the package, where that is another
    #[arg(long, value_name = "WRITTEN=PKG", num_args = 1.., value_parser = key_value)]
    pub map: Vec<(String, String)>,
    /// Export data of every package that is linked, those of the standard library excepted
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub export: Vec<PathBuf>,
    /// Output of `stdgraph`
    #[arg(long, value_name = "FILE")]
    pub std_graph: PathBuf,
    /// Output of `lower` for main packages, one per instrumentation, in their order
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub main_rules: Vec<PathBuf>,
    /// The same for instrumentations that only support others
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub support_rules: Vec<PathBuf>,
    /// A package that the hooks of an instrumentation bring into a program that it applies to: used, like those of the program
    #[arg(long, value_name = "NAME=PKG", num_args = 1.., value_parser = key_value)]
    pub carried: Vec<(String, String)>,
    /// Output of `weave --facts` for packages of the program: of the packages that a pattern matches, only those count
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub facts: Vec<PathBuf>,
    /// File to write the Go source to
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// File to write the decisions and their reasons to
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// JSON file that maps each file of hook libraries to the names of the instrumentations that need it; none
    /// where any needs it
    #[arg(long, value_name = "FILE", requires = "unlinked")]
    pub hook_files: Option<PathBuf>,
    /// File to write those of these files to that the program does not need, one a line, in the form of Bazel's `unused_inputs_list`
    #[arg(long, value_name = "FILE", requires = "hook_files")]
    pub unlinked: Option<PathBuf>,
    /// Make OUT a hard link or copy of WOVEN if any instrumentation applies, else of PLAIN
    #[arg(long, value_name = "PKG=PLAIN=WOVEN=OUT", num_args = 1.., value_parser = select)]
    pub select: Vec<Select>,
    /// Make OUT the archive PLAIN without C where hooks bring cgo into a program that has none, and else a hard link or copy of it
    #[arg(long, value_name = "PKG=PLAIN=OUT", num_args = 1.., value_parser = bare)]
    pub without_cgo: Vec<Bare>,
    /// Export data of a package that hooks consist of and that may be compiled with cgo: if one is, nothing is linked without
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "without_cgo")]
    pub hooks_with_cgo: Vec<PathBuf>,
    /// The program is linked with the C library whether or not it has cgo
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

//! The go command with weaving, as far as it is a pure function: the command line ([`Command`]), what a program uses
//! ([`Graph`]), which packages are woven and which files main packages get ([`plan()`]), the workspace file that brings
//! the hooks' modules ([`Workspace`]), and one compile command ([`Compile`]).
//!
//! A plain `go build` gets four things from us:
//! - `-toolexec`, which answers `-V=full` exactly as the compiler does, so that plain and woven builds share the cache;
//! - `-gcflags=PACKAGE=-weave=DIGEST` for each woven package, a flag that the toolexec takes out again: it makes the
//!   digest of what is woven into this package a part of the cache key of this package and of no other;
//! - `-overlay` with one generated file for each main package, and with
//! - a workspace file that adds the hooks' modules. In a workspace every module keeps its own `go` line, and so its
//!   language version; requirements in a copy of go.mod would raise it to that of the hooks.
//!
//! **Architecture invariant:** nothing here reads a file or the environment.

mod built_in;
mod difference;
mod flags;
mod messages;
mod packages;
mod plan;
mod workspace;

pub use built_in::{embedded, engine, types_helper, types_helper_name};
pub use difference::difference;
pub use flags::command::{Command, Flag, VerbKind};
pub use flags::pattern::{PackageFlag, Subject, clean};
pub use flags::words::{join, split};
pub use packages::instrumentation::{Instrumentation, load};
pub use packages::list::{
    ENV, Env, FIELDS, Graph, ModFile, Module, Package, PackageError, packages, plain_path,
};
pub use packages::matches::{Matches, is_ours};
pub use packages::precedence::{Choice, directives, give_way, give_way_in_package};
pub use plan::compile::{Compile, Paths};
pub use plan::decide::{Plan, plan};
pub use plan::input::{PlanInput, Scope};
pub use plan::program::{IMPORTS_FILE, Program, ProgramKind, is_added};
pub use plan::work::{WEAVE_FLAG, Work, WorkRewriter, take_weave_flag, work_of};
pub use weave_report::digest;
pub use workspace::file::Workspace;
pub use workspace::requirements::{Effect, effects, effects_text};
pub use workspace::vendored::Vendored;

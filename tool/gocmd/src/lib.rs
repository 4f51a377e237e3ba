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

mod command;
mod compile;
mod difference;
mod instrumentation;
mod list;
mod matches;
mod modules;
mod pattern;
mod peers;
mod plan;
mod requirements;
mod vendored;
mod words;
mod workspace;

pub use command::{Command, Flag, Kind};
pub use compile::{Compile, Paths, WEAVE_FLAG, Work, WorkRewriter, take_weave_flag};
pub use difference::difference;
pub use instrumentation::{Instrumentation, load, load_draft};
pub use list::{ENV, Env, FIELDS, Graph, ModFile, Module, Package, PackageError, packages, plain_path};
pub use matches::{Matches, is_ours};
pub use modules::{embedded, engine, types_helper, types_helper_name};
pub use pattern::{PackageFlag, Subject, clean};
pub use peers::{Choice, give_way};
pub use plan::{IMPORTS_FILE, Plan, PlanInput, Program, ProgramKind, Scope, is_added, plan, work_of};
pub use requirements::{Effect, effects, effects_text};
pub use vendored::Vendored;
pub use weave_report::digest;
pub use words::{join, split};
pub use workspace::Workspace;

//! The input of a plan.

use std::path::Path;

use crate::flags::command::{Command, VerbKind};
use crate::packages::instrumentation::Instrumentation;
use crate::packages::list::{Env, Package};
use crate::packages::matches::Matches;

/// Input of a plan.
#[derive(Debug)]
pub struct PlanInput<'a> {
    /// The command line.
    pub command: &'a Command,
    /// Environment of the go command.
    pub env: &'a Env,
    /// Build tags, those of the toolchain included.
    pub tags: &'a [String],
    /// Folder that the go command runs in.
    pub cwd: &'a Path,
    /// Packages as `go list -deps` lists them, with `-test` for a test.
    pub packages: &'a [Package],
    /// Instrumentations that may apply, in order.
    pub instrumentations: &'a [Instrumentation],
    /// Rules by package.
    pub matches: &'a Matches,
    /// The user's values of `-gcflags`, in order.
    pub gcflags: &'a [String],
    /// Programs that count.
    pub scope: Scope,
    /// Name and version of the tool, for the record in each program.
    pub tool: &'a str,
}

/// Programs that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Main packages.
    Mains,
    /// Tests.
    Tests,
    /// Both: one set of files serves for either. The test of a main package has the file of the package.
    Both,
}

impl Scope {
    /// Returns what a command is about.
    #[must_use]
    pub fn of(command: &Command) -> Self {
        if command.kind == VerbKind::Test || command.switch("test") { Self::Tests } else { Self::Mains }
    }
}

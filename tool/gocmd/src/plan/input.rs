//! What a plan is made from.

use std::path::Path;

use crate::flags::command::{Command, Kind};
use crate::packages::instrumentation::Instrumentation;
use crate::packages::list::{Env, Package};
use crate::packages::matches::Matches;

/// What a plan is made from.
#[derive(Debug)]
pub struct PlanInput<'a> {
    /// The command line.
    pub command: &'a Command,
    /// What the go command says of itself.
    pub env: &'a Env,
    /// Build tags, those of the toolchain included.
    pub tags: &'a [String],
    /// Where the go command runs.
    pub cwd: &'a Path,
    /// What `go list -deps` says, with `-test` for a test.
    pub packages: &'a [Package],
    /// What may apply, in order.
    pub instrumentations: &'a [Instrumentation],
    /// Which of their rules are for which packages.
    pub matches: &'a Matches,
    /// The user's values of `-gcflags`, in order.
    pub gcflags: &'a [String],
    /// Which programs count.
    pub scope: Scope,
    /// Name and version of the tool, for the record in each program.
    pub tool: &'a str,
}

/// Which programs count.
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
    /// What a command is about.
    #[must_use]
    pub fn of(command: &Command) -> Self {
        if command.kind == Kind::Test || command.switch("test") { Self::Tests } else { Self::Mains }
    }
}

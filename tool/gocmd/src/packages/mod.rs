//! Packages as the go command lists them, and which rules are for which.

pub(crate) mod instrumentation;
pub(crate) mod list;
pub(crate) mod matches;
pub(crate) mod precedence;

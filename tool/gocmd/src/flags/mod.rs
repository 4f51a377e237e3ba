//! The command line: its flags, lists of words, and patterns of packages.

pub(crate) mod command;
mod known;
pub(crate) mod pattern;
pub(crate) mod words;

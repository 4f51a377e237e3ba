//! What a package is: its files, functions, types and sites. Nothing here changes, and nothing here knows rules' advice.

pub(crate) mod aliases;
pub(crate) mod assembly;
pub(crate) mod directives;
pub(crate) mod file;
pub(crate) mod sites;
pub(crate) mod target;
pub(crate) mod tree;
pub(crate) mod typefacts;
pub(crate) mod types;

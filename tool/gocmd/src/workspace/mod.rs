//! The workspace file of a woven build, and what its modules do to versions.

pub(crate) mod file;
pub(crate) mod requirements;
pub(crate) mod vendored;

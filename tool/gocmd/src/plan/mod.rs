//! The additions to a build, and the changes of its compile commands.

pub(crate) mod compile;
pub(crate) mod decide;
pub(crate) mod input;
pub(crate) mod program;
pub(crate) mod work;

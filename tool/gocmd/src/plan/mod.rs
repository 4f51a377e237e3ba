//! What a build gets, and what its compile commands become.

pub(crate) mod compile;
pub(crate) mod decide;
pub(crate) mod input;
pub(crate) mod program;
pub(crate) mod work;

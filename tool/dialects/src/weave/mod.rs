//! goweave's own rule language.

pub(crate) mod advice;
mod draft;
mod findings;
pub(crate) mod format;
pub(crate) mod join_point;
pub(crate) mod keys;
pub(crate) mod load;
pub(crate) mod model;
pub(crate) mod position;
#[cfg(test)]
mod reference;

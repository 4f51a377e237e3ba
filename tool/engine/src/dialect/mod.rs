//! Support for the languages of other tools while weaving: their templates, the order of their aspects, their hooks' context.

pub(crate) mod aspects;
pub(crate) mod go_template;
pub(crate) mod hook_context;
pub(crate) mod otelc_template;

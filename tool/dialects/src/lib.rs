//! The languages of rule files, each from text to rules.
//!
//! [`weave`] is goweave's own, which people write beside the hooks of one instrumentation; [`orchestrion`], [`otelc`] and
//! [`alibaba`] are those of other tools, read as they are. [`read()`] knows which file is in which, and makes [`Draft`]s of all:
//! rules whose hooks are still to be looked up.
//!
//! **Architecture invariant:** nothing here reads a Go file, a directory or the environment: the caller gives the texts.

pub mod alibaba;
mod draft;
mod messages;
pub mod orchestrion;
pub mod otelc;
mod read;
mod spanned;
mod surroundings;
pub mod weave;
mod yaml;

pub use draft::{Draft, DraftAdvice, DraftFile, DraftHook, DraftHooks, DraftRewriter, DraftRule, GoText};
pub use read::{Dialect, Read, dialect, dialect_of_name, read, read_one};
pub use spanned::Sp;
pub use surroundings::{BuiltIn, Extend, Surroundings};
pub use weave::format::format;
pub use weave::position::value_at;
pub use yaml::read_yaml;

/// JSON Schema of rule files, for editors. A test makes it from the types, and fails when it is another one.
pub const SCHEMA: &str = include_str!("../weave.schema.json");

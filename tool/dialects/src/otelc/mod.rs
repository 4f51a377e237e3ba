//! Rule files of OpenTelemetry's otelc, `*.otelc.yml`, read as they are.
//!
//! `docs/otelc.md` has a table of every construct. The language is implemented from what its project documents and from what
//! its rule files have.

pub(crate) mod go;
pub(crate) mod read;
pub(crate) mod rules;
mod target;

pub use target::Surroundings;

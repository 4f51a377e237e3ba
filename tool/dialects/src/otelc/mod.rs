//! Rule files of OpenTelemetry's otelc, `*.otelc.yml`, read as they are.
//!
//! `docs/otelc.md` has a table of every construct. The language is implemented from what its project documents and from what
//! its rule files have.

pub(crate) mod go;
pub(crate) mod read;
pub(crate) mod rules;
mod target;

/// Names of the Go files that name packages with rules of otelc, beside a go.mod.
pub const TOOL_FILES: [&str; 2] = ["otel.instrumentation.go", "otelc.tool.go"];

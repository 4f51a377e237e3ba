//! Tests of the command line, end to end.

mod behaviour;
mod comments;
mod everything;
mod export_data;
mod fmt;
mod goldens;
mod language;
mod mistakes;
mod otelc;
mod parse;
mod rewriters;
mod shell;
mod std_sources;
mod support;

//! `goweave go`: real programs are built, run and traced; what can go wrong is provoked, each with a control.

mod builds;
mod failures;
mod orchestrion;
mod otelc;
mod rewriters;
mod safety;
mod show;
mod suites;
mod support;
mod tests;
mod tutorial;

//! Whole programs: the file for a main package, the packages that it uses by export data, the archives that it links, the import graph
//! of std.

pub(crate) mod export_data;
pub(crate) mod linkage;
pub(crate) mod main_file;
pub(crate) mod std_graph;
pub(crate) mod woven_facts;

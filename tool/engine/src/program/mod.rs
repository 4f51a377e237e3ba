//! What concerns whole programs: the file for a main package, what export data say that it uses, what it is linked with, the import graph of std.

pub(crate) mod export_data;
pub(crate) mod linkage;
pub(crate) mod main_file;
pub(crate) mod std_graph;
pub(crate) mod woven_facts;

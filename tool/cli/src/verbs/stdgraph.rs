//! `goweave stdgraph`: the imports of the standard library.

use std::path::Path;

use anyhow::Result;
use weave_engine::StdGraphBuilder;

use crate::args;
use crate::files::{read, write_json};
use crate::out::Outcome;

/// `goweave stdgraph`
pub(crate) fn stdgraph(a: &args::StdGraph) -> Result<Outcome> {
    let target = a.target.target()?;
    let mut graph = StdGraphBuilder::new(&target, &a.goroot_src);
    for path in &a.files {
        if graph.wants(path) {
            graph.add(path, &read(Path::new(path))?)?;
        }
    }
    write_json(&a.out, &graph.finish())?;
    Ok(Outcome::Done)
}

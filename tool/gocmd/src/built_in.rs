//! The Go modules of the hooks, which the tool brings along.

use weave_report::digest;

include!(concat!(env!("OUT_DIR"), "/built.rs"));

/// Digest of the sources of everything that decides how a package is woven. It is part of the cache key of each woven
/// package, so that another weaver weaves again.
#[must_use]
pub fn engine() -> &'static str {
    ENGINE
}

/// The files of the hooks' modules, by path; empty if the tool was built without them.
#[must_use]
pub fn embedded() -> &'static [(&'static str, &'static [u8])] {
    MODULES
}

/// The Go files of the types helper, a program of the standard library alone; empty if the tool was built without them.
pub fn types_helper() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    TYPES.iter().copied().filter(|(name, _)| name.ends_with(".go"))
}

/// The name of the types helper, as this release of Go builds it.
#[must_use]
pub fn types_helper_name(go: &str) -> String {
    let parts = types_helper().flat_map(|(name, text)| [name.as_bytes(), text]);
    format!("types-{}", digest(parts.chain([go.as_bytes()])))
}

//! Identifiers as keys, and what goes by a name of ours.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// The identifiers of a file, only to be looked up.
pub(crate) type Identifiers<'a> = HashSet<&'a str, BuildHasherDefault<NameHasher>>;

/// Values by identifier, only to be looked up.
pub(crate) type NameMap<'a, V> = HashMap<&'a str, V, BuildHasherDefault<NameHasher>>;

/// A hash for short names, eight bytes at a time. Nobody gains from names that meet, so it need not be a strong one.
#[derive(Default)]
pub(crate) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, tail) = bytes.as_chunks::<8>();
        let last = tail.iter().fold(0, |word, &b| word << 8 | u64::from(b));
        for word in words.iter().map(|w| u64::from_le_bytes(*w)).chain([last]) {
            self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// Stands in the package clause of a woven file that has more than calls of hooks, so that it is not woven again.
pub(crate) const MARKER: &str = "/*goweave*/";

/// Returns whether a name is like those that the weaver makes for declarations.
pub(crate) fn is_ours(name: &[u8]) -> bool {
    name.starts_with(b"weave_")
}

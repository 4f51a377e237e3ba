//! Go releases, module versions, and ranges of either.

use std::cmp::Ordering;
use std::fmt;

use crate::messages;

/// A Go release or language version: `1.26`, `1.26.8`, `1.27rc1`; a leading `go` is accepted.
///
/// As in Go itself, the language version `1.27` comes before `1.27rc1`, which comes before the release `1.27.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoVersion {
    major: u32,
    minor: u32,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Language,
    Beta(u32),
    Candidate(u32),
    Release(u32),
}

impl GoVersion {
    /// Reads a version.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Vendors append words (`go1.26.8-bigcorp`, `go1.27 X:nocoverageredesign`); they say nothing of the language.
        let text = text.strip_prefix("go").unwrap_or(text);
        let text = text.split([' ', '-', '+']).next().unwrap_or_default();
        let (major, rest) = number(text)?;
        let (minor, rest) = number(rest.strip_prefix('.')?)?;
        let stage = if rest.is_empty() {
            Stage::Language
        } else if let Some(n) = rest.strip_prefix("beta") {
            Stage::Beta(whole(n)?)
        } else if let Some(n) = rest.strip_prefix("rc") {
            Stage::Candidate(whole(n)?)
        } else {
            Stage::Release(whole(rest.strip_prefix('.')?)?)
        };
        Some(Self { major, minor, stage })
    }

    /// `26` of `1.26.8`.
    #[must_use]
    pub fn minor(self) -> u32 {
        self.minor
    }
}

impl Ord for GoVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.stage).cmp(&(other.major, other.minor, other.stage))
    }
}

impl PartialOrd for GoVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.stage {
            Stage::Language => Ok(()),
            Stage::Beta(n) => write!(f, "beta{n}"),
            Stage::Candidate(n) => write!(f, "rc{n}"),
            Stage::Release(n) => write!(f, ".{n}"),
        }
    }
}

/// A module version in semantic versioning, `v1.2.3-pre+meta`; the `v` may be left out, and so may minor and patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleVersion {
    numbers: [u64; 3],
    /// Pre-release identifiers; none means a release.
    pre: Vec<String>,
}

impl ModuleVersion {
    /// Reads a version.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split('+').next().unwrap_or_default();
        let (numbers_text, pre) = match text.split_once('-') {
            Some((n, p)) if !p.is_empty() => (n, p.split('.').map(str::to_owned).collect()),
            Some(_) => return None,
            None => (text, Vec::new()),
        };
        let mut numbers = [0; 3];
        for (i, part) in numbers_text.split('.').enumerate() {
            *numbers.get_mut(i)? = part.parse().ok()?;
        }
        Some(Self { numbers, pre })
    }
}

impl Ord for ModuleVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => {
                for (a, b) in self.pre.iter().zip(&other.pre) {
                    let order = match (a.parse::<u64>(), b.parse::<u64>()) {
                        (Ok(a), Ok(b)) => a.cmp(&b),
                        (Ok(_), Err(_)) => Ordering::Less,
                        (Err(_), Ok(_)) => Ordering::Greater,
                        (Err(_), Err(_)) => a.cmp(b),
                    };
                    if order != Ordering::Equal {
                        return order;
                    }
                }
                self.pre.len().cmp(&other.pre.len())
            }
        })
    }
}

impl PartialOrd for ModuleVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Comparisons that must all hold, as `>=1.24, <1.28`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange<V> {
    bounds: Vec<(Op, V)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
}

/// Reason why a text is not a range of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeError {
    /// This part is not a comparison.
    Part(String),
    /// This part asks for one version, and names several.
    Partial(String),
    /// No version meets all comparisons.
    Empty,
}

impl RangeError {
    /// Returns what is wrong, and what to write; `of` is what the versions are of, `example` a good range.
    #[must_use]
    pub fn explain(&self, text: &str, of: &str, example: &str) -> (String, String) {
        let next = messages::version_example(example);
        match self {
            Self::Part(part) if part.is_empty() => (messages::empty_comparison(text), next),
            Self::Part(part) => (messages::no_comparison(part, of), next),
            Self::Partial(part) => (messages::one_version(part), messages::version_in_full(next)),
            Self::Empty => (messages::no_version(text), next),
        }
    }
}

/// A version that ranges are made of.
pub trait RangeVersion: Ord + Clone {
    /// Reads a version as people write it in a range: nothing in it is passed over.
    fn read(text: &str) -> Option<Self>;

    /// The first version that is behind all which a version stands for; `None` if it stands for itself alone.
    fn behind(&self) -> Option<Self>;

    /// Returns whether a text names several versions and `=` would mean but one of them.
    fn is_partial(text: &str) -> bool;
}

impl RangeVersion for GoVersion {
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("go").unwrap_or(text);
        // Words of vendors, which releases may have.
        (!digits.contains([' ', '-', '+'])).then(|| Self::parse(text)).flatten()
    }

    /// `1.26` stands for all of its releases.
    fn behind(&self) -> Option<Self> {
        (self.stage == Stage::Language).then(|| Self { minor: self.minor.saturating_add(1), ..*self })
    }

    fn is_partial(_: &str) -> bool {
        false
    }
}

impl RangeVersion for ModuleVersion {
    fn read(text: &str) -> Option<Self> {
        let (version, meta) = text.split_once('+').map_or((text, None), |(v, m)| (v, Some(m)));
        let word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if meta.is_some_and(|m| !m.split('.').all(word)) {
            return None;
        }
        let (numbers, pre) = version.split_once('-').map_or((version, None), |(n, p)| (n, Some(p)));
        let numbers = numbers.strip_prefix('v').unwrap_or(numbers);
        if !numbers.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        if let Some(pre) = pre {
            // `1.2.0-2.0.0` means a range to whoever writes it.
            let parts: Vec<&str> = pre.split('.').collect();
            let number = |s: &&str| s.bytes().all(|b| b.is_ascii_digit());
            let version = pre.starts_with('v') && pre[1..].starts_with(|c: char| c.is_ascii_digit())
                || parts.len() > 1 && parts.iter().all(number);
            if version || !parts.iter().all(|p| word(p)) {
                return None;
            }
        }
        Self::parse(text)
    }

    fn behind(&self) -> Option<Self> {
        None
    }

    fn is_partial(text: &str) -> bool {
        text.split(['-', '+']).next().unwrap_or_default().matches('.').count() < 2
    }
}

impl<V: RangeVersion> VersionRange<V> {
    /// Reads a range.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        let mut bounds = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            let (op, version) = [
                ("<=", Op::LessEqual),
                (">=", Op::GreaterEqual),
                ("!=", Op::NotEqual),
                ("==", Op::Equal),
                ("<", Op::Less),
                (">", Op::Greater),
                ("=", Op::Equal),
            ]
            .into_iter()
            .find_map(|(sign, op)| Some((op, part.strip_prefix(sign)?)))
            .unwrap_or((Op::Equal, part));
            let version = version.trim();
            let read = V::read(version).ok_or_else(|| RangeError::Part(part.to_owned()))?;
            if matches!(op, Op::Equal | Op::NotEqual) && V::is_partial(version) {
                return Err(RangeError::Partial(part.to_owned()));
            }
            bounds.push((op, read));
        }
        let range = Self { bounds };
        if range.is_empty() { Err(RangeError::Empty) } else { Ok(range) }
    }

    /// Returns whether it is certain that no version meets all comparisons.
    fn is_empty(&self) -> bool {
        // The lowest version that is left, whether it counts itself, and the first one behind the highest.
        let mut low: Option<(V, bool)> = None;
        let mut high: Option<(V, bool)> = None;
        for (op, bound) in &self.bounds {
            let behind = bound.behind();
            let (from, to) = match op {
                Op::GreaterEqual => (Some((bound.clone(), true)), None),
                Op::Greater => (Some(behind.map_or_else(|| (bound.clone(), false), |b| (b, true))), None),
                Op::Less => (None, Some((bound.clone(), false))),
                Op::LessEqual => (None, Some(behind.map_or_else(|| (bound.clone(), true), |b| (b, false)))),
                Op::Equal => (
                    Some((bound.clone(), true)),
                    Some(behind.map_or_else(|| (bound.clone(), true), |b| (b, false))),
                ),
                Op::NotEqual => (None, None),
            };
            if let Some(from) = from {
                let higher = low.as_ref().is_none_or(|l| from.0 > l.0 || from.0 == l.0 && !from.1);
                low = if higher { Some(from) } else { low };
            }
            if let Some(to) = to {
                let lower = high.as_ref().is_none_or(|h| to.0 < h.0 || to.0 == h.0 && !to.1);
                high = if lower { Some(to) } else { high };
            }
        }
        match (low, high) {
            (Some((low, from)), Some((high, to))) => {
                let one = low == high && from && to;
                let excluded = |v: &V| self.bounds.iter().any(|(op, b)| *op == Op::NotEqual && b == v);
                low > high || low == high && !one || one && excluded(&low)
            }
            _ => false,
        }
    }

    /// Returns whether every comparison holds for `version`.
    #[must_use]
    pub fn contains(&self, version: &V) -> bool {
        self.bounds.iter().all(|(op, bound)| {
            // A version that stands for several is all of them.
            let equal = version == bound
                || bound.behind().is_some_and(|behind| *version > *bound && *version < behind);
            match op {
                Op::Less => version < bound,
                Op::LessEqual => version < bound || equal,
                Op::Equal => equal,
                Op::NotEqual => !equal,
                Op::GreaterEqual => version >= bound,
                Op::Greater => version > bound && !equal,
            }
        })
    }
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

fn whole(text: &str) -> Option<u32> {
    match number(text)? {
        (n, "") => Some(n),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_versions_order_as_in_go() {
        let order = [
            "1.9.7",
            "1.26",
            "1.26.8",
            "1.27",
            "1.27beta1",
            "1.27rc1",
            "1.27rc2",
            "1.27.0",
            "1.27.3",
            "1.28",
        ];
        for pair in order.windows(2) {
            assert!(GoVersion::parse(pair[0]) < GoVersion::parse(pair[1]), "{pair:?}");
        }
        assert_eq!(GoVersion::parse("go1.26.8-big X:foo"), GoVersion::parse("1.26.8"));
        for bad in ["", "1", "1.x", "devel", "1.2.3.4"] {
            assert_eq!(GoVersion::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn module_versions_order_as_in_semver() {
        let order = [
            "v0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta.2",
            "v1.0.0-beta.11",
            "v1.0.0",
            "1.0.1",
            "v2",
        ];
        for pair in order.windows(2) {
            assert!(ModuleVersion::parse(pair[0]) < ModuleVersion::parse(pair[1]), "{pair:?}");
        }
        assert_eq!(ModuleVersion::parse("v2.0.0+incompatible"), ModuleVersion::parse("v2"));
        assert_eq!(ModuleVersion::parse("latest"), None);
    }

    #[test]
    fn ranges_hold_what_they_say() {
        for (range, version, want) in [
            (">=1.24, <1.28", "1.24.0", true),
            (">=1.24, <1.28", "1.27.9", true),
            (">=1.24, <1.28", "1.28rc1", false),
            (">=1.24, <1.28", "1.23.12", false),
            ("!=1.26.1", "1.26.1", false),
            ("1.26.1", "1.26.1", true),
            ("1.26", "1.26.8", true),
            ("=go1.26", "1.26rc1", true),
            ("1.26", "1.27.0", false),
            ("!=1.26", "1.26.8", false),
            ("<=1.26", "1.26.8", true),
            ("<=1.26", "1.27rc1", false),
            (">1.26", "1.26.8", false),
            (">1.26", "1.27.0", true),
            (">= 1.24 ,<1.28", "1.27.0", true),
        ] {
            let range = VersionRange::<GoVersion>::parse(range).expect("the range is good");
            let version = GoVersion::parse(version).expect("the version is good");
            assert_eq!(range.contains(&version), want, "{range:?} {version}");
        }
        for (range, version, want) in [
            (">=v1.2.0, <v2", "v1.9.0", true),
            (">=v1.2", "v1.2.0-rc.1", false),
            ("v1.4.0+incompatible", "v1.4.0", true),
            (">=v0.0.0-20191109021931-daa7c04131f5", "v0.0.0-20200101000000-daa7c04131f5", true),
            ("!=1.2.3", "v1.2.3", false),
        ] {
            let range = VersionRange::<ModuleVersion>::parse(range).expect("the range is good");
            let version = ModuleVersion::parse(version).expect("the version is good");
            assert_eq!(range.contains(&version), want, "{range:?} {version:?}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        use RangeError::{Empty, Part, Partial};
        let part = |text: &str| Part(text.to_owned());
        for (range, want) in [
            (">=1.24, about 1.28", part("about 1.28")),
            ("1.24+", part("1.24+")),
            (">=1.24-1.28", part(">=1.24-1.28")),
            ("1.24 or newer", part("1.24 or newer")),
            (">=1.24 <1.28", part(">=1.24 <1.28")),
            ("", part("")),
            (">=1.24,", part("")),
            (">=", part(">=")),
            (">=24", part(">=24")),
            ("1.24.x", part("1.24.x")),
            ("~1.24", part("~1.24")),
            ("^1.24", part("^1.24")),
            ("=>1.24", part("=>1.24")),
            (">=v1.24", part(">=v1.24")),
            ("devel", part("devel")),
            (">=1.28, <1.24", Empty),
            (">1.26, <1.27", Empty),
            ("1.26, 1.27", Empty),
            ("1.26.1, !=1.26.1", Empty),
            (">1.26.1, <=1.26.1", Empty),
        ] {
            assert_eq!(VersionRange::<GoVersion>::parse(range), Err(want), "{range}");
        }
        for (range, want) in [
            (">=v2, <v1", Empty),
            (">v1.0.0, <v1.0.0", Empty),
            ("v1", Partial("v1".into())),
            ("!=v1.2", Partial("!=v1.2".into())),
            ("v1.x", part("v1.x")),
            (">=v1.2.0-v2.0.0", part(">=v1.2.0-v2.0.0")),
            (">=1.2.0-2.0.0", part(">=1.2.0-2.0.0")),
            ("v1.2.3.4", part("v1.2.3.4")),
            ("v1.2.3-", part("v1.2.3-")),
            ("v1.2.3-a..b", part("v1.2.3-a..b")),
            ("v1..3", part("v1..3")),
            ("latest", part("latest")),
            ("[v1.0.0,v2.0.0)", part("[v1.0.0")),
            ("v1.0.0|v2.0.0", part("v1.0.0|v2.0.0")),
        ] {
            assert_eq!(VersionRange::<ModuleVersion>::parse(range), Err(want), "{range}");
        }
    }
}

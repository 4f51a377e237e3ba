//! Go releases, module versions, and ranges of either.

use std::cmp::Ordering;
use std::fmt;

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
    /// Read a version.
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
    /// Read a version.
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

impl<V: Ord> VersionRange<V> {
    /// Read a range; `parse` reads one version.
    ///
    /// # Errors
    ///
    /// The part that is no comparison.
    pub fn parse(text: &str, parse: impl Fn(&str) -> Option<V>) -> Result<Self, String> {
        let mut bounds = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            // `1.24 or newer` is not 1.24.
            let version = part.trim_start_matches(['<', '>', '=', '!']).trim_start();
            if version.contains(char::is_whitespace) {
                return Err(part.to_owned());
            }
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
            bounds.push((op, parse(version.trim()).ok_or_else(|| part.to_owned())?));
        }
        Ok(Self { bounds })
    }

    /// Whether every comparison holds for `version`.
    #[must_use]
    pub fn contains(&self, version: &V) -> bool {
        self.bounds.iter().all(|(op, bound)| match op {
            Op::Less => version < bound,
            Op::LessEqual => version <= bound,
            Op::Equal => version == bound,
            Op::NotEqual => version != bound,
            Op::GreaterEqual => version >= bound,
            Op::Greater => version > bound,
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
        ] {
            let range = VersionRange::parse(range, GoVersion::parse).expect("the range is good");
            let version = GoVersion::parse(version).expect("the version is good");
            assert_eq!(range.contains(&version), want, "{range:?} {version}");
        }
        assert_eq!(VersionRange::parse(">=1.24, about 1.28", GoVersion::parse), Err("about 1.28".to_owned()));
    }
}

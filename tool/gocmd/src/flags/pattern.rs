//! Package patterns, as in `-gcflags=PATTERN=FLAGS`.

use std::path::{Component, Path, PathBuf};

/// A package that a pattern may match.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Import path.
    pub path: &'a str,
    /// Folder.
    pub dir: &'a str,
    /// Whether it is one of the standard library or of Go's commands.
    pub std: bool,
    /// Whether it was named on the command line, by itself or by a pattern.
    pub named: bool,
}

/// The value of one per-package flag: whom it is for, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFlag {
    /// The value as it was given.
    pub raw: String,
    /// Nothing for "the packages named on the command line".
    pattern: Option<String>,
    /// The flags for the tool.
    pub flags: Vec<String>,
}

impl PackageFlag {
    /// Reads a value; `None` if the go command will refuse it.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let text = raw.trim();
        let (pattern, flags) = if text.is_empty() || text.starts_with('-') {
            (None, text)
        } else {
            let (pattern, flags) = text.split_once('=')?;
            (Some(pattern.trim().to_owned()), flags)
        };
        Some(Self { raw: raw.to_owned(), pattern, flags: crate::flags::words::split(flags).ok()? })
    }

    /// Returns whether the value is for this package; `cwd` is where the go command runs.
    #[must_use]
    pub fn matches(&self, subject: Subject<'_>, cwd: &Path) -> bool {
        match &self.pattern {
            None => subject.named,
            Some(pattern) => matches(pattern, subject, cwd),
        }
    }
}

fn matches(pattern: &str, subject: Subject<'_>, cwd: &Path) -> bool {
    let relative =
        pattern == "." || pattern == ".." || pattern.starts_with("./") || pattern.starts_with("../");
    if relative {
        let (dir, rest) = match pattern.find("...") {
            None => (pattern, None),
            Some(i) => {
                let j = pattern[..i].rfind('/').unwrap_or(0);
                (&pattern[..j], Some(&pattern[j + 1..]))
            }
        };
        let dir = clean(&cwd.join(dir));
        let own = Path::new(subject.dir);
        return match (rest, own.strip_prefix(&dir)) {
            (None, _) => own == dir,
            (Some(rest), Ok(below)) => {
                let below = below.to_string_lossy();
                wildcard(rest, if below.is_empty() { "." } else { &below })
            }
            (Some(_), Err(_)) => false,
        };
    }
    match pattern {
        "all" => true,
        "std" => subject.std,
        "cmd" => subject.std && subject.path.starts_with("cmd/"),
        _ => wildcard(pattern, subject.path),
    }
}

/// `...` stands for any string, and a final `/...` also for nothing.
fn wildcard(pattern: &str, path: &str) -> bool {
    if let Some(short) = pattern.strip_suffix("/...")
        && !short.contains("...")
        && path == short
    {
        return true;
    }
    match pattern.split_once("...") {
        None => pattern == path,
        Some((before, after)) => {
            let Some(rest) = path.strip_prefix(before) else { return false };
            rest.char_indices().map(|(i, _)| i).chain([rest.len()]).any(|i| wildcard(after, &rest[i..]))
        }
    }
}

/// A path without `.` and `..`, as far as its text goes.
#[must_use]
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_the_go_command() {
        let http = Subject { path: "net/http", dir: "/go/src/net/http", std: true, named: false };
        let app = Subject { path: "example.com/app/cmd/a", dir: "/w/app/cmd/a", std: false, named: true };
        for (value, to_http, to_app) in [
            ("-N -l", false, true),
            ("", false, true),
            ("all=-N", true, true),
            ("std=-N", true, false),
            ("cmd=-N", false, false),
            ("net/http=-N", true, false),
            ("net/...=-N", true, false),
            ("net/http/...=-N", true, false),
            ("net=-N", false, false),
            ("./...=-N", false, true),
            ("./cmd/a=-N", false, true),
            ("./cmd=-N", false, false),
            ("../app/cmd/...=-N", false, true),
            (".../a=-N", false, true),
            ("example.com/...a=-N", false, true),
        ] {
            let flag = PackageFlag::parse(value).expect("the value is good");
            let cwd = Path::new("/w/app");
            assert_eq!((flag.matches(http, cwd), flag.matches(app, cwd)), (to_http, to_app), "{value}");
        }
        assert_eq!(PackageFlag::parse("net/http"), None);
        let flags = PackageFlag::parse("all=-N '-d=a b'").map(|f| f.flags);
        assert_eq!(flags, Some(vec!["-N".to_owned(), "-d=a b".to_owned()]));
    }
}

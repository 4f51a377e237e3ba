//! Patterns of import paths by elements.

use serde::{Deserialize, Serialize};

/// A pattern for import paths by elements: `*` stands for text without a slash, `**` for any
/// number of elements, `?` for one character, `[a-z]` for one of several. A lone `*` stands for every path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PathGlob {
    /// The pattern.
    pub pattern: String,
    /// The module whose packages alone it is for; the pattern is then about what follows the module's path, `.` for its root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
}

impl PathGlob {
    /// Returns whether a path is what the pattern asks for.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let target = match &self.module {
            None => path,
            Some(module) if path == module => ".",
            Some(module) => match path.strip_prefix(module.as_str()).and_then(|r| r.strip_prefix('/')) {
                Some(rest) => rest,
                None => return false,
            },
        };
        if self.pattern == "*" || self.pattern == "**" {
            return true;
        }
        if !self.pattern.contains("**") {
            // Without `**` the number of elements is that of the pattern, which a slash in no wild card gives.
            return segment(self.pattern.as_bytes(), target.as_bytes());
        }
        let pattern: Vec<String> = self.pattern.split('/').flat_map(expand).collect();
        let target: Vec<&str> = target.split('/').collect();
        segments(&pattern, &target)
    }
}

/// An element with `**` beside other text stands for several: `a**` is `a*` and what follows.
fn expand(element: &str) -> Vec<String> {
    if element == "**" || !element.contains("**") {
        return vec![element.to_owned()];
    }
    let parts: Vec<&str> = element.split("**").collect();
    let last = parts.len() - 1;
    let mut out = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push("**".to_owned());
        }
        if !part.is_empty() {
            let (before, after) = (if i > 0 { "*" } else { "" }, if i < last { "*" } else { "" });
            out.push(format!("{before}{part}{after}"));
        }
    }
    out
}

fn segments(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, rest) => rest.is_none(),
        (Some((first, rest)), _) if first == "**" => {
            rest.is_empty() || (0..=path.len()).any(|skip| segments(rest, &path[skip..]))
        }
        (Some(_), None) => false,
        (Some((first, rest)), Some((element, more))) => {
            segment(first.as_bytes(), element.as_bytes()) && segments(rest, more)
        }
    }
}

/// Matches as Go's `path.Match` does; a pattern with an open class matches nothing.
fn segment(pattern: &[u8], text: &[u8]) -> bool {
    let Some((&first, rest)) = pattern.split_first() else { return text.is_empty() };
    match first {
        b'*' => (0..=text.iter().take_while(|&&b| b != b'/').count()).any(|n| segment(rest, &text[n..])),
        b'?' => text.first().is_some_and(|&b| b != b'/') && segment(rest, skip_character(text)),
        b'[' => {
            let Some(end) = rest.iter().skip(1).position(|&b| b == b']').map(|i| i + 1) else { return false };
            let (class, after) = (&rest[..end], &rest[end + 1..]);
            let (negated, class) = match class.strip_prefix(b"^") {
                Some(class) => (true, class),
                None => (false, class),
            };
            let Some(&b) = text.first() else { return false };
            let mut found = false;
            let mut i = 0;
            while i < class.len() {
                if i + 2 < class.len() && class[i + 1] == b'-' {
                    found |= (class[i]..=class[i + 2]).contains(&b);
                    i += 3;
                } else {
                    found |= class[i] == b;
                    i += 1;
                }
            }
            found != negated && segment(after, &text[1..])
        }
        b'\\' if !rest.is_empty() => {
            text.first() == rest.first() && segment(&rest[1..], text.get(1..).unwrap_or_default())
        }
        b => text.first() == Some(&b) && segment(rest, &text[1..]),
    }
}

/// Returns what follows the first character of UTF-8 text.
fn skip_character(text: &[u8]) -> &[u8] {
    let more = text.iter().skip(1).take_while(|&&b| b & 0xc0 == 0x80).count();
    &text[1 + more..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_by_elements() {
        let matches = |pattern: &str, module: Option<&str>, path: &str| {
            PathGlob { pattern: pattern.into(), module: module.map(str::to_owned) }.matches(path)
        };
        for (pattern, module, path, want) in [
            ("a/*", None, "a/b", true),
            ("a/*", None, "a/b/c", false),
            ("a/**", None, "a/b/c", true),
            ("**/internal/*", None, "x/y/internal/z", true),
            ("**/internal", None, "internal", true),
            ("*", None, "x/y", true),
            ("svc**", None, "svc-a/b", true),
            ("a/[bc]?", None, "a/cd", true),
            ("a/[^bc]", None, "a/c", false),
            ("**", Some("m"), "m/x", true),
            ("*", Some("m"), "n/x", false),
            ("internal/*", Some("m"), "m/internal/x", true),
            (".", Some("m"), "m", true),
            ("x", Some("m"), "mx/x", false),
        ] {
            assert_eq!(matches(pattern, module, path), want, "{pattern} {path}");
        }
    }
}

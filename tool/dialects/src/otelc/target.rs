//! The packages that a rule is for.

use weave_ir::{JoinPoint, NamePattern, PathPattern};

use crate::Surroundings;
use crate::messages;

/// The patterns of one target.
pub(crate) fn join(
    include: &[String],
    exclude: &[String],
    surroundings: &Surroundings,
) -> Result<Vec<JoinPoint>, (String, String)> {
    let mut included = Vec::new();
    let mut main_only = true;
    for pattern in include {
        main_only &= pattern == "main";
        included.extend(packages(pattern, surroundings)?);
    }
    let mut all = Vec::new();
    match included.as_slice() {
        [one] => all.push(one.clone()),
        _ => all.push(JoinPoint::OneOf(included.clone())),
    }
    if include.iter().any(|p| p == "main") {
        let main = NamePattern::new("main").map_err(|e| (e, String::new()))?;
        if main_only {
            all.push(JoinPoint::PackageName(main));
        } else {
            // The packages of the other patterns may have any name.
            let named = JoinPoint::AllOf(vec![mains(surroundings), JoinPoint::PackageName(main)]);
            let mut others = vec![named];
            for pattern in include.iter().filter(|p| *p != "main") {
                others.extend(packages(pattern, surroundings)?);
            }
            all.push(JoinPoint::OneOf(others));
        }
    }
    for pattern in exclude {
        let mut excluded = packages(pattern, surroundings)?;
        if pattern == "main" {
            let main = NamePattern::new("main").map_err(|e| (e, String::new()))?;
            excluded = vec![JoinPoint::PackageName(main)];
        }
        all.push(JoinPoint::Not(Box::new(JoinPoint::OneOf(excluded))));
    }
    Ok(all)
}

fn mains(surroundings: &Surroundings) -> JoinPoint {
    match surroundings.mains.as_slice() {
        [] => JoinPoint::Package(PathPattern::new("...")),
        [one] => JoinPoint::Package(PathPattern::new(one)),
        several => {
            JoinPoint::OneOf(several.iter().map(|m| JoinPoint::Package(PathPattern::new(m))).collect())
        }
    }
}

fn packages(pattern: &str, surroundings: &Surroundings) -> Result<Vec<JoinPoint>, (String, String)> {
    let package = |text: &str| JoinPoint::Package(PathPattern::new(text));
    match pattern {
        "main" => Ok(match mains(surroundings) {
            JoinPoint::OneOf(list) => list,
            one => vec![one],
        }),
        "$root" if surroundings.roots.is_empty() => {
            Err((messages::roots_unknown().into(), messages::help_roots_unknown().into()))
        }
        "$root" => Ok(surroundings.roots.iter().map(|root| package(&format!("{root}/..."))).collect()),
        glob => {
            let all = alternatives(glob).map_err(|e| (messages::no_pattern(glob, &e), String::new()))?;
            let read = |text: String| {
                PathPattern::read(&text)
                    .map(JoinPoint::Package)
                    .map_err(|e| (messages::no_pattern(glob, &e), String::new()))
            };
            all.iter().flat_map(|one| globs(one)).map(read).collect()
        }
    }
}

/// `{a,b}` written out.
fn alternatives(glob: &str) -> Result<Vec<String>, String> {
    let Some(open) = glob.find('{') else {
        return match glob.find('[').filter(|&at| !glob[at..].contains(']')) {
            Some(_) => Err(messages::open_bracket().into()),
            None => Ok(vec![glob.to_owned()]),
        };
    };
    let mut depth = 0usize;
    let mut parts = vec![open + 1];
    for (i, c) in glob[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                parts.push(open + i + 1);
                let mut out = Vec::new();
                for pair in parts.windows(2) {
                    let one =
                        format!("{}{}{}", &glob[..open], &glob[pair[0]..pair[1] - 1], &glob[open + i + 1..]);
                    out.extend(alternatives(&one)?);
                }
                return Ok(out);
            }
            '}' => depth -= 1,
            ',' if depth == 1 => parts.push(open + i + 1),
            _ => {}
        }
    }
    Err(messages::open_brace().into())
}

/// A pattern in which `**` is any number of path elements, as our patterns, in which `...` is any text.
fn globs(glob: &str) -> Vec<String> {
    let elements: Vec<&str> = glob.split('/').collect();
    let Some(at) = elements.iter().position(|e| *e == "**") else {
        return vec![elements.iter().map(|e| e.replace("**", "*")).collect::<Vec<_>>().join("/")];
    };
    let (before, after) = (elements[..at].join("/"), elements[at + 1..].join("/"));
    match (before.is_empty(), after.is_empty()) {
        (true, true) => vec!["...".into()],
        // A path and what is below it.
        (false, true) => vec![format!("{}/...", globs(&before).concat())],
        // With and without elements in the place of `**`.
        (true, false) => globs(&after).iter().flat_map(|a| [a.clone(), format!(".../{a}")]).collect(),
        (false, false) => {
            let before = globs(&before).concat();
            globs(&after)
                .iter()
                .flat_map(|a| [format!("{before}/{a}"), format!("{before}/.../{a}")])
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_mean_what_they_mean_there() {
        for (glob, path, want) in [
            ("example.com/svc/*", "example.com/svc/users", true),
            ("example.com/svc/*", "example.com/svc", false),
            ("example.com/svc/*", "example.com/svc/users/v2", false),
            ("example.com/svc/**", "example.com/svc", true),
            ("example.com/svc/**", "example.com/svc/users/v2", true),
            ("example.com/svc/**", "example.com/other", false),
            ("example.com/**/v2", "example.com/v2", true),
            ("example.com/**/v2", "example.com/a/b/v2", true),
            ("example.com/**/v2", "example.com/a/v3", false),
            ("**", "a/b", true),
            ("**/internal", "internal", true),
            ("**/internal", "a/b/internal", true),
            ("a/{b,c}/d", "a/c/d", true),
            ("a/{b,c}/d", "a/e/d", false),
            ("a/{b,c{d,e}}", "a/ce", true),
            ("a/v?", "a/v2", true),
            ("a/v[12]", "a/v3", false),
            ("net/http", "net/http", true),
        ] {
            let found = packages(glob, &Surroundings::default()).expect("the pattern is good");
            let matches = found.iter().any(|j| matches!(j, JoinPoint::Package(p) if p.matches(path)));
            assert_eq!(matches, want, "{glob} {path}: {found:?}");
        }
        assert!(packages("a/{b", &Surroundings::default()).is_err());
        assert!(packages("a/[b", &Surroundings::default()).is_err());
    }

    #[test]
    fn root_and_main_are_what_is_known_of_the_build() {
        assert!(packages("$root", &Surroundings::default()).is_err());
        let known = Surroundings {
            roots: vec!["example.com/app".into()],
            mains: vec!["example.com/app/cmd".into()],
            ..Surroundings::default()
        };
        let root = packages("$root", &known).expect("the root is known");
        assert_eq!(root, [JoinPoint::Package(PathPattern::new("example.com/app/..."))]);
        let main = packages("main", &known).expect("the main package is known");
        assert_eq!(main, [JoinPoint::Package(PathPattern::new("example.com/app/cmd"))]);
    }
}

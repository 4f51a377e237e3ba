//! Names of packages by their paths.

/// The name that a package most likely has: the last element of its path without a version, a `go-` in front and
/// whatever is not an identifier at its end. As the Go tools do.
#[must_use]
pub fn assumed_name(path: &str) -> String {
    let mut elements = path.rsplit('/');
    let mut base = elements.next().unwrap_or(path);
    let version =
        |s: &str| s.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if version(base)
        && let Some(before) = elements.next()
    {
        base = before;
    }
    let base = base.strip_prefix("go-").unwrap_or(base);
    base.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or(base).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_names_are_assumed_as_the_go_tools_do() {
        for (path, want) in [
            ("net/http", "http"),
            ("github.com/jackc/pgx/v5", "pgx"),
            ("gopkg.in/yaml.v3", "yaml"),
            ("github.com/mattn/go-sqlite3", "sqlite3"),
            ("github.com/bufbuild/protovalidate-go", "protovalidate"),
            ("v2", "v2"),
        ] {
            assert_eq!(assumed_name(path), want, "{path}");
        }
    }
}

//! A vendor folder as a set of modules.
//!
//! In a workspace there is no vendor folder, so each vendored module is replaced by its folder there, with a go.mod that
//! says no more than its name. What is built is the same code from the same files, and nothing is fetched.

/// A module of `vendor/modules.txt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendored {
    /// Its path.
    pub path: String,
    /// Its version, as go.mod requires it.
    pub version: String,
    /// Its `go` line.
    pub go: Option<String>,
    /// Whether any of its packages is there; if not, it has no folder.
    pub packages: bool,
}

impl Vendored {
    /// Reads `vendor/modules.txt`.
    #[must_use]
    pub fn parse(text: &str) -> Vec<Self> {
        let mut modules: Vec<Self> = Vec::new();
        let mut open = false;
        for line in text.lines() {
            if let Some(notes) = line.strip_prefix("## ") {
                let go = notes.split(';').find_map(|n| n.trim().strip_prefix("go "));
                if let (true, Some(go), Some(module)) = (open, go, modules.last_mut()) {
                    module.go = Some(go.trim().to_owned());
                }
            } else if let Some(module) = line.strip_prefix("# ") {
                // A line without a version only repeats a replacement.
                let mut words = module.split_whitespace();
                let (path, version) = (words.next(), words.next());
                open = false;
                if let (Some(path), Some(version)) = (path, version.filter(|v| *v != "=>")) {
                    let (path, version) = (path.to_owned(), version.to_owned());
                    modules.push(Self { path, version, go: None, packages: false });
                    open = true;
                }
            } else if let (true, false, Some(module)) = (open, line.is_empty(), modules.last_mut()) {
                module.packages = true;
            }
        }
        modules
    }

    /// The go.mod that its folder gets.
    #[must_use]
    pub fn go_mod(&self) -> String {
        let go = self.go.as_ref().map_or(String::new(), |go| format!("\ngo {go}\n"));
        format!("module {}\n{go}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_read_with_and_without_packages() {
        let text = "## workspace\n# a.example/x v1.0.0\n## explicit; go 1.21\na.example/x\na.example/x/y\n\
                    # a.example/none v0.1.0 => ../none\n## explicit\n# a.example/z v2.0.0\na.example/z\n# a.example/x => ./x\n";
        let found: Vec<_> = Vendored::parse(text)
            .into_iter()
            .map(|m| (m.path.clone(), m.version.clone(), m.packages, m.go_mod()))
            .collect();
        let want = [
            ("a.example/x", "v1.0.0", true, "module a.example/x\n\ngo 1.21\n"),
            ("a.example/none", "v0.1.0", false, "module a.example/none\n"),
            ("a.example/z", "v2.0.0", true, "module a.example/z\n"),
        ];
        assert_eq!(found, want.map(|(p, v, k, m)| (p.to_owned(), v.to_owned(), k, m.to_owned())));
    }
}

//! The imports of a file and the names they give.
use crate::Tree;
use weave_text::Span;

/// One import, with the name it has in its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The import path.
    pub path: String,
    /// The name in the file: the one given, that of the package, or `_` or `.`.
    pub name: String,
    /// Whether the name is only guessed from the path.
    pub guessed: bool,
    /// The path literal.
    pub path_span: Span,
}

/// The imports of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Imports {
    list: Vec<Imported>,
}

impl Imports {
    /// Reads the imports. `package_name` gives the names of packages that are known; the name of any other
    /// is guessed by [`default_name`].
    pub fn new(tree: &Tree<'_>, mut package_name: impl FnMut(&str) -> Option<String>) -> Self {
        let list = tree.imports().into_iter().map(|import| {
            let given = import.name.map(|name| tree.text(name).to_owned());
            let known = given.or_else(|| package_name(&import.path));
            let guessed = known.is_none();
            let name = known.unwrap_or_else(|| default_name(&import.path).to_owned());
            Imported { path: import.path, name, guessed, path_span: import.path_span }
        });
        Self { list: list.collect() }
    }

    /// All imports in source order.
    #[must_use]
    pub fn list(&self) -> &[Imported] {
        &self.list
    }

    /// The position in [`Imports::list`] of the import that a name stands for.
    #[must_use]
    pub fn index_of(&self, name: &str) -> Option<usize> {
        if matches!(name, "_" | ".") {
            return None;
        }
        self.list.iter().position(|import| import.name == name)
    }

    /// The import path that a name stands for.
    #[must_use]
    pub fn path_of(&self, name: &str) -> Option<&str> {
        self.index_of(name).map(|i| self.list[i].path.as_str())
    }

    /// A name under which a package is imported; not `_` and not `.`.
    #[must_use]
    pub fn name_of(&self, path: &str) -> Option<&str> {
        let mut named = self.list.iter().filter(|import| !matches!(import.name.as_str(), "_" | "."));
        named.find(|import| import.path == path).map(|import| import.name.as_str())
    }

    /// Returns whether a package is imported, under any name.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.list.iter().any(|import| import.path == path)
    }

    /// The paths of the dot imports.
    pub fn dots(&self) -> impl Iterator<Item = &str> {
        self.list.iter().filter(|import| import.name == ".").map(|import| import.path.as_str())
    }
}

/// The name that the package at an import path most likely has: its last element, or the one before a
/// major version (`/v2`); without `go-` before it, and up to the first character that no identifier has
/// (`gopkg.in/yaml.v3` is `yaml`). The same rule as that of `goimports`.
#[must_use]
pub fn default_name(path: &str) -> &str {
    let (dir, mut base) = path.rsplit_once('/').unwrap_or(("", path));
    let version =
        base.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit()));
    if version && !dir.is_empty() {
        base = dir.rsplit_once('/').map_or(dir, |(_, base)| base);
    }
    base = base.strip_prefix("go-").unwrap_or(base);
    let identifier = |c: char| {
        c.is_ascii_alphanumeric()
            || c == '_'
            || !c.is_ascii() && (crate::unicode::is_letter(c) || crate::unicode::is_digit(c))
    };
    &base[..base.find(|c| !identifier(c)).unwrap_or(base.len())]
}

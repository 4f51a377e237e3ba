//! The JSON that the go command prints.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// The fields of [`Package`], for `go list -json=`.
pub const FIELDS: &str = "ImportPath,Name,Dir,Standard,DepOnly,ForTest,Imports,ImportMap,GoFiles,CgoFiles,TestGoFiles,\
                          XTestGoFiles,Module,Error,DepsErrors";

/// A package of `go list`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Package {
    /// Import path, with ` [x.test]` behind it for a variant made for a test.
    pub import_path: String,
    /// Name of the package.
    pub name: String,
    /// Its folder.
    pub dir: String,
    /// Whether it is one of Go's own.
    pub standard: bool,
    /// Whether it is there only because others need it.
    pub dep_only: bool,
    /// The package under test, for a variant.
    pub for_test: String,
    /// Its imports, as they are written.
    pub imports: Vec<String>,
    /// Import paths that stand for written ones.
    pub import_map: BTreeMap<String, String>,
    /// Files.
    pub go_files: Vec<String>,
    /// Files that import "C".
    pub cgo_files: Vec<String>,
    /// Files of the tests inside the package.
    pub test_go_files: Vec<String>,
    /// Files of the tests outside of the package.
    pub x_test_go_files: Vec<String>,
    /// Its module.
    pub module: Option<Module>,
    /// Its error.
    pub error: Option<PackageError>,
    /// Errors of its dependencies.
    pub deps_errors: Vec<PackageError>,
}

/// A module of `go list`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Module {
    /// Its path.
    pub path: String,
    /// Its version.
    pub version: String,
    /// Whether it is one that is being worked on.
    pub main: bool,
    /// Its folder.
    pub dir: String,
    /// Its go.mod.
    pub go_mod: String,
    /// The Go release in it.
    pub go_version: String,
    /// Its replacement.
    pub replace: Option<Box<Module>>,
}

impl Module {
    /// The version of the code that is used.
    #[must_use]
    pub fn effective_version(&self) -> Option<&str> {
        let used = self.replace.as_deref().unwrap_or(self);
        (!used.version.is_empty()).then_some(used.version.as_str())
    }
}

/// Something wrong with a package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct PackageError {
    /// Position.
    pub pos: String,
    /// The error.
    pub err: String,
}

/// Reads what `go list -json` prints: one object after the other.
///
/// # Errors
///
/// If it is no such list.
pub fn packages(json: &[u8]) -> Result<Vec<Package>, serde_json::Error> {
    serde_json::Deserializer::from_slice(json).into_iter().collect()
}

/// Packages by import path.
#[derive(Debug)]
pub struct Graph<'a> {
    packages: BTreeMap<&'a str, &'a Package>,
}

impl<'a> Graph<'a> {
    /// A graph of these packages.
    #[must_use]
    pub fn new(packages: &'a [Package]) -> Self {
        Self { packages: packages.iter().map(|p| (p.import_path.as_str(), p)).collect() }
    }

    /// Everything that a program made from these packages has, themselves and the runtime included; variants for tests
    /// count as the packages that they are variants of.
    #[must_use]
    pub fn closure(&self, roots: &[&str]) -> BTreeSet<String> {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut todo: Vec<&str> = roots.to_vec();
        todo.push("runtime");
        while let Some(path) = todo.pop() {
            if !seen.insert(path) {
                continue;
            }
            if let Some((_, package)) = self.packages.get_key_value(path) {
                for import in &package.imports {
                    todo.push(package.import_map.get(import).unwrap_or(import));
                }
            }
        }
        seen.into_iter().map(|p| plain_path(p).to_owned()).collect()
    }
}

/// An import path without ` [x.test]`.
#[must_use]
pub fn plain_path(path: &str) -> &str {
    path.split_once(' ').map_or(path, |(path, _)| path)
}

/// `go mod edit -json` and `go work edit -json`, as far as a workspace file needs them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModFile {
    /// The module, in a go.mod.
    pub module: Option<ModulePath>,
    /// The `go` line.
    pub go: Option<String>,
    /// The `toolchain` line.
    pub toolchain: Option<String>,
    /// The `godebug` lines.
    pub godebug: Option<Vec<Godebug>>,
    /// The `use` lines, in a go.work.
    #[serde(rename = "Use")]
    pub uses: Option<Vec<Use>>,
    /// The `replace` lines.
    pub replace: Option<Vec<Replace>>,
    /// The `exclude` lines.
    pub exclude: Option<Vec<PathVersion>>,
}

/// The `module` line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModulePath {
    /// The path.
    pub path: String,
}

/// A `godebug` line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Godebug {
    /// Name of the setting.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A `use` line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Use {
    /// The folder.
    pub disk_path: String,
}

/// A `replace` line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct Replace {
    /// The replaced module.
    pub old: PathVersion,
    /// The replacement.
    pub new: PathVersion,
}

/// A module and perhaps a version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub struct PathVersion {
    /// A module path or a folder.
    pub path: String,
    /// A version.
    pub version: String,
}

/// Values of `go env -json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "UPPERCASE", default)]
pub struct Env {
    /// Root of the Go installation.
    pub goroot: String,
    /// The release.
    pub goversion: String,
    /// Target operating system.
    pub goos: String,
    /// Target architecture.
    pub goarch: String,
    /// `1` if cgo is on.
    pub cgo_enabled: String,
    /// The build cache.
    pub gocache: String,
    /// The module cache.
    pub gomodcache: String,
    /// Flags for every command.
    pub goflags: String,
    /// The workspace file, if any.
    pub gowork: String,
    /// The go.mod, if any.
    pub gomod: String,
    /// `off` where modules are not used.
    pub go111module: String,
}

/// The variables of [`Env`], for `go env -json`.
pub const ENV: &[&str] = &[
    "GOROOT",
    "GOVERSION",
    "GOOS",
    "GOARCH",
    "CGO_ENABLED",
    "GOCACHE",
    "GOMODCACHE",
    "GOFLAGS",
    "GOWORK",
    "GOMOD",
    "GO111MODULE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_follows_vendored_and_test_packages() {
        let list = packages(
            br#"{"ImportPath":"a","Imports":["net/http"]}
                {"ImportPath":"net/http","Imports":["golang.org/x/net/idna"],
                 "ImportMap":{"golang.org/x/net/idna":"vendor/golang.org/x/net/idna"}}
                {"ImportPath":"a.test","Imports":["a [a.test]"]}
                {"ImportPath":"a [a.test]","Imports":["net/http"]}
                {"ImportPath":"vendor/golang.org/x/net/idna"}"#,
        )
        .expect("the list is good");
        let graph = Graph::new(&list);
        let want = ["a", "a.test", "net/http", "runtime", "vendor/golang.org/x/net/idna"];
        assert_eq!(graph.closure(&["a.test"]).into_iter().collect::<Vec<_>>(), want);
        assert_eq!(graph.closure(&["net/http"]).len(), 3);
    }
}

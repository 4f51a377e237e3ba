//! The target that a package is built for, and the files that it excludes.

use crate::messages;
use std::fmt;

use weave_ir::GoVersion;
use weave_syntax::build;

/// A Go release and a target.
#[derive(Debug, Clone)]
pub struct Target {
    go: GoVersion,
    goos: String,
    goarch: String,
    cgo: bool,
    tags: Vec<String>,
    user_tags: Vec<String>,
    external_tests: bool,
}

/// A Go version that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadGoVersion(pub String);

impl fmt::Display for BadGoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&messages::no_go_version(&self.0))
    }
}

impl std::error::Error for BadGoVersion {}

impl Target {
    /// A target; `tags` are those of the user and of modes such as `race`.
    ///
    /// The tags that a Go release adds by itself (experiments that are on, the baseline of the architecture) are known
    /// for Go 1.21 to 1.27; a later release counts as 1.27 in this.
    ///
    /// # Errors
    ///
    /// If `go` is not a Go version.
    pub fn new(go: &str, goos: &str, goarch: &str, cgo: bool, tags: &[String]) -> Result<Self, BadGoVersion> {
        let go = GoVersion::parse(go).ok_or_else(|| BadGoVersion(go.to_owned()))?;
        let mut all: Vec<String> = experiments(go.minor(), goos, goarch)
            .into_iter()
            .filter(|e| !tags.iter().any(|t| t.strip_prefix("goexperiment.no") == Some(e)))
            .map(|e| format!("goexperiment.{e}"))
            .collect();
        all.extend(baseline(goarch).iter().map(|b| format!("{goarch}.{b}")));
        all.extend(tags.iter().cloned());
        Ok(Self {
            go,
            goos: goos.into(),
            goarch: goarch.into(),
            cgo,
            tags: all,
            user_tags: tags.to_vec(),
            external_tests: true,
        })
    }

    /// The same target, where the files of the external test package (`p_test` beside `p`) are in no build: rules_go gives the
    /// compiler both packages' files and says so.
    #[must_use]
    pub fn without_external_tests(self) -> Self {
        Self { external_tests: false, ..self }
    }

    /// Returns why a file is not in the build because of its package clause, if that is so.
    #[must_use]
    pub(crate) fn excludes_package(&self, name: &str) -> Option<String> {
        (!self.external_tests && name.ends_with("_test")).then(|| messages::external_test(name))
    }

    /// The Go release.
    #[must_use]
    pub fn go(&self) -> GoVersion {
        self.go
    }

    /// `goos/goarch`
    #[must_use]
    pub fn platform(&self) -> String {
        format!("{}/{}", self.goos, self.goarch)
    }

    /// Target operating system.
    #[must_use]
    pub fn goos(&self) -> &str {
        &self.goos
    }

    /// Target architecture.
    #[must_use]
    pub fn goarch(&self) -> &str {
        &self.goarch
    }

    /// Returns whether cgo is on.
    #[must_use]
    pub fn cgo(&self) -> bool {
        self.cgo
    }

    /// The tags of the user and of modes such as `race`.
    #[must_use]
    pub fn user_tags(&self) -> &[String] {
        &self.user_tags
    }

    /// Returns why a file is not in the build, if it is not. A file whose constraint cannot be read counts as in the build: the
    /// compiler will say what is wrong with it.
    #[must_use]
    pub fn excludes(&self, base_name: &str, source: &[u8]) -> Option<String> {
        let tags: Vec<&str> = self.tags.iter().map(String::as_str).collect();
        let target = build::Target {
            goos: &self.goos,
            goarch: &self.goarch,
            cgo: self.cgo,
            go_minor: self.go.minor(),
            tags: &tags,
        };
        if !build::includes_name(base_name, |tag| target.matches(tag)) {
            return Some(messages::other_platform(self.platform()));
        }
        let constraint = build::file_constraint(source).ok()?;
        if constraint.eval(|tag| target.matches(tag)) {
            return None;
        }
        let shown: Vec<String> = constraint.all.iter().map(ToString::to_string).collect();
        Some(messages::constraint_fails(shown.join(" && "), self.platform()))
    }
}

/// Experiments that are on unless turned off, as `internal/buildcfg` of each release has them.
fn experiments(minor: u32, goos: &str, goarch: &str) -> Vec<&'static str> {
    let mut on = Vec::new();
    let register_abi = match goarch {
        "amd64" | "arm64" | "ppc64" | "ppc64le" | "riscv64" => true,
        "loong64" => minor >= 22,
        "s390x" => minor >= 26,
        _ => false,
    };
    if register_abi {
        on.extend(["regabiwrappers", "regabiargs"]);
    }
    let mut from_to = |name, first: u32, last: u32| {
        if (first..=last).contains(&minor) {
            on.push(name);
        }
    };
    const ON: u32 = u32::MAX;
    from_to("coverageredesign", 0, 24);
    from_to("exectracer2", 22, 23);
    from_to("aliastypeparams", 24, 25);
    from_to("swissmap", 24, 25);
    from_to("synchashtriemap", 24, 25);
    if matches!(
        goarch,
        "386" | "amd64" | "arm" | "arm64" | "loong64" | "mips" | "mipsle" | "ppc64" | "ppc64le"
    ) {
        from_to("spinbitmutex", 24, 24);
    }
    if !matches!(goos, "darwin" | "ios" | "aix") {
        from_to("dwarf5", 25, ON);
    }
    from_to("randomizedheapbase64", 26, ON);
    from_to("greenteagc", 26, ON);
    from_to("jsonv2", 27, ON);
    from_to("sizespecializedmalloc", 27, ON);
    on
}

/// Returns what an architecture has by default (`GOAMD64=v1` and so on).
fn baseline(goarch: &str) -> &'static [&'static str] {
    match goarch {
        "386" => &["sse2"],
        "amd64" => &["v1"],
        "arm" => &["5", "6", "7"],
        "arm64" => &["v8.0"],
        "mips" | "mipsle" | "mips64" | "mips64le" => &["hardfloat"],
        "ppc64" | "ppc64le" => &["power8"],
        "riscv64" => &["rva20u64"],
        "wasm" => &["satconv", "signext"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(go: &str, tags: &[&str], name: &str, source: &str) -> Option<String> {
        let tags: Vec<String> = tags.iter().map(|t| (*t).to_owned()).collect();
        let target = Target::new(go, "linux", "amd64", false, &tags).expect("the version is good");
        target.excludes(name, source.as_bytes())
    }

    #[test]
    fn constraints_hold_as_in_go_build() {
        for (go, tags, name, line, want) in [
            ("1.26.8", &[][..], "a.go", "", true),
            ("1.26.8", &[], "a_windows.go", "", false),
            ("1.26.8", &[], "a_linux_amd64.go", "", true),
            ("1.26.8", &[], "a.go", "//go:build unix && gc && go1.26 && !go1.27", true),
            ("1.26.8", &[], "a.go", "//go:build goexperiment.swissmap", false),
            ("1.25.0", &[], "a.go", "//go:build goexperiment.swissmap", true),
            ("1.25.0", &["goexperiment.noswissmap"], "a.go", "//go:build goexperiment.swissmap", false),
            ("1.26.8", &[], "a.go", "//go:build race", false),
            ("1.26.8", &["race"], "a.go", "//go:build race", true),
            ("1.26.8", &[], "a.go", "//go:build cgo", false),
            ("1.26.8", &[], "a.go", "//go:build amd64.v1 && !amd64.v2", true),
            ("1.26.8", &[], "a.go", "//go:build ignore", false),
        ] {
            let got = excludes(go, tags, name, &format!("{line}\n\npackage p\n"));
            assert_eq!(got.is_none(), want, "{go} {tags:?} {name} {line}: {got:?}");
        }
        assert_eq!(
            excludes("1.26.8", &[], "a.go", "//go:build ignore\n\npackage p\n").as_deref(),
            Some("its build constraint `ignore` does not hold for linux/amd64")
        );
    }
}

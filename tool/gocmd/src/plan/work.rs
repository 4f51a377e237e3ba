//! The weaving of one package, and how the toolexec learns of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use weave_engine::{BadGoVersion, SourceFile, Target, TypeFacts, WeaveInput};
use weave_ir::{LoweredRules, TypeQuestions};
use weave_report::digest;

use crate::built_in::{engine, types_helper_name};
use crate::packages::list::Package;
use crate::plan::input::PlanInput;

/// The made-up compiler flag; behind it stand the digest of a [`Work`], a colon, and the package that it is for.
pub const WEAVE_FLAG: &str = "-weave=";

/// Everything that decides how a package is woven, apart from its sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Version of this format: 1.
    pub weave: u32,
    /// Digest of the weaver.
    pub engine: String,
    /// Import path.
    pub package: String,
    /// Version of its module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it is one of the standard library.
    pub std: bool,
    /// Go release.
    pub go: String,
    /// Target operating system.
    pub goos: String,
    /// Target architecture.
    pub goarch: String,
    /// Whether cgo is on.
    pub cgo: bool,
    /// Build tags.
    pub tags: Vec<String>,
    /// Whether the compiler may use several threads. The go command says so only if it knows all flags, and it does not
    /// know ours.
    pub threads: bool,
    /// Name of the program that says what the type checker knows, where rules ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
    /// The rules for this package.
    pub rules: Vec<LoweredRules>,
    /// The external rewriters that are asked about it, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewriters: Vec<WorkRewriter>,
}

/// An external rewriter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkRewriter {
    /// The name of its instrumentation.
    pub name: String,
    /// The file of the program, by a name that says what is in it.
    pub file: String,
}

impl Work {
    /// Returns what it is woven for.
    ///
    /// # Errors
    ///
    /// If its Go release is not a Go version.
    pub fn target(&self) -> Result<Target, BadGoVersion> {
        Target::new(&self.go, &self.goos, &self.goarch, self.cgo, &self.tags)
    }

    /// Returns what weaving its package is about.
    #[must_use]
    pub fn input<'a>(
        &'a self,
        target: &'a Target,
        files: &'a [SourceFile<'a>],
        types: Option<&'a TypeFacts>,
    ) -> WeaveInput<'a> {
        WeaveInput {
            package: &self.package,
            version: self.version.as_deref(),
            target,
            std: self.std,
            files,
            rules: &self.rules,
            types,
        }
    }

    /// The digest of everything but where the rules stand.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut work = self.clone();
        for rule in work.rules.iter_mut().flat_map(|set| &mut set.rules) {
            rule.at = None;
        }
        // A structure of strings, numbers and lists is always written.
        let bytes = serde_json::to_vec(&work).unwrap_or_default();
        digest([engine().as_bytes(), &bytes])
    }

    /// Returns what the rules ask of the type checker.
    #[must_use]
    pub fn questions(&self) -> TypeQuestions {
        let mut all = TypeQuestions::default();
        self.rules.iter().for_each(|set| all.extend(&set.types));
        all
    }

    /// The flag for the compiler.
    #[must_use]
    pub fn flag(&self) -> String {
        format!("{WEAVE_FLAG}{}:{}", self.digest(), self.package)
    }
}

/// Takes our flag out of a tool's arguments; what it says is the digest and the package.
#[must_use]
pub fn take_weave_flag(arguments: &[String]) -> (Vec<String>, Option<(&str, &str)>) {
    let ours = |a: &&String| a.starts_with(WEAVE_FLAG);
    let said = arguments.iter().rfind(|a| ours(a)).and_then(|a| a[WEAVE_FLAG.len()..].split_once(':'));
    (arguments.iter().filter(|a| !ours(a)).cloned().collect(), said)
}

/// Returns what the rules weave into these packages, whether or not a program uses them.
#[must_use]
pub fn work_of(input: &PlanInput<'_>, paths: &BTreeSet<&str>) -> Vec<Work> {
    let mut all = Vec::new();
    for path in paths {
        let package = input.packages.iter().find(|p| p.import_path == *path);
        let rules: Vec<LoweredRules> =
            input.instrumentations.iter().flat_map(|i| input.matches.rules(i, path)).cloned().collect();
        if !rules.is_empty() {
            all.push(work(input, path, package, true, rules));
        }
    }
    all
}

pub(super) fn work(
    input: &PlanInput<'_>,
    path: &str,
    package: Option<&Package>,
    threads: bool,
    rules: Vec<LoweredRules>,
) -> Work {
    let module = package.and_then(|p| p.module.as_ref());
    let asks = rules.iter().any(|set| !set.types.is_empty());
    Work {
        weave: 1,
        engine: engine().to_owned(),
        package: path.to_owned(),
        version: module.and_then(|m| m.effective_version()).map(str::to_owned),
        std: package.is_some_and(|p| p.standard),
        go: input.env.goversion.trim_start_matches("go").to_owned(),
        goos: input.env.goos.clone(),
        goarch: input.env.goarch.clone(),
        cgo: input.env.cgo_enabled == "1",
        tags: input.tags.to_vec(),
        threads,
        types: asks.then(|| types_helper_name(&input.env.goversion)),
        rewriters: input
            .instrumentations
            .iter()
            .filter(|i| rules.iter().any(|set| set.instrumentation == i.name))
            .filter_map(|i| Some(WorkRewriter { name: i.name.clone(), file: i.rewriter.clone()? }))
            .collect(),
        rules,
    }
}

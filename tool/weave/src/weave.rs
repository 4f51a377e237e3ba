//! Weaving one package: match the rules, edit the files, write the extra file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use weave_rules::{
    Diagnostic, FuncType, GoType, GoVersion, LoweredAdvice, LoweredRule, LoweredRules, ModuleVersion,
    VersionRange, did_you_mean,
};
use weave_text::{EditError, TextEditBuilder};

use crate::build::Target;
use crate::extra::ExtraFile;
use crate::hook::{self, Fitted, HookUse, Names, ResultTypes};
use crate::mainfile::NEVER;
use crate::package::{File, Function, SourceFile, declared_names};
use crate::report::{FileReport, FileStatus, MatchReport, Report, RuleReport, Status};

/// Name of the file that a woven package gets in addition; it sorts after all others.
pub const EXTRA_FILE: &str = "zz_weave.go";

/// What to weave.
#[derive(Debug)]
pub struct WeaveInput<'a> {
    /// Import path.
    pub package: &'a str,
    /// Version of its module, if known.
    pub version: Option<&'a str>,
    /// What is built for.
    pub target: &'a Target,
    /// Whether the package is one of the standard library.
    pub std: bool,
    /// Its Go files; others are left out of the result.
    pub files: &'a [SourceFile<'a>],
    /// Rules, in the order in which their advice applies; those for other packages are not looked at.
    pub rules: &'a [LoweredRules],
}

/// A woven package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Woven {
    /// Base name and bytes of every file, in the order given, the extra file last.
    pub files: Vec<(String, Vec<u8>)>,
    /// What happened. If it has findings, the files are the originals.
    pub report: Report,
}

/// A fault of the input or of this program, as opposed to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeaveError {
    /// Two files have one base name.
    SameName(String, String),
    /// The files do not agree on a package name, or none has one.
    PackageName(String),
    /// Edits that do not go together, or an edit that cannot be undone.
    Edit(String, EditError),
    /// The woven text of a file is not Go.
    NotGo {
        /// The file.
        path: String,
        /// What the parser says.
        message: String,
        /// The line of the woven text.
        line: String,
    },
}

impl fmt::Display for WeaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameName(a, b) => write!(f, "{a} and {b} would be written to one file"),
            Self::PackageName(p) => write!(f, "no file of {p} that is in the build has a package clause"),
            Self::Edit(path, e) => write!(f, "{path}: {e}"),
            Self::NotGo { path, message, line } => {
                write!(
                    f,
                    "{path}: the woven text is not Go, which is a fault of goweave: {message}\n    {line}"
                )
            }
        }
    }
}

impl std::error::Error for WeaveError {}

/// Weave a package.
///
/// # Errors
///
/// Faults of the input or of this program; what the rules ask for and the package does not have is a finding in the
/// report instead.
pub fn weave(input: &WeaveInput<'_>) -> Result<Woven, WeaveError> {
    let sources: Vec<SourceFile<'_>> =
        input.files.iter().copied().filter(|f| f.path.ends_with(".go")).collect();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for s in &sources {
        if let Some(other) = names.insert(s.base_name(), s.path) {
            return Err(WeaveError::SameName(other.into(), s.path.into()));
        }
    }
    let vendored = |path: &str| input.std && path.starts_with("golang.org/x/");
    let files: Vec<File<'_>> = sources
        .iter()
        .map(|&s| {
            let mut file = File::new(s, input.target.excludes(s.base_name(), s.source), &vendored);
            if file.excluded.is_none() && file.is_cgo() && !input.target.cgo() {
                file.excluded = Some("it imports \"C\", and cgo is off".into());
            }
            file
        })
        .collect();
    let package_name = files
        .iter()
        .filter(|f| f.excluded.is_none())
        .chain(&files)
        .find_map(File::package_name)
        .ok_or_else(|| WeaveError::PackageName(input.package.into()))?;

    let mut weaver = Weaver::new(input, &files, package_name);
    for set in input.rules.iter().filter(|set| set.package == input.package) {
        for rule in &set.rules {
            weaver.rule(set, rule);
        }
    }
    weaver.finish()
}

struct Weaver<'a, 'f> {
    input: &'a WeaveInput<'a>,
    files: &'f [File<'a>],
    package_name: &'a str,
    /// File and function of every declaration that rules look at.
    functions: Vec<(usize, Function<'a>)>,
    declared: BTreeSet<String>,
    /// Hooks by index into `functions`, in the order of the rules.
    hooks: BTreeMap<usize, Vec<Fitted<'a>>>,
    extra: ExtraFile,
    rules: Vec<RuleReport>,
    changes: Vec<String>,
    findings: Vec<Diagnostic>,
}

/// Why a rule is not woven.
enum Miss {
    NotApplicable(String),
    NotFound(Box<Diagnostic>),
    Mismatch(Box<Diagnostic>),
}

impl Miss {
    fn not_found(d: Diagnostic) -> Self {
        Self::NotFound(Box::new(d))
    }

    fn mismatch(d: Diagnostic) -> Self {
        Self::Mismatch(Box::new(d))
    }
}

impl<'a, 'f> Weaver<'a, 'f> {
    fn new(input: &'a WeaveInput<'a>, files: &'f [File<'a>], package_name: &'a str) -> Self {
        let active = || files.iter().enumerate().filter(|(_, f)| f.active());
        let functions = active()
            .flat_map(|(i, f)| f.functions().into_iter().map(move |function| (i, function)))
            .collect();
        let declared: BTreeSet<String> = active().flat_map(|(_, f)| declared_names(f)).collect();
        let imported = active().flat_map(|(_, f)| f.imports.iter().map(|i| i.path.clone())).collect();
        let mut weaver = Self {
            input,
            files,
            package_name,
            functions,
            hooks: BTreeMap::new(),
            extra: ExtraFile::new(input.package, imported, declared.clone()),
            declared,
            rules: Vec::new(),
            changes: Vec::new(),
            findings: Vec::new(),
        };
        weaver.refuse_woven();
        weaver
    }

    /// Weaving twice would call every hook twice.
    fn refuse_woven(&mut self) {
        let variables: BTreeSet<&str> = self
            .input
            .rules
            .iter()
            .filter(|set| set.package == self.input.package)
            .flat_map(|set| &set.rules)
            .filter_map(|r| match &r.advice {
                LoweredAdvice::Hook(h) => Some(h.variable.as_str()),
                LoweredAdvice::Declare(_) => None,
            })
            .collect();
        for file in self.files {
            let token = file
                .tree
                .tokens()
                .significant()
                .iter()
                .find(|t| variables.contains(file.tree.text(t.span())))
                .map(|t| t.start);
            if token.is_some() || file.source.base_name() == EXTRA_FILE {
                self.findings.push(
                    Diagnostic::new(
                        "woven-twice",
                        Some(file.at(token.unwrap_or(0))),
                        "this file is woven already",
                    )
                    .help("give goweave the original sources"),
                );
            }
        }
    }

    fn rule(&mut self, set: &'a LoweredRules, rule: &'a LoweredRule) {
        let mut report = RuleReport {
            instrumentation: set.instrumentation.clone(),
            rule: rule.id.clone(),
            at: rule.at.clone(),
            status: Status::Woven,
            matches: Vec::new(),
            reason: None,
        };
        match self.apply(set, rule) {
            Ok(matches) => report.matches = matches,
            Err(miss) => {
                let (status, finding) = match miss {
                    Miss::NotApplicable(reason) => (Status::NotApplicable, Err(reason)),
                    Miss::NotFound(d) if !rule.required.unwrap_or(self.input.std) => {
                        (Status::Unmatched, Ok(d))
                    }
                    Miss::Mismatch(d) if rule.required == Some(false) => (Status::Unmatched, Ok(d)),
                    Miss::NotFound(d) | Miss::Mismatch(d) => (Status::Failed, Ok(d)),
                };
                report.status = status;
                report.reason = Some(match &finding {
                    Ok(d) => d.message.clone(),
                    Err(reason) => reason.clone(),
                });
                if let (Status::Failed, Ok(mut d)) = (status, finding) {
                    d.at = Some(rule.at.clone());
                    d.message = format!("rule `{}` of {}: {}", rule.id, set.instrumentation, d.message);
                    self.findings.push(*d);
                }
            }
        }
        self.rules.push(report);
    }

    fn apply(&mut self, set: &'a LoweredRules, rule: &'a LoweredRule) -> Result<Vec<MatchReport>, Miss> {
        self.applicable(rule)?;
        match &rule.advice {
            LoweredAdvice::Declare(d) => {
                self.extra
                    .declare(&d.text, &d.imports)
                    .map_err(|message| Miss::mismatch(Diagnostic::new("declare", None, message)))?;
                Ok(vec![MatchReport { what: EXTRA_FILE.into(), at: None }])
            }
            LoweredAdvice::Hook(hook) => {
                let signature = FuncType::parse(&hook.signature).map_err(|e| {
                    Miss::mismatch(Diagnostic::new(
                        "bad-lowered-rule",
                        None,
                        format!("the hook's signature `{}` is broken: {e}", hook.signature),
                    ))
                })?;
                let found = self.find(rule)?;
                let mut matches = Vec::new();
                let mut fitted_hooks = Vec::new();
                for index in found {
                    let (file_index, function) = &self.functions[index];
                    let file = &self.files[*file_index];
                    let scope = file.scope(self.input.package, &self.declared, &function.type_params);
                    let function_type = function.signature(file, &scope);
                    self.check_signature(rule, file, function, &function_type)?;
                    if function.body.is_none() {
                        return Err(Miss::mismatch(
                            Diagnostic::new(
                                "no-body",
                                None,
                                format!(
                                    "{} has no body here (it is assembly or linked by name)",
                                    function.display()
                                ),
                            )
                            .note(Some(file.at(function.name_at)), "declared here"),
                        ));
                    }
                    let receiver = function.receiver_type(file, &scope);
                    let hook_use = HookUse {
                        owner: format!("{}/{}", set.instrumentation, rule.id),
                        hook,
                        signature: signature.clone(),
                    };
                    let fitted =
                        hook::fit(hook_use, function, &function_type, receiver.as_ref(), &Names::new(file))
                            .map_err(|mut d| {
                            d.notes.insert(
                                0,
                                weave_rules::Note {
                                    at: Some(file.at(function.name_at)),
                                    text: "the function is declared here".into(),
                                },
                            );
                            Miss::Mismatch(d)
                        })?;
                    if let Some(why) = &fitted.changes_export {
                        self.changes.push(format!("{}: {why}", function.display()));
                    }
                    matches
                        .push(MatchReport { what: function.display(), at: Some(file.at(function.name_at)) });
                    fitted_hooks.push((index, fitted));
                }
                self.extra.variable(&hook.variable, &signature).map_err(|message| {
                    Miss::mismatch(
                        Diagnostic::new("hook-type", None, message)
                            .note(hook.declared.clone(), format!("the hook is {} {signature}", hook.function))
                            .help(
                                "a hook may use types of the woven package, of packages that it imports, and \
                                 predeclared ones",
                            ),
                    )
                })?;
                for (index, fitted) in fitted_hooks {
                    self.hooks.entry(index).or_default().push(fitted);
                }
                Ok(matches)
            }
        }
    }

    /// Whether the rule is for this Go release and this version of the module.
    fn applicable(&self, rule: &LoweredRule) -> Result<(), Miss> {
        let broken =
            |what: &str| Miss::mismatch(Diagnostic::new("bad-version", None, format!("cannot read {what}")));
        if let Some(range) = &rule.go {
            let range_parsed =
                VersionRange::parse(range, GoVersion::parse).map_err(|part| broken(&format!("`{part}`")))?;
            let go = self.input.target.go();
            if !range_parsed.contains(&go) {
                return Err(Miss::NotApplicable(format!("the rule is for Go {range}, and this is Go {go}")));
            }
        }
        if let Some(range) = &rule.version {
            let range_parsed = VersionRange::parse(range, ModuleVersion::parse)
                .map_err(|part| broken(&format!("`{part}`")))?;
            let Some(version) = self.input.version else {
                return Err(Miss::not_found(
                    Diagnostic::new(
                        "no-version",
                        None,
                        format!(
                            "the rule is for version {range}, and the version of {} is not known",
                            self.input.package
                        ),
                    )
                    .help("give it with --package-version"),
                ));
            };
            let parsed =
                ModuleVersion::parse(version).ok_or_else(|| broken(&format!("the version `{version}`")))?;
            if !range_parsed.contains(&parsed) {
                return Err(Miss::NotApplicable(format!(
                    "the rule is for version {range}, and this is {version}"
                )));
            }
        }
        Ok(())
    }

    /// The functions that a rule is for, by index.
    fn find(&self, rule: &LoweredRule) -> Result<Vec<usize>, Miss> {
        let name = rule.function.as_deref().unwrap_or_default();
        let wanted = rule.receiver.as_deref();
        let found: Vec<usize> = (0..self.functions.len())
            .filter(|&i| {
                let f = &self.functions[i].1;
                f.name == name && f.receiver_text().as_deref() == wanted
            })
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let display = match wanted {
            Some(r) if r.starts_with('*') => format!("({r}).{name}"),
            Some(r) => format!("{r}.{name}"),
            None => name.to_owned(),
        };
        let mut d = Diagnostic::new(
            "function-not-found",
            None,
            format!("{}{} has no function {display}", self.input.package, self.versions()),
        );
        for file in self.files.iter().filter(|f| !f.active()) {
            for f in file.functions() {
                if f.name == name && f.receiver_text().as_deref() == wanted {
                    let why = match &file.excluded {
                        Some(why) => format!("a file that is not in this build declares it: {why}"),
                        None => "a file that does not parse declares it".to_owned(),
                    };
                    d = d.note(Some(file.at(f.name_at)), why);
                }
            }
        }
        let displays: Vec<String> = self.functions.iter().map(|(_, f)| f.display()).collect();
        // The same name on another receiver comes first: it is the commonest mistake and the commonest change.
        for (file, f) in self.functions.iter().filter(|(_, f)| f.name == name) {
            d = d.note(Some(self.files[*file].at(f.name_at)), format!("there is {}", f.display()));
        }
        if d.notes.is_empty()
            && let Some(help) = did_you_mean(&display, displays.iter().map(String::as_str))
        {
            d = d.help(help);
        }
        Err(Miss::not_found(d))
    }

    /// Compare the rule's signature with the function's.
    fn check_signature(
        &self,
        rule: &LoweredRule,
        file: &File<'_>,
        function: &Function<'_>,
        actual: &FuncType,
    ) -> Result<(), Miss> {
        let Some(stated) = &rule.signature else { return Ok(()) };
        let stated = FuncType::parse(stated).map_err(|e| {
            Miss::mismatch(Diagnostic::new("bad-signature", None, format!("`{stated}`: {e}")))
        })?;
        if stated == *actual {
            return Ok(());
        }
        Err(Miss::mismatch(
            Diagnostic::new(
                "signature-differs",
                None,
                format!(
                    "{} of {}{} has another signature",
                    function.display(),
                    self.input.package,
                    self.versions()
                ),
            )
            .note(Some(file.at(function.name_at)), format!("the function is {actual}"))
            .note(Some(rule.at.clone()), format!("the rule says      {stated}"))
            .help("change the rule and its hook, or limit the rule with `go` or `version`"),
        ))
    }

    /// The versions seen, for messages.
    fn versions(&self) -> String {
        match (self.input.std, self.input.version) {
            (true, _) => format!(" (Go {})", self.input.target.go()),
            (false, Some(v)) => format!(" ({v})"),
            (false, None) => String::new(),
        }
    }

    fn finish(mut self) -> Result<Woven, WeaveError> {
        let mut edits: Vec<TextEditBuilder> = vec![TextEditBuilder::default(); self.files.len()];
        for (i, file) in self.files.iter().enumerate().filter(|(_, f)| f.active()) {
            for import in file.imports.iter().filter(|import| import.path != import.written) {
                edits[i].insert(import.at + 1, 0, "vendor/", "the vendored imports of the standard library");
            }
        }
        let hooks = std::mem::take(&mut self.hooks);
        let functions = std::mem::take(&mut self.functions);
        let mut woven_files = BTreeSet::new();
        for (index, hooks) in &hooks {
            let (file_index, function) = &functions[*index];
            let file = &self.files[*file_index];
            let types = match hook::result_types(file, function) {
                ResultTypes::Text(types) => types,
                ResultTypes::Aliases => {
                    let scope = file.scope(self.input.package, &self.declared, &function.type_params);
                    let results = function.signature(file, &scope).results;
                    match self.aliases(*index, &results) {
                        Ok(names) => names,
                        Err(message) => {
                            self.findings.push(
                                Diagnostic::new("result-type", Some(file.at(function.name_at)), message)
                                    .note(None, "a parameter hides a name in the result types"),
                            );
                            continue;
                        }
                    }
                }
            };
            hook::insert(file, function, hooks, &types, &Names::new(file), &mut edits[*file_index]);
            woven_files.insert(*file_index);
        }
        for name in self.extra.declared_names() {
            if let Some(file) =
                self.files.iter().find(|f| f.active() && f.identifiers().contains(name.as_str()))
                && !self.findings.iter().any(|f| f.code == "woven-twice")
            {
                self.findings.push(Diagnostic::new(
                    "name-taken",
                    Some(file.at(0)),
                    format!("this file uses the name `{name}`, which the extra file declares"),
                ));
            }
        }
        let failed = !self.findings.is_empty();
        let mut out = Vec::new();
        let mut reports = Vec::new();
        for (i, (file, edit)) in self.files.iter().zip(edits).enumerate() {
            let (bytes, status, reason) = if failed {
                (
                    file.source.source.to_vec(),
                    FileStatus::Unchanged,
                    Some("the package has findings".to_owned()),
                )
            } else {
                self.file(file, edit, woven_files.contains(&i))?
            };
            out.push((file.source.base_name().to_owned(), bytes));
            reports.push(FileReport { path: file.source.path.to_owned(), status, reason });
        }
        let extra = if failed || self.extra.is_empty() {
            format!("{NEVER}package {}\n", self.package_name)
        } else {
            self.extra.text(self.package_name)
        };
        check(EXTRA_FILE, extra.as_bytes())?;
        out.push((EXTRA_FILE.to_owned(), extra.into_bytes()));
        let report = Report {
            weave: 1,
            package: self.input.package.to_owned(),
            version: self.input.version.map(str::to_owned),
            go: self.input.target.go().to_string(),
            target: self.input.target.platform(),
            woven: !failed && !self.extra.is_empty(),
            export_data_changes: self.changes,
            rules: self.rules,
            files: reports,
            findings: self.findings,
        };
        Ok(Woven { files: out, report })
    }

    /// Aliases in the extra file for the result types of a function.
    fn aliases(&mut self, index: usize, results: &[GoType]) -> Result<Vec<String>, String> {
        results
            .iter()
            .enumerate()
            .map(|(i, t)| self.extra.alias(&format!("weave_result_{index}_{i}"), t))
            .collect()
    }

    fn file(
        &self,
        file: &File<'_>,
        edit: TextEditBuilder,
        woven: bool,
    ) -> Result<(Vec<u8>, FileStatus, Option<String>), WeaveError> {
        let source = file.source.source;
        if let Some(why) = &file.excluded {
            // rules_go takes a package for a cgo package if any of its files imports "C", those out of the build included.
            if self.input.std && file.is_cgo() {
                return Ok((
                    blank(source, file.package_name().unwrap_or(self.package_name)),
                    FileStatus::Blanked,
                    Some(why.clone()),
                ));
            }
            return Ok((source.to_vec(), FileStatus::Excluded, Some(why.clone())));
        }
        if let Some(e) = file.errors.first() {
            return Ok((
                source.to_vec(),
                FileStatus::Unparsed,
                Some(format!("{}: {}", file.at(e.offset), e.message)),
            ));
        }
        if edit.is_empty() {
            return Ok((source.to_vec(), FileStatus::Unchanged, None));
        }
        let path = file.source.path;
        let fault = |e| WeaveError::Edit(path.to_owned(), e);
        let applied = edit.finish(source).map_err(fault)?.apply(source).map_err(fault)?;
        check(path, &applied.text)?;
        Ok((applied.text, if woven { FileStatus::Woven } else { FileStatus::Vendored }, None))
    }
}

/// Whether a woven text parses.
fn check(path: &str, text: &[u8]) -> Result<(), WeaveError> {
    let (_, errors) = weave_syntax::parse(text);
    match errors.first() {
        None => Ok(()),
        Some(e) => {
            let line = text[..(e.offset as usize).min(text.len())].iter().filter(|&&b| b == b'\n').count();
            let line = text.split(|&b| b == b'\n').nth(line).unwrap_or_default();
            Err(WeaveError::NotGo {
                path: path.to_owned(),
                message: e.message.clone(),
                line: String::from_utf8_lossy(line).into_owned(),
            })
        }
    }
}

/// A file of the same package with as many lines that is in no build.
fn blank(source: &[u8], package: &str) -> Vec<u8> {
    let mut out = format!("//go:build ignore\n\npackage {package}").into_bytes();
    let breaks = source.iter().filter(|&&b| b == b'\n').count();
    out.extend(std::iter::repeat_n(b'\n', breaks.saturating_sub(2)));
    out
}

//! Weaving one package: match the rules, edit the files, write the extra file.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use weave_ir::{
    Diagnostic, FuncType, FunctionPattern, GoType, GoVersion, JoinPoint, Kind, Location, LoweredAdvice,
    LoweredRule, LoweredRules, MainVariable, ModuleVersion, Note, PathPattern, TypeQuestions, VersionRange,
    WovenFacts, did_you_mean,
};
use weave_syntax::resolve::Binding;
use weave_text::EditError;

use crate::advice::MALFORMED;
use crate::advice::edits::{Edits, Level, Rank, Tag};
use crate::advice::export_effects::{self, CompilerNotes, Effect};
use crate::advice::extra_file::ExtraFile;
use crate::advice::hook::{self, Deferred, Fitted, HookUse, Hooked, Leaving, Names, Place, ResultTypes};
use crate::check;
use crate::dialect::aspects::Layers;
use crate::dialect::hook_context::{self, Subject};
use crate::lower::questions;
use crate::origins::Origins;
use crate::package::aliases::Aliases;
use crate::package::directives;
use crate::package::file::{File, Function, Identifiers, Mention, NameMap, SourceFile, declared_names};
use crate::package::sites::{Candidate, Inside, Known, Resolution, look_inside};
use crate::package::target::Target;
use crate::package::typefacts::{TypeFacts, TypeFactsError};
use crate::program::main_file::NEVER;
use crate::report::{
    ExportData, FileReport, FileStatus, LineReport, MatchReport, Report, RewriterReport, RuleReport,
    SkipReport, Status,
};
use crate::rewriter::Rewrite;

/// Name of the file that a woven package gets in addition; it sorts after all others.
pub const EXTRA_FILE: &str = "zz_weave.go";

/// Stands in the package clause of a woven file that has more than calls of hooks, so that it is not woven again.
const MARKER: &str = "/*goweave*/";

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
    /// What the type checker says of the package; only rules that ask for it need it.
    pub types: Option<&'a TypeFacts>,
}

/// A woven package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Woven<'a> {
    /// Base name and bytes of every file, in the order given, the extra file last.
    pub files: Vec<(String, Cow<'a, [u8]>)>,
    /// Where woven text comes from.
    pub origins: Origins,
    /// What happened. If it has findings, the files are the originals.
    pub report: Report,
}

impl Woven<'_> {
    /// The same, with copies of the files that stay as they are.
    #[must_use]
    pub fn into_owned(self) -> Woven<'static> {
        let files = self.files.into_iter().map(|(name, bytes)| (name, Cow::Owned(bytes.into_owned())));
        Woven { files: files.collect(), origins: self.origins, report: self.report }
    }
}

/// A fault of the input or of this program, as opposed to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeaveError {
    /// Two files have one base name.
    SameName(String, String),
    /// The files do not agree on a package name, or none has one.
    PackageName(String),
    /// The type facts are not about this package.
    Types(TypeFactsError),
    /// Edits that do not go together, or an edit that cannot be undone.
    Edit(String, EditError),
    /// Inserted text ran into a token of the original.
    TokenLost {
        /// The place of the token.
        path: String,
        /// The token.
        token: String,
    },
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
            Self::Types(e) => write!(f, "{e}: make them again"),
            Self::Edit(path, e) => write!(f, "{path}: {e}"),
            Self::TokenLost { path, token } => {
                write!(f, "{path}: `{token}` is lost in the woven text, which is a fault of goweave")
            }
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
pub fn weave<'a>(input: &'a WeaveInput<'a>) -> Result<Woven<'a>, WeaveError> {
    static NONE: CompilerNotes = CompilerNotes::new();
    weave_with_notes(input, &NONE)
}

/// What a main package needs to know of a woven package.
#[must_use]
pub fn woven_facts(rules: &[LoweredRules], report: &Report) -> WovenFacts {
    let mut instrumentations: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for woven in report.rules.iter().filter(|r| r.status == Status::Woven) {
        let variables = instrumentations.entry(woven.instrumentation.clone()).or_default();
        let sets = rules.iter().filter(|set| set.instrumentation == woven.instrumentation);
        let rule = sets.flat_map(|set| &set.rules).find(|r| r.id == woven.rule);
        let has = |v: &MainVariable| !v.leave || report.leave.contains(&v.variable);
        variables.extend(rule.into_iter().flat_map(LoweredRule::variables).filter(has).map(|v| v.variable));
    }
    for rewriter in report.rewriters.iter().filter(|r| r.applies) {
        instrumentations.entry(rewriter.name.clone()).or_default();
    }
    let instrumentations =
        instrumentations.into_iter().map(|(name, variables)| (name, variables.into_iter().collect()));
    WovenFacts {
        weave: 1,
        package: report.package.clone(),
        importmap: None,
        instrumentations: instrumentations.collect(),
    }
}

/// Weave a package of which the compiler has told what it inlines and what escapes, so that the report can say more of the
/// export data. The woven files are the same.
///
/// # Errors
///
/// As [`weave()`].
pub fn weave_with_notes<'a>(
    input: &'a WeaveInput<'a>,
    notes: &'a CompilerNotes,
) -> Result<Woven<'a>, WeaveError> {
    weave_rewritten(input, notes, &[])
}

/// Weave a package to which rewriters have something to add, after what the rules say.
///
/// # Errors
///
/// As [`weave()`]; what is wrong with an answer is a finding.
pub fn weave_rewritten<'a>(
    input: &'a WeaveInput<'a>,
    notes: &'a CompilerNotes,
    rewrites: &[Rewrite],
) -> Result<Woven<'a>, WeaveError> {
    let sources: Vec<SourceFile<'_>> =
        input.files.iter().copied().filter(|f| f.path.ends_with(".go")).collect();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for s in &sources {
        if let Some(other) = names.insert(s.base_name(), s.path) {
            return Err(WeaveError::SameName(other.into(), s.path.into()));
        }
    }
    let vendored = |path: &str| input.std && path.starts_with("golang.org/x/");
    let Ordered { rules, aspects } = ordered(input);
    let mut files: Vec<File<'_>> = Vec::with_capacity(sources.len());
    let mut outline = Outline::default();
    for source in sources {
        let excluded = input.target.excludes(source.base_name(), source.source);
        let mut file = File::new(source, excluded, &vendored);
        if file.excluded.is_none() && file.is_cgo() && !input.target.cgo() {
            file.excluded = Some("it imports \"C\", and cgo is off".into());
        }
        if file.excluded.is_none() {
            file.excluded = file.package_name().and_then(|name| input.target.excludes_package(name));
        }
        // Without a rule nobody asks what is in a file; with one, it is looked at before the next one is read.
        if !rules.is_empty() || !rewrites.is_empty() {
            outline.add(files.len(), &file);
        }
        files.push(file);
    }
    let package_name = files
        .iter()
        .filter(|f| f.excluded.is_none())
        .chain(&files)
        .find_map(File::package_name)
        .ok_or_else(|| WeaveError::PackageName(input.package.into()))?;

    if let Some(facts) = input.types {
        let mut asked = TypeQuestions::default();
        input
            .rules
            .iter()
            .filter(|set| PathPattern::is_match(&set.package, input.package))
            .for_each(|set| asked.extend(&set.types));
        facts.check(input.package, &files, &asked).map_err(WeaveError::Types)?;
    }
    let known = Known::new(input.package, &files);
    let resolution = Resolution::new(&known);
    let mut weaver = Weaver::new(input, notes, &files, package_name, resolution, outline, &rules);
    weaver.aspects = aspects;
    for (rank, (set, rule)) in rules.iter().enumerate() {
        weaver.rule(set, rule, Rank::try_from(rank + 1).unwrap_or(Rank::MAX));
    }
    for (i, rewrite) in rewrites.iter().enumerate() {
        weaver.rewrite(rewrite, Rank::try_from(rules.len() + 1 + i).unwrap_or(Rank::MAX));
    }
    weaver.finish()
}

/// What the files of a package declare.
#[derive(Default)]
struct Outline<'a> {
    /// File and function.
    functions: Vec<(usize, Function<'a>)>,
    /// Names at package level.
    declared: Identifiers<'a>,
}

impl<'a> Outline<'a> {
    fn add(&mut self, index: usize, file: &File<'a>) {
        file.mentions(Mention::Weave);
        if file.active() {
            self.functions.extend(file.functions().into_iter().map(|function| (index, function)));
            self.declared.extend(declared_names(file));
        }
    }
}

pub(crate) struct Weaver<'a, 'f> {
    pub(crate) input: &'a WeaveInput<'a>,
    notes: &'a CompilerNotes,
    pub(crate) files: &'f [File<'a>],
    package_name: &'a str,
    pub(crate) resolution: Resolution<'f, 'a>,
    /// File and function of every function that rules look at, literals at the end.
    pub(crate) functions: Vec<(usize, Function<'a>)>,
    /// Declared functions by name, receivers aside.
    by_name: NameMap<'a, Vec<usize>>,
    /// Where a comment keeps the whole package from being woven.
    pub(crate) package_ignored: OnceCell<Option<Location>>,
    /// What another body of each function does to the export data.
    judged: Vec<OnceCell<Option<Effect>>>,
    /// What is in each file below functions; empty if no rule asks.
    pub(crate) inside: Vec<Inside<'a>>,
    pub(crate) declared: Rc<Identifiers<'a>>,
    /// What names of types stand for.
    pub(crate) names: Rc<Aliases>,
    pub(crate) state: State<'a>,
    rules: Vec<RuleReport>,
    /// The reports of rules of which only laying tells whether they change anything, by their index, and their owners.
    laid: Vec<(usize, String)>,
    /// Rules that may be about one expression, one after the other.
    pub(crate) aspects: Vec<&'a LoweredRule>,
    /// The version of the language that what is woven needs.
    language: Option<String>,
    pub(crate) rewriters: Vec<RewriterReport>,
    findings: Vec<Diagnostic>,
    /// What is no error and yet worth saying.
    warnings: Vec<Diagnostic>,
    origins: RefCell<Origins>,
    /// What rules put into the extra file, and which.
    in_extra: Vec<(String, String)>,
    /// Where each rule stands, by the name that edits carry.
    places: BTreeMap<String, Location>,
}

/// What rules add up to; a rule that cannot be woven leaves it as it was.
#[derive(Clone)]
pub(crate) struct State<'a> {
    /// Hooks by index of the function, in the order of the rules.
    pub(crate) hooks: BTreeMap<usize, Vec<Fitted<'a>>>,
    /// Parameters and results that get names, by index of the function, and who asks.
    pub(crate) named: BTreeMap<usize, (Vec<Place>, String)>,
    /// Edits, by index of the file.
    pub(crate) edits: Vec<Edits>,
    /// Imports that files get, by index of the file: path and local name.
    pub(crate) imports: Vec<BTreeMap<String, String>>,
    /// Names that rules set: the file, the place, the name; and who sets it.
    pub(crate) claims: BTreeMap<(usize, u32, String), String>,
    /// Functions whose bodies are other ones now.
    pub(crate) bodies: BTreeSet<usize>,
    /// Functions into which code is woven that may defer calls.
    pub(crate) deferring: BTreeSet<usize>,
    /// Files that have advice other than hooks.
    pub(crate) advised: BTreeSet<usize>,
    /// Text that replacements take away, by index of the file.
    pub(crate) removed: Vec<Vec<(weave_syntax::Span, Tag)>>,
    /// What aspects do to an expression, by file and node.
    pub(crate) layers: Layers<'a>,
    /// Whether they are done for good.
    pub(crate) laying: bool,
    /// Declarations that a rule has added, which it adds once.
    pub(crate) declared: BTreeSet<(String, String)>,
    /// Imports that code names which was copied, by index of the file: their position.
    pub(crate) copied: Vec<BTreeSet<usize>>,
    pub(crate) extra: ExtraFile<'a>,
    /// Files that an added one is in place of.
    pub(crate) left_out: BTreeSet<usize>,
    /// Why the export data changes.
    pub(crate) changes: Vec<String>,
    /// Why it may change.
    pub(crate) doubts: Vec<String>,
    /// The same, of arguments.
    effects: Vec<Effect>,
    /// Import paths that the package did not import.
    pub(crate) added: BTreeSet<String>,
}

impl State<'_> {
    /// How much was woven, and how much of it is to be laid.
    fn size(&self) -> (usize, usize) {
        let edits: usize = self.edits.iter().map(|e| e.changing().count()).sum();
        let hooks: usize = self.hooks.values().map(Vec::len).sum();
        let layers = self.layers.values().map(Vec::len).sum();
        (edits + hooks + self.extra.size() + self.left_out.len(), layers)
    }
}

/// Why a rule is not woven.
pub(crate) enum Miss {
    NotApplicable(String),
    NotFound(Box<Diagnostic>),
    Mismatch(Box<Diagnostic>),
}

impl Miss {
    fn not_found(d: Diagnostic) -> Self {
        Self::NotFound(Box::new(d))
    }

    pub(crate) fn mismatch(d: Diagnostic) -> Self {
        Self::Mismatch(Box::new(d))
    }
}

/// Whether a join point needs to know what is inside functions.
fn looks_inside(join: &JoinPoint) -> bool {
    let mut inside = false;
    join.walk(&mut |j| {
        inside |= matches!(
            j,
            JoinPoint::Call(_)
                | JoinPoint::MethodCall(_)
                | JoinPoint::Argument(_)
                | JoinPoint::Literal(_)
                | JoinPoint::Statement(_)
                | JoinPoint::Within(_)
                | JoinPoint::Directive(_)
                | JoinPoint::Annotated(_)
                | JoinPoint::Function(FunctionPattern { closure: true, .. })
        );
    });
    inside
}

/// The rules for a package.
struct Ordered<'a> {
    /// Each with the list that it is in. Those with a lower `order` come before, and their advice stands outside.
    rules: Vec<(&'a LoweredRules, &'a LoweredRule)>,
    /// Those that are aspects, in the order in which they are applied.
    aspects: Vec<&'a LoweredRule>,
}

fn ordered<'a>(input: &'a WeaveInput<'a>) -> Ordered<'a> {
    let mut rules: Vec<(&LoweredRules, &LoweredRule)> = input
        .rules
        .iter()
        .filter(|set| PathPattern::is_match(&set.package, input.package))
        .flat_map(|set| set.rules.iter().map(move |rule| (set, rule)))
        .collect();
    // A rule for several patterns, or about several packages, may be in several lists.
    let mut seen = BTreeSet::new();
    rules.retain(|(set, rule)| seen.insert((set.instrumentation.as_str(), rule.id.as_str())));
    let first =
        |set: &LoweredRules| input.rules.iter().position(|s| s.instrumentation == set.instrumentation);
    rules.sort_by_cached_key(|(set, rule)| {
        let applied = rule.aspect.as_ref().map(|a| (a.namespace.is_none(), a.namespace.clone(), a.order));
        (applied, first(set), rule.place)
    });
    let aspects = rules.iter().map(|(_, rule)| *rule).filter(|rule| rule.aspect.is_some()).collect();
    let mut placed: Vec<_> = rules.into_iter().zip(0i64..).collect();
    placed.sort_by_key(|((_, rule), place)| {
        let outside = rule.aspect.as_ref().is_some_and(|a| a.outside);
        (rule.order, if outside { -place } else { *place })
    });
    Ordered { rules: placed.into_iter().map(|(rule, _)| rule).collect(), aspects }
}

impl<'a, 'f> Weaver<'a, 'f> {
    fn new(
        input: &'a WeaveInput<'a>,
        notes: &'a CompilerNotes,
        files: &'f [File<'a>],
        package_name: &'a str,
        resolution: Resolution<'f, 'a>,
        outline: Outline<'a>,
        rules: &[(&'a LoweredRules, &'a LoweredRule)],
    ) -> Self {
        let active = || files.iter().enumerate().filter(|(_, f)| f.active());
        let Outline { mut functions, declared } = outline;
        let names = Rc::new(Aliases::new(input.package, active().map(|(_, f)| f), &declared));
        let declared = Rc::new(declared);
        let mut inside: Vec<Inside<'a>> = files.iter().map(|_| Inside::default()).collect();
        if rules.iter().any(|(_, r)| looks_inside(&r.join)) {
            for (i, f) in active() {
                inside[i] = look_inside(i, f, &resolution, input.types, &mut functions);
            }
        }
        let imported = active().flat_map(|(_, f)| f.imports.iter().map(|i| i.path.clone())).collect();
        let places = rules
            .iter()
            .filter_map(|(set, r)| Some((owner(set, r), r.at.clone()?)))
            .collect::<BTreeMap<_, _>>();
        let mut by_name: NameMap<'a, Vec<usize>> = NameMap::default();
        by_name.reserve(functions.len());
        for (i, (_, f)) in functions.iter().enumerate().filter(|(_, (_, f))| !f.literal) {
            by_name.entry(f.name).or_default().push(i);
        }
        let mut weaver = Self {
            package_ignored: OnceCell::new(),
            judged: functions.iter().map(|_| OnceCell::new()).collect(),
            by_name,
            input,
            notes,
            files,
            package_name,
            resolution,
            functions,
            inside,
            state: State {
                hooks: BTreeMap::new(),
                named: BTreeMap::new(),
                edits: vec![Edits::default(); files.len()],
                imports: vec![BTreeMap::new(); files.len()],
                claims: BTreeMap::new(),
                bodies: BTreeSet::new(),
                deferring: BTreeSet::new(),
                advised: BTreeSet::new(),
                removed: vec![Vec::new(); files.len()],
                layers: Layers::new(),
                laying: false,
                declared: BTreeSet::new(),
                copied: vec![BTreeSet::new(); files.len()],
                extra: ExtraFile::new(input.package, imported, Rc::clone(&declared), Rc::clone(&names)),
                left_out: BTreeSet::new(),
                changes: Vec::new(),
                doubts: Vec::new(),
                effects: Vec::new(),
                added: BTreeSet::new(),
            },
            declared,
            names,
            rules: Vec::new(),
            laid: Vec::new(),
            aspects: Vec::new(),
            language: None,
            rewriters: Vec::new(),
            findings: Vec::new(),
            warnings: Vec::new(),
            origins: RefCell::new(Origins::new(places.clone())),
            in_extra: rules.iter().flat_map(|(set, rule)| in_extra(set, rule)).collect(),
            places,
        };
        weaver.refuse_woven(rules);
        weaver.refuse_comments(rules);
        weaver
    }

    /// Fail the package.
    pub(crate) fn refuse(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// A comment for the weaver that it would not understand is a mistake, and not no comment.
    fn refuse_comments(&mut self, rules: &[(&'a LoweredRules, &'a LoweredRule)]) {
        let asked = |name: &str| {
            let mut found = false;
            for (_, rule) in rules {
                rule.join.walk(&mut |j| {
                    found |= matches!(j, JoinPoint::Directive(d) | JoinPoint::Annotated(d) if d == name);
                });
            }
            found
        };
        for file in self.files.iter().filter(|f| f.active() && f.mentions(Mention::Comment)) {
            let tree = &file.tree;
            let clause = tree.package_name().map_or(0, |n| n.start);
            for comment in tree.comments() {
                let mistake = directives::mistaken(tree.text(*comment), &asked, comment.start < clause);
                if let Some((message, help)) = mistake {
                    let d = Diagnostic::new(MALFORMED, Some(file.at(comment.start)), message);
                    self.findings.push(d.help(help));
                }
            }
        }
    }

    /// Weaving twice would call every hook twice.
    fn refuse_woven(&mut self, rules: &[(&'a LoweredRules, &'a LoweredRule)]) {
        let variables: BTreeSet<&str> = rules
            .iter()
            .filter_map(|(_, r)| r.hook().map(|h| h.variable.as_str()))
            .chain(rules.iter().filter_map(|(_, r)| r.context().map(|c| c.variable.as_str())))
            .collect();
        for file in self.files {
            let tree = &file.tree;
            let mentioned = file.mentions(Mention::Weave);
            let variable = if variables.is_empty() || !mentioned {
                None
            } else {
                let woven = |id| is_ours(tree.bytes(tree.span(id))) && variables.contains(tree.node_text(id));
                tree.idents().find(|&id| woven(id)).map(|id| tree.span(id).start)
            };
            let marker = || {
                let first = tree.comments().iter().find(|c| tree.bytes(**c) == MARKER.as_bytes());
                first.map(|c| c.start)
            };
            let at = variable.or_else(|| if mentioned { marker() } else { None });
            if at.is_some() || file.source.base_name() == EXTRA_FILE {
                self.findings.push(
                    Diagnostic::new(
                        "woven-twice",
                        Some(file.at(at.unwrap_or(0))),
                        "this file is woven already",
                    )
                    .help("give goweave the original sources"),
                );
            }
        }
    }

    fn rule(&mut self, set: &'a LoweredRules, rule: &'a LoweredRule, rank: Rank) {
        let mut report = RuleReport {
            instrumentation: set.instrumentation.clone(),
            rule: rule.id.clone(),
            at: rule.at.clone(),
            status: Status::Woven,
            matches: Vec::new(),
            export_data: None,
            skipped: Vec::new(),
            reason: None,
            conditions: Vec::new(),
        };
        // Only a rule that may fail without ending everything needs to be undone, and one advice changes nothing when it
        // fails.
        let undo = rule.required == Some(false)
            && (rule.advice.len() > 1
                || rule.context().is_some()
                || rule.hook().is_some_and(|h| !self.nameable(h)));
        let before = undo.then(|| self.state.clone());
        let said = (self.state.changes.len(), self.state.doubts.len(), self.state.effects.len());
        let bodies = std::mem::take(&mut self.state.bodies);
        let size = self.state.size();
        let applied = self.apply(set, rule, rank, &mut report.skipped);
        if applied.is_ok() {
            report.export_data = Some(self.does_to_export_data(said));
        }
        self.state.bodies.extend(bodies.iter().copied());
        match applied {
            Ok(matches) => {
                report.matches = matches;
                match self.state.size() {
                    same if same == size => report.leave_as_it_was(),
                    (edits, _) if edits == size.0 => {
                        self.laid.push((self.rules.len(), owner(set, rule)));
                    }
                    _ => {}
                }
                let version = |l: &Option<String>| l.as_deref().and_then(GoVersion::parse);
                if version(&rule.language_version) > version(&self.language) {
                    self.language.clone_from(&rule.language_version);
                }
            }
            Err(miss) => {
                if let Some(before) = before {
                    self.state = before;
                }
                let (status, finding) = match miss {
                    Miss::NotApplicable(reason) => (Status::NotApplicable, Err(reason)),
                    // A rule for a pattern of packages need not match in each of them.
                    Miss::NotFound(d)
                        if !rule.required.unwrap_or(
                            self.input.std
                                && rule.aspect.is_none()
                                && PathPattern::new(&set.package).exact().is_some(),
                        ) =>
                    {
                        (Status::Unmatched, Ok(d))
                    }
                    Miss::Mismatch(d) if rule.required == Some(false) && d.code != "no-types" => {
                        (Status::Unmatched, Ok(d))
                    }
                    Miss::NotFound(d) | Miss::Mismatch(d) => (Status::Failed, Ok(d)),
                };
                let unmet = matches!(&finding, Ok(d) if ["nothing-found", "function-not-found"].contains(&d.code.as_str()));
                if unmet {
                    report.conditions = self.why(&rule.join).lines;
                }
                report.status = status;
                report.reason = Some(match &finding {
                    Ok(d) => d.message.clone(),
                    Err(reason) => reason.clone(),
                });
                let no_version = matches!(&finding, Ok(d) if d.code == "no-version");
                if let (Status::Unmatched, Ok(d), true) = (status, &finding, no_version) {
                    let mut d = d.clone();
                    d.at = rule.place_of(keys_of(&d.code));
                    d.message = format!("rule `{}` of {}: {}", rule.id, set.instrumentation, d.message);
                    self.warnings.push(*d);
                }
                if let (Status::Failed, Ok(mut d)) = (status, finding) {
                    if d.code == "nothing-found" {
                        *d = self.why(&rule.join).note(*d, self);
                    }
                    // A mistake in a comment of the Go file is there, and the same for every rule.
                    if d.code != MALFORMED {
                        d.at = rule.place_of(keys_of(&d.code));
                        d.message = format!("rule `{}` of {}: {}", rule.id, set.instrumentation, d.message);
                    }
                    if !self.findings.contains(&d) {
                        self.findings.push(*d);
                    }
                }
            }
        }
        self.rules.push(report);
    }

    fn apply(
        &mut self,
        set: &'a LoweredRules,
        rule: &'a LoweredRule,
        rank: Rank,
        skipped: &mut Vec<SkipReport>,
    ) -> Result<Vec<MatchReport>, Miss> {
        if rule.join.elsewhere(self.input.package, Some(self.package_name)) {
            return Err(self.nothing(rule));
        }
        self.applicable(rule)?;
        self.typed(rule)?;
        let owner = owner(set, rule);
        let one = rule.join.one_function();
        let mut candidates = match one {
            Some(pattern) => self.find(pattern)?,
            None => self.candidates(&rule.join)?,
        };
        if rule.not_in_tests && !candidates.is_empty() {
            let test = |c: &Candidate| {
                c.kind != Kind::Package && self.files[c.file].source.base_name().ends_with("_test.go")
            };
            candidates.retain(|c| !test(c));
            if candidates.is_empty() {
                return Err(Miss::NotApplicable(
                    "the rule is not for tests, and only they have what it asks for".into(),
                ));
            }
        }
        if candidates.is_empty() {
            return Err(self.nothing(rule));
        }
        let mut matches = Vec::new();
        let mut first: Option<Box<Diagnostic>> = None;
        for candidate in candidates {
            let stated = || match (one, candidate.function) {
                (Some(pattern), Some(index)) => self.check_signature(pattern, index),
                _ => Ok(()),
            };
            let woven =
                self.unwoven(rule, candidate).map_or(Ok(()), Err).and_then(|()| stated()).and_then(|()| {
                    // One advice changes nothing when it fails.
                    let before = (one.is_none() && rule.advice.len() > 1).then(|| self.state.clone());
                    rule.advice
                        .iter()
                        .try_for_each(|advice| match advice {
                            LoweredAdvice::Hook(h) => self.hook(h, rule, &owner, rank, candidate),
                            LoweredAdvice::Context(h) => self.context(h, &owner, rank, candidate),
                            other => self.advise(other, rule, &owner, rank, candidate),
                        })
                        .inspect_err(|_| {
                            if let Some(before) = before {
                                self.state = before;
                            }
                        })
                });
            match woven {
                Ok(()) => matches.push(MatchReport { what: self.what(candidate), at: self.at(candidate) }),
                // A rule that names one thing means that thing; a pattern means those that can be woven.
                Err(d)
                    if (one.is_some() || candidate.kind == Kind::Package)
                        && d.code == "ignored"
                        && rule.required != Some(true) =>
                {
                    return Err(Miss::NotApplicable(d.message));
                }
                Err(d)
                    if one.is_some()
                        || candidate.kind == Kind::Package
                        || d.code == "conflict"
                        || d.code == MALFORMED
                        || rule.aspect.is_some() && !matches!(d.code.as_str(), "ignored" | "no-body") =>
                {
                    return Err(Miss::Mismatch(d));
                }
                Err(mut d) => {
                    if d.notes.iter().all(|n| n.at.is_none()) {
                        d.notes
                            .extend(self.at(candidate).map(|at| Note { at: Some(at), text: "here".into() }));
                    }
                    let reason = d.message.clone();
                    skipped.push(SkipReport { what: self.what(candidate), at: self.at(candidate), reason });
                    // Why something could not be woven says more than that somebody did not want it.
                    if first.as_ref().is_none_or(|f| f.code == "ignored") {
                        first = Some(d);
                    }
                }
            }
        }
        match first {
            // A person has the last word, but for a rule that says otherwise.
            Some(d) if matches.is_empty() && d.code == "ignored" && rule.required != Some(true) => {
                Err(Miss::NotApplicable(d.message))
            }
            // A rule for many packages need not be woven in each of them.
            Some(d) if matches.is_empty() && PathPattern::new(&set.package).exact().is_none() => {
                Err(Miss::NotFound(d))
            }
            Some(d) if matches.is_empty() => Err(Miss::Mismatch(d)),
            _ => {
                if let Some(h) = rule.hook() {
                    self.declare_hook(h)?;
                }
                if let Some(h) = rule.context() {
                    self.declare_context(h)?;
                }
                Ok(matches)
            }
        }
    }

    /// Fit a hook to a function.
    fn hook(
        &mut self,
        hook: &'a weave_ir::LoweredHook,
        rule: &'a LoweredRule,
        owner: &str,
        rank: Rank,
        candidate: Candidate,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(index) = candidate.function.filter(|_| candidate.kind == Kind::Function) else {
            return Err(Box::new(Diagnostic::new(
                "hook-place",
                None,
                format!("a hook belongs to a function, and this is {}", candidate.kind.name()),
            )));
        };
        let signature = self.names.function(&parse_hook(hook)?);
        let (file_index, function) = &self.functions[index];
        let file = &self.files[*file_index];
        let scope = file.scope(self.input.package, &self.declared, &self.names, &function.type_params);
        let function_type = function.signature(file, &scope);
        if function.body.is_none() {
            return Err(Box::new(
                Diagnostic::new("no-body", None, no_body(function))
                    .note(Some(file.at(function.name_at)), "declared here"),
            ));
        }
        let receiver = function.receiver_type(file, &scope);
        let (filled, asked) = self.filled_hook(hook, rule, candidate)?;
        let hook_use = HookUse { owner: owner.to_owned(), rank, hook: &filled, signature };
        let mut fitted = hook::fit(hook_use, function, &function_type, receiver.as_ref(), &Names::new(file))
            .map_err(|mut d| {
                d.notes.insert(
                    0,
                    weave_ir::Note {
                        at: Some(file.at(function.name_at)),
                        text: "the function is declared here".into(),
                    },
                );
                d
            })?;
        fitted.named.extend(asked.named);
        fitted.passed.extend(asked.passed);
        self.fitted(index, fitted, &function_type, receiver.as_ref(), owner);
        Ok(())
    }

    /// Fit hooks with a context to a function.
    fn context(
        &mut self,
        hooks: &'a weave_ir::LoweredContext,
        owner: &str,
        rank: Rank,
        candidate: Candidate,
    ) -> Result<(), Box<Diagnostic>> {
        let Some(index) = candidate.function.filter(|_| candidate.kind == Kind::Function) else {
            let message = format!("hooks belong to a function, and this is {}", candidate.kind.name());
            return Err(Box::new(Diagnostic::new("hook-place", None, message)));
        };
        let (file_index, function) = &self.functions[index];
        let file = &self.files[*file_index];
        let scope = file.scope(self.input.package, &self.declared, &self.names, &function.type_params);
        let function_type = function.signature(file, &scope);
        let here = |d: Diagnostic| d.note(Some(file.at(function.name_at)), "the function is declared here");
        if function.body.is_none() {
            return Err(Box::new(here(Diagnostic::new("no-body", None, no_body(function)))));
        }
        let receiver = function.receiver_type(file, &scope);
        let subject = Subject {
            function,
            ty: &function_type,
            receiver: receiver.as_ref(),
            package_name: self.package_name,
            std: self.input.std,
        };
        let extra = &mut self.state.extra;
        let mut written = |place: Place, ty: &GoType| match hook_context::written_type(file, function, place)
        {
            Some(text) => Ok(text),
            None if function.generic => Err(format!(
                "a parameter of {} hides a name in the type {ty}, so that no hook can set a value of it",
                function.display()
            )),
            None => {
                let i = match place {
                    Place::Receiver => "recv".to_owned(),
                    Place::Param(i) | Place::Result(i) => i.to_string(),
                };
                extra.alias(&format!("weave_param_{index}_{i}"), ty)
            }
        };
        let fitted = hook_context::fit(hooks, &subject, &Names::new(file), &self.names, &mut written)
            .map_err(|d| here(*d))?;
        let fitted = Fitted::of_context(owner.to_owned(), rank, fitted);
        self.fitted(index, fitted, &function_type, receiver.as_ref(), owner);
        Ok(())
    }

    /// Keep a hook that fits.
    fn fitted(
        &mut self,
        index: usize,
        fitted: Fitted<'a>,
        function_type: &FuncType,
        receiver: Option<&GoType>,
        owner: &str,
    ) {
        let (file_index, function) = &self.functions[index];
        let file = &self.files[*file_index];
        if let Some(why) = &fitted.changes_export {
            self.state.changes.push(format!("{}: {why}", function.display()));
        }
        let params = function_type.body_params();
        for place in &fitted.passed {
            let ty = match place {
                Place::Receiver => receiver,
                Place::Param(i) | Place::Result(i) => params.get(*i),
            };
            if let (Some(param), Some(ty)) = (place.param(function), ty) {
                let effect = export_effects::of_argument(file, function, param, ty, self.notes);
                self.state.effects.extend(effect);
            }
        }
        self.state.bodies.insert(index);
        if !fitted.named.is_empty() {
            let (places, _) = self.state.named.entry(index).or_insert_with(|| (Vec::new(), owner.to_owned()));
            places.extend(&fitted.named);
        }
        self.state.hooks.entry(index).or_default().push(fitted);
    }

    /// Whether the package can name the types of a hook.
    fn nameable(&self, hook: &weave_ir::LoweredHook) -> bool {
        parse_hook(hook).is_ok_and(|signature| self.state.extra.can_name(&signature))
    }

    fn declare_hook(&mut self, hook: &'a weave_ir::LoweredHook) -> Result<(), Miss> {
        let signature = parse_hook(hook).map_err(Miss::Mismatch)?;
        self.state.extra.variable(&hook.variable, &signature).map_err(|message| {
            Miss::mismatch(
                Diagnostic::new("hook-type", None, message)
                    .note(hook.declared.clone(), format!("the hook is {} {signature}", hook.function))
                    .help(
                        "a hook may use types of the woven package, of packages that it imports, and \
                         predeclared ones",
                    ),
            )
        })
    }

    fn declare_context(&mut self, hooks: &'a weave_ir::LoweredContext) -> Result<(), Miss> {
        let refused = |message: String| {
            let mut d = Diagnostic::new("hook-type", None, message);
            for hook in hooks.before.iter().chain(&hooks.after) {
                d = d.note(
                    hook.declared.clone(),
                    format!("the hook {} takes {}", hook.function, hook.signature),
                );
            }
            Miss::mismatch(d.help(
                "behind its context a hook may take types of the woven package, of packages that it imports, and \
                 predeclared ones; `any` stands for each",
            ))
        };
        let types = hook_context::variable_types(hooks).map_err(refused)?;
        for ((variable, _), ty) in hooks.variables().into_iter().zip(types) {
            self.state.extra.variable(&variable, &ty).map_err(refused)?;
        }
        Ok(())
    }

    /// Whether the rule is for this Go release and this version of the module.
    fn applicable(&self, rule: &LoweredRule) -> Result<(), Miss> {
        let broken =
            |what: &str| Miss::mismatch(Diagnostic::new("bad-version", None, format!("cannot read {what}")));
        if let Some(range) = &rule.go {
            let range_parsed =
                VersionRange::<GoVersion>::parse(range).map_err(|_| broken(&format!("`{range}`")))?;
            let go = self.input.target.go();
            if !range_parsed.contains(&go) {
                return Err(Miss::NotApplicable(format!("the rule is for Go {range}, and this is Go {go}")));
            }
        }
        if let Some(language) = &rule.language_version {
            let needs = GoVersion::parse(language).ok_or_else(|| broken(&format!("`{language}`")))?;
            if self.input.target.go() < needs {
                let go = self.input.target.go();
                let message = format!("its code needs Go {language}, and this is Go {go}");
                return Err(Miss::mismatch(Diagnostic::new("language-version", None, message)));
            }
        }
        if let Some(range) = &rule.version {
            let range_parsed =
                VersionRange::<ModuleVersion>::parse(range).map_err(|_| broken(&format!("`{range}`")))?;
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
                    .help(
                        "give it with --package-version; under Bazel it is that of gazelle's package metadata, which packages \
                         of the repository itself do not have: take `version` out of the rule for these",
                    ),
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

    /// Whether what the rule asks of types is known.
    fn typed(&self, rule: &LoweredRule) -> Result<(), Miss> {
        let asked = questions(std::slice::from_ref(rule));
        if asked.is_empty() {
            return Ok(());
        }
        let Some(facts) = self.input.types else {
            return Err(Miss::mismatch(
                Diagnostic::new("no-types", None, "it asks for types, and none are given").help(
                    "`goweave types` says what is asked; give the answer of the types helper with `--types`; \
                     under Bazel name the package in `typed` of the go_instrumentation",
                ),
            ));
        };
        match asked.interfaces.iter().find_map(|i| facts.wrong.get(i)) {
            Some(why) => Err(Miss::mismatch(Diagnostic::new("no-interface", None, why.clone()))),
            None => Ok(()),
        }
    }

    /// The functions that a rule is for which names one.
    fn find(&self, pattern: &FunctionPattern) -> Result<Vec<Candidate>, Miss> {
        let name = pattern.name.as_ref().and_then(|n| n.exact()).unwrap_or_default();
        let receiver = pattern.receiver.as_ref().and_then(weave_ir::ReceiverPattern::exact);
        let wanted = receiver.as_deref();
        let found: Vec<Candidate> = self
            .by_name
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .filter(|&i| self.receiver_is(&self.functions[i].1, wanted))
            .map(|i| self.function_candidate(i))
            .collect();
        if !found.is_empty() {
            return Ok(found);
        }
        if let Some(receiver) = pattern.receiver.as_ref().filter(|_| pattern.promoted) {
            let promoted = self.promotes(receiver, name);
            if !promoted.is_empty() {
                return Ok(promoted.into_iter().map(|i| self.function_candidate(i)).collect());
            }
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
        let declared = || self.functions.iter().filter(|(_, f)| !f.literal);
        let displays: Vec<String> = declared().map(|(_, f)| f.display()).collect();
        // The same name on another receiver comes first: it is the commonest mistake and the commonest change.
        for (file, f) in declared().filter(|(_, f)| f.name == name) {
            d = d.note(Some(self.files[*file].at(f.name_at)), format!("there is {}", f.display()));
        }
        if let Some(base) = pattern.receiver.as_ref().and_then(|r| r.base.exact()) {
            d = self.note_embedded(d, base, name, pattern.promoted);
        }
        if d.notes.is_empty()
            && let Some(help) = did_you_mean(&display, displays.iter().map(String::as_str))
        {
            d = d.help(help);
        }
        Err(Miss::not_found(d))
    }

    /// Say which embedded type has the method, if one does.
    fn note_embedded(&self, mut d: Diagnostic, base: &str, method: &str, promoted: bool) -> Diagnostic {
        let mut seen = BTreeSet::from([base.to_owned()]);
        let mut todo = vec![base.to_owned()];
        while let Some(outer) = todo.pop() {
            for (pointer, embedded) in self.embedded(&outer) {
                let weave_syntax::resolve::Type::Named { package, name, .. } = embedded else { continue };
                if package == self.input.package {
                    if self.resolution.package().methods(&name).iter().any(|(m, _)| *m == method) {
                        let how = match promoted {
                            // It is not in the method set of the receiver that is written.
                            true => "write `\"*T\"` or `\"[*]T\"`, as its receiver is a pointer",
                            false => "write `promoted: true`, or that receiver",
                        };
                        d = d.note(None, format!("{outer} embeds {name}, which declares {method}: {how}"));
                    } else if seen.insert(name.clone()) {
                        todo.push(name);
                    }
                } else if !package.is_empty() {
                    let star = if pointer { "*" } else { "" };
                    d = d.note(
                        None,
                        format!(
                            "{outer} embeds {star}{package}.{name}, which may declare {method}: a rule for that \
                             package weaves it for all who call it"
                        ),
                    );
                }
            }
        }
        d
    }

    /// What a type of the package embeds: whether it is a pointer, and the type.
    fn embedded(&self, base: &str) -> Vec<(bool, weave_syntax::resolve::Type)> {
        let scope = self.resolution.package();
        let trees: Vec<_> = self.files.iter().filter(|f| f.active()).map(|f| &f.tree).collect();
        let Some(decl) = scope.get(scope.base_type(base)) else { return Vec::new() };
        let Some(file) = self.files.iter().filter(|f| f.active()).nth(decl.file) else { return Vec::new() };
        let list = scope.embedded(base, &trees, &file.resolved_imports());
        list.into_iter().map(|e| (e.pointer, e.ty)).collect()
    }

    /// The functions of the package that a type has as its method of this name because it embeds the type that declares it,
    /// for every type that a receiver may be of.
    pub(crate) fn promotes(&self, receiver: &weave_ir::ReceiverPattern, method: &str) -> Vec<usize> {
        let scope = self.resolution.package();
        let declared = |ty: &str| {
            let list = self.by_name.get(method).into_iter().flatten().copied();
            let of = |r: &str| scope.base_type(r) == scope.base_type(ty);
            list.filter(|&i| self.functions[i].1.receiver.as_ref().is_some_and(|r| of(r.base)))
                .collect::<Vec<_>>()
        };
        let mut out = Vec::new();
        for (outer, _) in scope.names().filter(|(name, _)| receiver.base.matches(name)) {
            // One depth after the other; what is found at one hides what is below, and two at one depth hide each other.
            let mut seen = BTreeSet::from([scope.base_type(outer).to_owned()]);
            let mut level = vec![(outer.to_owned(), receiver.pointer != Some(false))];
            if !declared(outer).is_empty() {
                continue;
            }
            while !level.is_empty() {
                let mut next = Vec::new();
                let mut found = Vec::new();
                for (ty, addressable) in &level {
                    for (pointer, embedded) in self.embedded(ty) {
                        let weave_syntax::resolve::Type::Named { package, name, .. } = embedded else {
                            continue;
                        };
                        if package != self.input.package || !seen.insert(scope.base_type(&name).to_owned()) {
                            continue;
                        }
                        let addressable = *addressable || pointer;
                        found.extend(declared(&name).into_iter().map(|i| (i, addressable)));
                        next.push((name, addressable));
                    }
                }
                if let [(i, addressable)] = found[..] {
                    let by_pointer = self.functions[i].1.receiver.as_ref().is_some_and(|r| r.pointer);
                    if addressable || !by_pointer {
                        out.push(i);
                    }
                }
                if !found.is_empty() {
                    break;
                }
                level = next;
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Whether a function has this receiver, as it is written or behind an alias.
    fn receiver_is(&self, f: &Function<'_>, wanted: Option<&str>) -> bool {
        match (&f.receiver, wanted) {
            (None, None) => true,
            (Some(r), Some(wanted)) => {
                let (pointer, base) = match wanted.strip_prefix('*') {
                    Some(base) => (true, base),
                    None => (false, wanted),
                };
                let aliases = self.resolution.aliases();
                r.pointer == pointer
                    && (r.base == base || aliases.base_type(r.base) == aliases.base_type(base))
            }
            _ => false,
        }
    }

    /// Compare the rule's signature with the function's.
    fn check_signature(&self, pattern: &FunctionPattern, index: usize) -> Result<(), Box<Diagnostic>> {
        let Some(stated) = &pattern.signature else { return Ok(()) };
        let (file_index, function) = &self.functions[index];
        let file = &self.files[*file_index];
        let actual = &self.function_type(*file_index, function);
        let stated = FuncType::parse(stated)
            .map_err(|e| Box::new(Diagnostic::new("bad-signature", None, format!("`{stated}`: {e}"))))?;
        let stated = self.names.function(&stated);
        if stated == *actual {
            return Ok(());
        }
        Err(Box::new(
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
            .note(Some(file.at(function.name_at)), "the function is declared here")
            .note(None, differences(&stated, actual))
            .help("change the rule and its hook, or limit the rule with `go` or `version`"),
        ))
    }

    pub(crate) fn package_name(&self) -> &'a str {
        self.package_name
    }

    /// The versions seen, for messages.
    fn versions(&self) -> String {
        match (self.input.std, self.input.version) {
            (true, _) => format!(" (Go {})", self.input.target.go()),
            (false, Some(v)) => format!(" ({v})"),
            (false, None) => String::new(),
        }
    }

    fn finish(mut self) -> Result<Woven<'a>, WeaveError> {
        self.lay();
        for (report, owner) in std::mem::take(&mut self.laid) {
            let of = |text: &str| text.split(" and ").any(|o| o == owner);
            if !self.state.edits.iter().any(|e| e.changing().any(of)) {
                self.rules[report].leave_as_it_was();
            }
        }
        let mut woven_files: BTreeSet<usize> =
            (0..self.files.len()).filter(|&i| !self.state.edits[i].is_empty()).collect();
        let functions = std::mem::take(&mut self.functions);
        let mut leave = BTreeSet::new();
        for (index, hooks) in std::mem::take(&mut self.state.hooks) {
            let (file_index, function) = &functions[index];
            let file = &self.files[*file_index];
            let types = match hook::result_types(file, function) {
                ResultTypes::Text(types) => types,
                ResultTypes::Aliases => {
                    let scope =
                        file.scope(self.input.package, &self.declared, &self.names, &function.type_params);
                    let results = function.signature(file, &scope).results;
                    match self.aliases(index, &results) {
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
            let deferred = match self.state.deferring.contains(&index) {
                true => Deferred::UNKNOWN,
                false => Deferred::of(file, function),
            };
            let is_result = |place: &Place| matches!(place, Place::Result(_));
            let named = self.state.named.get(&index).is_some_and(|(places, _)| places.iter().any(is_result));
            let leaving = Leaving::of(function, &hooks, deferred, named, self.input.std);
            let named = named || leaving.names_results;
            if leaving.names_results {
                let display = function.display();
                self.state.changes.push(format!("{display}: a parameter or result without a name gets one"));
                let (places, _) = self
                    .state
                    .named
                    .entry(index)
                    .or_insert_with(|| (Vec::new(), hooks[0].owner().to_owned()));
                let nameless = |i: &usize| function.results[*i].usable_name().is_none();
                places.extend((0..function.results.len()).filter(nameless).map(Place::Result));
            }
            let hooked = Hooked { function, result_types: &types, leaving, named };
            let edits = &mut self.state.edits[*file_index];
            leave.extend(hook::insert(file, &hooked, &hooks, &Names::new(file), edits));
            woven_files.insert(*file_index);
        }
        for variable in &leave {
            // It names predeclared types alone.
            let _ = self.state.extra.variable(variable, &hook::leave_type());
        }
        for (index, (places, owner)) in std::mem::take(&mut self.state.named) {
            let (file_index, function) = &functions[index];
            let file = &self.files[*file_index];
            let edits = &mut self.state.edits[*file_index];
            hook::name_places(file, function, &places, &Names::new(file), &owner, edits);
        }
        self.functions = functions;
        for (i, file) in self.files.iter().enumerate().filter(|(_, f)| f.active()) {
            self.clause(i, file);
            for import in file.imports.iter().filter(|import| import.path != import.written) {
                self.state.edits[i].insert(
                    import.at + 1,
                    0,
                    "vendor/",
                    "the vendored imports of the standard library",
                );
            }
        }
        let mut declared = self.state.extra.declared_names();
        // What stands for a file may declare what the file declared.
        for &i in &self.state.left_out {
            for name in declared_names(&self.files[i]) {
                declared.remove(name);
            }
        }
        let names: Identifiers<'_> = declared.iter().map(String::as_str).collect();
        // Most names are of one kind, and most identifiers of none.
        let ours = declared.iter().all(|name| is_ours(name.as_bytes()));
        let mut taken: BTreeMap<&str, &File<'_>> = BTreeMap::new();
        if !names.is_empty() && !self.findings.iter().any(|f| f.code == "woven-twice") {
            let asked = |f: &File<'_>| f.active() && (!ours || f.mentions(Mention::Weave));
            let files = self.files.iter().enumerate().filter(|(_, f)| asked(f));
            for (_, file) in files.filter(|(i, _)| !self.state.left_out.contains(i)) {
                let tree = &file.tree;
                for id in tree.idents().filter(|&id| !ours || is_ours(tree.bytes(tree.span(id)))) {
                    if let Some(name) = names.get(file.tree.node_text(id)) {
                        taken.entry(name).or_insert(file);
                    }
                }
            }
        }
        for (name, file) in taken {
            self.findings.push(Diagnostic::new(
                "name-taken",
                Some(file.at(0)),
                format!("this file uses the name `{name}`, which the extra file declares"),
            ));
        }
        let mut texts: Vec<Option<weave_text::TextEdit>> = vec![None; self.files.len()];
        for (i, edits) in std::mem::take(&mut self.state.edits).into_iter().enumerate() {
            let file = &self.files[i];
            if !file.active() || edits.is_empty() {
                continue;
            }
            if self.state.left_out.contains(&i) {
                let owners = edits.owners().join(" and ");
                // Vendored imports alone are nobody's rule.
                if woven_files.contains(&i) {
                    let message = format!("{owners} would change a file that another rule leaves out");
                    let d = Diagnostic::new("conflict", Some(file.at(0)), message);
                    self.findings.push(d.help("limit one of them with `not`, or by the file"));
                }
                continue;
            }
            match edits.finish(file.source.source) {
                Ok(edit) => texts[i] = Some(edit),
                Err(e) => {
                    let d = self
                        .conflict(file, &e)
                        .ok_or_else(|| WeaveError::Edit(file.source.path.to_owned(), e))?;
                    self.findings.push(d);
                }
            }
        }
        let bodies = std::mem::take(&mut self.state.bodies);
        let mut all: Vec<Effect> = bodies.iter().filter_map(|&i| self.body_effect(i)).collect();
        all.append(&mut self.state.effects);
        for effect in all {
            match effect {
                Effect::Changes(why) => self.state.changes.push(why),
                Effect::May(why) => self.state.doubts.push(why),
            }
        }
        for list in [&mut self.state.changes, &mut self.state.doubts] {
            let mut seen = BTreeSet::new();
            list.retain(|why| seen.insert(why.clone()));
        }
        let again = self.weave_declarations()?;
        // A package that does not parse is left to the compiler, which says it as it does without rules: what they do not find
        // may stand where the error is.
        let broken = |f: &&File<'_>| f.excluded.is_none() && !f.errors.is_empty();
        let unparsed = self.files.iter().find(broken).and_then(|f| {
            let e = f.errors.first()?;
            let message = format!("{}; nothing is woven into {}", e.message, self.input.package);
            Some(Diagnostic::new("syntax", Some(f.at(e.offset)), message))
        });
        let failed = !self.findings.is_empty() || unparsed.is_some();
        if let Some(d) = unparsed {
            self.findings.clear();
            self.warnings = vec![d];
        }
        let mut out = Vec::new();
        let mut reports = Vec::new();
        for (i, (file, edit)) in self.files.iter().zip(texts).enumerate() {
            let (bytes, status, reason) = if file.excluded.is_none() && !file.errors.is_empty() {
                self.file(file, edit, false)?
            } else if failed {
                (
                    Cow::Borrowed(file.source.source),
                    FileStatus::Unchanged,
                    Some("the package has findings".to_owned()),
                )
            } else if self.state.left_out.contains(&i) {
                let bytes = blank(file.source.source, file.package_name().unwrap_or(self.package_name));
                (Cow::Owned(bytes), FileStatus::Replaced, Some("a rule adds a file in its place".to_owned()))
            } else {
                self.file(file, edit, woven_files.contains(&i))?
            };
            let lines = match status {
                FileStatus::Woven => changed_lines(file.source.source, &bytes),
                _ => Vec::new(),
            };
            out.push((file.source.base_name().to_owned(), bytes));
            reports.push(FileReport { path: file.source.path.to_owned(), status, reason, lines });
        }
        let extra = match again {
            _ if failed || self.state.extra.is_empty() => format!("{NEVER}package {}\n", self.package_name),
            Some(woven) => woven,
            None => self.state.extra.text(self.package_name),
        };
        check::parses(EXTRA_FILE, extra.as_bytes())?;
        let built = !failed && !self.state.extra.is_empty();
        let shown = built.then(|| extra.clone());
        out.push((EXTRA_FILE.to_owned(), Cow::Owned(extra.into_bytes())));
        let report = Report {
            weave: 1,
            package: self.input.package.to_owned(),
            version: self.input.version.map(str::to_owned),
            go: self.input.target.go().to_string(),
            target: self.input.target.platform(),
            woven: !failed
                && (!self.state.extra.is_empty()
                    || !woven_files.is_empty()
                    || !self.state.left_out.is_empty()),
            export_data_changes: self.state.changes,
            export_data_may_change: self.state.doubts,
            added_imports: self.state.added.into_iter().collect(),
            language: self.language,
            leave,
            rules: self.rules,
            rewriters: self.rewriters,
            files: reports,
            findings: self.findings,
            warnings: self.warnings,
            extra: shown,
        };
        let mut origins = self.origins.into_inner();
        if let Some(extra) = &report.extra {
            origins.add_extra(EXTRA_FILE, extra, &self.in_extra);
        }
        Ok(Woven { files: out, origins, report })
    }

    /// Weave what aspects of Orchestrion declare: they are about each other's declarations, too. Gives the extra file, if
    /// anything is woven into it.
    fn weave_declarations(&mut self) -> Result<Option<String>, WeaveError> {
        if self.state.declared.is_empty() || !self.findings.is_empty() {
            return Ok(None);
        }
        let mut sets: Vec<LoweredRules> = self.input.rules.to_vec();
        for set in &mut sets {
            set.rules.retain(|rule| {
                let inside = |a: &LoweredAdvice| {
                    matches!(
                        a,
                        LoweredAdvice::Before(_)
                            | LoweredAdvice::Wrap(_)
                            | LoweredAdvice::AppendArguments(_)
                            | LoweredAdvice::CallInstead(_)
                    )
                };
                rule.aspect.is_some()
                    && rule.advice.iter().all(inside)
                    && TypeQuestions::of(&rule.join).is_empty()
            });
        }
        let text = self.state.extra.text(self.package_name);
        let file = SourceFile { path: "declarations.go", source: text.as_bytes() };
        let files = [file];
        let input = WeaveInput {
            package: self.input.package,
            version: self.input.version,
            target: self.input.target,
            std: self.input.std,
            files: &files,
            rules: &sets,
            types: None,
        };
        let woven = weave(&input)?;
        let report = woven.report;
        self.findings.extend(report.findings);
        self.state.changes.extend(report.export_data_changes);
        self.state.doubts.extend(report.export_data_may_change);
        self.state.added.extend(report.added_imports);
        let version = |l: &Option<String>| l.as_deref().and_then(GoVersion::parse);
        if version(&report.language) > version(&self.language) {
            self.language = report.language;
        }
        for rule in report.rules.into_iter().filter(|r| r.status == Status::Woven) {
            let same = |r: &&mut RuleReport| r.instrumentation == rule.instrumentation && r.rule == rule.rule;
            if let Some(first) = self.rules.iter_mut().find(same) {
                first.status = Status::Woven;
                first.reason = None;
                first.export_data = first.export_data.max(rule.export_data);
                first
                    .matches
                    .extend(rule.matches.into_iter().map(|m| MatchReport { what: m.what, at: None }));
            }
        }
        let changed = woven.files.into_iter().next().filter(|(_, bytes)| bytes[..] != *text.as_bytes());
        Ok(changed.and_then(|(_, bytes)| String::from_utf8(bytes.into_owned()).ok()))
    }

    /// What another body of a function does to the export data.
    fn body_effect(&self, function: usize) -> Option<Effect> {
        let mut index = function;
        // A literal is part of the function that it is in.
        while let Some(parent) = self.functions[index].1.parent {
            index = parent;
        }
        let judged = || {
            let (file, function) = &self.functions[index];
            export_effects::of_body(&self.files[*file], function, self.notes)
        };
        self.judged.get(index).map_or_else(judged, |known| known.get_or_init(judged).clone())
    }

    /// What the rule that was just applied does to the export data; `said` is how much had been said of it before.
    fn does_to_export_data(&self, said: (usize, usize, usize)) -> ExportData {
        let one = |effect: &Effect| match effect {
            Effect::Changes(_) => ExportData::Changes,
            Effect::May(_) => ExportData::MayChange,
        };
        let changes = (self.state.changes.len() > said.0).then_some(ExportData::Changes);
        let doubts = (self.state.doubts.len() > said.1).then_some(ExportData::MayChange);
        let arguments = self.state.effects.iter().skip(said.2).map(one);
        let bodies = self.state.bodies.iter().filter_map(|&i| self.body_effect(i)).map(|e| one(&e));
        changes.into_iter().chain(doubts).chain(arguments).chain(bodies).max().unwrap_or(ExportData::Same)
    }

    /// What edits that do not go together mean for the rules that asked for them.
    fn conflict(&self, file: &File<'_>, error: &EditError) -> Option<Diagnostic> {
        let EditError::Conflict { first, second } = error else { return None };
        let place = |owner: &str| self.places.get(owner).cloned();
        let named = |owner: &str| match owner.starts_with("rewriter ") {
            true => owner.to_owned(),
            false => format!("rule {owner}"),
        };
        Some(
            Diagnostic::new(
                "conflict",
                Some(file.at(second.span.start())),
                format!("{} and {} change the same code", named(&first.owner), named(&second.owner)),
            )
            .note(place(&first.owner), format!("one of them is {}", first.owner))
            .note(place(&second.owner), format!("the other one is {}", second.owner))
            .help("limit one of them with `not`, or make one rule of both"),
        )
    }

    /// Imports that the file gets and loses, on the line of its package clause.
    fn clause(&mut self, index: usize, file: &File<'a>) {
        let tree = &file.tree;
        let Some(name) = tree.package_name() else { return };
        let edits = &mut self.state.edits[index];
        if edits.is_empty() {
            return;
        }
        let owner = edits.owners().join(" and ");
        let hooks_only = self.state.imports[index].is_empty() && !self.state.advised.contains(&index);
        if hooks_only {
            return;
        }
        let mut text = format!(" {MARKER}");
        for (path, local) in &self.state.imports[index] {
            text.push_str(&format!("; import {local} {path:?}"));
        }
        edits.close(name, Level::Block, 0, text, &owner);
        // An import whose last use a replacement takes away becomes a blank one.
        let removed = &self.state.removed[index];
        if removed.is_empty() {
            return;
        }
        let scope = self.resolution.scope(index);
        for (i, import) in tree.imports().iter().enumerate() {
            let given = import.name.map(|n| tree.text(n));
            if matches!(given, Some("_" | ".")) {
                continue;
            }
            let mut uses = tree.idents().filter(|&id| scope.binding(id) == Some(Binding::Import(i)));
            let gone = |id| removed.iter().any(|(r, _)| r.covers(tree.span(id)));
            let (mut any, mut kept) = (false, false);
            for id in &mut uses {
                any = true;
                kept |= !gone(id);
            }
            kept |= self.state.copied[index].contains(&i);
            if any && !kept {
                match import.name {
                    Some(n) => edits.replace(n, "_", &owner),
                    None => edits.insert(import.path_span.start, 0, "_ ", &owner),
                }
            }
        }
    }

    /// Aliases in the extra file for the result types of a function.
    fn aliases(&mut self, index: usize, results: &[GoType]) -> Result<Vec<String>, String> {
        results
            .iter()
            .enumerate()
            .map(|(i, t)| self.state.extra.alias(&format!("weave_result_{index}_{i}"), t))
            .collect()
    }

    fn file(
        &self,
        file: &File<'a>,
        edit: Option<weave_text::TextEdit>,
        woven: bool,
    ) -> Result<FileOut<'a>, WeaveError> {
        let source = file.source.source;
        if let Some(why) = &file.excluded {
            // rules_go takes a package for a cgo package if any of its files imports "C", those out of the build included.
            if self.input.std && file.is_cgo() {
                return Ok((
                    Cow::Owned(blank(source, file.package_name().unwrap_or(self.package_name))),
                    FileStatus::Blanked,
                    Some(why.clone()),
                ));
            }
            return Ok((Cow::Borrowed(source), FileStatus::Excluded, Some(why.clone())));
        }
        if let Some(e) = file.errors.first() {
            return Ok((
                Cow::Borrowed(source),
                FileStatus::Unparsed,
                Some(format!("{}: {}", file.at(e.offset), e.message)),
            ));
        }
        let Some(edit) = edit else { return Ok((Cow::Borrowed(source), FileStatus::Unchanged, None)) };
        let path = file.source.path;
        let applied = edit.apply(source).map_err(|e| WeaveError::Edit(path.to_owned(), e))?;
        check::woven(file, &edit, &applied)?;
        self.origins.borrow_mut().add(file.source.base_name(), &edit, &applied);
        Ok((Cow::Owned(applied.text), if woven { FileStatus::Woven } else { FileStatus::Vendored }, None))
    }
}

/// The lines that differ between two texts of as many lines.
fn changed_lines(before: &[u8], after: &[u8]) -> Vec<LineReport> {
    let text = |line: &[u8]| String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
    let newline = |text: &[u8]| memchr::memchr(b'\n', text);
    let (mut before, mut after, mut line) = (before, after, 1u32);
    let mut changed = Vec::new();
    // What is the same is not looked at line by line.
    loop {
        let same = &before[..common(before, after)];
        if same.len() == before.len() && same.len() == after.len() {
            break;
        }
        let start = memchr::memrchr(b'\n', same).map_or(0, |n| n + 1);
        line += memchr::memchr_iter(b'\n', &same[..start]).count() as u32;
        (before, after) = (&before[start..], &after[start..]);
        let (old, new) = (newline(before), newline(after));
        changed.push(LineReport {
            line,
            before: text(&before[..old.unwrap_or(before.len())]),
            after: text(&after[..new.unwrap_or(after.len())]),
        });
        let (Some(old), Some(new)) = (old, new) else { break };
        (before, after) = (&before[old + 1..], &after[new + 1..]);
        line += 1;
    }
    changed
}

/// How many bytes two texts begin with alike.
fn common(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 64;
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK));
    let start = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    start + a[start..].iter().zip(&b[start..]).take_while(|(a, b)| a == b).count()
}

/// What becomes of a file: its bytes, and why they are what they are.
type FileOut<'a> = (Cow<'a, [u8]>, FileStatus, Option<String>);

/// The keys of a rule that a finding is about, the nearest first.
fn keys_of(code: &str) -> &'static [&'static str] {
    match code {
        "function-not-found" | "no-body" => &["function"],
        "signature-differs" => &["signature"],
        "argument-count" | "argument-type" | "no-such-argument" | "bad-argument" | "unnamed-parameter" => {
            &["arguments", "hook"]
        }
        "no-such-parameter" | "replace-type" | "replace-count" => &["replace", "hook"],
        "skip-shape" | "exit-shape" | "hook-type" | "hook-place" | "bad-lowered-rule" => &["hook"],
        "nothing-found" | "several" => &[
            "call",
            "literal",
            "statement",
            "struct",
            "import",
            "variable",
            "constant",
            "function",
            "receiver",
            "directive",
        ],
        _ => &[],
    }
}

/// Two types of a function as a difference, and what differs.
fn differences(stated: &FuncType, actual: &FuncType) -> String {
    let mut out = format!("- {stated} (the rule)\n+ {actual} (the function)");
    let (stated_params, actual_params) = (stated.body_params(), actual.body_params());
    if stated.variadic != actual.variadic && stated_params.len() == actual_params.len() {
        let [is, says] = [actual, stated].map(|f| if f.variadic { "is" } else { "is not" });
        out.push_str(&format!("\nthe function {is} variadic, and that of the rule {says}"));
    }
    for (what, stated, actual) in
        [("parameter", &stated_params, &actual_params), ("result", &stated.results, &actual.results)]
    {
        if stated.len() != actual.len() {
            let count = |n: usize| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            let says = count(stated.len());
            out.push_str(&format!("\nthe function has {}, and the rule says {says}", count(actual.len())));
            continue;
        }
        for (i, (stated, actual)) in stated.iter().zip(actual).enumerate().filter(|(_, (s, a))| s != a) {
            out.push_str(&format!("\n{what} {} is {actual}, and the rule says {stated}", i + 1));
        }
    }
    out
}

/// Whether a name is like those that the weaver makes for declarations.
fn is_ours(name: &[u8]) -> bool {
    name.starts_with(b"weave_")
}

/// A file of the same package with as many lines that is in no build.
fn blank(source: &[u8], package: &str) -> Vec<u8> {
    let mut out = format!("//go:build ignore\n\npackage {package}").into_bytes();
    let breaks = source.iter().filter(|&&b| b == b'\n').count();
    out.extend(std::iter::repeat_n(b'\n', breaks.saturating_sub(2)));
    out
}

/// The parts of the extra file that a rule brings.
fn in_extra(set: &LoweredRules, rule: &LoweredRule) -> Vec<(String, String)> {
    let declared = rule.advice.iter().filter_map(|a| match a {
        weave_ir::LoweredAdvice::Declare(d) => Some(d.text.clone()),
        weave_ir::LoweredAdvice::File(f) => Some(f.text.clone()),
        _ => None,
    });
    let variables = rule.variables().into_iter().map(|v| format!("var {} ", v.variable));
    declared.chain(variables).map(|text| (text, owner(set, rule))).collect()
}

/// A rule, as messages name it.
fn owner(set: &LoweredRules, rule: &LoweredRule) -> String {
    format!("{}/{}", set.instrumentation, rule.id)
}

fn parse_hook(hook: &weave_ir::LoweredHook) -> Result<FuncType, Box<Diagnostic>> {
    FuncType::parse(&hook.signature).map_err(|e| {
        let message = format!("the hook's signature `{}` is broken: {e}", hook.signature);
        Box::new(Diagnostic::new("bad-lowered-rule", None, message))
    })
}

pub(crate) fn no_body(function: &Function<'_>) -> String {
    format!("{} has no body here (it is assembly or linked by name)", function.display())
}

#[cfg(test)]
mod tests {
    use super::changed_lines;

    /// Beside a comparison line by line.
    #[test]
    fn lines_that_differ_are_found_at_every_place() {
        let long = "the same on this line, and more than a block of it: ".repeat(3);
        let parts =
            ["", "a", "b", "a;b", "\n", "a\n", "b\r\n", "a;b\n", &long, &format!("{long}\n"), "\n\nx"];
        let mut different = 0;
        for one in parts {
            for two in parts {
                for (before, after) in [(one, two), (two, one)] {
                    for (head, tail) in
                        [("", ""), ("\n", "\n"), (&*format!("{long}\n"), "\nend"), ("h", "t\n")]
                    {
                        let (before, after) =
                            (format!("{head}{before}{tail}"), format!("{head}{after}{tail}"));
                        if before.split('\n').count() != after.split('\n').count() {
                            continue;
                        }
                        let lines = (1..).zip(before.split('\n').zip(after.split('\n')));
                        let want: Vec<_> = lines.filter(|(_, (b, a))| b != a).collect();
                        let got = changed_lines(before.as_bytes(), after.as_bytes());
                        let got: Vec<_> = got.iter().map(|l| (l.line, (&*l.before, &*l.after))).collect();
                        let trimmed = |s: &'_ str| s.trim_end_matches('\r').to_owned();
                        let want: Vec<_> =
                            want.into_iter().map(|(l, (b, a))| (l, (trimmed(b), trimmed(a)))).collect();
                        let got: Vec<_> =
                            got.into_iter().map(|(l, (b, a))| (l, (b.to_owned(), a.to_owned()))).collect();
                        assert_eq!(got, want, "{before:?} {after:?}");
                        different += want.len();
                    }
                }
            }
        }
        assert!(different > 100, "{different}");
    }
}

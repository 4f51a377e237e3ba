//! Lowers rule files to the rules that weave actions and main packages read.

mod contexts;
mod hook_sources;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use weave_dialects::{Draft, DraftAdvice, DraftHook, DraftRule, GoText, Sp};
use weave_ir::{
    Code, Diagnostic, Location, LoweredAdvice, LoweredFile, LoweredHook, LoweredRule, LoweredRules,
    MainPackage, MainRules, MainVariable, PathPattern, Places, RulePlace, SymbolPattern, TypeQuestions,
    hook_variable,
};

use crate::advice::code::check_expression;
use crate::lower::hook_sources::HookSources;
use crate::lower::rule::lowered_rule;
use crate::messages;
use crate::package::file::SourceFile;
use crate::refusal::{Reason, Refusal};

/// A rule file, lowered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lowered {
    /// One entry per package that rules are for, sorted by package; of a pattern of packages one entry for the rules that
    /// may match in any of them, and one for each package that rules are about ([`LoweredRules::importing`]). A rule that
    /// is about several is in several entries.
    pub packages: Vec<LoweredRules>,
    /// Rules for main packages.
    pub main: MainRules,
    /// Locations of the rules.
    pub places: Places,
    /// The external rewriter of the file.
    pub rewriter: Option<LoweredRewriter>,
}

/// An external rewriter, as a rule file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoweredRewriter {
    /// The program, and where that stands.
    pub program: Option<(String, Location)>,
    /// Location in the file.
    pub at: Location,
}

impl Lowered {
    /// The rewriter is asked about a package, or the packages of a pattern, whether or not rules are for them.
    fn rewrites(&mut self, package: &str) {
        if !self.packages.iter().any(|set| set.package == package && set.importing.is_none()) {
            self.packages.push(LoweredRules::new(&self.main.instrumentation, package));
            self.packages.sort_by(|a, b| (&a.package, &a.importing).cmp(&(&b.package, &b.importing)));
        }
        if !self.main.packages.iter().any(|p| p.package == package) {
            let package = package.to_owned();
            self.main.packages.push(MainPackage { package, variables: Vec::new(), links: Vec::new() });
            self.main.packages.sort_by(|a, b| a.package.cmp(&b.package));
        }
    }
}

/// Resolves the hooks and added files of rules, and sorts the rules by package.
///
/// `hooks_package` stands in for the file's own `hooks` if given.
///
/// # Errors
///
/// Everything that the rules name and the hooks package does not have, or has in another form; code that is none.
pub fn lower(
    draft: &Draft,
    hooks_package: Option<&str>,
    hook_files: &[SourceFile<'_>],
) -> Result<Lowered, Vec<Diagnostic>> {
    let path = draft.path.as_str();
    let at = |(line, col): (u32, u32)| Location::new(path, line, col);
    let mut findings = Vec::new();
    if let (Some(given), Some(own)) = (hooks_package, &draft.hooks)
        && given != own.value
    {
        let message = messages::other_hooks_package(&own.value, given);
        let d = message.at(Some(at((own.line, own.col)))).finding;
        findings.push(d.help(messages::help_other_hooks_package()));
    }
    let own = draft.hooks.as_ref().map(|h| h.value.as_str());
    let hooks_path = hooks_package.or(own).unwrap_or_default();
    let is_adapter = |f: &SourceFile<'_>| draft.adapters.iter().any(|name| name == f.base_name());
    let (beside, sources): (Vec<_>, Vec<_>) = hook_files.iter().copied().partition(is_adapter);
    let sources = Sources {
        path,
        instrumentation: &draft.name,
        hooks: HookSources::new(hooks_path, &sources),
        adapters: HookSources::new("", &beside),
    };
    let broken = sources.hooks.broken();
    // What stands behind a syntax error is not seen.
    let unseen = |r: &Refusal| !broken.is_empty() && r.reason == Reason::HookNotFound;
    findings.extend(broken.iter().cloned().chain(sources.adapters.broken()));
    findings.extend(draft.findings.iter().cloned());

    let mut all = |list: &'_ [DraftRule]| -> Vec<LoweredRule> {
        let mut rules = Vec::new();
        for (place, rule) in (0..).zip(list) {
            findings.extend(rule.go_texts.iter().filter_map(|text| check_go(path, text)).map(|r| r.finding));
            let mut advice = Vec::new();
            for a in &rule.advice {
                match sources.advice(rule, a) {
                    Ok(a) => advice.push(a),
                    Err(more) => {
                        findings.extend(more.into_iter().filter(|r| !unseen(r)).map(|r| r.finding));
                    }
                }
            }
            rules.push(lowered_rule(path, rule, Some(rule.place.unwrap_or(place)), advice));
        }
        rules
    };
    let (beside, rules) = (all(&draft.beside), all(&draft.rules));
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut lowered = by_package(draft, hooks_path, &beside, &rules);
    lowered.packages.extend(contexts::beside_hooks(draft, hooks_path, &sources.hooks, &rules)?);
    lowered.packages.sort_by(|a, b| (&a.package, &a.importing).cmp(&(&b.package, &b.importing)));
    if let Some(rewriter) = &draft.rewriter {
        lowered.rewriter = Some(LoweredRewriter {
            program: rewriter.program.as_ref().map(|p| (p.value.clone(), at((p.line, p.col)))),
            at: at(rewriter.at),
        });
        rewriter.packages.iter().for_each(|p| lowered.rewrites(p));
    }
    Ok(lowered)
}

/// The Go files that rules name functions and files of.
struct Sources<'s> {
    /// The rule file's, for messages.
    path: &'s str,
    instrumentation: &'s str,
    hooks: HookSources<'s>,
    /// Files beside the rules whose declarations packages get.
    adapters: HookSources<'s>,
}

impl Sources<'_> {
    /// One advice, lowered.
    fn advice(&self, rule: &DraftRule, a: &Sp<DraftAdvice>) -> Result<LoweredAdvice, Vec<Refusal>> {
        let Self { path, instrumentation, hooks, adapters } = self;
        let id = &rule.id.value;
        let one = match &a.value {
            DraftAdvice::Hook(of) => hook(path, hook_variable(instrumentation, id), of, hooks),
            DraftAdvice::Adapter(name) => adapter(path, name, adapters).map(LoweredAdvice::File),
            DraftAdvice::Written { advice, texts } => match texts.iter().find_map(|t| check_go(path, t)) {
                Some(wrong) => Err(wrong),
                None => Ok(advice.clone()),
            },
            DraftAdvice::Ready(ready) => contexts::check_code(path, a, ready).map(|()| ready.clone()),
            DraftAdvice::Context(h) => {
                return contexts::context(path, instrumentation, id, h, hooks).map(LoweredAdvice::HookPair);
            }
            DraftAdvice::File(f) => contexts::file(path, f, hooks).map(LoweredAdvice::File),
        };
        one.map_err(|refusal| vec![refusal])
    }
}

/// Rules sorted by the packages that they are for. `rules` are those of the draft, in its order; `beside` stand before them in every
/// package.
fn by_package(draft: &Draft, hooks_path: &str, beside: &[LoweredRule], rules: &[LoweredRule]) -> Lowered {
    #[derive(Default)]
    struct Set {
        rules: Vec<LoweredRule>,
        interfaces: BTreeSet<String>,
    }
    #[derive(Default)]
    struct InMain {
        variables: Vec<MainVariable>,
        links: BTreeSet<String>,
    }
    let mut packages: BTreeMap<(String, Option<String>), Set> = BTreeMap::new();
    let mut in_main: BTreeMap<String, InMain> = BTreeMap::new();
    for (rule, of) in rules.iter().zip(&draft.rules) {
        // What no condition limits may be in any package.
        let for_packages = rule.join.packages().unwrap_or_else(|| vec![PathPattern::new("...")]);
        for package in for_packages {
            let main = in_main.entry(package.as_str().to_owned()).or_default();
            main.variables.extend(rule.variables());
            main.links.extend(of.links.iter().cloned());
            let about = of.importing.clone().or_else(|| rule.join.imports());
            let about = about.filter(|_| package.exact().is_none());
            let conditions = about.map_or_else(|| vec![None], |list| list.into_iter().map(Some).collect());
            for importing in conditions {
                let key = (package.as_str().to_owned(), importing);
                let set = packages.entry(key).or_default();
                set.rules.push(rule.clone());
                set.interfaces.extend(of.interfaces.iter().cloned());
            }
        }
    }
    // A package that is named gets its rules from one entry, in their order.
    if packages.keys().all(|(package, _)| PathPattern::new(package).exact().is_some()) {
        let rules = packages.values_mut().flat_map(|set| &mut set.rules);
        rules.filter(|rule| rule.turn.is_none()).for_each(|rule| rule.place = None);
    }
    let mut places = BTreeMap::new();
    let of_beside = draft.beside.iter().zip(beside).filter(|_| !packages.is_empty());
    for (of, rule) in of_beside.chain(draft.rules.iter().zip(rules)) {
        if let Some(at) = rule.at.clone() {
            let (doc, link) = (of.doc.clone(), of.link.clone());
            places.insert(rule.id.clone(), RulePlace { at, keys: rule.keys.clone(), doc, link });
        }
    }
    packages.values_mut().for_each(|set| drop(set.rules.splice(0..0, beside.iter().cloned())));
    let uses_hooks =
        |rules: &[LoweredRule]| rules.iter().any(|r| r.hook().is_some() || r.hook_pair().is_some());
    let linked = draft.links_hooks || packages.values().any(|set| uses_hooks(&set.rules));
    let main = MainRules {
        weave: 1,
        instrumentation: draft.name.clone(),
        hooks: if linked { hooks_path.to_owned() } else { String::new() },
        packages: in_main
            .into_iter()
            .map(|(package, InMain { variables, links })| MainPackage {
                package,
                variables,
                links: links.into_iter().collect(),
            })
            .collect(),
    };
    let packages = packages
        .into_iter()
        .map(|((package, importing), Set { rules, interfaces })| {
            let mut types = questions(&rules);
            types.signatures |= !interfaces.is_empty();
            types.interfaces.extend(interfaces);
            LoweredRules {
                hooks: if uses_hooks(&rules) { hooks_path.to_owned() } else { String::new() },
                importing,
                foreign: draft.foreign,
                types,
                rules,
                ..LoweredRules::new(&draft.name, &package)
            }
        })
        .collect();
    let places = Places { weave: 1, instrumentation: draft.name.clone(), rules: places };
    Lowered { packages, main, places, rewriter: None }
}

/// Returns why a text is not the Go that it must be; `None` if it is.
fn check_go(path: &str, text: &GoText) -> Option<Refusal> {
    let location = |line: u32, col: u32| Some(Location::new(path, line, col));
    let condition = |at: &Sp<String>, what: &str, why: Option<String>| {
        let message = messages::no_go_text(&at.value, what, &why?);
        Some(message.at(location(at.line, at.col)).boxed())
    };
    let code = |at: &Sp<Code>, statements: bool| {
        let why = crate::advice::code::check(&at.value, statements).err()?;
        Some(messages::code(why).at(location(at.line, at.col)).boxed())
    };
    let declarations = |at: &Sp<String>, clause: &str| {
        let source = format!("{clause}{}", at.value);
        let (_, errors) = weave_syntax::parse(source.as_bytes());
        let e = errors.first()?;
        let lines = source[..(e.offset as usize).min(source.len())].matches('\n').count();
        let line = lines + 1 - clause.matches('\n').count();
        let message = messages::declarations_are_not_go(line, &e.message);
        Some(messages::declare(message).at(location(at.line, at.col)).boxed())
    };
    match text {
        GoText::Statement(at) => {
            let source =
                format!("package p; func _() {{ for {{ L: switch {{ default: {}\n}} }} }}", at.value);
            let why = weave_syntax::parse(source.as_bytes()).1.first().map(|e| e.message.clone());
            condition(at, "Go statement", why)
        }
        GoText::Callee(at) => {
            let why = match check_expression(&at.value) {
                Ok(()) if at.value.trim_end().ends_with(')') => Some(messages::help_callee().to_owned()),
                // A path is not an expression where it has dashes and the like.
                Err(why) if SymbolPattern::new(&at.value).is_err() => Some(why),
                _ => None,
            };
            condition(at, "callee", why)
        }
        GoText::Expression(at) => condition(at, "Go expression", check_expression(&at.value).err()),
        GoText::Statements(at) => code(at, true),
        GoText::Code(at) => code(at, false),
        GoText::Declarations(at) => declarations(at, "package p\n"),
        GoText::File(at) => declarations(at, ""),
    }
}

/// A hook, looked up.
fn hook(
    path: &str,
    variable: String,
    hook: &DraftHook,
    hooks: &HookSources<'_>,
) -> Result<LoweredAdvice, Refusal> {
    let (signature, declared) = hooks.find(path, &hook.function)?;
    let DraftHook { function, arguments, replace, skip } = hook.clone();
    Ok(LoweredAdvice::Hook(LoweredHook {
        function: function.value,
        variable,
        arguments,
        replace,
        skip,
        signature: signature.to_string(),
        declared: Some(declared),
    }))
}

/// The Go file beside the rules that an advice names.
fn adapter(path: &str, name: &Sp<String>, beside: &HookSources<'_>) -> Result<LoweredFile, Refusal> {
    let at = || Some(Location::new(path, name.line, name.col));
    if name.value.contains(['/', '\\']) || name.value.ends_with("_test.go") {
        let message = messages::bad_adapter(&name.value);
        return Err(Box::new(message.at(at()).help(messages::help_bad_adapter())));
    }
    let Some(file) = beside.file(&name.value) else {
        let message = messages::adapter_not_found(&name.value);
        return Err(Box::new(message.at(at()).help(messages::help_adapter_not_found(&name.value))));
    };
    // Which checkout or repository it is in does not matter to what is woven.
    let mut parts: Vec<&str> = file.source.path.rsplit(['/', '\\']).take(2).collect();
    parts.reverse();
    let text = String::from_utf8_lossy(file.source.source).into_owned();
    Ok(LoweredFile { name: parts.join("/"), text, adapter: true, replaces: false })
}

/// Returns what rules ask of the type checker: by their join points and by placeholders in their code.
#[must_use]
pub fn questions(rules: &[LoweredRule]) -> TypeQuestions {
    let mut all = TypeQuestions::default();
    for rule in rules {
        all.extend(&TypeQuestions::of(&rule.join));
        let codes = rule.advice.iter().flat_map(LoweredAdvice::codes);
        for interface in codes.flat_map(|(code, _)| crate::advice::code::interfaces(code)) {
            all.signatures = true;
            all.interfaces.insert(interface);
        }
    }
    all
}

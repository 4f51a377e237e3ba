//! Turns aspects into drafts.

use std::collections::{BTreeMap, BTreeSet};

use crate::messages;
use crate::weave::model::OneOrMany;
use crate::{BuiltIn, Draft, DraftAdvice, DraftRule, Extend, Sp, Surroundings};
use weave_ir::{
    Code, Diagnostic, FunctionPattern, GoType, Interface, JoinPoint, Kind, Language, LiteralForm,
    LiteralPattern, Location, LoweredAddField, LoweredAdvice, LoweredArguments, LoweredDeclare,
    MethodPattern, NamePattern, Partial, PathGlob, PathPattern, SignaturePattern, SymbolPattern, Turn,
    TypePattern, TypeQuestions, Unmatched, ValuePattern, std_path,
};

use crate::orchestrion::file::{
    Advice, Aspect, File, Filter, FunctionOption, Join, Match, Receiver, Signature, StructLiteral, parse,
};

/// The version of Orchestrion whose language this is, as `{{ Version }}` gives it.
pub const VERSION: &str = "v1.15.0";

/// The aspects that every build with Orchestrion has.
const BUILT_IN: &str = include_str!("built_in.yml");

/// Reads rule files and those that they extend, in the order in which Orchestrion has their aspects: advice is ordered among all of
/// them. `extend` gives the files at a path: the file itself, or the `orchestrion.yml` of a folder. What one file has read already is
/// not read again. Beside the drafts, one a file, stands what can never match.
///
/// # Errors
///
/// Everything that is wrong with them.
pub(crate) fn load(
    files: &[(String, String)],
    surroundings: &Surroundings,
    extend: &mut Extend<'_>,
) -> Result<(Vec<Draft>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    let mut aspects = Aspects {
        path: "",
        text: "",
        surroundings,
        findings: Vec::new(),
        dead: Vec::new(),
        pieces: Vec::new(),
        root: 0,
    };
    let mut roots = Vec::new();
    for (path, text) in files {
        let mut reader = Reader { findings: Vec::new(), seen: &mut seen, files: Vec::new(), extend };
        reader.read(path, text);
        findings.append(&mut reader.findings);
        roots.push((path, reader.files));
    }
    let built_in = parse("built-in", BUILT_IN)?;
    if !roots.is_empty() {
        (aspects.path, aspects.text) = ("built-in", BUILT_IN);
        aspects.file(&built_in);
        aspects.pieces.iter_mut().for_each(|p| p.built_in = true);
    }
    let mut drafts = Vec::new();
    for (i, (path, files)) in roots.iter().enumerate() {
        let mut name = (*path).clone();
        aspects.root = i;
        for (path, text, file) in files {
            aspects.path = path;
            aspects.text = text;
            if let Some(meta) = &file.meta {
                name.clone_from(&meta.name.value);
            }
            aspects.file(file);
        }
        // A library that a build names is what the rules link by name, or imports it.
        drafts.push(Draft { links_hooks: true, ..Draft::new(path, name, None, Vec::new()) });
    }
    findings.append(&mut aspects.findings);
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(aspects.finish(drafts))
}

/// Reads files and what they extend, which comes first.
struct Reader<'r, 'e> {
    findings: Vec<Diagnostic>,
    seen: &'r mut BTreeSet<String>,
    files: Vec<(String, String, File)>,
    extend: &'r mut Extend<'e>,
}

impl Reader<'_, '_> {
    fn read(&mut self, path: &str, text: &str) {
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        let file = match parse(path, text) {
            Ok(file) => file,
            Err(findings) => return self.findings.extend(findings),
        };
        for other in file.extends.iter().flatten() {
            let at = Location::new(path, other.line, other.col);
            let joined = beside(path, &other.value);
            match (self.extend)(&joined) {
                Ok(files) if files.is_empty() => {
                    self.findings.push(messages::no_rules_at(&joined).at(at));
                }
                Ok(files) => files.iter().for_each(|(path, text)| self.read(path, text)),
                Err(why) => {
                    self.findings.push(messages::cannot_read(&joined, &why).at(at));
                }
            }
        }
        self.files.push((path.to_owned(), text.to_owned(), file));
    }
}

/// A path relative to the folder of a file.
fn beside(file: &str, path: &str) -> String {
    let folder = file.rfind('/').map_or("", |i| &file[..i]);
    let mut parts: Vec<&str> = if folder.is_empty() { Vec::new() } else { folder.split('/').collect() };
    for part in path.split('/') {
        match (part, parts.last()) {
            ("." | "", _) => {}
            ("..", Some(&last)) if last != ".." && !last.is_empty() => drop(parts.pop()),
            (part, _) => parts.push(part),
        }
    }
    if file.starts_with('/') && !parts.first().is_some_and(|p| p.is_empty()) {
        return format!("/{}", parts.join("/"));
    }
    parts.join("/")
}

/// Sort of node that a join point matches in Orchestrion's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Function,
    Body,
    Call,
    Literal,
    Type,
    Value,
}

/// None: anything.
type Sorts = Option<Vec<Sort>>;

/// One rule to come.
struct Piece {
    rule: DraftRule,
    /// The file that was asked for, by its position.
    root: usize,
    /// Whether it is one of [`BUILT_IN`].
    built_in: bool,
}

struct Aspects<'a> {
    path: &'a str,
    text: &'a str,
    surroundings: &'a Surroundings,
    findings: Vec<Diagnostic>,
    dead: Vec<Diagnostic>,
    pieces: Vec<Piece>,
    root: usize,
}

/// Members of `.Function` that ask what a type implements.
const MEMBERS: [&str; 4] =
    ["ArgumentThatImplements", "ResultThatImplements", "LastResultThatImplements", "FinalResultImplements"];

/// Packages into which no aspect is woven, and those into which only aspects that are `tracer-internal` are.
const NEVER: [&str; 2] = ["github.com/DataDog/orchestrion/...", "github.com/DataDog/go-tuf/client"];
const INTERNAL: [&str; 2] = ["gopkg.in/DataDog/dd-trace-go.v1/...", "github.com/DataDog/dd-trace-go/..."];
/// Exceptions to both.
const ALWAYS: [&str; 2] = [
    "github.com/DataDog/orchestrion/runtime/...",
    "github.com/DataDog/dd-trace-go/internal/orchestrion/_integration/...",
];

/// Values of `configuration` join points.
const CONFIGURATION: [(&str, &str); 1] = [("httpmode", "wrap")];

fn excluded(path: &str, internal: bool) -> bool {
    let any = |list: &[&str]| list.iter().any(|p| PathPattern::new(p).matches(path));
    !any(&ALWAYS) && (any(&NEVER) || (!internal && any(&INTERNAL)))
}

fn exclusion(internal: bool) -> JoinPoint {
    let packages =
        |list: &[&str]| list.iter().map(|p| JoinPoint::Package(PathPattern::new(p))).collect::<Vec<_>>();
    let mut list = packages(&NEVER);
    if !internal {
        list.extend(packages(&INTERNAL));
    }
    JoinPoint::Not(Box::new(JoinPoint::AllOf(vec![
        JoinPoint::OneOf(list),
        JoinPoint::Not(Box::new(JoinPoint::OneOf(packages(&ALWAYS)))),
    ])))
}

/// A package does not qualify its own names, so that a name with its import path is never one of the package itself.
fn not_in(package: &str) -> Option<JoinPoint> {
    (!package.is_empty()).then(|| JoinPoint::Not(Box::new(JoinPoint::Package(PathPattern::new(package)))))
}

fn never() -> JoinPoint {
    JoinPoint::Not(Box::new(JoinPoint::AllOf(Vec::new())))
}

impl Aspects<'_> {
    fn find<T>(&mut self, at: &Sp<T>, mut finding: Diagnostic) {
        finding.at = Some(Location::new(self.path, at.line, at.col));
        self.findings.push(finding);
    }

    fn file(&mut self, file: &File) {
        if file.aspects.is_none() && file.extends.is_none() {
            let at = Sp { value: (), line: 1, col: 1 };
            self.find(&at, messages::no_aspects());
        }
        for (i, aspect) in file.aspects.iter().flatten().enumerate() {
            self.aspect(aspect, i + 1);
        }
    }

    fn aspect(&mut self, aspect: &Sp<Aspect>, number: usize) {
        let a = &aspect.value;
        let id = a.id.as_ref().map_or_else(|| format!("aspect {number}"), |id| id.value.clone());
        let internal = a.tracer_internal == Some(true);
        let before = self.findings.len();
        let (mut join, sorts) = self.join(&a.join_point);
        let list: Vec<(&Advice, Sp<()>)> = match &a.advice.value {
            OneOrMany::One(one) => vec![(&**one, Sp { value: (), line: a.advice.line, col: a.advice.col })],
            OneOrMany::Many(list) => {
                list.iter().map(|a| (&a.value, Sp { value: (), line: a.line, col: a.col })).collect()
            }
        };
        if list.is_empty() {
            self.find(&a.advice, messages::aspect_does_nothing(&id));
        }
        match join.packages() {
            Some(packages) if packages.iter().all(|p| p.exact().is_some()) => {
                if packages.iter().all(|p| excluded(p.as_str(), internal)) && !packages.is_empty() {
                    let at = Location::new(self.path, a.join_point.line, a.join_point.col);
                    let message = messages::aspect_in_no_package(&id, packages[0].as_str());
                    self.dead.push(message.at(at));
                }
                if packages.iter().any(|p| excluded(p.as_str(), internal)) {
                    join = JoinPoint::AllOf(vec![join, exclusion(internal)]);
                }
            }
            _ => join = JoinPoint::AllOf(vec![join, exclusion(internal)]),
        }
        if join.kinds().is_some_and(|k| k.is_empty()) {
            let at = Location::new(self.path, a.join_point.line, a.join_point.col);
            let message = messages::aspect_never_matches(&id);
            self.dead.push(message.at(at));
        }
        let own = match join.packages().as_deref() {
            Some([one]) => one.exact().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let lowered: Vec<Found> =
            list.iter().filter_map(|(advice, at)| self.advice(advice, at, sorts.as_ref(), &own)).collect();
        if self.findings.len() > before {
            return;
        }
        let (line, col) = (a.join_point.line, a.join_point.col);
        let base = DraftRule {
            path: Some(self.path.to_owned()),
            unsafe_functions: true,
            unmatched: Unmatched::Ok,
            partial: Partial::Refuse,
            ..DraftRule::new(Sp { value: id, line, col }, join, Vec::new())
        };
        self.rules(&base, lowered);
    }

    /// Advice that may stand beside other advice of the aspect at one place is a rule of its own.
    fn rules(&mut self, base: &DraftRule, lowered: Vec<Found>) {
        let several = lowered.len() > 1;
        let mut names = BTreeMap::new();
        for l in lowered {
            let count = names.entry(l.key).or_insert(0usize);
            *count += 1;
            let mut rule = base.clone();
            if several {
                rule.id.value = format!("{}: {}", base.id.value, l.key);
            }
            if *count > 1 {
                rule.id.value = format!("{} {count}", rule.id.value);
            }
            if rule.join.kinds().is_none() && !l.kinds.is_empty() {
                rule.join = JoinPoint::AllOf(vec![JoinPoint::Of(l.kinds.to_vec()), rule.join]);
            }
            rule.dependencies = l.dependencies.into_iter().collect();
            rule.language_version = l.lang;
            let outside = matches!(l.key, "prepend-statements" | "wrap-expression");
            // Outside is where rules of a lower order are; rules of our own have 0.
            rule.order = if outside { -1 } else { 1 };
            rule.turn = Some(Turn { namespace: l.namespace, order: l.order, outside });
            // Aspects are about each other's declarations, too.
            rule.in_declarations = is_inside(&l.advice) && TypeQuestions::of(&rule.join).is_empty();
            rule.interfaces = l.interfaces;
            rule.links = l.links;
            rule.importing = importing(&rule.join).map(|list| list.into_iter().collect());
            let (line, col) = rule.at;
            rule.advice = vec![Sp { value: DraftAdvice::Ready(l.advice), line, col }];
            self.pieces.push(Piece { rule, root: self.root, built_in: false });
        }
    }

    fn name<T>(&mut self, at: &Sp<T>, name: &str) -> Option<NamePattern> {
        let good = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        match NamePattern::new(name) {
            Ok(pattern) if good => Some(pattern),
            _ => {
                self.find(at, messages::no_identifier(name));
                None
            }
        }
    }

    fn plain(&mut self, at: &Sp<String>) -> Option<TypePattern> {
        match TypePattern::plain(&at.value) {
            Ok(t) => Some(t),
            Err(why) => {
                self.find(at, messages::no_type(&at.value, &why));
                None
            }
        }
    }

    /// A named type that is not a pointer, with its package.
    fn named(&mut self, at: &Sp<String>) -> Option<TypePattern> {
        let ty = self.plain(at)?;
        if ty.pointer == Some(true) || ty.package.is_empty() {
            let message = messages::type_without_path(&at.value);
            self.find(at, message);
            return None;
        }
        Some(ty)
    }

    /// A join point, and what it matches. What cannot be read is a finding, and then nothing comes of the result.
    fn join(&mut self, at: &Sp<Join>) -> (JoinPoint, Sorts) {
        let j = &at.value;
        let keys = j.keys();
        match keys.as_slice() {
            [_] => {}
            [] => {
                self.find(at, messages::empty_join_point());
                return (never(), None);
            }
            [one, two, ..] => {
                let message = messages::two_join_points(one, two);
                self.find(at, message);
                return (never(), None);
            }
        }
        if let Some(list) = &j.all_of {
            let mut sorts: Sorts = None;
            let mut all = Vec::new();
            for inner in list {
                let (join, more) = self.join(inner);
                all.push(join);
                sorts = match (sorts, more) {
                    (None, s) | (s, None) => s,
                    (Some(a), Some(b)) => Some(a.into_iter().filter(|s| b.contains(s)).collect()),
                };
            }
            return (JoinPoint::AllOf(all), sorts);
        }
        if let Some(list) = &j.one_of {
            let mut sorts: Sorts = Some(Vec::new());
            let mut all = Vec::new();
            for inner in list {
                let (join, more) = self.join(inner);
                all.push(join);
                sorts = match (sorts, more) {
                    (Some(mut a), Some(b)) => {
                        a.extend(b);
                        Some(a)
                    }
                    _ => None,
                };
            }
            return (JoinPoint::OneOf(all), sorts);
        }
        if let Some(inner) = &j.not {
            let (join, _) = self.join(inner);
            return (JoinPoint::Not(Box::new(join)), None);
        }
        if let Some(inner) = &j.function_body {
            let (join, sorts) = self.join(inner);
            if sorts.is_some_and(|s| !s.contains(&Sort::Function)) {
                self.find(inner, messages::body_of_no_function());
            }
            let join = match join.kinds() {
                None => JoinPoint::AllOf(vec![JoinPoint::Of(vec![Kind::Function]), join]),
                Some(_) => join,
            };
            return (join, Some(vec![Sort::Body]));
        }
        if let Some(options) = &j.function {
            return (self.function(at, options), Some(vec![Sort::Function]));
        }
        if let Some(path) = &j.import_path {
            self.import_path(path, &path.value);
            // The compiler calls every main package so.
            let join = match NamePattern::new("main") {
                Ok(main) if path.value == "main" => JoinPoint::PackageName(main),
                _ => JoinPoint::Package(PathPattern::new(&path.value)),
            };
            return (join, None);
        }
        (self.leaf(j), self.sorts_of(j))
    }

    fn sorts_of(&self, j: &Join) -> Sorts {
        if j.function_call.is_some() || j.method_call.is_some() {
            Some(vec![Sort::Call])
        } else if j.struct_definition.is_some() {
            Some(vec![Sort::Type])
        } else if j.struct_literal.is_some() {
            Some(vec![Sort::Literal])
        } else if j.value_declaration.is_some() {
            Some(vec![Sort::Value])
        } else if j.declaration_of.is_some() {
            Some(vec![Sort::Value, Sort::Function])
        } else {
            None
        }
    }

    fn leaf(&mut self, j: &Join) -> JoinPoint {
        self.try_leaf(j).unwrap_or_else(never)
    }

    fn try_leaf(&mut self, j: &Join) -> Option<JoinPoint> {
        if let Some(name) = &j.package_name {
            return self.name(name, &name.value).map(JoinPoint::PackageName);
        }
        if let Some(filter) = &j.package_filter {
            return self.filter(filter);
        }
        if let Some(test) = &j.test_main {
            // The main package that `go test` makes has no source that could be woven.
            return Some(if test.value { never() } else { JoinPoint::AllOf(Vec::new()) });
        }
        if let Some(name) = &j.directive {
            if name.value.is_empty()
                || name.value.contains(char::is_whitespace)
                || name.value.starts_with('/')
            {
                let help = messages::help_no_directive_name();
                self.find(name, messages::no_directive_name(&name.value).help(help));
            }
            return Some(JoinPoint::Annotated(name.value.clone()));
        }
        if let Some(symbol) = &j.function_call {
            let symbol = self.symbol(symbol)?;
            let mut all = vec![JoinPoint::Call(symbol.clone()), JoinPoint::PlainCallee(true)];
            all.extend(not_in(&symbol.package));
            return Some(JoinPoint::AllOf(all));
        }
        if let Some(method) = &j.method_call {
            let m = &method.value;
            let ty = self.named(&m.receiver)?;
            let name = self.name(&m.name, &m.name.value)?;
            let pointer = m.r#match.as_ref().map(|m| m.value).unwrap_or_default();
            return self.method(&ty, name, pointer);
        }
        if let Some(ty) = &j.struct_definition {
            let ty = self.named(ty)?;
            return Some(JoinPoint::AllOf(vec![
                JoinPoint::Package(PathPattern::new(&ty.package)),
                JoinPoint::Struct(ty.name),
            ]));
        }
        if let Some(literal) = &j.struct_literal {
            return self.literal(literal);
        }
        if let Some(ty) = &j.value_declaration {
            let plain = self.plain(ty)?;
            if plain.package.is_empty() && GoType::predeclared(plain.name.as_str()).is_none() {
                let message = messages::not_predeclared(&ty.value);
                self.find(ty, message);
                return None;
            }
            return Some(JoinPoint::Value(ValuePattern {
                name: NamePattern::new("*").ok()?,
                constant: None,
                r#type: Some(plain.to_go_type("").to_string()),
                or_untyped: true,
            }));
        }
        if let Some(symbol) = &j.declaration_of {
            let s = self.symbol(symbol)?;
            if s.package.is_empty() {
                self.find(symbol, messages::declaration_without_path());
                return None;
            }
            let function = |receiver| {
                JoinPoint::Function(FunctionPattern {
                    name: Some(s.name.clone()),
                    receiver,
                    ..FunctionPattern::default()
                })
            };
            return Some(JoinPoint::AllOf(vec![
                JoinPoint::Package(PathPattern::new(&s.package)),
                JoinPoint::OneOf(vec![
                    function(None),
                    function(any_receiver()),
                    JoinPoint::Value(ValuePattern {
                        name: s.name.clone(),
                        constant: None,
                        r#type: None,
                        or_untyped: false,
                    }),
                ]),
            ]));
        }
        if let Some(wanted) = &j.configuration {
            let met = wanted
                .value
                .iter()
                .all(|(k, v)| CONFIGURATION.iter().any(|(key, value)| k == key && v == value));
            return Some(if met { JoinPoint::AllOf(Vec::new()) } else { never() });
        }
        None
    }

    fn filter(&mut self, at: &Sp<Filter>) -> Option<JoinPoint> {
        let Filter { root, pattern } = &at.value;
        let module = match (root, self.surroundings.roots.first()) {
            (false, _) => None,
            (true, Some(module)) => Some(module.clone()),
            (true, None) => {
                let message = messages::no_main_module();
                self.find(at, message);
                return None;
            }
        };
        let pattern = match pattern {
            Some(pattern) if !pattern.is_empty() => pattern.clone(),
            _ if *root => "**".to_owned(),
            _ => {
                self.find(at, messages::no_filter_pattern());
                return None;
            }
        };
        if pattern.match_indices('[').any(|(i, _)| !pattern[i + 1..].contains(']')) {
            self.find(at, messages::open_bracket_in(&pattern));
            return None;
        }
        Some(JoinPoint::PackageGlob(PathGlob { pattern, module }))
    }

    /// Refuses what is not an import path, or the end of one that a package of the standard library has.
    fn import_path(&mut self, at: &Sp<String>, path: &str) {
        if let Err(why) = PathPattern::read_exact(path) {
            self.find(at, messages::no_import_path_text(path, &why));
        } else if let Some(whole) = std_path(path) {
            let message = messages::short_path(&at.value, path);
            let help = messages::help_full_path(whole);
            self.find(at, message.help(help));
        }
    }

    fn symbol(&mut self, at: &Sp<String>) -> Option<SymbolPattern> {
        let (package, name) = at.value.rsplit_once('.').unwrap_or(("", &at.value));
        if !package.is_empty() {
            self.import_path(at, package);
        }
        let name = self.name(at, name)?;
        Some(SymbolPattern { package: package.to_owned(), name })
    }

    fn literal(&mut self, at: &Sp<StructLiteral>) -> Option<JoinPoint> {
        let l = &at.value;
        let ty = self.plain(&l.r#type)?;
        if ty.pointer == Some(true) {
            let message = messages::pointer_literal(&l.r#type.value);
            self.find(&l.r#type, message);
            return None;
        }
        let form = l.r#match.as_ref().map(|m| m.value);
        if let (Some(field), Some(form)) = (&l.field, form)
            && form != Match::Any
        {
            self.find(field, messages::field_and_match());
            return None;
        }
        let elsewhere = not_in(&ty.package);
        let literal = JoinPoint::Literal(LiteralPattern {
            r#type: ty,
            types: false,
            form: match form.unwrap_or_default() {
                Match::Any => LiteralForm::Any,
                Match::ValueOnly => LiteralForm::Value,
                Match::PointerOnly => LiteralForm::Pointer,
            },
            written: true,
            field: l.field.as_ref().map(|f| f.value.clone()),
        });
        Some(match elsewhere {
            Some(elsewhere) => JoinPoint::AllOf(vec![literal, elsewhere]),
            None => literal,
        })
    }

    fn method(&self, ty: &TypePattern, name: NamePattern, pointer: Match) -> Option<JoinPoint> {
        let pointer = match pointer {
            Match::Any => None,
            Match::ValueOnly => Some(false),
            Match::PointerOnly => Some(true),
        };
        Some(JoinPoint::MethodCall(MethodPattern {
            name: Some(name),
            receiver: Some(TypePattern { pointer, ..ty.clone() }),
            ..MethodPattern::default()
        }))
    }

    /// All options hold.
    fn function(&mut self, at: &Sp<Join>, options: &[Sp<FunctionOption>]) -> JoinPoint {
        let mut name: Option<String> = None;
        let mut receiver: Option<Receiver> = None;
        let mut all = Vec::new();
        let mut package = None;
        if options.is_empty() {
            self.find(at, messages::no_function_condition());
        }
        for option in options {
            let o = &option.value;
            let keys = o.keys();
            let [_] = keys.as_slice() else {
                self.find(option, messages::several_keys_of_condition());
                continue;
            };
            if let Some(n) = &o.name {
                if !n.value.is_empty() {
                    self.name(n, &n.value);
                }
                if name.as_ref().is_some_and(|other| *other != n.value) {
                    all.push(never());
                }
                name = Some(n.value.clone());
            }
            if let Some(r) = &o.receiver {
                if receiver.as_ref().is_some_and(|other| *other != r.value) {
                    self.find(r, messages::two_receivers());
                }
                if let Receiver::Type(text) = &r.value {
                    let at = Sp { value: text.clone(), line: r.line, col: r.col };
                    match self.plain(&at) {
                        Some(ty) if ty.package.is_empty() => {
                            self.find(r, messages::receiver_without_path(text));
                        }
                        Some(ty) => package = Some(ty.package),
                        None => {}
                    }
                }
                receiver = Some(r.value.clone());
            }
            for (signature, any) in [(&o.signature, false), (&o.signature_contains, true)] {
                if let Some(s) = signature {
                    let pattern = self.signature(&s.value, any);
                    all.push(JoinPoint::Signature(pattern));
                }
            }
            for (interface, which) in [
                (&o.argument_implements, Implements::Argument),
                (&o.result_implements, Implements::Result),
                (&o.final_result_implements, Implements::FinalResult),
            ] {
                if let Some(interface) = interface {
                    let join = self.implements(interface, which);
                    all.push(join);
                }
            }
        }
        let named = match functions(name.as_deref(), receiver.as_ref()) {
            Ok(join) => join,
            Err(why) => {
                self.find(at, messages::bad_function(why));
                never()
            }
        };
        all.insert(0, named);
        if let Some(package) = package {
            all.insert(0, JoinPoint::Package(PathPattern::new(&package)));
        }
        match all.len() {
            1 => all.remove(0),
            _ => JoinPoint::AllOf(all),
        }
    }

    fn signature(&mut self, s: &Signature, any: bool) -> SignaturePattern {
        let mut types = |list: &Option<Vec<Sp<String>>>| -> Vec<TypePattern> {
            list.iter().flatten().filter_map(|t| self.plain(t)).collect()
        };
        SignaturePattern { parameters: types(&s.args), results: types(&s.returns), any }
    }

    fn implements(&mut self, at: &Sp<String>, which: Implements) -> JoinPoint {
        let interface = match Interface::new(&at.value) {
            Ok(interface) => interface,
            Err(why) => {
                let message = messages::no_interface(&at.value, &why);
                self.find(at, message);
                return never();
            }
        };
        let function = |closure| {
            let mut f = FunctionPattern { closure, ..FunctionPattern::default() };
            match which {
                Implements::Argument => f.parameter_implements = Some(interface.clone()),
                Implements::Result => f.result_implements = Some(interface.clone()),
                Implements::FinalResult => f.last_result_implements = Some(interface.clone()),
            }
            JoinPoint::Function(f)
        };
        JoinPoint::OneOf(vec![function(false), function(true)])
    }

    /// One advice, lowered.
    fn advice(&mut self, a: &Advice, at: &Sp<()>, sorts: Option<&Vec<Sort>>, own: &str) -> Option<Found> {
        let keys = a.keys();
        let key = match keys.as_slice() {
            [key] => *key,
            [] => {
                self.find(at, messages::empty_advice());
                return None;
            }
            [one, two, ..] => {
                let message = messages::several_keys_of_advice(one, two);
                self.find(at, message);
                return None;
            }
        };
        let (kinds, on, help): (&'static [Kind], &[Sort], &str) = match key {
            "prepend-statements" => (&[Kind::Function], &[Sort::Body], messages::help_function_body()),
            "wrap-expression" => (
                &[Kind::Call, Kind::Literal, Kind::Function],
                &[Sort::Call, Sort::Literal, Sort::Function],
                messages::help_call_or_literal(),
            ),
            "append-args" | "replace-function" => (&[Kind::Call], &[Sort::Call], messages::help_call()),
            "add-struct-field" => (&[Kind::Struct], &[Sort::Type], messages::help_struct_definition()),
            "assign-value" => (&[Kind::Value], &[Sort::Value], messages::help_value_declaration()),
            _ => (&[], &[], ""),
        };
        if !on.is_empty()
            && let Some(sorts) = sorts
            && !sorts.iter().any(|s| on.contains(s))
        {
            let message = messages::advice_does_not_apply(key);
            self.find(at, message.help(help));
            return None;
        }
        let mut l = Found {
            key,
            kinds,
            advice: LoweredAdvice::Import(String::new()),
            dependencies: BTreeSet::new(),
            interfaces: BTreeSet::new(),
            links: Vec::new(),
            lang: None,
            namespace: None,
            order: 0,
        };
        if let Some(t) = &a.assign_value {
            l.advice = LoweredAdvice::Replace(self.code(
                &t.value.template,
                &t.value.imports,
                &t.value.lang,
                &mut l,
            )?);
        }
        if let Some(t) = &a.wrap_expression {
            l.advice =
                LoweredAdvice::Wrap(self.code(&t.value.template, &t.value.imports, &t.value.lang, &mut l)?);
        }
        if let Some(s) = &a.prepend_statements {
            let s = &s.value;
            l.order = s.order.unwrap_or_default();
            l.namespace = s.namespace.clone().filter(|n| !n.is_empty());
            l.links.clone_from(&s.links);
            l.advice = LoweredAdvice::Before(self.code(&s.template, &s.imports, &s.lang, &mut l)?);
        }
        if let Some(arguments) = &a.append_args {
            let ty = self.plain(&arguments.value.r#type)?;
            if !ty.package.is_empty() {
                l.dependencies.insert(ty.package.clone());
            }
            let mut values = Vec::new();
            for v in &arguments.value.values {
                values.push(self.code(&v.value.template, &v.value.imports, &v.value.lang, &mut l)?);
            }
            let variadic = Some(ty.to_go_type(own).to_string());
            l.advice = LoweredAdvice::AppendArguments(LoweredArguments { values, variadic });
        }
        if let Some(symbol) = &a.replace_function {
            let s = self.symbol(symbol)?;
            if !s.package.is_empty() {
                l.dependencies.insert(s.package.clone());
            }
            l.advice = LoweredAdvice::CallInstead(String::from(s));
        }
        if let Some(path) = &a.add_blank_import {
            l.dependencies.insert(path.value.clone());
            l.advice = LoweredAdvice::Import(path.value.clone());
        }
        if let Some(d) = &a.inject_declarations {
            let d = &d.value;
            let code = self.code(&d.template, &d.imports, &d.lang, &mut l)?;
            // The compiler reads `//go:linkname` only in a file that imports it.
            if !d.links.is_empty() || code.text.contains("//go:linkname") {
                l.dependencies.insert("unsafe".into());
            }
            l.links.clone_from(&d.links);
            l.advice = LoweredAdvice::Declare(LoweredDeclare {
                text: code.text,
                language: code.language,
                imports: code.imports,
                links: d.links.clone(),
            });
        }
        if let Some(f) = &a.add_struct_field {
            let ty = self.plain(&f.value.r#type)?;
            self.name(&f.value.name, &f.value.name.value)?;
            if !ty.package.is_empty() && ty.package != own {
                l.dependencies.insert(ty.package.clone());
            }
            let r#type = ty.to_go_type(own).to_string();
            l.advice =
                LoweredAdvice::AddFields(vec![LoweredAddField { name: f.value.name.value.clone(), r#type }]);
        }
        Some(l)
    }

    /// Code whose template is checked.
    fn code(
        &mut self,
        template: &Sp<String>,
        imports: &BTreeMap<String, String>,
        lang: &Option<Sp<String>>,
        l: &mut Found,
    ) -> Option<Code> {
        let parsed = match weave_template::Template::parse(&template.value, &["Version"]) {
            Ok(parsed) => parsed,
            Err(e) => {
                let at = self.inside(template, e.line, e.col);
                self.findings.push(messages::template(&e.message).at(at));
                return None;
            }
        };
        for member in MEMBERS {
            for interface in parsed.first_arguments(member) {
                match interface.as_deref().map(Interface::new) {
                    Some(Ok(interface)) => drop(l.interfaces.insert(String::from(interface))),
                    Some(Err(why)) => {
                        self.find(template, messages::argument_is_wrong(member, &why));
                    }
                    None => {
                        let message = messages::argument_is_no_string(member);
                        self.find(template, message);
                    }
                }
            }
        }
        if let Some(lang) = lang {
            let version = lang.value.strip_prefix("go").unwrap_or(&lang.value);
            let Some(parsed) = weave_ir::GoVersion::parse(version) else {
                let message = messages::no_language_version(&lang.value);
                self.find(lang, message);
                return None;
            };
            let newer = l.lang.as_deref().and_then(weave_ir::GoVersion::parse).is_none_or(|old| old < parsed);
            if newer {
                l.lang = Some(version.to_owned());
            }
        }
        l.dependencies.extend(imports.values().cloned());
        Some(Code {
            text: template.value.clone(),
            language: Language::GoTemplate,
            imports: imports.clone(),
            ..Code::default()
        })
    }

    /// A place inside a text value.
    fn inside(&self, at: &Sp<String>, line: u32, col: u32) -> Location {
        let lines: Vec<&str> = self.text.lines().collect();
        let index = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let nth = |n: u32| lines.get(index(n).wrapping_sub(1)).copied().unwrap_or_default();
        // Of a block the place is that of its first line.
        let before = nth(at.line.saturating_sub(1))
            .trim_end_matches(|c: char| c == '-' || c == '+' || c.is_ascii_digit());
        if before.ends_with(['|', '>']) {
            return Location::new(self.path, at.line + line - 1, at.col + col - 1);
        }
        let quoted =
            nth(at.line).get(index(at.col).saturating_sub(1)..).is_some_and(|v| v.starts_with(['"', '\'']));
        match line {
            1 => Location::new(self.path, at.line, at.col + u32::from(quoted) + col - 1),
            _ => Location::new(self.path, at.line, at.col),
        }
    }

    /// Gives each file's draft its rules.
    fn finish(self, mut drafts: Vec<Draft>) -> (Vec<Draft>, Vec<Diagnostic>) {
        let mut names = BTreeSet::new();
        for (place, mut p) in (0..).zip(self.pieces) {
            let id = p.rule.id.value.clone();
            let mut number = 1;
            while !names.insert((p.root, p.rule.id.value.clone())) {
                number += 1;
                p.rule.id.value = format!("{id} ({number})");
            }
            p.rule.place = Some(place);
            if p.built_in && self.surroundings.built_in == BuiltIn::WithOthers {
                drafts.iter_mut().for_each(|draft| draft.beside.push(p.rule.clone()));
            } else {
                drafts[p.root].rules.push(p.rule);
            }
        }
        (drafts, self.dead)
    }
}

/// Returns whether an advice is about what is inside of a function.
fn is_inside(advice: &LoweredAdvice) -> bool {
    matches!(
        advice,
        LoweredAdvice::Before(_)
            | LoweredAdvice::Wrap(_)
            | LoweredAdvice::AppendArguments(_)
            | LoweredAdvice::CallInstead(_)
    )
}

/// One advice, and what it needs.
struct Found {
    key: &'static str,
    /// Kinds of candidates that it applies to; empty: all.
    kinds: &'static [Kind],
    advice: LoweredAdvice,
    dependencies: BTreeSet<String>,
    /// Interfaces of which its code asks what implements them.
    interfaces: BTreeSet<String>,
    links: Vec<String>,
    lang: Option<String>,
    namespace: Option<String>,
    order: i32,
}

/// The value whose type implements an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Implements {
    Argument,
    Result,
    FinalResult,
}

fn any_receiver() -> Option<TypePattern> {
    TypePattern::receiver("[*]*").ok()
}

/// Functions by name and receiver: declared ones, methods and literals, as far as these conditions let them.
fn functions(name: Option<&str>, receiver: Option<&Receiver>) -> Result<JoinPoint, String> {
    let pattern = |receiver: Option<TypePattern>| -> Result<JoinPoint, String> {
        let name = name.filter(|n| !n.is_empty()).map(NamePattern::new).transpose()?;
        Ok(JoinPoint::Function(FunctionPattern { name, receiver, ..FunctionPattern::default() }))
    };
    let literal = JoinPoint::Function(FunctionPattern { closure: true, ..FunctionPattern::default() });
    let mut out = Vec::new();
    if name.is_none_or(|n| !n.is_empty()) {
        match receiver {
            None if name.is_none() => out.push(pattern(None)?),
            None => out.extend([pattern(None)?, pattern(any_receiver())?]),
            Some(Receiver::Any(true)) => out.push(pattern(any_receiver())?),
            Some(Receiver::Any(false)) if name.is_none() => {
                let method = JoinPoint::Not(Box::new(pattern(any_receiver())?));
                out.push(JoinPoint::AllOf(vec![pattern(None)?, method]));
            }
            Some(Receiver::Any(false)) => out.push(pattern(None)?),
            Some(Receiver::Type(ty)) => {
                let ty = TypePattern::plain(ty)?;
                out.push(pattern(Some(TypePattern { package: String::new(), ..ty }))?);
            }
        }
    }
    if name.is_none_or(str::is_empty) && matches!(receiver, None | Some(Receiver::Any(false))) {
        out.push(literal);
    }
    Ok(match out.len() {
        0 => never(),
        1 => out.remove(0),
        _ => JoinPoint::OneOf(out),
    })
}

/// The packages of which a package must import one to have what a join point is for; `None` if nothing limits that.
fn importing(join: &JoinPoint) -> Option<BTreeSet<String>> {
    let one = |package: &str| (!package.is_empty()).then(|| BTreeSet::from([package.to_owned()]));
    match join {
        JoinPoint::AllOf(list) => list.iter().find_map(importing),
        JoinPoint::OneOf(list) => {
            let mut all = BTreeSet::new();
            for j in list {
                all.extend(importing(j)?);
            }
            (!all.is_empty()).then_some(all)
        }
        JoinPoint::Call(s) => one(&s.package),
        // Only a package that imports a type's package is looked at, as Orchestrion does.
        JoinPoint::MethodCall(m) => one(&m.receiver.as_ref()?.package),
        JoinPoint::Literal(l) => one(&l.r#type.package),
        _ => None,
    }
}

//! Join points as people write them: the keys below `where`, and the conditions that they are.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Sp;
use crate::draft::GoText;
use crate::messages;
use weave_ir::{
    ArgumentPattern, Diagnostic, FilePattern, FuncType, FunctionPattern, GoType, Interface, JoinPoint, Kind,
    LiteralForm, LiteralPattern, Location, LoopBodyPattern, MethodPattern, NamePattern, Occurrence,
    PathPattern, StatementKind, StatementPattern, SymbolPattern, TypePattern, ValuePattern, std_path,
};

/// A join point: all given conditions must hold.
///
/// Names may be patterns: `Get*`, `?` for one character, or a regular expression between slashes, `/Get(One|All)/`, that
/// matches the whole name. Types have full import paths. Together with `call`, `literal` or `statement`, the keys for
/// functions are about the enclosing function.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Where {
    /// Import path of the package, or a pattern: `example.com/...`, `example.com/*/v2`, `example.com/v[2-4]`.
    pub package: Option<Sp<String>>,
    /// Name of the package.
    pub package_name: Option<Sp<String>>,
    /// Conditions on the file.
    pub file: Option<Sp<WhereFile>>,
    /// Name of a function, or a pattern; with `receiver`, of a method.
    pub function: Option<Sp<String>>,
    /// Receiver of the method: `"*T"`, `T`, or `"[*]T"` for both; `T` may be a pattern. Without it, `function` matches no methods.
    pub receiver: Option<Sp<String>>,
    /// `true`: also a method that the type of `receiver` gets from an embedded type of the same package. The function that the
    /// embedded type declares is woven, for all its callers.
    pub promoted: Option<Sp<bool>>,
    /// Type of the function, with full import paths: `func(string) (*net/http.Response, error)`. Slices, maps, channels
    /// and functions are written as in Go, without names of parameters.
    pub signature: Option<Sp<String>>,
    /// Types that parameters of the function have; without `function`, also of methods.
    pub parameters: Option<Vec<Sp<String>>>,
    /// Types that results of the function have; without `function`, also of methods.
    pub results: Option<Vec<Sp<String>>>,
    /// Type of the last result of the function; without `function`, also of methods.
    pub last_result: Option<Sp<String>>,
    /// `true`: a function literal; `function` is then the enclosing function.
    pub closure: Option<bool>,
    /// Interface that the type of the receiver, or a pointer to it, implements. Requires type information.
    pub receiver_implements: Option<Sp<String>>,
    /// Interface that the type of a parameter implements. Requires type information.
    pub parameter_implements: Option<Sp<String>>,
    /// Interface that the type of a result implements. Requires type information.
    pub result_implements: Option<Sp<String>>,
    /// Interface that the type of the last result implements. Requires type information.
    pub last_result_implements: Option<Sp<String>>,
    /// A call of a function, `net/http.Get`, by any name of the package in the file.
    pub call: Option<Sp<String>>,
    /// A call of a method. Requires type information.
    pub method_call: Option<Sp<WhereMethod>>,
    /// Arguments of the call. Requires type information.
    pub arguments: Option<Vec<Sp<WhereArgument>>>,
    /// A composite literal of a named type, or `new` of it: `net/http.Client`.
    pub literal: Option<Sp<String>>,
    /// Form of the literal; default `any`.
    pub form: Option<Sp<LiteralForm>>,
    /// `true`: also literals that only type information identifies, such as `{}` in a literal of a named list type, or an alias of another
    /// package.
    pub types: Option<Sp<bool>>,
    /// Definition of a struct type of the package, by name.
    pub r#struct: Option<Sp<String>>,
    /// A statement in a list of statements.
    pub statement: Option<Sp<WhereStatement>>,
    /// The body of a loop: `before` runs at the beginning of each round. `{}` matches any loop.
    pub loop_body: Option<Sp<LoopBodyPattern>>,
    /// An import of this path in a file.
    pub import: Option<Sp<String>>,
    /// A package-level variable.
    pub variable: Option<Sp<String>>,
    /// A package-level constant.
    pub constant: Option<Sp<String>>,
    /// Type in the declaration of the variable or constant.
    pub value_type: Option<Sp<String>>,
    /// A directive comment, such as `weave:span`, on the function, type, statement, variable or constant. Above a statement whose
    /// value or callee is a function literal, it also applies to the literal; conditions on types alone then include literals.
    pub directive: Option<Sp<String>>,
    /// Go releases, such as `>=1.24, <1.28`; `1.26` stands for all of its releases; not inside `all-of`, `one-of` and `not`.
    pub go: Option<Sp<String>>,
    /// Versions of the package's module, such as `>=v1.2.0`; not inside `all-of`, `one-of` and `not`.
    pub version: Option<Sp<String>>,
    /// All of these must hold.
    pub all_of: Option<Vec<Sp<Where>>>,
    /// At least one of these must hold.
    pub one_of: Option<Vec<Sp<Where>>>,
    /// This must not hold.
    pub not: Option<Box<Sp<Where>>>,
}

/// Conditions on a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereFile {
    /// Base name, or a pattern.
    pub name: Option<Sp<String>>,
    /// Import path that the file imports.
    pub imports: Option<Sp<String>>,
    /// Declaration in the file: a function, a method as `T.Name`, a type, a variable or a constant.
    pub declares: Option<Sp<String>>,
    /// Directive comment in the file.
    pub directive: Option<Sp<String>>,
    /// Whether the file is a test.
    pub test: Option<bool>,
}

/// A called method, `x.M()`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereMethod {
    /// Name, or a pattern.
    pub name: Option<Sp<String>>,
    /// Type that declares the method, written as its receiver: `*database/sql.DB`, `[*]example.com/p.T`, or an interface,
    /// `io.Writer`. The name may have wild cards.
    pub of: Option<Sp<String>>,
    /// Static type of the operand before the dot, written the same way, whichever type declares the method.
    pub receiver: Option<Sp<String>>,
    /// Interface that the static type of the operand before the dot, or a pointer to it, implements.
    pub receiver_implements: Option<Sp<String>>,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereArgument {
    /// Index from 0; by default any.
    pub index: Option<u32>,
    /// Static type.
    pub r#type: Option<Sp<String>>,
    /// Interface that its type implements.
    pub implements: Option<Sp<String>>,
}

/// Conditions on a statement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WhereStatement {
    /// Kind of statement.
    pub kind: Option<Sp<StatementKind>>,
    /// Text, without white space and comments; or a regular expression between slashes that matches part of it.
    pub text: Option<Sp<String>>,
    /// Callee: `net/http.Get`, or as written in the file.
    pub calls: Option<Sp<String>>,
    /// Left side of an assignment, as written in the file.
    pub assigns: Option<Sp<String>>,
    /// Choice among several matches in one function.
    pub occurrence: Option<Sp<Occurrence>>,
}

impl Where {
    /// Line and column of values that messages are about, by their keys.
    pub(super) fn keys(&self) -> BTreeMap<String, (u32, u32)> {
        let texts = [
            ("function", &self.function),
            ("receiver", &self.receiver),
            ("signature", &self.signature),
            ("call", &self.call),
            ("literal", &self.literal),
            ("struct", &self.r#struct),
            ("import", &self.import),
            ("variable", &self.variable),
            ("constant", &self.constant),
            ("directive", &self.directive),
        ];
        let mut out: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for (key, value) in texts {
            out.extend(value.as_ref().map(|v| (key.to_owned(), (v.line, v.col))));
        }
        out.extend(self.statement.as_ref().map(|s| ("statement".to_owned(), (s.line, s.col))));
        out
    }

    /// Returns whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether a type of the function must implement an interface.
    #[must_use]
    pub fn implements(&self) -> bool {
        self.receiver_implements.is_some()
            || self.parameter_implements.is_some()
            || self.result_implements.is_some()
            || self.last_result_implements.is_some()
    }
}

/// Collects what conditions say of statements, as Go.
pub(super) fn texts(w: &Where, out: &mut Vec<GoText>) {
    if let Some(s) = &w.statement {
        let s = &s.value;
        out.extend(s.text.iter().filter(|t| !t.value.starts_with('/')).cloned().map(GoText::Statement));
        out.extend(s.calls.iter().cloned().map(GoText::Callee));
        out.extend(s.assigns.iter().cloned().map(GoText::Expression));
    }
    for inner in w.all_of.iter().chain(&w.one_of).flatten() {
        texts(&inner.value, out);
    }
    if let Some(not) = &w.not {
        texts(&not.value, out);
    }
}

/// The join point that a `where` describes.
///
/// # Errors
///
/// Every value that is not what its key asks for.
pub fn join_point(path: &str, at: &Sp<Where>) -> Result<JoinPoint, Vec<Diagnostic>> {
    let mut d = Desugar { path, findings: Vec::new(), home: Vec::new() };
    d.homes(&at.value);
    let mut join = d.level(at, true);
    // A comment chooses a literal as it does a declaration.
    if join.directives().is_some() {
        join.or_closures();
    }
    if d.findings.is_empty() { Ok(join) } else { Err(d.findings) }
}

struct Desugar<'a> {
    path: &'a str,
    findings: Vec<Diagnostic>,
    /// First elements of the paths of packages that the rule is for: names like those of the standard library may be theirs.
    home: Vec<String>,
}

impl Desugar<'_> {
    fn homes(&mut self, w: &Where) {
        if let Some(p) = &w.package {
            self.home.push(p.value.split('/').next().unwrap_or_default().to_owned());
        }
        for inner in w.all_of.iter().chain(&w.one_of).flatten() {
            self.homes(&inner.value);
        }
    }

    /// Refuses `http.Get`: no package has that path, and nothing would be found.
    fn whole_path(&mut self, at: &Sp<String>, package: &str) {
        if let Some(path) = std_path(package).filter(|_| !self.home.iter().any(|h| h == package)) {
            let message = messages::short_path(&at.value, package);
            self.find(at, message.help(messages::help_full_path(path)));
        }
    }

    /// The same for every package that a type names.
    fn whole_paths(&mut self, at: &Sp<String>, ty: &GoType) {
        let mut packages: Vec<String> = Vec::new();
        ty.each_name(&mut |package, _| packages.push(package.to_owned()));
        packages.sort();
        packages.dedup();
        packages.iter().for_each(|p| self.whole_path(at, p));
    }

    fn find<T>(&mut self, at: &Sp<T>, mut finding: Diagnostic) {
        finding.at = Some(Location::new(self.path, at.line, at.col));
        self.findings.push(finding);
    }

    /// One value, read by `read`.
    fn value<T>(
        &mut self,
        at: Option<&Sp<String>>,
        code: &str,
        what: &str,
        help: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let at = at?;
        match read(&at.value) {
            Ok(value) => Some(value),
            Err(why) => {
                self.find(at, messages::bad_value_of(code, &at.value, what, &why, help));
                None
            }
        }
    }

    fn name(&mut self, at: Option<&Sp<String>>) -> Option<NamePattern> {
        self.value(at, "bad-pattern", "pattern", None, NamePattern::identifier)
    }

    fn path(&mut self, at: Option<&Sp<String>>) -> Option<PathPattern> {
        self.value(at, "bad-path", "import path pattern", None, PathPattern::read)
    }

    /// The name of a directive comment, which may have its slashes.
    fn directive(&mut self, at: Option<&Sp<String>>) -> Option<String> {
        let read = |text: &str| {
            let name = text.strip_prefix("//").unwrap_or(text);
            let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            match name.split_once(':') {
                Some((space, word))
                    if !space.is_empty()
                        && space.chars().all(small)
                        && word.starts_with(small)
                        && !word.contains(char::is_whitespace) =>
                {
                    Ok(name.to_owned())
                }
                _ => Err(String::new()),
            }
        };
        let help = messages::help_directive_name();
        self.value(at, "bad-directive", "directive name", Some(help), read)
    }

    /// Refuses a condition that says nothing: it would hold for everything.
    fn says_nothing<T>(&mut self, key: &str, at: &Sp<T>, help: &str) {
        self.find(at, messages::says_nothing(key).help(help));
    }

    fn symbol(&mut self, at: Option<&Sp<String>>) -> Option<SymbolPattern> {
        let symbol = self.value(at, "bad-symbol", "symbol", None, SymbolPattern::new)?;
        at.into_iter().for_each(|at| self.whole_path(at, &symbol.package));
        Some(symbol)
    }

    fn ty(&mut self, at: Option<&Sp<String>>) -> Option<String> {
        let ty = self.value(at, "bad-type", "type", None, |t| GoType::parse(t).map_err(|e| e.to_string()))?;
        at.into_iter().for_each(|at| self.whole_paths(at, &ty));
        Some(ty.to_string())
    }

    fn interface(&mut self, at: Option<&Sp<String>>) -> Option<Interface> {
        let interface = self.value(at, "bad-interface", "interface name", None, Interface::new)?;
        if let (Some(at), Some((package, _))) = (at, interface.as_str().rsplit_once('.')) {
            self.whole_path(at, package);
        }
        Some(interface)
    }

    fn named(&mut self, at: Option<&Sp<String>>) -> Option<TypePattern> {
        let read = |t: &str| TypePattern::new(t).map_err(|_| String::new());
        let help = messages::help_named_type();
        let ty = self.value(at, "bad-type", "named type", Some(help), read)?;
        if let Some(at) = at.filter(|_| !ty.package.is_empty()) {
            self.whole_path(at, &ty.package);
        }
        Some(ty)
    }

    fn types(&mut self, list: Option<&Vec<Sp<String>>>) -> Vec<String> {
        list.into_iter().flatten().filter_map(|t| self.ty(Some(t))).collect()
    }

    fn level(&mut self, at: &Sp<Where>, top: bool) -> JoinPoint {
        let w = &at.value;
        let mut all = Vec::new();
        if !top && w.is_empty() {
            self.says_nothing("where", at, messages::help_where());
        }
        if let Some(p) = self.path(w.package.as_ref()) {
            all.push(JoinPoint::Package(p));
        }
        if let Some(n) = self.name(w.package_name.as_ref()) {
            all.push(JoinPoint::PackageName(n));
        }
        if let Some(f) = &w.file {
            let f = self.file(f);
            all.push(JoinPoint::File(f));
        }
        if !top {
            for at in [&w.go, &w.version].into_iter().flatten() {
                self.find(at, messages::versions_in_condition());
            }
        }
        let mut nested = Vec::new();
        for (list, of) in [
            (&w.all_of, JoinPoint::AllOf as fn(Vec<JoinPoint>) -> JoinPoint),
            (&w.one_of, JoinPoint::OneOf as fn(Vec<JoinPoint>) -> JoinPoint),
        ] {
            if let Some(list) = list {
                if list.is_empty() {
                    self.says_nothing("all-of` or `one-of", at, "list conditions in it, or remove it");
                }
                let inner = list.iter().map(|w| self.level(w, false)).collect();
                nested.push(of(inner));
            }
        }
        let finer = nested.iter().filter_map(JoinPoint::kinds).any(|k| !k.contains(&Kind::Function));
        self.candidate(w, finer, &mut all);
        if let Some(d) = self.directive(w.directive.as_ref()) {
            all.push(JoinPoint::Directive(d));
        }
        for (key, list) in [("parameters", &w.parameters), ("results", &w.results)] {
            if list.as_ref().is_some_and(Vec::is_empty) {
                self.says_nothing(key, at, messages::help_signature());
            }
        }
        if w.arguments.as_ref().is_some_and(Vec::is_empty) {
            self.says_nothing("arguments", at, messages::help_arguments());
        }
        all.extend(nested);
        if let Some(not) = &w.not {
            let inner = self.level(not, false);
            all.push(JoinPoint::Not(Box::new(inner)));
        }
        match all.len() {
            1 => all.remove(0),
            _ => JoinPoint::AllOf(all),
        }
    }

    /// The conditions on the candidate: where a finer one is given, `function` is about what is around it.
    fn candidate(&mut self, w: &Where, nested: bool, all: &mut Vec<JoinPoint>) {
        let before = all.len();
        if let Some(s) = self.symbol(w.call.as_ref()) {
            all.push(JoinPoint::Call(s));
        }
        if let Some(m) = &w.method_call {
            if w.call.is_some() {
                let help = messages::help_one_of();
                self.find(m, messages::two_callees().help(help));
            }
            let method = self.method(m);
            all.push(JoinPoint::MethodCall(method));
        }
        for a in w.arguments.iter().flatten() {
            let argument = self.argument(a);
            all.push(JoinPoint::Argument(argument));
        }
        if let Some(r#type) = self.symbol(w.literal.as_ref()).map(TypePattern::from) {
            let form = w.form.as_ref().map(|f| f.value).unwrap_or_default();
            let types = w.types.as_ref().is_some_and(|t| t.value);
            all.push(JoinPoint::Literal(LiteralPattern { r#type, form, types, written: false, field: None }));
        } else {
            if let Some(f) = &w.form {
                self.find(f, messages::form_without_literal());
            }
            if let Some(t) = &w.types {
                self.find(t, messages::types_without_literal());
            }
        }
        if let Some(s) = self.name(w.r#struct.as_ref()) {
            all.push(JoinPoint::Struct(s));
        }
        if let Some(s) = &w.statement {
            let s = self.statement(s);
            all.push(JoinPoint::Statement(s));
        }
        all.extend(w.loop_body.iter().map(|body| JoinPoint::LoopBody(body.value.clone())));
        if let Some(i) = self.path(w.import.as_ref()) {
            all.push(JoinPoint::Import(i));
        }
        let value_type = self.ty(w.value_type.as_ref());
        for (at, constant) in [(&w.variable, false), (&w.constant, true)] {
            if let Some(name) = self.name(at.as_ref()) {
                let r#type = value_type.clone();
                all.push(JoinPoint::Value(ValuePattern {
                    name,
                    constant: Some(constant),
                    r#type,
                    or_untyped: false,
                }));
            }
        }
        if w.variable.is_none()
            && w.constant.is_none()
            && let Some(t) = &w.value_type
        {
            self.find(t, messages::value_type_without_value());
        }
        let finer = nested || all.len() > before;
        let closure = w.closure == Some(true);
        let about_function = w.function.is_some()
            || w.receiver.is_some()
            || w.promoted.is_some()
            || w.signature.is_some()
            || w.parameters.is_some()
            || w.results.is_some()
            || w.last_result.is_some()
            || w.implements();
        if !about_function && !closure {
            return;
        }
        let function = self.function(w);
        if closure {
            // What is said of names is about the function around it, what is said of types about the literal.
            let FunctionPattern { name, receiver, promoted, receiver_implements, .. } = function;
            let named = FunctionPattern {
                name,
                receiver,
                promoted,
                receiver_implements,
                ..FunctionPattern::default()
            };
            let literal = FunctionPattern {
                name: None,
                receiver: None,
                promoted: false,
                or_closure: false,
                closure: true,
                signature: function.signature,
                parameters: function.parameters,
                results: function.results,
                last_result: function.last_result,
                parameter_implements: function.parameter_implements,
                result_implements: function.result_implements,
                last_result_implements: function.last_result_implements,
                receiver_implements: None,
                mentions: None,
            };
            let literal = JoinPoint::Function(literal);
            all.push(if finer { JoinPoint::Within(Box::new(literal)) } else { literal });
            if w.function.is_some() || w.receiver.is_some() || w.receiver_implements.is_some() {
                all.push(JoinPoint::Within(Box::new(JoinPoint::Function(named))));
            }
            return;
        }
        if w.function.is_none()
            && w.parameters.is_none()
            && w.results.is_none()
            && w.last_result.is_none()
            && !w.implements()
        {
            for (key, at) in [("receiver", &w.receiver), ("signature", &w.signature)] {
                if let Some(at) = at {
                    self.find(at, messages::key_without_function(key));
                }
            }
        }
        let function = JoinPoint::Function(function);
        all.push(if finer { JoinPoint::Within(Box::new(function)) } else { function });
    }

    fn function(&mut self, w: &Where) -> FunctionPattern {
        if let (Some(p), None) = (&w.promoted, &w.receiver) {
            let help = messages::help_promoted();
            self.find(p, messages::promoted_without_receiver().help(help));
        }
        if let Some(at) = &w.signature
            && let Ok(ty) = GoType::parse(&at.value)
        {
            self.whole_paths(at, &ty);
        }
        let signature = |s: &str| match FuncType::parse(s) {
            Ok(_) => Ok(s.to_owned()),
            Err(e) => Err(e.to_string()),
        };
        FunctionPattern {
            name: self.name(w.function.as_ref()),
            receiver: self.value(
                w.receiver.as_ref(),
                "bad-receiver",
                "receiver",
                Some(messages::help_receiver()),
                TypePattern::receiver,
            ),
            promoted: w.promoted.as_ref().is_some_and(|p| p.value),
            signature: self.value(w.signature.as_ref(), "bad-signature", "signature", None, signature),
            parameters: self.types(w.parameters.as_ref()),
            results: self.types(w.results.as_ref()),
            last_result: self.ty(w.last_result.as_ref()),
            closure: false,
            or_closure: false,
            receiver_implements: self.interface(w.receiver_implements.as_ref()),
            parameter_implements: self.interface(w.parameter_implements.as_ref()),
            result_implements: self.interface(w.result_implements.as_ref()),
            last_result_implements: self.interface(w.last_result_implements.as_ref()),
            mentions: None,
        }
    }

    fn method(&mut self, at: &Sp<WhereMethod>) -> MethodPattern {
        let m = &at.value;
        if m.name.is_none() && m.of.is_none() && m.receiver.is_none() && m.receiver_implements.is_none() {
            let help = messages::help_no_method();
            self.find(at, messages::no_method().help(help));
        }
        MethodPattern {
            name: self.name(m.name.as_ref()),
            of: self.named(m.of.as_ref()),
            receiver: self.named(m.receiver.as_ref()),
            receiver_implements: self.interface(m.receiver_implements.as_ref()),
        }
    }

    fn argument(&mut self, at: &Sp<WhereArgument>) -> ArgumentPattern {
        let a = &at.value;
        if a.r#type.is_none() && a.implements.is_none() {
            self.find(at, messages::argument_without_type());
        }
        ArgumentPattern {
            index: a.index,
            r#type: self.ty(a.r#type.as_ref()),
            implements: self.interface(a.implements.as_ref()),
        }
    }

    fn file(&mut self, at: &Sp<WhereFile>) -> FilePattern {
        let f = &at.value;
        if f.name.is_none()
            && f.imports.is_none()
            && f.declares.is_none()
            && f.directive.is_none()
            && f.test.is_none()
        {
            self.says_nothing("file", at, messages::help_file());
        }
        let declared = |text: &str| {
            let words: Vec<&str> = text.split('.').collect();
            match words.len() <= 2
                && words.iter().all(|w| NamePattern::identifier(w).is_ok_and(|n| n.exact().is_some()))
            {
                true => Ok(text.to_owned()),
                false => Err(String::new()),
            }
        };
        let help = messages::help_declares();
        FilePattern {
            name: self.value(f.name.as_ref(), "bad-pattern", "file name", None, NamePattern::file_name),
            imports: self.path(f.imports.as_ref()),
            declares: self.value(f.declares.as_ref(), "bad-name", "declared name", Some(help), declared),
            directive: self.directive(f.directive.as_ref()),
            test: f.test,
            ..FilePattern::default()
        }
    }

    fn statement(&mut self, at: &Sp<WhereStatement>) -> StatementPattern {
        let s = &at.value;
        StatementPattern {
            kind: s.kind.as_ref().map(|k| k.value),
            text: self.value(s.text.as_ref(), "bad-pattern", "pattern", None, NamePattern::new),
            calls: s.calls.as_ref().map(|c| c.value.clone()),
            assigns: s.assigns.as_ref().map(|a| a.value.clone()),
            occurrence: s.occurrence.as_ref().map(|o| o.value),
        }
    }
}

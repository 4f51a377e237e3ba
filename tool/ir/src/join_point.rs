//! Join points: where in a package something happens.
//!
//! A join point is a tree of conditions on one *candidate*: a function, a call, a literal, a type, a statement, an import, a
//! value, or the package as a whole. Which of them a rule looks at follows from its conditions: see [`JoinPoint::kinds`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::messages;
use crate::{GoType, Mentions, NamePattern, PathGlob, PathPattern, SymbolPattern, TypePattern};

/// Kind of candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The package itself.
    Package,
    /// A function or method, declared or a literal.
    Function,
    /// A call of a function.
    Call,
    /// A composite literal, or `new(T)`.
    Literal,
    /// The definition of a struct type.
    Struct,
    /// A statement in a list of statements.
    Statement,
    /// The body of a loop.
    LoopBody,
    /// An import of a file.
    Import,
    /// A variable or constant of the package.
    Value,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Package,
        Self::Function,
        Self::Call,
        Self::Literal,
        Self::Struct,
        Self::Statement,
        Self::LoopBody,
        Self::Import,
        Self::Value,
    ];

    /// The kind as it is called in messages: one with its article, and several.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Package => ("a package", "packages"),
            Self::Function => ("a function", "functions"),
            Self::Call => ("a call", "calls"),
            Self::Literal => ("a literal", "literals"),
            Self::Struct => ("a struct type", "struct types"),
            Self::Statement => ("a statement", "statements"),
            Self::LoopBody => ("a loop body", "loop bodies"),
            Self::Import => ("an import", "imports"),
            Self::Value => ("a variable or constant", "variables and constants"),
        }
    }

    /// The kind as it is called in messages, with its article.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    /// Several of the kind.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        self.words().1
    }

    /// The kind without an article.
    #[must_use]
    pub fn noun(self) -> &'static str {
        self.name().split_once(' ').map_or(self.name(), |(_, noun)| noun)
    }

    /// Returns whether `before` stands inside of it, where it is entered.
    #[must_use]
    pub const fn is_entered(self) -> bool {
        matches!(self, Self::Function | Self::LoopBody)
    }

    /// Returns whether it is a statement or in one, before and after which code can stand.
    #[must_use]
    pub const fn has_statement(self) -> bool {
        matches!(self, Self::Call | Self::Literal | Self::Statement)
    }

    /// Returns whether it is an expression, or has one that gives its value.
    #[must_use]
    pub const fn is_expression(self) -> bool {
        matches!(self, Self::Call | Self::Literal | Self::Value)
    }

    /// Returns whether there are some inside of functions only.
    #[must_use]
    pub const fn is_inside(self) -> bool {
        matches!(self, Self::Call | Self::Literal | Self::Statement | Self::LoopBody)
    }
}

/// A condition on a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum JoinPoint {
    /// All conditions hold.
    AllOf(Vec<JoinPoint>),
    /// One condition holds.
    OneOf(Vec<JoinPoint>),
    /// The condition does not hold.
    Not(Box<JoinPoint>),
    /// It is in a package with such an import path.
    Package(PathPattern),
    /// It is in a package with such a name.
    PackageName(NamePattern),
    /// It is in such a file.
    File(FilePattern),
    /// Its package is compiled with its tests, or is one of tests; or is not.
    Tests(bool),
    /// It has such a directive comment: the name, as `weave:span`.
    Directive(String),
    /// It has such a directive comment, or the statement has whose value, callee or call it is; the name need not have a
    /// colon.
    Annotated(String),
    /// An enclosing function meets the condition.
    Within(Box<JoinPoint>),
    /// It is such a function.
    Function(FunctionPattern),
    /// It is a function with such a list of parameters and results, field by field.
    Signature(SignaturePattern),
    /// It is in a package whose import path is matched by one of these, see [`PathGlob`].
    PackageGlob(PathGlob),
    /// It is of one of these kinds.
    Of(Vec<Kind>),
    /// It is a call of this function.
    Call(SymbolPattern),
    /// It is a call whose callee is a name and nothing more: no parentheses, no type arguments; or is not.
    PlainCallee(bool),
    /// It is a call of such a method. Only types tell.
    MethodCall(MethodPattern),
    /// It is a call with such an argument. Only types tell.
    Argument(ArgumentPattern),
    /// It is such a literal.
    Literal(LiteralPattern),
    /// It is the definition of a struct type of such a name.
    Struct(NamePattern),
    /// It is such a statement.
    Statement(StatementPattern),
    /// It is the body of such a loop.
    LoopBody(LoopBodyPattern),
    /// It is an import of such a path.
    Import(PathPattern),
    /// It is such a variable or constant.
    Value(ValuePattern),
}

/// A function, or a receiver, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FunctionPattern {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<NamePattern>,
    /// Its receiver; a function without one is not a method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<TypePattern>,
    /// Whether it may be one that the type of the receiver has from a type of the package that it embeds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub promoted: bool,
    /// Its type, in the text form of [`crate::FuncType`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Types of which it must have parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
    /// Types of which it must have results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<String>,
    /// The type of its last result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_result: Option<String>,
    /// It is a function literal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closure: bool,
    /// It may be a function literal, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub or_closure: bool,
    /// An interface that its receiver's type, or a pointer to that, implements. Only types tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_implements: Option<Interface>,
    /// An interface that the type of one of its parameters implements. Only types tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter_implements: Option<Interface>,
    /// An interface that the type of one of its results implements. Only types tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_implements: Option<Interface>,
    /// An interface that the type of its last result implements. Only types tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_result_implements: Option<Interface>,
    /// Types that its parameters and results are, or are made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<Box<Mentions>>,
}

impl FunctionPattern {
    /// The interfaces that types of the function must implement.
    pub fn interfaces(&self) -> impl Iterator<Item = &Interface> {
        [
            &self.receiver_implements,
            &self.parameter_implements,
            &self.result_implements,
            &self.last_result_implements,
        ]
        .into_iter()
        .flatten()
    }
}

/// The name of an interface type: `io.Writer` with its full import path, or `error`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interface(String);

impl Interface {
    /// Reads the name of an interface.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        match GoType::parse(text).map_err(|e| e.to_string())? {
            GoType::Basic(name) if name == "error" => Ok(Self(name)),
            GoType::Named { package, name, args } if args.is_empty() => Ok(Self(format!("{package}.{name}"))),
            _ => Err(messages::interface().into()),
        }
    }

    /// Returns the text as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Interface {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text)
    }
}

impl From<Interface> for String {
    fn from(i: Interface) -> Self {
        i.0
    }
}

/// A call `x.M(...)` of a method, promoted ones and those of interfaces included, or of a method expression `T.M`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MethodPattern {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<NamePattern>,
    /// The type that declares it, as its declaration has the receiver; of a method of an interface: the interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<TypePattern>,
    /// The static type of what stands before the dot, which may have the method from an embedded field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<TypePattern>,
    /// An interface that the static type of what stands before the dot, or a pointer to that, implements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_implements: Option<Interface>,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ArgumentPattern {
    /// Index from 0; `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// Its static type, in the text form of [`crate::GoType`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// An interface that its static type implements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implements: Option<Interface>,
}

/// The parameters and results of a function as its declaration lists them: `a, b int` is one field, as some tools count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SignaturePattern {
    /// Types of the fields of parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<TypePattern>,
    /// Types of the fields of results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<TypePattern>,
    /// Whether any field of one of these types is enough.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any: bool,
}

/// A composite literal of a named type, or `new(T)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LiteralPattern {
    /// The type.
    pub r#type: TypePattern,
    /// The form that it has.
    #[serde(default)]
    pub form: LiteralForm,
    /// Whether the type checker is asked for literals whose type the syntax does not tell: `{}` in a literal of a named
    /// list type, and aliases of other packages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub types: bool,
    /// Whether it must be `T{}` with its type written; a `&` before it is no part of it but in the form `pointer`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub written: bool,
    /// The field whose value is meant; the literal gives it by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// Form of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LiteralForm {
    /// Any of these forms.
    #[default]
    Any,
    /// `T{}`, not after `&`.
    Value,
    /// `&T{}` or `new(T)`.
    Pointer,
    /// `new(T)`.
    New,
}

/// A statement in a list of statements.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StatementPattern {
    /// Kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<StatementKind>,
    /// Its text: white space and comments do not count; a regular expression between slashes need only be found in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<NamePattern>,
    /// It calls this: `net/http.Get`, or the callee as it is written there (`mp.unlock`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<String>,
    /// It assigns to this, as it is written there (`newg.gopc`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigns: Option<String>,
    /// Choice among those that meet the other conditions, in each function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<Occurrence>,
}

/// The body of a `for` statement that is in a list of statements.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LoopBodyPattern {
    /// Kind of loop; by default any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<LoopKind>,
}

/// Kind of loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LoopKind {
    /// `range`.
    Range,
    /// A condition.
    Condition,
    /// Nothing: only its body ends the loop.
    Nothing,
}

/// Choice among several matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Occurrence {
    /// The first one.
    First,
    /// The last one.
    Last,
    /// The only one; several are an error.
    Only,
    /// The first one in a declared function and the function literals in it.
    FirstOfAll,
}

/// Kind of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StatementKind {
    /// An assignment, `:=` included.
    Assign,
    /// A block in braces.
    Block,
    /// `break`, `continue`, `goto` or `fallthrough`.
    Branch,
    /// A call.
    Call,
    /// A declaration.
    Declare,
    /// `defer`.
    Defer,
    /// `for`, with or without `range`.
    For,
    /// `go`.
    Go,
    /// `if`.
    If,
    /// `++` or `--`.
    IncDec,
    /// `return`.
    Return,
    /// `select`.
    Select,
    /// A send to a channel.
    Send,
    /// `switch`, of values or types.
    Switch,
}

/// A variable or constant at package level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ValuePattern {
    /// Its name.
    pub name: NamePattern,
    /// Whether it must be a constant, or must not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<bool>,
    /// The type that it states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Whether it may state no type instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub or_untyped: bool,
}

/// A file of the package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FilePattern {
    /// Its base name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<NamePattern>,
    /// It imports such a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imports: Option<PathPattern>,
    /// It declares this: a function, a method as `T.Name`, a type, a variable or a constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declares: Option<String>,
    /// It has such a directive comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directive: Option<String>,
    /// It has such a directive comment before its package clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// It declares a struct type of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#struct: Option<String>,
    /// It declares this function, or method if there is a receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<Box<FunctionPattern>>,
    /// Whether its name ends in `_test.go`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<bool>,
}

/// A value as a rule file would have it in one line; a scalar that stands alone is in back quotes.
fn shown(value: &Value, alone: bool) -> String {
    match value {
        Value::String(text) if alone => format!("`{text}`"),
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            format!("[{}]", list.iter().map(|v| shown(v, false)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, v)| format!("{key}: {}", shown(v, false))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

impl JoinPoint {
    /// The condition as people read it: ``call `net/http.Get` ``.
    #[must_use]
    pub fn text(&self) -> String {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map
                .iter()
                .map(|(key, value)| format!("{key} {}", shown(value, true)))
                .collect::<Vec<_>>()
                .join(", "),
            _ => String::new(),
        }
    }

    /// Returns what the candidates may be; `None` if the conditions say nothing of it.
    #[must_use]
    pub fn kinds(&self) -> Option<Vec<Kind>> {
        match self {
            Self::AllOf(list) => {
                let mut all: Option<Vec<Kind>> = None;
                for kinds in list.iter().filter_map(Self::kinds) {
                    all = Some(match all {
                        None => kinds,
                        Some(before) => before.into_iter().filter(|k| kinds.contains(k)).collect(),
                    });
                }
                all
            }
            Self::OneOf(list) => {
                let mut all = Vec::new();
                for j in list {
                    all.extend(j.kinds()?);
                }
                all.sort_unstable();
                all.dedup();
                Some(all)
            }
            Self::Not(_)
            | Self::Package(_)
            | Self::PackageName(_)
            | Self::PackageGlob(_)
            | Self::File(_)
            | Self::Tests(_)
            | Self::Directive(_)
            | Self::Annotated(_)
            | Self::Within(_) => None,
            Self::Of(kinds) => Some(kinds.clone()),
            Self::Function(_) | Self::Signature(_) => Some(vec![Kind::Function]),
            Self::Call(_) | Self::PlainCallee(_) | Self::MethodCall(_) | Self::Argument(_) => {
                Some(vec![Kind::Call])
            }
            Self::Literal(_) => Some(vec![Kind::Literal]),
            Self::Struct(_) => Some(vec![Kind::Struct]),
            Self::Statement(_) => Some(vec![Kind::Statement]),
            Self::LoopBody(_) => Some(vec![Kind::LoopBody]),
            Self::Import(_) => Some(vec![Kind::Import]),
            Self::Value(_) => Some(vec![Kind::Value]),
        }
    }

    /// Returns whether it says that it is not in a package of this import path and, if that is known, this name.
    #[must_use]
    pub fn elsewhere(&self, path: &str, name: Option<&str>) -> bool {
        match self {
            Self::AllOf(list) => list.iter().any(|j| j.elsewhere(path, name)),
            Self::OneOf(list) => !list.is_empty() && list.iter().all(|j| j.elsewhere(path, name)),
            Self::Not(j) => j.everywhere(path, name),
            Self::Package(p) => !p.matches(path),
            Self::PackageGlob(glob) => !glob.matches(path),
            Self::PackageName(n) => name.is_some_and(|name| !n.matches(name)),
            _ => false,
        }
    }

    /// Returns whether everything in such a package meets it.
    fn everywhere(&self, path: &str, name: Option<&str>) -> bool {
        match self {
            Self::AllOf(list) => list.iter().all(|j| j.everywhere(path, name)),
            Self::OneOf(list) => list.iter().any(|j| j.everywhere(path, name)),
            Self::Not(j) => j.elsewhere(path, name),
            Self::Package(p) => p.matches(path),
            Self::PackageGlob(glob) => glob.matches(path),
            Self::PackageName(n) => name.is_some_and(|name| n.matches(name)),
            _ => false,
        }
    }

    /// The packages that can have candidates; `None` if nothing limits them.
    #[must_use]
    pub fn packages(&self) -> Option<Vec<PathPattern>> {
        match self {
            Self::Package(p) => Some(vec![p.clone()]),
            // Each limit is right on its own; the first one is what a reader sees first.
            Self::AllOf(list) => list.iter().find_map(Self::packages),
            Self::OneOf(list) => {
                let mut all = Vec::new();
                for j in list {
                    all.extend(j.packages()?);
                }
                all.sort();
                all.dedup();
                Some(all)
            }
            _ => None,
        }
    }

    /// The packages of which a package that has candidates must import one, or be it; `None` if nothing is known of that.
    #[must_use]
    pub fn imports(&self) -> Option<Vec<String>> {
        match self {
            Self::Call(s) => (!s.package.is_empty()).then(|| vec![s.package.clone()]),
            // By its type, a literal may be of a package that the file does not name.
            Self::Literal(l) => {
                (!l.types && !l.r#type.package.is_empty()).then(|| vec![l.r#type.package.clone()])
            }
            Self::Import(p) | Self::File(FilePattern { imports: Some(p), .. }) => {
                p.exact().map(|p| vec![p.to_owned()])
            }
            Self::AllOf(list) => list.iter().find_map(Self::imports),
            Self::OneOf(list) => {
                let mut all = Vec::new();
                for j in list {
                    all.extend(j.imports()?);
                }
                all.sort();
                all.dedup();
                Some(all)
            }
            _ => None,
        }
    }

    /// The directive comments of which a candidate must have one; `None` if nothing is known of that.
    #[must_use]
    pub fn directives(&self) -> Option<Vec<String>> {
        match self {
            Self::Directive(name) | Self::Annotated(name) => Some(vec![name.clone()]),
            Self::AllOf(list) => list.iter().find_map(Self::directives),
            Self::OneOf(list) => {
                list.iter().map(Self::directives).collect::<Option<Vec<_>>>().map(|all| all.concat())
            }
            _ => None,
        }
    }

    /// Lets conditions on types alone be about function literals, too.
    pub fn or_closures(&mut self) {
        match self {
            Self::AllOf(list) | Self::OneOf(list) => list.iter_mut().for_each(Self::or_closures),
            Self::Not(j) => j.or_closures(),
            Self::Function(f) if f.name.is_none() && f.receiver.is_none() => f.or_closure = !f.closure,
            _ => {}
        }
    }

    /// Every condition, whether or not it must hold.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a JoinPoint)) {
        f(self);
        match self {
            Self::AllOf(list) | Self::OneOf(list) => list.iter().for_each(|j| j.walk(f)),
            Self::Not(j) | Self::Within(j) => j.walk(f),
            _ => {}
        }
    }

    /// Returns whether one needs to know what is inside functions to tell what meets it.
    #[must_use]
    pub fn looks_inside(&self) -> bool {
        let mut inside = false;
        self.walk(&mut |j| {
            inside |= match j {
                Self::AllOf(_) | Self::OneOf(_) | Self::Not(_) | Self::Of(_) => false,
                Self::Within(_) | Self::Directive(_) | Self::Annotated(_) => true,
                Self::Function(f) => f.closure,
                // It stands beside `Call`, which asks.
                Self::PlainCallee(_) => false,
                other => other.kinds().is_some_and(|kinds| kinds.iter().any(|kind| kind.is_inside())),
            };
        });
        inside
    }

    /// The function that the join point names, if it is one function by its name and receiver and nothing else but the
    /// package it is in (and what must be true of its type).
    #[must_use]
    pub fn one_function(&self) -> Option<&FunctionPattern> {
        let exact = |f: &FunctionPattern| {
            !f.closure
                && f.name.as_ref().is_some_and(|n| n.exact().is_some())
                && f.receiver.as_ref().is_none_or(|r| r.exact().is_some())
                && f.parameters.is_empty()
                && f.results.is_empty()
                && f.last_result.is_none()
                && f.interfaces().next().is_none()
                && f.mentions.is_none()
        };
        match self {
            Self::Function(f) if exact(f) => Some(f),
            Self::AllOf(list) => match list.as_slice() {
                [Self::Package(p), Self::Function(f)] if p.exact().is_some() && exact(f) => Some(f),
                _ => None,
            },
            _ => None,
        }
    }
}

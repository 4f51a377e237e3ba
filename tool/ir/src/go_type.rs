//! Go types by full import path, compared structurally.
//!
//! Both sides of every signature check are brought into this form: the function that is woven, the hook, and the
//! `signature` that a rule states. The text form writes a named type as `import/path.Name`, which is not Go.

use std::fmt;

use crate::messages;

/// A Go type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GoType {
    /// A predeclared type, under its first name: `any`, `uint8` and `int32` rather than `interface{}`, `byte`, `rune`.
    Basic(String),
    /// A named type of a package.
    Named {
        /// Full import path.
        package: String,
        /// Name in that package.
        name: String,
        /// Type arguments.
        args: Vec<GoType>,
    },
    /// A type parameter of the function or its receiver.
    Param(String),
    /// `*T`
    Pointer(Box<GoType>),
    /// `[]T`
    Slice(Box<GoType>),
    /// `[n]T`; the length as it is written, or, if it is a constant, its package and name as in `net/http.N`.
    Array(String, Box<GoType>),
    /// `map[K]V`
    Map(Box<GoType>, Box<GoType>),
    /// `chan T`
    Chan(ChanDir, Box<GoType>),
    /// `func(...) ...`
    Func(Box<FuncType>),
    /// A struct or interface literal, as it is written, white space normalised.
    Literal(String),
}

/// Direction of a channel type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChanDir {
    /// `chan T`
    Both,
    /// `chan<- T`
    Send,
    /// `<-chan T`
    Receive,
}

/// The type of a function, without its receiver.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct FuncType {
    /// Parameter types; the last one of a variadic function is the element type.
    pub params: Vec<GoType>,
    /// Whether the last parameter is `...T`.
    pub variadic: bool,
    /// Result types.
    pub results: Vec<GoType>,
}

/// Reason why a text is not a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeError {
    /// The expected text.
    pub message: String,
    /// Byte offset in the text.
    pub offset: usize,
}

impl fmt::Display for TypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.offset)
    }
}

impl std::error::Error for TypeError {}

const PREDECLARED: &[&str] = &[
    "any",
    "bool",
    "comparable",
    "complex128",
    "complex64",
    "error",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "string",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
];

impl GoType {
    /// The predeclared type of this name, aliases resolved.
    #[must_use]
    pub fn predeclared(name: &str) -> Option<Self> {
        let name = match name {
            "byte" => "uint8",
            "rune" => "int32",
            other => other,
        };
        PREDECLARED.contains(&name).then(|| Self::Basic(name.to_owned()))
    }

    /// `any`
    #[must_use]
    pub fn any() -> Self {
        Self::Basic("any".into())
    }

    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// The expected text, and its place.
    pub fn parse(text: &str) -> Result<Self, TypeError> {
        let mut p = Parser { text, at: 0 };
        let t = p.ty()?;
        p.space();
        if p.at == text.len() { Ok(t) } else { Err(p.expected(messages::end_of_type())) }
    }

    /// Calls `f` with every type that this one is made of, itself included.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a GoType)) {
        f(self);
        match self {
            Self::Basic(_) | Self::Param(_) | Self::Literal(_) => {}
            Self::Named { args, .. } => args.iter().for_each(|a| a.walk(f)),
            Self::Pointer(t) | Self::Slice(t) | Self::Array(_, t) | Self::Chan(_, t) => t.walk(f),
            Self::Map(k, v) => {
                k.walk(f);
                v.walk(f);
            }
            Self::Func(func) => func.params.iter().chain(&func.results).for_each(|t| t.walk(f)),
        }
    }

    /// The type with every named type in it, arguments included, replaced by what `f` makes of it.
    #[must_use]
    pub fn map_named(&self, f: &dyn Fn(&GoType) -> GoType) -> Self {
        let boxed = |t: &GoType| Box::new(t.map_named(f));
        match self {
            Self::Named { package, name, args } => f(&Self::Named {
                package: package.clone(),
                name: name.clone(),
                args: args.iter().map(|a| a.map_named(f)).collect(),
            }),
            Self::Pointer(t) => Self::Pointer(boxed(t)),
            Self::Slice(t) => Self::Slice(boxed(t)),
            Self::Array(n, t) => Self::Array(n.clone(), boxed(t)),
            Self::Map(k, v) => Self::Map(boxed(k), boxed(v)),
            Self::Chan(dir, t) => Self::Chan(*dir, boxed(t)),
            Self::Func(func) => Self::Func(Box::new(func.map_named(f))),
            Self::Basic(_) | Self::Param(_) | Self::Literal(_) => self.clone(),
        }
    }

    /// Calls `f` with package and name of everything that the type names: types, and constants that are lengths.
    pub fn each_name<'a>(&'a self, f: &mut dyn FnMut(&'a str, &'a str)) {
        self.walk(&mut |t| match t {
            Self::Named { package, name, .. } => f(package, name),
            Self::Array(length, _) => {
                if let Some((package, name)) = constant(length) {
                    f(package, name);
                }
            }
            _ => {}
        });
    }

    /// Writes the type as Go that every release of the language has, where `any` is `interface{}`: a module may ask for one
    /// before 1.18. `package` gives the name under which an import path is known, empty for the own package.
    #[must_use]
    pub fn to_go(&self, package: &dyn Fn(&str) -> String) -> String {
        self.write(package, "interface{}")
    }

    /// Writes the type; `any` is the word for the empty interface.
    fn write(&self, package: &dyn Fn(&str) -> String, any: &str) -> String {
        let go = |t: &GoType| t.write(package, any);
        match self {
            Self::Basic(n) if n == "any" => any.to_owned(),
            Self::Basic(n) | Self::Param(n) | Self::Literal(n) => n.clone(),
            Self::Named { package: path, name, args } => {
                let qualifier = package(path);
                let mut s = if qualifier.is_empty() { name.clone() } else { format!("{qualifier}.{name}") };
                if !args.is_empty() {
                    s += &format!("[{}]", args.iter().map(go).collect::<Vec<_>>().join(", "));
                }
                s
            }
            Self::Pointer(t) => format!("*{}", go(t)),
            Self::Slice(t) => format!("[]{}", go(t)),
            Self::Array(n, t) => match constant(n) {
                None => format!("[{n}]{}", go(t)),
                Some((path, name)) => match package(path).as_str() {
                    "" => format!("[{name}]{}", go(t)),
                    qualifier => format!("[{qualifier}.{name}]{}", go(t)),
                },
            },
            Self::Map(k, v) => format!("map[{}]{}", go(k), go(v)),
            Self::Chan(ChanDir::Send, t) => format!("chan<- {}", go(t)),
            Self::Chan(ChanDir::Receive, t) => format!("<-chan {}", go(t)),
            // Without parentheses `chan (<-chan T)` would read as `(chan<-) chan T`.
            Self::Chan(ChanDir::Both, t) if matches!(**t, Self::Chan(ChanDir::Receive, _)) => {
                format!("chan ({})", go(t))
            }
            Self::Chan(ChanDir::Both, t) => format!("chan {}", go(t)),
            Self::Func(func) => func.write(package, any),
        }
    }
}

impl FuncType {
    /// Maps names as [`GoType::map_named`] does.
    #[must_use]
    pub fn map_named(&self, f: &dyn Fn(&GoType) -> GoType) -> Self {
        let all = |list: &[GoType]| list.iter().map(|t| t.map_named(f)).collect();
        Self { params: all(&self.params), variadic: self.variadic, results: all(&self.results) }
    }

    /// Reads the text form, which begins with `func(`.
    ///
    /// # Errors
    ///
    /// The expected text, and its place.
    pub fn parse(text: &str) -> Result<Self, TypeError> {
        match GoType::parse(text)? {
            GoType::Func(f) => Ok(*f),
            _ => Err(TypeError { message: messages::expected(messages::function_type()), offset: 0 }),
        }
    }

    fn write(&self, package: &dyn Fn(&str) -> String, any: &str) -> String {
        let last = self.params.len().wrapping_sub(1);
        let params: Vec<String> = self
            .params
            .iter()
            .enumerate()
            .map(|(i, t)| {
                let dots = if self.variadic && i == last { "..." } else { "" };
                format!("{dots}{}", t.write(package, any))
            })
            .collect();
        let results: Vec<String> = self.results.iter().map(|t| t.write(package, any)).collect();
        match results.as_slice() {
            [] => format!("func({})", params.join(", ")),
            // A lone function result with results of its own needs no parentheses either: `func() func() int`.
            [one] => format!("func({}) {one}", params.join(", ")),
            many => format!("func({}) ({})", params.join(", "), many.join(", ")),
        }
    }

    /// Types of the parameters as the body sees them: a variadic one is a slice.
    #[must_use]
    pub fn body_params(&self) -> Vec<GoType> {
        let mut params = self.params.clone();
        if self.variadic
            && let Some(last) = params.pop()
        {
            params.push(GoType::Slice(Box::new(last)));
        }
        params
    }
}

impl fmt::Display for GoType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.write(&str::to_owned, "any"))
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.write(&str::to_owned, "any"))
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Eats a word, not merely the start of a longer one.
    fn eat_word(&mut self, word: &str) -> bool {
        self.space();
        let found = self.rest().strip_prefix(word).is_some_and(|r| !r.starts_with(in_path));
        if found {
            self.at += word.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), TypeError> {
        if self.eat(token) { Ok(()) } else { Err(self.expected(&messages::token(token))) }
    }

    fn expected(&self, what: &str) -> TypeError {
        TypeError { message: messages::expected(what), offset: self.at }
    }

    fn ty(&mut self) -> Result<GoType, TypeError> {
        if self.eat("*") {
            return Ok(GoType::Pointer(Box::new(self.ty()?)));
        }
        if self.eat("<-") {
            return if self.eat_word("chan") {
                Ok(GoType::Chan(ChanDir::Receive, Box::new(self.ty()?)))
            } else {
                Err(self.expected("`chan`"))
            };
        }
        if self.eat("[") {
            if self.eat("]") {
                return Ok(GoType::Slice(Box::new(self.ty()?)));
            }
            let start = self.at;
            let Some(len) = self.rest().find(']') else { return Err(self.expected("`]`")) };
            self.at += len + 1;
            let n = self.text[start..start + len].trim().to_owned();
            // Of which package a name is, the text must say.
            if n.is_empty()
                || n.starts_with(|c: char| c.is_alphabetic())
                    && n.chars().all(|c| c.is_alphanumeric() || c == '_')
            {
                self.at = start;
                return Err(self.expected(messages::array_length()));
            }
            return Ok(GoType::Array(n, Box::new(self.ty()?)));
        }
        if self.eat("(") {
            let t = self.ty()?;
            self.expect(")")?;
            return Ok(t);
        }
        if self.eat_word("map") {
            self.expect("[")?;
            let key = self.ty()?;
            self.expect("]")?;
            return Ok(GoType::Map(Box::new(key), Box::new(self.ty()?)));
        }
        if self.eat_word("chan") {
            let dir = if self.eat("<-") { ChanDir::Send } else { ChanDir::Both };
            return Ok(GoType::Chan(dir, Box::new(self.ty()?)));
        }
        if self.eat_word("func") {
            return Ok(GoType::Func(Box::new(self.func()?)));
        }
        for word in ["interface", "struct"] {
            if self.eat_word(word) {
                return self.literal(word);
            }
        }
        self.named()
    }

    fn func(&mut self) -> Result<FuncType, TypeError> {
        self.expect("(")?;
        let mut f = FuncType::default();
        while !self.eat(")") {
            if f.variadic {
                return Err(self.expected(messages::after_variadic()));
            }
            f.variadic = self.eat("...");
            f.params.push(self.ty()?);
            if !self.eat(",") {
                self.end_of_list()?;
                break;
            }
        }
        if self.eat("(") {
            while !self.eat(")") {
                f.results.push(self.ty()?);
                if !self.eat(",") {
                    self.end_of_list()?;
                    break;
                }
            }
        } else {
            self.space();
            if !self.rest().is_empty() && !self.rest().starts_with([',', ')', ']']) {
                f.results.push(self.ty()?);
            }
        }
        Ok(f)
    }

    fn end_of_list(&mut self) -> Result<(), TypeError> {
        self.space();
        if self.rest().starts_with(|c: char| in_path(c) || c == '*' || c == '[') {
            return Err(self.expected(messages::types_alone()));
        }
        self.expect(")")
    }

    fn literal(&mut self, word: &str) -> Result<GoType, TypeError> {
        self.space();
        let start = self.at;
        let mut depth = 0usize;
        for (i, c) in self.rest().char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => {
                    self.at = start + i + 1;
                    return Ok(GoType::literal(word, &self.text[start + 1..start + i]));
                }
                '}' => depth = depth.saturating_sub(1),
                _ if depth == 0 => break,
                _ => {}
            }
        }
        Err(self.expected(&messages::braces(word)))
    }

    fn named(&mut self) -> Result<GoType, TypeError> {
        self.space();
        let start = self.at;
        let len = self.rest().find(|c: char| !in_path(c)).unwrap_or(self.rest().len());
        let word = &self.text[start..start + len];
        if word.is_empty() {
            return Err(self.expected(messages::any_type()));
        }
        self.at += len;
        let Some((package, name)) = word.rsplit_once('.') else {
            return GoType::predeclared(word)
                .ok_or_else(|| TypeError { message: messages::import_path_of(word), offset: start });
        };
        let no_path = package.split('/').any(|e| matches!(e, "" | "." | ".."));
        if no_path || name.is_empty() || name.contains('/') {
            self.at = start;
            return Err(self.expected(messages::qualified_type()));
        }
        let mut args = Vec::new();
        if self.rest().starts_with('[') {
            self.at += 1;
            while !self.eat("]") {
                args.push(self.ty()?);
                if !self.eat(",") {
                    self.expect("]")?;
                    break;
                }
            }
        }
        Ok(GoType::Named { package: package.to_owned(), name: name.to_owned(), args })
    }
}

impl GoType {
    /// A struct or interface literal with this text between its braces; an empty interface is `any`. White space, line ends and
    /// comments in it do not count.
    #[must_use]
    pub fn literal(word: &str, inside: &str) -> Self {
        let inside = normal_literal(inside);
        match (word, inside.as_str()) {
            ("interface", "") => Self::any(),
            (_, "") => Self::Literal(format!("{word}{{}}")),
            _ => Self::Literal(format!("{word}{{ {inside} }}")),
        }
    }
}

/// The tokens of what stands in a struct or interface literal, laid out in one way, on one line.
fn normal_literal(inside: &str) -> String {
    let mut tokens: Vec<&str> = Vec::new();
    let mut rest = inside;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\n' => {
                if tokens.last().is_some_and(|t| !["{", ";", ",", "("].contains(t)) {
                    tokens.push(";");
                }
                1
            }
            _ if rest.starts_with("//") => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            _ if rest.starts_with("/*") => {
                rest = rest.split_once("*/").map_or("", |(_, after)| after);
                continue;
            }
            '"' | '`' => {
                let mut end = rest.len();
                let mut escaped = false;
                for (i, x) in rest.char_indices().skip(1) {
                    if !escaped && x == c {
                        end = i + 1;
                        break;
                    }
                    escaped = c == '"' && x == '\\' && !escaped;
                }
                tokens.push(&rest[..end]);
                end
            }
            _ if c.is_whitespace() => c.len_utf8(),
            _ if word(c) => {
                let end = rest.find(|c: char| !word(c)).unwrap_or(rest.len());
                tokens.push(&rest[..end]);
                end
            }
            _ => {
                let end =
                    ["...", "<-"].iter().find(|t| rest.starts_with(*t)).map_or(c.len_utf8(), |t| t.len());
                tokens.push(&rest[..end]);
                end
            }
        };
        rest = &rest[length..];
    }
    while tokens.last() == Some(&";") {
        tokens.pop();
    }
    let mut out = String::new();
    for (i, token) in tokens.iter().enumerate() {
        let before = i.checked_sub(1).map_or("", |i| tokens[i]);
        let two_words = before.ends_with(word) && token.starts_with(word);
        let apart = two_words
            || [";", ","].contains(&before)
            || before.ends_with(word)
                && ["*", "[", "{", "\"", "`", "<-", "..."].iter().any(|t| token.starts_with(t))
                && !tight(&tokens, i)
            || [")", "]", "}"].contains(&before)
                && token.starts_with(|c: char| word(c) || "\"`".contains(c))
                && before != "]"
            || before == "{" && *token != "}"
            || *token == "}" && before != "{";
        if apart {
            out.push(' ');
        }
        out.push_str(token);
    }
    out
}

/// Returns whether a bracket or brace belongs to the word before it: `map[`, `struct{`.
fn tight(tokens: &[&str], at: usize) -> bool {
    match tokens[at] {
        "[" => tokens[at - 1] == "map",
        "{" => ["struct", "interface"].contains(&tokens[at - 1]),
        _ => false,
    }
}

/// Package and name of a constant, as in `net/http.N`; nothing for numbers and other expressions.
fn constant(length: &str) -> Option<(&str, &str)> {
    let (package, name) = length.rsplit_once('.')?;
    let good = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (good && !package.is_empty() && package.chars().all(in_path) && package.parse::<f64>().is_err())
        .then_some((package, name))
}

/// Returns whether `c` may stand in an import path or a name.
fn in_path(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | '~' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_compared_without_their_layout() {
        for (one, other, same) in [
            ("struct{a int;b string}", "struct {\n\ta int // x\n\tb   string\n}", true),
            ("struct{ a *p.T }", "struct{a * p.T}", true),
            ("struct{ a int }", "struct{ b int }", false),
            (
                "struct{ a []int; m map[string]int `x:\"y z\"` }",
                "struct{a [ ]int\nm map [string] int`x:\"y z\"`}",
                true,
            ),
            (
                "interface{ F(a int, b string) (int, error) }",
                "interface {\n\tF(a int,\n\t\tb string) (int, error)\n}",
                true,
            ),
            ("interface{ }", "any", true),
            ("struct{ a `x y` }", "struct{ a `x  y` }", false),
        ] {
            let parse = |t: &str| GoType::parse(t).unwrap_or_else(|e| panic!("{t}: {e}"));
            assert_eq!(parse(one) == parse(other), same, "{one} {other}: {} {}", parse(one), parse(other));
        }
        assert_eq!(GoType::literal("struct", "a int;b ...T").to_string(), "struct{ a int; b ...T }");
    }

    #[test]
    fn types_round_trip() {
        for (text, want) in [
            ("int", "int"),
            ("[]byte", "[]uint8"),
            ("interface{}", "any"),
            ("interface { Close() error }", "interface{ Close() error }"),
            ("struct{}", "struct{}"),
            ("*net/http.Request", "*net/http.Request"),
            ("github.com/a-b/c.v2.T[int,*x.Y]", "github.com/a-b/c.v2.T[int, *x.Y]"),
            ("map[string][]error", "map[string][]error"),
            ("[4]rune", "[4]int32"),
            ("<-chan int", "<-chan int"),
            ("chan<- int", "chan<- int"),
            ("chan (<-chan int)", "chan (<-chan int)"),
            ("func()", "func()"),
            (
                "func(context.Context, string, ...any) (*database/sql.Rows, error)",
                "func(context.Context, string, ...any) (*database/sql.Rows, error)",
            ),
            ("func(int) (error)", "func(int) error"),
            ("func() func(a.B) func()", "func() func(a.B) func()"),
            ("func(func(int) bool, chan int)", "func(func(int) bool, chan int)"),
        ] {
            let parsed = GoType::parse(text).map(|t| t.to_string());
            assert_eq!(parsed.as_deref(), Ok(want), "{text}");
            assert_eq!(GoType::parse(want).map(|t| t.to_string()).as_deref(), Ok(want), "{want} again");
        }
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for (text, want) in [
            ("", "expected a type at byte 0"),
            ("Request", "expected the import path of `Request`, as in `net/http.Request` at byte 0"),
            (
                "func(ctx context.Context)",
                "expected the import path of `ctx`, as in `net/http.ctx` at byte 5",
            ),
            ("func(...int, int)", "expected `)` after the variadic parameter at byte 13"),
            ("map[string", "expected `]` at byte 10"),
            ("int int", "expected the end of the type at byte 4"),
            ("chan", "expected a type at byte 4"),
        ] {
            assert_eq!(GoType::parse(text).map_err(|e| e.to_string()), Err(want.to_owned()), "{text}");
        }
    }
}

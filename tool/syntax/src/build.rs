//! Build constraints: `//go:build` lines, legacy `// +build` lines, and file names like `x_linux_amd64.go`.
//!
//! ```
//! use weave_syntax::build::{Target, includes};
//!
//! let linux = Target { goos: "linux", goarch: "amd64", cgo: true, go_minor: 26, tags: &[] };
//! let src = b"//go:build unix && !race\n\npackage p\n";
//! assert_eq!(includes(&linux, "file.go", src), Ok(true));
//! assert_eq!(includes(&linux, "file_windows.go", src), Ok(false));
//! let race = Target { tags: &["race"], ..linux };
//! assert_eq!(includes(&race, "file.go", src), Ok(false));
//! ```
use crate::messages;
use crate::{SyntaxError, unicode};
use std::fmt;

/// Operators and tags that one expression may have, as in `go/build/constraint`.
const MAX_SIZE: usize = 1000;
const MAX_PLUS_BUILD_SIZE: usize = 100;

/// A build expression such as `linux && !cgo`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Constraint {
    /// In postfix order, so that neither evaluating nor dropping it recurses.
    ops: Vec<Op>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Op {
    Tag(String),
    Not,
    And,
    Or,
}

impl Constraint {
    /// Parses the expression after `//go:build`. The offset of an error is relative to the text.
    ///
    /// # Errors
    ///
    /// If the text is not a build expression, or one of more than 1000 terms.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut parser = Parser { text, at: 0, token: "", start: 0, size: 0, ops: Vec::new() };
        parser.or()?;
        if !parser.token.is_empty() {
            return Err(parser.unexpected());
        }
        Ok(Self { ops: parser.ops })
    }

    /// Parses the legacy expression after `+build`: clauses separated by spaces are alternatives, terms
    /// separated by commas must all hold. Malformed terms count as the tag `ignore`.
    ///
    /// # Errors
    ///
    /// If it has more than 100 operators.
    pub fn parse_plus_build(text: &str) -> Result<Self, SyntaxError> {
        let mut ops = Vec::new();
        let mut size = 0;
        for (i, clause) in text.split_whitespace().enumerate() {
            for (j, literal) in clause.split(',').enumerate() {
                let (not, tag) = match literal.strip_prefix('!') {
                    Some(rest) if rest.starts_with('!') || rest.is_empty() => (false, "ignore"),
                    Some(rest) => (true, rest),
                    None => (false, literal),
                };
                let tag = if !tag.is_empty() && tag.chars().all(is_tag_char) { tag } else { "ignore" };
                ops.push(Op::Tag(tag.to_owned()));
                if not {
                    ops.push(Op::Not);
                }
                if j > 0 {
                    ops.push(Op::And);
                    size += 1;
                }
            }
            if i > 0 {
                ops.push(Op::Or);
                size += 1;
            }
        }
        if size > MAX_PLUS_BUILD_SIZE {
            return Err(SyntaxError::new(0, messages::too_complex_for_plus_build()));
        }
        if ops.is_empty() {
            ops.push(Op::Tag("ignore".to_owned()));
        }
        Ok(Self { ops })
    }

    /// Evaluates the expression. Every tag is asked for, whether or not it can change the result.
    pub fn eval(&self, mut tag: impl FnMut(&str) -> bool) -> bool {
        let mut stack = Vec::new();
        for op in &self.ops {
            let value = match op {
                Op::Tag(name) => tag(name),
                Op::Not => !stack.pop().unwrap_or(false),
                Op::And => stack.pop().unwrap_or(false) & stack.pop().unwrap_or(false),
                Op::Or => stack.pop().unwrap_or(false) | stack.pop().unwrap_or(false),
            };
            stack.push(value);
        }
        stack.pop().unwrap_or(false)
    }

    /// The tags in the expression, in order, repeated as written.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.ops.iter().filter_map(|op| match op {
            Op::Tag(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

impl fmt::Display for Constraint {
    /// With the parentheses that are needed, and no others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Text and precedence (1: or, 2: and, 3: not, tag) of what is on the stack.
        let mut stack: Vec<(String, u8)> = Vec::new();
        let wrap = |(text, precedence): (String, u8), min| {
            if precedence < min { format!("({text})") } else { text }
        };
        for op in &self.ops {
            let mut pop = || stack.pop().unwrap_or_default();
            let next = match op {
                Op::Tag(name) => (name.clone(), 3),
                Op::Not => (format!("!{}", wrap(pop(), 3)), 3),
                Op::And => {
                    let y = wrap(pop(), 2);
                    (format!("{} && {y}", wrap(pop(), 2)), 2)
                }
                Op::Or => {
                    let y = wrap(pop(), 1);
                    (format!("{} || {y}", wrap(pop(), 1)), 1)
                }
            };
            stack.push(next);
        }
        f.write_str(&stack.pop().unwrap_or_default().0)
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// The current token; empty at the end.
    token: &'t str,
    start: usize,
    size: usize,
    ops: Vec<Op>,
}

impl Parser<'_> {
    fn error<T>(&self, at: usize, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError::new(at as u32, message))
    }

    fn unexpected(&self) -> SyntaxError {
        let message = if self.token.is_empty() {
            messages::end_of_expression().to_owned()
        } else {
            messages::unexpected_token(self.token)
        };
        SyntaxError::new(self.start as u32, message)
    }

    // Each of these begins before its first token has been read, and ends with the token after it read.

    fn or(&mut self) -> Result<(), SyntaxError> {
        self.and()?;
        while self.token == "||" {
            self.and()?;
            self.ops.push(Op::Or);
        }
        Ok(())
    }

    fn and(&mut self) -> Result<(), SyntaxError> {
        self.not()?;
        while self.token == "&&" {
            self.not()?;
            self.ops.push(Op::And);
        }
        Ok(())
    }

    fn not(&mut self) -> Result<(), SyntaxError> {
        self.size += 1;
        if self.size > MAX_SIZE {
            return self.error(self.at, messages::expression_too_large());
        }
        self.lex()?;
        if self.token != "!" {
            return self.atom();
        }
        self.lex()?;
        if self.token == "!" {
            return self.error(self.start, messages::double_negation());
        }
        self.atom()?;
        self.ops.push(Op::Not);
        Ok(())
    }

    fn atom(&mut self) -> Result<(), SyntaxError> {
        if self.token == "(" {
            let open = self.start;
            self.or()?;
            if self.token != ")" {
                return self.error(open, messages::missing_close_paren());
            }
        } else if self.token.chars().next().is_some_and(is_tag_char) {
            self.ops.push(Op::Tag(self.token.to_owned()));
        } else {
            return Err(self.unexpected());
        }
        self.lex()
    }

    fn lex(&mut self) -> Result<(), SyntaxError> {
        let rest = self.text[self.at..].trim_start_matches([' ', '\t']);
        self.start = self.text.len() - rest.len();
        let len = match rest.bytes().next() {
            None => 0,
            Some(b'(' | b')' | b'!') => 1,
            Some(b'&' | b'|') if rest.starts_with("&&") || rest.starts_with("||") => 2,
            Some(_) => {
                let len = rest.find(|c| !is_tag_char(c)).unwrap_or(rest.len());
                if len == 0 {
                    let c = rest.chars().next().unwrap_or_default();
                    return self.error(self.start, messages::invalid_syntax(c));
                }
                len
            }
        };
        self.token = &rest[..len];
        self.at = self.start + len;
        Ok(())
    }
}

fn is_tag_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '_'
        || c == '.'
        || !c.is_ascii() && (unicode::is_letter(c) || unicode::is_digit(c))
}

/// The constraint in the header of a file.
///
/// # Errors
///
/// If there is more than one `//go:build` line, or its expression is malformed; offsets are in `src`.
pub fn file_constraint(src: &[u8]) -> Result<FileConstraint, SyntaxError> {
    let header = Header::read(src)?;
    if let Some((at, line)) = header.go_build {
        let text = text_after(line, "//go:build").unwrap_or("");
        let expr_at = at + (line.len() - text.len()) as u32;
        let expr = Constraint::parse(text).map_err(|e| SyntaxError::new(expr_at + e.offset, e.message))?;
        return Ok(FileConstraint { all: vec![expr], go_build: Some(at) });
    }
    let mut all = Vec::new();
    for line in src[..header.plus_build_end].split(|&c| c == b'\n') {
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let Some(comment) = line.trim().strip_prefix("//") else { continue };
        if let Some(text) = text_after(comment.trim(), "+build")
            && let Ok(expr) = Constraint::parse_plus_build(text)
        {
            all.push(expr);
        }
    }
    Ok(FileConstraint { all, go_build: None })
}

/// The constraints of a file, all of which must hold: one `//go:build` line, or else the `// +build` lines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileConstraint {
    /// The expressions.
    pub all: Vec<Constraint>,
    /// Offset of the `//go:build` line.
    pub go_build: Option<u32>,
}

impl FileConstraint {
    /// Returns whether all hold. Every tag is asked for.
    pub fn eval(&self, mut tag: impl FnMut(&str) -> bool) -> bool {
        let mut all = true;
        for expr in &self.all {
            all &= expr.eval(&mut tag);
        }
        all
    }
}

/// `line` without `prefix` and without the white space that must follow it, if it is there.
fn text_after<'l>(line: &'l str, prefix: &str) -> Option<&'l str> {
    let rest = line.strip_prefix(prefix)?;
    let text = rest.trim();
    (text.len() < rest.len() || rest.is_empty()).then_some(text)
}

struct Header<'s> {
    /// Offset and text of the `//go:build` line.
    go_build: Option<(u32, &'s str)>,
    /// `// +build` lines count before this offset: before the last empty line of the leading `//` comments.
    plus_build_end: usize,
}

impl<'s> Header<'s> {
    /// Reads lines up to the first text that is not a comment.
    fn read(src: &'s [u8]) -> Result<Self, SyntaxError> {
        let mut header = Header { go_build: None, plus_build_end: 0 };
        // Go's reader of file headers drops a byte order mark.
        let mut at = if src.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        // Whether a line that is no // comment was seen, and whether we are inside /* */.
        let (mut ended, mut block) = (false, false);
        while at < src.len() {
            let start = at;
            let len = src[at..].iter().position(|&c| c == b'\n');
            at = len.map_or(src.len(), |len| start + len + 1);
            let raw = &src[start..len.map_or(src.len(), |len| start + len)];
            let mut line = raw.trim_ascii();
            if line.is_empty() && !ended {
                header.plus_build_end = at;
                continue;
            }
            ended |= !line.starts_with(b"//");
            if !block
                && let Ok(text) = std::str::from_utf8(line)
                && text_after(text, "//go:build").is_some()
            {
                let offset = start + (raw.len() - raw.trim_ascii_start().len());
                if header.go_build.is_some() {
                    return Err(SyntaxError::new(offset as u32, messages::several_build_comments()));
                }
                header.go_build = Some((offset as u32, text));
            }
            while !line.is_empty() {
                if block {
                    let Some(end) = line.windows(2).position(|w| w == b"*/") else { break };
                    block = false;
                    line = line[end + 2..].trim_ascii();
                } else if line.starts_with(b"//") {
                    break;
                } else if line.starts_with(b"/*") {
                    block = true;
                    line = line[2..].trim_ascii();
                } else {
                    return Ok(header);
                }
            }
        }
        Ok(header)
    }
}

/// Platform that a package is compiled for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target<'a> {
    /// `GOOS`.
    pub goos: &'a str,
    /// `GOARCH`.
    pub goarch: &'a str,
    /// Whether cgo is on.
    pub cgo: bool,
    /// 26 for Go 1.26: `go1.1` to `go1.26` hold.
    pub go_minor: u32,
    /// Further tags: those given by the user, `race`, `goexperiment.x`, `amd64.v1` and so on.
    pub tags: &'a [&'a str],
}

impl Target<'_> {
    /// Returns whether a tag holds for the compiler gc.
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        let tag = if tag == "boringcrypto" { "goexperiment.boringcrypto" } else { tag };
        let release =
            || tag.strip_prefix("go1.").filter(|n| !n.starts_with(['0', '+'])).and_then(|n| n.parse().ok());
        match tag {
            "cgo" if self.cgo => true,
            "gc" => true,
            "linux" if self.goos == "android" => true,
            "solaris" if self.goos == "illumos" => true,
            "darwin" if self.goos == "ios" => true,
            "unix" if UNIX.contains(&self.goos) => true,
            _ if tag == self.goos || tag == self.goarch => true,
            _ if release().is_some_and(|n: u32| n <= self.go_minor) => true,
            _ => self.tags.contains(&tag),
        }
    }
}

/// Returns whether the name of a file and the constraint in its header let it be built. A file whose name begins with
/// `_` or `.` is never built. Two more rules of the go command are not looked at here: `_test.go` files
/// belong to tests, and files that import `"C"` are left out when cgo is off.
///
/// # Errors
///
/// If the constraint is malformed; see [`file_constraint`].
pub fn includes(target: &Target<'_>, file_name: &str, src: &[u8]) -> Result<bool, SyntaxError> {
    if !includes_name(file_name, |tag| target.matches(tag)) {
        return Ok(false);
    }
    Ok(file_constraint(src)?.eval(|tag| target.matches(tag)))
}

/// Returns whether a file name lets the file be built: `x_GOOS.go`, `x_GOARCH.go`, `x_GOOS_GOARCH.go`, each also with
/// `_test`, need these tags; names that begin with `_` or `.` are never built.
pub fn includes_name(file_name: &str, mut tag: impl FnMut(&str) -> bool) -> bool {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    if name.starts_with(['_', '.']) {
        return false;
    }
    let name = name.split('.').next().unwrap_or("");
    // What is before the first underscore is not a tag: "linux.go" is always built.
    let Some((_, rest)) = name.split_once('_') else { return true };
    let mut parts: Vec<&str> = rest.split('_').collect();
    if parts.last() == Some(&"test") {
        parts.pop();
    }
    match parts.as_slice() {
        [.., os, arch] if KNOWN_OS.contains(os) && KNOWN_ARCH.contains(arch) => tag(arch) & tag(os),
        [.., last] if KNOWN_OS.contains(last) || KNOWN_ARCH.contains(last) => tag(last),
        _ => true,
    }
}

/// The values of `GOOS` that count in file names: past, present and future ones.
pub const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

/// The values of `GOARCH` that count in file names: past, present and future ones.
pub const KNOWN_ARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// The values of `GOOS` for which the tag `unix` holds.
pub const UNIX: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "linux",
    "netbsd",
    "openbsd",
    "solaris",
];

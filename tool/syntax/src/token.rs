//! Tokens and their kinds.
use std::fmt;
use weave_text::Span;

/// A piece of source text of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte; equal to `start` for [`TokenKind::AutoSemi`] and [`TokenKind::Eof`].
    pub end: u32,
    /// Kind.
    pub kind: TokenKind,
}

impl Token {
    /// Returns where it is.
    #[must_use]
    pub const fn span(self) -> Span {
        Span::new(self.start, self.end)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal $prec:literal $semi:literal,)*) => {
        /// The kind of a [`Token`]: every operator and keyword of Go has its own.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum TokenKind { $($(#[$doc])* $name,)* }

        const ALL: &[TokenKind] = &[$(TokenKind::$name,)*];
        const TEXT: &[&str] = &[$($text,)*];
        static PREC: &[u8] = &[$($prec,)*];
        static SEMI: &[bool] = &[$($semi != 0,)*];
    };
}

// Columns: name, text or description, binary precedence, whether a newline after it inserts a semicolon.
kinds! {
    /// End of the file; the last token, empty.
    Eof "end of file" 0 0,
    /// Bytes that no Go token can start with.
    Error "illegal character" 0 0,
    /// A byte order mark at the start of the file (only from [`Tokens::lossless`](crate::Tokens::lossless)).
    Bom "byte order mark" 0 0,
    /// Spaces, tabs, carriage returns, newlines (only from [`Tokens::lossless`](crate::Tokens::lossless)).
    Whitespace "white space" 0 0,
    /// A `//` comment without its newline, or a `/* */` comment.
    Comment "comment" 0 0,
    /// `;` in the source.
    Semi ";" 0 0,
    /// A semicolon that a newline or the end of the file stands for; empty.
    AutoSemi "newline" 0 0,
    /// Identifier.
    Ident "identifier" 0 1,
    /// Integer literal.
    Int "integer" 0 1,
    /// Floating-point literal.
    Float "float" 0 1,
    /// Imaginary literal.
    Imag "imaginary number" 0 1,
    /// Rune literal.
    Char "rune" 0 1,
    /// String literal, interpreted or raw.
    Str "string" 0 1,
    /// `+`
    Plus "+" 4 0,
    /// `-`
    Minus "-" 4 0,
    /// `*`
    Star "*" 5 0,
    /// `/`
    Slash "/" 5 0,
    /// `%`
    Percent "%" 5 0,
    /// `&`
    Amp "&" 5 0,
    /// `|`
    Or "|" 4 0,
    /// `^`
    Caret "^" 4 0,
    /// `<<`
    Shl "<<" 5 0,
    /// `>>`
    Shr ">>" 5 0,
    /// `&^`
    AndNot "&^" 5 0,
    /// `+=`
    PlusAssign "+=" 0 0,
    /// `-=`
    MinusAssign "-=" 0 0,
    /// `*=`
    StarAssign "*=" 0 0,
    /// `/=`
    SlashAssign "/=" 0 0,
    /// `%=`
    PercentAssign "%=" 0 0,
    /// `&=`
    AmpAssign "&=" 0 0,
    /// `|=`
    OrAssign "|=" 0 0,
    /// `^=`
    CaretAssign "^=" 0 0,
    /// `<<=`
    ShlAssign "<<=" 0 0,
    /// `>>=`
    ShrAssign ">>=" 0 0,
    /// `&^=`
    AndNotAssign "&^=" 0 0,
    /// `=`
    Assign "=" 0 0,
    /// `:=`
    Define ":=" 0 0,
    /// `&&`
    AndAnd "&&" 2 0,
    /// `||`
    OrOr "||" 1 0,
    /// `<-`
    Arrow "<-" 0 0,
    /// `++`
    Inc "++" 0 1,
    /// `--`
    Dec "--" 0 1,
    /// `==`
    Equal "==" 3 0,
    /// `!=`
    NotEqual "!=" 3 0,
    /// `<`
    Less "<" 3 0,
    /// `<=`
    LessEqual "<=" 3 0,
    /// `>`
    Greater ">" 3 0,
    /// `>=`
    GreaterEqual ">=" 3 0,
    /// `!`
    Not "!" 0 0,
    /// `~`
    Tilde "~" 0 0,
    /// `...`
    Ellipsis "..." 0 0,
    /// `(`
    LParen "(" 0 0,
    /// `)`
    RParen ")" 0 1,
    /// `[`
    LBrack "[" 0 0,
    /// `]`
    RBrack "]" 0 1,
    /// `{`
    LBrace "{" 0 0,
    /// `}`
    RBrace "}" 0 1,
    /// `,`
    Comma "," 0 0,
    /// `.`
    Dot "." 0 0,
    /// `:`
    Colon ":" 0 0,
    /// `break`
    Break "break" 0 1,
    /// `case`
    Case "case" 0 0,
    /// `chan`
    Chan "chan" 0 0,
    /// `const`
    Const "const" 0 0,
    /// `continue`
    Continue "continue" 0 1,
    /// `default`
    Default "default" 0 0,
    /// `defer`
    Defer "defer" 0 0,
    /// `else`
    Else "else" 0 0,
    /// `fallthrough`
    Fallthrough "fallthrough" 0 1,
    /// `for`
    For "for" 0 0,
    /// `func`
    Func "func" 0 0,
    /// `go`
    Go "go" 0 0,
    /// `goto`
    Goto "goto" 0 0,
    /// `if`
    If "if" 0 0,
    /// `import`
    Import "import" 0 0,
    /// `interface`
    Interface "interface" 0 0,
    /// `map`
    Map "map" 0 0,
    /// `package`
    Package "package" 0 0,
    /// `range`
    Range "range" 0 0,
    /// `return`
    Return "return" 0 1,
    /// `select`
    Select "select" 0 0,
    /// `struct`
    Struct "struct" 0 0,
    /// `switch`
    Switch "switch" 0 0,
    /// `type`
    Type "type" 0 0,
    /// `var`
    Var "var" 0 0,
}

impl TokenKind {
    /// Every kind, in the order of the enum.
    #[must_use]
    pub const fn all() -> &'static [TokenKind] {
        ALL
    }

    /// The text of an operator or keyword, a description of any other kind.
    #[must_use]
    pub const fn text(self) -> &'static str {
        TEXT[self as usize]
    }

    /// Precedence as a binary operator, 1 (`||`) to 5 (`*`); 0 for other kinds.
    #[must_use]
    #[inline]
    pub fn precedence(self) -> u8 {
        PREC[self as usize]
    }

    /// Returns whether a newline after it inserts a semicolon.
    #[must_use]
    #[inline]
    pub fn ends_line(self) -> bool {
        SEMI[self as usize]
    }

    /// Returns whether it is a keyword.
    #[must_use]
    pub fn is_keyword(self) -> bool {
        self >= TokenKind::Break
    }

    /// Returns whether it is an identifier or a literal.
    #[must_use]
    pub fn is_literal(self) -> bool {
        TokenKind::Ident <= self && self <= TokenKind::Str
    }

    /// Returns whether it is a semicolon, written or inserted.
    #[must_use]
    #[inline]
    pub fn is_semi(self) -> bool {
        matches!(self, TokenKind::Semi | TokenKind::AutoSemi)
    }

    /// Returns whether it assigns: `=`, `:=`, or an operator with `=`.
    #[must_use]
    #[inline]
    pub fn is_assign(self) -> bool {
        TokenKind::PlusAssign <= self && self <= TokenKind::Define
    }

    /// The keyword that `word` is.
    #[must_use]
    pub fn keyword(word: &[u8]) -> Option<TokenKind> {
        Self::KEYWORDS.iter().copied().find(|k| k.text().as_bytes() == word)
    }

    pub(crate) const KEYWORDS: &[TokenKind] = ALL.split_at(TokenKind::Break as usize).1;
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

//! Reasons why a candidate is not woven.

use std::ops::{Deref, DerefMut};

use weave_ir::{Diagnostic, Location};

macro_rules! reasons {
    ($($reason:ident = $name:literal [$($key:literal),* $(,)?],)*) => {
        /// The kinds of findings. What is done about one is decided by this, never by its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Reason {
            $($reason,)*
        }

        impl Reason {
            /// The name of the kind in reports, which stays the same.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$reason => $name,)*
                }
            }

            /// The keys of a rule that such a finding is about, the nearest first; empty: the whole of its `where`.
            pub(crate) const fn keys(self) -> &'static [&'static str] {
                match self {
                    $(Self::$reason => &[$($key),*],)*
                }
            }

            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$reason),*];
        }
    };
}

reasons! {
    Adapter = "adapter" [],
    ArgumentCount = "argument-count" ["arguments", "hook"],
    ArgumentType = "argument-type" ["arguments", "hook"],
    BadArgument = "bad-argument" ["arguments", "hook"],
    BadLoweredRule = "bad-lowered-rule" ["hook"],
    BadSignature = "bad-signature" [],
    BadType = "bad-type" [],
    BadVersion = "bad-version" [],
    Code = "code" [],
    Conflict = "conflict" [],
    Declare = "declare" [],
    Delicate = "delicate" [],
    ExitShape = "exit-shape" ["hook"],
    FieldTaken = "field-taken" [],
    File = "file" [],
    FunctionNotFound = "function-not-found" ["function"],
    GenericHook = "generic-hook" [],
    HookContext = "hook-context" [],
    HookNotFound = "hook-not-found" [],
    HookPlace = "hook-place" ["hook"],
    HookSource = "hook-source" [],
    HookType = "hook-type" ["hook"],
    Ignored = "ignored" [],
    LanguageVersion = "language-version" [],
    Malformed = "directive" [],
    NameTaken = "name-taken" [],
    NewImport = "new-import" [],
    NoBody = "no-body" ["function"],
    NoFile = "no-file" [],
    NoInterface = "no-interface" [],
    NoSuchArgument = "no-such-argument" ["arguments", "hook"],
    NoSuchParameter = "no-such-parameter" ["replace", "hook"],
    NoTypes = "no-types" [],
    NoValue = "no-value" [],
    NoVersion = "no-version" [],
    NothingFound = "nothing-found" [
        "call", "literal", "statement", "struct", "import", "variable", "constant", "function", "receiver", "directive",
    ],
    OneValue = "one-value" [],
    OtherHooksPackage = "other-hooks-package" [],
    ParameterType = "parameter-type" [],
    Place = "place" [],
    Positional = "positional" [],
    ReplaceCount = "replace-count" ["replace", "hook"],
    ReplaceType = "replace-type" ["replace", "hook"],
    ResultType = "result-type" [],
    Rewriter = "rewriter" [],
    RewriterAnswer = "rewriter-answer" [],
    RewriterEdits = "rewriter-edits" [],
    RewriterFile = "rewriter-file" [],
    RewriterProtocol = "rewriter-protocol" [],
    RewriterSource = "rewriter-source" [],
    Several = "several" [
        "call", "literal", "statement", "struct", "import", "variable", "constant", "function", "receiver", "directive",
    ],
    SignatureDiffers = "signature-differs" ["signature"],
    SkipShape = "skip-shape" ["hook"],
    Spread = "spread" [],
    Statement = "statement" [],
    Syntax = "syntax" [],
    Template = "template" [],
    UnnamedParameter = "unnamed-parameter" ["arguments", "hook"],
    WovenTwice = "woven-twice" [],
}

/// Reason why an advice cannot be woven where its rule matches.
pub(crate) type Refusal = Box<Refused>;

/// Returns whether a warning is that a file does not parse, so that nothing is woven and the compiler has the last word.
#[must_use]
pub fn is_unparsed(warning: &Diagnostic) -> bool {
    warning.code == Reason::Syntax.name()
}

/// A refusal: its kind and its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub reason: Reason,
    pub finding: Diagnostic,
}

impl Refused {
    /// A refusal without a place; `messages.rs` alone makes one.
    pub(crate) fn new(reason: Reason, message: String) -> Self {
        Self { reason, finding: Diagnostic::new(reason.name(), None, message) }
    }

    /// Says where.
    pub(crate) fn at(mut self, at: Option<Location>) -> Self {
        self.finding.at = at;
        self
    }

    /// Gives it as results have it.
    pub(crate) fn boxed(self) -> Refusal {
        Box::new(self)
    }

    /// Adds a place or a fact.
    pub(crate) fn note(mut self, at: Option<Location>, text: impl Into<String>) -> Self {
        self.finding = self.finding.note(at, text);
        self
    }

    /// Says what to do next.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.finding = self.finding.help(text);
        self
    }
}

impl Deref for Refused {
    type Target = Diagnostic;

    fn deref(&self) -> &Diagnostic {
        &self.finding
    }
}

impl DerefMut for Refused {
    fn deref_mut(&mut self) -> &mut Diagnostic {
        &mut self.finding
    }
}

/// Reason why a rule is not woven.
pub(crate) enum Miss {
    NotApplicable(String),
    NotFound(Refusal),
    Mismatch(Refusal),
}

impl Miss {
    pub(crate) fn not_found(d: Refused) -> Self {
        Self::NotFound(Box::new(d))
    }

    pub(crate) fn mismatch(d: Refused) -> Self {
        Self::Mismatch(Box::new(d))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Reason;

    #[test]
    fn each_kind_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
    }
}

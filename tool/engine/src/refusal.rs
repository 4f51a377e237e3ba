//! Why something is not woven.

use weave_ir::Diagnostic;

use crate::package::file::Function;

/// Why an advice cannot be woven where its rule matches.
pub(crate) type Refusal = Box<Diagnostic>;

pub(crate) fn refuse(code: &str, message: impl Into<String>) -> Refusal {
    Box::new(Diagnostic::new(code, None, message))
}

/// Code of the finding that a directive comment has a mistake.
pub(crate) const MALFORMED: &str = "directive";

/// Why a rule is not woven.
pub(crate) enum Miss {
    NotApplicable(String),
    NotFound(Box<Diagnostic>),
    Mismatch(Box<Diagnostic>),
}

impl Miss {
    pub(crate) fn not_found(d: Diagnostic) -> Self {
        Self::NotFound(Box::new(d))
    }

    pub(crate) fn mismatch(d: Diagnostic) -> Self {
        Self::Mismatch(Box::new(d))
    }
}

pub(crate) fn no_body(function: &Function<'_>) -> String {
    format!("{} has no body here (it is assembly or linked by name)", function.display())
}

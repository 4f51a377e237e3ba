//! Messages of this crate, one row each. They are notes: one line each, with the next step, and the build goes on.

weave_text::messages! {
    shipped_is_off(shipped, own, function, package) = "the shipped instrumentation {shipped} is off: your rules {own} hook {function} of {package}, too; GOWEAVE_EXCEPT={own} uses the shipped one instead";
    directive_is_taken(directive, own) = "the shipped rule for //{directive} is off: your rules {own} have one, too; GOWEAVE_EXCEPT={own} uses the shipped one instead";
}

//! Messages of this crate, one constructor each. They are notes: one line each, and the build goes on.

/// The next step where an instrumentation of the user's takes the place of a shipped one.
fn instead(of: &str) -> String {
    format!("GOWEAVE_EXCEPT={of} uses the shipped one instead")
}

/// The note on a shipped instrumentation that is off, since rules of the user's hook the same function.
pub(crate) fn shipped_is_off(shipped: &str, own: &str, function: &str, package: &str) -> String {
    format!(
        "the shipped instrumentation {shipped} is off: your rules {own} hook {function} of {package}, too; {}",
        instead(own)
    )
}

/// The note on a directive comment of a shipped instrumentation that rules of the user's use.
pub(crate) fn directive_is_taken(directive: &str, own: &str) -> String {
    format!("the shipped rule for //{directive} is off: your rules {own} have one, too; {}", instead(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_lines_with_the_next_step() {
        let all = [shipped_is_off("net/http", "own", "Do", "net/http"), directive_is_taken("dd:span", "own")];
        let constructors = include_str!("messages.rs").matches("\npub(crate) fn ").count();
        assert_eq!(all.len(), constructors, "a message is not in the list");
        for note in all {
            assert!(note.ends_with("; GOWEAVE_EXCEPT=own uses the shipped one instead"), "{note}");
        }
    }
}

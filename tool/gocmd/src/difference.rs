//! Woven files against their originals, as a unified diff.

use std::fmt::Write as _;

use similar::TextDiff;

/// The diff of one file; empty if there is none. An `old` of nothing is a new file.
#[must_use]
pub fn difference(name: &str, old: Option<&str>, new: &str, colour: bool) -> String {
    if old == Some(new) {
        return String::new();
    }
    let [bold, hunk, minus, plus, end] =
        if colour { ["\x1b[1m", "\x1b[36m", "\x1b[31m", "\x1b[32m", "\x1b[0m"] } else { [""; 5] };
    let mut out = match old {
        Some(_) => format!("{bold}--- {name}{end}\n{bold}+++ {name} (woven){end}\n"),
        None => format!("{bold}--- /dev/null{end}\n{bold}+++ {name} (woven){end}\n"),
    };
    let diff = TextDiff::from_lines(old.unwrap_or_default(), new);
    for line in diff.unified_diff().context_radius(2).to_string().lines() {
        let colour = match line.as_bytes().first() {
            Some(b'@') => hunk,
            Some(b'-') => minus,
            Some(b'+') => plus,
            _ => "",
        };
        let end = if colour.is_empty() { "" } else { end };
        let _ = writeln!(out, "{colour}{line}{end}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_was_woven() {
        assert_eq!(difference("a.go", Some("x\n"), "x\n", false), "");
        assert_eq!(
            difference("a.go", Some("a\nf() {\nb\n"), "a\nf() { h()\nb\n", false),
            "--- a.go\n+++ a.go (woven)\n@@ -1,3 +1,3 @@\n a\n-f() {\n+f() { h()\n b\n"
        );
        assert_eq!(
            difference("z.go", None, "z\n", true),
            "\x1b[1m--- /dev/null\x1b[0m\n\x1b[1m+++ z.go (woven)\x1b[0m\n\x1b[36m@@ -0,0 +1 @@\x1b[0m\n\x1b[32m+z\x1b[0m\n"
        );
    }
}

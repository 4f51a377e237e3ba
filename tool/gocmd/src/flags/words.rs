//! Lists of words as the go command reads and writes them: `GOFLAGS`, `-gcflags`, `-toolexec`.
//!
//! Words are separated by white space; one that begins with a quote runs to the next quote of that kind. There are no
//! escapes, so a word with both kinds of quotes and white space cannot be written.

/// Splits a list.
///
/// # Errors
///
/// If a quote is not closed, what the go command says of it.
pub fn split(text: &str) -> Result<Vec<String>, String> {
    let space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(space);
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let end = rest[1..].find(first).ok_or(format!("unterminated {first} string"))?;
            words.push(rest[1..=end].to_owned());
            rest = &rest[end + 2..];
        } else {
            let end = rest.find(space).unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        rest = rest.trim_start_matches(space);
    }
    Ok(words)
}

/// Writes a list, with quotes where they are needed; `None` if a word cannot be written.
#[must_use]
pub fn join(words: &[String]) -> Option<String> {
    let mut out = String::new();
    for word in words {
        if !out.is_empty() {
            out.push(' ');
        }
        let special = |c: char| c.is_ascii_whitespace() || c == '"' || c == '\'';
        if !word.is_empty() && !word.contains(special) {
            out.push_str(word);
        } else if !word.contains('\'') {
            out.push('\'');
            out.push_str(word);
            out.push('\'');
        } else if !word.contains('"') {
            out.push('"');
            out.push_str(word);
            out.push('"');
        } else {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_the_go_command_reads_them() {
        for (text, want) in [
            ("", &[][..]),
            (" -a\t-b ", &["-a", "-b"]),
            ("'-toolexec=a b' -x", &["-toolexec=a b", "-x"]),
            ("\"it's\" ''", &["it's", ""]),
            ("-ldflags='a", &["-ldflags='a"]),
        ] {
            let words = split(text).expect("the list is good");
            assert_eq!(words, want, "{text}");
            let again =
                split(&join(&words).expect("the words can be written")).expect("what we write is good");
            assert_eq!(again, want, "{text}");
        }
        assert_eq!(split("'a"), Err("unterminated ' string".into()));
        assert_eq!(join(&["a 'b\" c".into()]), None);
    }
}

//! Go code in rules: names of packages in types, and dollar signs, which are placeholders in our language alone.

use std::collections::BTreeMap;

use crate::messages;
use weave_ir::{Code, GoType, Language, std_path};

/// Code that goes through the templates of otelc if it has an action, and stands as it is otherwise.
pub(crate) fn code(text: &str, imports: &BTreeMap<String, String>) -> Code {
    let imports = imports.clone();
    if text.contains("{{") {
        Code { text: text.to_owned(), language: Language::TextTemplate, imports, bare: true }
    } else {
        Code { text: plain(text), imports, bare: true, ..Code::default() }
    }
}

/// Code in our language that means the text as it is; `retVal0` and `_unnamedRetVal0` are the names that others give to
/// results without one.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        let number = ["retVal", "_unnamedRetVal"].iter().find_map(|p| word.strip_prefix(p));
        match number.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            Some(n) => out.push_str(&format!("${{result{n}}}")),
            None => out.push_str(word),
        }
        word.clear();
    };
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        flush(&mut word, &mut out);
        if c == '$' {
            out.push('$');
        }
        out.push(c);
    }
    flush(&mut word, &mut out);
    out
}

/// A Go type by full import path, in the text form of [`GoType`], from one in which packages have the names that `imports`
/// gives them, and names without a package are those of `package`.
pub(crate) fn ty(
    text: &str,
    imports: &BTreeMap<String, String>,
    package: Option<&str>,
) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text.trim();
    // Inside braces are fields and methods, with names of their own.
    let mut depth = 0usize;
    while let Some(c) = rest.chars().next() {
        let end =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '/'))).unwrap_or(rest.len());
        if end == 0 || c == '.' || c.is_ascii_digit() || depth > 0 {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let word = &rest[..end];
        rest = &rest[end..];
        match word.rsplit_once('.') {
            Some((qualifier, name)) => {
                let known = || std_path(qualifier).map(str::to_owned);
                let path =
                    imports.get(qualifier).cloned().or_else(known).unwrap_or_else(|| qualifier.to_owned());
                out.push_str(&format!("{path}.{name}"));
            }
            None if GoType::predeclared(word).is_some()
                || ["map", "chan", "func", "struct", "interface"].contains(&word) =>
            {
                out.push_str(word);
            }
            None => match package {
                Some(package) => out.push_str(&format!("{package}.{word}")),
                None => return Err(messages::word_of_no_package(word)),
            },
        }
    }
    GoType::parse(&out).map(|t| t.to_string()).map_err(|e| messages::no_type_because(text, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_get_their_import_paths() {
        let imports = BTreeMap::from([("o".to_owned(), "example.com/orch".to_owned())]);
        for (text, want) in [
            ("o.Cell", "example.com/orch.Cell"),
            ("map[string]*T", "map[string]*example.com/p.T"),
            ("context.Context", "context.Context"),
            ("*http.Request", "*net/http.Request"),
            ("[4]byte", "[4]uint8"),
            ("interface{}", "any"),
            ("struct{ a int }", "struct{ a int }"),
            (
                "func(o.Cell, ...any) (T, error)",
                "func(example.com/orch.Cell, ...any) (example.com/p.T, error)",
            ),
        ] {
            let got = ty(text, &imports, Some("example.com/p")).unwrap_or_default();
            assert_eq!(got, want, "{text}");
        }
        assert!(ty("T", &imports, None).is_err());
    }

    #[test]
    fn plain_code_means_what_it_says() {
        assert_eq!(
            plain("retVal0.x = \"$5\"; myretVal0 = _unnamedRetVal12"),
            "${result0}.x = \"$$5\"; myretVal0 = ${result12}"
        );
    }
}

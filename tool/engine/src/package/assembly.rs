//! Assembly files of woven packages of the standard library.

/// An assembly file whose positions are those of another file.
///
/// A `#line` directive (`cmd/asm/internal/lex`) stands before its first line that is code. Build constraints are above that,
/// where `go/build` looks for them.
pub fn with_line_directive(src: &[u8], original: &str) -> Vec<u8> {
    let (at, line) = first_code(src);
    // The assembler counts from the line after the next one on.
    let line = line + 1;
    let mut out = src[..at].to_vec();
    out.extend_from_slice(format!("#line {line} \"{original}\"\n").as_bytes());
    out.extend_from_slice(&src[at..]);
    out
}

/// Offset and number of the first line that is neither blank nor comment.
fn first_code(src: &[u8]) -> (usize, usize) {
    let (mut at, mut line, mut commented) = (0, 1, false);
    for text in src.split_inclusive(|&c| c == b'\n') {
        let mut rest = text.trim_ascii();
        loop {
            if commented {
                let Some(end) = rest.windows(2).position(|w| w == b"*/") else { break };
                commented = false;
                rest = rest[end + 2..].trim_ascii_start();
            } else if rest.starts_with(b"/*") {
                commented = true;
                rest = &rest[2..];
            } else if rest.is_empty() || rest.starts_with(b"//") {
                break;
            } else {
                return (at, line);
            }
        }
        at += text.len();
        line += 1;
    }
    (at, line)
}

#[cfg(test)]
mod tests {
    use super::with_line_directive;

    fn woven(src: &str) -> String {
        String::from_utf8(with_line_directive(src.as_bytes(), "src/p/a.s")).unwrap()
    }

    #[test]
    fn the_directive_stands_below_constraints_and_before_code() {
        assert_eq!(
            woven("// Copyright\n\n//go:build amd64\n\n#include \"textflag.h\"\nTEXT f(SB)\n"),
            "// Copyright\n\n//go:build amd64\n\n#line 6 \"src/p/a.s\"\n#include \"textflag.h\"\nTEXT f(SB)\n"
        );
        assert_eq!(
            woven("/* a\nb */ // c\n/**/TEXT f(SB)\n"),
            "/* a\nb */ // c\n#line 4 \"src/p/a.s\"\n/**/TEXT f(SB)\n"
        );
        assert_eq!(woven(""), "#line 2 \"src/p/a.s\"\n");
    }
}

// Command unicode prints the module unicode.rs of weave_syntax: the letters and digits of the Unicode version
// of the Go toolchain that runs it.
//
//	go run ./unicode > ../../tool/syntax/src/unicode.rs
package main

import (
	"bufio"
	"fmt"
	"os"
	"unicode"
	"unicode/utf8"
)

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	fmt.Fprintf(w, "//! Letters and digits outside of ASCII, of Unicode %s.\n", unicode.Version)
	fmt.Fprintln(w, "//! Generated: cd bench/parser && go run ./unicode > ../../tool/syntax/src/unicode.rs")
	table(w, "is_letter", "LETTERS", "a letter (category L)", unicode.IsLetter)
	table(w, "is_digit", "DIGITS", "a decimal digit (category Nd)", unicode.IsDigit)
	fmt.Fprint(w, `
fn find(table: &[(u32, u32)], c: char) -> bool {
    let c = u32::from(c);
    let next = table.partition_point(|&(first, _)| first <= c);
    next > 0 && c <= table[next - 1].1
}
`)
}

func table(w *bufio.Writer, fn, name, doc string, is func(rune) bool) {
	fmt.Fprintf(w, "\n/// Whether a character outside of ASCII is %s.\n", doc)
	fmt.Fprintf(w, "pub(crate) fn %s(c: char) -> bool {\n    find(&%s, c)\n}\n\n", fn, name)
	var ranges [][2]rune
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if !is(r) {
			continue
		}
		if n := len(ranges); n > 0 && ranges[n-1][1] == r-1 {
			ranges[n-1][1] = r
		} else {
			ranges = append(ranges, [2]rune{r, r})
		}
	}
	fmt.Fprintln(w, "#[rustfmt::skip]")
	fmt.Fprintf(w, "static %s: [(u32, u32); %d] = [", name, len(ranges))
	for i, r := range ranges {
		if i%6 == 0 {
			fmt.Fprint(w, "\n   ")
		}
		fmt.Fprintf(w, " (%#x, %#x),", r[0], r[1])
	}
	fmt.Fprintln(w, "\n];")
}

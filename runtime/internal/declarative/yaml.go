package declarative

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The kinds of nodes.
const (
	scalar = iota
	sequence
	mapping
)

// node is a value of a YAML document. A value that is not there is a plain scalar without text.
type node struct {
	kind      int
	text      string // of a scalar
	plain     bool   // a scalar without quotes, whose text tells its type
	items     []*node
	entries   []entry
	line, col int // of its first character, from 1
}

// entry is a key of a mapping, with its value.
type entry struct {
	key   *node
	value *node
}

// fault is what is wrong with a document, and where.
type fault struct {
	line, col int
	text      string
}

func (f *fault) Error() string {
	return strconv.Itoa(f.line) + ":" + strconv.Itoa(f.col) + ": " + f.text
}

// deepest is how far values may nest.
const deepest = 64

// yaml reads the part of YAML 1.2 that configurations are written in, and JSON, which is in it: one document of mappings, sequences and
// scalars, in blocks and in flow, plain, in quotes, and as literal or folded text. What it does not read is a fault that says so and what
// to write instead: anchors, aliases and tags, keys that are no scalars, scalars in quotes or plain ones that go on in the next line, a
// second document.
type yaml struct {
	src       string
	at        int
	line      int // from 1
	lineStart int
	depth     int
}

// parse reads a document. Its faults are of type *fault.
func parse(src string) (n *node, err error) {
	y := &yaml{src: strings.TrimPrefix(src, "\ufeff"), line: 1}
	defer func() {
		if f, is := recover().(*fault); is {
			n, err = nil, f
		}
	}()
	if bad := invalid(y.src); bad >= 0 {
		for y.at < bad {
			y.next()
		}
		y.fail("a byte that is not UTF-8, or a control character")
	}
	y.blank()
	if y.marker("---") {
		y.at += 3
		y.blank()
	}
	n = y.block(0)
	y.blank()
	if y.marker("...") {
		y.at += 3
		y.blank()
	}
	if y.marker("---") {
		y.fail("a second document: a configuration is one")
	}
	if y.at < len(y.src) {
		y.fail("this is not indented like what is before it")
	}
	return n, nil
}

// invalid returns where the first byte is that a document cannot have; -1 if there is none.
func invalid(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") || r < ' ' && r != '\t' && r != '\n' && !strings.HasPrefix(s[i:], "\r\n") || r == 0x7f {
			return i
		}
	}
	return -1
}

//go:noinline
func (y *yaml) fail(text string) { panic(&fault{y.line, y.column() + 1, text}) }

// quoted is a character as messages show it.
func quoted(c byte) string { return strconv.Quote(string(rune(c))) }

// column is how many characters of the line are before this one.
//
//go:noinline
func (y *yaml) column() int { return utf8.RuneCountInString(y.src[y.lineStart:y.at]) }

func (y *yaml) peek() byte {
	if y.at < len(y.src) {
		return y.src[y.at]
	}
	return 0
}

func (y *yaml) next() {
	if y.src[y.at] == '\n' {
		y.line++
		y.lineStart = y.at + 1
	}
	y.at++
}

// ends reports whether a line or the document ends at i, or white space begins.
//
//go:noinline
func (y *yaml) ends(i int) bool {
	return i >= len(y.src) || y.src[i] == ' ' || y.src[i] == '\t' || y.src[i] == '\n' || y.src[i] == '\r'
}

func (y *yaml) marker(m string) bool {
	return y.at == y.lineStart && strings.HasPrefix(y.src[y.at:], m) && y.ends(y.at+3)
}

// space skips the white space and the comment that are left of a line.
func (y *yaml) space() {
	before := y.at
	for y.peek() == ' ' || y.peek() == '\t' || y.peek() == '\r' {
		y.at++
	}
	if y.peek() == '#' && (y.at > before || y.at == y.lineStart) {
		for y.at < len(y.src) && y.src[y.at] != '\n' {
			y.at++
		}
	}
}

// blank skips white space, comments and lines until there is something.
func (y *yaml) blank() {
	for {
		y.space()
		if y.peek() != '\n' || y.at >= len(y.src) {
			break
		}
		y.next()
	}
	if y.at < len(y.src) && strings.Contains(y.src[y.lineStart:y.at], "\t") && strings.TrimLeft(y.src[y.lineStart:y.at], " \t") == "" {
		y.fail("a tab indents this line; write spaces")
	}
}

// dash reports whether an item of a sequence begins here.
func (y *yaml) dash() bool { return y.peek() == '-' && y.ends(y.at+1) }

// empty is the value where there is none.
func (y *yaml) empty() *node { return &node{plain: true, line: y.line, col: y.column() + 1} }

func (y *yaml) enter() {
	if y.depth++; y.depth > deepest {
		y.fail("values nest deeper than " + strconv.Itoa(deepest))
	}
}

// block reads the value at the next thing that there is, if it stands at least as far right as least.
func (y *yaml) block(least int) *node {
	none := y.empty()
	y.blank()
	if y.at >= len(y.src) || y.column() < least || y.marker("---") || y.marker("...") {
		return none
	}
	y.enter()
	defer func() { y.depth-- }()
	if y.dash() {
		return y.sequence()
	}
	line := y.line
	first := y.inline(false)
	if y.line == line && y.colon(first) {
		return y.mapping(first)
	}
	y.rest(first)
	return first
}

// rest expects the end of the line after a value.
func (y *yaml) rest(after *node) {
	y.space()
	switch {
	case y.at >= len(y.src) || y.peek() == '\n':
	case y.peek() == ':':
		y.fail("a mapping cannot begin here; write it in lines of its own, or the text in quotes")
	case after.kind == scalar && after.plain:
		y.fail("unexpected " + quoted(y.peek()) + " after a value")
	default:
		y.fail("unexpected " + quoted(y.peek()) + " after a value in quotes or brackets")
	}
}

// colon reports whether the ':' follows that makes a value a key, and skips it.
func (y *yaml) colon(key *node) bool {
	for y.peek() == ' ' {
		y.at++
	}
	if y.peek() != ':' || !y.ends(y.at+1) || key.kind != scalar {
		return false
	}
	y.at++
	return true
}

func (y *yaml) sequence() *node {
	column := y.column()
	n := &node{kind: sequence, line: y.line, col: column + 1}
	for y.at < len(y.src) && y.column() == column && y.dash() && !y.marker("---") {
		y.at++
		n.items = append(n.items, y.block(column+1))
		y.blank()
	}
	y.outside(column)
	return n
}

// mapping reads a mapping whose first key was read.
func (y *yaml) mapping(key *node) *node {
	column := key.col - 1
	n := &node{kind: mapping, line: key.line, col: key.col}
	for {
		n.add(y, key, y.value(column))
		y.blank()
		if y.at >= len(y.src) || y.column() != column || y.marker("---") || y.marker("...") {
			break
		}
		if y.dash() {
			y.fail("an item of a sequence between the keys of a mapping")
		}
		if key = y.inline(false); !y.colon(key) {
			y.fail("expected ':' after the key")
		}
	}
	y.outside(column)
	return n
}

// outside refuses what stands further right than the block that ended before it.
func (y *yaml) outside(column int) {
	if y.at < len(y.src) && y.column() > column {
		y.fail("this is not indented like what is before it")
	}
}

func (n *node) add(y *yaml, key, value *node) {
	for _, e := range n.entries {
		if e.key.text == key.text {
			panic(&fault{key.line, key.col, "duplicate key " + strconv.Quote(key.text) + "; the first is in line " + strconv.Itoa(e.key.line)})
		}
	}
	n.entries = append(n.entries, entry{key, value})
}

// value reads what follows the ':' of a key that stands in this column.
func (y *yaml) value(column int) *node {
	none := y.empty()
	y.space()
	if y.at < len(y.src) && y.peek() != '\n' {
		if y.peek() == '|' || y.peek() == '>' {
			return y.lines(column)
		}
		if y.dash() {
			y.fail("a sequence cannot begin in the line of its key")
		}
		v := y.inline(false)
		y.rest(v)
		if v.kind == scalar && v.plain {
			y.continued(column)
		}
		return v
	}
	y.blank()
	if y.column() == column && y.dash() && !y.marker("---") {
		y.enter()
		defer func() { y.depth-- }()
		return y.sequence()
	}
	if y.column() > column {
		return y.block(column + 1)
	}
	return none
}

// continued refuses a plain scalar that goes on in the next line.
func (y *yaml) continued(column int) {
	y.blank()
	if y.at < len(y.src) && y.column() > column {
		y.fail("a value goes on in this line; write it in one line, or begin it with |")
	}
}

// lines reads a literal (|) or folded (>) text of a key that stands in this column.
func (y *yaml) lines(column int) *node {
	n := &node{line: y.line, col: y.column() + 1}
	folded, chomp := y.peek() == '>', byte(0)
	y.at++
	if c := y.peek(); c == '-' || c == '+' {
		chomp = c
		y.at++
	}
	if c := y.peek(); '0' <= c && c <= '9' {
		y.fail("an indentation indicator is not read; indent the first line of the text")
	}
	y.space()
	if y.at < len(y.src) && y.peek() != '\n' {
		y.fail("unexpected " + quoted(y.peek()) + " after the beginning of a text")
	}
	var all []string
	indent := -1
	for y.at < len(y.src) {
		y.next() // over the end of the line before
		end := strings.IndexByte(y.src[y.at:], '\n')
		if end < 0 {
			end = len(y.src) - y.at
		}
		text := strings.TrimSuffix(y.src[y.at:y.at+end], "\r")
		spaces := len(text) - len(strings.TrimLeft(text, " "))
		if spaces == len(text) {
			all = append(all, "")
			y.at += end
			continue
		}
		if indent < 0 {
			indent = spaces
		}
		if spaces < indent || spaces <= column {
			break
		}
		all = append(all, text[indent:])
		y.at += end
	}
	trailing := 0
	for len(all) > 0 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
		trailing++
	}
	n.text = strings.Join(all, "\n")
	if folded {
		n.text = fold(all)
	}
	switch {
	case len(all) == 0:
	case chomp == '+':
		n.text += strings.Repeat("\n", trailing+1)
	case chomp == 0:
		n.text += "\n"
	}
	return n
}

// fold joins lines with a space. An empty line is the end of one, and lines that are indented further stay lines (YAML 1.2, 8.1.3).
func fold(lines []string) string {
	var b strings.Builder
	last := -1 // the last line that is not empty
	for i, l := range lines {
		if l == "" {
			b.WriteByte('\n')
			continue
		}
		if last >= 0 {
			switch further := l[0] == ' ' || l[0] == '\t' || lines[last][0] == ' ' || lines[last][0] == '\t'; {
			case further:
				b.WriteByte('\n')
			case last == i-1:
				b.WriteByte(' ')
			}
		}
		b.WriteString(l)
		last = i
	}
	return b.String()
}

// inline reads a scalar, or a mapping or sequence in brackets.
func (y *yaml) inline(flow bool) *node {
	n := &node{line: y.line, col: y.column() + 1}
	switch c := y.peek(); c {
	case '"':
		n.text = y.double()
	case '\'':
		n.text = y.single()
	case '[', '{':
		y.enter()
		defer func() { y.depth-- }()
		y.flow(n, c)
	case '&', '*':
		y.fail("anchors and aliases are not read; write the value out")
	case '!':
		y.fail("tags are not read; a value in quotes is a string")
	case '%', '@', '`', '|', '>', ']', '}', ',', '#':
		y.fail("a value cannot begin with " + quoted(c) + "; write it in quotes")
	default:
		if c == '?' && y.ends(y.at+1) {
			y.fail("keys that are no scalars are not read")
		}
		n.plain, n.text = true, y.unquoted(flow)
	}
	return n
}

// unquoted reads a plain scalar.
func (y *yaml) unquoted(flow bool) string {
	start, end := y.at, y.at
	for y.at < len(y.src) {
		c := y.src[y.at]
		if c == '\n' || c == ':' && (y.ends(y.at+1) || flow && strings.IndexByte(",[]{}", y.src[y.at+1]) >= 0) ||
			c == '#' && y.at > start && y.ends(y.at-1) || flow && strings.IndexByte(",[]{}", c) >= 0 {
			break
		}
		// In brackets, too, a reference to the environment needs no quotes.
		if flow && strings.HasPrefix(y.src[y.at:], "${") {
			if n := strings.IndexAny(y.src[y.at:], "} ,\n"); n > 0 && y.src[y.at+n] == '}' {
				y.at += n
			}
		}
		y.at++
		if !y.ends(y.at - 1) {
			end = y.at
		}
	}
	if end == start {
		y.fail("expected a value")
	}
	y.at = end
	return y.src[start:end]
}

func (y *yaml) single() string {
	y.at++
	var b strings.Builder
	for {
		if y.at >= len(y.src) || y.peek() == '\n' {
			y.fail("a text in quotes does not end in its line; for a text of several lines begin it with |")
		}
		c := y.src[y.at]
		y.at++
		if c == '\'' {
			if y.peek() != '\'' {
				return b.String()
			}
			y.at++
		}
		b.WriteByte(c)
	}
}

// escapes are the characters that YAML 1.2 (5.7) writes with a backslash, but for those of a number, and escaped what they stand for.
const escapes = "0abt\tnvfre \"/\\N_LP"

var escaped = [...]string{"\x00", "\a", "\b", "\t", "\t", "\n", "\v", "\f", "\r", "\x1b", " ", `"`, "/", `\`, "\u0085", "\u00a0", "\u2028", "\u2029"}

func (y *yaml) double() string {
	y.at++
	var b strings.Builder
	for {
		if y.at >= len(y.src) || y.peek() == '\n' {
			y.fail("a text in quotes does not end in its line; for a text of several lines begin it with |")
		}
		c := y.src[y.at]
		if c == '"' {
			y.at++
			return b.String()
		}
		if c != '\\' {
			b.WriteByte(c)
			y.at++
			continue
		}
		if y.at+1 >= len(y.src) {
			y.fail("a text in quotes does not end in its line")
		}
		kind := y.src[y.at+1]
		if i := strings.IndexByte(escapes, kind); i >= 0 {
			b.WriteString(escaped[i])
			y.at += 2
			continue
		}
		digits := 0
		switch kind {
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		}
		if digits == 0 || y.at+2+digits > len(y.src) {
			y.fail(`unknown escape \` + string(rune(kind)))
		}
		r, err := strconv.ParseUint(y.src[y.at+2:y.at+2+digits], 16, 32)
		if err != nil || r > utf8.MaxRune {
			y.fail(`\` + string(rune(kind)) + " wants " + strconv.Itoa(digits) + " hexadecimal digits of a character")
		}
		y.at += 2 + digits
		// JSON writes a character beyond 16 bits as two.
		if 0xd800 <= r && r < 0xdc00 && strings.HasPrefix(y.src[y.at:], `\u`) && y.at+6 <= len(y.src) {
			if low, err := strconv.ParseUint(y.src[y.at+2:y.at+6], 16, 32); err == nil && 0xdc00 <= low && low < 0xe000 {
				r = 0x10000 + (r-0xd800)<<10 + low - 0xdc00
				y.at += 6
			}
		}
		b.WriteRune(rune(r))
	}
}

// flow reads what is in brackets into n.
func (y *yaml) flow(n *node, open byte) {
	n.kind, y.at = sequence, y.at+1
	end := byte(']')
	if open == '{' {
		n.kind, end = mapping, '}'
	}
	for {
		y.within()
		if y.peek() == end {
			y.at++
			return
		}
		item := y.inline(true)
		y.within()
		if n.kind == mapping {
			if item.kind != scalar {
				y.fail("keys that are no scalars are not read")
			}
			value := y.empty()
			if y.peek() == ':' {
				y.at++
				y.within()
				if c := y.peek(); c != ',' && c != end {
					value = y.inline(true)
					y.within()
				}
			}
			n.add(y, item, value)
		} else {
			if y.peek() == ':' {
				y.fail("a mapping within brackets is written in braces")
			}
			n.items = append(n.items, item)
		}
		switch y.peek() {
		case ',':
			y.at++
		case end:
		default:
			y.fail("expected ',' or " + quoted(end))
		}
	}
}

// within skips to what comes next within brackets.
func (y *yaml) within() {
	for {
		y.space()
		if y.at >= len(y.src) {
			y.fail("brackets do not end")
		}
		if y.peek() != '\n' {
			return
		}
		y.next()
	}
}

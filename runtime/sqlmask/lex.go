package sqlmask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// masker reads a statement once, from its beginning to its end.
type masker struct {
	in      string
	pos     int
	dialect Dialect
	broken  byte // what opened something that never ends: the statement may be written in another dialect
	strict  byte // what broken was, in the second reading
	work    int  // how many bytes were looked at, for the test that this is linear

	out   []byte
	space bool   // white space or a comment came before the next token
	last  kind   // of the last token
	prev  string // the last token, if it was a keyword
	ends  bool   // the token before the last word could be the last one of a statement
	dot   dot
	ended int // where the last string ended

	frames []frame // one for the statement, and one for each parenthesis that is open
	shown
	summary
}

// kind is the kind of a token.
type kind uint8

const (
	none        kind = iota
	word             // a keyword or a name
	value            // hidden
	placeholder      // ?, $1, :name, @name
	mark             // an operator or a punctuation mark
)

// dot tells about a dot that is the last token.
type dot uint8

const (
	noDot     dot = iota
	nameDot       // a part of a name follows
	hiddenDot     // after a value: what follows may be a part of it
)

// frame is what is open within one pair of parentheses.
type frame struct {
	values   bool   // a list after IN
	listEnd  int    // where the first value of the list ends in out, while only values came after it; 0: there is none
	names    bool   // columns of a table: nothing but names can stand at their places
	assigns  bool   // after SET: names stand before "="
	tables   tables // whether the next name is a table
	callable bool   // the next name may also be a function
	op       string // the last operation
	joined   bool   // JOIN came: USING has columns
	with     with
	rows     bool // after VALUES: rows come
	settings bool // after SETTINGS of ClickHouse: names are followed by values
	bare     bool // names are values here, as in a row, or can be, as in what a table function of ClickHouse is called with
	options  bool // names of options come, each before its value
	query    bool // a part of a query
	between  bool // BETWEEN came, and its AND did not yet
	upper    bool // its AND came last, of the keywords
}

// lex reads a statement.
func (m *masker) lex(query string, dialect Dialect) {
	cut := len(query) > maxQuery
	if cut {
		query = query[:maxQuery]
	}
	m.in, m.dialect = query, dialect
	m.frames = append(m.frames, frame{})
	for m.pos < len(m.in) && len(m.out) < maxText {
		before := m.pos
		m.token()
		m.work += m.pos - before
	}
	m.settle(false)
	if cut {
		m.broken = 0
	}
}

// reset forgets the statement, and keeps buffers.
func (m *masker) reset() {
	clear(m.frames)
	clear(m.words)
	clear(m.ctes)
	clear(m.aliases)
	*m = masker{out: m.out[:0], frames: m.frames[:0], summary: summary{words: m.words[:0], ctes: m.ctes[:0], aliases: m.aliases[:0]}}
}

func (m *masker) top() *frame { return &m.frames[len(m.frames)-1] }

// token reads and writes one token.
func (m *masker) token() {
	c := m.in[m.pos]
	switch {
	case isSpace(c):
		m.pos++
		m.space = true
	case m.uuid():
		m.pos += uuidLength
		m.value()
	case m.ended == m.pos && m.pos > 0 && (isLetter(c) || c >= utf8.RuneSelf):
		m.uncertain() // A letter after a string: it ends elsewhere, maybe.
	case isLetter(c):
		m.wordToken()
	case isDigit(c), c == '.' && isDigit(m.peek(1)) && m.dot == noDot && m.last != word:
		m.number()
	case c >= utf8.RuneSelf:
		// What is not a letter can be a currency sign before a number, or a quotation mark.
		if r, _ := utf8.DecodeRuneInString(m.in[m.pos:]); unicode.IsLetter(r) && !isQuoteLike(r) {
			m.wordToken()
		} else {
			m.uncertain()
		}
	default:
		m.symbol(c)
	}
}

// opens reports whether a character may open a string or a comment, in the second reading of a statement that never closed one.
func (m *masker) opens(c byte) bool {
	switch {
	case m.strict == 0:
		return false
	case c == '\'', c == '/' && m.peek(1) == '*', c == '-' && m.peek(1) == '-', c == '#' && m.dialect != SQLServer && m.dialect != PostgreSQL:
		return true
	case c == '$':
		return !isDigit(m.peek(1))
	case c == '"':
		return m.strict != '\'' || m.dialect == MySQL || m.dialect == Generic
	}
	return m.strict != '\'' && (c == '`' || c == '[')
}

// symbol reads what begins with a character that is neither a letter nor a digit.
func (m *masker) symbol(c byte) {
	if m.opens(c) {
		m.uncertain()
		return
	}
	if m.format {
		if !strings.ContainsRune(",.)(=", rune(c)) {
			m.uncertain()
			return
		}
		m.format = false // a name
	}
	switch c {
	case '\'':
		m.text(m.escapes())
	case '"':
		m.doubleQuoted()
	case '`':
		m.backQuoted()
	case '[':
		m.bracket()
	case ']':
		m.oneOf(PostgreSQL, ClickHouse)
	case '{':
		m.brace()
	case '}':
		m.oneOf(ClickHouse)
	case '$':
		m.dollar()
	case '#':
		m.hash()
	case '?', ':', '@':
		m.parameter(c)
	case '-':
		switch {
		case m.peek(1) != '-':
			m.operator(1)
		case m.pos+2 == len(m.in) || isSpace(m.peek(2)) || m.dialect != MySQL && m.dialect != Generic:
			m.line()
		default:
			m.uncertain() // two signs, or a comment
		}
	case '/':
		switch {
		case m.peek(1) == '*':
			m.comment()
		case m.peek(1) == '/':
			m.uncertain() // a comment of Snowflake
		default:
			m.operator(1)
		}
	case '+', '*', '%', '<', '>', '=', '!', '|', '&', '^', '~':
		m.operator(1)
	case '(':
		m.open()
	case ')':
		m.close()
	case ',':
		m.comma()
	case ';':
		m.semicolon()
	case '.':
		d := nameDot
		if m.last == value || m.last == none {
			d = hiddenDot
		}
		m.pos++
		m.write(".", mark)
		m.dot = d
	default:
		m.uncertain()
	}
}

// peek returns the byte n after the current one, or 0.
func (m *masker) peek(n int) byte {
	if m.pos+n < len(m.in) {
		return m.in[m.pos+n]
	}
	return 0
}

// find returns where text comes next in the statement from position from on, or -1.
func (m *masker) find(from int, text string) int {
	i := strings.Index(m.in[from:], text)
	if i < 0 {
		m.work += len(m.in) - from
		return -1
	}
	m.work += i
	return from + i
}

// write writes a token after the space that it needs.
func (m *masker) write(s string, k kind) {
	if m.space && len(m.out) > 0 {
		m.out = append(m.out, ' ')
	}
	m.out = append(m.out, s...)
	m.space, m.last, m.prev, m.dot = false, k, "", noDot
}

// value writes a hidden value. What adheres to one is a part of it, and in a list of values one stands for all that follow it.
func (m *masker) value() {
	m.settle(false)
	f := m.top()
	switch {
	case f.values && f.listEnd > 0:
		m.out = m.out[:f.listEnd]
		m.space, m.last, m.prev, m.dot = false, value, "", noDot
		return
	case m.last == value && (!m.space || m.class == closed):
		m.space = false
		return
	}
	m.write("?", value)
	if f.values {
		f.listEnd = len(m.out)
	}
}

// uncertain hides the rest of the statement.
func (m *masker) uncertain() {
	m.value()
	m.pos = len(m.in)
}

// operator writes an operator of n bytes.
func (m *masker) operator(n int) {
	m.settle(false)
	if f := m.top(); n != 1 || m.in[m.pos] != '-' && m.in[m.pos] != '+' {
		f.listEnd = 0
	}
	m.pos += n
	m.write(m.in[m.pos-n:m.pos], mark)
	m.operated(m.in[m.pos-n : m.pos])
}

// oneOf writes a punctuation mark that only these dialects have.
func (m *masker) oneOf(dialects ...Dialect) {
	for _, d := range dialects {
		if m.dialect == d {
			m.operator(1)
			return
		}
	}
	m.uncertain()
}

// line skips a comment that ends with the line.
func (m *masker) line() {
	end := m.find(m.pos, "\n")
	if end < 0 {
		end = len(m.in)
	}
	if i := strings.IndexByte(m.in[m.pos:end], '\r'); i >= 0 && m.pos+i != end-1 {
		// A carriage return alone ends it in some databases.
		if m.dialect != PostgreSQL {
			m.uncertain()
			return
		}
		end = m.pos + i
	}
	m.pos, m.space = end, true
}

// comment skips a comment in slashes and stars. Whether one nests is certain in some dialects only: after one that would, all is hidden.
func (m *masker) comment() {
	inner := m.peek(2)
	if (m.dialect == MySQL || m.dialect == Generic) && (inner == '!' || inner == 'M' && m.peek(3) == '!' || inner == 'T' && m.peek(3) == '!') {
		m.uncertain() // It is executed by some versions.
		return
	}
	nests := m.dialect == PostgreSQL || m.dialect == SQLServer
	hint := inner == '+' && !nests && m.dialect != Oracle && m.dialect != SQLite
	depth := 1
	for m.pos += 2; m.pos < len(m.in); m.pos++ {
		switch c := m.in[m.pos]; {
		case c == '*' && m.peek(1) == '/':
			m.pos++
			if depth--; depth == 0 {
				m.pos++
				m.space = true
				return
			}
		case c == '/' && m.peek(1) == '*':
			if !nests {
				m.uncertain() // Somebody meant them to nest, or they do.
				return
			}
			depth++
			m.pos++
		case hint && (c == '\'' || c == '"' || c == '`'):
			m.uncertain() // The end may be within the quotes.
			return
		}
	}
	m.broken = '/'
	m.uncertain()
}

// escape tells what a backslash is in quotes.
type escape uint8

const (
	plain   escape = iota // a character
	escapes               // an escape
	unsure                // it depends on a setting of the server, or on the dialect
)

// escapes tells what a backslash is in a string.
func (m *masker) escapes() escape {
	switch m.dialect {
	case SQLite, SQLServer, Oracle:
		return plain
	case ClickHouse:
		return escapes
	}
	// standard_conforming_strings, NO_BACKSLASH_ESCAPES.
	return unsure
}

// ending tells how something in quotes ended.
type ending uint8

const (
	closes ending = iota
	never         // there is no closing quote
	ambiguous
)

// quoted skips what is in quotes, from the opening one on. A closing quote that is doubled does not end it.
func (m *masker) quoted(end byte, e escape) ending {
	opened := m.pos
	for m.pos++; m.pos < len(m.in); {
		switch c := m.in[m.pos]; {
		case c == '\\' && e != plain:
			run := m.pos
			for m.pos < len(m.in) && m.in[m.pos] == '\\' {
				m.pos++
			}
			if (m.pos-run)%2 == 0 {
				continue
			}
			if m.pos < len(m.in) && m.in[m.pos] == end {
				if e == unsure {
					return ambiguous
				}
				m.pos++
			}
		case c == end:
			run := m.pos
			for m.pos < len(m.in) && m.in[m.pos] == end {
				m.pos++
			}
			n := m.pos - run
			if m.dialect == Generic && (n > 2 || n == 2 && run == opened+1) {
				return ambiguous // Three quotes delimit strings in some dialects.
			}
			if n%2 == 1 {
				return closes
			}
		default:
			m.pos++
		}
	}
	return never
}

// text is a string in single quotes.
func (m *masker) text(e escape) {
	if m.strict != 0 {
		m.uncertain()
		return
	}
	switch m.quoted('\'', e) {
	case ambiguous:
		m.uncertain()
		return
	case never:
		m.broken = '\''
	}
	m.value()
	m.ended = m.pos
}

// quotedName is a name in quotes, from start on, whose opening quote is the current character.
func (m *masker) quotedName(start int, end byte, e escape) {
	switch m.quoted(end, e) {
	case ambiguous:
		m.uncertain()
	case never:
		m.broken = end
		m.value()
	default:
		m.readName(start)
	}
}

// readName takes what was read from start on as a name, if it can be one.
func (m *masker) readName(start int) {
	name := m.in[start:m.pos]
	if m.dialect != SQLServer && m.dialect != SQLite && m.dialect != MySQL && strings.IndexByte(name, '\\') >= 0 {
		m.uncertain() // Elsewhere it would be an escape.
		return
	}
	if !utf8.ValidString(name) {
		m.uncertain() // In the client's encoding a byte may belong to the quote after it.
		return
	}
	if len(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) || strings.ContainsAny(name, "'@=/") {
		m.value() // An address, or a value in the wrong quotes.
		return
	}
	m.name(name, true)
}

// doubleQuoted is a name in some dialects and a string in others. In most it depends: on ANSI_QUOTES, on QUOTED_IDENTIFIER, and in
// SQLite on whether there is a name like it. It is a name then where nothing else can stand.
func (m *masker) doubleQuoted() {
	if m.last == word && m.prev == "" && !m.space {
		m.uncertain() // r"..."
		return
	}
	start := m.pos
	var e escape
	switch m.dialect {
	case PostgreSQL, Oracle:
		m.quotedName(start, '"', plain)
		return
	case ClickHouse:
		m.quotedName(start, '"', escapes)
		return
	case MySQL, Generic:
		e = unsure
	}
	f, dotted := m.top(), m.dot == nameDot
	var before byte
	if m.last == mark {
		before = m.out[len(m.out)-1]
	}
	place := m.dialect != MySQL && m.class != closed && m.class != fresh && (f.tables == wanted || m.prev == "AS" ||
		f.names && (before == '(' || before == ',') || f.assigns && (m.prev == "SET" || before == ','))
	switch m.quoted('"', e) {
	case ambiguous:
		m.uncertain()
	case never:
		m.broken = '"'
		m.value()
	default:
		qualifies := m.peek(0) == '.' && (isLetter(m.peek(1)) || m.peek(1) == '"' || m.peek(1) == '*') && m.last != value && m.class != closed
		if dotted || place || qualifies {
			m.readName(start)
		} else {
			m.value()
		}
	}
}

// backQuoted is a name in backticks.
func (m *masker) backQuoted() {
	switch m.dialect {
	case MySQL, SQLite:
		m.quotedName(m.pos, '`', plain)
	case ClickHouse:
		m.quotedName(m.pos, '`', escapes)
	case Generic:
		m.between('`', "-.")
	default:
		m.uncertain()
	}
}

// between reads a name that would be no string and no comment either, were its quotes something else.
func (m *masker) between(end byte, also string) {
	start := m.pos
	number := !isLetter(m.peek(1))
	for m.pos++; m.pos < len(m.in); m.pos++ {
		c := m.in[m.pos]
		if c == end {
			m.pos++
			if number {
				m.value()
			} else {
				m.readName(start)
			}
			return
		}
		if isDigit(c) && !isLetter(m.in[m.pos-1]) && !isDigit(m.in[m.pos-1]) {
			number = true
		}
		if !isLetter(c) && !isDigit(c) && !isSpace(c) && !strings.Contains(also, string(rune(c))) || c == '-' && m.in[m.pos-1] == '-' {
			break
		}
	}
	m.uncertain()
}

// bracket begins a name in SQL Server and SQLite, and an array elsewhere.
func (m *masker) bracket() {
	switch m.dialect {
	case SQLServer:
		m.quotedName(m.pos, ']', plain)
	case SQLite: // Doubling does not escape there.
		start := m.pos
		end := m.find(m.pos, "]")
		if end < 0 {
			m.uncertain()
			return
		}
		m.pos = end + 1
		m.readName(start)
	case PostgreSQL, ClickHouse:
		m.operator(1)
	case Generic:
		m.between(']', ",.")
	default:
		m.uncertain()
	}
}

// brace is a placeholder of ClickHouse, {name:Type}, or a map.
func (m *masker) brace() {
	if m.dialect != ClickHouse {
		m.uncertain()
		return
	}
	end := m.pos + 1
	for colon := false; end < len(m.in) && end < m.pos+maxName; end++ {
		c := m.in[end]
		if c == '}' && colon {
			m.settle(false)
			m.top().listEnd = 0
			m.write(m.in[m.pos:end+1], placeholder)
			m.pos = end + 1
			return
		}
		first := m.in[end-1] == '{' || m.in[end-1] == ':'
		if c == ':' && !colon && !first {
			colon = true
		} else if !isLetter(c) && (first || !isDigit(c) && (!colon || c != '(' && c != ')' && c != ',' && c != ' ')) {
			break
		}
	}
	m.work += end - m.pos
	m.operator(1)
}

// dollar is a placeholder, or begins a string that ends with what it begins with: $tag$.
func (m *masker) dollar() {
	end := m.pos + 1
	for end < len(m.in) && (isLetter(m.in[end]) || isDigit(m.in[end]) || m.in[end] >= utf8.RuneSelf) {
		end++
	}
	m.work += end - m.pos
	name, digits := m.in[m.pos+1:end], isDigit(m.peek(1))
	tagged := end < len(m.in) && m.in[end] == '$' && !(digits && m.dialect == PostgreSQL)
	number := digits && len(name) <= 5 && strings.Trim(name, "0123456789") == ""
	show := false
	switch m.dialect {
	case PostgreSQL, ClickHouse:
		if tagged {
			tag := m.in[m.pos : end+1]
			closing := m.find(end+1, tag)
			if closing < 0 {
				m.broken = '$'
				m.uncertain()
				return
			}
			m.pos = closing + len(tag)
			m.value()
			return
		}
		if !digits {
			m.uncertain()
			return
		}
		show = number
	case SQLite:
		if end < len(m.in) && (m.in[end] == '(' || m.in[end] == '$' || m.in[end] == ':') || name == "" {
			m.uncertain()
			return
		}
		show = number || !digits && len(name) <= maxName && letters(name)
	case SQLServer:
		switch strings.ToLower(name) {
		case "action", "identity", "rowguid", "partition":
			show = true
		}
		if tagged {
			m.uncertain()
			return
		}
	default:
		if tagged || !digits && end < len(m.in) && (m.in[end] == '(' || m.in[end] == ':') {
			m.uncertain()
			return
		}
	}
	if !show {
		m.pos = end
		m.value()
		return
	}
	m.place(end)
}

// place writes a placeholder that ends before end.
func (m *masker) place(end int) {
	m.settle(false)
	m.top().listEnd = 0
	m.write(m.in[m.pos:end], placeholder)
	m.pos = end
}

// hash begins a comment, a name or an operator.
func (m *masker) hash() {
	switch m.dialect {
	case MySQL:
		m.line()
	case ClickHouse:
		if m.peek(1) != ' ' && m.peek(1) != '!' {
			m.uncertain()
			return
		}
		m.line()
	case PostgreSQL:
		if c := m.peek(1); c == ' ' || c == '!' || isLetter(c) {
			m.uncertain() // Anywhere else it would be a comment.
			return
		}
		m.operator(1)
	case SQLServer:
		if c := m.peek(1); !isLetter(c) && c != '#' && c < utf8.RuneSelf {
			m.uncertain()
			return
		}
		m.wordToken() // a temporary table
	default:
		m.uncertain()
	}
}

const uuidLength = 36

// uuid reports whether a UUID comes, which needs no quotes in some databases: it would be names and numbers elsewhere.
func (m *masker) uuid() bool {
	if m.peek(8) != '-' || m.peek(13) != '-' || m.peek(18) != '-' || m.peek(23) != '-' || m.pos+uuidLength > len(m.in) {
		return false
	}
	for i := range uuidLength {
		c := m.in[m.pos+i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		if !isDigit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// wordCharacter returns the length of the next character, if it is a letter or a digit, or 0.
func (m *masker) wordCharacter() int {
	c := m.in[m.pos]
	if c < utf8.RuneSelf {
		if isLetter(c) || isDigit(c) {
			return 1
		}
		return 0
	}
	r, n := utf8.DecodeRuneInString(m.in[m.pos:])
	if r == utf8.RuneError || isQuoteLike(r) || !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) {
		return 0
	}
	return n
}

// isQuoteLike reports whether a letter looks like a quotation mark. Those are letters that modify others.
func isQuoteLike(r rune) bool { return 0x2b0 <= r && r <= 0x2ff }

// number skips a number, with the sign of its exponent, its prefix and whatever adheres to it.
func (m *masker) number() {
	for m.pos < len(m.in) {
		c, n := m.in[m.pos], m.wordCharacter()
		if c == '.' {
			n = 1
		}
		if n == 0 {
			break
		}
		m.pos += n
		if (c == 'e' || c == 'E') && (m.peek(0) == '+' || m.peek(0) == '-') && isDigit(m.peek(1)) {
			m.pos++
		}
	}
	m.value()
}

// wordToken is a keyword, a name, or the prefix of a string: E'...', N'...', U&'...', q'[...]'.
func (m *masker) wordToken() {
	start := m.pos
	for m.pos < len(m.in) {
		c := m.in[m.pos]
		if c == '$' || c == '#' && (m.dialect == Oracle || m.dialect == SQLServer) || c == '@' && m.dialect == SQLServer {
			m.pos++
			continue
		}
		n := m.wordCharacter()
		if n == 0 {
			break
		}
		m.pos += n
	}
	w := m.in[start:m.pos]
	if i := strings.IndexByte(w, '$'); i >= 0 && i < strings.LastIndexByte(w, '$') {
		m.uncertain() // A string may begin within.
		return
	}
	if m.dialect == Generic && isDuration(w) {
		m.value()
		return
	}
	if m.dialect == PostgreSQL && (w == "U" || w == "u") && m.peek(0) == '&' && (m.peek(1) == '\'' || m.peek(1) == '"') {
		m.pos++
		if m.in[m.pos] == '\'' {
			m.text(unsure)
		} else {
			m.quotedName(start, '"', plain)
		}
		return
	}
	if m.peek(0) != '\'' {
		m.word(w)
		return
	}
	e := m.escapes()
	switch lower := strings.ToLower(w); {
	case len(w) > 2 && !(w[0] == '_' && m.dialect == MySQL), keyword(w) != "":
		m.word(w) // DATE'2020-02-02'
	case (lower == "q" || lower == "nq") && m.dialect == Oracle:
		m.oracleQuoted()
		return
	case lower == "e" && m.dialect == PostgreSQL:
		e = escapes
	case m.dialect == ClickHouse && (lower == "x" || lower == "b"):
		e = unsure
	case lower == "n" || lower == "x" || lower == "b" || w[0] == '_' && m.dialect == MySQL:
	default:
		m.uncertain() // a string of another dialect: r'...'
		return
	}
	m.text(e)
}

// isDuration reports whether a word is a duration of Cassandra, which needs no quotes there: P1Y2M, PT33H.
func isDuration(w string) bool {
	if len(w) < 3 || w[0] != 'P' && w[0] != 'p' {
		return false
	}
	digit, unit := false, false
	for i := 1; i < len(w); i++ {
		switch c := w[i]; {
		case isDigit(c):
			digit = true
		case digit && strings.IndexByte("YMWDHSymwdhs", c) >= 0:
			digit, unit = false, true
		case (c == 'T' || c == 't') && !digit:
		default:
			return false
		}
	}
	return unit
}

// oracleQuoted skips q'[...]' from its quote on.
func (m *masker) oracleQuoted() {
	r, n := utf8.DecodeRuneInString(m.in[m.pos+1:])
	if n == 0 || r == utf8.RuneError || unicode.IsSpace(r) || m.strict != 0 {
		m.uncertain()
		return
	}
	end := string(r)
	switch r {
	case '[':
		end = "]"
	case '(':
		end = ")"
	case '{':
		end = "}"
	case '<':
		end = ">"
	}
	closing := m.find(m.pos+1+n, end+"'")
	if closing < 0 {
		m.broken = '\''
		m.uncertain()
		return
	}
	m.pos = closing + len(end) + 1
	m.value()
}

// parameter is a placeholder: ?, ?1, :name, @name; or an operator that begins like one: ::, :=, ?|, @>.
func (m *masker) parameter(c byte) {
	if c == '@' && len(m.out) == 0 {
		m.uncertain() // a file with a script, for Oracle's tools
		return
	}
	end := m.pos + 1
	if c == '@' && m.peek(1) == '@' {
		end++
	}
	if c == ':' && (m.peek(1) == ':' || m.peek(1) == '=') {
		m.operator(2)
		return
	}
	name := end
	for end < len(m.in) && (isLetter(m.in[end]) || isDigit(m.in[end]) || m.in[end] == '$' || m.in[end] >= utf8.RuneSelf) {
		end++
	}
	m.work += end - m.pos
	numbered := name < end && isDigit(m.in[name])
	adheres := !m.space && (m.last == word || m.last == value || m.last == placeholder)
	digits := numbered && end-name <= 5 && strings.Trim(m.in[name:end], "0123456789") == "" && !adheres
	switch {
	case c == '?':
		if !(digits && m.dialect == SQLite) {
			end = name
		}
		m.place(end)
	case name == end, numbered && !(digits && (c == ':' && (m.dialect == Oracle || m.dialect == SQLite) || c == '@' && m.dialect == SQLServer)):
		m.operator(name - m.pos) // A number after it is read by itself.
	case end-name > maxName || m.class == closed && adheres || !letters(m.in[name:end]):
		m.pos = end
		m.value()
	case m.dialect == SQLite && end < len(m.in) && (m.in[end] == '(' || m.in[end] == ':'):
		m.uncertain() // A suffix in parentheses is a part of the name, for Tcl.
	default:
		m.place(end)
	}
}

// letters reports whether all characters of s that are not ASCII are letters.
func letters(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || isQuoteLike(r) || r >= utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

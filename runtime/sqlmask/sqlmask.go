// Package sqlmask takes the values out of SQL statements, and says in a few words what a statement does.
//
// It lexes the statement as its dialect does (strings and their escapes, dollar quotes, numbers, quoted names, nested
// comments), so that a value never passes for something else. Where in doubt it hides. It never fails: what is not SQL is
// lexed all the same, and a string that does not end is hidden to its end.
package sqlmask

import (
	"strings"
)

// Dialect says how strings, names and comments are written.
type Dialect uint8

// The dialects. Generic is what standard SQL has, with what is likely elsewhere hidden rather than shown.
const (
	Generic Dialect = iota
	PostgreSQL
	MySQL
	SQLite
	SQLServer
	Oracle
	ClickHouse
)

// Statement is what is told about a statement.
type Statement struct {
	// Text is the statement with every literal replaced by "?", comments left out, and white space made single spaces.
	Text string
	// Operation is the first operation, in upper case: "SELECT".
	Operation string
	// Collection is the table that the statement works on, if it is one only.
	Collection string
	// Summary is the operations and their tables, in order: "INSERT orders SELECT basket".
	Summary string
}

// Limits on what is kept of a statement.
const (
	maxText    = 32 << 10
	maxSummary = 255
)

// Mask lexes a statement.
func Mask(query string, dialect Dialect) Statement {
	m := masker{in: query, dialect: dialect, out: make([]byte, 0, min(len(query), maxText)+8)}
	for m.pos < len(m.in) && len(m.out) < maxText {
		m.token()
	}
	s := Statement{Text: string(m.out), Operation: m.operation, Summary: m.summary.String()}
	if m.operations == 1 && m.targets == 1 {
		s.Collection = m.target
	}
	return s
}

type masker struct {
	in      string
	pos     int
	dialect Dialect
	out     []byte
	space   bool // white space or a comment came before the next token
	last    kind // of the last token written
	// lists has, for every parenthesis that is open, whether it is a list of values (of IN or VALUES).
	lists []bool
	// listEnd is where the first value of the list that is open ends in out, for making "(?, ?, ?)" short; 0 without one.
	listEnd int

	// For the summary.
	operation  string
	operations int
	target     string
	targets    int
	summary    strings.Builder
	expect     expectation
	word       string // the last keyword, in upper case
	depth      int
	fromDepth  int
}

type kind uint8

const (
	none kind = iota
	word
	value
	operator
	punctuation
)

// expectation is what the summary waits for.
type expectation uint8

const (
	nothing expectation = iota
	table               // the next name is a table
	more                // a table came; after a comma comes another
	object              // after CREATE, DROP, ALTER: the kind of object comes, then its name
)

// token lexes and writes one token.
func (m *masker) token() {
	c := m.in[m.pos]
	switch {
	case c <= ' ':
		m.pos++
		m.space = true
	case c == '-' && m.at("--"):
		m.line()
	case c == '#' && m.dialect == MySQL:
		m.line()
	case c == '/' && m.at("/*"):
		m.comment()
	case c == '\'':
		m.quoted('\'', m.dialect == MySQL || m.dialect == ClickHouse)
		m.value()
	case c == '"':
		m.doubleQuoted()
	case c == '`':
		m.quotedName('`')
	case c == '[' && (m.dialect == SQLServer || m.dialect == SQLite):
		m.quotedName(']')
	case c == '$':
		m.dollar()
	case isDigit(c), c == '.' && m.pos+1 < len(m.in) && isDigit(m.in[m.pos+1]) && m.last != word:
		m.number()
	case isLetter(c):
		m.wordToken()
	case c == '?' || c == ':' || c == '@':
		m.parameter()
	default:
		m.symbol(c)
	}
}

func (m *masker) at(prefix string) bool { return strings.HasPrefix(m.in[m.pos:], prefix) }

// line skips a comment that ends with the line.
func (m *masker) line() {
	if i := strings.IndexByte(m.in[m.pos:], '\n'); i >= 0 {
		m.pos += i + 1
	} else {
		m.pos = len(m.in)
	}
	m.space = true
}

// comment skips a comment in slashes and stars, which nests in PostgreSQL and SQL Server.
func (m *masker) comment() {
	nests := m.dialect == PostgreSQL || m.dialect == SQLServer
	depth := 0
	for m.pos < len(m.in) {
		switch {
		case m.at("/*") && (nests || depth == 0):
			depth++
			m.pos += 2
		case m.at("*/"):
			depth--
			m.pos += 2
		default:
			m.pos++
		}
		if depth == 0 {
			break
		}
	}
	m.space = true
}

// quoted skips what is quoted, from the opening quote on. The closing quote is escaped by doubling it, and by a backslash if backslash is true.
// It tells whether there is a closing quote.
func (m *masker) quoted(end byte, backslash bool) bool {
	for m.pos++; m.pos < len(m.in); m.pos++ {
		switch c := m.in[m.pos]; {
		case c == '\\' && backslash:
			m.pos++
		case c == end:
			if m.pos+1 < len(m.in) && m.in[m.pos+1] == end {
				m.pos++
				continue
			}
			m.pos++
			return true
		}
	}
	m.pos = len(m.in)
	return false
}

// quotedName is a name in quotes; one that does not end is hidden.
func (m *masker) quotedName(end byte) {
	start := m.pos
	if !m.quoted(end, false) {
		m.value()
		return
	}
	m.name(m.in[start:m.pos])
}

// doubleQuoted is a string in MySQL, a name in most dialects; SQLite takes a name that it does not know for a string, so there the place decides.
func (m *masker) doubleQuoted() {
	start := m.pos
	hide := !m.quoted('"', m.dialect == MySQL || m.dialect == ClickHouse)
	switch m.dialect {
	case MySQL:
		hide = true
	case SQLite, Generic:
		inList := len(m.lists) > 0 && m.lists[len(m.lists)-1]
		hide = hide || (inList || m.last == operator || m.word == "LIKE" || m.word == "GLOB" || m.word == "BETWEEN") &&
			!strings.HasPrefix(strings.TrimLeft(m.in[m.pos:], " \t\r\n"), ".")
	}
	if hide {
		m.value()
		return
	}
	m.name(m.in[start:m.pos])
}

// dollar is a dollar-quoted string or a numbered parameter in PostgreSQL.
func (m *masker) dollar() {
	end := m.pos + 1
	for end < len(m.in) && isWord(m.in[end]) && m.in[end] != '$' {
		end++
	}
	digits := end > m.pos+1 && isDigit(m.in[m.pos+1])
	if !digits && end < len(m.in) && m.in[end] == '$' && (m.dialect == PostgreSQL || m.dialect == Generic) {
		tag := m.in[m.pos : end+1]
		if i := strings.Index(m.in[end+1:], tag); i >= 0 {
			m.pos = end + 1 + i + len(tag)
		} else {
			m.pos = len(m.in)
		}
		m.value()
		return
	}
	m.write(m.in[m.pos:end], word)
	m.pos = end
}

// number skips a number, with its sign of the exponent, and hexadecimal, octal and binary ones.
func (m *masker) number() {
	for m.pos < len(m.in) {
		c := m.in[m.pos]
		if isWord(c) || c == '.' {
			m.pos++
			if (c == 'e' || c == 'E') && m.pos < len(m.in) && (m.in[m.pos] == '+' || m.in[m.pos] == '-') &&
				!strings.HasPrefix(m.in[m.pos:], "--") {
				m.pos++
			}
			continue
		}
		break
	}
	m.value()
}

// wordToken is a keyword, a name, or the prefix of a string: E'...', N'...', X'...', U&'...', q'[...]'.
func (m *masker) wordToken() {
	start := m.pos
	for m.pos < len(m.in) && isWord(m.in[m.pos]) {
		m.pos++
	}
	w := m.in[start:m.pos]
	if m.pos < len(m.in) {
		switch next := m.in[m.pos]; {
		case next == '\'' && len(w) <= 2 || next == '\'' && w[0] == '_' && m.dialect == MySQL:
			if (w == "q" || w == "Q" || w == "nq" || w == "NQ") && m.dialect == Oracle {
				m.oracleQuoted()
			} else {
				m.quoted('\'', w == "E" || w == "e" || m.dialect == MySQL || m.dialect == ClickHouse)
			}
			m.value()
			return
		case next == '&' && (w == "U" || w == "u") && m.pos+1 < len(m.in) && m.in[m.pos+1] == '\'':
			m.pos++
			m.quoted('\'', false)
			m.value()
			return
		}
	}
	m.keyword(w)
}

// oracleQuoted skips q'[...]' from its quote on.
func (m *masker) oracleQuoted() {
	if m.pos+2 > len(m.in)-1 {
		m.pos = len(m.in)
		return
	}
	end := m.in[m.pos+1]
	switch end {
	case '[':
		end = ']'
	case '(':
		end = ')'
	case '{':
		end = '}'
	case '<':
		end = '>'
	}
	if i := strings.Index(m.in[m.pos+2:], string(end)+"'"); i >= 0 {
		m.pos += 2 + i + 2
	} else {
		m.pos = len(m.in)
	}
}

// parameter is a placeholder: ?, ?1, :name, @name; or an operator that begins like one: ::, :=, ?|, @>.
func (m *masker) parameter() {
	c := m.in[m.pos]
	end := m.pos + 1
	if c == '@' && end < len(m.in) && m.in[end] == '@' {
		end++
	}
	if c == ':' && end < len(m.in) && (m.in[end] == ':' || m.in[end] == '=') {
		m.pos += 2
		m.write(m.in[m.pos-2:m.pos], operator)
		return
	}
	for end < len(m.in) && isWord(m.in[end]) {
		end++
	}
	k := word
	if end == m.pos+1 && c != '?' {
		k = operator
	}
	// A placeholder looks as a hidden value does; only the lists of hidden values are made short.
	m.write(m.in[m.pos:end], k)
	m.pos = end
}

// symbol is an operator or a punctuation mark.
func (m *masker) symbol(c byte) {
	m.pos++
	switch c {
	case '(':
		list := m.word == "IN" || m.word == "VALUES" || m.word == "VALUE" || len(m.lists) > 0 && m.lists[len(m.lists)-1] && m.last != word
		m.write("(", punctuation)
		m.lists = append(m.lists, list)
		m.listEnd = 0
		m.depth++
		if m.expect == more {
			m.expect = nothing
		}
	case ')':
		m.write(")", punctuation)
		if len(m.lists) > 0 {
			m.lists = m.lists[:len(m.lists)-1]
			m.depth--
		}
		m.listEnd = 0
		if m.expect == table && m.word != "FROM" && m.word != "JOIN" {
			m.expect = nothing
		}
	case ',':
		m.write(",", punctuation)
		if m.expect == more && m.depth == m.fromDepth {
			m.expect = table
		}
	case ';':
		m.write(";", punctuation)
		m.expect, m.word = nothing, ""
	case '.':
		m.write(".", punctuation)
	default:
		m.write(m.in[m.pos-1:m.pos], operator)
	}
}

// value writes a hidden value. In a list of IN, a value after another is left out with its comma.
func (m *masker) value() {
	inList := len(m.lists) > 0 && m.lists[len(m.lists)-1] && m.word == "IN"
	if inList && m.listEnd > 0 && strings.Trim(string(m.out[m.listEnd:]), ", -+") == "" {
		m.out = m.out[:m.listEnd]
		m.last, m.space = value, false
		return
	}
	m.write("?", value)
	if inList && m.listEnd == 0 {
		m.listEnd = len(m.out)
	}
}

// name handles a quoted name.
func (m *masker) name(quoted string) {
	m.write(quoted, word)
	m.seen(quoted)
}

// write writes a token after the space that it needs.
func (m *masker) write(s string, k kind) {
	if m.space && len(m.out) > 0 {
		m.out = append(m.out, ' ')
	}
	m.space = false
	m.out = append(m.out, s...)
	m.last = k
}

// keyword handles a bare word.
func (m *masker) keyword(w string) {
	m.write(w, word)
	var buffer [16]byte
	upper := ""
	if len(w) <= len(buffer) {
		upper = known(upperASCII(buffer[:0], w))
	}
	switch upper {
	case "":
		m.seen(w)
		return
	case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "UPSERT", "CALL", "EXEC", "EXECUTE", "TRUNCATE":
		if upper == "UPDATE" && (m.word == "FOR" || m.word == "ON" || m.word == "DO" || m.word == "KEY") ||
			upper == "DELETE" && m.word == "ON" || upper == "REPLACE" && m.word == "OR" || upper == "EXECUTE" && m.word == "FOR" {
			break // FOR UPDATE, ON CONFLICT DO UPDATE, ON DELETE, INSERT OR REPLACE
		}
		if upper == "REPLACE" && strings.HasPrefix(strings.TrimLeft(m.in[m.pos:], " "), "(") {
			break // the function
		}
		m.begin(upper)
		if upper == "UPDATE" || upper == "CALL" || upper == "EXEC" || upper == "EXECUTE" || upper == "TRUNCATE" {
			m.expect = table
		}
	case "CREATE", "DROP", "ALTER":
		m.begin(upper)
		m.expect = object
	case "TABLE", "VIEW", "INDEX", "SEQUENCE", "DATABASE", "SCHEMA", "FUNCTION", "PROCEDURE", "TRIGGER":
		if m.expect == object {
			m.append(upper)
			m.expect = table
		}
	case "FROM":
		if m.word != "DISTINCT" || m.last != word {
			m.expect, m.fromDepth = table, m.depth
		}
	case "INTO", "JOIN", "USING":
		if upper != "USING" || m.operation == "MERGE" || m.operation == "DELETE" {
			m.expect, m.fromDepth = table, m.depth
		}
	case "IF", "NOT", "EXISTS", "ONLY", "LATERAL", "OR", "UNIQUE", "TEMPORARY", "TEMP":
		// These come between a keyword and its table.
	case "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "SHOW", "EXPLAIN", "PRAGMA", "VACUUM", "ANALYZE", "COPY",
		"GRANT", "REVOKE", "LOCK", "USE", "LISTEN", "NOTIFY", "DECLARE", "FETCH", "START", "WITH":
		if m.operations == 0 && upper != "WITH" && m.word != "WITH" {
			m.begin(upper)
			if upper == "COPY" {
				m.expect = table
			}
			break
		}
		m.stop()
	default:
		m.stop()
	}
	m.word = upper
}

// stop ends the list of tables.
func (m *masker) stop() {
	if m.expect == more || m.expect == table {
		m.expect = nothing
	}
}

// begin notes an operation.
func (m *masker) begin(operation string) {
	if m.operation == "" {
		m.operation = operation
	}
	m.operations++
	m.append(operation)
	m.expect = nothing
}

// seen notes a name, which is a table if one is expected. A name's parts come one by one with points between them.
func (m *masker) seen(name string) {
	switch m.expect {
	case table:
		name = m.qualified(name)
		if name == "" {
			return
		}
		m.targets++
		m.target = name
		m.append(name)
		m.expect = more
	case object:
		// CREATE something that is not known: its name is not looked for.
	case more, nothing:
	}
	if m.expect != more {
		m.word = ""
	}
}

// qualified reads on over ".name" parts, which it writes, and returns the whole name, or "" if it is a function.
func (m *masker) qualified(name string) string {
	for m.pos+1 < len(m.in) && m.in[m.pos] == '.' {
		start := m.pos
		m.pos++
		ended := true
		switch c := m.in[m.pos]; {
		case c == '"' || c == '`':
			ended = m.quoted(c, false)
		case c == '[':
			ended = m.quoted(']', false)
		case isLetter(c):
			for m.pos < len(m.in) && isWord(m.in[m.pos]) {
				m.pos++
			}
		default:
			m.pos = start
			return bare(name)
		}
		if !ended {
			m.out = append(m.out, ".?"...)
			return bare(name)
		}
		m.out = append(m.out, m.in[start:m.pos]...)
		name += m.in[start:m.pos]
	}
	if m.pos < len(m.in) && m.in[m.pos] == '(' && m.word == "FROM" {
		m.expect = nothing
		return "" // FROM generate_series(...)
	}
	return bare(name)
}

// bare takes the quotes off a name of one part, if it needs none.
func bare(name string) string {
	if len(name) > 2 {
		if c := name[0]; c == '"' || c == '`' || c == '[' {
			inner := name[1 : len(name)-1]
			for i := 0; i < len(inner); i++ {
				if !isWord(inner[i]) {
					return name
				}
			}
			return inner
		}
	}
	return name
}

// append adds a word to the summary, if it fits.
func (m *masker) append(w string) {
	if m.summary.Len()+1+len(w) > maxSummary {
		return
	}
	if m.summary.Len() > 0 {
		m.summary.WriteByte(' ')
	}
	m.summary.WriteString(w)
}

func upperASCII(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// keywords are the words that end a list of tables or mean something to the summary.
var keywords = func() map[string]string {
	m := map[string]string{}
	for _, w := range strings.Fields(`SELECT INSERT UPDATE DELETE MERGE REPLACE UPSERT CALL EXEC EXECUTE TRUNCATE CREATE DROP ALTER
		TABLE VIEW INDEX SEQUENCE DATABASE SCHEMA FUNCTION PROCEDURE TRIGGER FROM INTO JOIN USING IF NOT EXISTS ONLY LATERAL OR UNIQUE
		TEMPORARY TEMP BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE SET SHOW EXPLAIN PRAGMA VACUUM ANALYZE COPY GRANT REVOKE LOCK USE LISTEN
		NOTIFY DECLARE FETCH START WITH WHERE GROUP ORDER BY HAVING LIMIT OFFSET UNION INTERSECT EXCEPT ON AND IN VALUES VALUE FOR DO KEY
		LIKE GLOB BETWEEN RETURNING DISTINCT CONFLICT DUPLICATE WHEN THEN MATCHED WINDOW`) {
		m[w] = w
	}
	return m
}()

// known returns a keyword as a string of its own, or "".
func known(upper []byte) string { return keywords[string(upper)] }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}

func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '$' }

package sqlmask

import (
	"bytes"
	"slices"
	"strings"
)

// class is the kind of the statement that is being read. It decides whether a bare word is a name.
type class uint8

const (
	fresh   class = iota // nothing came yet that tells
	data                 // SELECT and the like: a word is a name
	define               // CREATE, DROP, ALTER: the kind of object comes
	object               // of a table or the like: a word is a name
	copying              // COPY: the table comes
	closed               // anything else: a word may be a value, unless slot
)

// shown is what decides whether words are shown.
type shown struct {
	class   class
	first   string // the first word of the statement
	prefix  bool   // EXPLAIN or BEGIN came, after which a statement may begin
	outside bool   // FOREIGN, EXTERNAL, VIRTUAL: options of others follow
	slot    bool   // in a closed statement: the next word is the name of what it is about
	slotted bool   // the last word was that, or a part of it
	routine bool   // the object is a function or a procedure
	set     bool   // SET may come as a clause
	inline  bool   // data comes after the statement
	format  bool   // FORMAT came, after whose name data comes
	copied  int    // the depth at which COPY has its query
	inserts bool   // INSERT came
	upsert  bool   // ON DUPLICATE KEY UPDATE came, where VALUES is a function
	engine  bool   // the name that was written last is an engine of ClickHouse
}

// tables tells what a name is.
type tables uint8

const (
	idle   tables = iota
	wanted        // a table
	listed        // a table came; after a comma comes another one
)

// with tells where the reader is in the names of WITH.
type with uint8

const (
	noWith   with = iota
	withName      // the next name is one
	withMore      // after a comma comes another one
)

// summary is what is told about the statement in a few words.
type summary struct {
	operation  string
	operations int
	target     string
	targets    int // different ones
	words      []item
	ctes       []string // names of WITH, which are no tables
	aliases    []string // other names of tables
	pending    bool     // out[from:to] may be the name of a table
	alias      bool     // the next name is another one for the last table
	from, to   int
	callable   bool // a name before a parenthesis is a function
	defined    bool // within CREATE and the like, where no more operations count
}

// item is a word of the summary.
type item struct {
	text string
	kind itemKind
}

type itemKind uint8

const (
	operationItem itemKind = iota
	tableItem
	changedItem // the table that UPDATE or DELETE names first, which may be another name for one that comes later
)

// join returns the words of the summary.
func (s *summary) join() string {
	n := 0
	for _, w := range s.words {
		n += len(w.text) + 1
	}
	var b strings.Builder
	b.Grow(n)
	for i, w := range s.words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

// add adds a word to the summary, if it fits.
func (s *summary) add(text string, k itemKind) {
	n := len(text)
	for _, w := range s.words {
		n += len(w.text) + 1
	}
	if text != "" && n <= maxSummary && len(s.words) < maxWords {
		s.words = append(s.words, item{text, k})
	}
}

// begin notes an operation.
func (m *masker) begin(operation string) {
	if m.operation == "" {
		m.operation = operation
	}
	m.operations++
	m.inserts = m.inserts || operation == "INSERT"
	m.add(operation, operationItem)
	m.top().op, m.top().tables = operation, idle
}

// word handles a bare word.
func (m *masker) word(w string) {
	if len(w) > maxName {
		m.value()
		return
	}
	k := ""
	if m.dot == noDot {
		k = keyword(w)
	}
	if m.format {
		m.format = false
		m.write(w, word)
		m.data()
		return
	}
	if k == "" {
		m.name(w, false)
		return
	}
	if m.top().tables == wanted && !m.structural(k) && m.class != closed && m.class != define {
		m.name(w, false)
		return
	}
	alias := m.settle(false)
	m.top().listEnd = 0
	before := m.prev
	m.ends = m.last == word && before == "" || m.last == value || m.last == placeholder || m.last == mark && m.out[len(m.out)-1] == ')'
	m.write(w, word)
	m.prev = k
	switch m.class {
	case fresh:
		m.statement(k)
	case define:
		m.kind(k)
	case closed:
		m.option(k)
	case copying:
		switch k {
		case "FROM", "TO":
			m.shut(false)
		case "INTO":
		default:
			m.top().tables = idle
		}
	case object, data:
		m.clause(k, before)
		m.alias = alias && k == "AS"
	}
	m.slotted = false
}

// structural reports whether a keyword stands between a keyword and its table, or ends the wait for one. All others can be names.
func (m *masker) structural(k string) bool {
	switch k {
	case "FUNCTION":
		return m.dialect == ClickHouse || m.dialect == Generic
	case "SELECT", "VALUES", "WITH", "FROM", "INTO", "ONLY", "LATERAL", "TABLE", "SET", "USING", "ON", "WHERE", "JOIN", "AS":
		return true
	case "ROWS":
		return m.follows("FROM")
	}
	if m.top().callable {
		return false // after FROM
	}
	switch k {
	case "IF", "NOT", "EXISTS", "TABLES", "OR", "REPLACE", "IGNORE", "TOP", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "OVERWRITE", "ABORT", "FAIL", "ROLLBACK",
		"ALL", "WHEN", "CONCURRENTLY", "EXEC", "EXECUTE":
		return true
	case "FIRST":
		return m.prev == "INSERT" // of Oracle, into one of several tables
	}
	return false
}

// follows reports whether a keyword comes next, after not much white space.
func (m *masker) follows(k string) bool {
	i := m.pos
	for i < len(m.in) && i < m.pos+64 && isSpace(m.in[i]) {
		i++
	}
	m.work += i - m.pos
	return i+len(k) <= len(m.in) && strings.EqualFold(m.in[i:i+len(k)], k)
}

// shut makes the statement one in which words may be values.
func (m *masker) shut(slot bool) {
	m.class, m.slot, m.slotted = closed, slot, false
	f := m.top()
	f.tables, f.names, f.assigns = idle, false, false
}

// statement handles the first keyword of a statement.
func (m *masker) statement(k string) {
	if m.first == "" || m.prefix {
		m.first = k
	}
	switch k {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "UPSERT", "WITH", "VALUES", "TABLE", "FROM", "TRUNCATE":
		m.class = data
		if k == "REPLACE" {
			m.begin(k)
			m.want(false)
			m.set = true
		}
		m.clause(k, "")
	case "LOCK", "UNLOCK":
		m.class = data
		m.begin(k)
		m.want(false)
	case "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK", "ABORT", "END":
		m.class = data
		if k != "END" {
			m.begin(k)
		}
	case "BEGIN", "START", "EXPLAIN":
		m.begin(k)
		m.prefix = true
	case "CREATE", "DROP", "ALTER":
		m.begin(k)
		m.class, m.defined, m.outside, m.routine = define, true, false, false
	case "COPY":
		m.begin(k)
		m.class = copying
		m.want(false)
	case "SET", "PRAGMA", "USE", "SHOW", "LISTEN", "UNLISTEN", "NOTIFY", "CALL", "EXEC", "EXECUTE", "PREPARE", "DEALLOCATE", "VACUUM", "ANALYZE",
		"REINDEX", "REFRESH", "CLUSTER", "OPTIMIZE", "DESCRIBE", "DESC", "RESET", "CLOSE":
		if m.prefix && k == "ANALYZE" {
			return // EXPLAIN ANALYZE
		}
		m.begin(k)
		m.shut(true)
	case "GRANT", "REVOKE", "DENY", "DECLARE", "FETCH", "DO", "KILL", "LOAD", "ATTACH", "DETACH", "BACKUP", "RESTORE", "COMMENT", "DISCARD", "HANDLER",
		"RENAME", "OPEN", "PRINT":
		m.begin(k)
		m.shut(false)
	default:
		if !m.prefix && len(m.frames) == 1 {
			m.shut(false)
		}
	}
}

// kind handles a keyword after CREATE and the like.
func (m *masker) kind(k string) {
	switch k {
	case "OR", "REPLACE", "UNIQUE", "TEMPORARY", "TEMP", "GLOBAL", "LOCAL", "UNLOGGED", "MATERIALIZED", "IF", "NOT", "EXISTS", "CONCURRENTLY", "CONSTRAINT":
	case "EXTERNAL", "FOREIGN", "VIRTUAL":
		m.outside = true
	case "TABLE", "VIEW", "INDEX", "SEQUENCE", "SCHEMA", "TYPE", "DOMAIN", "TRIGGER", "FUNCTION", "PROCEDURE":
		m.add(k, operationItem)
		if m.outside {
			m.shut(true)
			return
		}
		m.class, m.routine = object, k == "FUNCTION" || k == "PROCEDURE"
		m.want(false)
	case "USER", "ROLE", "LOGIN", "DATABASE", "SERVER", "GROUP", "EXTENSION", "SUBSCRIPTION", "PUBLICATION", "POLICY", "CREDENTIAL", "SECRET", "TABLESPACE",
		"LINK", "PROFILE", "RULE", "LANGUAGE", "PACKAGE", "SYNONYM", "DIRECTORY", "STAGE", "CONNECTION", "DICTIONARY", "COLLATION", "AGGREGATE":
		m.add(k, operationItem)
		m.shut(true)
	default:
		m.shut(false)
	}
}

// option handles a keyword where words may be values.
func (m *masker) option(k string) {
	switch k {
	case "IF", "NOT", "EXISTS", "ONLY", "FULL", "SESSION", "LOCAL", "GLOBAL", "PERSIST", "CONCURRENTLY", "VERBOSE", "OR", "REPLACE":
		return
	case "TABLE", "VIEW", "INDEX", "SEQUENCE", "SCHEMA", "FUNCTION", "PROCEDURE", "SET":
		m.slot = m.first != "SET" && m.first != "EXEC"
		if m.first == "EXECUTE" {
			m.slot = k == "FUNCTION" || k == "PROCEDURE"
		}
	case "ON":
		m.slot = m.first == "GRANT" || m.first == "REVOKE" || m.first == "DENY" || m.first == "COMMENT"
	default:
		m.slot = false
	}
	switch {
	case k == "STDIN" && m.first == "COPY":
		m.inline = true
	case k == "AS" && m.first == "PREPARE", k == "FOR" && m.first == "DECLARE":
		m.class, m.prefix = fresh, true
	case m.dialect != SQLServer:
	case m.first == "SET" && (k == "ON" || k == "OFF"):
		m.class, m.prefix, m.first = fresh, false, ""
	case m.first == "EXEC", m.first == "EXECUTE", m.first == "SET", m.first == "DECLARE", m.first == "PRINT", m.first == "IF", m.first == "WHILE":
		// No semicolon is needed there, and these words are reserved.
		switch k {
		case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "EXEC", "EXECUTE", "SET", "DECLARE":
			m.class, m.prefix, m.first = fresh, false, ""
			m.statement(k)
		}
	}
}

// operated handles an operator that was written.
func (m *masker) operated(op string) {
	if m.class == closed && !(op == "=" && (m.first == "EXEC" || m.first == "EXECUTE")) && op != "*" {
		m.slot = false
	}
	m.slotted = false
}

// want makes the next name one of a table.
func (m *masker) want(callable bool) {
	f := m.top()
	f.tables, f.callable = wanted, callable
}

// clause handles a keyword of a statement whose words are names. before is the keyword directly before it.
func (m *masker) clause(k, before string) {
	f := m.top()
	f.rows = f.rows && k == "ROW" // VALUES ROW(1)
	switch k {
	case "SETTINGS":
		f.settings = true
	case "SELECT", "INSERT", "FROM", "WHERE":
		f.settings = false
	}
	f.upper, f.between = f.between && k == "AND", k == "BETWEEN" || f.between && k != "AND"
	switch k {
	case "SELECT":
		f.query, f.bare, f.options = true, false, false
		if !m.defined || m.first == "CREATE" && !m.routine {
			m.begin(k)
		} else {
			f.op = k
		}
		f.tables, f.with, f.joined = idle, noWith, false
	case "INSERT", "MERGE", "UPSERT", "UPDATE", "DELETE":
		switch before {
		case "FOR", "ON", "DO", "KEY", "THEN", "AFTER", "BEFORE", "OF", "OR":
			m.upsert = before == "KEY"
			m.set = true // FOR UPDATE, ON CONFLICT DO UPDATE, ON DELETE, WHEN MATCHED THEN UPDATE
			return
		}
		m.set = true
		if m.defined {
			return
		}
		m.begin(k)
		f.with, f.joined = noWith, false
		m.want(false)
	case "TRUNCATE":
		m.begin(k)
		m.want(false)
	case "WITH":
		if f.op == "" || f.op == "INSERT" || f.op == "CREATE" || f.op == "EXPLAIN" || f.op == "BEGIN" {
			f.with = withName
		}
		m.stop()
	case "FROM":
		if before == "DISTINCT" || f.op == "" || before == "ROWS" {
			break
		}
		if f.op == "DELETE" {
			m.dropChanged()
		}
		if !m.defined || m.first == "CREATE" && !m.routine {
			m.want(true)
		}
		f.joined, f.assigns = false, false
	case "INTO":
		switch f.op {
		case "INSERT", "REPLACE", "MERGE", "UPSERT":
			m.want(false)
		case "SELECT":
			if m.dialect != Oracle && m.dialect != MySQL {
				m.want(false)
			}
		}
	case "JOIN":
		if before != "ARRAY" && (f.op != "" && !m.defined || m.first == "CREATE") {
			m.want(true)
		}
		f.joined = true
	case "USING":
		if (f.op == "MERGE" || f.op == "DELETE") && !f.joined {
			m.want(true)
		} else {
			m.stop()
		}
	case "IF", "NOT", "EXISTS", "ONLY", "LATERAL", "OR", "TABLE", "TABLES", "REPLACE", "IGNORE", "TOP", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED",
		"OVERWRITE", "ABORT", "FAIL", "ROLLBACK", "ALL", "FIRST", "CONCURRENTLY":
		// These come between a keyword and its table.
	case "FUNCTION":
		if f.tables == wanted {
			f.callable = true // INSERT INTO FUNCTION f()
		}
	case "ROWS":
		if f.tables == wanted {
			f.tables = listed // ROWS FROM (f(), g())
		}
	case "AS", "ON", "RECURSIVE", "FINAL", "MATERIALIZED", "FULL":
		if f.tables == wanted {
			f.tables = idle
		}
		if k == "ON" && m.defined && m.first == "CREATE" {
			f.tables = idle // CREATE INDEX i ON t
		}
	case "SET":
		strict := m.dialect == SQLServer || m.dialect == Generic
		switch {
		case m.class == object && m.routine, m.class == data && strict && !m.set && before != "CHARACTER" && before != "CHAR":
			m.first = k
			m.shut(true)
			return
		}
		if m.class == data {
			f.assigns, m.set = true, false
		}
		f.tables = idle
	case "EXEC", "EXECUTE":
		if m.class == object || m.dialect == SQLServer || m.dialect == Generic {
			if m.class == data {
				m.begin(k)
			}
			m.first = k
			m.shut(true)
			return
		}
		m.stop()
	case "CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "DENY", "DECLARE", "BACKUP", "RESTORE", "PRINT", "OPEN", "ADD":
		// In SQL Server no semicolon is needed before another statement. Some of these words can be names elsewhere.
		reserved := m.dialect == SQLServer && (k != "OPEN" && k != "ADD" || m.ends) ||
			m.dialect == Generic && (k == "CREATE" || k == "ALTER" || k == "DROP" || k == "GRANT" || k == "REVOKE" || m.ends)
		if m.class == data && reserved {
			m.class, m.prefix, m.first = fresh, false, ""
			m.statement(k)
			return
		}
		m.stop()
	case "IDENTIFIED":
		m.shut(false)
	case "FORMAT":
		if (m.dialect == ClickHouse || m.dialect == Generic) && m.inserts && len(m.frames) == 1 {
			m.format = true
		}
		m.stop()
	case "VALUES", "VALUE":
		f.rows = !m.upsert && (k == "VALUES" || f.op == "INSERT" || f.op == "REPLACE")
		m.stop()
	case "ORDER", "GROUP", "WHERE", "HAVING", "LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT", "RETURNING", "WINDOW", "FOR", "FETCH",
		"QUALIFY", "SETTINGS", "OUTPUT", "DO", "WHEN", "THEN", "CHANGE", "MODIFY", "RENAME", "COLUMN", "RETURNS":
		m.stop()
	default:
		if f.tables == wanted {
			f.tables = idle
		}
	}
}

// stop ends a list of tables, and one of assignments.
func (m *masker) stop() {
	f := m.top()
	f.tables, f.assigns = idle, false
}

// name handles a name, in quotes or bare.
func (m *masker) name(n string, quoted bool) {
	d := m.dot
	if d == nameDot && m.class != closed || d == nameDot && m.slotted {
		m.write(n, word)
		if m.pending {
			m.to = len(m.out)
		}
		return
	}
	if d != noDot || m.last == value && !m.space {
		m.value()
		return
	}
	alias := m.settle(false)
	f := m.top()
	f.listEnd = 0
	switch m.class {
	case object:
		if m.routine && m.last == mark && m.out[len(m.out)-1] == '=' {
			m.value() // In SQL Server the default of a parameter can be a bare word.
			return
		}
	case fresh:
		if m.dialect == Oracle && m.first == "BEGIN" && m.prefix {
			m.shut(true)
			m.first = "CALL" // in PL/SQL without the word
			m.name(n, quoted)
			return
		}
		m.shut(false)
		m.value()
		return
	case define:
		m.value()
		return
	case closed:
		if !m.slot || quoted && n[0] == '"' && m.dialect != PostgreSQL && m.dialect != Oracle && m.dialect != ClickHouse {
			m.value()
			return
		}
		m.write(n, word)
		m.slot, m.slotted = false, true
		if m.first == "CALL" || m.first == "EXEC" || m.first == "EXECUTE" && !m.defined {
			m.pend(n, false)
		}
		return
	}
	if m.misplaced(n, quoted) {
		m.value()
		return
	}
	m.write(n, word)
	switch {
	case f.with == withName:
		f.with = withMore
		note(&m.ctes, n)
	case f.tables == wanted:
		f.tables = listed
		m.pend(n, f.callable)
	case alias && f.tables == listed:
		m.aliased(n)
	}
}

// misplaced reports whether a name without a qualifier stands where values do: a database takes it for one, or somebody meant it to
// be one and left the quotes out, or took the wrong ones.
func (m *masker) misplaced(n string, quoted bool) bool {
	f := m.top()
	next := m.nextByte()
	if next == '.' {
		return false
	}
	before := byte(0)
	if m.last == mark {
		before = m.out[len(m.out)-1]
	}
	switch {
	case m.prev == "AS", before == ':' && ends(m.out, "::"), f.tables == wanted && !f.bare:
		return false // also after "::"
	case m.last == value:
		return true // a literal that was torn apart, or an alias without AS
	case before == '@':
		return quoted
	case next == '(' && !quoted:
		m.engine = m.class == object && before == '=' && (m.dialect == ClickHouse || m.dialect == Generic) && !strings.HasSuffix(n, "MergeTree") &&
			m.assigned("ENGINE")
		return false // a function
	case f.bare, f.rows, m.prev == "DEFAULT":
		return next != '='
	case f.options && before != '(' && before != ',':
		return true
	case before == '=' && m.secretive(), m.class == object && !f.query && f.values, f.settings && before == '=':
		return true
	case m.class == object && !f.query && before == '=':
		return !m.assigned("ENGINE") && !m.assigned("CHARSET") && !m.assigned("COLLATE")
	case quoted && next != '(':
		switch before {
		case '=', '<', '>', '~':
			return !m.assigned(n) // "n" = "n" + 1
		case '(', ',':
			return f.values
		case '[', '{', ':':
			return m.dialect == ClickHouse || m.dialect == PostgreSQL // a key
		}
		switch m.prev {
		case "LIKE", "GLOB", "BETWEEN", "COMMENT", "DATE", "TIME", "TIMESTAMP", "DATETIME", "INTERVAL", "JSON", "NUMERIC", "DECIMAL":
			return true
		case "AND":
			return f.upper
		}
	}
	return false
}

// nextByte returns what comes after not much white space.
func (m *masker) nextByte() byte {
	i := m.pos
	for i < len(m.in) && i < m.pos+64 && isSpace(m.in[i]) {
		i++
	}
	m.work += i - m.pos
	if i < len(m.in) {
		return m.in[i]
	}
	return 0
}

// assigned reports whether what was written last is a name and "=".
func (m *masker) assigned(n string) bool {
	b := bytes.TrimRight(bytes.TrimSuffix(m.out, []byte("=")), " ")
	if len(b) < len(n) || len(b) == len(m.out) || !strings.EqualFold(string(b[len(b)-len(n):]), n) {
		return false
	}
	return len(b) == len(n) || !isLetter(n[0]) || !isLetter(b[len(b)-len(n)-1]) && !isDigit(b[len(b)-len(n)-1])
}

// secretive reports whether what was written last is the name of something secret and "=".
func (m *masker) secretive() bool {
	b := bytes.TrimRight(bytes.TrimSuffix(m.out, []byte("=")), " ")
	from := len(b)
	for from > 0 && from > len(b)-64 && !isSpace(b[from-1]) && b[from-1] != '.' && b[from-1] != ',' && b[from-1] != '(' {
		from--
	}
	name := strings.ToLower(string(b[from:]))
	for _, s := range []string{"passw", "passphrase", "pwd", "secret", "token", "credential", "api_key", "apikey", "access_key", "private_key"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}

// data hides what comes after the name of a format.
func (m *masker) data() {
	for m.pos < len(m.in) && isSpace(m.in[m.pos]) {
		m.pos++
		m.space = true
	}
	if rest := strings.TrimRight(m.in[m.pos:], " \t\r\n"); rest != "" && rest != ";" {
		m.uncertain()
	}
}

// pend notes that the name that was just written may be one of a table. Its parts come one by one, with dots between them.
func (m *masker) pend(n string, callable bool) {
	m.pending, m.callable, m.from, m.to = true, callable, len(m.out)-len(n), len(m.out)
}

// settle adds the name of a table that was read to the summary. It is a function if a parenthesis comes.
// It reports whether another name for a table may come now.
func (m *masker) settle(parenthesis bool) (alias bool) {
	alias, m.alias = m.alias, false
	if !m.pending {
		return alias
	}
	m.pending = false
	if parenthesis && m.callable || m.to-m.from > maxName {
		return false
	}
	name := string(m.out[m.from:m.to])
	head, _, dotted := strings.Cut(name, ".")
	if has(m.ctes, name) || dotted && m.callable && has(m.aliases, head) {
		return !dotted
	}
	name = bare(name)
	if m.class == closed {
		m.add(name, operationItem) // a procedure
		return false
	}
	k := tableItem
	if f := m.top(); !m.callable && (f.op == "UPDATE" || f.op == "DELETE") {
		k = changedItem
	}
	m.table(name, k)
	return true
}

// table adds a table to the summary.
func (m *masker) table(name string, k itemKind) {
	if m.targets == 0 || !strings.EqualFold(name, m.target) {
		m.targets++
		m.target = name
	}
	m.add(name, k)
}

// aliased notes another name for the last table. What UPDATE or DELETE named first may be that.
func (m *masker) aliased(n string) {
	note(&m.aliases, n)
	for i, w := range m.words {
		if w.kind == changedItem && i < len(m.words)-1 && strings.EqualFold(w.text, bare(n)) {
			m.words = append(m.words[:i], m.words[i+1:]...)
			m.targets--
			return
		}
	}
}

// dropChanged takes the tables away that DELETE names before FROM: they come again.
func (m *masker) dropChanged() {
	for len(m.words) > 0 && m.words[len(m.words)-1].kind == changedItem {
		m.words = m.words[:len(m.words)-1]
		m.targets = 0
	}
}

// note adds a name to a list, which has a bound.
func note(list *[]string, name string) {
	if len(*list) < 32 {
		*list = append(*list, name)
	}
}

// has reports whether a list has a name.
func has(list []string, name string) bool {
	return slices.ContainsFunc(list, func(n string) bool { return strings.EqualFold(n, name) })
}

// bare takes the quotes off a name of one part, if it needs none.
func bare(name string) string {
	if len(name) > 2 {
		if c := name[0]; c == '"' || c == '`' || c == '[' {
			inner := name[1 : len(name)-1]
			for i := 0; i < len(inner); i++ {
				if c := inner[i]; !isLetter(c) && !isDigit(c) && c < 0x80 {
					return name
				}
			}
			return inner
		}
	}
	return name
}

// open handles an opening parenthesis.
func (m *masker) open() {
	if len(m.frames) >= maxDepth {
		m.uncertain()
		return
	}
	f := m.top()
	named := m.last == word && m.prev == ""
	written := m.prev
	from := f.tables == wanted && !m.pending && !named && f.callable && written != "TOP" && written != "TABLE"
	// ClickHouse takes a name for a string there.
	arguments := m.engine || m.pending && m.callable && (m.dialect == ClickHouse || m.dialect == Generic)
	if !arguments && named && m.dialect != PostgreSQL {
		arguments = ends(m.out, "RAISE") // so does SQLite
	}
	m.engine = false
	columns := m.pending && !m.callable && (f.op == "INSERT" || f.op == "REPLACE" || f.op == "COPY" || m.defined && m.class == object) || f.tables == listed && m.class == copying
	m.settle(true)
	f.listEnd = 0
	if f.with == withName {
		f.with = noWith
	}
	if m.class == copying && f.tables == wanted {
		m.class, m.copied, m.prefix = fresh, len(m.frames), true
	}
	m.pos++
	m.write("(", mark)
	inner := frame{values: written == "IN", names: columns || written == "INSERT", bare: arguments || f.bare || f.rows || written == "DEFAULT", query: f.query,
		options: f.options || written == "OPTIONS"}
	if from {
		f.tables = listed
		inner.tables, inner.callable, inner.op = wanted, true, f.op
	} else if f.tables == wanted && written != "TOP" {
		f.tables = idle
	}
	if f.values && m.class == data && written == "" && !named {
		inner.values = true // IN ((1, 2), (3, 4))
	}
	m.frames = append(m.frames, inner)
}

// ends reports whether text ends with a word.
func ends(text []byte, w string) bool {
	return len(text) >= len(w) && strings.EqualFold(string(text[len(text)-len(w):]), w)
}

// close handles a closing parenthesis.
func (m *masker) close() {
	m.settle(false)
	m.pos++
	m.write(")", mark)
	if len(m.frames) > 1 {
		m.frames = m.frames[:len(m.frames)-1]
		m.top().listEnd = 0
	}
	if m.copied > 0 && len(m.frames) == m.copied {
		m.copied = 0
		m.first = "COPY"
		m.shut(false)
	}
	m.alias = m.top().tables == listed
}

// comma handles a comma.
func (m *masker) comma() {
	m.settle(false)
	m.pos++
	m.write(",", mark)
	f := m.top()
	if f.tables == listed && m.class != copying {
		f.tables = wanted
	}
	if f.with == withMore {
		f.with = withName
	}
	if m.class == closed {
		m.slot = false
	}
}

// semicolon ends a statement.
func (m *masker) semicolon() {
	m.settle(false)
	m.pos++
	m.write(";", mark)
	inline := m.inline
	m.shown = shown{}
	m.frames = append(m.frames[:0], frame{})
	m.ctes, m.aliases, m.defined = m.ctes[:0], m.aliases[:0], false
	if inline {
		for m.pos < len(m.in) && isSpace(m.in[m.pos]) {
			m.pos++
			m.space = true
		}
		if m.pos < len(m.in) {
			m.uncertain()
		}
	}
}

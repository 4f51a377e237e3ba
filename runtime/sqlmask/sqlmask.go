// Package sqlmask takes the values out of SQL statements, and says in a few words what a statement does.
//
// It shows what is certainly a keyword, a name, an operator or a placeholder in the statement's dialect. All else is "?". Where a
// statement can be read in two ways, as a backslash before a quote can under two settings of a server, everything from there on
// is one "?": what a server takes for a value is then hidden whichever way it reads. A dialect that is not known is read as
// strictly as all of them together.
//
// A name is no name where a value stands: in VALUES, after DEFAULT, as the value of an option or of something called password, and
// in quotes after a comparison. Somebody took the wrong quotes there, or forgot them, and it is hidden. A statement in which
// something opens and never closes may be of another dialect: of that nothing is shown from its first string on.
//
// It never fails, its work and memory are linear in the length of the statement, and both have a bound.
package sqlmask

import "sync"

// Dialect determines the syntax of strings, names and comments.
type Dialect uint8

// The dialects. Generic is one that is not known: what any of the others could take for a value is hidden.
const (
	Generic Dialect = iota
	PostgreSQL
	MySQL
	SQLite
	SQLServer
	Oracle
	ClickHouse
)

// Statement is the recorded form of a statement.
type Statement struct {
	// Text is the statement with "?" for every literal, comments left out, and white space made single spaces.
	Text string
	// Operation is the first operation, in upper case: "SELECT".
	Operation string
	// Collection is the table that the statement works on, if it is one only.
	Collection string
	// Summary is the operations and their tables, in order: "INSERT orders SELECT basket".
	Summary string
}

// Limits, in bytes but for maxWords and maxDepth.
const (
	maxQuery   = 256 << 10 // What comes after is not read.
	maxText    = 16 << 10
	maxSummary = 255
	maxWords   = 16  // in a summary
	maxDepth   = 500 // of parentheses
	maxName    = 255 // A longer name is no name, in any database.
)

// Mask parses a statement and masks its values.
func Mask(query string, dialect Dialect) Statement {
	m := maskers.Get().(*masker)
	s := m.mask(query, dialect)
	m.reset()
	maskers.Put(m)
	return s
}

func (m *masker) mask(query string, dialect Dialect) Statement {
	m.lex(query, dialect)
	if opened := m.broken; opened != 0 {
		// It may be written for another dialect, where other quotes are the closing ones: nothing after the first one is certain.
		work := m.work
		m.reset()
		m.work, m.strict = work, opened
		m.lex(query, dialect)
	}
	s := Statement{Text: string(m.out), Operation: m.operation, Summary: m.join()}
	if m.operations == 1 && m.targets == 1 {
		s.Collection = m.target
	}
	return s
}

// maskers are kept for their buffers.
var maskers = sync.Pool{New: func() any { return new(masker) }}

// Package sqlmask removes the values from SQL statements, and summarises what a statement does.
//
// It keeps text that is certainly a keyword, a name, an operator or a placeholder in the statement's dialect. All else becomes "?". If a
// statement is ambiguous, as with a backslash before a quote, which depends on a setting of the server, everything from there on
// becomes one "?": so a value is masked however the server reads it. An unknown dialect is treated as strictly as all dialects together.
//
// A name in the place of a value is masked: in VALUES, after DEFAULT, as the value of an option or of something called password, and
// in quotes after a comparison. There the author used the wrong quotes, or none. A statement with an opening that never closes may be
// of another dialect: everything from its first string on is masked.
//
// Masking never fails; its time and memory are linear in the length of the statement, and bounded.
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
	maxName    = 255 // A longer name is not a name, in any database.
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

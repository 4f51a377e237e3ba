package main

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
)

// A driver that answers one row, 7, to everything.
type fake struct{}

var errFake = errors.New("fake error")

func init() { sql.Register("fake", fake{}) }

func (fake) Open(string) (driver.Conn, error)      { return fake{}, nil }
func (fake) Prepare(q string) (driver.Stmt, error) { return fakeStmt(q), nil }
func (fake) Close() error                          { return nil }
func (fake) Begin() (driver.Tx, error)             { return fake{}, nil }
func (fake) Commit() error                         { return nil }
func (fake) Rollback() error                       { return nil }

type fakeStmt string

func (fakeStmt) Close() error  { return nil }
func (fakeStmt) NumInput() int { return -1 }

func (s fakeStmt) Exec([]driver.Value) (driver.Result, error) {
	if s == "FAIL" {
		return nil, errFake
	}
	return driver.RowsAffected(1), nil
}

func (s fakeStmt) Query([]driver.Value) (driver.Rows, error) {
	return &fakeRows{fail: strings.Contains(string(s), "fail")}, nil
}

type fakeRows struct{ fail, done bool }

func (*fakeRows) Columns() []string { return []string{"id"} }
func (*fakeRows) Close() error      { return nil }
func (r *fakeRows) Next(dest []driver.Value) error {
	if r.fail {
		return errFake
	}
	if r.done {
		return io.EOF
	}
	r.done = true
	dest[0] = int64(7)
	return nil
}

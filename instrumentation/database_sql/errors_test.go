package database_sql

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

type unwrapPanic struct{}

func (unwrapPanic) Error() string { return "secret" }
func (unwrapPanic) Unwrap() error { panic("nothing within") }

type loop struct{}

func (loop) Error() string   { return "secret" }
func (l loop) Unwrap() error { return l }

type many struct{}

func (many) Error() string     { return "secret" }
func (m many) Unwrap() []error { return []error{m, nil, m, m} }

type longState struct{}

func (longState) Error() string    { return "secret" }
func (longState) SQLState() string { return "se'et" + strings.Repeat("x", 1<<20) }

// TestExamine checks that no text shows that is not known to be safe, whatever errors are like.
func TestExamine(t *testing.T) {
	var none *longState
	for want, err := range map[string]error{
		"":                                 nil,
		"database_sql.unwrapPanic":         unwrapPanic{},
		"database_sql.loop":                loop{},
		"database_sql.many":                many{},
		"SQLSTATE: database_sql.longState": longState{},
		"*database_sql.longState":          none,
		"EOF":                              fmt.Errorf("secret: %w", io.EOF),
		"*errors.errorString":              errors.New("secret"),
		"sql: database is closed":          errors.New("sql: database is closed"),
		"sql: expected 2 arguments, got 1": errors.New("sql: expected 2 arguments, got 1"),
	} {
		if f := examine(err); f.text != want || f.code != "" {
			t.Errorf("%T: %+v, and not %q", err, f, want)
		}
	}
	for _, err := range []error{io.EOF, errors.New("what the program says"), fmt.Errorf("a: %w", io.EOF), none} {
		if text, known := hidden(err); known {
			t.Errorf("%v is an error of the program's, and hidden as %q", err, text)
		}
	}
	for _, err := range []error{fmt.Errorf("bob: %w", longState{}),
		fmt.Errorf(`bob: %w`, errors.New(`sql: Scan error on column index 0, name "a": converting driver.Value type string ("secret") to a int: invalid syntax`))} {
		if text, known := hidden(err); !known || strings.Contains(text, "secret") || strings.Contains(text, "bob") {
			t.Errorf("%.50v is shown as %q", err, text)
		}
	}
	// What a database returned is known again, however it was made and wrapped; nothing else of its type is.
	seen = sightings{}
	plain := errors.New("another secret")
	if _, known := hidden(plain); known {
		t.Error("nobody has returned it yet")
	}
	examine(fmt.Errorf("secret: %w", plain))
	if text, known := hidden(fmt.Errorf("bob: %w", errors.Join(io.EOF, plain))); !known || text != "*errors.errorString" {
		t.Errorf("shown as %q", text)
	}
	if _, known := hidden(errors.New("what the program says")); known {
		t.Error("another one is hidden")
	}
	runtime.KeepAlive(plain)
}

package sqldriver

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

func init() { Safe(sql.ErrNoRows) }

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
		"sqldriver.unwrapPanic":            unwrapPanic{},
		"sqldriver.loop":                   loop{},
		"sqldriver.many":                   many{},
		"SQLSTATE: sqldriver.longState":    longState{},
		"*sqldriver.longState":             none,
		"EOF":                              fmt.Errorf("secret: %w", io.EOF),
		"*errors.errorString":              errors.New("secret"),
		"sql: database is closed":          errors.New("sql: database is closed"),
		"sql: expected 2 arguments, got 1": errors.New("sql: expected 2 arguments, got 1"),
	} {
		if f := Examine(err); f.Text != want || f.Code != "" {
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
	Examine(fmt.Errorf("secret: %w", plain))
	if text, known := hidden(fmt.Errorf("bob: %w", errors.Join(io.EOF, plain))); !known || text != "*errors.errorString" {
		t.Errorf("shown as %q", text)
	}
	if _, known := hidden(errors.New("what the program says")); known {
		t.Error("another one is hidden")
	}
	runtime.KeepAlive(plain)
}

// TestSaid checks that the text of a database's error is known again within what a program makes of it.
func TestSaid(t *testing.T) {
	seen, said = sightings{}, sayings{}
	inner := errors.New(`pq: invalid input syntax for type integer: "tops3cret"`)
	made := map[string]error{
		"%v":     fmt.Errorf("saving: %v", inner),
		"%q":     fmt.Errorf("saving: %q", inner.Error()),
		"new":    errors.New("saving: " + inner.Error()),
		"joined": errors.Join(io.EOF, fmt.Errorf("saving: %s", inner)),
		"twice":  fmt.Errorf("a: %w", fmt.Errorf("b: %v", inner)),
	}
	for name, err := range made {
		if text, known := hidden(err); known {
			t.Errorf("%s: nobody has returned it yet, and it is shown as %q", name, text)
		}
	}
	Examine(inner)
	for name, err := range made {
		if text, known := hidden(err); !known || strings.Contains(text, "tops3cret") {
			t.Errorf("%s: shown as %q", name, text)
		}
	}
	for _, err := range []error{errors.New("pq: what the program says itself"), errors.New("x"), io.EOF} {
		if text, known := hidden(err); known {
			t.Errorf("%v is hidden as %q", err, text)
		}
	}
	// What is safe, or short, hides nothing.
	Examine(sql.ErrNoRows)
	Examine(errors.New("bad"))
	for _, err := range []error{fmt.Errorf("order 5: %v", sql.ErrNoRows), errors.New("this is bad")} {
		if text, known := hidden(err); known {
			t.Errorf("%v is hidden as %q", err, text)
		}
	}
	// It has a bound, in texts and in bytes, and one that comes again and again takes one place.
	long := errors.New(strings.Repeat("é", 1<<20))
	for i := range 1000 {
		Examine(long)
		Examine(fmt.Errorf("error number %d", i))
	}
	kept := 0
	for i := range said.ring {
		if one := said.ring[i].Load(); one != nil {
			kept += len(one.text) + len(one.quoted)
		}
	}
	if kept > len(said.ring)*5*maxSaying {
		t.Errorf("%d bytes are kept", kept)
	}
	if _, known := hidden(fmt.Errorf("saving: %v", errors.New("error number 999"))); !known {
		t.Error("the last one is shown")
	}
	for _, text := range []string{"sql/driver: couldn't convert \"tops3cret\" into type bool", "converting driver.Value type string (\"tops3cret\") to a int: invalid syntax"} {
		if shown, known := hidden(errors.New(text)); !known || strings.Contains(shown, "tops3cret") {
			t.Errorf("%s is shown as %q", text, shown)
		}
	}
}

// TestSystems checks that statements for a database that can be one of two are read as those of one that is not known.
func TestSystems(t *testing.T) {
	for word, want := range map[string]struct {
		system  string
		dialect sqlmask.Dialect
	}{
		"github.com/go-sql-driver/mysql": {"mysql", sqlmask.MySQL}, "github.com/jackc/pgx/v5/stdlib": {"postgresql", sqlmask.PostgreSQL}, "modernc.org/sqlite": {"sqlite", sqlmask.SQLite},
		"example.com/mysql-over-postgres": {"postgresql", sqlmask.Generic}, "example.com/db": {"other_sql", sqlmask.Generic},
	} {
		if system, dialect := System("", word); system != want.system || dialect != want.dialect {
			t.Errorf("%s is %s in dialect %d", word, system, dialect)
		}
	}
}

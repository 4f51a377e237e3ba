package p

import (
	"bytes"
	"context"
	"database/sql"
	"io"
)

type store struct {
	*sql.DB
	name string
}

type alias = sql.DB

type fake struct{}

func (fake) QueryContext(ctx context.Context, query string) error { return nil }

func queries(ctx context.Context, db *sql.DB, s store, a *alias, tx *sql.Tx) error {
	_, err := db.QueryContext(ctx, "SELECT 1")
	_, err = s.QueryContext(ctx, "SELECT 2", s.name)
	_, err = a.QueryContext(ctx, "SELECT 3")
	_, err = (*sql.DB).QueryContext(db, ctx, "SELECT 4")
	_, err = (db.
		QueryContext)(ctx, "SELECT 5")
	_, err = tx.QueryContext(ctx, "another type has this method")
	err = fake{}.QueryContext(ctx, "and this one")
	value := db.QueryContext
	_, err = value(ctx, "a value that is called is no method")
	return err
}

func write[W io.Writer](w W, rw io.ReadWriter, b *bytes.Buffer, v bytes.Buffer) {
	w.Write(nil)
	rw.Write(nil)
	b.Write(nil)
	v.Write(nil)
	v.WriteString("x")
}

func shadowed(sql store) {
	sql.QueryContext(context.Background(), "the package is hidden, the method is not")
	sql.DB.Close()
}

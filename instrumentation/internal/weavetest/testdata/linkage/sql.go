// Package linkage makes a statement, for programs that use more or less of what cgo may be in.
package linkage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

type connector struct{}

func (connector) Connect(context.Context) (driver.Conn, error) {
	return nil, errors.New("no connection")
}
func (connector) Driver() driver.Driver { return nil }

// Statement fails.
func Statement() error {
	db := sql.OpenDB(connector{})
	defer db.Close()
	_, err := db.Exec("SELECT 1")
	return err
}

package p

import "io"

type DB struct{}

func (db *DB) QueryContext(r io.Reader, query string) (int, error) { return 0, nil }

func (db *DB) ExecContext(query string) {}

func Assembly(a int) int

func Map[K comparable, V any](m map[K]V, n int) (V, error) { panic(0) }

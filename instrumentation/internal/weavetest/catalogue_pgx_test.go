package weavetest

import (
	"slices"
	"strings"
	"testing"
)

func init() {
	catalogue["pgx"] = library{server: postgres, programs: []use{
		{name: "all", metrics: map[string]uint64{"db.client.operation.duration": 18}, tree: clients(`
			CREATE TABLE orders
			INSERT orders
			INSERT orders
			SELECT orders
			SELECT orders
			SELECT orders
			SELECT orders
			PREPARE UPDATE orders
			UPDATE orders
			COPY orders
			BEGIN
			DELETE orders
			SAVEPOINT
			ROLLBACK
			COMMIT
			BEGIN
			ROLLBACK
			SELECT`), check: pgxRows},
		{name: "batch", tree: clients(`
			CREATE TABLE orders
			BATCH INSERT orders
			SELECT orders
			BATCH
			BATCH error 23505
			CREATE TABLE orders
			BATCH INSERT orders
			BATCH INSERT orders error 23505`)},
		{name: "fail", tree: clients(`
			CREATE TABLE orders
			INSERT orders
			INSERT orders error 23505
			SELECT error 22P02
			SELECT error 22P02
			postgresql error 42601
			SELECT nothing error 42P01
			PREPARE SELECT nothing error 42P01
			COPY orders error 23505
			SELECT error *pgconn.errTimeout
			SELECT error *pgconn.connLockError`), check: pgxErrors},
		{name: "sql", metrics: map[string]uint64{"db.client.operation.duration": 13}, tree: clients(`
			CREATE TABLE orders
			INSERT orders
			SELECT orders
			BEGIN
			DELETE orders
			COMMIT
			BEGIN
			DELETE orders
			ROLLBACK
			PREPARE SELECT orders
			SELECT orders
			PING
			INSERT nothing error *pgconn.PgError`)},
		{name: "sql", env: []string{"OTEL_TRACES_SAMPLER=always_off"}, metrics: map[string]uint64{"db.client.operation.duration": 13}},
		{name: "sql", env: []string{"OTEL_INSTRUMENTATION_DATABASE_SQL_ENABLED=false"}, tree: clients(`
			CREATE TABLE orders
			INSERT orders
			SELECT orders
			BEGIN
			DELETE orders
			COMMIT
			BEGIN
			DELETE orders
			ROLLBACK
			PREPARE SELECT orders
			SELECT orders
			INSERT nothing error 42P01`)},
		{name: "pool", tree: clients(`
			CREATE TABLE orders
			SELECT orders
			BEGIN
			DELETE orders
			ACQUIRE error context.deadlineExceededError
			COMMIT
			ACQUIRE error *errors.errorString`),
			metrics: map[string]uint64{"db.client.connection.count": 0, "db.client.connection.max": 0, "db.client.connection.wait_time": 5}},
		{name: "http", tree: clients("\nCREATE TABLE orders") +
			strings.Repeat("GET (client)\n  GET (server)\n    SELECT orders (client)\n", 2)},
		{name: "many", names: []string{"CREATE TABLE orders", "INSERT orders"}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_PGX_ENABLED=false"}},
	}}
	catalogue["pgx_byhand"] = library{server: postgres, byHand: true, programs: []use{
		{tree: `GET (client)
  GET (server)
    pool.acquire (client)
      connect (client)
    SELECT (client)
    pool.acquire (client)
    batch start (client)
      SELECT (client)
      SELECT (client)
    connect (client)
    SELECT (client)
`},
	}}
}

// clients is the tree of spans that are all roots of kind client, one a line.
func clients(lines string) string {
	var b strings.Builder
	for _, line := range strings.Split(lines, "\n")[1:] {
		name, failed, _ := strings.Cut(strings.TrimSpace(line), " error ")
		b.WriteString(name + " (client)")
		if failed != "" {
			b.WriteString(" error " + failed)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// pgxRows checks what queries tell.
func pgxRows(t *testing.T, spans []Span) {
	var rows []string
	for _, s := range spans {
		if s.Attribute("db.system.name") != "postgresql" || s.Attribute("server.address") != "127.0.0.1" || s.Attribute("server.port") == "" || s.Attribute("db.namespace") != "postgres" {
			t.Errorf("it is not known where %s is", s)
		}
		if n := s.Attribute("db.response.returned_rows"); n != "" {
			rows = append(rows, n)
		}
	}
	if got := strings.Join(rows, " "); got != "2 1 1 0 1" {
		t.Errorf("the rows are %s", got)
	}
}

// pgxErrors checks that errors are told by their classes.
func pgxErrors(t *testing.T, spans []Span) {
	var texts []string
	for _, s := range spans {
		if s.Status.GetMessage() != "" {
			texts = append(texts, s.Status.Message)
		}
	}
	const sqlstate, after = "SQLSTATE ", ": *pgconn.PgError"
	want := []string{
		sqlstate + "23505 (integrity constraint violation)" + after, sqlstate + "22P02 (data exception)" + after, sqlstate + "22P02 (data exception)" + after,
		sqlstate + "42601 (syntax error or access rule violation)" + after, sqlstate + "42P01 (syntax error or access rule violation)" + after,
		sqlstate + "42P01 (syntax error or access rule violation)" + after, sqlstate + "23505 (integrity constraint violation)" + after,
		"context deadline exceeded", "*pgconn.connLockError",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("the texts are %q, and not %q", texts, want)
	}
}

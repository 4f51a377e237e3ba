package sqlmask

import (
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	for _, c := range []struct {
		dialect                    Dialect
		query, text, summary, coll string
	}{
		{Generic, "SELECT * FROM orders WHERE id = 42", "SELECT * FROM orders WHERE id = ?", "SELECT orders", "orders"},
		{Generic, "select a, b from t1 as x, t2 where a='it''s' and b=1.5e-3", "select a, b from t1 as x, t2 where a=? and b=?", "SELECT t1 t2", ""},
		{PostgreSQL, `SELECT $1::int, $tag$ secret $$ $tag$, E'a\'b', "Col" FROM "public"."Orders"`, `SELECT $1::int, ?, ?, "Col" FROM "public"."Orders"`, `SELECT "public"."Orders"`, `"public"."Orders"`},
		{PostgreSQL, "SELECT 1 /* a /* nested 'x */ b */ -- tail 'q\n FROM t", "SELECT ? FROM t", "SELECT t", "t"},
		{MySQL, "SELECT \"it\\\"s\", 'a\\'b' # c 'x\nFROM `or``d` WHERE x=0xFF", "SELECT ?, ? FROM `or``d` WHERE x=?", "SELECT `or``d`", "`or``d`"},
		{SQLite, `INSERT INTO orders (item, qty) VALUES (?, ?), ("bob", 3)`, `INSERT INTO orders (item, qty) VALUES (?, ?), (?, ?)`, "INSERT orders", "orders"},
		{SQLite, `UPDATE "orders" SET "item" = "bob" WHERE "orders"."id" = 7`, `UPDATE "orders" SET "item" = ? WHERE "orders"."id" = ?`, "UPDATE orders", "orders"},
		{SQLServer, "SELECT [a b], N'x' FROM [dbo].[Order Lines] WHERE id IN (1, 2,3 , 'x')", "SELECT [a b], ? FROM [dbo].[Order Lines] WHERE id IN (?)", "SELECT [dbo].[Order Lines]", "[dbo].[Order Lines]"},
		{Oracle, "SELECT q'[it's]' FROM dual", "SELECT ? FROM dual", "SELECT dual", "dual"},
		{Generic, "INSERT INTO shipping (id) SELECT id FROM orders o JOIN items i ON i.x = o.x", "INSERT INTO shipping (id) SELECT id FROM orders o JOIN items i ON i.x = o.x", "INSERT shipping SELECT orders items", ""},
		{Generic, "DELETE FROM t WHERE a = -1 AND b LIKE '%x", "DELETE FROM t WHERE a = -? AND b LIKE ?", "DELETE t", "t"},
		{Generic, "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, n VARCHAR(10))", "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, n VARCHAR(?))", "CREATE TABLE orders", "orders"},
		{Generic, "SELECT a FROM t FOR UPDATE", "SELECT a FROM t FOR UPDATE", "SELECT t", "t"},
		{PostgreSQL, "INSERT INTO t VALUES ($1) ON CONFLICT (id) DO UPDATE SET x = EXCLUDED.x RETURNING id", "INSERT INTO t VALUES ($1) ON CONFLICT (id) DO UPDATE SET x = EXCLUDED.x RETURNING id", "INSERT t", "t"},
		{Generic, "WITH x AS (SELECT * FROM a) SELECT * FROM x", "WITH x AS (SELECT * FROM a) SELECT * FROM x", "SELECT a SELECT x", ""},
		{Generic, "SELECT * FROM (SELECT id FROM orders) q", "SELECT * FROM (SELECT id FROM orders) q", "SELECT SELECT orders", ""},
		{Generic, "BEGIN", "BEGIN", "BEGIN", ""},
		{Generic, "PRAGMA journal_mode=WAL", "PRAGMA journal_mode=WAL", "PRAGMA", ""},
		{PostgreSQL, "SELECT * FROM generate_series(1, 3)", "SELECT * FROM generate_series(?, ?)", "SELECT", ""},
		{Generic, "", "", "", ""},
		{Generic, "SELECT 'never ends FROM t", "SELECT ?", "SELECT", ""},
		{Generic, "SELECT a FROM t WHERE n = 'x' -- trailing", "SELECT a FROM t WHERE n = ?", "SELECT t", "t"},
	} {
		s := Mask(c.query, c.dialect)
		if s.Text != c.text || s.Summary != c.summary || s.Collection != c.coll {
			t.Errorf("Mask(%q)\n got %q, %q, %q\nwant %q, %q, %q", c.query, s.Text, s.Summary, s.Collection, c.text, c.summary, c.coll)
		}
	}
}

// TestHides checks that no value shows, whatever dialect a statement is taken for.
func TestHides(t *testing.T) {
	for d := Generic; d <= ClickHouse; d++ {
		for _, q := range []string{
			"SELECT 'tops3cret'", "SELECT * FROM t WHERE a='x''tops3cret'", "UPDATE t SET a = 'tops3cret", "/* tops3cret */ SELECT 1",
			"SELECT 1 -- tops3cret", "INSERT INTO t VALUES (N'tops3cret', 12345)", "SELECT E'a', 'tops3cret'",
		} {
			if s := Mask(q, d); strings.Contains(s.Text+s.Summary, "tops3cret") || strings.Contains(s.Text, "12345") {
				t.Errorf("dialect %d shows a value of %q: %+v", d, q, s)
			}
		}
	}
	// The control: a name does show.
	if s := Mask("SELECT tops3cret FROM t", Generic); !strings.Contains(s.Text, "tops3cret") {
		t.Errorf("a name is hidden: %+v", s)
	}
}

// FuzzMask checks that nothing panics and that no single quote survives, but within a name in quotes.
func FuzzMask(f *testing.F) {
	for _, s := range []string{"SELECT 'a', \"b\", `c`, [d], $x$e$x$, q'[f]'", "((()))", "''", "'", "\\", "1e-", "$", "U&'", "/*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, q string) {
		for d := Generic; d <= ClickHouse; d++ {
			s := Mask(q, d)
			if strings.Contains(s.Text, "'") && !strings.ContainsAny(q, "`\"[") {
				t.Errorf("dialect %d: %q becomes %q", d, q, s.Text)
			}
		}
	})
}

func BenchmarkMask(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		Mask("SELECT id, item, quantity FROM orders WHERE customer = 'bob' AND quantity > 3 ORDER BY id LIMIT 10", PostgreSQL)
	}
}

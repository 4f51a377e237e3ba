package sqlmask

import (
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
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
		{MySQL, "SELECT \"it's\", 'a\\\\' # c 'x\nFROM `or``d` WHERE x=0xFF", "SELECT ?, ? FROM `or``d` WHERE x=?", "SELECT `or``d`", "`or``d`"},
		{SQLite, `INSERT INTO orders (item, qty) VALUES (?, ?), ("bob", 3)`, `INSERT INTO orders (item, qty) VALUES (?, ?), (?, ?)`, "INSERT orders", "orders"},
		{SQLite, `UPDATE "orders" SET "item" = "bob" WHERE "orders"."id" = 7`, `UPDATE "orders" SET "item" = ? WHERE "orders"."id" = ?`, "UPDATE orders", "orders"},
		{SQLServer, "SELECT [a b], N'x' FROM [dbo].[Order Lines] WHERE id IN (1, 2,3 , 'x')", "SELECT [a b], ? FROM [dbo].[Order Lines] WHERE id IN (?)", "SELECT [dbo].[Order Lines]", "[dbo].[Order Lines]"},
		{Oracle, "SELECT q'[it's]' FROM dual", "SELECT ? FROM dual", "SELECT dual", "dual"},
		{Generic, "INSERT INTO shipping (id) SELECT id FROM orders o JOIN items i ON i.x = o.x", "INSERT INTO shipping (id) SELECT id FROM orders o JOIN items i ON i.x = o.x", "INSERT shipping SELECT orders items", ""},
		{Generic, "DELETE FROM t WHERE a = -1 AND b LIKE '%x", "DELETE FROM t WHERE a = -? AND b LIKE ?", "DELETE t", "t"},
		{Generic, "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, n VARCHAR(10))", "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, n VARCHAR(?))", "CREATE TABLE orders", "orders"},
		{Generic, "SELECT a FROM t FOR UPDATE", "SELECT a FROM t FOR UPDATE", "SELECT t", "t"},
		{PostgreSQL, "INSERT INTO t VALUES ($1) ON CONFLICT (id) DO UPDATE SET x = EXCLUDED.x RETURNING id", "INSERT INTO t VALUES ($1) ON CONFLICT (id) DO UPDATE SET x = EXCLUDED.x RETURNING id", "INSERT t", "t"},
		{Generic, "WITH x AS (SELECT * FROM a) SELECT * FROM x", "WITH x AS (SELECT * FROM a) SELECT * FROM x", "SELECT a SELECT", ""},
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

// TestKeeps checks what still shows of statements in which something is hidden.
func TestKeeps(t *testing.T) {
	for _, c := range []struct {
		dialect             Dialect
		query, text, digest string
	}{
		{PostgreSQL, "COPY items (id, name) FROM STDIN", "COPY items (id, name) FROM STDIN", "COPY items"},
		{PostgreSQL, `COPY "items" ("id", "name") FROM STDIN`, `COPY "items" ("id", "name") FROM STDIN`, "COPY items"},
		{PostgreSQL, "COPY (SELECT a FROM t WHERE b = 'x') TO STDOUT WITH (FORMAT csv)", "COPY (SELECT a FROM t WHERE b = ?) TO STDOUT WITH (FORMAT csv)", "COPY SELECT t"},
		{PostgreSQL, "SET LOCAL app.user TO bob", "SET LOCAL app.user TO ?", "SET"},
		{PostgreSQL, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET"},
		{PostgreSQL, "EXPLAIN (ANALYZE, FORMAT JSON) SELECT a FROM t", "EXPLAIN (ANALYZE, FORMAT JSON) SELECT a FROM t", "EXPLAIN SELECT t"},
		{PostgreSQL, "CREATE USER bob WITH PASSWORD 'x' VALID UNTIL '2030-01-01'", "CREATE USER bob WITH PASSWORD ? VALID UNTIL ?", "CREATE USER"},
		{PostgreSQL, "SELECT a[1:2], b->>'k', c::numeric(10,2) FROM t WHERE d @> $1 AND e = ANY($2) AND f ? 'k'", "SELECT a[?:?], b->>?, c::numeric(?,?) FROM t WHERE d @> $1 AND e = ANY($2) AND f ? ?", "SELECT t"},
		{PostgreSQL, "PREPARE p (int) AS SELECT a FROM t WHERE id = $1", "PREPARE p (INT) AS SELECT a FROM t WHERE id = $1", "PREPARE SELECT t"},
		{PostgreSQL, "DECLARE c CURSOR FOR SELECT a FROM t", "DECLARE ? CURSOR FOR SELECT a FROM t", "DECLARE SELECT t"},
		{PostgreSQL, "GRANT SELECT ON t TO bob", "GRANT SELECT ON t TO ?", "GRANT"},
		{PostgreSQL, "SELECT * FROM user WHERE status = 'x' AND data IS NOT NULL", "SELECT * FROM user WHERE status = ? AND data IS NOT NULL", "SELECT user"},
		{MySQL, "SELECT `a` FROM `db`.`t` WHERE b IN (1, 2, 3) AND c = 'x''y' LIMIT 5", "SELECT `a` FROM `db`.`t` WHERE b IN (?) AND c = ? LIMIT ?", "SELECT `db`.`t`"},
		{MySQL, "INSERT INTO t (a) VALUES (1), (2) ON DUPLICATE KEY UPDATE a = VALUES(a)", "INSERT INTO t (a) VALUES (?), (?) ON DUPLICATE KEY UPDATE a = VALUES(a)", "INSERT t"},
		{SQLite, `CREATE TABLE "t" ("id" INTEGER PRIMARY KEY, "name" TEXT DEFAULT "x")`, `CREATE TABLE "t" ("id" INTEGER PRIMARY KEY, "name" TEXT DEFAULT ?)`, "CREATE TABLE t"},
		{SQLite, `INSERT INTO "t" ("a", "b") VALUES ("x", $1)`, `INSERT INTO "t" ("a", "b") VALUES (?, $1)`, "INSERT t"},
		{SQLite, `SELECT "t"."a" AS "b" FROM "t" WHERE "t"."c" = "x" ORDER BY "t"."a"`, `SELECT "t"."a" AS "b" FROM "t" WHERE "t"."c" = ? ORDER BY "t"."a"`, "SELECT t"},
		{SQLite, "PRAGMA table_info(t)", "PRAGMA table_info(?)", "PRAGMA"},
		{SQLite, "SELECT a FROM t WHERE b = :b AND c = @c AND d = $d AND e = ?1", "SELECT a FROM t WHERE b = :b AND c = @c AND d = $d AND e = ?1", "SELECT t"},
		{SQLServer, `SELECT * FROM "users" WHERE "users"."id" = @p1 ORDER BY "users"."id" OFFSET 0 ROW FETCH NEXT 1 ROWS ONLY`, `SELECT * FROM "users" WHERE "users"."id" = @p1 ORDER BY "users"."id" OFFSET ? ROW FETCH NEXT ? ROWS ONLY`, "SELECT users"},
		{SQLServer, "SET NOCOUNT ON\nSELECT a FROM #t", "SET NOCOUNT ON SELECT a FROM #t", "SET SELECT #t"},
		{SQLServer, "DECLARE @a int = 5 INSERT INTO t (b) VALUES (@a)", "DECLARE @a int = ? INSERT INTO t (b) VALUES (@a)", "DECLARE INSERT t"},
		{SQLServer, "EXEC @r = dbo.p @a = 5, @b = bob", "EXEC @r = dbo.p @a = ?, @b = ?", "EXEC dbo.p"},
		{SQLServer, "IF NOT EXISTS (SELECT 1 FROM t) INSERT INTO t VALUES ('x') ELSE EXEC p x", "IF NOT EXISTS (SELECT ? FROM t) INSERT INTO t VALUES (?) ELSE EXEC p ?", "SELECT t INSERT t EXEC p"},
		{ClickHouse, "SELECT a FROM t FINAL ARRAY JOIN b WHERE c = 1 SETTINGS d = 'x'", "SELECT a FROM t FINAL ARRAY JOIN b WHERE c = ? SETTINGS d = ?", "SELECT t"},
		{Oracle, "BEGIN pkg.proc(:1, 'x'); END;", "BEGIN pkg.proc(:1, ?); END;", "BEGIN pkg.proc"},
		{Oracle, "SELECT v$x.col# FROM v$x WHERE a = :a AND b = q'{it's}'", "SELECT v$x.col# FROM v$x WHERE a = :a AND b = ?", "SELECT v$x"},
		{ClickHouse, "SELECT a FROM t WHERE b = {id:UInt32} AND c = 'it\\'s' FORMAT JSON", "SELECT a FROM t WHERE b = {id:UInt32} AND c = ? FORMAT JSON", "SELECT t"},
		{ClickHouse, "INSERT INTO t FORMAT JSONEachRow", "INSERT INTO t FORMAT JSONEachRow", "INSERT t"},
		{Generic, `SELECT [a b], [1, 2] FROM "t" -- x`, "SELECT [a b], ? FROM \"t\"", "SELECT t"},
		{Generic, "UPDATE t SET a = 1, b = 2 WHERE c = 3", "UPDATE t SET a = ?, b = ? WHERE c = ?", "UPDATE t"},
		// What can be read in two ways ends the statement.
		{MySQL, `SELECT a FROM t WHERE b = 'it\'s' AND c = 1`, "SELECT a FROM t WHERE b = ?", "SELECT t"},
	} {
		s := Mask(c.query, c.dialect)
		if !strings.EqualFold(s.Text, c.text) || s.Summary != c.digest {
			t.Errorf("Mask(%q)\n got %q, %q\nwant %q, %q", c.query, s.Text, s.Summary, c.text, c.digest)
		}
	}
}

// TestSummary checks which names are tables.
func TestSummary(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT * FROM a, b AS c, d e":                                                            "SELECT a b d",
		"SELECT * FROM a x JOIN b y ON x.i = y.i, c":                                              "SELECT a b c",
		"SELECT * FROM a LEFT JOIN b USING (id) WHERE c IN (SELECT d FROM e)":                     "SELECT a b SELECT e",
		"SELECT * FROM f(1) AS g, t":                                                              "SELECT t",
		"SELECT * FROM t, f(t.a) WITH ORDINALITY":                                                 "SELECT t",
		"SELECT * FROM generate_series(1, 3) s JOIN t ON true":                                    "SELECT t",
		"SELECT * FROM t CROSS JOIN LATERAL unnest(t.a) u":                                        "SELECT t",
		"SELECT * FROM ROWS FROM (f(1), g(2)) x, t":                                               "SELECT t",
		"SELECT * FROM ONLY t":                                                                    "SELECT t",
		"SELECT * FROM LATERAL (SELECT * FROM t) x":                                               "SELECT SELECT t",
		"SELECT * FROM (a JOIN b ON a.i = b.i) JOIN c ON true":                                    "SELECT a b c",
		"SELECT * FROM (VALUES (1, 'x'), (2, 'y')) AS v (a, b)":                                   "SELECT",
		"VALUES (1), (2)":                                                                         "",
		"SELECT EXTRACT(year FROM ts), SUBSTRING(x FROM 1 FOR 2), TRIM(x FROM y)":                 "SELECT",
		"SELECT a IS DISTINCT FROM b FROM t":                                                      "SELECT t",
		"SELECT FROM t WHERE x > (SELECT max(y) FROM u)":                                          "SELECT t SELECT u",
		"WITH a AS (SELECT * FROM t), b (x) AS (SELECT * FROM a) SELECT * FROM a, b":              "SELECT t SELECT SELECT",
		"WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT n FROM a) SELECT * FROM a JOIN t ON true": "SELECT SELECT SELECT t",
		"INSERT INTO t WITH a AS (SELECT 1) SELECT * FROM a":                                      "INSERT t SELECT SELECT",
		"WITH a AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM a":                     "DELETE t INSERT u SELECT",
		`SELECT * FROM "my.schema"."my table"`:                                                    `SELECT "my.schema"."my table"`,
		`SELECT * FROM "my.table" x`:                                                              `SELECT "my.table"`,
		"SELECT /* FROM no */ * FROM -- FROM no\n t":                                              "SELECT t",
		"UPDATE first SET a = 1":                                                                  "UPDATE first",
		"INSERT FIRST WHEN a > 1 THEN INTO t VALUES (a) SELECT a FROM u":                          "INSERT t SELECT u",
		"UPDATE ONLY t SET a = 1 FROM u WHERE u.i = t.i":                                          "UPDATE t u",
		"UPDATE x SET a = 1 FROM t x JOIN u ON true":                                              "UPDATE t u",
		"DELETE x FROM t AS x JOIN u ON true":                                                     "DELETE t u",
		"DELETE a, b FROM a JOIN b ON true":                                                       "DELETE a b",
		"DELETE FROM t USING u WHERE t.i = u.i":                                                   "DELETE t u",
		"MERGE INTO t USING s ON t.i = s.i WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (i) VALUES (s.i)": "MERGE t s",
		"INSERT INTO t (a, b) SELECT a, b FROM u ON CONFLICT (a) DO UPDATE SET b = 1":                                          "INSERT t SELECT u",
		"SELECT a INTO n FROM t":            "SELECT n t",
		"TRUNCATE TABLE a, b":               "TRUNCATE a b",
		"CREATE TABLE t AS SELECT * FROM u": "CREATE TABLE t SELECT u",
		"CREATE INDEX i ON t (a)":           "CREATE INDEX i",
		"CREATE TRIGGER g AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()": "CREATE TRIGGER g",
		"ALTER TABLE t ADD COLUMN c int REFERENCES u (id)":                               "ALTER TABLE t",
		"DROP TABLE IF EXISTS a, b":                                                      "DROP TABLE a b",
		"COPY t FROM STDIN":                                                              "COPY t",
		"COPY t (a) TO STDOUT":                                                           "COPY t",
		"COPY t FROM PROGRAM 'x'":                                                        "COPY t",
		"SHOW TABLES FROM db":                                                            "SHOW",
		"REVOKE ALL ON t FROM bob":                                                       "REVOKE",
		"FETCH NEXT FROM c":                                                              "FETCH",
		"CALL p(1)":                                                                      "CALL p",
		"BEGIN; UPDATE t SET a = 1; COMMIT":                                              "BEGIN UPDATE t COMMIT",
		"SELECT * FROM t; DELETE FROM u":                                                 "SELECT t DELETE u",
		"SELECT * FROM $1":                                                               "SELECT",
		"SELECT * FROM 'x'":                                                              "SELECT",
		"(SELECT * FROM a) UNION ALL (SELECT * FROM b)":                                  "SELECT a SELECT b",
		"SELECT * FROM orders o, o.items":                                                "SELECT orders",
	} {
		if s := Mask(query, PostgreSQL); s.Summary != want {
			t.Errorf("%s\n got %q\nwant %q", query, s.Summary, want)
		}
	}
}

const secret = "tops3cret"

// shows reports whether anything of a statement tells the secret.
func shows(s Statement) bool {
	return strings.Contains(strings.ToLower(s.Text+" "+s.Summary+" "+s.Collection+" "+s.Operation), secret)
}

// TestHides checks statements in which a value is easily missed.
func TestHides(t *testing.T) {
	for _, c := range []struct {
		dialects []Dialect
		query    string
	}{
		{nil, "SELECT 'tops3cret'"},
		{nil, "SELECT * FROM t WHERE a='x''tops3cret'"},
		{nil, "UPDATE t SET a = 'tops3cret"},
		{nil, "/* tops3cret */ SELECT 1"},
		{nil, "SELECT 1 -- tops3cret"},
		{nil, "SELECT 1 -- it's\r\n, 'tops3cret'"},
		{nil, "SELECT 1 -- x\r, 'y\n tops3cret '"},
		{nil, "INSERT INTO t VALUES (N'tops3cret', 12345)"},
		{nil, "SELECT E'a', 'tops3cret'"},
		{nil, "SELECT 'a\\' , 'tops3cret'"},
		{nil, "SELECT 1tops3cret, 0xtops3cret, 1e5tops3cret, 1_000_tops3cret, .5tops3cret, 5.tops3cret, t.5tops3cret"},
		{nil, "SELECT 'a'tops3cret"},
		{nil, "SELECT 'a'.tops3cret"},
		{nil, "SELECT 1 \x00 tops3cret"},
		{nil, "SELECT 1 \\ tops3cret"},
		{nil, "SELECT 1 \xff tops3cret"},
		{nil, "SELECT \u2018it's tops3cret\u2019"},
		{nil, "SELECT \u00a3tops3cret"},
		{nil, "tops3cret"},
		{nil, "tops3cret 'a', tops3cret"},
		{nil, "SET PASSWORD = tops3cret"},
		{nil, "SET PASSWORD FOR bob = 'tops3cret'"},
		{nil, "SET my.token = tops3cret, tops3cret"},
		{nil, "SET NAMES tops3cret"},
		{nil, "SET a = 'x'; SET b TO tops3cret"},
		{nil, "CREATE USER bob IDENTIFIED BY tops3cret"},
		{nil, "CREATE USER bob PASSWORD tops3cret"},
		{nil, "CREATE DATABASE LINK l CONNECT TO u IDENTIFIED BY tops3cret"},
		{nil, "GRANT ALL ON *.* TO bob IDENTIFIED BY tops3cret"},
		{nil, "ALTER USER bob IDENTIFIED BY \"tops3cret\" REPLACE \"tops3cret\""},
		{nil, "ALTER ROLE bob SET x TO tops3cret"},
		{nil, "ALTER SYSTEM SET x = tops3cret"},
		{nil, "CREATE FUNCTION f() RETURNS int SET x TO tops3cret AS 'a'"},
		{nil, "CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (password tops3cret)"},
		{nil, "CREATE VIRTUAL TABLE t USING csv(tops3cret)"},
		{nil, "CONNECT bob/tops3cret@db"},
		{nil, "PRAGMA key = tops3cret"},
		{nil, "PRAGMA key = \"tops3cret\""},
		{nil, "ATTACH 'x' AS y KEY tops3cret"},
		{nil, "COPY t FROM stdin;\n1\ttops3cret\n\\."},
		{nil, "COPY t FROM stdin WITH (FORMAT csv);\n1,tops3cret"},
		{nil, "NOTIFY c, 'tops3cret'"},
		{nil, "CALL p(tops3cret)"},
		{nil, "CREATE NAMED COLLECTION c AS tops3cret"},
		{nil, "CREATE DICTIONARY d (a int) SOURCE(MYSQL(user bob password tops3cret))"},
		{nil, "CHANGE MASTER TO MASTER_PASSWORD = tops3cret"},
		{nil, "BEGIN p.q(a => tops3cret); END;"},
		{nil, "IF 1 = 1 EXEC p tops3cret"},
		{nil, "SET ROLE tops3cret"},
		{nil, "SET SESSION AUTHORIZATION tops3cret"},
		{nil, "PUT file:///tops3cret @s"},
		{nil, "SELECT DATE'tops3cret', DATE 'tops3cret'"},
		{nil, "DO LANGUAGE plpgsql 'tops3cret'"},
		{nil, "SELECT $tops3cret$tops3cret$tops3cret$"},
		{nil, "SELECT * FROM t WHERE id = a23e4567-e89b-12d3-a456-426614174000 AND b = '12345'"},
		{nil, "DO tops3cret"},
		{nil, "SELECT * FROM t WHERE a = 'x' AND b IN (1, 'tops3cret', 3, 'tops3cret')"},
		{nil, "INSERT INTO t VALUES ('" + strings.Repeat("x", maxQuery-30) + "', 'tops3cret')"},
		{[]Dialect{Generic, SQLServer}, "EXEC sp_x tops3cret"},
		{[]Dialect{Generic, SQLServer}, "SELECT 1 EXEC sp_x tops3cret"},
		{[]Dialect{Generic, SQLServer}, "SELECT 1 SET LANGUAGE tops3cret"},
		{[]Dialect{Generic, SQLServer}, "SELECT 1 CREATE LOGIN x WITH PASSWORD = tops3cret"},
		{[]Dialect{SQLServer}, "CREATE PROCEDURE p @a varchar(9) = tops3cret AS EXEC q tops3cret"},
		{[]Dialect{Generic, ClickHouse}, "INSERT INTO t FORMAT CSV 1,tops3cret"},
		{[]Dialect{Generic, ClickHouse}, "INSERT INTO t (a, b) SETTINGS x = 1 FORMAT TSV\n1\ttops3cret"},
		{[]Dialect{Generic, ClickHouse}, "insert into t format Values (1, tops3cret)"},
		{[]Dialect{Generic, MySQL}, "SELECT /*! tops3cret */ 1, /*M! tops3cret */ 2"},
		{[]Dialect{Generic, MySQL}, "SELECT /*! '*/' tops3cret */ 1"},
		{[]Dialect{Generic, MySQL}, "SELECT 5--'a\n tops3cret', 'x'"},
		{[]Dialect{Generic}, "SELECT 1 // it's\n, 'tops3cret'"},
		{[]Dialect{Generic}, "SELECT [a', 'b]tops3cret'"},
		{[]Dialect{Generic}, "SELECT `a', 'b`tops3cret'"},
	} {
		dialects := c.dialects
		if dialects == nil {
			dialects = []Dialect{Generic, PostgreSQL, MySQL, SQLite, SQLServer, Oracle, ClickHouse}
		}
		for _, d := range dialects {
			if s := Mask(c.query, d); shows(s) || strings.Contains(s.Text, "12345") || strings.Contains(s.Text, "e89b") {
				t.Errorf("dialect %d shows a value of %.100q: %+v", d, c.query, s)
			}
		}
	}
	// The control: a name does show.
	if s := Mask("SELECT tops3cret FROM t", Generic); !shows(s) {
		t.Errorf("a name is hidden: %+v", s)
	}
}

// source is where a test gets its choices from.
type source []byte

func (s *source) next(n int) int {
	if len(*s) == 0 {
		return 0
	}
	c := int((*s)[0])
	*s = (*s)[1:]
	return c % n
}

// fillers are what may stand beside a secret within a literal: what opens and closes others.
var fillers = []string{"", " ", "a", "'", `"`, "`", "[", "]", "(", ")", "{", "}", "$$", "$a$", "/*", "*/", "--", "-- ", "#", "//", ";", "\n", ":", "@", "?", "$1",
	"E", "q'", "N", " SELECT ", " FROM ", ",", ".", "0x", "1", "\\", "''", "é", "=", "%"}

// literal makes a literal, a comment or an inline datum of a dialect with the secret in it. What can be read in two ways is made too, so
// that the dialect's own reading is one of those which are hidden.
func literal(d Dialect, s *source) string {
	content := ""
	for range s.next(4) {
		content += fillers[s.next(len(fillers))]
	}
	content += secret
	for range s.next(4) {
		content += fillers[s.next(len(fillers))]
	}
	double := func(quote string) string { return quote + strings.ReplaceAll(content, quote, quote+quote) + quote }
	escape := func(quote string) string {
		return quote + strings.ReplaceAll(strings.ReplaceAll(content, `\`, `\\`), quote, `\`+quote) + quote
	}
	flat := func(quote string) string { // no backslash before a quote that counts otherwise
		return quote + strings.ReplaceAll(strings.ReplaceAll(content, quote, ""), `\`, "") + quote
	}
	without := func(closing string) string {
		rest := content
		for strings.Contains(rest, closing) {
			rest = strings.ReplaceAll(rest, closing, "")
		}
		return rest
	}
	between := func(open, closing string) string { return open + without(closing) + closing }
	line := func(open string) string { return open + " " + strings.ReplaceAll(content, "\n", "") + "\n" }
	number := []string{"1", "0x", "1e5", "1_000", ".5", "5."}[s.next(6)] + secret
	comment := between("/* ", "*/")
	common := []string{number, line("--")}
	if d == ClickHouse { // A backslash is an escape there, and nothing else elsewhere.
		common = append(common, escape("'"))
	} else {
		common = append(common, double("'"), "N"+double("'"), "x"+double("'"))
	}
	switch d {
	case PostgreSQL:
		nested := strings.NewReplacer("*/", "", "/*", "").Replace(content)
		common = append(common, "E"+escape("'"), escape("'"), between("$$", "$$"), between("$tag$", "$tag$"), "U&"+double("'"), "B"+double("'"),
			"/* "+nested+" /* "+nested+" */ "+nested+" */", "/* "+nested+" */", "E'a'\n"+escape("'"), "1"+between("$$", "$$"))
	case MySQL:
		common = append(common, escape("'"), double(`"`), escape(`"`), line("#"), strings.ReplaceAll(comment, "\\", ""), "_utf8mb4"+escape("'"), "n"+escape(`"`), between("/*! ", "*/"))
	case SQLite:
		common = append(common, "("+double(`"`)+")", "lower("+double(`"`)+")", comment)
	case SQLServer:
		nested := strings.NewReplacer("*/", "", "/*", "").Replace(content)
		common = append(common, "/* "+nested+" /* "+nested+" */ "+nested+" */", "("+double(`"`)+")", "$1"+secret)
	case Oracle:
		common = append(common, comment, between("q'[", "]'"), between("Q'{", "}'"), between("nq'!", "!'"), between("Nq'<", ">'"), between("q'é", "é'"))
	case ClickHouse:
		common = append(common, flat("'"), between("$$", "$$"), between("$h$", "$h$"), line("#"), comment)
	case Generic:
		common = append(common, escape("'"), escape(`"`), "("+double(`"`)+")", between("$$", "$$"), between("$a$", "$a$"), between("q'[", "]'"), "r"+flat("'"), comment,
			line("#"), line("//"), between("\"\"\"", "\"\"\""), between("\u0027\u0027\u0027", "\u0027\u0027\u0027"), between("/*! ", "*/"))
	}
	return common[s.next(len(common))]
}

// contexts are statements with places for literals.
var contexts = []string{
	"SELECT % FROM t", "SELECT a, %, % FROM t WHERE b = % AND c IN (%, %)", "INSERT INTO t (a, b) VALUES (%, %), (%, %)", "UPDATE t SET a = %, b = % WHERE c = %",
	"SELECT f(%, %) FROM g(%) x, t JOIN u ON a = % ORDER BY %", "CALL p(%, %)", "SET x = %", "SELECT %; SELECT %", "WITH x AS (SELECT %) SELECT % FROM x",
	"CREATE TABLE t (a int DEFAULT %)", "DELETE FROM t WHERE a BETWEEN % AND % OR b LIKE %", "MERGE INTO t USING u ON a = % WHEN MATCHED THEN UPDATE SET b = %",
	"CREATE USER bob PASSWORD %", "SELECT CASE WHEN % THEN % ELSE % END", "EXPLAIN SELECT %", "%", "INSERT INTO t VALUES (%, 1), (NULL, %)",
	"ALTER USER bob IDENTIFIED BY %", "SET PASSWORD FOR bob = %", "COPY t FROM % WITH x = %", "SELECT DATE %, a FROM t", "SELECT a FROM t WHERE b = ANY (f(%), %)",
	"SELECT % AS x FROM t LIMIT %", "BEGIN; UPDATE t SET a = %; COMMIT", "EXEC p %, @a = %", "SELECT a FROM t -- c\n WHERE b = % /* d */ AND c = %",
	"ATTACH % AS x KEY %", "PRAGMA key = %", "CREATE TABLE t (a int) WITH (b = %, c = %)", "CREATE USER MAPPING FOR b SERVER s OPTIONS (password %)",
	"SELECT a FROM t JOIN f(%) g ON t.b = % WHERE t.c NOT LIKE % ESCAPE %", "GRANT ALL ON t TO bob IDENTIFIED BY %", "PREPARE p FROM %", "DO %", "EXECUTE IMMEDIATE %",
	"CREATE SUBSCRIPTION s CONNECTION % PUBLICATION p", "COMMENT ON TABLE t IS %", "CALL p(a => %)", "SELECT a FROM t WHERE b IN (%, %) GROUP BY c HAVING d > %",
}

// inlines are statements with places for data, in the dialect that has them and in one that is not known.
var inlines = map[Dialect][]string{
	PostgreSQL: {"COPY t FROM STDIN;\n%\n\\.\n", "copy t (a) from stdin with (format csv);\n1,%\n", "BEGIN; COPY t FROM STDIN;\n%\n\\.\nCOMMIT"},
	ClickHouse: {"INSERT INTO t FORMAT CSV\n1,%\n", "SET x = 1; INSERT INTO t (a) FORMAT TSV %", "insert into t settings a = 1 format JSONEachRow {\"a\": \"%\"}"},
}

// planted makes a statement with secrets in it.
func planted(d Dialect, s *source) string {
	of := d
	if d == Generic {
		of = Dialect(s.next(int(ClickHouse) + 1)) // one that is not known can be any
	}
	if rows := inlines[of]; rows != nil && s.next(8) == 1 {
		data := secret
		for range s.next(4) {
			data = fillers[s.next(len(fillers))] + data + fillers[s.next(len(fillers))]
		}
		return strings.ReplaceAll(rows[s.next(len(rows))], "%", data)
	}
	parts := strings.Split(contexts[s.next(len(contexts))], "%")
	query := parts[0]
	for _, p := range parts[1:] {
		query += literal(of, s) + p
	}
	if s.next(8) == 1 { // unterminated
		query = query[:strings.LastIndex(query, secret)+len(secret)]
	}
	return query
}

// TestPlanted plants secrets in literals of all kinds of all dialects, beside what opens and closes others.
func TestPlanted(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	kept := 0
	const each = 8000
	for d := Generic; d <= ClickHouse; d++ {
		for range each {
			choices := make(source, 120)
			for i := range choices {
				choices[i] = byte(random.Uint32())
			}
			query := planted(d, &choices)
			s := Mask(query, d)
			if shows(s) {
				t.Fatalf("dialect %d shows a value of %q: %+v", d, query, s)
			}
			if strings.Contains(s.Text, " t ") {
				kept++
			}
		}
	}
	// The control: the statements are not hidden as a whole.
	if kept < each {
		t.Errorf("the table shows in %d statements only", kept)
	}
}

// FuzzPlanted is TestPlanted with choices of the fuzzer's.
func FuzzPlanted(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"))
	f.Fuzz(func(t *testing.T, choices []byte) {
		for d := Generic; d <= ClickHouse; d++ {
			s := source(choices)
			query := planted(d, &s)
			if s := Mask(query, d); shows(s) {
				t.Errorf("dialect %d shows a value of %q: %+v", d, query, s)
			}
		}
	})
}

// FuzzMask checks that nothing panics, that limits hold and that no single quote survives, but within a name in quotes.
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
			if len(s.Text) > maxText+2*maxName || len(s.Summary) > maxSummary || len(s.Collection) > maxName || !utf8.ValidString(s.Text+s.Summary) {
				t.Errorf("dialect %d: %q becomes %q", d, q, s)
			}
		}
	})
}

// hostile are statements of about n bytes that take long to read, or are kept whole, if something is read again and again.
var hostile = map[string]func(n int) string{
	"dots":           func(n int) string { return "SELECT * FROM a" + strings.Repeat(".a", n/2) },
	"spaced dots":    func(n int) string { return "SELECT * FROM a" + strings.Repeat(" . a", n/4) },
	"quoted dots":    func(n int) string { return "SELECT * FROM a" + strings.Repeat(`."a"`, n/4) },
	"one word":       func(n int) string { return strings.Repeat("a", n) },
	"one name":       func(n int) string { return `SELECT * FROM "` + strings.Repeat("a", n) + `"` },
	"one string":     func(n int) string { return "SELECT '" + strings.Repeat("x", n) + "'" },
	"one number":     func(n int) string { return "SELECT " + strings.Repeat("1", n) },
	"list":           func(n int) string { return "SELECT * FROM t WHERE a IN (" + strings.Repeat("1,", n/2) + "1)" },
	"mixed list":     func(n int) string { return "SELECT * FROM t WHERE a IN (" + strings.Repeat("1,a,", n/4) + "1)" },
	"lists of lists": func(n int) string { return "SELECT * FROM t WHERE a IN (" + strings.Repeat("(1,2),", n/6) + "1)" },
	"rows":           func(n int) string { return "INSERT INTO t VALUES " + strings.Repeat("(1,'x'),", n/8) },
	"open":           func(n int) string { return strings.Repeat("(", n) },
	"opened lists":   func(n int) string { return strings.Repeat("IN(", n/3) },
	"comments":       func(n int) string { return strings.Repeat("/*", n/2) },
	"closed ones":    func(n int) string { return strings.Repeat("/**/", n/4) },
	"quotes":         func(n int) string { return strings.Repeat("'", n) },
	"double quotes":  func(n int) string { return strings.Repeat(`"a" `, n/4) },
	"back quotes":    func(n int) string { return strings.Repeat("`", n) },
	"brackets":       func(n int) string { return strings.Repeat("[", n) },
	"braces":         func(n int) string { return strings.Repeat("{", n) },
	"braces names":   func(n int) string { return strings.Repeat("{a:", n/3) },
	"dollars":        func(n int) string { return strings.Repeat("$a", n/2) },
	"tags":           func(n int) string { return "$a$" + strings.Repeat("$b$", n/3) },
	"other tags":     func(n int) string { return strings.Repeat("$a$ $b$ ", n/8) },
	"backslashes":    func(n int) string { return "SELECT '" + strings.Repeat(`\`, n) },
	"spaces":         func(n int) string { return "SELECT" + strings.Repeat(" ", n) + "a" },
	"words":          func(n int) string { return strings.Repeat("REPLACE ", n/8) },
	"oracle":         func(n int) string { return strings.Repeat("q'[", n/3) },
	"tables":         func(n int) string { return "SELECT * FROM " + strings.Repeat("t,", n/2) },
	"aliases":        func(n int) string { return "SELECT * FROM " + strings.Repeat("t a,", n/4) },
	"ctes":           func(n int) string { return "WITH " + strings.Repeat("a AS (SELECT 1 FROM a),", n/23) },
	"statements":     func(n int) string { return strings.Repeat("SELECT 1;", n/9) },
	"parameters":     func(n int) string { return "SELECT " + strings.Repeat("@", n) },
	"minus":          func(n int) string { return strings.Repeat("-", n) },
	"lines":          func(n int) string { return strings.Repeat("--\n", n/3) },
	"bytes":          func(n int) string { return strings.Repeat("\xff", n) },
	"accents":        func(n int) string { return strings.Repeat("é", n/2) },
}

// TestLinear counts what is looked at and what is allocated: twice the statement costs about twice, and a huge one no more than the limit.
func TestLinear(t *testing.T) {
	for name, of := range hostile {
		for d := Generic; d <= ClickHouse; d++ {
			var work, memory [3]int
			for i := range work {
				query := of(2048 << i)
				work[i] = worked(query, d)
				memory[i] = allocated(func() { new(masker).mask(query, d) })
			}
			const few = 4096
			if work[0] > 3*2048+few || work[1] > 2*work[0]+few || work[2] > 2*work[1]+few {
				t.Errorf("%s in dialect %d: %d bytes are looked at", name, d, work)
			}
			if memory[1] > 3*memory[0]+2*few || memory[2] > 3*memory[1]+2*few {
				t.Errorf("%s in dialect %d: %d bytes are allocated", name, d, memory)
			}
		}
		huge := of(4 << 20)
		for d := Generic; d <= ClickHouse; d++ {
			var s Statement
			memory, work := allocated(func() { s = new(masker).mask(huge, d) }), worked(huge, d)
			if n := len(s.Text) + len(s.Summary) + len(s.Collection); n > maxText+2*maxName+2*maxSummary || work > 3*maxQuery || memory > 64*maxText {
				t.Errorf("%s in dialect %d: %d bytes are kept, %d allocated, %d looked at", name, d, n, memory, work)
			}
		}
	}
}

// worked returns how many bytes of a statement are looked at.
func worked(query string, d Dialect) int {
	m := new(masker)
	m.lex(query, d)
	return m.work
}

// allocated returns how many bytes f allocates.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

func BenchmarkMask(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		Mask("SELECT id, item, quantity FROM orders WHERE customer = 'bob' AND quantity > 3 ORDER BY id LIMIT 10", PostgreSQL)
	}
}

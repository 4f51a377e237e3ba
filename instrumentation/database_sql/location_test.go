package database_sql

import "testing"

// TestParse checks what is read of data source names, and that of hostile ones nothing secret is.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		system, dsn string
		want        place
	}{
		{"postgresql", "postgres://bob:secret@db:5433/shop?sslmode=disable", place{"db", "5433", "shop"}},
		{"postgresql", "postgres://bob:secret@one:1,two:2/shop", place{"one", "1", "shop"}},
		{"postgresql", "postgres:///shop?host=/tmp&port=5433", place{"/tmp", "5433", "shop"}},
		{"postgresql", "postgres://bob:se/cret@db/shop", place{}},
		{"postgresql", "postgres://bob:se#cret@db/shop", place{}},
		{"postgresql", "postgres://bob:secret@db/" + string(make([]byte, 300)), place{}},
		{"postgresql", "host=db port=5433 dbname=shop password='secret host=secret'", place{"db", "5433", "shop"}},
		{"postgresql", "password=secret host = 'd''b' dbname= shop", place{"d'b", "", "shop"}},
		{"postgresql", `password='se\'cret host=secret' host=db`, place{"db", "", ""}},
		{"postgresql", "password='secret host=secret", place{}},
		{"postgresql", "host=one,two port=1,2", place{"one", "1", ""}},
		{"mysql", "bob:secret@tcp(db:3307)/shop?parseTime=true", place{"db", "3307", "shop"}},
		{"mysql", "bob:se@cr/et@tcp(db:3307)/shop", place{"db", "3307", "shop"}},
		{"mysql", "bob:secret/shop", place{}},
		{"mysql", "bob:secret@/shop", place{"", "", "shop"}},
		{"mysql", "user=bob password=a/secret host=h", place{}},
		{"mysql", "server=h;password=a@tcp(h)/secret;database=d", place{"h", "", ""}},
		{"postgresql", "postgres://bob:a@secret/x@db:5433/shop", place{}},
		{"postgresql", "postgres://bob:a@secret?x@db:5433/shop", place{}},
		{"postgresql", "postgres://db/shop?password=a&dbname=secret", place{"db", "", ""}},
		{"microsoft.sql_server", "sqlserver://db?database=shop&password=a&dbname=secret", place{"db", "", ""}},
		{"postgresql", "password=a host=secret host=db dbname=shop", place{}},
		{"microsoft.sql_server", "server=db;password=a;server=secret", place{}},
		{"other_sql", "file:x?_pragma_key=a host=secret", place{}},
		{"mysql", "bob@unix(/tmp/my.sock)/shop", place{"/tmp/my.sock", "", "shop"}},
		{"mysql", "bob@tcp([::1]:3307)/shop", place{"::1", "3307", "shop"}},
		{"microsoft.sql_server", "server=db,1434;user id=bob;password={se;server=secret};database=my shop", place{"db", "1434", "my shop"}},
		{"microsoft.sql_server", `Server=tcp:db\one;Initial Catalog=shop;Password=secret`, place{"db", "", "shop"}},
		{"microsoft.sql_server", "sqlserver://bob:secret@db:1433?database=shop", place{"db", "1433", "shop"}},
		{"sqlite", "file:secret?host=x", place{}},
		{"other_sql", "host=h port=99999", place{"h", "", ""}},
		{"other_sql", "secret", place{}},
		{"other_sql", "host=bob:secret@db", place{}},
	} {
		if got := parse(c.system, c.dsn); got != c.want {
			t.Errorf("%s: %q, and not %q", c.dsn, got, c.want)
		}
	}
}

type cyclic struct {
	Connector *cyclic
	Config    any
	Password  string
	Host      string
}

// TestLocate checks that a connector that holds itself, or anything else, is looked at within bounds.
func TestLocate(t *testing.T) {
	c := &cyclic{Password: "secret"}
	c.Connector, c.Config = c, c
	if l := locate(c, nil); l.place != (place{}) {
		t.Errorf("%+v", l)
	}
	if l := locate(&cyclic{Config: &cyclic{Host: "db:1", Password: "secret"}}, nil); l.place != (place{"db", "1", ""}) {
		t.Errorf("%+v", l)
	}
	for _, odd := range []any{nil, 1, "x", []int{1}, map[int]int{1: 1}, map[string]string(nil), func() {}, (*cyclic)(nil), struct{ Config map[string]string }{map[string]string{"host": "h"}}} {
		locate(odd, odd)
	}
}

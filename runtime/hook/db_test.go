package hook_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

func mask(query string, dialect uint8) hook.DBText {
	return hook.DBText(sqlmask.Mask(query, sqlmask.Dialect(dialect)))
}

// TestDB checks what spans of a database's operations have.
func TestDB(t *testing.T) {
	spans := record(t)
	d := hook.NewDB(hook.New("example.com/db"), mask)
	other := hook.NewDB(hook.New("example.com/otherdb"), nil)
	s := d.Server(hook.DBPlace{System: "postgresql", Host: "db", Port: 5432, Namespace: "shop", Dialect: uint8(sqlmask.PostgreSQL)})
	ended := func(t1 *hook.DBStatement, err error, code, text string) {
		ctx, call := d.Start(context.Background(), t1)
		if found := d.Current(context.WithoutCancel(ctx)); found != call {
			t.Errorf("found %v", found)
		}
		if found := other.Current(ctx); found != nil {
			t.Errorf("another library's call is %v", found)
		}
		call.Set(attribute.Int("db.response.returned_rows", 1))
		call.End(err, code, text)
		call.End(errors.New("too late"), "", "")
	}
	queries := []string{"INSERT INTO orders VALUES ('secret')", "INSERT INTO orders VALUES ('other')", "SELECT a FROM t WHERE b = 7"}
	at := func(i int) string { return queries[i] }
	ended(s.Statement(queries[2]), nil, "", "")
	ended(s.Statement(queries[2]).Prepare(), errors.New("secret"), "42P01", "hidden")
	ended(s.Operation("BEGIN", ""), nil, "", "")
	ended(s.Operation("find", "orders"), nil, "", "")
	ended(s.Batch(2, at), nil, "", "")
	ended(s.Batch(1, at), nil, "", "")
	ended(s.Batch(3, at), nil, "", "")
	ended(d.Server(hook.DBPlace{System: "redis", Host: "bob:secret@db", Namespace: strings.Repeat("x", 300)}).Statement(""), nil, "", "")
	var none *hook.DBCall
	none.Set(attribute.Bool("a", true))
	none.End(nil, "", "")

	base := "db.system.name=postgresql db.namespace=shop server.address=db server.port=5432 "
	wants := []string{
		"SELECT t: " + base + "db.query.text=SELECT a FROM t WHERE b = ? db.query.summary=SELECT t db.operation.name=SELECT db.collection.name=t",
		"PREPARE SELECT t: " + base + "db.query.text=SELECT a FROM t WHERE b = ? db.query.summary=SELECT t db.operation.name=SELECT db.collection.name=t",
		"BEGIN: " + base + "db.operation.name=BEGIN",
		"find orders: " + base + "db.operation.name=find db.collection.name=orders",
		"BATCH INSERT orders: " + base + "db.query.text=INSERT INTO orders VALUES (?) db.query.summary=BATCH INSERT orders db.operation.name=BATCH INSERT db.collection.name=orders db.operation.batch.size=2",
		"INSERT orders: " + base + "db.query.text=INSERT INTO orders VALUES (?) db.query.summary=INSERT orders db.operation.name=INSERT db.collection.name=orders",
		"BATCH: " + base + "db.query.text=INSERT INTO orders VALUES (?); INSERT INTO orders VALUES (?); SELECT a FROM t WHERE b = ? db.operation.name=BATCH db.operation.batch.size=3",
		"redis: db.system.name=redis",
	}
	for i, span := range spans.Ended() {
		var attrs []string
		for _, kv := range span.Attributes() {
			if k := string(kv.Key); k != "db.response.returned_rows" && k != "error.type" && k != "db.response.status_code" {
				attrs = append(attrs, fmt.Sprintf("%s=%s", k, kv.Value.Emit()))
			}
		}
		if got := span.Name() + ": " + strings.Join(attrs, " "); i >= len(wants) || got != wants[i] {
			t.Errorf("%s\nand not\n%v", got, wants[min(i, len(wants)-1)])
		}
		if got := span.Status(); (got.Code == codes.Error) != (i == 1) || got.Description != map[bool]string{true: "hidden"}[i == 1] {
			t.Errorf("%s: %v", span.Name(), got)
		}
	}
}

// TestLayer checks that an operation directly below another one of its layer has no span, and that all others have.
func TestLayer(t *testing.T) {
	spans := record(t)
	above, below := hook.NewDB(hook.New("example.com/above"), nil), hook.NewDB(hook.New("example.com/below"), nil)
	rpc := hook.New("example.com/layerrpc")
	at := hook.DBPlace{System: "other_sql"}
	name := func(d *hook.DB, s string) *hook.DBStatement { return d.Server(at).Operation(s, "") }

	ctx, op := above.Begin(context.Background(), name(above, "outer"))
	if _, call := below.Start(ctx, name(below, "inner")); call != nil {
		t.Error("what is below has a span")
	}
	if outer, within := hook.LayerDB.Above(ctx, rpc); !within {
		t.Error("there is an operation above")
	} else {
		outer.Set(attribute.String("db.namespace", "told below"))
		outer.End(nil) // is not ours to end
	}
	// Of another layer, and below that.
	between, call := rpc.Start(ctx, hook.Client, "rpc")
	if _, deep := below.Start(between, name(below, "deep")); deep == nil {
		t.Error("what is not directly below has no span")
	} else {
		deep.End(nil, "", "")
	}
	call.End(nil)
	op.End(ctx, nil, "", "")
	// One that has ended is above nothing any more.
	if _, call := below.Start(ctx, name(below, "later")); call == nil {
		t.Error("what comes later has no span")
	} else {
		// A call is a mark itself, for its own instrumentation, too.
		if _, again := below.Start(call, name(below, "again")); again != nil {
			t.Error("a call within a call has a span")
		}
		call.End(nil, "", "")
	}
	// What is marked has no span by others, and has one by the same.
	mark := hook.LayerDB.Mark(context.Background(), hook.New("example.com/marks"))
	if _, call := below.Start(mark, name(below, "marked")); call != nil {
		t.Error("what is marked has a span")
	}
	own := hook.NewDB(hook.New("example.com/own"), nil)
	if _, call := own.Start(hook.LayerDB.Mark(context.Background(), hook.New("x")), name(own, "x")); call != nil {
		t.Error("what another one marked has a span")
	}
	// A context is the program's, and may panic.
	if _, within := hook.LayerDB.Above(panicking{context.Background()}, rpc); within {
		t.Error("a context that panics is within something")
	}
	var names []string
	for _, s := range spans.Ended() {
		names = append(names, s.Name())
	}
	if got := strings.Join(names, " "); got != "deep rpc outer later" {
		t.Errorf("the spans are %s", got)
	}
}

type panicking struct{ context.Context }

func (panicking) Value(any) any { panic("no values") }

// TestPast checks that what has failed before is told with the time that it began at, and by its code where that is wanted.
func TestPast(t *testing.T) {
	spans := record(t)
	d := hook.NewDB(hook.New("example.com/past"), nil).ByCode()
	began := time.Now().Add(-time.Hour)
	s := d.Server(hook.DBPlace{System: "other_sql"}).Operation("ACQUIRE", "")
	d.Past(context.Background(), began, s, errors.New("secret"), "28P01", "hidden")
	span := spans.Ended()[0]
	attrs := attribute.NewSet(span.Attributes()...)
	if kind, _ := attrs.Value("error.type"); !span.StartTime().Equal(began) || kind.AsString() != "28P01" || span.Status().Description != "hidden" {
		t.Errorf("%v: %v, %v", span.StartTime(), span.Attributes(), span.Status())
	}
	ctx, call := d.Start(context.Background(), s)
	call.Become(s)
	call.Become(d.Server(hook.DBPlace{System: "mongodb", Host: "db"}).Operation("find", "orders"))
	if d.Current(d.Apart(ctx)) != nil {
		t.Error("a call is found apart from it")
	}
	call.End(nil, "", "")
	if span := spans.Ended()[1]; span.Name() != "find orders" || !slices.Contains(span.Attributes(), attribute.String("server.address", "db")) {
		t.Errorf("%s: %v", span.Name(), span.Attributes())
	}
	var none *hook.DBCall
	none.Become(s)
}

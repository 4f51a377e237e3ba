// Package gocql has the hooks for github.com/gocql/gocql and github.com/apache/cassandra-gocql-driver/v2: a span for each try of a query
// or a batch, with the node that is asked, and for each page of a query's rows; and db.client.operation.duration. No observer is taken
// from the program.
//
// A span shows statements without their values. Of an error it shows the code. What an observer of otelgocql or dd-trace-go is told of has
// no spans of ours.
package gocql

import (
	"context"
	"net"
	"reflect"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqldriver"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("gocql", "1.43.0")
	calls = hook.NewDB(lib, func(query string, dialect uint8) hook.DBText {
		return hook.DBText(sqlmask.Mask(query, sqlmask.Dialect(dialect)))
	}).ByCode()
)

func init() { gate.Open("gocql") }

// What adapters tell.
type (
	about  = func(request any) (n int, statement func(int) string, consistency string, page int, observer any)
	node   = func(connection any) (address, center, id string)
	answer = func(result any) (err error, code int, coded bool)
)

// Attempt is woven into what asks a node.
func Attempt(ctx context.Context, request, connection any, keyspace string, tell about, where node, result answer) (exit func(any)) {
	if gate.Closed() || ctx == nil || !lib.On() {
		return nil
	}
	defer lib.Recover()
	n, statement, consistency, page, observer := tell(request)
	if statement == nil || byHand(observer) {
		return nil
	}
	at := hook.DBPlace{System: "cassandra", Namespace: keyspace}
	var center, id string
	hook.Try(func() {
		var address string
		address, center, id = where(connection)
		if host, port, err := net.SplitHostPort(address); err == nil {
			at.Host = host
			at.Port, _ = strconv.Atoi(port)
		}
	})
	to := calls.Server(at)
	// What is one of a batch has no more than the batch has.
	described := to.Batch(n, statement)
	_, call := calls.Start(ctx, described)
	if call == nil {
		return nil
	}
	if call.Recording() {
		for _, kv := range []attribute.KeyValue{
			attribute.String("cassandra.consistency.level", strings.ToLower(consistency)), attribute.String("cassandra.coordinator.dc", center),
			attribute.String("cassandra.coordinator.id", id),
		} {
			if kv.Value.AsString() != "" {
				call.Set(kv)
			}
		}
		if page > 0 {
			call.Set(attribute.Int("cassandra.page.size", page))
		}
	}
	return func(iter any) {
		defer lib.Recover()
		err, number, coded := result(iter)
		f := sqldriver.Examine(err)
		if coded {
			f.Code = code(number)
			f.Text = "error " + f.Code + ": " + hook.ErrorType(err)
		}
		call.End(err, f.Code, f.Text)
	}
}

// code is a code of the protocol as its specification writes it, without the 0x: 2200.
func code(number int) string { return strings.ToUpper(strconv.FormatInt(int64(number), 16)) }

// byHand reports whether an observer is one that makes spans.
func byHand(observer any) bool {
	t := reflect.TypeOf(observer)
	if t == nil {
		return false
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.Contains(t.PkgPath(), "/otelgocql") || strings.Contains(t.PkgPath(), "/dd-trace-go/")
}

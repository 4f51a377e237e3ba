// Package mongo has the hooks for go.mongodb.org/mongo-driver, version 1 and 2: a span for each command that a program has the driver
// send, those that fetch more of a cursor's documents too, which all its tries are in; and db.client.operation.duration. No
// CommandMonitor is taken from the program.
//
// A span shows the command's name, its database and its collection, and nothing else of it. Of an error it shows the code. A client whose
// monitor is otelmongo's has no spans of ours.
package mongo

import (
	"context"
	"encoding/binary"
	"net"
	"reflect"
	"runtime"
	"strconv"
	"strings"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqldriver"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("mongo", "1.43.0")
	calls = hook.NewDB(lib, nil).ByCode()
)

func init() { gate.Open("mongo") }

// Execute is woven into (Operation).Execute.
func Execute(ctx context.Context, database string, internal bool, monitor any) (with context.Context, exit func(error)) {
	with = ctx
	if internal || gate.Closed() || ctx == nil || !lib.On() {
		return
	}
	defer lib.Recover()
	if byHand(monitor) {
		return
	}
	// What it is, and where it goes, is known later.
	with, call := calls.Start(ctx, calls.Server(hook.DBPlace{System: "mongodb", Namespace: database}).Statement(""))
	if call == nil {
		return with, nil
	}
	return with, func(err error) { end(call, err) }
}

// byHand reports whether a monitor is one that makes spans.
func byHand(monitor any) bool {
	m := reflect.ValueOf(monitor)
	if m.Kind() != reflect.Pointer || m.IsNil() || m.Elem().Kind() != reflect.Struct {
		return false
	}
	started := m.Elem().FieldByName("Started")
	if started.Kind() != reflect.Func || started.IsNil() {
		return false
	}
	f := runtime.FuncForPC(started.Pointer())
	return f != nil && (strings.Contains(f.Name(), "/otelmongo.") || strings.Contains(f.Name(), "/dd-trace-go/"))
}

// Started is woven into what tells monitors of a command that is about to be sent, once for each try. connection is "host:port[-7]".
func Started(ctx context.Context, database, name, connection string, command []byte) {
	if gate.Closed() || ctx == nil || !lib.On() {
		return
	}
	defer lib.Recover()
	call := calls.Current(ctx)
	if call == nil {
		return
	}
	at := hook.DBPlace{System: "mongodb", Namespace: database}
	connection, _, _ = strings.Cut(connection, "[-")
	if host, port, err := net.SplitHostPort(connection); err == nil {
		at.Host = host
		at.Port, _ = strconv.Atoi(port)
	} else if strings.HasPrefix(connection, "/") {
		at.Host = connection // of a socket
	}
	var on string
	if collections[name] {
		on = collection(command)
	}
	call.Become(calls.Server(at).Operation(name, on))
}

// collections has the commands that are about a collection; others may have anything in its place.
var collections = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields("aggregate collMod collStats compact count create createIndexes delete distinct drop dropIndexes find findAndModify getMore " +
		"insert killCursors listIndexes mapReduce update validate") {
		all[name] = true
	}
	return all
}()

// collection is that of a command: the value of its first element, or of the one called collection.
func collection(doc []byte) string {
	for first, at := true, 4; at < len(doc) && doc[at] != 0; first = false {
		kind := doc[at]
		end := at + 1
		for end < len(doc) && doc[end] != 0 {
			end++
		}
		name, value := string(doc[at+1:min(end, len(doc))]), end+1
		switch kind {
		case 0x02: // a string, with its length before and a zero behind it
			if value+4 > len(doc) {
				return ""
			}
			n := int(int32(binary.LittleEndian.Uint32(doc[value:])))
			if n < 1 || n > len(doc)-value-4 {
				return ""
			}
			if first || name == "collection" {
				return string(doc[value+4 : value+4+n-1])
			}
			at = value + 4 + n
		case 0x12, 0x01: // a number of eight bytes
			at = value + 8
		case 0x10: // of four
			at = value + 4
		default:
			return ""
		}
	}
	return ""
}

// end ends a call.
func end(call *hook.DBCall, err error) {
	defer lib.Recover()
	f := sqldriver.Examine(err)
	if f.Code == "" {
		hook.Try(func() { f.Code = code(reflect.ValueOf(err), 3) })
		if f.Code != "" && f.Text == hook.ErrorType(err) {
			f.Text = "error " + f.Code + ": " + f.Text
		}
	}
	call.End(err, f.Code, f.Text)
}

// code is the code in an error of the server, or in the first one of several; "" for none.
func code(v reflect.Value, depth int) string {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if depth == 0 || v.Kind() != reflect.Struct || !strings.HasPrefix(v.Type().PkgPath(), "go.mongodb.org/mongo-driver/") {
		return ""
	}
	if c := v.FieldByName("Code"); c.IsValid() && c.CanInt() && c.Int() != 0 {
		return strconv.FormatInt(c.Int(), 10)
	}
	if all := v.FieldByName("WriteErrors"); all.Kind() == reflect.Slice && all.Len() > 0 {
		return code(all.Index(0), depth-1)
	}
	if c := v.FieldByName("WriteConcernError"); c.IsValid() {
		return code(c, depth-1)
	}
	return ""
}

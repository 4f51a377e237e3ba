// Package gomemcache has the hooks for github.com/bradfitz/gomemcache: a span for each command that a server is sent, and
// db.client.operation.duration. Keys of several servers are asked for by a command each.
//
// A span shows the command and the server, and neither keys nor values. That there is nothing (ErrCacheMiss) is not an error.
package gomemcache

import (
	"context"
	"net"
	"runtime"
	"strconv"
	"strings"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqldriver"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("gomemcache", "1.43.0")
	calls = hook.NewDB(lib, nil).ByCode()
)

func init() { gate.Open("gomemcache") }

// commands has the commands of the protocol by the client's methods.
var commands = map[string]string{
	"Set": "set", "Add": "add", "Replace": "replace", "Append": "append", "Prepend": "prepend", "CompareAndSwap": "cas",
	"Get": "get", "GetMulti": "get", "GetAndTouch": "gat", "Touch": "touch", "Delete": "delete", "DeleteAll": "flush_all",
	"FlushAll": "flush_all", "Increment": "incr", "Decrement": "decr", "Ping": "version",
}

// Begin is woven into getConn.
func Begin(addr net.Addr, set func(connection, call any)) (exit func(any, error)) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	defer lib.Recover()
	to := calls.Server(place(addr))
	described := to.Statement("")
	if name := command(); name != "" {
		described = to.Operation(name, "")
	}
	_, call := calls.Start(context.Background(), described)
	if call == nil {
		return nil
	}
	return func(connection any, err error) {
		defer lib.Recover()
		if err != nil {
			end(call, err, "")
			return
		}
		set(connection, call)
	}
}

// place is the place of a server. A program may have addresses of its own.
func place(addr net.Addr) hook.DBPlace {
	at := hook.DBPlace{System: "memcached"}
	var text string
	hook.Try(func() { text = addr.String() })
	if host, port, err := net.SplitHostPort(text); err == nil {
		at.Host = host
		at.Port, _ = strconv.Atoi(port)
	} else if strings.HasPrefix(text, "/") {
		at.Host = text // of a socket
	}
	return at
}

// command returns the command of the client's method that getConn is called for; "" for one that is not known.
func command() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		// github.com/bradfitz/gomemcache/memcache.(*Client).GetMulti.func2
		if _, method, is := strings.Cut(f.Function, "/memcache.(*Client)."); is {
			method, _, _ = strings.Cut(method, ".")
			if name := commands[method]; name != "" {
				return name
			}
		}
		if !more {
			return ""
		}
	}
}

// End is woven into condRelease.
func End(known any, err *error, tell func(error) (fault error, code string)) {
	call, _ := known.(*hook.DBCall)
	if call == nil || err == nil {
		return
	}
	defer lib.Recover()
	fault, code := tell(*err)
	end(call, fault, code)
}

// end ends a call.
func end(call *hook.DBCall, err error, code string) {
	f := sqldriver.Examine(err)
	if code != "" {
		f.Text = code + ": " + f.Text
	}
	call.End(err, code, f.Text)
}

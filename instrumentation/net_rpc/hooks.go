// Package net_rpc has the hooks for package net/rpc: a span for each call of a client and one for each that a server answers, and
// rpc.client.call.duration and rpc.server.call.duration. The package's requests have no place for a trace context, so a server's span
// begins a trace of its own. Package net/rpc has no codes: an error's text is what is known of it.
//
// What follows is the semantic conventions of RPC as of version 1.43.
package net_rpc

import (
	"context"
	"errors"
	"net"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("net/rpc", "1.43.0")
	calls = hook.NewRPC(lib, "net/rpc")
)

func init() { gate.Open("net/rpc") }

// Calls that are going on: those of clients by *rpc.Call, which package net/rpc ends each of, and those that servers answer by *rpc.Request.
var sent, served sync.Map

// left reports whether calls of a method, "Service.Method", have no span.
func left(method string) bool {
	service, _, _ := strings.Cut(method, ".")
	return hook.RPCExcluded(service)
}

// Send is woven into (*Client).send.
func Send(call any, method string, codec any) {
	if gate.Closed() || !lib.On() || left(method) {
		return
	}
	defer lib.Recover()
	if _, c := calls.Client(context.Background(), method, remote(codec)); c != nil {
		sent.Store(call, c)
	}
}

// Done is woven into (*Call).done.
func Done(call any, err error) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	found, _ := sent.LoadAndDelete(call)
	c, _ := found.(*hook.RPCCall)
	end(c, err, hook.ErrorType(err))
}

func end(c *hook.RPCCall, err error, errorType string) {
	if err == nil {
		errorType = ""
	}
	c.EndAs("", errorType, err)
}

// Serve is woven into (*service).call.
func Serve(request any, method string, codec any) func() {
	if gate.Closed() || !lib.On() || left(method) {
		return nil
	}
	defer lib.Recover()
	_, c := calls.Server(context.Background(), method, true, "", remote(codec))
	if c == nil {
		return nil
	}
	served.Store(request, c)
	return func() {
		// Nothing is left of a call that was answered: its request may be another's by now.
		if c.Ended() {
			return
		}
		served.CompareAndDelete(request, c)
		c.EndAs("", "panic", errPanic)
	}
}

var errPanic = errors.New("the method panicked")

// What the woven package calls, through variables that it declares. These here are data, which the linker prefers to those.
var (
	//go:linkname answer net/rpc.weaveAnswer
	answer = Answer
	//go:linkname refuse net/rpc.weaveRefuse
	refuse = Refuse
)

// Answer is called where a method has returned, with the text of its error.
func Answer(request any, text string) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	found, _ := served.LoadAndDelete(request)
	c, _ := found.(*hook.RPCCall)
	var err error
	if text != "" {
		err = errors.New(hook.Cut(text, maxText))
	}
	end(c, err, "_OTHER")
}

// Refuse is called where a server has no method of that name, or where its arguments cannot be read.
func Refuse(method string, codec any, err error) {
	if gate.Closed() || !lib.On() || left(method) {
		return
	}
	defer lib.Recover()
	_, c := calls.Server(context.Background(), hook.Cut(method, maxText), false, "", remote(codec))
	end(c, err, "_OTHER")
}

// maxText is how much of what somebody sends is looked at, in bytes.
const maxText = 4 << 10

// remote returns the address of the other side, of a codec of net/rpc or net/rpc/jsonrpc: those do not change what they were made with.
func remote(codec any) string {
	v := reflect.ValueOf(codec)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return ""
	}
	v = v.Elem()
	if of := v.Type().PkgPath(); of != "net/rpc" && of != "net/rpc/jsonrpc" {
		return ""
	}
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() != reflect.Interface || f.IsNil() {
			continue
		}
		conn, ok := reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Interface().(interface{ RemoteAddr() net.Addr })
		if !ok {
			continue
		}
		var text string
		hook.Try(func() { text = conn.RemoteAddr().String() })
		return text
	}
	return ""
}

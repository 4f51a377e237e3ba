package net_http

import (
	"net/http"
	"reflect"
	"strings"
)

// responseOf tells the status code of a response, 0 for one that is not known, and the size of its body, -1 for one that is not
// known. unfinished says that the handler did not return, so that the server need not have sent anything.
func responseOf(rw http.ResponseWriter, unfinished bool) (status int, written int64) {
	var hijacked, known bool
	if responseInfo != nil {
		status, written, hijacked, known = responseInfo(rw)
	}
	if !known {
		status, written, hijacked, known = foreignResponse(rw)
	}
	switch {
	case !known:
		return 0, -1
	case hijacked:
		return status, written
	case status < 200 && status != http.StatusSwitchingProtocols:
		// Nothing, or what went before the response itself.
		if unfinished {
			return 0, -1
		}
		return http.StatusOK, written // what the server sends when the handler wrote nothing
	}
	return status, written
}

// foreignWriter says where the ResponseWriter of a server that is not net/http's has what, by the names of fields.
type foreignWriter struct {
	within, status, written, hijacked string
}

// foreignWriters are the types of such servers, by package and name.
var foreignWriters = map[string]foreignWriter{
	"golang.org/x/net/http2.responseWriter":           {within: "rws", status: "status", written: "wroteBytes"},
	"github.com/quic-go/quic-go/http3.responseWriter": {status: "status", written: "numWritten", hijacked: "hijacked"},
	"net/http/fcgi.response":                          {status: "code"},
	"net/http/cgi.response":                           {status: "code"},
}

// foreignResponse is responseInfo for the writers of other servers. A field that is not there, or of another type, is not known.
func foreignResponse(rw http.ResponseWriter) (status int, written int64, hijacked, known bool) {
	v := reflect.ValueOf(rw)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return 0, -1, false, false
	}
	v = v.Elem()
	t := v.Type()
	pkg := t.PkgPath()
	if i := strings.LastIndex(pkg, "/vendor/"); i >= 0 {
		pkg = pkg[i+len("/vendor/"):]
	}
	w, ok := foreignWriters[pkg+"."+t.Name()]
	if !ok || v.Kind() != reflect.Struct {
		return 0, -1, false, false
	}
	if w.within != "" {
		if v = v.FieldByName(w.within); v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
			return 0, -1, false, false
		}
		v = v.Elem()
	}
	f := v.FieldByName(w.status)
	if !f.IsValid() || !f.CanInt() {
		return 0, -1, false, false
	}
	status, written = int(f.Int()), -1
	if f := v.FieldByName(w.written); f.IsValid() && f.CanInt() {
		written = f.Int()
	}
	if f := v.FieldByName(w.hijacked); f.IsValid() && f.Kind() == reflect.Bool {
		hijacked = f.Bool()
	}
	return status, written, hijacked, true
}

// Package web serves one page.
package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
)

// Handler answers /stack with the frames of net/http that called it, /panic by a panic, anything else with a greeting.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stack", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, frames())
	})
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.PathValue("name"))
	})
	return mux
}

// frames lists function, file and line of each caller.
func frames() string {
	pcs := make([]uintptr, 64)
	var b strings.Builder
	iter := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := iter.Next()
		fmt.Fprintf(&b, "%s %s:%d\n", f.Function, f.File, f.Line)
		if !more {
			return b.String()
		}
	}
}

// Serve starts a server on a free port of the loopback interface and returns its URL.
func Serve() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go http.Serve(l, Handler())
	return "http://" + l.Addr().String(), nil
}

// Get returns the body of a page.
func Get(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

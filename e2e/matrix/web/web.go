// Package web is a server and its customer.
package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
)

// Serve starts a server on a free port of the loopback interface and returns its URL.
func Serve() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.PathValue("name"))
	})
	mux.HandleFunc("GET /stack", func(w http.ResponseWriter, r *http.Request) {
		pcs := make([]uintptr, 64)
		iter := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
		for more := true; more; {
			var f runtime.Frame
			f, more = iter.Next()
			fmt.Fprintf(w, "%s %s:%d\n", f.Function, f.File, f.Line)
		}
	})
	go http.Serve(l, mux)
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

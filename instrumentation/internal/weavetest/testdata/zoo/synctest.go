//go:build go1.25

package main

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func init() { programs["synctest"] = bubble }

// bubble runs goroutines, timers and spans in a synctest bubble, which ends when all of its goroutines have.
func bubble() {
	db() // its goroutine is not the bubble's
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "Bubble", F: func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			outer := start("outer")
			done := make(chan bool)
			go func() {
				time.Sleep(time.Hour)
				do("slept")
				close(done)
			}()
			time.AfterFunc(time.Minute, func() { do("timer") })
			<-done
			client, server := net.Pipe()
			go func() {
				(&http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do("served"); w.Header().Set("Connection", "close") })}).Serve(&one{server})
			}()
			transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
			resp, err := transport.RoundTrip(must(http.NewRequest("GET", "http://x/", nil)))
			check(err)
			resp.Body.Close()
			transport.CloseIdleConnections()
			outer.End()
		})
	}}}, nil, nil)
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

// one is a listener with one connection.
type one struct{ net.Conn }

func (l *one) Accept() (net.Conn, error) {
	c := l.Conn
	if c == nil {
		return nil, net.ErrClosed
	}
	l.Conn = nil
	return c, nil
}
func (l *one) Close() error   { return nil }
func (l *one) Addr() net.Addr { return &net.TCPAddr{} }

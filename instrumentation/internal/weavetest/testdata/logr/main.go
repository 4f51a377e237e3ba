// Program logr logs by logr's funcr, in requests and outside. A message says whether its record is about a span: "inside" or "outside".
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
)

func main() {
	text := funcr.New(func(prefix, args string) { fmt.Println(prefix, args) }, funcr.Options{Verbosity: 1})
	json := funcr.NewJSON(func(line string) { fmt.Println(line) }, funcr.Options{})
	text.Info("outside")
	served(func(context.Context) {
		for _, log := range []logr.Logger{text, json} {
			log.Info("inside")
			log.Info("inside", "n", 1, "text", "a\"b")
			log.Error(errors.New("no"), "inside", "n", 2)
			log.WithValues("with", 1).Info("inside")
			log.Info("inside theirs", "trace_id", "mine")
			log.WithValues("trace_id", "mine").Info("inside theirs")
			log.V(9).Info("inside, and nothing written")
		}
		text.V(1).WithName("named").Info("inside")
		done := make(chan bool)
		go func() {
			defer close(done)
			json.Info("inside")
		}()
		<-done
	})
	json.Info("outside")
}

// served calls in in the handler of a request that a client makes.
func served(in func(context.Context)) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { in(r.Context()) }))
	defer s.Close()
	r, err := http.Get(s.URL)
	if err != nil {
		panic(err)
	}
	r.Body.Close()
}

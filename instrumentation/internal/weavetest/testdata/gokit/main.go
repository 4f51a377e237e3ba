// Program gokit logs by github.com/go-kit/log, in requests and outside. A message says whether its record is about a span: "inside" or
// "outside".
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

func main() {
	text, json := log.NewLogfmtLogger(os.Stdout), log.NewJSONLogger(log.NewSyncWriter(os.Stdout))
	text.Log("msg", "outside")
	served(func(ctx context.Context) {
		level.Info(text).Log("msg", "inside")
		level.Error(json).Log("msg", "inside", "n", 1, "text", "a\xff\"b", "err", errors.New("no"))
		log.With(json, "with", 1).Log("msg", "inside")
		log.With(text, "trace_id", "mine").Log("msg", "inside theirs")
		json.Log("msg", "inside theirs", "trace_id", "mine")
		json.Log("msg", "inside theirs, without a value", "n")
		log.LoggerFunc(func(pairs ...interface{}) error {
			fmt.Println(len(pairs))
			return nil
		}).Log("msg", "inside, and nothing written")
		pairs := make([]interface{}, 2, 9)
		pairs[0], pairs[1] = "msg", "inside"
		text.Log(pairs...)
		fmt.Println(pairs[:3][2])
		level.Debug(level.NewFilter(text, level.AllowInfo())).Log("msg", "inside, and nothing written")
		done := make(chan bool)
		go func() {
			defer close(done)
			level.Warn(text).Log("msg", "inside")
		}()
		<-done
	})
	text.Log("msg", "outside")
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

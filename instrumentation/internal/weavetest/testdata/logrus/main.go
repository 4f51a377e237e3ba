// Program logrus logs by github.com/sirupsen/logrus, in requests and outside. A message says whether its record is about a span: "inside"
// or "outside".
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/sirupsen/logrus"
)

// seen is a hook of the program's, which is to see what the program logs, and keeps it.
type seen struct{ kept []*logrus.Entry }

func (*seen) Levels() []logrus.Level { return logrus.AllLevels }

func (s *seen) Fire(e *logrus.Entry) error {
	s.kept = append(s.kept, e)
	return nil
}

// format is a formatter of the program's.
type format struct{}

func (format) Format(e *logrus.Entry) ([]byte, error) {
	return []byte(fmt.Sprintf("{\"msg\":%q,\"fields\":%d,\"trace_id\":\"%v\",\"span_id\":\"%v\",\"trace_flags\":\"%v\"}\n",
		e.Message, len(e.Data), e.Data["trace_id"], e.Data["span_id"], e.Data["trace_flags"])), nil
}

type hostile struct{}

func (*hostile) Error() string { panic("oh") }

func main() {
	var kept seen
	json := logrus.New()
	json.Out, json.Level = os.Stdout, logrus.TraceLevel
	json.Formatter = &logrus.JSONFormatter{DisableTimestamp: true}
	json.AddHook(&kept)
	text := logrus.New()
	text.Out, text.Formatter = os.Stdout, &logrus.TextFormatter{DisableTimestamp: true}
	json.Info("outside")
	served(func(ctx context.Context) {
		json.Info("inside")
		json.WithFields(logrus.Fields{"n": 1, "d": time.Second, "text": "a\xff\"b", "any": map[string]int{"trace_id": 1}}).Trace("inside")
		json.WithField("trace_id", "mine").Warn("inside theirs")
		json.WithError(errors.New("no")).Error("inside")
		text.Info("inside")
		text.WithField("key", "a value").Warn("inside")
		entry := json.WithField("with", 1)
		done := make(chan bool)
		go func() {
			defer close(done)
			entry.Debug("inside")
		}()
		<-done
		fmt.Println(len(entry.Data))
		func() {
			defer func() {
				if e, ok := recover().(*logrus.Entry); ok {
					fmt.Println("panicked", len(e.Data))
				}
			}()
			json.WithField("n", 2).Panic("inside")
		}()
		func() {
			defer func() { recover() }()
			text.WithError(&hostile{}).Info("inside, hostile")
		}()
		asked := make(chan context.Context, 1)
		asked <- ctx
		json.WithContext(<-asked).Info("inside")
	})
	var of context.Context
	served(func(ctx context.Context) { of = ctx })
	json.WithContext(of).Info("inside, after its request")
	json.Info("outside")
	own := logrus.New()
	own.Out, own.Formatter = os.Stdout, format{}
	own.WithField("n", 1).Info("outside")
	for _, e := range kept.kept {
		fmt.Println("kept", len(e.Data), e.Data["trace_id"])
	}
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

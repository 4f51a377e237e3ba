// Program klog logs by k8s.io/klog/v2, in requests and outside. A message says whether its record is about a span: "inside" or "outside".
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"k8s.io/klog/v2"
)

func main() {
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	set := func(name, value string) {
		if err := flags.Set(name, value); err != nil {
			panic(err)
		}
	}
	for name, value := range map[string]string{"logtostderr": "false", "alsologtostderr": "false", "skip_headers": "true", "one_output": "true", "stderrthreshold": "FATAL"} {
		set(name, value)
	}
	klog.SetOutput(os.Stdout)
	klog.InfoS("outside")
	served(func(ctx context.Context) {
		klog.InfoS("inside")
		klog.InfoS("inside", "n", 1, "text", "a\xff\"b")
		klog.ErrorS(errors.New("no"), "inside", "n", 2)
		klog.InfoS("inside theirs", "trace_id", "mine")
		klog.InfoS("inside theirs, without a value", "n")
		klog.Infof("inside theirs, %s", "text")
		klog.Warning("inside theirs, text")
		klog.Errorln("inside theirs, of \"two\"\nlines")
		// What is before it has the time, which nobody can compare.
		klog.SetOutput(io.Discard)
		set("skip_headers", "false")
		klog.Info("inside theirs, with more] before")
		set("skip_headers", "true")
		klog.SetOutput(os.Stdout)
		klog.V(9).InfoS("inside, and nothing written")
		done := make(chan bool)
		go func() {
			defer close(done)
			klog.InfoS("inside")
		}()
		<-done
	})
	klog.InfoS("outside")
	klog.Flush()
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

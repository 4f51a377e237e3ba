// Command cron has jobs run in all ways that the library has for it.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

var web *httptest.Server

// work is what jobs do.
func work() {
	resp, err := http.Get(web.URL + "/work")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}

// times is a schedule of so many runs.
type times struct{ left int }

func (s *times) Next(t time.Time) time.Time {
	if s.left--; s.left < 0 {
		return time.Time{}
	}
	return t.Add(time.Millisecond)
}

var done sync.WaitGroup

type report struct{ name string }

func (r *report) Run() {
	defer done.Done()
	work()
}

type byValue struct{}

func (byValue) Run() {
	defer done.Done()
	work()
}

func clean() {
	defer done.Done()
	work()
}

func fail() {
	defer done.Done()
	panic("no luck")
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/work", func(http.ResponseWriter, *http.Request) {})
	web = httptest.NewServer(mux)
	defer web.Close()
	quiet := cron.PrintfLogger(log.New(io.Discard, "", 0))
	one := func(schedule cron.Schedule, runs int, job cron.Job, wrappers ...cron.JobWrapper) {
		done.Add(runs)
		c := cron.New(cron.WithChain(wrappers...), cron.WithLogger(quiet))
		id := c.Schedule(schedule, job)
		_, own := c.Entry(id).Job.(*report)
		fmt.Println(own)
		c.Start()
		done.Wait()
		<-c.Stop().Done()
	}
	one(&times{2}, 2, &report{"secret"})
	one(&times{1}, 1, byValue{})
	one(&times{1}, 1, cron.FuncJob(clean), cron.SkipIfStillRunning(quiet), cron.DelayIfStillRunning(quiet))
	one(&times{1}, 1, cron.FuncJob(fail), cron.Recover(quiet))

	// By a specification, and at the hands of the program.
	c := cron.New(cron.WithSeconds(), cron.WithLogger(quiet))
	done.Add(1)
	id, err := c.AddFunc("0 0 0 1 1 *", clean)
	if err != nil {
		log.Fatal(err)
	}
	c.Entry(id).WrappedJob.Run()
	done.Add(1)
	c.Entry(id).Job.Run()
	fmt.Println(len(c.Entries()))
}

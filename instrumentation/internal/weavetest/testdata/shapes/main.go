// Shapes is programs in the shapes that concurrent code has, each named by the first argument, without a word of telemetry.
// Each operation is a statement, named by its table.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

var programs = map[string]func(){
	"errgroup": group, "errgroup-limit": groupLimit, "singleflight": flight, "semaphore": weighted, "pool-of-contexts": poolOfContexts,
	"pipeline": pipeline, "fan-in": fanIn, "retry-http": retryHTTP, "stream": stream, "proxy": proxy, "fire-and-forget": fireAndForget,
	"background-in-the-middle": inTheMiddle, "recover-middleware": recoverMiddleware, "panic-depths": panicDepths, "goexit-handler": goexitHandler,
	"tx-across": txAcross, "ticker": ticker, "cond": cond, "context-after-func": contextAfterFunc, "lazy": lazy, "hedged": hedged, "nested-servers": nestedServers,
	"exit-deferred": exitDeferred, "panic-nil": func() { work(); panic(nil) }, "panic-again": panicAgain, "nil-map": func() { work(); var m map[int]int; m[1] = 1 },
	"log-panic": func() { work(); log.SetFlags(0); log.Panic("told") }, "panic-error": func() { work(); panic(fmt.Errorf("wrapped: %w", io.EOF)) },
	"fatal-in-goroutine": func() { work(); log.SetFlags(0); go log.Fatal("told"); select {} },
	"panic-deep":         func() { work(); go deep(50); select {} },
	"signal-in-handler":  func() { serve(func(http.ResponseWriter, *http.Request) { do("before"); kill(syscall.SIGTERM) }) },
	"panic-while-serving": func() {
		serve(func(http.ResponseWriter, *http.Request) { do("before"); go panic("elsewhere"); select {} })
	},
	"child": child, "replaced": replaced, "goexit-others": goexitOthers, "sigint": func() { work(); kill(syscall.SIGINT) }, "sighup": func() { work(); kill(syscall.SIGHUP) },
	"exit-zero-early": func() { do("once"); os.Exit(0) },
}

func main() { programs[os.Args[1]]() }

func group() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		g, ctx := errgroup.WithContext(r.Context())
		for i := range 5 {
			g.Go(func() error {
				if i%2 == 0 {
					do("part")
					return nil
				}
				return in(ctx, "part")
			})
		}
		check(g.Wait())
		do("whole")
	})
}

func groupLimit() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		var g errgroup.Group
		g.SetLimit(2)
		for range 8 {
			g.Go(func() error { do("part"); return nil })
		}
		check(g.Wait())
	})
}

// flight: two requests ask for one thing at the same time; whoever comes first does the work.
func flight() {
	var flights singleflight.Group
	arrived, started, release := make(chan bool, 2), make(chan bool), make(chan bool)
	s := server(func(w http.ResponseWriter, r *http.Request) {
		arrived <- true
		_, err, _ := flights.Do("key", func() (any, error) {
			started <- true
			<-release
			do("shared")
			return nil, nil
		})
		check(err)
		do("own")
	})
	var all sync.WaitGroup
	all.Go(func() { get(s.URL) })
	<-started
	all.Go(func() { get(s.URL) })
	<-arrived
	<-arrived
	time.Sleep(50 * time.Millisecond)
	close(release)
	all.Wait()
	s.Close()
}

func weighted() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		tokens := semaphore.NewWeighted(2)
		for range 6 {
			check(tokens.Acquire(r.Context(), 1))
			go func() { defer tokens.Release(1); do("part") }()
		}
		check(tokens.Acquire(r.Context(), 2))
	})
}

// poolOfContexts: workers older than every request, which hand the contexts on.
func poolOfContexts() {
	type task struct {
		ctx  context.Context
		done chan error
	}
	tasks := make(chan task)
	for range 3 {
		go func() {
			for t := range tasks {
				err := in(t.ctx, "task")
				// What has no context is nobody's: the worker belongs to no request.
				do("own")
				t.done <- err
			}
		}()
	}
	serve(func(w http.ResponseWriter, r *http.Request) {
		t := task{r.Context(), make(chan error)}
		tasks <- t
		check(<-t.done)
	})
	close(tasks)
}

func pipeline() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		stage := func(name string, from <-chan int) <-chan int {
			to := make(chan int)
			go func() {
				defer close(to)
				for n := range from {
					do(name)
					to <- n
				}
			}()
			return to
		}
		source := make(chan int)
		go func() {
			defer close(source)
			source <- 1
		}()
		for range stage("third", stage("second", stage("first", source))) {
		}
		do("sink")
	})
}

func fanIn() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		all := make(chan int)
		var producers sync.WaitGroup
		for n := range 4 {
			producers.Go(func() { do("produce"); all <- n })
		}
		go func() { producers.Wait(); close(all) }()
		for range all {
		}
		do("consume")
	})
}

func retryHTTP() {
	tries := 0
	back := server(func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries < 3 {
			w.WriteHeader(503)
		}
	})
	serve(func(w http.ResponseWriter, r *http.Request) {
		for wait := time.Millisecond; ; wait *= 2 {
			if get(back.URL) == 200 {
				return
			}
			<-time.After(wait)
		}
	})
	back.Close()
}

// stream: a response that goes on, each piece of which costs a statement, to a reader in another goroutine.
func stream() {
	s := server(func(w http.ResponseWriter, r *http.Request) {
		for n := range 3 {
			do("piece")
			fmt.Fprintf(w, "data: %d\n\n", n)
			w.(http.Flusher).Flush()
		}
	})
	resp, err := http.Get(s.URL)
	check(err)
	done := make(chan bool)
	go func() {
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		}
		close(done)
	}()
	<-done
	check(resp.Body.Close())
	s.Close()
}

func proxy() {
	back := server(func(w http.ResponseWriter, r *http.Request) { do("behind") })
	to, err := url.Parse(back.URL)
	check(err)
	front := httptest.NewServer(httputil.NewSingleHostReverseProxy(to))
	get(front.URL)
	front.Close()
	back.Close()
}

// fireAndForget: a handler starts work, returns, and the work goes on.
func fireAndForget() {
	done := make(chan bool)
	serve(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithoutCancel(r.Context())
		go func() {
			time.Sleep(50 * time.Millisecond)
			do("nobodys")
			check(in(ctx, "requests"))
			close(done)
		}()
	})
	<-done
}

func inTheMiddle() {
	back := server(func(w http.ResponseWriter, r *http.Request) { do("behind") })
	load := func(ctx context.Context) {
		check(in(context.Background(), "lost"))
		req, err := http.NewRequestWithContext(context.TODO(), "GET", back.URL, nil)
		check(err)
		resp, err := http.DefaultClient.Do(req)
		check(err)
		resp.Body.Close()
		check(in(ctx, "kept"))
	}
	serve(func(w http.ResponseWriter, r *http.Request) { load(r.Context()) })
	back.Close()
}

func recoverMiddleware() {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do("before"); panic("caught") })
	serve(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				do("cleanup")
				w.WriteHeader(500)
			}
		}()
		inner.ServeHTTP(w, r)
	})
}

// panicDepths: panics that are recovered at every depth of calls, one in the handling of another.
func panicDepths() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		var down func(n int)
		down = func(n int) {
			defer func() {
				if v := recover(); v != nil && n > 0 {
					do("level")
					panic(v)
				}
			}()
			if n == 3 {
				panic("bottom")
			}
			down(n + 1)
		}
		down(0)
		do("after")
	})
}

func goexitHandler() {
	s := server(func(w http.ResponseWriter, r *http.Request) {
		done := make(chan bool)
		go func() {
			defer close(done)
			defer do("deferred")
			func() { runtime.Goexit() }()
		}()
		<-done
		do("after")
	})
	get(s.URL)
	s.Close()
}

func txAcross() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		tx, err := db().BeginTx(r.Context(), nil)
		check(err)
		done := make(chan error)
		go func() {
			_, err := tx.Exec("UPDATE other SET n = 1")
			done <- err
		}()
		check(<-done)
		check(tx.Commit())
	})
}

func ticker() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		t := time.NewTicker(time.Millisecond)
		defer t.Stop()
		for range 3 {
			<-t.C
			do("tick")
		}
		done := make(chan bool)
		time.AfterFunc(time.Millisecond, func() { do("timer"); t.Reset(time.Millisecond); close(done) })
		<-done
		<-t.C
	})
}

func cond() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		var mu sync.Mutex
		ready, c := false, sync.NewCond(&mu)
		done := make(chan bool)
		go func() {
			mu.Lock()
			for !ready {
				c.Wait()
			}
			mu.Unlock()
			do("woken")
			close(done)
		}()
		mu.Lock()
		ready = true
		c.Broadcast()
		mu.Unlock()
		<-done
	})
}

func contextAfterFunc() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		done := make(chan bool)
		context.AfterFunc(ctx, func() { do("expired"); close(done) })
		<-done
	})
}

func lazy() {
	load := sync.OnceFunc(func() { do("loaded") })
	s := server(func(w http.ResponseWriter, r *http.Request) { load(); do("used") })
	get(s.URL)
	get(s.URL)
	s.Close()
}

// hedged: the first answer of two counts, the other request is given up.
func hedged() {
	slow, arrived := make(chan bool), make(chan bool, 2)
	back := server(func(w http.ResponseWriter, r *http.Request) {
		arrived <- true
		if r.URL.Path == "/slow" {
			select {
			case <-r.Context().Done():
			case <-slow:
			}
		}
	})
	serve(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		answers, ended := make(chan error, 2), make(chan bool, 2)
		for _, path := range []string{"/slow", "/fast"} {
			go func() {
				req, err := http.NewRequestWithContext(ctx, "GET", back.URL+path, nil)
				check(err)
				resp, err := http.DefaultClient.Do(req)
				if err == nil {
					resp.Body.Close()
				}
				answers <- err
				ended <- true
			}()
			<-arrived
		}
		check(<-answers)
		cancel()
		<-ended
		<-ended
	})
	close(slow)
	back.Close()
}

func nestedServers() {
	last := server(func(w http.ResponseWriter, r *http.Request) { do("last") })
	middle := server(func(w http.ResponseWriter, r *http.Request) {
		var g errgroup.Group
		for range 2 {
			g.Go(func() error { get(last.URL); return nil })
		}
		check(g.Wait())
	})
	serve(func(w http.ResponseWriter, r *http.Request) { get(middle.URL) })
	middle.Close()
	last.Close()
}

func exitDeferred() {
	defer os.Exit(9)
	work()
	panic("not shown")
}

func panicAgain() {
	work()
	defer func() { panic(fmt.Sprint("again: ", recover())) }()
	panic("first")
}

func deep(n int) {
	if n == 0 {
		panic("deep down")
	}
	deep(n - 1)
}

// child starts itself, woven as it is, and goes on.
func child() {
	do("before")
	out, err := exec.Command("/proc/self/exe", "exit-zero-early").CombinedOutput()
	fmt.Println(string(out), err)
	do("after")
}

func replaced() {
	do("before")
	fmt.Println(syscall.Exec("/nowhere", nil, nil))
	do("survived")
	check(syscall.Exec("/proc/self/exe", []string{os.Args[0], "exit-zero-early"}, os.Environ()))
}

func goexitOthers() {
	work()
	go func() {
		time.Sleep(20 * time.Millisecond)
		do("later")
		os.Exit(6)
	}()
	runtime.Goexit()
}

func work() { serve(func(http.ResponseWriter, *http.Request) { do("done") }) }

// kill waits by the clock: with no goroutine left to run, the runtime could report a deadlock before the signal arrives.
func kill(sig syscall.Signal) {
	check(syscall.Kill(os.Getpid(), sig))
	time.Sleep(time.Minute)
}

// serve answers one request.
func serve(handler http.HandlerFunc) {
	s := server(handler)
	get(s.URL)
	s.Close()
}

func server(handler http.HandlerFunc) *httptest.Server {
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	return s
}

func get(url string) int {
	resp, err := http.Get(url)
	check(err)
	io.Copy(io.Discard, resp.Body)
	check(resp.Body.Close())
	return resp.StatusCode
}

var db = sync.OnceValue(func() *sql.DB {
	sql.Register("fake", fake{})
	db, err := sql.Open("fake", "")
	check(err)
	return db
})

func do(table string) { check(in(context.Background(), table)) }

func in(ctx context.Context, table string) error {
	_, err := db().ExecContext(ctx, "UPDATE "+table+" SET n = 1")
	return err
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// fake is a database that has done everything already.
type fake struct{}

func (fake) Open(string) (driver.Conn, error)    { return fake{}, nil }
func (fake) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not prepared") }
func (fake) Close() error                        { return nil }
func (fake) Begin() (driver.Tx, error)           { return fake{}, nil }
func (fake) Commit() error                       { return nil }
func (fake) Rollback() error                     { return nil }
func (fake) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.ResultNoRows, nil
}

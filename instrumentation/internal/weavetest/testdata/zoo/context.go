package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"time"
)

// The programs here lose their contexts. Each serves one request or more, and what a handler does is a child of its server span.
func init() {
	for name, f := range map[string]func(){
		"background": background, "fan-out": fanOut, "group": group, "pool": pool, "pool-explicit": poolExplicit, "pipeline": pipeline,
		"after-return": afterReturn, "daisy-chain": daisyChain, "after-func": afterFunc, "after-func-late": afterFuncLate, "finalizer": finalizer, "goexit-goroutine": goexitGoroutine,
		"panics": panics, "retry": retry, "locked": locked, "server-in-handler": serverInHandler, "explicit-wins": explicitWins, "many": many,
		"coroutine": coroutine, "pool-limit": poolLimit, "post": post,
	} {
		programs[name] = f
	}
}

var db = sync.OnceValue(func() *sql.DB {
	db, err := sql.Open("fake", "")
	check(err)
	return db
})

// do is an operation with a span that is named by its table, and without a context.
func do(table string) {
	_, err := db().Exec("UPDATE " + table + " SET n = 2")
	check(err)
}

// serve answers one request for each path by the handler, one after another, and returns when the server is down.
func serve(handler func(w http.ResponseWriter, r *http.Request), paths ...string) {
	mux := http.NewServeMux()
	mux.HandleFunc("/{path}", handler)
	s := httptest.NewServer(mux)
	for _, p := range paths {
		resp, err := http.Get(s.URL + p)
		check(err)
		resp.Body.Close()
	}
	s.Close()
}

func background() {
	serve(func(w http.ResponseWriter, r *http.Request) { do("a"); do("b") }, "/x", "/y")
	do("outside")
}

func fanOut() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		var all sync.WaitGroup
		for range 20 {
			all.Add(1)
			go func() { defer all.Done(); do("part") }()
		}
		all.Wait()
		do("whole")
	}, "/x")
}

// group: goroutines of goroutines, one of which calls another service.
func group() {
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do("behind") }))
	serve(func(w http.ResponseWriter, r *http.Request) {
		errs := make(chan error)
		go func() {
			inner := make(chan error)
			go func() {
				resp, err := http.Get(back.URL)
				if err == nil {
					resp.Body.Close()
				}
				inner <- err
			}()
			errs <- <-inner
		}()
		check(<-errs)
	}, "/x")
	back.Close()
}

// pool: workers that a request happens to start go on after it, with work of nobody's.
func pool() {
	tasks, done := make(chan string), make(chan bool)
	var once sync.Once
	serve(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() {
			go func() {
				for t := range tasks {
					do(t)
					done <- true
				}
			}()
		})
		tasks <- "during"
		<-done
	}, "/x")
	settled()
	tasks <- "afterwards"
	<-done
}

// poolExplicit: an explicit context wins over what the worker inherited.
func poolExplicit() {
	tasks, done := make(chan context.Context), make(chan bool)
	var once sync.Once
	serve(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() {
			go func() {
				for ctx := range tasks {
					_, err := db().ExecContext(ctx, "UPDATE task SET n = 2")
					check(err)
					done <- true
				}
			}()
		})
		tasks <- r.Context()
		<-done
	}, "/x", "/y")
}

func pipeline() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		first, second := make(chan int), make(chan int)
		go func() {
			for i := range first {
				do("early")
				second <- i
			}
			close(second)
		}()
		go func() { first <- 1; close(first) }()
		for range second {
			do("second")
		}
	}, "/x")
}

// poolLimit ends while connections are in use.
func poolLimit() {
	db, err := sql.Open("fake", "fake://db.example:5432/shop")
	check(err)
	db.SetMaxOpenConns(7)
	ctx := context.Background()
	var all []*sql.Conn
	for range 3 {
		c, err := db.Conn(ctx)
		check(err)
		check(c.PingContext(ctx))
		all = append(all, c)
	}
	check(all[0].Close())
}

// post sends five bytes and gets 5000, in chunks.
func post() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header()["X-Answer"] = []string{"one", "two"}
		for range 5 {
			w.Write(make([]byte, 1000))
			w.(http.Flusher).Flush()
		}
	}))
	resp, err := http.Post(s.URL, "text/plain", strings.NewReader("hello"))
	check(err)
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	s.Close()
}

// settled waits until the server span of an answered request has ended: a client has its answer before.
func settled() { time.Sleep(20 * time.Millisecond) }

// afterReturn: work that a handler starts and does not wait for.
func afterReturn() {
	over, done := make(chan bool), make(chan bool)
	serve(func(w http.ResponseWriter, r *http.Request) {
		go func() {
			<-over
			do("late")
			close(done)
		}()
	}, "/x")
	settled()
	close(over)
	<-done
}

// daisyChain: each goroutine starts the next one and ends.
func daisyChain() {
	done := make(chan bool)
	var next func(n int)
	next = func(n int) {
		if n == 0 {
			do("end")
			close(done)
			return
		}
		go next(n - 1)
	}
	serve(func(w http.ResponseWriter, r *http.Request) { next(100); <-done }, "/x")
}

func afterFunc() {
	done := make(chan bool)
	serve(func(w http.ResponseWriter, r *http.Request) {
		time.AfterFunc(time.Millisecond, func() { do("timer"); close(done) })
		<-done
	}, "/x")
}

// afterFuncLate: a timer that fires when its request is over, and once more.
func afterFuncLate() {
	var timer *time.Timer
	done := make(chan bool)
	serve(func(w http.ResponseWriter, r *http.Request) {
		timer = time.AfterFunc(30*time.Millisecond, func() { do("timer"); done <- true })
	}, "/x")
	<-done
	timer.Reset(time.Millisecond)
	<-done
	time.AfterFunc(time.Millisecond, func() { do("outside"); done <- true })
	<-done
}

func finalizer() {
	done := make(chan bool)
	serve(func(w http.ResponseWriter, r *http.Request) {
		func() {
			runtime.SetFinalizer(new([64]byte), func(*[64]byte) { do("final"); close(done) })
		}()
		runtime.GC()
		<-done
	}, "/x")
}

func goexitGoroutine() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		done := make(chan bool)
		go func() {
			defer close(done)
			defer do("deferred")
			runtime.Goexit()
		}()
		<-done
		do("next")
	}, "/x")
}

func panics() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		for depth := range 3 {
			func() {
				defer func() { recover(); do("recovered") }()
				var fall func(n int)
				fall = func(n int) {
					if n == 0 {
						panic("here")
					}
					defer do("unwinding")
					fall(n - 1)
				}
				fall(depth)
			}()
		}
	}, "/x")
	do("outside")
}

func retry() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		err := errors.New("not yet")
		for try := 0; err != nil; try++ {
			time.Sleep(time.Millisecond)
			_, err = db().ExecContext(context.Background(), map[bool]string{true: "UPDATE t SET n = 1", false: "FAIL"}[try == 2])
		}
	}, "/x")
}

func locked() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		done := make(chan bool)
		go func() {
			runtime.LockOSThread()
			do("locked")
			close(done)
		}()
		<-done
	}, "/x")
}

// serverInHandler: a server that a request starts has requests of its own, which are no part of it.
func serverInHandler() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do("inner") }))
		raw(inner.Listener.Addr().String(), "")
		inner.Close()
	}, "/x")
}

func explicitWins() {
	contexts := make(chan context.Context, 1)
	serve(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/first" {
			contexts <- r.Context()
			return
		}
		_, err := db().ExecContext(context.WithoutCancel(<-contexts), "UPDATE early SET n = 1")
		check(err)
		do("second")
	}, "/first", "/second")
}

// many: goroutines are used again, and none keeps what its predecessor had.
func many() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		var all sync.WaitGroup
		for i := range 2000 {
			all.Add(1)
			go func() {
				defer all.Done()
				if i%500 == 0 {
					do("part")
				}
			}()
		}
		all.Wait()
	}, "/x")
	settled()
	var all sync.WaitGroup
	for i := range 2000 {
		all.Add(1)
		go func() {
			defer all.Done()
			if i%500 == 0 {
				do("outside")
			}
		}()
	}
	all.Wait()
	runtime.GC()
}

// coroutine: an iterator that is pulled runs in a goroutine of its own.
func coroutine() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		next, stop := iter.Pull(func(yield func(int) bool) {
			do("produce")
			yield(1)
		})
		next()
		stop()
		do("consume")
	}, "/x")
	fmt.Println("done")
}

// raw makes a request without net/http's client, with these headers.
func raw(address, headers string) {
	c, err := net.Dial("tcp", address)
	check(err)
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+headers+"\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	check(err)
	resp.Body.Close()
	c.Close()
}

// rawGet makes a request without net/http's client, and returns what comes.
func rawGet(address, path string) string {
	c, err := net.Dial("tcp", address)
	check(err)
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.0\r\nHost: x\r\n\r\n", path)
	b, err := io.ReadAll(c)
	check(err)
	return string(b)
}

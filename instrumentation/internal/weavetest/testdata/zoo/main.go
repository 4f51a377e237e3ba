// Zoo is many small programs in one, each named by the first argument. None has a word of telemetry in it, but for those that
// show what happens to programs that have.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

var programs = map[string]func(){
	"tree": tree, "return": work, "exit": func() { work(); os.Exit(3) }, "fatal": func() { work(); log.SetFlags(0); log.Fatal("fatal") },
	"panic": func() { work(); panic(fmt.Errorf("told you")) }, "panic-goroutine": panicGoroutine, "goexit": func() { work(); idle(); runtime.Goexit() },
	"goexit-exit":     func() { work(); go func() { time.Sleep(50 * time.Millisecond); os.Exit(4) }(); runtime.Goexit() },
	"exit-in-handler": func() { serve(func(http.ResponseWriter, *http.Request) { os.Exit(5) }, "/x") },
	"deadlock":        func() { work(); idle(); select {} },
	"sigterm":         func() { work(); kill(syscall.SIGTERM) }, "sigint": func() { work(); kill(syscall.SIGINT) },
	"sigterm-spinning": spinning, "sigterm-handled": handled, "sigterm-ignored": ignored, "sigterm-stopped": stopped,
	"sigpipe": func() { work(); pipe(); os.Exit(8) }, "sigpipe-handled": pipeHandled,
	"handler-panic": handlerPanic, "interfaces": interfaces, "hijack": hijack, "stream": stream, "sql": sqlAll, "sql-errors": sqlErrors,
	"middleware": middleware, "client": clientCases, "cancel-request": cancelRequest,
	"closed": closed, "environment": environment, "own-provider": ownProvider, "by-hand": byHand, "h2": h2,
}

func main() {
	f := programs[os.Args[1]]
	if f == nil {
		fmt.Fprintln(os.Stderr, "no such program")
		os.Exit(64)
	}
	f()
}

func environment() {
	for _, setting := range os.Environ() {
		fmt.Println(setting)
	}
}

// closed closes all files that it may have inherited, those of Go's scheduler among them, once no other goroutine has a use for
// them, and ends without waiting for anything.
func closed() {
	work()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for i := 0; i < 100 && runtime.NumGoroutine() > 1; i++ {
		time.Sleep(time.Millisecond)
	}
	for fd := 3; fd < 1024; fd++ {
		_ = syscall.Close(fd)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func get(ctx context.Context, url string) string {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	check(err)
	resp, err := http.DefaultClient.Do(req)
	check(err)
	defer resp.Body.Close()
	if resp.Request != req {
		fmt.Println("another request")
	}
	b, err := io.ReadAll(resp.Body)
	check(err)
	return string(b)
}

// tree: client, server, client, server, SQL.
func tree() {
	db, err := sql.Open("fake", "")
	check(err)
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rows, err := db.QueryContext(r.Context(), "SELECT id FROM orders WHERE id = 7")
		check(err)
		for rows.Next() {
			var id int
			check(rows.Scan(&id))
			fmt.Fprint(w, id)
		}
		check(rows.Close())
	}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /shop/{item}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, get(r.Context(), back.URL+"/stock")) })
	front := httptest.NewServer(mux)
	fmt.Println(get(context.Background(), front.URL+"/shop/pen?sig=secret"))
	front.Close()
	back.Close()
}

// work makes two spans.
func work() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	get(context.Background(), s.URL)
	s.Close()
}

// idle waits until no connection is left, whose goroutines would keep Go from finding a deadlock.
func idle() {
	time.Sleep(50 * time.Millisecond)
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

func panicGoroutine() {
	work()
	go func() { panic("in a goroutine") }()
	time.Sleep(time.Minute)
}

func kill(sig syscall.Signal) {
	raise(sig)
	time.Sleep(time.Minute)
}

// spinning gets a signal where no other goroutine can run, if they are not preempted.
func spinning() {
	runtime.GOMAXPROCS(1)
	raise(syscall.SIGTERM)
	for {
		turns++
	}
}

var turns int

func handled() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	work()
	raise(syscall.SIGTERM)
	fmt.Println("handled", <-c)
	os.Exit(7)
}

// pipe writes to a stdout that nobody reads any more.
func pipe() {
	r, w, err := os.Pipe()
	check(err)
	check(r.Close())
	becomeStdout(w)
	_, err = fmt.Println("nobody reads this")
	fmt.Fprintln(os.Stderr, err)
}

func pipeHandled() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	pipe()
	work()
	os.Exit(8)
}

func ignored() {
	signal.Ignore(syscall.SIGTERM)
	work()
	raise(syscall.SIGTERM)
	time.Sleep(50 * time.Millisecond)
	fmt.Println("still here")
}

func stopped() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	raise(syscall.SIGTERM)
	<-ctx.Done()
	stop()
	work()
	fmt.Println("stopped")
	kill(syscall.SIGTERM)
}

func handlerPanic() {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/recovered":
			func() {
				defer func() { recover() }()
				panic("recovered")
			}()
		default:
			panic("handler panic")
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	for _, p := range []string{"/panic", "/abort", "/recovered"} {
		_, err := http.Get(s.URL + p)
		fmt.Println(p, err != nil)
	}
	s.Close()
}

func interfaces() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, readerFrom := w.(io.ReaderFrom)
		_, hijacker := w.(http.Hijacker)
		_, flusher := w.(http.Flusher)
		_, stringWriter := w.(io.StringWriter)
		_, pusher := w.(http.Pusher)
		fmt.Fprintf(w, "%T %v %v %v %v %v %v", w, readerFrom, hijacker, flusher, stringWriter, pusher,
			http.NewResponseController(w).SetWriteDeadline(time.Time{}))
	}))
	defer s.Close()
	resp, err := http.Get(s.URL)
	check(err)
	b, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	_, writer := resp.Body.(io.Writer)
	fmt.Println(string(b), writer, http.DefaultTransport != nil)
	resp, err = http.Head(s.URL)
	check(err)
	fmt.Println(resp.Body == http.NoBody)
	resp.Body.Close()
}

func hijack() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		check(err)
		fmt.Fprint(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		rw.Flush()
		line, _ := rw.ReadString('\n')
		fmt.Fprint(rw, "echo "+line)
		rw.Flush()
		c.Close()
	}))
	defer s.Close()
	req, _ := http.NewRequest("GET", s.URL, nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "x")
	resp, err := http.DefaultClient.Do(req)
	check(err)
	w := resp.Body.(io.ReadWriteCloser)
	fmt.Fprintln(w, "hello")
	line, _ := bufio.NewReader(w).ReadString('\n')
	fmt.Print(resp.StatusCode, " ", line)
	w.Close()
	settled() // the server does not wait for a connection that it has given away
}

func stream() {
	next := make(chan bool)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprintln(w, "chunk", i)
			w.(http.Flusher).Flush()
			<-next
		}
	}))
	defer s.Close()
	resp, err := http.Get(s.URL)
	check(err)
	b := bufio.NewReader(resp.Body)
	for range 3 {
		line, err := b.ReadString('\n')
		check(err)
		fmt.Print(line)
		next <- true
	}
	_, err = b.ReadString('\n')
	fmt.Println(err)
	resp.Body.Close()
}

func middleware() {
	inner := http.NewServeMux()
	inner.HandleFunc("/items/{id}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(418) })
	outer := http.NewServeMux()
	outer.Handle("/api/", http.StripPrefix("/api", inner))
	type key struct{}
	s := httptest.NewServer(http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		outer.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, 1)))
	}), time.Minute, ""))
	defer s.Close()
	get(context.Background(), s.URL+"/api/items/5")
}

func clientCases() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/there", 302)
		case "/missing":
			http.NotFound(w, r)
		case "/broken":
			http.Error(w, "", 500)
		}
	}))
	for _, p := range []string{"/redirect", "/missing", "/broken"} {
		get(context.Background(), s.URL+p)
	}
	s.Close()
	_, err := http.Get(s.URL + "/gone")
	fmt.Println(err != nil)
	_, err = http.DefaultTransport.RoundTrip(&http.Request{})
	fmt.Println(err)
}

func cancelRequest() {
	arrived, block := make(chan bool), make(chan bool)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { close(arrived); <-block }))
	req, _ := http.NewRequest("GET", s.URL, nil)
	t := &http.Transport{}
	go func() { <-arrived; t.CancelRequest(req) }()
	_, err := t.RoundTrip(req)
	fmt.Println(err)
	close(block)
	s.Close()
}

func h2() {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(503)
		fmt.Fprintf(w, "%s %T", r.Proto, w)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	resp, err := s.Client().Get(s.URL)
	check(err)
	b, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	fmt.Println(resp.Proto, string(b))
	s.Close()
}

func sqlAll() {
	db, err := sql.Open("fake", "fake://bob:secret@db.example:5432/shop")
	check(err)
	ctx := context.Background()
	check(db.Ping())
	_, err = db.Exec("INSERT INTO orders (item) VALUES ('pen')")
	check(err)
	var id int
	check(db.QueryRow("SELECT id FROM orders WHERE item = ?", "pen").Scan(&id))
	stmt, err := db.Prepare("SELECT id FROM orders")
	check(err)
	rows, err := stmt.Query()
	check(err)
	for rows.Next() {
	}
	stmt.Close()
	tx, err := db.BeginTx(ctx, nil)
	check(err)
	_, err = tx.Exec("UPDATE orders SET n = 2")
	check(err)
	check(tx.Commit())
	fmt.Println(tx.Rollback())
	tx, err = db.Begin()
	check(err)
	check(tx.Rollback())
	c, err := db.Conn(ctx)
	check(err)
	rows, err = c.QueryContext(ctx, "SELECT 1")
	check(err)
	check(rows.Close())
	check(c.Close())
	fmt.Printf("%T\n", db.Driver())
	check(db.Close())
}

func sqlErrors() {
	db, err := sql.Open("fake", "")
	check(err)
	_, err = db.Exec("FAIL")
	fmt.Println(err == errFake)
	rows, err := db.Query("SELECT fail FROM rows")
	check(err)
	for rows.Next() {
	}
	fmt.Println(rows.Err() == errFake)
	ctx, cancel := context.WithCancel(context.Background())
	tx, err := db.BeginTx(ctx, nil)
	check(err)
	cancel()
	for db.Stats().InUse > 0 { // until it is rolled back
		time.Sleep(time.Millisecond)
	}
	fmt.Println(tx.Commit())
	var group sync.WaitGroup
	for range 10 {
		group.Add(1)
		go func() { defer group.Done(); var i int; db.QueryRow("SELECT id FROM t").Scan(&i) }()
	}
	group.Wait()
}

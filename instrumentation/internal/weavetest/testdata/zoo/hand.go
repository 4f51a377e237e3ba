package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// The programs here are instrumented by hand. Those of shapes print the trees of their own spans, which are the same woven.
func init() {
	for name, f := range map[string]func(){
		"shapes": shapes, "hand-consumer": handConsumer, "hand-unsampled": handUnsampled, "hand-late": handLate, "hand-workers": handWorkers,
		"hand-pool": handPool, "hand-nested": handNested, "hand-loop": handLoop, "hand-soak": handSoak, "hand-idle": handIdle,
	} {
		programs[name] = f
	}
}

var bg = context.Background()

// early is begun while the program is initialised, before it has a provider of its own.
var early = func() trace.Span {
	if len(os.Args) < 2 || os.Args[1] != "shapes" {
		return nil
	}
	return start("early")
}()

// byName samples spans unless their names end in "-".
type byName struct{}

func (byName) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	decision := sdktrace.RecordAndSample
	if strings.HasSuffix(p.Name, "-") {
		decision = sdktrace.Drop
	}
	return sdktrace.SamplingResult{Decision: decision, Tracestate: trace.SpanContextFromContext(p.ParentContext).TraceState()}
}
func (byName) Description() string { return "byName" }

func shapes() {
	e := tracetest.NewInMemoryExporter()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(e), sdktrace.WithSampler(sdktrace.ParentBased(byName{}))))
	otel.SetTextMapPropagator(propagation.TraceContext{})
	tr := otel.Tracer("hand")
	begin := func(name string, options ...trace.SpanStartOption) trace.Span {
		_, s := tr.Start(bg, name, options...)
		return s
	}
	// elsewhere has something done in another goroutine.
	elsewhere := func(f func()) {
		done := make(chan bool)
		go func() { defer close(done); f() }()
		<-done
	}
	early.End()
	shape := func(name string, f func()) {
		f()
		spans := slices.DeleteFunc(e.GetSpans(), func(s tracetest.SpanStub) bool { return s.InstrumentationScope.Name != "hand" })
		names := map[trace.SpanID]string{}
		for _, s := range spans {
			names[s.SpanContext.SpanID()] = s.Name
		}
		var lines []string
		for _, s := range spans {
			parent := names[s.Parent.SpanID()]
			if parent == "" && s.Parent.IsValid() {
				parent = "?"
			}
			lines = append(lines, fmt.Sprintf("%s<%s+%d", s.Name, parent, len(s.Links)))
		}
		slices.Sort(lines)
		fmt.Println(name, lines)
		e.Reset()
	}
	for _, u := range []string{"", "-"} { // sampled, and not
		shape("consumer"+u, func() {
			for i := range 3 {
				s := begin(fmt.Sprint("msg", i))
				n := begin(fmt.Sprint("msg", i, u))
				do("in_message")
				elsewhere(func() { do("in_goroutine"); n.End(); s.End() })
				do("apart")
			}
			begin("after").End()
		})
		shape("overlapping"+u, func() {
			var all []trace.Span
			for i := range 6 {
				all = append(all, begin(fmt.Sprint("conn", i, u)))
				if i >= 2 {
					all[i-2].End()
				}
				do("in_connection")
				begin(fmt.Sprint("beside", i)).End()
			}
		})
		shape("forgotten"+u, func() {
			for i := range 200 {
				begin("forgotten" + u)
				if i%50 == 0 {
					do("in_forgotten")
					begin("next").End()
				}
			}
		})
		shape("loop"+u, func() {
			for i := range 4 {
				s := begin(fmt.Sprint("item", i, u))
				defer s.End()
				do("in_item")
				begin(fmt.Sprint("part", i)).End()
			}
		})
		shape("inner"+u, func() {
			outer := begin("outer" + u)
			inner := begin("inner")
			do("in_inner")
			outer.End()
			begin("between").End()
			inner.End()
			begin("last").End()
		})
		shape("contexts"+u, func() {
			ctx, p := tr.Start(bg, "parent"+u)
			beside := begin("beside")
			_, root := tr.Start(ctx, "root", trace.WithNewRoot())
			_, child := tr.Start(context.WithoutCancel(ctx), "child")
			_, cleared := tr.Start(trace.ContextWithSpanContext(ctx, trace.SpanContext{}), "cleared")
			_, none := tr.Start(trace.ContextWithSpan(ctx, nil), "none")
			_, remote := tr.Start(trace.ContextWithRemoteSpanContext(bg, p.SpanContext()), "remote")
			for _, s := range []trace.Span{root, child, cleared, none, remote, beside, p} {
				do("in_context")
				s.End()
			}
		})
		shape("pool"+u, func() {
			startup := begin("startup" + u)
			jobs, results := make(chan string), make(chan bool)
			for range 3 {
				go func() {
					for name := range jobs {
						s := begin(name)
						do("in_job")
						begin("step of " + name).End()
						s.End()
						results <- true
					}
				}()
			}
			for i := range 6 {
				if i == 3 {
					startup.End()
				}
				jobs <- fmt.Sprint("job", i)
				<-results
			}
			close(jobs)
		})
		shape("timer"+u, func() {
			s := begin("sets" + u)
			done := make(chan bool)
			for i := range 2 {
				time.AfterFunc(time.Millisecond, func() {
					begin("fires").End()
					do("in_timer")
					done <- true
				})
				<-done
				if i == 0 {
					s.End()
				}
			}
		})
		shape("batch"+u, func() {
			// A producer, a topic, and a consumer that takes several messages at once.
			var topic []propagation.MapCarrier
			for i := range 4 {
				ctx, s := tr.Start(bg, fmt.Sprint("send", i), trace.WithSpanKind(trace.SpanKindProducer))
				c := propagation.MapCarrier{}
				otel.GetTextMapPropagator().Inject(ctx, c)
				topic = append(topic, c)
				s.End()
			}
			bare := propagation.MapCarrier{}
			otel.GetTextMapPropagator().Inject(bg, bare)
			if len(bare) > 0 {
				fmt.Println("carries what nobody put there:", bare)
			}
			var links []trace.Link
			var received []trace.Span
			for i, c := range topic {
				ctx, s := tr.Start(otel.GetTextMapPropagator().Extract(bg, c), fmt.Sprint("receive", i), trace.WithSpanKind(trace.SpanKindConsumer))
				links = append(links, trace.LinkFromContext(ctx))
				received = append(received, s)
			}
			ctx, b := tr.Start(bg, "batch"+u, trace.WithLinks(links...), trace.WithNewRoot())
			var group sync.WaitGroup
			for i := range topic {
				group.Add(1)
				go func() {
					defer group.Done()
					_, s := tr.Start(ctx, fmt.Sprint("process", i))
					do("in_process")
					begin(fmt.Sprint("detached", i)).End()
					s.End()
					received[i].End()
				}()
			}
			group.Wait()
			b.End()
			begin("commit").End()
		})
		shape("asked"+u, func() {
			s := begin("asked" + u)
			fmt.Println(trace.SpanFromContext(bg).SpanContext().IsValid(), trace.SpanFromContext(bg).IsRecording())
			elsewhere(func() { fmt.Println(trace.SpanContextFromContext(bg).IsValid()) })
			s.End()
		})
	}
}

// handConsumer begins a span for each message, which another goroutine ends.
func handConsumer() {
	for i := range 3 {
		s := start(fmt.Sprint("message", i))
		do("in_message")
		done := make(chan bool)
		go func() { do("in_goroutine"); s.End(); close(done) }()
		<-done
		do("apart")
	}
}

// handUnsampled has spans that are not sampled, and end in other goroutines, or while others are open, or not at all.
func handUnsampled() {
	unsampled := trace.ContextWithRemoteSpanContext(bg, trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	begin := func() trace.Span {
		_, s := otel.Tracer("hand").Start(unsampled, "unsampled")
		return s
	}
	s := begin()
	do("lost")
	done := make(chan bool)
	go func() { do("lost"); s.End(); do("goroutine"); close(done) }()
	<-done
	do("one")
	a, b := begin(), begin()
	a.End()
	do("lost")
	b.End()
	do("two")
	start("root").End()
	begin()
	start("root").End()
}

// handLate ends a span when its handler has returned, and has another one that is never ended. Both requests come by one connection.
func handLate() {
	over, done := make(chan bool), make(chan bool)
	serve(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/next" {
			do("next")
			start("own").End()
			return
		}
		start("forgotten")
		s := start("late")
		do("in_late")
		go func() {
			<-over
			start("after").End()
			do("after")
			s.End()
			close(done)
		}()
	}, "/x", "/next")
	settled()
	close(over)
	<-done
	do("outside")
}

// handWorkers are started by main, and work for requests.
func handWorkers() {
	jobs, done := make(chan context.Context), make(chan bool)
	go func() {
		for ctx := range jobs {
			_, s := otel.Tracer("hand").Start(ctx, "job")
			do("in_job")
			s.End()
			do("apart")
			done <- true
		}
	}()
	serve(func(w http.ResponseWriter, r *http.Request) {
		jobs <- r.Context()
		<-done
		jobs <- bg
		<-done
	}, "/x")
}

// handPool is started by the first request, and goes on.
func handPool() {
	jobs, done := make(chan bool), make(chan bool)
	var once sync.Once
	work := func() { jobs <- true; <-done }
	serve(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() {
			setup := start("setup")
			go func() {
				for range jobs {
					s := start("job")
					do("in_job")
					s.End()
					done <- true
				}
			}()
			setup.End()
		})
		work()
	}, "/x")
	settled()
	work()
}

// handNested has a server in a handler, whose requests are no part of the handler's.
func handNested() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		s := start("around")
		inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			own := start("inner")
			do("inner")
			own.End()
			var group sync.WaitGroup
			for range 2 {
				group.Add(1)
				go func() { defer group.Done(); start("parallel").End() }()
			}
			group.Wait()
		}))
		raw(inner.Listener.Addr().String(), "")
		inner.Close()
		s.End()
		start("beside").End()
	}, "/x")
}

// handLoop defers the ends of the spans of a loop.
func handLoop() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		func() {
			for i := range 3 {
				s := start(fmt.Sprint("item", i))
				defer s.End()
				do(fmt.Sprint("t", i))
			}
		}()
		do("next")
	}, "/x")
}

// handIdle has a request that outlives its spans: a goroutine of it goes on in it, and in none of them.
func handIdle() {
	serve(func(w http.ResponseWriter, r *http.Request) {
		s := start("short")
		over, done := make(chan bool), make(chan bool)
		go func() {
			do("in_short")
			over <- true
			<-over
			do("in_request")
			start("own").End()
			done <- true
		}()
		<-over
		s.End()
		over <- true
		<-done
	}, "/x")
}

// handSoak begins and ends spans in every way, and fails if memory grows, unless what it makes is kept.
func handSoak() {
	log.SetOutput(io.Discard)
	heap := func() int64 {
		for range 4 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	unsampled := trace.ContextWithRemoteSpanContext(bg, trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	ends := make(chan trace.Span)
	go func() {
		for s := range ends {
			s.End()
		}
	}()
	handler := func(f func(i int)) func(int) {
		mux := http.NewServeMux()
		i := 0
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			for range 100 {
				i++
				f(i)
			}
		})
		s := httptest.NewServer(mux)
		return func(n int) {
			if n%100 == 0 {
				get(bg, s.URL)
			}
		}
	}
	var kept []trace.Span
	for _, ctx := range []context.Context{bg, unsampled} {
		tr := otel.Tracer("soak")
		begin := func() trace.Span { _, s := tr.Start(ctx, "span"); return s }
		var flight []trace.Span
		overlap := func(end func(trace.Span)) {
			if flight = append(flight, begin()); len(flight) > 2 {
				end(flight[0])
				flight = append([]trace.Span(nil), flight[1:]...)
			}
		}
		elsewhere := func(s trace.Span) { ends <- s }
		for name, one := range map[string]func(i int){
			"forgotten":                 func(int) { begin() },
			"elsewhere":                 func(int) { elsewhere(begin()) },
			"overlapping":               func(int) { overlap(func(s trace.Span) { s.End() }) },
			"overlapping elsewhere":     func(int) { overlap(elsewhere) },
			"goroutines":                func(int) { done := make(chan bool); go func() { begin(); close(done) }(); <-done },
			"forgotten in a handler":    handler(func(int) { begin() }),
			"elsewhere in a handler":    handler(func(int) { elsewhere(begin()) }),
			"goroutines of a handler's": handler(func(int) { done := make(chan bool); go func() { begin(); close(done) }(); <-done }),
			"operations below what is forgotten": func(i int) {
				begin()
				if i%100 == 0 {
					do("t")
				}
			},
			"control": func(int) { s := begin(); s.SetAttributes(); kept = append(kept, s) },
		} {
			one(0)
			before := heap()
			for i := range 20_000 {
				one(i)
			}
			grown := heap() - before
			if limit := int64(6 << 20); ctx == bg && (grown > limit) != (name == "control") || grown > limit && name != "control" {
				check(errors.New(fmt.Sprint(name, ": ", grown, " bytes more")))
			}
			runtime.KeepAlive(kept)
			kept = nil
		}
	}
	os.Exit(0)
}

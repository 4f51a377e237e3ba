package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

var scope = new(wire.Scopes).Of(instrumentation.Scope{Name: "scope"})

// sink is what a queue sends to: it counts, and it waits while it is held.
type sink struct {
	held  chan struct{} // nil: not held
	fail  error
	panic any
	idle  chan struct{}

	mu     sync.Mutex
	counts []int
	order  strings.Builder
	told   []string
}

func (s *sink) send(_ context.Context, records []wire.Record) (lost int, err error) {
	if s.held != nil {
		<-s.held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = append(s.counts, len(records))
	for _, r := range records {
		if len(r.Bytes) < 10 {
			s.order.Write(r.Bytes)
		}
	}
	if s.panic != nil {
		panic(s.panic)
	}
	if s.fail != nil {
		return len(records), s.fail
	}
	return 0, nil
}

func (s *sink) total() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.counts {
		n += c
	}
	return n
}

func (s *sink) queue(t *testing.T, config Config) *Queue {
	s.idle = make(chan struct{}, 100)
	q := New(config, s.send, func(err error, lost int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told = append(s.told, fmt.Sprint(err, " ", lost))
	}, func() { s.idle <- struct{}{} })
	t.Cleanup(func() { q.Shutdown(context.Background()) })
	return q
}

func add(q *Queue, n int) {
	for range n {
		q.Add(wire.NewRecord(scope, []byte("record")))
	}
}

func TestRests(t *testing.T) {
	s := &sink{}
	before := runtime.NumGoroutine()
	q := s.queue(t, Config{Delay: 20 * time.Millisecond, Timeout: time.Second, Items: 100, Batch: 10})
	for round := range 3 {
		add(q, 25)
		<-s.idle
		if got := s.total(); got != 25*(round+1) {
			t.Errorf("round %d: %d records sent", round, got)
		}
		for tries := 0; runtime.NumGoroutine() > before; tries++ {
			if tries == 1000 {
				t.Fatalf("round %d: a goroutine while there is nothing to send", round)
			}
			time.Sleep(time.Millisecond) // it was told to end
		}
	}
	if len(s.told) > 0 {
		t.Errorf("told %q", s.told)
	}
}

func TestOrder(t *testing.T) {
	s := &sink{}
	q := s.queue(t, Config{Delay: time.Hour, Timeout: time.Second, Items: 100, Batch: 4})
	var want strings.Builder
	b := make([]byte, 0, 8) // used again, as by those who encode
	for i := range 50 {
		b = fmt.Appendf(b[:0], "%d,", i)
		q.Add(wire.NewRecord(scope, b))
		want.Write(b)
	}
	if err := q.ForceFlush(context.Background()); err != nil || s.order.String() != want.String() {
		t.Errorf("%s, %v", s.order.String(), err)
	}
}

func TestIsBounded(t *testing.T) {
	for name, c := range map[string]struct{ size, kept int }{
		"in items": {6, 300},
		"in bytes": {100_000, Bytes(300) / 100_000},
	} {
		t.Run(name, func(t *testing.T) {
			s := &sink{held: make(chan struct{})}
			q := s.queue(t, Config{Delay: time.Hour, Timeout: time.Minute, Items: 300, Batch: 10})
			const n = 10_000
			record := wire.NewRecord(scope, make([]byte, c.size))
			for i := range n {
				if i%2 == 0 || !q.Refuses() {
					q.Add(record)
				}
			}
			q.mu.Lock()
			waiting, size := len(q.waiting), q.size
			q.mu.Unlock()
			// A batch of them may be on its way; what is counts in bytes.
			if waiting > c.kept || waiting < c.kept-31 || size > Bytes(300) {
				t.Errorf("%d records of %d bytes wait", waiting, size)
			}
			close(s.held)
			if err := q.ForceFlush(context.Background()); err != nil {
				t.Error(err)
			}
			q.mu.Lock()
			waiting, size = len(q.waiting), q.size
			q.mu.Unlock()
			if got := s.total(); got < c.kept || got > c.kept+20 || waiting+size != 0 {
				t.Errorf("%d of %d records were sent; %d of %d bytes are left", got, n, waiting, size)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			dropped := 0
			for _, told := range s.told {
				var lost int
				if _, err := fmt.Sscanf(told, "<nil> %d", &lost); err != nil {
					t.Errorf("told %q", told)
				}
				dropped += lost
			}
			sent := 0
			for _, c := range s.counts {
				sent += c
			}
			if dropped+sent != n {
				t.Errorf("%d sent and %d dropped of %d", sent, dropped, n)
			}
		})
	}
}

// TestMemory adds large records to a queue whose collector does not answer: what is held is bounded. The control holds them.
func TestMemory(t *testing.T) {
	heap := func(keep func([]byte)) (grown int64) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range 2000 {
			keep(make([]byte, 60_000))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		return int64(after.HeapAlloc) - int64(before.HeapAlloc)
	}
	s := &sink{held: make(chan struct{})}
	q := s.queue(t, Config{Delay: time.Hour, Timeout: time.Minute, Items: 2048, Batch: 512})
	if grown := heap(func(b []byte) { q.Add(wire.NewRecord(scope, b)) }); grown > int64(Bytes(2048)+Bytes(2048)/8) {
		t.Errorf("%d bytes are held", grown)
	}
	var all [][]byte
	if grown := heap(func(b []byte) { all = append(all, b) }); grown < 2000*60_000 {
		t.Errorf("the control holds %d bytes", grown)
	}
	runtime.KeepAlive(all)
	close(s.held)
}

func TestFlushes(t *testing.T) {
	s := &sink{}
	q := s.queue(t, Config{Delay: time.Hour, Timeout: time.Second, Items: 100, Batch: 100})
	add(q, 70)
	if err := q.ForceFlush(context.Background()); err != nil || s.total() != 70 {
		t.Errorf("%d records, %v", s.total(), err)
	}
	add(q, 5)
	if err := q.Shutdown(context.Background()); err != nil || s.total() != 75 {
		t.Errorf("%d records, %v", s.total(), err)
	}
	add(q, 1)
	if err := q.ForceFlush(context.Background()); err != nil || s.total() != 75 {
		t.Errorf("after the shutdown: %d records, %v", s.total(), err)
	}
}

// TestFlushEnds has a flush while an export goes on that does not end.
func TestFlushEnds(t *testing.T) {
	s := &sink{held: make(chan struct{})}
	q := s.queue(t, Config{Delay: time.Hour, Timeout: time.Minute, Items: 100, Batch: 10})
	add(q, 20)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	for len(q.turn) == 0 {
		runtime.Gosched()
	}
	if err := q.ForceFlush(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	close(s.held)
}

func TestTellsOfFailures(t *testing.T) {
	for name, s := range map[string]*sink{"down 3": {fail: errors.New("down")}, "panic: oh 3": {panic: "oh"}} {
		q := s.queue(t, Config{Delay: time.Hour, Timeout: time.Second, Items: 100, Batch: 50})
		add(q, 3)
		if err := q.ForceFlush(context.Background()); err != nil {
			t.Errorf("%v, which OpenTelemetry's error handler would log", err)
		}
		if len(s.told) != 1 || s.told[0] != name {
			t.Errorf("told %q", s.told)
		}
	}
}

// TestUnderLoad adds records from many goroutines while exports come and go: none is lost.
func TestUnderLoad(t *testing.T) {
	s := &sink{}
	q := s.queue(t, Config{Delay: time.Millisecond, Timeout: time.Second, Items: 1 << 16, Batch: 64})
	s.idle = make(chan struct{}, 1<<16)
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 100 {
				add(q, 10)
				time.Sleep(time.Millisecond)
			}
		}()
	}
	group.Wait()
	if err := q.ForceFlush(context.Background()); err != nil || s.total() != 8000 {
		t.Errorf("%d records, %v", s.total(), err)
	}
}

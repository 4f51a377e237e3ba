// Package queue keeps encoded telemetry until it is sent, bounded in items and in bytes.
//
// Nothing runs while there is nothing to send: a goroutine or a thread that waits would keep Go from telling a program that it
// deadlocks, leak detectors would see it, and one that is started in a synctest bubble would keep the bubble from ending. An Alarm,
// made at start and so outside of every bubble, sends.
package queue

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// Config has the settings of a signal's batch processor.
type Config struct {
	Delay, Timeout time.Duration // from the first item to an export; of an export
	Items, Batch   int           // in the queue; in a request
	Name           string        // of what is sent: "spans"
	Told           func(Counts)  // called after an export; may be nil
}

// Counts are the records of a queue by what became of them.
type Counts struct {
	Name    string
	Ended   int // that were given to the queue; each is one of what follows
	Sent    int
	Failed  int // were not taken by whom they were sent to
	Dropped int // for which there was no place
	Waiting int
}

// Counts counts what became of the records so far.
func (q *Queue) Counts() Counts {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Counts{q.config.Name, q.added + q.dropped, q.sent, q.lost, q.dropped, q.added - q.sent - q.lost}
}

// Bytes is the size of a queue for a number of items: 4 KiB for each, which is a few times what one takes, within bounds.
func Bytes(items int) int { return min(max(items, 256), 16384) << 12 }

// Queue keeps records of one signal and sends them.
type Queue struct {
	config Config
	bytes  int // that fit
	send   func(context.Context, []wire.Record) (lost int, err error)
	failed func(err error, lost int) // err is nil for records that were dropped
	idle   func()                    // called when there is nothing to send for now
	alarm  *Alarm
	turn   chan struct{} // has a place for who exports

	crowded atomic.Bool // there is no place left, by its number

	mu      sync.Mutex
	waiting []wire.Record
	size    int    // of what waits and of what is on its way, in bytes
	block   []byte // where the bytes of the next records go
	armed   bool   // the alarm is set to the end of the delay
	full    bool   // it is set to now, as there is a request's worth
	used    bool   // something was sent since idle was called
	closed  bool
	added   int // records that there was a place for, sent ones and lost ones
	sent    int
	lost    int
	dropped int
	told    int
}

// New returns a queue. send sends records in their order and tells how many of them were lost; it is not called twice at a time.
func New(config Config, send func(context.Context, []wire.Record) (lost int, err error), failed func(err error, lost int), idle func()) *Queue {
	config.Batch = min(config.Batch, config.Items)
	q := &Queue{config: config, bytes: Bytes(config.Items), send: send, failed: failed, idle: idle, turn: make(chan struct{}, 1)}
	q.alarm = NewAlarm(q.fire)
	return q
}

// Refuses reports whether there is no place for another record, which then counts as dropped: before it is encoded for nothing.
func (q *Queue) Refuses() bool {
	if !q.crowded.Load() {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	refuses := len(q.waiting) >= q.config.Items
	if refuses && !q.closed {
		q.dropped++
	}
	return refuses
}

// blockSize is how much memory is asked for at a time. What is no small part of that has memory of its own.
const blockSize = 16 << 10

// Add keeps a copy of a record.
func (q *Queue) Add(r wire.Record) {
	size := r.Size()
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if len(q.waiting) >= q.config.Items || q.size+size > q.bytes {
		q.dropped++
		return
	}
	n := len(r.Bytes)
	switch {
	case n > blockSize/4:
		r.Bytes = append(make([]byte, 0, n), r.Bytes...)
	default:
		if cap(q.block)-len(q.block) < n {
			q.block = make([]byte, 0, blockSize)
		}
		at := len(q.block)
		q.block = append(q.block, r.Bytes...)
		r.Bytes = q.block[at : at+n : at+n]
	}
	q.waiting = append(q.waiting, r)
	q.added++
	q.size += size
	q.crowded.Store(len(q.waiting) >= q.config.Items)
	switch {
	case !q.full && (len(q.waiting) >= q.config.Batch || q.size >= min(wire.MaxBody, q.bytes/2)):
		q.armed, q.full = true, true
		q.alarm.Set(0)
	case !q.armed:
		q.armed = true
		q.alarm.Set(q.config.Delay)
	}
}

// fire sends what waits. Where nothing does, it closes what was kept open to send.
func (q *Queue) fire() {
	q.mu.Lock()
	busy := q.full
	q.mu.Unlock()
	q.export(context.Background())
	q.mu.Lock()
	if q.closed || q.armed {
		q.mu.Unlock()
		return
	}
	if busy {
		// More is to be expected, for which the connection is kept.
		q.alarm.Set(q.config.Delay)
		q.mu.Unlock()
		return
	}
	used := q.used
	q.used = false
	q.mu.Unlock()
	if !used {
		return
	}
	q.idle()
	q.mu.Lock()
	defer q.mu.Unlock()
	// Where another call has sent since, the alarm is set to close what that keeps open.
	if !q.armed && !q.closed && !q.used {
		q.alarm.Settle()
	}
}

// export sends what waits, until ctx ends.
func (q *Queue) export(ctx context.Context) {
	select {
	case q.turn <- struct{}{}:
		defer func() { <-q.turn }()
	case <-ctx.Done():
		return
	}
	for ctx.Err() == nil {
		batch, size := q.take()
		if len(batch) == 0 {
			break
		}
		q.sendOne(ctx, batch, size)
	}
	q.mu.Lock()
	dropped := q.dropped - q.told
	q.told = q.dropped
	q.mu.Unlock()
	if dropped > 0 {
		q.failed(nil, dropped)
	}
	if q.config.Told != nil {
		q.config.Told(q.Counts())
	}
}

// take takes a request's worth out of the queue. What it has in bytes counts until it is sent.
func (q *Queue) take() (batch []wire.Record, size int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.armed, q.full = false, false
	for n, r := range q.waiting {
		if n == q.config.Batch || size >= wire.MaxBody {
			break
		}
		size += r.Size()
		batch = q.waiting[: n+1 : n+1]
	}
	if q.waiting = q.waiting[len(batch):]; len(q.waiting) == 0 {
		q.waiting, q.block = nil, nil
	}
	q.crowded.Store(len(q.waiting) >= q.config.Items)
	if len(batch) > 0 {
		q.used = true
	}
	return batch, size
}

func (q *Queue) sendOne(ctx context.Context, batch []wire.Record, size int) {
	ctx, cancel := context.WithTimeout(ctx, q.config.Timeout)
	defer cancel()
	lost := 0
	defer func() {
		if fault := recover(); fault != nil {
			lost = len(batch)
			q.failed(fmt.Errorf("panic: %v", fault), lost) // not the program's end
		}
		clear(batch) // the queue that it is a part of may go on
		q.mu.Lock()
		defer q.mu.Unlock()
		q.size -= size
		q.lost, q.sent = q.lost+lost, q.sent+len(batch)-lost
	}()
	n, err := q.send(ctx, batch)
	if lost = min(max(n, 0), len(batch)); err != nil {
		q.failed(err, n)
	}
}

// Waits reports whether there is something to send, or to tell about.
func (q *Queue) Waits() bool {
	if !q.mu.TryLock() {
		return true // it changes: whoever asks may have no time to wait
	}
	defer q.mu.Unlock()
	return q.size > 0 || q.dropped > q.told
}

// ForceFlush sends what waits.
func (q *Queue) ForceFlush(ctx context.Context) error {
	q.export(ctx)
	return ctx.Err()
}

// Shutdown sends what waits and takes no more.
func (q *Queue) Shutdown(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.alarm.Stop()
	return q.ForceFlush(ctx)
}

// Each returns what sends by each of senders. What one of them loses is lost.
func Each(senders []func(context.Context, []wire.Record) (int, error)) func(context.Context, []wire.Record) (int, error) {
	if len(senders) == 1 {
		return senders[0]
	}
	return func(ctx context.Context, records []wire.Record) (lost int, err error) {
		for _, send := range senders {
			if n, fault := send(ctx, records); fault != nil {
				lost, err = lost+n, fault
			}
		}
		return lost, err
	}
}

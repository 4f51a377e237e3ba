// Package batch collects ended spans and hands them to an exporter in batches.
//
// It stands in for the SDK's batch processor, whose goroutine lives as long as the program: leak detectors see it, a synctest
// bubble would have to wait for it, and a program that deadlocks would no longer be told so. Here nothing runs while there is
// nothing to send: one timer, made at start and so outside of every bubble, begins an export and is set only while spans wait.
package batch

import (
	"context"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Exporter sends a batch of spans.
type Exporter interface {
	ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error
}

// Config has the OTEL_BSP_* settings.
type Config struct {
	Delay time.Duration // from the first span that waits to the export
	Queue int           // spans kept at most; more are dropped
	Batch int           // spans per export
	// Failed is told of an export that failed, and of spans that were dropped because the queue was full (err nil).
	Failed func(err error, spans int)
	// Idle is called when nothing is left to send for now.
	Idle func()
}

// settle is how long after Idle the timer fires once more, for nothing: a thread of Go's scheduler that waits for the network
// then sees that no connection is left to wait for, and a deadlock of the program's can be found.
const settle = 50 * time.Millisecond

// Processor is a span processor.
type Processor struct {
	config   Config
	exporter Exporter
	timer    *time.Timer

	mu      sync.Mutex
	queue   []sdktrace.ReadOnlySpan
	dropped int
	armed   bool // the timer is set, or an export goes on: somebody will look at the queue
	settled bool // the timer has fired since Idle
	closed  bool

	exporting sync.Mutex // one export at a time
	spare     []sdktrace.ReadOnlySpan
}

var _ sdktrace.SpanProcessor = (*Processor)(nil)

// New returns a processor that sends to exporter.
func New(exporter Exporter, config Config) *Processor {
	config.Batch = max(1, min(config.Batch, config.Queue))
	p := &Processor{config: config, exporter: exporter, settled: true}
	p.timer = time.AfterFunc(time.Hour, p.fire)
	p.timer.Stop()
	return p
}

// OnStart does nothing.
func (p *Processor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd queues a span.
func (p *Processor) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return
	case len(p.queue) >= p.config.Queue:
		p.dropped++
		return
	}
	p.queue = append(p.queue, s)
	p.settled = true
	switch n := len(p.queue); {
	case n == p.config.Batch:
		// Now, and by the timer all the same: the goroutine that it starts belongs to no bubble and inherits no context.
		p.armed = true
		p.timer.Reset(0)
	case !p.armed:
		p.armed = true
		p.timer.Reset(p.config.Delay)
	}
}

// fire exports the full batches that there are, or, when it is the delay that has passed and there is none, what there is.
func (p *Processor) fire() {
	// The exporter has its own timeout. One more timer would be one more thing that keeps Go from finding a deadlock.
	p.drain(context.Background(), func(waiting int) int {
		if full := waiting - waiting%p.config.Batch; full > 0 {
			return full
		}
		return waiting
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	switch n := len(p.queue); {
	case p.closed:
		p.armed = false
	case n >= p.config.Batch:
		p.timer.Reset(0)
	case n > 0:
		p.timer.Reset(p.config.Delay)
	default:
		p.armed = false
		if p.settled = !p.settled; !p.settled {
			p.config.Idle()
			p.timer.Reset(settle)
		}
	}
}

// drain exports, batch by batch, as many of the spans that wait as want says, or fewer if ctx ends.
func (p *Processor) drain(ctx context.Context, want func(waiting int) int) error {
	p.exporting.Lock()
	defer p.exporting.Unlock()
	p.mu.Lock()
	left := want(len(p.queue))
	dropped := p.dropped
	p.dropped = 0
	p.mu.Unlock()
	if dropped > 0 {
		p.config.Failed(nil, dropped)
	}
	var failed error
	for left > 0 && ctx.Err() == nil {
		p.mu.Lock()
		n := min(left, len(p.queue), p.config.Batch)
		batch := append(p.spare[:0], p.queue[:n]...)
		rest := copy(p.queue, p.queue[n:])
		clear(p.queue[rest:])
		p.queue = p.queue[:rest]
		p.mu.Unlock()
		left -= n
		err := p.exporter.ExportSpans(ctx, batch)
		clear(batch)
		p.spare = batch[:0]
		if err != nil {
			p.config.Failed(err, n)
			failed = err
		}
	}
	if failed == nil && left > 0 {
		failed = ctx.Err()
	}
	return failed
}

func all(waiting int) int { return waiting }

// ForceFlush exports what is queued now.
func (p *Processor) ForceFlush(ctx context.Context) error { return p.drain(ctx, all) }

// Shutdown exports what is queued and takes no more.
func (p *Processor) Shutdown(ctx context.Context) error {
	err := p.drain(ctx, all)
	p.mu.Lock()
	p.closed = true
	p.queue = nil
	p.mu.Unlock()
	p.timer.Stop()
	return err
}

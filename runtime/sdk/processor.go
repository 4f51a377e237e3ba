package sdk

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// processor runs the SDK's batch processor while there is something to send, and only then.
//
// The batch processor's goroutine lives until it is shut down, with a timer. A program that deadlocks would no longer be told
// so, leak detectors would see the goroutine, and one that is started in a synctest bubble would keep the bubble from ending.
// Here one timer, made at start and so outside of every bubble, starts a batch processor when a span ends, and shuts it down
// when no other has ended for the export delay.
type processor struct {
	exporter *exporter
	config   processorConfig
	timer    *time.Timer

	mu      sync.RWMutex // held for reading while a span is handed on: a span that goes to a processor that is shut down is lost
	batches sdktrace.SpanProcessor
	waiting []sdktrace.ReadOnlySpan // ended while there was no batch processor
	closed  bool

	ended atomic.Uint64 // spans handed to batch processors
	told  uint64        // of these, dropped ones that were reported
}

// processorConfig has the OTEL_BSP_* settings.
type processorConfig struct {
	delay, timeout time.Duration
	queue, batch   int
}

func (c processorConfig) options() []sdktrace.BatchSpanProcessorOption {
	// Given, although the SDK reads the variables itself: it panics on a negative number.
	return []sdktrace.BatchSpanProcessorOption{
		sdktrace.WithBatchTimeout(c.delay), sdktrace.WithExportTimeout(c.timeout),
		sdktrace.WithMaxQueueSize(c.queue), sdktrace.WithMaxExportBatchSize(min(c.batch, c.queue)),
	}
}

// settle is how long after the end of the export the timer fires once more, for nothing: a thread of Go's scheduler that waits
// for the network then sees that no connection is left to wait for, and a deadlock of the program's can be found.
const settle = 50 * time.Millisecond

var _ sdktrace.SpanProcessor = (*processor)(nil)

func newProcessor(e *exporter, config processorConfig) *processor {
	p := &processor{exporter: e, config: config}
	p.timer = time.AfterFunc(time.Hour, p.fire)
	p.timer.Stop()
	return p
}

// OnStart does nothing.
func (p *processor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd hands a span on, or keeps it until there is a batch processor.
func (p *processor) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	p.mu.RLock()
	handed := p.hand(s)
	p.mu.RUnlock()
	if handed {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.hand(s) {
		return
	}
	if len(p.waiting) == 0 {
		p.timer.Reset(0)
	}
	if p.ended.Add(1); len(p.waiting) < p.config.queue {
		p.waiting = append(p.waiting, s)
	}
}

func (p *processor) hand(s sdktrace.ReadOnlySpan) bool {
	if p.batches == nil {
		return false
	}
	p.ended.Add(1)
	p.batches.OnEnd(s)
	return true
}

// begin makes a batch processor if spans wait for one, and returns the one that there is, or nil.
func (p *processor) begin() (batches sdktrace.SpanProcessor, made bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.batches == nil && len(p.waiting) > 0 {
		p.batches, made = sdktrace.NewBatchSpanProcessor(p.exporter, p.config.options()...), true
		for _, s := range p.waiting {
			p.batches.OnEnd(s)
		}
		p.waiting = nil
		p.timer.Reset(p.config.delay)
	}
	return p.batches, made
}

// fire starts a batch processor, or ends it if nothing has ended since.
func (p *processor) fire() {
	// There is none the second time after a shutdown: nothing to do.
	if batches, made := p.begin(); batches != nil && !made {
		p.rest(batches)
	}
}

// rest shuts a batch processor down that has nothing to do.
func (p *processor) rest(batches sdktrace.SpanProcessor) {
	ended := p.ended.Load()
	err := batches.ForceFlush(context.Background()) // the exporter has its own timeout
	p.mu.Lock()
	if p.ended.Load() != ended || err != nil || p.closed {
		if !p.closed {
			p.timer.Reset(p.config.delay)
		}
		p.mu.Unlock()
		return
	}
	p.batches = nil
	p.mu.Unlock()
	_ = batches.Shutdown(context.Background())
	p.reportDropped(ended)
	p.exporter.idle()
	p.timer.Reset(settle)
}

// reportDropped compares what ended, all of which the batch processors have dealt with, and what was exported.
func (p *processor) reportDropped(ended uint64) {
	if dropped := ended - p.exporter.seen.Load(); dropped > p.told && dropped <= ended {
		p.exporter.failed(nil, int(dropped-p.told))
		p.told = dropped
	}
}

// ForceFlush exports what is there now.
func (p *processor) ForceFlush(ctx context.Context) error {
	if batches, _ := p.begin(); batches != nil {
		return batches.ForceFlush(ctx)
	}
	return nil
}

// Shutdown exports what is there and takes no more.
func (p *processor) Shutdown(ctx context.Context) error {
	p.timer.Stop()
	batches, _ := p.begin()
	p.mu.Lock()
	p.closed = true
	p.batches = nil
	p.mu.Unlock()
	if batches == nil {
		return nil
	}
	return batches.Shutdown(ctx)
}

// exporter is what the batch processors export to: one exporter for all of them, whose failures are told here and not to
// OpenTelemetry's error handler, which would log each of them.
type exporter struct {
	sdktrace.SpanExporter
	failed func(err error, spans int) // err is nil for spans that were dropped
	idle   func()                     // called when there is nothing to send for now
	seen   atomic.Uint64              // spans that came here
}

// ExportSpans exports.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	e.seen.Add(uint64(len(spans)))
	if err != nil {
		e.failed(err, len(spans))
	}
	return nil
}

// Shutdown does nothing: the next batch processor exports by it again.
func (*exporter) Shutdown(context.Context) error { return nil }

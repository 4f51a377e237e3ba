package sdk

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// TestLeave ends a program whose collector never answers: nothing is asked of it where nothing waits, and a panic does not wait
// for as long as other ends may.
func TestLeave(t *testing.T) {
	before, timeout := started, exitTimeout
	defer func() { started, exitTimeout = before, timeout }()
	exitTimeout = time.Hour
	sent := make(chan bool, 1)
	p := &processor{Queue: queue.New(queue.Config{Delay: time.Hour, Timeout: time.Hour, Items: 10, Batch: 10},
		func(ctx context.Context, _ []wire.Record) (int, error) {
			sent <- true
			<-ctx.Done()
			return 0, nil
		}, func(error, int) {}, func() {}), idle: func() {}}
	started = &state{processors: []*processor{p}}
	end := func(how func()) {
		leaving, left = atomic.Bool{}, make(chan struct{})
		how()
	}
	end(Leave)
	end(LeavePanicking)
	if len(sent) > 0 {
		t.Error("nothing waits, but something is sent")
	}
	p.Add(wire.NewRecord(nil, []byte("record")))
	end(LeavePanicking)
	if len(sent) != 1 {
		t.Error("what waits is not sent")
	}
	ready.Store(false)
	defer ready.Store(true)
	end(Leave) // before this package is initialised; for an hour, if that does not count
}

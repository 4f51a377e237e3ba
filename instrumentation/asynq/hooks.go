// Package asynq has the hooks for github.com/hibiken/asynq: a span for each task that is put into a queue, by a client or a scheduler, one
// for each try to handle one, and the metrics of messages. The context goes with the task's headers, which are those of a copy.
//
// To the semantic conventions a task's type is the destination, since it says who handles the task, and the queue the subscription that it
// comes by.
package asynq

import (
	"context"
	"errors"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("asynq", "1.43.0")
	messages = hook.NewMessaging(lib, "asynq")
)

func init() { gate.Open("asynq") }

// Enqueue is woven into (*Client).EnqueueContext. get finds a header of the task, and with puts more into a copy of it.
func Enqueue(ctx context.Context, task, queue string, get func(string) string, with func([]string)) (out context.Context, exit func(error)) {
	out = ctx
	if gate.Closed() || ctx == nil || task == "" || !lib.On() {
		return ctx, nil
	}
	defer lib.Recover()
	if hook.Carried(ctx, get) {
		return ctx, nil
	}
	in, sending := messages.Send(ctx, "enqueue", hook.Message{Destination: task, Subscription: queue})
	if sending == nil {
		return ctx, nil
	}
	var pairs []string
	sending.Inject(func(key, value string) { pairs = append(pairs, key, value) })
	if len(pairs) > 0 {
		with(pairs)
	}
	return in, sending.End
}

// errStopped is what a try ends with that neither returns nor panics.
var errStopped = errors.New("the handler has ended its goroutine")

// Perform is woven into (*processor).perform, which recovers panics of the handler and returns them as errors.
func Perform(ctx context.Context, task string, queue, id func(context.Context) (string, bool), get func(string) string) (out context.Context, exit func(error), end func()) {
	out = ctx
	if gate.Closed() || ctx == nil || !lib.On() {
		return ctx, nil, nil
	}
	defer lib.Recover()
	about := hook.Message{Destination: task}
	about.Subscription, _ = queue(ctx)
	about.ID, _ = id(ctx)
	in, processing := messages.Process(ctx, about, get)
	if processing == nil {
		return ctx, nil, nil
	}
	return in, processing.End, func() { processing.End(errStopped) } // of one that has not ended otherwise
}

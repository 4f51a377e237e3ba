// Package franz_go has the hooks for github.com/twmb/franz-go: a span for each record that is produced, until its promise is kept, one for
// what is done with records that were polled, one for each commit that the program asks for, and the metrics of messages.
//
// What a goroutine does after it has polled records is below a span for them all, which is linked to those that have sent them, until it
// polls again, ends, or closes the client; see hook.Messaging. Where it goes through them by RecordIter, RecordsAll or EachRecord, each has
// a span of its own instead. A record has the context in its headers until its promise is kept.
//
// Nothing is done for a client that has kotel's tracer among its hooks.
package franz_go

import (
	"context"
	"strconv"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("franz_go", "1.43.0")
	messages = hook.NewMessaging(lib, "kafka")
)

func init() { gate.Open("franz_go") }

// next is what the woven package calls with each record of a partition.
//
//go:linkname next github.com/twmb/franz-go/pkg/kgo.weaveNext
var next = NextOf

// Produce is woven into (*Client).produce. get finds a header of the record, and with gives it headers and has the end told.
func Produce(ctx, own context.Context, topic string, byHand bool, get func(string) string, with func([]string, func(int32, int64, error))) {
	if gate.Closed() || byHand || !lib.On() {
		return
	}
	defer lib.Recover()
	if own != nil {
		ctx = own
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if hook.Carried(ctx, get) {
		return
	}
	_, sending := messages.Send(ctx, "send", hook.Message{Destination: topic})
	if sending == nil {
		return
	}
	var pairs []string
	sending.Inject(func(key, value string) { pairs = append(pairs, key, value) })
	with(pairs, func(partition int32, offset int64, err error) {
		defer lib.Recover()
		if err == nil {
			sending.Set(attribute.String("messaging.destination.partition.id", strconv.Itoa(int(partition))), attribute.Int64("messaging.kafka.offset", offset))
		}
		sending.End(err)
	})
}

// Poll is woven into (*Client).PollRecords. of describes the records in its result.
func Poll(ctx context.Context, group string, byHand bool, of func(any) (int, string, func(int) (int32, int64, func(string) string))) (out context.Context, exit func(any)) {
	out = ctx
	if gate.Closed() || byHand || !lib.On() {
		return ctx, nil
	}
	defer lib.Recover()
	in, polling := messages.Fetch(ctx, "poll", hook.Message{Group: group})
	return in, func(polled any) {
		defer lib.Recover()
		defer polling.End(nil)
		n, topic, at := of(polled)
		if n == 0 {
			return
		}
		if n == 1 {
			partition, offset, get := at(0)
			messages.Take(in, message(topic, group, partition, offset), get)
			return
		}
		messages.TakeBatch(in, hook.Message{Destination: topic, Group: group}, n, func(i int) func(string) string {
			_, _, get := at(i)
			return get
		})
	}
}

func message(topic, group string, partition int32, offset int64) hook.Message {
	return hook.Message{Destination: topic, Group: group, Partition: strconv.Itoa(int(partition)), More: func() []attribute.KeyValue {
		return []attribute.KeyValue{attribute.Int64("messaging.kafka.offset", offset)}
	}}
}

// Next is woven into (*FetchesRecordIter).Next.
func Next(of func(any) (string, int32, int64, context.Context, func(string) string)) func(any) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return func(record any) { NextOf(of(record)) }
}

// NextOf is called with each record that the program goes on to. Where kotel has traced it, its context has a span.
func NextOf(topic string, partition int32, offset int64, ctx context.Context, get func(string) string) {
	if gate.Closed() || get == nil || !lib.On() {
		return
	}
	defer lib.Recover()
	if ctx != nil && hook.Explicit(ctx).SpanContext().IsValid() {
		return
	}
	messages.Next(message(topic, "", partition, offset), get)
}

// Done is woven into (*FetchesRecordIter).Done.
func Done() func(bool) {
	if gate.Closed() {
		return nil
	}
	return done
}

func done(all bool) {
	if all {
		Close()
	}
}

// Each is woven into (*FetchTopicPartition).EachRecord.
func Each() func() {
	if gate.Closed() {
		return nil
	}
	return Close
}

// Commit is woven into the methods of Client that commit offsets and return an error.
func Commit(ctx context.Context, group string, byHand bool, n int, topic string) (out context.Context, exit func(error)) {
	out = ctx
	if gate.Closed() || byHand || ctx == nil || !lib.On() {
		return ctx, nil
	}
	defer lib.Recover()
	about := hook.Message{Destination: topic, Group: group}
	if n > 1 {
		about.Count = n
	}
	in, committing := messages.Settle(ctx, "commit", about)
	if committing == nil {
		return ctx, nil
	}
	return in, committing.End
}

// Close is woven into (*Client).Close.
func Close() {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	messages.Leave()
}

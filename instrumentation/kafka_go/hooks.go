// Package kafka_go has the hooks for github.com/segmentio/kafka-go: a span for what a Writer sends, one for what is done with each message
// that a Reader gives to the program, one for each commit, and the metrics of messages.
//
// All messages of a call of WriteMessages carry the context of its span. What a goroutine does after ReadMessage or FetchMessage is below
// the message's span, until it asks for another message, ends, or closes the reader; see hook.Messaging. A message that is too large with
// the context in it is sent without.
//
// Conn, Client and Batch are what Writer and Reader are made of, and have no spans.
package kafka_go

import (
	"context"
	"net"
	"strconv"
	"strings"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("kafka_go", "1.43.0")
	messages = hook.NewMessaging(lib, "kafka")
)

func init() { gate.Open("kafka_go") }

// fetched is what the woven package calls with each message.
//
//go:linkname fetched github.com/segmentio/kafka-go.weaveFetched
var fetched = Fetched

// Write is woven into (*Writer).WriteMessages. get finds a header of the first message, and with puts headers into all of them.
func Write(ctx context.Context, n int, topic string, to net.Addr, get func(string) string, with func([]string), cause func(error) error) (out context.Context, exit func(error)) {
	out = ctx
	if gate.Closed() || n == 0 || ctx == nil || !lib.On() {
		return ctx, nil
	}
	defer lib.Recover()
	if hook.Carried(ctx, get) {
		return ctx, nil
	}
	about := hook.Message{Destination: topic, Address: address(to)}
	if n > 1 {
		about.Count = n
	}
	in, sending := messages.Send(ctx, "send", about)
	if sending == nil {
		return ctx, nil
	}
	var pairs []string
	sending.Inject(func(key, value string) { pairs = append(pairs, key, value) })
	if len(pairs) > 0 {
		with(pairs)
	}
	return in, func(err error) {
		defer lib.Recover()
		if err != nil {
			err = cause(err)
		}
		sending.End(err)
	}
}

// address returns the address of a broker, unless there are several.
func address(of net.Addr) (text string) {
	if of != nil {
		hook.Try(func() { text = of.String() })
	}
	if strings.Contains(text, ",") {
		return ""
	}
	return text
}

// Fetch is woven into (*Reader).FetchMessage.
func Fetch(ctx context.Context, topic, group string) (out context.Context, exit func(error)) {
	out = ctx
	if gate.Closed() {
		return ctx, nil
	}
	defer lib.Recover()
	in, fetching := messages.Fetch(ctx, "poll", hook.Message{Destination: topic, Group: group})
	if fetching == nil {
		return ctx, nil
	}
	return in, fetching.End
}

// Fetched is called where (*Reader).FetchMessage returns a message.
func Fetched(ctx context.Context, topic, group string, partition int, offset int64, get func(string) string) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	messages.Take(ctx, hook.Message{Destination: topic, Group: group, Partition: strconv.Itoa(partition), More: func() []attribute.KeyValue {
		return []attribute.KeyValue{attribute.Int64("messaging.kafka.offset", offset)}
	}}, get)
}

// Commit is woven into (*Reader).CommitMessages.
func Commit(ctx context.Context, topic, group string, n int) (out context.Context, exit func(error)) {
	out = ctx
	if gate.Closed() || n == 0 || ctx == nil || !lib.On() {
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

// Close is woven into (*Reader).Close.
func Close() {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	messages.Leave()
}

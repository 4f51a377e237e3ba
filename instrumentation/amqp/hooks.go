// Package amqp has the hooks for github.com/rabbitmq/amqp091-go, and for github.com/streadway/amqp, which that was made of: a span for each message that is published, one for what is done with each
// that is consumed or got, one for each that is acknowledged or refused, and the metrics of messages.
//
// Deliveries come by a Go channel. What a goroutine does after it has received one is below the message's span, until it asks for another
// one, or ends; see hook.Messaging. The context goes with the message's headers, which are a copy of the program's.
//
// Destinations are called as the semantic conventions have it: by exchange and routing key, without those that are empty.
package amqp

import (
	"context"
	"net"
	"reflect"
	"sync"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("amqp", "1.43.0")
	messages = hook.NewMessaging(lib, "rabbitmq")
)

func init() { gate.Open("amqp") }

// publishing has the headers of messages that are being published, by identity: the methods that publish call each other.
var publishing sync.Map

// destination is what a message's destination is called.
func destination(exchange, key string) string {
	switch {
	case exchange == "" && key == "":
		return "amq.default"
	case exchange == "":
		return key
	case key == "":
		return exchange
	}
	return exchange + ":" + key
}

func address(of net.Addr) (text string) {
	if of != nil {
		hook.Try(func() { text = of.String() })
	}
	return text
}

// Publish is woven into the methods of Channel that publish with a context. get finds a header of the message, and with gives it a copy of
// its headers with more, and tells their identity.
func Publish(ctx context.Context, exchange, key string, to net.Addr, get func(string) string, with func([]string) uintptr) (out context.Context, exit func(error)) {
	out = ctx
	if gate.Closed() || ctx == nil || !lib.On() {
		return ctx, nil
	}
	defer lib.Recover()
	if _, outer := publishing.Load(with(nil)); outer || hook.Carried(ctx, get) {
		return ctx, nil
	}
	in, sending := messages.Send(ctx, "publish", hook.Message{Destination: destination(exchange, key), Address: address(to), More: routed(key, 0)})
	if sending == nil {
		return ctx, nil
	}
	pairs := []string{}
	sending.Inject(func(key, value string) { pairs = append(pairs, key, value) })
	headers := with(pairs)
	publishing.Store(headers, true)
	return in, func(err error) {
		defer lib.Recover()
		publishing.Delete(headers)
		sending.End(err)
	}
}

// PublishWithout is woven into the one that publishes without a context.
func PublishWithout(exchange, key string, to net.Addr, get func(string) string, with func([]string) uintptr) func(error) {
	if gate.Closed() {
		return nil
	}
	_, exit := Publish(context.Background(), exchange, key, to, get, with)
	return exit
}

// routed returns the attributes of RabbitMQ.
func routed(key string, tag uint64) func() []attribute.KeyValue {
	return func() (attrs []attribute.KeyValue) {
		if key != "" {
			attrs = append(attrs, attribute.String("messaging.rabbitmq.destination.routing_key", key))
		}
		if tag > 0 {
			attrs = append(attrs, attribute.Int64("messaging.rabbitmq.message.delivery_tag", int64(tag)))
		}
		return attrs
	}
}

// message is what is known of a delivery, and what finds its headers.
func message(exchange, key, _, id string, tag uint64, get func(string) string) (hook.Message, func(string) string) {
	return hook.Message{Destination: destination(exchange, key), ID: id, More: routed(key, tag)}, get
}

// Consume is woven into the methods of Channel that give the program a Go channel of deliveries.
func Consume(delivery reflect.Type, of func(any) (exchange, key, consumer, id string, tag uint64, get func(string) string)) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	messages.Channel(delivery, func(at any) (hook.Message, func(string) string) { return message(of(at)) })
}

// Get is woven into (*Channel).Get.
func Get(queue string, from net.Addr, of func(any) (exchange, key, consumer, id string, tag uint64, get func(string) string)) func(any, bool, error) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	defer lib.Recover()
	ctx, getting := messages.Fetch(context.Background(), "get", hook.Message{Destination: queue, Address: address(from)})
	return func(delivery any, ok bool, err error) {
		defer lib.Recover()
		if ok {
			if about, get := message(of(delivery)); get != nil {
				messages.Take(ctx, about, get)
			}
		}
		getting.End(err)
	}
}

// Settle is woven into the methods of Channel that tell what became of messages.
func Settle(operation string, tag uint64, to net.Addr) func(error) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	defer lib.Recover()
	_, settling := messages.Settle(context.Background(), operation, hook.Message{Address: address(to), More: routed("", tag)})
	if settling == nil {
		return nil
	}
	return settling.End
}

//go:build weave_adapter

package amqp

import (
	"net"
	"reflect"
)

// weaveAddress returns the address of a channel's broker.
func weaveAddress(ch *Channel) net.Addr {
	if ch == nil || ch.connection == nil {
		return nil
	}
	if c, ok := ch.connection.conn.(net.Conn); ok {
		return c.RemoteAddr()
	}
	return nil
}

// weaveHeaders returns what finds the value of a header.
func weaveHeaders(headers Table) func(string) string {
	return func(key string) string {
		switch value := headers[key].(type) {
		case string:
			return value
		case []byte:
			return string(value)
		}
		return ""
	}
}

// weaveCopy returns what gives a message that is published headers of its own, with these keys and values in turn, beside those that it
// has, and tells their identity; without any it tells that of those that it has.
func weaveCopy(msg *Publishing) func([]string) uintptr {
	return func(pairs []string) uintptr {
		if pairs != nil {
			headers := make(Table, len(msg.Headers)+len(pairs)/2)
			for key, value := range msg.Headers {
				headers[key] = value
			}
			for n := 0; n+1 < len(pairs); n += 2 {
				headers[pairs[n]] = pairs[n+1]
			}
			msg.Headers = headers
		}
		if msg.Headers == nil {
			return 0
		}
		return reflect.ValueOf(msg.Headers).Pointer()
	}
}

// weaveDelivery is the type of what is consumed.
func weaveDelivery() reflect.Type { return reflect.TypeOf(Delivery{}) }

// weaveReceived describes a delivery, if it is one: a pointer to what was received from a channel, or a delivery itself.
func weaveReceived(received interface{}) (exchange, key, consumer, id string, tag uint64, get func(string) string) {
	d, _ := received.(*Delivery)
	if got, ok := received.(Delivery); ok {
		d = &got
	}
	if d == nil || d.Acknowledger == nil {
		return "", "", "", "", 0, nil
	}
	return d.Exchange, d.RoutingKey, d.ConsumerTag, d.MessageId, d.DeliveryTag, weaveHeaders(d.Headers)
}

//go:build weave_adapter

package sarama

import (
	"errors"
	"reflect"
)

// weaveDispatch is called with each message that a producer begins to send, and weaveEnd with how that has ended.
var (
	weaveDispatch func(topic, client string, slot *interface{}, get func(string) string, with func([]string) func())
	weaveEnd      func(slot *interface{}, partition int32, offset int64, known, returned bool, err error)
)

func weaveProduced() reflect.Type { return reflect.TypeOf((*ProducerMessage)(nil)) }

func weaveConsumed() reflect.Type { return reflect.TypeOf((*ConsumerMessage)(nil)) }

// weaveSlot returns where a message has what is known of its span.
func weaveSlot(message interface{}) *interface{} {
	if msg, ok := message.(*ProducerMessage); ok && msg != nil {
		return &msg.weaveState
	}
	return nil
}

// weaveBegin tells that a message begins to be sent.
func weaveBegin(p *asyncProducer, msg *ProducerMessage) {
	weaveDispatch(msg.Topic, p.conf.ClientID, &msg.weaveState, func(key string) string {
		for i := len(msg.Headers) - 1; i >= 0; i-- {
			if string(msg.Headers[i].Key) == key {
				return string(msg.Headers[i].Value)
			}
		}
		return ""
	}, func(pairs []string) func() { return weaveGive(p, msg, pairs) })
}

// weaveGive gives a message headers, keys and values in turn, and returns what takes them back. Brokers that know no headers get none, nor
// is a message given any that the producer would then find too large.
func weaveGive(p *asyncProducer, msg *ProducerMessage, pairs []string) func() {
	if !p.conf.Version.IsAtLeast(V0_11_0_0) {
		return nil
	}
	before := msg.Headers
	headers := make([]RecordHeader, 0, len(before)+len(pairs)/2)
	for _, h := range before {
		if !weaveHas(pairs, string(h.Key)) {
			headers = append(headers, h)
		}
	}
	for n := 0; n+1 < len(pairs); n += 2 {
		headers = append(headers, RecordHeader{Key: []byte(pairs[n]), Value: []byte(pairs[n+1])})
	}
	size := maximumRecordOverhead
	for _, h := range headers {
		size += len(h.Key) + len(h.Value) + 10
	}
	for _, e := range []Encoder{msg.Key, msg.Value} {
		if e != nil {
			size += e.Length()
		}
	}
	if size > p.conf.Producer.MaxMessageBytes {
		return nil
	}
	msg.Headers = headers
	return func() {
		if len(msg.Headers) == len(headers) && &msg.Headers[0] == &headers[0] {
			msg.Headers = before
			return
		}
		// An interceptor has changed them, for another try.
		kept := make([]RecordHeader, 0, len(msg.Headers))
		for _, h := range msg.Headers {
			if !weaveHas(pairs, string(h.Key)) {
				kept = append(kept, h)
			}
		}
		msg.Headers = kept
	}
}

func weaveHas(pairs []string, key string) bool {
	for n := 0; n < len(pairs); n += 2 {
		if pairs[n] == key {
			return true
		}
	}
	return false
}

// weaveSent tells how the sending of a message has ended.
func weaveSent(p *asyncProducer, msg *ProducerMessage, err error) {
	var code KError // what the broker says, of several errors
	if errors.As(err, &code) {
		weaveEnd(&msg.weaveState, msg.Partition, msg.Offset, false, false, code)
		return
	}
	weaveEnd(&msg.weaveState, msg.Partition, msg.Offset, p.conf.Producer.RequiredAcks != NoResponse, err == nil && p.conf.Producer.Return.Successes, err)
}

// weaveReceived describes what was received from a channel, a pointer to it, if it is a message.
func weaveReceived(received interface{}) (topic string, partition int32, offset int64, get func(string) string) {
	at, _ := received.(**ConsumerMessage)
	if at == nil || *at == nil {
		return "", 0, 0, nil
	}
	msg := *at
	return msg.Topic, msg.Partition, msg.Offset, func(key string) string {
		for i := len(msg.Headers) - 1; i >= 0; i-- {
			if h := msg.Headers[i]; h != nil && string(h.Key) == key {
				return string(h.Value)
			}
		}
		return ""
	}
}

// weaveDrain takes the messages that a claim has left when it ends, which nobody works on: package runtime tells of none of them.
func weaveDrain(messages <-chan *ConsumerMessage) {
	from := reflect.ValueOf(messages)
	for {
		if _, ok := from.Recv(); !ok {
			return
		}
	}
}

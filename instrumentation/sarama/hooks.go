// Package sarama has the hooks for github.com/IBM/sarama, and for github.com/Shopify/sarama, which it was called before: a span for each
// message that a producer sends, until the broker has answered, one for what is done with each that is consumed, one for each commit that a
// consumer group's session is asked for, and the metrics of messages.
//
// Producers are given messages by a Go channel, and another goroutine sends them: what is active where a goroutine sends one to the channel
// is above its span. A message has the context in its headers until it is given back.
//
// Messages come by a Go channel, too. What a goroutine does after it has received one is below the message's span, until it asks for another
// one, ends, or closes the consumer; see hook.Messaging.
//
// Where the program wraps consumers by otelsarama, that makes the spans of what it takes, and nothing is done for it.
package sarama

import (
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("sarama", "1.43.0")
	messages = hook.NewMessaging(lib, "kafka")
)

func init() { gate.Open("sarama") }

// What the woven packages call, where a message begins to be sent and where that has ended.
var (
	//go:linkname dispatch github.com/IBM/sarama.weaveDispatch
	dispatch = Dispatch
	//go:linkname end github.com/IBM/sarama.weaveEnd
	end = End
	//go:linkname oldDispatch github.com/Shopify/sarama.weaveDispatch
	oldDispatch = Dispatch
	//go:linkname oldEnd github.com/Shopify/sarama.weaveEnd
	oldEnd = End
)

// byHand reports whether the program takes messages by otelsarama.
var byHand atomic.Bool

// ByHand is woven into the functions of otelsarama that wrap consumers.
func ByHand() { byHand.Store(true) }

// Producer is woven into newAsyncProducer.
func Producer(message reflect.Type, slot func(any) *any) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	messages.Sends(message, slot)
}

// sent is a message that is being sent.
type sent struct {
	messages *hook.Messages
	undo     func() // takes its headers back
}

// Dispatch is called where a producer begins to send a message, in a goroutine of its own.
func Dispatch(topic, client string, slot *any, get func(string) string, with func([]string) func()) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	from, _ := (*slot).(*hook.Origin)
	*slot = nil
	if !lib.On() || from.Carried(get) {
		return
	}
	_, sending := messages.SendFrom(from, "send", hook.Message{Destination: topic, Client: client})
	if sending == nil {
		return
	}
	s := &sent{messages: sending}
	*slot = s
	var pairs []string
	sending.Inject(func(key, value string) { pairs = append(pairs, key, value) })
	if len(pairs) > 0 {
		hook.Try(func() { s.undo = with(pairs) })
	}
}

// End is called where a message goes back to the program, or to nobody. known tells whether the broker has said where it is, and returned
// whether a channel gives it back.
func End(slot *any, partition int32, offset int64, known, returned bool, err error) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	s, _ := (*slot).(*sent)
	*slot = nil
	if returned {
		*slot = hook.Returning{}
	}
	if s == nil {
		return
	}
	if s.undo != nil {
		s.undo()
	}
	if err == nil {
		s.messages.Set(attribute.String("messaging.destination.partition.id", strconv.Itoa(int(partition))))
		if known {
			s.messages.Set(attribute.Int64("messaging.kafka.offset", offset))
		}
	}
	s.messages.End(err)
}

// claim is a partition that consumers of a group read.
type claim struct {
	topic     string
	partition int32
}

// groups has the group by claim. Where two groups read a partition, it is not known which one a message is for.
var groups = struct {
	sync.Mutex
	of map[claim][]string
}{of: map[claim][]string{}}

func groupOf(topic string, partition int32) string {
	groups.Lock()
	defer groups.Unlock()
	if of := groups.of[claim{topic, partition}]; len(of) == 1 {
		return of[0]
	}
	return ""
}

// Claim is woven into (*consumerGroupSession).consume, which goes on as long as the group has the partition.
func Claim(group, topic string, partition int32) func() {
	if gate.Closed() {
		return nil
	}
	c := claim{topic, partition}
	groups.Lock()
	defer groups.Unlock()
	groups.of[c] = append(groups.of[c], group)
	return func() {
		groups.Lock()
		defer groups.Unlock()
		of := groups.of[c]
		for i, g := range of {
			if g == group {
				of = append(of[:i:i], of[i+1:]...)
				break
			}
		}
		if groups.of[c] = of; len(of) == 0 {
			delete(groups.of, c)
		}
	}
}

// Consume is woven into (*consumer).ConsumePartition, by which groups consume as well.
func Consume(message reflect.Type, of func(any) (topic string, partition int32, offset int64, get func(string) string)) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	messages.Channel(message, func(at any) (hook.Message, func(string) string) {
		topic, partition, offset, get := of(at)
		if get == nil || byHand.Load() {
			return hook.Message{}, nil
		}
		return hook.Message{Destination: topic, Group: groupOf(topic, partition), Partition: strconv.Itoa(int(partition)), More: func() []attribute.KeyValue {
			return []attribute.KeyValue{attribute.Int64("messaging.kafka.offset", offset)}
		}}, get
	})
}

// Commit is woven into (*consumerGroupSession).Commit, which does not say how that has ended.
func Commit(group string) func() {
	if gate.Closed() || !lib.On() {
		return nil
	}
	defer lib.Recover()
	_, committing := messages.Settle(nil, "commit", hook.Message{Group: group})
	if committing == nil {
		return nil
	}
	return func() { committing.End(nil) }
}

// Close is woven into the methods that close a partition's consumer.
func Close() {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	messages.Leave()
}

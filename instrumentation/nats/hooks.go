// Package nats has the hooks for github.com/nats-io/nats.go and its package jetstream: a span for each message that is published, which of a
// request lasts until the reply, one for what is done with each message, one for what the program tells JetStream of it, and the metrics of
// messages.
//
// Where a function of the program's is called for a message, what it does is below the message's span. Where the program asks for messages,
// or gets them by a Go channel, that is what the goroutine does until it asks for another one, or ends; see hook.Messaging.
//
// Replies have no spans: they are a part of the request. The context goes with the message's headers, in the bytes that the library sends;
// a server that knows no headers gets none, and a message is left as it is that would be too large.
package nats

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("nats", "1.43.0")
	messages = hook.NewMessaging(lib, "nats")
)

func init() { gate.Open("nats") }

// What the woven package calls around a function of the program's for a message.
var (
	//go:linkname process github.com/nats-io/nats%2ego.weaveProcess
	process = Process
	//go:linkname processed github.com/nats-io/nats%2ego.weaveProcessed
	processed = Processed
)

// published has the first byte of the headers of requests that are being made, or of the data of those that tell what became of a message:
// they publish what is a part of them.
var published sync.Map

func inner(text []byte) (yes bool) {
	if len(text) > 0 {
		_, yes = published.Load(&text[0])
	}
	return yes
}

// ours reports whether a message of this subject is one of the program's: no reply, and nothing between the library and the server.
func ours(subject, prefix string) bool {
	return subject != "" && subject[0] != '$' && !strings.HasPrefix(subject, "_INBOX.") && (prefix == "" || !strings.HasPrefix(subject, prefix+"."))
}

// settled is what the program tells JetStream of a message, by the subject and the data that it does so with; "" for anything else.
func settled(subject string, data []byte) string {
	if !strings.HasPrefix(subject, "$JS.ACK.") {
		return ""
	}
	word, _, _ := bytes.Cut(data, []byte(" "))
	switch string(word) {
	case "", "+ACK", "+NXT":
		return "ack"
	case "-NAK":
		return "nak"
	case "+TERM":
		return "term"
	}
	return ""
}

// consumer returns the consumer of JetStream that a message comes by, as its reply subject has it.
func consumer(reply string) string {
	if !strings.HasPrefix(reply, "$JS.ACK.") {
		return ""
	}
	parts := strings.Split(reply, ".")
	switch {
	case len(parts) == 9:
		return parts[3]
	case len(parts) >= 11: // with a domain and an account
		return parts[5]
	}
	return ""
}

// about is what is known of a message that was delivered; of is the subject that was subscribed to, if the program has named it.
func about(subject, reply, of, queue string) hook.Message {
	m := hook.Message{Destination: subject, Group: queue, Subscription: consumer(reply)}
	if strings.ContainsAny(of, "*>") {
		m.Template = of
	}
	return m
}

// Publish is woven into (*Conn).publish, by which everything is published.
func Publish(subject string, headers, data []byte, conn func() (address string, headers bool, limit int64, inbox string)) (out []byte, exit func(error)) {
	out = headers
	if gate.Closed() || !lib.On() {
		return headers, nil
	}
	defer lib.Recover()
	if inner(headers) || inner(data) {
		return headers, nil
	}
	address, allowed, limit, prefix := conn()
	if operation := settled(subject, data); operation != "" {
		settling := settle(context.Background(), operation, subject, address)
		if settling == nil {
			return headers, nil
		}
		return headers, settling.End
	}
	out, sending := send(context.Background(), subject, headers, len(data), address, allowed, limit, prefix)
	if sending == nil {
		return headers, nil
	}
	return out, sending.End
}

// send begins to send a message, and returns its headers with the context in them, where that is possible.
func send(ctx context.Context, subject string, headers []byte, size int, address string, allowed bool, limit int64, prefix string) ([]byte, *hook.Messages) {
	if !ours(subject, prefix) || hook.Carried(ctx, func(key string) string { return value(headers, key) }) {
		return headers, nil
	}
	_, sending := messages.Send(ctx, "publish", hook.Message{Destination: subject, Address: address})
	if sending == nil || !allowed {
		return headers, sending
	}
	var pairs []string
	sending.Inject(func(key, value string) { pairs = append(pairs, key, value) })
	if with := add(headers, pairs); len(pairs) > 0 && (limit <= 0 || int64(len(with)+size) <= limit) {
		return with, sending
	}
	return headers, sending
}

// version is the first line of headers.
const version = "NATS/1.0\r\n"

// value returns the value of a header.
func value(headers []byte, key string) string {
	for _, line := range bytes.Split(headers, []byte("\r\n")) {
		if name, v, ok := bytes.Cut(line, []byte(":")); ok && strings.EqualFold(string(name), key) {
			return string(bytes.TrimSpace(v))
		}
	}
	return ""
}

// add returns headers with these keys and values in turn.
func add(headers []byte, pairs []string) []byte {
	size := len(headers) + len(version) + 2
	for _, p := range pairs {
		size += len(p) + 2
	}
	all := make([]byte, 0, size)
	all = append(all, version...)
	if rest, ok := bytes.CutPrefix(headers, []byte(version)); ok {
		for _, line := range bytes.SplitAfter(rest, []byte("\r\n")) {
			name, _, _ := bytes.Cut(line, []byte(":"))
			if len(bytes.TrimSpace(line)) > 0 && !has(pairs, string(name)) {
				all = append(all, line...)
			}
		}
	}
	for n := 0; n+1 < len(pairs); n += 2 {
		if !strings.ContainsAny(pairs[n+1], "\r\n") {
			all = append(append(append(append(all, pairs[n]...), ": "...), pairs[n+1]...), "\r\n"...)
		}
	}
	return append(all, "\r\n"...)
}

func has(pairs []string, name string) bool {
	for n := 0; n < len(pairs); n += 2 {
		if strings.EqualFold(pairs[n], name) {
			return true
		}
	}
	return false
}

// Request is woven into (*Conn).request.
func Request(subject string, headers, data []byte, conn func() (address string, headers bool, limit int64, inbox string)) (outHeaders, outData []byte, exit func(any, error), end func()) {
	_, outHeaders, outData, exit, end = RequestContext(context.Background(), subject, headers, data, conn)
	return outHeaders, outData, exit, end
}

// errStopped is what a request ends with that neither returns nor panics.
var errStopped = errors.New("the request has not returned")

// RequestContext is woven into (*Conn).requestWithContext. What the goroutine does with a message goes on when it has its reply, for which
// the library waits at a channel of messages.
func RequestContext(ctx context.Context, subject string, headers, data []byte, conn func() (address string, headers bool, limit int64, inbox string)) (in context.Context, outHeaders, outData []byte, exit func(any, error), end func()) {
	in, outHeaders, outData = ctx, headers, data
	if gate.Closed() || ctx == nil || !lib.On() {
		return ctx, headers, data, nil, nil
	}
	defer lib.Recover()
	address, allowed, limit, prefix := conn()
	var about *hook.Messages
	var own *byte
	switch operation := settled(subject, data); {
	case operation != "" && len(data) > 0:
		if about = settle(ctx, operation, subject, address); about != nil {
			outData = bytes.Clone(data)
			own = &outData[0]
		}
	case allowed: // else what is published has the span
		outHeaders, about = send(ctx, subject, headers, len(data), address, allowed, limit, prefix)
		if about != nil && len(outHeaders) > 0 {
			own = &outHeaders[0]
		}
	}
	if own != nil {
		published.Store(own, true)
	}
	if about != nil {
		exit = func(_ any, err error) { about.End(err) }
	}
	hidden := active.Hide()
	return ctx, outHeaders, outData, exit, func() {
		hidden.Show()
		if own != nil {
			published.Delete(own)
		}
		about.End(errStopped) // of one that has not ended otherwise
	}
}

// settle begins to tell JetStream what became of a message.
func settle(ctx context.Context, operation, subject, address string) *hook.Messages {
	_, settling := messages.Settle(ctx, operation, hook.Message{Subscription: consumer(subject), Address: address})
	return settling
}

// Process is called before a function of the program's is called for a message; slot has what it begins.
func Process(slot *any, subject, reply, of, queue string, get func(string) string) {
	if gate.Closed() || !ours(subject, "") || !lib.On() {
		return
	}
	defer lib.Recover()
	_, processing := messages.Process(context.Background(), about(subject, reply, of, queue), get)
	if processing != nil {
		*slot = processing
	}
}

// Processed is called after it.
func Processed(slot *any) {
	processing, _ := (*slot).(*hook.Messages)
	*slot = nil
	processing.End(nil)
}

// Deliver is woven into (*Conn).waitForMsgs, which calls the program's functions: one of them may panic, or end the goroutine.
func Deliver(slot *any) func() {
	if gate.Closed() {
		return nil
	}
	mark := hook.PanicMark()
	return func() {
		processing, _ := (*slot).(*hook.Messages)
		*slot = nil
		processing.EndPanicking(errGone, mark)
	}
}

// errGone is what is done with a message ends with that neither returns nor panics.
var errGone = errors.New("the function has ended its goroutine")

// Next is woven into the methods of Subscription by which the program asks for one message. asked is false where the library waits for a
// reply.
func Next(asked bool, of func(any) (subject, reply, of, queue string, get func(string) string)) func(any, error) {
	if gate.Closed() || !asked || !lib.On() {
		return nil
	}
	defer lib.Recover()
	ctx, fetching := messages.Fetch(context.Background(), "receive", hook.Message{})
	return func(message any, err error) {
		defer lib.Recover()
		if err == nil {
			take(ctx, message, of)
		}
		fetching.End(err)
	}
}

func take(ctx context.Context, message any, of func(any) (subject, reply, of, queue string, get func(string) string)) {
	if subject, reply, filter, queue, get := of(message); get != nil && ours(subject, "") {
		messages.Take(ctx, about(subject, reply, filter, queue), get)
	}
}

// Fetch is woven into (*Subscription).Fetch.
func Fetch(batch func(any) (int, func(int) any), of func(any) (subject, reply, of, queue string, get func(string) string)) func(any, error) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	defer lib.Recover()
	ctx, fetching := messages.Fetch(context.Background(), "fetch", hook.Message{})
	return func(fetched any, err error) {
		defer lib.Recover()
		defer fetching.End(err)
		n, at := batch(fetched)
		if n == 1 {
			take(ctx, at(0), of)
			return
		}
		all := hook.Message{}
		gets := make([]func(string) string, 0, n)
		for i := 0; i < n; i++ {
			subject, reply, filter, queue, get := of(at(i))
			if get == nil || !ours(subject, "") {
				continue
			}
			if m := about(subject, reply, filter, queue); len(gets) == 0 {
				all = m
			} else if m.Destination != all.Destination {
				all.Destination = ""
			}
			gets = append(gets, get)
		}
		messages.TakeBatch(ctx, all, len(gets), func(i int) func(string) string { return gets[i] })
	}
}

// Channel is woven where the program may get messages by a Go channel of this type.
func Channel(message reflect.Type, of func(any) (subject, reply, of, queue string, get func(string) string)) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	messages.Channel(message, func(at any) (hook.Message, func(string) string) {
		subject, reply, filter, queue, get := of(at)
		if get == nil || !ours(subject, "") {
			return hook.Message{}, nil
		}
		return about(subject, reply, filter, queue), get
	})
}

// Close is woven into the methods that end a subscription; asked is false where the library waits for a reply by it.
func Close(asked bool) {
	if gate.Closed() || !asked {
		return
	}
	defer lib.Recover()
	messages.Leave()
}

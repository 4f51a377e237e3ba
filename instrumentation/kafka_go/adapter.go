//go:build weave_adapter

package kafka

import (
	"context"
	"errors"
)

// weaveFetched is called with each message that a reader gives to the program.
var weaveFetched func(ctx context.Context, topic, group string, partition int, offset int64, get func(string) string)

// weaveTopic returns the topic that messages are sent to, if it is one.
func weaveTopic(w *Writer, msgs []Message) string {
	if w.Topic != "" || len(msgs) == 0 {
		return w.Topic
	}
	return weaveCommitted(msgs)
}

// weaveCommitted returns the topic that messages are of, if it is one.
func weaveCommitted(msgs []Message) string {
	for i := range msgs {
		if msgs[i].Topic != msgs[0].Topic {
			return ""
		}
	}
	if len(msgs) == 0 {
		return ""
	}
	return msgs[0].Topic
}

// weaveSource returns the topic that a reader reads, if it is one.
func weaveSource(r *Reader) string {
	if len(r.config.GroupTopics) == 1 {
		return r.config.GroupTopics[0]
	}
	return r.config.Topic
}

// weaveRead returns what finds the value of a header, the newest of several.
func weaveRead(headers []Header) func(string) string {
	return func(key string) string {
		for i := len(headers) - 1; i >= 0; i-- {
			if headers[i].Key == key {
				return string(headers[i].Value)
			}
		}
		return ""
	}
}

// weaveWritten is weaveRead for the first of the messages that are sent.
func weaveWritten(msgs []Message) func(string) string {
	if len(msgs) == 0 {
		return weaveRead(nil)
	}
	return weaveRead(msgs[0].Headers)
}

// weaveWith returns what puts headers, keys and values in turn, into copies of the messages, which go on to the writer. A message that
// the writer would then find too large is left as it is.
func weaveWith(w *Writer, msgs *[]Message) func([]string) {
	return func(pairs []string) {
		limit := w.batchBytes()
		all := append([]Message(nil), *msgs...)
		for i := range all {
			m := &all[i]
			headers := make([]Header, 0, len(m.Headers)+len(pairs)/2)
			size := int64(len(m.Key) + len(m.Value) + 64)
			for _, h := range m.Headers {
				if !weaveHas(pairs, h.Key) {
					headers = append(headers, h)
				}
			}
			for n := 0; n+1 < len(pairs); n += 2 {
				headers = append(headers, Header{Key: pairs[n], Value: []byte(pairs[n+1])})
			}
			for _, h := range headers {
				size += int64(len(h.Key) + len(h.Value) + 16)
			}
			if size <= limit {
				m.Headers = headers
			}
		}
		*msgs = all
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

// weaveCause returns the first error of those of several messages.
func weaveCause(err error) error {
	var all WriteErrors
	if errors.As(err, &all) {
		for _, one := range all {
			if one != nil {
				return one
			}
		}
	}
	return err
}

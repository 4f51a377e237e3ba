//go:build weave_adapter

package kgo

import (
	"context"
	"reflect"
	"strings"
)

// weaveNext is called with each record that a function of the program's is called for.
var weaveNext func(topic string, partition int32, offset int64, ctx context.Context, get func(string) string)

// weaveByHand reports whether the program has instrumented the client.
func weaveByHand(cl *Client) bool {
	for _, h := range cl.cfg.hooks {
		t := reflect.TypeOf(h)
		if t != nil && t.Kind() == reflect.Ptr {
			t = t.Elem()
		}
		if t != nil && t.Name() == "Tracer" && strings.HasSuffix(t.PkgPath(), "/kotel") {
			return true
		}
	}
	return false
}

// weaveTopic returns the topic that a record is sent to.
func weaveTopic(cl *Client, r *Record) string {
	if r.Topic == "" {
		return cl.cfg.defaultProduceTopic
	}
	return r.Topic
}

// weaveRead returns what finds the value of a record's header, the newest of several.
func weaveRead(r *Record) func(string) string {
	return func(key string) string {
		for i := len(r.Headers) - 1; i >= 0; i-- {
			if r.Headers[i].Key == key {
				return string(r.Headers[i].Value)
			}
		}
		return ""
	}
}

// weaveWrite returns what gives a record headers, keys and values in turn, until its promise is kept, which end is told of before.
func weaveWrite(r *Record, promise *func(*Record, error)) func([]string, func(int32, int64, error)) {
	return func(pairs []string, end func(int32, int64, error)) {
		before, call := r.Headers, *promise
		headers := make([]RecordHeader, 0, len(before)+len(pairs)/2)
		for _, h := range before {
			if !weaveHas(pairs, h.Key) {
				headers = append(headers, h)
			}
		}
		for n := 0; n+1 < len(pairs); n += 2 {
			headers = append(headers, RecordHeader{Key: pairs[n], Value: []byte(pairs[n+1])})
		}
		r.Headers = headers
		*promise = func(r *Record, err error) {
			r.Headers = before
			end(r.Partition, r.Offset, err)
			if call != nil {
				call(r, err)
			}
		}
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

// weavePolled returns how many records were polled, their topic if it is one, and what describes each of them.
func weavePolled(polled interface{}) (n int, topic string, at func(int) (int32, int64, func(string) string)) {
	fetches, _ := polled.(Fetches)
	if n = fetches.NumRecords(); n == 0 {
		return 0, "", nil
	}
	records := fetches.Records()
	return n, weaveCommitted(records), func(i int) (int32, int64, func(string) string) {
		r := records[i]
		return r.Partition, r.Offset, weaveRead(r)
	}
}

// weaveCommitted returns the topic that records are of, if it is one.
func weaveCommitted(records []*Record) string {
	if len(records) == 0 {
		return ""
	}
	for _, r := range records {
		if r.Topic != records[0].Topic {
			return ""
		}
	}
	return records[0].Topic
}

// weaveRecord describes a record.
func weaveRecord(record interface{}) (topic string, partition int32, offset int64, ctx context.Context, get func(string) string) {
	r, _ := record.(*Record)
	if r == nil {
		return "", 0, 0, nil, nil
	}
	return r.Topic, r.Partition, r.Offset, r.Context, weaveRead(r)
}

//go:build weave_adapter

package nats

import (
	"reflect"
	"strings"
)

// weaveProcess is called before a function of the program's is called for a message, and weaveProcessed after it.
var (
	weaveProcess   func(slot *interface{}, subject, reply, of, queue string, get func(string) string)
	weaveProcessed func(slot *interface{})
)

// weaveConn returns what publishing has to know of a connection.
func weaveConn(nc *Conn) (address string, headers bool, limit int64, inbox string) {
	if nc == nil {
		return "", false, 0, ""
	}
	return nc.ConnectedAddr(), nc.HeadersSupported(), nc.MaxPayload(), nc.Opts.InboxPrefix
}

// weaveInbox reports whether a subject is one for replies.
func weaveInbox(nc *Conn, subject string) bool {
	if strings.HasPrefix(subject, InboxPrefix) {
		return true
	}
	return nc != nil && nc.Opts.InboxPrefix != "" && strings.HasPrefix(subject, nc.Opts.InboxPrefix+".")
}

// weaveWanted reports whether a message that a subscription gets is one for the program: no reply, and nothing that the server says of itself.
func weaveWanted(m *Msg) bool {
	return m != nil && m.Sub != nil && !weaveInbox(m.Sub.conn, m.Subject) && !(len(m.Data) == 0 && len(m.Header["Status"]) > 0)
}

// weaveAsked reports whether messages of a subscription are what the program asks for, and not a reply that the library waits for.
func weaveAsked(s *Subscription) bool {
	return s != nil && (s.jsi != nil || !weaveInbox(s.conn, s.Subject))
}

// weaveMessage describes a message, which has no get if it is none for the program.
func weaveMessage(message interface{}) (subject, reply, of, queue string, get func(string) string) {
	m, _ := message.(*Msg)
	if !weaveWanted(m) {
		return "", "", "", "", nil
	}
	if m.Sub.jsi == nil && !weaveInbox(m.Sub.conn, m.Sub.Subject) {
		of = m.Sub.Subject
	}
	return m.Subject, m.Reply, of, m.Sub.Queue, weaveHeader(m.Header)
}

// weaveBatch returns how many messages were fetched, and what describes each of them.
func weaveBatch(fetched interface{}) (n int, at func(int) interface{}) {
	all, _ := fetched.([]*Msg)
	return len(all), func(i int) interface{} { return all[i] }
}

// weaveReceived is weaveMessage for a pointer to what was received from a channel, if that is one of the program's.
func weaveReceived(received interface{}) (subject, reply, of, queue string, get func(string) string) {
	at, _ := received.(**Msg)
	if at == nil || !weaveWanted(*at) || (*at).Sub.typ != ChanSubscription || !weaveAsked((*at).Sub) {
		return "", "", "", "", nil
	}
	return weaveMessage(*at)
}

func weaveChannel() reflect.Type { return reflect.TypeOf((*Msg)(nil)) }

// weaveHeader returns what finds the value of a header, as this library writes its name or as package http does.
func weaveHeader(h Header) func(string) string {
	return func(key string) string {
		if values := h[key]; len(values) > 0 {
			return values[len(values)-1]
		}
		for name, values := range h {
			if len(values) > 0 && strings.EqualFold(name, key) {
				return values[len(values)-1]
			}
		}
		return ""
	}
}

// weaveDeliver calls what is to be told of a message that a function of the program's is about to be called for.
func weaveDeliver(s *Subscription, m *Msg) {
	if subject, reply, of, queue, get := weaveMessage(m); get != nil {
		weaveProcess(&s.weaveProcessing, subject, reply, of, queue, get)
	}
}

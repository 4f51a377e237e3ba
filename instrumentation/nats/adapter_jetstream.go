//go:build weave_adapter

package jetstream

import (
	"reflect"
	"strings"
)

func weaveChannel() reflect.Type { return reflect.TypeOf((*Msg)(nil)).Elem() }

// weaveMessage describes a message, or a pointer to one that was received from a channel.
func weaveMessage(message interface{}) (subject, reply, of, queue string, get func(string) string) {
	if at, ok := message.(*Msg); ok && at != nil {
		message = *at
	}
	m, ok := message.(*jetStreamMsg)
	if !ok || m == nil || m.msg == nil {
		return "", "", "", "", nil
	}
	header := m.msg.Header
	return m.msg.Subject, m.msg.Reply, "", "", func(key string) string {
		if values := header[key]; len(values) > 0 {
			return values[len(values)-1]
		}
		for name, values := range header {
			if len(values) > 0 && strings.EqualFold(name, key) {
				return values[len(values)-1]
			}
		}
		return ""
	}
}

package redis

import (
	"errors"
	"fmt"
	"testing"
)

type fault string

func (f fault) Error() string { return string(f) }
func (fault) RedisError()     {}

// TestCode checks that the code of an error is its first word, where that can be one.
func TestCode(t *testing.T) {
	for want, err := range map[string]error{
		"WRONGTYPE": fault("WRONGTYPE Operation against a key"), "NOAUTH": fmt.Errorf("a: %w", fault("NOAUTH Authentication required.")),
		"": errors.New("ERR of something else"),
	} {
		if got := code(err); got != want {
			t.Errorf("%v has the code %q", err, got)
		}
	}
	for _, err := range []error{nil, fault(""), fault("redis: nil"), fault("secret ERR")} {
		if got := code(err); got != "" {
			t.Errorf("%v has the code %q", err, got)
		}
	}
}

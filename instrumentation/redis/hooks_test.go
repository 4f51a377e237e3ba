package redis

import (
	"errors"
	"fmt"
	"testing"
)

type fault string

func (f fault) Error() string { return string(f) }
func (fault) RedisError()     {}

// TestNames checks that names of commands are such, and that there is a bound on them.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{"get": "GET", "cluster info": "CLUSTER INFO", "json.set": "JSON.SET", "": "", "auth 'secret'": "", "a\xff": ""} {
		if got := operation(name); got != want {
			t.Errorf("%q is called %q, and not %q", name, got, want)
		}
	}
	for i := range 10 * maxNames {
		operation(fmt.Sprint("made-up", i))
	}
	if n := len(*names.Load()); n > maxNames {
		t.Errorf("%d names are kept", n)
	}
	if operation("get") != "GET" {
		t.Error("what was known is forgotten")
	}
	if n := testing.AllocsPerRun(100, func() { operation("get") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

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

package rediscmd

import (
	"fmt"
	"testing"
)

// TestNames checks that names of commands are such, and that there is a bound on them.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{"get": "GET", "cluster info": "CLUSTER INFO", "json.set": "JSON.SET", "GET": "GET", "": "", "auth 'secret'": "", "a\xff": ""} {
		if got := Operation(name); got != want {
			t.Errorf("%q is called %q, and not %q", name, got, want)
		}
	}
	for i := range 10 * maxNames {
		Operation(fmt.Sprint("made-up", i))
	}
	if n := len(*names.Load()); n > maxNames {
		t.Errorf("%d names are kept", n)
	}
	if Operation("get") != "GET" {
		t.Error("what was known is forgotten")
	}
	if n := testing.AllocsPerRun(100, func() { Operation("get") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

package lib_test

import (
	"strings"
	"testing"

	"example.com/zoo/kinds/lib"
	"example.com/zoo/kinds/user"
)

func TestUser(t *testing.T) {
	lib.Changed()
	if got := user.SayTwice(); strings.Count(got, "changed 42 ") != 2 {
		t.Fatalf("got %q: its package is another one than the tested", got)
	}
}

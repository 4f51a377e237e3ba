package lib

import (
	_ "embed"
	"fmt"
	"testing"
)

//go:embed golden.txt
var golden string

func TestSum(t *testing.T) {
	if got := fmt.Sprintf("%s %d", greeting, SaySum()); got != golden {
		t.Fatalf("got %q, not %q", got, golden)
	}
}

// Changed is what the test outside of the package sees of it.
func Changed() { greeting = "changed" }

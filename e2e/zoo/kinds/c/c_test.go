package c

import "testing"

// int three(void) { return 3; }
import "C"

func TestTwice(t *testing.T) {
	if n := SayTwice(int(C.three())); n != 6 {
		t.Error(n)
	}
	if n := sayTwice(C.three()); n != 6 {
		t.Error(n)
	}
}

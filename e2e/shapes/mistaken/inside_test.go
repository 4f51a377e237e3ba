package sound

import "testing"

func TestSay(t *testing.T) {
	if Say() != "one" {
		t.Fail()
	}
}

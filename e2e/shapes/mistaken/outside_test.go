package sound_test

import (
	"testing"

	"example.com/shapes/mistaken/sound"
)

func TestSay(t *testing.T) {
	if sound.Say() != "one" {
		t.Fail()
	}
}

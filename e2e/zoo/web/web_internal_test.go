package web

import (
	"strings"
	"testing"
)

func TestFrames(t *testing.T) {
	if got := frames(); !strings.Contains(got, "web.TestFrames") {
		t.Fatalf("no frame of the caller in %s", got)
	}
}

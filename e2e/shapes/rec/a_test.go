package a_test

import (
	"testing"

	"example.com/shapes/rec/a"
	"example.com/shapes/rec/d"
)

func TestD(t *testing.T) {
	if got := d.D(); got != 11 {
		t.Errorf("D() = %d", got)
	}
	if a.Version != "2" {
		t.Errorf("version %s", a.Version)
	}
}

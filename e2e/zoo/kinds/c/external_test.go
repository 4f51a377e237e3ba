package c_test

import (
	"strings"
	"testing"

	"example.com/zoo/kinds/c"
)

func TestWhere(t *testing.T) {
	if where := c.SayWhere(); !strings.HasPrefix(where, "kinds/c/where.go:23 kinds/c/where.go:9 2 plain.go:9") {
		t.Error(where)
	}
}

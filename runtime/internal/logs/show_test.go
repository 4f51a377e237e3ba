package logs

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

type panics struct{ n int }

func (p panics) String() string { panic(p.n) }

type pointer struct{ n int }

func (p *pointer) Error() string { return fmt.Sprint(p.n) }

type endless struct{}

func (endless) String() string { return strings.Repeat("x", 1<<20) }

// TestShow compares with what fmt makes of values.
func TestShow(t *testing.T) {
	type inner struct {
		A int
		b string
	}
	var none *pointer
	for _, v := range []any{
		true, -1, uint8(2), 1.5, float32(0.1), "text", []int{1, 2}, [2]bool{true}, []string{}, map[string]int{"a": 1}, inner{1, "x"},
		&inner{1, "x"}, &[]int{1}, struct{ E error }{errors.New("e")}, []any{nil, 1, errors.New("in it")}, none, (*int)(nil), &pointer{7}, complex(1, 2),
		struct{ V any }{inner{2, "y"}},
	} {
		if got, want := show(v), fmt.Sprintf("%+v", v); got != want {
			t.Errorf("%s, and by fmt %s", got, want)
		}
	}
}

// TestShowHostile shows values that panic, that contain themselves, and that have no end.
func TestShowHostile(t *testing.T) {
	list := []any{1, nil}
	list[1] = list
	tree := map[string]any{}
	tree["x"] = tree
	type node struct{ Next *node }
	ring := &node{}
	ring.Next = ring
	wide := make([]any, 100)
	for i := range wide {
		wide[i] = wide
	}
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"panic":           {panics{1}, "(panic in a method of logs.panics)"},
		"panic within":    {[]any{panics{1}, 2}, "[(panic in a method of logs.panics) 2]"},
		"list in itself":  {list, "..."},
		"map in itself":   {tree, "..."},
		"ring":            {ring, "&{Next:(*logs.node)}"},
		"wide":            {wide, "..."},
		"endless":         {endless{}, "xxx"},
		"endless, many":   {[]any{endless{}, endless{}, endless{}}, "xxx"},
		"large":           {make([]int, 1<<20), "0 0"},
		"function":        {func() {}, "(func())"},
		"channel":         {struct{ C chan int }{make(chan int)}, "{C:(chan int)}"},
		"nil in a struct": {struct{ P *panics }{}, "{P:<nil>}"},
	} {
		if got := show(c.value); !strings.Contains(got, c.want) || len(got) > 3*maxShown {
			t.Errorf("%s: %d bytes: %.200s", name, len(got), got)
		}
	}
}

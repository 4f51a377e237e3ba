package p

import (
	"fmt"
	"slices"
)

type T struct{ n int }

//orchestrion:enabled
var enabled bool

//orchestrion:version
var version string

var (
	//dd:orchestrion-enabled
	older = false
	other bool
)

func own() string { return "own" }

func wrapped(s string) string { return s }

func changed(t T) T { return t }

func calls(list []int) (string, int) {
	s := fmt.Sprint(1) + (fmt.Sprint)(2) + own()
	return s, slices.Max(list) + slices.Max[[]int](list) + T{n: 3}.n
}

package p

import "strings"

type Option interface{}

func none() {}

func options(name string, opts ...Option) int { return len(opts) }

func strs(s ...string) string { return strings.Join(s, "") }

func f(opts []Option, s []string) {
	options("a")
	options("a", 1)
	options(
		"a",
		2, // comment
	)
	options("a", opts...)
	defer options("deferred")
	go options("go", opts...)
	_ = strs()
	_ = strs(/* nothing */)
	_ = strs(s...)
	_ = strs(append(s, "x")...)
	_ = strs("b", strs("c"))
	none()
}

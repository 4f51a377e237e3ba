package p

import (
	"errors"
	"fmt"
	str "strings"
	. "strconv"
)

type T struct{ fmt.Stringer }

func (t T) Sprint(a ...any) string { return "method" }

func local(a int, b ...string) string { return str.Join(b, "") }

func generic[K comparable](k K, rest ...K) K { return k }

func f(fmt2 T) (string, error) {
	a := fmt.Sprint("a")
	b := (fmt.Sprint)("b", 1)
	c := fmt2.Sprint("a method of another type")
	if x := fmt.Sprint(T{}); x != "" {
		a += x
	}
	d := fmt.Sprint(
		"several", // lines
		"here",
	)
	fmt.Sprint("statement")
	e := Itoa(3) + str.ToUpper(str.ToLower("x"))
	g := func() string { return fmt.Sprint(fmt.Sprint("nested")) }()
	return a + b + c + d + e + g, errors.New("x")
}

func shadowed() string {
	fmt := T{}
	_ = generic(1) + generic[int](2, 3)
	return fmt.Sprint("shadowed")
}

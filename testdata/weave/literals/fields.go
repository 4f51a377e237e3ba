package p

import (
	"net/http"
	h "net/http"
)

type Client = http.Client

type S struct {
	A int
	B string
	next *S
}

func f() (a []*S, err error) {
	c := http.Client{}
	_ = Client{} // an alias
	d := &h.Client{Timeout: 3}
	e := new(http.Client)
	var n = new(
		S,
	)
	if s := (S{A: 1, B: "x"}); s.A > 0 {
		n.A = 1
	}
	if s := new(S); s.A > 0 {
		n.A = 1
	}
	list := []S{{A: 1}, {B: "y"}, {}}
	byName := map[string]*S{
		"a": {A: 2}, // comment
		"b": {
			A: 3,
			B: "c",
		},
	}
	_, _, _, _, _ = c, d, e, list, byName
	return append(a, &S{A: 1, next: &S{}}), nil
}

func shadow() {
	type S struct{ Z int }
	_ = S{Z: 1}
	_ = new(S)
}
